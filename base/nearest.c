/* nearest.c - remembering the closest name. */
#include "base/nearest.h"

#include "base/utf8.h"

nearest nearest_to(pt_str want)
{
    size_t n = utf8_count(want), may_differ = n / 3;
    if (may_differ == 0) may_differ = 1;
    if (may_differ > 16) may_differ = 16;
    return (nearest){.want = want, .distance = (unsigned)may_differ + 1};
}

void nearest_offer(nearest *n, pt_str name)
{
    if (n->distance == 0) return;
    unsigned d = str_distance(n->want, name, n->distance - 1);
    if (d >= n->distance) return;
    n->distance = d;
    n->best = name;
}

void nearest_hint(const nearest *n, pt_err *err)
{
    if (n->best.ptr) pt_hint(err, "did you mean [" STR_FMT "]?", STR_ARG(n->best));
}
