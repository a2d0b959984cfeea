/* mdx_util.c - a small cube, and questions to it. */
#include "mdx_util.h"

#include <math.h>

#include "lang/parse.h"
#include "query/query.h"
#include "unit.h"

struct mdx_world {
    shop *s;
    strbuf answer;
};

/* ---- the cube ---------------------------------------------------------- */

static const char definitions[] =
    "CREATE DIMENSION [Geo] (KEY id INTEGER, ATTRIBUTE country TEXT, state TEXT, city TEXT,"
    "  HIERARCHY [Geo] ALL (LEVEL [Country] BY country, LEVEL [State] BY state, LEVEL [City] BY city));"
    "CREATE DIMENSION [Who] (KEY id INTEGER, ATTRIBUTE sex TEXT,"
    "  HIERARCHY [Who] ALL (LEVEL [Sex] BY sex, LEVEL [Person] BY id));"
    "CREATE CUBE [S] (DIMENSION [Geo], DIMENSION [Who], MEASURE [Units] SUM(units) INTEGER,"
    "  MEASURE [Cost] SUM(cost) INTEGER, MEASURE [Noise] SUM(noise) INTEGER,"
    "  MEASURE [People] DISTINCT COUNT([Who]));";

static void put_places(shop *s)
{
    static const char *const places[][3] = {
        {"USA", "CA", "LA"}, {"USA", "CA", "SF"}, {"USA", "OR", "Salem"}, {"Canada", "BC", "Vancouver"}};
    pt_value v[ARRAY_LEN(places)][4];
    for (uint32_t i = 0; i < ARRAY_LEN(places); i++) {
        v[i][0] = value_int(i);
        for (uint32_t k = 0; k < 3; k++) v[i][k + 1] = value_text(str_of(places[i][k]));
    }
    shop_members(s, "Geo", ARRAY_LEN(places), v[0], 0);
}

static void put_people(shop *s)
{
    const pt_value v[] = {value_int(1),         value_text(STR("F")), value_int(2),
                          value_text(STR("M")), value_int(3),         value_text(STR("M"))};
    shop_members(s, "Who", 3, v, 0);
}

static void put_facts(shop *s)
{
    static const uint32_t place[] = {0, 0, 1, 2}, person[] = {0, 1, 0, 2};
    static const int64_t units[] = {10, 20, 5, 40}, cost[] = {20, 41, 11, 81}, noise[] = {1, 2, 1, 8};
    const seg_batch columns[] = {
        {.ids = place}, {.ids = person}, {.ints = units}, {.ints = cost}, {.ints = noise}};
    shop_facts(s, "S", ARRAY_LEN(place), columns);
}

mdx_world *mdx_open(void)
{
    mdx_world *w = calloc(1, sizeof *w);
    assert_non_null(w);
    w->s = shop_open(1);
    shop_define(w->s, definitions);
    put_places(w->s);
    put_people(w->s);
    put_facts(w->s);
    shop_view(w->s);
    return w;
}

void mdx_close(mdx_world *w)
{
    if (!w) return;
    shop_close(w->s);
    strbuf_free(&w->answer);
    free(w);
}

/* ---- questions --------------------------------------------------------- */

static void print_cell(const cs_cell *c, strbuf *out)
{
    if (!c) {
        strbuf_addz(out, "-");
    } else if (c->error.ptr) {
        strbuf_addz(out, "!");
    } else {
        strbuf_adds(out, c->formatted);
    }
}

static void print_columns(const cellset *cs, bool with_cells, strbuf *out)
{
    const cs_axis *axis = &cs->axes[0];
    for (uint32_t i = 0; i < axis->n_positions; i++) {
        if (i) strbuf_addz(out, ", ");
        for (uint32_t k = 0; k < axis->n_hiers; k++)
            strbuf_printf(out, "%s" STR_FMT, k ? "/" : "",
                          STR_ARG(axis->members[i * axis->n_hiers + k]->caption));
        if (!with_cells) continue;
        strbuf_addc(out, ' ');
        print_cell(cellset_cell(cs, i), out);
    }
}

static void print_number(const cellset *cs, strbuf *out)
{
    const cs_cell *c = cellset_cell(cs, 0);
    double d = c ? value_as_double(c->value) : 0;
    if (!c || c->error.ptr || isnan(d))
        print_cell(c, out);
    else
        strbuf_printf(out, "%.6g", d);
}

static void print_styles(const cellset *cs, strbuf *out)
{
    for (uint64_t i = 0; i < cs->n_cells; i++)
        strbuf_printf(out, "%s" STR_FMT, i ? ", " : "",
                      STR_ARG(cs->cells[i].style.ptr ? cs->cells[i].style : STR("-")));
}

static pt_status run(mdx_world *w, pt_str text, arena *a, cellset **out, pt_err *err)
{
    ast_stmt *stmt;
    query_stats stats = {0};
    query_env env = {.view = &w->s->v, .pool = warehouse_pool(w->s->w)};
    env.limits.cells = 100000;
    PT_TRY(parse_statement(text, a, &stmt, err));
    assert_int_equal(stmt->kind, STMT_SELECT);
    return query_select(&env, stmt->select, text, a, out, &stats, err);
}

typedef enum form { FORM_POSITIONS, FORM_CELLS, FORM_NUMBER, FORM_STYLES } form;

static const char *ask(mdx_world *w, form f, const char *statement)
{
    pt_err err = {0};
    cellset *cs;
    arena *a = arena_new(0);
    strbuf_clear(&w->answer);
    if (run(w, str_of(statement), a, &cs, &err) != PT_OK)
        strbuf_addz(&w->answer, err.msg);
    else if (f == FORM_NUMBER)
        print_number(cs, &w->answer);
    else if (f == FORM_STYLES)
        print_styles(cs, &w->answer);
    else
        print_columns(cs, f == FORM_CELLS, &w->answer);
    strbuf_addc(&w->answer, 0);
    arena_free(a);
    assert_false(w->answer.failed);
    return w->answer.ptr;
}

const char *mdx_cells(mdx_world *w, const char *statement)
{
    return ask(w, FORM_CELLS, statement);
}

const char *mdx_positions(mdx_world *w, const char *statement)
{
    return ask(w, FORM_POSITIONS, statement);
}

static const char *ask_about(mdx_world *w, form f, const char *before, const char *expression,
                             const char *after)
{
    strbuf b = {0};
    strbuf_printf(&b, "%s%s%s", before, expression, after);
    assert_false(b.failed);
    const char *answer = ask(w, f, b.ptr);
    strbuf_free(&b);
    return answer;
}

const char *mdx_set(mdx_world *w, const char *expression)
{
    return ask_about(w, FORM_POSITIONS, "SELECT ", expression, " ON 0 FROM [S]");
}

const char *mdx_value(mdx_world *w, const char *expression)
{
    return ask_about(w, FORM_NUMBER, "WITH MEMBER [Measures].[x] AS ", expression,
                     " SELECT {[Measures].[x]} ON 0 FROM [S]");
}

const char *mdx_styles(mdx_world *w, const char *statement)
{
    return ask(w, FORM_STYLES, statement);
}
