/* lookup.c - reading a joined table into memory and finding its rows.
 *
 * The key of a row is the texts of its key columns, each with its length in front when there are several.
 * Rows are numbered in order of reading; `values` has n_kept texts for each. */
#include "etl/lookup.h"

#include "base/map.h"
#include "etl/bind.h"

struct lookup {
    const mapping_join *join;
    arena *mem;
    bytes_map *rows; /* key -> row */
    uint32_t n_rows, cap_rows;
    bool is_bound; /* kept is known */
    uint32_t n_kept;
    uint32_t *kept;  /* columns of the scope */
    pt_str *values;  /* [row * n_kept]; heap, texts in mem */
    uint64_t *lines; /* [row]; heap */
    pt_str name;
};

enum { KEY_MAX = 4096 };

/* ---- keys ---------------------------------------------------------- */

/* false if a part is null or the key is too long to be one. */
static bool make_key(const pt_str *parts, uint32_t n, char buf[KEY_MAX], pt_str *key)
{
    if (n == 1) {
        *key = parts[0];
        return parts[0].ptr != NULL;
    }
    size_t len = 0;
    for (uint32_t i = 0; i < n; i++) {
        uint32_t size = (uint32_t)parts[i].len;
        if (!parts[i].ptr || parts[i].len > KEY_MAX || len + sizeof size + size > KEY_MAX) return false;
        memcpy(buf + len, &size, sizeof size);
        if (size) memcpy(buf + len + sizeof size, parts[i].ptr, size);
        len += sizeof size + size;
    }
    *key = (pt_str){buf, len};
    return true;
}

void lookup_print_key(const lookup *t, const pt_str *parts, strbuf *out)
{
    for (uint32_t i = 0; i < t->join->n_keys; i++) {
        strbuf_printf(out, "%s" STR_FMT " = ", i ? ", " : "", STR_ARG(t->join->right[i]));
        if (parts[i].ptr)
            strbuf_printf(out, "'" STR_FMT "'", STR_ARG(parts[i]));
        else
            strbuf_addz(out, "null");
    }
}

/* ---- building ------------------------------------------------------ */

typedef struct builder {
    lookup *t;
    source_reader *r;
    pt_str part;
    uint32_t *key_fields, *kept_fields; /* places in the rows of this part */
    pt_str *key;                        /* [n_keys] */
    const limits *limits;
} builder;

/* Columns of the scope that this table may have to give. One named without a table is given by the main table
 * if that has it, which shows only when the main table is read: it is kept here too if this table has such a
 * column. */
static pt_status choose_columns(builder *b, const mapping *m, uint32_t table, pt_err *err)
{
    lookup *t = b->t;
    for (uint32_t c = 0; c < m->scope.n_columns; c++) {
        const expr_column *col = &m->scope.columns[c];
        uint32_t field;
        if (col->table != table && col->table != EXPR_ANY_TABLE) continue;
        PT_TRY(bind_find(b->r, b->part, col->name, &field, err));
        if (field != BIND_NONE || col->table == table) t->kept[t->n_kept++] = c;
    }
    t->is_bound = true;
    return PT_OK;
}

static pt_status need_column(builder *b, pt_str name, uint32_t *field, pt_err *err)
{
    PT_TRY(bind_find(b->r, b->part, name, field, err));
    return *field != BIND_NONE ? PT_OK : bind_fail_missing(b->r, b->part, name, err);
}

static pt_status find_columns(builder *b, const mapping *m, uint32_t table, pt_err *err)
{
    lookup *t = b->t;
    if (!t->is_bound) PT_TRY(choose_columns(b, m, table, err));
    for (uint32_t k = 0; k < t->join->n_keys; k++)
        PT_TRY(need_column(b, t->join->right[k], &b->key_fields[k], err));
    for (uint32_t i = 0; i < t->n_kept; i++)
        PT_TRY(need_column(b, m->scope.columns[t->kept[i]].name, &b->kept_fields[i], err));
    return PT_OK;
}

static bool make_room(lookup *t)
{
    if (t->n_rows < t->cap_rows) return true;
    uint32_t cap = t->cap_rows ? t->cap_rows * 2 : 1024;
    pt_str *values = mem_grow(t->values, (size_t)cap * (t->n_kept ? t->n_kept : 1), sizeof *values);
    if (!values) return false;
    t->values = values;
    uint64_t *lines = mem_grow(t->lines, cap, sizeof *lines);
    if (!lines) return false;
    t->lines = lines;
    t->cap_rows = cap;
    return true;
}

static pt_status fail_duplicate(const builder *b, uint32_t first, uint64_t line, pt_err *err)
{
    strbuf key = {0};
    lookup_print_key(b->t, b->key, &key);
    pt_fail(err, PT_DATA, "look-up table '" STR_FMT "' has %s twice, in lines %llu and %llu",
            STR_ARG(b->part), key.failed ? "a key" : key.ptr, (unsigned long long)b->t->lines[first],
            (unsigned long long)line);
    strbuf_free(&key);
    return pt_hint(err,
                   "a joined table needs one row for each key: add the column that tells them apart to ON");
}

static pt_status no_memory(const builder *b, pt_err *err)
{
    pt_fail(err, PT_NOMEM, "look-up table '" STR_FMT "' does not fit into the memory limit",
            STR_ARG(b->part));
    return pt_hint(err, "raise it with SET LIMIT MEMORY = '<n> MB'");
}

static pt_status add_row(builder *b, const source_row *row, pt_err *err)
{
    lookup *t = b->t;
    char buf[KEY_MAX];
    pt_str key;
    uint32_t first;
    bool is_new;
    for (uint32_t k = 0; k < t->join->n_keys; k++) b->key[k] = row->fields[b->key_fields[k]];
    if (!make_key(b->key, t->join->n_keys, buf, &key)) return PT_OK; /* nothing can find it */
    if (!make_room(t)) return no_memory(b, err);
    if (bytes_map_put(t->rows, key, t->n_rows, &first, &is_new) != PT_OK) return no_memory(b, err);
    if (!is_new) return fail_duplicate(b, first, row->line, err);
    for (uint32_t i = 0; i < t->n_kept; i++) {
        pt_str text = row->fields[b->kept_fields[i]];
        pt_str *to = &t->values[(size_t)t->n_rows * t->n_kept + i];
        *to = text.ptr ? str_copy(t->mem, text) : text;
        if (text.ptr && !to->ptr) return no_memory(b, err);
    }
    t->lines[t->n_rows++] = row->line;
    return PT_OK;
}

static pt_status read_chunk(builder *b, source_chunk *c, pt_err *err)
{
    for (;;) {
        source_row row;
        bool done;
        pt_err bad = {0};
        pt_status st = source_next(c, &row, &done, &bad);
        if (st == PT_OK && done) return PT_OK;
        if (st != PT_OK)
            return pt_fail(err, st, "look-up table '" STR_FMT "', line %llu: %s", STR_ARG(b->part),
                           (unsigned long long)row.line, bad.msg);
        PT_TRY(add_row(b, &row, err));
    }
}

static pt_status read_rows(builder *b, pt_err *err)
{
    bool done = false;
    source_chunk *c = source_chunk_new(b->r);
    pt_status st = c ? PT_OK : pt_fail(err, PT_NOMEM, "out of memory");
    while (st == PT_OK) {
        if ((st = limits_check(b->limits, err)) != PT_OK) break;
        if ((st = source_fill(b->r, c, &done, err)) != PT_OK || done) break;
        st = read_chunk(b, c, err);
    }
    source_chunk_free(c);
    return st == PT_OK ? source_finish(b->r, err) : st;
}

static pt_status read_part(builder *b, source *s, const mapping *m, uint32_t table, const source_part *part,
                           pt_err *err)
{
    b->part = part->name;
    PT_TRY(source_read(s, part, (pt_str){NULL, 0}, &b->r, err));
    pt_status st = PT_OK;
    if (source_n_columns(b->r) > 0) {
        st = find_columns(b, m, table, err);
        if (st == PT_OK) st = read_rows(b, err);
    }
    source_reader_close(b->r);
    return st;
}

static pt_status build(lookup *t, source *s, const mapping *m, uint32_t i, const limits *l, pt_err *err)
{
    source_part *parts;
    uint32_t n;
    builder b = {.t = t, .limits = l};
    t->join = &m->joins[i];
    t->name = t->join->def->table.name;
    t->rows = bytes_map_new();
    t->mem = limits_arena(l);
    if (!t->rows || !t->mem) return pt_fail(err, PT_NOMEM, "out of memory");
    t->kept = arena_array(t->mem, uint32_t, m->scope.n_columns);
    b.kept_fields = arena_array(t->mem, uint32_t, m->scope.n_columns);
    b.key_fields = arena_array(t->mem, uint32_t, t->join->n_keys);
    b.key = arena_array(t->mem, pt_str, t->join->n_keys);
    if (!t->kept || !b.kept_fields || !b.key_fields || !b.key) return arena_fail(t->mem, err);
    PT_TRY(source_parts(s, t->name, t->mem, &parts, &n, err));
    if (!n) return source_fail_missing(s, t->name, err);
    for (uint32_t p = 0; p < n; p++) PT_TRY(read_part(&b, s, m, i + 1, &parts[p], err));
    if (t->is_bound) return PT_OK;
    return pt_fail(err, PT_DATA, "look-up table '" STR_FMT "' is empty, without even a header",
                   STR_ARG(t->name));
}

pt_status lookup_build(source *s, const mapping *m, uint32_t i, const limits *l, lookup **out, pt_err *err)
{
    *out = NULL;
    lookup *t = mem_alloc(1, sizeof *t);
    if (!t) return pt_fail(err, PT_NOMEM, "out of memory");
    pt_status st = build(t, s, m, i, l, err);
    if (st == PT_OK)
        *out = t;
    else
        lookup_free(t);
    return st;
}

void lookup_free(lookup *t)
{
    if (!t) return;
    bytes_map_free(t->rows);
    arena_free(t->mem);
    mem_free(t->values);
    mem_free(t->lines);
    mem_free(t);
}

/* ---- finding ------------------------------------------------------- */

uint32_t lookup_rows(const lookup *t)
{
    return t->n_rows;
}

uint32_t lookup_column(const lookup *t, uint32_t column)
{
    for (uint32_t i = 0; i < t->n_kept; i++)
        if (t->kept[i] == column) return i;
    return BIND_NONE;
}

const pt_str *lookup_find(const lookup *t, const pt_str *key)
{
    char buf[KEY_MAX];
    pt_str bytes;
    uint32_t row;
    if (!make_key(key, t->join->n_keys, buf, &bytes) || !bytes_map_find(t->rows, bytes, &row)) return NULL;
    return t->values + (size_t)row * t->n_kept;
}
