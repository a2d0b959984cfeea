/* format_date.c - dates by pattern letters: d dd ddd dddd m mm mmm mmmm yy yyyy q y w ww h hh n nn s ss AM/PM
 * a/p ddddd dddddd ttttt. "m" behind "h" means minutes. */
#include "base/date.h"
#include "query/format_int.h"

typedef struct moment {
    civil day;
    int64_t days;
    int hour, minute, second;
    bool is_half; /* the pattern has AM/PM: hours count to 12 */
} moment;

static moment moment_of(pt_value v)
{
    enum { DAY_S = 86400 };
    moment m = {0};
    int64_t s = 0;
    m.days = v.i;
    if (v.kind == VAL_TIME) {
        int64_t total_s = v.i / 1000000 - (v.i % 1000000 < 0);
        m.days = total_s / DAY_S - (total_s % DAY_S < 0);
        s = total_s - m.days * DAY_S;
    }
    m.day = date_civil(m.days);
    m.hour = (int)(s / 3600);
    m.minute = (int)(s / 60 % 60);
    m.second = (int)(s % 60);
    return m;
}

static bool starts_fold(pt_str p, size_t at, pt_str word)
{
    return p.len - at >= word.len && str_eq_fold((pt_str){p.ptr + at, word.len}, word);
}

/* Length of the run of one letter. */
static size_t run_of(pt_str p, size_t at)
{
    size_t n = 1;
    while (at + n < p.len && (p.ptr[at + n] | 0x20) == (p.ptr[at] | 0x20)) n++;
    return n;
}

static void add_day(const moment *m, size_t n, strbuf *out)
{
    const char *name = date_day_name(date_weekday(m->days));
    if (n == 1)
        strbuf_printf(out, "%d", m->day.day);
    else if (n == 2)
        strbuf_printf(out, "%02d", m->day.day);
    else if (n == 3)
        strbuf_printf(out, "%.3s", name);
    else if (n == 4)
        strbuf_addz(out, name);
    else if (n == 5)
        strbuf_printf(out, "%d/%d/%02d", m->day.month, m->day.day, m->day.year % 100);
    else
        strbuf_printf(out, "%s %d, %d", date_month_name(m->day.month), m->day.day, m->day.year);
}

static void add_month(const moment *m, size_t n, strbuf *out)
{
    if (n == 1)
        strbuf_printf(out, "%d", m->day.month);
    else if (n == 2)
        strbuf_printf(out, "%02d", m->day.month);
    else if (n == 3)
        strbuf_printf(out, "%.3s", date_month_name(m->day.month));
    else
        strbuf_addz(out, date_month_name(m->day.month));
}

static void add_year(const moment *m, size_t n, strbuf *out)
{
    if (n == 1)
        strbuf_printf(out, "%d", (int)(m->days - date_days(m->day.year, 1, 1)) + 1);
    else if (n == 2)
        strbuf_printf(out, "%02d", m->day.year % 100);
    else
        strbuf_printf(out, "%d", m->day.year);
}

static void add_week(const moment *m, size_t n, strbuf *out)
{
    int first = date_weekday(date_days(m->day.year, 1, 1)) % 7; /* Sunday 0 */
    int of_year = (int)(m->days - date_days(m->day.year, 1, 1));
    if (n == 1)
        strbuf_printf(out, "%d", date_weekday(m->days) % 7 + 1);
    else
        strbuf_printf(out, "%d", (of_year + first) / 7 + 1);
}

static void add_two(int x, size_t n, strbuf *out)
{
    strbuf_printf(out, n == 1 ? "%d" : "%02d", x);
}

/* One run of a letter; false if the letter means nothing. after_hour: the last letter was an hour. */
static bool add_run(const moment *m, char letter, size_t n, bool after_hour, strbuf *out)
{
    int hour = m->is_half ? m->hour % 12 : m->hour;
    switch (letter | 0x20) {
    case 'd': add_day(m, n, out); break;
    case 'm':
        if (after_hour)
            add_two(m->minute, n, out);
        else
            add_month(m, n, out);
        break;
    case 'y': add_year(m, n, out); break;
    case 'q': strbuf_printf(out, "%d", (m->day.month + 2) / 3); break;
    case 'w': add_week(m, n, out); break;
    case 'h': add_two(hour, n, out); break;
    case 'n': add_two(m->minute, n, out); break;
    case 's': add_two(m->second, n, out); break;
    case 't': /* ttttt only */
        if (n != 5) return false;
        strbuf_printf(out, "%d:%02d:%02d", hour, m->minute, m->second);
        break;
    default: return false;
    }
    return true;
}

typedef struct scan {
    pt_str p;
    moment m;
    bool has_letters, after_hour;
    strbuf *out; /* NULL: only look for letters */
} scan;

/* A literal: \x, "text" or one byte. */
static size_t literal(const scan *s, size_t at)
{
    size_t from = at, to = at + 1, next = at + 1;
    if (s->p.ptr[at] == '\\' && at + 1 < s->p.len) {
        from = at + 1;
        to = next = at + 2;
    } else if (s->p.ptr[at] == '"') {
        from = to = at + 1;
        while (to < s->p.len && s->p.ptr[to] != '"') to++;
        next = to < s->p.len ? to + 1 : to;
    }
    if (s->out) strbuf_add(s->out, s->p.ptr + from, to - from);
    return next;
}

static size_t half_day(scan *s, size_t at)
{
    bool is_long = starts_fold(s->p, at, STR("AM/PM"));
    if (!is_long && !starts_fold(s->p, at, STR("a/p"))) return 0;
    s->m.is_half = s->has_letters = true;
    const char *word = s->m.hour < 12 ? "AM" : "PM";
    if (s->out && is_long)
        strbuf_addz(s->out, word);
    else if (s->out)
        strbuf_addc(s->out, s->p.ptr[at] == 'a' ? (char)(word[0] | 0x20) : word[0]);
    return is_long ? 5 : 3;
}

static void walk(scan *s)
{
    strbuf nowhere = {0};
    s->after_hour = false;
    for (size_t at = 0; at < s->p.len;) {
        size_t n = half_day(s, at);
        if (n == 0 && s->p.ptr[at] != '\\' && s->p.ptr[at] != '"') {
            char letter = (char)(s->p.ptr[at] | 0x20);
            size_t run = run_of(s->p, at);
            if (letter >= 'a' && letter <= 'z' &&
                add_run(&s->m, letter, run, s->after_hour, s->out ? s->out : &nowhere)) {
                n = run;
                s->has_letters = true;
                s->after_hour = letter == 'h' || (s->after_hour && letter != 'm');
            }
        }
        at = n ? at + n : literal(s, at);
    }
    strbuf_free(&nowhere);
}

bool date_pattern_write(pt_str pattern, pt_value v, strbuf *out)
{
    scan s = {.p = pattern, .m = moment_of(v)};
    walk(&s); /* looks for letters, and for AM/PM, which changes the hours before it */
    if (!s.has_letters) return false;
    s.out = out;
    walk(&s);
    return true;
}
