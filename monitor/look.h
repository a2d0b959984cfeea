/* look.h - what the sources of a mapping look like at one moment, without reading them. */
#pragma once

#include "etl/etl.h"

typedef struct look {
    uint64_t fingerprint;  /* of the definitions and of names and stamps of the settled parts */
    uint32_t n_parts;      /* settled parts of the main table */
    uint32_t n_unsettled;  /* parts of the main table that are being written, */
    bool is_blocked;       /* and whether a joined table is */
    bool is_transactional; /* parts are always complete */
} look;

/* PT_IO if the source cannot be looked at. */
PT_MUST_USE pt_status look_at(source *s, const view *v, const etl_mapping *m, int64_t settle_ns, arena *a,
                              look *out, pt_err *err);
