/* test_cases.c - the language, function by function: the case files of this directory, asked of a small
 * warehouse, and that every function of the table has a case of each kind that its arguments allow. */
#include "tests/unit/unit.h"

#include <math.h>
#include <stdio.h>

#include "query/doc.h"
#include "query/funs.h"
#include "tests/mdx/cases.h"
#include "tests/mdx/shop.h"

typedef struct world {
    small_shop shop;
    mdx_cases cases;
} world;

static const char *source_dir; /* of the case files: the program's argument */

static int setup(void **state)
{
    world *w = calloc(1, sizeof *w);
    assert_non_null(w);
    small_shop_open(&w->shop, source_dir);
    cases_read_all(source_dir, &w->cases);
    *state = w;
    return 0;
}

static int teardown(void **state)
{
    world *w = *state;
    small_shop_close(&w->shop);
    cases_free(&w->cases);
    free(w);
    return 0;
}

/* ---- answers ----------------------------------------------------------- */

static void add_cell(const patron_result *r, uint64_t ordinal, strbuf *out)
{
    patron_cell c;
    bool is_there = patron_cell_by_ordinal(r, ordinal, &c) == PATRON_OK;
    if (is_there && c.error)
        strbuf_printf(out, "#ERR %s", c.error);
    else if (!is_there || !c.value)
        strbuf_addz(out, "null");
    else if (c.is_number && isfinite(strtod(c.value, NULL)))
        strbuf_printf(out, "%.6g", strtod(c.value, NULL) + 0.0);
    else
        strbuf_addz(out, *c.value ? c.value : "\"\"");
}

static void add_position(const patron_result *r, uint32_t axis, uint32_t at, strbuf *out)
{
    for (uint32_t h = 0; h < patron_axis_hierarchies(r, axis); h++) {
        patron_member m;
        assert_int_equal(patron_axis_member(r, axis, at, h, &m), PATRON_OK);
        strbuf_printf(out, "%s%s", h ? "/" : "", m.caption);
    }
}

static void add_columns(const patron_result *r, uint64_t row, bool with_cells, strbuf *out)
{
    uint32_t n = patron_axis_positions(r, 0);
    for (uint32_t i = 0; i < n; i++) {
        if (i) strbuf_addz(out, ", ");
        add_position(r, 0, i, out);
        if (!with_cells) continue;
        strbuf_addc(out, ' ');
        add_cell(r, row * n + i, out);
    }
}

static void add_cells(const patron_result *r, bool with_cells, strbuf *out)
{
    strbuf_addc(out, '{');
    if (patron_n_axes(r) == 1) add_columns(r, 0, with_cells, out);
    for (uint32_t row = 0; patron_n_axes(r) > 1 && row < patron_axis_positions(r, 1); row++) {
        strbuf_addz(out, row ? " | " : "");
        add_position(r, 1, row, out);
        strbuf_addz(out, ": ");
        add_columns(r, row, with_cells, out);
    }
    strbuf_addc(out, '}');
}

static patron_result *run(world *w, const mdx_case *c, bool is_axis, patron_error *err)
{
    strbuf text = {0};
    case_statement(c, is_axis, &text);
    *err = (patron_error)PATRON_ERROR_INIT;
    patron_result *r = patron_execute(w->shop.session, text.ptr, NULL, err);
    strbuf_free(&text);
    return r;
}

static void ask(world *w, const mdx_case *c, strbuf *out)
{
    patron_error err = PATRON_ERROR_INIT;
    bool is_axis = c->want[0] == '{';
    bool is_statement = case_is_statement(c);
    patron_result *r = run(w, c, is_axis, &err);
    if (!r && strstr(err.message, "must be a value, but this is a set"))
        r = run(w, c, is_axis = true, &err);
    else if (!r && is_axis && strstr(err.message, "must be a set, but this is a string"))
        r = run(w, c, is_axis = false, &err);
    if (!r) {
        strbuf_printf(out, "error %s: %s", patron_error_name(err.code), err.message);
        if (err.line) strbuf_printf(out, " at %u:%u", err.line, err.column);
        if (*err.hint) strbuf_printf(out, " (%s)", err.hint);
    } else if (is_axis || (is_statement && patron_n_axes(r) > 0))
        add_cells(r, is_statement, out);
    else
        add_cell(r, 0, out);
    patron_result_free(r);
}

/* Of errors the case tells a part of the message. */
static bool fits(const char *want, const char *got)
{
    const char *kinds[] = {"#ERR", "error "};
    for (size_t i = 0; i < ARRAY_LEN(kinds); i++) {
        size_t n = strlen(kinds[i]);
        if (strncmp(want, kinds[i], n) != 0) continue;
        const char *colon = strchr(want, ':'), *part = i == 0 || !colon ? want + n : colon + 1;
        if (strncmp(got, kinds[i], n) != 0) return false;
        if (i == 1 && strncmp(want, got, colon ? (size_t)(colon - want) : strlen(want)) != 0) return false;
        if (i == 1 && !colon) return true;
        return strstr(got, part + strspn(part, " ")) != NULL;
    }
    return strcmp(want, got) == 0;
}

static void every_case_holds(void **state)
{
    world *w = *state;
    unsigned n_failed = 0;
    strbuf got = {0};
    for (size_t i = 0; i < w->cases.n; i++) {
        const mdx_case *c = &w->cases.items[i];
        if (c->is_skip) continue;
        strbuf_clear(&got);
        ask(w, c, &got);
        strbuf_addc(&got, 0);
        assert_false(got.failed);
        bool has_place = strncmp(got.ptr, "error ", 6) != 0 || strstr(got.ptr, " at ");
        if (fits(c->want, got.ptr) && has_place) continue;
        n_failed++;
        print_error("%s:%u: [%s] %s: %s\n    gives %s\n    want  %s%s\n", c->file, c->line, c->about,
                    case_kind_names[c->kind], c->expression, got.ptr, c->want,
                    has_place ? "" : ", with its place");
    }
    strbuf_free(&got);
    print_message("%zu cases\n", w->cases.n);
    if (n_failed) fail_msg("%u cases differ", n_failed);
}

/* ---- completeness ------------------------------------------------------ */

static bool has_case(const world *w, pt_str name, case_kind kind)
{
    for (size_t i = 0; i < w->cases.n; i++)
        if (w->cases.items[i].kind == kind && case_is_about(&w->cases.items[i], name)) return true;
    return false;
}

/* Which kinds the arguments of a form allow. */
static void note_kinds(const char *args, bool *needs)
{
    needs[CASE_NORMAL] = true;
    needs[CASE_NULL] |= strpbrk(args, "nSbDvVmt") != NULL;
    needs[CASE_EMPTY] |= strpbrk(args, "xX") != NULL;
    needs[CASE_ERROR] |= args[0] != 0;
    needs[CASE_CALC] |= strpbrk(args, "mtxX") != NULL;
}

static unsigned check_name(const world *w, pt_str name)
{
    unsigned n_missing = 0;
    bool needs[CASE_KINDS] = {false};
    for (const fun_list *const *l = fun_lists; *l; l++)
        for (size_t i = 0; i < (*l)->n; i++)
            if (str_eq_fold(str_of((*l)->table[i].name), name)) note_kinds((*l)->table[i].args, needs);
    for (case_kind k = 0; k < CASE_KINDS; k++) {
        if (!needs[k] || has_case(w, name, k)) continue;
        print_error(STR_FMT " has no case '%s'\n", STR_ARG(name), case_kind_names[k]);
        n_missing++;
    }
    return n_missing;
}

static void every_function_has_cases(void **state)
{
    static const char *const forms[] = {"AS", "CASE", "Cast", "{}", "()"};
    const world *w = *state;
    unsigned n_missing = 0;
    for (const fun_list *const *l = fun_lists; *l; l++)
        for (size_t i = 0; i < (*l)->n; i++) {
            bool is_first = i == 0 || strcmp((*l)->table[i].name, (*l)->table[i - 1].name) != 0;
            if (is_first) n_missing += check_name(w, str_of((*l)->table[i].name));
        }
    for (size_t i = 0; i < ARRAY_LEN(forms); i++)
        for (case_kind k = 0; k < CASE_KINDS; k++)
            if (!has_case(w, str_of(forms[i]), k)) {
                print_error("%s has no case '%s'\n", forms[i], case_kind_names[k]);
                n_missing++;
            }
    if (n_missing) fail_msg("%u cases are missing in tests/mdx/*.cases", n_missing);
}

static bool holds(const char *text, const char *const *parts)
{
    while (*parts && !strcasestr(text, *parts)) parts++;
    return *parts != NULL;
}

/* What a case of a kind must have in it, or come to. */
static bool is_of_kind(const mdx_case *c)
{
    static const char *const nothing[] = {"NULL",  ".Parent",  "PrevMember", "NextMember", "Lag(",
                                          "Lead(", "[Canada]", "Vancouver",  NULL};
    static const char *const empty[] = {"{}", "Filter(", "Except(", "StrToSet(\"", NULL};
    static const char *const calculated[] = {"MEMBER", "[Price]", "Price", "[Wrong]", NULL};
    bool fails =
        strncmp(c->want, "#ERR", 4) == 0 || strncmp(c->want, "error ", 6) == 0 || strstr(c->want, " #ERR ");
    bool gives_none = strcmp(c->want, "{}") == 0 || strstr(c->want, "null");
    switch (c->kind) {
    case CASE_NULL: return gives_none || holds(c->expression, nothing);
    case CASE_EMPTY: return strcmp(c->want, "{}") == 0 || holds(c->expression, empty);
    case CASE_ERROR: return fails;
    case CASE_CALC: return holds(c->expression, calculated) || holds(c->want, calculated);
    case CASE_NORMAL: return !fails;
    case CASE_KINDS: break;
    }
    return false;
}

/* One of the names stands in the expression; forms without a name are told by their marks. */
static bool uses_what_it_is_about(const mdx_case *c)
{
    bool uses = strpbrk(c->about, "{(") != NULL;
    for (const char *at = c->about, *end; *at; at = *end ? end + 2 : end) {
        char name[64];
        end = strstr(at, ", ");
        if (!end) end = at + strlen(at);
        snprintf(name, sizeof name, "%.*s", (int)(end - at), at);
        uses |= strcasestr(c->expression, name) != NULL;
    }
    return uses;
}

static void cases_are_of_their_kind(void **state)
{
    const world *w = *state;
    unsigned n_wrong = 0;
    for (size_t i = 0; i < w->cases.n; i++) {
        const mdx_case *c = &w->cases.items[i];
        if (c->is_skip || (is_of_kind(c) && uses_what_it_is_about(c))) continue;
        print_error("%s:%u: [%s] is this a case '%s' of it? %s => %s\n", c->file, c->line, c->about,
                    case_kind_names[c->kind], c->expression, c->want);
        n_wrong++;
    }
    if (n_wrong) fail_msg("%u cases are not what they say", n_wrong);
}

static bool is_known(pt_str name)
{
    const doc_page *page;
    return doc_find(name, &page) != NULL;
}

static void cases_are_about_what_there_is(void **state)
{
    const world *w = *state;
    for (size_t i = 0; i < w->cases.n; i++) {
        const mdx_case *c = &w->cases.items[i];
        for (const char *at = c->about; *at;) {
            const char *end = strstr(at, ", ");
            pt_str one = end ? (pt_str){at, (size_t)(end - at)} : str_of(at);
            if (!is_known(one))
                fail_msg("%s:%u: there is no function " STR_FMT, c->file, c->line, STR_ARG(one));
            at = end ? end + 2 : at + one.len;
        }
    }
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_case_holds),
        cmocka_unit_test(every_function_has_cases),
        cmocka_unit_test(cases_are_about_what_there_is),
        cmocka_unit_test(cases_are_of_their_kind),
    };
    if (argc != 2) {
        fprintf(stderr, "usage: test_cases DIRECTORY\n");
        return 2;
    }
    source_dir = argv[1];
    return cmocka_run_group_tests(tests, setup, teardown);
}
