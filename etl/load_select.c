/* load_select.c - the mappings that a load runs, from their definitions in the catalog. */
#include "etl/etl.h"

#include "base/nearest.h"
#include "lang/parse.h"

typedef struct selection {
    const load_options *options;
    const catalog_def *defs;
    uint32_t n_defs;
    arena *a;
    etl_mapping *out;
    uint32_t n;
    pt_err *err;
} selection;

static pt_status parse_def(const selection *s, const catalog_def *d, ast_stmt **out)
{
    pt_err why = {0};
    pt_str text = str_copy(s->a, d->text); /* the tree must outlive the snapshot */
    if (!text.ptr) return arena_fail(s->a, s->err);
    pt_status st = parse_statement(text, s->a, out, &why);
    if (st == PT_OK) return st;
    return pt_fail(s->err, st == PT_NOMEM ? st : PT_CORRUPT,
                   "the stored definition of [" STR_FMT "] does not parse: %s", STR_ARG(d->name), why.msg);
}

static const catalog_def *find_def(const selection *s, object_kind kind, pt_str name)
{
    for (uint32_t i = 0; i < s->n_defs; i++)
        if (s->defs[i].kind == kind && str_eq_fold(s->defs[i].name, name)) return &s->defs[i];
    return NULL;
}

static pt_status fail_unknown(const selection *s, object_kind kind, const char *what, pt_str name)
{
    nearest near = nearest_to(name);
    for (uint32_t i = 0; i < s->n_defs; i++)
        if (s->defs[i].kind == kind) nearest_offer(&near, s->defs[i].name);
    pt_fail(s->err, PT_NAME, "unknown %s [" STR_FMT "]", what, STR_ARG(name));
    if (!near.best.ptr)
        return pt_hint(s->err, "%s",
                       kind == OBJ_SOURCE ? "SHOW SOURCES lists them" : "SHOW MAPPINGS lists them");
    nearest_hint(&near, s->err);
    return PT_NAME;
}

static pt_status add(selection *s, const catalog_def *d)
{
    ast_stmt *stmt, *source_stmt;
    PT_TRY(parse_def(s, d, &stmt));
    const ast_mapping *m = stmt->mapping;
    const catalog_def *from = find_def(s, OBJ_SOURCE, m->source);
    if (!from) return fail_unknown(s, OBJ_SOURCE, "source", m->source);
    PT_TRY(parse_def(s, from, &source_stmt));
    for (uint32_t i = 0; i < s->n; i++)
        if (s->out[i].id == d->id) return PT_OK; /* named twice */
    s->out[s->n++] = (etl_mapping){d->id, m, source_stmt->source};
    return PT_OK;
}

static bool is_of_source(const selection *s, const ast_mapping *m)
{
    return !s->options->source.len || str_eq_fold(m->source, s->options->source);
}

static pt_status select_named(selection *s)
{
    for (uint32_t i = 0; i < s->options->n_mappings; i++) {
        pt_str name = s->options->mappings[i];
        const catalog_def *d = find_def(s, OBJ_MAPPING, name);
        if (!d) return fail_unknown(s, OBJ_MAPPING, "mapping", name);
        uint32_t n = s->n;
        PT_TRY(add(s, d));
        if (s->n > n && !is_of_source(s, s->out[n].def))
            return pt_fail(s->err, PT_USAGE,
                           "mapping [" STR_FMT "] reads from source [" STR_FMT "], not [" STR_FMT "]",
                           STR_ARG(name), STR_ARG(s->out[n].def->source), STR_ARG(s->options->source));
    }
    return PT_OK;
}

static pt_status select_all(selection *s)
{
    for (uint32_t i = 0; i < s->n_defs; i++) {
        if (s->defs[i].kind != OBJ_MAPPING) continue;
        uint32_t n = s->n;
        PT_TRY(add(s, &s->defs[i]));
        if (s->n > n && !is_of_source(s, s->out[n].def)) s->n = n;
    }
    if (s->n) return PT_OK;
    if (s->options->source.len)
        return pt_fail(s->err, PT_USAGE, "no mapping reads from source [" STR_FMT "]",
                       STR_ARG(s->options->source));
    pt_fail(s->err, PT_USAGE, "there are no mappings to load by");
    return pt_hint(s->err, "define some with CREATE MAPPING");
}

/* Members first, so that facts find them; else in the order given. */
static pt_status dimensions_first(selection *s)
{
    etl_mapping *sorted = arena_array(s->a, etl_mapping, s->n);
    uint32_t n = 0;
    if (!sorted) return arena_fail(s->a, s->err);
    for (int into_cube = 0; into_cube < 2; into_cube++)
        for (uint32_t i = 0; i < s->n; i++)
            if (s->out[i].def->into_cube == (into_cube == 1)) sorted[n++] = s->out[i];
    s->out = sorted;
    return PT_OK;
}

pt_status etl_select(const view *v, const load_options *o, arena *a, etl_mapping **out, uint32_t *n,
                     pt_err *err)
{
    selection s = {.options = o, .a = a, .err = err};
    s.defs = snapshot_defs(v->snap, &s.n_defs);
    if (o->source.len && !find_def(&s, OBJ_SOURCE, o->source))
        return fail_unknown(&s, OBJ_SOURCE, "source", o->source);
    if (!(s.out = arena_array(a, etl_mapping, (size_t)s.n_defs + o->n_mappings + 1)))
        return arena_fail(a, err);
    PT_TRY(o->n_mappings ? select_named(&s) : select_all(&s));
    PT_TRY(dimensions_first(&s));
    *out = s.out;
    *n = s.n;
    return PT_OK;
}
