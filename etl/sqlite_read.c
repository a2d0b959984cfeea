/* sqlite_read.c - the rows of a table of a SQLite database: their texts, their digest, readers and chunks. */
#include "etl/sqlite_int.h"

#include <stdio.h>

#include <openssl/evp.h>

#include "base/num.h"
#include "base/utf8.h"

enum {
    CHUNK_ROWS = 4096,
    CHUNK_TEXT = 1 << 20 /* bytes of text after which a chunk is full */
};

typedef struct sqlite_reader {
    source_reader base;
    pt_str name;
    sqlite3_stmt *rows;
    bool at_end; /* a statement stepped behind its end would begin again */
    uint64_t n_read;
    sqlite_track *track; /* NULL: all rows are read */
} sqlite_reader;

typedef struct sqlite_chunk {
    source_chunk base;
    arena *text;
    pt_str *fields; /* [CHUNK_ROWS * n_columns] */
    uint32_t n_columns, n_rows, at;
    uint64_t first_row;
} sqlite_chunk;

/* ---- rows ---------------------------------------------------------- */

/* The text of a column; valid until the next step. Blobs are taken as text. */
pt_str sqlite_text(sqlite3_stmt *q, int i, char number[32])
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
void sqlite_add_row(sqlite3_stmt *q, int n_columns, strbuf *out)
{
    char number[32];
    for (int i = 0; i < n_columns; i++) {
        pt_str text = sqlite_text(q, i, number);
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
        sqlite_add_row(q, n, &row);
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
    return rc == SQLITE_DONE ? PT_OK : sqlite_fail(s, table, err);
}

pt_status sqlite_digest(source *base, const source_part *part, uint8_t out[32], pt_err *err)
{
    sqlite_source *s = (sqlite_source *)base;
    sqlite3_stmt *q = NULL;
    strbuf sql = {0};
    PT_TRY(sqlite_connect(s, err));
    strbuf_addz(&sql, "SELECT * FROM ");
    sqlite_add_name(&sql, part->name);
    PT_TRY(sqlite_prepare(s, part->name, &sql, &q, err));
    pt_status st = digest_rows(s, q, part->name, out, err);
    sqlite3_finalize(q);
    return st;
}

/* ---- chunks -------------------------------------------------------- */

void sqlite_chunk_free(source_chunk *base)
{
    sqlite_chunk *c = (sqlite_chunk *)base;
    arena_free(c->text);
    mem_free(c->fields);
    mem_free(c);
}

source_chunk *sqlite_chunk_new(const source_reader *r)
{
    sqlite_chunk *c = mem_alloc(1, sizeof *c);
    if (!c) return NULL;
    c->n_columns = r->n_columns;
    c->text = arena_new(0);
    c->fields = mem_alloc((size_t)CHUNK_ROWS * r->n_columns, sizeof *c->fields);
    if (c->text && c->fields) return &c->base;
    sqlite_chunk_free(&c->base);
    return NULL;
}

static pt_status copy_row(const sqlite_reader *r, sqlite_chunk *c, pt_err *err)
{
    pt_str *to = c->fields + (size_t)c->n_rows * c->n_columns;
    char number[32];
    for (uint32_t i = 0; i < c->n_columns; i++) {
        pt_str text = sqlite_text(r->rows, (int)i, number);
        to[i] = text.ptr ? str_copy(c->text, text) : text;
        if (text.ptr && !to[i].ptr) return arena_fail(c->text, err);
    }
    c->n_rows++;
    return PT_OK;
}

pt_status sqlite_fill(source_reader *base, source_chunk *chunk, bool *done, pt_err *err)
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
        if (r->track) PT_TRY(sqlite_track_row(r->track, &is_known, err));
        if (is_known) continue;
        base->has_new = true;
        r->n_read++;
        PT_TRY(copy_row(r, c, err));
    }
    r->at_end |= rc == SQLITE_DONE;
    if (rc == SQLITE_DONE && r->track && base->has_new)
        PT_TRY(sqlite_track_mark(r->track, base->arena, &base->mark, err));
    if (rc != SQLITE_DONE && rc != SQLITE_ROW)
        return sqlite_fail((sqlite_source *)base->source, r->name, err);
    *done = c->n_rows == 0;
    return PT_OK;
}

pt_status sqlite_next(source_chunk *chunk, source_row *row, bool *done, pt_err *err)
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

void sqlite_reader_close(source_reader *base)
{
    sqlite_reader *r = (sqlite_reader *)base;
    sqlite3_finalize(r->rows);
    sqlite_track_close(r->track);
    arena_free(r->base.arena);
    mem_free(r);
}

static pt_status name_columns(sqlite_reader *r, pt_err *err)
{
    arena *a = r->base.arena;
    uint32_t n = (uint32_t)sqlite3_column_count(r->rows) - (r->track ? 1 : 0);
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

static pt_status start_rows(sqlite_reader *r, sqlite_source *s, pt_str after, pt_err *err)
{
    if (s->base.is_tracked) {
        PT_TRY(sqlite_track_open(s, r->name, after, &r->track, &r->rows, err));
    } else {
        strbuf sql = {0};
        strbuf_addz(&sql, "SELECT * FROM ");
        sqlite_add_name(&sql, r->name);
        PT_TRY(sqlite_prepare(s, r->name, &sql, &r->rows, err));
    }
    return name_columns(r, err);
}

pt_status sqlite_read(source *base, const source_part *part, pt_str after, source_reader **out, pt_err *err)
{
    sqlite_source *s = (sqlite_source *)base;
    PT_TRY(sqlite_connect(s, err));
    sqlite_reader *r = mem_alloc(1, sizeof *r);
    if (!r) return pt_fail(err, PT_NOMEM, "out of memory");
    r->base.source = base;
    r->base.arena = arena_new(0);
    r->name = r->base.arena ? str_copy(r->base.arena, part->name) : (pt_str){NULL, 0};
    pt_status st = r->name.ptr ? start_rows(r, s, after, err) : pt_fail(err, PT_NOMEM, "out of memory");
    if (st == PT_OK)
        *out = &r->base;
    else
        sqlite_reader_close(&r->base);
    return st;
}

/* The size of a table is not known. */
uint64_t sqlite_position(const source_reader *r)
{
    (void)r;
    return 0;
}

/* One read transaction: nothing can have changed. */
pt_status sqlite_finish(source_reader *r, pt_err *err)
{
    (void)r;
    (void)err;
    return PT_OK;
}
