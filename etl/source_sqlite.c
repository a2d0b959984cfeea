/* source_sqlite.c - a SQLite database as a source: tables are its tables and views.
 *
 * The connection is read-only and holds one read transaction from the first use to the close, so that
 * everything read through one source belongs together, whatever other programs write meanwhile. In WAL mode
 * they are not held up; in the older journal modes their commits wait for us, and we wait for theirs
 * (BUSY_MS).
 *
 * With the option track 'column' only rows that are new by that column are read: those above the highest
 * value of last time, and those equal to it that were not there then. The mark therefore holds the value and
 * a hash of every row that has it: "<type>:<value>\n" and 8 bytes for each row. */
#include "etl/source_int.h"

#include <limits.h>
#include <stdio.h>
#include <sys/stat.h>

#include <openssl/evp.h>
#include <sqlite3.h>

#include "base/map.h"
#include "base/nearest.h"
#include "base/num.h"
#include "base/utf8.h"
#include "etl/files.h"

enum {
    BUSY_MS = 10000,
    CHUNK_ROWS = 4096,
    CHUNK_TEXT = 1 << 20, /* bytes of text after which a chunk is full */
    MAX_TIES = 1 << 20    /* rows with the same highest value of the track column */
};

typedef struct sqlite_source {
    source base;
    char *path;
    pt_str track; /* empty: none */
    sqlite3 *db;  /* NULL until first used */
} sqlite_source;

/* Rows that were there last time: how often each hash is still to be met. */
typedef struct tally {
    u64_map *index; /* hash -> place in counts */
    uint32_t *counts;
} tally;

typedef struct sqlite_reader {
    source_reader base;
    pt_str name;
    sqlite3_stmt *rows;
    bool is_tracked, at_end; /* a statement stepped behind its end would begin again */
    uint64_t n_read;
    /* is_tracked: the highest value so far and the hashes of the rows that have it */
    strbuf value;
    uint64_t *ties;
    uint32_t n_ties, cap_ties;
    tally before;   /* rows with the value of the mark we started from */
    strbuf scratch; /* of a row */
} sqlite_reader;

typedef struct sqlite_chunk {
    source_chunk base;
    arena *text;
    pt_str *fields; /* [CHUNK_ROWS * n_columns] */
    uint32_t n_columns, n_rows, at;
    uint64_t first_row;
} sqlite_chunk;

/* ---- definition ---------------------------------------------------- */

static const source_option options[] = {
    {.name = "file", .kind = OPTION_PATH, .is_required = true},
    {.name = "track", .kind = OPTION_TEXT},
    {.name = "changed", .kind = OPTION_WORD, .words = "replace append"},
};

static pt_status db_open(const ast_source *def, source **out, pt_err *err)
{
    sqlite_source *s = mem_alloc(1, sizeof *s);
    pt_str path = source_option_text(def, "file", STR(""));
    if (s) s->path = mem_alloc(path.len + 1, 1);
    if (!s || !s->path) {
        mem_free(s);
        return pt_fail(err, PT_NOMEM, "out of memory");
    }
    memcpy(s->path, path.ptr, path.len);
    s->track = source_option_text(def, "track", STR(""));
    s->base.is_tracked = s->track.len > 0;
    s->base.is_transactional = true;
    *out = &s->base;
    return PT_OK;
}

static void db_close(source *base)
{
    sqlite_source *s = (sqlite_source *)base;
    sqlite3_close_v2(s->db);
    mem_free(s->path);
    mem_free(s);
}

/* ---- statements ---------------------------------------------------- */

static pt_status fail_sqlite(const sqlite_source *s, pt_str what, pt_err *err)
{
    int rc = sqlite3_errcode(s->db);
    pt_status code = rc == SQLITE_NOMEM ? PT_NOMEM : rc == SQLITE_ERROR ? PT_DATA : PT_IO;
    pt_fail(err, code, "cannot read '" STR_FMT "' of '%s': %s", STR_ARG(what), s->path,
            sqlite3_errmsg(s->db));
    if (rc == SQLITE_BUSY)
        return pt_hint(err, "another program kept the database locked for %d s", BUSY_MS / 1000);
    return code;
}

static pt_status run(sqlite_source *s, const char *sql, pt_err *err)
{
    return sqlite3_exec(s->db, sql, NULL, NULL, NULL) == SQLITE_OK
               ? PT_OK
               : fail_sqlite(s, STR("sqlite_schema"), err);
}

/* Open and begin the read transaction: the first SELECT fixes what is seen. */
static pt_status connect_db(sqlite_source *s, pt_err *err)
{
    if (s->db) return PT_OK;
    int rc = sqlite3_open_v2(s->path, &s->db, SQLITE_OPEN_READONLY | SQLITE_OPEN_NOMUTEX, NULL);
    if (rc != SQLITE_OK) {
        pt_fail(err, rc == SQLITE_NOMEM ? PT_NOMEM : PT_IO, "cannot open database '%s': %s", s->path,
                s->db ? sqlite3_errmsg(s->db) : "out of memory");
        sqlite3_close_v2(s->db);
        s->db = NULL;
        return rc == SQLITE_NOMEM ? PT_NOMEM : PT_IO;
    }
    sqlite3_busy_timeout(s->db, BUSY_MS);
    pt_status st = run(s, "BEGIN; SELECT count(*) FROM sqlite_schema", err);
    if (st == PT_OK) return PT_OK;
    sqlite3_close_v2(s->db);
    s->db = NULL;
    return st;
}

/* A name in backticks: unlike double quotes, these never turn an unknown name into a text. */
static void add_name(strbuf *sql, pt_str name)
{
    strbuf_addc(sql, '`');
    for (size_t i = 0; i < name.len; i++) {
        if (name.ptr[i] == '`') strbuf_addc(sql, '`');
        strbuf_addc(sql, name.ptr[i]);
    }
    strbuf_addc(sql, '`');
}

static pt_status prepare(sqlite_source *s, pt_str table, strbuf *sql, sqlite3_stmt **out, pt_err *err)
{
    pt_status st = PT_OK;
    if (sql->failed || sql->len > INT_MAX)
        st = pt_fail(err, PT_NOMEM, "out of memory");
    else if (sqlite3_prepare_v2(s->db, sql->ptr, (int)sql->len, out, NULL) != SQLITE_OK)
        st = fail_sqlite(s, table, err);
    strbuf_free(sql);
    return st;
}

/* ---- tables -------------------------------------------------------- */

/* Calls fn for the name of every table and view. */
static pt_status each_table(sqlite_source *s, void (*fn)(void *ctx, pt_str name), void *ctx, pt_err *err)
{
    sqlite3_stmt *q = NULL;
    strbuf sql = {0};
    strbuf_addz(&sql, "SELECT name FROM sqlite_schema WHERE type IN ('table', 'view') ORDER BY name");
    PT_TRY(prepare(s, STR("sqlite_schema"), &sql, &q, err));
    int rc;
    while ((rc = sqlite3_step(q)) == SQLITE_ROW) {
        const char *name = (const char *)sqlite3_column_text(q, 0);
        fn(ctx, str_of(name ? name : ""));
    }
    pt_status st = rc == SQLITE_DONE ? PT_OK : fail_sqlite(s, STR("sqlite_schema"), err);
    sqlite3_finalize(q);
    return st;
}

typedef struct search {
    pt_str want;
    bool is_found;
    nearest near;
    char best[256];
} search;

static void look(void *ctx, pt_str name)
{
    search *x = ctx;
    if (str_eq_fold(name, x->want)) x->is_found = true;
    unsigned before = x->near.distance;
    nearest_offer(&x->near, name);
    if (x->near.distance == before) return;
    snprintf(x->best, sizeof x->best, "%.*s", (int)name.len, name.ptr);
    x->near.best = str_of(x->best);
}

/* Size and times of the database and its log together: they change with every commit. */
static source_stamp stamp_of(const sqlite_source *s)
{
    struct stat st;
    source_stamp stamp = {0};
    if (stat(s->path, &st) == 0) stamp = files_stamp(&st);
    strbuf wal = {0};
    strbuf_printf(&wal, "%s-wal", s->path);
    if (!wal.failed && stat(wal.ptr, &st) == 0) {
        source_stamp log = files_stamp(&st);
        stamp.size_bytes += log.size_bytes;
        if (log.modified_ns > stamp.modified_ns) stamp.modified_ns = log.modified_ns;
        stamp.changed_ns ^= log.changed_ns;
    }
    strbuf_free(&wal);
    return stamp;
}

static pt_status db_parts(source *base, pt_str table, arena *a, source_part **parts, uint32_t *n, pt_err *err)
{
    sqlite_source *s = (sqlite_source *)base;
    source_stamp stamp =
        stamp_of(s); /* before we look inside: a commit meanwhile shows as a change next time */
    PT_TRY(connect_db(s, err));
    search x = {.want = table, .near = nearest_to(table)};
    PT_TRY(each_table(s, look, &x, err));
    if (!x.is_found) return PT_OK;
    *parts = arena_make(a, source_part);
    pt_str name = str_copy(a, table);
    if (!*parts || !name.ptr) return arena_fail(a, err);
    **parts = (source_part){.name = name, .stamp = stamp};
    *n = 1;
    return PT_OK;
}

static pt_status db_fail_missing(source *base, pt_str table, pt_err *err)
{
    sqlite_source *s = (sqlite_source *)base;
    PT_TRY(connect_db(s, err));
    search x = {.want = table, .near = nearest_to(table)};
    PT_TRY(each_table(s, look, &x, err));
    pt_fail(err, PT_IO, "there is no table '" STR_FMT "' in '%s'", STR_ARG(table), s->path);
    nearest_hint(&x.near, err);
    return PT_IO;
}

/* ---- rows ---------------------------------------------------------- */

/* The text of a column; valid until the next step. Blobs are taken as text. */
static pt_str column_text(sqlite3_stmt *q, int i, char number[32])
{
    switch (sqlite3_column_type(q, i)) {
    case SQLITE_NULL: return (pt_str){NULL, 0};
    case SQLITE_FLOAT: {
        strbuf b = {0};
        num_add_double(&b, sqlite3_column_double(q, i));
        int n = snprintf(number, 32, "%s", b.failed ? "" : b.ptr);
        strbuf_free(&b);
        return (pt_str){number, (size_t)n};
    }
    default: break;
    }
    const char *text = (const char *)sqlite3_column_text(q, i);
    return (pt_str){text ? text : "", (size_t)sqlite3_column_bytes(q, i)};
}

/* All columns with their types and lengths, as one text. */
static void add_row(sqlite3_stmt *q, int n_columns, strbuf *out)
{
    char number[32];
    for (int i = 0; i < n_columns; i++) {
        pt_str text = column_text(q, i, number);
        strbuf_printf(out, "%d:%zu:", sqlite3_column_type(q, i), text.len);
        strbuf_adds(out, text);
    }
}

/* The digest does not depend on the order of rows, which SQL leaves open: the SHA-256 of the sum of the
 * SHA-256 of every row (as four 64-bit numbers each), of the number of rows and of the names of the columns.
 */
static pt_status digest_rows(const sqlite_source *s, sqlite3_stmt *q, pt_str table, uint8_t out[32],
                             pt_err *err)
{
    uint64_t sum[5] = {0}, hash[4];
    strbuf row = {0};
    int rc, n = sqlite3_column_count(q);
    bool is_fine = true;
    while (is_fine && (rc = sqlite3_step(q)) == SQLITE_ROW) {
        strbuf_clear(&row);
        add_row(q, n, &row);
        is_fine = !row.failed && EVP_Digest(row.ptr, row.len, (uint8_t *)hash, NULL, EVP_sha256(), NULL) == 1;
        for (int i = 0; i < 4; i++) sum[i] += hash[i];
        sum[4]++;
    }
    strbuf_clear(&row);
    for (int i = 0; i < n; i++) strbuf_printf(&row, "%s\n", sqlite3_column_name(q, i));
    strbuf_add(&row, (const char *)sum, sizeof sum);
    is_fine = is_fine && !row.failed && EVP_Digest(row.ptr, row.len, out, NULL, EVP_sha256(), NULL) == 1;
    strbuf_free(&row);
    if (!is_fine) return pt_fail(err, PT_NOMEM, "out of memory while reading '" STR_FMT "'", STR_ARG(table));
    return rc == SQLITE_DONE ? PT_OK : fail_sqlite(s, table, err);
}

static pt_status db_digest(source *base, const source_part *part, uint8_t out[32], pt_err *err)
{
    sqlite_source *s = (sqlite_source *)base;
    sqlite3_stmt *q = NULL;
    strbuf sql = {0};
    PT_TRY(connect_db(s, err));
    strbuf_addz(&sql, "SELECT * FROM ");
    add_name(&sql, part->name);
    PT_TRY(prepare(s, part->name, &sql, &q, err));
    pt_status st = digest_rows(s, q, part->name, out, err);
    sqlite3_finalize(q);
    return st;
}

/* ---- increments ---------------------------------------------------- */

/* The track column comes behind the others; its value with its type, as it stands in a mark. */
static void add_value(const sqlite_reader *r, strbuf *out)
{
    char number[32];
    int i = (int)r->base.n_columns;
    pt_str text = column_text(r->rows, i, number);
    strbuf_printf(out, "%d:%zu:", sqlite3_column_type(r->rows, i), text.len);
    strbuf_adds(out, text);
}

/* "<number>:" at the front of *rest. */
static bool take_number(pt_str *rest, int64_t *out)
{
    const char *colon = memchr(rest->ptr, ':', rest->len);
    if (!colon) return false;
    size_t n = (size_t)(colon - rest->ptr);
    bool is_number = num_parse_i64((pt_str){rest->ptr, n}, out);
    *rest = (pt_str){colon + 1, rest->len - n - 1};
    return is_number;
}

/* The parts of a mark; borrowed. */
typedef struct mark {
    int64_t type;
    pt_str value;  /* text of the value */
    pt_str prefix; /* type, length and value, as add_value gives them */
    pt_str hashes; /* 8 bytes each */
} mark;

static bool mark_parse(pt_str text, mark *out)
{
    pt_str rest = text;
    int64_t len;
    if (!take_number(&rest, &out->type) || !take_number(&rest, &len)) return false;
    if (len < 0 || (uint64_t)len > rest.len) return false;
    out->value = (pt_str){rest.ptr, (size_t)len};
    out->prefix = (pt_str){text.ptr, (size_t)(rest.ptr - text.ptr) + (size_t)len};
    out->hashes = (pt_str){rest.ptr + len, rest.len - (size_t)len};
    return out->hashes.len % sizeof(uint64_t) == 0;
}

static pt_status tally_make(tally *t, pt_str hashes, pt_err *err)
{
    size_t n = hashes.len / sizeof(uint64_t);
    t->index = u64_map_new();
    t->counts = mem_alloc(n, sizeof *t->counts);
    if (!t->index || !t->counts) return pt_fail(err, PT_NOMEM, "out of memory");
    for (size_t i = 0; i < n; i++) {
        uint64_t hash;
        uint32_t at;
        bool is_fresh;
        memcpy(&hash, hashes.ptr + i * sizeof hash, sizeof hash);
        PT_TRY(u64_map_put(t->index, hash, u64_map_count(t->index), &at, &is_fresh));
        t->counts[at]++;
    }
    return PT_OK;
}

/* Was a row with this hash there last time? Equal rows answer as often as there were. */
static bool tally_take(tally *t, uint64_t hash)
{
    uint32_t at;
    if (!t->index || !u64_map_find(t->index, hash, &at) || !t->counts[at]) return false;
    t->counts[at]--;
    return true;
}

static pt_status add_tie(sqlite_reader *r, uint64_t hash, pt_err *err)
{
    if (r->n_ties == r->cap_ties) {
        uint32_t cap = r->cap_ties ? r->cap_ties * 2 : 16;
        if (cap > MAX_TIES) {
            pt_fail(err, PT_LIMIT,
                    "more than %d rows of '" STR_FMT "' have the same value in the track column", MAX_TIES,
                    STR_ARG(r->name));
            return pt_hint(err, "track a column whose values are nearly unique, like rowid");
        }
        uint64_t *grown = mem_grow(r->ties, cap, sizeof *grown);
        if (!grown) return pt_fail(err, PT_NOMEM, "out of memory");
        r->ties = grown;
        r->cap_ties = cap;
    }
    r->ties[r->n_ties++] = hash;
    return PT_OK;
}

/* Note the row for the next mark. *is_known: it was loaded with the mark we started from. */
static pt_status track_row(sqlite_reader *r, bool *is_known, pt_err *err)
{
    strbuf *b = &r->scratch;
    strbuf_clear(b);
    add_value(r, b);
    if (b->failed) return pt_fail(err, PT_NOMEM, "out of memory");
    if (!str_eq(strbuf_str(b), strbuf_str(&r->value))) { /* rows come in order of the column */
        strbuf_clear(&r->value);
        strbuf_adds(&r->value, strbuf_str(b));
        r->n_ties = 0;
    }
    strbuf_clear(b);
    add_row(r->rows, (int)r->base.n_columns, b);
    if (b->failed || r->value.failed) return pt_fail(err, PT_NOMEM, "out of memory");
    uint64_t hash = hash_bytes(b->ptr, b->len);
    *is_known = tally_take(&r->before, hash);
    if (!*is_known) r->base.has_new = true;
    return add_tie(r, hash, err);
}

static pt_status make_mark(sqlite_reader *r, pt_err *err)
{
    if (!r->is_tracked || !r->base.has_new) return PT_OK;
    size_t bytes = r->n_ties * sizeof *r->ties;
    strbuf_clear(&r->scratch);
    strbuf_adds(&r->scratch, strbuf_str(&r->value));
    strbuf_add(&r->scratch, (const char *)r->ties, bytes);
    r->base.mark = r->scratch.failed ? (pt_str){NULL, 0} : str_copy(r->base.arena, strbuf_str(&r->scratch));
    return r->base.mark.ptr ? PT_OK : pt_fail(err, PT_NOMEM, "out of memory");
}

/* ---- chunks -------------------------------------------------------- */

static void db_chunk_free(source_chunk *base)
{
    sqlite_chunk *c = (sqlite_chunk *)base;
    arena_free(c->text);
    mem_free(c->fields);
    mem_free(c);
}

static source_chunk *db_chunk_new(const source_reader *r)
{
    sqlite_chunk *c = mem_alloc(1, sizeof *c);
    if (!c) return NULL;
    c->n_columns = r->n_columns;
    c->text = arena_new(0);
    c->fields = mem_alloc((size_t)CHUNK_ROWS * r->n_columns, sizeof *c->fields);
    if (c->text && c->fields) return &c->base;
    db_chunk_free(&c->base);
    return NULL;
}

static pt_status copy_row(const sqlite_reader *r, sqlite_chunk *c, pt_err *err)
{
    pt_str *to = c->fields + (size_t)c->n_rows * c->n_columns;
    char number[32];
    for (uint32_t i = 0; i < c->n_columns; i++) {
        pt_str text = column_text(r->rows, (int)i, number);
        to[i] = text.ptr ? str_copy(c->text, text) : text;
        if (text.ptr && !to[i].ptr) return arena_fail(c->text, err);
    }
    c->n_rows++;
    return PT_OK;
}

static pt_status db_fill(source_reader *base, source_chunk *chunk, bool *done, pt_err *err)
{
    sqlite_reader *r = (sqlite_reader *)base;
    sqlite_chunk *c = (sqlite_chunk *)chunk;
    arena_reset(c->text);
    c->n_rows = c->at = 0;
    c->first_row = r->n_read + 1;
    int rc = SQLITE_ROW;
    while (!r->at_end && c->n_rows < CHUNK_ROWS && arena_used(c->text) < CHUNK_TEXT &&
           (rc = sqlite3_step(r->rows)) == SQLITE_ROW) {
        bool is_known = false;
        if (r->is_tracked) PT_TRY(track_row(r, &is_known, err));
        if (is_known) continue;
        r->n_read++;
        PT_TRY(copy_row(r, c, err));
    }
    r->at_end |= rc == SQLITE_DONE;
    if (rc == SQLITE_DONE) PT_TRY(make_mark(r, err));
    if (rc != SQLITE_DONE && rc != SQLITE_ROW)
        return fail_sqlite((sqlite_source *)base->source, r->name, err);
    *done = c->n_rows == 0;
    return PT_OK;
}

static pt_status db_next(source_chunk *chunk, source_row *row, bool *done, pt_err *err)
{
    sqlite_chunk *c = (sqlite_chunk *)chunk;
    *done = c->at == c->n_rows;
    if (*done) return PT_OK;
    row->fields = c->fields + (size_t)c->at * c->n_columns;
    row->n_fields = c->n_columns;
    row->line = c->first_row + c->at++;
    for (uint32_t i = 0; i < c->n_columns; i++) {
        pt_str f = row->fields[i];
        if (f.len && (utf8_valid_prefix(f) < f.len || memchr(f.ptr, 0, f.len)))
            return pt_fail(err, PT_DATA, "field %u is not UTF-8 text", i + 1);
    }
    return PT_OK;
}

/* ---- readers ------------------------------------------------------- */

static void db_reader_close(source_reader *base)
{
    sqlite_reader *r = (sqlite_reader *)base;
    sqlite3_finalize(r->rows);
    strbuf_free(&r->value);
    strbuf_free(&r->scratch);
    mem_free(r->ties);
    u64_map_free(r->before.index);
    mem_free(r->before.counts);
    arena_free(r->base.arena);
    mem_free(r);
}

static pt_status name_columns(sqlite_reader *r, pt_err *err)
{
    arena *a = r->base.arena;
    uint32_t n = (uint32_t)sqlite3_column_count(r->rows) - r->is_tracked;
    r->base.columns = arena_array(a, pt_str, n);
    if (!r->base.columns) return arena_fail(a, err);
    for (uint32_t i = 0; i < n; i++) {
        const char *name = sqlite3_column_name(r->rows, (int)i);
        r->base.columns[i] = str_copy(a, str_of(name ? name : ""));
        if (!r->base.columns[i].ptr) return arena_fail(a, err);
    }
    r->base.n_columns = n;
    return PT_OK;
}

/* The value of the mark as parameter 1, in its own type: SQLite compares numbers and texts differently. */
static pt_status bind_mark(sqlite_reader *r, const sqlite_source *s, const mark *m, pt_err *err)
{
    int64_t i;
    double f;
    int rc;
    if (m->type == SQLITE_INTEGER && num_parse_i64(m->value, &i))
        rc = sqlite3_bind_int64(r->rows, 1, i);
    else if (m->type == SQLITE_FLOAT && num_parse_double(m->value, &f))
        rc = sqlite3_bind_double(r->rows, 1, f);
    else if (m->type == SQLITE_BLOB)
        rc = sqlite3_bind_blob(r->rows, 1, m->value.ptr, (int)m->value.len, SQLITE_TRANSIENT);
    else
        rc = sqlite3_bind_text(r->rows, 1, m->value.ptr, (int)m->value.len, SQLITE_TRANSIENT);
    return rc == SQLITE_OK ? PT_OK : fail_sqlite(s, r->name, err);
}

static pt_status start_rows(sqlite_reader *r, sqlite_source *s, pt_str after, pt_err *err)
{
    strbuf sql = {0};
    mark m = {0};
    bool has_mark = r->is_tracked && after.len > 0;
    if (has_mark && !mark_parse(after, &m))
        return pt_fail(err, PT_CORRUPT, "the stored mark of table '" STR_FMT "' is damaged",
                       STR_ARG(r->name));
    strbuf_addz(&sql, "SELECT *");
    if (r->is_tracked) strbuf_addz(&sql, ", ");
    if (r->is_tracked) add_name(&sql, s->track);
    strbuf_addz(&sql, " FROM ");
    add_name(&sql, r->name);
    if (r->is_tracked) {
        strbuf_addz(&sql, " WHERE ");
        add_name(&sql, s->track);
        strbuf_addz(&sql, has_mark ? " >= ?1 ORDER BY " : " IS NOT NULL ORDER BY ");
        add_name(&sql, s->track);
    }
    PT_TRY(prepare(s, r->name, &sql, &r->rows, err));
    PT_TRY(name_columns(r, err));
    if (!has_mark) return PT_OK;
    PT_TRY(bind_mark(r, s, &m, err));
    return tally_make(&r->before, m.hashes, err);
}

static pt_status db_read(source *base, const source_part *part, pt_str after, source_reader **out,
                         pt_err *err)
{
    sqlite_source *s = (sqlite_source *)base;
    PT_TRY(connect_db(s, err));
    sqlite_reader *r = mem_alloc(1, sizeof *r);
    if (!r) return pt_fail(err, PT_NOMEM, "out of memory");
    r->base.source = base;
    r->base.arena = arena_new(0);
    r->is_tracked = s->base.is_tracked;
    r->name = r->base.arena ? str_copy(r->base.arena, part->name) : (pt_str){NULL, 0};
    pt_status st = r->name.ptr ? start_rows(r, s, after, err) : pt_fail(err, PT_NOMEM, "out of memory");
    if (st == PT_OK)
        *out = &r->base;
    else
        db_reader_close(&r->base);
    return st;
}

/* The size of a table is not known. */
static uint64_t db_position(const source_reader *r)
{
    (void)r;
    return 0;
}

/* One read transaction: nothing can have changed. */
static pt_status db_finish(source_reader *r, pt_err *err)
{
    (void)r;
    (void)err;
    return PT_OK;
}

const source_type source_sqlite = {
    .name = "sqlite",
    .options = options,
    .n_options = ARRAY_LEN(options),
    .open = db_open,
    .close = db_close,
    .parts = db_parts,
    .fail_missing = db_fail_missing,
    .digest = db_digest,
    .read = db_read,
    .reader_close = db_reader_close,
    .position = db_position,
    .finish = db_finish,
    .chunk_new = db_chunk_new,
    .chunk_free = db_chunk_free,
    .fill = db_fill,
    .next = db_next,
};
