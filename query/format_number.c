/* format_number.c - writing numbers and texts by a compiled format. */
#include "base/utf8.h"
#include "query/format_int.h"

#include <unicase.h>

/* ---- digits into places ------------------------------------------------ */

/* Digit i of the whole part counted from its left end of `width` digits (zeros in front where there are
 * none). */
static char whole_digit(const digits *x, int from_point)
{
    int i = x->point - from_point; /* from_point: 1 is the ones */
    return i >= 0 && i < x->n ? x->d[i] : '0';
}

static char fraction_digit(const digits *x, int place) /* 0 is the tenths */
{
    int i = x->point + place;
    return i >= 0 && i < x->n ? x->d[i] : '0';
}

static void add_whole_digit(const digits *x, int from_point, bool has_grouping, strbuf *out)
{
    strbuf_addc(out, whole_digit(x, from_point));
    if (has_grouping && from_point > 1 && (from_point - 1) % 3 == 0) strbuf_addc(out, ',');
}

typedef struct places {
    const section *s;
    const digits *x;
    int n_digits;   /* digits the whole part has */
    int least;      /* zeros are filled up to this many */
    uint32_t whole; /* digit places of the whole part written so far */
    uint32_t fraction;
    int n_fraction; /* fraction digits that show */
    int exponent;
} places;

/* The first place takes all digits that have no place of their own. */
static void add_whole_place(places *p, strbuf *out)
{
    int right_of = (int)(p->s->n_whole - p->whole); /* this place is digit `right_of` from the point */
    int from = p->whole == 0 && p->n_digits > right_of ? p->n_digits : right_of;
    p->whole++;
    for (int d = from; d >= right_of; d--)
        if (d <= p->n_digits || d <= p->least) add_whole_digit(p->x, d, p->s->has_grouping, out);
}

static void add_fraction_place(places *p, strbuf *out)
{
    if ((int)p->fraction < p->n_fraction) strbuf_addc(out, fraction_digit(p->x, (int)p->fraction));
    p->fraction++;
}

static void add_exponent(const places *p, const token *t, strbuf *out)
{
    strbuf_addc(out, t->letter);
    if (p->exponent < 0)
        strbuf_addc(out, '-');
    else if (t->shows_plus)
        strbuf_addc(out, '+');
    strbuf_printf(out, "%0*d", t->n_digits ? t->n_digits : 1, p->exponent < 0 ? -p->exponent : p->exponent);
}

/* Zeros required by the pattern: whole places from the first '0' on, fraction places up to the last '0'. */
static void count_places(places *p)
{
    uint32_t whole = 0, fraction = 0;
    bool seen_point = false;
    for (uint32_t i = 0; i < p->s->n; i++) {
        const token *t = &p->s->tokens[i];
        if (t->kind == TOK_POINT) seen_point = true;
        if (t->kind != TOK_DIGIT) continue;
        if (seen_point) {
            fraction++;
            if (t->is_zero) p->n_fraction = (int)fraction;
        } else {
            if (t->is_zero && p->least == 0) p->least = (int)(p->s->n_whole - whole);
            whole++;
        }
    }
    int shown = p->x->n - p->x->point; /* fraction digits of the rounded number */
    if (shown > p->n_fraction) p->n_fraction = shown;
    p->n_digits = p->x->point > 0 ? p->x->point : 0;
}

static void write_not_finite(const section *s, const digits *x, strbuf *out)
{
    bool is_written = false, is_fraction = false;
    for (uint32_t i = 0; i < s->n; i++) {
        const token *t = &s->tokens[i];
        if (t->kind == TOK_POINT) is_fraction = true;
        if (t->kind == TOK_DIGIT || t->kind == TOK_CASE) {
            if (!is_written) strbuf_addz(out, x->is_nan ? "NaN" : "Infinity");
            is_written = true;
        }
        if (t->kind == TOK_POINT && x->is_nan) strbuf_addc(out, '.');
        if (t->kind == TOK_DIGIT && is_fraction && x->is_nan && t->is_zero) strbuf_addc(out, '0');
        if (t->kind == TOK_TEXT || t->kind == TOK_SIDE) strbuf_adds(out, t->text);
        if (t->kind == TOK_PERCENT) strbuf_addc(out, '%');
    }
}

/* x is rounded to the section's places already. */
void section_write(const section *s, const digits *x, strbuf *out)
{
    if (x->is_nan || x->is_infinite) {
        write_not_finite(s, x, out);
        return;
    }
    places p = {.s = s, .x = x};
    digits mantissa;
    if (s->has_exponent) { /* one digit before the point */
        mantissa = *x;
        p.exponent = x->n ? x->point - 1 : 0;
        mantissa.point = x->n ? 1 : 0;
        p.x = &mantissa;
    }
    count_places(&p);
    bool seen_point = false;
    for (uint32_t i = 0; i < s->n; i++) {
        const token *t = &s->tokens[i];
        switch (t->kind) {
        case TOK_TEXT:
        case TOK_SIDE: strbuf_adds(out, t->text); break;
        case TOK_PERCENT: strbuf_addc(out, '%'); break;
        case TOK_EXPONENT: add_exponent(&p, t, out); break;
        case TOK_CASE: break;
        case TOK_POINT:
            for (int d = p.n_digits; d >= 1 && s->n_whole == 0; d--) add_whole_digit(p.x, d, false, out);
            seen_point = true;
            strbuf_addc(out, '.');
            break;
        case TOK_DIGIT:
            if (seen_point)
                add_fraction_place(&p, out);
            else
                add_whole_place(&p, out);
            break;
        }
    }
}

/* ---- choosing a section ------------------------------------------------ */

/* The number as this section shows it: scaled and rounded. */
static void shape(const section *s, const digits *x, digits *out)
{
    *out = *x;
    if (x->n == 0) return;
    out->point += 2 * (int)s->n_percent - 3 * (int)s->scale_down;
    int keep = (int)s->n_fraction;
    if (s->has_exponent) keep = (int)s->n_fraction + 1 - out->point;
    if (s->n_whole + s->n_fraction > 0) digits_round(out, keep, false);
}

/* A negative number counts as zero when its fixed-point digits are all zero, under an exponent too (as the
 * reference has it: -0.004 is 0.00e+00). */
static bool vanishes(const section *s, const digits *x)
{
    digits plain = *x;
    if (!s->has_exponent || !x->is_negative) return false;
    digits_round(&plain, (int)s->n_fraction, false);
    return plain.n == 0;
}

static const section *section_or_first(const number_format *f, uint32_t i)
{
    return i < f->n_sections && f->sections[i].n ? &f->sections[i] : &f->sections[0];
}

static void write_general(const digits *x, strbuf *out)
{
    digits r = *x;
    if (x->is_negative) strbuf_addc(out, '-');
    if (x->is_nan || x->is_infinite) {
        strbuf_addz(out, x->is_nan ? "NaN" : "Infinity");
        return;
    }
    digits_round(&r, 3, true);
    int whole = r.point > 0 ? r.point : 0;
    if (whole == 0) strbuf_addc(out, '0');
    for (int d = whole; d >= 1; d--) add_whole_digit(&r, d, true, out);
    if (r.n > r.point) strbuf_addc(out, '.');
    for (int d = 0; d < r.n - r.point; d++) strbuf_addc(out, fraction_digit(&r, d));
}

static bool has_places(const section *s)
{
    return s->n_whole + s->n_fraction > 0;
}

static bool has_side(const section *s)
{
    for (uint32_t i = 0; i < s->n; i++)
        if (s->tokens[i].kind == TOK_SIDE) return true;
    return false;
}

/* With an empty section for negative numbers the first one writes them all, those that round to zero too. */
static bool is_first_for_negative(const number_format *f, const digits *x)
{
    return x->is_negative && f->n_sections > 1 && f->sections[1].n == 0;
}

/* The number if it is a positive whole one; else 0. */
static uint64_t positive_whole(pt_value v)
{
    if (v.kind == VAL_INT) return v.i > 0 ? (uint64_t)v.i : 0;
    if (v.kind == VAL_DEC) return v.scale == 0 && v.dec > 0 && v.dec <= INT64_MAX ? (uint64_t)v.dec : 0;
    if (v.kind != VAL_DOUBLE || !(v.f > 0 && v.f < 1e15)) return 0;
    return v.f == (double)(uint64_t)v.f ? (uint64_t)v.f : 0;
}

/* A positive whole number in whole places: as most cells are. */
static bool write_plain(const section *s, pt_value v, strbuf *out)
{
    char text[32]; /* 19 digits and 6 commas */
    size_t at = sizeof text;
    uint32_t n_digits = 0;
    uint64_t value = positive_whole(v);
    if (!s->is_plain || value == 0) return false;
    for (uint64_t rest = value; rest; rest /= 10) {
        if (s->has_grouping && n_digits && n_digits % 3 == 0) text[--at] = ',';
        text[--at] = (char)('0' + rest % 10);
        n_digits++;
    }
    if (n_digits < s->least) return false;
    strbuf_add(out, text + at, sizeof text - at);
    return true;
}

static void write_number(const number_format *f, pt_value v, strbuf *out)
{
    digits x, shown;
    if (write_plain(&f->sections[0], v, out)) return;
    digits_of(v, &x);
    const section *s = section_or_first(f, x.is_negative ? 1 : 0);
    if (s->has_case) {
        write_general(&x, out);
        return;
    }
    if (vanishes(s, &x)) x.n = x.point = 0;
    shape(s, &x, &shown);
    bool is_zero = shown.n == 0 && !x.is_infinite && !x.is_nan && (x.n == 0 || has_places(s));
    if (is_zero) {
        if (!is_first_for_negative(f, &x)) s = section_or_first(f, 2);
        shown.is_negative = false;
    } else if (x.is_negative && s == &f->sections[0] && (has_places(s) || has_side(s) || s->n == 0)) {
        strbuf_addc(out, '-'); /* a section of its own writes its own sign */
    }
    section_write(s, &shown, out);
    for (const section *g = s->next; g; g = g->next) {
        shape(g, &x, &shown);
        section_write(g, &shown, out);
    }
}

/* ---- other values ------------------------------------------------------ */

/* "!@@@@@" stands for itself, without its mark: so has the reference. */
static bool is_marked(const number_format *f)
{
    pt_str p = f->sections[0].pattern;
    return f->family == FORMAT_PATTERN && p.len > 1 && p.ptr[0] == '!';
}

static void write_text(const number_format *f, pt_str text, strbuf *out)
{
    const section *s = &f->sections[0];
    if (is_marked(f)) {
        strbuf_add(out, s->pattern.ptr + 1, s->pattern.len - 1);
        return;
    }
    if (f->family != FORMAT_PATTERN || !s->has_case) {
        strbuf_adds(out, text);
        return;
    }
    char letter = 0;
    for (uint32_t i = 0; i < s->n; i++)
        if (s->tokens[i].kind == TOK_CASE) letter = s->tokens[i].letter;
    size_t n = 0;
    const uint8_t *u = (const uint8_t *)text.ptr;
    uint8_t *changed = letter == '>' ? u8_toupper(u, text.len, NULL, NULL, NULL, &n)
                                     : u8_tolower(u, text.len, NULL, NULL, NULL, &n);
    if (changed)
        strbuf_add(out, (const char *)changed, n);
    else
        strbuf_adds(out, text);
    free(changed);
}

/* Day numbers as the reference counts them: 1997-01-15 is 35446. */
enum { DAY_NUMBER_OF_1970 = 25570 };

static void write_general_date(pt_value v, strbuf *out)
{
    int64_t s = v.kind == VAL_TIME ? v.i / 1000000 : 0;
    int hour = (int)((s % 86400 + 86400) % 86400 / 3600) % 12;
    date_pattern_write(STR("m/d/yy, "), v, out);
    strbuf_printf(out, "%d", hour ? hour : 12);
    date_pattern_write(STR(":nn:ss AM/PM"), v, out);
}

static void write_date(const number_format *f, pt_value v, strbuf *out)
{
    if (f->family == FORMAT_GENERAL_DATE) {
        write_general_date(v, out);
        return;
    }
    if (f->family == FORMAT_PATTERN && date_pattern_write(f->sections[0].pattern, v, out)) return;
    double days = v.kind == VAL_DATE ? (double)v.i : (double)v.i / 86400e6;
    format_value(f, value_double(days + DAY_NUMBER_OF_1970), out, NULL);
}

static void write_null(const number_format *f, strbuf *out)
{
    if (f->family == FORMAT_YES_NO) strbuf_addz(out, f->words[1]);
    if (f->n_sections < 4) return;
    digits zero = {0};
    section_write(&f->sections[3], &zero, out);
}

static void write_word(const number_format *f, pt_value v, strbuf *out)
{
    digits x;
    digits_of(v, &x);
    strbuf_addz(out, f->words[x.n == 0 && !x.is_infinite && !x.is_nan]);
}

static void write_styled(const number_format *f, pt_value v, strbuf *out, pt_str *style)
{
    if (v.kind == VAL_NULL) return;
    strbuf_addc(out, '|');
    format_value(f->inner, v, out, NULL);
    if (f->style.len) strbuf_addc(out, '|');
    strbuf_adds(out, f->style);
    if (style) *style = f->style;
}

void format_value(const number_format *f, pt_value v, strbuf *out, pt_str *style)
{
    if (style) *style = (pt_str){0};
    if (f->inner) {
        write_styled(f, v, out, style);
        return;
    }
    switch (v.kind) {
    case VAL_NULL: write_null(f, out); break;
    case VAL_TEXT: write_text(f, v.s, out); break;
    case VAL_BOOL: strbuf_addz(out, v.i ? "true" : "false"); break;
    case VAL_DATE:
    case VAL_TIME: write_date(f, v, out); break;
    case VAL_INT:
    case VAL_DEC:
    case VAL_DOUBLE:
        if (f->family == FORMAT_YES_NO)
            write_word(f, v, out);
        else if (f->family == FORMAT_GENERAL || f->family == FORMAT_GENERAL_DATE)
            format_general(v, out);
        else
            write_number(f, v, out);
        break;
    }
}

void format_general(pt_value v, strbuf *out)
{
    digits x;
    if (v.kind == VAL_INT || v.kind == VAL_DEC || v.kind == VAL_DOUBLE) {
        digits_of(v, &x);
        write_general(&x, out);
    } else if (v.kind == VAL_TEXT) {
        strbuf_adds(out, v.s);
    } else {
        value_print(v, out);
    }
}
