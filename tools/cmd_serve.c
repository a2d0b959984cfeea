/* cmd_serve.c - `patron serve`: PostgreSQL's wire protocol in front of a warehouse. */
#include "server/server.h"
#include "tools/commands.h"
#include "tools/interrupt.h"

enum {
    OPT_SOCKET = 256,
    OPT_HOST,
    OPT_PORT,
    OPT_CONNECTIONS,
    OPT_IDLE,
    OPT_WATCH,
    OPT_INTERVAL,
};

static const command_option options[] = {
    {"socket", OPT_SOCKET, "DIR", "directory of the Unix socket (default: the warehouse's; none: \"\")"},
    {"host", OPT_HOST, "ADDRESS", "127.0.0.1 or ::1 (default: both; none: \"\")"},
    {"port", OPT_PORT, "N", "of TCP and in the socket's name; 0: any free one (default: 5433)"},
    {"max-connections", OPT_CONNECTIONS, "N", "users at a time, 1 to 10000 (default: 200)"},
    {"idle-timeout", OPT_IDLE, "SECONDS", "end connections that say nothing for so long (default: never)"},
    {"watch", OPT_WATCH, NULL, "follow the sources too, as patron watch does"},
    {"interval", OPT_INTERVAL, "SECONDS", "how often to look at the sources, 1 to 86400 (default: 5)"},
    {NULL, 0, NULL, NULL},
};

typedef struct serve_options {
    server_options server;
    const char *socket; /* NULL: the warehouse's directory */
    uint64_t interval_s;
    bool is_watching;
} serve_options;

static bool take(args *a, int id, serve_options *o)
{
    uint64_t n = 0;
    switch (id) {
    case OPT_SOCKET: o->socket = a->value; return true;
    case OPT_HOST: o->server.host = a->value; return true;
    case OPT_PORT:
        if (!args_number(a, "port", a->value, 0, UINT16_MAX, &n)) return false;
        o->server.port = (uint16_t)n;
        return true;
    case OPT_CONNECTIONS:
        if (!args_number(a, "max-connections", a->value, 1, 10000, &n)) return false;
        o->server.max_connections = (uint32_t)n;
        return true;
    case OPT_IDLE:
        if (!args_number(a, "idle-timeout", a->value, 0, 1000000, &n)) return false;
        o->server.idle_timeout_ms = (int64_t)n * 1000;
        return true;
    case OPT_WATCH: o->is_watching = true; return true;
    case OPT_INTERVAL: return args_number(a, "interval", a->value, 1, 86400, &o->interval_s);
    default: return false;
    }
}

static void on_log(void *ctx, const char *line)
{
    say(ctx, "%s", line);
}

static void stop(void *ctx)
{
    server_stop(ctx);
}

static int serve(application *app, const server_options *o)
{
    pt_err err = {0};
    server *s;
    if (server_open(o, &s, &err) != PT_OK) return say_error(app, &err);
    if (interrupt_open(stop, s)) {
        say(app, "listening on %s; Ctrl-C ends it", server_where(s));
        server_run(s);
        interrupt_close();
    } else {
        pt_fail(&err, PT_IO, "signals cannot be caught");
    }
    server_close(s);
    return err.code == PT_OK ? EXIT_OK : say_error(app, &err);
}

static int run(application *app, args *a)
{
    serve_options o = {.server = {.port = SERVER_PORT}, .interval_s = 5};
    patron_error err = PATRON_ERROR_INIT;
    for (int id; (id = args_next(a)) != ARGS_END;)
        if (!take(a, id, &o)) return a->status;
    if (!args_need(a, 0, 0, "")) return a->status;
    if (!app->db) return args_wrong(a, "no warehouse: name one with --db DIR or $PATRON_DB");
    patron_db *db = patron_open(app->db, 0, &app->options, &err);
    if (!db) return say_failure(app, &err, NULL, NULL);
    o.server.db = db;
    o.server.dir = app->db;
    o.server.socket_dir = !o.socket ? app->db : *o.socket ? o.socket : NULL;
    o.server.watch_interval_ms = o.is_watching ? (int64_t)o.interval_s * 1000 : 0;
    o.server.log = on_log;
    o.server.log_ctx = app;
    int status = serve(app, &o.server);
    patron_close(db);
    return status;
}

const command cmd_serve = {
    .name = "serve",
    .summary = "let psql and other PostgreSQL clients send MDX",
    .usage = "--db DIR [--port N] [--socket DIR] [--watch] [OPTION...]",
    .about = "Listens on this machine (127.0.0.1, ::1 and a Unix socket) and speaks PostgreSQL's\n"
             "wire protocol. Users log in with a password (SCRAM-SHA-256); patron user adds\n"
             "them, also while the server runs. Loads may go on meanwhile, by patron load,\n"
             "patron watch, or --watch. SIGINT or SIGTERM end it: statements that run get ten\n"
             "seconds; a second signal ends it at once.",
    .options = options,
    .examples = "  patron user --db shop.db add ada\n"
                "  patron serve --db shop.db --watch\n"
                "  psql -h 127.0.0.1 -p 5433 -U ada",
    .run = run,
};
