/* str.c - comparing, folding and copying borrowed text.
 *
 * Folding goes code point by code point; a malformed byte folds to itself and equals only itself, so that
 * str_eq_fold(a, b) holds exactly when the folded copies are the same bytes. */
#include "base/str.h"

#include <stdarg.h>
#include <stdio.h>

#include "base/map.h"
#include "base/utf8.h"

enum { MALFORMED = 0x110000, DISTANCE_MAX = 128 };

/* ---- comparing ----------------------------------------------------- */

int str_cmp(pt_str a, pt_str b)
{
    size_t n = a.len < b.len ? a.len : b.len;
    int c = n ? memcmp(a.ptr, b.ptr, n) : 0;
    if (c) return c;
    return (a.len > b.len) - (a.len < b.len);
}

/* The folded code point at *at, moving *at behind it; malformed bytes become MALFORMED + byte. */
static uint32_t next_folded(pt_str s, size_t *at)
{
    size_t from = *at;
    unsigned char c = (unsigned char)s.ptr[from];
    uint32_t cp = utf8_decode(s, from, at);
    return c >= 0x80 && *at == from + 1 ? MALFORMED + (uint32_t)c : utf8_fold(cp);
}

int str_cmp_fold(pt_str a, pt_str b)
{
    size_t i = 0, j = 0;
    while (i < a.len && j < b.len) {
        unsigned char c = (unsigned char)a.ptr[i], d = (unsigned char)b.ptr[j];
        if (c == d && c < 0x80) { /* the usual case */
            i++, j++;
            continue;
        }
        uint32_t x = next_folded(a, &i), y = next_folded(b, &j);
        if (x != y) return x < y ? -1 : 1;
    }
    return (i < a.len) - (j < b.len);
}

static bool is_ascii(pt_str s)
{
    unsigned char high = 0;
    for (size_t i = 0; i < s.len; i++) high |= (unsigned char)s.ptr[i];
    return high < 0x80;
}

/* Texts are mostly compared with what they are not: of ASCII ones, lengths tell; of others, if one is far
 * longer (folding takes three bytes to one at most, and may leave a malformed byte alone). */
bool str_eq_fold(pt_str a, pt_str b)
{
    enum { FOLDS_TO = 4 };
    if (a.len / FOLDS_TO > b.len || b.len / FOLDS_TO > a.len) return false;
    if (a.len != b.len && is_ascii(a) && is_ascii(b)) return false;
    return str_cmp_fold(a, b) == 0;
}

uint64_t str_hash_fold(pt_str s)
{
    uint64_t h = 1;
    for (size_t at = 0; at < s.len;) h = (h ^ next_folded(s, &at)) * 0x9e3779b97f4a7c15u;
    return hash_u64(h);
}

bool str_starts(pt_str s, pt_str prefix)
{
    return s.len >= prefix.len && str_eq((pt_str){s.ptr, prefix.len}, prefix);
}

/* Folded code points of s; more than DISTANCE_MAX: false. */
static bool fold_all(pt_str s, uint32_t out[DISTANCE_MAX], size_t *n)
{
    *n = 0;
    for (size_t at = 0; at < s.len;) {
        if (*n == DISTANCE_MAX) return false;
        out[(*n)++] = next_folded(s, &at);
    }
    return true;
}

static unsigned least(unsigned a, unsigned b)
{
    return a < b ? a : b;
}

/* Optimal string alignment: three rows of the classic table, left as soon as a whole row is over the limit.
 */
unsigned str_distance(pt_str a, pt_str b, unsigned limit)
{
    uint32_t x[DISTANCE_MAX], y[DISTANCE_MAX];
    unsigned table[3][DISTANCE_MAX + 1];
    size_t nx, ny;
    if (limit > DISTANCE_MAX) limit = DISTANCE_MAX;
    if (!fold_all(a, x, &nx) || !fold_all(b, y, &ny)) return str_eq_fold(a, b) ? 0 : limit + 1;
    if ((nx > ny ? nx - ny : ny - nx) > limit) return limit + 1;
    unsigned *before = table[0], *above = table[1], *row = table[2];
    for (size_t j = 0; j <= ny; j++) above[j] = (unsigned)j;
    for (size_t i = 1; i <= nx; i++) {
        unsigned best = row[0] = (unsigned)i;
        for (size_t j = 1; j <= ny; j++) {
            unsigned d = above[j - 1] + (x[i - 1] != y[j - 1]);
            d = least(d, least(above[j], row[j - 1]) + 1);
            if (i > 1 && j > 1 && x[i - 1] == y[j - 2] && x[i - 2] == y[j - 1])
                d = least(d, before[j - 2] + 1);
            row[j] = d;
            best = least(best, d);
        }
        if (best > limit) return limit + 1;
        unsigned *spare = before;
        before = above, above = row, row = spare;
    }
    return least(above[ny], limit + 1);
}

/* ---- copying ------------------------------------------------------- */

pt_str str_copy(arena *a, pt_str s)
{
    char *p = arena_dup(a, s.ptr, s.len);
    return (pt_str){p, p ? s.len : 0};
}

static size_t encode_folded(uint32_t cp, char out[4])
{
    if (cp < MALFORMED) return utf8_encode(cp, out);
    out[0] = (char)(cp - MALFORMED);
    return 1;
}

pt_str str_fold(arena *a, pt_str s)
{
    char four[4];
    size_t len = 0;
    for (size_t at = 0; at < s.len;) len += encode_folded(next_folded(s, &at), four);
    char *p = arena_alloc(a, len + 1);
    if (!p) return (pt_str){NULL, 0};
    char *to = p;
    for (size_t at = 0; at < s.len;) {
        size_t n = encode_folded(next_folded(s, &at), four);
        memcpy(to, four, n);
        to += n;
    }
    return (pt_str){p, len};
}

static bool is_blank(char c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}

pt_str str_trim(pt_str s)
{
    while (s.len && is_blank(s.ptr[0])) s.ptr++, s.len--;
    while (s.len && is_blank(s.ptr[s.len - 1])) s.len--;
    return s;
}

pt_str str_printf(arena *a, const char *fmt, ...)
{
    va_list ap, again;
    va_start(ap, fmt);
    va_copy(again, ap);
    int n = vsnprintf(NULL, 0, fmt, ap);
    va_end(ap);
    char *p = n < 0 ? NULL : arena_alloc(a, (size_t)n + 1);
    if (p) vsnprintf(p, (size_t)n + 1, fmt, again);
    va_end(again);
    return (pt_str){p, p ? (size_t)n : 0};
}
