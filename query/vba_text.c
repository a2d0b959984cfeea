/* vba_text.c - text functions. Positions count characters (code points) from 1. A null argument gives null
 * unless the function says otherwise. */
#include <stdlib.h>

#include <unicase.h>

#include "base/num.h"
#include "base/utf8.h"
#include "query/bind.h"
#include "query/scalar.h"
#include "query/vba_int.h"

enum { MAX_TEXT = 1 << 20 };

/* Byte offset of character `index` (0-based), or the length when there are fewer. */
static size_t offset_of(pt_str s, int64_t index)
{
    size_t at = 0;
    while (at < s.len && index-- > 0) utf8_decode(s, at, &at);
    return at;
}

static pt_str part(pt_str s, int64_t start, int64_t count)
{
    size_t from = offset_of(s, start);
    pt_str rest = {s.ptr + from, s.len - from};
    return (pt_str){rest.ptr, count < 0 ? rest.len : offset_of(rest, count)};
}

static pt_status fun_len(const fun_call *c, uint32_t n, const pt_value *v, pt_value *out)
{
    (void)c;
    (void)n;
    return give(out, value_int(v[0].kind == VAL_NULL ? 0 : (int64_t)utf8_count(v[0].s)));
}

/* ---- parts ------------------------------------------------------------- */

static pt_status fun_left(const fun_call *c, uint32_t n, const pt_value *v, pt_value *out)
{
    int64_t count = arg_whole(n, v, 1, 0);
    if (count < 0) return bad_argument(c, "Left: the number of characters is negative");
    return give(out, value_text(part(v[0].s, 0, count)));
}

static pt_status fun_right(const fun_call *c, uint32_t n, const pt_value *v, pt_value *out)
{
    int64_t count = arg_whole(n, v, 1, 0), all = (int64_t)utf8_count(v[0].s);
    if (count < 0) return bad_argument(c, "Right: the number of characters is negative");
    return give(out, value_text(part(v[0].s, count < all ? all - count : 0, -1)));
}

static pt_status fun_mid(const fun_call *c, uint32_t n, const pt_value *v, pt_value *out)
{
    int64_t start = arg_whole(n, v, 1, 1), count = arg_whole(n, v, 2, INT64_MAX);
    if (start < 1) return bad_argument(c, "Mid: positions count from 1");
    if (count < 0) return bad_argument(c, "Mid: the number of characters is negative");
    return give(out, value_text(part(v[0].s, start - 1, count)));
}

static pt_str trimmed(pt_str s, bool left, bool right)
{
    while (left && s.len && s.ptr[0] == ' ') s = (pt_str){s.ptr + 1, s.len - 1};
    while (right && s.len && s.ptr[s.len - 1] == ' ') s.len--;
    return s;
}

static pt_status fun_trim(const fun_call *c, uint32_t n, const pt_value *v, pt_value *out)
{
    (void)c;
    (void)n;
    return give(out, value_text(trimmed(v[0].s, true, true)));
}

static pt_status fun_ltrim(const fun_call *c, uint32_t n, const pt_value *v, pt_value *out)
{
    (void)c;
    (void)n;
    return give(out, value_text(trimmed(v[0].s, true, false)));
}

static pt_status fun_rtrim(const fun_call *c, uint32_t n, const pt_value *v, pt_value *out)
{
    (void)c;
    (void)n;
    return give(out, value_text(trimmed(v[0].s, false, true)));
}

/* ---- searching --------------------------------------------------------- */

/* Byte offset of the first `what` at or behind `from`; s.len + 1 if there is none. */
static size_t find_from(pt_str s, pt_str what, size_t from)
{
    for (size_t at = from; at + what.len <= s.len; at++)
        if (what.len == 0 || memcmp(s.ptr + at, what.ptr, what.len) == 0) return at;
    return s.len + 1;
}

static int64_t position_of(pt_str s, size_t at)
{
    return at > s.len ? 0 : (int64_t)utf8_count((pt_str){s.ptr, at}) + 1;
}

/* InStr(s, t) and InStr(start, s, t[, mode]): the binder passes them with `start` first or not at all. */
static pt_status fun_instr(const fun_call *c, uint32_t n, const pt_value *v, pt_value *out)
{
    (void)c;
    (void)n;
    return give(out, value_int(position_of(v[0].s, find_from(v[0].s, v[1].s, 0))));
}

static pt_status fun_instr_from(const fun_call *c, uint32_t n, const pt_value *v, pt_value *out)
{
    int64_t start = arg_whole(n, v, 0, 1);
    if (start == -1) start = 1; /* where the search begins by itself, as in InStrRev */
    if (start < 1) return bad_argument(c, "InStr: positions count from 1");
    return give(out, value_int(position_of(v[1].s, find_from(v[1].s, v[2].s, offset_of(v[1].s, start - 1)))));
}

static pt_status fun_instr_rev(const fun_call *c, uint32_t n, const pt_value *v, pt_value *out)
{
    pt_str s = v[0].s, what = v[1].s;
    int64_t start = arg_whole(n, v, 2, -1);
    if (start == 0 || start < -1) return bad_argument(c, "InStrRev: positions count from 1");
    size_t end = start < 0 ? s.len : offset_of(s, start);
    size_t found = s.len + 1;
    for (size_t at = find_from(s, what, 0); at <= s.len && at + what.len <= end;
         at = find_from(s, what, at + 1))
        found = at;
    return give(out, value_int(position_of(s, found)));
}

static pt_status fun_strcomp(const fun_call *c, uint32_t n, const pt_value *v, pt_value *out)
{
    (void)c;
    (void)n;
    pt_str a = v[0].s, b = v[1].s;
    size_t i = 0, j = 0;
    while (i < a.len && j < b.len) {
        uint32_t x = utf8_decode(a, i, &i), y = utf8_decode(b, j, &j);
        if (x != y) return give(out, value_int((int64_t)x - (int64_t)y));
    }
    return give(out, value_int((int64_t)utf8_count(a) - (int64_t)utf8_count(b)));
}

/* ---- making ------------------------------------------------------------ */

static pt_status mapped(const fun_call *c, pt_str s, bool upper, pt_value *out)
{
    size_t size = 0;
    const uint8_t *u = (const uint8_t *)s.ptr;
    uint8_t *changed =
        upper ? u8_toupper(u, s.len, NULL, NULL, NULL, &size) : u8_tolower(u, s.len, NULL, NULL, NULL, &size);
    if (!changed) return give(out, value_text(s)); /* not UTF-8: as it is */
    pt_str copy = str_copy(c->a, (pt_str){(const char *)changed, size});
    free(changed);
    return copy.ptr ? give(out, value_text(copy)) : arena_fail(c->a, c->err);
}

static pt_status fun_ucase(const fun_call *c, uint32_t n, const pt_value *v, pt_value *out)
{
    (void)n;
    if (v[0].kind == VAL_NULL) return bad_argument(c, "UCase: expected a text, got null");
    return mapped(c, v[0].s, true, out);
}

static pt_status fun_lcase(const fun_call *c, uint32_t n, const pt_value *v, pt_value *out)
{
    (void)n;
    if (v[0].kind == VAL_NULL) return bad_argument(c, "LCase: expected a text, got null");
    return mapped(c, v[0].s, false, out);
}

static pt_status fun_replace(const fun_call *c, uint32_t n, const pt_value *v, pt_value *out)
{
    pt_str s = v[0].s, what = v[1].s, with = v[2].s;
    int64_t start = arg_whole(n, v, 3, 1), left = arg_whole(n, v, 4, -1);
    if (what.len == 0) return bad_argument(c, "Replace: the text to look for is empty");
    if (start < 1) return bad_argument(c, "Replace: positions count from 1");
    strbuf b = {0};
    size_t at = offset_of(s, start - 1), from = 0;
    while (left != 0 && (at = find_from(s, what, at)) <= s.len && b.len < MAX_TEXT) {
        strbuf_add(&b, s.ptr + from, at - from);
        strbuf_adds(&b, with);
        from = at = at + what.len;
        if (left > 0) left--;
    }
    strbuf_add(&b, s.ptr + from, s.len - from);
    return give_text(c, &b, out);
}

static pt_status repeat(const fun_call *c, const char *name, int64_t count, pt_str unit, pt_value *out)
{
    strbuf b = {0};
    if (count < 0 || count > MAX_TEXT)
        return bad_argument(c, "%s: the count must lie between 0 and %d", name, MAX_TEXT);
    while (count-- > 0) strbuf_adds(&b, unit);
    return give_text(c, &b, out);
}

static pt_status fun_space(const fun_call *c, uint32_t n, const pt_value *v, pt_value *out)
{
    return repeat(c, "Space", arg_whole(n, v, 0, 0), STR(" "), out);
}

static pt_status fun_string(const fun_call *c, uint32_t n, const pt_value *v, pt_value *out)
{
    if (v[1].s.len == 0) return bad_argument(c, "String: expected a character, got an empty text");
    return repeat(c, "String", arg_whole(n, v, 0, 0), part(v[1].s, 0, 1), out);
}

static pt_status fun_str_reverse(const fun_call *c, uint32_t n, const pt_value *v, pt_value *out)
{
    (void)n;
    pt_str s = v[0].s;
    strbuf b = {0};
    size_t end = s.len;
    while (end > 0) {
        size_t start = end - 1;
        while (start > 0 && ((unsigned char)s.ptr[start] & 0xC0) == 0x80) start--;
        strbuf_add(&b, s.ptr + start, end - start);
        end = start;
    }
    return give_text(c, &b, out);
}

/* ---- characters and numbers -------------------------------------------- */

static pt_status fun_asc(const fun_call *c, uint32_t n, const pt_value *v, pt_value *out)
{
    (void)n;
    size_t next;
    if (v[0].s.len == 0) return bad_argument(c, "Asc: the text is empty");
    return give(out, value_int(utf8_decode(v[0].s, 0, &next)));
}

static pt_status fun_chr(const fun_call *c, uint32_t n, const pt_value *v, pt_value *out)
{
    int64_t cp = arg_whole(n, v, 0, 0);
    char bytes[4];
    if (cp < 1 || cp > 0x10FFFF || (cp >= 0xD800 && cp < 0xE000))
        return bad_argument(c, "Chr: %lld is no character", (long long)cp);
    pt_str s = str_copy(c->a, (pt_str){bytes, utf8_encode((uint32_t)cp, bytes)});
    return s.ptr ? give(out, value_text(s)) : arena_fail(c->a, c->err);
}

static pt_status fun_str(const fun_call *c, uint32_t n, const pt_value *v, pt_value *out)
{
    (void)n;
    strbuf b = {0};
    if (v[0].kind != VAL_INT && v[0].kind != VAL_DEC && v[0].kind != VAL_DOUBLE)
        return bad_argument(c, "Str: expected a number");
    if (value_as_double(v[0]) >= 0) strbuf_addc(&b, ' ');
    scalar_text(v[0], &b);
    return give_text(c, &b, out);
}

static pt_status bind_str(bind *b, node *n)
{
    node *text = NULL;
    PT_TRY(bind_literal_text(b, n->args[0], " ", &text));
    if (text) *n = *text;
    return PT_OK;
}

/* Digits of a base, blanks skipped, as long as they last. */
static double leading_digits(const char *p, const char *end, unsigned base)
{
    double sum = 0;
    for (; p < end; p++) {
        char x = *p | 0x20;
        unsigned digit = x >= 'a' && x <= 'f' ? (unsigned)(x - 'a') + 10 : (unsigned)(*p - '0');
        if (*p == ' ') continue;
        if (digit >= base) break;
        sum = sum * base + digit;
    }
    return sum;
}

/* The number a text starts with; blanks inside do not count. Exponents are not read. */
static pt_status fun_val(const fun_call *c, uint32_t n, const pt_value *v, pt_value *out)
{
    (void)n;
    char digits[64];
    size_t used = 0;
    bool has_point = false, has_digit = false;
    const char *p = v[0].s.ptr, *end = p + v[0].s.len;
    while (p < end && *p == ' ') p++;
    if (end - p > 2 && p[0] == '&' && ((p[1] | 0x20) == 'h' || (p[1] | 0x20) == 'o'))
        return give(out, value_double(leading_digits(p + 2, end, (p[1] | 0x20) == 'h' ? 16 : 8)));
    for (; p < end && used + 1 < sizeof digits; p++) {
        bool is_digit = *p >= '0' && *p <= '9';
        if (*p == ' ') continue;
        if (*p == '.' && has_point) break;
        if (!is_digit && *p != '.' && !(used == 0 && (*p == '-' || *p == '+'))) break;
        has_digit |= is_digit;
        has_point |= *p == '.';
        digits[used++] = *p;
    }
    double f = 0;
    if (!has_digit || !num_parse_double((pt_str){digits, used}, &f))
        return bad_argument(c, "Val: the text '" STR_FMT "' starts with no number", STR_ARG(v[0].s));
    return give(out, value_double(f));
}

static const fun table[] = {
    {"Asc", SYN_FUNCTION, "n", "S", "code of the first character", .apply = fun_asc},
    {"AscW", SYN_FUNCTION, "n", "S", "code of the first character", .apply = fun_asc},
    {"Chr", SYN_FUNCTION, "S", "n", "the character with a code", .apply = fun_chr},
    {"ChrW", SYN_FUNCTION, "S", "n", "the character with a code", .apply = fun_chr},
    {"InStr", SYN_FUNCTION, "i", "SS", "position of the second text in the first; 0: not there",
     .apply = fun_instr},
    {"InStr", SYN_FUNCTION, "i", "nSS[n]",
     "position of the second text in the first, looked for from a place on", .apply = fun_instr_from},
    {"InStrRev", SYN_FUNCTION, "i", "SS[n]", "position of the last occurrence of a text",
     .apply = fun_instr_rev},
    {"LCase", SYN_FUNCTION, "S", "S", "in lower case", .apply = fun_lcase, .flags = FUN_NULLS},
    {"LTrim", SYN_FUNCTION, "S", "S", "without leading blanks", .apply = fun_ltrim},
    {"Left", SYN_FUNCTION, "S", "Sn", "the first n characters", .apply = fun_left},
    {"Len", SYN_FUNCTION, "n", "S", "number of characters; 0 for null", .apply = fun_len, .flags = FUN_NULLS},
    {"Mid", SYN_FUNCTION, "S", "Sn[n]", "characters from a position on, at most so many", .apply = fun_mid},
    {"RTrim", SYN_FUNCTION, "S", "S", "without trailing blanks", .apply = fun_rtrim},
    {"Replace", SYN_FUNCTION, "S", "SSS[n[n]]", "with a text replaced, from a position on, at most so often",
     .apply = fun_replace},
    {"Right", SYN_FUNCTION, "S", "Sn", "the last n characters", .apply = fun_right},
    {"Space", SYN_FUNCTION, "S", "n", "n blanks", .apply = fun_space},
    {"Str", SYN_FUNCTION, "S", "v", "a number as text, with a blank in the place of the sign",
     .apply = fun_str, .bind = bind_str},
    {"StrComp", SYN_FUNCTION, "n", "SS[n]", "negative, 0 or positive by the order of two texts",
     .apply = fun_strcomp},
    {"StrReverse", SYN_FUNCTION, "S", "S", "backwards", .apply = fun_str_reverse},
    {"String", SYN_FUNCTION, "S", "nS", "n times the first character of a text", .apply = fun_string},
    {"Trim", SYN_FUNCTION, "S", "S", "without blanks at both ends", .apply = fun_trim},
    {"UCase", SYN_FUNCTION, "S", "S", "in upper case", .apply = fun_ucase, .flags = FUN_NULLS},
    {"Val", SYN_FUNCTION, "n", "S", "the number that a text starts with", .apply = fun_val},
};
const fun_list fun_vba_text = {table, ARRAY_LEN(table)};
