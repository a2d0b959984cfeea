/* help.c - the texts of `patron help` and --help, laid out from the tables. */
#include "tools/command.h"

static const char common_help[] =
    "  --db DIR          the warehouse (default: $PATRON_DB)\n"
    "  --threads N       worker threads (default: one per processor)\n"
    "  --memory SIZE     limit of one statement, as in 512M or 2G (default: 1G)\n"
    "  --spill-dir DIR   of temporary files when that is too little (default: the warehouse)\n"
    "  --timeout TIME    limit of one statement, as in 30s or 500ms (default: none)\n"
    "  --no-color        no colours (also: $NO_COLOR)\n"
    "  -q, --quiet       results and errors only\n"
    "  -h, --help        this help\n";

void help_overview(FILE *out)
{
    fputs("patron - a warehouse of customer data that answers multidimensional questions\n\n"
          "usage: patron COMMAND [OPTION...] [ARGUMENT...]\n\n"
          "commands:\n",
          out);
    for (const command *const *c = commands; *c; c++)
        fprintf(out, "  %-10s  %s\n", (*c)->name, (*c)->summary);
    fprintf(out, "\ncommon options:\n%s", common_help);
    fputs("\nfirst steps:\n"
          "  patron sample /tmp/shop --rows 100000            # a retail data set as CSV files\n"
          "  patron init shop.db                              # an empty warehouse\n"
          "  patron define --db shop.db /tmp/shop/warehouse.patron\n"
          "  patron load --db shop.db\n"
          "  patron shell --db shop.db                        # ask\n\n"
          "'patron COMMAND --help' explains a command, 'patron help status' the exit statuses;\n"
          "'patron --version' tells the version.\n",
          out);
}

static void put_usage(const command *c, FILE *out)
{
    const char *line = c->usage;
    const char *lead = "usage:";
    do {
        size_t n = strcspn(line, "\n");
        fprintf(out, "%-6s patron %s%s%.*s\n", lead, c->name, n ? " " : "", (int)n, line);
        line += n + (line[n] == '\n');
        lead = "";
    } while (*line);
}

static void put_option(const command_option *o, FILE *out)
{
    char left[64], letter[8] = "";
    if (o->id < 256) snprintf(letter, sizeof letter, "-%c, ", o->id);
    const char *arg = o->argument ? o->argument : "";
    bool is_optional = arg[0] == '[';
    if (is_optional)
        snprintf(left, sizeof left, "%s--%s[=%s", letter, o->name, arg + 1);
    else
        snprintf(left, sizeof left, "%s--%s%s%s", letter, o->name, *arg ? " " : "", arg);
    const char *line = o->help;
    do { /* further lines of help stand under the first */
        size_t n = strcspn(line, "\n");
        if (strlen(left) > 17) {
            fprintf(out, "  %s\n", left);
            left[0] = 0;
        }
        fprintf(out, "  %-17s %.*s\n", left, (int)n, line);
        left[0] = 0;
        line += n + (line[n] == '\n');
    } while (*line);
}

void help_command(const command *c, FILE *out)
{
    fprintf(out, "patron %s - %s\n\n", c->name, c->summary);
    put_usage(c, out);
    if (c->about) fprintf(out, "\n%s\n", c->about);
    if (c->options && c->options->name) {
        fputs("\noptions:\n", out);
        for (const command_option *o = c->options; o->name; o++) put_option(o, out);
    }
    fprintf(out, "\ncommon options:\n%s", common_help);
    if (c->examples) fprintf(out, "\nexamples:\n%s\n", c->examples);
    fputs("\nexit status: 0 if all went well; 'patron help status' lists the others.\n", out);
}

void help_statuses(FILE *out)
{
    fputs("exit statuses of patron:\n", out);
#define X(name, number, meaning) fprintf(out, "  %d  %s\n", number, meaning);
    EXIT_MAP(X)
#undef X
}
