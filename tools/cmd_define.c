/* cmd_define.c - `patron define`: run definition scripts, or print the definitions back as one. */
#include <libgen.h>
#include <stdlib.h>

#include "tools/commands.h"
#include "tools/connection.h"
#include "tools/interrupt.h"
#include "tools/output.h"
#include "tools/result_table.h"
#include "tools/script.h"
#include "tools/substitute.h"

enum { OPT_SET = 256, OPT_DUMP, MAX_VALUES = 100 };

static const command_option options[] = {
    {"set", OPT_SET, "NAME=VALUE", "replace ${NAME} in the scripts; may be given again"},
    {"dump", OPT_DUMP, NULL, "print all definitions as a script that makes them again"},
    {NULL, 0, NULL, NULL},
};

typedef struct settings {
    bool is_dump;
    size_t n_values;
    substitution values[MAX_VALUES];
    char *names[MAX_VALUES]; /* owned: the part before '=' */
} settings;

static bool add_value(args *a, settings *s)
{
    const char *equals = strchr(a->value, '=');
    if (!equals || equals == a->value) {
        args_wrong(a, "--set: expected NAME=VALUE, not '%s'", a->value);
        return false;
    }
    if (s->n_values == MAX_VALUES) {
        args_wrong(a, "--set: more than %d values", MAX_VALUES);
        return false;
    }
    char *name = strndup(a->value, (size_t)(equals - a->value));
    if (!name) {
        a->status = EXIT_LIMIT;
        return false;
    }
    s->names[s->n_values] = name;
    s->values[s->n_values++] = (substitution){name, equals + 1};
    return true;
}

/* ---- running scripts ------------------------------------------------------ */

static int on_result(void *ctx, const char *statement, const patron_result *r)
{
    (void)statement;
    output_result(ctx, r);
    return *interrupt_flag();
}

/* Relative directories in a script count from where the script is. */
static int set_directory(connection *c, const char *path)
{
    patron_error err = PATRON_ERROR_INIT;
    if (strcmp(path, "-") == 0) path = "./-";
    char *copy = strdup(path);
    if (!copy) return EXIT_LIMIT;
    int code = patron_set_directory(c->session, dirname(copy), &err);
    free(copy);
    return code == PATRON_OK ? EXIT_OK : say_failure(c->app, &err, NULL, NULL);
}

static int define_file(connection *c, output *o, const char *path, const settings *s)
{
    pt_err err = {0};
    patron_error failure = PATRON_ERROR_INIT;
    strbuf raw = {0}, script = {0};
    int status = script_read(c->app, path, &raw);
    if (status == EXIT_OK) status = set_directory(c, path);
    if (status == EXIT_OK && substitute(strbuf_str(&raw), s->values, s->n_values, &script, &err) != PT_OK) {
        pt_err named = {0};
        pt_fail(&named, err.code, "%s: %s", script_name(path), err.msg);
        if (err.hint[0]) pt_hint(&named, "%s", err.hint);
        status = say_error(c->app, &named);
    }
    if (status == EXIT_OK &&
        patron_execute_script(c->session, script.ptr, on_result, o, &failure) != PATRON_OK)
        status = say_failure(c->app, &failure, script_name(path), script.ptr);
    if (status == EXIT_OK && *interrupt_flag()) status = EXIT_CANCELLED;
    strbuf_free(&raw);
    strbuf_free(&script);
    return status;
}

/* ---- printing them back --------------------------------------------------- */

static int dump(connection *c)
{
    patron_error err = PATRON_ERROR_INIT;
    patron_result *r = patron_execute(c->session, "SHOW DEFINITIONS", NULL, &err);
    if (!r) return say_failure(c->app, &err, NULL, NULL);
    uint32_t col = result_column(r, "definition");
    for (uint64_t i = 0; col != UINT32_MAX && i < patron_n_rows(r); i++)
        printf("%s%s;\n", i > 0 ? "\n" : "", patron_text(r, i, col));
    patron_result_free(r);
    return EXIT_OK;
}

static int execute(application *app, args *a, const settings *s)
{
    connection c;
    if (!s->is_dump && args_count(a) == 0)
        return args_wrong(a, "the scripts are missing ('-' is standard input)");
    if (s->is_dump && !args_need(a, 0, 0, "")) return a->status;
    int status = connection_open(app, a, s->is_dump ? PATRON_READ_ONLY : 0, &c);
    if (status != EXIT_OK) return status;
    output o = output_to_stdout(app);
    if (s->is_dump) status = dump(&c);
    for (int i = 0; status == EXIT_OK && i < args_count(a); i++)
        status = define_file(&c, &o, args_operand(a, i), s);
    connection_close(&c);
    return status;
}

static int run(application *app, args *a)
{
    settings s = {0};
    for (int id; (id = args_next(a)) != ARGS_END;) {
        if (id == OPT_DUMP)
            s.is_dump = true;
        else if (id != OPT_SET || !add_value(a, &s))
            goto done;
    }
    a->status = execute(app, a, &s);
done:
    for (size_t i = 0; i < s.n_values; i++) free(s.names[i]);
    return a->status;
}

const command cmd_define = {
    .name = "define",
    .summary = "run definition scripts: dimensions, cubes, sources, mappings",
    .usage = "--db DIR [--set NAME=VALUE]... FILE...\n--db DIR --dump",
    .about = "Runs the statements of the files one after the other; '-' is standard input. A file\n"
             "that defines what is there already changes nothing. Relative directories of\n"
             "sources count from the directory of the script. The first error ends the run;\n"
             "what was defined before it stays.",
    .options = options,
    .examples = "  patron define --db shop.db dimensions.patron cubes.patron\n"
                "  patron define --db shop.db --set data=/var/in mappings.patron\n"
                "  patron define --db shop.db --dump > all.patron",
    .run = run,
};
