/* cmd_user.c - `patron user`: who may connect to patron serve. */
#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <termios.h>
#include <unistd.h>

#include <openssl/crypto.h>

#include "server/users.h"
#include "tools/commands.h"

/* ---- the password ------------------------------------------------------------------- */

static void trim_line(char *line)
{
    line[strcspn(line, "\r\n")] = 0;
}

/* A line from the terminal that is not shown while it is typed. */
static bool ask(const char *prompt, char *out, size_t size)
{
    struct termios shown, hidden;
    bool is_quiet = tcgetattr(STDIN_FILENO, &shown) == 0;
    if (is_quiet) {
        hidden = shown;
        hidden.c_lflag &= ~(tcflag_t)ECHO;
        tcsetattr(STDIN_FILENO, TCSAFLUSH, &hidden);
    }
    fputs(prompt, stderr);
    bool is_read = fgets(out, (int)size, stdin) != NULL;
    if (is_quiet) tcsetattr(STDIN_FILENO, TCSAFLUSH, &shown);
    fputc('\n', stderr);
    trim_line(out);
    return is_read;
}

static pt_status ask_twice(char *out, size_t size, pt_err *err)
{
    char again[SCRAM_MAX_PASSWORD + 2];
    if (!ask("password: ", out, size)) return pt_fail(err, PT_USAGE, "no password was given");
    bool is_same = ask("again: ", again, sizeof again) && strcmp(out, again) == 0;
    OPENSSL_cleanse(again, sizeof again);
    return is_same ? PT_OK : pt_fail(err, PT_USAGE, "the two passwords differ");
}

/* From $PATRON_PASSWORD, the terminal, or the first line of standard input. */
static pt_status read_password(char *out, size_t size, pt_err *err)
{
    const char *given = getenv("PATRON_PASSWORD");
    if (!given && isatty(STDIN_FILENO)) return ask_twice(out, size, err);
    if (given) {
        if (strlen(given) >= size)
            return pt_fail(err, PT_VALUE, "the password is longer than %d bytes", SCRAM_MAX_PASSWORD);
        memcpy(out, given, strlen(given) + 1);
        return PT_OK;
    }
    if (!fgets(out, (int)size, stdin)) return pt_fail(err, PT_USAGE, "no password on standard input");
    trim_line(out);
    return PT_OK;
}

/* ---- actions ------------------------------------------------------------------------------ */

static pt_status add(const application *app, const char *name, pt_err *err)
{
    char password[SCRAM_MAX_PASSWORD + 2] = "";
    bool is_new = false;
    pt_status st = read_password(password, sizeof password, err);
    if (st == PT_OK) st = users_add(app->db, str_of(name), str_of(password), &is_new, err);
    OPENSSL_cleanse(password, sizeof password);
    if (st == PT_OK) say(app, is_new ? "user %s added" : "user %s has a new password", name);
    return st;
}

static pt_status drop(const application *app, const char *name, pt_err *err)
{
    PT_TRY(users_drop(app->db, str_of(name), err));
    say(app, "user %s dropped", name);
    return PT_OK;
}

static pt_status list(const application *app, pt_err *err)
{
    users u;
    pt_status st = users_read(app->db, &u, err);
    for (uint32_t i = 0; st == PT_OK && i < u.n; i++) printf("%s\n", u.items[i].name);
    users_free(&u);
    return st;
}

/* The directory must be a warehouse: else a slip of the pen would leave a users file anywhere. */
static pt_status check_warehouse(const char *dir, pt_err *err)
{
    patron_error failure = PATRON_ERROR_INIT;
    patron_db *db = patron_open(dir, PATRON_READ_ONLY, NULL, &failure);
    if (!db) {
        pt_fail(err, (pt_status)failure.code, "%s", failure.message);
        return failure.hint[0] ? pt_hint(err, "%s", failure.hint) : err->code;
    }
    patron_close(db);
    return PT_OK;
}

static int run(application *app, args *a)
{
    pt_err err = {0};
    while (args_next(a) != ARGS_END) return a->status;
    if (!args_need(a, 1, 2, "what to do (add, drop or list)")) return a->status;
    if (!app->db) return args_wrong(a, "no warehouse: name one with --db DIR or $PATRON_DB");
    const char *action = args_operand(a, 0), *name = args_operand(a, 1);
    bool is_list = strcmp(action, "list") == 0, is_add = strcmp(action, "add") == 0;
    if (!is_list && !is_add && strcmp(action, "drop") != 0)
        return args_wrong(a, "expected add, drop or list, not '%s'", action);
    if (is_list ? name != NULL : name == NULL)
        return args_wrong(a, is_list ? "list takes no name" : "the user's name is missing");
    pt_status st = check_warehouse(app->db, &err);
    if (st == PT_OK) st = is_list ? list(app, &err) : is_add ? add(app, name, &err) : drop(app, name, &err);
    return st == PT_OK ? EXIT_OK : say_error(app, &err);
}

const command cmd_user = {
    .name = "user",
    .summary = "who may connect to patron serve",
    .usage = "--db DIR add NAME\n--db DIR drop NAME\n--db DIR list",
    .about = "add asks for the password at the terminal; else it is $PATRON_PASSWORD, or the\n"
             "first line of standard input. A user who is there already gets a new password.\n"
             "Kept is a SCRAM-SHA-256 verifier, not the password, in the file users of the\n"
             "warehouse, which only its owner may read.",
    .options = NULL,
    .examples = "  patron user --db shop.db add ada\n"
                "  pass show shop/ada | patron user --db shop.db add ada\n"
                "  patron user --db shop.db list",
    .run = run,
};
