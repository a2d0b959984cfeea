/* test_parse_define.c - definitions and the other statements: what the tree holds, and the canonical text. */
#include "base/date.h"
#include "lang/parse.h"
#include "unit.h"

static arena *mem;

static int setup(void **state)
{
    (void)state;
    return (mem = arena_new(0)) ? 0 : -1;
}

static int teardown(void **state)
{
    (void)state;
    arena_free(mem);
    return 0;
}

static ast_stmt *statement(pt_str text)
{
    pt_err err = {0};
    ast_stmt *s = NULL;
    if (parse_statement(text, mem, &s, &err) != PT_OK) fail_msg(STR_FMT ": %s", STR_ARG(text), err.msg);
    return s;
}

/* The text prints as `want`, and that prints as itself. */
static void assert_print(const char *text, const char *want)
{
    strbuf once = {0}, twice = {0};
    ast_print(statement(str_of(text)), &once);
    if (!str_eq(strbuf_str(&once), str_of(want)))
        fail_msg("%s\n  prints\n%s\n  not\n%s", text, once.ptr, want);
    ast_print(statement(strbuf_str(&once)), &twice);
    assert_str(strbuf_str(&twice), want);
    strbuf_free(&once);
    strbuf_free(&twice);
}

/* ---- dimensions -------------------------------------------------------------- */

static void a_dimension(void **state)
{
    (void)state;
    const ast_dimension *d =
        statement(
            STR("create dimension Product caption 'Goods' (\n"
                "  key product_id integer, attribute name text, price decimal(9,3) history, sold date "
                "overwrite,\n"
                "  hierarchy [By Family] all 'Everything' caption 'Family' default [Food] (\n"
                "    level Family by family name family_name order by family_rank caption 'F',\n"
                "    level Brand by brand hide if blank, level Kind by kind hide if parent name type month,\n"
                "    level Name by name properties price as 'Price', [on], [key]),\n"
                "  hierarchy Flat (level Id by product_id parent boss root -1 properties (price)))"))
            ->dimension;
    assert_str(d->name, "Product");
    assert_str(d->caption, "Goods");
    assert_str(d->key, "product_id");
    assert_int_equal(d->key_type.type, TYPE_INTEGER);
    assert_int_equal(d->n_attributes, 3);
    assert_true(d->attributes[1].history);
    assert_int_equal(d->attributes[1].type.type, TYPE_DECIMAL);
    assert_int_equal(d->attributes[1].type.precision, 9);
    assert_int_equal(d->attributes[1].type.scale, 3);
    assert_false(d->attributes[2].history);
    assert_int_equal(d->n_hierarchies, 2);

    const ast_hierarchy *h = &d->hierarchies[0];
    assert_true(h->has_all);
    assert_str(h->all_name, "Everything");
    assert_str(h->caption, "Family");
    assert_str(h->default_member->segs[0].name, "Food");
    assert_int_equal(h->n_levels, 4);
    assert_str(h->levels[0].name_column, "family_name");
    assert_str(h->levels[0].order_column, "family_rank");
    assert_str(h->levels[0].caption, "F");
    assert_int_equal(h->levels[1].hide, HIDE_BLANK);
    assert_int_equal(h->levels[2].hide, HIDE_PARENT_NAME);
    assert_int_equal(h->levels[2].time, LEVEL_MONTH);
    assert_int_equal(h->levels[3].n_props, 3);
    assert_str(h->levels[3].props[0].name, "Price");
    assert_str(h->levels[3].props[1].column, "on");
    assert_str(h->levels[3].props[2].name, "key");

    const ast_level *flat = &d->hierarchies[1].levels[0];
    assert_false(d->hierarchies[1].has_all);
    assert_str(flat->parent_column, "boss");
    assert_true(value_eq(flat->root, value_int(-1)));
    assert_int_equal(flat->n_props, 1);
}

static void a_calendar(void **state)
{
    (void)state;
    const ast_dimension *d =
        statement(STR("CREATE TIME DIMENSION t FROM '1997-01-01' TO '1998-12-31' WEEK sunday FISCAL YEAR "
                      "STARTS Apr "
                      "(HIERARCHY t (YEAR, half, QUARTER, MONTH, DAY), HIERARCHY w ALL (YEAR, WEEK))"))
            ->dimension;
    assert_true(d->is_time);
    assert_true(d->is_generated);
    assert_int_equal(d->from_days, date_days(1997, 1, 1));
    assert_int_equal(d->to_days, date_days(1998, 12, 31));
    assert_int_equal(d->week, WEEK_SUNDAY);
    assert_int_equal(d->fiscal_start, 4);
    assert_int_equal(d->hierarchies[0].n_levels, 5);
    assert_str(d->hierarchies[0].levels[1].name, "Half");
    assert_int_equal(d->hierarchies[0].levels[1].time, LEVEL_HALF);
    assert_null(d->hierarchies[0].levels[1].key.ptr);
    assert_int_equal(statement(STR("CREATE TIME DIMENSION t (KEY d DATE)"))->dimension->fiscal_start, 1);
}

static void dimensions_print_canonically(void **state)
{
    (void)state;
    assert_print("create or replace time dimension t from '1997-01-01' to '1998-12-31' (hierarchy t all "
                 "(year, month))",
                 "CREATE OR REPLACE TIME DIMENSION [t] FROM '1997-01-01' TO '1998-12-31' WEEK ISO (\n"
                 "  HIERARCHY [t] ALL (\n"
                 "    YEAR,\n"
                 "    MONTH))");
    assert_print(
        "CREATE DIMENSION d (KEY [select] BIGINT, ATTRIBUTE [a b] TEXT HISTORY, x DECIMAL(4,2), HIERARCHY h "
        "CAPTION 'it''s' DEFAULT a.b (LEVEL l BY [a b] NAME n ORDER BY o TYPE YEAR PARENT p ROOT 'x' "
        "PROPERTIES x AS 'X', y, LEVEL [m]]n] BY x HIDE IF PARENT NAME))",
        "CREATE DIMENSION [d] (\n"
        "  KEY [select] INTEGER,\n"
        "  ATTRIBUTE [a b] TEXT HISTORY,\n"
        "  ATTRIBUTE x DECIMAL(4,2),\n"
        "  HIERARCHY [h] CAPTION 'it''s' DEFAULT a.b (\n"
        "    LEVEL [l] BY [a b] NAME n ORDER BY o TYPE YEAR PARENT p ROOT 'x' PROPERTIES (x AS 'X', y),\n"
        "    LEVEL [m]]n] BY x HIDE IF PARENT NAME))");
    assert_print("ALTER DIMENSION d ADD ATTRIBUTE a TEXT, b DATE, HIERARCHY h ALL (LEVEL l BY a)",
                 "ALTER DIMENSION [d] ADD\n"
                 "  ATTRIBUTE a TEXT,\n"
                 "  ATTRIBUTE b DATE,\n"
                 "  HIERARCHY [h] ALL (\n"
                 "    LEVEL [l] BY a)");
}

/* ---- cubes -------------------------------------------------------------------- */

static void a_cube(void **state)
{
    (void)state;
    const ast_stmt *s = statement(
        STR("CREATE OR REPLACE CUBE Sales CAPTION 'x' (DIMENSION [Time], Store.[Store] AS Shop ROLE store_id,"
            " [Product], MEASURE [Unit Sales] SUM(units) INTEGER FORMAT '' CAPTION 'Units' HIDDEN ORDINAL 3,"
            " MEASURE n COUNT(*), MEASURE c DISTINCT COUNT(Customers), MEASURE [m].[x],"
            " MEMBER Measures.p AS 'a - b', FORMAT_STRING = '0.0', measure = 1, SET [Top] AS {x},"
            " DEFAULT MEASURE n)"));
    const ast_cube *c = s->cube_def;
    assert_true(s->or_replace);
    assert_int_equal(c->n_dims, 3);
    assert_str(c->dims[1].dimension, "Store");
    assert_str(c->dims[1].hierarchy, "Store");
    assert_str(c->dims[1].alias, "Shop");
    assert_str(c->dims[1].role, "store_id");
    assert_null(c->dims[2].alias.ptr);
    assert_int_equal(c->n_measures, 4);
    const ast_measure *m = &c->measures[0];
    assert_int_equal(m->agg, AGG_SUM);
    assert_str(m->column, "units");
    assert_int_equal(m->type.type, TYPE_INTEGER);
    assert_true(m->has_format && m->is_hidden && m->has_ordinal);
    assert_str(m->format, "");
    assert_str(m->caption, "Units");
    assert_int_equal(m->ordinal, 3);
    assert_int_equal(c->measures[1].agg, AGG_COUNT);
    assert_null(c->measures[1].column.ptr);
    assert_int_equal(c->measures[2].agg, AGG_DISTINCT);
    assert_str(c->measures[2].column, "Customers");
    assert_str(c->measures[3].base_cube, "m");
    assert_int_equal(c->n_formulas, 2);
    assert_str(c->formulas[0].body->text, "-");
    assert_int_equal(c->formulas[0].n_props, 2);
    assert_str(c->formulas[0].props[1].name, "measure");
    assert_true(c->formulas[1].is_set);
    assert_str(c->default_measure, "n");
}

static void cubes_print_canonically(void **state)
{
    (void)state;
    assert_print(
        "create cube s (column price decimal(10,2), quantity int, measure [x] sum((price*quantity) / -100) "
        "where quantity between 1 and 2+3 and not price is null caption 'X', measure y distinct "
        "count(t) where quantity not between -1 and 4, measure z sum([price]) decimal(10,2) where price>1)",
        "CREATE CUBE [s] (\n"
        "  COLUMN price DECIMAL(10,2),\n"
        "  COLUMN quantity INTEGER,\n"
        "  MEASURE [x] SUM((price * quantity) / -100) WHERE quantity BETWEEN 1 AND 2 + 3 AND NOT price IS "
        "NULL CAPTION 'X',\n"
        "  MEASURE [y] DISTINCT COUNT([t]) WHERE quantity NOT BETWEEN -1 AND 4,\n"
        "  MEASURE [z] SUM(price) DECIMAL(10,2) WHERE price > 1)");
    assert_print(
        "with measure m.x as count(*) where a = 1 or b, caption='c' member y as 1 select from c",
        "WITH MEASURE m.x AS COUNT(*) WHERE a = 1 OR b, caption = \"c\" MEMBER y AS 1 SELECT FROM [c]");
    assert_print("CREATE DIMENSION [Order] (KEY order_number INTEGER)",
                 "CREATE DIMENSION [Order] (\n"
                 "  KEY order_number INTEGER,\n"
                 "  HIERARCHY [Order] ALL (\n"
                 "    LEVEL [Order] BY order_number))");
    assert_print(
        "CREATE CUBE s (MEMBER a.b AS 'x', CAPTION = 'y', DIMENSION t, u AS v ROLE w, MEASURE m MAX([a b]) "
        "DECIMAL(10,4) HIDDEN FORMAT '0', MEASURE d DISTINCT COUNT(t), DEFAULT MEASURE m)",
        "CREATE CUBE [s] (\n"
        "  DIMENSION [t],\n"
        "  DIMENSION [u] AS [v] ROLE w,\n"
        "  MEASURE [m] MAX([a b]) DECIMAL(10,4) FORMAT '0' HIDDEN,\n"
        "  MEASURE [d] DISTINCT COUNT([t]),\n"
        "  MEMBER a.b AS x, CAPTION = \"y\",\n"
        "  DEFAULT MEASURE [m])");
    assert_print("CREATE VIRTUAL CUBE v CAPTION 'c' FROM a, b (DIMENSION a.t, u, MEASURE a.m HIDDEN, MEMBER "
                 "a.Measures.p)",
                 "CREATE VIRTUAL CUBE [v] CAPTION 'c' FROM [a], [b] (\n"
                 "  DIMENSION [a].[t],\n"
                 "  DIMENSION [u],\n"
                 "  MEASURE [a].[m] HIDDEN,\n"
                 "  MEMBER a.Measures.p)");
    assert_print("ALTER CUBE c ADD MEASURE m AVG(x), DIMENSION d", "ALTER CUBE [c] ADD\n"
                                                                   "  DIMENSION [d],\n"
                                                                   "  MEASURE [m] AVG(x)");
    assert_print("CREATE SESSION MEMBER [c].[Measures].[x] AS '1', FORMAT_STRING = a",
                 "CREATE SESSION MEMBER [c].[Measures].[x] AS 1, FORMAT_STRING = a");
    assert_print("create or replace set c.[s t] as {a}", "CREATE OR REPLACE SET [c].[s t] AS {a}");
}

/* ---- sources and mappings ------------------------------------------------------- */

static void a_source(void **state)
{
    (void)state;
    const ast_source *s =
        statement(STR("CREATE SOURCE [shop files] TYPE csv OPTIONS (directory 'data', header on, "
                      "null '', quote = off, rows 100, rate -1.50, encoding latin1)"))
            ->source;
    assert_str(s->name, "shop files");
    assert_str(s->type, "csv");
    assert_int_equal(s->n_options, 7);
    assert_true(value_eq(s->options[0].value, value_text(STR("data"))));
    assert_true(value_eq(s->options[1].value, value_bool(true)));
    assert_str(s->options[2].name, "null");
    assert_true(value_eq(s->options[3].value, value_bool(false)));
    assert_true(value_eq(s->options[4].value, value_int(100)));
    assert_true(value_eq(s->options[5].value, value_dec(-150, 2)));
    assert_true(value_eq(s->options[6].value, value_text(STR("latin1"))));
}

static void a_mapping(void **state)
{
    (void)state;
    const ast_mapping *m =
        statement(
            STR("CREATE MAPPING p INTO CUBE Sales FROM [shop files].'f_*.csv' f "
                "JOIN 'c.csv' c ON f.a = c.a AND c.b = f.b LEFT JOIN [d] ON [d].x = y "
                "(Time = time_id FORMAT '%d.%m.%Y', gender = g CODES ('M' AS 'Male', 2 AS NULL, ELSE '?'), "
                "price = f.price * 2 || 'x' ON UNKNOWN INFER, units) "
                "WHERE f.ok = 1 OR NOT deleted ON ERROR FAIL SLICE BY Time.[Month]"))
            ->mapping;
    assert_true(m->into_cube);
    assert_str(m->source, "shop files");
    assert_str(m->table.name, "f_*.csv");
    assert_str(m->table.alias, "f");
    assert_int_equal(m->n_joins, 2);
    assert_int_equal(m->joins[0].n_on, 2);
    assert_false(m->joins[0].is_left);
    /* right ones are columns of the joined table, however the condition was written */
    assert_str(m->joins[0].left[1]->segs[0].name, "f");
    assert_str(m->joins[0].right[1]->segs[0].name, "c");
    assert_true(m->joins[1].is_left);
    assert_str(m->joins[1].table.alias, "d");
    assert_int_equal(m->joins[1].left[0]->n, 1);
    assert_str(m->joins[1].right[0]->segs[1].name, "x");
    assert_int_equal(m->n_targets, 4);
    assert_str(m->targets[0].format, "%d.%m.%Y");
    assert_int_equal(m->targets[1].n_codes, 2);
    assert_true(value_eq(m->targets[1].codes[0].to, value_text(STR("Male"))));
    assert_int_equal(m->targets[1].codes[1].to.kind, VAL_NULL);
    assert_true(m->targets[1].has_code_else);
    assert_int_equal(m->targets[2].unknown, UNKNOWN_INFER);
    assert_null(m->targets[3].expr);
    assert_int_equal(m->where->kind, AST_CALL);
    assert_true(m->fail_on_error);
    assert_int_equal(m->slice->n, 2);
}

static void mapping_clauses_may_come_first(void **state)
{
    (void)state;
    const char *want =
        "CREATE MAPPING [m] INTO DIMENSION [d] FROM [s].'t' (\n  a)\n  WHERE x = 1\n  ON ERROR FAIL";
    assert_print("CREATE MAPPING m INTO DIMENSION d FROM s.t WHERE x = 1 ON ERROR FAIL (a)", want);
    assert_print("CREATE MAPPING m INTO DIMENSION d FROM s.t (a) ON ERROR FAIL WHERE x = 1", want);
    assert_print("CREATE MAPPING m INTO DIMENSION d FROM s.t WHERE (x = y) (a)",
                 "CREATE MAPPING [m] INTO DIMENSION [d] FROM [s].'t' (\n  a)\n  WHERE (x = y)");
}

static void mappings_print_canonically(void **state)
{
    (void)state;
    assert_print(
        "CREATE SOURCE s TYPE csv OPTIONS (null '', header on, rows = 100, rate -1.50, sep ';', mode fast)",
        "CREATE SOURCE [s] TYPE csv OPTIONS (null '', header ON, rows 100, rate -1.50, sep ';', mode "
        "'fast')");
    assert_print("CREATE SOURCE s TYPE sqlite", "CREATE SOURCE [s] TYPE sqlite");
    assert_print(
        "CREATE MAPPING m INTO CUBE c FROM s.'t.csv' [the t] LEFT JOIN u ON [the t].x = u.[y z] ([My role] = "
        "\"it's\" || x CODES ('M' AS 1, ELSE 0) ON UNKNOWN REJECT, b FORMAT '%Y') SLICE BY [My role].Day",
        "CREATE MAPPING [m] INTO CUBE [c] FROM [s].'t.csv' [the t]\n"
        "  LEFT JOIN 'u' ON [the t].x = u.[y z] (\n"
        "  [My role] = \"it's\" || x CODES ('M' AS 1, ELSE 0) ON UNKNOWN REJECT,\n"
        "  b FORMAT '%Y')\n"
        "  SLICE BY [My role].Day");
}

/* ---- the others ------------------------------------------------------------------ */

static void drop_and_describe(void **state)
{
    (void)state;
    const ast_stmt *s = statement(STR("DROP CUBE IF EXISTS [Sales] CASCADE"));
    assert_int_equal(s->object, OBJ_CUBE);
    assert_true(s->if_exists && s->cascade);
    assert_str(s->name, "Sales");
    s = statement(STR("DROP MEMBER [Sales].[Measures].[x]"));
    assert_int_equal(s->object, OBJ_MEMBER);
    assert_str(s->name, "Sales");
    assert_int_equal(s->items[0]->n, 2);
    assert_str(s->items[0]->segs[1].name, "x");
    assert_print("drop set if exists c.s", "DROP SET IF EXISTS [c].s");
    assert_print("drop dimension [if]", "DROP DIMENSION [if]");
    assert_print("drop mapping m", "DROP MAPPING [m]");
    assert_print("DESCRIBE SOURCE s", "DESCRIBE SOURCE [s]");
}

static void show(void **state)
{
    (void)state;
    const ast_stmt *s = statement(STR("SHOW MEASURES OF [Sales]"));
    assert_int_equal(s->object, OBJ_MEASURE);
    assert_str(s->name, "Sales");
    s = statement(STR("SHOW REJECTS OF LOAD 17"));
    assert_int_equal(s->object, OBJ_REJECT);
    assert_true(value_eq(s->value, value_int(17)));
    s = statement(STR("SHOW TRANSACTION ISOLATION LEVEL"));
    assert_int_equal(s->object, OBJ_NONE);
    assert_str(s->word, "transaction_isolation_level");
    assert_int_equal(statement(STR("SHOW LIMITS"))->object, OBJ_LIMIT);
    assert_print("show rejects of load 17", "SHOW rejects OF LOAD 17");
    assert_print("show segments of c", "SHOW segments OF [c]");
}

static void load_check_compact(void **state)
{
    (void)state;
    const ast_stmt *s = statement(STR("LOAD [a b], c FROM src REPLACE [Time].[1997]"));
    assert_int_equal(s->n_mappings, 2);
    assert_str(s->mappings[0], "a b");
    assert_str(s->load_source, "src");
    assert_int_equal(s->replace->n, 2);
    assert_int_equal(statement(STR("LOAD *"))->n_mappings, 0);
    assert_print("load a, b from s replace t.[1997]", "LOAD [a], [b] FROM [s] REPLACE t.[1997]");
    assert_print("load *", "LOAD *");
    assert_print("load force force", "LOAD [force] FORCE");
    assert_print("load * replace t.[1997] force", "LOAD * REPLACE t.[1997] FORCE");
    assert_print("check", "CHECK WAREHOUSE");
    assert_print("compact", "COMPACT");
    assert_print("compact cube c", "COMPACT CUBE [c]");
    assert_print("refresh cube c", "REFRESH CUBE [c]");
    assert_print("help create cube", "HELP CREATE CUBE");
    assert_print("help", "HELP");
}

static void settings(void **state)
{
    (void)state;
    const ast_stmt *s = statement(STR("SET LIMIT MEMORY = '512 MB'"));
    assert_str(s->word, "limit_memory");
    assert_true(value_eq(s->value, value_text(STR("512 MB"))));
    assert_true(value_eq(statement(STR("SET THREADS TO 2"))->value, value_int(2)));
    s = statement(STR("SET x = off"));
    assert_int_equal(s->value.kind, VAL_BOOL);
    assert_int_equal(s->value.i, 0);
    assert_true(value_eq(statement(STR("SET DateStyle = ISO, MDY"))->value, value_text(STR("ISO, MDY"))));
    assert_str(statement(STR("SET TIME ZONE 'UTC'"))->word, "time_zone");
    assert_print("SET Limit Memory TO '1 GB'", "SET limit_memory = '1 GB'");
    assert_print("SET x = -1.50", "SET x = -1.50");
}

static void transactions(void **state)
{
    static const char *const texts[][2] = {
        {"begin", "BEGIN"},
        {"BEGIN WORK", "BEGIN"},
        {"START TRANSACTION ISOLATION LEVEL SERIALIZABLE, READ ONLY", "START TRANSACTION"},
        {"commit", "COMMIT"},
        {"END", "END"},
        {"rollback", "ROLLBACK"},
        {"ROLLBACK TO SAVEPOINT x", "ROLLBACK TO [x]"},
        {"rollback to savepoint", "ROLLBACK TO [savepoint]"},
        {"savepoint a", "SAVEPOINT [a]"},
        {"RELEASE SAVEPOINT a", "RELEASE [a]"}};
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(texts); i++) assert_print(texts[i][0], texts[i][1]);
    assert_str(statement(STR("rollback to x"))->name, "x");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_dimension),
        cmocka_unit_test(a_calendar),
        cmocka_unit_test(dimensions_print_canonically),
        cmocka_unit_test(a_cube),
        cmocka_unit_test(cubes_print_canonically),
        cmocka_unit_test(a_source),
        cmocka_unit_test(a_mapping),
        cmocka_unit_test(mapping_clauses_may_come_first),
        cmocka_unit_test(mappings_print_canonically),
        cmocka_unit_test(drop_and_describe),
        cmocka_unit_test(show),
        cmocka_unit_test(load_check_compact),
        cmocka_unit_test(settings),
        cmocka_unit_test(transactions),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
