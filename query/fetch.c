/* fetch.c - one request to the engine for each sheet that wants cells, all of them at once. */
#include "query/cells_int.h"
#include "query/member.h"
#include "query/subcube.h"

/* A sheet that asks a second time will probably ask again (running totals step from member to member): small
 * levels are then fetched whole, while the product of ranks stays below this. */
enum { WIDEN_LEVEL = 4096, WIDEN_PRODUCT = 1 << 20 };

static void widen(sheet *s)
{
    uint64_t product = 1;
    for (uint32_t k = 0; k < s->n_axes; k++) {
        product *= s->axes[k].n_want;
        if (product > WIDEN_PRODUCT) return;
    }
    for (uint32_t k = 0; k < s->n_axes; k++) {
        sheet_axis *x = &s->axes[k];
        if (x->n > WIDEN_LEVEL || x->n_want == 0 || product / x->n_want * x->n > WIDEN_PRODUCT) continue;
        product = product / x->n_want * x->n;
        x->n_want = x->n;
        memset(x->want, 0xff, (x->n / 64 + 1) * sizeof *x->want);
    }
}

static pt_status list_ranks(cells *c, const sheet_axis *x, const uint32_t **out, pt_err *err)
{
    uint32_t *ranks = arena_array(c->a, uint32_t, x->n_want), n = 0;
    if (!ranks) return arena_fail(c->a, err);
    for (uint32_t w = 0; w <= x->n / 64; w++)
        for (uint64_t bits = x->want[w]; bits; bits &= bits - 1)
            if (n < x->n_want) ranks[n++] = w * 64 + (uint32_t)__builtin_ctzll(bits);
    *out = ranks;
    return PT_OK;
}

/* A single alternative holds for all facts: among their filters it stands in nobody's way
 * (engine/agg_share.h). */
static pt_status join_only_alternative(cells *c, agg_request *req, pt_err *err)
{
    if (req->n_any != 1) return PT_OK;
    const agg_conj *only = &req->any[0], *where = &req->where;
    agg_filter *filters = arena_array(c->a, agg_filter, (size_t)where->n + only->n);
    if (!filters) return arena_fail(c->a, err);
    for (uint32_t i = 0; i < where->n; i++) filters[i] = where->filters[i];
    for (uint32_t i = 0; i < only->n; i++) filters[where->n + i] = only->filters[i];
    req->where = (agg_conj){where->n + only->n, filters};
    req->n_any = 0;
    return PT_OK;
}

/* The request for what a sheet wants. */
static pt_status make_request(cells *c, const sheet *s, agg_request *req, pt_err *err)
{
    const cube *base = c->sc->bases[s->base];
    agg_axis *axes = arena_array(c->a, agg_axis, s->n_axes);
    agg_filter *filters = arena_array(c->a, agg_filter, s->n_axes);
    uint32_t *measures = arena_array(c->a, uint32_t, base->n_measures);
    if (!axes || !filters || !measures) return arena_fail(c->a, err);
    *req = (agg_request){.cube = base, .measures = measures, .axes = axes, .n_axes = s->n_axes};
    for (uint32_t m = 0; m < base->n_measures; m++)
        if (s->want_measures[m / 64] >> (m % 64) & 1) measures[req->n_measures++] = m;
    for (uint32_t k = 0; k < s->n_axes; k++) {
        const sheet_axis *x = &s->axes[k];
        axes[k] = (agg_axis){x->base_hier, x->level, x->own_only};
        if (x->n_want >= x->n) continue;
        agg_filter *f = &filters[req->where.n++];
        *f = (agg_filter){.hier = x->base_hier, .level = x->level, .own_only = x->own_only, .n = x->n_want};
        PT_TRY(list_ranks(c, x, &f->ranks, err));
    }
    req->where.filters = filters;
    req->no_index = c->sc->env->no_index;
    req->no_cuboid = c->sc->env->no_cuboid;
    req->no_cache = c->sc->env->no_cache;
    req->no_sharing = c->sc->env->no_sharing;
    if (s->region_id) {
        agg_conj *any;
        PT_TRY(region_conditions(c->sc, region_at(c->regions, s->region_id), s->base, c->a, &any, &req->n_any,
                                 err));
        req->any = any;
    }
    PT_TRY(subcube_restrict(c->sc, s->base, c->a, req, err));
    return join_only_alternative(c, req, err);
}

/* A slot for every place between the outermost ranks costs no more than a hash if at least one place in eight
 * has a row; members that follow each other are then looked up side by side in memory. */
enum { PLACES_PER_ROW = 8, PLACES_ALWAYS = 64 };

static uint64_t count_places(const block *b)
{
    uint64_t n = 1, most = (uint64_t)b->r.n_cells * PLACES_PER_ROW + PLACES_ALWAYS;
    for (uint32_t k = 0; k < b->r.n_axes; k++)
        if (__builtin_mul_overflow(n, b->n_ranks[k], &n) || n > most) return 0;
    return n;
}

/* The ranks of the rows on each axis. */
static pt_status find_ranks(cells *c, block *b, pt_err *err)
{
    b->first = arena_array(c->a, uint32_t, b->r.n_axes);
    b->n_ranks = arena_array(c->a, uint32_t, b->r.n_axes);
    if (!b->first || !b->n_ranks) return arena_fail(c->a, err);
    for (uint32_t k = 0; k < b->r.n_axes && b->r.n_cells; k++) {
        const uint32_t *ranks = b->r.coords[k];
        uint32_t low = ranks[0], high = ranks[0];
        for (uint32_t r = 0; r < b->r.n_cells; r++) {
            low = ranks[r] < low ? ranks[r] : low;
            high = ranks[r] > high ? ranks[r] : high;
        }
        b->first[k] = low;
        b->n_ranks[k] = high - low + 1;
    }
    return PT_OK;
}

static void put_row(block *b, const uint32_t *coords, uint32_t row)
{
    uint64_t place;
    if (b->n_places) {
        if (!NEVER(!block_place(b, coords, &place))) b->slots[place] = row + 1;
        return;
    }
    uint32_t i = (uint32_t)cells_hash(coords, b->r.n_axes) & b->mask;
    while (b->slots[i]) i = (i + 1) & b->mask;
    b->slots[i] = row + 1;
}

static pt_status index_rows(cells *c, block *b, pt_err *err)
{
    uint64_t size = 4;
    uint32_t coords[AGG_MAX_AXES];
    while (size < (uint64_t)b->r.n_cells * 2) size *= 2;
    PT_TRY(find_ranks(c, b, err));
    b->mask = (uint32_t)(size - 1);
    b->n_places = count_places(b);
    b->slots = arena_array(c->a, uint32_t, b->n_places ? b->n_places : size);
    if (!b->slots) return arena_fail(c->a, err);
    for (uint32_t r = 0; r < b->r.n_cells; r++) {
        for (uint32_t k = 0; k < b->r.n_axes; k++) coords[k] = b->r.coords[k][r];
        put_row(b, coords, r);
    }
    return PT_OK;
}

static void count(query_stats *stats, const agg_result *r)
{
    stats->n_requests++;
    stats->n_cells_fetched += (uint64_t)r->n_cells * r->n_measures;
    stats->n_rows_read += r->n_rows_read;
    stats->n_blocks += r->n_blocks;
    stats->n_blocks_skipped += r->n_blocks_skipped;
    stats->n_blocks_again += r->n_blocks_again;
    stats->n_index_uses += r->n_index_uses;
    stats->engine_us += r->elapsed_us;
    stats->n_by_cache += r->is_cached;
    stats->n_derived += r->is_derived;
    stats->n_spilled_bytes += r->n_spilled_bytes;
    if (!r->cuboid.ptr) return;
    stats->n_by_cuboid++;
    stats->cuboid = r->cuboid;
}

/* Move what is wanted from the sheet into the block that will answer it. */
static void take_wants(cells *c, sheet *s, block *b)
{
    for (uint32_t k = 0; k < s->n_axes; k++) {
        b->cover[k] = s->axes[k].n_want >= s->axes[k].n ? NULL : s->axes[k].want;
        s->axes[k].want = NULL;
        s->axes[k].n_want = 0;
    }
    memset(s->want_measures, 0, (c->sc->bases[s->base]->n_measures / 64 + 1) * sizeof *s->want_measures);
    c->n_wanting -= s->is_wanting;
    s->is_wanting = false;
}

/* The requests of all sheets that want something. */
typedef struct fetch_round {
    uint32_t n;
    sheet **sheets;
    agg_request *reqs;
} fetch_round;

static pt_status collect(cells *c, fetch_round *r, pt_err *err)
{
    *r = (fetch_round){.sheets = arena_array(c->a, sheet *, c->n_wanting),
                       .reqs = arena_array(c->a, agg_request, c->n_wanting)};
    if (!r->sheets || !r->reqs) return arena_fail(c->a, err);
    for (uint32_t i = 0; i < c->n_sheets && r->n < c->n_wanting; i++) {
        if (!c->table[i]->is_wanting) continue;
        PT_TRY(make_request(c, c->table[i], &r->reqs[r->n], err));
        r->sheets[r->n++] = c->table[i];
    }
    return PT_OK;
}

static pt_status keep_result(cells *c, sheet *s, const agg_request *req, const agg_result *r, pt_err *err)
{
    block *b = arena_make(c->a, block);
    if (!b || !(b->cover = arena_array(c->a, uint64_t *, s->n_axes))) return arena_fail(c->a, err);
    b->r = *r;
    b->n_measures = req->n_measures;
    b->measures = req->measures;
    PT_TRY(index_rows(c, b, err));
    take_wants(c, s, b);
    b->older = s->blocks;
    s->blocks = b;
    s->n_blocks++;
    return PT_OK;
}

/* Running totals may take hundreds of rounds: what nobody would read is left out. */
enum { TOLD_BYTES = 1 << 16 };

/* After they were run, so that planning them again is cheap and disturbs no figure. */
static pt_status tell(const cells *c, const fetch_round *r, const agg_result *results, int64_t took_us,
                      query_stats *stats, pt_err *err)
{
    int64_t start = limits_now_us();
    strbuf *b = stats->told;
    uint32_t n_cached = 0;
    stats->n_rounds++;
    if (!b || b->len > TOLD_BYTES) return PT_OK;
    for (uint32_t i = 0; i < r->n; i++) n_cached += results[i].is_cached;
    strbuf_printf(b, "round %u: %u request%s in %.3f ms", stats->n_rounds, r->n, r->n == 1 ? "" : "s",
                  (double)took_us / 1e3);
    if (n_cached) strbuf_printf(b, ", %u from the cell cache", n_cached);
    strbuf_addc(b, '\n');
    if (n_cached < r->n) PT_TRY(aggregate_explain(c->sc->view, c->limits, r->reqs, r->n, b, err));
    if (b->len > TOLD_BYTES) strbuf_addz(b, "what more rounds asked for is left out\n");
    stats->told_us += limits_now_us() - start;
    return PT_OK;
}

pt_status cells_fetch(cells *c, query_stats *stats, pt_err *err)
{
    fetch_round r;
    limits l = *c->limits;
    l.cells = 0; /* the limit is for what people see; memory bounds this */
    for (uint32_t i = 0; i < c->n_sheets; i++)
        if (c->table[i]->is_wanting && c->table[i]->n_blocks > 0) widen(c->table[i]);
    PT_TRY(collect(c, &r, err));
    agg_result *results = arena_array(c->a, agg_result, r.n);
    if (!results) return arena_fail(c->a, err);
    int64_t start = limits_now_us();
    PT_TRY(aggregate_run_all(c->sc->view, c->sc->env->pool, &l, r.reqs, r.n, c->a, results, err));
    int64_t took = limits_now_us() - start;
    for (uint32_t i = 0; i < r.n; i++) {
        PT_TRY(keep_result(c, r.sheets[i], &r.reqs[i], &results[i], err));
        count(stats, &results[i]);
    }
    return tell(c, &r, results, took, stats, err);
}

pt_status cells_explain(cells *c, strbuf *out, pt_err *err)
{
    fetch_round r;
    PT_TRY(collect(c, &r, err));
    return aggregate_explain(c->sc->view, c->limits, r.reqs, r.n, out, err);
}
