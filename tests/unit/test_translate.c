/* test_translate.c - many rows at once come to the same as row by row: facts, members, rejected rows.
 *
 * A mapping with WHERE takes its rows one by one, so the same file is loaded by two mappings that differ in
 * nothing else. */
#include "tests/unit/unit.h"

#include "tests/unit/load_util.h"

enum { SEEDS = 8, MAX_ROWS = 1500 };

static const char definitions[] =
    "CREATE DIMENSION [Product] (KEY product_id INTEGER, ATTRIBUTE name TEXT,"
    "  HIERARCHY [Product] ALL (LEVEL [Product] BY product_id NAME name));"
    "CREATE DIMENSION [Order] (KEY number INTEGER, HIERARCHY [Order] ALL (LEVEL [Order] BY number));"
    "CREATE DIMENSION [Customer] (KEY customer TEXT, ATTRIBUTE city TEXT HISTORY,"
    "  HIERARCHY [Customer] ALL (LEVEL [City] BY city, LEVEL [Customer] BY customer));"
    "CREATE TIME DIMENSION [Time] FROM '2024-01-01' TO '2024-12-31' (HIERARCHY [Time] (YEAR, MONTH, DAY));"
    "CREATE CUBE [Sales] (DIMENSION [Time], DIMENSION [Product], DIMENSION [Order], DIMENSION [Customer],"
    "  MEASURE [Units] SUM(units) INTEGER, MEASURE [Amount] SUM(amount) DECIMAL(12,2),"
    "  MEASURE [Price] MAX(price) DECIMAL(9,3), MEASURE [Weight] SUM(weight) DOUBLE,"
    "  MEASURE [Code] MAX(code) INTEGER, MEASURE [Absent] SUM(absent) INTEGER);"
    "CREATE SOURCE [shop] TYPE csv OPTIONS (directory 'DATA', null '%s');"
    "CREATE MAPPING [products] INTO DIMENSION [Product] FROM [shop].'product.csv' (product_id = id, name);"
    "CREATE MAPPING [customers] INTO DIMENSION [Customer] FROM [shop].'customer.csv'"
    "  (customer, city, valid_from = since);"
    "CREATE MAPPING [sales] INTO CUBE [Sales] FROM [shop].'sales.csv'"
    "  ([Time] = day, [Product] = product%s, [Order] = number ON UNKNOWN INFER,"
    "   [Customer] = customer ON UNKNOWN INFER, units, amount = -(0.5 - units * price), price, weight,"
    "   code = kind CODES ('a' AS 1, 'b' AS 2, ELSE 3))%s;";

static const char *pick(uint64_t *seed, const char *const *of, size_t n)
{
    return of[unit_random(seed) % n];
}

#define PICK(...)                                                                                            \
    pick(seed, (const char *const[]){__VA_ARGS__},                                                           \
         sizeof((const char *const[]){__VA_ARGS__}) / sizeof(char *))

/* A field, now and then in quotes. */
static void add_field(strbuf *b, uint64_t *seed, const char *text, bool is_last)
{
    bool is_quoted = unit_random(seed) % 8 == 0;
    if (is_quoted) strbuf_addc(b, '"');
    strbuf_addz(b, text);
    if (is_quoted) strbuf_addc(b, '"');
    strbuf_addz(b, !is_last ? "," : unit_random(seed) % 20 == 0 ? "\r\n" : "\n");
}

static void add_number(strbuf *b, uint64_t *seed, uint64_t below, bool is_last)
{
    char text[32];
    snprintf(text, sizeof text, "%llu", (unsigned long long)(unit_random(seed) % below));
    add_field(b, seed, text, is_last);
}

/* Every `odd`-th field or so is not as it should be, or as one would write it. */
static void add_row(strbuf *b, uint64_t *seed, unsigned odd)
{
#define IS_ODD (unit_random(seed) % odd == 0)
    char day[16];
    snprintf(day, sizeof day, "2024-%02d-%02d", (int)(unit_random(seed) % 12) + 1,
             (int)(unit_random(seed) % 28) + 1);
    add_field(b, seed, IS_ODD ? PICK("", "2023-01-01", "2024-1-1", "x", "2024-02-30") : day, false);
    if (IS_ODD)
        add_field(b, seed, PICK("", "+7", " 7", "07", "7.0", "x", "99999999999999999999", "-3", "N/A"),
                  false);
    else
        add_number(b, seed, 1100, false);
    if (IS_ODD)
        add_field(b, seed, PICK("", "1e3", "123456789012345678", "1234567890123456", "-5"), false);
    else
        add_number(b, seed, 500, false);
    add_field(b, seed,
              PICK("ann", "bob", "c", "a customer with a long name", "a customer with a longer name",
                   "sixteen letters!", "J\xc3\xbcrgen \xe6\x9d\x8e", "N/A", ""),
              false);
    if (IS_ODD)
        add_field(b, seed, PICK("", "1.0", "1.5", "--1", "-", "1 2", "12345678901234567", "N/A"), false);
    else
        add_number(b, seed, 1000000, false);
    add_field(b, seed,
              IS_ODD ? PICK("", ".5", "5.", "1.2345", "1.2340", "1..2", "-0.5", "-.5", "1.-5", "+1", "1e2",
                            "123456789.5", "-", ".", "N/A")
                     : PICK("0.5", "12.345", "-3.25", "7", "100.10", "-12"),
              false);
    add_field(b, seed, IS_ODD ? PICK("", "x", "N/A") : PICK("1.5", "2", "1e3", "-0.25"), false);
    add_field(b, seed, IS_ODD ? PICK("", "N/A", "c\"\"d", "e\nf") : PICK("a", "b"), true);
    if (unit_random(seed) % (4 * odd) == 0)
        strbuf_addz(b, PICK("1,2\n", "\n", "a\"b,c\n", "1,2,3,4,5,6,7,8,9\n"));
}

static void load_one(uint64_t seed, pt_str text, bool by_rows, strbuf *out)
{
    works *w = works_open(2);
    strbuf script = {0};
    strbuf_printf(&script, definitions, seed % 3 ? "" : "N/A", seed % 2 ? "" : " ON UNKNOWN INFER",
                  by_rows ? " WHERE day IS NULL OR day IS NOT NULL" : "");
    works_define(w, script.ptr);
    strbuf_clear(&script);
    strbuf_addz(&script, "id,name\n");
    for (int i = 0; i < 1000; i++) strbuf_printf(&script, "%d,p%d\n", i, i);
    works_write(w, "product.csv", script.ptr);
    strbuf_free(&script);
    works_write(w, "customer.csv",
                "customer,city,since\nann,Rome,2020-01-01\nbob,Oslo,2020-01-01\n"
                "ann,Bonn,2024-04-01\nsixteen letters!,Oslo,2020-01-01\n");
    works_write_bytes(w, "sales.csv", text.ptr, text.len);
    works_load(w, NULL);
    const load_mapping_result *r = works_result(w, "sales");
    strbuf_printf(out, "%llu read, %llu loaded, %llu inferred\n", (unsigned long long)r->n_read,
                  (unsigned long long)r->n_loaded, (unsigned long long)r->n_members_inferred);
    works_rejects(w, out);
    works_facts(w, "Sales", out);
    works_close(w);
}

static void test_blocks_and_rows(void **state)
{
    (void)state;
    for (uint64_t i = 1; i <= SEEDS; i++) {
        uint64_t random = i, *seed = &random;
        strbuf text = {0}, blocks = {0}, rows = {0};
        unsigned odd = i % 4 == 0 ? 1000000 : 5 + (unsigned)(unit_random(seed) % 100);
        size_t n = unit_random(seed) % MAX_ROWS;
        strbuf_addz(&text, "day,product,number,customer,units,price,weight,kind\n");
        for (size_t k = 0; k < n; k++) add_row(&text, seed, odd);
        load_one(i, strbuf_str(&text), false, &blocks);
        load_one(i, strbuf_str(&text), true, &rows);
        assert_string_equal(blocks.ptr, rows.ptr);
        strbuf_free(&text);
        strbuf_free(&blocks);
        strbuf_free(&rows);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_blocks_and_rows)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
