/* cases.c - see cases.h. */
#include "tests/mdx/cases.h"

#include "tests/unit/unit.h"

#include <dirent.h>
#include <stdio.h>

#include "base/fs.h"

const char *const case_kind_names[CASE_KINDS] = {"normal", "null", "empty", "error", "calc"};

typedef struct reader {
    mdx_cases *out;
    const char *path;
    unsigned line;
    char *about, *cube;
} reader;

static char *copy(pt_str s)
{
    char *c = strndup(s.ptr, s.len);
    assert_non_null(c);
    return c;
}

static void replace(char **text, pt_str s)
{
    free(*text);
    *text = copy(s);
}

static bool cut(pt_str *s, const char *prefix)
{
    size_t n = strlen(prefix);
    if (s->len < n || memcmp(s->ptr, prefix, n) != 0) return false;
    *s = str_trim((pt_str){s->ptr + n, s->len - n});
    return true;
}

static bool cut_kind(pt_str *s, case_kind *kind)
{
    for (case_kind k = 0; k < CASE_KINDS; k++) {
        char prefix[16];
        snprintf(prefix, sizeof prefix, "%s:", case_kind_names[k]);
        *kind = k;
        if (cut(s, prefix)) return true;
    }
    return false;
}

/* "expression => want", where the arrow is the last one: it is no operator of the language. */
static void split(reader *r, mdx_case *c, pt_str s)
{
    size_t at = s.len;
    while (at > 2 && memcmp(s.ptr + at - 2, "=>", 2) != 0) at--;
    if (at <= 2) fail_msg("%s:%u: a case has '=>'", r->path, r->line);
    c->expression = copy(str_trim((pt_str){s.ptr, at - 2}));
    c->want = copy(str_trim((pt_str){s.ptr + at, s.len - at}));
}

static void add_case(reader *r, pt_str s)
{
    mdx_cases *out = r->out;
    mdx_case c = {
        .file = copy(str_of(strrchr(r->path, '/') + 1)), .line = r->line, .is_skip = cut(&s, "skip ")};
    if (!cut_kind(&s, &c.kind))
        fail_msg("%s:%u: expected a kind of case: %.*s", r->path, r->line, (int)s.len, s.ptr);
    if (!r->about) fail_msg("%s:%u: what is this case about?", r->path, r->line);
    if (c.is_skip)
        c.expression = copy(s);
    else
        split(r, &c, s);
    c.about = copy(str_of(r->about));
    c.cube = copy(str_of(r->cube));
    if (out->n == out->cap) {
        out->cap = out->cap ? out->cap * 2 : 256;
        out->items = realloc(out->items, out->cap * sizeof *out->items);
        assert_non_null(out->items);
    }
    out->items[out->n++] = c;
}

static void take(reader *r, pt_str s)
{
    if (s.len == 0 || s.ptr[0] == '#') return;
    if (s.ptr[0] == '[' && s.ptr[s.len - 1] == ']')
        replace(&r->about, (pt_str){s.ptr + 1, s.len - 2});
    else if (cut(&s, "cube "))
        replace(&r->cube, s);
    else
        add_case(r, s);
}

/* A line and the indented ones below it. */
static pt_str next_entry(pt_str *rest, unsigned *n_lines)
{
    size_t end = 0;
    *n_lines = 0;
    do {
        while (end < rest->len && rest->ptr[end] != '\n') end++;
        if (end < rest->len) end++;
        ++*n_lines;
    } while (end < rest->len && (rest->ptr[end] == ' ' || rest->ptr[end] == '\t'));
    pt_str entry = {rest->ptr, end};
    *rest = (pt_str){rest->ptr + end, rest->len - end};
    return str_trim(entry);
}

void cases_read(const char *path, mdx_cases *out)
{
    pt_err err = {0};
    strbuf bytes = {0};
    reader r = {.out = out, .path = path, .line = 1, .cube = strdup("S")};
    if (fs_read(path, &bytes, 1 << 20, &err) != PT_OK) fail_msg("%s", err.msg);
    pt_str text = strbuf_str(&bytes);
    while (text.len > 0) {
        unsigned n_lines;
        take(&r, next_entry(&text, &n_lines));
        r.line += n_lines;
    }
    free(r.about);
    free(r.cube);
    strbuf_free(&bytes);
}

static int by_name(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

void cases_read_all(const char *dir, mdx_cases *out)
{
    char *paths[64];
    size_t n = 0;
    DIR *d = opendir(dir);
    assert_non_null(d);
    for (struct dirent *e; (e = readdir(d)) && n < ARRAY_LEN(paths);) {
        const char *dot = strrchr(e->d_name, '.');
        if (dot && strcmp(dot, ".cases") == 0 && asprintf(&paths[n], "%s/%s", dir, e->d_name) > 0) n++;
    }
    closedir(d);
    assert_true(n > 0);
    qsort(paths, n, sizeof *paths, by_name);
    for (size_t i = 0; i < n; i++) {
        cases_read(paths[i], out);
        free(paths[i]);
    }
}

bool case_is_about(const mdx_case *c, pt_str name)
{
    for (const char *at = c->about; *at;) {
        const char *end = strstr(at, ", ");
        pt_str one = end ? (pt_str){at, (size_t)(end - at)} : str_of(at);
        if (str_eq_fold(one, name)) return true;
        at = end ? end + 2 : at + one.len;
    }
    return false;
}

bool case_is_statement(const mdx_case *c)
{
    return strncmp(c->expression, "SELECT", 6) == 0 || strncmp(c->expression, "WITH", 4) == 0;
}

void case_statement(const mdx_case *c, bool is_axis, strbuf *out)
{
    if (case_is_statement(c))
        strbuf_addz(out, c->expression);
    else if (is_axis)
        strbuf_printf(out, "SELECT %s ON 0 FROM [%s]", c->expression, c->cube);
    else
        strbuf_printf(out, "WITH MEMBER [Measures].[it] AS %s SELECT {[Measures].[it]} ON 0 FROM [%s]",
                      c->expression, c->cube);
    assert_false(out->failed);
}

void cases_free(mdx_cases *c)
{
    for (size_t i = 0; i < c->n; i++) {
        free(c->items[i].file);
        free(c->items[i].about);
        free(c->items[i].cube);
        free(c->items[i].expression);
        free(c->items[i].want);
    }
    free(c->items);
    *c = (mdx_cases){0};
}
