/* suggest.c - the nearest name by edit distance. */
#include "query/suggest.h"

#include <stdio.h>

#include "base/utf8.h"

/* One slip in a short name, up to three in a long one. */
suggestion suggestion_for(pt_str wanted)
{
    size_t n = utf8_count(wanted);
    unsigned limit = n <= 2 ? 0 : n <= 5 ? 1 : n <= 9 ? 2 : 3;
    return (suggestion){.wanted = wanted, .distance = limit + 1, .limit = limit};
}

void suggestion_offer(suggestion *s, pt_str name)
{
    if (s->limit == 0 || name.len == 0 || str_eq_fold(name, s->wanted)) return;
    if (name.len > s->wanted.len + 4 * s->limit || s->wanted.len > name.len + 4 * s->limit) return;
    unsigned d = str_distance(s->wanted, name, s->limit);
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
