/* test_rows.c - expressions evaluated for many tuples at once give what they give tuple by tuple.
 *
 * Random statements over two small cubes and a virtual one of both: sets of several levels, with measures and
 * calculated members among the tuples, slicers of several tuples, formulas over formulas, formats and
 * colours, values of the wrong kind. Each is answered in both ways; positions, values, errors and messages
 * must be equal. */
#include "engine_util.h"
#include "lang/parse.h"
#include "query/query.h"
#include "unit.h"

enum { N_FACTS = 400, N_STATEMENTS = UNIT_ROUNDS(500), DEPTH = 3 };

typedef struct world {
    shop *s;
    uint64_t seed;
    uint32_t n_answered;
} world;

static uint32_t draw(world *w, uint32_t n)
{
    return (uint32_t)(unit_random(&w->seed) % n);
}

/* ---- the cubes --------------------------------------------------------- */

static const char definitions[] =
    "CREATE DIMENSION [Geo] (KEY id INTEGER, ATTRIBUTE country TEXT, state TEXT,"
    "  HIERARCHY [Geo] ALL (LEVEL [Country] BY country, LEVEL [State] BY state, LEVEL [City] BY id));"
    "CREATE DIMENSION [Day] (KEY id INTEGER, ATTRIBUTE y TEXT,"
    "  HIERARCHY [Day] ALL (LEVEL [Year] BY y, LEVEL [Month] BY id));"
    "CREATE CUBE [T] (DIMENSION [Geo], DIMENSION [Day], MEASURE [Units] SUM(units) INTEGER,"
    "  MEASURE [Cost] SUM(cost) DECIMAL(12,2), MEASURE [Places] DISTINCT COUNT([Geo]),"
    "  MEASURE [Mean] AVG(units) INTEGER, MEMBER [Measures].[Ratio] AS [Measures].[Cost] / "
    "[Measures].[Units]);"
    "CREATE CUBE [G] (DIMENSION [Geo], MEASURE [Plan] SUM(goal) INTEGER);"
    "CREATE VIRTUAL CUBE [V] FROM [T], [G] (DIMENSION [T].[Geo], [T].[Day], MEASURE [T].[Units],"
    "  MEASURE [T].[Cost], MEASURE [T].[Places], MEASURE [T].[Mean], MEASURE [G].[Plan],"
    "  MEMBER [T].[Measures].[Ratio]);";

static void put_members(shop *s)
{
    static char text[3][40][8];
    pt_value geo[40][3], day[8][2];
    for (uint32_t i = 0; i < 40; i++) {
        snprintf(text[0][i], sizeof text[0][i], "c%u", i / 20);
        snprintf(text[1][i], sizeof text[1][i], "s%u", i / 8);
        geo[i][0] = value_int(i);
        geo[i][1] = value_text(str_of(text[0][i]));
        geo[i][2] = value_text(str_of(text[1][i]));
    }
    for (uint32_t i = 0; i < 8; i++) {
        snprintf(text[2][i], sizeof text[2][i], "y%u", i / 4);
        day[i][0] = value_int(i);
        day[i][1] = value_text(str_of(text[2][i]));
    }
    shop_members(s, "Geo", 40, geo[0], 0);
    shop_members(s, "Day", 8, day[0], 0);
}

static void put_facts(world *w)
{
    uint32_t geo[N_FACTS], day[N_FACTS];
    int64_t units[N_FACTS], cost[N_FACTS];
    for (uint32_t i = 0; i < N_FACTS; i++) {
        geo[i] = draw(w, 36);
        day[i] = draw(w, 7);
        units[i] = (int64_t)draw(w, 90) - 20;
        cost[i] = draw(w, 10000);
    }
    const seg_batch columns[] = {{.ids = geo}, {.ids = day}, {.ints = units}, {.ints = cost}};
    const seg_batch plans[] = {{.ids = geo}, {.ints = units}};
    shop_facts(w->s, "T", N_FACTS, columns);
    shop_view(w->s);
    shop_facts(w->s, "G", 60, plans);
}

static int open_world(void **state)
{
    world *w = *state = calloc(1, sizeof *w);
    assert_non_null(w);
    w->seed = 20;
    w->s = shop_open(1);
    shop_define(w->s, definitions);
    put_members(w->s);
    put_facts(w);
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

/* ---- random statements -------------------------------------------------- */

#define PICK(w, list) ((list)[draw((w), ARRAY_LEN(list))])

static void print_number(world *w, uint32_t depth, strbuf *out);
static void print_set(world *w, unsigned hiers, uint32_t depth, strbuf *out);

static void print_member(world *w, uint32_t hier, strbuf *out)
{
    static const char *const geo[] = {"[Geo].[All Geos]",
                                      "[Geo].[c0]",
                                      "[Geo].[c1].[s3]",
                                      "[Geo].[c0].[s1].[9]",
                                      "[Geo].CurrentMember",
                                      "[Geo].CurrentMember.Parent",
                                      "[Geo].CurrentMember.PrevMember",
                                      "[Geo].CurrentMember.FirstChild",
                                      "Ancestor([Geo].CurrentMember, [Geo].[Country])",
                                      "Cousin([Geo].CurrentMember, [Geo].[c1])",
                                      "IIf([Measures].[Units] > 100, [Geo].CurrentMember.Parent, [Geo].[c0])",
                                      "Tail([Geo].CurrentMember.Siblings, 1).Item(0)",
                                      "StrToMember(\"[Geo].[\" || [Geo].CurrentMember.Name || \"]\")",
                                      "[Geo].[g]",
                                      "[Geo].DefaultMember"};
    static const char *const day[] = {"[Day].[All Days]",
                                      "[Day].[y0]",
                                      "[Day].[y1].[5]",
                                      "[Day].CurrentMember",
                                      "[Day].CurrentMember.Lag(1)",
                                      "[Day].CurrentMember.Parent",
                                      "ParallelPeriod([Day].[Year], 1, [Day].CurrentMember)",
                                      "ClosingPeriod([Day].[Month], [Day].CurrentMember)",
                                      "[Day].CurrentMember.LastSibling",
                                      "[Day].[y0].[2]"};
    static const char *const measures[] = {
        "[Measures].[Units]",       "[Measures].[Cost]", "[Measures].[Places]", "[Measures].[Mean]",
        "[Measures].[Ratio]",       "[Measures].[Plan]", "[Measures].[a]",      "[Measures].[b]",
        "[Measures].CurrentMember", "[Measures].[word]"};
    strbuf_addz(out, hier == 0 ? PICK(w, measures) : hier == 1 ? PICK(w, geo) : PICK(w, day));
}

static void print_tuple(world *w, strbuf *out)
{
    unsigned hiers = 1 + draw(w, 7);
    bool any = false;
    strbuf_addc(out, '(');
    for (uint32_t h = 0; h < 3; h++) {
        if (!(hiers >> h & 1)) continue;
        if (any) strbuf_addz(out, ", ");
        print_member(w, h, out);
        any = true;
    }
    strbuf_addc(out, ')');
}

static void print_condition(world *w, uint32_t depth, strbuf *out)
{
    static const char *const compare[] = {"=", "<>", "<", "<=", ">", ">="};
    uint32_t kind = depth ? draw(w, 11) : draw(w, 2);
    strbuf_addc(out, '(');
    switch (kind) {
    case 0: strbuf_addz(out, "[Geo].CurrentMember.Name > \"s2\""); break;
    case 1:
        strbuf_addz(out, "IsEmpty(");
        print_number(w, 0, out);
        strbuf_addc(out, ')');
        break;
    case 2:
        print_condition(w, depth - 1, out);
        strbuf_addz(out, draw(w, 2) ? " AND " : " OR ");
        print_condition(w, depth - 1, out);
        break;
    case 3:
        strbuf_addz(out, "NOT ");
        print_condition(w, depth - 1, out);
        break;
    case 4:
        print_member(w, 1, out);
        strbuf_addz(out, draw(w, 4) ? " IS " : " IS NULL OR [Geo].CurrentMember IS ");
        print_member(w, 1, out);
        break;
    case 5:
        print_member(w, 1, out);
        strbuf_addz(out, draw(w, 2) ? " IN " : " NOT IN ");
        print_set(w, 1, depth - 1, out);
        break;
    case 6:
        strbuf_addz(out, "[Geo].CurrentMember.Name ");
        strbuf_addz(out, draw(w, 2) ? "MATCHES \"s[13]|.*2\"" : "NOT MATCHES \"[a-r].*\"");
        break;
    case 7:
        print_tuple(w, out);
        strbuf_addz(out, " IS EMPTY");
        break;
    default:
        print_number(w, depth - 1, out);
        strbuf_printf(out, " %s ", PICK(w, compare));
        print_number(w, depth - 1, out);
        break;
    }
    strbuf_addc(out, ')');
}

static void print_call(world *w, const char *name, uint32_t depth, strbuf *out)
{
    strbuf_printf(out, "%s(", name);
    if (draw(w, 3) == 0)
        strbuf_addz(out,
                    "{[Measures].[Cost], [Measures].[Units], [Measures].[Ratio], [Measures].[Places]} * ");
    print_set(w, 1 + draw(w, depth ? 2 : 3), depth ? depth - 1 : 0, out); /* small ones in large formulas */
    strbuf_addz(out, ", ");
    print_number(w, depth ? depth - 1 : 0, out);
    strbuf_addc(out, ')');
}

static void print_operation(world *w, uint32_t depth, strbuf *out)
{
    strbuf_addc(out, '(');
    print_number(w, depth, out);
    strbuf_printf(out, " %c ", "+-*/"[draw(w, 4)]);
    print_number(w, depth, out);
    strbuf_addc(out, ')');
}

/* CASE over the value of a number or the member at hand. */
static void print_case_of(world *w, uint32_t depth, strbuf *out)
{
    bool is_member = draw(w, 2);
    strbuf_addz(out, "CASE ");
    for (uint32_t i = 0; i < 3; i++) {
        if (i) strbuf_addz(out, " WHEN ");
        is_member ? print_member(w, 1, out) : print_number(w, depth, out);
        if (i) strbuf_addz(out, " THEN ");
        if (i) print_number(w, depth, out);
    }
    if (draw(w, 2)) strbuf_addz(out, " ELSE ");
    strbuf_addz(out, out->ptr[out->len - 1] == ' ' ? "7 END" : " END");
}

static void print_choice(world *w, uint32_t depth, strbuf *out)
{
    bool is_case = draw(w, 2);
    strbuf_addz(out, is_case ? "CASE WHEN " : "IIf(");
    print_condition(w, depth, out);
    strbuf_addz(out, is_case ? " THEN " : ", ");
    print_number(w, depth, out);
    strbuf_addz(out, is_case ? " ELSE " : ", ");
    print_number(w, depth, out);
    strbuf_addz(out, is_case ? " END" : ")");
}

static void print_number(world *w, uint32_t depth, strbuf *out)
{
    static const char *const calls[] = {"Sum", "Avg", "Max", "Min", "Aggregate", "Median"};
    static const char *const leaves[] = {"3", "NULL", "[Geo].CurrentMember.Level.Ordinal", "2.5",
                                         "[Day].CurrentMember.Children.Count"};
    uint32_t kind = depth ? draw(w, 12) : 8 + draw(w, 4);
    switch (kind) {
    case 0:
    case 1:
    case 2: print_operation(w, depth - 1, out); break;
    case 3: print_choice(w, depth - 1, out); break;
    case 4: draw(w, 2) ? print_choice(w, depth - 1, out) : print_case_of(w, depth - 1, out); break;
    case 5: print_call(w, PICK(w, calls), depth - 1, out); break;
    case 6:
        strbuf_addz(out, draw(w, 2) ? "-Abs(" : "CoalesceEmpty(NULL, ");
        print_number(w, depth - 1, out);
        strbuf_addc(out, ')');
        break;
    case 7:
        strbuf_addz(out, "Rank(");
        print_member(w, 1, out);
        strbuf_addz(out, ", ");
        print_set(w, 1, depth - 1, out);
        if (draw(w, 2)) {
            strbuf_addz(out, ", ");
            print_number(w, depth - 1, out);
        }
        strbuf_addc(out, ')');
        break;
    case 8: strbuf_addz(out, PICK(w, leaves)); break;
    case 9: print_member(w, 0, out); break;
    default: print_tuple(w, out); break;
    }
}

/* hiers: 1 Geo, 2 Day, 3 both. */
static void print_plain_set(world *w, unsigned hiers, uint32_t depth, strbuf *out)
{
    static const char *const geo[] = {"[Geo].Members", "[Geo].[City].Members", "[Geo].AllMembers",
                                      "Descendants([Geo].[c0])",
                                      "{[Geo].[State].Members, [Geo].[g], [Geo].[f]}"};
    static const char *const day[] = {"[Day].Members", "[Day].[Month].Members", "[Day].[y0].Children"};
    if (hiers != 3) {
        strbuf_addz(out, hiers == 1 ? PICK(w, geo) : PICK(w, day));
        return;
    }
    strbuf_addz(out, "Crossjoin(");
    print_set(w, 1, depth ? depth - 1 : 0, out);
    strbuf_addz(out, ", ");
    print_set(w, 2, depth ? depth - 1 : 0, out);
    strbuf_addc(out, ')');
}

static void print_set(world *w, unsigned hiers, uint32_t depth, strbuf *out)
{
    static const char *const order[] = {"ASC", "DESC", "BASC", "BDESC"};
    static const char *const ends[] = {"TopCount", "BottomCount", "TopSum", "BottomPercent"};
    uint32_t kind = depth ? draw(w, 8) : 7;
    if (kind >= 5) {
        print_plain_set(w, hiers, depth, out);
        return;
    }
    strbuf_addz(out, kind == 0 ? "Filter(" : kind == 1 ? "Order(" : kind == 2 ? "NonEmpty(" : "");
    if (kind > 2) strbuf_printf(out, "%s(", PICK(w, ends));
    print_set(w, hiers, depth - 1, out);
    strbuf_addz(out, ", ");
    if (kind == 0) {
        print_condition(w, depth - 1, out);
    } else if (kind == 2) {
        strbuf_addz(out, draw(w, 2) ? "[Day].[y1].Children" : "{[Measures].[Units], [Measures].[Ratio]}");
    } else {
        if (kind > 2) strbuf_printf(out, "%u, ", 3 + draw(w, 9));
        print_number(w, depth - 1, out);
        if (kind == 1) strbuf_printf(out, ", %s", PICK(w, order));
    }
    strbuf_addc(out, ')');
}

/* A member's format and colour: texts, and formulas that differ from cell to cell. */
static void print_format(world *w, strbuf *out)
{
    static const char *const formats[] = {
        "",
        "",
        ", FORMAT_STRING = '0.00'",
        ", FORMAT_STRING = '#,##0;(#,##0)'",
        ", FORMAT_STRING = IIF([Measures].[Units] > 5, '0.0', '|#|style=red')",
        ", FORMAT_STRING = IIF([Geo].CurrentMember.Level.Ordinal > 2, '00', '#')"};
    strbuf_addz(out, formats[draw(w, ARRAY_LEN(formats))]);
    if (draw(w, 3) == 0) strbuf_addz(out, ", FORE_COLOR = IIF([Measures].[Units] > 5, 255, 0)");
}

static void print_statement(world *w, strbuf *out)
{
    static const char *const slicers[] = {"",
                                          "",
                                          " WHERE [Day].[y0]",
                                          " WHERE {[Day].[y0], [Day].[y1].[5]}",
                                          " WHERE {[Day].[y0], [Day].[y0].[2]}",
                                          " WHERE {([Geo].[c0], [Day].[y1]), ([Geo].[c1].[s3], [Day].[y0])}",
                                          " WHERE {[Geo].[c0], [Geo].[c1].[s3], [Geo].[c1]}",
                                          " WHERE [Day].[d]"};
    static const char *const columns[] = {"", "", ", [Measures].[Units]",
                                          ", [Measures].[a], [Measures].[Units]"};
    static const unsigned fixed[] = {0, 0, 2, 2, 2, 3, 1, 2}; /* hierarchies of the slicers */
    uint32_t slicer = draw(w, ARRAY_LEN(slicers));
    bool is_virtual = draw(w, 2);
    unsigned hiers = 1 + draw(w, 3);
    if (hiers & fixed[slicer]) slicer = 0;
    strbuf_addz(out, "WITH MEMBER [Measures].[word] AS [Geo].CurrentMember.Name MEMBER [Measures].[a] AS ");
    print_number(w, DEPTH - 1, out);
    if (draw(w, 2)) strbuf_addz(out, ", SOLVE_ORDER = 3");
    print_format(w, out);
    if (!is_virtual) strbuf_addz(out, " MEMBER [Measures].[Plan] AS [Measures].[Units] + 1");
    strbuf_addz(out, " MEMBER [Measures].[b] AS ");
    print_number(w, DEPTH - 1, out);
    print_format(w, out);
    strbuf_addz(out, " MEMBER [Geo].[g] AS ");
    print_number(w, 1, out);
    if (draw(w, 2)) strbuf_addz(out, ", SOLVE_ORDER = 5");
    print_format(w, out);
    strbuf_addz(out, " MEMBER [Geo].[f] AS [Geo].[c0] / [Geo].[c1]");
    strbuf_addz(out, " MEMBER [Day].[d] AS [Day].[y0] - [Day].[y1] MEMBER [Measures].[n] AS ");
    print_number(w, DEPTH, out);
    print_format(w, out);
    strbuf_printf(out, " SELECT {[Measures].[n]%s} ON 0, ", columns[draw(w, ARRAY_LEN(columns))]);
    if (draw(w, 3) == 0) strbuf_addz(out, "NON EMPTY ");
    if (hiers == 1 && draw(w, 3) == 0)
        strbuf_addz(out, "{[Geo].[City].Members, [Geo].[g], [Geo].[Country].Members}");
    else
        print_set(w, hiers, DEPTH, out);
    strbuf_printf(out, " ON 1 FROM [%c]%s%s", is_virtual ? 'V' : 'T', slicers[slicer],
                  draw(w, 2) ? "" : " CELL PROPERTIES VALUE, FORMATTED_VALUE, FORE_COLOR");
}

/* ---- both ways ---------------------------------------------------------- */

static void print_answer(const cellset *cs, strbuf *out)
{
    const cs_axis *axis = &cs->axes[1];
    for (uint32_t i = 0; i < axis->n_positions * axis->n_hiers; i++)
        strbuf_printf(out, STR_FMT " ", STR_ARG(axis->members[i]->unique_name));
    for (uint64_t i = 0; i < cs->n_cells; i++) {
        const cs_cell *c = &cs->cells[i];
        strbuf_printf(out, "\n%llu " STR_FMT " " STR_FMT " " STR_FMT " ", (unsigned long long)c->ordinal,
                      STR_ARG(c->formatted), STR_ARG(c->style), STR_ARG(c->error));
        value_print(c->value, out);
    }
}

static bool ask(const world *w, pt_str text, bool by_tuple, strbuf *out)
{
    pt_err err = {0};
    query_stats stats = {0};
    ast_stmt *stmt;
    cellset *cs;
    arena *a = arena_new(0);
    query_env env = {.view = &w->s->v, .pool = warehouse_pool(w->s->w), .by_tuple = by_tuple};
    env.limits.cells = 100000;
    assert_int_equal(parse_statement(text, a, &stmt, &err), PT_OK);
    pt_status st = query_select(&env, stmt->select, text, a, &cs, &stats, &err);
    if (st == PT_OK) {
        print_answer(cs, out);
    } else {
        strbuf_printf(out, "%d %s at %u-%u", (int)st, err.msg, err.at.start, err.at.end);
    }
    arena_free(a);
    return st == PT_OK;
}

static void rows_are_tuples(void **state)
{
    world *w = *state;
    strbuf text = {0}, rows = {0}, tuples = {0};
    for (uint32_t i = 0; i < N_STATEMENTS; i++) {
        strbuf_clear(&text);
        strbuf_clear(&rows);
        strbuf_clear(&tuples);
        print_statement(w, &text);
        w->n_answered += ask(w, strbuf_str(&text), false, &rows);
        ask(w, strbuf_str(&text), true, &tuples);
        assert_false(text.failed || rows.failed || tuples.failed);
        if (!str_eq(strbuf_str(&rows), strbuf_str(&tuples))) {
            strbuf_addc(&rows, 0);
            strbuf_addc(&tuples, 0);
            strbuf_addc(&text, 0);
            fail_msg("%s\nrows: %s\ntuples: %s", text.ptr, rows.ptr, tuples.ptr);
        }
    }
    assert_true(w->n_answered > N_STATEMENTS / 2);
    strbuf_free(&text);
    strbuf_free(&rows);
    strbuf_free(&tuples);
}

/* Formulas that never end are found out once, not at every depth twice. */
static void runaways_end(void **state)
{
    static const char *const statements[] = {
        "WITH MEMBER [Measures].[r] AS Sum([Geo].[City].Members, [Measures].[r])"
        " SELECT {[Measures].[r]} ON 0, [Day].Members ON 1 FROM [T]",
        "WITH MEMBER [Measures].[r] AS Sum([Geo].[City].Members, [Measures].[t] + 1)"
        " MEMBER [Measures].[t] AS Avg(Filter([Day].Members, [Measures].[r] > 0), [Measures].[r])"
        " SELECT {[Measures].[r]} ON 0, [Day].Members ON 1 FROM [T]",
    };
    for (size_t i = 0; i < ARRAY_LEN(statements); i++) {
        strbuf answer = {0};
        assert_true(ask(*state, str_of(statements[i]), false, &answer));
        strbuf_addc(&answer, 0);
        assert_non_null(strstr(answer.ptr, "infinite loop while evaluating"));
        strbuf_free(&answer);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rows_are_tuples),
        cmocka_unit_test(runaways_end),
    };
    return cmocka_run_group_tests(tests, open_world, close_world);
}
