/* regex.c - a small backtracking matcher that works on the pattern text directly.
 *
 * Steps are counted, reading the pattern again too, so a pattern that explodes ends with an error instead of
 * a hang. Runs of single characters and their repetitions are loops; all else recurses, and that is bounded.
 */
#include "query/regex.h"

#include "base/utf8.h"
#include "query/fun.h"

enum { MAX_STEPS = 2000000, MAX_DEPTH = 2000 };

typedef struct matcher {
    pt_str p, s;
    bool fold, is_bad, is_spent;
    uint32_t steps, depth;
} matcher;

/* What remains to be matched behind the current piece: a chain of continuations on the C stack. */
typedef struct cont {
    bool (*run)(matcher *m, const struct cont *c, size_t at);
    const struct cont *up;
    size_t from, to; /* piece of the pattern */
    size_t start;    /* where in the text this round of a repetition began */
    uint32_t count, min, max;
    bool is_lazy, is_possessive; /* possessive: what was taken is not given back */
} cont;

static bool match_alternatives(matcher *m, size_t from, size_t to, size_t at, const cont *c);

static bool spend(matcher *m)
{
    if (++m->steps > MAX_STEPS || m->depth > MAX_DEPTH) m->is_spent = true;
    return m->is_spent || m->is_bad;
}

/* A stretch of the pattern was read once more. */
static void spend_reading(matcher *m, size_t n)
{
    m->steps += (uint32_t)(n < MAX_STEPS ? n / 16 : MAX_STEPS);
}

static bool go_on(matcher *m, const cont *c, size_t at)
{
    return c->run(m, c, at);
}

/* ---- single characters ------------------------------------------------- */

static bool is_word(uint32_t cp)
{
    return (cp >= '0' && cp <= '9') || (cp >= 'a' && cp <= 'z') || (cp >= 'A' && cp <= 'Z') || cp == '_';
}

static bool in_class(uint32_t cp, char name)
{
    bool in = false;
    switch (name | 32) {
    case 'd': in = cp >= '0' && cp <= '9'; break;
    case 'w': in = is_word(cp); break;
    case 's': in = cp == ' ' || (cp >= 9 && cp <= 13); break;
    default: break;
    }
    return (name & 32) ? in : !in;
}

static bool is_class_name(uint32_t c)
{
    return c < 128 && strchr("dDwWsS", (int)c) && c;
}

static uint32_t escape_value(uint32_t c)
{
    switch (c) {
    case 'n': return '\n';
    case 't': return '\t';
    case 'r': return '\r';
    case 'f': return '\f';
    default: return c;
    }
}

static bool same_char(const matcher *m, uint32_t a, uint32_t b)
{
    return a == b || (m->fold && utf8_fold(a) == utf8_fold(b));
}

/* The end of the bracket expression that starts at `at`; 0 if it has none. */
static size_t bracket_end(const matcher *m, size_t at)
{
    size_t i = at + 1;
    if (i < m->p.len && m->p.ptr[i] == '^') i++;
    for (bool first = true; i < m->p.len; first = false) {
        if (m->p.ptr[i] == ']' && !first) return i + 1;
        i += m->p.ptr[i] == '\\' ? 2 : 1;
    }
    return 0;
}

static bool bracket_has(const matcher *m, size_t at, size_t end, uint32_t cp)
{
    bool negated = m->p.ptr[at + 1] == '^', in = false;
    size_t i = at + 1 + negated;
    while (i < end - 1) {
        uint32_t lo = utf8_decode(m->p, i, &i), hi;
        if (lo == '\\' && i < end - 1) {
            lo = utf8_decode(m->p, i, &i);
            if (is_class_name(lo)) {
                in |= in_class(cp, (char)lo);
                continue;
            }
            lo = escape_value(lo);
        }
        hi = lo;
        if (i + 1 < end - 1 && m->p.ptr[i] == '-') {
            i++;
            hi = utf8_decode(m->p, i, &i);
            if (hi == '\\' && i < end - 1) hi = escape_value(utf8_decode(m->p, i, &i));
        }
        in |= cp >= lo && cp <= hi;
        if (m->fold) {
            uint32_t f = utf8_fold(cp), upper = f >= 'a' && f <= 'z' ? f - 32 : f;
            in |= (f >= lo && f <= hi) || (upper >= lo && upper <= hi);
        }
    }
    return in != negated;
}

/* ---- pieces ------------------------------------------------------------ */

/* The end of the atom that starts at `at`, without its quantifier. Sets is_bad. */
static size_t atom_end(matcher *m, size_t at, size_t to)
{
    char c = m->p.ptr[at];
    size_t next;
    if (c == '\\') {
        if (at + 1 >= to) return m->is_bad = true, to;
        utf8_decode(m->p, at + 1, &next);
        return next;
    }
    if (c == '[') {
        next = bracket_end(m, at);
        if (!next || next > to) return m->is_bad = true, to;
        return next;
    }
    if (c == '(') {
        int depth = 0;
        for (size_t i = at; i < to;) {
            if (m->p.ptr[i] == '[') {
                next = bracket_end(m, i);
                if (!next || next > to) break;
                i = next;
                continue;
            }
            if (m->p.ptr[i] == '(') depth++;
            if (m->p.ptr[i] == ')' && --depth == 0) return spend_reading(m, i - at), i + 1;
            i += m->p.ptr[i] == '\\' ? 2 : 1;
        }
        return m->is_bad = true, to;
    }
    if (c == '*' || c == '+' || c == '?' || c == ')' || c == '{') return m->is_bad = true, to;
    utf8_decode(m->p, at, &next);
    return next;
}

static size_t read_number(const matcher *m, size_t at, uint32_t *out)
{
    uint32_t n = 0;
    while (at < m->p.len && m->p.ptr[at] >= '0' && m->p.ptr[at] <= '9') {
        if (n < 100000) n = n * 10 + (uint32_t)(m->p.ptr[at] - '0');
        at++;
    }
    *out = n;
    return at;
}

/* Reads the quantifier at `at`, if any; returns where it ends. */
static size_t quantifier(matcher *m, size_t at, size_t to, cont *r)
{
    r->min = r->max = 1;
    if (at >= to) return at;
    switch (m->p.ptr[at]) {
    case '*': r->min = 0, r->max = UINT32_MAX; break;
    case '+': r->min = 1, r->max = UINT32_MAX; break;
    case '?': r->min = 0, r->max = 1; break;
    case '{': {
        size_t i = read_number(m, at + 1, &r->min);
        if (i == at + 1) m->is_bad = true;
        r->max = r->min;
        if (i < to && m->p.ptr[i] == ',') {
            size_t j = read_number(m, i + 1, &r->max);
            if (j == i + 1) r->max = UINT32_MAX;
            i = j;
        }
        if (i >= to || m->p.ptr[i] != '}' || r->max < r->min) m->is_bad = true;
        at = i;
        break;
    }
    default: return at;
    }
    at++;
    if (at < to && m->p.ptr[at] == '?') {
        r->is_lazy = true;
        at++;
    } else if (at < to && m->p.ptr[at] == '+') {
        r->is_possessive = true;
        at++;
    }
    return at;
}

static bool at_word_edge(const matcher *m, size_t at)
{
    bool before = at > 0 && is_word((unsigned char)m->s.ptr[at - 1]);
    bool behind = at < m->s.len && is_word((unsigned char)m->s.ptr[at]);
    return before != behind;
}

static bool is_edge(const matcher *m, size_t from)
{
    char c = m->p.ptr[from];
    return c == '^' || c == '$' || (c == '\\' && (m->p.ptr[from + 1] | 32) == 'b');
}

/* The atom is one character of some kind. */
static bool is_single(const matcher *m, size_t from)
{
    return m->p.ptr[from] != '(' && !is_edge(m, from);
}

/* A backslash before a letter or digit that means nothing is an error: people expect something of it. */
static bool escape_hits(matcher *m, size_t from, uint32_t cp)
{
    size_t ignored;
    uint32_t e = utf8_decode(m->p, from + 1, &ignored);
    if (is_class_name(e)) return in_class(cp, (char)e);
    if (is_word(e) && e != '_' && escape_value(e) == e) return m->is_bad = true, false;
    return same_char(m, escape_value(e), cp);
}

/* Is the character at `at` one that the single atom stands for? *next: behind it. */
static bool hits(matcher *m, size_t from, size_t to, size_t at, size_t *next)
{
    if (at >= m->s.len) return false;
    uint32_t cp = utf8_decode(m->s, at, next);
    size_t ignored;
    switch (m->p.ptr[from]) {
    case '.': return cp != '\n';
    case '[': spend_reading(m, to - from); return bracket_has(m, from, to, cp);
    case '\\': return escape_hits(m, from, cp);
    default: return same_char(m, utf8_decode(m->p, from, &ignored), cp);
    }
}

/* A group or an edge, once. */
static bool match_atom(matcher *m, size_t from, size_t to, size_t at, const cont *c)
{
    char first = m->p.ptr[from];
    size_t next = at;
    if (first == '(') {
        size_t inner = from + 1;
        if (inner + 1 < to && m->p.ptr[inner] == '?') {
            if (m->p.ptr[inner + 1] != ':') return m->is_bad = true, false;
            inner += 2;
        }
        return match_alternatives(m, inner, to - 1, at, c);
    }
    if (first == '^') return at == 0 && go_on(m, c, at);
    if (first == '$') return at == m->s.len && go_on(m, c, at);
    if (is_edge(m, from)) return at_word_edge(m, at) == (m->p.ptr[from + 1] == 'b') && go_on(m, c, at);
    return hits(m, from, to, at, &next) && go_on(m, c, next);
}

/* Rounds of a single character, then what comes behind (r->up): as many as possible, or as few. */
static bool run_singles(matcher *m, const cont *r, size_t at)
{
    uint32_t n = 0, first = r->is_lazy ? r->min : r->max;
    size_t next = at;
    while (n < first && hits(m, r->from, r->to, at, &next)) {
        if (spend(m)) return false;
        at = next;
        n++;
    }
    while (n >= r->min) {
        if (spend(m)) return false;
        if (go_on(m, r->up, at)) return true;
        if (r->is_possessive) return false;
        if (r->is_lazy) {
            if (n++ >= r->max || !hits(m, r->from, r->to, at, &next)) return false;
            at = next;
        } else {
            if (n-- <= r->min) return false;
            do at--;
            while (((unsigned char)m->s.ptr[at] & 0xC0) == 0x80);
        }
    }
    return false;
}

static bool match_sequence(matcher *m, size_t from, size_t to, size_t at, const cont *c);

static bool run_rest(matcher *m, const cont *c, size_t at)
{
    return match_sequence(m, c->from, c->to, at, c->up);
}

/* c is a repetition of which `count` rounds are done. */
static bool run_repeat(matcher *m, const cont *c, size_t at)
{
    if (spend(m)) return false;
    if (c->count > c->min && at == c->start) return false; /* an empty round adds nothing */
    cont more = *c;
    more.count++;
    more.start = at;
    bool hit = false;
    m->depth++;
    if (c->count < c->min) {
        hit = match_atom(m, c->from, c->to, at, &more);
    } else if (c->is_lazy) {
        hit = go_on(m, c->up, at) || (c->count < c->max && match_atom(m, c->from, c->to, at, &more));
    } else {
        hit = (c->count < c->max && match_atom(m, c->from, c->to, at, &more)) || go_on(m, c->up, at);
    }
    m->depth--;
    return hit;
}

static bool match_sequence(matcher *m, size_t from, size_t to, size_t at, const cont *c)
{
    for (size_t next = at; !spend(m); at = next) {
        if (from >= to) return go_on(m, c, at);
        size_t end = atom_end(m, from, to);
        cont repeat = {.run = run_repeat, .from = from, .to = end};
        cont rest = {.run = run_rest, .up = c, .to = to};
        if (!m->is_bad) rest.from = quantifier(m, end, to, &repeat);
        if (m->is_bad) return false;
        repeat.up = &rest;
        bool is_once = repeat.min == 1 && repeat.max == 1;
        if (is_single(m, from) && is_once) {
            if (!hits(m, from, end, at, &next)) return false;
            from = rest.from;
            continue;
        }
        m->depth++;
        bool hit = is_single(m, from) ? run_singles(m, &repeat, at)
                   : is_once          ? match_atom(m, from, end, at, &rest)
                                      : run_repeat(m, &repeat, at);
        m->depth--;
        return hit;
    }
    return false;
}

static bool match_alternatives(matcher *m, size_t from, size_t to, size_t at, const cont *c)
{
    size_t start = from;
    spend_reading(m, to - from);
    if (spend(m)) return false;
    for (size_t i = from; i <= to;) {
        if (i == to || m->p.ptr[i] == '|') {
            if (match_sequence(m, start, i, at, c)) return true;
            if (m->is_bad) return false;
            start = ++i;
            continue;
        }
        if (m->p.ptr[i] == '(' || m->p.ptr[i] == '[' || m->p.ptr[i] == '\\') {
            i = atom_end(m, i, to);
            if (m->is_bad) return false;
        } else {
            i++;
        }
    }
    return false;
}

static bool run_end(matcher *m, const cont *c, size_t at)
{
    (void)c;
    return at == m->s.len;
}

pt_status regex_match(pt_str text, pt_str pattern, bool *hit, pt_err *err)
{
    matcher m = {.p = pattern, .s = text};
    cont end = {.run = run_end};
    if (str_starts(m.p, STR("(?i)"))) {
        m.fold = true;
        m.p = (pt_str){m.p.ptr + 4, m.p.len - 4};
    }
    *hit = match_alternatives(&m, 0, m.p.len, 0, &end);
    if (m.is_bad) return pt_fail(err, EVAL_ERROR, "bad regular expression '" STR_FMT "'", STR_ARG(pattern));
    if (m.is_spent)
        return pt_fail(err, EVAL_ERROR, "matching takes too long with the regular expression '" STR_FMT "'",
                       STR_ARG(pattern));
    return PT_OK;
}
