/* members_util.c - a view as text. */
#include "members_util.h"

static void dump_member(const dim_view *d, uint32_t m, strbuf *out)
{
    int64_t from, to;
    strbuf_printf(out, "%u:", m);
    for (uint32_t i = 0; i < dim_n_attrs(d); i++) {
        pt_value v = dim_attr_value(d, i, m);
        strbuf_addc(out, ' ');
        if (v.kind == VAL_NULL)
            strbuf_addz(out, "#null");
        else
            value_print(v, out);
    }
    dim_validity(d, m, &from, &to);
    if (from != INT64_MIN) strbuf_printf(out, " from %lld", (long long)from);
    if (to != INT64_MAX) strbuf_printf(out, " to %lld", (long long)to);
    strbuf_addc(out, '\n');
}

static void dump_level(const dim_view *d, const dim_level_spec *s, const level_view *x, strbuf *out)
{
    for (uint32_t r = 0; r < x->n; r++) {
        pt_value key = dim_attr_value(d, s->key_attr, x->rep[r]),
                 name = dim_attr_value(d, s->name_attr, x->rep[r]);
        strbuf_printf(out, "  %u ", r);
        value_print(key, out);
        if (s->name_attr != s->key_attr) {
            strbuf_addc(out, '=');
            value_print(name, out);
        }
        if (x->parent) {
            if (x->parent[r] == MEMBER_NONE)
                strbuf_addz(out, " root");
            else
                strbuf_printf(out, " under %u", x->parent[r]);
        }
        if (x->first_child) strbuf_printf(out, " children %u..%u", x->first_child[r], x->first_child[r + 1]);
        if (x->end) strbuf_printf(out, " end %u depth %u", x->end[r], x->depth[r]);
        if (x->hidden && x->hidden[r]) strbuf_addz(out, " hidden");
        strbuf_printf(out, " stable %u\n", x->stable[r]);
    }
}

void dump_view(const dim_view *d, strbuf *out)
{
    const dim_spec *spec = dim_view_spec(d);
    for (uint32_t m = 0; m < dim_count(d); m++) dump_member(d, m, out);
    for (uint32_t h = 0; h < spec->n_hiers; h++) {
        const hier_view *v;
        pt_err err = {0};
        if (dim_hier(d, h, &v, &err) != PT_OK) {
            strbuf_printf(out, "[" STR_FMT "]: %s\n", STR_ARG(spec->hiers[h].name), err.msg);
            continue;
        }
        for (uint32_t l = 0; l < v->n_levels; l++) {
            strbuf_printf(out, "[" STR_FMT "] level %u: epoch %llu\n", STR_ARG(spec->hiers[h].name), l,
                          (unsigned long long)v->levels[l].epoch);
            dump_level(d, &spec->hiers[h].levels[l], &v->levels[l], out);
        }
    }
}
