/* portal.c - see portal.h. */
#include "server/portal.h"

#include "server/types.h"

static char *copy_text(pt_str s)
{
    char *copy = mem_alloc(s.len + 1, 1);
    if (copy && s.len) memcpy(copy, s.ptr, s.len);
    return copy;
}

/* ---- shapes ------------------------------------------------------------------------ */

static void shape_free(shape *s)
{
    arena_free(s->a);
    *s = (shape){0};
}

bool shape_set(shape *s, const answer *x, sql_error *e)
{
    shape_free(s);
    s->is_known = true;
    s->has_rows = x->has_rows;
    s->n = x->n_columns;
    if (x->n_columns == 0) return true;
    s->a = arena_new(0);
    s->names = s->a ? arena_array(s->a, const char *, s->n) : NULL;
    s->types = s->a ? arena_array(s->a, uint32_t, s->n) : NULL;
    bool is_done = s->names && s->types;
    for (uint32_t i = 0; is_done && i < s->n; i++) {
        s->types[i] = x->types[i];
        s->names[i] = arena_dup(s->a, x->names[i], strlen(x->names[i]));
        is_done = s->names[i] != NULL;
    }
    if (is_done) return true;
    shape_free(s);
    return sql_fail(e, SQL_OUT_OF_MEMORY, "out of memory");
}

/* Can every value of `from` be written as `to`? A column of cells has the type its values have in common,
 * which new data may change. */
static bool widens(uint32_t from, uint32_t to)
{
    if (from == to || to == OID_TEXT) return true;
    if (to == OID_FLOAT8) return from == OID_INT8 || from == OID_NUMERIC;
    return to == OID_NUMERIC && from == OID_INT8;
}

bool shape_apply(const shape *s, answer *x, sql_error *e)
{
    if (!s->is_known) return true;
    bool is_same = s->has_rows == x->has_rows && s->n == x->n_columns;
    for (uint32_t i = 0; is_same && i < s->n; i++)
        is_same = strcmp(s->names[i], x->names[i]) == 0 && widens(x->types[i], s->types[i]);
    if (is_same) {
        for (uint32_t i = 0; i < s->n; i++) x->types[i] = s->types[i];
        return true;
    }
    sql_fail(e, SQL_UNSUPPORTED, "cached plan must not change result type");
    e->routine = "RevalidateCachedQuery"; /* by this pgjdbc knows that it should prepare again */
    return sql_hint(e,
                    "the columns of this statement are others than when it was described: prepare it again");
}

/* ---- statements --------------------------------------------------------------------- */

prepared *prepared_find(prepared *list, pt_str name)
{
    for (; list; list = list->next)
        if (str_eq(str_of(list->name), name)) return list;
    return NULL;
}

static void prepared_put(prepared *s)
{
    if (--s->n_users > 0) return;
    shape_free(&s->described);
    mem_free(s->name);
    mem_free(s->text);
    mem_free(s->types);
    mem_free(s);
}

bool prepared_add(prepared **list, const parse_msg *m, route r, uint16_t n_params, sql_error *e)
{
    size_t n = 0;
    for (const prepared *s = *list; s; s = s->next) n++;
    if (n >= MAX_PREPARED) {
        sql_fail(e, SQL_LIMIT, "more than %d prepared statements", MAX_PREPARED);
        return sql_hint(e, "close those that are not needed, or send DEALLOCATE ALL");
    }
    prepared *s = mem_alloc(1, sizeof *s);
    if (!s) return sql_fail(e, SQL_OUT_OF_MEMORY, "out of memory");
    *s = (prepared){.n_users = 1, .route = r, .n_params = n_params};
    s->name = copy_text(m->name);
    s->text = copy_text(m->query);
    s->types = mem_alloc((size_t)n_params + 1, sizeof *s->types);
    if (!s->name || !s->text || !s->types) {
        prepared_put(s);
        return sql_fail(e, SQL_OUT_OF_MEMORY, "out of memory");
    }
    for (uint16_t i = 0; i < n_params && i < m->n_types; i++) s->types[i] = m->types[i];
    s->next = *list;
    *list = s;
    return true;
}

void prepared_drop(prepared **list, pt_str name)
{
    for (prepared **at = list; *at; at = &(*at)->next) {
        prepared *s = *at;
        if (!str_eq(str_of(s->name), name)) continue;
        *at = s->next;
        prepared_put(s);
        return;
    }
}

void prepared_drop_all(prepared **list)
{
    while (*list) {
        prepared *s = *list;
        *list = s->next;
        prepared_put(s);
    }
}

/* ---- portals --------------------------------------------------------------------------- */

portal *portal_find(portal *list, pt_str name)
{
    for (; list; list = list->next)
        if (str_eq(str_of(list->name), name)) return list;
    return NULL;
}

static void portal_free(portal *p)
{
    answer_free(&p->result);
    prepared_put(p->statement);
    arena_free(p->a);
    mem_free(p->name);
    mem_free(p);
}

portal *portal_add(portal **list, pt_str name, prepared *statement, sql_error *e)
{
    size_t n = 0;
    for (const portal *p = *list; p; p = p->next) n++;
    if (n >= MAX_PORTALS) {
        sql_fail(e, SQL_LIMIT, "more than %d open portals", MAX_PORTALS);
        return NULL;
    }
    portal *p = mem_alloc(1, sizeof *p);
    if (!p) {
        sql_fail(e, SQL_OUT_OF_MEMORY, "out of memory");
        return NULL;
    }
    statement->n_users++;
    *p = (portal){.statement = statement, .name = copy_text(name), .a = arena_new(0)};
    if (!p->name || !p->a) {
        portal_free(p);
        sql_fail(e, SQL_OUT_OF_MEMORY, "out of memory");
        return NULL;
    }
    p->next = *list;
    *list = p;
    return p;
}

void portal_drop(portal **list, pt_str name)
{
    for (portal **at = list; *at; at = &(*at)->next) {
        portal *p = *at;
        if (!str_eq(str_of(p->name), name)) continue;
        *at = p->next;
        portal_free(p);
        return;
    }
}

void portal_drop_all(portal **list)
{
    while (*list) {
        portal *p = *list;
        *list = p->next;
        portal_free(p);
    }
}
