/* outfile.c - see outfile.h. The file is written under a hidden temporary name, so that a program that
 * watches the directory never reads half of it. */
#include "tools/sample/outfile.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "base/date.h"

pt_status outfile_open(outfile *f, const char *dir, const char *name, pt_err *err)
{
    *f = (outfile){.fd = -1};
    int n = snprintf(f->path, sizeof f->path, "%s/%s", dir, name);
    int m = snprintf(f->temp, sizeof f->temp, "%s/.%s.tmp", dir, name);
    if (n < 0 || m < 0 || (size_t)n >= sizeof f->path || (size_t)m >= sizeof f->temp)
        return pt_fail(err, PT_LIMIT, "the path %s/%s is too long", dir, name);
    f->buffer = mem_alloc(OUTFILE_BUFFER + OUTFILE_ROW_MAX, 1);
    if (!f->buffer) return pt_fail(err, PT_NOMEM, "no memory for the buffer of %s", f->path);
    f->fd = open(f->temp, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
    if (f->fd >= 0) return PT_OK;
    pt_fail_errno(err, PT_IO, "cannot write %s", f->temp);
    outfile_abort(f);
    return PT_IO;
}

static pt_status flush(outfile *f, pt_err *err)
{
    size_t done = 0;
    while (done < f->n) {
        ssize_t k = write(f->fd, f->buffer + done, f->n - done);
        if (k < 0 && errno == EINTR) continue;
        if (k < 0) return pt_fail_errno(err, PT_IO, "cannot write %s", f->temp);
        done += (size_t)k;
    }
    f->n_written += f->n;
    f->n = 0;
    return PT_OK;
}

pt_status outfile_flush_if_full(outfile *f, pt_err *err)
{
    return f->n >= OUTFILE_BUFFER ? flush(f, err) : PT_OK;
}

pt_status outfile_commit(outfile *f, pt_err *err)
{
    pt_status st = flush(f, err);
    if (st == PT_OK && rename(f->temp, f->path) != 0)
        st = pt_fail_errno(err, PT_IO, "cannot rename %s to %s", f->temp, f->path);
    if (st != PT_OK) {
        outfile_abort(f);
        return st;
    }
    close(f->fd);
    mem_free(f->buffer);
    f->fd = -1;
    f->buffer = NULL;
    return PT_OK;
}

void outfile_abort(outfile *f)
{
    if (f->fd >= 0) {
        close(f->fd);
        unlink(f->temp);
    }
    mem_free(f->buffer);
    f->fd = -1;
    f->buffer = NULL;
}

void out_u64(outfile *f, uint64_t x)
{
    char digits[20];
    size_t at = sizeof digits;
    do {
        digits[--at] = (char)('0' + x % 10);
        x /= 10;
    } while (x);
    out_bytes(f, digits + at, sizeof digits - at);
}

void out_cents(outfile *f, int64_t cents)
{
    uint64_t x = cents < 0 ? -(uint64_t)cents : (uint64_t)cents;
    if (cents < 0) out_char(f, '-');
    out_u64(f, x / 100);
    out_char(f, '.');
    out_char(f, (char)('0' + x % 100 / 10));
    out_char(f, (char)('0' + x % 10));
}

void out_date(outfile *f, int64_t days)
{
    civil c = date_civil(days);
    unsigned y = (unsigned)c.year, m = (unsigned)c.month, d = (unsigned)c.day;
    char text[10] = {(char)('0' + y / 1000 % 10),
                     (char)('0' + y / 100 % 10),
                     (char)('0' + y / 10 % 10),
                     (char)('0' + y % 10),
                     '-',
                     (char)('0' + m / 10),
                     (char)('0' + m % 10),
                     '-',
                     (char)('0' + d / 10),
                     (char)('0' + d % 10)};
    out_bytes(f, text, sizeof text);
}
