/* test_grid.c - answers read by position equal those computed cell by cell: random statements over a random
 * cube, asked both ways and compared as a whole. */
#include "engine_util.h"
#include "lang/parse.h"
#include "query/query.h"
#include "unit.h"

/* With three measures the people are more cells than are computed without looking for facts first. */
enum {
    N_PLACES = 240,
    N_TOWNS = 40,
    N_PEOPLE = 18000,
    N_STAFF = 30,
    N_FACTS = 5000,
    N_STATEMENTS = UNIT_ROUNDS(250)
};

typedef struct world {
    shop *s;
    uint64_t seed;
} world;

static uint32_t draw(world *w, uint32_t n)
{
    return (uint32_t)(unit_random(&w->seed) % n);
}

/* ---- the cube ---------------------------------------------------------- */

static const char definitions[] =
    "CREATE DIMENSION [Place] (KEY id INTEGER, ATTRIBUTE region TEXT, town TEXT,"
    "  HIERARCHY [Place] ALL (LEVEL [Region] BY region, LEVEL [Town] BY town, LEVEL [Street] BY id));"
    "CREATE DIMENSION [Person] (KEY id INTEGER, ATTRIBUTE sex TEXT,"
    "  HIERARCHY [Person] ALL (LEVEL [Sex] BY sex, LEVEL [Person] BY id));"
    "CREATE DIMENSION [Staff] (KEY id INTEGER, ATTRIBUTE boss INTEGER,"
    "  HIERARCHY [Staff] ALL (LEVEL [Employee] BY id PARENT boss ROOT 0));"
    "CREATE CUBE [G] (DIMENSION [Place], DIMENSION [Person], DIMENSION [Staff],"
    "  MEASURE [Units] SUM(units) INTEGER FORMAT '#,##0',"
    "  MEASURE [Cost] SUM(cost) DECIMAL(12,2) FORMAT '#,##0.00;(#,##0.00);zero;none',"
    "  MEASURE [Mean] AVG(units), MEASURE [Most] MAX(units) FORMAT '|#,##0|style=red',"
    "  MEASURE [People] DISTINCT COUNT([Person]), MEASURE [Rows] COUNT(*) FORMAT '0',"
    "  MEMBER [Measures].[Price] AS [Measures].[Cost] / [Measures].[Units]);";

static void put_members(world *w)
{
    static char texts[N_PLACES][2][16];
    pt_value *v = calloc(3 * (size_t)N_PEOPLE, sizeof *v);
    for (uint32_t i = 0; i < N_PLACES; i++) {
        snprintf(texts[i][0], sizeof texts[i][0], "R%u", i % N_TOWNS % 7);
        snprintf(texts[i][1], sizeof texts[i][1], "T%u", i % N_TOWNS);
        v[3 * i] = value_int(i);
        v[3 * i + 1] = value_text(str_of(texts[i][0]));
        v[3 * i + 2] = value_text(str_of(texts[i][1]));
    }
    shop_members(w->s, "Place", N_PLACES, v, 0);
    for (uint32_t i = 0; i < N_PEOPLE; i++) {
        v[2 * i] = value_int(i);
        v[2 * i + 1] = value_text(i % 3 ? STR("F") : STR("M"));
    }
    shop_members(w->s, "Person", N_PEOPLE, v, 0);
    for (uint32_t i = 0; i < N_STAFF; i++) {
        v[2 * i] = value_int(i + 1);
        v[2 * i + 1] = value_int(i ? draw(w, i) + 1 : 0);
    }
    shop_members(w->s, "Staff", N_STAFF, v, 0);
    free(v);
}

static void put_facts(world *w)
{
    static uint32_t ids[3][N_FACTS];
    static int64_t units[N_FACTS], cost[N_FACTS];
    static uint8_t nulls[N_FACTS];
    for (uint32_t i = 0; i < N_FACTS; i++) {
        ids[0][i] = draw(w, N_PLACES - 20); /* some have no facts */
        ids[1][i] = draw(w, N_PEOPLE);
        ids[2][i] = draw(w, N_STAFF);
        units[i] = draw(w, 3) ? draw(w, 3000) : 0;
        cost[i] = (int64_t)draw(w, 200000) - 100000;
        nulls[i] = draw(w, 4) == 0;
    }
    const seg_batch columns[] = {
        {.ids = ids[0]}, {.ids = ids[1]}, {.ids = ids[2]}, {.ints = units}, {.ints = cost, .nulls = nulls}};
    shop_facts(w->s, "G", N_FACTS, columns);
}

static int setup(void **state)
{
    world *w = calloc(1, sizeof *w);
    assert_non_null(w);
    w->seed = 20;
    w->s = shop_open(3);
    shop_define(w->s, definitions);
    put_members(w);
    put_facts(w);
    shop_view(w->s);
    *state = w;
    return 0;
}

static int teardown(void **state)
{
    world *w = *state;
    shop_close(w->s);
    free(w);
    return 0;
}

/* ---- statements -------------------------------------------------------- */

static const char *const measures[] = {
    "{[Measures].[Units]}",
    "{[Measures].[Units], [Measures].[Cost]}",
    "{[Measures].[Mean], [Measures].[Most], [Measures].[Rows]}",
    "[Measures].Members",
    "{[Measures].[People], [Measures].[Units], [Measures].[People]}",
    "{[Measures].[Cost], [Measures].[Price]}",
};
static const char *const places[] = {
    "[Place].[Region].Members",
    "[Place].[Street].Members",
    "[Place].Members",
    "{[Place].[Street].Members, [Place].[All Places], [Place].[Town].Members}",
    "Head([Place].[Town].Members, 5)",
    "Order([Place].[Street].Members, [Measures].[Units], BDESC)",
    "Filter([Place].[Town].Members, [Measures].[Units] > 9000)",
    "{[Place].[Region].[R1].Children, [Place].[Region].[R1].Children}",
    "{}",
};
static const char *const people[] = {
    "[Person].[Sex].Members",
    "Head([Person].[Person].Members, 40)",
    "Tail([Person].Members, 300)",
    "{[Person].[All Persons], [Person].[Sex].[F]}",
    "TopCount([Person].[Person].Members, 30, [Measures].[Cost])",
    "[Person].[Person].Members",
};
static const char *const staff[] = {
    "[Staff].Members",
    "[Staff].[All Staffs].Children",
    "{[Staff].[Employee].[1].DataMember, [Staff].[Employee].[1]}",
};
static const char *const slicers[] = {
    "",
    "",
    " WHERE [Person].[Sex].[F]",
    " WHERE [Staff].[Employee].[1].FirstChild",
    " WHERE [Staff].[Employee].[1].DataMember",
    " WHERE {[Staff].[Employee].[1].FirstChild, [Staff].[Employee].[1].DataMember}",
    " WHERE ([Measures].[Cost], [Place].[Region].[R2])",
    " WHERE [Measures].[Price]",
    " WHERE [Place].[Region].[R9]",
};
#define TWO_PAIRS                                                                                            \
    "(SELECT {([Place].[Region].[R1], [Person].[Sex].[F]), ([Place].[Region].[R2], [Person].[Sex].[M])}"     \
    " ON 0 FROM [G])"
static const char *const cubes[] = {
    // NOLINTNEXTLINE(bugprone-suspicious-missing-comma): TWO_PAIRS is one text
    "[G]", "[G]", "[G]", "(SELECT {[Place].[Region].[R1], [Place].[Region].[R3]} ON 0 FROM [G])", TWO_PAIRS,
};

#define PICK(w, list) ((list)[draw((w), ARRAY_LEN(list))])

/* A set over one to three hierarchies out of those not used yet. */
static void add_set(world *w, unsigned *used, strbuf *out)
{
    uint32_t n = 0;
    for (uint32_t tries = 0; n == 0 || (n < 3 && tries < 2 && draw(w, 3) == 0); tries++) {
        uint32_t which = draw(w, 4);
        if (*used >> which & 1) {
            if (*used == 15) return;
            continue;
        }
        *used |= 1u << which;
        const char *set = which == 0   ? PICK(w, measures)
                          : which == 1 ? PICK(w, places)
                          : which == 2 ? PICK(w, people)
                                       : PICK(w, staff);
        strbuf_printf(out, "%s%s", n++ ? " * " : "", set);
    }
}

static void make_statement(world *w, strbuf *out)
{
    uint32_t n_axes = draw(w, 10) ? 1 + draw(w, 3) : 0;
    unsigned used = 0;
    strbuf_clear(out);
    strbuf_addz(out, "SELECT ");
    for (uint32_t i = 0; i < n_axes && used != 15; i++) {
        strbuf_printf(out, "%s%s", i ? ", " : "", draw(w, 2) ? "NON EMPTY " : "");
        add_set(w, &used, out);
        strbuf_printf(out, " ON %u", i);
    }
    strbuf_printf(out, " FROM %s%s", PICK(w, cubes), PICK(w, slicers));
    if (draw(w, 5) == 0) strbuf_addz(out, " CELL PROPERTIES VALUE, FORMATTED_VALUE, FORE_COLOR");
    assert_false(out->failed);
}

/* ---- both ways --------------------------------------------------------- */

static pt_status ask(world *w, pt_str text, bool no_grid, arena *a, cellset **out, pt_err *err)
{
    ast_stmt *stmt;
    query_env env = {.view = &w->s->v, .pool = warehouse_pool(w->s->w), .no_grid = no_grid};
    env.limits.cells = 200000;
    env.limits.threads = 1 + draw(w, 3);
    PT_TRY(parse_statement(text, a, &stmt, err));
    return query_select(&env, stmt->select, text, a, out, NULL, err);
}

static bool same_text(pt_str a, pt_str b)
{
    return str_eq(a, b) && !a.ptr == !b.ptr && (!a.ptr || a.ptr[a.len] == 0);
}

static bool same_axes(const cs_axis *a, const cs_axis *b)
{
    if (a->n_positions != b->n_positions || a->n_hiers != b->n_hiers) return false;
    for (size_t i = 0; i < (size_t)a->n_positions * a->n_hiers; i++)
        if (!str_eq(a->members[i]->unique_name, b->members[i]->unique_name)) return false;
    return true;
}

static bool same_cell(const cs_cell *a, const cs_cell *b)
{
    return a->ordinal == b->ordinal && a->value.kind == b->value.kind &&
           (a->value.kind == VAL_NULL || value_eq(a->value, b->value)) &&
           same_text(a->formatted, b->formatted) && same_text(a->error, b->error) &&
           same_text(a->style, b->style);
}

static void compare(const char *text, const cellset *a, const cellset *b)
{
    if (a->n_axes != b->n_axes) fail_msg("%s: axes differ", text);
    for (uint32_t i = 0; i < a->n_axes; i++)
        if (!same_axes(&a->axes[i], &b->axes[i])) fail_msg("%s: axis %u differs", text, i);
    if (a->n_cells != b->n_cells)
        fail_msg("%s: %llu cells, %llu one by one", text, (unsigned long long)a->n_cells,
                 (unsigned long long)b->n_cells);
    for (uint64_t i = 0; i < a->n_cells; i++)
        if (!same_cell(&a->cells[i], &b->cells[i]))
            fail_msg("%s: cell %llu is '" STR_FMT "', '" STR_FMT "' by itself", text,
                     (unsigned long long)a->cells[i].ordinal, STR_ARG(a->cells[i].formatted),
                     STR_ARG(b->cells[i].formatted));
}

/* Returns whether there was an answer. */
static bool ask_both_ways(world *w, const char *text)
{
    pt_err err = {0}, err_one = {0};
    cellset *cs = NULL, *one = NULL;
    arena *a = arena_new(0);
    pt_status st = ask(w, str_of(text), false, a, &cs, &err);
    pt_status st_one = ask(w, str_of(text), true, a, &one, &err_one);
    if (st != st_one) fail_msg("%s: %s, but %s one by one", text, err.msg, err_one.msg);
    if (st == PT_OK) compare(text, cs, one);
    arena_free(a);
    return st == PT_OK;
}

static void random_statements_agree(void **state)
{
    world *w = *state;
    strbuf text = {0};
    uint32_t n_answers = 0;
    for (uint32_t i = 0; i < N_STATEMENTS; i++) {
        make_statement(w, &text);
        n_answers += ask_both_ways(w, text.ptr);
    }
    strbuf_free(&text);
    assert_true(n_answers > 0);
    if (UNIT_ALL_ROUNDS) assert_true(n_answers > N_STATEMENTS / 2);
}

static void wide_answers_agree(void **state)
{
    static const char *const statements[] = {
        "SELECT {[Measures].[Units], [Measures].[People], [Measures].[Cost]} ON 0,"
        " NON EMPTY [Person].[Person].Members ON 1 FROM [G]",
        "SELECT {[Measures].[Units], [Measures].[Cost], [Measures].[Most]} ON 0,"
        " [Person].[Person].Members ON 1 FROM [G]",
        "SELECT NON EMPTY [Person].[Person].Members ON 0, NON EMPTY [Place].[Street].Members ON 1 FROM [G]"
        " WHERE [Measures].[Cost]",
        "SELECT {[Measures].[Units], [Measures].[Cost]} ON 0,"
        " NON EMPTY [Person].[Person].Members * [Place].[Street].Members ON 1 FROM [G]",
    };
    for (size_t i = 0; i < ARRAY_LEN(statements); i++) assert_true(ask_both_ways(*state, statements[i]));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(random_statements_agree),
        cmocka_unit_test(wide_answers_agree),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
