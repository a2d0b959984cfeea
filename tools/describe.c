/* describe.c - see describe.h. */
#include "tools/describe.h"

static void add_name(const char *name, strbuf *out)
{
    if (*name == '[') {
        strbuf_addz(out, name);
        return;
    }
    strbuf_addc(out, '[');
    for (; *name; name++) {
        if (*name == ']') strbuf_addc(out, ']');
        strbuf_addc(out, *name);
    }
    strbuf_addc(out, ']');
}

int describe_statement(connection *c, const output *o, const char *statement)
{
    patron_error err = PATRON_ERROR_INIT;
    patron_result *r = patron_execute(c->session, statement, NULL, &err);
    int status = r ? output_result(o, r) : say_failure(c->app, &err, NULL, NULL);
    patron_result_free(r);
    return status;
}

int describe_name(connection *c, const output *o, const char *name)
{
    static const char *const kinds[] = {"CUBE", "DIMENSION", "SOURCE", "MAPPING"};
    patron_error first = PATRON_ERROR_INIT;
    for (size_t i = 0; i < ARRAY_LEN(kinds); i++) {
        patron_error err = PATRON_ERROR_INIT;
        strbuf text = {0};
        strbuf_printf(&text, "DESCRIBE %s ", kinds[i]);
        add_name(name, &text);
        patron_result *r = text.failed ? NULL : patron_execute(c->session, text.ptr, NULL, &err);
        strbuf_free(&text);
        if (r) {
            int status = output_result(o, r);
            patron_result_free(r);
            return status;
        }
        if (err.code != PATRON_NAME) return say_failure(c->app, &err, NULL, NULL);
        if (i == 0) first = err; /* it knows what is near among the cubes */
    }
    snprintf(first.message, sizeof first.message, "there is no cube, dimension, source or mapping named %s",
             name);
    first.line = 0;
    return say_failure(c->app, &first, NULL, NULL);
}
