/* format_int.h - what the files of formatting share. A pattern is cut into sections and tokens once; values
 * are then written token by token. */
#pragma once

#include "query/query.h"

/* ---- tokens ------------------------------------------------------------ */

typedef enum token_kind {
    TOK_TEXT,  /* literal */
    TOK_DIGIT, /* '#' or '0' of the whole part or the fraction */
    TOK_POINT,
    TOK_PERCENT,
    TOK_EXPONENT, /* e+ e- E+ E-, followed by digits */
    TOK_CASE,     /* '>' or '<': texts in upper or lower case, numbers the general way */
    TOK_SIDE,     /* '@' or '&': literals for numbers, nothing for texts */
} token_kind;

typedef struct token {
    token_kind kind;
    bool is_zero;     /* TOK_DIGIT: '0' */
    char letter;      /* TOK_EXPONENT: 'e' or 'E'; TOK_CASE, TOK_SIDE: the character */
    bool shows_plus;  /* TOK_EXPONENT */
    uint8_t n_digits; /* TOK_EXPONENT: least number of digits */
    pt_str text;      /* TOK_TEXT */
} token;

/* A literal between digit places ends a number: the digit places behind it write the value once more, with
 * the places so far and their own ("000-0000" writes 12 as 012-0000012). Such groups are chained by `next`.
 */
typedef struct section {
    pt_str pattern; /* as written, for dates */
    uint32_t n;
    token *tokens;
    uint32_t n_whole, n_fraction; /* digit places before and after the point */
    uint32_t scale_down;          /* trailing commas: divide by 1000 each */
    uint32_t n_percent;           /* multiply by 100 each */
    bool has_grouping, has_exponent, has_point, has_case;
    bool is_ended;  /* a literal came behind the digit places */
    bool is_plain;  /* nothing but digit places of the whole part */
    uint32_t least; /* is_plain: zeros are filled up to so many digits */
    struct section *next;
} section;

typedef enum format_family {
    FORMAT_PATTERN,
    FORMAT_GENERAL,
    FORMAT_YES_NO,       /* by non-zero and zero: words[0], words[1] */
    FORMAT_GENERAL_DATE, /* dates as 1/5/97, 12:00:00 AM; numbers the general way */
} format_family;

enum { MAX_SECTIONS = 4 };

struct number_format {
    format_family family;
    const char *words[2];
    uint32_t n_sections;
    section sections[MAX_SECTIONS];
    const number_format *inner; /* |inner|key=value|...: style form */
    pt_str style;               /* "key=value|key=value" without quotes */
};

/* Cut one section. */
PT_MUST_USE pt_status section_parse(pt_str pattern, arena *a, section *out, pt_err *err);

/* ---- decimal digits ---------------------------------------------------- */

/* A number as decimal digits: 0.d1 d2 d3 ... * 10^point. Rounding happens on these digits, as people see
 * them, and not on the binary value. */
enum { MAX_DIGITS = 400 };
typedef struct digits {
    bool is_negative, is_infinite, is_nan;
    int n;     /* digits; no leading or trailing zeros; 0 for zero */
    int point; /* digits before the decimal point; may be negative or beyond n */
    char d[MAX_DIGITS];
} digits;

void digits_of(pt_value v, digits *out);
/* Keep `places` digits behind the point, rounding half up (away from zero) or half to even. */
void digits_round(digits *x, int places, bool half_even);

/* ---- writing ----------------------------------------------------------- */

/* A date or time by the letters of a pattern; false if the pattern has none (then it is a pattern of
 * numbers). */
bool date_pattern_write(pt_str pattern, pt_value v, strbuf *out);
void section_write(const section *s, const digits *x, strbuf *out);
