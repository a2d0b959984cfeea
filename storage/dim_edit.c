/* dim_edit.c - putting members: a table of columns in memory with an index of the keys.
 *
 * Nothing is allocated per member: columns, dictionaries and the index grow by doubling. A put first looks up
 * and compares (texts against the dictionary, without adding anything), then makes room, then changes cells,
 * so that a put which fails changes nothing. Keys of the version before are found in that, so that a few
 * new members of a large dimension need a small index only, until a key gets several versions.
 *
 * Versions: attributes without HISTORY are the same in every version of a key: overwriting one overwrites it
 * in all. A change of HISTORY attributes that takes effect on or before the day the current version began
 * replaces the values of that version, since an empty or a backward period would belong to no fact. */
#include "storage/dim_edit_int.h"

enum { FIRST_MEMBERS = 64, MAX_MEMBERS = 1 << 30 };

pt_status edit_no_memory(pt_err *err)
{
    return pt_fail(err, PT_NOMEM, "out of memory for the members of a dimension");
}

/* ---- room ---------------------------------------------------------- */

/* Grow *array (kept when NULL and is_optional) to cap elements. */
static bool grow_one(void **array, bool is_wanted, uint32_t cap, size_t size)
{
    if (!is_wanted) return true;
    void *p = mem_grow(*array, cap, size);
    if (!p) return false;
    *array = p;
    return true;
}

#define GROW(array, is_wanted, cap) grow_one((void **)&(array), (is_wanted), (cap), sizeof *(array))

static bool grow_columns(dim_edit *e, uint32_t cap)
{
    for (uint32_t i = 0; i < e->spec.n_attrs; i++) {
        edit_column *c = &e->columns[i];
        bool is_text = e->spec.attrs[i].type == TYPE_TEXT;
        if (!GROW(c->codes, is_text, cap) || !GROW(c->raw, !is_text, cap) || !GROW(c->nulls, !is_text, cap))
            return false;
    }
    return true;
}

static bool grow_versions(dim_edit *e, bool is_wanted, uint32_t cap)
{
    return GROW(e->durable, is_wanted, cap) && GROW(e->previous, is_wanted, cap) &&
           GROW(e->valid_from, is_wanted, cap) && GROW(e->valid_to, is_wanted, cap);
}

pt_status edit_reserve(dim_edit *e, uint32_t n, pt_err *err)
{
    if (n > MAX_MEMBERS) return pt_fail(err, PT_LIMIT, "a dimension holds at most %d members", MAX_MEMBERS);
    if (n <= e->cap && e->cap) return PT_OK;
    uint32_t cap = e->cap ? e->cap * 2 : FIRST_MEMBERS;
    if (cap < n) cap = n;
    if (!grow_columns(e, cap) || !GROW(e->inferred, true, cap) || !grow_versions(e, e->durable != NULL, cap))
        return edit_no_memory(err);
    e->cap = cap;
    return PT_OK;
}

static void default_version(dim_edit *e, uint32_t member)
{
    e->durable[member] = member;
    e->previous[member] = MEMBER_NONE;
    e->valid_from[member] = INT64_MIN;
    e->valid_to[member] = INT64_MAX;
}

/* From now on members may have versions. */
pt_status edit_start_versions(dim_edit *e, pt_err *err)
{
    if (e->durable) return PT_OK;
    if (!grow_versions(e, true, e->cap)) {
        mem_free(e->durable);
        mem_free(e->previous);
        mem_free(e->valid_from);
        e->durable = e->previous = NULL;
        e->valid_from = NULL;
        return edit_no_memory(err);
    }
    for (uint32_t i = 0; i < e->n; i++) default_version(e, i);
    return PT_OK;
}

/* ---- the key index ------------------------------------------------- */

static pt_str text_of(const dim_edit *e, uint32_t attr, dim_cell x)
{
    bool is_text = e->columns[attr].codes && !x.is_null;
    return is_text ? dim_dict_text(&e->columns[attr].texts, (uint32_t)x.raw) : (pt_str){0};
}

pt_value edit_value(const dim_edit *e, uint32_t attr, uint32_t member)
{
    dim_cell x = edit_cell(e, attr, member);
    const dim_attr *t = &e->spec.attrs[attr];
    return x.is_null ? value_null() : dim_cell_value(t->type, t->scale, x.raw, text_of(e, attr, x));
}

/* Is the member's cell that value? `want` is the value's cell; for text its `raw` means nothing. */
static bool cell_is(const dim_edit *e, uint32_t attr, uint32_t member, dim_cell want, pt_value v)
{
    dim_cell x = edit_cell(e, attr, member);
    if (x.is_null != want.is_null) return false;
    if (x.is_null) return true;
    return v.kind == VAL_TEXT ? str_eq(text_of(e, attr, x), v.s) : x.raw == want.raw;
}

static uint64_t hash_of(const dim_edit *e, dim_cell key, pt_value v)
{
    return dim_key_hash(e->spec.attrs[0].type, key, v.kind == VAL_TEXT ? v.s : (pt_str){0});
}

/* The current version of the key, or MEMBER_NONE. */
static uint32_t find(const dim_edit *e, dim_cell key, pt_value v)
{
    uint32_t m = MEMBER_NONE;
    if (!e->keys.slots) {
        bool is_there =
            e->n && !key.is_null && dim_keys_search(e->columns[0].raw, sizeof(int64_t), e->n, key.raw, &m);
        return is_there ? m : MEMBER_NONE;
    }
    keys_probe p = dim_keys_probe(&e->keys, hash_of(e, key, v));
    for (const uint32_t *slot; (slot = dim_keys_next(&e->keys, &p)) && *slot;) {
        m = dim_keys_member(&e->keys, *slot);
        if (cell_is(e, 0, m, key, v)) return m;
    }
    return e->n_known && dim_find(e->from, v, &m) ? m : MEMBER_NONE;
}

/* Does that key, of one member more, come after all others, so that they need no index? */
static bool ascends(const dim_edit *e, dim_cell key)
{
    if (e->keys.slots || key.is_null || !dim_keys_can_ascend(e->spec.attrs[0].type)) return false;
    return e->n == 0 || e->columns[0].raw[e->n - 1] < key.raw;
}

void edit_fill_keys(const dim_edit *e, uint32_t first, const dim_keys *to)
{
    pt_type type = e->spec.attrs[0].type;
    for (uint32_t m = first; m < e->n; m++) {
        dim_cell x = edit_cell(e, 0, m);
        if (edit_is_current(e, m)) dim_keys_put(to, dim_key_hash(type, x, text_of(e, 0, x)), m);
    }
}

pt_status edit_index_keys(dim_edit *e, pt_err *err)
{
    uint64_t least = dim_keys_least_slots(e->n_keys - e->n_known + 1);
    bool has_room = (uint64_t)e->n + 1 < UINT64_C(1) << e->keys.member_bits && least <= e->keys.n_slots;
    if (e->keys.slots && has_room) return PT_OK;
    dim_keys k = {.n_slots = 2 * least, .member_bits = dim_keys_bits(2 * (e->n + 1))};
    if (!(k.slots = mem_alloc(k.n_slots, sizeof *k.slots))) return edit_no_memory(err);
    edit_fill_keys(e, e->n_known, &k);
    mem_free(e->keys.slots);
    e->keys = k;
    return PT_OK;
}

/* Have an index of all keys: one is about to get another version. */
static pt_status index_known_keys(dim_edit *e, pt_err *err)
{
    dim_keys before = e->keys;
    uint32_t n_known = e->n_known;
    if (!n_known) return edit_index_keys(e, err);
    e->n_known = 0;
    e->keys = (dim_keys){0};
    pt_status st = edit_index_keys(e, err);
    if (st == PT_OK) {
        mem_free(before.slots);
    } else {
        e->n_known = n_known;
        e->keys = before;
    }
    return st;
}

/* ---- beginning and end --------------------------------------------- */

static pt_status set_up(dim_edit *e, const dim_view *from, const dim_spec *spec, pt_err *err)
{
    PT_TRY(dim_spec_check(spec, PT_INTERNAL, "definition", err));
    PT_TRY(dim_spec_copy(e->a, spec, &e->spec, err));
    e->columns = arena_array(e->a, edit_column, spec->n_attrs);
    e->from_attr = arena_array(e->a, uint32_t, spec->n_attrs);
    e->cells = arena_array(e->a, dim_cell, spec->n_attrs);
    e->moved = arena_array(e->a, uint32_t, spec->n_attrs);
    if (!e->columns || !e->from_attr || !e->cells || !e->moved) return arena_fail(e->a, err);
    for (uint32_t i = 0; i < spec->n_attrs; i++) e->from_attr[i] = MEMBER_NONE;
    PT_TRY(edit_reserve(e, FIRST_MEMBERS, err));
    if (from) {
        e->from = (dim_view *)(uintptr_t)from; /* only its count of references changes */
        dim_view_get(e->from);
        PT_TRY(edit_copy_from(e, err));
    }
    e->is_changed = e->is_rewritten = !from || !dim_spec_eq(&from->spec, &e->spec);
    return PT_OK;
}

pt_status dim_edit_new(const dim_view *from, const dim_spec *spec, dim_edit **out, pt_err *err)
{
    *out = NULL;
    dim_edit *e = mem_alloc(1, sizeof *e);
    if (!e || !(e->a = arena_new(0))) {
        mem_free(e);
        return edit_no_memory(err);
    }
    pt_status st = set_up(e, from, spec, err);
    if (st == PT_OK)
        *out = e;
    else
        dim_edit_free(e);
    return st;
}

void dim_edit_free(dim_edit *e)
{
    if (!e) return;
    for (uint32_t i = 0; e->columns && i < e->spec.n_attrs; i++) {
        mem_free(e->columns[i].codes);
        mem_free(e->columns[i].raw);
        mem_free(e->columns[i].nulls);
        dim_dict_free(&e->columns[i].texts);
    }
    mem_free(e->keys.slots);
    mem_free(e->inferred);
    mem_free(e->durable);
    mem_free(e->previous);
    mem_free(e->valid_from);
    mem_free(e->valid_to);
    if (e->from) dim_view_put(e->from);
    arena_free(e->a);
    mem_free(e);
}

/* ---- changing ------------------------------------------------------ */

/* Write a cell; for text the code is in `raw`. */
static void store_cell(dim_edit *e, uint32_t attr, uint32_t member, dim_cell x)
{
    edit_column *c = &e->columns[attr];
    if (c->codes) {
        c->codes[member] = x.is_null ? 0 : (uint32_t)x.raw;
    } else {
        c->raw[member] = x.raw;
        c->nulls[member] = x.is_null;
    }
}

/* Complete the cell of a value: text receives its code. */
static pt_status intern(dim_edit *e, uint32_t attr, pt_value v, pt_err *err)
{
    dim_cell *x = &e->cells[attr];
    dim_dict *texts = &e->columns[attr].texts;
    uint32_t code = 0;
    if (v.kind != VAL_TEXT) return PT_OK;
    PT_TRY(attr == 0 ? dim_dict_add(texts, v.s, &code, err) : dim_dict_intern(texts, v.s, &code, err));
    x->raw = code;
    return PT_OK;
}

/* A member behind the last one; room is there. Its cells are e->cells. */
static uint32_t append(dim_edit *e, bool is_inferred)
{
    uint32_t m = e->n++;
    for (uint32_t i = 0; i < e->spec.n_attrs; i++) store_cell(e, i, m, e->cells[i]);
    e->inferred[m] = is_inferred;
    if (e->durable) default_version(e, m);
    e->is_changed = true;
    return m;
}

/* A key that was not there: e->cells hold its values but for the codes of texts. */
static pt_status add_key(dim_edit *e, const pt_value *values, bool is_inferred, uint32_t *member, pt_err *err)
{
    dim_cell key = e->cells[0];
    PT_TRY(edit_reserve(e, e->n + 1, err));
    if (!ascends(e, key)) PT_TRY(edit_index_keys(e, err));
    for (uint32_t i = e->spec.n_attrs; i-- > 0;) /* the key last: nothing can fail once its text is added */
        if (!e->cells[i].is_null) PT_TRY(intern(e, i, values[i], err));
    *member = append(e, is_inferred);
    if (e->keys.slots) dim_keys_put(&e->keys, hash_of(e, key, values[0]), *member);
    e->n_keys++;
    return PT_OK;
}

/* Overwrite in the current version, and what has no history in the earlier ones too. */
static void overwrite(dim_edit *e, uint32_t member, uint32_t n_moved)
{
    for (uint32_t k = 0; k < n_moved; k++) {
        uint32_t attr = e->moved[k], m = member;
        store_cell(e, attr, m, e->cells[attr]);
        if (e->spec.attrs[attr].history || !e->previous) continue;
        while ((m = e->previous[m]) != MEMBER_NONE) store_cell(e, attr, m, e->cells[attr]);
    }
    e->is_changed = e->is_rewritten = true;
}

/* A further version of the key of member `old`. */
static pt_status add_version(dim_edit *e, uint32_t old, pt_value key, int64_t days, uint32_t n_moved,
                             uint32_t *member, pt_err *err)
{
    PT_TRY(edit_reserve(e, e->n + 1, err));
    PT_TRY(index_known_keys(e, err));
    PT_TRY(edit_start_versions(e, err));
    for (uint32_t i = 0, k = 0; i < e->spec.n_attrs; i++) {
        bool is_moved = k < n_moved && e->moved[k] == i;
        if (is_moved)
            k++;
        else
            e->cells[i] = edit_cell(e, i, old);
    }
    uint32_t m = append(e, false);
    e->durable[m] = e->durable[old];
    e->previous[m] = old;
    e->valid_from[m] = days;
    e->valid_to[old] = days;
    overwrite(e, m, n_moved);
    dim_keys_move(&e->keys, hash_of(e, e->cells[0], key), old, m);
    *member = m;
    return PT_OK;
}

/* Compare the given values with a member: e->moved receives the attributes that differ, in order. */
static pt_status compare(dim_edit *e, uint32_t member, const pt_value *values, const bool *is_given,
                         uint32_t *n_moved, bool *is_history, pt_err *err)
{
    *n_moved = 0;
    *is_history = false;
    for (uint32_t i = 1; i < e->spec.n_attrs; i++) {
        if (is_given && !is_given[i]) continue;
        PT_TRY(dim_cell_of(&e->spec.attrs[i], values[i], &e->cells[i], err));
        if (cell_is(e, i, member, e->cells[i], values[i])) continue;
        e->moved[(*n_moved)++] = i;
        *is_history = *is_history || e->spec.attrs[i].history;
    }
    for (uint32_t k = 0; k < *n_moved; k++)
        if (!e->cells[e->moved[k]].is_null) PT_TRY(intern(e, e->moved[k], values[e->moved[k]], err));
    return PT_OK;
}

static pt_status update(dim_edit *e, uint32_t old, const pt_value *values, const bool *is_given, int64_t days,
                        uint32_t *member, dim_change *change, pt_err *err)
{
    uint32_t n_moved;
    bool is_history;
    PT_TRY(compare(e, old, values, is_given, &n_moved, &is_history, err));
    *member = old;
    *change = DIM_SAME;
    if (!n_moved && !e->inferred[old]) return PT_OK;
    int64_t began = e->valid_from ? e->valid_from[old] : INT64_MIN;
    if (is_history && !e->inferred[old] && days > began) {
        *change = DIM_VERSIONED;
        return add_version(e, old, values[0], days, n_moved, member, err);
    }
    overwrite(e, old, n_moved);
    e->inferred[old] = 0;
    *change = DIM_OVERWRITTEN;
    return PT_OK;
}

pt_status dim_edit_put(dim_edit *e, const pt_value *values, const bool *is_given, int64_t effective_days,
                       uint32_t *member, dim_change *change, pt_err *err)
{
    PT_TRY(dim_cell_of(&e->spec.attrs[0], values[0], &e->cells[0], err));
    uint32_t old = find(e, e->cells[0], values[0]);
    if (old != MEMBER_NONE) return update(e, old, values, is_given, effective_days, member, change, err);
    for (uint32_t i = 1; i < e->spec.n_attrs; i++) {
        e->cells[i] = (dim_cell){.is_null = true};
        if (is_given && !is_given[i]) continue;
        PT_TRY(dim_cell_of(&e->spec.attrs[i], values[i], &e->cells[i], err));
    }
    *change = DIM_NEW;
    return add_key(e, values, false, member, err);
}

pt_status dim_edit_infer(dim_edit *e, pt_value key, uint32_t *member, bool *is_new, pt_err *err)
{
    PT_TRY(dim_cell_of(&e->spec.attrs[0], key, &e->cells[0], err));
    *member = find(e, e->cells[0], key);
    *is_new = *member == MEMBER_NONE;
    if (!*is_new) return PT_OK;
    for (uint32_t i = 1; i < e->spec.n_attrs; i++) e->cells[i] = (dim_cell){.is_null = true};
    return add_key(e, &key, true, member, err);
}

/* ---- looking ------------------------------------------------------- */

bool dim_edit_find(const dim_edit *e, pt_value key, uint32_t *member)
{
    dim_cell x;
    if (dim_cell_of(&e->spec.attrs[0], key, &x, NULL) != PT_OK) return false;
    uint32_t m = find(e, x, key);
    if (m == MEMBER_NONE) return false;
    *member = m;
    return true;
}

uint32_t dim_edit_version_at(const dim_edit *e, uint32_t member, int64_t days)
{
    if (!e->previous || NEVER(member >= e->n)) return member;
    while (e->valid_from[member] > days && e->previous[member] != MEMBER_NONE) member = e->previous[member];
    return member;
}

uint32_t dim_edit_count(const dim_edit *e)
{
    return e->n;
}

bool dim_edit_is_changed(const dim_edit *e)
{
    return e->is_changed;
}
