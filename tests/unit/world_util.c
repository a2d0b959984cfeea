/* world_util.c - random cubes: what is defined, loaded, moved and deleted. */
#include "world_util.h"

#include "base/date.h"
#include "naive_expr.h"
#include "unit.h"

/* ---- definitions --------------------------------------------------------------------- */

const char world_definitions[] =
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

/* ---- members and facts ---------------------------------------------------------------- */

uint32_t world_roll(world *w, uint32_t n)
{
    return (uint32_t)(unit_random(&w->seed) % n);
}

static pt_value small_int(world *w)
{
    return world_roll(w, 9) == 0 ? value_null() : value_int(world_roll(w, w->n_values));
}

static pt_value small_text(world *w)
{
    static const char *const texts[] = {"", "Köln", "大连", "a", "b", "c", "d", "e"};
    uint32_t i = world_roll(w, ARRAY_LEN(texts) + 1);
    return i == ARRAY_LEN(texts) ? value_null() : value_text(str_of(texts[i]));
}

void world_put_members(world *w, bool is_first)
{
    uint32_t n = is_first ? w->n_things : w->n_things / 3;
    pt_value *v = calloc((n + w->n_people) * 4 + 4, sizeof *v);
    for (uint32_t i = 0; i < n; i++) {
        v[i * 4] = value_int(is_first ? i : world_roll(w, w->n_things + w->n_things / 4));
        v[i * 4 + 1] = small_int(w), v[i * 4 + 2] = small_int(w), v[i * 4 + 3] = small_text(w);
    }
    shop_members(w->s, "Thing", n, v, w->days);
    n = is_first ? w->n_people : w->n_people / 3;
    for (uint32_t i = 0; i < n; i++) {
        int64_t key = is_first ? i + 1 : world_roll(w, w->n_people) + 1;
        v[i * 3] = value_int(key);
        v[i * 3 + 1] =
            world_roll(w, 8) == 0 ? value_null() : value_int(world_roll(w, (uint32_t)key)); /* 0: root */
        v[i * 3 + 2] = small_int(w);
    }
    shop_members(w->s, "Person", n, v, w->days);
    w->days += 10;
    free(v);
}

/* A multiple of 1/1024 with up to 53 significant bits, below 2^58. */
static double some_double(world *w)
{
    int64_t mantissa = (int64_t)(unit_random(&w->seed) >> (11 + world_roll(w, 50)));
    double v = (double)mantissa / 1024 * (double)(1 << world_roll(w, 16));
    return world_roll(w, 2) || v == 0 ? v : -v; /* never -0 */
}

/* The first role is of time; what others have changes with it. */
static uint32_t id_by_time(world *w, uint32_t role, uint32_t first_day, uint32_t n_members)
{
    enum { A_FEW = 5, DAYS = 60 };
    if (role == 0) return first_day + world_roll(w, A_FEW);
    if (!w->has_leavers) return world_roll(w, n_members - n_members / 10); /* a tenth never come */
    uint32_t n_at_a_time = n_members / 2;
    return (n_members - n_at_a_time) * first_day / DAYS + world_roll(w, n_at_a_time);
}

void world_put_facts(world *w, uint32_t n)
{
    const cube *c = shop_cube(w->s, "C");
    uint32_t *ids[8], n_roles = c->n_roles, n_values = c->n_columns;
    uint8_t *nulls[16];
    int64_t *ints[16];
    seg_batch columns[16] = {0};
    assert_true(n_roles <= 8 && n_roles + n_values <= 16);
    uint32_t skew = world_roll(w, 3), first_day = world_roll(w, 60);
    for (uint32_t i = 0; i < n_roles; i++) {
        uint32_t n_members = dim_count(view_dim(&w->s->v, c->roles[i].dimension));
        ids[i] = calloc(n, sizeof **ids);
        for (uint32_t r = 0; r < n; r++) {
            ids[i][r] = world_roll(w, skew && world_roll(w, 3) ? n_members / 10 + 1 : n_members);
            if (i == 0 && skew == 2) ids[i][r] = first_day + world_roll(w, 20);
            if (i == 0 && w->is_one_day) ids[i][r] = 0;
            if (w->is_by_time) ids[i][r] = id_by_time(w, i, first_day, n_members);
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
            else if (w->is_by_time)
                ints[k][r] = (first_day * 1000 + world_roll(w, 2000)) * w->sign;
            else if (w->is_even)
                ints[k][r] = w->least + (world_roll(w, 5) ? (int64_t)(unit_random(&w->seed) >> 33)
                                                          : world_roll(w, 2) * (int64_t)(UINT32_MAX - 1));
            else
                ints[k][r] =
                    w->sign ? w->sign * (1 + world_roll(w, 2000)) : (int64_t)world_roll(w, 2000) - 1000;
            nulls[k][r] = w->null_every && world_roll(w, w->null_every) == 0;
        }
        if (f->type == TYPE_DOUBLE)
            columns[n_roles + k].doubles = (const double *)(const void *)ints[k];
        else
            columns[n_roles + k].ints = ints[k];
        columns[n_roles + k].nulls = w->null_every && world_roll(w, 4) ? nulls[k] : NULL;
    }
    shop_facts(w->s, "C", n, columns);
    shop_view(w->s);
    for (uint32_t i = 0; i < n_roles; i++) free(ids[i]);
    for (uint32_t k = 0; k < n_values; k++) free(ints[k]), free(nulls[k]);
    // NOLINTNEXTLINE(clang-analyzer-unix.Malloc): all that were made above are freed here
}

void world_delete_some(world *w)
{
    pt_err err = {0};
    store_txn *txn;
    uint32_t n;
    const cube *c = shop_cube(w->s, "C");
    const snapshot_seg *segs = snapshot_segs(w->s->v.snap, c->id, &n);
    const snapshot_seg *target = &segs[world_roll(w, n)];
    uint32_t rows = seg_rows(target->seg), from = world_roll(w, rows),
             len = world_roll(w, 3) ? world_roll(w, 20) + 1 : rows;
    roaring_bitmap_t *gone = roaring_bitmap_create();
    for (uint32_t i = 0; i < len && from + i < rows; i++)
        if (world_roll(w, 2)) roaring_bitmap_add(gone, from + i);
    assert_ok(store_begin(warehouse_store(w->s->w), 0, &txn, &err));
    assert_ok(txn_delete_rows(txn, c->id, target->id, gone, &err));
    shop_commit(w->s, txn);
    roaring_bitmap_free(gone);
}

/* Another hierarchy under a name that segments have indexes for. */
static void redefine(world *w)
{
    if (world_roll(w, 2))
        shop_define(w->s, "ALTER CUBE [C] ADD MEASURE [sl] SUM(late) INTEGER, MEASURE [cl] COUNT(late)");
    if (world_roll(w, 2))
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
    uint32_t n_levels = 0, most = 1 + world_roll(w, 4);
    bool has_thing = false, has_person = false;
    strbuf_printf(&b, "CREATE OR REPLACE CUBOID [q%u] ON CUBE [C] (LEVEL ", number);
    for (uint32_t h = world_roll(w, c->n_hiers); n_levels < most;
         h = (h + 1 + world_roll(w, 2)) % c->n_hiers) {
        const cube_hier *x = &c->hiers[h];
        const level *l = &x->hierarchy->levels[world_roll(w, x->hierarchy->n_levels)];
        strbuf name = {0};
        strbuf_printf(&name, STR_FMT ".[" STR_FMT "]", STR_ARG(x->unique_name), STR_ARG(l->name));
        if (n_levels == 0 || !strstr(b.ptr, x->unique_name.ptr))
            strbuf_printf(&b, "%s%s", n_levels ? ", " : "", name.ptr);
        strbuf_free(&name);
        has_thing |= str_eq(c->roles[x->role].name, STR("Thing"));
        has_person |= str_eq(c->roles[x->role].name, STR("Person"));
        n_levels++;
    }
    uint32_t kind = world_roll(w, 10);
    if (kind < ARRAY_LEN(measures) && (kind != 3 || (has_thing && has_person)))
        strbuf_printf(&b, ", MEASURE %s", measures[kind]);
    strbuf_addz(&b, ")");
    shop_define(w->s, b.ptr);
    strbuf_free(&b);
}

/* Some cuboids, at some time between loads. */
static void change_cuboids(world *w)
{
    w->s->forgets_cuboids = world_roll(w, 5) == 0;
    w->s->cuboid_slice = world_roll(w, 2) ? w->least_slice + world_roll(w, 100) : 0;
    while (world_roll(w, 3)) add_cuboid(w, world_roll(w, 6));
}

static void refresh_cuboids(world *w)
{
    pt_err err = {0};
    limits few = {.cells = world_roll(w, 2) * 60};
    uint32_t n;
    cuboid_report r;
    if (world_roll(w, 4)) assert_ok(cuboid_refresh(w->s->w, NULL, &few, &n, &err));
    shop_view(w->s);
    for (uint32_t i = world_roll(w, 2); i < schema_n_cubes(w->s->v.schema); i++)
        assert_ok(cuboid_verify(&w->s->v, warehouse_pool(w->s->w), &few, schema_cube_at(w->s->v.schema, i),
                                &r, &err));
}

/* Measures over expressions and under conditions. */
static void add_measures(world *w)
{
    strbuf text = {0};
    pt_err err = {0};
    define_result result;
    for (uint32_t i = 0, n = world_roll(w, 8); i < n; i++) {
        strbuf_printf(&text, i ? ", MEASURE [x%u] " : "ALTER CUBE [C] ADD MEASURE [x%u] ", i);
        naive_some_measure(&w->seed, &text);
    }
    if (text.len && shop_try(w->s, text.ptr, &result, &err) != PT_OK)
        fail_msg("%s\ngives %s", text.ptr, err.msg);
    strbuf_free(&text);
}

/* Now and then more than one block, which has 65,536 rows; then cuboids are made in fewer slices. */
static uint32_t some_rows(world *w)
{
    enum { LARGE = 66000, MAX_ROWS = 72000, LARGE_SLICE = 1000 };
    if (world_roll(w, 6)) return 1 + world_roll(w, 1500);
    w->least_slice = LARGE_SLICE;
    return LARGE + world_roll(w, MAX_ROWS - LARGE);
}

void world_make(world *w)
{
    static const uint32_t sizes[] = {3, 20, 100, 3000};
    uint32_t n_loads = 1 + world_roll(w, 4);
    w->s = shop_open(8);
    w->n_things = sizes[world_roll(w, 4)];
    w->n_people = sizes[world_roll(w, 3)];
    w->n_values = 2 + world_roll(w, 12);
    w->null_every = world_roll(w, 3) ? 2 + world_roll(w, 20) : 0;
    w->sign = (int64_t)world_roll(w, 3) - 1;
    w->least_slice = 5;
    w->days = date_days(2020, 1, 1);
    shop_define(w->s, world_definitions);
    for (uint32_t i = 0; i < n_loads; i++) {
        world_put_members(w, i == 0);
        world_put_facts(w, some_rows(w));
        if (world_roll(w, 3) == 0) world_delete_some(w);
        if (world_roll(w, 4) == 0)
            world_put_members(w, false); /* moves after the facts: older indexes must not be used */
        change_cuboids(w);
        if (world_roll(w, 4) == 0) redefine(w);
    }
    refresh_cuboids(w);
    add_measures(w);
}
