/* texts.h - many small texts for one arena, made by several threads side by side.
 *
 * Things are numbered and cut into slices. A thread writes the texts of a slice one behind the other into a
 * buffer of its own; when the slice is done they move into the arena at once. So the arena is asked rarely,
 * its budget holds whatever thread did what, and short texts lie close together. */
#pragma once

#include "base/limits.h"
#include "base/pool.h"
#include "base/str.h"

typedef struct text_writer text_writer;

/* A new text: append to what this returns, then text_end. One at a time. */
strbuf *text_begin(text_writer *w);
/* It is complete. *to becomes the NUL-terminated text once the slice is done, so `to` must stay where it is
 * until then. Returns its length. */
size_t text_end(text_writer *w, const char **to);
/* It is not wanted after all. */
void text_drop(text_writer *w);

/* Makes the texts of things from, from + 1, ..., to - 1; called once for each slice. */
typedef pt_status (*texts_fn)(void *ctx, text_writer *w, uint64_t from, uint64_t to, pt_err *err);
/* All slices of n things, on at most max_workers threads (0: all of the pool); the texts live in `a`, which
 * nobody else uses meanwhile. Limits are looked at for each slice. PT_NOMEM. */
PT_MUST_USE pt_status texts_run(pool *p, unsigned max_workers, const limits *l, uint64_t n, texts_fn fn,
                                void *ctx, arena *a, pt_err *err);
/* The slices, for what is done with the same things without texts. */
enum { TEXTS_SLICE = 4096 };
static inline uint64_t texts_slices(uint64_t n)
{
    return n / TEXTS_SLICE + (n % TEXTS_SLICE != 0);
}
