/* listen.h - the sockets that a server listens on: one in the file system, and loopback TCP. */
#pragma once

#include "base/str.h"

enum { LISTEN_MAX = 3, LISTEN_BACKLOG = 128 };

typedef struct listeners {
    int n;
    int fds[LISTEN_MAX];
    char socket_path[108]; /* "": none */
    uint16_t port;         /* of TCP, and in the name of the socket */
    strbuf where;          /* for people: "127.0.0.1:5433, /db/.s.PGSQL.5433" */
} listeners;

/* host NULL: 127.0.0.1, and ::1 where the machine has it; "": no TCP; else an address, which must be of the
 * loopback (PT_DENIED). port 0: any free one. socket_dir NULL: no socket in the file system; a socket that a
 * dead server left behind is replaced, one that is listened on is PT_BUSY. */
PT_MUST_USE pt_status listen_open(const char *host, uint16_t port, const char *socket_dir, listeners *out,
                                  pt_err *err);
/* Closes all and removes the socket's file. */
void listen_close(listeners *l);
