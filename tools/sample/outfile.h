/* outfile.h - a buffered output file that gets its name when it is complete, with the few number formats that
 * CSV needs. */
#pragma once

#include "base/str.h"

enum { OUTFILE_BUFFER = 1 << 18, OUTFILE_ROW_MAX = 1024 };

typedef struct outfile {
    int fd;
    size_t n;           /* bytes in the buffer */
    uint64_t n_written; /* bytes handed to the system */
    char path[4096], temp[4096];
    char *buffer; /* OUTFILE_BUFFER + OUTFILE_ROW_MAX bytes */
} outfile;

/* PT_IO, PT_NOMEM, PT_LIMIT for a path that is too long. */
PT_MUST_USE pt_status outfile_open(outfile *f, const char *dir, const char *name, pt_err *err);
/* Write out the buffer once it is full. Call after every row; a row has at most OUTFILE_ROW_MAX bytes. */
PT_MUST_USE pt_status outfile_flush_if_full(outfile *f, pt_err *err);
/* Write out everything and give the file its name. The file is closed in any case. Not synced: a sample that
 * a power failure takes is made again. */
PT_MUST_USE pt_status outfile_commit(outfile *f, pt_err *err);
/* Close and remove; does nothing after a commit. */
void outfile_abort(outfile *f);

/* Appending to the row under way: no checks but the ones above. */
static inline void out_char(outfile *f, char c)
{
    f->buffer[f->n++] = c;
}
static inline void out_bytes(outfile *f, const char *p, size_t n)
{
    memcpy(f->buffer + f->n, p, n);
    f->n += n;
}
static inline void out_text(outfile *f, const char *z)
{
    out_bytes(f, z, strlen(z));
}
void out_u64(outfile *f, uint64_t x);
/* 1234 as 12.34, -5 as -0.05 */
void out_cents(outfile *f, int64_t cents);
void out_date(outfile *f, int64_t days);
