/* format_parse.c - format strings in the manner of Visual Basic: named formats, sections, tokens.
 *
 * No pattern is refused: what means nothing is a literal. */
#include "query/format_int.h"

/* ---- one section ------------------------------------------------------- */

typedef struct cutter {
    pt_str p;
    size_t at;
    bool has_exponent; /* an exponent was met: digits behind it belong to it */
} cutter;

static bool is_digit_place(char c)
{
    return c == '#' || c == '0';
}

/* A run of commas right behind the last whole digit place divides; it is "last" if a point, the end or
 * anything but a digit place follows. */
static bool is_scaling(const cutter *c, size_t at, size_t *run)
{
    size_t end = at;
    while (end < c->p.len && c->p.ptr[end] == ',') end++;
    *run = end - at;
    return end == c->p.len || !is_digit_place(c->p.ptr[end]);
}

static bool next_exponent(cutter *c, token *t)
{
    char e = c->p.ptr[c->at];
    if ((e != 'e' && e != 'E') || c->at + 1 >= c->p.len || c->has_exponent) return false;
    char sign = c->p.ptr[c->at + 1];
    if (sign != '+' && sign != '-') return false;
    *t = (token){.kind = TOK_EXPONENT, .letter = e, .shows_plus = sign == '+'};
    c->at += 2;
    while (c->at < c->p.len && is_digit_place(c->p.ptr[c->at]) && t->n_digits < 9) {
        t->n_digits++;
        c->at++;
    }
    c->has_exponent = true;
    return true;
}

/* \x, "text" or one plain character (a whole UTF-8 sequence at a time is not needed: neighbours are joined).
 */
static void next_literal(cutter *c, token *t)
{
    const char *p = c->p.ptr;
    *t = (token){.kind = TOK_TEXT};
    if (p[c->at] == '\\' && c->at + 1 < c->p.len) {
        t->text = (pt_str){p + c->at + 1, 1};
        c->at += 2;
    } else if (p[c->at] == '"') {
        size_t start = c->at + 1, end = start;
        while (end < c->p.len && p[end] != '"') end++;
        t->text = (pt_str){p + start, end - start};
        c->at = end < c->p.len ? end + 1 : end;
    } else {
        t->text = (pt_str){p + c->at, 1};
        c->at++;
    }
}

static void next_digit(cutter *c, section *s, token *t)
{
    *t = (token){.kind = TOK_DIGIT, .is_zero = c->p.ptr[c->at] == '0'};
    c->at++;
    if (s->has_point)
        s->n_fraction++;
    else
        s->n_whole++;
}

/* Reads one token; false when the characters only changed the section (grouping). */
static bool next_token(cutter *c, section *s, token *t)
{
    char ch = c->p.ptr[c->at];
    size_t run;
    if (is_digit_place(ch)) {
        next_digit(c, s, t);
    } else if (ch == '.' && !s->has_point) {
        *t = (token){.kind = TOK_POINT};
        s->has_point = true;
        c->at++;
    } else if (ch == ',' && s->n_whole && !s->has_point) {
        if (is_scaling(c, c->at, &run)) s->scale_down += (uint32_t)run;
        s->has_grouping = true; /* so has the reference: "#," writes 1234567 as 1,235 */
        c->at += run;
        return false;
    } else if (ch == '%') {
        *t = (token){.kind = TOK_PERCENT};
        s->n_percent++;
        c->at++;
    } else if (ch == '>' || ch == '<') {
        *t = (token){.kind = TOK_CASE, .letter = ch};
        s->has_case = true;
        c->at++;
    } else if (ch == '@' || ch == '&') {
        *t = (token){.kind = TOK_SIDE, .letter = ch, .text = {c->p.ptr + c->at, 1}};
        c->at++;
    } else if (next_exponent(c, t)) {
        s->has_exponent = true;
    } else {
        next_literal(c, t);
    }
    return true;
}

/* ---- groups ------------------------------------------------------------ */

/* A digit place, or a point in front of one, behind a number that a literal has ended. */
static bool begins_group(const cutter *c, const section *s)
{
    if (!s->is_ended) return false;
    const char *p = c->p.ptr + c->at;
    return is_digit_place(*p) || (*p == '.' && c->at + 1 < c->p.len && is_digit_place(p[1]));
}

static void copy_digits(const section *from, bool is_fraction, section *to)
{
    bool seen_point = false;
    for (uint32_t i = 0; i < from->n; i++) {
        seen_point |= from->tokens[i].kind == TOK_POINT;
        if (from->tokens[i].kind == TOK_DIGIT && seen_point == is_fraction)
            to->tokens[to->n++] = from->tokens[i];
    }
    *(is_fraction ? &to->n_fraction : &to->n_whole) = is_fraction ? from->n_fraction : from->n_whole;
}

static pt_status add_group(const cutter *c, section *before, arena *a, section **out, pt_err *err)
{
    section *s = arena_make(a, section);
    if (!s) return arena_fail(a, err);
    *s = (section){.pattern = before->pattern,
                   .tokens = arena_array(a, token, before->n + (c->p.len - c->at) + 1),
                   .scale_down = before->scale_down,
                   .n_percent = before->n_percent,
                   .has_grouping = before->has_grouping};
    if (!s->tokens) return arena_fail(a, err);
    copy_digits(before, false, s);
    before->next = *out = s;
    return PT_OK;
}

/* Reads a token of the section; the places of the group before come in front of its own. */
static void add_token(cutter *c, const section *before, section *s)
{
    bool had_point = s->has_point;
    if (!next_token(c, s, &s->tokens[s->n])) return;
    const token *t = &s->tokens[s->n++];
    if (t->kind == TOK_TEXT && s->n_whole + s->n_fraction > 0) s->is_ended = true;
    if (before && s->has_point && !had_point) copy_digits(before, true, s);
}

static void find_plain(section *s)
{
    s->is_plain = s->n > 0 && !s->next && s->scale_down == 0;
    for (uint32_t i = 0; i < s->n; i++) {
        s->is_plain &= s->tokens[i].kind == TOK_DIGIT;
        if (s->tokens[i].is_zero && s->least == 0) s->least = s->n - i;
    }
}

pt_status section_parse(pt_str pattern, arena *a, section *out, pt_err *err)
{
    cutter c = {.p = pattern};
    section *s = out, *before = NULL;
    *out = (section){.pattern = pattern, .tokens = arena_array(a, token, pattern.len + 1)};
    if (!out->tokens) return arena_fail(a, err);
    while (c.at < pattern.len) {
        if (begins_group(&c, s)) {
            before = s;
            PT_TRY(add_group(&c, before, a, &s, err));
        }
        add_token(&c, before, s);
    }
    for (s = out; s; s = s->next)
        if (s->scale_down > 100) s->scale_down = 100;
    find_plain(out);
    return PT_OK;
}

/* ---- whole patterns ---------------------------------------------------- */

/* The end of the section that starts at `at`: an unquoted ';' or the end. */
static size_t section_end(pt_str p, size_t at)
{
    bool is_quoted = false;
    for (; at < p.len; at++) {
        char ch = p.ptr[at];
        if (ch == '"')
            is_quoted = !is_quoted;
        else if (ch == '\\' && !is_quoted)
            at++;
        else if (ch == ';' && !is_quoted)
            return at;
    }
    return p.len;
}

static pt_status parse_sections(pt_str pattern, arena *a, number_format *f, pt_err *err)
{
    size_t at = 0;
    while (f->n_sections < MAX_SECTIONS && at <= pattern.len) {
        size_t end = section_end(pattern, at);
        PT_TRY(section_parse((pt_str){pattern.ptr + at, end - at}, a, &f->sections[f->n_sections], err));
        f->n_sections++;
        if (end >= pattern.len) break;
        at = end + 1;
    }
    return PT_OK;
}

typedef struct named_format {
    const char *name, *pattern;
    format_family family;
    const char *words[2];
} named_format;

static const named_format named_formats[] = {
    {"Standard", "#,##0", FORMAT_PATTERN, {0}},
    {"Currency", "$#,##0.00;($#,##0.00)", FORMAT_PATTERN, {0}},
    {"Fixed", "0", FORMAT_PATTERN, {0}},
    {"Percent", "0.00%", FORMAT_PATTERN, {0}},
    {"Scientific", "0.00e+00", FORMAT_PATTERN, {0}},
    {"General Number", "", FORMAT_GENERAL, {0}},
    {"", "", FORMAT_GENERAL, {0}},
    {"Yes/No", "", FORMAT_YES_NO, {"Yes", "No"}},
    {"True/False", "", FORMAT_YES_NO, {"True", "False"}},
    {"On/Off", "", FORMAT_YES_NO, {"On", "Off"}},
    {"General Date", "", FORMAT_GENERAL_DATE, {0}},
    {"Long Date", "dddd, mmmm dd, yyyy", FORMAT_PATTERN, {0}},
    {"Medium Date", "dd-mmm-yy", FORMAT_PATTERN, {0}},
    {"Short Date", "m/d/yy", FORMAT_PATTERN, {0}},
    {"Long Time", "h:mm:ss AM/PM", FORMAT_PATTERN, {0}},
    {"Medium Time", "h:mm AM/PM", FORMAT_PATTERN, {0}},
    {"Short Time", "hh:mm", FORMAT_PATTERN, {0}},
};

static const named_format *find_named(pt_str pattern)
{
    for (size_t i = 0; i < ARRAY_LEN(named_formats); i++)
        if (str_eq_fold(pattern, str_of(named_formats[i].name))) return &named_formats[i];
    return NULL;
}

/* "|inner|key=value|...|": the properties without their quotes. */
static pt_status parse_style(pt_str pattern, arena *a, number_format *f, pt_err *err)
{
    const char *start = pattern.ptr + 1, *end = pattern.ptr + pattern.len;
    const char *bar = memchr(start, '|', (size_t)(end - start));
    PT_TRY(format_compile((pt_str){start, (size_t)((bar ? bar : end) - start)}, a, &f->inner, err));
    strbuf b = {0};
    for (const char *p = bar ? bar + 1 : end; p < end; p++)
        if (*p != '"' && *p != '\'') strbuf_addc(&b, *p);
    if (b.len && b.ptr[b.len - 1] == '|') b.len--;
    f->style = b.failed ? (pt_str){0} : str_copy(a, strbuf_str(&b));
    strbuf_free(&b);
    return f->style.ptr ? PT_OK : arena_fail(a, err);
}

pt_status format_compile(pt_str pattern, arena *a, const number_format **out, pt_err *err)
{
    number_format *f = arena_make(a, number_format);
    pt_str kept = str_copy(a, pattern);
    if (!f || !kept.ptr) return arena_fail(a, err);
    *out = f;
    const named_format *n = find_named(kept);
    if (n) {
        f->family = n->family;
        f->words[0] = n->words[0];
        f->words[1] = n->words[1];
        kept = str_of(n->pattern);
    } else if (kept.ptr[0] == '|' && kept.len > 1 && kept.ptr[1] != '|') {
        return parse_style(kept, a, f, err);
    }
    return parse_sections(kept, a, f, err);
}
