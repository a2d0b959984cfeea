/* load_mark.h - what the catalog remembers of parts that were loaded (TAB_MARK, TAB_FILE). */
#pragma once

#include "engine/warehouse.h"
#include "etl/source.h"

/* A part of a mapping into a cube, by mapping and name. */
typedef struct load_mark {
    uint64_t number;  /* of the part: rows in LOAD_PART_COLUMN */
    uint64_t load_id; /* that read it last */
    uint8_t digest[32];
    source_stamp stamp;
    int64_t seen_ns; /* when the stamp was taken, since 1970 */
    uint64_t n_rejected;
    uint64_t mapping_hash; /* of the definition that it was read by */
} load_mark;

PT_MUST_USE pt_status load_mark_get(store *s, uint32_t mapping, pt_str part, arena *a, load_mark *out,
                                    bool *found, pt_err *err);
PT_MUST_USE pt_status load_mark_put(store_txn *t, uint32_t mapping, pt_str part, arena *a, const load_mark *m,
                                    pt_err *err);
PT_MUST_USE pt_status load_mark_drop(store_txn *t, uint32_t mapping, pt_str part, arena *a, pt_err *err);
/* Does the stamp prove that the part is as it was? Not if it was changed just before it was looked at. */
bool load_mark_is_same(const load_mark *m, const source_stamp *now);

/* Content: was it loaded by this mapping under any name? */
PT_MUST_USE pt_status load_content_get(store *s, uint32_t mapping, const uint8_t digest[32], arena *a,
                                       bool *found, pt_err *err);
/* Was any content loaded by this mapping? */
PT_MUST_USE pt_status load_content_any(store *s, uint32_t mapping, bool *found, pt_err *err);
PT_MUST_USE pt_status load_content_put(store_txn *t, uint32_t mapping, const uint8_t digest[32],
                                       uint64_t load_id, pt_err *err);
PT_MUST_USE pt_status load_content_drop(store_txn *t, uint32_t mapping, const uint8_t digest[32],
                                        pt_err *err);

/* Texts by kind, mapping and name: "track" (the mark of a tracked table), "dim" (digest of all that a mapping
 * into a dimension read), "join" (digest of the tables that a mapping into a cube joined). */
PT_MUST_USE pt_status load_text_get(store *s, const char *kind, uint32_t mapping, pt_str name, arena *a,
                                    pt_str *out, pt_err *err); /* empty if there is none */
PT_MUST_USE pt_status load_text_put(store_txn *t, const char *kind, uint32_t mapping, pt_str name,
                                    pt_str value, arena *a, pt_err *err);

/* The number for the next new part. */
PT_MUST_USE pt_status load_counter_get(store *s, arena *a, uint64_t *next, pt_err *err);
PT_MUST_USE pt_status load_counter_put(store_txn *t, uint64_t next, pt_err *err);
