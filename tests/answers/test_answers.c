/* test_answers.c - the statements of a file of recorded answers, run and compared; how many agree, by
 * function.
 *
 *     test_answers DB ANSWERS.jsonl KNOWN.tsv [MIN_CORE_PERCENT [MIN_PERCENT]]
 *
 * KNOWN.tsv lists statements that differ for a reason: id, tab, reason. They count as differing, but are not
 * printed. Those with ~ in front of the id are not compared. Fails when another one differs, or when fewer of
 * the answered statements agree than asked for, among those that use only the core of the language and among
 * all. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "compare.h"
#include "words.h"

enum { MAX_FUNCTIONS = 600, MAX_KNOWN = 1000, SHOWN = 400 };

typedef struct tally {
    char name[WORD_SIZE];
    unsigned all, agree;
} tally;

typedef struct run {
    patron_session *session;
    tally functions[MAX_FUNCTIONS];
    size_t n_functions;
    tally answered, core, refused;
    long known[MAX_KNOWN], skipped[MAX_KNOWN];
    size_t n_known, n_skipped;
    unsigned shown;
} run;

static void count(tally *t, bool agrees)
{
    t->all++;
    t->agree += agrees;
}

static tally *function_tally(run *r, const char *name)
{
    for (size_t i = 0; i < r->n_functions; i++)
        if (strcmp(r->functions[i].name, name) == 0) return &r->functions[i];
    if (r->n_functions == MAX_FUNCTIONS) return &r->functions[MAX_FUNCTIONS - 1];
    tally *t = &r->functions[r->n_functions++];
    snprintf(t->name, sizeof t->name, "%s", name);
    return t;
}

static bool is_listed(const long *ids, size_t n, long id)
{
    for (size_t i = 0; i < n; i++)
        if (ids[i] == id) return true;
    return false;
}

static void compare_one(run *r, const json_t *expected)
{
    long id = (long)json_number_value(json_object_get(expected, "id"));
    const char *mdx = json_string_value(json_object_get(expected, "mdx"));
    if (is_listed(r->skipped, r->n_skipped, id)) return;
    const char *difference = answer_difference(r->session, expected);
    word_list words;
    words_of(mdx, &words);
    if (!json_is_true(json_object_get(expected, "ok"))) {
        count(&r->refused, !difference);
        return;
    }
    bool is_core = true;
    count(&r->answered, !difference);
    for (size_t i = 0; i < words.n; i++) {
        count(function_tally(r, words.words[i]), !difference);
        is_core &= word_is_core(words.words[i]);
    }
    if (is_core) count(&r->core, !difference);
    if (difference && !is_listed(r->known, r->n_known, id) && r->shown++ < SHOWN)
        printf("%ld%s: %s\n    %s\n", id, is_core ? " (core)" : "", mdx, difference);
}

static void read_known(run *r, const char *path)
{
    char line[2000];
    FILE *f = fopen(path, "r");
    while (f && fgets(line, sizeof line, f) && r->n_known < MAX_KNOWN && r->n_skipped < MAX_KNOWN) {
        if (line[0] >= '0' && line[0] <= '9') r->known[r->n_known++] = strtol(line, NULL, 10);
        if (line[0] == '~') r->skipped[r->n_skipped++] = strtol(line + 1, NULL, 10);
    }
    if (f) fclose(f);
}

static int by_name(const void *a, const void *b)
{
    return strcmp(((const tally *)a)->name, ((const tally *)b)->name);
}

static double percent(const tally *t)
{
    return t->all ? 100.0 * t->agree / t->all : 100;
}

static void print_tallies(run *r)
{
    qsort(r->functions, r->n_functions, sizeof *r->functions, by_name);
    printf("\nagreement by function:\n");
    for (size_t i = 0; i < r->n_functions; i++)
        printf("  %-24s %4u of %4u\n", r->functions[i].name, r->functions[i].agree, r->functions[i].all);
    printf("\nanswered: %u of %u agree (%.2f %%)\n", r->answered.agree, r->answered.all,
           percent(&r->answered));
    printf("core language: %u of %u agree (%.2f %%)\n", r->core.agree, r->core.all, percent(&r->core));
    printf("refused by the reference: %u of %u are refused here too\n", r->refused.agree, r->refused.all);
}

static int run_file(run *r, const char *path)
{
    char *line = NULL;
    size_t size = 0;
    FILE *f = fopen(path, "r");
    if (!f) {
        perror(path);
        return 1;
    }
    while (getline(&line, &size, f) > 0) {
        json_t *expected = json_loads(line, 0, NULL);
        if (!expected) expected = json_loads(line, JSON_DECODE_INT_AS_REAL, NULL); /* of 20 digits */
        if (expected) compare_one(r, expected);
        json_decref(expected);
    }
    free(line);
    fclose(f);
    return 0;
}

int main(int argc, char **argv)
{
    static run r;
    patron_error err = PATRON_ERROR_INIT;
    if (argc < 4) {
        fprintf(stderr, "usage: test_answers DB ANSWERS.jsonl KNOWN.tsv [MIN_CORE_PERCENT [MIN_PERCENT]]\n");
        return 2;
    }
    patron_db *db = patron_open(argv[1], PATRON_READ_ONLY, NULL, &err);
    r.session = db ? patron_session_new(db, &err) : NULL;
    if (!r.session) {
        fprintf(stderr, "test_answers: %s\n", err.message);
        return 1;
    }
    read_known(&r, argv[3]);
    int status = run_file(&r, argv[2]);
    print_tallies(&r);
    double min_core = argc > 4 ? strtod(argv[4], NULL) : 0, min_all = argc > 5 ? strtod(argv[5], NULL) : 0;
    if (percent(&r.core) < min_core || percent(&r.answered) < min_all) {
        printf("fewer than the %.2f %% (core) and %.2f %% (all) that are asked for\n", min_core, min_all);
        status = 1;
    }
    if (r.shown) {
        printf("%u differ that %s does not explain\n", r.shown, argv[3]);
        status = 1;
    }
    patron_session_free(r.session);
    patron_close(db);
    return status;
}
