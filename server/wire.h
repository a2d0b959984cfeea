/* wire.h - one connection's bytes: whole messages in, a buffer of messages out, with deadlines.
 *
 * Used by one thread. Blocking: a slow or silent client holds up its own thread only. A descriptor that
 * becomes readable when the server stops (stop_fd) ends every wait for a message. A claimed length is not
 * believed: memory grows with the bytes that have come. */
#pragma once

#include "base/str.h"

typedef enum wire_status {
    WIRE_OK,
    WIRE_CLOSED,  /* the client is gone, or the connection broke */
    WIRE_TIMEOUT, /* nothing came before the deadline */
    WIRE_STOPPED, /* the server stops */
    WIRE_BAD,     /* a length below 4 or above the limit */
    WIRE_NOMEM,
} wire_status;

typedef struct wire {
    int fd;
    int stop_fd;
    strbuf in; /* [in_at, in.len) has come and is not consumed */
    size_t in_at;
    strbuf out;     /* messages to send; see msg_write.h */
    bool is_broken; /* a send failed: nothing more is sent */
} wire;

void wire_open(wire *w, int fd, int stop_fd);
void wire_close(wire *w); /* closes the descriptor too */

/* The next message: its type and what follows the length. The body is borrowed until the next read.
 * deadline_us as limits_now_us(); 0: none. */
wire_status wire_read(wire *w, size_t max_bytes, int64_t deadline_us, char *type, pt_str *body);
/* The same for the first message, which has no type. */
wire_status wire_read_startup(wire *w, size_t max_bytes, int64_t deadline_us, pt_str *body);

/* Send what `out` holds. A client that takes nothing for WIRE_STALL_MS is given up. */
wire_status wire_flush(wire *w);
/* Send if much has gathered: called between rows. */
wire_status wire_relieve(wire *w);

enum { WIRE_STALL_MS = 5 * 60 * 1000 };
