/* dim_copy.c - an edit starts as a copy of the version before, under a definition that may have changed.
 *
 * Attributes are matched by name. One that kept its type is copied as it is stored: text codes of the version
 * before stay valid in the edit, which is what dim_stable.c compares keys by. One that changed its type is
 * converted value by value; only the key cannot change. Every checksum is verified first, so that no damage
 * is carried into the next version. */
#include "storage/dim_edit_int.h"

static pt_status copy_texts(edit_column *to, const dim_column *from, pt_err *err)
{
    uint32_t code;
    for (uint32_t c = 1; c <= from->n_texts; c++) {
        pt_str s = dim_column_text(from, c);
        if (s.len > from->n_bytes - to->texts.n_bytes)
            return pt_fail(err, PT_CORRUPT, "the texts of an attribute overlap");
        PT_TRY(dim_dict_add(&to->texts, s, &code, err));
    }
    return PT_OK;
}

/* Cells of an attribute that kept its type. */
static pt_status copy_cells(dim_edit *e, uint32_t attr, const dim_column *from, pt_err *err)
{
    edit_column *to = &e->columns[attr];
    if (to->codes) {
        for (uint32_t i = 0; i < e->n; i++) to->codes[i] = (uint32_t)dim_column_cell(from, i).raw;
        return copy_texts(to, from, err);
    }
    for (uint32_t i = 0; i < e->n; i++) {
        to->nulls[i] = dim_bit(from->nulls, i);
        to->raw[i] = to->nulls[i] ? 0 : dim_load_int(from->cells, from->width, i);
    }
    return PT_OK;
}

static pt_status set_cell(dim_edit *e, uint32_t attr, uint32_t member, pt_value v, pt_err *err)
{
    edit_column *c = &e->columns[attr];
    dim_cell x;
    PT_TRY(dim_cell_of(&e->spec.attrs[attr], v, &x, err));
    if (!c->codes) {
        c->raw[member] = x.raw;
        c->nulls[member] = x.is_null;
        return PT_OK;
    }
    c->codes[member] = 0;
    return x.is_null ? PT_OK : dim_dict_intern(&c->texts, v.s, &c->codes[member], err);
}

/* Cells of an attribute that changed its type: every value must convert without loss. */
static pt_status cast_cells(dim_edit *e, uint32_t attr, uint32_t from_attr, arena *scratch, pt_err *err)
{
    const dim_attr *t = &e->spec.attrs[attr];
    for (uint32_t i = 0; i < e->n; i++) {
        pt_value v;
        PT_TRY(value_cast(dim_attr_value(e->from, from_attr, i), t->type, t->scale, scratch, &v, err));
        PT_TRY(set_cell(e, attr, i, v, err));
        arena_reset(scratch);
    }
    return PT_OK;
}

static void clear_cells(dim_edit *e, uint32_t attr)
{
    edit_column *c = &e->columns[attr];
    for (uint32_t i = 0; i < e->n; i++) {
        if (c->codes) {
            c->codes[i] = 0;
        } else {
            c->raw[i] = 0;
            c->nulls[i] = 1;
        }
    }
}

static pt_status copy_attr(dim_edit *e, uint32_t attr, pt_err *err)
{
    const dim_attr *t = &e->spec.attrs[attr];
    uint32_t i = dim_spec_find(&e->from->spec, t->name);
    e->from_attr[attr] = MEMBER_NONE;
    if (i == MEMBER_NONE) {
        clear_cells(e, attr);
        return PT_OK;
    }
    const dim_attr *old = &e->from->spec.attrs[i];
    if (old->type == t->type && old->scale == t->scale) {
        e->from_attr[attr] = i;
        return copy_cells(e, attr, &e->from->columns[i], err);
    }
    if (attr == 0)
        return pt_fail(err, PT_UNSUPPORTED,
                       "the type of key [" STR_FMT "] cannot change once there are members",
                       STR_ARG(t->name));
    arena *scratch = arena_new(0);
    pt_status st = scratch ? cast_cells(e, attr, i, scratch, err) : edit_no_memory(err);
    arena_free(scratch);
    return st;
}

static pt_status copy_versions(dim_edit *e, pt_err *err)
{
    const dim_view *v = e->from;
    if (!v->durable) return PT_OK;
    PT_TRY(edit_start_versions(e, err));
    for (uint32_t i = 0; i < e->n; i++) {
        e->durable[i] = v->durable[i];
        e->previous[i] = v->previous[i] < i ? v->previous[i] : MEMBER_NONE;
        e->valid_from[i] = v->valid_from[i];
        e->valid_to[i] = v->valid_to[i];
    }
    return PT_OK;
}

/* Do keys ascend, so that a new one may be the next of them? */
static bool keys_ascend(const dim_edit *e)
{
    const dim_view *v = e->from;
    if (!v->keys.slots && !v->old_slots) return true;
    return !v->columns[0].nulls && dim_keys_can_ascend(e->spec.attrs[0].type) &&
           dim_keys_are_even(e->columns[0].raw, e->n);
}

/* Keys with versions change hands, others are found in the version before. */
static pt_status index_keys(dim_edit *e, pt_err *err)
{
    for (uint32_t m = 0; m < e->n; m++) e->n_keys += edit_is_current(e, m);
    if (e->durable) return edit_index_keys(e, err);
    e->n_known = e->n;
    return keys_ascend(e) ? PT_OK : edit_index_keys(e, err);
}

pt_status edit_copy_from(dim_edit *e, pt_err *err)
{
    const dim_view *v = e->from;
    if (v->n && dim_spec_find(&v->spec, e->spec.attrs[0].name) != 0)
        return pt_fail(err, PT_UNSUPPORTED,
                       "the key of a dimension with members cannot change from [" STR_FMT "] to [" STR_FMT
                       "]",
                       STR_ARG(v->spec.attrs[0].name), STR_ARG(e->spec.attrs[0].name));
    if (v->n == 0) return PT_OK;
    PT_TRY(dim_check_sums(v, err));
    PT_TRY(edit_reserve(e, v->n, err));
    e->n = v->n;
    for (uint32_t i = 0; i < e->spec.n_attrs; i++) PT_TRY(copy_attr(e, i, err));
    for (uint32_t i = 0; i < e->n; i++) e->inferred[i] = dim_bit(v->inferred, i);
    PT_TRY(copy_versions(e, err));
    return index_keys(e, err);
}
