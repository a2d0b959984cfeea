/* translate_int.h - the state of translating one chunk, shared by the way of single rows (translate.c) and
 * that of many rows at once (translate_block.c). */
#pragma once

#include "etl/translate.h"

enum { FOUND_KEYS = 4096, FOUND_TEXTS = 256 };

/* A key that was looked up: keys repeat, and a look-up costs more than all else about a field. */
typedef struct found_key {
    int64_t key;
    uint32_t member; /* + 1; 0: none */
} found_key;

typedef struct found_text {
    uint64_t head, tail; /* the bytes of a text of at most 16, zero behind its end */
    uint32_t member;     /* + 1; 0: none */
    uint32_t len;
} found_text;

typedef struct translate_steps translate_steps; /* translate_block.c */

/* State of one translate_chunk. */
typedef struct work {
    const translator *t;
    const mapping *m;
    batch *b;
    pt_err *err;
    pt_str *columns;         /* [scope.n_columns] of the row under way */
    pt_str *key;             /* [most key columns of a join] */
    found_key **found;       /* facts: [role][FOUND_KEYS], by hash; NULL until first used */
    found_text **found_text; /* the same for texts */
    translate_steps *steps;  /* NULL until the first block */
    arena *scratch;          /* facts: of the row; members: of the batch */
    pt_err why; /* of a fault of the row; kept clear, since clearing it for every value would be slow */
    source_row row;
    uint32_t n_unknown; /* keys of the row that will be inferred if it is kept */
    struct {
        uint32_t role;
        pt_value key;
    } * unknown; /* [n_roles] */
} work;

/* The row w->row that was just read: put behind the others, rejected or filtered out. `read`: how reading it
 * went; PT_DATA: it is malformed, as w->why says. */
PT_MUST_USE pt_status translate_row(work *w, pt_status read);
/* The value of a target for the columns gathered. PT_OK or what is wrong, in w->why; *env says where. */
PT_MUST_USE pt_status translate_value(work *w, const mapping_target *t, expr_env *env, pt_value *v);
/* The member with that key, or MEMBER_NONE. */
PT_MUST_USE pt_status translate_find(work *w, uint32_t role, const pt_value *key, uint32_t *id);
void translate_put(work *w, const mapping_target *t, uint32_t row, pt_value v);
/* The version of each member with history that was valid on the day of the fact. */
void translate_versions(work *w, uint32_t row);

/* Translate the next rows of the chunk together; *n_rows 0: they have to be translated one by one. */
PT_MUST_USE pt_status translate_block(work *w, source_chunk *c, uint32_t *n_rows);
