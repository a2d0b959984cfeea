/* registry.h - the connections there are: limits, cancelling from another connection, an orderly end.
 *
 * A connection's thread takes a seat; the fields of a seat that others touch are atomic or guarded by the
 * registry's lock. Others cancel a seat's session and break its connection until registry_retire; the server
 * waits for all to leave before it closes the warehouse. */
#pragma once

#include <stdatomic.h>

#include "base/err.h"
#include "include/patron.h"

typedef struct registry registry;

typedef struct seat {
    struct seat *prev, *next; /* guarded */
    registry *registry;
    int fd;                   /* guarded; -1: retired */
    patron_session *session;  /* guarded; NULL: not admitted yet, or retired */
    bool is_admitted;         /* guarded: counts as a session */
    int32_t pid;              /* number of the connection, what a cancel request names */
    uint32_t key;             /* ... and proves */
    atomic_bool is_cancelled; /* a cancel came since the statement began */
    atomic_bool is_running;   /* a statement runs, so that a client that hangs up is to be noticed */
} seat;

registry *registry_new(uint32_t max_sessions);
/* Waits for the end of every thread that left. NULL is fine; nobody is seated any more. */
void registry_free(registry *r);

/* NULL: too many connections that are not users yet, or no memory. */
seat *registry_enter(registry *r, int fd);
/* The user is known; false: max_sessions are there already. */
bool registry_admit(seat *s, patron_session *session);
/* To be called before the session is freed and the descriptor closed: from here on nobody touches them. */
void registry_retire(seat *s);
/* Frees the seat and hands the calling thread over to be joined: the last that a connection's thread does. */
void registry_leave(seat *s);
/* Frees a seat whose thread could not be started. */
void registry_drop(seat *s);

/* A cancel request: stops what runs on the connection with that number and key, if there is one. */
void registry_cancel(registry *r, int32_t pid, uint32_t key);
/* Stop all that runs. */
void registry_cancel_all(registry *r);
/* Stop what runs for clients that have hung up. */
void registry_cancel_gone(registry *r);
/* Break all connections: threads that wait for their clients return. */
void registry_break_all(registry *r);
/* Wait until nobody is seated; false after wait_ms. */
bool registry_wait_empty(registry *r, int64_t wait_ms);
