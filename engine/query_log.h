/* query_log.h - which levels and measures statements asked of which cube, and how often: what the adviser
 * goes by.
 *
 * One line of text per kind of request: cube, levels, measures, each list as in CREATE CUBOID, with tabs
 * between. Counted in memory, and within a second added to DIR/queries.log by a thread that starts with the
 * first request (where the file may be written; it is no part of the data). A file that would grow beyond
 * QUERY_LOG_BYTES is written anew: a line per kind, those last asked, in half the space. Thread-safe. */
#pragma once

#include "engine/aggregate.h"

enum { QUERY_LOG_BYTES = 4 << 20 };

typedef struct query_log query_log;

/* NULL: out of memory. `dir` is where the file is; it is copied. */
query_log *query_log_new(const char *dir, bool is_read_only);
void query_log_free(query_log *q); /* writes what was noted; q may be NULL */
/* Note a request; lost when memory is short. q may be NULL. */
void query_log_note(query_log *q, const agg_request *req);

/* All that is known, of this process and of others: calls fn for each kind of request, those of this process
 * first, then those last written. Names are borrowed during the call. */
typedef pt_status (*query_log_fn)(void *ctx, pt_str line, uint64_t n_times, pt_err *err);
PT_MUST_USE pt_status query_log_read(query_log *q, query_log_fn fn, void *ctx, pt_err *err);
