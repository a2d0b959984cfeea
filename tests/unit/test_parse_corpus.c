/* test_parse_corpus.c - texts from elsewhere parse, and print to texts that mean the same: the examples of
 * the manual, and, where the FoodMart data lie beside the source tree, every statement another server
 * answered. */
#include <dirent.h>
#include <stdio.h>

#include <jansson.h>

#include "base/fs.h"
#include "parse_util.h"
#include "unit.h"

enum { FILE_MAX = 16 << 20 };

/* Parses the canonical text of s: it prints as itself, and a query is the same tree. */
static void check_round_trip(const ast_stmt *s, arena *a)
{
    pt_err err = {0};
    ast_stmt *again;
    strbuf once = {0}, twice = {0};
    ast_print(s, &once);
    if (parse_statement(strbuf_str(&once), a, &again, &err) != PT_OK) fail_msg("%s: %s", once.ptr, err.msg);
    ast_print(again, &twice);
    if (!str_eq(strbuf_str(&once), strbuf_str(&twice)))
        fail_msg("prints differently:\n%s\n%s", once.ptr, twice.ptr);
    if (s->kind != again->kind || !select_equal(s->select, again->select))
        fail_msg("another tree: %s", once.ptr);
    strbuf_free(&once);
    strbuf_free(&twice);
}

static void check_script(pt_str text, const char *where)
{
    pt_err err = {0};
    ast_stmt **all;
    uint32_t n, line, column;
    arena *a = arena_new(0);
    if (parse_script(text, a, &all, &n, &err) != PT_OK) {
        text_place(text, err.at.start, &line, &column);
        fail_msg("%s, line %u of the text: %s\n" STR_FMT, where, line, err.msg, STR_ARG(text));
    }
    for (uint32_t i = 0; i < n; i++) check_round_trip(all[i], a);
    arena_free(a);
}

/* ---- the manual --------------------------------------------------------------- */

/* The next line of *text, without its end; false behind the last. */
static bool next_line(pt_str *text, pt_str *line)
{
    if (text->len == 0) return false;
    const char *end = memchr(text->ptr, '\n', text->len);
    size_t len = end ? (size_t)(end - text->ptr) : text->len, step = end ? len + 1 : len;
    *line = (pt_str){text->ptr, len};
    *text = (pt_str){text->ptr + step, text->len - step};
    return true;
}

/* Every block between ```patron and ```. Returns their number. */
static unsigned check_page(const char *path)
{
    pt_err err = {0};
    strbuf page = {0};
    pt_str line, block = {0};
    bool is_inside = false;
    unsigned n = 0;
    assert_ok(fs_read(path, &page, FILE_MAX, &err));
    pt_str rest = strbuf_str(&page);
    while (next_line(&rest, &line)) {
        if (!is_inside && str_eq(str_trim(line), STR("```patron"))) {
            is_inside = true;
            block = (pt_str){rest.ptr, 0};
        } else if (is_inside && str_eq(str_trim(line), STR("```"))) {
            is_inside = false;
            block.len = (size_t)(line.ptr - block.ptr);
            check_script(block, path);
            n++;
        }
    }
    assert_false(is_inside);
    strbuf_free(&page);
    return n;
}

static void examples_of_the_manual(void **state)
{
    (void)state;
    unsigned n = 0;
    DIR *dir = opendir("docs");
    assert_non_null(dir);
    for (struct dirent *f = readdir(dir); f; f = readdir(dir)) {
        char path[512];
        size_t len = strlen(f->d_name);
        if (len < 3 || strcmp(f->d_name + len - 3, ".md") != 0) continue;
        snprintf(path, sizeof path, "docs/%s", f->d_name);
        n += check_page(path);
    }
    closedir(dir);
    assert_true(n >= 15);
}

/* ---- answered statements --------------------------------------------------------- */

static FILE *open_answers(void)
{
    static const char *const paths[] = {"../shared/data/foodmart/answers.jsonl",
                                        "../../shared/data/foodmart/answers.jsonl"};
    for (size_t i = 0; i < ARRAY_LEN(paths); i++) {
        FILE *f = fopen(paths[i], "r");
        if (f) return f;
    }
    return NULL;
}

/* The statement if it was answered; NULL if it was refused. Owned by *doc. */
static const char *answered(const char *line, json_t **doc)
{
    json_error_t error;
    *doc = json_loads(line, JSON_DECODE_INT_AS_REAL, &error);
    if (!*doc) fail_msg("%s: %.200s", error.text, line);
    return json_is_true(json_object_get(*doc, "ok")) ? json_string_value(json_object_get(*doc, "mdx")) : NULL;
}

static void statements_answered_elsewhere(void **state)
{
    (void)state;
    FILE *f = open_answers();
    char *line = NULL;
    size_t cap = 0;
    unsigned n = 0;
    if (!f) {
        print_message("skipped: no ../shared/data/foodmart/answers.jsonl\n");
        skip();
        return;
    }
    while (getline(&line, &cap, f) > 0) {
        json_t *doc;
        const char *mdx = answered(line, &doc);
        if (mdx) check_script(str_of(mdx), "answers.jsonl");
        n += mdx != NULL;
        json_decref(doc);
    }
    free(line);
    fclose(f);
    print_message("%u statements\n", n);
    assert_true(n > 2000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(examples_of_the_manual),
        cmocka_unit_test(statements_answered_elsewhere),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
