/* cmd_info.c - `patron info`: what is in a warehouse, and how large it is. */
#include <fts.h>
#include <sys/stat.h>

#include "base/json.h"
#include "tools/commands.h"
#include "tools/describe.h"
#include "tools/progress.h"
#include "tools/result_table.h"

enum { OPT_JSON = 256 };

static const command_option options[] = {
    {"json", OPT_JSON, NULL, "print one JSON object"},
    {NULL, 0, NULL, NULL},
};

static const struct section {
    const char *name, *statement;
} sections[] = {
    {"cubes", "SHOW CUBES"},
    {"dimensions", "SHOW DIMENSIONS"},
    {"loads", "SHOW LOADS"},
};

/* Bytes that the files take on disk (the catalogue is a sparse file). */
static void measure(const char *dir, uint64_t *bytes, uint64_t *files)
{
    char *roots[] = {(char *)dir, NULL};
    FTS *walk = fts_open(roots, FTS_PHYSICAL | FTS_NOCHDIR, NULL);
    *bytes = *files = 0;
    if (!walk) return;
    for (FTSENT *e; (e = fts_read(walk));)
        if (e->fts_info == FTS_F) {
            *bytes += (uint64_t)e->fts_statp->st_blocks * 512;
            ++*files;
        }
    fts_close(walk);
}

static int put_text(connection *c)
{
    char size[48];
    uint64_t bytes, files;
    output o = output_to_stdout(c->app);
    o.is_quiet = true;
    measure(c->app->db, &bytes, &files);
    progress_amount((double)bytes, "bytes", size, sizeof size);
    printf("warehouse %s: %s in %llu files\n", c->app->db, size, (unsigned long long)files);
    int status = EXIT_OK;
    for (size_t i = 0; i < ARRAY_LEN(sections) && status == EXIT_OK; i++) {
        printf("\n%s\n", sections[i].name);
        status = describe_statement(c, &o, sections[i].statement);
    }
    return status;
}

static int add_section(connection *c, const struct section *s, strbuf *out)
{
    patron_error err = PATRON_ERROR_INIT;
    table t;
    patron_result *r = patron_execute(c->session, s->statement, NULL, &err);
    if (!r) return say_failure(c->app, &err, NULL, NULL);
    strbuf_printf(out, ",\"%s\":{", s->name);
    if (result_table_open(r, &t)) {
        render_json_members(&t, out);
        result_table_close(&t);
    } else
        out->failed = true;
    strbuf_addc(out, '}');
    patron_result_free(r);
    return EXIT_OK;
}

static int put_json(connection *c)
{
    uint64_t bytes, files;
    strbuf out = {0};
    int status = EXIT_OK;
    measure(c->app->db, &bytes, &files);
    strbuf_addz(&out, "{\"directory\":");
    json_add_string(&out, str_of(c->app->db));
    strbuf_printf(&out, ",\"bytes\":%llu,\"files\":%llu", (unsigned long long)bytes,
                  (unsigned long long)files);
    for (size_t i = 0; i < ARRAY_LEN(sections) && status == EXIT_OK; i++)
        status = add_section(c, &sections[i], &out);
    if (status == EXIT_OK && out.failed) status = EXIT_LIMIT;
    if (status == EXIT_OK) printf("%s}\n", out.ptr);
    strbuf_free(&out);
    return status;
}

static int run(application *app, args *a)
{
    bool is_json = false;
    for (int id; (id = args_next(a)) != ARGS_END;) {
        if (id != OPT_JSON) return a->status;
        is_json = true;
    }
    if (!args_need(a, 0, is_json ? 0 : 1, "")) return a->status;
    connection c;
    int status = connection_open(app, a, PATRON_READ_ONLY, &c);
    if (status != EXIT_OK) return status;
    output o = output_to_stdout(app);
    if (args_count(a) > 0)
        status = describe_name(&c, &o, args_operand(a, 0));
    else
        status = is_json ? put_json(&c) : put_text(&c);
    connection_close(&c);
    return status;
}

const command cmd_info = {
    .name = "info",
    .summary = "show what is in a warehouse and how large it is",
    .usage = "--db DIR [NAME]\n--db DIR --json",
    .about = "Lists cubes, dimensions and loads; with NAME describes a cube, a dimension, a source\n"
             "or a mapping.",
    .options = options,
    .examples = "  patron info --db shop.db\n"
                "  patron info --db shop.db Sales",
    .run = run,
};
