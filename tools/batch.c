/* batch.c - see batch.h. A line that is too long, no JSON or no request is answered with an error; the next
 * goes on. */
#include "tools/batch.h"

#include "base/json.h"
#include "tools/batch_answer.h"
#include "tools/interrupt.h"
#include "tools/params.h"

typedef struct batch {
    connection *c;
    FILE *in, *out;
    char *line; /* BATCH_LINE_MAX + 1 bytes */
    params params;
    strbuf answer;
} batch;

/* ---- lines ---------------------------------------------------------------- */

typedef enum line_state { LINE_READ, LINE_TOO_LONG, LINE_END } line_state;

static line_state read_line(batch *b, size_t *n)
{
    int c;
    size_t len = 0;
    bool is_long = false;
    while ((c = getc(b->in)) != EOF && c != '\n') {
        if (len < BATCH_LINE_MAX)
            b->line[len++] = (char)c;
        else
            is_long = true;
    }
    if (c == EOF && len == 0) return LINE_END;
    b->line[len] = 0;
    *n = len;
    return is_long ? LINE_TOO_LONG : LINE_READ;
}

static bool is_blank(const char *line, size_t n)
{
    return strspn(line, " \t\r") == n;
}

/* ---- requests ------------------------------------------------------------- */

static void refuse(batch *b, const json_t *id, int code, const char *message)
{
    patron_error err = {.code = code};
    snprintf(err.message, sizeof err.message, "%s", message);
    answer_error(id, &err, &b->answer);
}

static void execute(batch *b, const json_t *request, const json_t *id, const json_t *mdx)
{
    const json_t *values = json_object_get(request, "params");
    pt_err bad = {0};
    patron_error err = PATRON_ERROR_INIT;
    params_clear(&b->params);
    if (values && params_add_json(&b->params, values, &bad) != PT_OK) {
        refuse(b, id, PATRON_USAGE, bad.msg);
        return;
    }
    patron_result *r = patron_execute(b->c->session, json_string_value(mdx), &b->params.view, &err);
    if (r)
        answer_result(id, r, json_is_true(json_object_get(request, "timing")), &b->answer);
    else
        answer_error(id, &err, &b->answer);
    patron_result_free(r);
}

static void handle(batch *b, size_t n)
{
    json_error_t problem;
    json_t *request = json_loadb(b->line, n, JSON_DECODE_ANY, &problem);
    if (!json_is_object(request)) {
        char message[JSON_ERROR_TEXT_LENGTH + 80];
        if (request)
            snprintf(message, sizeof message, "expected a JSON object {\"id\":..., \"mdx\":\"...\"}");
        else
            snprintf(message, sizeof message, "not JSON: %s at column %d", problem.text, problem.column);
        refuse(b, NULL, PATRON_USAGE, message);
        json_decref(request);
        return;
    }
    const json_t *id = json_object_get(request, "id"), *mdx = json_object_get(request, "mdx");
    if (!json_is_string(mdx))
        refuse(b, id, PATRON_USAGE, "the request has no text \"mdx\"");
    else
        execute(b, request, id, mdx);
    json_decref(request);
}

static int write_answer(batch *b)
{
    pt_err err = {0};
    strbuf_addc(&b->answer, '\n');
    if (b->answer.failed) {
        strbuf_clear(&b->answer);
        b->answer.failed = false;
        patron_error nomem = {.code = PATRON_NOMEM, .message = "the answer does not fit in memory"};
        answer_error(NULL, &nomem, &b->answer);
        strbuf_addc(&b->answer, '\n');
    }
    fwrite(b->answer.ptr, 1, b->answer.len, b->out);
    if (fflush(b->out) == 0 && !ferror(b->out)) return EXIT_OK;
    pt_fail_errno(&err, PT_IO, "the answer could not be written");
    return say_error(b->c->app, &err);
}

static int answer_lines(batch *b)
{
    size_t n = 0;
    int status = EXIT_OK;
    while (status == EXIT_OK) {
        line_state state = read_line(b, &n);
        if (*interrupt_flag()) return EXIT_CANCELLED;
        if (state == LINE_END) return EXIT_OK;
        if (state == LINE_READ && is_blank(b->line, n)) continue;
        strbuf_clear(&b->answer);
        if (state == LINE_TOO_LONG)
            refuse(b, NULL, PATRON_LIMIT, "the line is longer than 1048576 bytes");
        else
            handle(b, n);
        status = write_answer(b);
    }
    return status;
}

int batch_run(connection *c, FILE *in, FILE *out)
{
    batch *b = mem_alloc(1, sizeof *b);
    int status = EXIT_LIMIT;
    if (b && (b->line = mem_alloc(BATCH_LINE_MAX + 1, 1)) && params_open(&b->params)) {
        b->c = c;
        b->in = in;
        b->out = out;
        status = answer_lines(b);
        params_close(&b->params);
    }
    if (b) {
        strbuf_free(&b->answer);
        mem_free(b->line);
    }
    mem_free(b);
    return status;
}
