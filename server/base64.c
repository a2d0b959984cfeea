/* base64.c - see base64.h. OpenSSL's decoder forgives blanks and missing padding; a verifier should not. */
#include "server/base64.h"

static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

void base64_add(strbuf *out, const void *bytes, size_t n)
{
    const uint8_t *p = bytes;
    for (size_t i = 0; i < n; i += 3) {
        size_t left = n - i;
        uint32_t x = (uint32_t)p[i] << 16;
        if (left > 1) x |= (uint32_t)p[i + 1] << 8;
        if (left > 2) x |= p[i + 2];
        strbuf_addc(out, letters[x >> 18]);
        strbuf_addc(out, letters[x >> 12 & 63]);
        strbuf_addc(out, left > 1 ? letters[x >> 6 & 63] : '=');
        strbuf_addc(out, left > 2 ? letters[x & 63] : '=');
    }
}

/* The value of a letter; 64 if it is none. */
static uint32_t letter_value(char c)
{
    const char *at = c ? strchr(letters, c) : NULL;
    return at ? (uint32_t)(at - letters) : 64;
}

size_t base64_decode(pt_str text, uint8_t *out, size_t max)
{
    if (text.len == 0 || text.len % 4 != 0) return 0;
    size_t padding = text.ptr[text.len - 1] != '=' ? 0 : text.ptr[text.len - 2] != '=' ? 1 : 2;
    size_t n = text.len / 4 * 3 - padding;
    if (n > max) return 0;
    for (size_t i = 0, at = 0; i < text.len; i += 4) {
        uint32_t x = 0;
        for (size_t k = 0; k < 4; k++) {
            bool is_padding = i + k >= text.len - padding;
            uint32_t v = is_padding ? 0 : letter_value(text.ptr[i + k]);
            if (v > 63) return 0;
            x = x << 6 | v;
        }
        for (size_t k = 0; k < 3; k++) {
            uint8_t byte = (uint8_t)(x >> (16 - 8 * k));
            if (at < n)
                out[at++] = byte;
            else if (byte) /* bits behind the end: another spelling of the same bytes */
                return 0;
        }
    }
    return n;
}
