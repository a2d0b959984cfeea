/* test_doc.c - the reference manual describes the whole function table: each name once, with an example. */
#include "query/doc.h"
#include "query/funs.h"
#include "query/query.h"
#include "unit.h"

#include <stdio.h>

typedef struct search {
    pt_str name;
    unsigned n_found;
} search;

static void compare(void *ctx, pt_str name)
{
    search *s = ctx;
    s->n_found += str_eq_fold(name, s->name);
}

static unsigned times_described(pt_str name)
{
    search s = {.name = name};
    for (const doc_page *const *p = doc_pages; *p; p++)
        for (size_t i = 0; i < (*p)->n; i++) doc_each_name(&(*p)->entries[i], compare, &s);
    return s.n_found;
}

static void every_function_is_described_once(void **state)
{
    size_t n;
    arena *a = arena_new(0);
    const function_info *f = query_functions(a, &n);
    (void)state;
    assert_non_null(f);
    assert_true(n > 190);
    for (size_t i = 0; i < n; i++)
        if (times_described(str_of(f[i].name)) != 1)
            fail_msg("%s is described %u times: query/doc_*.c has an entry for each name", f[i].name,
                     times_described(str_of(f[i].name)));
    arena_free(a);
}

static bool is_same_form(const fun *a, const fun *b)
{
    return a->syntax == b->syntax && strcmp(a->name, b->name) == 0 && strcmp(a->args, b->args) == 0;
}

/* Of two equal forms one would never be called. */
static void every_form_is_in_the_table_once(void **state)
{
    (void)state;
    for (const fun_list *const *l = fun_lists; *l; l++)
        for (size_t i = 0; i < (*l)->n; i++) {
            unsigned n_same = 0;
            for (const fun_list *const *m = fun_lists; *m; m++)
                for (size_t k = 0; k < (*m)->n; k++) n_same += is_same_form(&(*l)->table[i], &(*m)->table[k]);
            if (n_same != 1)
                fail_msg("%s (%s) is in the table %u times", (*l)->table[i].name, (*l)->table[i].args,
                         n_same);
        }
}

static bool is_in_table(pt_str name)
{
    for (const fun_list *const *l = fun_lists; *l; l++)
        for (size_t i = 0; i < (*l)->n; i++)
            if (str_eq_fold(str_of((*l)->table[i].name), name)) return true;
    return false;
}

static void check_name(void *ctx, pt_str name)
{
    const doc_entry *e = ctx;
    if (times_described(name) != 1) fail_msg(STR_FMT " is described more than once", STR_ARG(name));
    if (!e->form && !e->statement && !is_in_table(name))
        fail_msg(STR_FMT " is described, but not in the table", STR_ARG(name));
}

static void every_entry_has_words_and_an_example(void **state)
{
    (void)state;
    for (const doc_page *const *p = doc_pages; *p; p++) {
        assert_true(strlen((*p)->about) > 0);
        for (size_t i = 0; i < (*p)->n; i++) {
            const doc_entry *e = &(*p)->entries[i];
            if (!e->meaning || !e->meaning[0] || e->meaning[strlen(e->meaning) - 1] != '.')
                fail_msg("the meaning of %s is a sentence", e->names);
            if (!e->expressions && !e->statement) fail_msg("%s has no example", e->names);
        }
    }
}

static void names_stand_for_what_there_is(void **state)
{
    (void)state;
    for (const doc_page *const *p = doc_pages; *p; p++)
        for (size_t i = 0; i < (*p)->n; i++) {
            const doc_entry *e = &(*p)->entries[i];
            bool is_topic = strcmp((*p)->name, "formats") == 0 && !strstr(e->names, "Format");
            if (!is_topic) doc_each_name(e, check_name, (void *)(uintptr_t)e);
        }
}

static void signatures_come_from_the_table(void **state)
{
    const doc_page *page;
    strbuf forms = {0}, flags = {0};
    (void)state;
    const doc_entry *e = doc_find(STR("order"), &page);
    assert_non_null(e);
    assert_string_equal(page->name, "order");
    doc_signatures(e, &forms);
    doc_flags(e, &flags);
    assert_str(strbuf_str(&forms), "Order(set{, value[, flag]}, ...) -> set");
    assert_str(strbuf_str(&flags), "ASC, DESC, BASC, BDESC");
    strbuf_clear(&forms);
    doc_signatures(doc_find(STR("*"), &page), &forms);
    assert_str(strbuf_str(&forms), "number * number -> number\nset * set -> set");
    strbuf_free(&forms);
    strbuf_free(&flags);
}

static void typing_errors_find_the_nearest_name(void **state)
{
    const doc_page *page;
    (void)state;
    assert_null(doc_find(STR("TopCuont"), &page));
    assert_str(doc_nearest(STR("TopCuont")), "TopCount");
    assert_str(doc_nearest(STR("VarianceQ")), "Variance");
    assert_null(doc_nearest(STR("zzzzzzzzz")).ptr);
}

/* Each code of base/err.h has a section in docs/errors.md. */
static void every_code_is_explained(void **state)
{
    static char text[1 << 16];
    (void)state;
    FILE *f = fopen("docs/errors.md", "r");
    assert_non_null(f);
    text[fread(text, 1, sizeof text - 1, f)] = 0;
    fclose(f);
#define X(name, number, meaning)                                                                             \
    if (number != 0 && !strstr(text, "\n## " #name "\n")) fail_msg("docs/errors.md lacks " #name);
    PT_STATUS_MAP(X)
#undef X
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_function_is_described_once),
        cmocka_unit_test(every_form_is_in_the_table_once),
        cmocka_unit_test(every_entry_has_words_and_an_example),
        cmocka_unit_test(names_stand_for_what_there_is),
        cmocka_unit_test(signatures_come_from_the_table),
        cmocka_unit_test(typing_errors_find_the_nearest_name),
        cmocka_unit_test(every_code_is_explained),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
