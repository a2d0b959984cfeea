/* scram.c - see scram.h. Keys and proofs are compared without a branch on their bytes. */
#include "server/scram.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/rand.h>
#include <openssl/sha.h>

#include "base/num.h"
#include "server/base64.h"
#include "server/saslprep.h"

enum { NONCE_BYTES = 18, MAX_NONCE = 512 };

/* ---- verifiers ---------------------------------------------------------------- */

static bool hmac(const uint8_t key[SCRAM_KEY_BYTES], pt_str text, uint8_t out[SCRAM_KEY_BYTES])
{
    return HMAC(EVP_sha256(), key, SCRAM_KEY_BYTES, (const uint8_t *)text.ptr, text.len, out, NULL) != NULL;
}

static pt_status crypto_failed(pt_err *err)
{
    return pt_fail(err, PT_INTERNAL, "the cryptographic library failed");
}

pt_status scram_verifier_make(pt_str password, const uint8_t *salt, uint32_t n_salt, uint32_t iterations,
                              scram_verifier *out, pt_err *err)
{
    uint8_t salted[SCRAM_KEY_BYTES], client_key[SCRAM_KEY_BYTES];
    strbuf prepared = {0};
    if (password.len == 0 || password.len > SCRAM_MAX_PASSWORD)
        return pt_fail(err, PT_VALUE, "expected a password of 1 to %d bytes", SCRAM_MAX_PASSWORD);
    if (n_salt == 0 || n_salt > sizeof out->salt || iterations == 0)
        return pt_fail(err, PT_VALUE, "expected a salt of 1 to %zu bytes and at least one iteration",
                       sizeof out->salt);
    PT_TRY(saslprep(password, &prepared, err));
    *out = (scram_verifier){.iterations = iterations, .n_salt = n_salt};
    memcpy(out->salt, salt, n_salt);
    bool is_done = PKCS5_PBKDF2_HMAC(prepared.ptr, (int)prepared.len, salt, (int)n_salt, (int)iterations,
                                     EVP_sha256(), sizeof salted, salted) == 1 &&
                   hmac(salted, STR("Client Key"), client_key) &&
                   hmac(salted, STR("Server Key"), out->server_key) &&
                   SHA256(client_key, sizeof client_key, out->stored_key);
    OPENSSL_cleanse(salted, sizeof salted);
    OPENSSL_cleanse(client_key, sizeof client_key);
    if (prepared.ptr) OPENSSL_cleanse(prepared.ptr, prepared.len);
    strbuf_free(&prepared);
    return is_done ? PT_OK : crypto_failed(err);
}

pt_status scram_verifier_new(pt_str password, scram_verifier *out, pt_err *err)
{
    uint8_t salt[SCRAM_SALT_BYTES];
    if (RAND_bytes(salt, sizeof salt) != 1) return crypto_failed(err);
    return scram_verifier_make(password, salt, sizeof salt, SCRAM_ITERATIONS, out, err);
}

pt_status scram_verifier_mock(pt_str name, const uint8_t *secret, size_t secret_bytes, scram_verifier *out,
                              pt_err *err)
{
    uint8_t digest[SCRAM_KEY_BYTES];
    *out = (scram_verifier){.iterations = SCRAM_ITERATIONS, .n_salt = SCRAM_SALT_BYTES};
    if (!HMAC(EVP_sha256(), secret, (int)secret_bytes, (const uint8_t *)name.ptr, name.len, digest, NULL) ||
        RAND_bytes(out->stored_key, sizeof out->stored_key) != 1 ||
        RAND_bytes(out->server_key, sizeof out->server_key) != 1)
        return crypto_failed(err);
    memcpy(out->salt, digest, SCRAM_SALT_BYTES);
    return PT_OK;
}

void scram_verifier_print(const scram_verifier *v, strbuf *out)
{
    strbuf_printf(out, SCRAM_MECHANISM "$%u:", v->iterations);
    base64_add(out, v->salt, v->n_salt);
    strbuf_addc(out, '$');
    base64_add(out, v->stored_key, sizeof v->stored_key);
    strbuf_addc(out, ':');
    base64_add(out, v->server_key, sizeof v->server_key);
}

/* Cut `rest` behind the next `c`; false if there is none. */
static bool cut(pt_str *rest, char c, pt_str *head)
{
    const char *at = rest->len ? memchr(rest->ptr, c, rest->len) : NULL;
    if (!at) return false;
    *head = (pt_str){rest->ptr, (size_t)(at - rest->ptr)};
    *rest = (pt_str){at + 1, rest->len - head->len - 1};
    return true;
}

bool scram_verifier_parse(pt_str text, scram_verifier *out)
{
    pt_str mechanism, iterations, salt, stored;
    int64_t n;
    *out = (scram_verifier){0};
    if (!cut(&text, '$', &mechanism) || !str_eq(mechanism, STR(SCRAM_MECHANISM))) return false;
    if (!cut(&text, ':', &iterations) || !cut(&text, '$', &salt) || !cut(&text, ':', &stored)) return false;
    if (!num_parse_i64(iterations, &n) || n < 1 || n > SCRAM_MAX_ITERATIONS) return false;
    out->iterations = (uint32_t)n;
    out->n_salt = (uint32_t)base64_decode(salt, out->salt, sizeof out->salt);
    return out->n_salt > 0 && base64_decode(stored, out->stored_key, SCRAM_KEY_BYTES) == SCRAM_KEY_BYTES &&
           base64_decode(text, out->server_key, SCRAM_KEY_BYTES) == SCRAM_KEY_BYTES;
}

/* ---- the exchange --------------------------------------------------------------- */

void scram_exchange_begin(scram_exchange *x, const scram_verifier *v, bool is_real)
{
    *x = (scram_exchange){.verifier = *v, .is_real = is_real};
}

void scram_exchange_end(scram_exchange *x)
{
    OPENSSL_cleanse(&x->verifier, sizeof x->verifier);
    strbuf_free(&x->nonce);
    strbuf_free(&x->gs2_header);
    strbuf_free(&x->client_first_bare);
    strbuf_free(&x->server_first);
}

static pt_status malformed(pt_err *err, const char *what)
{
    return pt_fail(err, PT_DATA, "malformed SCRAM message: %s", what);
}

/* "n,," or "y,,": no channel binding. What a client that wants one sends is refused, as it was not offered.
 */
static pt_status read_gs2_header(scram_exchange *x, pt_str *rest, pt_err *err)
{
    pt_str binding, identity;
    const char *start = rest->ptr;
    if (!cut(rest, ',', &binding) || !cut(rest, ',', &identity)) return malformed(err, "no GS2 header");
    if (str_starts(binding, STR("p="))) return malformed(err, "channel binding is not offered");
    if (!str_eq(binding, STR("n")) && !str_eq(binding, STR("y"))) return malformed(err, "GS2 header");
    if (identity.len) return malformed(err, "an authorization identity is not offered");
    strbuf_add(&x->gs2_header, start, (size_t)(rest->ptr - start));
    return PT_OK;
}

static bool is_nonce(pt_str s)
{
    for (size_t i = 0; i < s.len; i++)
        if (s.ptr[i] < 0x21 || s.ptr[i] > 0x7e || s.ptr[i] == ',') return false;
    return s.len > 0 && s.len <= MAX_NONCE;
}

/* "n=user,r=nonce" and perhaps extensions. The name is not used: the startup message gave it. */
static pt_status read_first_bare(scram_exchange *x, pt_str bare, pt_err *err)
{
    pt_str rest = bare, user, nonce;
    if (!cut(&rest, ',', &user) || !str_starts(user, STR("n="))) return malformed(err, "no user name");
    if (!cut(&rest, ',', &nonce)) nonce = rest;
    if (!str_starts(nonce, STR("r="))) return malformed(err, "no nonce");
    nonce = (pt_str){nonce.ptr + 2, nonce.len - 2};
    if (!is_nonce(nonce)) return malformed(err, "nonce");
    strbuf_adds(&x->nonce, nonce);
    strbuf_adds(&x->client_first_bare, bare);
    return PT_OK;
}

static bool add_own_nonce(scram_exchange *x, const char *nonce)
{
    uint8_t random[NONCE_BYTES];
    if (nonce) {
        strbuf_addz(&x->nonce, nonce);
        return true;
    }
    if (RAND_bytes(random, sizeof random) != 1) return false;
    base64_add(&x->nonce, random, sizeof random);
    return true;
}

pt_status scram_exchange_first(scram_exchange *x, pt_str message, const char *nonce, strbuf *answer,
                               pt_err *err)
{
    pt_str rest = message;
    PT_TRY(read_gs2_header(x, &rest, err));
    PT_TRY(read_first_bare(x, rest, err));
    if (!add_own_nonce(x, nonce)) return crypto_failed(err);
    strbuf_addz(&x->server_first, "r=");
    strbuf_adds(&x->server_first, strbuf_str(&x->nonce));
    strbuf_addz(&x->server_first, ",s=");
    base64_add(&x->server_first, x->verifier.salt, x->verifier.n_salt);
    strbuf_printf(&x->server_first, ",i=%u", x->verifier.iterations);
    if (x->nonce.failed || x->gs2_header.failed || x->client_first_bare.failed || x->server_first.failed)
        return pt_fail(err, PT_NOMEM, "out of memory");
    strbuf_adds(answer, strbuf_str(&x->server_first));
    return PT_OK;
}

/* "c=" is the GS2 header again, in base64: nobody changed it on the way. */
static bool repeats_header(const scram_exchange *x, pt_str binding)
{
    strbuf expected = {0};
    strbuf_addz(&expected, "c=");
    base64_add(&expected, x->gs2_header.ptr, x->gs2_header.len);
    bool is_same = !expected.failed && str_eq(binding, strbuf_str(&expected));
    strbuf_free(&expected);
    return is_same;
}

/* Splits "c=...,r=...[,extensions],p=..." and checks all but the proof. */
static pt_status read_final(const scram_exchange *x, pt_str message, pt_str *without_proof,
                            uint8_t proof[SCRAM_KEY_BYTES], pt_err *err)
{
    pt_str rest = message, binding, nonce;
    const char *last = memrchr(message.ptr, ',', message.len);
    if (!last) return malformed(err, "no proof");
    *without_proof = (pt_str){message.ptr, (size_t)(last - message.ptr)};
    pt_str p = {last + 1, message.len - without_proof->len - 1};
    if (!cut(&rest, ',', &binding) || !cut(&rest, ',', &nonce)) return malformed(err, "no nonce");
    if (!repeats_header(x, binding)) return malformed(err, "channel binding");
    if (!str_starts(nonce, STR("r=")) ||
        !str_eq((pt_str){nonce.ptr + 2, nonce.len - 2}, strbuf_str(&x->nonce)))
        return malformed(err, "the nonce is another one");
    if (!str_starts(p, STR("p=")) ||
        base64_decode((pt_str){p.ptr + 2, p.len - 2}, proof, SCRAM_KEY_BYTES) != SCRAM_KEY_BYTES)
        return malformed(err, "proof");
    return PT_OK;
}

static pt_status check_proof(const scram_exchange *x, pt_str auth, const uint8_t proof[SCRAM_KEY_BYTES],
                             uint8_t server_signature[SCRAM_KEY_BYTES], pt_err *err)
{
    uint8_t key[SCRAM_KEY_BYTES], hash[SCRAM_KEY_BYTES];
    if (!hmac(x->verifier.stored_key, auth, key) || !hmac(x->verifier.server_key, auth, server_signature))
        return crypto_failed(err);
    for (size_t i = 0; i < sizeof key; i++) key[i] ^= proof[i];
    if (!SHA256(key, sizeof key, hash)) return crypto_failed(err);
    bool fits = CRYPTO_memcmp(hash, x->verifier.stored_key, sizeof hash) == 0;
    OPENSSL_cleanse(key, sizeof key);
    return (fits & x->is_real) ? PT_OK : pt_fail(err, PT_DENIED, "the password does not fit");
}

pt_status scram_exchange_final(scram_exchange *x, pt_str message, strbuf *answer, pt_err *err)
{
    uint8_t proof[SCRAM_KEY_BYTES], signature[SCRAM_KEY_BYTES];
    pt_str without_proof;
    strbuf auth = {0};
    if (message.len == 0) return malformed(err, "empty");
    PT_TRY(read_final(x, message, &without_proof, proof, err));
    strbuf_adds(&auth, strbuf_str(&x->client_first_bare));
    strbuf_addc(&auth, ',');
    strbuf_adds(&auth, strbuf_str(&x->server_first));
    strbuf_addc(&auth, ',');
    strbuf_adds(&auth, without_proof);
    pt_status st = auth.failed ? pt_fail(err, PT_NOMEM, "out of memory")
                               : check_proof(x, strbuf_str(&auth), proof, signature, err);
    strbuf_free(&auth);
    if (st != PT_OK) return st;
    strbuf_addz(answer, "v=");
    base64_add(answer, signature, sizeof signature);
    return PT_OK;
}
