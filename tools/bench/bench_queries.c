/* bench_queries.c - latency of the statements of a file, each run several times in one process.
 *
 *     bench_queries DIR FILE.mdx [RUNS]
 *
 * The title of a statement is the comment line before it. Prints the first run (nothing cached but the
 * operating system's pages), then minimum, median and maximum of the further ones, in milliseconds. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/fs.h"
#include "base/limits.h"
#include "base/str.h"
#include "patron.h"

enum { MAX_RUNS = 1000, TITLE_COLUMNS = 60 };

static int by_value(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* The text behind the first "-- " of the statement, up to the end of the line. */
static void print_title(const char *statement)
{
    const char *dashes = strstr(statement, "-- ");
    const char *title = dashes ? dashes + 3 : statement;
    printf("%-*.*s", TITLE_COLUMNS, (int)strcspn(title, "\n"), title);
}

static int run_one(patron_session *s, const char *statement, unsigned runs)
{
    double ms[MAX_RUNS], first = 0;
    patron_error err = PATRON_ERROR_INIT;
    for (unsigned i = 0; i <= runs; i++) {
        int64_t start = limits_now_us();
        patron_result *r = patron_execute(s, statement, NULL, &err);
        double t = (double)(limits_now_us() - start) / 1000;
        if (!r) {
            char text[2000];
            patron_error_print(&err, statement, text, sizeof text);
            fprintf(stderr, "%s\n", text);
            return 1;
        }
        patron_result_free(r);
        if (i == 0)
            first = t;
        else
            ms[i - 1] = t;
    }
    qsort(ms, runs, sizeof *ms, by_value);
    print_title(statement);
    printf(" %9.2f %9.2f %9.2f %9.2f\n", first, ms[0], ms[runs / 2], ms[runs - 1]);
    return 0;
}

static int run_all(patron_session *s, char *text, unsigned runs)
{
    size_t n;
    printf("%-*s %9s %9s %9s %9s\n", TITLE_COLUMNS, "milliseconds", "first", "minimum", "median", "maximum");
    while ((n = patron_statement_length(text)) > 0) {
        char saved = text[n];
        text[n] = 0;
        if (run_one(s, text, runs)) return 1;
        text[n] = saved;
        text += n;
    }
    return 0;
}

int main(int argc, char **argv)
{
    mem_keep_freed();
    unsigned runs = argc > 3 ? (unsigned)strtoul(argv[3], NULL, 10) : 15;
    if (argc < 3 || runs < 1 || runs > MAX_RUNS) {
        fprintf(stderr, "usage: bench_queries DIR FILE.mdx [RUNS, 1 to %d]\n", MAX_RUNS);
        return 2;
    }
    patron_error err = PATRON_ERROR_INIT;
    pt_err e = {0};
    strbuf text = {0};
    if (fs_read(argv[2], &text, 1 << 20, &e) != PT_OK) {
        fprintf(stderr, "bench_queries: %s\n", e.msg);
        return 1;
    }
    patron_db *db = patron_open(argv[1], PATRON_READ_ONLY, NULL, &err);
    patron_session *s = db ? patron_session_new(db, &err) : NULL;
    /* every asking does the work */
    patron_result *off = s ? patron_execute(s, "SET CACHE = OFF", NULL, &err) : NULL;
    int status = off ? run_all(s, text.ptr, runs) : 1;
    if (!off) fprintf(stderr, "bench_queries: %s\n", err.message);
    patron_result_free(off);
    patron_session_free(s);
    patron_close(db);
    strbuf_free(&text);
    return status;
}
