/* dim_int.h - what the files of the member tables share: columns, specs, the insides of a view.
 *
 * A cell is the stored form of an attribute: text is a code (0: null), a double its bits (-0 and every NaN
 * made one), all else the integer. Two cells of one attribute are equal exactly when their values are. */
#pragma once

#include <pthread.h>
#include <stdatomic.h>

#include "storage/dim_file.h"
#include "storage/dim_keys.h"
#include "storage/members.h"

typedef struct dim_cell {
    int64_t raw; /* 0 when null */
    bool is_null;
} dim_cell;

/* ---- specs (dim_spec.c) ------------------------------------------------ */

/* Every index within bounds, at least a key, names not empty. `code` and `what` begin the message. */
PT_MUST_USE pt_status dim_spec_check(const dim_spec *spec, pt_status code, const char *what, pt_err *err);
PT_MUST_USE pt_status dim_spec_copy(arena *a, const dim_spec *spec, dim_spec *out, pt_err *err);
bool dim_spec_eq(const dim_spec *a, const dim_spec *b);
/* Attribute of that name (without regard to case), or MEMBER_NONE. */
uint32_t dim_spec_find(const dim_spec *spec, pt_str name);
/* The bytes of SEC_SPEC, and back (checked; texts are copied). */
void dim_spec_encode(const dim_spec *spec, strbuf *out);
PT_MUST_USE pt_status dim_spec_decode(arena *a, const uint8_t *bytes, size_t n, dim_spec *out, pt_err *err);

/* ---- values and cells (dim_cell.c) ------------------------------------- */

/* Cell of a value that is not text. PT_TYPE if the value has another type than the attribute. */
PT_MUST_USE pt_status dim_cell_of(const dim_attr *attr, pt_value v, dim_cell *out, pt_err *err);
/* The value of a non-null cell; `text` if the type is TEXT. */
pt_value dim_cell_value(pt_type type, uint8_t scale, int64_t raw, pt_str text);
/* Hash of a key for the key index; `text` if the type is TEXT. Format 1 knows the lower half. */
uint64_t dim_key_hash(pt_type type, dim_cell cell, pt_str text);

/* ---- views (dim_view.c) ------------------------------------------------ */

typedef struct dim_column {
    pt_type type;
    uint8_t scale;
    uint32_t width;        /* bytes of one cell */
    const void *cells;     /* [n_members] */
    const uint64_t *nulls; /* bit per member; NULL: none */
    uint32_t n_texts;
    uint32_t end_width; /* 4 or 8 */
    const void *ends;   /* [n_texts] */
    const char *bytes;
    uint64_t n_bytes;
} dim_column;

struct dim_view {
    atomic_uint refs;
    arena *a;
    pt_str path;    /* for messages; "" if made in memory */
    file_map file;  /* what is mapped, or */
    uint8_t *image; /* owned memory */
    file_map bytes; /* either of the two */
    const dim_head *head;
    const dim_entry *entries;
    uint32_t n;
    dim_spec spec;
    dim_column *columns;       /* one per attribute */
    dim_keys keys;             /* the slots are read-only */
    const dim_slot *old_slots; /* of format 1, in place of keys; a power of two of them */
    uint64_t n_old_slots;
    const uint64_t *inferred;           /* NULL: none */
    const uint32_t *durable, *previous; /* NULL: no key has several versions, like the next */
    const int64_t *valid_from, *valid_to;
    hier_view *hiers;         /* complete once its state is 1 */
    atomic_uchar *hier_state; /* 1: verified */
    pthread_mutex_t lock;     /* of making a hierarchy complete, the list of names, and */
    uint32_t *identity;       /* [n] 0, 1, 2, ...: arrays that the file leaves out; NULL until needed */
    _Atomic(struct dim_names *) names; /* what was looked for by name (dim_names.c) */
};

/* A signed integer of a column. */
static inline int64_t dim_load_int(const void *cells, uint32_t width, uint32_t i)
{
    switch (width) {
    case 1: return ((const int8_t *)cells)[i];
    case 2: return ((const int16_t *)cells)[i];
    case 4: return ((const int32_t *)cells)[i];
    default: return ((const int64_t *)cells)[i];
    }
}
/* Cell of a member; any code or member out of range reads as null. */
dim_cell dim_column_cell(const dim_column *c, uint32_t member);
/* The code of a text column as it is stored, perhaps out of range. */
uint64_t dim_column_code(const dim_column *c, uint32_t member);
/* Text of a code; "" for codes out of range. */
pt_str dim_column_text(const dim_column *c, uint32_t code);
static inline bool dim_bit(const uint64_t *bits, uint32_t i)
{
    return bits && (bits[i / 64] >> (i % 64) & 1);
}
/* A view of an image in memory, taken over in any case. */
PT_MUST_USE pt_status dim_view_of_image(uint8_t *image, size_t size, dim_view **out, pt_err *err);

/* ---- names (dim_names.c) ------------------------------------------------ */

typedef struct dim_names dim_names;
void dim_names_free(dim_names *list); /* with all tables */

/* ---- verifying (dim_check.c) ------------------------------------------- */

/* Checksums of all sections. */
PT_MUST_USE pt_status dim_check_sums(const dim_view *d, pt_err *err);
/* Checksums and bounds of the arrays of one hierarchy, which is complete. */
PT_MUST_USE pt_status dim_check_hier(const dim_view *d, uint32_t hierarchy, pt_err *err);
