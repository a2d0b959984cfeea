/* shell_line.c - see shell_line.h. Editing is libedit's work; this file tells it what completes a word, and
 * lets Ctrl-C end a line. */
#include "tools/shell_line.h"

#include <errno.h>
#include <histedit.h>
#include <poll.h>
#include <stdlib.h>
#include <unistd.h>
#include <wchar.h>

#include "base/fs.h"
#include "base/utf8.h"
#include "tools/interrupt.h"

enum { HISTORY_SIZE = 2000, CANDIDATES_MAX = 200 };

struct line_reader {
    connection *c;
    EditLine *edit; /* NULL: lines are read plain */
    History *history;
    char history_path[4096]; /* "": none is kept */
    const char *prompt, *pending;
    char *plain; /* getline's buffer */
    size_t plain_size;
    /* of the completion under way */
    arena *scratch;
    size_t n_candidates, word_start;
    const char *candidates[CANDIDATES_MAX];
};

/* ---- history -------------------------------------------------------------- */

static void find_history(line_reader *r)
{
    const char *state = getenv("XDG_STATE_HOME"), *home = getenv("HOME");
    char dir[4000];
    pt_err err = {0};
    int n = -1;
    if (state && *state == '/')
        n = snprintf(dir, sizeof dir, "%s/patron", state);
    else if (home && *home)
        n = snprintf(dir, sizeof dir, "%s/.local/state/patron", home);
    if (n < 0 || (size_t)n >= sizeof dir || fs_mkdir(dir, &err) != PT_OK) return;
    snprintf(r->history_path, sizeof r->history_path, "%s/history", dir);
}

static void open_history(line_reader *r)
{
    HistEvent event;
    r->history = history_init();
    if (!r->history) return;
    history(r->history, &event, H_SETSIZE, HISTORY_SIZE);
    history(r->history, &event, H_SETUNIQUE, 1);
    el_set(r->edit, EL_HIST, history, r->history);
    find_history(r);
    if (r->history_path[0]) history(r->history, &event, H_LOAD, r->history_path);
}

static void remember_line(line_reader *r, const char *text)
{
    HistEvent event;
    if (*text) history(r->history, &event, H_ENTER, text);
}

void line_remember(line_reader *r, const char *text)
{
    if (!r->history) return;
    char *copy = strdup(text);
    if (!copy) return;
    bool has_comment = strstr(text, "--") || strstr(text, "//");
    if (has_comment) /* on one line a comment would swallow what follows */
        for (char *rest = copy, *line; (line = strsep(&rest, "\n"));) remember_line(r, line);
    else {
        for (char *p = copy; *p; p++)
            if (*p == '\n') *p = ' ';
        remember_line(r, copy);
    }
    free(copy);
}

/* ---- completion ----------------------------------------------------------- */

static void on_candidate(void *ctx, const char *candidate, size_t word_start)
{
    line_reader *r = ctx;
    if (r->n_candidates == CANDIDATES_MAX) return;
    const char *copy = arena_dup(r->scratch, candidate, strlen(candidate));
    if (!copy) return;
    r->word_start = word_start;
    r->candidates[r->n_candidates++] = copy;
}

/* Bytes that all candidates begin with, up to a whole character. */
static size_t common_prefix(const line_reader *r)
{
    size_t n = strlen(r->candidates[0]);
    for (size_t i = 1; i < r->n_candidates; i++) {
        size_t k = 0;
        while (k < n && r->candidates[i][k] == r->candidates[0][k]) k++;
        n = k;
    }
    while (n > 0 && (r->candidates[0][n] & 0xC0) == 0x80) n--;
    return n;
}

static void list_candidates(const line_reader *r)
{
    size_t widest = 0, columns = r->c->app->out.columns;
    for (size_t i = 0; i < r->n_candidates; i++) {
        size_t w = utf8_width(str_of(r->candidates[i]));
        if (w > widest) widest = w;
    }
    size_t per_line = columns / (widest + 2);
    if (per_line == 0) per_line = 1;
    for (size_t i = 0; i < r->n_candidates; i++) {
        fputs(i % per_line == 0 ? "\n" : "  ", stdout);
        fputs(r->candidates[i], stdout);
        bool ends_line = i % per_line == per_line - 1;
        for (size_t w = utf8_width(str_of(r->candidates[i])); !ends_line && w < widest; w++)
            fputc(' ', stdout);
    }
    fputc('\n', stdout);
    fflush(stdout);
}

/* Replace the word before the cursor. */
static unsigned char insert(line_reader *r, pt_str typed, size_t n)
{
    char text[1024];
    if (n >= sizeof text) return CC_ERROR;
    memcpy(text, r->candidates[0], n);
    text[n] = 0;
    el_deletestr(r->edit, (int)utf8_count(typed));
    return el_insertstr(r->edit, text) == 0 ? CC_REFRESH : CC_ERROR;
}

static unsigned char complete(EditLine *edit, int key)
{
    (void)key;
    line_reader *r;
    strbuf text = {0};
    unsigned char result = CC_ERROR;
    el_get(edit, EL_CLIENTDATA, &r);
    const LineInfo *line = el_line(edit);
    strbuf_addz(&text, r->pending);
    size_t line_start = text.len;
    strbuf_add(&text, line->buffer, (size_t)(line->cursor - line->buffer));
    r->n_candidates = 0;
    arena_reset(r->scratch);
    if (!text.failed) patron_complete(r->c->session, text.ptr, text.len, on_candidate, r);
    if (r->n_candidates > 0 && r->word_start >= line_start && r->word_start <= text.len) {
        pt_str typed = {text.ptr + r->word_start, text.len - r->word_start};
        size_t n = common_prefix(r);
        bool is_longer = n > typed.len || (n == typed.len && memcmp(r->candidates[0], typed.ptr, n) != 0);
        if (r->n_candidates == 1 || is_longer)
            result = insert(r, typed, n);
        else {
            list_candidates(r);
            result = CC_REDISPLAY;
        }
    }
    strbuf_free(&text);
    return result;
}

/* ---- the editor ----------------------------------------------------------- */

static char *put_prompt(EditLine *edit)
{
    line_reader *r;
    el_get(edit, EL_CLIENTDATA, &r);
    return (char *)r->prompt;
}

/* Until there is a byte to read; false once Ctrl-C was pressed. */
static bool await_byte(EditLine *edit)
{
    struct pollfd fds[2] = {{.fd = STDIN_FILENO, .events = POLLIN},
                            {.fd = interrupt_wait_fd(), .events = POLLIN}};
    while (!*interrupt_flag()) {
        int n = poll(fds, 2, -1);
        if (n > 0 && fds[0].revents) return true;
        if (n > 0 && !*interrupt_flag()) interrupt_reset(); /* the trace of a signal just forgotten */
        if (n < 0 && errno == EINTR) el_resize(edit);       /* most likely the window has another size */
    }
    errno = EINTR;
    return false;
}

/* One character; -1 with errno EINTR once Ctrl-C was pressed, which ends el_gets. */
static int get_character(EditLine *edit, wchar_t *out)
{
    mbstate_t state = {0};
    for (;;) {
        char byte;
        if (!await_byte(edit)) return -1;
        ssize_t n = read(STDIN_FILENO, &byte, 1);
        if (n < 0 && errno == EINTR) continue;
        if (n <= 0) return (int)n;
        size_t used = mbrtowc(out, &byte, 1, &state);
        if (used == (size_t)-2) continue; /* more bytes to come */
        if (used != (size_t)-1) return 1;
        state = (mbstate_t){0}; /* not a character of this locale: skip it */
    }
}

static void open_editor(line_reader *r)
{
    r->edit = el_init("patron", stdin, stdout, stderr);
    if (!r->edit) return;
    el_set(r->edit, EL_CLIENTDATA, r);
    el_set(r->edit, EL_EDITOR, "emacs");
    el_set(r->edit, EL_SIGNAL, 0);
    el_set(r->edit, EL_PROMPT, put_prompt);
    el_set(r->edit, EL_GETCFN, get_character);
    el_wset(r->edit, EL_ADDFN, L"patron-complete", L"Complete the word",
            complete); /* el_set leaks copies of them */
    el_set(r->edit, EL_BIND, "^I", "patron-complete", NULL);
    el_set(r->edit, EL_BIND, "^R", "em-inc-search-prev", NULL);
    open_history(r);
    el_source(r->edit, NULL); /* the user's own ~/.editrc */
}

line_reader *line_reader_open(connection *c, bool is_interactive)
{
    line_reader *r = mem_alloc(1, sizeof *r);
    if (!r) return NULL;
    r->c = c;
    r->scratch = arena_new(0);
    if (r->scratch && is_interactive) open_editor(r);
    if (r->scratch) return r;
    mem_free(r);
    return NULL;
}

void line_reader_close(line_reader *r)
{
    HistEvent event;
    if (r->history && r->history_path[0]) history(r->history, &event, H_SAVE, r->history_path);
    if (r->edit) el_end(r->edit);
    if (r->history) history_end(r->history);
    arena_free(r->scratch);
    free(r->plain);
    mem_free(r);
}

/* ---- reading -------------------------------------------------------------- */

static line_status read_edited(line_reader *r, strbuf *line)
{
    int n = 0;
    errno = 0;
    el_resize(r->edit);
    const char *text = el_gets(r->edit, &n);
    if (*interrupt_flag()) {
        interrupt_reset();
        fputs("^C\n", stdout);
        return LINE_INTERRUPTED;
    }
    if (!text || n <= 0) return LINE_END;
    strbuf_add(line, text, (size_t)n);
    return LINE_OK;
}

static line_status read_plain(line_reader *r, strbuf *line)
{
    errno = 0;
    ssize_t n = getline(&r->plain, &r->plain_size, stdin);
    if (n < 0) return LINE_END;
    strbuf_add(line, r->plain, (size_t)n);
    return LINE_OK;
}

line_status line_read(line_reader *r, const char *prompt, const char *pending, strbuf *line)
{
    r->prompt = prompt;
    r->pending = pending;
    strbuf_clear(line);
    line_status s = r->edit ? read_edited(r, line) : read_plain(r, line);
    while (line->len > 0 && (line->ptr[line->len - 1] == '\n' || line->ptr[line->len - 1] == '\r'))
        line->ptr[--line->len] = 0;
    return line->failed ? LINE_END : s;
}
