/* test_forms.c - every form of every function, each line of the table, is what a case about it is bound to.
 */
#include "tests/unit/unit.h"

#include <stdio.h>

#include "engine/warehouse.h"
#include "lang/parse.h"
#include "query/funs.h"
#include "query/select.h"
#include "tests/mdx/cases.h"
#include "tests/mdx/shop.h"

enum { MAX_FORMS = 1024 };

typedef struct world {
    small_shop shop;
    mdx_cases cases;
    warehouse *w;
    view v;
    uint32_t n_used;
    const fun *used[MAX_FORMS]; /* by cases about them */
} world;

static const char *source_dir; /* of the case files: the program's argument */

static int setup(void **state)
{
    pt_err err = {0};
    world *w = *state = calloc(1, sizeof *w);
    assert_non_null(w);
    small_shop_open(&w->shop, source_dir);
    small_shop_leave(&w->shop);
    cases_read_all(source_dir, &w->cases);
    if (warehouse_open(w->shop.dir, true, 1, &w->w, &err) != PT_OK) fail_msg("%s", err.msg);
    if (warehouse_view(w->w, &w->v, &err) != PT_OK) fail_msg("%s", err.msg);
    return 0;
}

static int teardown(void **state)
{
    world *w = *state;
    view_put(&w->v);
    warehouse_close(w->w);
    small_shop_close(&w->shop);
    cases_free(&w->cases);
    free(w);
    return 0;
}

/* ---- what a case is bound to ------------------------------------------- */

static bool is_used(const world *w, const fun *f)
{
    for (uint32_t i = 0; i < w->n_used; i++)
        if (w->used[i] == f) return true;
    return false;
}

static void note_node(world *w, const mdx_case *c, const node *n)
{
    if (!n) return;
    if (n->fun && case_is_about(c, str_of(n->fun->name)) && !is_used(w, n->fun)) {
        assert_true(w->n_used < MAX_FORMS);
        w->used[w->n_used++] = n->fun;
    }
    for (uint32_t i = 0; i < n->n; i++) note_node(w, c, n->args[i]);
}

static void note_query(world *w, const mdx_case *c, const query *q)
{
    for (uint32_t i = 0; i < q->n_axes; i++) note_node(w, c, q->axes[i].set);
    note_node(w, c, q->slicer);
    for (uint32_t i = 0; i < q->sc->n_calcs; i++) {
        note_node(w, c, q->sc->calcs[i]->body);
        note_node(w, c, q->sc->calcs[i]->format);
    }
    for (uint32_t i = 0; i < q->sc->n_sets; i++) note_node(w, c, q->sc->sets[i]->body);
}

static bool bind_as_case(world *w, const mdx_case *c, bool is_axis)
{
    query q = {0};
    query_stats stats = {0};
    pt_err err = {0};
    strbuf text = {0};
    ast_stmt *stmt;
    arena *a = arena_new(0);
    query_env env = {.view = &w->v, .pool = warehouse_pool(w->w)};
    case_statement(c, is_axis, &text);
    pt_str s = strbuf_str(&text);
    bool is_bound = parse_statement(s, a, &stmt, &err) == PT_OK && stmt->select &&
                    select_open(&env, stmt->select, s, a, &stats, &q, &err) == PT_OK;
    if (is_bound) note_query(w, c, &q);
    select_close(&q);
    arena_free(a);
    strbuf_free(&text);
    return is_bound;
}

static void every_form_has_a_case(void **state)
{
    world *w = *state;
    unsigned n_missing = 0;
    for (size_t i = 0; i < w->cases.n; i++) {
        const mdx_case *c = &w->cases.items[i];
        if (!c->is_skip && !bind_as_case(w, c, false)) bind_as_case(w, c, true);
    }
    for (const fun_list *const *l = fun_lists; *l; l++)
        for (size_t i = 0; i < (*l)->n; i++) {
            const fun *f = &(*l)->table[i];
            if (f->flags & FUN_HIDDEN || is_used(w, f)) continue;
            strbuf form = {0};
            fun_signature(f, &form);
            print_error("no case about %s is bound to " STR_FMT " (%s)\n", f->name,
                        STR_ARG(strbuf_str(&form)), f->args);
            strbuf_free(&form);
            n_missing++;
        }
    if (n_missing) fail_msg("%u forms have no case in tests/mdx/*.cases", n_missing);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(every_form_has_a_case)};
    if (argc != 2) {
        fprintf(stderr, "usage: test_forms DIRECTORY\n");
        return 2;
    }
    source_dir = argv[1];
    return cmocka_run_group_tests(tests, setup, teardown);
}
