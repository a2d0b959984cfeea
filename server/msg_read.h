/* msg_read.h - messages from the client: bytes to structs. Pure: no socket, no state; every length is
 * checked.
 *
 * Formats: PostgreSQL's manual, chapter 55.7. Texts and arrays are borrowed from the message or live in the
 * arena passed in. A message that ends too early, goes on too long or has a negative count gives false. */
#pragma once

#include "base/arena.h"
#include "base/str.h"

/* ---- fields ------------------------------------------------------------- */

/* A sticky failure: after a read past the end all further reads give 0. */
typedef struct msg_reader {
    const uint8_t *at, *end;
    bool failed;
} msg_reader;

msg_reader msg_reader_of(pt_str body);
uint8_t msg_get_u8(msg_reader *r);
uint16_t msg_get_u16(msg_reader *r);
int32_t msg_get_i32(msg_reader *r);
pt_str msg_get_text(msg_reader *r); /* up to a NUL, which is consumed and follows the text in memory */
pt_str msg_get_bytes(msg_reader *r, size_t n);
bool msg_is_done(const msg_reader *r); /* all read, nothing failed */

/* ---- the first message of a connection ---------------------------------- */

typedef enum startup_kind { STARTUP_SESSION, STARTUP_SSL, STARTUP_GSS, STARTUP_CANCEL } startup_kind;

typedef struct startup_param {
    pt_str name, value;
} startup_param;

typedef struct startup_msg {
    startup_kind kind;
    uint16_t major, minor; /* STARTUP_SESSION */
    uint32_t n_params;
    const startup_param *params;
    int32_t cancel_pid; /* STARTUP_CANCEL */
    uint32_t cancel_key;
} startup_msg;

/* `body` is what follows the length. */
bool msg_read_startup(pt_str body, arena *a, startup_msg *out);

/* ---- authentication ------------------------------------------------------ */

typedef struct sasl_initial_msg {
    pt_str mechanism;
    pt_str data; /* ptr NULL: none */
} sasl_initial_msg;

bool msg_read_sasl_initial(pt_str body, sasl_initial_msg *out);

/* ---- the extended protocol ------------------------------------------------ */

typedef struct parse_msg {
    pt_str name, query;
    uint16_t n_types;
    const uint32_t *types; /* OIDs; 0: not said */
} parse_msg;

typedef struct bind_msg {
    pt_str portal, statement;
    uint16_t n_formats; /* 0: all text, 1: one for all, else one each */
    const uint16_t *formats;
    uint16_t n_values;
    const pt_str *values; /* ptr NULL: null */
    uint16_t n_result_formats;
    const uint16_t *result_formats;
} bind_msg;

typedef struct name_msg { /* Describe and Close */
    uint8_t kind;         /* 'S' or 'P' */
    pt_str name;
} name_msg;

typedef struct execute_msg {
    pt_str portal;
    uint32_t max_rows; /* 0: all */
} execute_msg;

bool msg_read_query(pt_str body, pt_str *query);
bool msg_read_parse(pt_str body, arena *a, parse_msg *out);
bool msg_read_bind(pt_str body, arena *a, bind_msg *out);
bool msg_read_name(pt_str body, name_msg *out);
bool msg_read_execute(pt_str body, execute_msg *out);

/* The format (0 text, 1 binary) of item i, by the rule of bind_msg.n_formats. */
uint16_t msg_format_at(uint16_t n_formats, const uint16_t *formats, uint32_t i);
