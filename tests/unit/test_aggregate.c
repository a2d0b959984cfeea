/* test_aggregate.c - random requests on random cubes give what a naive evaluation gives, whatever the number
 * of threads, with or without indexes, on every CPU level. `test_aggregate SEED N` runs N worlds from a seed
 * of one's own. */
#include <stdio.h>

#include "base/date.h"
#include "engine/agg_int.h"
#include "naive_expr.h"
#include "naive_util.h"
#include "unit.h"

/* ---- worlds ------------------------------------------------------------------------ */

static const char definitions[] =
    "CREATE TIME DIMENSION [Day] FROM '2020-01-01' TO '2020-04-30' ("
    "  HIERARCHY [Day] (YEAR, QUARTER, MONTH, DAY), HIERARCHY [Weekly] ALL (YEAR, WEEK, DAY));"
    "CREATE DIMENSION [Thing] (KEY id INTEGER, ATTRIBUTE p INTEGER, q INTEGER HISTORY, r TEXT,"
    "  HIERARCHY [Thing] ALL (LEVEL [P] BY p, LEVEL [Q] BY q, LEVEL [Id] BY id),"
    "  HIERARCHY [R] ALL (LEVEL [R] BY r),"
    "  HIERARCHY [Ragged] ALL (LEVEL [P] BY p, LEVEL [R] BY r HIDE IF BLANK, LEVEL [Leaf] BY id));"
    "CREATE DIMENSION [Person] (KEY id INTEGER, ATTRIBUTE boss INTEGER, p INTEGER,"
    "  HIERARCHY [Tree] ALL (LEVEL [Person] BY id PARENT boss ROOT 0),"
    "  HIERARCHY [P] ALL (LEVEL [P] BY p, LEVEL [Id] BY id));"
    "CREATE CUBE [C] (DIMENSION [Day], DIMENSION [Thing], DIMENSION [Thing].[R] AS [Other R] ROLE [Other],"
    "  DIMENSION [Thing].[Ragged] AS [Other Ragged] ROLE [Other], DIMENSION [Person], DIMENSION [Day] AS "
    "[Due],"
    "  MEASURE [n] COUNT(*), MEASURE [ci] COUNT(i), MEASURE [si] SUM(i) INTEGER, MEASURE [li] MIN(i),"
    "  MEASURE [hi] MAX(i), MEASURE [ai] AVG(i), MEASURE [sd] SUM(d) DECIMAL(18,3), MEASURE [ld] MIN(d),"
    "  MEASURE [hd] MAX(d), MEASURE [ad] AVG(d), MEASURE [sf] SUM(f) DOUBLE, MEASURE [lf] MIN(f), MEASURE "
    "[hf] MAX(f),"
    "  MEASURE [af] AVG(f), MEASURE [sb] SUM(b) INTEGER, MEASURE [ab] AVG(b), MEASURE [lw] MIN(w) DATE,"
    "  MEASURE [dt] DISTINCT COUNT([Thing]), MEASURE [do] DISTINCT COUNT([Other]), MEASURE [dp] DISTINCT "
    "COUNT([Person]),"
    "  MEASURE [dd] DISTINCT COUNT([Day]));";

/* The thread sanitizer makes a world twenty times slower, and looks for races, not for wrong sums. Large
 * loads have more than one block in any case. */
#ifdef __SANITIZE_THREAD__
enum { N_SEEDS = 2, LARGE = 66000, MAX_ROWS = 72000 };
#else
enum { N_SEEDS = 9, LARGE = 66000, MAX_ROWS = 150000 };
#endif

/* Tables by member of so many things are not near, so that groups are read off indexes. */
enum { MANY_THINGS = 40000 };

typedef struct answers {
    uint64_t by_cuboid, by_cache;
    uint64_t computed;       /* of these, with measures over expressions or under conditions */
    uint64_t plane_reads;    /* groups read off indexes, in blocks */
    uint64_t derived;        /* from groups of other requests */
    uint64_t derived_counts; /* of these, with distinct counts */
    uint64_t proved_by_sum;  /* requests whose groups have no count of rows */
    uint64_t by_member;      /* whose members are numbered by their ids, not in order of ranks */
    uint64_t hot;            /* that are added up in 32 bits beside the accumulators */
} answers;

typedef struct world {
    uint64_t seed;
    shop *s;
    uint32_t n_things, n_people, n_values; /* keys; distinct values of an attribute */
    bool has_many_things;
    uint32_t null_every; /* one value in so many is null; 0: none */
    int64_t sign;        /* of small integers; 0: both, and zeros */
    bool is_even;        /* integers are of 32 bits, not null, and not below */
    int64_t least;
    int64_t days; /* of the next load */
    answers n;
} world;

static uint32_t roll(world *w, uint32_t n)
{
    return (uint32_t)(unit_random(&w->seed) % n);
}

static pt_value small_int(world *w)
{
    return roll(w, 9) == 0 ? value_null() : value_int(roll(w, w->n_values));
}

static pt_value small_text(world *w)
{
    static const char *const texts[] = {"", "Köln", "大连", "a", "b", "c", "d", "e"};
    uint32_t i = roll(w, ARRAY_LEN(texts) + 1);
    return i == ARRAY_LEN(texts) ? value_null() : value_text(str_of(texts[i]));
}

static void put_members(world *w, bool is_first)
{
    uint32_t n = is_first ? w->n_things : w->n_things / 3;
    pt_value *v = calloc((n + w->n_people) * 4 + 4, sizeof *v);
    for (uint32_t i = 0; i < n; i++) {
        v[i * 4] = value_int(is_first ? i : roll(w, w->n_things + w->n_things / 4));
        v[i * 4 + 1] = small_int(w), v[i * 4 + 2] = small_int(w), v[i * 4 + 3] = small_text(w);
    }
    shop_members(w->s, "Thing", n, v, w->days);
    n = is_first ? w->n_people : w->n_people / 3;
    for (uint32_t i = 0; i < n; i++) {
        int64_t key = is_first ? i + 1 : roll(w, w->n_people) + 1;
        v[i * 3] = value_int(key);
        v[i * 3 + 1] = roll(w, 8) == 0 ? value_null() : value_int(roll(w, (uint32_t)key)); /* 0: root */
        v[i * 3 + 2] = small_int(w);
    }
    shop_members(w->s, "Person", n, v, w->days);
    w->days += 10;
    free(v);
}

/* A multiple of 1/1024 with up to 53 significant bits, below 2^58. */
static double some_double(world *w)
{
    int64_t mantissa = (int64_t)(unit_random(&w->seed) >> (11 + roll(w, 50)));
    double v = (double)mantissa / 1024 * (double)(1 << roll(w, 16));
    return roll(w, 2) || v == 0 ? v : -v; /* never -0 */
}

static void put_facts(world *w, uint32_t n)
{
    const cube *c = shop_cube(w->s, "C");
    uint32_t *ids[8], n_roles = c->n_roles, n_values = c->n_columns;
    uint8_t *nulls[16];
    int64_t *ints[16];
    seg_batch columns[16] = {0};
    assert_true(n_roles <= 8 && n_roles + n_values <= 16);
    uint32_t skew = roll(w, 3), first_day = roll(w, 60);
    for (uint32_t i = 0; i < n_roles; i++) {
        uint32_t n_members = dim_count(view_dim(&w->s->v, c->roles[i].dimension));
        ids[i] = calloc(n, sizeof **ids);
        for (uint32_t r = 0; r < n; r++) {
            ids[i][r] = roll(w, skew && roll(w, 3) ? n_members / 10 + 1 : n_members);
            if (i == 0 && skew == 2) ids[i][r] = first_day + roll(w, 20);
        }
        columns[i].ids = ids[i];
    }
    for (uint32_t k = 0; k < n_values; k++) {
        const fact_column *f = &c->columns[k];
        ints[k] = calloc(n, sizeof **ints);
        nulls[k] = calloc(n, 1);
        for (uint32_t r = 0; r < n; r++) {
            double d = some_double(w);
            bool is_big = str_eq(f->name, STR("b"));
            if (f->type == TYPE_DOUBLE)
                memcpy(&ints[k][r], &d, sizeof d);
            else if (is_big)
                ints[k][r] = (int64_t)unit_random(&w->seed);
            else if (w->is_even)
                ints[k][r] = w->least + (roll(w, 5) ? (int64_t)(unit_random(&w->seed) >> 33)
                                                    : roll(w, 2) * (int64_t)(UINT32_MAX - 1));
            else
                ints[k][r] = w->sign ? w->sign * (1 + roll(w, 2000)) : (int64_t)roll(w, 2000) - 1000;
            nulls[k][r] = w->null_every && roll(w, w->null_every) == 0;
        }
        if (f->type == TYPE_DOUBLE)
            columns[n_roles + k].doubles = (const double *)(const void *)ints[k];
        else
            columns[n_roles + k].ints = ints[k];
        columns[n_roles + k].nulls = w->null_every && roll(w, 4) ? nulls[k] : NULL;
    }
    shop_facts(w->s, "C", n, columns);
    shop_view(w->s);
    for (uint32_t i = 0; i < n_roles; i++) free(ids[i]);
    for (uint32_t k = 0; k < n_values; k++) free(ints[k]), free(nulls[k]);
    // NOLINTNEXTLINE(clang-analyzer-unix.Malloc): all that were made above are freed here
}

static void delete_some(world *w)
{
    pt_err err = {0};
    store_txn *txn;
    uint32_t n;
    const cube *c = shop_cube(w->s, "C");
    const snapshot_seg *segs = snapshot_segs(w->s->v.snap, c->id, &n);
    const snapshot_seg *target = &segs[roll(w, n)];
    uint32_t rows = seg_rows(target->seg), from = roll(w, rows), len = roll(w, 3) ? roll(w, 20) + 1 : rows;
    roaring_bitmap_t *gone = roaring_bitmap_create();
    for (uint32_t i = 0; i < len && from + i < rows; i++)
        if (roll(w, 2)) roaring_bitmap_add(gone, from + i);
    assert_ok(store_begin(warehouse_store(w->s->w), 0, &txn, &err));
    assert_ok(txn_delete_rows(txn, c->id, target->id, gone, &err));
    shop_commit(w->s, txn);
    roaring_bitmap_free(gone);
}

/* Another hierarchy under a name that segments have indexes for. */
static void redefine(world *w)
{
    if (roll(w, 2))
        shop_define(w->s, "ALTER CUBE [C] ADD MEASURE [sl] SUM(late) INTEGER, MEASURE [cl] COUNT(late)");
    if (roll(w, 2))
        shop_define(
            w->s,
            "CREATE OR REPLACE DIMENSION [Thing] (KEY id INTEGER, ATTRIBUTE p INTEGER, q INTEGER HISTORY,"
            "  r TEXT, HIERARCHY [Thing] ALL (LEVEL [P] BY q, LEVEL [Q] BY p, LEVEL [Id] BY id),"
            "  HIERARCHY [R] ALL (LEVEL [R] BY p),"
            "  HIERARCHY [Ragged] ALL (LEVEL [P] BY r, LEVEL [R] BY q, LEVEL [Leaf] BY id))");
}

/* A cuboid of some levels; all that it can hold, or a few measures. */
static void add_cuboid(world *w, uint32_t number)
{
    static const char *const measures[] = {"si", "hi, ad, n", "[Measures].[sb], ab", "dt, dp, sd",
                                           "lf, hf, lw"};
    const cube *c = shop_cube(w->s, "C");
    strbuf b = {0};
    uint32_t n_levels = 0, most = 1 + roll(w, 4);
    bool has_thing = false, has_person = false;
    strbuf_printf(&b, "CREATE OR REPLACE CUBOID [q%u] ON CUBE [C] (LEVEL ", number);
    for (uint32_t h = roll(w, c->n_hiers); n_levels < most; h = (h + 1 + roll(w, 2)) % c->n_hiers) {
        const cube_hier *x = &c->hiers[h];
        const level *l = &x->hierarchy->levels[roll(w, x->hierarchy->n_levels)];
        strbuf name = {0};
        strbuf_printf(&name, STR_FMT ".[" STR_FMT "]", STR_ARG(x->unique_name), STR_ARG(l->name));
        if (n_levels == 0 || !strstr(b.ptr, x->unique_name.ptr))
            strbuf_printf(&b, "%s%s", n_levels ? ", " : "", name.ptr);
        strbuf_free(&name);
        has_thing |= str_eq(c->roles[x->role].name, STR("Thing"));
        has_person |= str_eq(c->roles[x->role].name, STR("Person"));
        n_levels++;
    }
    uint32_t kind = roll(w, 10);
    if (kind < ARRAY_LEN(measures) && (kind != 3 || (has_thing && has_person)))
        strbuf_printf(&b, ", MEASURE %s", measures[kind]);
    strbuf_addz(&b, ")");
    shop_define(w->s, b.ptr);
    strbuf_free(&b);
}

/* Some cuboids, at some time between loads. */
static void change_cuboids(world *w)
{
    w->s->forgets_cuboids = roll(w, 5) == 0;
    w->s->cuboid_slice = roll(w, 2) ? 5 + roll(w, 100) : 0;
    while (roll(w, 3)) add_cuboid(w, roll(w, 6));
}

static void refresh_cuboids(world *w)
{
    pt_err err = {0};
    limits few = {.cells = roll(w, 2) * 60};
    uint32_t n;
    cuboid_report r;
    if (roll(w, 4)) assert_ok(cuboid_refresh(w->s->w, NULL, &few, &n, &err));
    shop_view(w->s);
    for (uint32_t i = roll(w, 2); i < schema_n_cubes(w->s->v.schema); i++)
        assert_ok(cuboid_verify(&w->s->v, warehouse_pool(w->s->w), &few, schema_cube_at(w->s->v.schema, i),
                                &r, &err));
}

/* Measures over expressions and under conditions. */
static void add_measures(world *w)
{
    strbuf text = {0};
    pt_err err = {0};
    define_result result;
    for (uint32_t i = 0, n = roll(w, 8); i < n; i++) {
        strbuf_printf(&text, i ? ", MEASURE [x%u] " : "ALTER CUBE [C] ADD MEASURE [x%u] ", i);
        naive_some_measure(&w->seed, &text);
    }
    if (text.len && shop_try(w->s, text.ptr, &result, &err) != PT_OK)
        fail_msg("%s\ngives %s", text.ptr, err.msg);
    strbuf_free(&text);
}

static void make_world(world *w)
{
    static const uint32_t sizes[] = {3, 20, 100, 3000};
    uint32_t n_loads = 1 + roll(w, 4);
    w->s = shop_open(8);
    w->n_things = sizes[roll(w, 4)];
    if (w->has_many_things) w->n_things = MANY_THINGS;
    w->n_people = sizes[roll(w, 3)];
    w->n_values = 2 + roll(w, 12);
    w->null_every = roll(w, 3) ? 2 + roll(w, 20) : 0;
    w->sign = (int64_t)roll(w, 3) - 1;
    w->days = date_days(2020, 1, 1);
    shop_define(w->s, definitions);
    for (uint32_t i = 0; i < n_loads; i++) {
        put_members(w, i == 0);
        put_facts(w, roll(w, 6) == 0 ? LARGE + roll(w, MAX_ROWS - LARGE) : 1 + roll(w, 1500));
        if (roll(w, 3) == 0) delete_some(w);
        if (roll(w, 4) == 0)
            put_members(w, false); /* moves after the facts: older indexes must not be used */
        change_cuboids(w);
        if (roll(w, 4) == 0) redefine(w);
    }
    refresh_cuboids(w);
    add_measures(w);
}

/* ---- requests ------------------------------------------------------------------------- */

static const hier_view *hier_at(const naive_facts *f, uint32_t hier)
{
    pt_err err = {0};
    const hier_view *h;
    const cube_hier *c = &f->cube->hiers[hier];
    assert_ok(dim_hier(view_dim(f->view, c->hierarchy->dimension), c->hierarchy->index, &h, &err));
    return h;
}

/* Trees and several filters on one level are rare enough to be helped. */
static agg_filter some_filter(world *w, const naive_facts *f, const agg_filter *earlier, arena *a)
{
    agg_filter x = {.hier = roll(w, f->cube->n_hiers), .own_only = roll(w, 2) == 0};
    bool wants_tree = roll(w, 4) == 0;
    while (wants_tree && !f->cube->hiers[x.hier].hierarchy->is_parent_child)
        x.hier = roll(w, f->cube->n_hiers);
    if (earlier && roll(w, 4) == 0) x.hier = earlier->hier;
    const hier_view *h = hier_at(f, x.hier);
    x.level = roll(w, h->n_levels);
    uint32_t n = h->levels[x.level].n, *ranks = arena_array(a, uint32_t, n);
    const uint32_t *end = h->levels[x.level].end;
    uint32_t kind = roll(w, 7), from = roll(w, n), to = from + 1 + roll(w, n - from);
    if (kind == 6 && end) to = end[from]; /* some of a subtree */
    for (uint32_t r = 0; r < n; r++) {
        bool is_in = roll(w, 3) == 0;
        if (kind == 0) is_in = r == from;
        if (kind == 1 || kind == 2) is_in = r >= from && r < to;
        if (kind == 3) is_in = roll(w, 10) > 0;
        if (kind == 6) is_in = r == from || (is_in && r >= from && r < to);
        if (is_in) ranks[x.n++] = r;
    }
    x.ranks = ranks;
    if (roll(w, 60) == 0) x.n = 0;
    return x;
}

static agg_conj some_conj(world *w, const naive_facts *f, uint32_t max, arena *a)
{
    agg_conj c = {.n = roll(w, max + 1)};
    agg_filter *filters = arena_array(a, agg_filter, c.n);
    for (uint32_t i = 0; i < c.n; i++) filters[i] = some_filter(w, f, i ? &filters[i - 1] : NULL, a);
    c.filters = filters;
    return c;
}

/* All combinations of a few lists of members for one to three levels: as a set of tuples comes. Now and then
 * one of them is missing, or there twice. */
static void some_product(world *w, const naive_facts *f, agg_request *req, arena *a)
{
    enum { MOST = 4 };
    agg_filter lists[3][MOST];
    uint32_t n_columns = 1 + roll(w, 3), n_lists[3], total = 1;
    for (uint32_t i = 0; i < n_columns; i++) {
        n_lists[i] = 1 + roll(w, MOST);
        total *= n_lists[i];
        lists[i][0] = some_filter(w, f, NULL, a);
        for (uint32_t k = 1; k < n_lists[i]; k++) {
            uint32_t n = hier_at(f, lists[i][0].hier)->levels[lists[i][0].level].n;
            uint32_t *rank = arena_array(a, uint32_t, 1);
            *rank = roll(w, n);
            lists[i][k] = lists[i][0];
            lists[i][k].ranks = rank;
            lists[i][k].n = roll(w, 10) > 0;
        }
    }
    agg_conj *any = arena_array(a, agg_conj, total);
    for (uint32_t c = 0; c < total; c++) {
        agg_filter *filters = arena_array(a, agg_filter, n_columns);
        uint32_t rest = c;
        for (uint32_t i = 0; i < n_columns; rest /= n_lists[i++]) filters[i] = lists[i][rest % n_lists[i]];
        any[c] = (agg_conj){n_columns, filters};
    }
    if (total > 1 && roll(w, 3) == 0) any[roll(w, total)] = any[0];
    req->any = any;
    req->n_any = total > 1 && roll(w, 4) == 0 ? total - 1 : total;
}

static agg_request some_request(world *w, const naive_facts *f, arena *a)
{
    const cube *c = f->cube;
    agg_request req = {.cube = c, .n_measures = roll(w, 5) ? roll(w, 5) : c->n_measures};
    uint32_t *measures = arena_array(a, uint32_t, req.n_measures);
    for (uint32_t i = 0; i < req.n_measures; i++)
        measures[i] = req.n_measures == c->n_measures ? i : roll(w, c->n_measures);
    req.measures = measures;
    agg_axis *axes = arena_array(a, agg_axis, c->n_hiers);
    uint32_t most = roll(w, 8) == 0 ? c->n_hiers : roll(w, 4);
    for (uint32_t h = 0; h < c->n_hiers && req.n_axes < most; h++) {
        if (most < c->n_hiers && roll(w, 2)) continue;
        agg_axis *x = &axes[req.n_axes++];
        *x = (agg_axis){.hier = h, .own_only = roll(w, 4) == 0};
        x->level = roll(w, 3) ? roll(w, hier_at(f, h)->n_levels) : hier_at(f, h)->n_levels - 1;
    }
    for (uint32_t i = req.n_axes; i-- > 1;) { /* in any order */
        uint32_t k = roll(w, i + 1);
        agg_axis swap = axes[i];
        axes[i] = axes[k], axes[k] = swap;
    }
    req.axes = axes;
    req.where = some_conj(w, f, 3, a);
    if (roll(w, 3) == 0) req.n_any = roll(w, 4) ? 1 + roll(w, 5) : 60 + roll(w, 20);
    agg_conj *any = arena_array(a, agg_conj, req.n_any);
    for (uint32_t i = 0; i < req.n_any; i++) any[i] = some_conj(w, f, 3, a);
    req.any = any;
    if (roll(w, 4) == 0) some_product(w, f, &req, a);
    return req;
}

/* Make the request one that a cuboid might answer: of its levels and what lies above them. */
static void suit_cuboid(world *w, agg_request *req)
{
    const cube *c = req->cube;
    if (c->n_cuboids == 0 || roll(w, 3) == 0) return;
    const cuboid *q = &c->cuboids[roll(w, c->n_cuboids)];
    agg_axis *axes = (agg_axis *)req->axes;
    uint32_t *measures = (uint32_t *)req->measures, n_measures = req->n_measures;
    req->n_axes = req->n_measures = req->n_any = 0;
    for (uint32_t i = 0; i < q->n_levels && req->n_axes < c->n_hiers; i++)
        if (roll(w, 3))
            axes[req->n_axes++] = (agg_axis){.hier = q->levels[i].hier,
                                             .level = roll(w, q->levels[i].level + 1),
                                             .own_only = roll(w, 3) == 0};
    for (uint32_t i = 0; i < n_measures; i++)
        if (q->holds[measures[i]]) measures[req->n_measures++] = measures[i];
    agg_filter *filters = (agg_filter *)req->where.filters;
    uint32_t n = req->where.n;
    req->where.n = 0;
    for (uint32_t i = 0; i < n; i++)
        for (uint32_t k = 0; k < q->n_levels; k++)
            if (filters[i].hier == q->levels[k].hier && filters[i].level <= q->levels[k].level) {
                filters[req->where.n++] = filters[i];
                break;
            }
}

/* The request with fewer measures, and less of an axis or of what lies above it. */
static agg_request narrowed(world *w, const naive_facts *f, const agg_request *req, arena *a)
{
    agg_request less = *req;
    agg_filter *filters = arena_array(a, agg_filter, req->where.n + 1);
    if (req->n_measures) less.n_measures = roll(w, req->n_measures) + 1;
    if (req->n_axes == 0) return less;
    const agg_axis *x = &req->axes[roll(w, req->n_axes)];
    agg_filter *g = &filters[req->where.n];
    if (req->where.n) memcpy(filters, req->where.filters, req->where.n * sizeof *filters);
    *g = (agg_filter){.hier = x->hier, .level = roll(w, x->level + 1), .own_only = true};
    uint32_t n = hier_at(f, x->hier)->levels[g->level].n, *ranks = arena_array(a, uint32_t, n);
    for (uint32_t r = 0; r < n; r++)
        if (roll(w, 2)) ranks[g->n++] = r;
    g->ranks = ranks;
    less.where = (agg_conj){req->where.n + 1, filters};
    return less;
}

static bool is_computed(const agg_request *req)
{
    bool is = false;
    for (uint32_t i = 0; i < req->n_measures; i++) {
        const measure *m = &req->cube->measures[req->measures[i]];
        is |= m->value || m->n_conditions;
    }
    return is;
}

static void count_answer(world *w, const agg_request *req, const agg_result *r)
{
    bool is_kept = r->cuboid.ptr || r->is_cached;
    w->n.plane_reads += r->n_plane_reads;
    w->n.by_cuboid += r->cuboid.ptr != NULL;
    w->n.by_cache += r->is_cached;
    w->n.computed += is_kept && is_computed(req);
}

/* `want`: of the request without tests. */
static void compare_cached(world *w, const naive_facts *f, agg_request *req, agg_result want, arena *a,
                           const char *what)
{
    pt_err err = {0};
    limits l = {0};
    agg_result got;
    req->no_index = req->no_cuboid = req->no_cache = false;
    for (int i = 0; i < 2; i++) {
        assert_ok(aggregate_run(f->view, warehouse_pool(w->s->w), &l, req, a, &got, &err));
        naive_compare(req, &want, &got, what);
    }
    count_answer(w, req, &got); /* large results are not kept */
    agg_request less = narrowed(w, f, req, a);
    want = naive_run(f, &less, NULL, a, NULL);
    assert_ok(aggregate_run(f->view, warehouse_pool(w->s->w), &l, &less, a, &got, &err));
    naive_compare(&less, &want, &got, what);
    count_answer(w, &less, &got);
}

/* Now and then the conditions of some measure for all facts. */
static naive_tests some_tests(world *w, const naive_facts *f, agg_request *req, arena *a)
{
    const measure *m = &f->cube->measures[roll(w, f->cube->n_measures)];
    const ast_measure *def = naive_definition(f->cube, m);
    if (m->n_conditions == 0 || roll(w, 3)) return (naive_tests){0};
    const ast **where = arena_make(a, const ast *);
    *where = def->where;
    req->n_tests = m->n_conditions;
    req->tests = m->conditions;
    return (naive_tests){1, where};
}

static void count_plan(world *w, const agg_request *req, arena *a)
{
    pt_err err = {0};
    agg_plan p;
    bool is_permuted = false;
    agg_source facts = agg_facts(&w->s->v, req->cube);
    assert_ok(agg_plan_make(&w->s->v, req, &facts, a, &p, &err));
    for (uint32_t i = 0; i < p.n_axes; i++) is_permuted |= p.axes[i].is_by_member && p.axes[i].dense_of;
    w->n.proved_by_sum += p.scan.n_rows > 0 && p.proof == PROOF_SUM;
    w->n.by_member += p.scan.n_rows > 0 && is_permuted;
    w->n.hot += p.hot.n_words > 0;
}

static void compare_all_ways(world *w, const naive_facts *f, agg_request *req, arena *a, const char *what)
{
    static const unsigned threads[] = {1, 2, 8};
    pt_err err = {0};
    bool is_over;
    naive_tests given = some_tests(w, f, req, a);
    agg_result want = naive_run(f, req, &given, a, &is_over);
    count_plan(w, req, a);
    for (size_t i = 0; i < ARRAY_LEN(threads); i++)
        for (int no_index = 0; no_index < 2; no_index++) {
            limits l = {.threads = threads[i]};
            agg_result got;
            char text[128];
            req->no_index = no_index;
            req->no_cuboid = false;
            snprintf(text, sizeof text, "%s, %u threads%s", what, threads[i], no_index ? ", no index" : "");
            req->no_cache = true;
            pt_status st = aggregate_run(f->view, warehouse_pool(w->s->w), &l, req, a, &got, &err);
            if (is_over) {
                if (st != PT_VALUE) fail_msg("%s: a sum has more than 38 digits, but not here", text);
                continue;
            }
            assert_ok(st);
            naive_compare(req, &want, &got, text);
            count_answer(w, req, &got);
            if (!got.cuboid.ptr) continue;
            req->no_cuboid = true;
            assert_ok(aggregate_run(f->view, warehouse_pool(w->s->w), &l, req, a, &got, &err));
            assert_null(got.cuboid.ptr);
            naive_compare(req, &want, &got, text);
        }
    if (req->n_tests && !is_over) want = naive_run(f, req, NULL, a, &is_over);
    req->n_tests = 0;
    if (!is_over) compare_cached(w, f, req, want, a, what);
    strbuf text = {0};
    assert_ok(aggregate_explain(f->view, &(limits){0}, req, 1, &text, &err));
    assert_true(text.len > 0);
    strbuf_free(&text);
}

/* The same measures by some of the levels, or by levels above, of some members. */
static agg_request related(world *w, const naive_facts *f, const agg_request *req, arena *a)
{
    agg_request r = *req;
    agg_axis *axes = arena_array(a, agg_axis, req->n_axes);
    agg_filter *filters = arena_array(a, agg_filter, req->where.n + req->n_axes);
    r.n_axes = r.where.n = 0;
    for (uint32_t i = 0; i < req->where.n; i++)
        if (roll(w, 8)) filters[r.where.n++] = req->where.filters[i];
    for (uint32_t i = 0; i < req->n_axes; i++) {
        agg_axis x = req->axes[i];
        bool is_tree = f->cube->hiers[x.hier].hierarchy->is_parent_child;
        if (!is_tree) x.level = roll(w, x.level + 1);
        if (is_tree && roll(w, 4) == 0) x.own_only = !x.own_only;
        if (roll(w, 4)) axes[r.n_axes++] = x;
        if (roll(w, 4)) continue;
        agg_filter *g = &filters[r.where.n++];
        *g = some_filter(w, f, NULL, a);
        if (roll(w, 4) == 0) continue; /* on any hierarchy */
        uint32_t n = hier_at(f, x.hier)->levels[x.level].n, *ranks = arena_array(a, uint32_t, n);
        *g = (agg_filter){.hier = x.hier, .level = x.level, .own_only = true};
        for (uint32_t k = 0; k < n; k++)
            if (roll(w, 2)) ranks[g->n++] = k;
        g->ranks = ranks;
    }
    for (uint32_t i = r.n_axes; i-- > 1;) {
        uint32_t k = roll(w, i + 1);
        agg_axis swap = axes[i];
        axes[i] = axes[k], axes[k] = swap;
    }
    r.axes = axes;
    r.where.filters = filters;
    return r;
}

static bool has_counts(const cube *c, const agg_request *req)
{
    bool has = false;
    for (uint32_t i = 0; i < req->n_measures; i++) has |= c->measures[req->measures[i]].agg == AGG_DISTINCT;
    return has;
}

/* Requests asked for together are answered as if each were asked alone. */
static void compare_together(world *w, const naive_facts *f, const agg_request *req, arena *a,
                             const char *what)
{
    enum { MOST = 6 };
    pt_err err = {0};
    limits l = {.threads = 1 + roll(w, 3)};
    agg_request reqs[MOST];
    agg_result want[MOST], got[MOST];
    bool any_over = false;
    uint32_t n = 2 + roll(w, MOST - 1), n_measures = 0, *measures = arena_array(a, uint32_t, req->n_measures);
    strbuf text = {0};
    reqs[0] = *req;
    reqs[0].no_cache = true;
    reqs[0].no_cuboid = roll(w, 2);
    reqs[0].measures = measures;
    bool keeps_counts = roll(w, 2); /* distinct counts are shared where sets are small */
    for (uint32_t i = 0; i < req->n_measures; i++)
        if (f->cube->measures[req->measures[i]].agg != AGG_DISTINCT || keeps_counts)
            measures[n_measures++] = req->measures[i];
    reqs[0].n_measures = n_measures;
    naive_tests given = some_tests(w, f, &reqs[0], a);
    for (uint32_t i = 1; i < n; i++) reqs[i] = related(w, f, &reqs[0], a);
    if (roll(w, 3) == 0) reqs[0] = reqs[--n]; /* the finest was not asked for */
    for (uint32_t i = 0; i < n; i++) {
        bool is_over;
        want[i] = naive_run(f, &reqs[i], &given, a, &is_over);
        any_over |= is_over;
    }
    pt_status st = aggregate_run_all(f->view, warehouse_pool(w->s->w), &l, reqs, n, a, got, &err);
    if (any_over && st != PT_VALUE) fail_msg("%s: a sum has more than 38 digits, but not here", what);
    if (any_over) return;
    assert_ok(st);
    for (uint32_t i = 0; i < n; i++) {
        naive_compare(&reqs[i], &want[i], &got[i], what);
        w->n.derived += got[i].is_derived;
        w->n.derived_counts += got[i].is_derived && has_counts(f->cube, &reqs[0]);
    }
    assert_ok(aggregate_explain(f->view, &l, reqs, n, &text, &err));
    strbuf_free(&text);
}

static void ask(world *w, uint64_t seed, unsigned n_requests)
{
    naive_facts f = naive_read(w->s, "C");
    for (unsigned i = 0; i < n_requests; i++) {
        arena *a = arena_new(0);
        char what[64];
        snprintf(what, sizeof what, "seed %llu, request %u", (unsigned long long)seed, i);
        agg_request req = some_request(w, &f, a);
        suit_cuboid(w, &req);
        compare_all_ways(w, &f, &req, a, what);
        if (i % 3 == 0) compare_together(w, &f, &req, a, what);
        arena_free(a);
    }
    naive_facts_done(&f);
}

static answers run_world(uint64_t seed, unsigned n_requests)
{
    static const char *const levels[] = {"scalar", "avx2", "avx512"}; /* one that there is not is ignored */
    world w = {.seed = seed, .has_many_things = seed % 16 == 1};
    setenv("PT_ISA", levels[seed % ARRAY_LEN(levels)], 1);
    make_world(&w);
    uint64_t before = w.seed;
    ask(&w, seed, n_requests);
    put_facts(&w, 1 + roll(&w, 1500));
    w.seed = before; /* the same requests, of other facts */
    ask(&w, seed, n_requests / 2);
    shop_close(w.s);
    return w.n;
}

static void random_requests_match(void **state)
{
    (void)state;
    answers all = {0};
    for (uint64_t seed = 1; seed <= N_SEEDS; seed++) {
        answers n = run_world(seed, 14);
        all.by_cuboid += n.by_cuboid, all.by_cache += n.by_cache, all.computed += n.computed;
        all.derived += n.derived, all.derived_counts += n.derived_counts;
        all.plane_reads += n.plane_reads;
    }
    if (!UNIT_ALL_ROUNDS) return;
    assert_true(all.by_cuboid > 25 && all.by_cache > 25 &&
                all.computed >= N_SEEDS); /* else they were not tested */
    assert_true(all.derived > 2 * N_SEEDS && all.derived_counts > N_SEEDS / 2); /* nor sharing */
    assert_true(all.plane_reads > N_SEEDS);                                     /* nor planes */
}

/* A few measures by all members of a large level, every other time by each member of a role. */
static agg_request large_request(world *w, const naive_facts *f, arena *a)
{
    static const char *const names[] = {"n", "si", "li", "hi", "ai", "ci", "sd", "hd", "lw", "dt", "dp"};
    const cube *c = f->cube;
    agg_request req = some_request(w, f, a);
    uint32_t *measures = arena_array(a, uint32_t, c->n_measures);
    agg_axis *axes = arena_array(a, agg_axis, c->n_hiers);
    bool wants_all = roll(w, 2);
    req.n_measures = 1 + roll(w, 3);
    for (uint32_t i = 0; i < req.n_measures; i++) {
        const char *name = names[roll(w, ARRAY_LEN(names))];
        while (!str_eq(c->measures[measures[i]].name, str_of(name))) measures[i]++;
    }
    req.measures = measures;
    req.axes = axes;
    req.n_axes = 0;
    for (uint32_t h = roll(w, c->n_hiers), n = 1 + (roll(w, 3) == 0); req.n_axes < n;
         h = (h + 1) % c->n_hiers) {
        const hier_view *x = hier_at(f, h);
        uint32_t n_members = dim_count(view_dim(f->view, c->roles[c->hiers[h].role].dimension));
        uint32_t n_last = x->levels[x->n_levels - 1].n;
        if (req.n_axes == 0 && (n_last < w->n_people || (wants_all && n_last < n_members))) continue;
        axes[req.n_axes++] = (agg_axis){.hier = h, .level = x->n_levels - 1, .own_only = roll(w, 4) > 0};
    }
    if (roll(w, 3)) req.where.n = 0;
    req.n_any = 0;
    return req;
}

static void ask_large(world *w, unsigned n_requests)
{
    naive_facts f = naive_read(w->s, "C");
    for (unsigned i = 0; i < n_requests; i++) {
        arena *a = arena_new(0);
        char what[64];
        snprintf(what, sizeof what, "values from %lld, request %u", (long long)w->least, i);
        agg_request req = large_request(w, &f, a);
        compare_all_ways(w, &f, &req, a, what);
        if (i % 3 == 0) compare_together(w, &f, &req, a, what);
        arena_free(a);
    }
    naive_facts_done(&f);
}

/* Until a load brings nulls and negative numbers, all integers have 32 bits. */
static void many_groups_match(void **state)
{
    (void)state;
    enum { LARGE_REQUESTS = 7 };
    answers all = {0};
    for (int64_t least = 0; least < 2; least++) {
        world w = {.seed = 11 + (uint64_t)least, .n_things = 6000, .n_people = 5000, .n_values = 5};
        w.days = date_days(2020, 1, 1);
        w.is_even = true;
        w.least = least;
        w.s = shop_open(8);
        shop_define(w.s, definitions);
        for (int i = 0; i < 2; i++) {
            put_members(&w, i == 0);
            put_facts(&w, 20000);
            delete_some(&w);
        }
        ask_large(&w, UNIT_ROUNDS(LARGE_REQUESTS));
        all.hot += w.n.hot, all.by_member += w.n.by_member, all.proved_by_sum += w.n.proved_by_sum;
        w.is_even = false;
        w.null_every = 50;
        put_facts(&w, 500);
        ask_large(&w, 2);
        shop_close(w.s);
    }
    if (!UNIT_ALL_ROUNDS) return;
    if (all.hot < 5 || all.by_member < 2 || all.proved_by_sum < 1)
        fail_msg("only %llu in 32 bits, %llu by member id, %llu without counts of rows",
                 (unsigned long long)all.hot, (unsigned long long)all.by_member,
                 (unsigned long long)all.proved_by_sum);
}

/* The total of one measure. */
static pt_status ask_total(world *w, const char *name, arena *a, agg_result *out, pt_err *err)
{
    limits l = {0};
    const cube *c = shop_cube(w->s, "C");
    uint32_t m = 0;
    while (m < c->n_measures && !str_eq(c->measures[m].name, str_of(name))) m++;
    agg_request req = {.cube = c, .n_measures = 1, .measures = &m, .no_cache = true};
    return aggregate_run(&w->s->v, warehouse_pool(w->s->w), &l, &req, a, out, err);
}

/* Neither loads nor other measures suffer from expressions with more digits than a cuboid holds. */
static void too_many_digits_stay_with_facts(void **state)
{
    (void)state;
    pt_err err = {0};
    agg_result got;
    cuboid_info info;
    arena *a = arena_new(0);
    world w = {.seed = 5, .n_things = 20, .n_people = 20, .n_values = 5, .days = date_days(2020, 1, 1)};
    w.s = shop_open(2);
    shop_define(w.s, definitions);
    put_members(&w, true);
    shop_define(w.s, "ALTER CUBE [C] ADD MEASURE [square] SUM(i * i), MEASURE [top] MAX(b * b),"
                     " MEASURE [huge] SUM(b * b * b)");
    shop_define(w.s, "CREATE CUBOID [q] ON CUBE [C] (LEVEL [Thing].[P], MEASURE [square], [top])");
    put_facts(&w, 1000);
    assert_ok(ask_total(&w, "square", a, &got, &err));
    assert_non_null(got.cuboid.ptr);
    assert_ok(ask_total(&w, "top", a, &got, &err));
    assert_null(got.cuboid.ptr);
    assert_true(got.values[0][0].kind == VAL_DEC);
    shop_define(w.s, "CREATE CUBOID [r] ON CUBE [C] (LEVEL [Thing].[P], MEASURE [si], [huge])");
    put_facts(&w, 1000);
    assert_ok(ask_total(&w, "si", a, &got, &err));
    assert_non_null(got.cuboid.ptr);
    assert_int_equal(ask_total(&w, "huge", a, &got, &err), PT_VALUE);
    for (uint32_t i = 0; i < 2; i++) {
        err = (pt_err){0};
        assert_ok(cuboid_info_get(&w.s->v, &shop_cube(w.s, "C")->cuboids[i], &info, &err));
        assert_string_equal(info.why, "");
    }
    arena_free(a);
    shop_close(w.s);
}

static void print_answers(uint64_t seed, answers n)
{
    printf("seed %llu: %llu answers from cuboids, %llu from the cache, %llu of them of computed measures;"
           " %llu derived, %llu of them distinct counts; %llu without counts of rows, %llu by member id, "
           "%llu in 32 bits\n",
           (unsigned long long)seed, (unsigned long long)n.by_cuboid, (unsigned long long)n.by_cache,
           (unsigned long long)n.computed, (unsigned long long)n.derived,
           (unsigned long long)n.derived_counts, (unsigned long long)n.proved_by_sum,
           (unsigned long long)n.by_member, (unsigned long long)n.hot);
}

int main(int argc, char **argv)
{
    if (argc == 3) {
        for (uint64_t seed = strtoull(argv[1], NULL, 10), n = strtoull(argv[2], NULL, 10); n > 0; seed++, n--)
            print_answers(seed, run_world(seed, 40));
        return 0;
    }
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(random_requests_match),
        cmocka_unit_test(many_groups_match),
        cmocka_unit_test(too_many_digits_stay_with_facts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
