/* batch.c - arrays that grow by doubling and are used again for the next chunk. */
#include "etl/batch.h"

#include "base/map.h"

enum { FIRST_ROWS = 4096, FIRST_KEYS = 256 };

void batch_free(batch *b)
{
    if (!b) return;
    const cube *c = b->mapping->cube;
    for (uint32_t i = 0; b->ids && i < c->n_roles; i++) mem_free(b->ids[i]);
    for (uint32_t i = 0; b->pending && i < c->n_roles; i++) {
        mem_free(b->pending[i].keys);
        mem_free(b->pending[i].slots);
    }
    for (uint32_t i = 0; b->columns && i < c->n_columns; i++) {
        mem_free(b->columns[i].ints);
        mem_free(b->columns[i].doubles);
        mem_free(b->columns[i].nulls);
    }
    mem_free(b->ids);
    mem_free(b->columns);
    mem_free(b->values);
    mem_free(b->lines);
    mem_free(b->rejects);
    mem_free(b->pending);
    arena_free(b->mem);
    mem_free(b);
}

batch *batch_new(const mapping *m)
{
    batch *b = mem_alloc(1, sizeof *b);
    if (!b) return NULL;
    b->mapping = m;
    b->mem = arena_new(0);
    if (m->cube) {
        b->ids = mem_alloc(m->cube->n_roles, sizeof *b->ids);
        b->columns = mem_alloc(m->cube->n_columns, sizeof *b->columns);
        b->pending = mem_alloc(m->cube->n_roles, sizeof *b->pending);
    }
    if (b->mem && (!m->cube || (b->ids && b->columns && b->pending))) return b;
    batch_free(b);
    return NULL;
}

void batch_clear(batch *b)
{
    arena_reset(b->mem);
    b->n_rows = b->n_rejects = 0;
    b->n_read = b->n_filtered = b->n_outside = 0;
    for (uint32_t i = 0; b->pending && i < b->mapping->cube->n_roles; i++) {
        batch_pending *p = &b->pending[i];
        if (p->n) memset(p->slots, 0, p->n_slots * sizeof *p->slots);
        p->n = 0;
    }
    for (uint32_t i = 0; b->columns && i < b->mapping->cube->n_columns; i++) b->columns[i].has_nulls = false;
}

/* Make *array hold cap elements. */
static bool grow(void *array, uint32_t cap, size_t size)
{
    void *p, **at = array;
    if (!(p = mem_grow(*at, cap, size))) return false;
    *at = p;
    return true;
}

#define GROW(array, cap) grow(&(array), (cap), sizeof *(array))

static bool grow_facts(batch *b, uint32_t cap)
{
    const cube *c = b->mapping->cube;
    for (uint32_t i = 0; i < c->n_roles; i++)
        if (!GROW(b->ids[i], cap)) return false;
    for (uint32_t i = 0; i < c->n_columns; i++) {
        batch_column *x = &b->columns[i];
        bool is_double = c->columns[i].type == TYPE_DOUBLE;
        if (!GROW(x->nulls, cap) || !(is_double ? GROW(x->doubles, cap) : GROW(x->ints, cap))) return false;
    }
    return true;
}

static bool grow_members(batch *b, uint32_t cap)
{
    return grow(&b->values, cap, sizeof *b->values * b->mapping->n_targets);
}

pt_status batch_reserve(batch *b, uint32_t n, pt_err *err)
{
    if (n <= b->cap_rows - b->n_rows) return PT_OK;
    uint32_t cap = b->cap_rows ? b->cap_rows * 2 : FIRST_ROWS;
    while (cap - b->n_rows < n) cap *= 2;
    bool ok = GROW(b->lines, cap) && (b->mapping->cube ? grow_facts(b, cap) : grow_members(b, cap));
    if (!ok) return pt_fail(err, PT_NOMEM, "out of memory while reading rows");
    b->cap_rows = cap;
    return PT_OK;
}

/* ---- keys not known yet -------------------------------------------- */

static uint64_t key_hash(pt_value v)
{
    return v.kind == VAL_TEXT ? hash_bytes(v.s.ptr, v.s.len)
                              : hash_u64(v.kind == VAL_DEC ? (uint64_t)v.dec : (uint64_t)v.i);
}

static bool same_key(pt_value a, pt_value b)
{
    return a.kind == VAL_INT && b.kind == VAL_INT ? a.i == b.i : value_eq(a, b);
}

/* The slot of the key, or the empty one where it belongs. */
static uint32_t *key_slot(const batch_pending *p, pt_value key)
{
    uint32_t mask = p->n_slots - 1, i = (uint32_t)key_hash(key) & mask;
    while (p->slots[i] && !same_key(p->keys[p->slots[i] - 1], key)) i = (i + 1) & mask;
    return &p->slots[i];
}

static bool grow_keys(batch_pending *p)
{
    uint32_t cap = p->cap ? p->cap * 2 : FIRST_KEYS;
    uint32_t *slots = mem_alloc((size_t)cap * 2, sizeof *slots);
    if (!slots || !GROW(p->keys, cap)) {
        mem_free(slots);
        return false;
    }
    mem_free(p->slots);
    p->slots = slots;
    p->n_slots = cap * 2;
    p->cap = cap;
    for (uint32_t i = 0; i < p->n; i++) *key_slot(p, p->keys[i]) = i + 1;
    return true;
}

pt_status batch_add_pending(batch *b, uint32_t role, pt_value key, uint32_t *id, pt_err *err)
{
    batch_pending *p = &b->pending[role];
    if (p->n == p->cap && !grow_keys(p)) return pt_fail(err, PT_NOMEM, "out of memory while reading rows");
    uint32_t *slot = key_slot(p, key);
    if (!*slot) {
        if (key.kind == VAL_TEXT && !(key.s = str_copy(b->mem, key.s)).ptr) return arena_fail(b->mem, err);
        p->keys[p->n++] = key;
        *slot = p->n;
    }
    *id = BATCH_PENDING + (*slot - 1);
    return PT_OK;
}

static bool copy_text(arena *a, pt_str *s)
{
    if (!s->ptr) return true;
    *s = str_copy(a, *s);
    return s->ptr != NULL;
}

pt_status batch_add_reject(batch *b, const reject *r, pt_err *err)
{
    if (b->n_rejects == b->cap_rejects) {
        uint32_t cap = b->cap_rejects ? b->cap_rejects * 2 : 256;
        if (!GROW(b->rejects, cap)) return pt_fail(err, PT_NOMEM, "out of memory for rejected rows");
        b->cap_rejects = cap;
    }
    reject copy = *r;
    if (!copy_text(b->mem, &copy.column) || !copy_text(b->mem, &copy.value) ||
        !copy_text(b->mem, &copy.reason) || !copy_text(b->mem, &copy.row) ||
        !copy_text(b->mem, &copy.dimension) || !copy_text(b->mem, &copy.key))
        return arena_fail(b->mem, err);
    b->rejects[b->n_rejects++] = copy;
    return PT_OK;
}
