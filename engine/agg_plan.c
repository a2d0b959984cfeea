/* agg_plan.c - from a request to arrays: which axis members can occur, what each member adds to the key of
 * its group, what is computed of which column, and whether groups are addressed directly or hashed. */
#include "engine/agg_int.h"
#include "engine/shelf.h"

/* Groups are addressed directly while their accumulators stay in the cache, or while there are not many more
 * of them than rows to read. */
enum {
    DIRECT_LARGE = 1 << 20,
    DIRECT_ROWS_FACTOR = 2,
};

typedef struct planner {
    const view *view;
    const agg_request *req;
    agg_plan *p;
    arena *a;
    pt_err *err;
} planner;

static pt_status no_memory(planner *q)
{
    return arena_fail(q->a, q->err);
}

/* ---- axes ------------------------------------------------------------------------ */

static const scan_filter *role_filter(const agg_plan *p, uint32_t role)
{
    for (uint32_t i = 0; i < p->scan.n_filters; i++)
        if (p->scan.filters[i].role == role) return &p->scan.filters[i];
    return NULL;
}

pt_status agg_axis_number(agg_axis_plan *x, uint8_t *used, arena *a, pt_err *err)
{
    const level_view *l = x->level;
    uint32_t *dense_of = arena_array(a, uint32_t, l->n);
    uint32_t *rank_of = arena_array(a, uint32_t, l->n);
    uint32_t *parent = x->is_tree ? arena_array(a, uint32_t, l->n) : NULL;
    if (!dense_of || !rank_of || (x->is_tree && !parent)) return arena_fail(a, err);
    for (uint32_t r = l->n; x->is_tree && r-- > 0;)
        if (used[r] && l->parent[r] != MEMBER_NONE) used[l->parent[r]] = 1;
    x->n_dense = 0;
    for (uint32_t r = 0; r < l->n; r++) {
        if (!used[r]) continue;
        rank_of[x->n_dense] = r;
        dense_of[r] = x->n_dense++;
    }
    for (uint32_t d = 0; x->is_tree && d < x->n_dense; d++) {
        uint32_t up = l->parent[rank_of[d]];
        parent[d] = up == MEMBER_NONE ? MEMBER_NONE : dense_of[up];
    }
    x->dense_of = dense_of;
    x->rank_of = rank_of;
    x->parent = parent;
    return PT_OK;
}

/* What passes at level `to`, from what passes at level `at` of the same hierarchy. */
static pt_status move_kept(const hier_view *h, uint32_t at, uint32_t to, const uint8_t *keep, arena *a,
                           const uint8_t **out, pt_err *err)
{
    while (at != to) {
        bool is_down = at < to;
        const level_view *lower = &h->levels[is_down ? at + 1 : at];
        uint8_t *next = arena_array(a, uint8_t, h->levels[is_down ? at + 1 : at - 1].n);
        if (!next) return arena_fail(a, err);
        for (uint32_t r = 0; r < lower->n && is_down; r++) next[r] = keep[lower->parent[r]];
        for (uint32_t r = 0; r < lower->n && !is_down; r++) next[lower->parent[r]] |= keep[r];
        keep = next;
        at = is_down ? at + 1 : at - 1;
    }
    *out = keep;
    return PT_OK;
}

/* Dense numbers of the ranks that passing members have: a piece of plans. */
typedef struct axis_maker {
    const agg_axis_plan *axis;
    const hier_view *hier;
    uint32_t level;
    const scan_filter *filter;
} axis_maker;

/* Where nothing but levels of the same hierarchy are filtered, these tell, else each member. */
static pt_status number_kept(const void *ctx, arena *a, const void **out, pt_err *err)
{
    const axis_maker *m = ctx;
    const scan_filter *f = m->filter;
    const uint8_t *kept;
    agg_axis_plan *x = arena_make(a, agg_axis_plan);
    uint8_t *used = arena_array(a, uint8_t, m->axis->level->n);
    if (!x || !used) return arena_fail(a, err);
    *x = *m->axis;
    *out = x;
    if (f->n_parts == 1 && f->parts[0].view == m->hier && !m->hier->is_parent_child) {
        PT_TRY(move_kept(m->hier, f->parts[0].level, m->level, f->parts[0].keep, a, &kept, err));
        memcpy(used, kept, x->level->n);
    } else {
        for (uint32_t i = 0; i < f->n_members; i++) used[x->level->of_member[i]] |= f->keep[i];
    }
    return agg_axis_number(x, used, a, err);
}

static pt_status key_of_axis(planner *q, const scan_filter *f, agg_axis_plan *x)
{
    strbuf b = {0};
    if (f ? !f->key.ptr : scan_role_count(&q->p->scan, x->role) < PLAN_MANY_MEMBERS) return PT_OK;
    strbuf_addc(&b, x->is_tree ? 'T' : 'A');
    strbuf_add(&b, (const char *)&x->level, sizeof x->level);
    if (f) strbuf_adds(&b, f->key);
    if (!b.failed) x->key = str_copy(q->a, strbuf_str(&b));
    strbuf_free(&b);
    return x->key.ptr ? PT_OK : no_memory(q);
}

static pt_status plan_axis(planner *q, const agg_axis *axis, agg_axis_plan *x)
{
    const hier_view *h;
    PT_TRY(scan_hier(&q->p->scan, axis->hier, &h, q->err));
    if (NEVER(axis->level >= h->n_levels))
        return pt_fail(q->err, PT_INTERNAL, "no level %u to group by", axis->level);
    uint32_t role = q->req->cube->hiers[axis->hier].role;
    const scan_filter *f = role_filter(q->p, role);
    const void *numbered = x;
    *x = (agg_axis_plan){.level = &h->levels[axis->level],
                         .role = role,
                         .is_tree = h->is_parent_child && !axis->own_only,
                         .n_dense = h->levels[axis->level].n};
    if (x->is_tree) x->parent = x->level->parent;
    PT_TRY(key_of_axis(q, f, x));
    axis_maker m = {x, h, axis->level, f};
    if (f) PT_TRY(plan_cache_get(shelf_plans(q->view), x->key, number_kept, &m, q->a, &numbered, q->err));
    agg_axis_plan mine = *x; /* the piece may be of another role, and its key of an earlier statement */
    *x = *(const agg_axis_plan *)numbered;
    x->role = mine.role;
    x->key = mine.key;
    return PT_OK;
}

/* Words are counted from the front once their number is known. */
void agg_axes_place(agg_plan *p)
{
    uint64_t factor = 1;
    uint32_t word = 0;
    for (uint32_t i = p->n_axes; i-- > 0;) {
        agg_axis_plan *x = &p->axes[i];
        uint64_t size = x->n_dense, next;
        if (__builtin_mul_overflow(factor, size, &next)) {
            word++;
            factor = 1;
            next = size;
        }
        x->word = word;
        x->factor = factor;
        x->is_highest = true;
        if (i + 1 < p->n_axes && p->axes[i + 1].word == word) p->axes[i + 1].is_highest = false;
        factor = next;
    }
    p->n_words = p->n_axes ? word + 1 : 0;
    for (uint32_t i = 0; i < p->n_axes; i++) p->axes[i].word = word - p->axes[i].word;
    p->n_direct = p->n_words <= 1 ? factor : 0;
}

static pt_status plan_axes(planner *q)
{
    agg_plan *p = q->p;
    p->n_axes = q->req->n_axes;
    if (NEVER(p->n_axes > AGG_MAX_AXES))
        return pt_fail(q->err, PT_INTERNAL, "grouping by %u levels", p->n_axes);
    p->axes = arena_array(q->a, agg_axis_plan, p->n_axes);
    if (!p->axes) return no_memory(q);
    for (uint32_t i = 0; i < p->n_axes; i++) PT_TRY(plan_axis(q, &q->req->axes[i], &p->axes[i]));
    for (uint32_t i = 0; i < p->n_axes; i++) p->has_trees |= p->axes[i].is_tree;
    agg_axes_place(p);
    return PT_OK;
}

/* ---- columns -------------------------------------------------------------------------- */

/* What the blocks to read say about an integer column. */
typedef struct column_range {
    bool has_nulls;
    int64_t lo, hi; /* of all values */
    bool is_narrow; /* no sum of any of these rows can leave 63 bits */
} column_range;

static column_range range_of(const scan *sc, uint32_t column)
{
    column_range r = {.lo = INT64_MAX, .hi = INT64_MIN};
    unsigned __int128 most = 0;
    for (uint32_t i = 0; i < sc->n_blocks; i++) {
        const scan_seg *s = &sc->segs[sc->blocks[i].seg];
        int col = s->value_cols[column];
        if (col < 0) {
            r.has_nulls = true;
            continue;
        }
        seg_zone z = seg_zone_of(s->s->seg, (uint32_t)col, sc->blocks[i].block);
        if (z.n_nulls) r.has_nulls = true;
        r.lo = z.min < r.lo ? z.min : r.lo;
        r.hi = z.max > r.hi ? z.max : r.hi;
        uint64_t lo = z.min < 0 ? 0 - (uint64_t)z.min : (uint64_t)z.min;
        uint64_t hi = z.max < 0 ? 0 - (uint64_t)z.max : (uint64_t)z.max;
        most += (unsigned __int128)(lo > hi ? lo : hi) * seg_block_rows(s->s->seg, sc->blocks[i].block);
    }
    r.is_narrow = most < (unsigned __int128)1 << 62;
    return r;
}

/* Sums of that many values: what bits they need. */
static agg_sum_kind sum_of(row_range r, uint64_t n_rows)
{
    if (!r.is_bounded) return SUM_HUGE;
    pt_i128 most = r.hi > -(r.lo + 1) ? r.hi : -(r.lo + 1), total; /* one less than the largest negative */
    if (__builtin_add_overflow(most, 1, &most)) return SUM_HUGE;
    if (__builtin_mul_overflow(most, (pt_i128)n_rows, &total)) return SUM_HUGE;
    return total < (pt_i128)1 << 62 ? SUM_NARROW : total < (pt_i128)1 << 126 ? SUM_WIDE : SUM_HUGE;
}

static agg_column *new_column(agg_plan *p)
{
    agg_column *c = &p->columns[p->n_columns++];
    *c = (agg_column){.column = MEMBER_NONE, .is_counted = true};
    return c;
}

/* The stored column of a measure without conditions of its own. */
static agg_column *stored_column(agg_plan *p, const measure *m)
{
    for (uint32_t i = 0; i < p->n_columns; i++)
        if (p->columns[i].column == m->column) return &p->columns[i];
    const fact_column *f = &p->req->cube->columns[m->column];
    agg_column *c = new_column(p);
    column_range r = range_of(&p->scan, m->column);
    c->column = m->column;
    c->type = f->type;
    c->scale = f->scale;
    c->is_double = f->type == TYPE_DOUBLE;
    c->has_nulls = r.has_nulls;
    c->lo = r.lo;
    c->hi = r.hi;
    c->sum_kind = c->is_double ? SUM_DOUBLE : r.is_narrow ? SUM_NARROW : SUM_WIDE;
    return c;
}

static pt_status computed_column(planner *q, const measure *m, agg_column **out)
{
    agg_plan *p = q->p;
    agg_input *in;
    for (uint32_t i = 0; i < p->n_columns; i++) {
        *out = &p->columns[i];
        if (p->columns[i].input && agg_input_is_of(p, p->columns[i].input, m)) return PT_OK;
    }
    PT_TRY(agg_input_new(p, m, &in, q->err));
    agg_column *c = *out = new_column(p);
    c->input = in;
    c->has_nulls = in->n_conditions > 0 || (in->value.e && in->value.run.range.can_be_null);
    if (!in->value.e) return PT_OK;
    row_range r = in->value.run.range;
    c->type = in->value.e->type;
    c->scale = in->value.e->scale;
    c->is_double = c->type == TYPE_DOUBLE;
    c->is_wide = !c->is_double && !(r.is_bounded && r.lo >= INT64_MIN && r.hi <= INT64_MAX);
    c->lo = c->is_wide ? INT64_MIN : (int64_t)r.lo;
    c->hi = c->is_wide ? INT64_MAX : (int64_t)r.hi;
    c->sum_kind = c->is_double ? SUM_DOUBLE : sum_of(r, p->scan.n_rows);
    return PT_OK;
}

/* NULL: the measure counts rows. */
static pt_status find_column(planner *q, const measure *m, agg_column **out)
{
    uint32_t n_own = agg_own_conditions(q->p, m);
    *out = NULL;
    if (n_own == 0 && m->column != MEMBER_NONE) {
        *out = stored_column(q->p, m);
        return PT_OK;
    }
    return n_own == 0 && !m->value ? PT_OK : computed_column(q, m, out);
}

static uint32_t take_words(agg_plan *p, uint32_t n)
{
    uint32_t at = p->stride;
    p->stride += n;
    return at;
}

static void plan_words(agg_plan *p, agg_column *c, agg_kind agg)
{
    if (c->has_nulls && !c->at_count) c->at_count = take_words(p, 1);
    if (agg != AGG_COUNT) c->is_counted = false;
    if ((agg == AGG_SUM || agg == AGG_AVG) && c->sum == SUM_NONE) {
        c->sum = c->sum_kind;
        /* words of a double sum are taken once its range is known */
        if (c->sum == SUM_DOUBLE)
            p->has_doubles = true;
        else
            c->at_sum = take_words(p, c->sum == SUM_HUGE ? 3 : c->sum == SUM_WIDE ? 2 : 1);
    }
    if (agg == AGG_MIN && !c->at_min) c->at_min = take_words(p, c->is_wide ? 2 : 1);
    if (agg == AGG_MAX && !c->at_max) c->at_max = take_words(p, c->is_wide ? 2 : 1);
}

/* ---- the proof of rows ------------------------------------------------------------------- */

/* Does the value of a measure tell how many rows there are? */
static bool tells_rows(const agg_plan *p, uint32_t i)
{
    agg_kind agg = p->req->cube->measures[p->req->measures[i]].agg;
    if (agg == AGG_DISTINCT) return false;
    if (p->measure_at[i] == MEMBER_NONE) return true;
    return (agg == AGG_COUNT || agg == AGG_AVG) && !p->columns[p->measure_at[i]].at_count;
}

static void move_up(uint32_t *at, uint32_t gap)
{
    if (*at > gap) --*at;
}

static bool is_never_0(const agg_column *c)
{
    return c->sum == SUM_NARROW && !c->has_nulls && (c->lo > 0 || c->hi < 0);
}

/* Where nobody asks for the number of rows, a sum that cannot be 0 is in word 0: the smaller accumulators
 * are, the more of them stay in the caches. */
static void choose_proof(agg_plan *p)
{
    uint32_t i = 0;
    for (; i < p->req->n_measures; i++)
        if (tells_rows(p, i)) return;
    for (i = 0; i < p->n_columns && !is_never_0(&p->columns[i]);) i++;
    if (i == p->n_columns) return;
    uint32_t gap = p->columns[i].at_sum;
    p->proof = PROOF_SUM;
    p->columns[i].at_sum = 0;
    p->stride--;
    for (i = 0; i < p->n_columns; i++) {
        agg_column *c = &p->columns[i];
        move_up(&c->at_count, gap);
        move_up(&c->at_sum, gap);
        move_up(&c->at_min, gap);
        move_up(&c->at_max, gap);
    }
}

static bool is_distinct_of(const agg_plan *p, const agg_distinct *d, const measure *m)
{
    if (d->role != m->role) return false;
    return d->input ? agg_input_is_of(p, d->input, m) : agg_own_conditions(p, m) == 0;
}

static pt_status plan_distinct(planner *q, const measure *m, uint32_t *at)
{
    agg_plan *p = q->p;
    agg_input *in = NULL;
    for (*at = 0; *at < p->n_distinct; (*at)++)
        if (is_distinct_of(p, &p->distinct[*at], m)) return PT_OK;
    if (agg_own_conditions(p, m)) PT_TRY(agg_input_new(p, m, &in, q->err));
    const scan_lens *lens = p->scan.lens;
    const dim_view *v = view_dim(q->view, q->req->cube->roles[m->role].dimension);
    uint32_t n = lens ? lens->n_durable[m->role] : dim_count(v);
    p->distinct[p->n_distinct++] = (agg_distinct){.role = m->role,
                                                  .n_members = n,
                                                  .durable = lens ? lens->durable[m->role] : dim_durable(v),
                                                  .input = in,
                                                  .n_words = n / 64 + 1};
    return PT_OK;
}

static pt_status plan_measures(planner *q)
{
    agg_plan *p = q->p;
    const agg_request *req = q->req;
    p->stride = 1;
    p->columns = arena_array(q->a, agg_column, req->n_measures);
    p->distinct = arena_array(q->a, agg_distinct, req->n_measures);
    p->measure_at = arena_array(q->a, uint32_t, req->n_measures);
    if (!p->columns || !p->distinct || !p->measure_at) return no_memory(q);
    for (uint32_t i = 0; i < req->n_measures; i++) {
        if (NEVER(req->measures[i] >= req->cube->n_measures))
            return pt_fail(q->err, PT_INTERNAL, "no measure %u to compute", req->measures[i]);
        const measure *m = &req->cube->measures[req->measures[i]];
        agg_column *c;
        if (m->agg == AGG_DISTINCT) {
            PT_TRY(plan_distinct(q, m, &p->measure_at[i]));
            continue;
        }
        PT_TRY(find_column(q, m, &c));
        p->measure_at[i] = c ? (uint32_t)(c - p->columns) : MEMBER_NONE;
        if (c) plan_words(p, c, m->agg);
    }
    choose_proof(p);
    return PT_OK;
}

/* ---- direct or hashed ---------------------------------------------------------------------- */

static void choose_groups(agg_plan *p)
{
    uint64_t n = p->n_direct;
    p->is_direct =
        p->n_words == 0 ||
        (n > 0 && (n <= AGG_DIRECT_SURE || (n <= DIRECT_LARGE && n / DIRECT_ROWS_FACTOR <= p->scan.n_rows)));
    if (!p->is_direct) p->n_direct = 0;
}

/* Does no other axis tell of the same role? */
static bool is_only(const agg_plan *p, uint32_t axis)
{
    for (uint32_t i = 0; i < p->n_axes; i++)
        if (i != axis && p->axes[i].role == p->axes[axis].role) return false;
    return true;
}

static bool is_identity(const uint32_t *numbers, uint32_t n)
{
    uint32_t i = 0;
    while (i < n && numbers[i] == i) i++;
    return i == n;
}

/* Where each member of a role is one of the level, members are numbered by their ids: rows hold these, so
 * none is looked up. */
static void number_by_member(agg_plan *p)
{
    for (uint32_t i = 0; p->is_direct && !p->scan.lens && i < p->n_axes; i++) {
        agg_axis_plan *x = &p->axes[i];
        if (x->is_tree || x->dense_of || x->n_dense != scan_role_count(&p->scan, x->role) || !is_only(p, i))
            continue;
        x->is_by_member = true;
        if (is_identity(x->level->rep, x->n_dense)) continue;
        x->rank_of = x->level->of_member;
        x->dense_of = x->level->rep;
    }
}

static pt_status plan_keys(planner *q)
{
    agg_plan *p = q->p;
    uint64_t factors[AGG_MAX_AXES];
    for (uint32_t i = 0; i < p->n_axes; i++) factors[i] = p->axes[i].factor;
    return agg_coding_make(p, factors, !p->is_direct, q->a, &p->keys, q->err);
}

static pt_status check_roles(planner *q)
{
    agg_plan *p = q->p;
    for (uint32_t i = 0; i < p->n_axes; i++) PT_TRY(scan_check_role(&p->scan, p->axes[i].role, q->err));
    for (uint32_t i = 0; i < p->n_distinct; i++)
        PT_TRY(scan_check_role(&p->scan, p->distinct[i].role, q->err));
    return PT_OK;
}

agg_source agg_facts(const view *v, const cube *c)
{
    agg_source s = {0};
    s.segs = snapshot_segs(v->snap, c->id, &s.n_segs);
    return s;
}

pt_status agg_plan_make(const view *v, const agg_request *req, const agg_source *from, arena *a,
                        agg_plan *out, pt_err *err)
{
    *out = (agg_plan){.req = req, .a = a};
    planner q = {.view = v, .req = req, .p = out, .a = a, .err = err};
    PT_TRY(agg_plan_conditions(out, v, !from->lens, err));
    scan_request sr = {.cube = req->cube,
                       .where = out->where,
                       .n_any = req->n_any,
                       .any = req->any,
                       .n_tests = out->n_tests,
                       .tests = out->tests,
                       .no_index = req->no_index,
                       .lens = from->lens};
    PT_TRY(scan_plan(v, &sr, from->segs, from->n_segs, a, &out->scan, err));
    PT_TRY(plan_measures(&q));
    PT_TRY(plan_axes(&q));
    choose_groups(out);
    number_by_member(out);
    PT_TRY(check_roles(&q));
    PT_TRY(agg_distinct_plan(out, a, err));
    agg_hot_plan_make(out);
    PT_TRY(agg_extreme_plan(out, a, err));
    return out->scan.n_blocks && out->needs_slots ? plan_keys(&q) : PT_OK;
}
