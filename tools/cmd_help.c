/* cmd_help.c - `patron help`: the overview, a command, the exit statuses. */
#include "base/nearest.h"
#include "tools/commands.h"

static int run(application *app, args *a)
{
    (void)app;
    if (args_next(a) != ARGS_END) return a->status;
    if (!args_need(a, 0, 1, "")) return a->status;
    const char *topic = args_operand(a, 0);
    if (!topic) {
        help_overview(stdout);
        return EXIT_OK;
    }
    if (strcmp(topic, "status") == 0) {
        help_statuses(stdout);
        return EXIT_OK;
    }
    const command *c = command_find(topic);
    if (c) {
        help_command(c, stdout);
        return EXIT_OK;
    }
    nearest near = nearest_to(str_of(topic));
    for (const command *const *k = commands; *k; k++) nearest_offer(&near, str_of((*k)->name));
    if (near.best.ptr)
        return args_wrong(a, "no command '%s'; did you mean '" STR_FMT "'?", topic, STR_ARG(near.best));
    return args_wrong(a, "no command '%s'", topic);
}

const command cmd_help = {
    .name = "help",
    .summary = "explain the commands",
    .usage = "[COMMAND]\nstatus",
    .examples = "  patron help load\n"
                "  patron help status       # what the exit statuses mean",
    .run = run,
};
