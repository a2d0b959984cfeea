/* define_drop.c - DROP kind [IF EXISTS] name [CASCADE].
 *
 * Dependents are found by leaving the definition out and building what is left: whatever fails needed it. It
 * is left out too, until the rest holds. */
#include "engine/define_int.h"

#include "lang/parse.h"

static pt_status find_dropped(define_job *j, const ast_stmt *s, uint32_t *i, pt_str *name)
{
    pt_span at = s->name_at;
    bool is_formula = s->object == OBJ_MEMBER || s->object == OBJ_SET;
    *name = s->name;
    if (is_formula) {
        if (s->n_items != 1 || s->items[0]->kind != AST_ID || s->name.len == 0)
            return pt_fail_at(j->err, PT_SYNTAX, s->at, "expected [cube].[name]");
        at = s->items[0]->at;
        *name = formula_full_name(j->a, s->name, s->items[0]);
        if (!name->ptr) return arena_fail(j->a, j->err);
    }
    *i = define_find(j, s->object, *name);
    if (*i != MEMBER_NONE || s->if_exists) return PT_OK;
    nearest near = nearest_to(*name);
    for (uint32_t k = 0; k < j->n; k++)
        if (j->defs[k].kind == s->object) nearest_offer(&near, j->defs[k].name);
    const char *kind = object_kind_name(s->object);
    if (is_formula)
        pt_fail_at(j->err, PT_NAME, at, "no %s " STR_FMT " was created", kind, STR_ARG(*name));
    else
        pt_fail_at(j->err, PT_NAME, at, "unknown %s [" STR_FMT "]", kind, STR_ARG(*name));
    nearest_hint(&near, j->err);
    if (is_formula)
        pt_hint(j->err, "what belongs to the definition of the cube changes with CREATE OR REPLACE CUBE");
    return PT_NAME;
}

static void add_dependent(strbuf *b, uint32_t n_before, const schema_def *d)
{
    enum { NAMED = 5 };
    bool is_formula = d->kind == OBJ_MEMBER || d->kind == OBJ_SET;
    if (n_before == NAMED) strbuf_addz(b, ", ...");
    if (n_before >= NAMED) return;
    strbuf_printf(b, "%s%s ", n_before ? ", " : "", object_kind_name(d->kind));
    if (is_formula)
        strbuf_adds(b, d->name);
    else
        ast_print_name(d->name, b);
}

/* Take definition `i` out of left[0..*n), and from there whatever no longer holds. Their ids go to `ids`; the
 * names of the dependents into `names`. */
static pt_status leave_out(define_job *j, schema_def *left, uint32_t *n, uint32_t i, uint32_t *ids,
                           uint32_t *n_ids, strbuf *names)
{
    for (;;) {
        ids[(*n_ids)++] = left[i].id;
        if (*n_ids > 1) add_dependent(names, *n_ids - 2, &left[i]);
        memmove(left + i, left + i + 1, (*n - i - 1) * sizeof *left);
        (*n)--;
        pt_err why = {0};
        pt_status st = define_try(j, left, *n, &i, &why);
        if (st == PT_OK) return PT_OK;
        if (st == PT_NOMEM) return pt_fail(j->err, st, "%s", why.msg);
        if (NEVER(*n == 0 || i >= *n)) return pt_fail(j->err, PT_INTERNAL, "no definition is left to drop");
    }
}

pt_status define_drop(define_job *j, const ast_stmt *s)
{
    uint32_t i, n = j->n, n_ids = 0;
    pt_str name;
    PT_TRY(find_dropped(j, s, &i, &name));
    if (i == MEMBER_NONE) return PT_OK;
    uint32_t *ids = arena_array(j->a, uint32_t, n);
    schema_def *left = arena_array(j->a, schema_def, n);
    if (!ids || !left) return arena_fail(j->a, j->err);
    memcpy(left, j->defs, n * sizeof *left);
    strbuf names = {0};
    pt_status st = leave_out(j, left, &n, i, ids, &n_ids, &names);
    if (st == PT_OK && n_ids > 1 && !s->cascade) {
        st = pt_fail_at(j->err, PT_DEPENDENT, s->name_at, "%s [" STR_FMT "] is used by %s",
                        object_kind_name(s->object), STR_ARG(name), names.ptr ? names.ptr : "others");
        pt_hint(j->err, "drop what uses it first, or add CASCADE to drop all of it, with its data");
    }
    strbuf_free(&names);
    if (st != PT_OK) return st;
    j->result = DEFINE_DROPPED;
    for (uint32_t k = 0; j->txn && k < n_ids; k++) PT_TRY(txn_drop_def(j->txn, ids[k], j->err));
    return PT_OK;
}
