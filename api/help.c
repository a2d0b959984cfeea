/* help.c - the reference manual: HELP, and patron_manual() for programs. */
#include "api/api_int.h"
#include "query/doc.h"

/* ---- HELP -------------------------------------------------------------- */

static pt_status add(row_builder *b, const char *element, pt_str text, pt_err *err)
{
    pt_value *row;
    PT_TRY(rows_add(b, &row, err));
    row[0] = value_text(str_of(element));
    row[1] = rows_text(b, text);
    return PT_OK;
}

enum { LINE_WIDTH = 90 };

/* A row for each line, long ones broken between words; the element is told once. */
static pt_status add_lines(row_builder *b, const char *element, pt_str text, pt_err *err)
{
    while (text.len > 0) {
        const char *end = memchr(text.ptr, '\n', text.len);
        size_t n = end ? (size_t)(end - text.ptr) : text.len, next;
        if (n > LINE_WIDTH) {
            for (n = LINE_WIDTH; n > 0 && text.ptr[n] != ' ';) n--;
            if (n == 0)
                while (n < text.len && text.ptr[n] != ' ' && text.ptr[n] != '\n') n++;
        }
        PT_TRY(add(b, element, (pt_str){text.ptr, n}, err));
        next = n < text.len ? n + 1 : n;
        text = (pt_str){text.ptr + next, text.len - next};
        element = "";
    }
    return PT_OK;
}

static pt_status add_text(row_builder *b, const char *element, const char *text, pt_err *err)
{
    return add_lines(b, element, str_of(text ? text : ""), err);
}

static pt_status describe(row_builder *b, const doc_entry *e, const doc_page *page, pt_err *err)
{
    strbuf signatures = {0}, flags = {0}, where = {0};
    doc_signatures(e, &signatures);
    doc_flags(e, &flags);
    strbuf_printf(&where, "docs/mdx/%s.md", page->name);
    pt_status st = signatures.failed || flags.failed || where.failed
                       ? pt_fail(err, PT_NOMEM, "out of memory")
                       : add_lines(b, "form", strbuf_str(&signatures), err);
    if (st == PT_OK) st = add_lines(b, "flags", strbuf_str(&flags), err);
    if (st == PT_OK) st = add_text(b, "meaning", e->meaning, err);
    if (st == PT_OK) st = add_text(b, "edges", e->edges, err);
    if (st == PT_OK) st = add_text(b, e->expressions ? "example" : "", e->expressions, err);
    if (st == PT_OK) st = add_text(b, e->expressions ? "" : "example", e->statement, err);
    if (st == PT_OK) st = add_lines(b, "more", strbuf_str(&where), err);
    strbuf_free(&signatures);
    strbuf_free(&flags);
    strbuf_free(&where);
    return st;
}

static pt_status overview(row_builder *b, pt_err *err)
{
    static const char *const lines[][2] = {
        {"SELECT", "ask: SELECT set ON COLUMNS, set ON ROWS FROM [cube] WHERE tuple"},
        {"EXPLAIN", "how a SELECT is answered; EXPLAIN ANALYZE runs it and tells what it cost"},
        {"DRILLTHROUGH", "the facts behind the first cell of a SELECT"},
        {"SHOW",
         "SHOW CUBES, DIMENSIONS, MEASURES, SOURCES, MAPPINGS, LOADS, REJECTS, SEGMENTS, CUBOIDS, LIMITS, "
         "DEFINITIONS"},
        {"DESCRIBE", "DESCRIBE CUBE | DIMENSION | SOURCE | MAPPING | CUBOID name"},
        {"CREATE", "CREATE DIMENSION | CUBE | MEMBER | SET | SOURCE | MAPPING"},
        {"CREATE CUBOID",
         "CREATE CUBOID name ON CUBE cube (LEVEL [Hierarchy].[Level], ... [, MEASURE name, ...])"},
        {"ADVISE", "ADVISE CUBOIDS FOR CUBE name WITHIN 20 % | '500 MB': which cuboids would pay"},
        {"REFRESH CUBOIDS", "REFRESH CUBOIDS [OF cube]: rebuild those that are not up to date"},
        {"VERIFY", "VERIFY CUBE name: compare cuboids and indexes with the facts"},
        {"ALTER", "ALTER DIMENSION | CUBE name ADD ..."},
        {"DROP", "DROP kind name"},
        {"LOAD", "LOAD mapping, ... [FROM source] [REPLACE member]"},
        {"CHECK", "verify every stored byte"},
        {"COMPACT", "merge small segments"},
        {"REFRESH", "REFRESH CUBE name, for front ends that send it: answers are always up to date"},
        {"SET", "SET LIMIT MEMORY = '512 MB', SET LIMIT TIME = '30 s', SET THREADS = 2"},
        {"HELP", "HELP name: form, meaning and examples of a function"},
    };
    for (size_t i = 0; i < ARRAY_LEN(lines); i++) PT_TRY(add_text(b, lines[i][0], lines[i][1], err));
    for (const doc_page *const *p = doc_pages; *p; p++) {
        strbuf names = {0};
        for (size_t i = 0; i < (*p)->n; i++)
            strbuf_printf(&names, "%s%s", i ? ", " : "", (*p)->entries[i].names);
        pt_status st = names.failed ? pt_fail(err, PT_NOMEM, "out of memory")
                                    : add_lines(b, (*p)->title, strbuf_str(&names), err);
        strbuf_free(&names);
        PT_TRY(st);
    }
    return PT_OK;
}

static pt_status unknown(pt_str name, pt_span at, pt_err *err)
{
    pt_str near = doc_nearest(name);
    pt_fail_at(err, PT_NAME, at, "no help on " STR_FMT "%s" STR_FMT "%s", STR_ARG(name),
               near.ptr ? ", did you mean " : "", STR_ARG(near), near.ptr ? "?" : "");
    return pt_hint(err, "HELP; lists what there is");
}

pt_status api_help(pt_str name, pt_span at, arena *a, rowset **out, pt_err *err)
{
    row_builder b;
    const doc_page *page;
    PT_TRY(rows_begin(&b, a, "element:t text:t", err));
    *out = b.out;
    if (!name.len) return overview(&b, err);
    const doc_entry *e = doc_find(name, &page);
    return e ? describe(&b, e, page, err) : unknown(name, at, err);
}

/* ---- for programs ------------------------------------------------------ */

static pt_status give(const doc_page *page, const doc_entry *e, patron_topic_fn fn, void *ctx)
{
    strbuf signatures = {0}, flags = {0};
    doc_signatures(e, &signatures);
    doc_flags(e, &flags);
    pt_status st = signatures.failed || flags.failed ? PT_NOMEM : PT_OK;
    if (st == PT_OK)
        fn(ctx, &(patron_topic){.page = page->name,
                                .page_title = page->title,
                                .page_about = page->about,
                                .name = e->names,
                                .forms = signatures.ptr ? signatures.ptr : "",
                                .flags = flags.ptr ? flags.ptr : "",
                                .meaning = e->meaning,
                                .edges = e->edges ? e->edges : "",
                                .expressions = e->expressions ? e->expressions : "",
                                .statement = e->statement ? e->statement : ""});
    strbuf_free(&signatures);
    strbuf_free(&flags);
    return st;
}

int patron_manual(const char *name, patron_topic_fn fn, void *ctx, patron_error *err)
{
    pt_err e = {0};
    pt_status st = PT_OK;
    const doc_page *page;
    const doc_entry *found = name ? doc_find(str_of(name), &page) : NULL;
    if (found) {
        st = give(page, found, fn, ctx);
    } else if (name) {
        st = unknown(str_of(name), (pt_span){0}, &e);
        e.has_place = false;
    } else {
        for (const doc_page *const *p = doc_pages; *p && st == PT_OK; p++)
            for (size_t i = 0; i < (*p)->n && st == PT_OK; i++) st = give(*p, &(*p)->entries[i], fn, ctx);
    }
    if (st == PT_NOMEM) st = pt_fail(&e, PT_NOMEM, "out of memory");
    return st == PT_OK ? PATRON_OK : api_error(&e, (pt_str){0}, err);
}
