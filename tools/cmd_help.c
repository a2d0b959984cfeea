/* cmd_help.c - `patron help`: the overview, a command, a function of the language, the exit statuses. */
#include "base/json.h"
#include "base/nearest.h"
#include "tools/commands.h"

enum { OPT_JSON = 256, LINE_WIDTH = 88 };

/* ---- the language --------------------------------------------------------- */

/* Indented, long lines broken between words. */
static void put_lines(const char *title, const char *text)
{
    if (!*text) return;
    if (*title) printf("\n%s\n", title);
    while (*text) {
        size_t line = strcspn(text, "\n"), n = line;
        if (n > LINE_WIDTH) {
            for (n = LINE_WIDTH; n > 0 && text[n] != ' ';) n--;
            if (n == 0) n = strcspn(text, " \n");
        }
        printf("  %.*s\n", (int)n, text);
        text += n + (text[n] == ' ' || text[n] == '\n');
    }
}

static void put_topic(void *ctx, const patron_topic *t)
{
    (void)ctx;
    printf("%s - %s\n", t->name, t->page_title);
    put_lines("form", t->forms);
    put_lines("flags", t->flags);
    put_lines("meaning", t->meaning);
    put_lines("", t->edges);
    put_lines("example", t->expressions);
    put_lines(*t->expressions ? "" : "example", t->statement);
    printf("\nmore: docs/mdx/%s.md\n", t->page);
}

static void add_json(void *ctx, const patron_topic *t)
{
    strbuf *out = ctx;
    const char *const members[][2] = {
        {"page", t->page},           {"title", t->page_title}, {"about", t->page_about},
        {"name", t->name},           {"forms", t->forms},      {"flags", t->flags},
        {"meaning", t->meaning},     {"edges", t->edges},      {"expressions", t->expressions},
        {"statement", t->statement},
    };
    for (size_t i = 0; i < ARRAY_LEN(members); i++) {
        strbuf_addz(out, i ? "," : "{");
        json_add_string(out, str_of(members[i][0]));
        strbuf_addc(out, ':');
        json_add_string(out, str_of(members[i][1]));
    }
    strbuf_addz(out, "}\n");
}

static int put_manual(void)
{
    strbuf out = {0};
    patron_manual(NULL, add_json, &out, NULL);
    if (!out.failed) fwrite(out.ptr, 1, out.len, stdout);
    int status = out.failed ? EXIT_LIMIT : EXIT_OK;
    strbuf_free(&out);
    return status;
}

/* ---- the command ---------------------------------------------------------- */

static int help_on(args *a, const char *topic)
{
    patron_error err = PATRON_ERROR_INIT;
    if (strcmp(topic, "status") == 0 || strcmp(topic, "exit status") == 0 || strcmp(topic, "exit") == 0) {
        help_statuses(stdout);
        return EXIT_OK;
    }
    const command *c = command_find(topic);
    if (c) {
        help_command(c, stdout);
        return EXIT_OK;
    }
    if (patron_manual(topic, put_topic, NULL, &err) == PATRON_OK) return EXIT_OK;
    nearest near = nearest_to(str_of(topic));
    for (const command *const *k = commands; *k; k++) nearest_offer(&near, str_of((*k)->name));
    if (near.best.ptr)
        return args_wrong(a, "no command '%s'; did you mean '" STR_FMT "'?", topic, STR_ARG(near.best));
    return args_wrong(a, "%s", err.message);
}

/* The words of a topic may come one by one: patron help is null. */
static int run(application *app, args *a)
{
    strbuf topic = {0};
    (void)app;
    for (int id; (id = args_next(a)) != ARGS_END;) {
        if (id != OPT_JSON) return a->status;
        return put_manual();
    }
    if (!args_need(a, 0, 3, "")) return a->status;
    for (int i = 0; args_operand(a, i); i++) strbuf_printf(&topic, "%s%s", i ? " " : "", args_operand(a, i));
    if (topic.len == 0) help_overview(stdout);
    int status = topic.failed ? EXIT_LIMIT : topic.len ? help_on(a, topic.ptr) : EXIT_OK;
    strbuf_free(&topic);
    return status;
}

static const command_option options[] = {
    {"json", OPT_JSON, NULL, "the whole reference manual of the language, a JSON object per name"},
    {NULL, 0, NULL, NULL},
};

const command cmd_help = {
    .name = "help",
    .summary = "explain the commands, and the functions of the language",
    .usage = "[COMMAND | NAME]\nstatus\n--json",
    .examples = "  patron help load\n"
                "  patron help TopCount     # form, meaning and an example of a function\n"
                "  patron help status       # what the exit statuses mean",
    .options = options,
    .run = run,
};
