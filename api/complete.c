/* complete.c - what may follow at a place of a statement, for shells: keywords and functions for a bare word,
 * names for a bracketed one, members along a path like [Product].[Drink].[ */
#include "api/api_int.h"

enum { MAX_CANDIDATES = 200, MAX_PATH = 16 };

typedef struct finder {
    patron_complete_fn fn;
    void *ctx;
    size_t word_start;
    pt_str word; /* what is there of it */
    uint32_t n;
} finder;

static bool starts_fold(pt_str text, pt_str prefix)
{
    return text.len >= prefix.len && str_eq_fold((pt_str){text.ptr, prefix.len}, prefix);
}

static void offer(finder *f, pt_str candidate)
{
    if (f->n >= MAX_CANDIDATES || !starts_fold(candidate, f->word)) return;
    strbuf b = {0};
    strbuf_adds(&b, candidate);
    if (!b.failed && b.ptr) {
        f->fn(f->ctx, b.ptr, f->word_start);
        f->n++;
    }
    strbuf_free(&b);
}

/* Offer a name in brackets: the word starts at the bracket. */
static void offer_name(finder *f, pt_str name)
{
    strbuf b = {0};
    ast_print_name(name, &b);
    pt_str typed = f->word;
    if (!b.failed && starts_fold(strbuf_str(&b), typed)) offer(f, strbuf_str(&b));
    strbuf_free(&b);
}

/* ---- bare words -------------------------------------------------------- */

static bool is_word_byte(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           (c & 0x80);
}

/* Is the word before `at` this one? */
static bool follows(pt_str text, size_t at, pt_str word)
{
    pt_str before = str_trim((pt_str){text.ptr, at});
    if (before.len < word.len) return false;
    size_t start = before.len - word.len;
    return str_eq_fold((pt_str){before.ptr + start, word.len}, word) &&
           (start == 0 || !is_word_byte(before.ptr[start - 1]));
}

static bool is_bare(pt_str name)
{
    size_t n = 0;
    while (n < name.len && is_word_byte(name.ptr[n])) n++;
    return n == name.len;
}

/* What only a certain word before leads to; false: anything may follow. */
static bool offer_after(finder *f, const view *v, pt_str text)
{
    size_t n;
    const char *const *shown = session_shown(&n);
    if (follows(text, f->word_start, STR("show"))) {
        for (size_t i = 0; i < n; i++) offer(f, str_of(shown[i]));
        return true;
    }
    if (!follows(text, f->word_start, STR("from")) && !follows(text, f->word_start, STR("cube")))
        return false;
    for (uint32_t i = 0; i < schema_n_cubes(v->schema); i++) {
        pt_str name = schema_cube_at(v->schema, i)->name;
        if (is_bare(name)) offer(f, name);
    }
    return f->n > 0;
}

static void offer_words(finder *f, const view *v, pt_str text)
{
    size_t n;
    if (offer_after(f, v, text) || f->word.len == 0) return;
    const char *const *keywords = lang_keywords(&n);
    for (size_t i = 0; i < n; i++) offer(f, str_of(keywords[i]));
    arena *a = arena_new(0);
    const function_info *functions = a ? query_functions(a, &n) : NULL;
    for (size_t i = 0; functions && i < n; i++)
        if (i == 0 || strcmp(functions[i].name, functions[i - 1].name) != 0)
            offer(f, str_of(functions[i].name));
    arena_free(a);
}

/* ---- bracketed names --------------------------------------------------- */

/* The segments before the open bracket at `open`: "[Product].[Drink]." gives two. Walks backwards. */
static uint32_t path_before(pt_str text, size_t open, pt_str *path)
{
    uint32_t n = 0;
    size_t at = open;
    while (n < MAX_PATH && at >= 2 && text.ptr[at - 1] == '.' && text.ptr[at - 2] == ']') {
        size_t end = at - 2, start = end;
        while (start > 0 && text.ptr[start - 1] != '[') start--;
        if (start == 0) break;
        path[n++] = (pt_str){text.ptr + start, end - start};
        at = start - 1;
    }
    for (uint32_t i = 0; i < n / 2; i++) {
        pt_str t = path[i];
        path[i] = path[n - 1 - i];
        path[n - 1 - i] = t;
    }
    return n;
}

static pt_str member_name(const dim_view *d, const level *l, const level_view *lv, uint32_t rank,
                          strbuf *scratch)
{
    pt_value v = dim_attr_value(d, l->name_attr, lv->rep[rank]);
    strbuf_clear(scratch);
    if (v.kind == VAL_NULL)
        strbuf_addz(scratch, "#null");
    else
        value_print(v, scratch);
    return strbuf_str(scratch);
}

/* Members of a level: those from `from` to before `to`; of them, if asked for, the children of one. */
typedef struct members {
    uint32_t from, to;
    bool is_tree; /* parent-child: only those below `under`, or the roots if that is MEMBER_NONE */
    uint32_t under;
} members;

static bool is_wanted(const level_view *lv, const members *m, uint32_t rank)
{
    return !m->is_tree || lv->parent[rank] == m->under;
}

/* Offers the members; or, with `name`, finds the one of that name. */
static uint32_t scan_members(finder *f, const dim_view *d, const level *l, const level_view *lv, members m,
                             const pt_str *name)
{
    strbuf scratch = {0};
    uint32_t found = MEMBER_NONE;
    for (uint32_t r = m.from; r < m.to && found == MEMBER_NONE && f->n < MAX_CANDIDATES; r++) {
        if (!is_wanted(lv, &m, r)) continue;
        pt_str text = member_name(d, l, lv, r, &scratch);
        if (!name)
            offer_name(f, text);
        else if (str_eq_fold(text, *name))
            found = r;
    }
    strbuf_free(&scratch);
    return found;
}

/* All members of a parent-child hierarchy are of one level. */
static void offer_in_tree(finder *f, const dim_view *d, const level *l, const level_view *lv,
                          const pt_str *path, uint32_t n)
{
    members m = {.to = lv->n, .is_tree = true, .under = MEMBER_NONE};
    for (uint32_t i = 0; i < n; i++) {
        m.under = scan_members(f, d, l, lv, m, &path[i]);
        if (m.under == MEMBER_NONE) return;
        m.from = m.under + 1;
        m.to = lv->end[m.under];
    }
    scan_members(f, d, l, lv, m, NULL);
}

static void offer_children(finder *f, const view *v, const cube_hier *h, const pt_str *path, uint32_t n)
{
    const hierarchy *hy = h->hierarchy;
    const dim_view *d = view_dim(v, hy->dimension);
    const hier_view *hv;
    if (dim_hier(d, hy->index, &hv, NULL) != PT_OK) return;
    if (hv->n_levels == 0) return;
    if (n > 0 && hy->has_all && str_eq_fold(path[0], h->all_name)) {
        path++;
        n--;
    }
    if (hy->is_parent_child) {
        offer_in_tree(f, d, &hy->levels[0], &hv->levels[0], path, n);
        return;
    }
    members m = {.to = hv->levels[0].n};
    for (uint32_t i = 0; i < n; i++) {
        uint32_t r = scan_members(f, d, &hy->levels[i], &hv->levels[i], m, &path[i]);
        if (r == MEMBER_NONE || !hv->levels[i].first_child || i + 1 >= hv->n_levels) return;
        m.from = hv->levels[i].first_child[r];
        m.to = hv->levels[i].first_child[r + 1];
    }
    scan_members(f, d, &hy->levels[n], &hv->levels[n], m, NULL);
}

static void offer_in_hierarchy(finder *f, const view *v, const cube_hier *h, const pt_str *path, uint32_t n)
{
    const hierarchy *hy = h->hierarchy;
    for (uint32_t i = 0; i < hy->n_levels && n == 0; i++) offer_name(f, hy->levels[i].name);
    if (n == 0 && hy->has_all) offer_name(f, h->all_name);
    /* [Product].[Product Department].[: any member of that level */
    for (uint32_t i = 0; i < hy->n_levels && n == 1; i++) {
        if (!str_eq_fold(hy->levels[i].name, path[0])) continue;
        const dim_view *d = view_dim(v, hy->dimension);
        const hier_view *hv;
        if (dim_hier(d, hy->index, &hv, NULL) != PT_OK) return;
        scan_members(f, d, &hy->levels[i], &hv->levels[i], (members){.to = hv->levels[i].n}, NULL);
        return;
    }
    offer_children(f, v, h, path, n);
}

static void offer_in_cube(finder *f, const view *v, const cube *c, const pt_str *path, uint32_t n)
{
    if (n == 0) {
        offer_name(f, STR("Measures"));
        for (uint32_t i = 0; i < c->n_hiers; i++) offer_name(f, c->hiers[i].name);
        return;
    }
    if (str_eq_fold(path[0], STR("Measures")) && n == 1) {
        for (uint32_t i = 0; i < c->n_measures; i++)
            if (!c->measures[i].is_hidden && !c->measures[i].is_implicit) offer_name(f, c->measures[i].name);
        for (uint32_t i = 0; i < c->n_formulas; i++) {
            const ast *name = c->formulas[i]->name;
            if (!c->formulas[i]->is_set && name->n) offer_name(f, name->segs[name->n - 1].name);
        }
    }
    for (uint32_t i = 0; i < c->n_hiers; i++)
        if (str_eq_fold(c->hiers[i].name, path[0])) offer_in_hierarchy(f, v, &c->hiers[i], path + 1, n - 1);
}

/* The cube after FROM, if the text names one already. */
static const cube *cube_in_text(const view *v, pt_str text)
{
    for (uint32_t i = 0; i < schema_n_cubes(v->schema); i++) {
        const cube *c = schema_cube_at(v->schema, i);
        for (size_t at = 0; at + 5 < text.len; at++) {
            if (!str_eq_fold((pt_str){text.ptr + at, 4}, STR("from"))) continue;
            pt_str rest = str_trim((pt_str){text.ptr + at + 4, text.len - at - 4});
            if (rest.len && rest.ptr[0] == '[') rest = (pt_str){rest.ptr + 1, rest.len - 1};
            bool ends = rest.len <= c->name.len || !is_word_byte(rest.ptr[c->name.len]);
            if (starts_fold(rest, c->name) && ends) return c;
        }
    }
    return NULL;
}

static void offer_bracketed(finder *f, const view *v, pt_str text, size_t open)
{
    pt_str path[MAX_PATH];
    uint32_t n = path_before(text, open, path);
    const cube *c = cube_in_text(v, text);
    bool any_cube = n == 0 && (!c || follows(text, open, STR("from")));
    for (uint32_t i = 0; i < schema_n_cubes(v->schema); i++) {
        const cube *x = schema_cube_at(v->schema, i);
        if (any_cube) offer_name(f, x->name);
        if (!follows(text, open, STR("from")) && (c == x || !c)) offer_in_cube(f, v, x, path, n);
    }
}

/* ---- entry ------------------------------------------------------------- */

/* The '[' of a name that is still open at `at`, or at itself. */
static size_t open_bracket(pt_str text, size_t at)
{
    for (size_t i = at; i > 0; i--) {
        if (text.ptr[i - 1] == ']' || text.ptr[i - 1] == '\n') return at;
        if (text.ptr[i - 1] == '[') return i - 1;
    }
    return at;
}

void patron_complete(patron_session *s, const char *text, size_t at, patron_complete_fn fn, void *ctx)
{
    pt_str t = str_of(text);
    view v;
    if (at > t.len || warehouse_view(s->db->wh, &v, NULL) != PT_OK) return;
    size_t start = open_bracket(t, at);
    bool is_bracketed = start < at;
    while (!is_bracketed && start > 0 && is_word_byte(t.ptr[start - 1])) start--;
    finder f = {.fn = fn, .ctx = ctx, .word_start = start, .word = {t.ptr + start, at - start}};
    if (is_bracketed)
        offer_bracketed(&f, &v, t, start);
    else
        offer_words(&f, &v, t);
    view_put(&v);
}
