/* connection.c - see connection.h. */
#include "tools/connection.h"

#include "tools/interrupt.h"

static void cancel(void *session)
{
    patron_cancel(session);
}

static void on_notice(void *ctx, const char *text)
{
    const connection *c = ctx;
    say(c->app, "note: %s", text);
}

int connection_open(application *app, args *a, unsigned flags, connection *c)
{
    patron_error err = PATRON_ERROR_INIT;
    *c = (connection){.app = app};
    if (!app->db) return args_wrong(a, "no warehouse: name one with --db DIR or $PATRON_DB");
    c->db = patron_open(app->db, flags, &app->options, &err);
    if (!c->db) return say_failure(app, &err, NULL, NULL);
    c->session = patron_session_new(c->db, &err);
    if (!c->session) {
        patron_close(c->db);
        return say_failure(app, &err, NULL, NULL);
    }
    patron_on_notice(c->session, on_notice, c);
    interrupt_open(cancel, c->session);
    return EXIT_OK;
}

void connection_close(connection *c)
{
    interrupt_close();
    patron_session_free(c->session);
    patron_close(c->db);
    *c = (connection){.app = c->app};
}

static int run_setting(connection *c, const char *statement)
{
    patron_error err = PATRON_ERROR_INIT;
    patron_result *r = patron_execute(c->session, statement, NULL, &err);
    if (!r) return say_failure(c->app, &err, NULL, NULL);
    patron_result_free(r);
    return EXIT_OK;
}

int connection_switch_off(connection *c, const connection_switches *s)
{
    int status = s->no_cache ? run_setting(c, "SET CACHE = OFF") : EXIT_OK;
    if (status == EXIT_OK && s->no_cuboids) status = run_setting(c, "SET CUBOIDS = OFF");
    return status;
}
