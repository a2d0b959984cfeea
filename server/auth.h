/* auth.h - the proof of the password: SCRAM-SHA-256, on every kind of connection. */
#pragma once

#include "server/sql_error.h"
#include "server/wire.h"

typedef struct auth_env {
    const char *dir;     /* the users file is read anew, so that changes count at once */
    int64_t deadline_us; /* of the whole exchange */
} auth_env;

/* WIRE_OK: `name` is who he says, AuthenticationOk is in the buffer. Else the connection is to be closed,
 * after *e was sent if there is one. */
wire_status auth_run(const auth_env *env, wire *w, pt_str name, sql_error *e);
