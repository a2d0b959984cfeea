/* seg_codes.c - a number for each row of a block, from the bit planes of an index: rows need not be unpacked,
 * nor their members looked up in an array of all members.
 *
 * The code of a row's level member is spread over the planes; a table says the number of each code. Members
 * of one branch have the same highest bits, so where the number is that of a higher level, the lowest planes
 * are not looked at. The table is made anew only for a block that lists other members. Rows that lie close
 * together are taken 64 at a time, others one by one: also then a few planes, most of which the filters have
 * read, are nearer than ids spread over a column. */
#include "storage/seg_int.h"

enum {
    CODE_BITS = 12, /* codes with more are not read: the table is to stay near */
    CLOSE = 4       /* rows between two, on average, at most: all of them are then looked up */
};

struct seg_codes {
    const kern_ops *kern;
    /* planes of the block: the first of those looked at, and words of each */
    const uint64_t *planes;
    size_t plane_words;
    /* the table, and what it was made for; list NULL: there is none */
    const uint32_t *numbers;
    uint32_t n_numbers, n_members;
    const uint8_t *list;
    uint8_t n_planes, n_skipped;
    index_form form;
    uint64_t is_used[(1 << CODE_BITS) / 64]; /* by code */
    uint32_t table[1 << CODE_BITS];          /* by the bits that are looked at */
    uint32_t near[CLOSE * SEG_PART_ROWS + 64];
};

pt_status seg_codes_new(seg_codes **out, pt_err *err)
{
    *out = mem_grow(NULL, 1, sizeof **out); /* most of it may never be touched */
    if (!*out) return pt_fail(err, PT_NOMEM, "out of memory while reading an index");
    (*out)->kern = kern_get();
    (*out)->list = NULL;
    return PT_OK;
}

void seg_codes_free(seg_codes *c)
{
    mem_free(c);
}

/* ---- the table ----------------------------------------------------- */

static size_t list_bytes(const seg_iblock *b)
{
    return (size_t)b->n_members * (b->form == INDEX_CODES ? 6 : 4);
}

static bool fits_table(const seg_codes *c, const seg_index *x, uint32_t block, const uint32_t *numbers,
                       uint32_t n_numbers)
{
    const seg_iblock *b = &x->blocks[block];
    return c->list && c->numbers == numbers && c->n_numbers == n_numbers && c->form == (index_form)b->form &&
           c->n_members == b->n_members && c->n_planes == b->n_planes &&
           memcmp(c->list, index_bytes(x, block), list_bytes(b)) == 0;
}

/* How many of the lowest bits say nothing: codes that differ in them alone have the same number. It is enough
 * to look at neighbours. */
static unsigned count_idle_bits(const seg_codes *c, unsigned n_bits)
{
    unsigned n_idle = n_bits;
    uint32_t before = UINT32_MAX;
    for (uint32_t w = 0; w < seg_words(1u << n_bits); w++)
        for (uint64_t left = c->is_used[w]; left; left &= left - 1) {
            uint32_t code = w * 64 + (uint32_t)__builtin_ctzll(left);
            if (before != UINT32_MAX && c->table[code] != c->table[before]) {
                unsigned highest = 31 - (unsigned)__builtin_clz(code ^ before);
                n_idle = highest < n_idle ? highest : n_idle;
            }
            before = code;
        }
    return n_idle;
}

/* Codes that no member has get the number of one that differs in idle bits alone, or 0. */
static void drop_idle_bits(seg_codes *c, unsigned n_bits)
{
    unsigned n_idle = c->n_skipped = (uint8_t)count_idle_bits(c, n_bits);
    if (n_idle == 0) return;
    for (uint32_t code = 0; code < 1u << (n_bits - n_idle); code++) {
        uint32_t from = code << n_idle, at = from;
        while (at + 1 < from + (1u << n_idle) && !(c->is_used[at / 64] >> (at % 64) & 1)) at++;
        c->table[code] = c->table[at];
    }
}

static void make_table(seg_codes *c, const seg_index *x, uint32_t block)
{
    const seg_iblock *b = &x->blocks[block];
    memset(c->is_used, 0, sizeof c->is_used);
    memset(c->table, 0, sizeof *c->table << b->n_planes);
    for (uint32_t i = 0; i < b->n_members; i++) {
        uint32_t code = index_code(x, block, i), stable = index_member(x, block, i);
        c->is_used[code / 64] |= 1ull << (code % 64);
        c->table[code] = stable < c->n_numbers ? c->numbers[stable] : 0;
    }
    c->list = index_bytes(x, block);
    c->form = (index_form)b->form;
    c->n_members = b->n_members;
    c->n_planes = b->n_planes;
    drop_idle_bits(c, b->n_planes);
}

pt_status seg_codes_set(seg_codes *c, const seg_index *x, uint32_t block, const uint32_t *numbers,
                        uint32_t n_numbers, bool *has_codes, pt_err *err)
{
    *has_codes = false;
    if (NEVER(block >= x->seg->n_blocks)) return pt_fail(err, PT_INTERNAL, "no block %u in a segment", block);
    const seg_iblock *b = &x->blocks[block];
    if (b->form == INDEX_SETS || b->n_planes > CODE_BITS) return PT_OK;
    PT_TRY(index_verify(x, block, err));
    bool has_table = fits_table(c, x, block, numbers, n_numbers);
    c->numbers = numbers;
    c->n_numbers = n_numbers;
    if (!has_table) make_table(c, x, block);
    c->plane_words = seg_words(seg_block_rows(x->seg, block));
    const uint8_t *planes = index_bytes(x, block) + index_list_bytes(b);
    c->planes = (const uint64_t *)(const void *)planes + c->n_skipped * c->plane_words;
    *has_codes = true;
    return PT_OK;
}

/* ---- use ----------------------------------------------------------- */

static void add_range(const seg_codes *c, uint32_t first, uint32_t n, uint32_t *out)
{
    const uint64_t *planes[CODE_BITS];
    size_t n_planes = (size_t)(c->n_planes - c->n_skipped);
    for (size_t p = 0; p < n_planes; p++) planes[p] = c->planes + p * c->plane_words + first / 64;
    c->kern->add_planes(out, n, planes, n_planes, c->table);
}

static bool are_close(const uint32_t *rows, uint32_t n)
{
    return rows[n - 1] - rows[0] < n * CLOSE;
}

static void add_close(seg_codes *c, const uint32_t *rows, uint32_t n, uint32_t *out)
{
    uint32_t from = rows[0] / 64 * 64, n_near = rows[n - 1] + 1 - from;
    memset(c->near, 0, n_near * sizeof *c->near);
    add_range(c, from, n_near, c->near);
    for (uint32_t i = 0; i < n; i++) out[i] += c->near[rows[i] - from];
}

/* Row by row, the bits of its code from the highest plane down. */
static void add_scattered(const seg_codes *c, const uint32_t *rows, uint32_t n, uint32_t *out)
{
    size_t n_planes = (size_t)(c->n_planes - c->n_skipped), stride = c->plane_words;
    for (uint32_t i = 0; i < n; i++) {
        const uint64_t *word = c->planes + n_planes * stride + rows[i] / 64;
        uint64_t bit = 1ull << (rows[i] % 64);
        uint32_t code = 0;
        for (size_t p = 0; p < n_planes; p++) {
            word -= stride;
            code = code * 2 + ((*word & bit) != 0);
        }
        out[i] += c->table[code];
    }
}

void seg_codes_add(seg_codes *c, const uint32_t *rows, uint32_t first, uint32_t n, uint32_t *out)
{
    if (NEVER(n > SEG_PART_ROWS) || n == 0) return;
    if (!rows)
        add_range(c, first, n, out);
    else if (are_close(rows, n))
        add_close(c, rows, n, out);
    else
        add_scattered(c, rows, n, out);
}

bool seg_codes_pay(const seg_codes *c, uint32_t n_rows)
{
    enum { PLANE_ROWS = 64 }; /* whose ids take as long as to bring a plane into the caches */
    return !c->list || n_rows >= (uint32_t)(c->n_planes - c->n_skipped) * PLANE_ROWS;
}
