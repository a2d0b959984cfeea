/* kern_int.h - the tables, for the files that choose among them, and what the files that make them share. */
#pragma once

#include "base/kernel/kern.h"

extern const kern_ops kern_scalar;
extern const kern_ops kern_avx2;
extern const kern_ops kern_avx512;

/* Ask for the first n_bytes of what is left of it. */
static inline void ask_for(kern_soon *soon, size_t n_bytes)
{
    enum { LINE_BYTES = 64 };
    if (n_bytes > soon->n_bytes) n_bytes = soon->n_bytes;
    const char *end = soon->at + n_bytes;
    for (const char *at = soon->at; at < end; at += LINE_BYTES) __builtin_prefetch(at);
    *soon = (kern_soon){end, soon->n_bytes - n_bytes};
}
