/* peer.h - a connection from its first byte: startup, the proof of the password, then client.h, then its end.
 */
#pragma once

#include "server/registry.h"

/* What all connections share; borrowed by each. */
typedef struct peer_env {
    patron_db *db;
    registry *registry;
    const char *dir;      /* where the users file is */
    const char *database; /* the warehouse's name, as clients see it */
    int stop_fd;
    int64_t login_timeout_us, idle_timeout_us; /* idle 0: none */
    void (*log)(void *ctx, const char *line);
    void *log_ctx;
} peer_env;

/* Serve the connection on fd until it ends; closes fd and leaves the seat. Called in a thread of its own. */
void peer_serve(const peer_env *env, seat *s, int fd);
