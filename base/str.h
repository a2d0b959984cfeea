/* str.h - text as pointer and length, and a growing buffer to write text into. All text is UTF-8. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "base/arena.h"
#include "base/err.h"

/* Borrowed text, not NUL-terminated. {NULL, 0} is the absent text; {"", 0} the empty one. */
typedef struct pt_str {
    const char *ptr;
    size_t len;
} pt_str;

#define STR(literal) ((pt_str){"" literal, sizeof(literal) - 1})
#define STR_FMT      "%.*s"
#define STR_ARG(s)   (int)((s).len > 4096 ? 4096 : (s).len), (s).ptr ? (s).ptr : ""

static inline pt_str str_of(const char *z)
{
    return (pt_str){z, z ? strlen(z) : 0};
}
static inline bool str_eq(pt_str a, pt_str b)
{
    return a.len == b.len && (a.len == 0 || memcmp(a.ptr, b.ptr, a.len) == 0);
}
/* By bytes, which for UTF-8 is by code point. <0, 0, >0. */
int str_cmp(pt_str a, pt_str b);
/* Names compare without regard to case, in every script that has case (Unicode simple folding). */
bool str_eq_fold(pt_str a, pt_str b);
int str_cmp_fold(pt_str a, pt_str b);
/* Equal for texts that str_eq_fold calls equal. Not stored anywhere. */
uint64_t str_hash_fold(pt_str s);
/* Folded copy, for use as a map key. ptr NULL when the arena is exhausted. */
pt_str str_fold(arena *a, pt_str s);
/* NUL-terminated copy; the absent text becomes the empty one. ptr NULL when the arena is exhausted. */
pt_str str_copy(arena *a, pt_str s);
pt_str str_trim(pt_str s); /* without ASCII blanks at both ends */
bool str_starts(pt_str s, pt_str prefix);
/* Formatted text in the arena, NUL-terminated. ptr NULL when the arena is exhausted. */
pt_str str_printf(arena *a, const char *fmt, ...) PT_PRINTF(2, 3);
/* Edit distance (insert, delete, replace, swap of neighbours) by code points after folding; counts at most
 * `limit` (128 at most) and returns limit + 1 for more. Texts of more than 128 code points are only
 * compared for equality. For "did you mean". */
unsigned str_distance(pt_str a, pt_str b, unsigned limit);

/* A growing text. Zero-initialise; strbuf_free when done. A failed allocation sticks in `failed` and makes
 * later appends no-ops: check once at the end. */
typedef struct strbuf {
    char *ptr; /* NUL-terminated once anything was appended */
    size_t len, cap;
    bool failed;
} strbuf;

void strbuf_free(strbuf *b);
void strbuf_clear(strbuf *b); /* keeps the memory */
void strbuf_add(strbuf *b, const char *bytes, size_t n);
void strbuf_addc(strbuf *b, char c);
void strbuf_printf(strbuf *b, const char *fmt, ...) PT_PRINTF(2, 3);
bool strbuf_reserve(strbuf *b, size_t more);
static inline void strbuf_adds(strbuf *b, pt_str s)
{
    strbuf_add(b, s.ptr, s.len);
}
static inline void strbuf_addz(strbuf *b, const char *z)
{
    strbuf_add(b, z, strlen(z));
}
static inline pt_str strbuf_str(const strbuf *b)
{
    return (pt_str){b->ptr ? b->ptr : "", b->len};
}
