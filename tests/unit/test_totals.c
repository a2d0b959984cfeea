/* test_totals.c - right totals: compound slicers, subselects and Aggregate over random sets of tuples,
 * against sums over the facts made here.
 *
 * Sums and counts under a compound slicer add up tuple by tuple, so that what overlaps counts as often as it
 * is listed; distinct counts, minima and averages are of the facts of any tuple. A subselect keeps facts,
 * each once. */
#include "engine_util.h"
#include "lang/parse.h"
#include "query/query.h"
#include "unit.h"

enum { N_HIERS = 3, N_FACTS = 300, MAX_TUPLES = 90, N_MEASURES = 7, MAX_TEXT = 8000 };
enum { GEO, WHO, DAY };
enum { UNITS, PEOPLE, ROWS, TOP, LOW, MEAN, RATIO };

/* Members below one of a level, counted at the lowest level; [hier][level], level 0 is the all member. */
static const uint32_t width[N_HIERS][4] = {{27, 9, 3, 1}, {12, 6, 1, 0}, {8, 4, 1, 0}};
static const uint32_t n_levels[N_HIERS] = {4, 3, 3};

typedef struct place { /* a member */
    uint32_t level, index;
} place;

typedef struct tuples { /* over the hierarchies of `mask` */
    unsigned mask;
    uint32_t n;
    bool counts_repeats; /* a tuple listed twice counts twice: in Aggregate, not in a slicer */
    place at[MAX_TUPLES][N_HIERS];
} tuples;

typedef struct world {
    shop *s;
    uint32_t leaf[N_HIERS][N_FACTS];
    int64_t units[N_FACTS];
    uint64_t seed;
} world;

static uint32_t draw(world *w, uint32_t n)
{
    return (uint32_t)(unit_random(&w->seed) % n);
}

/* ---- the cube ---------------------------------------------------------- */

static const char definitions[] =
    "CREATE DIMENSION [Geo] (KEY id INTEGER, ATTRIBUTE country TEXT, state TEXT, city TEXT,"
    "  HIERARCHY [Geo] ALL (LEVEL [Country] BY country, LEVEL [State] BY state, LEVEL [City] BY city));"
    "CREATE DIMENSION [Who] (KEY id INTEGER, ATTRIBUTE sex TEXT,"
    "  HIERARCHY [Who] ALL (LEVEL [Sex] BY sex, LEVEL [Person] BY id));"
    "CREATE DIMENSION [Day] (KEY id INTEGER, ATTRIBUTE y TEXT,"
    "  HIERARCHY [Day] ALL (LEVEL [Year] BY y, LEVEL [Month] BY id));"
    "CREATE CUBE [T] (DIMENSION [Geo], DIMENSION [Who], DIMENSION [Day],"
    "  MEASURE [Units] SUM(units) INTEGER, MEASURE [People] DISTINCT COUNT([Who]), MEASURE [Rows] COUNT(*),"
    "  MEASURE [Top] MAX(units) INTEGER, MEASURE [Low] MIN(units) INTEGER, MEASURE [Mean] AVG(units) INTEGER,"
    "  MEMBER [Measures].[Ratio] AS [Measures].[Units] / [Measures].[Rows]);";

static void name_of(uint32_t hier, place p, char *out, size_t size)
{
    static const char *const all[N_HIERS] = {"[Geo].[All Geos]", "[Who].[All Whos]", "[Day].[All Days]"};
    if (p.level == 0) {
        snprintf(out, size, "%s", all[hier]);
    } else if (hier == GEO) {
        uint32_t leaf = p.index * width[GEO][p.level];
        int n = snprintf(out, size, "[Geo].[c%u]", leaf / 9);
        if (p.level > 1) n += snprintf(out + n, size - (size_t)n, ".[s%u]", leaf / 3);
        if (p.level > 2) snprintf(out + n, size - (size_t)n, ".[t%u]", leaf);
    } else {
        uint32_t leaf = p.index * width[hier][p.level];
        int n = snprintf(out, size, "[%s].[%c%u]", hier == WHO ? "Who" : "Day", hier == WHO ? 'x' : 'y',
                         leaf / width[hier][1]);
        if (p.level > 1) snprintf(out + n, size - (size_t)n, ".[%u]", leaf);
    }
}

static void put_members(shop *s, const char *dim, uint32_t hier, uint32_t n_attrs)
{
    static char text[27][3][16];
    pt_value v[27 * 4];
    for (uint32_t i = 0; i < width[hier][0]; i++) {
        v[i * n_attrs] = value_int(i);
        for (uint32_t a = 1; a < n_attrs; a++) {
            snprintf(text[i][a - 1], sizeof text[i][a - 1], "%c%u",
                     hier == GEO   ? "cst"[a - 1]
                     : hier == WHO ? 'x'
                                   : 'y',
                     i / width[hier][a]);
            v[i * n_attrs + a] = value_text(str_of(text[i][a - 1]));
        }
    }
    shop_members(s, dim, width[hier][0], v, 0);
}

static int open_world(void **state)
{
    world *w = *state = calloc(1, sizeof *w);
    assert_non_null(w);
    w->seed = 4711;
    w->s = shop_open(1);
    shop_define(w->s, definitions);
    put_members(w->s, "Geo", GEO, 4);
    put_members(w->s, "Who", WHO, 2);
    put_members(w->s, "Day", DAY, 2);
    for (uint32_t f = 0; f < N_FACTS; f++) {
        for (uint32_t h = 0; h < N_HIERS; h++)
            w->leaf[h][f] = draw(w, width[h][0] - (h == GEO)); /* t26: none */
        w->units[f] = (int64_t)draw(w, 1000) - 200;
    }
    const seg_batch columns[] = {
        {.ids = w->leaf[GEO]}, {.ids = w->leaf[WHO]}, {.ids = w->leaf[DAY]}, {.ints = w->units}};
    shop_facts(w->s, "T", N_FACTS, columns);
    shop_view(w->s);
    return 0;
}

static int close_world(void **state)
{
    world *w = *state;
    shop_close(w->s);
    free(w);
    return 0;
}

/* ---- random sets ------------------------------------------------------- */

static place draw_place(world *w, uint32_t hier, bool with_all)
{
    place p = {.level = with_all ? draw(w, n_levels[hier]) : 1 + draw(w, n_levels[hier] - 1)};
    p.index = draw(w, width[hier][0] / width[hier][p.level]);
    return p;
}

static tuples draw_tuples(world *w, unsigned allowed, bool with_all)
{
    tuples t = {.n = 1 + draw(w, draw(w, 30) ? 4 : MAX_TUPLES)}; /* now and then many */
    while (t.mask == 0) t.mask = (1 + draw(w, 7)) & allowed;
    for (uint32_t i = 0; i < t.n; i++)
        for (uint32_t h = 0; h < N_HIERS; h++) t.at[i][h] = draw_place(w, h, with_all);
    return t;
}

static void print_set(const tuples *t, char *out)
{
    char name[64];
    size_t n = (size_t)sprintf(out, "{");
    for (uint32_t i = 0; i < t->n; i++) {
        n += (size_t)sprintf(out + n, "%s(", i ? ", " : "");
        for (uint32_t h = 0, any = 0; h < N_HIERS; h++) {
            if (!(t->mask >> h & 1)) continue;
            name_of(h, t->at[i][h], name, sizeof name);
            n += (size_t)sprintf(out + n, "%s%s", any++ ? ", " : "", name);
        }
        n += (size_t)sprintf(out + n, ")");
    }
    sprintf(out + n, "}");
}

/* ---- what is right ----------------------------------------------------- */

static bool holds(const world *w, const tuples *t, uint32_t i, uint32_t fact)
{
    for (uint32_t h = 0; h < N_HIERS; h++)
        if (t->mask >> h & 1 && w->leaf[h][fact] / width[h][t->at[i][h].level] != t->at[i][h].index)
            return false;
    return true;
}

/* How many tuples of the set the fact belongs to; different ones, or all. */
static uint32_t times(const world *w, const tuples *t, uint32_t fact)
{
    uint32_t n = 0;
    for (uint32_t i = 0; i < t->n; i++) {
        bool is_repeated = false;
        for (uint32_t j = 0; j < i && !is_repeated && !t->counts_repeats; j++) {
            is_repeated = true;
            for (uint32_t h = 0; h < N_HIERS; h++)
                if (t->mask >> h & 1 &&
                    (t->at[i][h].level != t->at[j][h].level || t->at[i][h].index != t->at[j][h].index))
                    is_repeated = false;
        }
        n += !is_repeated && holds(w, t, i, fact);
    }
    return n;
}

typedef struct totals {
    double v[N_MEASURES];
    bool has[N_MEASURES];
} totals;

/* kept: sets a fact must belong to (subselects, a cell's tuple); added: the slicer, NULL for none. */
static totals expect(const world *w, const tuples *const *kept, uint32_t n_kept, const tuples *added)
{
    totals t = {0};
    unsigned people = 0;
    double n = 0, sum = 0, once = 0, all = 0;
    for (uint32_t f = 0; f < N_FACTS; f++) {
        uint32_t k = added ? times(w, added, f) : 1;
        double u = (double)w->units[f];
        for (uint32_t i = 0; i < n_kept && k; i++)
            if (times(w, kept[i], f) == 0) k = 0;
        if (k == 0) continue;
        n += k;
        sum += k * u;
        if (once == 0 || u > t.v[TOP]) t.v[TOP] = u;
        if (once == 0 || u < t.v[LOW]) t.v[LOW] = u;
        once++;
        all += u;
        people |= 1u << w->leaf[WHO][f];
    }
    t.v[UNITS] = sum;
    t.v[ROWS] = n;
    t.v[PEOPLE] = __builtin_popcount(people);
    t.v[MEAN] = once > 0 ? all / once : 0;
    t.v[RATIO] = n > 0 ? sum / n : 0;
    for (uint32_t m = 0; m < N_MEASURES; m++) t.has[m] = once > 0;
    return t;
}

/* ---- asking ------------------------------------------------------------ */

#define MEASURES                                                                                             \
    "{[Measures].[Units], [Measures].[People], [Measures].[Rows], [Measures].[Top], [Measures].[Low], "      \
    "[Measures].[Mean], [Measures].[Ratio]} ON 0"

static void check(world *w, const char *statement, const totals *want)
{
    pt_err err = {0};
    arena *a = arena_new(0);
    ast_stmt *stmt;
    cellset *cs;
    query_env env = {.view = &w->s->v, .pool = warehouse_pool(w->s->w)};
    env.limits.cells = 100000;
    pt_str text = str_of(statement);
    pt_status st = parse_statement(text, a, &stmt, &err);
    if (st == PT_OK) st = query_select(&env, stmt->select, text, a, &cs, NULL, &err);
    if (st != PT_OK) fail_msg("%s\n%s", err.msg, statement);
    for (uint32_t m = 0; m < N_MEASURES; m++) {
        const cs_cell *c = cs->axes[0].n_positions == N_MEASURES ? cellset_cell(cs, m) : NULL;
        if (c && c->error.ptr) fail_msg("measure %u: " STR_FMT "\n%s", m, STR_ARG(c->error), statement);
        bool has = c && c->value.kind != VAL_NULL;
        double got = has ? value_as_double(c->value) : 0, right = want->has[m] ? want->v[m] : 0;
        double size = got < 0 ? -got : got;
        if (has != want->has[m] || got - right > 1e-9 * (size + 1) || right - got > 1e-9 * (size + 1))
            fail_msg("measure %u: %s%g instead of %s%g\n%s", m, has ? "" : "none, ", got,
                     want->has[m] ? "" : "none, ", right, statement);
    }
    arena_free(a);
}

/* A tuple of all three hierarchies, as a set of one; the all member where a hierarchy is left out. */
static tuples draw_cell(world *w)
{
    tuples t = draw_tuples(w, 7, true);
    t.mask = 7;
    t.n = 1;
    return t;
}

static void subselects_keep_facts(void **state)
{
    world *w = *state;
    char s[3][MAX_TEXT], cell[MAX_TEXT], q[5 * MAX_TEXT];
    for (int round = 0; round < UNIT_ROUNDS(300); round++) {
        tuples first = draw_tuples(w, 7, true), second = draw_tuples(w, 7, false),
               inner = draw_tuples(w, 7, true);
        tuples at = draw_cell(w);
        const tuples *kept[] = {&first, &at, &inner, &second};
        print_set(&first, s[0]);
        print_set(&second, s[1]);
        print_set(&inner, s[2]);
        print_set(&at, cell);
        snprintf(q, sizeof q, "SELECT " MEASURES " FROM (SELECT %s ON 0 FROM [T]) WHERE %s", s[0], cell);
        totals t = expect(w, kept, 2, NULL);
        check(w, q, &t);
        snprintf(q, sizeof q,
                 "SELECT " MEASURES " FROM (SELECT %s ON 0 FROM (SELECT %s ON 0 FROM [T])) WHERE %s", s[0],
                 s[2], cell);
        t = expect(w, kept, 3, NULL);
        check(w, q, &t);
        if (first.mask & second.mask) continue;
        snprintf(q, sizeof q,
                 "SELECT " MEASURES " FROM (SELECT %s ON 0, %s ON 1 FROM (SELECT %s ON 0 FROM [T])) WHERE %s",
                 s[0], s[1], s[2], cell);
        t = expect(w, kept, 4, NULL);
        check(w, q, &t);
    }
}

static void slicers_add_up_tuple_by_tuple(void **state)
{
    world *w = *state;
    char s[MAX_TEXT], q[4 * MAX_TEXT];
    for (int round = 0; round < UNIT_ROUNDS(400); round++) {
        tuples slicer = draw_tuples(w, 7, false);
        totals t = expect(w, NULL, 0, &slicer);
        print_set(&slicer, s);
        snprintf(q, sizeof q, "SELECT " MEASURES " FROM [T] WHERE %s", s);
        check(w, q, &t);
    }
}

static void slicers_hold_beside_a_place(void **state)
{
    world *w = *state;
    char s[MAX_TEXT], at[MAX_TEXT], q[4 * MAX_TEXT];
    for (int round = 0; round < UNIT_ROUNDS(300); round++) {
        tuples slicer = draw_tuples(w, 3, false), cell = draw_cell(w);
        cell.mask = 7u & ~slicer.mask;
        const tuples *kept[] = {&cell};
        totals t = expect(w, kept, 1, &slicer);
        print_set(&slicer, s);
        print_set(&cell, at);
        snprintf(q, sizeof q, "SELECT " MEASURES ", %s ON 1 FROM [T] WHERE %s", at, s);
        check(w, q, &t);
    }
}

static void slicers_within_subselects(void **state)
{
    world *w = *state;
    char s[2][MAX_TEXT], q[4 * MAX_TEXT];
    for (int round = 0; round < UNIT_ROUNDS(400); round++) {
        tuples slicer = draw_tuples(w, 7, false), inner = draw_tuples(w, 7, true);
        const tuples *kept[] = {&inner};
        totals t = expect(w, kept, 1, &slicer);
        print_set(&slicer, s[0]);
        print_set(&inner, s[1]);
        snprintf(q, sizeof q, "SELECT " MEASURES " FROM (SELECT %s ON 0 FROM [T]) WHERE %s", s[1], s[0]);
        check(w, q, &t);
    }
}

static void aggregates_are_as_slicers(void **state)
{
    world *w = *state;
    char s[2][MAX_TEXT], q[4 * MAX_TEXT];
    for (int round = 0; round < UNIT_ROUNDS(400); round++) {
        static const char *const hiers[] = {"Geo", "Who", "Day"};
        tuples set = draw_tuples(w, 7, false), inner = draw_tuples(w, 7, true);
        const tuples *kept[] = {&inner};
        uint32_t of = (uint32_t)__builtin_ctz(set.mask);
        set.counts_repeats = true;
        totals t = expect(w, kept, 1, &set);
        print_set(&set, s[0]);
        print_set(&inner, s[1]);
        snprintf(q, sizeof q,
                 "WITH MEMBER [%s].[the sum] AS Aggregate(%s) SELECT " MEASURES
                 " FROM (SELECT %s ON 0 FROM [T]) WHERE [%s].[the sum]",
                 hiers[of], s[0], s[1], hiers[of]);
        check(w, q, &t);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(subselects_keep_facts),       cmocka_unit_test(slicers_add_up_tuple_by_tuple),
        cmocka_unit_test(slicers_hold_beside_a_place), cmocka_unit_test(slicers_within_subselects),
        cmocka_unit_test(aggregates_are_as_slicers),
    };
    return cmocka_run_group_tests(tests, open_world, close_world);
}
