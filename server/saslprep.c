/* saslprep.c - see saslprep.h. */
#include "server/saslprep.h"

#include <stdlib.h>

#include <uninorm.h>

#include "base/utf8.h"

/* RFC 3454, table C.1.2 */
static bool is_blank(uint32_t cp)
{
    return cp == 0xa0 || cp == 0x1680 || (cp >= 0x2000 && cp <= 0x200b) || cp == 0x202f || cp == 0x205f ||
           cp == 0x3000;
}

/* RFC 3454, table B.1 (without U+200B, which is a blank above) */
static bool is_invisible(uint32_t cp)
{
    return cp == 0xad || cp == 0x34f || cp == 0x1806 || (cp >= 0x180b && cp <= 0x180d) || cp == 0x200c ||
           cp == 0x200d || cp == 0x2060 || (cp >= 0xfe00 && cp <= 0xfe0f) || cp == 0xfeff;
}

static bool is_ascii(pt_str s)
{
    for (size_t i = 0; i < s.len; i++)
        if ((unsigned char)s.ptr[i] >= 0x80) return false;
    return true;
}

static void map_characters(pt_str s, strbuf *out)
{
    for (size_t at = 0, next; at < s.len; at = next) {
        uint32_t cp = utf8_decode(s, at, &next);
        if (is_blank(cp))
            strbuf_addc(out, ' ');
        else if (!is_invisible(cp))
            strbuf_add(out, s.ptr + at, next - at);
    }
}

pt_status saslprep(pt_str password, strbuf *out, pt_err *err)
{
    strbuf mapped = {0};
    if (is_ascii(password) || utf8_valid_prefix(password) != password.len) {
        strbuf_adds(out, password);
        return out->failed ? pt_fail(err, PT_NOMEM, "out of memory") : PT_OK;
    }
    map_characters(password, &mapped);
    size_t n = 0;
    uint8_t *normal =
        mapped.failed ? NULL : u8_normalize(UNINORM_NFKC, (const uint8_t *)mapped.ptr, mapped.len, NULL, &n);
    bool is_usable = normal && n > 0; /* of a password of invisible marks nothing would be left */
    strbuf_adds(out, is_usable ? (pt_str){(const char *)normal, n} : password);
    bool failed = mapped.failed || out->failed;
    free(normal);
    strbuf_free(&mapped);
    return failed ? pt_fail(err, PT_NOMEM, "out of memory") : PT_OK;
}
