/* cmd_check.c - `patron check`: verify everything reachable. */
#include "tools/commands.h"
#include "tools/connection.h"
#include "tools/output.h"

static int run(application *app, args *a)
{
    if (args_next(a) != ARGS_END) return a->status;
    if (!args_need(a, 0, 0, "")) return a->status;
    connection c;
    patron_error err = PATRON_ERROR_INIT;
    int status = connection_open(app, a, PATRON_READ_ONLY, &c);
    if (status != EXIT_OK) return status;
    patron_result *r = patron_execute(c.session, "CHECK", NULL, &err);
    if (!r)
        status = say_failure(app, &err, NULL, NULL);
    else if (patron_n_rows(r) > 0) {
        output o = output_to_stdout(app);
        output_result(&o, r);
        status = EXIT_CORRUPT;
    } else
        say(app, "%s: all is well", app->db);
    patron_result_free(r);
    connection_close(&c);
    return status;
}

const command cmd_check = {
    .name = "check",
    .summary = "verify everything stored",
    .usage = "--db DIR",
    .about = "Reads all that the warehouse refers to: checksums, invariants, references. Problems\n"
             "are printed, one a row; the exit status is then 4.",
    .examples = "  patron check --db shop.db\n"
                "  patron check --db shop.db --quiet && echo good",
    .run = run,
};
