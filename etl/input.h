/* input.h - a file as a stream of UTF-8 bytes: unpacked (gzip, recognised by its first bytes) and decoded.
 *
 * Memory is bounded by a few fixed buffers, whatever the file's size. Used by one thread at a time. */
#pragma once

#include "base/str.h"

typedef enum input_encoding {
    INPUT_UTF8,
    INPUT_UTF16, /* by its byte order mark, little-endian without one */
    INPUT_GBK,
    INPUT_GB18030,
    INPUT_LATIN1,
    INPUT_WINDOWS1252
} input_encoding;

/* The encoding of that name ("UTF-8", "gbk", "latin1", ...); PT_NAME with the nearest name otherwise. */
PT_MUST_USE pt_status input_encoding_of(pt_str name, input_encoding *out, pt_err *err);

typedef struct input input;

/* `shown` is the name for messages; copied. PT_IO, PT_NOMEM. */
PT_MUST_USE pt_status input_open(const char *path, pt_str shown, input_encoding enc, input **out,
                                 pt_err *err);
void input_close(input *in); /* NULL is fine */

/* Up to cap bytes of UTF-8 (cap at least INPUT_MIN_READ); *n is 0 only at the end. A byte order mark at the
 * start is left out. Bytes that the encoding does not know come as INPUT_BAD_BYTE, which no UTF-8 text holds,
 * so that the reader of rows finds the row. PT_DATA when a gzip file is damaged or cut off; PT_IO. */
PT_MUST_USE pt_status input_read(input *in, char *buf, size_t cap, size_t *n, pt_err *err);

/* Bytes of the file read so far. */
uint64_t input_position(const input *in);
/* The open file, to look at with fstat. */
int input_descriptor(const input *in);

enum { INPUT_MIN_READ = 64 };
#define INPUT_BAD_BYTE ((char)0xFF)
