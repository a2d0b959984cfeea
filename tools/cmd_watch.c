/* cmd_watch.c - `patron watch`: follow the sources and load what is new. */
#include "tools/commands.h"
#include "tools/connection.h"
#include "tools/interrupt.h"

enum { OPT_INTERVAL = 256, OPT_ONCE };

static const command_option options[] = {
    {"interval", OPT_INTERVAL, "SECONDS", "how often to look, 1 to 86400 (default: 5)"},
    {"once", OPT_ONCE, NULL, "look once, load what is new, and end"},
    {NULL, 0, NULL, NULL},
};

static int watch(connection *c, const args *a, uint64_t seconds, bool once)
{
    patron_error err = PATRON_ERROR_INIT;
    strbuf mappings = {0};
    for (int i = 0; i < args_count(a); i++) {
        if (i > 0) strbuf_addz(&mappings, ", ");
        strbuf_addz(&mappings, args_operand(a, i));
    }
    if (!once) say(c->app, "watching; Ctrl-C ends it");
    int code = patron_watch(c->session, mappings.ptr, (int64_t)seconds * 1000, once, interrupt_flag(), &err);
    strbuf_free(&mappings);
    /* The signal is how a watch is meant to end. */
    if (code == PATRON_OK || (code == PATRON_CANCELLED && *interrupt_flag())) return EXIT_OK;
    return say_failure(c->app, &err, NULL, NULL);
}

static int run(application *app, args *a)
{
    uint64_t seconds = 5;
    bool once = false;
    for (int id; (id = args_next(a)) != ARGS_END;) switch (id) {
        case OPT_INTERVAL:
            if (!args_number(a, "interval", a->value, 1, 86400, &seconds)) return a->status;
            break;
        case OPT_ONCE: once = true; break;
        default: return a->status;
        }
    connection c;
    int status = connection_open(app, a, 0, &c);
    if (status != EXIT_OK) return status;
    interrupt_close(); /* a signal lets the load under way end, it does not cancel it */
    interrupt_open(NULL, NULL);
    status = watch(&c, a, seconds, once);
    connection_close(&c);
    return status;
}

const command cmd_watch = {
    .name = "watch",
    .summary = "follow the sources and load what is new or changed",
    .usage = "--db DIR [MAPPING...] [--interval SECONDS] [--once]",
    .about = "Looks at the sources of the mappings (of all, if none is named) again and again, and\n"
             "loads each change exactly once, whatever happens in between. SIGINT or SIGTERM\n"
             "end it after the load under way; that is exit status 0.",
    .options = options,
    .examples = "  patron watch --db shop.db --interval 60\n"
                "  patron watch --db shop.db sales --once      # from cron",
    .run = run,
};
