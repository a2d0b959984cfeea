/* cuboid_advise.c - ADVISE CUBOIDS: which cuboids would pay, within a budget of bytes.
 *
 * Greedy by benefit per byte (Harinarayan, Rajaraman and Ullman 1996, "Implementing data cubes efficiently"):
 * the candidates are the level combinations that statements asked for and what any two of them have in common
 * below; their sizes are counted in a sample of the facts; a candidate's benefit is the number of rows that
 * the known requests would read less. */
#include "engine/cuboid_sample.h"
#include "engine/query_log.h"
#include "lang/parse.h"

enum { MAX_CANDIDATES = 192, MAX_SHAPES = 512, MAX_ADVICE = 32 };

/* A kind of request. */
typedef struct shape {
    uint32_t *need;     /* [hiers] leading levels; 0: none */
    uint64_t *measures; /* bits */
    double weight;
    double cost; /* rows that are read for it now */
} shape;

typedef struct candidate {
    uint32_t *need;
    uint64_t n_rows;
    double bytes, benefit;
    bool is_taken;
} candidate;

typedef struct adviser {
    const view *view;
    const cube *cube;
    arena *a;
    pt_err *err;
    cuboid_sample sample;
    uint32_t n_words; /* of measure bits */
    uint32_t n_shapes, n_candidates, n_names;
    pt_str names[MAX_ADVICE]; /* of what is advised so far */
    shape shapes[MAX_SHAPES];
    candidate candidates[MAX_CANDIDATES];
} adviser;

uint64_t cuboid_fact_bytes(const view *v, const cube *c)
{
    uint32_t n;
    uint64_t bytes = 0;
    const snapshot_seg *segs = snapshot_segs(v->snap, c->id, &n);
    for (uint32_t i = 0; i < n; i++) bytes += seg_bytes(segs[i].seg);
    return bytes;
}

/* ---- shapes --------------------------------------------------------------------------- */

static uint32_t *no_levels(adviser *x)
{
    return arena_array(x->a, uint32_t, x->cube->n_hiers);
}

/* "[Time].[Month]" */
static void read_level(adviser *x, const ast *id, shape *s)
{
    const cube *c = x->cube;
    if (id->kind != AST_ID || id->n != 2) return;
    for (uint32_t h = 0; h < c->n_hiers; h++) {
        if (!str_eq_fold(c->hiers[h].name, id->segs[0].name)) continue;
        for (uint32_t l = 0; l < c->hiers[h].hierarchy->n_levels; l++)
            if (str_eq_fold(c->hiers[h].hierarchy->levels[l].name, id->segs[1].name)) s->need[h] = l + 1;
    }
}

static void read_measure(adviser *x, const ast *id, shape *s)
{
    if (id->kind != AST_ID) return;
    for (uint32_t m = 0; m < x->cube->n_measures; m++)
        if (str_eq_fold(x->cube->measures[m].name, id->segs[id->n - 1].name))
            s->measures[m / 64] |= 1ull << (m % 64);
}

/* A list of names: what names nothing (any more) is passed over. */
static void read_names(adviser *x, pt_str list, void (*take)(adviser *, const ast *, shape *), shape *s)
{
    ast *set;
    pt_str braced = str_printf(x->a, "{" STR_FMT "}", STR_ARG(list));
    if (!list.len || !braced.ptr || parse_expression(braced, x->a, &set, NULL) != PT_OK) return;
    for (uint32_t i = 0; set->kind == AST_CALL && i < set->n; i++) take(x, set->args[i], s);
}

/* A level by the dimension's key tells members apart, for distinct counts. MEMBER_NONE: there is none. */
static bool add_key_level(adviser *x, uint32_t role, shape *s)
{
    for (uint32_t h = 0; h < x->cube->n_hiers; h++) {
        const hierarchy *own = x->cube->hiers[h].hierarchy;
        if (x->cube->hiers[h].role != role || own->is_parent_child) continue;
        if (own->levels[own->n_levels - 1].key_attr != 0) continue;
        s->need[h] = own->n_levels;
        return true;
    }
    return false;
}

/* Can some cuboid answer the measures? */
static bool is_answerable(adviser *x, shape *s)
{
    const cube *c = x->cube;
    for (uint32_t m = 0; m < c->n_measures; m++) {
        if (!(s->measures[m / 64] >> (m % 64) & 1)) continue;
        if (c->measures[m].agg == AGG_DISTINCT && !add_key_level(x, c->measures[m].role, s)) return false;
        if (cuboid_is_rounded(c, &c->measures[m]) || !cuboid_can_count(&c->measures[m])) return false;
    }
    return true;
}

static pt_status add_shape(void *ctx, pt_str line, uint64_t n_times, pt_err *err)
{
    adviser *x = ctx;
    pt_str parts[3] = {{0}};
    for (int i = 0; i < 3; i++) {
        const char *tab = memchr(line.ptr, '\t', line.len);
        size_t n = tab && i < 2 ? (size_t)(tab - line.ptr) : line.len;
        parts[i] = (pt_str){line.ptr, n};
        n += n < line.len;
        line = (pt_str){line.ptr + n, line.len - n};
    }
    if (x->n_shapes == MAX_SHAPES || !str_eq_fold(parts[0], x->cube->name)) return PT_OK;
    shape *s = &x->shapes[x->n_shapes];
    *s = (shape){.need = no_levels(x), .measures = arena_array(x->a, uint64_t, x->n_words)};
    if (!s->need || !s->measures) return arena_fail(x->a, err);
    s->weight = (double)n_times;
    read_names(x, parts[1], read_level, s);
    read_names(x, parts[2], read_measure, s);
    bool has_level = false;
    for (uint32_t h = 0; h < x->cube->n_hiers; h++) has_level |= s->need[h] > 0;
    if (has_level && is_answerable(x, s)) x->n_shapes++;
    return PT_OK;
}

/* Nothing was asked yet: every level of every hierarchy alone, and each with each. */
static pt_status guess_shapes(adviser *x)
{
    const cube *c = x->cube;
    for (uint32_t h = 0; h < c->n_hiers; h++)
        for (uint32_t g = h; g < c->n_hiers; g++)
            for (uint32_t l = 1; l <= c->hiers[h].hierarchy->n_levels; l++)
                for (uint32_t k = 1; k <= (g == h ? 1 : c->hiers[g].hierarchy->n_levels); k++) {
                    if (x->n_shapes == MAX_SHAPES) return PT_OK;
                    shape *s = &x->shapes[x->n_shapes++];
                    *s = (shape){.need = no_levels(x), .weight = 1};
                    s->measures = arena_array(x->a, uint64_t, x->n_words);
                    if (!s->need || !s->measures) return arena_fail(x->a, x->err);
                    s->need[g] = k;
                    s->need[h] = l;
                }
    return PT_OK;
}

/* ---- candidates ------------------------------------------------------------------------- */

static bool covers(const adviser *x, const uint32_t *fine, const uint32_t *coarse)
{
    for (uint32_t h = 0; h < x->cube->n_hiers; h++)
        if (fine[h] < coarse[h]) return false;
    return true;
}

static uint32_t levels_of(const adviser *x, const uint32_t *need, cuboid_level *levels)
{
    uint32_t n = 0;
    for (uint32_t h = 0; h < x->cube->n_hiers; h++)
        if (need[h] && n < AGG_MAX_AXES) levels[n++] = (cuboid_level){.hier = h, .level = need[h] - 1};
    return n;
}

/* The measures that a cuboid with these levels is asked for. */
static void measures_for(const adviser *x, const uint32_t *need, uint64_t *bits)
{
    memset(bits, 0, x->n_words * sizeof *bits);
    for (uint32_t i = 0; i < x->n_shapes; i++)
        for (uint32_t w = 0; covers(x, need, x->shapes[i].need) && w < x->n_words; w++)
            bits[w] |= x->shapes[i].measures[w];
}

/* Bytes of a row: as many bits as a level has members, five bytes for a sum, half of it again for indexes. */
static pt_status row_bytes(const adviser *x, const uint32_t *need, double *out)
{
    cuboid_level levels[AGG_MAX_AXES];
    uint64_t bits[64] = {0};
    uint32_t n = levels_of(x, need, levels);
    double total = 2;
    for (uint32_t i = 0; i < n; i++) {
        const cube_hier *h = &x->cube->hiers[levels[i].hier];
        const hier_view *hv;
        PT_TRY(dim_hier(view_dim(x->view, h->hierarchy->dimension), h->hierarchy->index, &hv, x->err));
        double width = 0;
        for (uint32_t k = hv->levels[levels[i].level].n; k > 1; k = (k + 1) / 2) width++;
        total += width / 8 * 1.5;
    }
    measures_for(x, need, bits);
    for (uint32_t m = 0; m < x->cube->n_measures && m < 64 * 64; m++) {
        if (!(bits[m / 64] >> (m % 64) & 1)) continue;
        agg_kind agg = x->cube->measures[m].agg;
        total += agg == AGG_DISTINCT ? 0 : agg == AGG_COUNT ? 1 : agg == AGG_AVG ? 6 : 5;
    }
    *out = total;
    return PT_OK;
}

static pt_status add_candidate(adviser *x, uint32_t *need)
{
    cuboid_level levels[AGG_MAX_AXES];
    double bytes;
    bool is_whole;
    uint32_t n = 0;
    for (uint32_t h = 0; h < x->cube->n_hiers; h++) n += need[h] > 0;
    if (x->n_candidates == MAX_CANDIDATES || n > AGG_MAX_AXES) return PT_OK;
    for (uint32_t i = 0; i < x->n_candidates; i++)
        if (covers(x, x->candidates[i].need, need) && covers(x, need, x->candidates[i].need)) return PT_OK;
    candidate *c = &x->candidates[x->n_candidates];
    *c = (candidate){.need = need};
    PT_TRY(
        cuboid_sample_count(&x->sample, levels, levels_of(x, need, levels), &c->n_rows, &is_whole, x->err));
    if (c->n_rows == 0 || c->n_rows * 2 > x->sample.n_facts) return PT_OK; /* would save nothing */
    if (!is_whole) return PT_OK; /* would be kept in parts that repeat cells */
    PT_TRY(row_bytes(x, need, &bytes));
    c->bytes = bytes * (double)c->n_rows + 4096;
    x->n_candidates++;
    return PT_OK;
}

static pt_status make_candidates(adviser *x, const limits *l)
{
    for (uint32_t i = 0; i < x->n_shapes; i++) PT_TRY(add_candidate(x, x->shapes[i].need));
    uint32_t n = x->n_candidates;
    for (uint32_t i = 0; i < n; i++)
        for (uint32_t k = i + 1; k < n && x->n_candidates < MAX_CANDIDATES; k++) {
            uint32_t *both = no_levels(x);
            if (!both) return arena_fail(x->a, x->err);
            for (uint32_t h = 0; h < x->cube->n_hiers; h++) {
                uint32_t p = x->candidates[i].need[h], q = x->candidates[k].need[h];
                both[h] = p > q ? p : q;
            }
            PT_TRY(limits_check(l, x->err));
            PT_TRY(add_candidate(x, both));
        }
    return PT_OK;
}

/* ---- choosing ------------------------------------------------------------------------------ */

static void weigh(const adviser *x, candidate *c)
{
    c->benefit = 0;
    for (uint32_t i = 0; i < x->n_shapes; i++) {
        const shape *s = &x->shapes[i];
        if (s->cost > (double)c->n_rows && covers(x, c->need, s->need))
            c->benefit += s->weight * (s->cost - (double)c->n_rows);
    }
}

static candidate *best_of(adviser *x, double budget)
{
    candidate *best = NULL;
    for (uint32_t i = 0; i < x->n_candidates; i++) {
        candidate *c = &x->candidates[i];
        if (c->is_taken || c->bytes > budget) continue;
        weigh(x, c);
        if (c->benefit > 0 && (!best || c->benefit / c->bytes > best->benefit / best->bytes)) best = c;
    }
    return best;
}

/* What existing cuboids do already. */
static pt_status start_costs(adviser *x, double *budget)
{
    const cube *c = x->cube;
    for (uint32_t i = 0; i < x->n_shapes; i++) x->shapes[i].cost = (double)x->sample.n_facts;
    for (uint32_t k = 0; k < c->n_cuboids; k++) {
        cuboid_info info;
        uint32_t *has = no_levels(x);
        if (!has) return arena_fail(x->a, x->err);
        PT_TRY(cuboid_info_get(x->view, &c->cuboids[k], &info, x->err));
        *budget -= (double)info.size_bytes;
        for (uint32_t i = 0; i < c->cuboids[k].n_levels; i++)
            has[c->cuboids[k].levels[i].hier] = c->cuboids[k].levels[i].level + 1;
        for (uint32_t i = 0; i < x->n_shapes; i++) {
            bool holds = true;
            for (uint32_t m = 0; m < c->n_measures; m++)
                if ((x->shapes[i].measures[m / 64] >> (m % 64) & 1) && !c->cuboids[k].holds[m]) holds = false;
            if (holds && covers(x, has, x->shapes[i].need) && x->shapes[i].cost > (double)info.n_rows)
                x->shapes[i].cost = (double)info.n_rows;
        }
    }
    return PT_OK;
}

/* ---- words ------------------------------------------------------------------------------------ */

static bool is_taken(const adviser *x, pt_str name)
{
    for (uint32_t i = 0; i < x->n_names; i++)
        if (str_eq_fold(x->names[i], name)) return true;
    for (uint32_t i = 0; i < schema_n_cubes(x->view->schema); i++) {
        const cube *c = schema_cube_at(x->view->schema, i);
        for (uint32_t k = 0; k < c->n_cuboids; k++)
            if (str_eq_fold(c->cuboids[k].name, name)) return true;
    }
    return false;
}

/* "Sales by Month, City" */
static pt_str name_of(adviser *x, const cuboid_level *levels, uint32_t n)
{
    strbuf b = {0};
    strbuf_printf(&b, STR_FMT " by ", STR_ARG(x->cube->name));
    for (uint32_t i = 0; i < n; i++) {
        const cube_hier *h = &x->cube->hiers[levels[i].hier];
        bool is_alone = true;
        for (uint32_t k = 0; k < n; k++)
            if (k != i && str_eq_fold(h->hierarchy->levels[levels[i].level].name,
                                      x->cube->hiers[levels[k].hier].hierarchy->levels[levels[k].level].name))
                is_alone = false;
        strbuf_addz(&b, i ? ", " : "");
        if (!is_alone) strbuf_printf(&b, STR_FMT " ", STR_ARG(h->name));
        strbuf_adds(&b, h->hierarchy->levels[levels[i].level].name);
    }
    pt_str base = b.failed ? (pt_str){0} : str_copy(x->a, strbuf_str(&b)), name = base;
    strbuf_free(&b);
    for (unsigned i = 2; name.ptr && is_taken(x, name); i++)
        name = str_printf(x->a, STR_FMT " %u", STR_ARG(base), i);
    if (name.ptr && x->n_names < MAX_ADVICE) x->names[x->n_names++] = name;
    return name;
}

static pt_str statement_of(adviser *x, const candidate *c)
{
    cuboid_level levels[AGG_MAX_AXES];
    uint64_t bits[64] = {0};
    uint32_t n = levels_of(x, c->need, levels);
    pt_str name = name_of(x, levels, n), out = {0};
    strbuf b = {0};
    strbuf_addz(&b, "CREATE CUBOID ");
    ast_print_name(name, &b);
    strbuf_addz(&b, " ON CUBE ");
    ast_print_name(x->cube->name, &b);
    for (uint32_t i = 0; i < n; i++) {
        const cube_hier *h = &x->cube->hiers[levels[i].hier];
        strbuf_printf(&b, "%s" STR_FMT ".", i ? ", " : " (LEVEL ", STR_ARG(h->unique_name));
        ast_print_name(h->hierarchy->levels[levels[i].level].name, &b);
    }
    measures_for(x, c->need, bits);
    bool is_first = true;
    for (uint32_t m = 0; m < x->cube->n_measures; m++) {
        if (!(bits[m / 64] >> (m % 64) & 1) || x->cube->measures[m].is_implicit) continue;
        strbuf_addz(&b, is_first ? ", MEASURE " : ", ");
        ast_print_name(x->cube->measures[m].name, &b);
        is_first = false;
    }
    strbuf_addz(&b, ");");
    if (name.ptr && !b.failed) out = str_copy(x->a, strbuf_str(&b));
    strbuf_free(&b);
    return out;
}

/* Take the candidate, and say what it gains. */
static pt_status take(adviser *x, candidate *c, cuboid_advice *out)
{
    uint32_t n = 0;
    double before = 0, weight = 0, all = 0;
    out->statement = statement_of(x, c);
    for (uint32_t i = 0; i < x->n_shapes; i++) {
        shape *s = &x->shapes[i];
        all += s->weight;
        if (s->cost <= (double)c->n_rows || !covers(x, c->need, s->need)) continue;
        n++;
        weight += s->weight;
        before += s->weight * s->cost;
        s->cost = (double)c->n_rows;
    }
    c->is_taken = true;
    out->n_rows = c->n_rows;
    out->size_bytes = (uint64_t)c->bytes;
    out->gain = str_printf(x->a, "%u of %u kinds of requests (%.0f %% of all): %.0f times fewer rows", n,
                           x->n_shapes, weight / all * 100, before / (weight * (double)c->n_rows));
    return out->statement.ptr && out->gain.ptr ? PT_OK : arena_fail(x->a, x->err);
}

static pt_status advise(adviser *x, const limits *l, double budget, cuboid_advice **out, uint32_t *n)
{
    *out = arena_array(x->a, cuboid_advice, MAX_ADVICE);
    if (!*out) return arena_fail(x->a, x->err);
    PT_TRY(query_log_read(x->view->log, add_shape, x, x->err));
    if (x->n_shapes == 0) PT_TRY(guess_shapes(x));
    PT_TRY(cuboid_sample_draw(x->view, l, x->cube, x->a, &x->sample, x->err));
    if (x->sample.n_facts == 0)
        return pt_fail(x->err, PT_USAGE, "cube [" STR_FMT "] has no facts to count", STR_ARG(x->cube->name));
    PT_TRY(make_candidates(x, l));
    PT_TRY(start_costs(x, &budget));
    for (candidate *c; *n < MAX_ADVICE && (c = best_of(x, budget)) != NULL;) {
        budget -= c->bytes;
        PT_TRY(take(x, c, &(*out)[(*n)++]));
    }
    return PT_OK;
}

pt_status cuboid_advise(const view *v, const limits *l, const cube *c, double budget_bytes, arena *a,
                        cuboid_advice **out, uint32_t *n, pt_err *err)
{
    *n = 0;
    adviser *x = arena_make(a, adviser);
    if (!x) return arena_fail(a, err);
    *x = (adviser){.view = v, .cube = c, .a = a, .err = err, .n_words = c->n_measures / 64 + 1};
    if (x->n_words > 64) return pt_fail(err, PT_LIMIT, "too many measures to advise on");
    return advise(x, l, budget_bytes, out, n);
}
