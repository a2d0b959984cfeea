/* agg_groups.c - the groups of one worker: accumulators by slot; slots by key, directly or through a hash
 * table. */
#include "base/map.h"
#include "engine/agg_spill.h"
#include "engine/radix.h"

/* ---- counted memory --------------------------------------------------------------- */

void agg_memory_init(agg_memory *mem, const limits *l)
{
    mem_budget_init(&mem->own, l->memory_bytes);
    mem->shared = l->memory ? l->memory : &mem->own;
    atomic_init(&mem->used, 0);
}

void agg_memory_done(agg_memory *mem)
{
    mem_budget_give(mem->shared, atomic_load_explicit(&mem->used, memory_order_relaxed));
    atomic_store_explicit(&mem->used, 0, memory_order_relaxed);
}

/* Larger arrays are read and written at random: there, large pages save a tenth of the time and most page
 * faults. */
enum { MANY_PAGES = 4 << 20 };

pt_status agg_grow(agg_memory *mem, void **p, size_t n_old, size_t n_new, size_t size_bytes, pt_err *err)
{
    size_t total;
    if (__builtin_mul_overflow(n_new, size_bytes, &total)) return mem_budget_fail(mem->shared, err);
    size_t more = total - n_old * size_bytes;
    if (!mem_budget_take(mem->shared, more)) return mem_budget_fail(mem->shared, err);
    void *grown = *p ? mem_grow(*p, n_new, size_bytes) : mem_alloc(n_new, size_bytes);
    if (!grown) {
        mem_budget_give(mem->shared, more);
        return pt_fail(err, PT_NOMEM, "out of memory");
    }
    atomic_fetch_add_explicit(&mem->used, more, memory_order_relaxed);
    if (total >= MANY_PAGES) mem_prefer_large_pages(grown, total);
    if (*p) memset((char *)grown + n_old * size_bytes, 0, more);
    *p = grown;
    return PT_OK;
}

void agg_shrink(agg_memory *mem, void **p, size_t n_old, size_t n_new, size_t size_bytes)
{
    void *less = mem_grow(*p, n_new, size_bytes);
    if (less) *p = less;
    mem_budget_give(mem->shared, (n_old - n_new) * size_bytes);
    atomic_fetch_sub_explicit(&mem->used, (n_old - n_new) * size_bytes, memory_order_relaxed);
}

void agg_give_back(agg_memory *mem, void *p, size_t n, size_t size_bytes)
{
    if (p) {
        mem_budget_give(mem->shared, n * size_bytes);
        atomic_fetch_sub_explicit(&mem->used, n * size_bytes, memory_order_relaxed);
    }
    mem_free(p);
}

/* ---- groups -------------------------------------------------------------------------- */

pt_status agg_too_many_cells(uint64_t limit, pt_err *err)
{
    pt_fail(err, PT_LIMIT, "the statement needs more than its limit of %llu cells",
            (unsigned long long)limit);
    pt_hint(err, "raise it with SET LIMIT CELLS = <n>, or ask for fewer members");
    return PT_LIMIT;
}

enum { MIN_BITS = 10, MAX_FIRST_BITS = 16, MAX_SLOTS = 1 << 30 };

static size_t bytes_of(const agg_plan *p, size_t n_slots, size_t n_entries)
{
    return n_slots * (p->stride + p->n_words) * sizeof(uint64_t) + n_entries * sizeof(agg_entry);
}

/* Room for half of the rows to be groups of their own, within reason. */
static uint32_t first_bits(const agg_plan *p, const agg_spill *spill)
{
    uint32_t bits = MIN_BITS;
    while (bits < MAX_FIRST_BITS && (1ull << bits) < p->scan.n_rows) bits++;
    while (spill && bits > MIN_BITS &&
           bytes_of(p, (size_t)1 << (bits - 1), (size_t)1 << bits) > spill->share_bytes)
        bits--;
    return bits;
}

pt_status agg_groups_init(agg_groups *g, const agg_plan *plan, agg_memory *mem, uint64_t max_cells,
                          agg_spill *spill, pt_err *err)
{
    *g = (agg_groups){.plan = plan, .mem = mem, .max_cells = max_cells, .spill = spill};
    g->table_bits = first_bits(plan, spill);
    size_t n = plan->is_direct ? plan->n_direct : ((size_t)1 << g->table_bits) / 2;
    PT_TRY(agg_grow(mem, (void **)&g->acc, 0, n, plan->stride * sizeof *g->acc, err));
    g->cap = n;
    if (plan->is_direct) {
        g->n = n;
        return PT_OK;
    }
    PT_TRY(agg_grow(mem, (void **)&g->keys, 0, n, plan->n_words * sizeof *g->keys, err));
    return agg_grow(mem, (void **)&g->table, 0, (size_t)1 << g->table_bits, sizeof *g->table, err);
}

void agg_groups_done(agg_groups *g)
{
    if (!g->plan) return;
    agg_give_back(g->mem, g->acc, g->cap, g->plan->stride * sizeof *g->acc);
    agg_give_back(g->mem, g->keys, g->cap, g->plan->n_words * sizeof *g->keys);
    agg_give_back(g->mem, g->table, (size_t)1 << g->table_bits, sizeof *g->table);
    *g = (agg_groups){0};
}

static uint64_t hash_key(const uint64_t *key, uint32_t n_words)
{
    uint64_t h = hash_u64(key[0]);
    for (uint32_t i = 1; i < n_words; i++) h = hash_u64(h + key[i]);
    return h;
}

static size_t home(const agg_groups *g, uint64_t hash)
{
    return hash >> (64 - g->table_bits);
}

/* Keys and accumulators for n slots. */
static pt_status grow_rows(agg_groups *g, size_t n, pt_err *err)
{
    size_t key_bytes = g->plan->n_words * sizeof *g->keys;
    PT_TRY(agg_grow(g->mem, (void **)&g->keys, g->cap, n, key_bytes, err));
    pt_status st = agg_grow(g->mem, (void **)&g->acc, g->cap, n, g->plan->stride * sizeof *g->acc, err);
    if (st != PT_OK) agg_shrink(g->mem, (void **)&g->keys, n, g->cap, key_bytes);
    return st;
}

/* Tags are enough to fill a larger table. */
static void fill_table(const agg_groups *g, agg_entry *table, uint32_t table_bits)
{
    size_t old_size = (size_t)1 << g->table_bits, mask = ((size_t)1 << table_bits) - 1;
    for (size_t i = 0; i < old_size; i++) {
        agg_entry e = g->table[i];
        if (!e.slot) continue;
        size_t at = (g->plan->n_words == 1 ? hash_u64(e.tag) : e.tag) >> (64 - table_bits);
        while (table[at].slot) at = (at + 1) & mask;
        table[at] = e;
    }
}

/* Twice the room: the table stays at most half full. Nothing has changed if that fails. */
static pt_status grow(agg_groups *g, pt_err *err)
{
    size_t n = g->cap * 2, old_size = (size_t)1 << g->table_bits;
    agg_entry *table = NULL;
    if (n > MAX_SLOTS) return pt_fail(err, PT_LIMIT, "the statement needs more than %d cells", MAX_SLOTS);
    pt_status st = agg_grow(g->mem, (void **)&table, 0, old_size * 2, sizeof *table, err);
    if (st == PT_OK) st = grow_rows(g, n, err);
    if (st != PT_OK) {
        agg_give_back(g->mem, table, old_size * 2, sizeof *table);
        return st;
    }
    g->cap = n;
    fill_table(g, table, g->table_bits + 1);
    agg_give_back(g->mem, g->table, old_size, sizeof *table);
    g->table = table;
    g->table_bits++;
    return PT_OK;
}

/* Can the room be doubled within the worker's share? Two tables are there while it is. */
static bool may_grow(const agg_groups *g)
{
    size_t n_entries = (size_t)1 << g->table_bits;
    return bytes_of(g->plan, g->cap * 2, n_entries * 3) <= g->spill->share_bytes;
}

pt_status agg_groups_reserve(agg_groups *g, uint32_t n, pt_err *err)
{
    while (g->spill && g->n + n >= g->cap) {
        pt_err unused = {0};
        if (may_grow(g) && grow(g, &unused) == PT_OK) continue;
        if (g->n == 0) return mem_budget_fail(g->mem->shared, err);
        PT_TRY(agg_spill_groups(g->spill, g, err));
    }
    return PT_OK;
}

void agg_groups_clear(agg_groups *g)
{
    memset(g->acc, 0, g->n * g->plan->stride * sizeof *g->acc);
    memset(g->table, 0, ((size_t)1 << g->table_bits) * sizeof *g->table);
    g->n = 0;
}

radix_pair *agg_groups_order(const agg_groups *g, radix_pair *room)
{
    uint32_t n_words = g->plan->n_words;
    radix_pair *order = room;
    for (uint64_t i = 0; i < g->n; i++) order[i].tow = i;
    for (uint32_t word = n_words; word-- > 0;) {
        for (uint64_t i = 0; i < g->n; i++) order[i].key = g->keys[order[i].tow * n_words + word];
        order = radix_sort_pairs(order, order == room ? room + g->n : room, g->n);
    }
    return order;
}

static pt_status add_slot(agg_groups *g, const uint64_t *key, uint64_t tag, size_t at, uint32_t *slot,
                          pt_err *err)
{
    uint32_t n_words = g->plan->n_words;
    if (g->max_cells && g->n >= g->max_cells) return agg_too_many_cells(g->max_cells, err);
    *slot = (uint32_t)g->n++;
    for (uint32_t i = 0; i < n_words; i++) g->keys[(size_t)*slot * n_words + i] = key[i];
    g->table[at] = (agg_entry){tag, *slot + 1ull};
    return g->n == g->cap ? grow(g, err) : PT_OK;
}

static bool is_key(const agg_groups *g, uint64_t slot, const uint64_t *key)
{
    uint32_t n_words = g->plan->n_words;
    return n_words == 1 || memcmp(g->keys + slot * n_words, key, n_words * sizeof *key) == 0;
}

static pt_status find_one(agg_groups *g, const uint64_t *key, uint64_t hash, uint32_t *slot, pt_err *err)
{
    uint64_t tag = g->plan->n_words == 1 ? *key : hash;
    size_t at = home(g, hash), mask = ((size_t)1 << g->table_bits) - 1;
    for (; g->table[at].slot; at = (at + 1) & mask) {
        *slot = (uint32_t)g->table[at].slot - 1;
        if (g->table[at].tag == tag && is_key(g, *slot, key)) return PT_OK;
    }
    return add_slot(g, key, tag, at, slot, err);
}

/* Hashes first, so that the table's lines are on their way when they are looked at. */
pt_status agg_groups_find(agg_groups *g, const uint64_t *keys, uint32_t n, uint32_t *slots, pt_err *err)
{
    enum { BATCH = 64 };
    uint64_t hashes[BATCH];
    uint32_t n_words = g->plan->n_words;
    for (uint32_t from = 0; from < n; from += BATCH) {
        uint32_t some = n - from < BATCH ? n - from : BATCH;
        for (uint32_t i = 0; i < some; i++) {
            hashes[i] = hash_key(keys + (size_t)(from + i) * n_words, n_words);
            __builtin_prefetch(&g->table[home(g, hashes[i])]);
        }
        for (uint32_t i = 0; i < some; i++)
            PT_TRY(find_one(g, keys + (size_t)(from + i) * n_words, hashes[i], &slots[from + i], err));
    }
    return PT_OK;
}

void agg_groups_key(const agg_groups *g, uint64_t slot, uint64_t *key)
{
    if (g->plan->is_direct)
        *key = slot;
    else
        memcpy(key, g->keys + slot * g->plan->n_words, g->plan->n_words * sizeof *key);
}
