/* test_dim_names.c - a search by name finds what looking at each member finds, in the same order, before and
 * after there is a table, whoever else is looking. */
#include <pthread.h>
#include <stdio.h>
#include <unistd.h>

#include "storage/dim_names.h"
#include "unit.h"

enum { N_MEMBERS = 3000, N_GROUPS = 7, N_THREADS = 4 };
enum { ID, GROUP, NAME, NUMBER, N_ATTRS };

static dim_attr attrs[N_ATTRS] = {
    [ID] = {.name = {"id", 2}, .type = TYPE_INTEGER},
    [GROUP] = {.name = {"g", 1}, .type = TYPE_INTEGER},
    [NAME] = {.name = {"name", 4}, .type = TYPE_TEXT},
    [NUMBER] = {.name = {"number", 6}, .type = TYPE_DECIMAL, .scale = 2},
};

#define LEVEL(key, name)                                                                                     \
    {                                                                                                        \
        .key_attr = (key), .name_attr = (name), .order_attr = MEMBER_NONE, .parent_attr = MEMBER_NONE        \
    }
static dim_level_spec levels[] = {LEVEL(GROUP, GROUP), LEVEL(ID, NAME)};
static dim_hier_spec hiers[] = {{.name = {"H", 1}, .n_levels = 2, .levels = levels}};
static const dim_spec spec = {N_ATTRS, attrs, 1, hiers};

typedef struct world {
    char path[64];
    dim_view *d;
    const level_view *l;
} world;

/* Some names are there many times, in several spellings; some are null, some not text. */
static pt_value name_of(uint32_t i, char *room, size_t size)
{
    static const char *const often[] = {
        "Anna", "ANNA", "Zo\xc3\xab", "ZO\xc3\x8b", "\xce\xa3\xce\xaf\xcf\x83", "bad\xff", ""};
    if (i % 11 == 0) return value_null();
    if (i % 3 == 0) return value_text(str_of(often[i / 3 % 7]));
    snprintf(room, size, "%s %u", i % 2 ? "Name" : "nAME", i / 2);
    return value_text(str_of(room));
}

static int setup(void **state)
{
    pt_err err = {0};
    dim_edit *e;
    world *w = calloc(1, sizeof *w);
    if (!w) return -1;
    *state = w;
    snprintf(w->path, sizeof w->path, "/tmp/patron-names-%ld.dim", (long)getpid());
    assert_ok(dim_edit_new(NULL, &spec, &e, &err));
    for (uint32_t i = 0; i < N_MEMBERS; i++) {
        char room[40];
        uint32_t member;
        dim_change change;
        pt_value v[N_ATTRS] = {value_int(i), value_int(i % N_GROUPS), name_of(i, room, sizeof room),
                               i % 13 ? value_dec(i % 100, 2) : value_null()};
        assert_ok(dim_edit_put(e, v, NULL, 0, &member, &change, &err));
    }
    assert_ok(dim_edit_write(e, w->path, 1, &err));
    dim_edit_free(e);
    return 0;
}

static int teardown(void **state)
{
    world *w = *state;
    unlink(w->path);
    free(w);
    return 0;
}

/* Each test has a view of its own, without tables. */
static void open_view(world *w)
{
    pt_err err = {0};
    const hier_view *h;
    assert_ok(dim_view_open(w->path, &w->d, &err));
    assert_ok(dim_hier(w->d, 0, &h, &err));
    w->l = &h->levels[1];
    assert_int_equal(w->l->n, N_MEMBERS);
}

/* ---- what must be found --------------------------------------------------------------- */

static bool has_name(const world *w, dim_naming of, uint32_t rank, pt_str name)
{
    pt_value v = dim_attr_value(w->d, of.attr, w->l->rep[rank]);
    if (v.kind == VAL_NULL) v = dim_attr_value(w->d, of.other, w->l->rep[rank]);
    if (v.kind == VAL_NULL) return str_eq_fold(STR("#null"), name);
    if (v.kind == VAL_TEXT) return str_eq_fold(v.s, name);
    strbuf b = {0};
    value_print(v, &b);
    bool is_same = str_eq_fold(strbuf_str(&b), name);
    strbuf_free(&b);
    return is_same;
}

/* How often the search and a look at each member differ; *n_given: how many the search gave to compare. */
static uint32_t differences(const world *w, dim_naming of, const char *text, uint32_t from, uint32_t to,
                            uint32_t *n_given)
{
    pt_str name = str_of(text);
    uint32_t want = from, given, n = 0;
    dim_search s = dim_search_new(w->d, of, name, from, to);
    for (*n_given = 0; dim_search_next(&s, &given); ++*n_given) {
        n += given < from || given >= to;
        if (!has_name(w, of, given, name)) continue;
        while (want < to && !has_name(w, of, want, name)) want++;
        n += want != given;
        want++;
    }
    while (want < to && !has_name(w, of, want, name)) want++;
    return n + (want < to);
}

static const dim_naming by_name = {0, 1, NAME, ID}, by_key = {0, 1, ID, ID},
                        by_number = {0, 1, NUMBER, NUMBER};
static const char *const wanted[] = {"anna",      "zo\xc3\xab", "\xcf\x83\xce\xaf\xcf\x82",
                                     "BAD\xff",   "",           "name 7",
                                     "NAME 1400", "nobody",     "Members",
                                     "22",        "0",          "#NULL",
                                     "0.07",      "0.99"};
enum { N_WANTED = sizeof wanted / sizeof *wanted };

static uint32_t check_all(const world *w, uint64_t seed, uint32_t *n_given)
{
    const dim_naming namings[] = {by_name, by_key, by_number};
    uint32_t n = 0, most = 0;
    for (uint32_t i = 0; i < N_WANTED * 3; i++) {
        uint32_t from = (uint32_t)(unit_random(&seed) % N_MEMBERS),
                 to = from + (uint32_t)(unit_random(&seed) % 2000);
        if (to > N_MEMBERS) to = N_MEMBERS;
        n += differences(w, namings[i % 3], wanted[i / 3], 0, N_MEMBERS, n_given);
        if (*n_given > most) most = *n_given;
        n += differences(w, namings[i % 3], wanted[i / 3], from, to, n_given);
        n += differences(w, namings[i % 3], wanted[i / 3], from, from, n_given);
    }
    *n_given = most;
    return n;
}

/* ---- tests ------------------------------------------------------------------------------ */

static void a_table_finds_what_a_look_at_each_finds(void **state)
{
    world *w = *state;
    uint32_t n_given;
    open_view(w);
    assert_int_equal(check_all(w, 1, &n_given), 0);
    assert_int_equal(check_all(w, 2, &n_given), 0);
    assert_true(n_given < N_MEMBERS / 4); /* by now from tables */
    dim_view_put(w->d);
}

static void few_searches_make_no_table(void **state)
{
    world *w = *state;
    uint32_t n_given;
    open_view(w);
    assert_int_equal(differences(w, by_name, "name 7", 10, 20, &n_given), 0);
    for (uint32_t i = 0; i < 1000; i++) assert_int_equal(differences(w, by_name, "x", 10, 20, &n_given), 0);
    assert_int_equal(n_given, 10);
    assert_int_equal(differences(w, by_name, "x", 0, N_MEMBERS, &n_given), 0);
    assert_int_equal(n_given, N_MEMBERS); /* the first look at all */
    assert_int_equal(differences(w, by_name, "x", 0, N_MEMBERS, &n_given), 0);
    assert_true(n_given < 100);
    dim_view_put(w->d);
}

typedef struct searcher {
    const world *w;
    uint64_t seed;
    uint32_t n_wrong;
} searcher;

static void *search_on(void *arg)
{
    searcher *x = arg;
    uint32_t n_given;
    for (uint64_t i = 0; i < 3; i++) x->n_wrong += check_all(x->w, x->seed + i, &n_given);
    return NULL;
}

static void threads_look_at_once(void **state)
{
    world *w = *state;
    pthread_t threads[N_THREADS];
    searcher searchers[N_THREADS];
    open_view(w);
    for (uint64_t i = 0; i < N_THREADS; i++) {
        searchers[i] = (searcher){.w = w, .seed = 10 * i};
        assert_int_equal(pthread_create(&threads[i], NULL, search_on, &searchers[i]), 0);
    }
    for (uint64_t i = 0; i < N_THREADS; i++) {
        assert_int_equal(pthread_join(threads[i], NULL), 0);
        assert_int_equal(searchers[i].n_wrong, 0);
    }
    dim_view_put(w->d);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_table_finds_what_a_look_at_each_finds),
        cmocka_unit_test(few_searches_make_no_table),
        cmocka_unit_test(threads_look_at_once),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
