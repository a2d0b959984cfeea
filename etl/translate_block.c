/* translate_block.c - the facts of many rows at once, column by column.
 *
 * Each target of the mapping is a step that goes down one column of the rows: numbers are read from their
 * digits, keys looked up in arrays or small caches. A row in which a step meets anything out of the ordinary
 * (a number in another form, a key that no member has, doubled quotes) is marked, and goes the careful way of
 * translate.c when all steps are done; so what becomes of a row, and what is said about it, is decided in one
 * place. Rows stay in order: good ones move up where a row before them was dropped. */
#include "etl/translate_int.h"

#include "base/map.h"
#include "etl/digits.h"
#include "etl/expr_int.h"

typedef enum step_kind {
    STEP_NUMBER_KEY, /* a role found by a whole number */
    STEP_TEXT_KEY,   /* by a text */
    STEP_NUMBER,     /* a whole or decimal measure */
    STEP_ARITHMETIC, /* the same, made of columns by + - * */
    STEP_VALUE       /* all others: value by value, but without the row around it */
} step_kind;

typedef struct step_column {
    uint32_t column, field; /* of the scope; of the rows */
} step_column;

typedef struct step {
    step_kind kind;
    const mapping_target *t;
    uint32_t n_columns;
    const step_column *columns; /* that the target is made from */
    uint32_t n_missing;         /* rows of this block whose key will be inferred */
    bool has_last;              /* the key of the row before, and the id that it got */
    int64_t last_key;
    uint32_t last_id;
} step;

struct translate_steps {
    uint32_t n;
    step *steps;
    uint32_t n_absent; /* fact columns that the mapping does not give */
    uint32_t *absent;
    bool has_history;
    uint8_t *is_odd; /* [CSV_BLOCK_FIELDS] rows of the block that go the careful way */
};

/* ---- the steps of a mapping ---------------------------------------- */

static bool reads(const expr *e, uint32_t column)
{
    if (e->kind == EXPR_COLUMN) return e->column == column;
    for (uint32_t i = 0; i < e->n; i++)
        if (reads(e->args[i], column)) return true;
    return false;
}

static bool is_arithmetic(const expr *e)
{
    bool is_leaf = e->kind == EXPR_COLUMN ||
                   (e->kind == EXPR_LITERAL &&
                    (e->literal.kind == VAL_INT || (e->literal.kind == VAL_DEC && e->literal.scale <= 8)));
    if (is_leaf) return true;
    if (e->kind == EXPR_NEGATE) return is_arithmetic(e->args[0]);
    bool is_known = e->kind == EXPR_ADD || e->kind == EXPR_SUBTRACT || e->kind == EXPR_MULTIPLY;
    return is_known && is_arithmetic(e->args[0]) && is_arithmetic(e->args[1]);
}

static step_kind kind_of(const mapping_target *t)
{
    bool is_exact = t->kind == TARGET_COLUMN && (t->type == TYPE_INTEGER || t->type == TYPE_DECIMAL);
    bool is_plain = t->column != EXPR_NO_COLUMN && !t->n_codes && !t->format;
    if (is_plain && t->kind == TARGET_ROLE && t->type == TYPE_INTEGER) return STEP_NUMBER_KEY;
    if (is_plain && t->kind == TARGET_ROLE && t->type == TYPE_TEXT) return STEP_TEXT_KEY;
    if (is_plain && is_exact) return STEP_NUMBER;
    if (is_exact && t->column == EXPR_NO_COLUMN && !t->n_codes && !t->format && is_arithmetic(t->expr))
        return STEP_ARITHMETIC;
    return STEP_VALUE;
}

static bool make_step(work *w, const mapping_target *t, step *s)
{
    const bind_table *b = &w->t->bind->tables[0];
    step_column *columns = arena_array(w->b->mem, step_column, b->n);
    if (!columns) return false;
    *s = (step){.kind = kind_of(t), .t = t, .columns = columns};
    for (uint32_t i = 0; i < b->n; i++)
        if (t->column != EXPR_NO_COLUMN ? b->pairs[i].column == t->column
                                        : reads(t->expr, b->pairs[i].column))
            columns[s->n_columns++] = (step_column){b->pairs[i].column, b->pairs[i].from};
    return true;
}

/* NULL: memory ran out. */
static translate_steps *make_steps(work *w)
{
    const cube *c = w->m->cube;
    arena *a = w->b->mem;
    translate_steps *x = arena_make(a, translate_steps);
    if (!x) return NULL;
    x->steps = arena_array(a, step, w->m->n_targets);
    x->absent = arena_array(a, uint32_t, c->n_columns);
    x->is_odd = arena_array(a, uint8_t, CSV_BLOCK_FIELDS);
    if (!x->steps || !x->absent || !x->is_odd) return NULL;
    for (; x->n < w->m->n_targets; x->n++)
        if (!make_step(w, &w->m->targets[x->n], &x->steps[x->n])) return NULL;
    for (uint32_t k = 0; k < c->n_columns; k++) {
        bool is_given = false;
        for (uint32_t i = 0; i < x->n; i++)
            is_given |= x->steps[i].t->kind == TARGET_COLUMN && x->steps[i].t->index == k;
        if (!is_given) x->absent[x->n_absent++] = k;
    }
    for (uint32_t r = 0; r < c->n_roles; r++) x->has_history |= w->t->has_history[r];
    return x;
}

/* ---- fields -------------------------------------------------------- */

typedef enum field_state { FIELD_TEXT, FIELD_NULL, FIELD_ODD } field_state;

/* The text of a field, out of its quotes. FIELD_ODD: there are quotes in it. */
static inline field_state field_text(const source_block *b, uint32_t row, uint32_t field, pt_str *out)
{
    pt_str s = csv_block_field(&b->rows, row, field);
    if (s.len && b->quote && s.ptr[0] == b->quote) {
        if (s.len < 2 || s.ptr[s.len - 1] != b->quote || memchr(s.ptr + 1, b->quote, s.len - 2))
            return FIELD_ODD;
        *out = (pt_str){s.ptr + 1, s.len - 2};
        return FIELD_TEXT;
    }
    *out = s;
    if (s.len != b->null_marker.len) return FIELD_TEXT;
    return s.len == 0 || memcmp(s.ptr, b->null_marker.ptr, s.len) == 0 ? FIELD_NULL : FIELD_TEXT;
}

static const int64_t powers[] = {1, 10, 100, 1000, 10000, 100000, 1000000, 10000000, 100000000};

/* An exact number: value / 10^scale. */
typedef struct exact {
    int64_t value;
    unsigned scale; /* less than ARRAY_LEN(powers) */
} exact;

/* "-12.5" as -125 and 1. */
static inline bool exact_of(pt_str s, exact *out)
{
    int64_t whole = 0, behind = 0;
    const char *point = memchr(s.ptr, '.', s.len);
    if (!point) {
        out->scale = 0;
        return digits_integer(s.ptr, s.len, &out->value);
    }
    size_t n_behind = (size_t)(s.ptr + s.len - point) - 1, n_whole = s.len - n_behind - 1;
    if (n_behind >= ARRAY_LEN(powers) || n_whole > 9 || !digits_integer(s.ptr, n_whole, &whole)) return false;
    if (n_behind && (point[1] == '-' || !digits_integer(point + 1, n_behind, &behind))) return false;
    whole *= powers[n_behind];
    *out = (exact){s.ptr[0] == '-' ? whole - behind : whole + behind, (unsigned)n_behind};
    return true;
}

/* With so many digits behind the point; false if that would lose some. */
static inline bool exact_scale(exact x, unsigned scale, int64_t *out)
{
    if (x.scale > scale) {
        if (x.scale - scale >= ARRAY_LEN(powers) || x.value % powers[x.scale - scale] != 0) return false;
        *out = x.value / powers[x.scale - scale];
        return true;
    }
    return scale - x.scale < ARRAY_LEN(powers) &&
           !__builtin_mul_overflow(x.value, powers[scale - x.scale], out);
}

/* ---- steps --------------------------------------------------------- */

static void step_number(const work *w, const step *s, const source_block *b, uint8_t *is_odd)
{
    batch_column *c = &w->b->columns[s->t->index];
    uint32_t field = s->columns[0].field, n = b->rows.n_rows;
    uint8_t scale = s->t->type == TYPE_DECIMAL ? s->t->scale : 0;
    int64_t *out = c->ints + w->b->n_rows;
    uint8_t *nulls = c->nulls + w->b->n_rows;
    memset(nulls, 0, n);
    for (uint32_t r = 0; r < n; r++) {
        pt_str text;
        exact x;
        field_state state = field_text(b, r, field, &text);
        if (state == FIELD_TEXT && (scale ? exact_of(text, &x) && exact_scale(x, scale, &out[r])
                                          : digits_integer(text.ptr, text.len, &out[r])))
            continue;
        out[r] = 0;
        nulls[r] = state == FIELD_NULL;
        c->has_nulls |= state == FIELD_NULL;
        is_odd[r] |= state != FIELD_NULL;
    }
}

/* FIELD_TEXT: a number. */
static field_state arithmetic(const expr *e, const step *s, const source_block *b, uint32_t row, exact *out)
{
    exact x, y;
    pt_str text;
    if (e->kind == EXPR_LITERAL) {
        pt_value v = e->literal;
        if (v.kind == VAL_DEC && v.dec != (int64_t)v.dec) return FIELD_ODD;
        *out = v.kind == VAL_DEC ? (exact){(int64_t)v.dec, v.scale} : (exact){v.i, 0};
        return FIELD_TEXT;
    }
    if (e->kind == EXPR_COLUMN) {
        uint32_t i = 0;
        while (i < s->n_columns && s->columns[i].column != e->column) i++;
        if (i == s->n_columns) return FIELD_ODD;
        field_state state = field_text(b, row, s->columns[i].field, &text);
        return state != FIELD_TEXT || exact_of(text, out) ? state : FIELD_ODD;
    }
    field_state state = arithmetic(e->args[0], s, b, row, &x);
    if (state == FIELD_TEXT && e->kind == EXPR_NEGATE) {
        *out = (exact){0, x.scale};
        return __builtin_sub_overflow(0, x.value, &out->value) ? FIELD_ODD : FIELD_TEXT;
    }
    field_state other = e->kind == EXPR_NEGATE ? FIELD_TEXT : arithmetic(e->args[1], s, b, row, &y);
    if (state == FIELD_ODD || other == FIELD_ODD) return FIELD_ODD;
    if (state == FIELD_NULL || other == FIELD_NULL) return FIELD_NULL;
    bool is_over;
    if (e->kind == EXPR_MULTIPLY) {
        out->scale = x.scale + y.scale;
        is_over = out->scale >= ARRAY_LEN(powers) || __builtin_mul_overflow(x.value, y.value, &out->value);
    } else {
        int64_t a, c;
        out->scale = x.scale > y.scale ? x.scale : y.scale;
        is_over = !exact_scale(x, out->scale, &a) || !exact_scale(y, out->scale, &c) ||
                  (e->kind == EXPR_ADD ? __builtin_add_overflow(a, c, &out->value)
                                       : __builtin_sub_overflow(a, c, &out->value));
    }
    return is_over ? FIELD_ODD : FIELD_TEXT;
}

static void step_arithmetic(const work *w, const step *s, const source_block *b, uint8_t *is_odd)
{
    batch_column *c = &w->b->columns[s->t->index];
    uint8_t scale = s->t->type == TYPE_DECIMAL ? s->t->scale : 0;
    int64_t *out = c->ints + w->b->n_rows;
    uint8_t *nulls = c->nulls + w->b->n_rows;
    memset(nulls, 0, b->rows.n_rows);
    for (uint32_t r = 0; r < b->rows.n_rows; r++) {
        exact x;
        field_state state = arithmetic(s->t->expr, s, b, r, &x);
        if (state == FIELD_TEXT && exact_scale(x, scale, &out[r])) continue;
        out[r] = 0;
        nulls[r] = state == FIELD_NULL;
        c->has_nulls |= state == FIELD_NULL;
        is_odd[r] |= state != FIELD_NULL;
    }
}

/* What becomes of a row whose key no member has. */
static inline void miss(step *s, uint8_t *is_odd)
{
    if (s->t->unknown == UNKNOWN_INFER)
        s->n_missing++;
    else
        *is_odd = 1;
}

static pt_status step_number_key(work *w, step *s, const source_block *b, uint8_t *is_odd)
{
    uint32_t field = s->columns[0].field, role = s->t->index, *ids = w->b->ids[role] + w->b->n_rows;
    const keymap *map = &w->t->keymaps[role];
    bool is_empty = dim_count(w->t->views[role]) == 0;
    for (uint32_t r = 0; r < b->rows.n_rows; r++) {
        pt_str text;
        int64_t key;
        ids[r] = MEMBER_NONE;
        if (field_text(b, r, field, &text) != FIELD_TEXT || !digits_integer(text.ptr, text.len, &key)) {
            is_odd[r] = 1;
            continue;
        }
        if (map->n) {
            ids[r] = keymap_find(map, key);
        } else if (!is_empty) {
            pt_value v = value_int(key);
            PT_TRY(translate_find(w, role, &v, &ids[r]));
        }
        if (ids[r] == MEMBER_NONE) miss(s, &is_odd[r]);
    }
    return PT_OK;
}

/* The lowest n bytes of a word; n up to 8. */
static inline uint64_t low_bytes(uint64_t x, size_t n)
{
    return n >= 8 ? x : x & ((UINT64_C(1) << (8 * n)) - 1);
}

/* The member with that key, or MEMBER_NONE; short texts are remembered. */
static inline uint32_t find_text(work *w, uint32_t role, pt_str text)
{
    uint32_t id = MEMBER_NONE;
    if (text.len > 16) {
        (void)dim_find(w->t->views[role], value_text(text), &id);
        return id;
    }
    uint64_t head = low_bytes(digits_load(text.ptr), text.len),
             tail = text.len > 8 ? low_bytes(digits_load(text.ptr + 8), text.len - 8) : 0;
    found_text *x = &w->found_text[role][hash_u64(head ^ (tail << 1 | tail >> 63)) % FOUND_TEXTS];
    if (x->member && x->head == head && x->tail == tail && x->len == text.len) return x->member - 1;
    if (dim_find(w->t->views[role], value_text(text), &id))
        *x = (found_text){head, tail, id + 1, (uint32_t)text.len};
    return id;
}

static pt_status step_text_key(work *w, step *s, const source_block *b, uint8_t *is_odd)
{
    uint32_t field = s->columns[0].field, role = s->t->index, *ids = w->b->ids[role] + w->b->n_rows;
    bool is_empty = dim_count(w->t->views[role]) == 0;
    if (!w->found_text[role] && !(w->found_text[role] = arena_array(w->b->mem, found_text, FOUND_TEXTS)))
        return arena_fail(w->b->mem, w->err);
    for (uint32_t r = 0; r < b->rows.n_rows; r++) {
        pt_str text;
        ids[r] = MEMBER_NONE;
        if (field_text(b, r, field, &text) != FIELD_TEXT) {
            is_odd[r] = 1;
            continue;
        }
        if (!is_empty) ids[r] = find_text(w, role, text);
        if (ids[r] == MEMBER_NONE) miss(s, &is_odd[r]);
    }
    return PT_OK;
}

/* The value of a step in one row. *is_odd: only the careful way can tell. */
static pt_status value_at(work *w, const step *s, const source_block *b, uint32_t row, pt_value *v,
                          bool *is_odd)
{
    expr_env env;
    *is_odd = false;
    for (uint32_t i = 0; i < s->n_columns; i++) {
        pt_str *to = &w->columns[s->columns[i].column];
        field_state state = field_text(b, row, s->columns[i].field, to);
        *is_odd |= state == FIELD_ODD;
        if (state == FIELD_NULL) *to = (pt_str){NULL, 0};
    }
    if (*is_odd) return PT_OK;
    pt_status st = translate_value(w, s->t, &env, v);
    if (st == PT_OK) return PT_OK;
    if (st != PT_VALUE && st != PT_TYPE && st != PT_DATA) return pt_fail(w->err, st, "%s", w->why.msg);
    pt_err_clear(&w->why);
    *is_odd = true;
    return PT_OK;
}

static pt_status step_value(work *w, step *s, const source_block *b, uint8_t *is_odd)
{
    for (uint32_t r = 0; r < b->rows.n_rows; r++) {
        pt_value v;
        bool is_odd_value;
        uint32_t at = w->b->n_rows + r, *id;
        PT_TRY(value_at(w, s, b, r, &v, &is_odd_value));
        if (is_odd_value) {
            is_odd[r] = 1;
        } else if (s->t->kind == TARGET_COLUMN) {
            translate_put(w, s->t, at, v);
        } else {
            id = &w->b->ids[s->t->index][at];
            PT_TRY(translate_find(w, s->t->index, &v, id));
            if (v.kind == VAL_NULL && *id == MEMBER_NONE)
                is_odd[r] = 1;
            else if (*id == MEMBER_NONE)
                miss(s, &is_odd[r]);
        }
        if (arena_used(w->scratch)) arena_reset(w->scratch);
    }
    return PT_OK;
}

static pt_status run_step(work *w, step *s, const source_block *b, uint8_t *is_odd)
{
    s->n_missing = 0;
    switch (s->kind) {
    case STEP_NUMBER: step_number(w, s, b, is_odd); return PT_OK;
    case STEP_ARITHMETIC: step_arithmetic(w, s, b, is_odd); return PT_OK;
    case STEP_NUMBER_KEY: return step_number_key(w, s, b, is_odd);
    case STEP_TEXT_KEY: return step_text_key(w, s, b, is_odd);
    case STEP_VALUE: break;
    }
    return step_value(w, s, b, is_odd);
}

static void put_absent(const work *w, const translate_steps *x, uint32_t n)
{
    for (uint32_t i = 0; i < x->n_absent; i++) {
        batch_column *c = &w->b->columns[x->absent[i]];
        memset(c->nulls + w->b->n_rows, 1, n);
        memset(c->doubles ? (void *)(c->doubles + w->b->n_rows) : (void *)(c->ints + w->b->n_rows), 0, n * 8);
        c->has_nulls = true;
    }
}

/* ---- what became of the rows --------------------------------------- */

static void move_row(batch *b, uint32_t from, uint32_t to)
{
    const cube *c = b->mapping->cube;
    for (uint32_t i = 0; i < c->n_roles; i++) b->ids[i][to] = b->ids[i][from];
    for (uint32_t i = 0; i < c->n_columns; i++) {
        batch_column *x = &b->columns[i];
        x->nulls[to] = x->nulls[from];
        if (x->doubles)
            x->doubles[to] = x->doubles[from];
        else
            x->ints[to] = x->ints[from];
    }
}

/* Give row `at` of the batch, which is row r of the block, ids for the keys that will be inferred. */
static pt_status put_missing(work *w, translate_steps *x, const source_block *b, uint32_t r, uint32_t at)
{
    for (uint32_t i = 0; i < x->n; i++) {
        step *s = &x->steps[i];
        uint32_t *id = s->n_missing ? &w->b->ids[s->t->index][at] : NULL;
        pt_value key;
        bool is_odd;
        if (!id || *id != MEMBER_NONE) continue;
        PT_TRY(value_at(w, s, b, r, &key, &is_odd));
        bool is_number = key.kind == VAL_INT;
        if (is_number && s->has_last && s->last_key == key.i) {
            *id = s->last_id;
            continue;
        }
        PT_TRY(batch_add_pending(w->b, s->t->index, key, id, w->err));
        s->has_last = is_number;
        s->last_key = is_number ? key.i : 0;
        s->last_id = *id;
    }
    return PT_OK;
}

/* The careful way of a row. */
static pt_status redo(work *w, source_chunk *c, const source_block *b, uint32_t r)
{
    return translate_row(w, source_block_row(c, b, r, &w->row, &w->why));
}

static pt_status settle_rows(work *w, translate_steps *x, source_chunk *c, const source_block *b)
{
    uint32_t first = w->b->n_rows;
    bool has_missing = false;
    for (uint32_t i = 0; i < x->n; i++) has_missing |= x->steps[i].n_missing > 0;
    for (uint32_t r = 0; r < b->rows.n_rows; r++) {
        if (x->is_odd[r]) {
            PT_TRY(redo(w, c, b, r));
            continue;
        }
        uint32_t to = w->b->n_rows;
        if (to != first + r) move_row(w->b, first + r, to);
        if (has_missing) PT_TRY(put_missing(w, x, b, r, to));
        if (x->has_history) translate_versions(w, to);
        w->b->n_rows++;
    }
    return PT_OK;
}

pt_status translate_block(work *w, source_chunk *c, uint32_t *n_rows)
{
    source_block b;
    *n_rows = 0;
    if (!w->m->cube || w->m->where || w->m->n_joins || w->t->slice) return PT_OK;
    if (!source_next_block(c, &b)) return PT_OK;
    if (!w->steps && !(w->steps = make_steps(w))) return arena_fail(w->b->mem, w->err);
    *n_rows = b.rows.n_rows;
    PT_TRY(batch_reserve(w->b, *n_rows, w->err));
    memset(w->steps->is_odd, 0, *n_rows);
    for (uint32_t i = 0; i < w->steps->n; i++) PT_TRY(run_step(w, &w->steps->steps[i], &b, w->steps->is_odd));
    put_absent(w, w->steps, *n_rows);
    w->b->n_read += *n_rows;
    return settle_rows(w, w->steps, c, &b);
}
