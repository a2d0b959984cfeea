/* msg_write.h - messages to the client, appended to a buffer that somebody else sends.
 *
 * msg_begin ... msg_put_* ... msg_end writes one message; the length is filled in at the end. When the buffer
 * is out of memory (strbuf.failed) all calls do nothing: the sender looks at it once. */
#pragma once

#include "base/str.h"
#include "server/sql_error.h"

/* ---- fields ---------------------------------------------------------------- */

size_t msg_begin(strbuf *out, char type); /* returns the mark that msg_end wants */
void msg_end(strbuf *out, size_t mark);
void msg_put_u8(strbuf *out, uint8_t x);
void msg_put_u16(strbuf *out, uint16_t x);
void msg_put_i32(strbuf *out, int32_t x);
void msg_put_i64(strbuf *out, int64_t x);
void msg_put_text(strbuf *out, const char *text); /* with its NUL */
/* Write over 4 bytes put before: a length that is known only now. */
void msg_patch_i32(strbuf *out, size_t at, int32_t x);

/* ---- whole messages -------------------------------------------------------- */

void msg_empty(strbuf *out, char type); /* those of a type and nothing else: '1' '2' '3' 'n' 's' 'I' */
void msg_auth_ok(strbuf *out);
void msg_auth_sasl(strbuf *out, const char *mechanism); /* the one mechanism offered */
void msg_auth_sasl_continue(strbuf *out, pt_str data);
void msg_auth_sasl_final(strbuf *out, pt_str data);
void msg_negotiate(strbuf *out, uint16_t minor, const pt_str *unknown, uint32_t n_unknown);
void msg_parameter_status(strbuf *out, const char *name, const char *value);
void msg_backend_key(strbuf *out, int32_t pid, uint32_t key);
void msg_ready(strbuf *out, char transaction); /* 'I', 'T', 'E' */
void msg_complete(strbuf *out, const char *tag);
void msg_error(strbuf *out, const char *severity, const sql_error *e); /* "ERROR", "FATAL" */
void msg_notice(strbuf *out, const char *severity, const char *sqlstate, const char *text);
