/* map.c - linear probing over a power of two of slots, at most three quarters full; nothing is ever removed.
 *
 * The bytes map keeps keys and values in a dense array of entries and 8-byte slots {hash, entry + 1} beside
 * it: a probe that misses touches one cache line, and growing never looks at a key. */
#include "base/map.h"

#include <xxhash.h>

enum { FIRST_SLOTS = 16, MAX_COUNT = 0x40000000 };

uint64_t hash_bytes(const void *p, size_t n)
{
    return XXH3_64bits(p, n);
}

/* Is there room for one more in `slots` slots? */
static bool is_full(uint32_t count, size_t slots)
{
    return (size_t)count + 1 > slots / 4 * 3;
}

/* ---- from bytes ---------------------------------------------------- */

typedef struct entry {
    pt_str key; /* lives in the map's arena */
    uint32_t value;
} entry;

typedef struct slot {
    uint32_t hash;
    uint32_t entry; /* index + 1; 0: empty */
} slot;

struct bytes_map {
    arena *keys;
    entry *entries;
    slot *slots;
    size_t n_slots;
    uint32_t count, cap; /* of entries */
};

bytes_map *bytes_map_new(void)
{
    return bytes_map_new_in(NULL);
}

bytes_map *bytes_map_new_in(mem_budget *b)
{
    bytes_map *m = mem_alloc(1, sizeof *m);
    if (!m) return NULL;
    m->keys = b ? arena_new_in(b) : arena_new(0);
    m->slots = mem_alloc(FIRST_SLOTS, sizeof *m->slots);
    m->n_slots = FIRST_SLOTS;
    if (m->keys && m->slots) return m;
    bytes_map_free(m);
    return NULL;
}

void bytes_map_free(bytes_map *m)
{
    if (!m) return;
    arena_free(m->keys);
    mem_free(m->entries);
    mem_free(m->slots);
    mem_free(m);
}

uint32_t bytes_map_count(const bytes_map *m)
{
    return m->count;
}

/* The slot that holds key, or the empty one where it belongs. */
static slot *bytes_probe(const bytes_map *m, pt_str key, uint32_t hash)
{
    for (size_t i = hash & (m->n_slots - 1);; i = (i + 1) & (m->n_slots - 1)) {
        slot *s = &m->slots[i];
        if (!s->entry) return s;
        if (s->hash == hash && str_eq(m->entries[s->entry - 1].key, key)) return s;
    }
}

static bool bytes_grow(bytes_map *m)
{
    size_t n = m->n_slots * 2;
    slot *slots = mem_alloc(n, sizeof *slots);
    if (!slots) return false;
    for (size_t i = 0; i < m->n_slots; i++) {
        slot s = m->slots[i];
        if (!s.entry) continue;
        size_t at = s.hash & (n - 1);
        while (slots[at].entry) at = (at + 1) & (n - 1);
        slots[at] = s;
    }
    mem_free(m->slots);
    m->slots = slots;
    m->n_slots = n;
    return true;
}

/* Append an entry for a key that is not there; false when memory runs out, the map unchanged. */
static bool bytes_add(bytes_map *m, pt_str key, uint32_t hash, uint32_t value)
{
    if (m->count >= MAX_COUNT) return false;
    if (m->count == m->cap) {
        uint32_t cap = m->cap ? m->cap * 2 : FIRST_SLOTS;
        entry *grown = mem_grow(m->entries, cap, sizeof *grown);
        if (!grown) return false;
        m->entries = grown;
        m->cap = cap;
    }
    if (is_full(m->count, m->n_slots) && !bytes_grow(m)) return false;
    pt_str copy = str_copy(m->keys, key);
    if (!copy.ptr) return false;
    slot *s = bytes_probe(m, key, hash);
    m->entries[m->count] = (entry){copy, value};
    *s = (slot){hash, ++m->count};
    return true;
}

bool bytes_map_find(const bytes_map *m, pt_str key, uint32_t *value)
{
    const slot *s = bytes_probe(m, key, (uint32_t)hash_bytes(key.ptr, key.len));
    if (!s->entry) return false;
    *value = m->entries[s->entry - 1].value;
    return true;
}

pt_status bytes_map_put(bytes_map *m, pt_str key, uint32_t fresh, uint32_t *value, bool *added)
{
    uint32_t hash = (uint32_t)hash_bytes(key.ptr, key.len);
    const slot *s = bytes_probe(m, key, hash);
    *added = false;
    if (s->entry) {
        *value = m->entries[s->entry - 1].value;
        return PT_OK;
    }
    if (!bytes_add(m, key, hash, fresh)) return PT_NOMEM;
    *value = fresh;
    *added = true;
    return PT_OK;
}

pt_status bytes_map_set(bytes_map *m, pt_str key, uint32_t value)
{
    uint32_t hash = (uint32_t)hash_bytes(key.ptr, key.len);
    const slot *s = bytes_probe(m, key, hash);
    if (!s->entry) return bytes_add(m, key, hash, value) ? PT_OK : PT_NOMEM;
    m->entries[s->entry - 1].value = value;
    return PT_OK;
}

/* ---- from 64-bit integers ------------------------------------------ */

typedef struct u64_slot {
    uint64_t key;
    uint32_t value;
    bool used;
} u64_slot;

struct u64_map {
    u64_slot *slots;
    size_t n_slots;
    uint32_t count;
};

u64_map *u64_map_new(void)
{
    u64_map *m = mem_alloc(1, sizeof *m);
    if (!m) return NULL;
    m->slots = mem_alloc(FIRST_SLOTS, sizeof *m->slots);
    m->n_slots = FIRST_SLOTS;
    if (m->slots) return m;
    u64_map_free(m);
    return NULL;
}

void u64_map_free(u64_map *m)
{
    if (!m) return;
    mem_free(m->slots);
    mem_free(m);
}

uint32_t u64_map_count(const u64_map *m)
{
    return m->count;
}

static u64_slot *u64_probe(u64_slot *slots, size_t n_slots, uint64_t key)
{
    size_t i = hash_u64(key) & (n_slots - 1);
    while (slots[i].used && slots[i].key != key) i = (i + 1) & (n_slots - 1);
    return &slots[i];
}

static bool u64_grow(u64_map *m)
{
    size_t n = m->n_slots * 2;
    u64_slot *slots = mem_alloc(n, sizeof *slots);
    if (!slots) return false;
    for (size_t i = 0; i < m->n_slots; i++)
        if (m->slots[i].used) *u64_probe(slots, n, m->slots[i].key) = m->slots[i];
    mem_free(m->slots);
    m->slots = slots;
    m->n_slots = n;
    return true;
}

bool u64_map_find(const u64_map *m, uint64_t key, uint32_t *value)
{
    const u64_slot *s = u64_probe(m->slots, m->n_slots, key);
    if (s->used) *value = s->value;
    return s->used;
}

pt_status u64_map_put(u64_map *m, uint64_t key, uint32_t fresh, uint32_t *value, bool *added)
{
    u64_slot *s = u64_probe(m->slots, m->n_slots, key);
    *added = !s->used;
    if (s->used) {
        *value = s->value;
        return PT_OK;
    }
    if (is_full(m->count, m->n_slots)) {
        if (m->count >= MAX_COUNT || !u64_grow(m)) {
            *added = false;
            return PT_NOMEM;
        }
        s = u64_probe(m->slots, m->n_slots, key);
    }
    *s = (u64_slot){key, fresh, true};
    m->count++;
    *value = fresh;
    return PT_OK;
}
