/* test_load.c - loads: what becomes a member or a fact, what is rejected and why, what is loaded again and
 * what not, what is replaced, and that a load is all or nothing. */
#include "tests/unit/unit.h"

#include <stdio.h>
#include <unistd.h>
#include <zlib.h>

#include "tests/unit/load_util.h"

static const char definitions[] =
    "CREATE DIMENSION [Product] (KEY product_id INTEGER,"
    "  ATTRIBUTE name TEXT, category TEXT, price DECIMAL(9,2), since DATE,"
    "  HIERARCHY [Product] ALL (LEVEL [Category] BY category, LEVEL [Name] BY product_id NAME name));"
    "CREATE DIMENSION [Customer] (KEY customer TEXT, ATTRIBUTE city TEXT HISTORY, gender TEXT,"
    "  HIERARCHY [Customer] ALL (LEVEL [City] BY city, LEVEL [Customer] BY customer));"
    "CREATE TIME DIMENSION [Time] FROM '2024-01-01' TO '2024-12-31' (HIERARCHY [Time] (YEAR, MONTH, DAY));"
    "CREATE CUBE [Sales] (DIMENSION [Time], DIMENSION [Product], DIMENSION [Customer],"
    "  MEASURE [Units] SUM(units) INTEGER, MEASURE [Amount] SUM(amount) DECIMAL(12,2),"
    "  MEASURE [Weight] SUM(weight) DOUBLE);"
    "CREATE SOURCE [shop] TYPE csv OPTIONS (directory 'DATA');";

static const char products_mapping[] =
    "CREATE MAPPING [products] INTO DIMENSION [Product] FROM [shop].'product.csv' p"
    "  JOIN 'category.csv' c ON p.cat = c.id"
    "  (product_id = p.id, name = p.name, category = c.title, price = p.price);";

static const char customers_mapping[] =
    "CREATE MAPPING [customers] INTO DIMENSION [Customer] FROM [shop].'customer.csv'"
    "  (customer, city, gender CODES ('M' AS 'Male', 'F' AS 'Female', NULL AS 'unknown'));";

static const char sales_mapping[] =
    "CREATE MAPPING [sales] INTO CUBE [Sales] FROM [shop].'sales_*.csv'"
    "  ([Time] = day, [Product] = product, [Customer] = customer ON UNKNOWN INFER,"
    "   units, amount = units * price, weight);";

static works *open_shop(unsigned n_threads)
{
    works *w = works_open(n_threads);
    works_define(w, definitions);
    works_define(w, products_mapping);
    works_define(w, customers_mapping);
    works_define(w, sales_mapping);
    works_write(w, "category.csv", "id,title\n1,Fruit\n2,Drink\n");
    works_write(w, "product.csv", "id,name,cat,price\n10,Apple,1,0.50\n20,Tea,2,3\n30,Pear,1,\n");
    works_write(w, "customer.csv", "customer,city,gender\nann,Rome,F\nbob,Oslo,M\ncy,Rome,\n");
    works_write(w, "sales_01.csv",
                "day,product,customer,units,price,weight\n"
                "2024-01-05,10,ann,2,0.50,1.5\n"
                "2024-01-06,20,bob,1,3.00,\n"
                "2024-02-01,10,dora,3,0.45,2\n");
    return w;
}

#define SALES_01                                                                                             \
    "2024-01-05,10,ann: 2,1.00,1.5\n"                                                                        \
    "2024-01-06,20,bob: 1,3.00,-\n"                                                                          \
    "2024-02-01,10,dora: 3,1.35,2\n"

static int setup(void **state)
{
    *state = open_shop(2);
    return 0;
}

static int teardown(void **state)
{
    works_close(*state);
    return 0;
}

/* ---- what is loaded ------------------------------------------------ */

static void test_members_and_facts(void **state)
{
    works *w = *state;
    works_load(w, NULL);
    works_expect_members(w, "Product", "10,Apple,Fruit,0.50,-\n20,Tea,Drink,3.00,-\n30,Pear,Fruit,-,-\n");
    works_expect_members(w, "Customer", "ann,Rome,Female\nbob,Oslo,Male\ncy,Rome,unknown\ndora,-,-\n");
    works_expect_facts(w, "Sales", SALES_01);
    assert_int_equal(w->r.load_id, 1);
    assert_int_equal(w->r.n_read, 9);
    assert_int_equal(w->r.n_loaded, 9);
    assert_int_equal(w->r.n_rejected, 0);
    const load_mapping_result *sales = works_result(w, "sales");
    assert_int_equal(sales->n_members_inferred, 1);
    assert_int_equal(works_result(w, "products")->n_members_new, 3);
    works_reopen(w);
    works_expect_facts(w, "Sales", SALES_01);
}

/* An inferred member takes its attributes when the dimension knows it. */
static void test_inferred_member_is_completed(void **state)
{
    works *w = *state;
    works_load(w, NULL);
    works_write(w, "customer.csv", "customer,city,gender\ndora,Bonn,F\n");
    works_load(w, "customers");
    works_expect_members(w, "Customer",
                         "ann,Rome,Female\nbob,Oslo,Male\ncy,Rome,unknown\ndora,Bonn,Female\n");
    assert_int_equal(works_result(w, "customers")->n_members_changed, 1);
}

static void test_same_content_is_skipped(void **state)
{
    works *w = *state;
    works_load(w, NULL);
    uint64_t version = w->r.version;
    works_load(w, NULL);
    assert_int_equal(w->r.load_id, 0); /* nothing published */
    assert_int_equal(works_result(w, "sales")->n_files_skipped, 1);
    assert_int_equal(works_result(w, "products")->n_files_skipped, 1);
    assert_int_equal(snapshot_version(shop_view(w->shop)->snap), version);
    /* under another name as well */
    char from[256], to[256];
    works_path(w, "sales_01.csv", from);
    works_path(w, "sales_copy.csv", to);
    assert_int_equal(link(from, to), 0);
    works_load(w, "sales");
    assert_int_equal(works_result(w, "sales")->n_files_skipped, 2);
    works_expect_facts(w, "Sales", SALES_01);
}

/* The first load knows no content yet: files are only looked through beforehand where two may be the same. */
static void test_copies_in_first_load(void **state)
{
    works *w = *state;
    char from[256], to[256];
    works_path(w, "sales_01.csv", from);
    works_path(w, "sales_copy.csv", to);
    assert_int_equal(link(from, to), 0);
    works_write(w, "sales_02.csv", "day,product,customer,units,price,weight\n2024-03-01,30,cy,1,1,1\n");
    works_load(w, NULL);
    assert_int_equal(works_result(w, "sales")->n_files, 2);
    assert_int_equal(works_result(w, "sales")->n_files_skipped, 1);
    works_expect_facts(w, "Sales", SALES_01 "2024-03-01,30,cy: 1,1.00,1\n");
    assert_non_null(strstr(w->r.json.ptr, "\"sha256\":\"6206a7f668d13bdb"));
    works_path(w, "sales_02.csv", from);
    works_path(w, "sales_09.csv", to);
    assert_int_equal(rename(from, to), 0);
    works_load(w, NULL);
    assert_int_equal(works_result(w, "sales")->n_files_skipped, 3);
    works_expect_facts(w, "Sales", SALES_01 "2024-03-01,30,cy: 1,1.00,1\n");
}

static void test_new_file_is_added(void **state)
{
    works *w = *state;
    works_load(w, NULL);
    works_write(w, "sales_02.csv", "day,product,customer,units,price,weight\n2024-03-01,30,cy,1,1,1\n");
    works_load(w, NULL);
    assert_int_equal(works_result(w, "sales")->n_files, 1);
    works_expect_facts(w, "Sales", SALES_01 "2024-03-01,30,cy: 1,1.00,1\n");
}

/* A file whose content changed replaces what it brought before, and only that, whatever became of segments.
 */
static void test_changed_file_replaces(void **state)
{
    works *w = *state;
    uint32_t n_merged;
    pt_err err = {0};
    works_write(w, "sales_02.csv", "day,product,customer,units,price,weight\n2024-03-01,30,cy,1,1,1\n");
    works_load(w, NULL);
    works_write(w, "sales_03.csv", "day,product,customer,units,price,weight\n2024-03-02,30,cy,7,1,1\n");
    works_load(w, NULL);
    assert_ok(warehouse_compact(w->shop->w, shop_cube(w->shop, "Sales"), &n_merged, &err));
    assert_int_equal(n_merged, 2);
    works_write(w, "sales_02.csv", "day,product,customer,units,price,weight\n2024-03-03,30,cy,5,1,1\n");
    works_load(w, NULL);
    assert_int_equal(works_result(w, "sales")->n_deleted, 1);
    works_expect_facts(w, "Sales", SALES_01 "2024-03-02,30,cy: 7,7.00,1\n2024-03-03,30,cy: 5,5.00,1\n");
    /* the old content is new again */
    works_write(w, "sales_02.csv", "day,product,customer,units,price,weight\n2024-03-01,30,cy,1,1,1\n");
    works_load(w, NULL);
    works_expect_facts(w, "Sales", SALES_01 "2024-03-01,30,cy: 1,1.00,1\n2024-03-02,30,cy: 7,7.00,1\n");
}

static void test_renamed_and_rewritten(void **state)
{
    works *w = *state;
    char from[256], to[256];
    works_load(w, NULL);
    works_path(w, "sales_01.csv", from);
    works_path(w, "sales_old.csv", to);
    assert_int_equal(rename(from, to), 0);
    works_write(w, "sales_01.csv", "day,product,customer,units,price,weight\n2024-04-01,30,cy,1,1,1\n");
    works_load(w, NULL);
    works_expect_facts(w, "Sales", SALES_01 "2024-04-01,30,cy: 1,1.00,1\n");
    /* now the new one becomes a copy of the old: its own rows go, the other's stay */
    assert_int_equal(unlink(from), 0);
    assert_int_equal(link(to, from), 0);
    works_load(w, NULL);
    works_expect_facts(w, "Sales", SALES_01);
    /* and when the other changes, the copy counts */
    works_write(w, "sales_old.csv", "day,product,customer,units,price,weight\n2024-05-01,30,cy,1,1,1\n");
    works_load(w, NULL);
    works_expect_facts(w, "Sales", SALES_01 "2024-05-01,30,cy: 1,1.00,1\n");
}

static void test_force(void **state)
{
    works *w = *state;
    works_load(w, NULL);
    works_define(w, "CREATE OR REPLACE MAPPING [sales] INTO CUBE [Sales] FROM [shop].'sales_*.csv'"
                    " ([Time] = day, [Product] = product, [Customer] = customer, units = units * 10);");
    works_load(w, NULL);
    works_expect_facts(w, "Sales", SALES_01);
    w->options.force = true;
    works_load(w, "sales");
    works_expect_facts(w, "Sales",
                       "2024-01-05,10,ann: 20,-,-\n2024-01-06,20,bob: 10,-,-\n2024-02-01,10,dora: 30,-,-\n");
}

static void test_append_option(void **state)
{
    works *w = *state;
    works_define(w, "CREATE OR REPLACE SOURCE [shop] TYPE csv OPTIONS (directory 'DATA', changed 'append');");
    works_load(w, NULL);
    works_write(w, "sales_01.csv", "day,product,customer,units,price,weight\n2024-04-01,30,cy,1,1,1\n");
    works_load(w, NULL);
    works_expect_facts(w, "Sales", SALES_01 "2024-04-01,30,cy: 1,1.00,1\n");
}

/* ---- rejects ------------------------------------------------------- */

static void test_rejects(void **state)
{
    works *w = *state;
    works_write(w, "sales_02.csv",
                "day,product,customer,units,price,weight\n"
                "2024-13-01,10,ann,1,1,1\n"
                "2024-03-01,99,ann,1,1,1\n"
                "2024-03-01,10,\"multi\nline\",1,1,1\n"
                "2024-03-01,10,ann,many,1,1\n"
                "2024-03-01,10,ann,1,1\n"
                "2024-03-01,,ann,1,1,1\n"
                "2025-03-01,10,ann,1,1,1\n"
                "2024-03-01,10,ann,1,0.333,1\n"
                "2024-03-01,10,\"ann,1,1,1\n"
                "2024-03-01,10,ann,1,1,heavy\n");
    works_load(w, NULL);
    works_expect_rejects(
        w, "sales_02.csv:2 day '2024-13-01' expected a date as YYYY-MM-DD, found '2024-13-01'\n"
           "sales_02.csv:3 product '99' no member of dimension [Product] has this key\n"
           "sales_02.csv:6 units 'many' expected a whole number of at most 64 bits, found 'many'\n"
           "sales_02.csv:7 - '-' expected 6 fields, found 5\n"
           "sales_02.csv:8 product '-' no key for dimension [Product]\n"
           "sales_02.csv:9 day '2025-03-01' no member of dimension [Time] has this key\n"
           "sales_02.csv:10 amount '-' 0.333 does not fit DECIMAL without loss\n"
           "sales_02.csv:11 - '-' a quote is opened and never closed\n"
           "sales_02.csv:12 weight 'heavy' expected a number, found 'heavy'\n");
    const load_mapping_result *sales = works_result(w, "sales");
    assert_int_equal(sales->n_read, 13);
    assert_int_equal(sales->n_loaded, 4);
    assert_int_equal(sales->n_rejected, 9);
    works_expect_facts(w, "Sales", SALES_01 "2024-03-01,10,multi\nline: 1,1.00,1\n");
}

/* A fact that came before its member gets in when the member is known, in place of nothing else. */
static void test_rejects_are_tried_again(void **state)
{
    works *w = *state;
    works_write(w, "sales_02.csv",
                "day,product,customer,units,price,weight\n"
                "2024-03-01,10,ann,1,1,1\n2024-03-01,99,ann,2,1,1\n2024-03-01,10,ann,x,1,1\n");
    works_load(w, NULL);
    assert_int_equal(works_result(w, "sales")->n_rejected, 2);
    works_load(w, NULL);
    assert_int_equal(w->r.load_id, 0); /* the product is still not known */
    works_write(w, "product.csv", "id,name,cat,price\n99,Plum,1,0.50\n");
    works_load(w, NULL);
    assert_int_equal(works_result(w, "sales")->n_files, 1);
    assert_int_equal(works_result(w, "sales")->n_files_skipped, 1);
    assert_int_equal(works_result(w, "sales")->n_rejected, 1);
    works_expect_facts(w, "Sales", SALES_01 "2024-03-01,10,ann: 1,1.00,1\n2024-03-01,99,ann: 2,2.00,1\n");
    /* a bad value waits for a better mapping */
    works_define(w, "CREATE OR REPLACE MAPPING [sales] INTO CUBE [Sales] FROM [shop].'sales_*.csv'"
                    " ([Time] = day, [Product] = product, [Customer] = customer ON UNKNOWN INFER,"
                    "  units = NULLIF(units, 'x'));");
    works_load(w, NULL);
    works_expect_facts(w, "Sales",
                       SALES_01 "2024-03-01,10,ann: -,-,-\n2024-03-01,10,ann: 1,-,-\n"
                                "2024-03-01,99,ann: 2,-,-\n");
}

static void test_dimension_rejects(void **state)
{
    works *w = *state;
    works_write(w, "product.csv",
                "id,name,cat,price\n10,Apple,7,0.50\n,Tea,2,3\n30,Pear,1,0.505\n40,Fig,1,1e2\n");
    works_load(w, "products");
    works_expect_rejects(
        w, "product.csv:2 cat '7' no row in 'category.csv' with id = '7'\n"
           "product.csv:3 product_id '-' the key is null\n"
           "product.csv:4 price '0.505' '0.505' does not fit DECIMAL with 2 digits after the point\n");
    works_expect_members(w, "Product", "40,Fig,Fruit,100.00,-\n");
    works_write(w, "customer.csv", "customer,city,gender\nann,Rome,X\n");
    works_load(w, "customers");
    works_expect_rejects(w, "customer.csv:2 gender 'X' there is no code for 'X'\n");
}

static void test_on_error_fail(void **state)
{
    works *w = *state;
    pt_err err = {0};
    works_define(w, "CREATE OR REPLACE MAPPING [sales] INTO CUBE [Sales] FROM [shop].'sales_*.csv'"
                    " ([Time] = day, [Product] = product, [Customer] = customer ON UNKNOWN INFER, units)"
                    " ON ERROR FAIL;");
    works_write(w, "sales_02.csv",
                "day,product,customer,units,price,weight\n"
                "2024-03-01,10,ann,1,1,1\n2024-03-01,10,ann,x,1,1\n");
    assert_fails(works_try_load(w, NULL, &err), PT_DATA,
                 "'sales_02.csv', line 3, column units, value 'x': expected a whole number");
    works_expect_facts(w, "Sales", ""); /* nothing, not even members */
    works_expect_members(w, "Product", "");
    works_define(w, "CREATE OR REPLACE MAPPING [sales] INTO CUBE [Sales] FROM [shop].'sales_*.csv'"
                    " ([Time] = day, [Product] = product, [Customer] = customer ON UNKNOWN FAIL);");
    assert_fails(works_try_load(w, NULL, &err), PT_DATA, "line 4, column customer, value 'dora': no member");
    works_expect_facts(w, "Sales", "");
}

/* ---- joins --------------------------------------------------------- */

static void test_left_join_and_duplicates(void **state)
{
    works *w = *state;
    pt_err err = {0};
    works_write(w, "product.csv", "id,name,cat,price\n10,Apple,7,0.50\n20,Tea,,3\n30,Pear,1,1\n");
    works_define(w,
                 "CREATE OR REPLACE MAPPING [products] INTO DIMENSION [Product] FROM [shop].'product.csv' p"
                 "  LEFT JOIN 'category.csv' c ON p.cat = c.id"
                 "  (product_id = p.id, name = p.name, category = COALESCE(title, 'none'));");
    works_load(w, "products");
    works_expect_members(w, "Product", "10,Apple,none,-,-\n20,Tea,none,-,-\n30,Pear,Fruit,-,-\n");
    works_write(w, "category.csv", "id,title\n1,Fruit\n2,Drink\n1,Nuts\n");
    assert_fails(works_try_load(w, "products", &err), PT_DATA,
                 "look-up table 'category.csv' has id = '1' twice, in lines 2 and 4");
}

static void test_chain_of_joins(void **state)
{
    works *w = *state;
    works_write(w, "category.csv", "id,title,group\n1,Fruit,A\n2,Drink,B\n");
    works_write(w, "group.csv", "shop,code,label\nx,A,fresh\ny,A,stale\nx,B,wet\n");
    works_define(w,
                 "CREATE OR REPLACE MAPPING [products] INTO DIMENSION [Product] FROM [shop].'product.csv' p"
                 "  JOIN 'category.csv' c ON p.cat = c.id"
                 "  JOIN 'group.csv' g ON c.[group] = g.code AND p.[where] = g.shop"
                 "  (product_id = p.id, name = p.name, category = g.label || ' ' || c.title);");
    works_write(w, "product.csv", "id,name,cat,where\n10,Apple,1,y\n20,Tea,2,x\n");
    works_load(w, "products");
    works_expect_members(w, "Product", "10,Apple,stale Fruit,-,-\n20,Tea,wet Drink,-,-\n");
    /* a change of a joined table is seen */
    works_write(w, "group.csv", "shop,code,label\nx,A,fresh\ny,A,old\nx,B,wet\n");
    works_load(w, "products");
    works_expect_members(w, "Product", "10,Apple,old Fruit,-,-\n20,Tea,wet Drink,-,-\n");
}

/* ---- history ------------------------------------------------------- */

static void test_history(void **state)
{
    works *w = *state;
    works_define(w,
                 "CREATE OR REPLACE MAPPING [customers] INTO DIMENSION [Customer] FROM [shop].'customer.csv'"
                 "  (customer, city, gender, valid_from = since FORMAT '%d.%m.%Y');");
    works_write(w, "customer.csv",
                "customer,city,gender,since\nann,Rome,F,01.01.2024\nbob,Oslo,M,01.01.2024\n"
                "ann,Bonn,F,01.02.2024\n");
    works_load(w, "products, customers");
    works_expect_members(w, "Customer", "ann,Rome,F\nbob,Oslo,M\nann,Bonn,F\n");
    /* each fact takes the version of its day, however late it comes; an overwritten attribute is the same in
     * all */
    works_write(w, "customer.csv", "customer,city,gender,since\nann,Bonn,X,01.03.2024\n");
    works_write(w, "sales_01.csv",
                "day,product,customer,units,price,weight\n"
                "2024-02-02,10,ann,1,1,\n2024-01-02,10,ann,2,1,\n");
    works_load(w, NULL);
    works_expect_members(w, "Customer", "ann,Rome,X\nbob,Oslo,M\nann,Bonn,X\n");
    pt_err err = {0};
    const cube *c = shop_cube(w->shop, "Sales");
    uint32_t n, ids[2];
    const snapshot_seg *segs = snapshot_segs(w->shop->v.snap, c->id, &n);
    assert_int_equal(n, 1);
    assert_int_equal(seg_rows(segs[0].seg), 2);
    uint32_t *block = malloc(SEG_BLOCK_ROWS * sizeof *block);
    assert_ok(
        seg_read_ids(segs[0].seg, (uint32_t)seg_find(segs[0].seg, STR("Customer"), true), 0, block, &err));
    memcpy(ids, block, sizeof ids);
    free(block);
    assert_int_equal(ids[0], 0); /* sorted by time: January first, Rome */
    assert_int_equal(ids[1], 2); /* February: Bonn */
}

/* ---- slices -------------------------------------------------------- */

static void test_where(void **state)
{
    works *w = *state;
    works_define(w, "CREATE OR REPLACE MAPPING [sales] INTO CUBE [Sales] FROM [shop].'sales_*.csv'"
                    " ([Time] = day, [Product] = product, [Customer] = customer ON UNKNOWN INFER, units)"
                    " WHERE (units > 1 AND MONTH(day) = 1);");
    works_load(w, NULL);
    works_expect_facts(w, "Sales", "2024-01-05,10,ann: 2,-,-\n");
    assert_int_equal(works_result(w, "sales")->n_filtered, 2);
}

/* REPLACE makes a slice hold exactly what the files hold of it now. */
static void test_replace_slice(void **state)
{
    works *w = *state;
    works_write(w, "sales_02.csv", "day,product,customer,units,price,weight\n2024-01-07,10,ann,4,1,\n");
    works_load(w, NULL);
    works_write(w, "sales_02.csv",
                "day,product,customer,units,price,weight\n"
                "2024-01-08,20,bob,6,1,\n2024-02-09,10,ann,7,1,\n2024-01-09,20,new,8,1,\n");
    w->replace = "[Time].[2024].[1]";
    works_load(w, "sales");
    const load_mapping_result *sales = works_result(w, "sales");
    assert_int_equal(sales->n_deleted, 3);
    assert_int_equal(sales->n_loaded, 4);   /* January of both files, the known one too */
    assert_int_equal(sales->n_filtered, 1); /* February of the known one is there already */
    works_expect_rejects(w, "sales_02.csv:3 Time '-' outside of the slice that is replaced\n");
    works_expect_facts(w, "Sales",
                       "2024-01-05,10,ann: 2,1.00,1.5\n2024-01-06,20,bob: 1,3.00,-\n"
                       "2024-01-08,20,bob: 6,6.00,-\n2024-01-09,20,new: 8,8.00,-\n"
                       "2024-02-01,10,dora: 3,1.35,2\n");
    /* again: nothing changes, nothing counts twice */
    w->replace = "[Time].[2024].[1]";
    works_load(w, "sales");
    assert_int_equal(works_result(w, "sales")->n_deleted, 4);
    works_expect_facts(w, "Sales",
                       "2024-01-05,10,ann: 2,1.00,1.5\n2024-01-06,20,bob: 1,3.00,-\n"
                       "2024-01-08,20,bob: 6,6.00,-\n2024-01-09,20,new: 8,8.00,-\n"
                       "2024-02-01,10,dora: 3,1.35,2\n");
    pt_err err = {0};
    w->replace = "[Time].[2023]";
    assert_int_equal(works_try_load(w, "sales", &err), PT_NAME);
    pt_err_clear(&err);
    w->replace = "[Time].[2024]";
    assert_fails(works_try_load(w, "products", &err), PT_USAGE, "REPLACE needs a mapping into a cube");
}

/* A slice by members that move and are new in the same load. */
static void test_replace_category(void **state)
{
    works *w = *state;
    works_load(w, NULL);
    works_write(w, "category.csv", "id,title\n1,Apples\n2,Drink\n3,Fruit\n");
    works_write(w, "product.csv", "id,name,cat,price\n10,Apple,2,0.50\n5,Ale,2,1\n");
    works_write(w, "sales_01.csv",
                "day,product,customer,units,price,weight\n"
                "2024-01-01,10,ann,1,1,\n2024-01-01,5,ann,2,1,\n2024-01-01,30,ann,3,1,\n");
    w->replace = "[Product].[Drink]";
    works_load(w, "products, sales");
    works_expect_facts(w, "Sales", "2024-01-01,10,ann: 1,1.00,-\n2024-01-01,5,ann: 2,2.00,-\n");
    works_expect_rejects(w, "sales_01.csv:4 Product '-' outside of the slice that is replaced\n");
}

static void test_slice_by(void **state)
{
    works *w = *state;
    works_define(w, "CREATE OR REPLACE MAPPING [sales] INTO CUBE [Sales] FROM [shop].'sales_*.csv'"
                    " ([Time] = day, [Product] = product, [Customer] = customer ON UNKNOWN INFER, units)"
                    " SLICE BY [Time].[Month];");
    works_load(w, NULL);
    /* What a load brings for a month is all there is of that month. */
    works_write(w, "sales_again.csv", "day,product,customer,units,price,weight\n2024-01-20,10,ann,9,1,\n");
    works_load(w, NULL);
    assert_int_equal(works_result(w, "sales")->n_deleted, 2);
    works_expect_facts(w, "Sales", "2024-01-20,10,ann: 9,-,-\n2024-02-01,10,dora: 3,-,-\n");
}

/* ---- sources ------------------------------------------------------- */

static void test_encodings_and_packing(void **state)
{
    works *w = *state;
    char path[256];
    works_define(
        w,
        "CREATE SOURCE [cn] TYPE csv OPTIONS (directory 'DATA', encoding 'GBK', delimiter '|', header OFF);"
        "CREATE MAPPING [cn customers] INTO DIMENSION [Customer] FROM [cn].'cn.txt.gz'"
        " (customer = c1, city = c2);");
    works_path(w, "cn.txt.gz", path);
    gzFile z = gzopen(path, "wb");
    gzputs(z, "\xC0\xEE|\xB1\xB1\xBE\xA9\n\xCD\xF5|\xFF\n"); /* 李|北京, and a broken row */
    gzclose(z);
    works_load(w, "cn customers");
    works_expect_members(w, "Customer", "李,北京,-\n");
    works_expect_rejects(
        w, "cn.txt.gz:2 - '-' field 2 is not valid in the encoding of the file, from byte 1 on\n");
}

static void test_missing(void **state)
{
    works *w = *state;
    pt_err err = {0};
    works_write(w, "sales_01.csv", "day,prodct,customer,units,price,weight\n2024-01-05,10,ann,2,0.50,1.5\n");
    assert_fails(works_try_load(w, NULL, &err), PT_NAME, "'sales_01.csv' has no column [product]");
    assert_int_equal(works_try_load(w, "slaes", &err), PT_NAME);
    assert_non_null(strstr(err.hint, "[sales]"));
    works_define(w, "CREATE OR REPLACE MAPPING [sales] INTO CUBE [Sales] FROM [shop].'sale_*.csv'"
                    " ([Time] = day, [Product] = product, [Customer] = customer);");
    assert_fails(works_try_load(w, NULL, &err), PT_IO, "no file matches 'sale_*.csv'");
    works_expect_members(w, "Product", "");
}

/* ---- definitions --------------------------------------------------- */

static void expect_refused(works *w, const char *text, pt_status st, const char *message, const char *at)
{
    pt_err err = {0};
    if (works_try_define(w, text, &err) != st || !strstr(err.msg, message))
        fail_msg("%s: %s: %s", text, pt_status_name(err.code), err.msg);
    if (at && (!err.has_place || err.at.start != (uint32_t)(strstr(text, at) - text)))
        fail_msg("%s: the place is byte %u, not '%s'", text, err.at.start, at);
}

static void test_definitions(void **state)
{
    works *w = *state;
    expect_refused(w, "CREATE MAPPING [m] INTO CUBE [Sales] FROM [shop].'f.csv' ([Time] = a, units = b)",
                   PT_USAGE, "gives no member for [Product], [Customer] of cube [Sales]", "[m]");
    expect_refused(w, "CREATE MAPPING [m] INTO CUBE [Sale] FROM [shop].'f.csv' ([Time] = a)", PT_NAME,
                   "unknown cube [Sale]", NULL);
    expect_refused(w, "CREATE MAPPING [m] INTO CUBE [Sales] FROM [shopp].'f.csv' ([Time] = a)", PT_NAME,
                   "unknown source [shopp]", NULL);
    expect_refused(w, "CREATE MAPPING [m] INTO DIMENSION [Product] FROM [shop].'f.csv' (product_id, nam = x)",
                   PT_NAME, "dimension [Product] has no key or attribute [nam]", "nam = x");
    expect_refused(w, "CREATE MAPPING [m] INTO DIMENSION [Product] FROM [shop].'f.csv' (name = x)", PT_USAGE,
                   "does not give the key [product_id]", NULL);
    expect_refused(
        w, "CREATE MAPPING [m] INTO DIMENSION [Product] FROM [shop].'f.csv' (product_id, name = UPER(x))",
        PT_NAME, "no function UPER", "UPER");
    expect_refused(
        w, "CREATE MAPPING [m] INTO DIMENSION [Product] FROM [shop].'f.csv' (product_id, product_id = b)",
        PT_USAGE, "[product_id] is given twice", "product_id = b");
    expect_refused(
        w, "CREATE MAPPING [m] INTO DIMENSION [Product] FROM [shop].'f.csv' (product_id, since FORMAT 'D.M')",
        PT_USAGE, "expected a date pattern", NULL);
    expect_refused(
        w, "CREATE MAPPING [m] INTO DIMENSION [Product] FROM [shop].'f.csv' (product_id, name FORMAT '%Y')",
        PT_TYPE, "FORMAT is for dates", NULL);
    expect_refused(w,
                   "CREATE MAPPING [m] INTO DIMENSION [Product] FROM [shop].'f.csv' (product_id, price CODES "
                   "(1 AS 'x'))",
                   PT_TYPE, "a code of [price] does not fit", NULL);
    expect_refused(w, "CREATE MAPPING [m] INTO DIMENSION [Time] FROM [shop].'f.csv' (date)", PT_USAGE,
                   "is a calendar that makes its own members", NULL);
    expect_refused(w, "CREATE SOURCE [s] TYPE csv OPTIONS (directory 'x', heder ON)", PT_NAME,
                   "has no option 'heder'", "heder");
    /* the same again changes nothing */
    pt_err err = {0};
    assert_ok(works_try_define(w, sales_mapping, &err));
    assert_ok(works_try_define(w, "CREATE SOURCE [rel] TYPE csv OPTIONS (directory 'sub')", &err));
    uint32_t n;
    const catalog_def *defs = snapshot_defs(shop_view(w->shop)->snap, &n);
    assert_non_null(strstr(defs[n - 1].text.ptr, w->data)); /* resolved */
}

/* ---- many rows ----------------------------------------------------- */

/* The same facts from one thread and small segments as from several threads and large ones. */
static void test_threads_and_segments(void **state)
{
    (void)state;
    strbuf text = {0}, facts[2] = {{0}, {0}};
    uint64_t seed = 42;
    strbuf_addz(&text, "day,product,customer,units,price,weight\n");
    for (int i = 0; i < 100000; i++)
        strbuf_printf(&text, "2024-%02d-%02d,%d,c%d,%d,%d.%02d,%d\n", (int)(unit_random(&seed) % 12) + 1,
                      (int)(unit_random(&seed) % 28) + 1, (int)(unit_random(&seed) % 3 + 1) * 10,
                      (int)(unit_random(&seed) % 5000),
                      (int)(unit_random(&seed) % 100) - (i % 1000 == 0 ? 200 : 0),
                      (int)(unit_random(&seed) % 90), (int)(unit_random(&seed) % 100), i % 7);
    for (int k = 0; k < 2; k++) {
        works *w = open_shop(k ? 4 : 1);
        works_write_bytes(w, "sales_02.csv", text.ptr, text.len);
        w->options.segment_rows = k ? 0 : 7000;
        works_load(w, NULL);
        assert_int_equal(works_result(w, "sales")->n_loaded, 100003);
        works_facts(w, "Sales", &facts[k]);
        uint32_t n;
        snapshot_segs(w->shop->v.snap, shop_cube(w->shop, "Sales")->id, &n);
        assert_int_equal(n, k ? 1 : 15);
        works_close(w);
    }
    assert_int_equal(facts[0].len, facts[1].len);
    assert_memory_equal(facts[0].ptr, facts[1].ptr, facts[0].len);
    strbuf_free(&text);
    strbuf_free(&facts[0]);
    strbuf_free(&facts[1]);
}

#define LOAD_TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        LOAD_TEST(test_members_and_facts),
        LOAD_TEST(test_inferred_member_is_completed),
        LOAD_TEST(test_same_content_is_skipped),
        LOAD_TEST(test_copies_in_first_load),
        LOAD_TEST(test_new_file_is_added),
        LOAD_TEST(test_changed_file_replaces),
        LOAD_TEST(test_renamed_and_rewritten),
        LOAD_TEST(test_force),
        LOAD_TEST(test_append_option),
        LOAD_TEST(test_rejects),
        LOAD_TEST(test_dimension_rejects),
        LOAD_TEST(test_on_error_fail),
        LOAD_TEST(test_rejects_are_tried_again),
        LOAD_TEST(test_left_join_and_duplicates),
        LOAD_TEST(test_chain_of_joins),
        LOAD_TEST(test_history),
        LOAD_TEST(test_replace_slice),
        LOAD_TEST(test_replace_category),
        LOAD_TEST(test_where),
        LOAD_TEST(test_slice_by),
        LOAD_TEST(test_encodings_and_packing),
        LOAD_TEST(test_missing),
        LOAD_TEST(test_definitions),
        cmocka_unit_test(test_threads_and_segments),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
