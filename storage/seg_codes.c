/* seg_codes.c - a number for each row of a block, from the bit planes of an index: rows need not be unpacked,
 * nor their members looked up in an array of all members.
 *
 * The code of a row's level member is spread over the planes; a table says the number of each code. Only
 * planes that tell numbers apart are looked at: members of one branch have the same highest bits, so where
 * the number is that of a higher level, the lowest planes say nothing, and where only one branch is asked
 * for, the highest. The table is made anew only for a block that lists other members. Rows that lie close
 * together are taken 64 at a time, others one by one: also then a few planes, most of which the filters have
 * read, are nearer than ids spread over a column. */
#include "storage/seg_int.h"

enum {
    CODE_BITS = 12, /* codes with more are not read: the table is to stay near */
    CLOSE = 4       /* rows between two, on average, at most: all of them are then looked up */
};

struct seg_codes {
    const kern_ops *kern;
    /* planes of the block that are looked at, the lowest first */
    const uint64_t *planes[CODE_BITS];
    uint32_t n_telling, telling; /* how many, and which: a bit for each */
    /* the table, and what it was made for */
    const uint32_t *numbers;
    uint32_t n_numbers;
    uint64_t list;                            /* sum of the block's; 0: no table */
    uint64_t is_asked[(1 << CODE_BITS) / 64]; /* by code */
    uint32_t number_of[1 << CODE_BITS];       /* by code that is asked for */
    uint32_t table[1 << CODE_BITS];           /* by the bits that are looked at */
    uint32_t near[CLOSE * SEG_PART_ROWS + 64];
};

pt_status seg_codes_new(seg_codes **out, pt_err *err)
{
    *out = mem_grow(NULL, 1, sizeof **out); /* most of it may never be touched */
    if (!*out) return pt_fail(err, PT_NOMEM, "out of memory while reading an index");
    (*out)->kern = kern_get();
    (*out)->list = 0;
    return PT_OK;
}

void seg_codes_free(seg_codes *c)
{
    mem_free(c);
}

/* ---- the table ----------------------------------------------------- */

static bool fits_table(const seg_codes *c, const seg_index *x, uint32_t block, const uint32_t *numbers,
                       uint32_t n_numbers)
{
    return c->list && c->list == index_list_sum(x, block) && c->numbers == numbers &&
           c->n_numbers == n_numbers;
}

/* Codes that are asked for and the number of each. */
static void list_codes(seg_codes *c, const seg_index *x, uint32_t block)
{
    const seg_iblock *b = &x->blocks[block];
    memset(c->is_asked, 0, sizeof c->is_asked);
    for (uint32_t i = 0; i < b->n_members; i++) {
        uint32_t code = index_code(x, block, i), stable = index_member(x, block, i);
        uint32_t number = stable < c->n_numbers ? c->numbers[stable] : 0;
        if (number == SEG_NO_NUMBER) continue;
        c->is_asked[code / 64] |= 1ull << (code % 64);
        c->number_of[code] = number;
    }
}

/* The bits that tell numbers apart: not the lowest that say nothing, because codes that differ in them alone
 * have the same number (it is enough to look at neighbours), nor those that are the same in all codes. */
static uint32_t telling_bits(const seg_codes *c, unsigned n_bits)
{
    unsigned n_idle = n_bits;
    uint32_t before = UINT32_MAX, differ = 0;
    for (uint32_t w = 0; w < seg_words(1u << n_bits); w++)
        for (uint64_t left = c->is_asked[w]; left; left &= left - 1) {
            uint32_t code = w * 64 + (uint32_t)__builtin_ctzll(left);
            if (before != UINT32_MAX && c->number_of[code] != c->number_of[before]) {
                unsigned highest = 31 - (unsigned)__builtin_clz(code ^ before);
                n_idle = highest < n_idle ? highest : n_idle;
            }
            if (before != UINT32_MAX) differ |= code ^ before;
            before = code;
        }
    return differ >> n_idle << n_idle;
}

/* The bits of a code that are looked at, side by side. */
static uint32_t told(uint32_t telling, uint32_t code)
{
    uint32_t bits = 0;
    for (unsigned n = 0; telling; telling &= telling - 1, n++)
        bits |= (code >> __builtin_ctz(telling) & 1) << n;
    return bits;
}

static void make_table(seg_codes *c, const seg_index *x, uint32_t block)
{
    const seg_iblock *b = &x->blocks[block];
    list_codes(c, x, block);
    c->telling = telling_bits(c, b->n_planes);
    c->n_telling = (uint32_t)__builtin_popcount(c->telling);
    memset(c->table, 0, sizeof *c->table << c->n_telling);
    for (uint32_t w = 0; w < seg_words(1u << b->n_planes); w++)
        for (uint64_t left = c->is_asked[w]; left; left &= left - 1) {
            uint32_t code = w * 64 + (uint32_t)__builtin_ctzll(left);
            c->table[told(c->telling, code)] = c->number_of[code];
        }
    c->list = index_list_sum(x, block);
}

static void find_planes(seg_codes *c, const seg_index *x, uint32_t block)
{
    const uint8_t *bytes = index_bytes(x, block) + index_list_bytes(&x->blocks[block]);
    const uint64_t *first = (const uint64_t *)(const void *)bytes;
    size_t n = 0, n_words = seg_words(seg_block_rows(x->seg, block));
    for (uint32_t left = c->telling; left; left &= left - 1)
        c->planes[n++] = first + (size_t)__builtin_ctz(left) * n_words;
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
    find_planes(c, x, block);
    *has_codes = true;
    return PT_OK;
}

/* ---- use ----------------------------------------------------------- */

static void add_range(const seg_codes *c, uint32_t first, uint32_t n, uint32_t *out)
{
    const uint64_t *planes[CODE_BITS];
    for (uint32_t p = 0; p < c->n_telling; p++) planes[p] = c->planes[p] + first / 64;
    c->kern->add_planes(out, n, planes, c->n_telling, c->table);
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

/* Row by row. */
static void add_scattered(const seg_codes *c, const uint32_t *rows, uint32_t n, uint32_t *out)
{
    for (uint32_t i = 0; i < n; i++) {
        uint32_t word = rows[i] / 64, bit = rows[i] % 64, bits = 0;
        for (uint32_t p = 0; p < c->n_telling; p++) bits |= (uint32_t)(c->planes[p][word] >> bit & 1) << p;
        out[i] += c->table[bits];
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
    return !c->list || n_rows >= c->n_telling * PLANE_ROWS;
}
