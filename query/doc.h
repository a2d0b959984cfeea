/* doc.h - the reference manual of the language: what each name of the function table means, what it gives at
 * the edges, and examples on the sample warehouse.
 *
 * A page is a family (doc_set.c, doc_time.c, ...); an entry describes all overloads of a name, or of several
 * names that mean the same. HELP, `patron help` and docs/mdx/ are made from these entries, and the signatures
 * from the table that the binder uses. Tests prove that every name of the table is described once, that
 * docs/mdx/ is what these texts give, and they run every example.
 *
 * The words are plain English sentences in Markdown without headings; a name is written `like this`. */
#pragma once

#include "base/str.h"

typedef struct doc_entry {
    const char *names;       /* "Stdev, Stddev": as people write them */
    const char *form;        /* signatures of what is not in the table, one a line; else NULL */
    const char *meaning;     /* what it gives */
    const char *edges;       /* what it gives for null, empty sets, wrong arguments; may be NULL */
    const char *expressions; /* examples that are values, one a line; may be NULL */
    const char *statement;   /* an example that is a statement; may be NULL */
} doc_entry;

typedef struct doc_page {
    const char *name, *title; /* "sets": docs/mdx/sets.md */
    const char *about;        /* what its entries have in common */
    const doc_entry *entries;
    size_t n;
} doc_page;

/* All pages; the last one is NULL. */
extern const doc_page *const doc_pages[];

/* The entry of a name, and its page; NULL if there is none. */
const doc_entry *doc_find(pt_str name, const doc_page **page);
/* The described name nearest to one that is not: ptr NULL if none is near. */
pt_str doc_nearest(pt_str name);
/* Calls for each of an entry's names. */
typedef void (*doc_name_fn)(void *ctx, pt_str name);
void doc_each_name(const doc_entry *e, doc_name_fn fn, void *ctx);
/* Its signatures with the kind of the result, one a line: "TopCount(set, number[, value]) -> set". */
void doc_signatures(const doc_entry *e, strbuf *out);
/* The words that its forms take as flags: "ASC, DESC, BASC, BDESC"; nothing if none. */
void doc_flags(const doc_entry *e, strbuf *out);
