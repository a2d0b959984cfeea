/* fs_scratch.c - files without a name, for what does not fit into memory. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/fs.h"

/* Where the file system knows no files without a name: one whose name is taken away at once. */
static int open_unlinked(const char *dir)
{
    char path[4096];
    int n = snprintf(path, sizeof path, "%s/spill-XXXXXX", dir);
    if (n < 0 || (size_t)n >= sizeof path) {
        errno = ENAMETOOLONG;
        return -1;
    }
    int fd = mkostemp(path, O_CLOEXEC);
    if (fd >= 0) unlink(path);
    return fd;
}

pt_status fs_open_scratch(const char *dir, int *fd, pt_err *err)
{
    *fd = open(dir, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
    if (*fd < 0 && (errno == EOPNOTSUPP || errno == EISDIR || errno == EINVAL)) *fd = open_unlinked(dir);
    return *fd >= 0 ? PT_OK : pt_fail_errno(err, PT_IO, "cannot make a temporary file in '%s'", dir);
}

void fs_close_scratch(int fd)
{
    if (fd >= 0) close(fd);
}

pt_status fs_write_at(int fd, const void *bytes, size_t n, uint64_t at, pt_err *err)
{
    const char *from = bytes;
    while (n > 0) {
        ssize_t done = pwrite(fd, from, n, (off_t)at);
        if (done < 0 && errno == EINTR) continue;
        if (done <= 0) return pt_fail_errno(err, PT_IO, "cannot write to a temporary file");
        from += done;
        at += (uint64_t)done;
        n -= (size_t)done;
    }
    return PT_OK;
}

pt_status fs_read_at(int fd, void *to, size_t n, uint64_t at, pt_err *err)
{
    char *p = to;
    while (n > 0) {
        ssize_t done = pread(fd, p, n, (off_t)at);
        if (done < 0 && errno == EINTR) continue;
        if (done < 0) return pt_fail_errno(err, PT_IO, "cannot read a temporary file");
        if (done == 0) return pt_fail(err, PT_IO, "a temporary file ends early");
        p += done;
        at += (uint64_t)done;
        n -= (size_t)done;
    }
    return PT_OK;
}

void fs_punch_hole(int fd, uint64_t at, uint64_t n)
{
    if (n) (void)fallocate(fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, (off_t)at, (off_t)n);
}
