/* progress.c - see progress.h. Goes to stderr, so that results on stdout stay clean. */
#include "tools/progress.h"

#include <stdio.h>
#include <string.h>

#include "base/limits.h"
#include "base/utf8.h"

progress progress_begin(terminal term)
{
    progress p = {.term = term, .start_us = limits_now_us()};
    p.phase_start_us = p.start_us;
    return p;
}

void progress_amount(double x, const char *unit, char *out, size_t size)
{
    static const char *const prefixes[] = {"", "k", "M", "G", "T", "P"};
    size_t i = 0;
    bool is_bytes = strcmp(unit, "bytes") == 0;
    while (x >= 1000 && i + 1 < sizeof prefixes / sizeof prefixes[0]) {
        x /= 1000;
        i++;
    }
    const char *what = is_bytes ? i == 0 ? "bytes" : "B" : unit;
    const char *gap = *prefixes[i] && !is_bytes ? " " : "";
    snprintf(out, size, "%.*f %s%s%s", i == 0 ? 0 : x < 10 ? 2 : x < 100 ? 1 : 0, x, prefixes[i], gap, what);
}

void progress_text(const char *phase, uint64_t done, uint64_t total, uint64_t since_base, int64_t elapsed_us,
                   const char *unit, char *out, size_t size)
{
    char amount[48], rate[48] = "", left[48] = "", percent[24] = "";
    progress_amount((double)done, unit, amount, sizeof amount);
    if (total > 0) snprintf(percent, sizeof percent, "  %3.0f %%", 100.0 * (double)done / (double)total);
    if (elapsed_us > 500000 && since_base > 0) {
        double per_second = (double)since_base * 1e6 / (double)elapsed_us;
        progress_amount(per_second, unit, rate + 2, sizeof rate - 4);
        memcpy(rate, "  ", 2);
        strcat(rate, "/s");
        double seconds = total > done ? (double)(total - done) / per_second : 0;
        if (total > 0 && seconds < 360000) {
            unsigned s = (unsigned)seconds;
            if (s >= 3600)
                snprintf(left, sizeof left, "  %u:%02u:%02u left", s / 3600, s / 60 % 60, s % 60);
            else
                snprintf(left, sizeof left, "  %u:%02u left", s / 60, s % 60);
        }
    }
    snprintf(out, size, "%s%s  %s%s%s", phase, percent, amount, rate, left);
}

void progress_show(progress *p, const char *phase, uint64_t done, uint64_t total, const char *unit)
{
    char text[256];
    if (!p->term.is_terminal) return;
    int64_t now = limits_now_us();
    if (strncmp(p->phase, phase, sizeof p->phase - 1) != 0) {
        snprintf(p->phase, sizeof p->phase, "%s", phase);
        p->phase_start_us = now;
        p->phase_base = done;
    }
    uint64_t since = done > p->phase_base ? done - p->phase_base : 0;
    progress_text(p->phase, done, total, since, now - p->phase_start_us, unit, text, sizeof text);
    pt_str shown = utf8_prefix_width(str_of(text), p->term.columns > 1 ? p->term.columns - 1 : 1);
    fprintf(stderr, "\r\033[K" STR_FMT, STR_ARG(shown));
    fflush(stderr);
    p->is_shown = true;
}

void progress_end(progress *p)
{
    if (p->is_shown) fputs("\r\033[K", stderr);
    p->is_shown = false;
}
