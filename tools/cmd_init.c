/* cmd_init.c - `patron init`: an empty warehouse. */
#include "tools/commands.h"

static int run(application *app, args *a)
{
    if (args_next(a) != ARGS_END) return a->status;
    if (args_count(a) == 0 && !app->db) return args_wrong(a, "the directory is missing");
    if (!args_need(a, 0, 1, "")) return a->status;
    const char *dir = args_operand(a, 0) ? args_operand(a, 0) : app->db;
    patron_error err = PATRON_ERROR_INIT;
    if (patron_init(dir, &err) != PATRON_OK) return say_failure(app, &err, NULL, NULL);
    say(app, "warehouse %s made; next: patron define --db %s FILE...", dir, dir);
    return EXIT_OK;
}

const command cmd_init = {
    .name = "init",
    .summary = "make an empty warehouse",
    .usage = "DIR",
    .about = "Makes the directory DIR with an empty warehouse in it. It must not exist, or be empty.",
    .examples = "  patron init shop.db\n"
                "  PATRON_DB=shop.db patron init   # the directory may come from the environment",
    .run = run,
};
