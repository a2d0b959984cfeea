/* define.c - running definition statements: one transaction each; a first run without it finds what is wrong
 * or unchanged, so that a script that changes nothing needs no lock. */
#include "engine/define_int.h"

#include "engine/calendar.h"
#include "engine/cuboid.h"

#include "lang/parse.h"

enum { DEFINE_WAIT_US = 10 * 1000 * 1000 };

/* ---- texts --------------------------------------------------------------------------- */

pt_str define_text(arena *a, const ast_stmt *s)
{
    ast_stmt plain = *s;
    plain.or_replace = false;
    strbuf b = {0};
    ast_print(&plain, &b);
    pt_str text = b.failed ? (pt_str){NULL, 0} : str_copy(a, strbuf_str(&b));
    strbuf_free(&b);
    return text;
}

pt_status define_is_same(arena *a, const ast_stmt *x, const ast_stmt *y, bool *is_same, pt_err *err)
{
    pt_str tx = define_text(a, x), ty = define_text(a, y);
    if (!tx.ptr || !ty.ptr) return arena_fail(a, err);
    *is_same = str_eq(tx, ty);
    return PT_OK;
}

uint32_t define_find(const define_job *j, object_kind kind, pt_str name)
{
    for (uint32_t i = 0; i < j->n; i++)
        if (j->defs[i].kind == kind && str_eq_fold(j->defs[i].name, name)) return i;
    return MEMBER_NONE;
}

/* ---- trying ---------------------------------------------------------------------------- */

static bool is_target_of_cube(const cube *c, pt_str name)
{
    if (cube_find_role(c, name) != MEMBER_NONE || cube_find_column(c, name) != MEMBER_NONE) return true;
    for (uint32_t i = 0; i < c->n_dims; i++)
        if (str_eq_fold(c->dims[i].name, name)) return true;
    for (uint32_t i = 0; i < c->n_measures; i++)
        if (str_eq_fold(c->measures[i].name, name)) return true;
    return false;
}

static bool is_target_of_dimension(const dimension *d, pt_str name)
{
    return dimension_attr(d, name) != MEMBER_NONE || str_eq_fold(name, STR(TARGET_VALID_FROM_NAME));
}

static pt_status check_mapping(const schema *s, const schema_def *defs, uint32_t n, const ast_mapping *m,
                               pt_err *err)
{
    const cube *c = m->into_cube ? schema_cube(s, m->target) : NULL;
    const dimension *d = m->into_cube ? NULL : schema_dimension(s, m->target);
    if (!c && !d)
        return pt_fail_at(err, PT_NAME, m->name_at, "unknown %s [" STR_FMT "]",
                          m->into_cube ? "cube" : "dimension", STR_ARG(m->target));
    bool has_source = m->source.len == 0;
    for (uint32_t i = 0; i < n && !has_source; i++)
        has_source = defs[i].kind == OBJ_SOURCE && str_eq_fold(defs[i].name, m->source);
    if (!has_source)
        return pt_fail_at(err, PT_NAME, m->name_at, "unknown source [" STR_FMT "]", STR_ARG(m->source));
    for (uint32_t i = 0; i < m->n_targets; i++) {
        pt_str name = m->targets[i].name;
        if (c ? is_target_of_cube(c, name) : is_target_of_dimension(d, name)) continue;
        return pt_fail_at(err, PT_NAME, m->targets[i].at, "[" STR_FMT "] has no column [" STR_FMT "]",
                          STR_ARG(m->target), STR_ARG(name));
    }
    return PT_OK;
}

pt_status define_try(define_job *j, const schema_def *defs, uint32_t n, uint32_t *bad, pt_err *err)
{
    schema_put(j->after);
    j->after = NULL;
    *bad = 0;
    arena *a = arena_new(0);
    if (!a) return pt_fail(err, PT_NOMEM, "out of memory while checking definitions");
    pt_status st = schema_from_defs(a, defs, n, &j->after, bad, err);
    if (st != PT_OK) arena_free(a);
    for (uint32_t i = 0; st == PT_OK && i < n; i++) {
        if (defs[i].kind != OBJ_MAPPING) continue;
        *bad = i;
        st = check_mapping(j->after, defs, n, defs[i].stmt->mapping, err);
    }
    return st;
}

pt_status define_try_change(define_job *j, uint32_t changed)
{
    uint32_t bad;
    pt_err why = {0};
    pt_status st = define_try(j, j->defs, j->n, &bad, &why);
    if (st == PT_OK) return PT_OK;
    if (bad == changed || st == PT_NOMEM) {
        if (why.has_place)
            pt_fail_at(j->err, st, why.at, "%s", why.msg);
        else
            pt_fail(j->err, st, "%s", why.msg);
        if (why.hint[0]) pt_hint(j->err, "%s", why.hint);
        return st;
    }
    const schema_def *d = &j->defs[bad];
    pt_fail(j->err, PT_DEPENDENT, "%s [" STR_FMT "] would no longer be valid: %s", object_kind_name(d->kind),
            STR_ARG(d->name), why.msg);
    pt_hint(j->err, "change or drop it first");
    return PT_DEPENDENT;
}

/* ---- writing --------------------------------------------------------------------------- */

/* The next version of a dimension's members: as they are under the new definition; a calendar writes its
 * days. */
static pt_status write_members(define_job *j, const dimension *d)
{
    const dim_view *from = snapshot_dim(j->base, d->id);
    if (!from && !d->def->is_generated) return PT_OK;
    if (!from) from = j->after->empty[d - j->after->dims];
    dim_edit *e;
    PT_TRY(dim_edit_new(from, &d->spec, &e, j->err));
    pt_status st = PT_OK;
    if (d->def->is_generated) st = calendar_fill(d->def, &d->spec, e, j->err);
    if (st == PT_OK && dim_edit_is_changed(e)) st = txn_put_dim(j->txn, d->id, e, NULL, j->err);
    dim_edit_free(e);
    return st;
}

/* The id of a new cuboid is known only now. */
static void cuboid_set_id(const schema *s, pt_str name, uint32_t id)
{
    for (uint32_t i = 0; i < s->n_cubes; i++)
        for (uint32_t k = 0; k < s->cubes[i].n_cuboids; k++)
            if (str_eq_fold(s->cubes[i].cuboids[k].name, name)) s->cubes[i].cuboids[k].id = id;
}

pt_status define_write(define_job *j, uint32_t i, pt_str name)
{
    if (!j->txn) return PT_OK;
    schema_def *d = &j->defs[i];
    pt_str text = define_text(j->a, d->stmt);
    if (!text.ptr) return arena_fail(j->a, j->err);
    PT_TRY(txn_put_def(j->txn, &d->id, d->kind, name, text, j->err));
    if (d->kind == OBJ_CUBOID) cuboid_set_id(j->after, name, d->id);
    if (d->kind != OBJ_DIMENSION) return PT_OK;
    dimension *written = (dimension *)schema_dimension(j->after, name);
    if (NEVER(!written)) return pt_fail(j->err, PT_INTERNAL, "a dimension was lost while it was defined");
    written->id = d->id; /* known only now */
    return write_members(j, written);
}

/* ---- running ----------------------------------------------------------------------------- */

typedef pt_status (*define_fn)(define_job *j, const ast_stmt *s);

static pt_status run_on(const snapshot *base, store_txn *txn, pool *p, define_fn fn, const ast_stmt *s,
                        define_result *result, pt_err *err)
{
    define_job j = {.base = base, .txn = txn, .result = DEFINE_UNCHANGED, .err = err};
    arena *before = NULL;
    pt_status st;
    j.a = arena_new(0);
    before = arena_new(0);
    if (!j.a || !before) {
        st = pt_fail(err, PT_NOMEM, "out of memory while reading definitions");
        goto done;
    }
    schema_def *defs;
    if ((st = schema_parse_defs(base, j.a, &defs, &j.n, err)) != PT_OK) goto done;
    j.defs = arena_array(j.a, schema_def, (size_t)j.n + 1);
    if (!j.defs) {
        st = arena_fail(j.a, err);
        goto done;
    }
    if (j.n) memcpy(j.defs, defs, j.n * sizeof *defs);
    if ((st = schema_from_defs(before, defs, j.n, &j.before, NULL, err)) != PT_OK) goto done;
    before = NULL;
    st = fn(&j, s);
    *result = j.result;
    if (st == PT_OK && txn && j.after && j.result != DEFINE_UNCHANGED)
        st = cuboid_maintain_all(txn, j.after, p, &(limits){0}, err);
done:
    schema_put(j.after);
    schema_put(j.before);
    if (before) arena_free(before);
    if (j.a) arena_free(j.a);
    return st;
}

static pt_status run(warehouse *w, define_fn fn, const ast_stmt *s, define_result *result, pt_err *err)
{
    snapshot *snap;
    PT_TRY(store_snapshot(warehouse_store(w), &snap, err));
    pt_status st = run_on(snap, NULL, NULL, fn, s, result, err);
    snapshot_put(snap);
    if (st != PT_OK || *result == DEFINE_UNCHANGED) return st;

    store_txn *txn;
    PT_TRY(store_begin(warehouse_store(w), DEFINE_WAIT_US, &txn, err));
    st = run_on(txn_base(txn), txn, warehouse_pool(w), fn, s, result, err);
    if (st == PT_OK && *result != DEFINE_UNCHANGED) return txn_commit(txn, err);
    txn_abort(txn);
    return st;
}

pt_status define_run(warehouse *w, const ast_stmt *s, pt_str text, define_result *result, pt_err *err)
{
    (void)text; /* places in messages count from it; the words come from the tree */
    define_fn fn = NULL;
    *result = DEFINE_UNCHANGED;
    if (s->is_session) return pt_fail_at(err, PT_USAGE, s->at, "a session's own definition is not stored");
    if (s->kind == STMT_CREATE_DIMENSION || s->kind == STMT_CREATE_CUBE || s->kind == STMT_CREATE_FORMULA ||
        s->kind == STMT_CREATE_CUBOID)
        fn = define_create;
    if (s->kind == STMT_ALTER_DIMENSION || s->kind == STMT_ALTER_CUBE) fn = define_alter;
    if (s->kind == STMT_DROP) fn = define_drop;
    if (!fn) return pt_fail_at(err, PT_USAGE, s->at, "this statement defines nothing");
    return run(w, fn, s, result, err);
}

pt_status define_put(warehouse *w, object_kind kind, pt_str name, const ast_stmt *s, define_result *result,
                     pt_err *err)
{
    (void)name; /* is in the tree */
    *result = DEFINE_UNCHANGED;
    bool fits = (kind == OBJ_SOURCE && s->kind == STMT_CREATE_SOURCE) ||
                (kind == OBJ_MAPPING && s->kind == STMT_CREATE_MAPPING);
    if (!fits)
        return pt_fail_at(err, PT_USAGE, s->at, "this statement defines no %s", object_kind_name(kind));
    return run(w, define_create, s, result, err);
}
