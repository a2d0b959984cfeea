/* translate.c - row by row: gather the columns, look up joined rows, evaluate targets, find members.
 * translate_block.c does the same for many rows at once, where nothing is out of the ordinary.
 *
 * The first thing that is wrong with a row decides its fate and is the reason that the user gets. */
#include "etl/translate_int.h"

#include "base/date.h"
#include "base/json.h"
#include "base/map.h"
#include "base/utf8.h"
#include "etl/convert.h"

enum { REJECT_TEXT = 1000, CHECK_ROWS = 4096 };

typedef enum fate { ROW_KEPT, ROW_DROPPED } fate;

/* ---- rejecting ----------------------------------------------------- */

static pt_str shortened(pt_str s)
{
    if (s.len <= REJECT_TEXT) return s;
    size_t n = REJECT_TEXT;
    while (n > 0 && ((unsigned char)s.ptr[n] & 0xC0) == 0x80) n--;
    return (pt_str){s.ptr, n};
}

static void print_row(const source_row *row, strbuf *out)
{
    strbuf_addc(out, '[');
    for (uint32_t i = 0; i < row->n_fields; i++) {
        if (i) strbuf_addc(out, ',');
        if (row->fields[i].ptr)
            json_add_string(out, shortened(row->fields[i]));
        else
            strbuf_addz(out, "null");
    }
    strbuf_addc(out, ']');
}

static pt_status fail_row(const work *w, const reject *r)
{
    strbuf b = {0};
    strbuf_printf(&b, "'" STR_FMT "', line %llu", STR_ARG(w->t->part), (unsigned long long)r->line);
    if (r->column.len) strbuf_printf(&b, ", column " STR_FMT, STR_ARG(r->column));
    if (r->value.ptr) {
        pt_str shown = utf8_prefix_width(r->value, 60);
        strbuf_printf(&b, ", value '" STR_FMT "'", STR_ARG(shown));
    }
    pt_fail(w->err, PT_DATA, "%s: " STR_FMT, b.failed ? "" : b.ptr, STR_ARG(r->reason));
    strbuf_free(&b);
    return PT_DATA;
}

/* The row is bad: note it, or fail if the mapping says so. Line and row of `r` are set here. */
static pt_status reject_with(work *w, reject r, bool is_fatal, fate *out)
{
    *out = ROW_DROPPED;
    r.line = w->row.line;
    r.value = shortened(r.value);
    if (is_fatal || w->m->def->fail_on_error) return fail_row(w, &r);
    strbuf row = {0};
    print_row(&w->row, &row);
    r.row = strbuf_str(&row);
    pt_status st =
        row.failed ? pt_fail(w->err, PT_NOMEM, "out of memory") : batch_add_reject(w->b, &r, w->err);
    strbuf_free(&row);
    return st;
}

static pt_status reject_row(work *w, pt_str column, pt_str value, const char *reason, fate *out)
{
    return reject_with(w, (reject){.column = column, .value = value, .reason = str_of(reason)}, false, out);
}

/* A failure while a value was made: of the row, unless memory ran out. */
static pt_status blame(work *w, const expr_env *env, const mapping_target *t, pt_status st, fate *out)
{
    if (st != PT_VALUE && st != PT_TYPE && st != PT_DATA) return pt_fail(w->err, st, "%s", w->why.msg);
    uint32_t c = env->fault_column != EXPR_NO_COLUMN ? env->fault_column : t ? t->column : EXPR_NO_COLUMN;
    pt_str column = c != EXPR_NO_COLUMN ? w->m->scope.columns[c].name : t ? t->name : STR("WHERE");
    pt_str value = env->fault_value;
    if (!value.ptr && c != EXPR_NO_COLUMN) value = w->columns[c];
    st = reject_row(w, column, value, w->why.msg, out);
    pt_err_clear(&w->why);
    return st;
}

/* ---- the columns of a row ------------------------------------------ */

static void gather(work *w, uint32_t table, const pt_str *from)
{
    const bind_table *b = &w->t->bind->tables[table];
    for (uint32_t i = 0; i < b->n; i++)
        w->columns[b->pairs[i].column] = from ? from[b->pairs[i].from] : (pt_str){NULL, 0};
}

static pt_status reject_join(work *w, uint32_t join, fate *out)
{
    const mapping_join *j = &w->m->joins[join];
    strbuf b = {0};
    strbuf_printf(&b, "no row in '" STR_FMT "' with ", STR_ARG(j->def->table.name));
    lookup_print_key(w->t->lookups[join], w->key, &b);
    pt_status st = b.failed ? pt_fail(w->err, PT_NOMEM, "out of memory")
                            : reject_row(w, w->m->scope.columns[j->left[0]].name, w->key[0], b.ptr, out);
    strbuf_free(&b);
    return st;
}

static pt_status join_tables(work *w, fate *out)
{
    for (uint32_t i = 0; i < w->m->n_joins; i++) {
        const mapping_join *j = &w->m->joins[i];
        for (uint32_t k = 0; k < j->n_keys; k++) w->key[k] = w->columns[j->left[k]];
        const pt_str *found = lookup_find(w->t->lookups[i], w->key);
        if (!found && !j->def->is_left) return reject_join(w, i, out);
        gather(w, i + 1, found);
    }
    return PT_OK;
}

/* ---- values -------------------------------------------------------- */

/* Most targets are a plain column. */
static pt_status column_value(work *w, const mapping_target *t, pt_value *v)
{
    pt_str text = w->columns[t->column];
    if (t->n_codes)
        return convert_value(t, text.ptr ? value_text(text) : value_null(), w->scratch, v, &w->why);
    if (text.ptr) return convert_text(t, text, v, &w->why);
    *v = value_null();
    return PT_OK;
}

pt_status translate_value(work *w, const mapping_target *t, expr_env *env, pt_value *v)
{
    *env = (expr_env){.columns = w->columns, .scratch = w->scratch, .fault_column = EXPR_NO_COLUMN};
    if (t->column != EXPR_NO_COLUMN) return column_value(w, t, v);
    pt_value raw;
    PT_TRY(expr_eval(t->expr, env, &raw, &w->why));
    pt_status st = convert_value(t, raw, w->scratch, v, &w->why);
    if (st != PT_OK && raw.kind == VAL_TEXT) env->fault_value = raw.s;
    return st;
}

static pt_status target_value(work *w, const mapping_target *t, pt_value *v, fate *out)
{
    expr_env env;
    pt_status st = translate_value(w, t, &env, v);
    return st == PT_OK ? st : blame(w, &env, t, st, out);
}

static pt_status check_where(work *w, fate *out)
{
    if (!w->m->where) return PT_OK;
    expr_env env = {.columns = w->columns, .scratch = w->scratch, .fault_column = EXPR_NO_COLUMN};
    bool holds = false;
    pt_status st = expr_holds(w->m->where, &env, &holds, &w->why);
    if (st != PT_OK) return blame(w, &env, NULL, st, out);
    if (holds) return PT_OK;
    w->b->n_filtered++;
    *out = ROW_DROPPED;
    return PT_OK;
}

/* ---- members ------------------------------------------------------- */

static pt_status translate_member(work *w, fate *out)
{
    batch *b = w->b;
    b->lines[b->n_rows] = w->row.line;
    for (uint32_t i = 0; i < w->m->n_targets && *out == ROW_KEPT; i++) {
        const mapping_target *t = &w->m->targets[i];
        pt_value *v = &b->values[(size_t)b->n_rows * w->m->n_targets + i];
        PT_TRY(target_value(w, t, v, out));
        if (*out == ROW_KEPT && v->kind == VAL_NULL && t->kind == TARGET_ATTRIBUTE && t->index == 0)
            return reject_row(w, t->name, (pt_str){NULL, 0}, "the key is null", out);
    }
    return PT_OK;
}

/* ---- facts --------------------------------------------------------- */

static pt_status unknown_member(work *w, const mapping_target *t, pt_value key, fate *out)
{
    const translate_slice *slice = w->t->slice;
    bool is_outside = slice && slice->role == t->index; /* a member that is new now is in no slice */
    if (t->unknown == UNKNOWN_INFER && !is_outside) {   /* if nothing else is wrong with the row */
        w->unknown[w->n_unknown].role = t->index;
        w->unknown[w->n_unknown++].key = key;
        return PT_OK;
    }
    reject r = {.column = t->name, .dimension = w->m->cube->roles[t->index].dimension->name};
    if (key.kind != VAL_NULL) {
        pt_value text;
        PT_TRY(value_cast(key, TYPE_TEXT, 0, w->scratch, &text, w->err));
        r.key = r.value = text.s;
    }
    if (t->column != EXPR_NO_COLUMN) {
        r.column = w->m->scope.columns[t->column].name;
        r.value = w->columns[t->column];
    }
    r.reason = str_printf(w->scratch,
                          r.key.ptr ? "no member of dimension [" STR_FMT "] has this key"
                                    : "no key for dimension [" STR_FMT "]",
                          STR_ARG(r.dimension));
    if (!r.reason.ptr) return arena_fail(w->scratch, w->err);
    return reject_with(w, r, t->unknown == UNKNOWN_FAIL, out);
}

pt_status translate_find(work *w, uint32_t role, const pt_value *key, uint32_t *id)
{
    *id = MEMBER_NONE;
    if (key->kind != VAL_INT && key->kind != VAL_DATE) {
        (void)dim_find(w->t->views[role], *key, id);
        return PT_OK;
    }
    if (!w->found[role] && !(w->found[role] = arena_array(w->b->mem, found_key, FOUND_KEYS)))
        return arena_fail(w->b->mem, w->err);
    found_key *cached = &w->found[role][hash_u64((uint64_t)key->i) % FOUND_KEYS];
    if (cached->member && cached->key == key->i)
        *id = cached->member - 1;
    else if (dim_find(w->t->views[role], *key, id))
        *cached = (found_key){key->i, *id + 1};
    return PT_OK;
}

static pt_status find_member(work *w, const mapping_target *t, const pt_value *key, fate *out)
{
    uint32_t *id = &w->b->ids[t->index][w->b->n_rows];
    PT_TRY(translate_find(w, t->index, key, id));
    return *id == MEMBER_NONE ? unknown_member(w, t, *key, out) : PT_OK;
}

void translate_put(work *w, const mapping_target *t, uint32_t row, pt_value v)
{
    batch_column *c = &w->b->columns[t->index];
    bool is_null = v.kind == VAL_NULL;
    c->nulls[row] = is_null;
    c->has_nulls |= is_null;
    if (c->doubles)
        c->doubles[row] = is_null ? 0 : value_as_double(v);
    else
        c->ints[row] = is_null ? 0 : v.kind == VAL_DEC ? (int64_t)v.dec : v.i;
}

void translate_versions(work *w, uint32_t row)
{
    const translator *t = w->t;
    uint32_t when = t->day_role != MEMBER_NONE ? w->b->ids[t->day_role][row] : MEMBER_NONE;
    if (when >= BATCH_PENDING) return;
    pt_value day = dim_attr_value(t->views[t->day_role], t->day_attr, when);
    if (day.kind != VAL_DATE && day.kind != VAL_TIME) return;
    int64_t days = day.kind == VAL_DATE ? day.i : day.i / DATE_DAY_US - (day.i % DATE_DAY_US < 0);
    for (uint32_t r = 0; r < w->m->cube->n_roles; r++) {
        uint32_t *id = &w->b->ids[r][row];
        if (t->has_history[r] && *id < BATCH_PENDING) *id = dim_version_at(t->views[r], *id, days);
    }
}

/* Is the row in the slice that is replaced? */
static pt_status check_slice(work *w, fate *out)
{
    const translate_slice *s = w->t->slice;
    if (!s) return PT_OK;
    uint32_t id = w->b->ids[s->role][w->b->n_rows];
    if (id < s->n_members && s->holds[id]) return PT_OK;
    if (w->t->is_known) {
        w->b->n_outside++;
        *out = ROW_DROPPED;
        return PT_OK;
    }
    return reject_row(w, w->m->cube->roles[s->role].name, (pt_str){NULL, 0},
                      "outside of the slice that is replaced", out);
}

static pt_status translate_fact(work *w, fate *out)
{
    for (uint32_t i = 0; i < w->m->n_targets; i++) {
        const mapping_target *t = &w->m->targets[i];
        pt_value v;
        PT_TRY(target_value(w, t, &v, out));
        if (*out == ROW_KEPT && t->kind == TARGET_ROLE)
            PT_TRY(find_member(w, t, &v, out));
        else if (*out == ROW_KEPT)
            translate_put(w, t, w->b->n_rows, v);
        if (*out != ROW_KEPT) return PT_OK;
    }
    translate_versions(w, w->b->n_rows);
    return check_slice(w, out);
}

/* Fact columns that the mapping does not give are null. */
static void put_missing(work *w)
{
    for (uint32_t c = 0; c < w->m->cube->n_columns; c++) {
        bool is_given = false;
        for (uint32_t i = 0; i < w->m->n_targets; i++)
            is_given |= w->m->targets[i].kind == TARGET_COLUMN && w->m->targets[i].index == c;
        mapping_target t = {.index = c};
        if (!is_given) translate_put(w, &t, w->b->n_rows, value_null());
    }
}

/* ---- rows ---------------------------------------------------------- */

/* The keys that the row makes known. */
static pt_status put_unknown(work *w)
{
    batch *b = w->b;
    for (uint32_t i = 0; i < w->n_unknown; i++) {
        uint32_t role = w->unknown[i].role;
        PT_TRY(batch_add_pending(b, role, w->unknown[i].key, &b->ids[role][b->n_rows], w->err));
    }
    return PT_OK;
}

static pt_status well_formed(work *w)
{
    fate f = ROW_KEPT;
    w->n_unknown = 0;
    PT_TRY(batch_reserve(w->b, 1, w->err));
    gather(w, 0, w->row.fields);
    PT_TRY(join_tables(w, &f));
    if (f == ROW_KEPT) PT_TRY(check_where(w, &f));
    if (f == ROW_KEPT) PT_TRY(w->m->cube ? translate_fact(w, &f) : translate_member(w, &f));
    if (f != ROW_KEPT) return PT_OK;
    if (w->m->cube && w->m->n_targets < w->m->cube->n_roles + w->m->cube->n_columns) put_missing(w);
    PT_TRY(put_unknown(w));
    w->b->n_rows++;
    return PT_OK;
}

static pt_status malformed(work *w)
{
    fate f;
    pt_status st = reject_row(w, (pt_str){NULL, 0}, (pt_str){NULL, 0}, w->why.msg, &f);
    pt_err_clear(&w->why);
    return st;
}

pt_status translate_row(work *w, pt_status read)
{
    if (read != PT_OK && read != PT_DATA) return pt_fail(w->err, read, "%s", w->why.msg);
    PT_TRY(read == PT_OK ? well_formed(w) : malformed(w));
    if (w->m->cube && arena_used(w->scratch)) arena_reset(w->scratch);
    return PT_OK;
}

static pt_status translate_rows(work *w, source_chunk *c)
{
    for (uint64_t n = 0, n_checked = 0;; n++) {
        bool done = false;
        uint32_t n_block;
        if (n >= n_checked) {
            PT_TRY(limits_check(w->t->limits, w->err));
            n_checked = n + CHECK_ROWS;
        }
        PT_TRY(translate_block(w, c, &n_block));
        n += n_block;
        if (n_block) continue;
        pt_status st = source_next(c, &w->row, &done, &w->why);
        if (done) return PT_OK;
        w->b->n_read++;
        PT_TRY(translate_row(w, st));
    }
}

static bool make_room(work *w, uint32_t n_keys)
{
    arena *a = w->b->mem;
    uint32_t n_roles = w->m->cube ? w->m->cube->n_roles : 0;
    w->columns = arena_array(a, pt_str, w->m->scope.n_columns);
    w->key = arena_array(a, pt_str, n_keys);
    w->found = arena_array(a, found_key *, n_roles);
    w->found_text = arena_array(a, found_text *, n_roles);
    w->unknown = arena_calloc(a, n_roles, sizeof *w->unknown);
    w->scratch = w->m->cube ? arena_new(0) : a;
    return w->columns && w->key && w->found && w->found_text && w->unknown && w->scratch;
}

pt_status translate_chunk(const translator *t, source_chunk *c, batch *out, pt_err *err)
{
    batch_clear(out);
    const mapping *m = t->mapping;
    uint32_t n_keys = 1;
    for (uint32_t i = 0; i < m->n_joins; i++)
        if (m->joins[i].n_keys > n_keys) n_keys = m->joins[i].n_keys;
    work w = {.t = t, .m = m, .b = out, .err = err};
    pt_status st = make_room(&w, n_keys) ? translate_rows(&w, c) : pt_fail(err, PT_NOMEM, "out of memory");
    if (m->cube) arena_free(w.scratch);
    return st;
}
