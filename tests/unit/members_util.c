/* members_util.c - a view as text, damage, and use of every part. */
#include "members_util.h"

#include <stdlib.h>

#include "base/map.h"
#include "storage/dim_edit_int.h"

/* ---- text ---------------------------------------------------------- */

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

/* ---- damage -------------------------------------------------------- */

void repair_sums(uint8_t *image, size_t size)
{
    dim_head *h = (dim_head *)image;
    if (size < sizeof *h) return;
    dim_entry *e = (dim_entry *)(h + 1);
    uint32_t n = h->n_sections;
    if (n > (size - sizeof *h) / sizeof *e) return;
    for (uint32_t i = 0; i < n; i++)
        if (e[i].width && e[i].offset <= size && e[i].count <= (size - e[i].offset) / e[i].width)
            e[i].sum = hash_bytes(image + e[i].offset, e[i].count * e[i].width);
    h->directory_sum = hash_bytes(e, n * sizeof *e);
    h->head_sum = hash_bytes(h, offsetof(dim_head, head_sum));
}

/* ---- use ----------------------------------------------------------- */

static void must(bool is_true)
{
    if (!is_true) abort();
}

static void use_members(const dim_view *d)
{
    strbuf out = {0};
    for (uint32_t m = 0; m < dim_count(d); m++) {
        uint32_t found;
        int64_t from, to;
        strbuf_clear(&out);
        for (uint32_t a = 0; a < dim_n_attrs(d); a++) value_print(dim_attr_value(d, a, m), &out);
        if (dim_find(d, dim_attr_value(d, 0, m), &found)) must(found < dim_count(d));
        dim_validity(d, m, &from, &to);
        must(dim_version_at(d, m, from) <= m);
        if (dim_durable(d)) must(dim_durable(d)[m] <= m);
    }
    strbuf_free(&out);
}

static void use_level(const dim_view *d, const hier_view *v, uint32_t l)
{
    const level_view *x = &v->levels[l];
    for (uint32_t m = 0; m < dim_count(d); m++) must(x->of_member[m] < x->n);
    for (uint32_t r = 0; r < x->n; r++) {
        must(x->rep[r] < dim_count(d) && x->stable[r] < x->n_stable);
        if (x->end) must(x->end[r] > r && x->end[r] <= x->n);
        if (x->end) must(x->parent[r] == MEMBER_NONE || x->parent[r] < r);
        if (l > 0) must(x->parent[r] < x[-1].n);
        if (x->first_child)
            must(x->first_child[r] <= x->first_child[r + 1] && x->first_child[r + 1] <= x[1].n);
    }
}

static void use_edit(const dim_view *d)
{
    dim_edit *e = NULL;
    uint8_t *image;
    size_t size;
    dim_view *next;
    if (dim_edit_new(d, dim_view_spec(d), &e, NULL) != PT_OK) return;
    for (uint32_t m = 0; m < dim_count(d); m += 3) {
        pt_value v[64];
        uint32_t n = dim_n_attrs(d), member;
        dim_change change;
        for (uint32_t a = 0; a < n && a < ARRAY_LEN(v); a++)
            v[a] = dim_attr_value(d, a, a > 0 && m + 1 < dim_count(d) ? m + 1 : m);
        if (n <= ARRAY_LEN(v) && dim_edit_put(e, v, NULL, m, &member, &change, NULL) == PT_OK)
            must(member < dim_edit_count(e) && dim_edit_version_at(e, member, 0) <= member);
    }
    if (dim_edit_image(e, 99, &image, &size, NULL) == PT_OK &&
        dim_view_of_image(image, size, &next, NULL) == PT_OK) {
        use_members(next);
        dim_view_put(next);
    }
    dim_edit_free(e);
}

void exercise_view(const dim_view *d)
{
    use_members(d);
    for (uint32_t h = 0; h < dim_view_spec(d)->n_hiers; h++) {
        const hier_view *v;
        if (dim_hier(d, h, &v, NULL) != PT_OK) continue;
        for (uint32_t l = 0; l < v->n_levels; l++) use_level(d, v, l);
    }
    if (dim_view_check(d, NULL) == PT_OK) use_members(d);
    use_edit(d);
}
