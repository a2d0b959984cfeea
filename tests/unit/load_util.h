/* load_util.h - for tests of loading: a warehouse, files to load, and what is in a cube afterwards. */
#pragma once

#include "etl/etl.h"
#include "tests/unit/engine_util.h"

typedef struct works {
    shop *shop;
    char data[64]; /* directory of the files */
    arena *a;
    load_options options; /* of the next load; reset after it */
    const char *replace;  /* member of the slice that the next load replaces; reset after it */
    load_result r;        /* of the last load */
} works;

works *works_open(unsigned n_threads);
void works_close(works *w); /* removes both directories; NULL is fine */
void works_reopen(works *w);

/* Run a script in which every statement must succeed; DATA in it stands for the directory of the files. */
void works_define(works *w, const char *script);
/* Run one statement that may fail. */
pt_status works_try_define(works *w, const char *text, pt_err *err);

void works_write(works *w, const char *file, const char *text);
void works_write_bytes(works *w, const char *file, const void *bytes, size_t n);
void works_path(const works *w, const char *file, char path[256]);

/* Load by the mappings named, comma-separated; NULL: all. */
pt_status works_try_load(works *w, const char *mappings, pt_err *err);
/* Must succeed. */
const load_result *works_load(works *w, const char *mappings);
const load_mapping_result *works_result(const works *w, const char *mapping);

/* The facts of a cube, a line each, sorted: "key,key: value,value" with the keys of the roles; null prints as
 * -. */
void works_facts(works *w, const char *cube, strbuf *out);
void works_expect_facts(works *w, const char *cube, const char *expected);
/* The members of a dimension in order of id: "key,attribute,..." a line each. */
void works_expect_members(works *w, const char *dimension, const char *expected);
/* The rejected rows of the last load: "file:line column 'value' reason" a line each. */
void works_rejects(works *w, strbuf *out);
void works_expect_rejects(works *w, const char *expected);
