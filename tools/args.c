/* args.c - options by getopt_long, with messages of our own: what is wrong, what is near, where to read on.
 */
#include <stdarg.h>
#include <stdlib.h>

#include "base/nearest.h"
#include "base/num.h"
#include "tools/command.h"

enum { OPT_DB = 1000, OPT_THREADS, OPT_MEMORY, OPT_SPILL_DIR, OPT_TIMEOUT, OPT_NO_COLOR };

static const struct option common[] = {
    {"db", required_argument, NULL, OPT_DB},
    {"threads", required_argument, NULL, OPT_THREADS},
    {"memory", required_argument, NULL, OPT_MEMORY},
    {"spill-dir", required_argument, NULL, OPT_SPILL_DIR},
    {"timeout", required_argument, NULL, OPT_TIMEOUT},
    {"no-color", no_argument, NULL, OPT_NO_COLOR},
    {"quiet", no_argument, NULL, 'q'},
    {"help", no_argument, NULL, 'h'},
};

static int takes(const command_option *o)
{
    return !o->argument ? no_argument : o->argument[0] == '[' ? optional_argument : required_argument;
}

int args_open(args *a, application *app, const command *c, int argc, char **argv)
{
    size_t n = 0;
    while (c->options && c->options[n].name) n++;
    *a = (args){.app = app, .command = c, .argc = argc, .argv = argv};
    a->long_options = mem_alloc(n + ARRAY_LEN(common) + 1, sizeof *a->long_options);
    a->short_options = mem_alloc(n * 3 + 8, 1);
    if (!a->long_options || !a->short_options) {
        args_close(a);
        return EXIT_FAILED;
    }
    char *s = a->short_options;
    *s++ = ':'; /* a missing argument gives ':' */
    *s++ = 'q';
    *s++ = 'h';
    for (size_t i = 0; i < n; i++) {
        const command_option *o = &c->options[i];
        a->long_options[i] = (struct option){o->name, takes(o), NULL, o->id};
        if (o->id >= 256) continue;
        *s++ = (char)o->id;
        for (int k = 0; k < takes(o); k++) *s++ = ':';
    }
    memcpy(a->long_options + n, common, sizeof common);
    optind = 0; /* the GNU way to start afresh */
    opterr = 0;
    return EXIT_OK;
}

void args_close(args *a)
{
    mem_free(a->long_options);
    mem_free(a->short_options);
    a->long_options = NULL;
    a->short_options = NULL;
}

int args_wrong(args *a, const char *fmt, ...)
{
    va_list ap;
    fprintf(stderr, "%s %s: ", a->app->program, a->command->name);
    va_start(ap, fmt);
    vfprintf(stderr, fmt, ap);
    va_end(ap);
    fprintf(stderr, "\ntry '%s %s --help'\n", a->app->program, a->command->name);
    return a->status = EXIT_BAD_USAGE;
}

/* ---- values --------------------------------------------------------------- */

bool args_number(args *a, const char *option, const char *text, uint64_t min, uint64_t max, uint64_t *out)
{
    int64_t x;
    bool is_number = num_parse_i64(str_of(text), &x) && x >= 0;
    if (is_number && (uint64_t)x >= min && (uint64_t)x <= max) {
        *out = (uint64_t)x;
        return true;
    }
    args_wrong(a, "--%s: expected a whole number from %llu to %llu, not '%s'", option,
               (unsigned long long)min, (unsigned long long)max, text);
    return false;
}

typedef struct unit {
    const char *suffix;
    int64_t factor;
} unit;

/* "2G" and the like: a number and one of the units (the first has the empty suffix). */
static bool measure(args *a, const char *option, const char *text, const unit *units, size_t n,
                    const char *example, int64_t *out)
{
    size_t digits = strspn(text, "0123456789");
    int64_t x;
    if (num_parse_i64((pt_str){text, digits}, &x))
        for (size_t i = 0; i < n; i++)
            if (strcasecmp(text + digits, units[i].suffix) == 0 && x <= INT64_MAX / units[i].factor) {
                *out = x * units[i].factor;
                return true;
            }
    args_wrong(a, "--%s: expected something like %s, not '%s'", option, example, text);
    return false;
}

static bool set_common(args *a, int id)
{
    static const unit bytes[] = {{"", 1}, {"k", 1 << 10}, {"m", 1 << 20}, {"g", 1 << 30}};
    static const unit times[] = {{"", 1000}, {"ms", 1}, {"s", 1000}, {"m", 60000}, {"h", 3600000}};
    int64_t x = 0;
    uint64_t n = 0;
    switch (id) {
    case OPT_DB: a->app->db = optarg; return true;
    case OPT_NO_COLOR:
        a->app->no_color = true;
        a->app->out.has_color = a->app->err.has_color = false;
        return true;
    case 'q': a->app->quiet = true; return true;
    case OPT_THREADS:
        if (!args_number(a, "threads", optarg, 0, 1024, &n)) return false;
        a->app->options.threads = (unsigned)n;
        return true;
    case OPT_MEMORY:
        if (!measure(a, "memory", optarg, bytes, ARRAY_LEN(bytes), "512M or 2G", &x)) return false;
        a->app->options.memory_bytes = (size_t)x;
        return true;
    case OPT_SPILL_DIR: a->app->options.spill_directory = optarg; return true;
    case OPT_TIMEOUT:
        if (!measure(a, "timeout", optarg, times, ARRAY_LEN(times), "30s, 500ms or 2m", &x)) return false;
        a->app->options.timeout_ms = x;
        return true;
    default: return false;
    }
}

/* ---- options -------------------------------------------------------------- */

/* The option as the user wrote it: getopt has moved on behind it, or stands within a cluster of letters. */
static void unknown_option(args *a)
{
    const char *word = a->argv[optind > 0 ? optind - 1 : 0];
    if (optopt && strncmp(word, "--", 2) != 0) {
        args_wrong(a, "unknown option '-%c'", optopt);
        return;
    }
    if (optopt) {
        args_wrong(a, "option '%s' takes no value", word);
        return;
    }
    size_t len = strcspn(word + 2, "=");
    nearest near = nearest_to((pt_str){word + 2, len});
    for (const struct option *o = a->long_options; o->name; o++) nearest_offer(&near, str_of(o->name));
    if (near.best.ptr)
        args_wrong(a, "unknown option '--%.*s'; did you mean '--" STR_FMT "'?", (int)len, word + 2,
                   STR_ARG(near.best));
    else
        args_wrong(a, "unknown option '--%.*s'", (int)len, word + 2);
}

int args_next(args *a)
{
    for (;;) {
        int id = getopt_long(a->argc, a->argv, a->short_options, a->long_options, NULL);
        a->value = optarg;
        a->status = EXIT_BAD_USAGE;
        switch (id) {
        case -1: return ARGS_END;
        case '?': unknown_option(a); return ARGS_STOP;
        case ':': args_wrong(a, "option '%s' needs a value", a->argv[optind - 1]); return ARGS_STOP;
        case 'h':
            help_command(a->command, stdout);
            a->status = EXIT_OK;
            return ARGS_STOP;
        case 'q':
        case OPT_DB:
        case OPT_THREADS:
        case OPT_MEMORY:
        case OPT_SPILL_DIR:
        case OPT_TIMEOUT:
        case OPT_NO_COLOR:
            if (!set_common(a, id)) return ARGS_STOP;
            break;
        default: return id;
        }
    }
}

/* ---- operands ------------------------------------------------------------- */

int args_count(const args *a)
{
    return a->argc - optind;
}

const char *args_operand(const args *a, int i)
{
    return i < args_count(a) ? a->argv[optind + i] : NULL;
}

bool args_need(args *a, int min, int max, const char *what)
{
    int n = args_count(a);
    if (n < min) {
        args_wrong(a, "%s is missing", what);
        return false;
    }
    if (max >= 0 && n > max) {
        args_wrong(a, "unexpected '%s'%s", args_operand(a, max),
                   max == 0 && !a->app->db ? " (the warehouse is named with --db DIR)" : "");
        return false;
    }
    return true;
}
