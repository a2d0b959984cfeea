/* seg_mask.c - the rows of a set of level members: by sets, or by a tree of conditions on bit planes.
 *
 * The tree comes from the wanted codes, from the highest bit down: a range of codes that are all wanted ends
 * it, one without wanted codes is cut off, and a range in which no code occurs needs no condition at all. A
 * node holds the conditions on the way to the next fork, so that a subtree of a hierarchy, whose codes share
 * a prefix, is one node. Rows are taken through it in tiles that stay in the nearest cache. */
#include "storage/seg_int.h"

enum {
    TILE_WORDS = 128,
    MAX_NODES = 256, /* beyond that, to look up each row's member is faster */
    MAX_CODES = 1 << INDEX_MAX_PLANES,
    NO_NODE = UINT16_MAX,
};

typedef struct mask_node {
    uint16_t fork[2]; /* rows of either, or NO_NODE twice: all rows that meet the conditions */
    uint8_t n, planes[INDEX_MAX_PLANES];
    uint64_t flips[INDEX_MAX_PLANES];
} mask_node;

struct seg_mask {
    const kern_ops *kern;
    seg_mask_kind kind;
    uint32_t cost;
    bool is_sets;
    uint64_t rows[SEG_BLOCK_WORDS]; /* of sets */
    /* planes of the block */
    const uint64_t *planes;
    uint32_t plane_words;
    /* the tree, and what it was made for */
    const uint8_t *wanted;
    uint32_t n_wanted;
    uint64_t list; /* sum of the block's; 0: no tree */
    uint16_t n_nodes;
    mask_node nodes[MAX_NODES];
    uint64_t is_wanted[MAX_CODES / 64], is_used[MAX_CODES / 64]; /* by code */
    uint64_t tiles[INDEX_MAX_PLANES + 2][TILE_WORDS];            /* by depth */
};

pt_status seg_mask_new(seg_mask **out, pt_err *err)
{
    *out = mem_grow(NULL, 1, sizeof **out); /* most of it may never be touched */
    if (!*out) return pt_fail(err, PT_NOMEM, "out of memory while reading an index");
    (*out)->kern = kern_get();
    (*out)->list = 0;
    return PT_OK;
}

void seg_mask_free(seg_mask *m)
{
    mem_free(m);
}

seg_mask_kind seg_mask_is(const seg_mask *m)
{
    return m->kind;
}

uint32_t seg_mask_cost(const seg_mask *m)
{
    return m->cost;
}

static bool wants(const seg_mask *m, const seg_index *x, uint32_t block, uint32_t i)
{
    uint32_t stable = index_member(x, block, i);
    return stable < m->n_wanted && m->wanted[stable];
}

/* ---- sets ---------------------------------------------------------- */

static pt_status unite_sets(seg_mask *m, const seg_index *x, uint32_t block, pt_err *err)
{
    uint32_t n = x->blocks[block].n_members, n_sets = 0;
    m->is_sets = true;
    m->cost = 1;
    for (uint32_t i = 0; i < n; i++) n_sets += wants(m, x, block, i);
    m->kind = n_sets == 0 ? MASK_NONE : n_sets == n ? MASK_ALL : MASK_SOME;
    if (m->kind != MASK_SOME) return PT_OK;
    memset(m->rows, 0, sizeof m->rows);
    for (uint32_t i = 0; i < n; i++)
        if (wants(m, x, block, i) && !index_or_set(x, block, i, m->rows))
            return seg_damaged(x->seg, err, "sets of an index", block);
    return PT_OK;
}

/* ---- the tree ------------------------------------------------------ */

/* How many of the 2^bits codes from `first` on are set. */
static uint32_t count_codes(const uint64_t *set, unsigned bits, uint32_t first)
{
    uint32_t n = 0;
    if (bits < 6)
        return (uint32_t)__builtin_popcountll(set[first / 64] >> (first % 64) & ((1ull << (1u << bits)) - 1));
    for (uint32_t w = first / 64; w < (first + (1u << bits)) / 64; w++)
        n += (uint32_t)__builtin_popcountll(set[w]);
    return n;
}

static void add_condition(seg_mask *m, mask_node *node, unsigned plane, bool is_one)
{
    node->planes[node->n] = (uint8_t)plane;
    node->flips[node->n++] = is_one ? 0 : ~0ull;
    m->cost++;
}

/* Follow the codes from `first` on, whose lowest `bits` bits are open and some of which are wanted, down to
 * where they fork. The first condition is given by the caller. NO_NODE: too many nodes. */
static uint16_t grow(seg_mask *m, unsigned bits, uint32_t first, bool has_condition)
{
    if (m->n_nodes == MAX_NODES) return NO_NODE;
    uint16_t at = m->n_nodes++;
    mask_node *node = &m->nodes[at];
    *node = (mask_node){.fork = {NO_NODE, NO_NODE}};
    if (has_condition) add_condition(m, node, bits, first >> bits & 1);
    while (count_codes(m->is_wanted, bits, first) != count_codes(m->is_used, bits, first)) {
        uint32_t high = first | 1u << --bits;
        bool low_wanted = count_codes(m->is_wanted, bits, first),
             low_used = count_codes(m->is_used, bits, first);
        bool high_wanted = count_codes(m->is_wanted, bits, high),
             high_used = count_codes(m->is_used, bits, high);
        if (low_wanted && high_wanted) {
            node->fork[0] = grow(m, bits, first, true);
            node->fork[1] = node->fork[0] == NO_NODE ? NO_NODE : grow(m, bits, high, true);
            return node->fork[1] == NO_NODE ? NO_NODE : at;
        }
        if (low_used && high_used) add_condition(m, node, bits, high_wanted);
        if (high_wanted) first = high;
    }
    return at;
}

/* Was the tree made for a block that lists the same members with the same codes? */
static bool fits_tree(const seg_mask *m, const seg_index *x, uint32_t block, const uint8_t *wanted,
                      uint32_t n_wanted)
{
    return m->list && m->list == index_list_sum(x, block) && !m->is_sets && m->wanted == wanted &&
           m->n_wanted == n_wanted;
}

static void make_tree(seg_mask *m, const seg_index *x, uint32_t block)
{
    const seg_iblock *b = &x->blocks[block];
    uint32_t n_words = seg_words(1u << b->n_planes), n = 0;
    memset(m->is_wanted, 0, n_words * sizeof *m->is_wanted);
    memset(m->is_used, 0, n_words * sizeof *m->is_used);
    for (uint32_t i = 0; i < b->n_members; i++) {
        uint32_t code = index_code(x, block, i);
        bool is_wanted = wants(m, x, block, i);
        m->is_used[code / 64] |= 1ull << (code % 64);
        m->is_wanted[code / 64] |= (uint64_t)is_wanted << (code % 64);
        n += is_wanted;
    }
    m->list = index_list_sum(x, block);
    m->is_sets = false;
    m->n_nodes = 0;
    m->cost = 0;
    m->kind = n == 0 ? MASK_NONE : n == b->n_members ? MASK_ALL : MASK_SOME;
    if (m->kind == MASK_SOME && grow(m, b->n_planes, 0, false) == NO_NODE) m->kind = MASK_COSTLY;
}

pt_status seg_mask_set(seg_mask *m, const seg_index *x, uint32_t block, const uint8_t *wanted,
                       uint32_t n_wanted, pt_err *err)
{
    if (NEVER(block >= x->seg->n_blocks)) return pt_fail(err, PT_INTERNAL, "no block %u in a segment", block);
    PT_TRY(index_verify(x, block, err));
    const seg_iblock *b = &x->blocks[block];
    bool has_tree = b->form != INDEX_SETS && fits_tree(m, x, block, wanted, n_wanted);
    m->wanted = wanted;
    m->n_wanted = n_wanted;
    if (b->form == INDEX_SETS) return unite_sets(m, x, block, err);
    m->plane_words = seg_words(seg_block_rows(x->seg, block));
    m->planes = (const uint64_t *)(const void *)(index_bytes(x, block) + index_list_bytes(b));
    if (!has_tree) make_tree(m, x, block);
    return PT_OK;
}

/* ---- use ----------------------------------------------------------- */

typedef struct tile {
    uint32_t first, n_words;
    uint64_t *out;
} tile;

static void find_planes(const seg_mask *m, const mask_node *node, const tile *t, const uint64_t **planes)
{
    for (uint32_t i = 0; i < node->n; i++)
        planes[i] = m->planes + (size_t)node->planes[i] * m->plane_words + t->first;
}

/* Add the rows of `in` that a subtree has. */
static void walk(seg_mask *m, const mask_node *node, const tile *t, const uint64_t *in, uint32_t depth)
{
    const uint64_t *planes[INDEX_MAX_PLANES];
    find_planes(m, node, t, planes);
    if (node->fork[0] == NO_NODE) {
        m->kern->or_planes(t->out, in, t->n_words, planes, node->flips, node->n);
        return;
    }
    uint64_t *rows = m->tiles[depth];
    if (m->kern->and_planes(rows, in, t->n_words, planes, node->flips, node->n) == 0) return;
    walk(m, &m->nodes[node->fork[0]], t, rows, depth + 1);
    walk(m, &m->nodes[node->fork[1]], t, rows, depth + 1);
}

static uint64_t and_tile(seg_mask *m, const tile *t)
{
    const uint64_t *planes[INDEX_MAX_PLANES];
    const mask_node *root = &m->nodes[0];
    uint64_t any = 0;
    if (m->is_sets) {
        for (uint32_t w = 0; w < t->n_words; w++) any |= t->out[w] &= m->rows[t->first + w];
        return any;
    }
    find_planes(m, root, t, planes);
    if (root->fork[0] == NO_NODE)
        return m->kern->and_planes(t->out, t->out, t->n_words, planes, root->flips, root->n);
    memcpy(m->tiles[0], t->out, t->n_words * sizeof *t->out);
    memset(t->out, 0, t->n_words * sizeof *t->out);
    walk(m, root, t, m->tiles[0], 1);
    for (uint32_t w = 0; w < t->n_words; w++) any |= t->out[w];
    return any;
}

uint64_t seg_mask_and(seg_mask *m, uint64_t *bits, uint32_t first, uint32_t n_words)
{
    uint64_t any = 0;
    for (uint32_t at = 0; at < n_words; at += TILE_WORDS) {
        tile t = {first + at, n_words - at < TILE_WORDS ? n_words - at : TILE_WORDS, bits + at};
        any |= and_tile(m, &t);
    }
    return any;
}
