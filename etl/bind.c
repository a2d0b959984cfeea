/* bind.c - finding columns by name, in any case of letters. */
#include "etl/bind.h"

#include "base/nearest.h"
#include "etl/lookup.h"

pt_status bind_find(const source_reader *r, pt_str part, pt_str name, uint32_t *field, pt_err *err)
{
    *field = BIND_NONE;
    for (uint32_t i = 0; i < source_n_columns(r); i++) {
        if (!str_eq_fold(source_column(r, i), name)) continue;
        if (*field != BIND_NONE)
            return pt_fail(err, PT_DATA, "'" STR_FMT "' has several columns [" STR_FMT "]", STR_ARG(part),
                           STR_ARG(name));
        *field = i;
    }
    return PT_OK;
}

pt_status bind_fail_missing(const source_reader *r, pt_str part, pt_str name, pt_err *err)
{
    nearest near = nearest_to(name);
    strbuf all = {0};
    for (uint32_t i = 0; i < source_n_columns(r); i++) {
        nearest_offer(&near, source_column(r, i));
        strbuf_printf(&all, "%s" STR_FMT, i ? ", " : "", STR_ARG(source_column(r, i)));
    }
    pt_fail(err, PT_NAME, "'" STR_FMT "' has no column [" STR_FMT "]", STR_ARG(part), STR_ARG(name));
    nearest_hint(&near, err);
    if (!all.failed) pt_hint(err, "its columns are: %s", all.ptr ? all.ptr : "none");
    strbuf_free(&all);
    return PT_NAME;
}

/* The table that gives a column, and from where. */
static pt_status find_giver(const mapping *m, lookup *const *lookups, const source_reader *r, pt_str part,
                            uint32_t c, uint32_t *table, uint32_t *from, pt_err *err)
{
    const expr_column *col = &m->scope.columns[c];
    *from = BIND_NONE;
    if (col->table == 0 || col->table == EXPR_ANY_TABLE) {
        *table = 0;
        PT_TRY(bind_find(r, part, col->name, from, err));
        if (*from != BIND_NONE) return PT_OK;
        if (col->table == 0) return bind_fail_missing(r, part, col->name, err);
    }
    for (uint32_t i = 0; i < m->n_joins; i++) {
        uint32_t at = lookup_column(lookups[i], c);
        if (at == BIND_NONE || (col->table != EXPR_ANY_TABLE && col->table != i + 1)) continue;
        if (*from != BIND_NONE) {
            pt_fail(err, PT_NAME, "column [" STR_FMT "] is in several joined tables", STR_ARG(col->name));
            return pt_hint(err, "write table.column");
        }
        *table = i + 1;
        *from = at;
    }
    return *from != BIND_NONE ? PT_OK : bind_fail_missing(r, part, col->name, err);
}

pt_status bind_part(const mapping *m, lookup *const *lookups, const source_reader *r, pt_str part, arena *a,
                    binding *out, pt_err *err)
{
    uint32_t n = m->scope.n_columns;
    out->tables = arena_array(a, bind_table, m->n_joins + 1);
    if (!out->tables) return arena_fail(a, err);
    for (uint32_t t = 0; t <= m->n_joins; t++)
        if (!(out->tables[t].pairs = arena_array(a, bind_pair, n))) return arena_fail(a, err);
    for (uint32_t c = 0; c < n; c++) {
        uint32_t table = 0, from;
        PT_TRY(find_giver(m, lookups, r, part, c, &table, &from, err));
        bind_table *t = &out->tables[table];
        t->pairs[t->n++] = (bind_pair){c, from};
    }
    /* The key of a join comes from tables before it, or it could not be looked up yet. */
    for (uint32_t j = 0; j < m->n_joins; j++)
        for (uint32_t k = 0; k < m->joins[j].n_keys; k++)
            for (uint32_t t = j + 1; t <= m->n_joins; t++)
                for (uint32_t i = 0; i < out->tables[t].n; i++)
                    if (out->tables[t].pairs[i].column == m->joins[j].left[k])
                        return pt_fail(err, PT_NAME,
                                       "column [" STR_FMT "], which table '" STR_FMT "' is joined by, is not "
                                       "in a table before it",
                                       STR_ARG(m->scope.columns[m->joins[j].left[k]].name),
                                       STR_ARG(m->joins[j].def->table.name));
    return PT_OK;
}
