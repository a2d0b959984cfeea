/* route.h - the one place that decides what a statement is and who answers it.
 *
 * A relational catalog (pg_catalog, information_schema), once there is one, takes over ROUTE_CATALOG. */
#pragma once

#include "base/str.h"

typedef enum route_kind {
    ROUTE_EMPTY,       /* blanks and comments */
    ROUTE_ENGINE,      /* MDX, definitions, loads: patron_execute */
    ROUTE_TRANSACTION, /* BEGIN, COMMIT, ...: transaction.h */
    ROUTE_SETTING,     /* SET, RESET, SHOW of PostgreSQL's parameters: setting.h */
    ROUTE_CONSTANT,    /* SELECT without FROM: constant.h */
    ROUTE_FORGET,      /* DISCARD, DEALLOCATE, CLOSE: the session's own objects */
    ROUTE_NOTHING,     /* UNLISTEN and the like: accepted, there is nothing to do */
    ROUTE_CATALOG,     /* SQL over the catalog of a relational database */
    ROUTE_FOREIGN,     /* other SQL that has no meaning here: COPY, INSERT, ... */
} route_kind;

typedef struct route {
    route_kind kind;
    bool is_reading; /* changes nothing, so it may run to describe its columns */
} route;

route route_of(pt_str statement);
/* The first word in capitals, for messages and command tags ("DISCARD"); at most 31 characters. */
void route_word(pt_str statement, char out[32]);
