/* dim_check.c - does a stored dimension hold what members.h promises?
 *
 * Three depths: checksums; bounds (what dim_hier needs before arrays are handed out: no rank, member or range
 * out of bounds, no endless walk); and everything (dim_view_check): order, numbering, key index, versions. */
#include "storage/dim_int.h"

static pt_status broken(const dim_view *d, const char *what, pt_err *err)
{
    return pt_fail(err, PT_CORRUPT, "dimension file '" STR_FMT "': %s", STR_ARG(d->path), what);
}

static pt_status broken_level(const dim_view *d, uint32_t h, uint32_t l, const char *what, pt_err *err)
{
    return pt_fail(err, PT_CORRUPT, "dimension file '" STR_FMT "': hierarchy [" STR_FMT "], level %u: %s",
                   STR_ARG(d->path), STR_ARG(d->spec.hiers[h].name), l + 1, what);
}

/* ---- checksums ----------------------------------------------------- */

pt_status dim_check_sums(const dim_view *d, pt_err *err)
{
    for (uint32_t i = 0; i < d->head->n_sections; i++)
        PT_TRY(dim_file_verify(d->bytes, d->path.ptr, &d->entries[i], err));
    return PT_OK;
}

/* ---- bounds of a hierarchy ----------------------------------------- */

/* The numbers that a file leaves out need no look at each. */
static bool all_below(const dim_view *d, const uint32_t *v, uint32_t n, uint32_t bound)
{
    uint32_t is_bad = 0;
    if (v == d->identity) return n <= bound;
    for (uint32_t i = 0; i < n; i++) is_bad |= v[i] >= bound;
    return !is_bad;
}

/* Offsets from 0 to `last` that never fall. */
static bool is_rising(const uint32_t *v, uint32_t n, uint32_t last)
{
    uint32_t is_bad = v[0] != 0 || v[n] != last;
    for (uint32_t i = 0; i < n; i++) is_bad |= v[i] > v[i + 1];
    return !is_bad;
}

/* Pre-order: a parent comes before its children, and a range holds the ranges of all below it. */
static bool is_preorder(const level_view *x)
{
    for (uint32_t r = 0; r < x->n; r++) {
        if (x->end[r] <= r || x->end[r] > x->n) return false;
        uint32_t p = x->parent[r];
        if (p == MEMBER_NONE) {
            if (x->depth[r] != 0) return false;
        } else if (p >= r || x->end[p] < x->end[r] || x->depth[r] != x->depth[p] + 1) {
            return false;
        }
    }
    return true;
}

static bool level_in_bounds(const dim_view *d, const hier_view *h, uint32_t l)
{
    const level_view *x = &h->levels[l];
    if (!all_below(d, x->of_member, d->n, x->n) || !all_below(d, x->rep, x->n, d->n)) return false;
    if (!all_below(d, x->stable, x->n, x->n_stable)) return false;
    if (h->is_parent_child) return is_preorder(x);
    if (x->parent && !all_below(d, x->parent, x->n, h->levels[l - 1].n)) return false;
    return !x->first_child || is_rising(x->first_child, x->n, h->levels[l + 1].n);
}

pt_status dim_check_hier(const dim_view *d, uint32_t hierarchy, pt_err *err)
{
    for (uint32_t i = 0; i < d->head->n_sections; i++) {
        const dim_entry *e = &d->entries[i];
        if (e->kind >= SEC_PARENT && e->a == hierarchy)
            PT_TRY(dim_file_verify(d->bytes, d->path.ptr, e, err));
    }
    for (uint32_t l = 0; l < d->hiers[hierarchy].n_levels; l++)
        if (!level_in_bounds(d, &d->hiers[hierarchy], l))
            return broken_level(d, hierarchy, l, "a rank or member is out of range", err);
    return PT_OK;
}

/* ---- columns and keys ---------------------------------------------- */

static pt_status check_texts(const dim_view *d, const dim_column *c, pt_err *err)
{
    uint64_t at = 0;
    for (uint32_t code = 1; code <= c->n_texts; code++) {
        pt_str s = dim_column_text(c, code);
        if (s.ptr != c->bytes + at && s.len) return broken(d, "the texts of an attribute overlap", err);
        at += s.len;
    }
    return at == c->n_bytes ? PT_OK : broken(d, "the texts of an attribute do not fill their section", err);
}

static pt_status check_column(const dim_view *d, const dim_column *c, pt_err *err)
{
    if (c->type != TYPE_TEXT) return PT_OK;
    PT_TRY(check_texts(d, c, err));
    for (uint32_t m = 0; m < d->n; m++)
        if (dim_column_code(c, m) > c->n_texts) return broken(d, "a text code is out of range", err);
    return PT_OK;
}

static bool is_current(const dim_view *d, uint32_t m)
{
    return !d->valid_to || d->valid_to[m] == INT64_MAX;
}

static uint64_t count_used(const dim_view *d)
{
    uint64_t n_used = 0;
    for (uint64_t i = 0; i < d->keys.n_slots; i++) n_used += d->keys.slots[i] != 0;
    for (uint64_t i = 0; i < d->n_old_slots; i++) n_used += d->old_slots[i].member != 0;
    return n_used;
}

/* Keys without an index. */
static pt_status check_ascent(const dim_view *d, pt_err *err)
{
    for (uint32_t m = 1; m < d->n; m++)
        if (dim_column_cell(&d->columns[0], m - 1).raw >= dim_column_cell(&d->columns[0], m).raw)
            return broken(d, "the keys do not ascend, and there is no key index", err);
    return PT_OK;
}

/* The index holds the current version of every key, and nothing else. */
static pt_status check_keys(const dim_view *d, pt_err *err)
{
    uint64_t n_current = 0;
    if (!d->keys.slots && !d->old_slots) return check_ascent(d, err);
    for (uint32_t m = 0; m < d->n; m++) {
        uint32_t found;
        if (!is_current(d, m)) continue;
        n_current++;
        if (!dim_find(d, dim_attr_value(d, 0, m), &found) || found != m)
            return broken(d, "the key index does not find a member by its key", err);
    }
    return count_used(d) == n_current ? PT_OK : broken(d, "the key index holds more than the members", err);
}

static pt_status check_versions(const dim_view *d, pt_err *err)
{
    for (uint32_t m = 0; d->durable && m < d->n; m++) {
        uint32_t p = d->previous[m];
        bool is_ok = d->valid_from[m] < d->valid_to[m];
        if (p == MEMBER_NONE)
            is_ok = is_ok && d->durable[m] == m;
        else
            is_ok = is_ok && p < m && d->durable[m] == d->durable[p] && d->valid_to[p] == d->valid_from[m] &&
                    value_eq(dim_attr_value(d, 0, m), dim_attr_value(d, 0, p));
        if (!is_ok) return broken(d, "the versions of a key do not follow each other", err);
    }
    return PT_OK;
}

/* ---- levels -------------------------------------------------------- */

/* Do siblings with these representatives stand in natural order? */
static bool in_order(const dim_view *d, const dim_level_spec *s, uint32_t a, uint32_t b)
{
    if (s->order_attr != MEMBER_NONE) {
        int c = value_cmp(dim_attr_value(d, s->order_attr, a), dim_attr_value(d, s->order_attr, b));
        if (c == 0) c = value_cmp(dim_attr_value(d, s->name_attr, a), dim_attr_value(d, s->name_attr, b));
        if (c) return c < 0;
    }
    return value_cmp(dim_attr_value(d, s->key_attr, a), dim_attr_value(d, s->key_attr, b)) < 0;
}

/* Every rank has its representative, every stable number occurs once. `seen` has a bit per stable number. */
static bool is_numbered(const level_view *x, uint64_t *seen)
{
    for (uint32_t r = 0; r < x->n; r++) {
        if (x->of_member[x->rep[r]] != r || dim_bit(seen, x->stable[r])) return false;
        seen[x->stable[r] / 64] |= (uint64_t)1 << (x->stable[r] % 64);
    }
    return true;
}

/* Members are where their keys say, and parents and children agree. */
static bool is_linked(const dim_view *d, const hier_view *h, const dim_level_spec *s, uint32_t l)
{
    const level_view *x = &h->levels[l], *above = l > 0 ? x - 1 : NULL;
    for (uint32_t m = 0; m < d->n; m++) {
        uint32_t r = x->of_member[m];
        if (!value_eq(dim_attr_value(d, s->key_attr, m), dim_attr_value(d, s->key_attr, x->rep[r])))
            return false;
        if (above && x->parent[r] != above->of_member[m]) return false;
    }
    for (uint32_t r = 0; above && r < x->n; r++)
        if (r < above->first_child[x->parent[r]] || r >= above->first_child[x->parent[r] + 1]) return false;
    return true;
}

static bool is_ordered(const dim_view *d, const hier_view *h, const dim_level_spec *s, uint32_t l)
{
    const level_view *x = &h->levels[l];
    for (uint32_t r = 1; r < x->n; r++) {
        bool are_siblings = !x->parent || x->parent[r] == x->parent[r - 1];
        if (are_siblings && !in_order(d, s, x->rep[r - 1], x->rep[r])) return false;
    }
    return true;
}

/* Siblings of a tree follow each other at the end of the one before. */
static bool is_ordered_tree(const dim_view *d, const dim_level_spec *s, const level_view *x)
{
    for (uint32_t r = 0; r < x->n; r++) {
        uint32_t next = x->end[r], p = x->parent[r];
        bool has_next = next < x->n && x->parent[next] == p;
        if (!has_next && next != (p == MEMBER_NONE ? x->n : x->end[p])) return false;
        if (has_next && !in_order(d, s, x->rep[r], x->rep[next])) return false;
    }
    return true;
}

static pt_status check_level(const dim_view *d, uint32_t h, uint32_t l, uint64_t *seen, pt_err *err)
{
    const hier_view *v = &d->hiers[h];
    const dim_level_spec *s = &d->spec.hiers[h].levels[l];
    const level_view *x = &v->levels[l];
    if (!is_numbered(x, seen)) return broken_level(d, h, l, "members are not numbered once each", err);
    if (!is_linked(d, v, s, l)) return broken_level(d, h, l, "members do not stand under their parents", err);
    bool is_ok = v->is_parent_child ? is_ordered_tree(d, s, x) : is_ordered(d, v, s, l);
    if (!is_ok) return broken_level(d, h, l, "members are not in natural order", err);
    if (x->epoch > d->head->version) return broken_level(d, h, l, "the epoch lies in the future", err);
    return PT_OK;
}

static pt_status check_levels(const dim_view *d, uint32_t h, pt_err *err)
{
    const hier_view *v; /* complete, and in bounds */
    PT_TRY(dim_hier(d, h, &v, err));
    for (uint32_t l = 0; l < v->n_levels; l++) {
        uint64_t *seen = mem_alloc((size_t)v->levels[l].n_stable / 64 + 1, sizeof *seen);
        if (!seen) return pt_fail(err, PT_NOMEM, "out of memory");
        pt_status st = check_level(d, h, l, seen, err);
        mem_free(seen);
        PT_TRY(st);
    }
    return PT_OK;
}

pt_status dim_view_check(const dim_view *d, pt_err *err)
{
    PT_TRY(dim_check_sums(d, err));
    for (uint32_t i = 0; i < d->spec.n_attrs; i++) PT_TRY(check_column(d, &d->columns[i], err));
    PT_TRY(check_versions(d, err));
    PT_TRY(check_keys(d, err));
    for (uint32_t h = 0; h < d->spec.n_hiers; h++) PT_TRY(check_levels(d, h, err));
    return PT_OK;
}
