/* scram.h - SCRAM-SHA-256 (RFC 5802, RFC 7677), the server's side.
 *
 * The server keeps a verifier, from which neither the password nor what a client proves with can be computed
 * back. An exchange is three calls:
 *
 *     scram_exchange_begin(&x, &verifier, is_real);
 *     scram_exchange_first(&x, client_first, NULL, &answer, err);    the challenge
 *     scram_exchange_final(&x, client_final, &answer, err);          PT_OK: the client knows the password
 *
 * For a user that does not exist, scram_verifier_mock gives a verifier with a salt that depends on the name
 * only; the exchange goes on as with a real one and fails at its end, so names cannot be probed. */
#pragma once

#include "base/str.h"

enum {
    SCRAM_KEY_BYTES = 32,
    SCRAM_SALT_BYTES = 16,
    SCRAM_ITERATIONS = 4096, /* of new verifiers */
    SCRAM_MAX_ITERATIONS = 10000000,
    SCRAM_MAX_PASSWORD = 1024, /* bytes */
};

#define SCRAM_MECHANISM "SCRAM-SHA-256"

typedef struct scram_verifier {
    uint32_t iterations;
    uint32_t n_salt; /* bytes of salt in use */
    uint8_t salt[64];
    uint8_t stored_key[SCRAM_KEY_BYTES];
    uint8_t server_key[SCRAM_KEY_BYTES];
} scram_verifier;

/* A verifier with a random salt. PT_VALUE for an empty or overlong password. */
PT_MUST_USE pt_status scram_verifier_new(pt_str password, scram_verifier *out, pt_err *err);
/* The same with everything given. */
PT_MUST_USE pt_status scram_verifier_make(pt_str password, const uint8_t *salt, uint32_t n_salt,
                                          uint32_t iterations, scram_verifier *out, pt_err *err);
/* One that no password fits; secret_bytes keep its salt from being foreseen. */
PT_MUST_USE pt_status scram_verifier_mock(pt_str name, const uint8_t *secret, size_t secret_bytes,
                                          scram_verifier *out, pt_err *err);
/* "SCRAM-SHA-256$4096:<salt>$<stored key>:<server key>", as PostgreSQL keeps it. */
void scram_verifier_print(const scram_verifier *v, strbuf *out);
bool scram_verifier_parse(pt_str text, scram_verifier *out);

typedef struct scram_exchange {
    scram_verifier verifier;
    bool is_real; /* false: fails at the end whatever the client proves */
    strbuf nonce; /* the client's and ours */
    strbuf gs2_header, client_first_bare, server_first;
} scram_exchange;

void scram_exchange_begin(scram_exchange *x, const scram_verifier *v, bool is_real);
void scram_exchange_end(scram_exchange *x); /* frees, wipes */
/* nonce: our part of it; NULL: a random one. PT_DATA if the message is malformed or wants what is not
 * offered. */
PT_MUST_USE pt_status scram_exchange_first(scram_exchange *x, pt_str message, const char *nonce,
                                           strbuf *answer, pt_err *err);
/* PT_DENIED if the proof does not fit, PT_DATA if the message is malformed. */
PT_MUST_USE pt_status scram_exchange_final(scram_exchange *x, pt_str message, strbuf *answer, pt_err *err);
