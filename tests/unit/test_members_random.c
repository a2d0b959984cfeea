/* test_members_random.c - member tables by property: random dimensions against a slow and simple model.
 *
 * The model keeps every version of every member as plain values and recomputes what members.h promises with
 * nested loops and value_cmp. Each seed goes through several versions of one dimension: puts, inferred
 * members, and definitions whose attributes change places and whose hierarchies come and go. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

#include "members_util.h"

enum { N_ATTRS = 7, PARENT = 6, MAX_MODEL = 400, SEEDS = 150, ROUNDS = 5 };

/* ---- the model ----------------------------------------------------- */

typedef struct version {
    pt_value v[N_ATTRS];
    int64_t from, to;
    uint32_t durable, previous;
    bool inferred;
} version;

typedef struct model {
    uint64_t random;
    pt_type type[N_ATTRS];
    bool history[N_ATTRS];
    version m[MAX_MODEL];
    uint32_t n;
} model;

static uint32_t pick(model *x, uint32_t n)
{
    x->random = x->random * 6364136223846793005u + 1442695040888963407u;
    return (uint32_t)((x->random >> 33) % n);
}

static const pt_str words[] = {{"", 0},
                               {" ", 1},
                               {"a", 1},
                               {"A", 1},
                               {"ab", 2},
                               {"ab\0", 3},
                               {"ab\0c", 4},
                               {"\xc3\x84", 2},
                               {"a long text with a common start", 31},
                               {"a long text with a common start, 1", 34},
                               {"a long text with a common start, 2", 34},
                               {"a long text with a common", 25},
                               {"zz", 2}};

static pt_value random_value(model *x, pt_type t, uint32_t domain)
{
    static const int64_t numbers[] = {0,   1,    -1,    2,     3,      100,        127,
                                      128, -129, 32768, 70000, -70000, 5000000000, INT64_MAX};
    uint32_t i = pick(x, domain);
    int64_t number = i < ARRAY_LEN(numbers) ? numbers[i] : i;
    if (pick(x, 10) == 0) return value_null();
    switch (t) {
    case TYPE_TEXT: return value_text(words[i % ARRAY_LEN(words)]);
    case TYPE_DECIMAL: return value_dec(number, 2);
    case TYPE_DOUBLE: return value_double(i == 7 ? -0.0 : (double)number / 4);
    case TYPE_DATE: return value_date(number);
    case TYPE_BOOLEAN: return value_bool(i & 1);
    case TYPE_TIMESTAMP: return value_time(number);
    case TYPE_INTEGER:
    case TYPE_NONE: break;
    }
    return value_int(number);
}

/* What comes back of a value: the two zeros of doubles are one key. */
static pt_value stored(pt_value v)
{
    return v.kind == VAL_DOUBLE && v.f == 0 ? value_double(0) : v;
}

static uint32_t model_find(const model *x, pt_value key)
{
    for (uint32_t i = 0; i < x->n; i++)
        if (x->m[i].to == INT64_MAX && value_eq(x->m[i].v[0], key)) return i;
    return MEMBER_NONE;
}

static dim_change model_put(model *x, const pt_value *v, const bool *is_given, int64_t days, uint32_t *member)
{
    uint32_t old = model_find(x, v[0]), at = old;
    bool is_changed = false, is_history = false;
    if (old == MEMBER_NONE) {
        version *m = &x->m[ *member = x->n++];
        *m = (version){.from = INT64_MIN, .to = INT64_MAX, .durable = *member, .previous = MEMBER_NONE};
        for (unsigned i = 0; i < N_ATTRS; i++) m->v[i] = i == 0 || is_given[i] ? stored(v[i]) : value_null();
        return DIM_NEW;
    }
    version *m = &x->m[old];
    for (unsigned i = 1; i < N_ATTRS; i++) {
        if (!is_given[i] || value_eq(v[i], m->v[i])) continue;
        is_changed = true;
        is_history = is_history || x->history[i];
    }
    *member = old;
    if (!is_changed && !m->inferred) return DIM_SAME;
    bool is_version = is_history && !m->inferred && days > m->from;
    if (is_version) {
        at = *member = x->n++;
        x->m[at] = *m;
        x->m[at].from = m->to = days;
        x->m[at].previous = old;
    }
    x->m[at].inferred = false;
    for (unsigned i = 1; i < N_ATTRS; i++) {
        if (!is_given[i]) continue;
        for (uint32_t k = at; k != MEMBER_NONE; k = x->history[i] ? MEMBER_NONE : x->m[k].previous)
            x->m[k].v[i] = stored(v[i]);
    }
    return is_version ? DIM_VERSIONED : DIM_OVERWRITTEN;
}

/* ---- definitions --------------------------------------------------- */

/* A definition in which attribute i is the model's attribute of[i]. */
typedef struct shape {
    uint32_t of[N_ATTRS];
    dim_attr attrs[N_ATTRS];
    dim_level_spec levels[4][4];
    dim_hier_spec hiers[4];
    dim_spec spec;
} shape;

static const char *const attr_names[N_ATTRS] = {"key", "a", "b", "c", "d", "e", "parent"};
static const char *const hier_names[4] = {"H0", "H1", "H2", "Tree"};

static void random_hierarchy(model *x, shape *s, uint32_t h)
{
    s->hiers[h].name = str_of(hier_names[h]);
    s->hiers[h].levels = s->levels[h];
    s->hiers[h].n_levels = 1 + pick(x, 3);
    for (uint32_t l = 0; l < s->hiers[h].n_levels; l++) {
        uint32_t key = pick(x, N_ATTRS);
        s->levels[h][l] = (dim_level_spec){.key_attr = key,
                                           .name_attr = pick(x, 2) ? pick(x, N_ATTRS) : key,
                                           .order_attr = pick(x, 2) ? pick(x, N_ATTRS) : MEMBER_NONE,
                                           .parent_attr = MEMBER_NONE,
                                           .hide = (level_hide)pick(x, 3)};
    }
}

static void random_tree(model *x, shape *s, uint32_t h, uint32_t parent_attr)
{
    s->hiers[h].name = str_of(hier_names[3]);
    s->hiers[h].levels = s->levels[h];
    s->hiers[h].n_levels = 1;
    s->levels[h][0] = (dim_level_spec){.key_attr = 0,
                                       .name_attr = pick(x, N_ATTRS),
                                       .order_attr = pick(x, 2) ? pick(x, N_ATTRS) : MEMBER_NONE,
                                       .parent_attr = parent_attr,
                                       .root = random_value(x, x->type[PARENT], 6)};
}

static void random_shape(model *x, shape *s)
{
    uint32_t parent_attr = 0;
    for (uint32_t i = 0; i < N_ATTRS; i++) s->of[i] = i;
    for (uint32_t i = 1; i < N_ATTRS; i++) {
        uint32_t k = i + pick(x, N_ATTRS - i), t = s->of[i];
        s->of[i] = s->of[k];
        s->of[k] = t;
    }
    for (uint32_t i = 0; i < N_ATTRS; i++) {
        uint32_t a = s->of[i];
        s->attrs[i] = (dim_attr){.name = str_of(attr_names[a]), .type = x->type[a], .history = x->history[a]};
        s->attrs[i].scale = x->type[a] == TYPE_DECIMAL ? 2 : 0;
        if (a == PARENT) parent_attr = i;
    }
    uint32_t n = 1 + pick(x, 3);
    for (uint32_t h = 0; h < n; h++) random_hierarchy(x, s, h);
    if (pick(x, 2)) random_tree(x, s, n++, parent_attr);
    s->spec = (dim_spec){N_ATTRS, s->attrs, n, s->hiers};
}

/* ---- order, the slow way ------------------------------------------- */

typedef struct eye { /* looks at the model through a shape */
    const model *x;
    const shape *s;
    const dim_hier_spec *h;
    uint32_t rep[4][MAX_MODEL]; /* level, member -> representative of the level member it is in */
} eye;

static pt_value see(const eye *k, uint32_t attr, uint32_t m)
{
    return k->x->m[m].v[k->s->of[attr]];
}

static bool same_group(const eye *k, uint32_t level, uint32_t a, uint32_t b)
{
    for (uint32_t l = 0; l <= level; l++)
        if (!value_eq(see(k, k->h->levels[l].key_attr, a), see(k, k->h->levels[l].key_attr, b))) return false;
    return true;
}

static uint32_t find_rep(const eye *k, uint32_t level, uint32_t m)
{
    uint32_t lowest = MEMBER_NONE;
    for (uint32_t i = 0; i < k->x->n; i++) {
        if (!same_group(k, level, i, m)) continue;
        if (k->x->m[i].to == INT64_MAX) return i;
        if (lowest == MEMBER_NONE) lowest = i;
    }
    return lowest;
}

static const eye *look(const model *x, const shape *s, uint32_t h)
{
    static eye k;
    k = (eye){.x = x, .s = s, .h = &s->spec.hiers[h]};
    for (uint32_t l = 0; l < k.h->n_levels; l++)
        for (uint32_t m = 0; m < x->n; m++) k.rep[l][m] = find_rep(&k, l, m);
    return &k;
}

/* Natural order of two siblings by their representatives. */
static int cmp_siblings(const eye *k, uint32_t level, uint32_t a, uint32_t b)
{
    const dim_level_spec *s = &k->h->levels[level];
    int c = 0;
    if (s->order_attr != MEMBER_NONE) {
        c = value_cmp(see(k, s->order_attr, a), see(k, s->order_attr, b));
        if (c == 0) c = value_cmp(see(k, s->name_attr, a), see(k, s->name_attr, b));
    }
    return c ? c : value_cmp(see(k, s->key_attr, a), see(k, s->key_attr, b));
}

/* Natural order of the level members that hold a and b. */
static int cmp_members(const eye *k, uint32_t level, uint32_t a, uint32_t b)
{
    for (uint32_t l = 0; l <= level; l++) {
        int c = cmp_siblings(k, l, k->rep[l][a], k->rep[l][b]);
        if (c) return c;
    }
    return 0;
}

static bool expect_hidden(const eye *k, uint32_t level, uint32_t rep)
{
    const dim_level_spec *s = &k->h->levels[level];
    pt_value name = see(k, s->name_attr, rep);
    if (s->hide == HIDE_BLANK)
        return name.kind == VAL_NULL || (name.kind == VAL_TEXT && str_trim(name.s).len == 0);
    if (s->hide == HIDE_NEVER || level == 0) return false;
    pt_value above = see(k, s[-1].name_attr, k->rep[level - 1][rep]);
    if (name.kind == VAL_NULL || above.kind == VAL_NULL) return name.kind == above.kind;
    strbuf a = {0}, b = {0};
    value_print(name, &a);
    value_print(above, &b);
    bool is_same = str_eq_fold(strbuf_str(&a), strbuf_str(&b));
    strbuf_free(&a);
    strbuf_free(&b);
    return is_same;
}

static void check_plain(const eye *k, const hier_view *v)
{
    for (uint32_t l = 0; l < v->n_levels; l++) {
        const level_view *x = &v->levels[l];
        for (uint32_t m = 0; m < k->x->n; m++) {
            uint32_t r = x->of_member[m];
            assert_int_equal(x->rep[r], k->rep[l][m]);
            if (l > 0) assert_int_equal(x->parent[r], x[-1].of_member[m]);
            for (uint32_t i = 0; i < m; i++) {
                int c = cmp_members(k, l, i, m), got = (x->of_member[i] > r) - (x->of_member[i] < r);
                assert_int_equal((c > 0) - (c < 0), got);
            }
        }
        for (uint32_t r = 0; r < x->n; r++) {
            assert_int_equal(x->of_member[x->rep[r]], r);
            assert_int_equal(x->hidden && x->hidden[r], expect_hidden(k, l, x->rep[r]));
            if (l + 1 == v->n_levels) continue;
            for (uint32_t c = x->first_child[r]; c < x->first_child[r + 1]; c++)
                assert_int_equal(x[1].parent[c], r);
        }
        if (l + 1 < v->n_levels) assert_int_equal(x->first_child[x->n], x[1].n);
    }
}

/* ---- trees, the slow way ------------------------------------------- */

/* Representative of the parent of rep's node; MEMBER_NONE for a root. */
static uint32_t parent_of(const eye *k, uint32_t rep)
{
    const dim_level_spec *s = &k->h->levels[0];
    pt_value key = see(k, s->parent_attr, rep);
    if (key.kind == VAL_NULL || (s->root.kind != VAL_NULL && value_eq(key, s->root))) return MEMBER_NONE;
    if (value_eq(key, see(k, 0, rep))) return MEMBER_NONE;
    for (uint32_t m = 0; m < k->x->n; m++)
        if (value_eq(see(k, 0, m), key)) return k->rep[0][m];
    return MEMBER_NONE;
}

static bool is_circular(const eye *k)
{
    for (uint32_t m = 0; m < k->x->n; m++) {
        uint32_t at = k->rep[0][m], steps = 0;
        while (at != MEMBER_NONE && steps++ <= k->x->n) at = parent_of(k, at);
        if (at != MEMBER_NONE) return true;
    }
    return false;
}

static uint32_t depth_of(const eye *k, uint32_t rep)
{
    uint32_t n = 0;
    while ((rep = parent_of(k, rep)) != MEMBER_NONE) n++;
    return n;
}

static bool is_below(const eye *k, uint32_t rep, uint32_t top)
{
    while (rep != MEMBER_NONE && rep != top) rep = parent_of(k, rep);
    return rep == top;
}

static void check_tree(const eye *k, const hier_view *v)
{
    const level_view *x = &v->levels[0];
    for (uint32_t m = 0; m < k->x->n; m++) assert_int_equal(x->rep[x->of_member[m]], k->rep[0][m]);
    for (uint32_t r = 0; r < x->n; r++) {
        uint32_t rep = x->rep[r], p = parent_of(k, rep), n_below = 0;
        assert_int_equal(x->parent[r], p == MEMBER_NONE ? p : x->of_member[p]);
        assert_int_equal(x->depth[r], depth_of(k, rep));
        for (uint32_t i = 0; i < x->n; i++) {
            bool is_in = is_below(k, x->rep[i], rep);
            assert_int_equal(is_in, i >= r && i < x->end[r]);
            n_below += is_in;
            if (i < r && x->parent[i] == x->parent[r]) assert_true(cmp_siblings(k, 0, x->rep[i], rep) < 0);
        }
        assert_int_equal(n_below, x->end[r] - r);
    }
}

/* ---- stable numbers ------------------------------------------------ */

static bool same_keys_above(const shape *before, const dim_hier_spec *h0, const shape *s,
                            const dim_hier_spec *h, uint32_t level)
{
    for (uint32_t l = 0; l <= level; l++)
        if (l >= h0->n_levels || before->of[h0->levels[l].key_attr] != s->of[h->levels[l].key_attr])
            return false;
    return true;
}

/* The number that the level member had before with that key and parent number; MEMBER_NONE if there was none.
 */
static uint32_t stable_before(const dim_view *d0, const dim_level_spec *s0, const level_view *x0,
                              pt_value key, uint32_t above)
{
    for (uint32_t r = 0; r < x0->n; r++) {
        if (!value_eq(dim_attr_value(d0, s0->key_attr, x0->rep[r]), key)) continue;
        if (!x0->parent || x0[-1].stable[x0->parent[r]] == above) return x0->stable[r];
    }
    return MEMBER_NONE;
}

static void check_stable_level(const dim_view *d0, const dim_level_spec *s0, const level_view *x0,
                               const dim_view *d, const dim_level_spec *s, const level_view *x, bool is_tree,
                               uint64_t now)
{
    bool has_moved = !x0;
    for (uint32_t r = 0; r < x->n && !is_tree; r++) {
        uint32_t above = x->parent ? x[-1].stable[x->parent[r]] : 0, want = MEMBER_NONE;
        if (x0) want = stable_before(d0, s0, x0, dim_attr_value(d, s->key_attr, x->rep[r]), above);
        if (want != MEMBER_NONE)
            assert_int_equal(x->stable[r], want);
        else
            assert_true(x->stable[r] >= (x0 ? x0->n_stable : 0));
    }
    for (uint32_t m = 0; x0 && m < dim_count(d0); m++)
        has_moved = has_moved || x0->stable[x0->of_member[m]] != x->stable[x->of_member[m]];
    assert_int_equal(x->epoch, has_moved ? now : x0->epoch);
}

static void check_stable(const dim_view *d0, const shape *before, const dim_view *d, const shape *s,
                         uint64_t now)
{
    for (uint32_t h = 0; h < s->spec.n_hiers; h++) {
        const dim_hier_spec *hs = &s->spec.hiers[h], *hs0 = NULL;
        const hier_view *v, *v0 = NULL;
        assert_int_equal(dim_hier(d, h, &v, NULL), PT_OK);
        for (uint32_t i = 0; d0 && dim_count(d0) && i < before->spec.n_hiers; i++) {
            if (!str_eq(before->spec.hiers[i].name, hs->name)) continue;
            hs0 = &before->spec.hiers[i];
            assert_int_equal(dim_hier(d0, i, &v0, NULL), PT_OK);
        }
        for (uint32_t l = 0; l < hs->n_levels; l++) {
            bool is_known = v0 && same_keys_above(before, hs0, s, hs, l);
            check_stable_level(d0, is_known ? &hs0->levels[l] : NULL, is_known ? &v0->levels[l] : NULL, d,
                               &hs->levels[l], &v->levels[l], v->is_parent_child, now);
        }
    }
}

/* ---- one version --------------------------------------------------- */

static void random_puts(model *x, const shape *s, dim_edit *e)
{
    pt_err err = {0};
    for (uint32_t i = pick(x, 60); i > 0 && x->n < MAX_MODEL - 1; i--) {
        pt_value v[N_ATTRS], given[N_ATTRS];
        bool is_given[N_ATTRS], given_bits[N_ATTRS], is_new;
        uint32_t want, got = MEMBER_NONE;
        dim_change change = DIM_SAME;
        for (unsigned a = 0; a < N_ATTRS; a++) {
            v[a] = random_value(x, x->type[a], a == 0 || a == PARENT ? 40 : 8);
            is_given[a] = pick(x, 8) != 0;
        }
        for (unsigned a = 0; a < N_ATTRS; a++) {
            given[a] = v[s->of[a]];
            given_bits[a] = is_given[s->of[a]];
        }
        int64_t days = pick(x, 100);
        if (pick(x, 10) == 0) {
            uint32_t at = model_find(x, v[0]);
            assert_int_equal(dim_edit_infer(e, v[0], &got, &is_new, &err), PT_OK);
            assert_int_equal(is_new, at == MEMBER_NONE);
            bool nothing[N_ATTRS] = {0};
            if (is_new) {
                model_put(x, v, nothing, 0, &at);
                x->m[at].inferred = true;
            }
            assert_int_equal(got, at);
            continue;
        }
        assert_int_equal(dim_edit_put(e, given, given_bits, days, &got, &change, &err), PT_OK);
        assert_int_equal(change, model_put(x, v, is_given, days, &want));
        assert_int_equal(got, want);
    }
}

static void check_members(const model *x, const shape *s, const dim_view *d)
{
    assert_int_equal(dim_count(d), x->n);
    for (uint32_t m = 0; m < x->n; m++) {
        const version *want = &x->m[m];
        uint32_t found = MEMBER_NONE, at = MEMBER_NONE;
        int64_t from, to;
        for (uint32_t a = 0; a < N_ATTRS; a++) {
            pt_value got = dim_attr_value(d, a, m);
            assert_int_equal(got.kind, want->v[s->of[a]].kind);
            assert_true(value_eq(got, want->v[s->of[a]]));
        }
        dim_validity(d, m, &from, &to);
        assert_true(from == want->from && to == want->to);
        assert_int_equal(dim_durable(d) ? dim_durable(d)[m] : m, want->durable);
        assert_true(dim_find(d, want->v[0], &found));
        assert_int_equal(found, at = model_find(x, want->v[0]));
        int64_t day = want->from == INT64_MIN ? want->to - 1 : want->from;
        assert_int_equal(dim_version_at(d, at, day), m);
    }
}

static void check_hierarchies(const model *x, const shape *s, const dim_view *d)
{
    for (uint32_t h = 0; h < s->spec.n_hiers; h++) {
        const hier_view *v;
        const eye *k = look(x, s, h);
        assert_int_equal(dim_hier(d, h, &v, NULL), PT_OK);
        if (v->is_parent_child)
            check_tree(k, v);
        else
            check_plain(k, v);
    }
}

/* Make every member with a parent a root by giving it no parent: what someone does who meets a circle. */
static void cut_circles(model *x, const shape *s, dim_edit *e)
{
    for (uint32_t m = 0; m < x->n; m++) {
        pt_value v[N_ATTRS] = {x->m[m].v[0]}, given[N_ATTRS] = {x->m[m].v[0]};
        bool is_given[N_ATTRS] = {0}, given_bits[N_ATTRS] = {0};
        uint32_t member, want;
        dim_change change;
        if (x->m[m].to != INT64_MAX) continue;
        is_given[PARENT] = true;
        for (unsigned a = 0; a < N_ATTRS; a++) given_bits[a] = s->of[a] == PARENT;
        assert_int_equal(dim_edit_put(e, given, given_bits, 1000, &member, &change, NULL), PT_OK);
        assert_int_equal(change, model_put(x, v, is_given, 1000, &want));
    }
}

static bool has_circle(const model *x, const shape *s)
{
    for (uint32_t h = 0; h < s->spec.n_hiers; h++) {
        bool is_tree = s->spec.hiers[h].levels[0].parent_attr != MEMBER_NONE;
        if (is_tree && is_circular(look(x, s, h))) return true;
    }
    return false;
}

static void write_version(model *x, const shape *s, dim_edit *e, const char *path, uint64_t now)
{
    pt_err err = {0};
    if (has_circle(x, s)) {
        assert_int_equal(dim_edit_write(e, path, now, &err), PT_DATA);
        assert_non_null(strstr(err.msg, "form a circle"));
        pt_err_clear(&err);
        cut_circles(x, s, e);
    }
    if (dim_edit_write(e, path, now, &err) != PT_OK) fail_msg("%s", err.msg);
}

/* ---- seeds --------------------------------------------------------- */

static void run_seed(uint64_t seed)
{
    static model x;
    static shape shapes[2];
    char path[] = "/tmp/patron-members-XXXXXX";
    pt_err err = {0};
    dim_view *before = NULL;
    close(mkstemp(path));
    x = (model){.random = seed * 7919 + 1};
    for (unsigned a = 0; a < N_ATTRS; a++) {
        x.type[a] = (pt_type)(1 + pick(&x, 7));
        x.history[a] = a > 0 && pick(&x, 4) == 0;
    }
    if (x.type[0] == TYPE_BOOLEAN) x.type[0] = TYPE_INTEGER;
    if (pick(&x, 4)) x.type[PARENT] = x.type[0];
    for (uint64_t round = 1; round <= ROUNDS; round++) {
        shape *s = &shapes[round % 2], *s0 = &shapes[(round + 1) % 2];
        dim_edit *e;
        dim_view *d;
        random_shape(&x, s);
        if (round > 1 && pick(&x, 2)) { /* as before */
            *s = *s0;
            s->spec.attrs = s->attrs;
            s->spec.hiers = s->hiers;
            for (uint32_t h = 0; h < s->spec.n_hiers; h++) s->hiers[h].levels = s->levels[h];
        }
        assert_int_equal(dim_edit_new(before, &s->spec, &e, &err), PT_OK);
        random_puts(&x, s, e);
        write_version(&x, s, e, path, round);
        dim_edit_free(e);
        if (dim_view_open(path, &d, &err) != PT_OK) fail_msg("%s", err.msg);
        if (dim_view_check(d, &err) != PT_OK) fail_msg("seed %d: %s", (int)seed, err.msg);
        check_members(&x, s, d);
        check_hierarchies(&x, s, d);
        check_stable(before, s0, d, s, round);
        dim_view_put(before);
        before = d;
    }
    dim_view_put(before);
    unlink(path);
}

static void random_dimensions_equal_the_model(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= SEEDS; seed++) run_seed(seed);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(random_dimensions_equal_the_model)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
