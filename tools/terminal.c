/* terminal.c - see terminal.h. */
#include "tools/terminal.h"

#include <langinfo.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

static bool wants_no_color(void)
{
    const char *no_color = getenv("NO_COLOR"), *term = getenv("TERM");
    return (no_color && *no_color) || !term || strcmp(term, "dumb") == 0;
}

terminal terminal_of(FILE *f, bool no_color)
{
    terminal t = {.columns = 80, .rows = 24};
    struct winsize size;
    t.is_terminal = isatty(fileno(f)) == 1;
    t.has_color = t.is_terminal && !no_color && !wants_no_color();
    t.is_utf8 = strcmp(nl_langinfo(CODESET), "UTF-8") == 0;
    if (t.is_terminal && ioctl(fileno(f), TIOCGWINSZ, &size) == 0 && size.ws_col > 0 && size.ws_row > 0) {
        t.columns = size.ws_col;
        t.rows = size.ws_row;
    }
    return t;
}
