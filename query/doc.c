/* doc.c - see doc.h. */
#include "query/doc.h"

#include "query/funs.h"
#include "query/suggest.h"

#define PAGES(X)                                                                                             \
    X(doc_stmt)                                                                                              \
    X(doc_set)                                                                                               \
    X(doc_nav)                                                                                               \
    X(doc_order)                                                                                             \
    X(doc_stat)                                                                                              \
    X(doc_time)                                                                                              \
    X(doc_drill)                                                                                             \
    X(doc_prop)                                                                                              \
    X(doc_logic)                                                                                             \
    X(doc_number)                                                                                            \
    X(doc_text)                                                                                              \
    X(doc_date)                                                                                              \
    X(doc_finance)                                                                                           \
    X(doc_convert)                                                                                           \
    X(doc_format)

#define X(page) extern const doc_page page;
PAGES(X)
#undef X

#define X(page) &page,
const doc_page *const doc_pages[] = {PAGES(X) NULL};
#undef X

/* ---- names ------------------------------------------------------------- */

/* Cuts the next name off "Stdev, Stddev"; false at the end. */
static bool next_name(const char **at, pt_str *name)
{
    const char *end = strstr(*at, ", ");
    if (!**at) return false;
    *name = end ? (pt_str){*at, (size_t)(end - *at)} : str_of(*at);
    *at = end ? end + 2 : *at + name->len;
    return true;
}

void doc_each_name(const doc_entry *e, doc_name_fn fn, void *ctx)
{
    pt_str name;
    for (const char *at = e->names; next_name(&at, &name);) fn(ctx, name);
}

static bool has_name(const doc_entry *e, pt_str wanted)
{
    pt_str name;
    for (const char *at = e->names; next_name(&at, &name);)
        if (str_eq_fold(name, wanted)) return true;
    return false;
}

const doc_entry *doc_find(pt_str name, const doc_page **page)
{
    for (const doc_page *const *p = doc_pages; *p; p++)
        for (size_t i = 0; i < (*p)->n; i++)
            if (has_name(&(*p)->entries[i], name)) {
                *page = *p;
                return &(*p)->entries[i];
            }
    return NULL;
}

static void offer(void *ctx, pt_str name)
{
    suggestion_offer(ctx, name);
}

pt_str doc_nearest(pt_str name)
{
    suggestion s = suggestion_for(name);
    for (const doc_page *const *p = doc_pages; *p; p++)
        for (size_t i = 0; i < (*p)->n; i++) doc_each_name(&(*p)->entries[i], offer, &s);
    return s.best;
}

/* ---- what the function table says -------------------------------------- */

static const char *result_name(const fun *f)
{
    return letter_name(f->result[0]);
}

/* The forms of a name differ in what they take; two that look the same are listed once. */
static void add_line(strbuf *out, pt_str line)
{
    for (size_t at = 0; at < out->len;) {
        const char *end = memchr(out->ptr + at, '\n', out->len - at);
        size_t n = end ? (size_t)(end - out->ptr) - at : out->len - at;
        if (str_eq((pt_str){out->ptr + at, n}, line)) return;
        at += n + 1;
    }
    if (out->len) strbuf_addc(out, '\n');
    strbuf_adds(out, line);
}

void doc_signatures(const doc_entry *e, strbuf *out)
{
    if (e->form) strbuf_addz(out, e->form);
    for (const fun_list *const *l = fun_lists; *l; l++)
        for (size_t i = 0; i < (*l)->n; i++) {
            const fun *f = &(*l)->table[i];
            strbuf line = {0};
            if (f->flags & FUN_HIDDEN || !has_name(e, str_of(f->name))) continue;
            fun_signature(f, &line);
            strbuf_printf(&line, " -> %s", result_name(f));
            if (line.failed)
                out->failed = true;
            else
                add_line(out, strbuf_str(&line));
            strbuf_free(&line);
        }
}

static bool is_listed(const strbuf *out, pt_str word)
{
    if (out->len == 0) return false;
    pt_str name;
    for (const char *at = out->ptr; next_name(&at, &name);)
        if (str_eq(name, word)) return true;
    return false;
}

static void add_words(const char *words, strbuf *out)
{
    for (pt_str word; (word = fun_next_word(&words)).len;)
        if (!is_listed(out, word)) strbuf_printf(out, "%s" STR_FMT, out->len ? ", " : "", STR_ARG(word));
}

void doc_flags(const doc_entry *e, strbuf *out)
{
    for (const fun_list *const *l = fun_lists; *l; l++)
        for (size_t i = 0; i < (*l)->n; i++)
            if (has_name(e, str_of((*l)->table[i].name))) add_words((*l)->table[i].words, out);
}
