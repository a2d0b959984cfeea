/* batch.h - what the rows of one chunk came to: accepted rows column by column, and the rejected ones.
 *
 * Filled by one thread (translate.h), then emptied in order by the integrator. Texts are borrowed from the
 * chunk or live in `mem`, so a batch must be used up before its chunk is filled again. */
#pragma once

#include "etl/mapping.h"

typedef struct reject {
    uint64_t line;
    pt_str column, value; /* may be empty; value ptr NULL: null or none */
    pt_str reason;
    pt_str row;            /* JSON array of the fields */
    pt_str dimension, key; /* of a member that is not known; else ptr NULL */
} reject;

/* Keys of one role that no member is known for yet, each once; they will be inferred. */
typedef struct batch_pending {
    uint32_t n, cap;
    pt_value *keys;
    uint32_t *slots; /* number + 1 of a key, by its hash; 0: empty */
    uint32_t n_slots;
} batch_pending;

/* An id from this on stands for the key with number id - BATCH_PENDING. */
#define BATCH_PENDING (UINT32_C(1) << 31)

typedef struct batch_column { /* of a fact column */
    int64_t *ints;            /* INTEGER, DECIMAL (scaled), DATE, BOOLEAN, TIMESTAMP; or */
    double *doubles;          /* DOUBLE */
    uint8_t *nulls;           /* a byte per row */
    bool has_nulls;
} batch_column;

typedef struct batch {
    arena *mem;
    const mapping *mapping;
    uint32_t n_rows, cap_rows; /* accepted */
    uint64_t n_read;           /* accepted, rejected, filtered by WHERE, and outside of the slice */
    uint64_t n_filtered, n_outside;
    uint32_t n_rejects, cap_rejects;
    reject *rejects;
    /* into a dimension */
    pt_value *values; /* [row * n_targets], in order of the targets */
    uint64_t *lines;  /* [row] */
    /* into a cube */
    uint32_t **ids;         /* [role][row] */
    batch_column *columns;  /* [fact column] */
    batch_pending *pending; /* [role] */
} batch;

/* NULL: out of memory. */
batch *batch_new(const mapping *m);
void batch_free(batch *b); /* NULL is fine */
void batch_clear(batch *b);
/* Room for n more rows; the first gets number b->n_rows. */
PT_MUST_USE pt_status batch_reserve(batch *b, uint32_t n, pt_err *err);
/* The id that stands for a key not known yet (INT, DATE, TEXT or another). */
PT_MUST_USE pt_status batch_add_pending(batch *b, uint32_t role, pt_value key, uint32_t *id, pt_err *err);
/* Everything is copied. */
PT_MUST_USE pt_status batch_add_reject(batch *b, const reject *r, pt_err *err);
