/* look.c - fingerprints of sources. Two looks with the same fingerprint have nothing to load between them. */
#include "monitor/look.h"

#include "base/map.h"

static void add(strbuf *b, const void *bytes, size_t n)
{
    strbuf_add(b, bytes, n);
}

static pt_status look_at_table(source *s, pt_str table, int64_t settle_ns, arena *a, strbuf *seen,
                               uint32_t *n_settled, uint32_t *n_unsettled, pt_err *err)
{
    source_part *parts;
    uint32_t n;
    PT_TRY(source_parts(s, table, a, &parts, &n, err));
    *n_settled = *n_unsettled = 0;
    for (uint32_t i = 0; i < n; i++) {
        if (!source_is_transactional(s) && !source_part_is_settled(&parts[i], settle_ns)) {
            ++*n_unsettled;
            continue;
        }
        ++*n_settled;
        add(seen, parts[i].name.ptr, parts[i].name.len + 1);
        add(seen, &parts[i].stamp, sizeof parts[i].stamp);
    }
    return PT_OK;
}

/* The texts of the mapping and of its source: a new definition is a reason to look again. */
static void add_definitions(const view *v, const etl_mapping *m, strbuf *seen)
{
    uint32_t n;
    const catalog_def *defs = snapshot_defs(v->snap, &n);
    for (uint32_t i = 0; i < n; i++)
        if (defs[i].id == m->id || (defs[i].kind == OBJ_SOURCE && str_eq_fold(defs[i].name, m->source->name)))
            strbuf_adds(seen, defs[i].text);
}

pt_status look_at(source *s, const view *v, const etl_mapping *m, int64_t settle_ns, arena *a, look *out,
                  pt_err *err)
{
    strbuf seen = {0};
    *out = (look){.is_transactional = source_is_transactional(s)};
    add_definitions(v, m, &seen);
    pt_status st =
        look_at_table(s, m->def->table.name, settle_ns, a, &seen, &out->n_parts, &out->n_unsettled, err);
    for (uint32_t i = 0; i < m->def->n_joins && st == PT_OK; i++) {
        uint32_t n_settled, n_unsettled;
        st =
            look_at_table(s, m->def->joins[i].table.name, settle_ns, a, &seen, &n_settled, &n_unsettled, err);
        if (st == PT_OK && n_unsettled) out->is_blocked = true;
    }
    if (st == PT_OK && seen.failed) st = pt_fail(err, PT_NOMEM, "out of memory");
    if (st == PT_OK) out->fingerprint = hash_bytes(seen.ptr, seen.len);
    strbuf_free(&seen);
    return st;
}
