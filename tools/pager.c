/* pager.c - see pager.h. While a pager runs, Ctrl-C is its business, and its end is no broken pipe of ours.
 */
#include "tools/pager.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static bool is_installed(const char *program)
{
    const char *path = getenv("PATH");
    char file[4096];
    while (path && *path) {
        size_t n = strcspn(path, ":");
        int len = snprintf(file, sizeof file, "%.*s/%s", (int)n, path, program);
        if (len > 0 && (size_t)len < sizeof file && access(file, X_OK) == 0) return true;
        path += n + (path[n] == ':');
    }
    return false;
}

bool pager_open(pager *p)
{
    const char *program = getenv("PAGER");
    if (program && !*program) return false;
    if (!program && !is_installed("less")) return false;
    setenv("LESS", "SRFX", 0); /* chop long lines, colours, leave at once what fits */
    fflush(stdout);
    p->stream = popen(program ? program : "less", "w");
    if (!p->stream) return false;
    struct sigaction ignore = {.sa_handler = SIG_IGN};
    sigaction(SIGINT, &ignore, &p->old_int);
    sigaction(SIGPIPE, &ignore, &p->old_pipe);
    return true;
}

void pager_close(pager *p)
{
    pclose(p->stream);
    sigaction(SIGINT, &p->old_int, NULL);
    sigaction(SIGPIPE, &p->old_pipe, NULL);
    p->stream = NULL;
}
