/* sparse_place.c - from groups of facts back to positions in the sets of a sparse search.
 *
 * The tuples of a part are indexed by the ranks of their members in the grouped levels. Each group then finds
 * the chain of tuples of every set that it belongs to, and stands for all combinations of them. */
#include "query/sparse_int.h"

/* Rows may hold more than was asked for; the sets sort that out, but not the context. */
static bool row_fits(const sparse_plan *p, uint32_t row)
{
    for (uint32_t c = 0; c < p->rows.n_axes; c++)
        if (p->axes[c].factor == SPARSE_NOWHERE && p->rows.coords[c][row] != p->ctx[p->rows.hiers[c]].id)
            return false;
    return true;
}

/* The axes of the rows that are columns of one set. */
static uint32_t columns_of(const sparse_plan *p, uint32_t of, uint32_t *at)
{
    uint32_t n = 0;
    for (uint32_t c = 0; c < p->rows.n_axes; c++)
        if (p->axes[c].factor == of) at[n++] = c;
    return n;
}

/* A slot for every combination of ranks costs no more than a hash if one in eight is there, and members that
 * follow each other are found side by side in memory. */
enum { PLACES_PER_TUPLE = 8 };

static uint32_t level_size(const sparse_finder *f, const sparse_plan *p, uint32_t axis)
{
    mref m = p->ctx[p->rows.hiers[axis]];
    return f->x->sc->hiers[m.hier].view->levels[m.level].n;
}

static uint64_t count_places(const sparse_finder *f, const sparse_plan *p, const uint32_t *at, uint32_t n,
                             uint32_t n_tuples)
{
    uint64_t places = 1, most = (uint64_t)n_tuples * PLACES_PER_TUPLE;
    for (uint32_t c = 0; c < n; c++)
        if (__builtin_mul_overflow(places, level_size(f, p, at[c]), &places) || places > most) return 0;
    return places;
}

/* The axes of a plan's rows that are columns of one set, and ranks in them. */
typedef struct ranks {
    uint32_t n, at[AGG_MAX_AXES], v[AGG_MAX_AXES];
} ranks;

static bool has_ranks(const sparse_plan *p, const mref *t, const ranks *r)
{
    uint32_t c = 0;
    while (c < r->n && t[p->axes[r->at[c]].k].id == r->v[c]) c++;
    return c == r->n;
}

/* The slot of those ranks, or the free one where they belong. */
static uint64_t slot_of(const sparse_finder *f, const sparse_plan *p, uint32_t i, const ranks *r)
{
    const sparse_part *pa = p->parts[i];
    if (pa->n_places) {
        uint64_t place = 0;
        for (uint32_t c = 0; c < r->n; c++) place = place * level_size(f, p, r->at[c]) + r->v[c];
        return place;
    }
    uint32_t h = (uint32_t)cells_hash(r->v, r->n) & pa->mask;
    while (pa->slots[h] && !has_ranks(p, set_at(f->factors[i].s, pa->positions[pa->slots[h] - 1]), r))
        h = (h + 1) & pa->mask;
    return h;
}

static pt_status index_part(sparse_finder *f, const sparse_plan *p, uint32_t i)
{
    sparse_part *pa = p->parts[i];
    ranks r;
    uint32_t size = 16;
    r.n = columns_of(p, i, r.at);
    while (size < pa->n * 2) size *= 2;
    pa->mask = size - 1;
    pa->n_places = count_places(f, p, r.at, r.n, pa->n);
    pa->slots = arena_array(f->a, uint32_t, pa->n_places ? pa->n_places : size);
    pa->next = arena_array(f->a, uint32_t, pa->n);
    if (!pa->slots || !pa->next) return arena_fail(f->a, f->x->err);
    for (uint32_t j = pa->n; j-- > 0;) { /* backwards, so that chains run forwards */
        const mref *t = set_at(f->factors[i].s, pa->positions[j]);
        for (uint32_t c = 0; c < r.n; c++) r.v[c] = t[p->axes[r.at[c]].k].id;
        uint64_t at = slot_of(f, p, i, &r);
        pa->next[j] = pa->slots[at];
        pa->slots[at] = j + 1;
    }
    return PT_OK;
}

/* First entry (index + 1) of the chain with the ranks of a result row; 0: none. */
static uint32_t first_of(const sparse_finder *f, const sparse_plan *p, uint32_t i, uint32_t row)
{
    ranks r;
    r.n = columns_of(p, i, r.at);
    for (uint32_t c = 0; c < r.n; c++) r.v[c] = p->rows.coords[r.at[c]][row];
    return p->parts[i]->slots[slot_of(f, p, i, &r)];
}

static pt_status add_code(sparse_finder *f, uint64_t code)
{
    if (f->max_codes && f->n_codes >= f->max_codes) {
        pt_fail(f->x->err, PT_LIMIT, "more than the limit of %llu combinations have facts",
                (unsigned long long)f->max_codes);
        return pt_hint(f->x->err, "ask for fewer members, or raise the limit of cells");
    }
    if (f->n_codes == f->cap_codes) {
        uint64_t cap = f->cap_codes ? f->cap_codes * 2 : 1024;
        uint64_t *grown = arena_array(f->a, uint64_t, cap);
        if (!grown) return arena_fail(f->a, f->x->err);
        if (f->n_codes) memcpy(grown, f->codes, f->n_codes * sizeof *grown);
        f->codes = grown;
        f->cap_codes = cap;
    }
    f->codes[f->n_codes++] = code;
    return PT_OK;
}

/* Every combination of the chains, one from each set. */
static pt_status emit(sparse_finder *f, const sparse_plan *p, const uint32_t *firsts, uint32_t i,
                      uint64_t code)
{
    if (i == f->n) return add_code(f, code);
    const sparse_part *pa = p->parts[i];
    for (uint32_t j = firsts[i]; j; j = pa->next[j - 1])
        PT_TRY(emit(f, p, firsts, i + 1, code * f->factors[i].s.n + pa->positions[j - 1]));
    return PT_OK;
}

pt_status sparse_read_groups(sparse_finder *f, const sparse_plan *p)
{
    uint32_t *firsts = arena_array(f->a, uint32_t, f->n);
    if (!firsts) return arena_fail(f->a, f->x->err);
    for (uint32_t i = 0; i < f->n; i++) PT_TRY(index_part(f, p, i));
    for (uint32_t row = 0; row < p->rows.n; row++) {
        uint32_t i = 0;
        PT_TRY(eval_tick(f->x));
        if (!row_fits(p, row)) continue;
        while (i < f->n && (firsts[i] = first_of(f, p, i, row))) i++;
        if (i == f->n) PT_TRY(emit(f, p, firsts, 0, 0));
    }
    return PT_OK;
}
