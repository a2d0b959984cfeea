/* connection.h - the warehouse a subcommand works on, with a session that Ctrl-C cancels. */
#pragma once

#include "tools/command.h"

typedef struct connection {
    application *app;
    patron_db *db;
    patron_session *session;
} connection;

/* Open app->db with the flags of patron_open. Failures are printed; returns the exit status that fits them.
 * `a` is for the message that no warehouse was named. From here to connection_close SIGINT and SIGTERM cancel
 * the running statement (tools/interrupt.h). */
int connection_open(application *app, args *a, unsigned flags, connection *c);
void connection_close(connection *c);

/* What a session is to do without: for measuring, and to see what it is worth. */
typedef struct connection_switches {
    bool no_cache, no_cuboids;
} connection_switches;
/* Failures are printed; returns the exit status that fits them. */
int connection_switch_off(connection *c, const connection_switches *s);
