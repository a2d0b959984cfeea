/* scan_plan.c - from filters by level member to arrays by member id, and from those to the blocks worth
 * reading. */
#include "engine/scan_plan_int.h"

#include "engine/shelf.h"

enum { KEY_BYTES = 1 << 16 }; /* of a key that lists ranks */

/* ---- hierarchies --------------------------------------------------------------- */

const dim_view *scan_role_view(const scan *sc, uint32_t role)
{
    return view_dim(sc->view, sc->cube->roles[role].dimension);
}

uint32_t scan_role_count(const scan *sc, uint32_t role)
{
    return sc->lens ? sc->lens->n_members[role] : dim_count(scan_role_view(sc, role));
}

pt_status scan_hier(scan *sc, uint32_t hier, const hier_view **out, pt_err *err)
{
    const cube *c = sc->cube;
    if (NEVER(hier >= c->n_hiers))
        return pt_fail(err, PT_INTERNAL, "cube [" STR_FMT "] has no hierarchy %u", STR_ARG(c->name), hier);
    const cube_hier *h = &c->hiers[hier];
    if (!sc->hiers[hier] && sc->lens) sc->hiers[hier] = sc->lens->hiers[hier];
    if (NEVER(sc->lens && !sc->hiers[hier]))
        return pt_fail(err, PT_INTERNAL, "a cuboid was asked for [" STR_FMT "]", STR_ARG(h->name));
    if (!sc->hiers[hier])
        PT_TRY(dim_hier(scan_role_view(sc, h->role), h->hierarchy->index, &sc->hiers[hier], err));
    *out = sc->hiers[hier];
    return PT_OK;
}

pt_status scan_find_level(scan_planner *p, const agg_filter *f, const level_view **out)
{
    const hier_view *h;
    PT_TRY(scan_hier(p->sc, f->hier, &h, p->err));
    if (NEVER(f->level >= h->n_levels))
        return pt_fail(p->err, PT_INTERNAL, "no level %u to filter by", f->level);
    *out = &h->levels[f->level];
    for (uint32_t i = 0; i < f->n; i++)
        if (NEVER(f->ranks[i] >= (*out)->n || (i > 0 && f->ranks[i] <= f->ranks[i - 1])))
            return pt_fail(p->err, PT_INTERNAL, "a filter's members are not ascending ranks of its level");
    return PT_OK;
}

/* ---- where ------------------------------------------------------------------------ */

/* The range of ranks if the filter is one range: a subtree, neighbours, a single member. */
static bool is_range(const agg_filter *f, const level_view *l, uint32_t *lo, uint32_t *hi)
{
    *lo = f->ranks[0];
    *hi = f->ranks[f->n - 1] + 1;
    if (f->n == *hi - *lo) {
        if (l->end && !f->own_only)
            for (uint32_t i = 0; i < f->n; i++) *hi = l->end[f->ranks[i]] > *hi ? l->end[f->ranks[i]] : *hi;
        return true;
    }
    if (l->end && !f->own_only && l->end[*lo] >= *hi) {
        *hi = l->end[*lo];
        return true;
    }
    return false;
}

static void keep_range(uint8_t *keep, const uint32_t *of_member, uint32_t n, uint32_t lo, uint32_t hi)
{
    uint32_t len = hi - lo;
    for (uint32_t m = 0; m < n; m++) keep[m] &= (uint8_t)(of_member[m] - lo < len);
}

static void keep_ranks(uint8_t *keep, const uint32_t *of_member, uint32_t n, const uint8_t *wanted)
{
    for (uint32_t m = 0; m < n; m++) keep[m] &= wanted[of_member[m]];
}

static pt_status apply_filter(scan_planner *p, const agg_filter *f, const level_view *l, uint8_t *keep,
                              uint32_t n_members)
{
    uint32_t lo, hi;
    if (is_range(f, l, &lo, &hi)) {
        keep_range(keep, l->of_member, n_members, lo, hi);
        return PT_OK;
    }
    uint8_t *wanted = arena_array(p->a, uint8_t, l->n);
    if (!wanted) return arena_fail(p->a, p->err);
    for (uint32_t i = 0; i < f->n; i++) {
        uint32_t r = f->ranks[i], end = l->end && !f->own_only ? l->end[r] : r + 1;
        if (!wanted[r] || end > r + 1) memset(wanted + r, 1, end - r);
    }
    keep_ranks(keep, l->of_member, n_members, wanted);
    return PT_OK;
}

/* What passes at a level, from what passes at the level above. */
static pt_status push_down(scan_planner *p, const level_view *l, const uint8_t *above, uint8_t **out)
{
    uint8_t *keep = *out = arena_array(p->a, uint8_t, l->n);
    if (!keep) return arena_fail(p->a, p->err);
    for (uint32_t r = 0; r < l->n; r++) keep[r] = above[l->parent[r]];
    return PT_OK;
}

static pt_status filter_ranks(scan_planner *p, const agg_filter *f, const level_view *l, uint8_t **out)
{
    uint8_t *keep = *out = arena_array(p->a, uint8_t, l->n);
    if (!keep) return arena_fail(p->a, p->err);
    for (uint32_t i = 0; i < f->n; i++) {
        uint32_t r = f->ranks[i], end = l->end && !f->own_only ? l->end[r] : r + 1;
        if (!keep[r] || end > r + 1) memset(keep + r, 1, end - r);
    }
    return PT_OK;
}

static scan_part *find_part(scan_planner *p, const agg_filter *f, scan_filter *out)
{
    const cube_hier *h = &p->sc->cube->hiers[f->hier];
    for (uint32_t i = 0; i < out->n_parts; i++)
        if (out->parts[i].view == p->sc->hiers[f->hier]) return &out->parts[i];
    scan_part *part = &out->parts[out->n_parts++];
    *part = (scan_part){.hierarchy = h->hierarchy->name, .view = p->sc->hiers[f->hier], .level = f->level};
    return part;
}

/* AND a filter into the part of its hierarchy, at the lower level of both. */
static pt_status add_to_part(scan_planner *p, const agg_filter *f, scan_filter *out)
{
    uint8_t *mine;
    scan_part *part = find_part(p, f, out);
    const level_view *levels = part->view->levels;
    PT_TRY(filter_ranks(p, f, &levels[f->level], &mine));
    if (!part->keep) {
        part->keep = mine;
        return PT_OK;
    }
    uint8_t *keep = (uint8_t *)part->keep;
    uint32_t lowest = f->level;
    while (lowest < part->level) PT_TRY(push_down(p, &levels[++lowest], mine, &mine));
    while (part->level < lowest) PT_TRY(push_down(p, &levels[++part->level], keep, &keep));
    for (uint32_t r = 0; r < levels[lowest].n; r++) keep[r] &= mine[r];
    part->keep = keep;
    return PT_OK;
}

/* What of a filter follows from its key: a piece of plans. */
typedef struct kept_members {
    uint32_t n_kept;
    const uint8_t *keep;
    const uint32_t *kept_before;
} kept_members;

typedef struct filter_maker {
    const scan_planner *p;
    uint32_t role, n_members;
} filter_maker;

static pt_status count_kept(scan_planner *p, uint32_t n_members, kept_members *k)
{
    uint32_t n_groups = n_members / 64 + 1, count = 0;
    uint32_t *before = arena_array(p->a, uint32_t, (size_t)n_groups + 1);
    if (!before) return arena_fail(p->a, p->err);
    for (uint32_t g = 0; g < n_groups; g++) {
        uint32_t end = (g + 1) * 64 < n_members ? (g + 1) * 64 : n_members;
        before[g] = count;
        for (uint32_t m = g * 64; m < end; m++) count += k->keep[m];
    }
    before[n_groups] = count;
    k->kept_before = before;
    k->n_kept = count;
    return PT_OK;
}

/* The filters are sound. */
static pt_status keep_members(const void *ctx, arena *a, const void **out, pt_err *err)
{
    const filter_maker *x = ctx;
    scan_planner p = {.sc = x->p->sc, .req = x->p->req, .a = a, .err = err};
    const agg_conj *where = &p.sc->where;
    kept_members *k = arena_make(a, kept_members);
    uint8_t *keep = arena_array(a, uint8_t, x->n_members);
    if (!k || !keep) return arena_fail(a, err);
    if (x->n_members) memset(keep, 1, x->n_members);
    k->keep = keep;
    for (uint32_t i = 0; i < where->n; i++) {
        const agg_filter *f = &where->filters[i];
        if (p.sc->cube->hiers[f->hier].role != x->role) continue;
        PT_TRY(apply_filter(&p, f, &p.sc->hiers[f->hier]->levels[f->level], keep, x->n_members));
    }
    *out = k;
    return count_kept(&p, x->n_members, k);
}

static pt_status key_of_filters(scan_planner *p, uint32_t role, uint32_t n_members, pt_str *out)
{
    const agg_conj *where = &p->sc->where;
    strbuf b = {0};
    *out = (pt_str){0};
    if (n_members < PLAN_MANY_MEMBERS || !shelf_plans(p->sc->view)) return PT_OK;
    strbuf_addc(&b, 'F');
    for (uint32_t i = 0; i < where->n && b.len < KEY_BYTES; i++) {
        const agg_filter *f = &where->filters[i];
        if (p->sc->cube->hiers[f->hier].role != role) continue;
        const level_view *l = &p->sc->hiers[f->hier]->levels[f->level];
        strbuf_add(&b, (const char *)&l, sizeof l);
        strbuf_addc(&b, f->own_only ? 1 : 0);
        strbuf_add(&b, (const char *)&f->n, sizeof f->n);
        strbuf_add(&b, (const char *)f->ranks, f->n * sizeof *f->ranks);
    }
    bool is_short = !b.failed && b.len < KEY_BYTES;
    if (is_short) *out = str_copy(p->a, strbuf_str(&b));
    strbuf_free(&b);
    return is_short && !out->ptr ? arena_fail(p->a, p->err) : PT_OK;
}

static pt_status plan_role_filter(scan_planner *p, uint32_t role, scan_filter *out)
{
    const agg_conj *where = &p->sc->where;
    const void *kept;
    *out = (scan_filter){.role = role, .n_members = scan_role_count(p->sc, role)};
    out->parts = arena_array(p->a, scan_part, where->n);
    if (!out->parts) return arena_fail(p->a, p->err);
    for (uint32_t i = 0; i < where->n; i++) {
        const agg_filter *f = &where->filters[i];
        const level_view *l;
        if (p->sc->cube->hiers[f->hier].role != role) continue;
        PT_TRY(scan_find_level(p, f, &l));
        PT_TRY(add_to_part(p, f, out));
    }
    PT_TRY(key_of_filters(p, role, out->n_members, &out->key));
    filter_maker x = {p, role, out->n_members};
    PT_TRY(plan_cache_get(shelf_plans(p->sc->view), out->key, keep_members, &x, p->a, &kept, p->err));
    const kept_members *k = kept;
    out->n_kept = k->n_kept;
    out->keep = k->keep;
    out->kept_before = k->kept_before;
    return PT_OK;
}

static bool passes_before(const scan_filter *x, const scan_filter *y)
{
    return (uint64_t)x->n_kept * y->n_members < (uint64_t)y->n_kept * x->n_members;
}

static pt_status plan_where(scan_planner *p)
{
    scan *sc = p->sc;
    const agg_conj *where = &p->sc->where;
    sc->filters = arena_array(p->a, scan_filter, sc->cube->n_roles);
    bool *is_filtered = arena_array(p->a, bool, sc->cube->n_roles);
    if (!sc->filters || !is_filtered) return arena_fail(p->a, p->err);
    for (uint32_t i = 0; i < where->n; i++) {
        const hier_view *h;
        PT_TRY(scan_hier(sc, where->filters[i].hier, &h, p->err));
        if (where->filters[i].n == 0) sc->is_nothing = true;
        is_filtered[sc->cube->hiers[where->filters[i].hier].role] = true;
    }
    for (uint32_t role = 0; role < sc->cube->n_roles && !sc->is_nothing; role++) {
        scan_filter f;
        if (!is_filtered[role]) continue;
        PT_TRY(plan_role_filter(p, role, &f));
        if (f.n_kept == 0) sc->is_nothing = true;
        if (f.n_kept == f.n_members) continue;
        uint32_t at = sc->n_filters++;
        for (; at > 0 && passes_before(&f, &sc->filters[at - 1]); at--) sc->filters[at] = sc->filters[at - 1];
        sc->filters[at] = f;
    }
    return PT_OK;
}

/* ---- segments and blocks ------------------------------------------------------------------ */

static pt_status find_columns(scan_planner *p, scan_seg *s)
{
    const cube *c = p->sc->cube;
    const seg *g = s->s->seg;
    s->role_cols = arena_array(p->a, uint32_t, c->n_roles);
    s->value_cols = arena_array(p->a, int, c->n_columns);
    if (!s->role_cols || !s->value_cols) return arena_fail(p->a, p->err);
    for (uint32_t i = 0; i < c->n_roles; i++) {
        int col = seg_find(g, c->roles[i].name, true);
        if (col < 0)
            return pt_fail(p->err, PT_CORRUPT,
                           "a segment of cube [" STR_FMT "] lacks the members of [" STR_FMT "]",
                           STR_ARG(c->name), STR_ARG(c->roles[i].name));
        s->role_cols[i] = (uint32_t)col;
    }
    for (uint32_t i = 0; i < c->n_columns; i++) {
        const fact_column *f = &c->columns[i];
        int col = seg_find(g, f->name, false);
        s->value_cols[i] = col;
        if (col < 0) continue;
        const seg_column *sc = seg_column_at(g, (uint32_t)col);
        if (sc->kind != (f->type == TYPE_DOUBLE ? SEG_DOUBLE : SEG_INT) ||
            (f->type == TYPE_DECIMAL && sc->scale != f->scale))
            return pt_fail(p->err, PT_CORRUPT,
                           "a segment of cube [" STR_FMT "] holds [" STR_FMT "] in another type",
                           STR_ARG(c->name), STR_ARG(f->name));
    }
    return PT_OK;
}

/* The members that a part keeps, by their stable numbers at the level of an index. */
static pt_status want_members(scan_planner *p, scan_part *part, uint32_t at)
{
    uint8_t *keep = (uint8_t *)part->keep;
    const level_view *l = &part->view->levels[at];
    if (part->wanted[at]) return PT_OK;
    for (uint32_t i = part->level; i < at;) PT_TRY(push_down(p, &part->view->levels[++i], keep, &keep));
    uint8_t *wanted = arena_array(p->a, uint8_t, l->n_stable);
    if (!wanted) return arena_fail(p->a, p->err);
    for (uint32_t r = 0; r < l->n; r++) wanted[l->stable[r]] = keep[r];
    part->wanted[at] = wanted;
    return PT_OK;
}

static pt_status find_indexes(scan_planner *p, scan_seg *s)
{
    scan *sc = p->sc;
    s->indexes = arena_array(p->a, const seg_index **, sc->n_filters);
    if (!s->indexes) return arena_fail(p->a, p->err);
    for (uint32_t i = 0; i < sc->n_filters; i++) {
        const scan_filter *f = &sc->filters[i];
        s->indexes[i] = arena_array(p->a, const seg_index *, f->n_parts);
        if (!s->indexes[i]) return arena_fail(p->a, p->err);
        for (uint32_t k = 0; k < f->n_parts && !p->req->no_index; k++) {
            scan_part *part = &f->parts[k];
            const seg_index *x =
                seg_index_find(s->s->seg, s->role_cols[f->role], part->hierarchy, part->view, part->level);
            s->indexes[i][k] = x;
            if (!x) continue;
            if (!part->wanted) part->wanted = arena_array(p->a, const uint8_t *, part->view->n_levels);
            if (!part->wanted) return arena_fail(p->a, p->err);
            PT_TRY(want_members(p, part, seg_index_level(x)));
            sc->n_indexes++;
        }
    }
    return PT_OK;
}

static pt_status check_zone(const scan *sc, const scan_seg *s, uint32_t role, uint32_t block,
                            uint32_t n_members, pt_err *err)
{
    seg_zone z = seg_zone_of(s->s->seg, s->role_cols[role], block);
    if (z.min >= 0 && z.max < (int64_t)n_members) return PT_OK;
    return pt_fail(err, PT_CORRUPT,
                   "a segment of cube [" STR_FMT "] names members of [" STR_FMT "] that do not exist",
                   STR_ARG(sc->cube->name), STR_ARG(sc->cube->roles[role].name));
}

pt_status scan_check_role(const scan *sc, uint32_t role, pt_err *err)
{
    uint32_t n_members = scan_role_count(sc, role);
    for (uint32_t i = 0; i < sc->n_blocks; i++)
        PT_TRY(check_zone(sc, &sc->segs[sc->blocks[i].seg], role, sc->blocks[i].block, n_members, err));
    return PT_OK;
}

/* False: none of the members in the zone passes. Large zones are looked at by 64 members, so some blocks are
 * read in vain. */
static bool may_pass(const scan_filter *f, seg_zone z)
{
    if (z.max - z.min < SCAN_SMALL_ZONE)
        return memchr(f->keep + z.min, 1, (size_t)(z.max - z.min) + 1) != NULL;
    return f->kept_before[z.max / 64 + 1] > f->kept_before[z.min / 64];
}

static bool may_pass_any(const scan *sc, const scan_seg *s, uint32_t block)
{
    for (uint32_t i = 0; i < sc->n_lanes; i++) {
        uint64_t lanes = sc->lanes[i].all;
        for (uint32_t k = 0; k < sc->lanes[i].n_masks && lanes; k++) {
            const scan_mask *m = &sc->lanes[i].masks[k];
            seg_zone z = seg_zone_of(s->s->seg, s->role_cols[m->role], block);
            uint64_t some = 0;
            for (int64_t g = z.min / 64; g <= z.max / 64 && (some & lanes) != lanes; g++)
                some |= m->coarse[g];
            lanes &= some;
        }
        if (lanes) return true;
    }
    return sc->n_lanes == 0;
}

static pt_status is_worth_reading(scan_planner *p, const scan_seg *s, uint32_t block, bool *is_worth)
{
    const scan *sc = p->sc;
    *is_worth = true;
    for (uint32_t i = 0; i < sc->n_filters; i++) {
        const scan_filter *f = &sc->filters[i];
        PT_TRY(check_zone(sc, s, f->role, block, f->n_members, p->err));
        if (!may_pass(f, seg_zone_of(s->s->seg, s->role_cols[f->role], block))) *is_worth = false;
    }
    for (uint32_t i = 0; i < sc->n_lanes; i++)
        for (uint32_t k = 0; k < sc->lanes[i].n_masks; k++) {
            const scan_mask *m = &sc->lanes[i].masks[k];
            PT_TRY(check_zone(sc, s, m->role, block, m->n_members, p->err));
        }
    if (*is_worth) *is_worth = may_pass_any(sc, s, block) && scan_tests_can_pass(sc, s, block);
    return PT_OK;
}

static pt_status plan_blocks(scan_planner *p, const snapshot_seg *segs, uint32_t n_segs)
{
    scan *sc = p->sc;
    sc->n_segs = n_segs;
    sc->segs = arena_array(p->a, scan_seg, n_segs);
    for (uint32_t i = 0; i < n_segs; i++) sc->n_blocks_all += seg_blocks(segs[i].seg);
    sc->blocks = arena_array(p->a, scan_block, sc->n_blocks_all);
    if (!sc->segs || !sc->blocks) return arena_fail(p->a, p->err);
    for (uint32_t i = 0; i < n_segs && !sc->is_nothing; i++) {
        scan_seg *s = &sc->segs[i];
        s->s = &segs[i];
        PT_TRY(find_columns(p, s));
        uint32_t first = sc->n_blocks;
        for (uint32_t b = 0; b < seg_blocks(segs[i].seg); b++) {
            bool is_worth;
            PT_TRY(is_worth_reading(p, s, b, &is_worth));
            if (!is_worth) continue;
            sc->blocks[sc->n_blocks++] = (scan_block){i, b};
            sc->n_rows += seg_block_rows(segs[i].seg, b);
        }
        if (sc->n_blocks > first) PT_TRY(find_indexes(p, s));
    }
    return PT_OK;
}

pt_status scan_plan(const view *v, const scan_request *req, const snapshot_seg *segs, uint32_t n_segs,
                    arena *a, scan *out, pt_err *err)
{
    *out = (scan){.view = v, .cube = req->cube, .lens = req->lens, .kern = kern_get()};
    scan_planner p = {.sc = out, .req = req, .a = a, .err = err};
    if (NEVER(req->cube->is_virtual)) return pt_fail(err, PT_INTERNAL, "facts were asked of a virtual cube");
    out->hiers = arena_array(a, const hier_view *, req->cube->n_hiers);
    if (!out->hiers) return arena_fail(a, err);
    PT_TRY(scan_join_any(&p));
    PT_TRY(plan_where(&p));
    if (!out->is_nothing) PT_TRY(scan_plan_any(&p));
    if (req->n_tests) PT_TRY(scan_tests_new(out, req->tests, req->n_tests, a, err));
    PT_TRY(plan_blocks(&p, segs, n_segs));
    return scan_tests_plan(out, a, err);
}
