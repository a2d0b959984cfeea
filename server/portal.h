/* portal.h - prepared statements and portals (a statement bound to values, perhaps half read).
 *
 * A portal keeps its statement alive: it may be used after the statement was closed. */
#pragma once

#include "server/answer.h"
#include "server/msg_read.h"
#include "server/route.h"

enum { MAX_PREPARED = 10000, MAX_PORTALS = 1000 }; /* of one client */

/* The columns that a client was told of. */
typedef struct shape {
    bool is_known;
    bool has_rows;
    uint32_t n;
    const char **names;
    uint32_t *types;
    arena *a; /* owned */
} shape;

typedef struct prepared {
    struct prepared *next;
    uint32_t n_users; /* the list and the portals */
    char *name;
    char *text; /* as sent, NUL-terminated */
    route route;
    uint16_t n_params;
    uint32_t *types; /* of parameters: OIDs; 0: not said */
    shape described; /* by the last Describe of it or of one of its portals */
} prepared;

typedef struct portal {
    struct portal *next;
    char *name;
    prepared *statement;
    arena *a; /* owned: values and formats */
    patron_params params;
    uint16_t n_formats; /* of results */
    const uint16_t *formats;
    bool is_described; /* the client knows the columns of this very answer */
    bool is_run;       /* `result` is there */
    bool is_done;      /* all rows were sent */
    answer result;
    uint64_t next_row;
} portal;

/* NULL: none of that name. */
prepared *prepared_find(prepared *list, pt_str name);
/* Makes room in the list under a name that is not there; false: too many, or no memory. Takes copies. */
bool prepared_add(prepared **list, const parse_msg *m, route r, uint16_t n_params, sql_error *e);
void prepared_drop(prepared **list, pt_str name); /* fine if there is none */
void prepared_drop_all(prepared **list);

portal *portal_find(portal *list, pt_str name);
/* An empty portal over a statement; values are the caller's to fill in, into p->a. NULL: too many, or no
 * memory. */
portal *portal_add(portal **list, pt_str name, prepared *statement, sql_error *e);
void portal_drop(portal **list, pt_str name);
void portal_drop_all(portal **list);

/* Remember what the client is told. */
bool shape_set(shape *s, const answer *x, sql_error *e);
/* Make the answer's types those that the client was told, if the columns are the same and their values can be
 * written so; else the failure that drivers know as "prepare again". */
bool shape_apply(const shape *s, answer *x, sql_error *e);
