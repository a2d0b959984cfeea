/* load_dim.c - members: rows of mappings into dimensions, and the versions that a load writes.
 *
 * A dimension may be written several times in one load: after its mappings, and again before segments whose
 * facts made new members. Each time the next edit starts from the version written, so that the numbers of
 * level members which indexes store never change. */
#include "etl/load_int.h"

#include <time.h>

#include "base/date.h"

pt_status load_dim_edit(load *l, load_dim *d)
{
    return d->edit ? PT_OK : dim_edit_new(d->view, &d->dimension->spec, &d->edit, l->err);
}

pt_status load_dim_write(load *l, load_dim *d)
{
    if (!d->edit) return PT_OK;
    pt_status st = PT_OK;
    if (dim_edit_is_changed(d->edit)) st = txn_put_dim(l->txn, d->dimension->id, d->edit, &d->view, l->err);
    if (st != PT_OK) return st;
    dim_edit_free(d->edit);
    d->edit = NULL;
    return PT_OK;
}

/* ---- rows ---------------------------------------------------------- */

static int64_t today(void)
{
    struct tm civil_now;
    time_t now = time(NULL);
    localtime_r(&now, &civil_now);
    return date_days(civil_now.tm_year + 1900, civil_now.tm_mon + 1, civil_now.tm_mday);
}

/* One row: the values of the targets, put where the dimension's attributes are. */
static pt_status put_member(load *l, load_mapping *m, load_dim *d, const pt_value *row, pt_value *values,
                            bool *is_given, int64_t day)
{
    uint32_t member;
    dim_change change;
    for (uint32_t i = 0; i < m->mapping->n_targets; i++) {
        const mapping_target *t = &m->mapping->targets[i];
        if (t->kind == TARGET_VALID_FROM) {
            if (row[i].kind == VAL_DATE) day = row[i].i;
            continue;
        }
        values[t->index] = row[i];
        is_given[t->index] = true;
    }
    PT_TRY(dim_edit_put(d->edit, values, is_given, day, &member, &change, l->err));
    if (change == DIM_NEW) m->result->n_members_new++;
    if (change == DIM_OVERWRITTEN || change == DIM_VERSIONED) m->result->n_members_changed++;
    return PT_OK;
}

pt_status load_dim_consume(load *l, load_mapping *m, load_part *p, batch *b)
{
    uint32_t n = m->mapping->dimension->spec.n_attrs, n_targets = m->mapping->n_targets;
    load_dim *d = &l->dims[0];
    while (d->dimension != m->mapping->dimension) d++;
    PT_TRY(load_dim_edit(l, d));
    pt_value *values = arena_array(b->mem, pt_value, n);
    bool *is_given = arena_array(b->mem, bool, n);
    if (!values || !is_given) return arena_fail(b->mem, l->err);
    int64_t day = today();
    for (uint32_t r = 0; r < b->n_rows; r++) {
        pt_status st = put_member(l, m, d, b->values + (size_t)r * n_targets, values, is_given, day);
        if (st == PT_OK) continue;
        return pt_fail(l->err, st, "'" STR_FMT "', line %llu: the member could not be stored",
                       STR_ARG(p->part.name), (unsigned long long)b->lines[r]);
    }
    return PT_OK;
}
