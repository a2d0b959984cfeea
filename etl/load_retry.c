/* load_retry.c - a second chance for rejected rows: a part whose content is known is read again when a row of
 * it that was rejected for an unknown member would find that member now, or when the mapping was defined
 * anew or what it joins has changed.
 *
 * So a fact that comes before its member is only late, not lost; and a part whose rows are bad for good costs
 * a look at its rejects, not another reading. */
#include <jansson.h>

#include "etl/load_int.h"
#include "storage/bytes.h"

typedef struct search {
    load *l;
    const load_mapping *m;
    const load_part *part;
    bool is_found;
} search;

static pt_str text_of(const json_t *record, const char *name)
{
    const json_t *v = json_object_get(record, name);
    return json_is_string(v) ? (pt_str){json_string_value(v), json_string_length(v)} : (pt_str){NULL, 0};
}

/* Does the dimension know the key now? */
static bool is_known(const load_cube *c, pt_str dimension_name, pt_str key)
{
    for (uint32_t r = 0; r < c->cube->n_roles; r++) {
        const dimension *d = c->cube->roles[r].dimension;
        const dim_attr *attr = &d->spec.attrs[0];
        pt_value v;
        uint32_t member;
        if (!str_eq_fold(d->name, dimension_name)) continue;
        if (value_parse(attr->type, attr->scale, key, NULL, &v, NULL) != PT_OK) return false;
        return dim_find(c->views[r], v, &member);
    }
    return false;
}

static pt_status look_at_reject(void *ctx, pt_str key, pt_str value, pt_err *err)
{
    search *s = ctx;
    (void)key, (void)err;
    if (s->is_found) return PT_OK;
    json_t *record = json_loadb(value.ptr, value.len, 0, NULL);
    pt_str dimension_name = text_of(record, "dimension"), member = text_of(record, "key");
    if (member.ptr && str_eq(text_of(record, "file"), s->part->part.name) &&
        str_eq_fold(text_of(record, "mapping"), s->m->def->def->name))
        s->is_found = is_known(s->m->cube, dimension_name, member);
    json_decref(record);
    return PT_OK;
}

/* Other joined tables may have the row that was missing. */
static pt_status retry_joins(load *l, load_mapping *m)
{
    bool is_changed, is_concerned = false;
    for (uint32_t i = 0; i < m->n_parts; i++)
        is_concerned |= !m->parts[i].is_skipped || m->parts[i].suspect_load;
    if (m->mapping->n_joins == 0 || !is_concerned) return PT_OK;
    PT_TRY(load_plan_joins(l, m, &is_changed));
    for (uint32_t i = 0; i < m->n_parts && is_changed; i++) m->parts[i].is_redefined = true;
    return PT_OK;
}

pt_status load_retry(load *l, load_mapping *m)
{
    PT_TRY(retry_joins(l, m));
    for (uint32_t i = 0; i < m->n_parts; i++) {
        load_part *p = &m->parts[i];
        char key[8];
        if (!p->suspect_load) continue;
        search s = {.l = l, .m = m, .part = p, .is_found = p->is_redefined};
        store_be64(key, p->suspect_load);
        if (!s.is_found)
            PT_TRY(store_scan(warehouse_store(l->warehouse), TAB_REJECT, (pt_str){key, sizeof key}, false,
                              look_at_reject, &s, l->err));
        if (!s.is_found) continue;
        p->is_skipped = false;
        p->is_replaced = l->has_work = true;
        m->result->n_files_skipped--;
        l->bytes_total += (uint64_t)p->part.stamp.size_bytes;
    }
    return PT_OK;
}
