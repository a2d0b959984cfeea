/* dim_check.c - does a stored dimension hold what members.h promises? */
#include "storage/dim_int.h"

static pt_status broken(const dim_view *d, const char *what, pt_err *err)
{
    return pt_fail(err, PT_CORRUPT, "dimension file '" STR_FMT "': %s", STR_ARG(d->path), what);
}

/* ---- checksums ----------------------------------------------------- */

pt_status dim_check_sums(const dim_view *d, pt_err *err)
{
    for (uint32_t i = 0; i < d->head->n_sections; i++)
        PT_TRY(dim_file_verify(d->bytes, d->path.ptr, &d->entries[i], err));
    return PT_OK;
}

/* ---- bounds of a hierarchy ----------------------------------------- */

static bool all_below(const uint32_t *v, uint32_t n, uint32_t bound)
{
    uint32_t is_bad = 0;
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
    if (!all_below(x->of_member, d->n, x->n) || !all_below(x->rep, x->n, d->n)) return false;
    if (!all_below(x->stable, x->n, x->n_stable)) return false;
    if (h->is_parent_child) return is_preorder(x);
    if (x->parent && !all_below(x->parent, x->n, h->levels[l - 1].n)) return false;
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
            return broken(d, "a level holds ranks out of range", err);
    return PT_OK;
}

/* ---- everything ---------------------------------------------------- */

pt_status dim_view_check(const dim_view *d, pt_err *err)
{
    PT_TRY(dim_check_sums(d, err));
    for (uint32_t h = 0; h < d->spec.n_hiers; h++) PT_TRY(dim_check_hier(d, h, err));
    return PT_OK;
}
