/* utf8.c - decoding is strict: no overlong forms, no surrogates, nothing above U+10FFFF. */
#include "base/utf8.h"

#include <unicase.h>
#include <uniwidth.h>

enum { REPLACEMENT = 0xFFFD };

/* Length in bytes of the well-formed sequence at p (n > 0 bytes are there), 0 if it is malformed. */
static size_t sequence(const unsigned char *p, size_t n, uint32_t *cp)
{
    uint32_t c = p[0];
    if (c < 0x80) {
        *cp = c;
        return 1;
    }
    size_t len = c >= 0xF0 ? 4 : c >= 0xE0 ? 3 : 2;
    if (c < 0xC2 || c > 0xF4 || n < len) return 0;
    c &= 0x7Fu >> len;
    for (size_t i = 1; i < len; i++) {
        if ((p[i] & 0xC0) != 0x80) return 0;
        c = c << 6 | (p[i] & 0x3Fu);
    }
    if (len == 3 && (c < 0x800 || (c >= 0xD800 && c <= 0xDFFF))) return 0;
    if (len == 4 && (c < 0x10000 || c > 0x10FFFF)) return 0;
    *cp = c;
    return len;
}

size_t utf8_valid_prefix(pt_str s)
{
    const unsigned char *p = (const unsigned char *)s.ptr;
    size_t i = 0;
    while (i < s.len) {
        uint64_t eight;
        uint32_t cp;
        if (s.len - i >= 8 && (memcpy(&eight, p + i, 8), (eight & 0x8080808080808080u) == 0)) {
            i += 8;
            continue;
        }
        size_t n = sequence(p + i, s.len - i, &cp);
        if (!n) break;
        i += n;
    }
    return i;
}

uint32_t utf8_decode(pt_str s, size_t at, size_t *next)
{
    uint32_t cp;
    size_t n = sequence((const unsigned char *)s.ptr + at, s.len - at, &cp);
    *next = at + (n ? n : 1);
    return n ? cp : REPLACEMENT;
}

size_t utf8_encode(uint32_t cp, char out[4])
{
    if (cp > 0x10FFFF || (cp >= 0xD800 && cp <= 0xDFFF)) cp = REPLACEMENT;
    if (cp < 0x80) {
        out[0] = (char)cp;
        return 1;
    }
    size_t len = cp < 0x800 ? 2 : cp < 0x10000 ? 3 : 4;
    for (size_t i = len - 1; i > 0; i--) {
        out[i] = (char)(0x80 | (cp & 0x3F));
        cp >>= 6;
    }
    static const unsigned char lead[5] = {0, 0, 0xC0, 0xE0, 0xF0};
    out[0] = (char)(lead[len] | cp);
    return len;
}

bool utf8_is_unseen(uint32_t cp)
{
    return (cp >= 0x200B && cp <= 0x200F) || (cp >= 0x2060 && cp <= 0x2064) || cp == 0xFEFF;
}

uint32_t utf8_fold(uint32_t cp)
{
    if (cp < 0x80) return cp >= 'A' && cp <= 'Z' ? cp + 32 : cp;
    /* Through upper case, so that letters with two lower forms (final sigma, long s) become one. The Turkish
     * dotted and dotless i stay letters of their own, as in Unicode simple folding. */
    if (cp == 0x130 || cp == 0x131) return cp;
    return uc_tolower(uc_toupper(cp));
}

size_t utf8_count(pt_str s)
{
    size_t n = 0;
    for (size_t at = 0; at < s.len; n++) utf8_decode(s, at, &at);
    return n;
}

static size_t columns_of(uint32_t cp)
{
    if (cp < 0x7F) return cp >= 0x20;
    int w = uc_width(cp, "UTF-8");
    return w > 0 ? (size_t)w : 0;
}

size_t utf8_width(pt_str s)
{
    size_t columns = 0;
    for (size_t at = 0; at < s.len;) columns += columns_of(utf8_decode(s, at, &at));
    return columns;
}

pt_str utf8_prefix_width(pt_str s, size_t columns)
{
    size_t at = 0, used = 0;
    while (at < s.len) {
        size_t next, w = columns_of(utf8_decode(s, at, &next));
        if (w > columns - used) break;
        used += w;
        at = next;
    }
    return (pt_str){s.ptr, at};
}
