/* suggest.c - the nearest name by edit distance, or the shortest that has the wanted one as a word of its
 * own. */
#include "query/suggest.h"

#include <limits.h>
#include <stdio.h>

#include "base/utf8.h"

enum { PART_MIN = 3 };

/* One slip in a short name, up to three in a long one. */
suggestion suggestion_for(pt_str wanted)
{
    size_t n = utf8_count(wanted);
    unsigned limit = n <= 2 ? 0 : n <= 5 ? 1 : n <= 9 ? 2 : 3;
    return (suggestion){.wanted = wanted, .distance = limit + 2, .limit = limit};
}

static bool is_word_char(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           (unsigned char)c >= 0x80;
}

/* [City] of [Store City], Top of TopCount: at the start of the name, or a word in it. */
static bool has_part(pt_str name, pt_str part)
{
    if (name.ptr[0] == '(') return false; /* the level above all: [All] means its member */
    for (size_t i = 0; i + part.len <= name.len; i++) {
        size_t end = i + part.len;
        bool starts = i == 0 || !is_word_char(name.ptr[i - 1]);
        bool ends = i == 0 || end == name.len || !is_word_char(name.ptr[end]);
        if (starts && ends && str_eq_fold((pt_str){name.ptr + i, part.len}, part)) return true;
    }
    return false;
}

/* A name that holds the wanted one is worse than any that is near, and better the shorter it is. */
static void offer_part(suggestion *s, pt_str name)
{
    bool is_better = s->distance > s->limit + 1 || (s->distance == s->limit + 1 && name.len < s->best.len);
    if (s->wanted.len < PART_MIN || !is_better || !has_part(name, s->wanted)) return;
    s->distance = s->limit + 1;
    s->best = name;
}

void suggestion_offer(suggestion *s, pt_str name)
{
    if (s->limit == 0 || name.len == 0 || str_eq_fold(name, s->wanted)) return;
    if (s->wanted.len > name.len + 4 * s->limit) return;
    unsigned d = name.len > s->wanted.len + 4 * s->limit ? UINT_MAX : str_distance(s->wanted, name, s->limit);
    if (d > s->limit) {
        offer_part(s, name);
        return;
    }
    if (d >= s->distance) return;
    s->distance = d;
    s->best = name;
}

pt_status suggestion_fail(const suggestion *s, pt_status code, pt_span at, pt_err *err, const char *fmt, ...)
{
    char msg[PT_ERR_TEXT];
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(msg, sizeof msg, fmt, ap);
    va_end(ap);
    if (!s->best.ptr) return pt_fail_at(err, code, at, "%s", msg);
    return pt_fail_at(err, code, at, "%s, did you mean [" STR_FMT "]?", msg, STR_ARG(s->best));
}
