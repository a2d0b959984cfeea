/* dim_view.c - one version of a dimension, used in place from its mapped file.
 *
 * Opening verifies the head, the directory, the definition and that each section has the length it must have;
 * a small file (DIM_EAGER_BYTES) is verified whole. What is not verified then cannot do harm later: the
 * accessors here treat any code, text bound or slot out of range as absent, and arrays that are handed out as
 * such are verified first (dim_hier; `durable` at opening). */
#include "storage/dim_int.h"

#include "base/map.h"

enum { DIM_EAGER_BYTES = 1 << 20, MANY_MEMBERS = 1 << 20 };

/* ---- opening ------------------------------------------------------- */

static pt_status broken(const dim_view *d, const char *what, pt_err *err)
{
    return pt_fail(err, PT_CORRUPT, "dimension file '" STR_FMT "': %s", STR_ARG(d->path), what);
}

/* First section of that kind, or NULL. */
static const dim_entry *find_entry(const dim_view *d, dim_section kind)
{
    for (uint32_t i = 0; i < d->head->n_sections; i++)
        if (d->entries[i].kind == kind) return &d->entries[i];
    return NULL;
}

/* Set *array to the section if it has that shape and *array is not set yet. */
static pt_status attach(const dim_view *d, const dim_entry *e, uint32_t width, uint64_t count,
                        const void **array, pt_err *err)
{
    if (e->width != width || e->count != count) return broken(d, "a section has an unexpected length", err);
    if (*array) return broken(d, "a section occurs twice", err);
    *array = d->bytes.ptr + e->offset;
    return PT_OK;
}

#define ATTACH(d, e, T, count, array, err) attach((d), (e), sizeof(T), (count), (const void **)(array), (err))

static pt_status attach_column(dim_view *d, const dim_entry *e, pt_err *err)
{
    if (e->a >= d->spec.n_attrs) return broken(d, "a section of an unknown attribute", err);
    dim_column *c = &d->columns[e->a];
    switch (e->kind) {
    case SEC_VALUES:
        c->width = e->width;
        if (e->width > 8 || (c->type == TYPE_DOUBLE && e->width != 8))
            return broken(d, "odd value width", err);
        return attach(d, e, e->width, d->n, &c->cells, err);
    case SEC_NULLS: return ATTACH(d, e, uint64_t, ((uint64_t)d->n + 63) / 64, &c->nulls, err);
    case SEC_TEXT_ENDS:
        if (e->count >= MEMBER_NONE || (e->width != 4 && e->width != 8))
            return broken(d, "odd text directory", err);
        c->n_texts = (uint32_t)e->count;
        c->end_width = e->width;
        return attach(d, e, e->width, e->count, &c->ends, err);
    case SEC_TEXT_BYTES: c->n_bytes = e->count; return ATTACH(d, e, char, e->count, &c->bytes, err);
    default: return broken(d, "a section of unknown kind", err);
    }
}

static pt_status attach_level(dim_view *d, const dim_entry *e, pt_err *err)
{
    if (e->a >= d->spec.n_hiers || e->b >= d->hiers[e->a].n_levels)
        return broken(d, "a section of an unknown level", err);
    level_view *v = &d->hiers[e->a].levels[e->b];
    switch (e->kind) {
    case SEC_PARENT: return ATTACH(d, e, uint32_t, v->n, &v->parent, err);
    case SEC_FIRST_CHILD: return ATTACH(d, e, uint32_t, (uint64_t)v->n + 1, &v->first_child, err);
    case SEC_END: return ATTACH(d, e, uint32_t, v->n, &v->end, err);
    case SEC_DEPTH: return ATTACH(d, e, uint32_t, v->n, &v->depth, err);
    case SEC_OF_MEMBER: return ATTACH(d, e, uint32_t, d->n, &v->of_member, err);
    case SEC_REP: return ATTACH(d, e, uint32_t, v->n, &v->rep, err);
    case SEC_STABLE: return ATTACH(d, e, uint32_t, v->n, &v->stable, err);
    case SEC_HIDDEN: return ATTACH(d, e, uint8_t, v->n, &v->hidden, err);
    default: return broken(d, "a section of unknown kind", err);
    }
}

static pt_status attach_keys(dim_view *d, const dim_entry *e, pt_err *err)
{
    bool is_old = d->head->format == 1;
    if (e->count == 0 || e->count > UINT32_MAX || (is_old && e->count & (e->count - 1)))
        return broken(d, "odd size of the key index", err);
    if (is_old) {
        d->n_old_slots = e->count;
        return ATTACH(d, e, dim_slot, e->count, &d->old_slots, err);
    }
    d->keys.n_slots = e->count;
    d->keys.member_bits = dim_keys_bits(d->n);
    return ATTACH(d, e, uint32_t, e->count, &d->keys.slots, err);
}

static pt_status attach_section(dim_view *d, const dim_entry *e, pt_err *err)
{
    switch (e->kind) {
    case SEC_SPEC:
    case SEC_LEVELS: return PT_OK; /* read before */
    case SEC_KEY_INDEX: return attach_keys(d, e, err);
    case SEC_INFERRED: return ATTACH(d, e, uint64_t, ((uint64_t)d->n + 63) / 64, &d->inferred, err);
    case SEC_DURABLE: return ATTACH(d, e, uint32_t, d->n, &d->durable, err);
    case SEC_PREVIOUS: return ATTACH(d, e, uint32_t, d->n, &d->previous, err);
    case SEC_VALID_FROM: return ATTACH(d, e, int64_t, d->n, &d->valid_from, err);
    case SEC_VALID_TO: return ATTACH(d, e, int64_t, d->n, &d->valid_to, err);
    default: return e->kind < SEC_PARENT ? attach_column(d, e, err) : attach_level(d, e, err);
    }
}

/* The definition, and room for columns and hierarchies. */
static pt_status read_spec(dim_view *d, pt_err *err)
{
    const dim_entry *e = find_entry(d, SEC_SPEC);
    if (!e || e->width != 1) return broken(d, "the definition is missing", err);
    PT_TRY(dim_file_verify(d->bytes, d->path.ptr, e, err));
    PT_TRY(dim_spec_decode(d->a, d->bytes.ptr + e->offset, e->count, &d->spec, err));
    d->columns = arena_array(d->a, dim_column, d->spec.n_attrs);
    d->hiers = arena_array(d->a, hier_view, d->spec.n_hiers);
    d->hier_state = arena_array(d->a, atomic_uchar, d->spec.n_hiers);
    if (!d->columns || !d->hiers || !d->hier_state) return arena_fail(d->a, err);
    for (uint32_t i = 0; i < d->spec.n_attrs; i++) {
        d->columns[i].type = d->spec.attrs[i].type;
        d->columns[i].scale = d->spec.attrs[i].scale;
    }
    return PT_OK;
}

static pt_status read_levels(dim_view *d, pt_err *err)
{
    const dim_entry *e = find_entry(d, SEC_LEVELS);
    uint64_t total = 0, k = 0;
    for (uint32_t h = 0; h < d->spec.n_hiers; h++) total += d->spec.hiers[h].n_levels;
    if (!e || e->width != sizeof(dim_level_head) || e->count != total)
        return broken(d, "the list of levels is missing", err);
    PT_TRY(dim_file_verify(d->bytes, d->path.ptr, e, err));
    const dim_level_head *heads = (const dim_level_head *)(d->bytes.ptr + e->offset);
    for (uint32_t h = 0; h < d->spec.n_hiers; h++) {
        hier_view *v = &d->hiers[h];
        v->n_levels = d->spec.hiers[h].n_levels;
        v->is_parent_child = d->spec.hiers[h].levels[0].parent_attr != MEMBER_NONE;
        if (!(v->levels = arena_array(d->a, level_view, v->n_levels))) return arena_fail(d->a, err);
        for (uint32_t l = 0; l < v->n_levels; l++, k++) {
            if (heads[k].n > d->n) return broken(d, "a level has more members than the dimension", err);
            v->levels[l].n = heads[k].n;
            v->levels[l].n_stable = heads[k].n_stable;
            v->levels[l].epoch = heads[k].epoch;
        }
    }
    return PT_OK;
}

/* Is there a key index, or need there be none? */
static bool has_keys(const dim_view *d)
{
    if (d->head->format == 1) return d->old_slots != NULL;
    bool may_ascend = dim_keys_can_ascend(d->columns[0].type) && !d->columns[0].nulls && !d->durable;
    return d->keys.slots || may_ascend || d->n == 0;
}

/* Is everything there that must be? */
static pt_status check_complete(const dim_view *d, pt_err *err)
{
    bool is_ok = has_keys(d);
    for (uint32_t i = 0; i < d->spec.n_attrs; i++) {
        const dim_column *c = &d->columns[i];
        is_ok = is_ok && c->cells && (c->type != TYPE_TEXT || (c->ends && c->bytes));
    }
    for (uint32_t h = 0; h < d->spec.n_hiers; h++) {
        const hier_view *v = &d->hiers[h];
        for (uint32_t l = 0; l < v->n_levels; l++) {
            const level_view *x = &v->levels[l];
            bool has_below = l + 1 < v->n_levels;
            bool has_all = x->of_member && x->rep && x->stable, may_lack = d->head->format > 1;
            is_ok = is_ok && (has_all || may_lack) && (x->of_member || x->n == d->n);
            is_ok = is_ok && (x->parent != NULL) == (l > 0 || v->is_parent_child);
            is_ok = is_ok && (x->first_child != NULL) == has_below;
            is_ok =
                is_ok && (x->end != NULL) == v->is_parent_child && (x->depth != NULL) == v->is_parent_child;
        }
    }
    bool has_versions = d->durable != NULL;
    is_ok = is_ok && (d->previous != NULL) == has_versions && (d->valid_from != NULL) == has_versions &&
            (d->valid_to != NULL) == has_versions;
    return is_ok ? PT_OK : broken(d, "a section is missing", err);
}

/* `durable` is handed out as an array. */
static pt_status check_durable(const dim_view *d, pt_err *err)
{
    uint32_t is_bad = 0;
    for (uint32_t i = 0; d->durable && i < d->n; i++) is_bad |= d->durable[i] > i;
    return is_bad ? broken(d, "a version belongs to no member", err) : PT_OK;
}

static pt_status load(dim_view *d, pt_err *err)
{
    PT_TRY(dim_file_open(d->bytes, d->path.ptr, &d->head, &d->entries, err));
    d->n = d->head->n_members;
    PT_TRY(read_spec(d, err));
    PT_TRY(read_levels(d, err));
    for (uint32_t i = 0; i < d->head->n_sections; i++) PT_TRY(attach_section(d, &d->entries[i], err));
    PT_TRY(check_complete(d, err));
    if (d->bytes.size <= DIM_EAGER_BYTES) PT_TRY(dim_check_sums(d, err));
    return check_durable(d, err);
}

static dim_view *view_new(const char *path)
{
    arena *a = arena_new(0);
    dim_view *d = a ? arena_make(a, dim_view) : NULL;
    if (d) {
        d->a = a;
        d->path = str_copy(a, str_of(path));
        atomic_init(&d->refs, 1);
    }
    if (d && d->path.ptr) {
        pthread_mutex_init(&d->lock, NULL);
        return d;
    }
    arena_free(a);
    return NULL;
}

pt_status dim_view_open(const char *path, dim_view **out, pt_err *err)
{
    dim_view *d = view_new(path);
    *out = NULL;
    if (!d) return pt_fail(err, PT_NOMEM, "out of memory");
    pt_status st = fs_map(path, &d->file, err);
    d->bytes = d->file;
    if (st == PT_OK) st = load(d, err);
    if (st == PT_OK)
        *out = d;
    else
        dim_view_put(d);
    return st;
}

pt_status dim_view_of_image(uint8_t *image, size_t size, dim_view **out, pt_err *err)
{
    dim_view *d = view_new("(in memory)");
    *out = NULL;
    if (!d) {
        mem_free(image);
        return pt_fail(err, PT_NOMEM, "out of memory");
    }
    d->image = image;
    d->bytes = (file_map){image, size};
    pt_status st = load(d, err);
    if (st == PT_OK)
        *out = d;
    else
        dim_view_put(d);
    return st;
}

void dim_view_get(dim_view *d)
{
    atomic_fetch_add_explicit(&d->refs, 1, memory_order_relaxed);
}

void dim_view_put(dim_view *d)
{
    if (!d || atomic_fetch_sub_explicit(&d->refs, 1, memory_order_acq_rel) != 1) return;
    fs_unmap(&d->file);
    mem_free(d->image);
    mem_free(d->identity);
    dim_names_free(atomic_load_explicit(&d->names, memory_order_relaxed));
    pthread_mutex_destroy(&d->lock);
    arena_free(d->a);
}

/* ---- attributes ---------------------------------------------------- */

static uint64_t load_unsigned(const void *cells, uint32_t width, uint32_t i)
{
    switch (width) {
    case 1: return ((const uint8_t *)cells)[i];
    case 2: return ((const uint16_t *)cells)[i];
    case 4: return ((const uint32_t *)cells)[i];
    default: return ((const uint64_t *)cells)[i];
    }
}

uint64_t dim_column_code(const dim_column *c, uint32_t member)
{
    return load_unsigned(c->cells, c->width, member);
}

dim_cell dim_column_cell(const dim_column *c, uint32_t member)
{
    if (c->type == TYPE_TEXT) {
        uint64_t code = dim_column_code(c, member);
        if (code > c->n_texts) code = 0;
        return (dim_cell){(int64_t)code, code == 0};
    }
    if (dim_bit(c->nulls, member)) return (dim_cell){0, true};
    return (dim_cell){dim_load_int(c->cells, c->width, member), false};
}

pt_str dim_column_text(const dim_column *c, uint32_t code)
{
    if (code == 0 || code > c->n_texts) return STR("");
    uint64_t end = load_unsigned(c->ends, c->end_width, code - 1);
    uint64_t start = code > 1 ? load_unsigned(c->ends, c->end_width, code - 2) : 0;
    if (start > end || end > c->n_bytes) return STR("");
    return (pt_str){c->bytes + start, end - start};
}

uint32_t dim_count(const dim_view *d)
{
    return d->n;
}

uint32_t dim_n_attrs(const dim_view *d)
{
    return d->spec.n_attrs;
}

const dim_spec *dim_view_spec(const dim_view *d)
{
    return &d->spec;
}

pt_value dim_attr_value(const dim_view *d, uint32_t attr, uint32_t member)
{
    if (NEVER(attr >= d->spec.n_attrs || member >= d->n)) return value_null();
    const dim_column *c = &d->columns[attr];
    dim_cell x = dim_column_cell(c, member);
    if (x.is_null) return value_null();
    pt_str text = c->type == TYPE_TEXT ? dim_column_text(c, (uint32_t)x.raw) : (pt_str){0};
    return dim_cell_value(c->type, c->scale, x.raw, text);
}

/* A loop for each of what one read waits for after the other: each waits for all members together. Texts are
 * looked at by vectors, which mostly reach half of a cache line far. */
void dim_attr_prefetch(const dim_view *d, uint32_t attr, const uint32_t *members, uint32_t n)
{
    enum { VECTOR = 32 };
    if (NEVER(attr >= d->spec.n_attrs || n > DIM_FETCH_MOST)) return;
    const dim_column *c = &d->columns[attr];
    uint32_t codes[DIM_FETCH_MOST];
    const char *texts[DIM_FETCH_MOST];
    if (c->type != TYPE_TEXT) {
        for (uint32_t i = 0; i < n; i++)
            __builtin_prefetch((const char *)c->cells + (size_t)members[i] * c->width);
        return;
    }
    for (uint32_t i = 0; i < n; i++) codes[i] = (uint32_t)dim_column_cell(c, members[i]).raw;
    for (uint32_t i = 0; i < n; i++) texts[i] = dim_column_text(c, codes[i]).ptr;
    for (uint32_t i = 0; i < n; i++) {
        __builtin_prefetch(texts[i]);
        __builtin_prefetch(texts[i] + VECTOR);
    }
}

/* ---- keys ---------------------------------------------------------- */

/* Is that the key of the member? `want` is its cell; for text its `raw` means nothing. */
static bool is_key(const dim_view *d, uint32_t member, dim_cell want, pt_value key)
{
    const dim_column *c = &d->columns[0];
    dim_cell x = dim_column_cell(c, member);
    if (x.is_null != want.is_null) return false;
    return key.kind == VAL_TEXT ? str_eq(dim_column_text(c, (uint32_t)x.raw), key.s) : x.raw == want.raw;
}

/* Look into the index of format 1. */
static bool find_old(const dim_view *d, dim_cell want, pt_value key, uint32_t hash, uint32_t *member)
{
    uint64_t mask = d->n_old_slots - 1;
    for (uint64_t i = hash & mask, tries = d->n_old_slots; tries; i = (i + 1) & mask, tries--) {
        dim_slot s = d->old_slots[i];
        if (!s.member) return false;
        if (s.hash != hash || s.member > d->n || !is_key(d, s.member - 1, want, key)) continue;
        *member = s.member - 1;
        return true;
    }
    return false;
}

static bool find_hashed(const dim_view *d, dim_cell want, pt_value key, uint64_t hash, uint32_t *member)
{
    keys_probe p = dim_keys_probe(&d->keys, hash);
    for (const uint32_t *slot; (slot = dim_keys_next(&d->keys, &p)) && *slot;) {
        uint32_t m = dim_keys_member(&d->keys, *slot);
        if (m >= d->n || !is_key(d, m, want, key)) continue;
        *member = m;
        return true;
    }
    return false;
}

bool dim_find(const dim_view *d, pt_value key, uint32_t *member)
{
    dim_cell want;
    const dim_column *c = &d->columns[0];
    if (d->n == 0 || dim_cell_of(&d->spec.attrs[0], key, &want, NULL) != PT_OK) return false;
    if (!d->keys.slots && !d->old_slots)
        return !want.is_null && dim_keys_search(c->cells, c->width, d->n, want.raw, member);
    uint64_t hash = dim_key_hash(c->type, want, key.kind == VAL_TEXT ? key.s : (pt_str){0});
    return d->keys.slots ? find_hashed(d, want, key, hash, member)
                         : find_old(d, want, key, (uint32_t)hash, member);
}

/* ---- versions ------------------------------------------------------ */

const uint32_t *dim_durable(const dim_view *d)
{
    return d->durable;
}

void dim_validity(const dim_view *d, uint32_t member, int64_t *from_days, int64_t *to_days)
{
    bool is_known = d->valid_from && !NEVER(member >= d->n);
    *from_days = is_known ? d->valid_from[member] : INT64_MIN;
    *to_days = is_known ? d->valid_to[member] : INT64_MAX;
}

uint32_t dim_version_at(const dim_view *d, uint32_t member, int64_t days)
{
    if (!d->previous || NEVER(member >= d->n)) return member;
    /* Versions are numbered in order of time, so a previous one that is not lower ends the walk. */
    while (d->valid_from[member] > days && d->previous[member] < member) member = d->previous[member];
    return member;
}

/* ---- hierarchies --------------------------------------------------- */

/* The arrays that the file leaves out. */
static pt_status complete(dim_view *d, hier_view *h, pt_err *err)
{
    bool is_complete = true;
    for (uint32_t l = 0; l < h->n_levels; l++)
        is_complete = is_complete && h->levels[l].of_member && h->levels[l].rep && h->levels[l].stable;
    if (is_complete) return PT_OK;
    if (!d->identity) {
        uint32_t *identity = mem_alloc(d->n ? d->n : 1, sizeof *identity);
        if (!identity) return pt_fail(err, PT_NOMEM, "out of memory for the members of a dimension");
        if (d->n >= MANY_MEMBERS) mem_prefer_large_pages(identity, d->n * sizeof *identity);
        for (uint32_t i = 0; i < d->n; i++) identity[i] = i;
        d->identity = identity;
    }
    for (uint32_t l = 0; l < h->n_levels; l++) {
        level_view *x = &h->levels[l];
        if (!x->of_member) x->of_member = d->identity;
        if (!x->rep) x->rep = d->identity;
        if (!x->stable) x->stable = d->identity;
    }
    return PT_OK;
}

/* The first use; the lock is held. */
static pt_status prepare(dim_view *d, uint32_t hierarchy, pt_err *err)
{
    if (atomic_load_explicit(&d->hier_state[hierarchy], memory_order_relaxed)) return PT_OK;
    PT_TRY(complete(d, &d->hiers[hierarchy], err));
    PT_TRY(dim_check_hier(d, hierarchy, err));
    atomic_store_explicit(&d->hier_state[hierarchy], 1, memory_order_release);
    return PT_OK;
}

pt_status dim_hier(const dim_view *d, uint32_t hierarchy, const hier_view **out, pt_err *err)
{
    *out = NULL;
    if (hierarchy >= d->spec.n_hiers) {
        pt_fail(err, PT_NAME, "the stored members know %u hierarchies, number %u was asked for",
                d->spec.n_hiers, hierarchy + 1);
        pt_hint(err, "load the dimension once more");
        return PT_NAME;
    }
    if (!atomic_load_explicit(&d->hier_state[hierarchy], memory_order_acquire)) {
        dim_view *own = (dim_view *)(uintptr_t)d; /* only what is not there yet changes */
        pthread_mutex_lock(&own->lock);
        pt_status st = prepare(own, hierarchy, err);
        pthread_mutex_unlock(&own->lock);
        PT_TRY(st);
    }
    *out = &d->hiers[hierarchy];
    return PT_OK;
}
