/* dim_stable.c - numbers of level members that outlive a version, and when members last moved.
 *
 * Ranks change whenever a sibling comes or goes; what is stored for longer (bitmap indexes) uses stable
 * numbers. A level member keeps its number as long as its key and the number of its parent stay: they are
 * carried over from the version before by a hash table of (parent's number, key), or by members where these
 * are as they were. New ones count up from there, so that a number is never given twice. When far more
 * numbers were given than there are members left, the level is numbered anew.
 *
 * `epoch` is the version that last put some existing member under another number; an index from before is not
 * to be trusted. In a parent-child level a node's number is its lowest member id: moving a node to another
 * parent changes no number, since indexes hold a node's own rows only. */
#include "storage/dim_hier.h"

#include "base/map.h"

typedef struct known {
    int64_t raw;
    uint32_t above;  /* stable number of the parent, 0 at the top */
    uint32_t stable; /* + 1; 0: empty slot */
    bool is_null;
} known;

typedef struct known_table {
    known *slots;
    uint64_t mask;
} known_table;

/* ---- the version before -------------------------------------------- */

/* The same hierarchy in the version before; *out NULL if there was none. */
static pt_status find_before(const dim_edit *e, const dim_hier_spec *h, const dim_hier_spec **spec,
                             const hier_view **out, pt_err *err)
{
    *out = NULL;
    if (!e->from || e->from->n == 0) return PT_OK;
    const dim_spec *s = &e->from->spec;
    for (uint32_t i = 0; i < s->n_hiers && !*out; i++) {
        bool is_same_kind =
            (s->hiers[i].levels[0].parent_attr == MEMBER_NONE) == (h->levels[0].parent_attr == MEMBER_NONE);
        if (!str_eq_fold(s->hiers[i].name, h->name) || !is_same_kind) continue;
        *spec = &s->hiers[i];
        PT_TRY(dim_hier(e->from, i, out, err));
    }
    return PT_OK;
}

/* Was level l keyed by the same attribute? */
static bool is_same_key(const dim_edit *e, const dim_hier_spec *before, const dim_hier_spec *h, uint32_t l)
{
    uint32_t attr = e->from_attr[h->levels[l].key_attr];
    return attr != MEMBER_NONE && l < before->n_levels && before->levels[l].key_attr == attr;
}

/* ---- carrying over ------------------------------------------------- */

static known *probe(const known_table *t, uint32_t above, dim_cell key)
{
    uint64_t i = hash_u64(hash_u64((uint64_t)key.raw) + above + ((uint64_t)key.is_null << 32)) & t->mask;
    for (;; i = (i + 1) & t->mask) {
        known *k = &t->slots[i];
        if (!k->stable || (k->above == above && k->raw == key.raw && k->is_null == key.is_null)) return k;
    }
}

static pt_status remember(known_table *t, const dim_edit *e, uint32_t key_attr, const level_view *old,
                          const level_view *old_above, arena *a, pt_err *err)
{
    uint64_t n_slots = 16;
    while (n_slots < (uint64_t)old->n * 2) n_slots *= 2;
    t->mask = n_slots - 1;
    if (!(t->slots = arena_array(a, known, n_slots))) return arena_fail(a, err);
    const dim_column *c = &e->from->columns[e->from_attr[key_attr]];
    for (uint32_t r = 0; r < old->n; r++) {
        uint32_t above = old_above ? old_above->stable[old->parent[r]] : 0;
        dim_cell key = dim_column_cell(c, old->rep[r]);
        *probe(t, above, key) = (known){key.raw, above, old->stable[r] + 1, key.is_null};
    }
    return PT_OK;
}

/* The same where no member of the version before has changed: each brings its number along, and level members
 * without any of them are new. */
static void carry_along(const dim_edit *e, const level_view *old, level_data *x)
{
    memset(x->stable, 0xff, x->n * sizeof *x->stable);
    x->n_stable = old->n_stable;
    for (uint32_t m = 0; m < e->from->n; m++) x->stable[x->of_member[m]] = old->stable[old->of_member[m]];
    for (uint32_t r = 0; r < x->n; r++)
        if (x->stable[r] == MEMBER_NONE) x->stable[r] = x->n_stable++;
}

/* Numbers of one plain level; old NULL: count from 0. */
static pt_status carry_over(dim_order *o, uint32_t key_attr, const level_view *old,
                            const level_view *old_above, const level_data *above, level_data *x, pt_err *err)
{
    known_table t = {0};
    arena *scratch = arena_new(0);
    if (!scratch) return pt_fail(err, PT_NOMEM, "out of memory");
    pt_status st = old ? remember(&t, o->e, key_attr, old, old_above, scratch, err) : PT_OK;
    x->n_stable = old ? old->n_stable : 0;
    for (uint32_t r = 0; r < x->n && st == PT_OK; r++) {
        uint32_t number = 0;
        if (old)
            number = probe(&t, above ? above->stable[x->parent[r]] : 0, edit_cell(o->e, key_attr, x->rep[r]))
                         ->stable;
        x->stable[r] = number ? number - 1 : x->n_stable++;
    }
    arena_free(scratch);
    return st;
}

/* ---- epochs -------------------------------------------------------- */

static bool has_moved(const dim_edit *e, const level_view *old, const level_data *x)
{
    for (uint32_t m = 0; m < e->from->n; m++)
        if (old->stable[old->of_member[m]] != x->stable[x->of_member[m]]) return true;
    return false;
}

/* More than this many numbers given: time to count anew. */
static bool is_worn_out(const level_view *old, const level_data *x)
{
    return old->n_stable > 4 * (uint64_t)x->n + 65536;
}

static void number_nodes(const dim_edit *e, level_data *x)
{
    for (uint32_t m = e->n; m-- > 0;) x->stable[x->of_member[m]] = m;
    x->n_stable = e->n;
}

pt_status dim_stable_assign(dim_order *o, uint32_t h, level_data *levels, uint64_t version, pt_err *err)
{
    const dim_edit *e = o->e;
    const dim_hier_spec *spec = &e->spec.hiers[h], *spec_before = NULL;
    const hier_view *before;
    PT_TRY(find_before(e, spec, &spec_before, &before, err));
    bool is_known = before != NULL;
    for (uint32_t l = 0; l < spec->n_levels; l++) {
        level_data *x = &levels[l];
        if (!(x->stable = arena_array(o->a, uint32_t, x->n))) return arena_fail(o->a, err);
        is_known = is_known && is_same_key(e, spec_before, spec, l) && !is_worn_out(&before->levels[l], x);
        const level_view *old = is_known ? &before->levels[l] : NULL;
        if (x->end)
            number_nodes(e, x);
        else if (old && !e->is_rewritten)
            carry_along(e, old, x);
        else
            PT_TRY(carry_over(o, spec->levels[l].key_attr, old, old && l > 0 ? &before->levels[l - 1] : NULL,
                              l > 0 ? &levels[l - 1] : NULL, x, err));
        bool may_have_moved = e->is_rewritten || x->end;
        x->epoch = !old || (may_have_moved && has_moved(e, old, x)) ? version : old->epoch;
    }
    return PT_OK;
}
