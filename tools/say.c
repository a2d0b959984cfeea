/* say.c - messages on stderr, and the exit statuses of errors. */
#include <stdarg.h>
#include <stdlib.h>

#include "tools/command.h"

exit_status exit_of_error(int code)
{
    switch (code) {
    case PT_OK: return EXIT_OK;
    case PT_USAGE: return EXIT_BAD_USAGE;
    case PT_CORRUPT: return EXIT_CORRUPT;
    case PT_BUSY: return EXIT_BUSY;
    case PT_CANCELLED: return EXIT_CANCELLED;
    case PT_LIMIT:
    case PT_NOMEM: return EXIT_LIMIT;
    case PT_IO: return EXIT_IO;
    default: return EXIT_FAILED;
    }
}

/* "patron: FILE: " and the word "error" of the text in red. */
static void put_error(const application *app, const char *where, const char *text)
{
    size_t word = strncmp(text, "error", 5) == 0 && app->err.has_color ? 5 : 0;
    fflush(stdout); /* what was answered before comes before the complaint */
    fprintf(stderr, "%s: ", app->program);
    if (where) fprintf(stderr, "%s: ", where);
    if (word) fprintf(stderr, "\033[1;31merror\033[0m");
    fprintf(stderr, "%s\n", text + word);
}

int say_failure(const application *app, const patron_error *err, const char *where, const char *text)
{
    char small[4096];
    char *buffer = small;
    size_t n = patron_error_print(err, text, small, sizeof small);
    if (n >= sizeof small && (buffer = mem_alloc(n + 1, 1))) patron_error_print(err, text, buffer, n + 1);
    put_error(app, where, buffer ? buffer : small);
    if (buffer != small) mem_free(buffer);
    return exit_of_error(err->code);
}

int say_error(const application *app, const pt_err *err)
{
    char text[2 * PT_ERR_TEXT + 64];
    snprintf(text, sizeof text, "error %s: %s%s%s", pt_status_name(err->code), err->msg,
             err->hint[0] ? "\n  hint: " : "", err->hint);
    put_error(app, NULL, text);
    return exit_of_error(err->code);
}

void say(const application *app, const char *fmt, ...)
{
    va_list ap;
    if (app->quiet) return;
    va_start(ap, fmt);
    vfprintf(stderr, fmt, ap);
    va_end(ap);
    fputc('\n', stderr);
}
