/* params.c - see params.h. */
#include "tools/params.h"

#include "base/num.h"
#include "tools/render.h"

bool params_open(params *p)
{
    p->n = 0;
    p->a = arena_new(0);
    p->view = (patron_params){0, p->items};
    return p->a != NULL;
}

void params_close(params *p)
{
    arena_free(p->a);
    p->a = NULL;
}

void params_clear(params *p)
{
    arena_reset(p->a);
    p->n = 0;
    p->view.n = 0;
}

/* value.ptr NULL: null */
static pt_status add(params *p, pt_str name, pt_str value, bool is_number, pt_err *err)
{
    if (p->n == PARAMS_MAX) return pt_fail(err, PT_LIMIT, "more than %d parameters", PARAMS_MAX);
    const char *n = arena_dup(p->a, name.ptr, name.len);
    const char *v = value.ptr ? arena_dup(p->a, value.ptr, value.len) : NULL;
    if (!n || (value.ptr && !v)) return arena_fail(p->a, err);
    p->items[p->n++] = (patron_param){.name = n, .value = v, .is_number = is_number};
    p->view.n = p->n;
    return PT_OK;
}

pt_status params_add_text(params *p, const char *assignment, bool is_text, pt_err *err)
{
    const char *equals = strchr(assignment, '=');
    if (!equals || equals == assignment)
        return pt_fail(err, PT_USAGE, "a parameter is written NAME=VALUE, not '%s'", assignment);
    pt_str name = {assignment, (size_t)(equals - assignment)};
    return add(p, name, str_of(equals + 1), !is_text && render_is_json_number(equals + 1), err);
}

static pt_status add_json_value(params *p, pt_str name, const json_t *v, pt_err *err)
{
    strbuf number = {0};
    pt_status st;
    switch (json_typeof(v)) {
    case JSON_STRING: return add(p, name, (pt_str){json_string_value(v), json_string_length(v)}, false, err);
    case JSON_TRUE: return add(p, name, STR("true"), false, err);
    case JSON_FALSE: return add(p, name, STR("false"), false, err);
    case JSON_NULL: return add(p, name, (pt_str){0}, false, err);
    case JSON_INTEGER: strbuf_printf(&number, "%" JSON_INTEGER_FORMAT, json_integer_value(v)); break;
    case JSON_REAL: num_add_double(&number, json_real_value(v)); break;
    case JSON_OBJECT:
    case JSON_ARRAY:
        return pt_fail(err, PT_DATA, "parameter '" STR_FMT "' is neither text nor number", STR_ARG(name));
    }
    st = number.failed ? pt_fail(err, PT_NOMEM, "no memory for a parameter")
                       : add(p, name, strbuf_str(&number), true, err);
    strbuf_free(&number);
    return st;
}

pt_status params_add_json(params *p, const json_t *object, pt_err *err)
{
    const char *name;
    json_t *value;
    if (!json_is_object(object)) return pt_fail(err, PT_DATA, "\"params\" is not an object");
    json_object_foreach((json_t *)object, name, value) PT_TRY(add_json_value(p, str_of(name), value, err));
    return PT_OK;
}
