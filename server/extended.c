/* extended.c - Parse, Bind, Describe, Execute, Close.
 *
 * A query's columns are positions of its axis, which only running it tells. So Describe of a portal runs the
 * query and keeps the answer for Execute: what was described is what comes. Describe of a statement runs it
 * with nulls for parameters; should a later execution give other columns, it fails in the words by which
 * drivers prepare again. */
#include "base/utf8.h"
#include "server/client.h"
#include "server/constant.h"
#include "server/msg_write.h"
#include "server/types.h"

static bool malformed(sql_error *e, const char *what)
{
    return sql_fail(e, SQL_PROTOCOL_VIOLATION, "malformed %s message", what);
}

/* ---- Parse --------------------------------------------------------------------------- */

/* One statement and nothing behind it but blanks. */
static bool is_single(pt_str query)
{
    size_t n = patron_statement_length(query.ptr);
    return n == 0 || route_of((pt_str){query.ptr + n, query.len - n}).kind == ROUTE_EMPTY;
}

static int count_params(client *c, pt_str query, route r, sql_error *e)
{
    patron_error err = PATRON_ERROR_INIT;
    if (r.kind != ROUTE_ENGINE) return constant_count_params(query);
    int n = patron_count_params(c->session, query.ptr, &err);
    if (n < 0) sql_fail_engine(e, &err, query, 0);
    return n;
}

static bool parse(client *c, const parse_msg *m, sql_error *e)
{
    if (utf8_valid_prefix(m->query) != m->query.len)
        return sql_fail(e, SQL_NOT_IN_CHARSET, "the statement is not valid UTF-8 text");
    if (m->name.len == 0) prepared_drop(&c->statements, STR(""));
    if (prepared_find(c->statements, m->name))
        return sql_fail(e, SQL_DUPLICATE_STATEMENT, "prepared statement \"" STR_FMT "\" already exists",
                        STR_ARG(m->name));
    if (!is_single(m->query))
        return sql_fail(e, SQL_SYNTAX, "cannot insert multiple commands into a prepared statement");
    route r = route_of(m->query);
    int n = count_params(c, m->query, r, e);
    if (n < 0) return false;
    if (n < m->n_types) n = m->n_types; /* declared, if not used */
    if (!prepared_add(&c->statements, m, r, (uint16_t)n, e)) return false;
    msg_empty(&c->wire->out, '1');
    return true;
}

/* ---- Bind ------------------------------------------------------------------------------ */

static bool no_memory(sql_error *e)
{
    return sql_fail(e, SQL_OUT_OF_MEMORY, "out of memory");
}

/* Parameter i (from 0) into the portal's arena. */
static bool bind_value(portal *p, const bind_msg *m, uint16_t i, patron_param *out, sql_error *e)
{
    strbuf text = {0};
    bool is_number = false;
    pt_str name = str_printf(p->a, "%u", i + 1u);
    *out = (patron_param){.name = name.ptr};
    if (!name.ptr) return no_memory(e);
    if (!m->values[i].ptr) return true;
    bool is_binary = msg_format_at(m->n_formats, m->formats, i) == 1;
    bool is_done = type_decode(p->statement->types[i], is_binary, m->values[i], &text, &is_number, e);
    pt_str copy = text.failed ? (pt_str){0} : str_copy(p->a, strbuf_str(&text));
    strbuf_free(&text);
    out->value = copy.ptr;
    out->is_number = is_number;
    return is_done && (copy.ptr || no_memory(e));
}

static bool bind_values(portal *p, const bind_msg *m, sql_error *e)
{
    patron_param *items = arena_array(p->a, patron_param, m->n_values);
    uint16_t *formats = arena_array(p->a, uint16_t, m->n_result_formats);
    if (!items || !formats) return no_memory(e);
    for (uint16_t i = 0; i < m->n_values; i++)
        if (!bind_value(p, m, i, &items[i], e)) return false;
    for (uint16_t i = 0; i < m->n_result_formats; i++) formats[i] = m->result_formats[i];
    p->params = (patron_params){m->n_values, items};
    p->n_formats = m->n_result_formats;
    p->formats = formats;
    return true;
}

static bool bind(client *c, const bind_msg *m, sql_error *e)
{
    prepared *s = prepared_find(c->statements, m->statement);
    if (!s)
        return sql_fail(e, SQL_NO_STATEMENT, "prepared statement \"" STR_FMT "\" does not exist",
                        STR_ARG(m->statement));
    if (m->n_values != s->n_params)
        return sql_fail(e, SQL_PROTOCOL_VIOLATION,
                        "the statement has %u parameters, but %u values were bound", s->n_params,
                        m->n_values);
    if (m->portal.len == 0) portal_drop(&c->portals, STR(""));
    if (portal_find(c->portals, m->portal))
        return sql_fail(e, SQL_DUPLICATE_CURSOR, "portal \"" STR_FMT "\" already exists", STR_ARG(m->portal));
    portal *p = portal_add(&c->portals, m->portal, s, e);
    if (!p) return false;
    if (!bind_values(p, m, e)) {
        portal_drop(&c->portals, m->portal);
        return false;
    }
    msg_empty(&c->wire->out, '2');
    return true;
}

/* ---- Describe --------------------------------------------------------------------------- */

static call call_of(const prepared *s, const patron_params *params)
{
    return (call){
        .query = str_of(s->text),
        .text = s->text,
        .route = s->route,
        .params = params,
        .param_types = s->types,
    };
}

/* A number of result formats must be 0, 1 or that of the columns. */
static bool check_formats(const portal *p, const answer *x, sql_error *e)
{
    if (!x->has_rows || p->n_formats <= 1 || p->n_formats == x->n_columns) return true;
    return sql_fail(e, SQL_PROTOCOL_VIOLATION, "%u result formats were bound, but the answer has %u columns",
                    p->n_formats, x->n_columns);
}

/* What a reading portal gives, computed once. */
static bool run_portal(client *c, portal *p, sql_error *e)
{
    call what = call_of(p->statement, &p->params);
    if (!client_execute(c, &what, &p->result, e)) return false;
    if (!check_formats(p, &p->result, e)) {
        answer_free(&p->result);
        return false;
    }
    p->is_run = true;
    client_warn_cells(c, &p->result);
    return true;
}

static bool describe_portal(client *c, portal *p, sql_error *e)
{
    answer columns = {0};
    call what = call_of(p->statement, &p->params);
    if (what.route.is_reading && !p->is_run && !run_portal(c, p, e)) return false;
    if (!p->is_run && !client_describe(c, &what, &columns, e)) return false;
    const answer *x = p->is_run ? &p->result : &columns;
    bool is_done = check_formats(p, x, e) && shape_set(&p->statement->described, x, e);
    if (is_done) client_row_description(c, x, p->n_formats, p->formats);
    p->is_described = is_done;
    answer_free(&columns);
    return is_done;
}

/* Nulls for all parameters. */
static bool null_params(arena *a, uint16_t n, patron_params *out)
{
    patron_param *items = arena_array(a, patron_param, n);
    if (!items) return false;
    for (uint16_t i = 0; i < n; i++)
        if (!(items[i].name = str_printf(a, "%u", i + 1u).ptr)) return false;
    *out = (patron_params){n, items};
    return true;
}

static bool describe_statement(client *c, prepared *s, sql_error *e)
{
    answer columns = {0};
    patron_params params = {0};
    strbuf *out = &c->wire->out;
    arena *a = arena_new(0);
    call what = call_of(s, &params);
    bool is_done =
        a && null_params(a, s->n_params, &params) ? client_describe(c, &what, &columns, e) : no_memory(e);
    if (!is_done && s->n_params > 0)
        sql_hint(e,
                 "to describe the statement its parameters were taken as null; describe the portal instead");
    is_done = is_done && shape_set(&s->described, &columns, e);
    if (is_done) {
        size_t mark = msg_begin(out, 't');
        msg_put_u16(out, s->n_params);
        for (uint16_t i = 0; i < s->n_params; i++)
            msg_put_i32(out, (int32_t)(s->types[i] ? s->types[i] : OID_TEXT));
        msg_end(out, mark);
        client_row_description(c, &columns, 0, NULL);
    }
    answer_free(&columns);
    arena_free(a);
    return is_done;
}

static bool no_portal(pt_str name, sql_error *e)
{
    return sql_fail(e, SQL_NO_CURSOR, "portal \"" STR_FMT "\" does not exist", STR_ARG(name));
}

static bool describe(client *c, const name_msg *m, sql_error *e)
{
    if (m->kind == 'P') {
        portal *p = portal_find(c->portals, m->name);
        return p ? describe_portal(c, p, e) : no_portal(m->name, e);
    }
    prepared *s = prepared_find(c->statements, m->name);
    if (s) return describe_statement(c, s, e);
    return sql_fail(e, SQL_NO_STATEMENT, "prepared statement \"" STR_FMT "\" does not exist",
                    STR_ARG(m->name));
}

/* ---- Execute ------------------------------------------------------------------------------- */

static bool send_rows(client *c, portal *p, uint32_t max_rows, sql_error *e)
{
    uint64_t from = p->next_row;
    if (!client_rows(c, &p->result, from, max_rows, p->n_formats, p->formats, &p->next_row, e)) return false;
    p->is_done = p->next_row == p->result.n_rows;
    if (p->is_done)
        client_complete(c, &p->result, p->next_row - from);
    else
        msg_empty(&c->wire->out, 's');
    return true;
}

static bool execute(client *c, const execute_msg *m, sql_error *e)
{
    portal *p = portal_find(c->portals, m->portal);
    if (!p) return no_portal(m->portal, e);
    if (p->statement->route.kind == ROUTE_EMPTY) {
        msg_empty(&c->wire->out, 'I');
        return true;
    }
    if (!transaction_admits(&c->tx, true, e) && p->statement->route.kind != ROUTE_TRANSACTION) return false;
    *e = (sql_error){0};
    if (p->is_done && !p->result.has_rows)
        return sql_fail(e, SQL_NO_CURSOR, "portal \"" STR_FMT "\" has run already", STR_ARG(m->portal));
    atomic_store(&c->seat->is_cancelled, false);
    if (!p->is_run && !run_portal(c, p, e)) return false;
    if (!p->is_described && !shape_apply(&p->statement->described, &p->result, e)) return false;
    if (p->result.has_rows) return send_rows(c, p, m->max_rows, e);
    p->is_done = true;
    client_complete(c, &p->result, 0);
    return true;
}

/* ---- messages -------------------------------------------------------------------------------- */

static bool close_object(client *c, const name_msg *m)
{
    if (m->kind == 'S')
        prepared_drop(&c->statements, m->name);
    else
        portal_drop(&c->portals, m->name);
    msg_empty(&c->wire->out, '3');
    return true;
}

static bool handle(client *c, char type, pt_str body, arena *a, sql_error *e)
{
    parse_msg p;
    bind_msg b;
    name_msg n;
    execute_msg x;
    switch (type) {
    case 'P': return msg_read_parse(body, a, &p) ? parse(c, &p, e) : malformed(e, "Parse");
    case 'B': return msg_read_bind(body, a, &b) ? bind(c, &b, e) : malformed(e, "Bind");
    case 'D': return msg_read_name(body, &n) ? describe(c, &n, e) : malformed(e, "Describe");
    case 'E': return msg_read_execute(body, &x) ? execute(c, &x, e) : malformed(e, "Execute");
    case 'C': return msg_read_name(body, &n) ? close_object(c, &n) : malformed(e, "Close");
    default: return malformed(e, "extended");
    }
}

bool client_extended(client *c, char type, pt_str body, sql_error *e)
{
    arena *a = arena_new(0);
    bool is_done = a ? handle(c, type, body, a, e) : no_memory(e);
    arena_free(a);
    return is_done;
}
