/* test_schema.c - what definitions mean: names, roles, types, hierarchies of a cube; and what is wrong with
 * others. */
#include "engine_util.h"
#include "unit.h"

static int setup(void **state)
{
    *state = shop_open(1);
    return 0;
}

static int teardown(void **state)
{
    shop_close(*state);
    return 0;
}

static const char shop_dims[] =
    "CREATE DIMENSION [Customer] (KEY customer_id INTEGER, ATTRIBUTE country TEXT, city TEXT, name TEXT, "
    "gender TEXT "
    "HISTORY, boss INTEGER, "
    "  HIERARCHY [Customers] ALL (LEVEL [Country] BY country, LEVEL [City] BY city, "
    "    LEVEL [Name] BY customer_id NAME name ORDER BY name PROPERTIES gender AS 'Sex', city),"
    "  HIERARCHY [Gender] ALL 'Everybody' (LEVEL [Gender] BY gender),"
    "  HIERARCHY [Tree] ALL (LEVEL [Person] BY customer_id PARENT boss ROOT 0));"
    "CREATE TIME DIMENSION [Time] (KEY day DATE, ATTRIBUTE year INTEGER, month INTEGER, week INTEGER,"
    "  HIERARCHY [Time] (LEVEL [Year] BY year TYPE YEAR, LEVEL [Month] BY month TYPE MONTH),"
    "  HIERARCHY [Weekly] ALL (LEVEL [Year] BY year TYPE YEAR, LEVEL [Week] BY week TYPE WEEK));"
    "CREATE DIMENSION [Depot] (KEY id INTEGER, HIERARCHY [Depot] ALL (LEVEL [Depot] BY id));";

static const char shop_cubes[] =
    "CREATE CUBE [Sales] ("
    "  DIMENSION [Customer].[Customers] AS [Customers], DIMENSION [Customer].[Gender] AS [Gender],"
    "  DIMENSION [Time], DIMENSION [Time] AS [Shipped],"
    "  MEASURE [Units] SUM(units) INTEGER FORMAT '#,#', MEASURE [Amount] SUM(amount) DECIMAL(12,4),"
    "  MEASURE [Best] MAX(amount), MEASURE [Mean] AVG(amount), MEASURE [Buyers] DISTINCT COUNT([Customer]),"
    "  MEASURE [Tips] COUNT(tip) HIDDEN ORDINAL 7,"
    "  MEMBER [Measures].[Twice] AS [Measures].[Units] * 2, DEFAULT MEASURE [Amount]);"
    "CREATE CUBE [Stock] (DIMENSION [Time], DIMENSION [Depot], MEASURE [Pieces] SUM(pieces) INTEGER,"
    "  MEMBER [Measures].[Half] AS [Measures].[Pieces] / 2);"
    "CREATE VIRTUAL CUBE [Both] FROM [Sales], [Stock] (DIMENSION [Sales].[Customers], DIMENSION [Time],"
    "  DIMENSION [Stock].[Depot], MEASURE [Sales].[Units], MEASURE [Stock].[Pieces], MEMBER [Stock].[Half],"
    "  MEMBER [Sales].[Measures].[Twice], MEMBER [Measures].[Ratio] AS [Measures].[Units] / "
    "[Measures].[Pieces]);";

/* ---- names ---------------------------------------------------------------------- */

static void all_members_get_a_plural(void **state)
{
    (void)state;
    arena *a = arena_new(0);
    assert_str(hierarchy_all_name(a, STR("Product")), "All Products");
    assert_str(hierarchy_all_name(a, STR("Customers")), "All Customers");
    assert_str(hierarchy_all_name(a, STR("STATUS")), "All STATUS");
    assert_str(hierarchy_all_name(a, STR("商品")), "All 商品");
    assert_str(hierarchy_all_name(a, STR("")), "All ");
    arena_free(a);
}

/* ---- what is built -------------------------------------------------------------- */

static void dimension_is_built(void **state)
{
    shop *s = *state;
    shop_define(s, shop_dims);
    const dimension *d = shop_dimension(s, "customer");
    assert_str(d->name, "Customer");
    assert_int_equal(d->spec.n_attrs, 6);
    assert_str(d->spec.attrs[0].name, "customer_id");
    assert_true(d->spec.attrs[4].history);
    assert_int_equal(d->n_hierarchies, 3);
    const hierarchy *h = &d->hierarchies[0];
    assert_str(h->all_name, "All Customers"); /* of a hierarchy called Customers */
    assert_int_equal(h->n_levels, 3);
    const level *name = &h->levels[2];
    assert_int_equal(name->key_attr, 0);
    assert_int_equal(name->name_attr, 3);
    assert_int_equal(name->order_attr, 3);
    assert_int_equal(name->n_props, 2);
    assert_str(name->props[0].name, "Sex");
    assert_str(name->props[1].name, "city");
    assert_str(d->hierarchies[1].all_name, "Everybody");
    assert_true(d->hierarchies[2].is_parent_child);
    const dim_level_spec *tree = &d->spec.hiers[2].levels[0];
    assert_int_equal(tree->parent_attr, 5);
    assert_int_equal(tree->root.kind, VAL_INT);
    assert_true(shop_dimension(s, "Time")->is_time);
    assert_int_equal(shop_dimension(s, "Time")->hierarchies[1].levels[1].time, LEVEL_WEEK);
    assert_int_equal(dim_count(view_dim(&s->v, shop_dimension(s, "Depot"))), 0);
}

static void cube_hierarchies_have_names(void **state)
{
    shop *s = *state;
    shop_define(s, shop_dims);
    shop_define(s, shop_cubes);
    const cube *c = shop_cube(s, "Sales");
    assert_int_equal(c->n_dims, 4);
    assert_int_equal(c->n_hiers, 6);
    static const char *const names[] = {"Customers",   "Gender",  "Time",
                                        "Time.Weekly", "Shipped", "Shipped.Weekly"};
    static const char *const alls[] = {"All Customers",    "Everybody", "",
                                       "All Time.Weeklys", "",          "All Shipped.Weeklys"};
    for (uint32_t i = 0; i < 6; i++) {
        assert_int_equal(c->hiers[i].ordinal, i);
        assert_str(c->hiers[i].name, names[i]);
        assert_str(c->hiers[i].all_name, alls[i]);
    }
    assert_str(c->hiers[3].unique_name, "[Time.Weekly]");
    assert_str(c->dims[3].caption, "Shipped");
}

static void hierarchies_of_one_dimension_share_a_role(void **state)
{
    shop *s = *state;
    shop_define(s, shop_dims);
    shop_define(s, shop_cubes);
    const cube *c = shop_cube(s, "Sales");
    assert_int_equal(c->n_roles, 3);
    assert_str(c->roles[0].name, "Customer");
    assert_int_equal(c->hiers[0].role, 0);
    assert_int_equal(c->hiers[1].role, 0);
    assert_str(c->roles[1].name, "Time");
    assert_str(c->roles[2].name, "Shipped");
    assert_ptr_equal(c->roles[1].dimension, c->roles[2].dimension);
}

static void measures_have_types(void **state)
{
    shop *s = *state;
    shop_define(s, shop_dims);
    shop_define(s, shop_cubes);
    const cube *c = shop_cube(s, "Sales");
    assert_int_equal(c->n_columns, 3);  /* units, amount, tip */
    assert_int_equal(c->n_measures, 6); /* with a count there is no implicit one */
    assert_int_equal(c->measures[0].type, TYPE_INTEGER);
    assert_int_equal(c->measures[1].type, TYPE_DECIMAL);
    assert_int_equal(c->measures[1].scale, 4);
    assert_int_equal(c->measures[2].type, TYPE_DECIMAL);
    assert_int_equal(c->measures[2].column, c->measures[1].column);
    assert_int_equal(c->measures[3].type, TYPE_DOUBLE);
    assert_int_equal(c->measures[4].type, TYPE_INTEGER);
    assert_int_equal(c->measures[4].role, 0);
    assert_true(c->measures[5].is_hidden && c->measures[5].has_ordinal);
    assert_int_equal(c->measures[5].ordinal, 7);
    assert_int_equal(c->columns[2].type, TYPE_INTEGER);
    assert_int_equal(c->default_measure, 1);
    assert_int_equal(c->n_formulas, 1);
    const cube *stock = shop_cube(s, "Stock");
    assert_int_equal(stock->n_measures, 2);
    assert_str(stock->measures[1].name, "Fact Count");
    assert_true(stock->measures[1].is_implicit);
}

static void segments_have_roles_then_columns(void **state)
{
    shop *s = *state;
    pt_err err = {0};
    arena *a = arena_new(0);
    shop_define(s, shop_dims);
    shop_define(s, shop_cubes);
    seg_column *cols;
    uint32_t n;
    assert_ok(cube_segment_columns(shop_cube(s, "Sales"), a, &cols, &n, &err));
    assert_int_equal(n, 6);
    assert_str(cols[0].name, "Customer");
    assert_int_equal(cols[0].kind, SEG_ID);
    assert_str(cols[4].name, "amount");
    assert_int_equal(cols[4].kind, SEG_INT);
    assert_int_equal(cols[4].scale, 4);
    arena_free(a);
}

static void virtual_cube_combines(void **state)
{
    shop *s = *state;
    shop_define(s, shop_dims);
    shop_define(s, shop_cubes);
    const cube *c = shop_cube(s, "Both"), *sales = schema_cube(s->v.schema, STR("Sales")),
               *stock = schema_cube(s->v.schema, STR("Stock"));
    assert_true(c->is_virtual);
    assert_int_equal(c->n_hiers, 4); /* Customers, Time, Time.Weekly, Depot */
    assert_int_equal(cube_base_hier(c, 0, sales), 0);
    assert_int_equal(cube_base_hier(c, 0, stock), MEMBER_NONE);
    assert_int_equal(cube_base_hier(c, 2, sales), 3);
    assert_int_equal(cube_base_hier(c, 2, stock), 1);
    assert_int_equal(cube_base_hier(c, 3, stock), 2);
    assert_int_equal(cube_base_hier(sales, 3, sales), 3);
    assert_int_equal(c->n_measures, 2);
    assert_ptr_equal(c->measures[1].base, stock);
    assert_int_equal(c->measures[1].base_measure, 0);
    assert_int_equal(c->n_formulas, 3);
    assert_ptr_equal(c->formula_cubes[0], stock);
    assert_ptr_equal(c->formula_cubes[1], sales);
    assert_ptr_equal(c->formula_cubes[2], c);
    assert_non_null(c->formulas[0]->body);
}

static void created_formulas_join_their_cube(void **state)
{
    shop *s = *state;
    shop_define(s, shop_dims);
    shop_define(s, shop_cubes);
    shop_define(s,
                "CREATE MEMBER [Sales].[Measures].[Thrice] AS [Measures].[Units] * 3;"
                "CREATE SET [Sales].[Top] AS TopCount([Customers].[Name].Members, 5, [Measures].[Units]);");
    const cube *c = shop_cube(s, "Sales");
    assert_int_equal(c->n_formulas, 3);
    assert_str(c->formulas[1]->name->segs[1].name, "Thrice");
    assert_true(c->formulas[2]->is_set);
}

/* ---- what is refused --------------------------------------------------------------- */

typedef struct wrong {
    const char *text;
    pt_status status;
    const char *message, *hint, *place; /* place: what the span covers begins like this; NULL: not tested */
} wrong;

static const wrong wrongs[] = {
    {"CREATE CUBE [C] (DIMENSION [Time], MEASURE [M] SUM(price * 2))", PT_NAME,
     "the facts of cube [C] have no column [price]", "COLUMN price type", "price"},
    {"CREATE CUBE [C] (DIMENSION [Time], COLUMN a INTEGER, A INTEGER, MEASURE [N] COUNT(*))", PT_EXISTS,
     "column [A] appears twice", "", "A INTEGER"},
    {"CREATE CUBE [C] (DIMENSION [Time], COLUMN a TEXT, MEASURE [N] COUNT(*))", PT_TYPE,
     "facts hold no texts", "CREATE DIMENSION [a] (KEY a TEXT)", "COLUMN a"},
    {"CREATE CUBE [C] (DIMENSION [Time], COLUMN a INTEGER, MEASURE [M] SUM(a * a) INTEGER)", PT_TYPE,
     "the type of an expression follows from its columns", "leave out INTEGER", "INTEGER)"},
    {"CREATE CUBE [C] (DIMENSION [Time], COLUMN a INTEGER, MEASURE [M] SUM(a) WHERE a + 1)", PT_TYPE,
     "expected a condition, found INTEGER", "", "a + 1"},
    {"CREATE CUBE [C] (DIMENSION [Time], COLUMN a DATE, MEASURE [M] COUNT(*) WHERE a > '1997-02-30')",
     PT_VALUE, "1997-02-30", "", "'1997-02-30'"},
    {"CREATE DIMENSION [D] (KEY id INTEGER, ATTRIBUTE colour TEXT, HIERARCHY [D] (LEVEL [L] BY color))",
     PT_NAME, "no attribute [color]", "[colour]", "LEVEL [L]"},
    {"CREATE DIMENSION [D] (KEY id INTEGER, ATTRIBUTE a TEXT, A INTEGER, HIERARCHY [D] (LEVEL [L] BY a))",
     PT_EXISTS, "attribute [A] appears twice", "", "A INTEGER"},
    {"CREATE DIMENSION [D] (KEY id INTEGER, HIERARCHY [H] (LEVEL [L] BY id), HIERARCHY [h] (LEVEL [L] BY "
     "id))",
     PT_EXISTS, "hierarchy [h] appears twice", "", "HIERARCHY [h]"},
    {"CREATE DIMENSION [D] (KEY id INTEGER, ATTRIBUTE a TEXT, HIERARCHY [H] (LEVEL [L] BY a, LEVEL [l] BY "
     "id))",
     PT_EXISTS, "level [l] appears twice", "", "LEVEL [l]"},
    {"CREATE DIMENSION [D] (KEY id INTEGER, HIERARCHY [H] (LEVEL [L] BY id TYPE YEAR))", PT_TYPE,
     "is a time level", "CREATE TIME DIMENSION [D]", "LEVEL [L]"},
    {"CREATE DIMENSION [D] (KEY id INTEGER, ATTRIBUTE up TEXT, HIERARCHY [H] (LEVEL [L] BY id PARENT up))",
     PT_TYPE, "parent [up] is TEXT, but the key [id] is INTEGER", "", NULL},
    {"CREATE DIMENSION [D] (KEY id INTEGER, ATTRIBUTE up INTEGER, HIERARCHY [H] (LEVEL [L] BY id PARENT up "
     "ROOT 'x'))",
     PT_TYPE, "the root key does not fit [up]", "", NULL},
    {"CREATE DIMENSION [D] (KEY id INTEGER, ATTRIBUTE up INTEGER, HIERARCHY [H] (LEVEL [K] BY up, LEVEL [L] "
     "BY id "
     "PARENT up))",
     PT_VALUE, "a parent-child level is alone", "", NULL},
    {"CREATE DIMENSION [Measures] (KEY id INTEGER, HIERARCHY [H] (LEVEL [L] BY id))", PT_EXISTS, "[Measures]",
     "", NULL},
    {"CREATE TIME DIMENSION [D] FROM '2021-01-01' TO '2020-01-01' (HIERARCHY [D] (YEAR))", PT_VALUE,
     "ends before it starts", "", NULL},
    {"CREATE CUBE [C] (DIMENSION [Tim], MEASURE [N] COUNT(*))", PT_NAME, "unknown dimension [Tim]", "[Time]",
     NULL},
    {"CREATE CUBE [C] (DIMENSION [Time].[Weakly], MEASURE [N] COUNT(*))", PT_NAME, "no hierarchy [Weakly]",
     "[Weekly]", NULL},
    {"CREATE CUBE [C] (DIMENSION [Time], DIMENSION [Time], MEASURE [N] COUNT(*))", PT_EXISTS,
     "[Time] appears twice", "AS", NULL},
    {"CREATE CUBE [C] (DIMENSION [Time], DIMENSION [Depot] ROLE [Time], MEASURE [N] COUNT(*))", PT_EXISTS,
     "role [Time] of cube [C] holds members of [Time], not of [Depot]", "ROLE", NULL},
    {"CREATE CUBE [C] (DIMENSION [Time], MEASURE [N] SUM(n))", PT_TYPE, "measure [N] has no type",
     "SUM(n) INTEGER", "MEASURE [N]"},
    {"CREATE CUBE [C] (DIMENSION [Time], MEASURE [N] SUM(n) INTEGER, MEASURE [M] MIN(n) DOUBLE)", PT_TYPE,
     "has another type before", "", "MEASURE [M]"},
    {"CREATE CUBE [C] (DIMENSION [Time], MEASURE [N] SUM(n) TEXT)", PT_TYPE,
     "SUM does not work on a column of type TEXT", "", NULL},
    {"CREATE CUBE [C] (DIMENSION [Time], MEASURE [N] COUNT(*), MEASURE [n] COUNT(*))", PT_EXISTS,
     "measure [n] appears twice", "", NULL},
    {"CREATE CUBE [C] (DIMENSION [Time], MEASURE [N] DISTINCT COUNT([Tine]))", PT_NAME, "counts [Tine]",
     "[Time]", NULL},
    {"CREATE CUBE [C] (DIMENSION [Time], MEASURE [Total] COUNT(*), DEFAULT MEASURE [Totals])", PT_NAME,
     "the default measure [Totals]", "[Total]", NULL},
    {"CREATE CUBE [C] (DIMENSION [Time], MEASURE [N] COUNT(*), MEMBER [Measures].[N] AS 1)", PT_EXISTS,
     "stored measure [N]", "", NULL},
    {"CREATE CUBE [C] (DIMENSION [Time], MEASURE [N] COUNT(*), MEMBER [Measures].[x] AS 1, MEMBER "
     "[Measures].[X] AS 2)",
     PT_EXISTS, "calculated member of that name", "", NULL},
    {"CREATE VIRTUAL CUBE [C] FROM [Sale], [Stock] (DIMENSION [Time], MEASURE [Stock].[Pieces])", PT_NAME,
     "unknown cube [Sale]", "[Sales]", NULL},
    {"CREATE VIRTUAL CUBE [C] FROM [Sales] (DIMENSION [Time], MEASURE [Stock].[Pieces])", PT_NAME,
     "cube [Stock] is not among the base cubes", "", NULL},
    {"CREATE VIRTUAL CUBE [C] FROM [Sales] (DIMENSION [Depot], MEASURE [Sales].[Units])", PT_NAME,
     "no base cube has a dimension [Depot]", "", NULL},
    {"CREATE VIRTUAL CUBE [C] FROM [Sales] (DIMENSION [Time], MEASURE [Sales].[Twice])", PT_NAME,
     "no stored measure [Twice]", "MEMBER [Sales].[Twice]", NULL},
    {"CREATE VIRTUAL CUBE [C] FROM [Sales] (DIMENSION [Time], MEASURE [Sales].[Units], MEMBER "
     "[Sales].[Twise])",
     PT_NAME, "no calculated member [Twise]", "[Twice]", NULL},
    {"CREATE VIRTUAL CUBE [C] FROM [Both] (DIMENSION [Time], MEASURE [Both].[Units])", PT_UNSUPPORTED,
     "a virtual cube itself", "", NULL},
    {"CREATE MEMBER [Salez].[Measures].[x] AS 1", PT_NAME, "unknown cube [Salez]", "[Sales]", NULL},
    {"CREATE MEMBER [Sales].[Measures].[Twice] AS 1", PT_EXISTS, "calculated member of that name", "", NULL},
};

static void wrong_definitions_are_refused(void **state)
{
    shop *s = *state;
    shop_define(s, shop_dims);
    shop_define(s, shop_cubes);
    for (size_t i = 0; i < ARRAY_LEN(wrongs); i++) {
        const wrong *x = &wrongs[i];
        pt_err err = {0};
        define_result result;
        pt_status st = shop_try(s, x->text, &result, &err);
        if (st != x->status || !strstr(err.msg, x->message) || !strstr(err.hint, x->hint))
            fail_msg("%s\ngives %s: %s (%s)", x->text, pt_status_name(st), err.msg, err.hint);
        if (!err.has_place || err.at.end > strlen(x->text) || err.at.start >= err.at.end)
            fail_msg("%s\nplace %u..%u of: %s", x->text, err.at.start, err.at.end, err.msg);
        if (x->place && strncmp(x->text + err.at.start, x->place, strlen(x->place)) != 0)
            fail_msg("%s\nplace is at: %s", x->text, x->text + err.at.start);
    }
    assert_int_equal(schema_n_cubes(shop_view(s)->schema), 3);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(all_members_get_a_plural),
        cmocka_unit_test_setup_teardown(dimension_is_built, setup, teardown),
        cmocka_unit_test_setup_teardown(cube_hierarchies_have_names, setup, teardown),
        cmocka_unit_test_setup_teardown(hierarchies_of_one_dimension_share_a_role, setup, teardown),
        cmocka_unit_test_setup_teardown(measures_have_types, setup, teardown),
        cmocka_unit_test_setup_teardown(segments_have_roles_then_columns, setup, teardown),
        cmocka_unit_test_setup_teardown(virtual_cube_combines, setup, teardown),
        cmocka_unit_test_setup_teardown(created_formulas_join_their_cube, setup, teardown),
        cmocka_unit_test_setup_teardown(wrong_definitions_are_refused, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
