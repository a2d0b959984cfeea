/* client.h - one connected user: settings, transaction, prepared statements and portals, and the loop that
 * answers messages. Belongs to one thread; only the seat (registry.h) is touched by others. */
#pragma once

#include "server/answer.h"
#include "server/portal.h"
#include "server/registry.h"
#include "server/route.h"
#include "server/setting.h"
#include "server/transaction.h"
#include "server/wire.h"

enum {
    CLIENT_MAX_MESSAGE = 64 << 20, /* bytes of a message once a user is known */
};

typedef struct client {
    wire *wire;              /* borrowed */
    seat *seat;              /* borrowed: who may cancel this */
    patron_session *session; /* borrowed */
    const char *user, *database;
    int64_t idle_timeout_us; /* 0: none */
    settings_of_client settings;
    transaction tx;
    prepared *statements; /* lists, owned */
    portal *portals;
    bool skips_to_sync; /* an extended message failed: what follows is ignored until Sync */
} client;

void client_open(client *c, wire *w, seat *s, patron_session *session, const char *user,
                 const char *database);
void client_close(client *c);
/* Answer messages until the client leaves, goes silent, breaks the protocol, or the server stops. The first
 * message sent is ReadyForQuery. */
void client_run(client *c);

/* ---- within this room ------------------------------------------------------ */

/* What a statement is called with. */
typedef struct call {
    pt_str query;     /* all that the client sent: places count from its start */
    size_t offset;    /* of the statement in it, bytes */
    const char *text; /* the statement, NUL-terminated */
    route route;
    const patron_params *params; /* NULL: none */
    const uint32_t *param_types; /* OIDs; NULL: none */
} call;

/* statement.c: run a statement, wherever it belongs; or only find its columns (out->n_rows counts nothing
 * then). */
bool client_execute(client *c, const call *what, answer *out, sql_error *e);
bool client_describe(client *c, const call *what, answer *out, sql_error *e);
/* session_command.c: SET, SHOW, RESET; and DISCARD, DEALLOCATE, CLOSE. */
bool client_setting(client *c, pt_str statement, answer *out, sql_error *e);
bool client_forget(client *c, pt_str statement, answer *out, sql_error *e);
/* Change a parameter as SET does, and tell the client if it wants to know. value.ptr NULL: the default. */
bool client_set(client *c, int setting, pt_str value, sql_error *e);
/* rows.c: description and rows. */
void client_row_description(client *c, const answer *x, uint16_t n_formats, const uint16_t *formats);
/* Rows [from, from + max) (max 0: all); *next is the row behind. false: a value did not fit, or cancelled. */
bool client_rows(client *c, const answer *x, uint64_t from, uint64_t max, uint16_t n_formats,
                 const uint16_t *formats, uint64_t *next, sql_error *e);
void client_complete(client *c, const answer *x, uint64_t n_rows);
/* One warning for all cells that could not be computed. */
void client_warn_cells(client *c, const answer *x);
/* extended.c: one message of the extended protocol; false with *e on failure. */
bool client_extended(client *c, char type, pt_str body, sql_error *e);
