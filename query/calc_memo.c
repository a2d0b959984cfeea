/* calc_memo.c - a table by hash of formula and context; what comes later takes the place of what was there.
 * Formulas that go down step by step find what they came to one step before, so a small table does. */
#include "query/calc_memo.h"

#include "base/map.h"

enum { LEAST_DEPTH = 8, N_ENTRIES = 512, TEXT_MAX = 48 };

typedef struct entry {
    const calc *c; /* NULL: empty */
    uint32_t pass;
    pt_status st;
    uint64_t hash;
    pt_value v;
    char text[TEXT_MAX]; /* of v */
} entry;

struct calc_memo {
    mref *ctx; /* [N_ENTRIES * n_hiers] */
    entry entries[N_ENTRIES];
};

static bool is_deep(const eval *x, const calc *c)
{
    return x->calcs && x->calcs->depth >= LEAST_DEPTH && c->body && !(c->body->deps & DEP_OTHER);
}

/* Of the formula, the context and where iterations are. */
static uint64_t hash_of(const eval *x, const calc *c)
{
    uint64_t h = hash_bytes(x->ctx, x->sc->n_hiers * sizeof *x->ctx) ^ c->index;
    for (const iter_frame *f = x->iters; f; f = f->up) h = hash_u64(h + f->ordinal + 1);
    return hash_u64(h);
}

static mref *context_of(const eval *x, uint64_t hash)
{
    return x->deep->ctx + hash % N_ENTRIES * x->sc->n_hiers;
}

static bool is_same_context(const eval *x, const mref *ctx)
{
    uint32_t h = 0;
    while (h < x->sc->n_hiers && mref_eq(ctx[h], x->ctx[h])) h++;
    return h == x->sc->n_hiers;
}

bool calc_memo_look(eval *x, const calc *c, pt_value *out, pt_status *st)
{
    if (!x->deep || !is_deep(x, c)) return false;
    uint64_t hash = hash_of(x, c);
    const entry *e = &x->deep->entries[hash % N_ENTRIES];
    if (e->c != c || e->hash != hash || !is_same_context(x, context_of(x, hash))) return false;
    if (e->st == EVAL_PENDING && e->pass != x->stats->n_passes) return false;
    *out = e->v;
    *st = e->st;
    if (e->v.kind != VAL_TEXT) return true;
    out->s = str_copy(x->work, (pt_str){e->text, e->v.s.len});
    return out->s.ptr != NULL;
}

static bool has_table(eval *x)
{
    if (x->deep) return true;
    struct calc_memo *m = arena_make(x->sc->a, struct calc_memo);
    if (!m || !(m->ctx = arena_array(x->sc->a, mref, (size_t)N_ENTRIES * x->sc->n_hiers))) return false;
    x->deep = m;
    return true;
}

void calc_memo_keep(eval *x, const calc *c, pt_value v, pt_status st)
{
    if (!is_deep(x, c) || (st != PT_OK && st != EVAL_PENDING)) return;
    if (st == PT_OK && v.kind == VAL_TEXT && v.s.len > TEXT_MAX) return;
    if (!has_table(x)) return; /* what is not remembered is found again */
    uint64_t hash = hash_of(x, c);
    entry *e = &x->deep->entries[hash % N_ENTRIES];
    e->c = c;
    e->hash = hash;
    e->pass = x->stats->n_passes;
    e->st = st;
    e->v = st == PT_OK ? v : value_null();
    if (e->v.kind == VAL_TEXT && v.s.len) memcpy(e->text, v.s.ptr, v.s.len);
    memcpy(context_of(x, hash), x->ctx, x->sc->n_hiers * sizeof *x->ctx);
}
