/* err.c - recording the first failure. */
#include "base/err.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#undef pt_fail /* see the end of err.h: the analyzer sees macros */
#undef pt_fail_at
#undef pt_fail_errno
#undef pt_hint

const char *pt_status_name(pt_status st)
{
    switch (st) {
#define X(name, num, text)                                                                                   \
    case PT_##name: return #name;
        PT_STATUS_MAP(X)
#undef X
    }
    return "INTERNAL";
}

const char *pt_status_text(pt_status st)
{
    switch (st) {
#define X(name, num, text)                                                                                   \
    case PT_##name: return text;
        PT_STATUS_MAP(X)
#undef X
    }
    return "a bug in Patron";
}

/* vsnprintf cuts at a byte; take a half character off the end so that messages stay valid UTF-8. */
static void trim_utf8(char *s)
{
    size_t n = strlen(s), i = n;
    while (i > 0 && n - i < 4 && ((unsigned char)s[i - 1] & 0xC0) == 0x80) i--;
    if (i == 0) return;
    unsigned char lead = (unsigned char)s[i - 1];
    size_t want = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : lead >= 0xC0 ? 2 : 1;
    if (n - (i - 1) < want) s[i - 1] = 0;
}

PT_PRINTF(3, 0)
static pt_status record(pt_err *err, pt_status code, const char *fmt, va_list ap)
{
    if (!err || err->code != PT_OK) return code;
    err->code = code;
    int n = vsnprintf(err->msg, sizeof err->msg, fmt, ap);
    if (n >= (int)sizeof err->msg) trim_utf8(err->msg);
    return code;
}

pt_status pt_fail(pt_err *err, pt_status code, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    record(err, code, fmt, ap);
    va_end(ap);
    return code;
}

pt_status pt_fail_at(pt_err *err, pt_status code, pt_span at, const char *fmt, ...)
{
    if (!err || err->code != PT_OK) return code;
    va_list ap;
    va_start(ap, fmt);
    record(err, code, fmt, ap);
    va_end(ap);
    err->at = at;
    err->has_place = true;
    return code;
}

pt_status pt_fail_errno(pt_err *err, pt_status code, const char *fmt, ...)
{
    int saved = errno;
    if (!err || err->code != PT_OK) return code;
    va_list ap;
    va_start(ap, fmt);
    record(err, code, fmt, ap);
    va_end(ap);
    size_t n = strlen(err->msg);
    char buf[128];
    snprintf(err->msg + n, sizeof err->msg - n, ": %s", strerror_r(saved, buf, sizeof buf));
    return code;
}

pt_status pt_hint(pt_err *err, const char *fmt, ...)
{
    if (!err) return PT_INTERNAL;
    if (err->hint[0]) return err->code;
    va_list ap;
    va_start(ap, fmt);
    int n = vsnprintf(err->hint, sizeof err->hint, fmt, ap);
    if (n >= (int)sizeof err->hint) trim_utf8(err->hint);
    va_end(ap);
    return err->code;
}

void pt_err_clear(pt_err *err)
{
    if (err) *err = (pt_err){0};
}
