/* strbuf.c - a growing, always NUL-terminated text. A failed allocation sticks: later appends do nothing. */
#include <stdarg.h>
#include <stdio.h>

#include "base/str.h"

enum { FIRST_CAP = 64 };

void strbuf_free(strbuf *b)
{
    mem_free(b->ptr);
    *b = (strbuf){0};
}

void strbuf_clear(strbuf *b)
{
    b->len = 0;
    b->failed = false;
    if (b->ptr) b->ptr[0] = 0;
}

bool strbuf_reserve(strbuf *b, size_t more)
{
    if (b->failed) return false;
    if (b->cap > b->len && more < b->cap - b->len) return true;
    size_t need;
    if (__builtin_add_overflow(b->len, more, &need) || need > SIZE_MAX / 2 - 1) {
        b->failed = true;
        return false;
    }
    need++; /* the NUL */
    size_t cap = b->cap ? b->cap : FIRST_CAP;
    while (cap < need) cap *= 2;
    char *p = mem_grow(b->ptr, cap, 1);
    if (!p) {
        b->failed = true;
        return false;
    }
    if (!b->ptr) p[0] = 0;
    b->ptr = p;
    b->cap = cap;
    return true;
}

void strbuf_add(strbuf *b, const char *bytes, size_t n)
{
    if (!strbuf_reserve(b, n)) return;
    if (n) memcpy(b->ptr + b->len, bytes, n);
    b->len += n;
    b->ptr[b->len] = 0;
}

void strbuf_addc(strbuf *b, char c)
{
    if (!strbuf_reserve(b, 1)) return;
    b->ptr[b->len++] = c;
    b->ptr[b->len] = 0;
}

void strbuf_printf(strbuf *b, const char *fmt, ...)
{
    va_list ap;
    if (!strbuf_reserve(b, 0)) return;
    va_start(ap, fmt);
    int n = vsnprintf(b->ptr + b->len, b->cap - b->len, fmt, ap);
    va_end(ap);
    if (n < 0) {
        b->ptr[b->len] = 0;
        b->failed = true;
        return;
    }
    if ((size_t)n >= b->cap - b->len) {
        b->ptr[b->len] = 0;
        if (!strbuf_reserve(b, (size_t)n)) return;
        va_start(ap, fmt);
        vsnprintf(b->ptr + b->len, b->cap - b->len, fmt, ap);
        va_end(ap);
    }
    b->len += (size_t)n;
}
