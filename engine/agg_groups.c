/* agg_groups.c - the groups of one worker: accumulators by slot; slots by key, directly or through a hash
 * table. */
#include "base/map.h"
#include "engine/agg_int.h"

/* ---- counted memory --------------------------------------------------------------- */

static pt_status over_budget(const agg_memory *mem, pt_err *err)
{
    if (!mem->budget) return pt_fail(err, PT_NOMEM, "out of memory");
    pt_fail(err, PT_NOMEM, "the statement needs more than its memory limit of %zu MB", mem->limit >> 20);
    pt_hint(err, "raise it with SET LIMIT MEMORY = '<n> MB', or ask for fewer members");
    return PT_NOMEM;
}

/* Larger arrays are read and written at random: there, large pages save a tenth of the time and most page
 * faults. */
enum { MANY_PAGES = 4 << 20 };

pt_status agg_grow(agg_memory *mem, void **p, size_t n_old, size_t n_new, size_t size_bytes, pt_err *err)
{
    size_t total;
    if (__builtin_mul_overflow(n_new, size_bytes, &total)) return over_budget(mem, err);
    size_t more = total - n_old * size_bytes;
    size_t used = atomic_fetch_add_explicit(&mem->used, more, memory_order_relaxed) + more;
    void *grown = NULL;
    if (!mem->budget || used <= mem->budget)
        grown = *p ? mem_grow(*p, n_new, size_bytes) : mem_alloc(n_new, size_bytes);
    if (!grown) {
        atomic_fetch_sub_explicit(&mem->used, more, memory_order_relaxed);
        return over_budget(mem, err);
    }
    if (total >= MANY_PAGES) mem_prefer_large_pages(grown, total);
    if (*p) memset((char *)grown + n_old * size_bytes, 0, more);
    *p = grown;
    return PT_OK;
}

static void give_back(agg_memory *mem, void *p, size_t n, size_t size_bytes)
{
    if (p) atomic_fetch_sub_explicit(&mem->used, n * size_bytes, memory_order_relaxed);
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

/* Room for half of the rows to be groups of their own, within reason. */
static uint32_t first_bits(const agg_plan *p)
{
    uint32_t bits = MIN_BITS;
    while (bits < MAX_FIRST_BITS && (1ull << bits) < p->scan.n_rows) bits++;
    return bits;
}

pt_status agg_groups_init(agg_groups *g, const agg_plan *plan, agg_memory *mem, uint64_t max_cells,
                          pt_err *err)
{
    *g = (agg_groups){.plan = plan, .mem = mem, .max_cells = max_cells, .table_bits = first_bits(plan)};
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
    mem_free(g->acc);
    mem_free(g->keys);
    mem_free(g->table);
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

/* Twice the room: the table stays at most half full. Tags are enough to fill the new one. */
static pt_status grow(agg_groups *g, pt_err *err)
{
    const agg_plan *p = g->plan;
    size_t n = g->cap * 2, old_size = (size_t)1 << g->table_bits, mask = 2 * old_size - 1;
    agg_entry *old = g->table, *table = NULL;
    if (n > MAX_SLOTS) return pt_fail(err, PT_LIMIT, "the statement needs more than %d cells", MAX_SLOTS);
    PT_TRY(agg_grow(g->mem, (void **)&g->acc, g->cap, n, p->stride * sizeof *g->acc, err));
    PT_TRY(agg_grow(g->mem, (void **)&g->keys, g->cap, n, p->n_words * sizeof *g->keys, err));
    g->cap = n;
    PT_TRY(agg_grow(g->mem, (void **)&table, 0, mask + 1, sizeof *table, err));
    g->table = table;
    g->table_bits++;
    for (size_t i = 0; i < old_size; i++) {
        if (!old[i].slot) continue;
        size_t at = home(g, p->n_words == 1 ? hash_u64(old[i].tag) : old[i].tag);
        while (table[at].slot) at = (at + 1) & mask;
        table[at] = old[i];
    }
    give_back(g->mem, old, old_size, sizeof *old);
    return PT_OK;
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
