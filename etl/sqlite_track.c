/* sqlite_track.c - of a table with a track column, the rows that are new since last time.
 *
 * New are the rows above the highest value of last time, and those equal to it that were not there then. The
 * mark therefore holds the value and a hash of every row that has it: "<type>:<length>:<value>" and 8 bytes
 * for each row. */
#include "etl/sqlite_int.h"

#include "base/map.h"
#include "base/num.h"

enum { MAX_TIES = 1 << 20 /* rows with the same highest value of the track column */ };

/* Rows that were there last time: how often each hash is still to be met. */
typedef struct tally {
    u64_map *index; /* hash -> place in counts */
    uint32_t *counts;
} tally;

struct sqlite_track {
    pt_str table;       /* borrowed */
    sqlite3_stmt *rows; /* borrowed; the track column is the last */
    strbuf value;       /* the highest so far, as it stands in a mark */
    uint64_t *ties;     /* hashes of the rows that have it */
    uint32_t n_ties, cap_ties;
    tally before;   /* rows with the value of the mark we started from */
    strbuf scratch; /* of a row */
};

/* ---- marks --------------------------------------------------------- */

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

/* ---- rows of last time --------------------------------------------- */

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

/* ---- reading ------------------------------------------------------- */

/* The value of the mark as parameter 1, in its own type: SQLite compares numbers and texts differently. */
static pt_status bind_mark(sqlite_track *t, const sqlite_source *s, const mark *m, pt_err *err)
{
    int64_t i;
    double f;
    int rc;
    if (m->type == SQLITE_INTEGER && num_parse_i64(m->value, &i))
        rc = sqlite3_bind_int64(t->rows, 1, i);
    else if (m->type == SQLITE_FLOAT && num_parse_double(m->value, &f))
        rc = sqlite3_bind_double(t->rows, 1, f);
    else if (m->type == SQLITE_BLOB)
        rc = sqlite3_bind_blob(t->rows, 1, m->value.ptr, (int)m->value.len, SQLITE_TRANSIENT);
    else
        rc = sqlite3_bind_text(t->rows, 1, m->value.ptr, (int)m->value.len, SQLITE_TRANSIENT);
    return rc == SQLITE_OK ? PT_OK : sqlite_fail(s, t->table, err);
}

static void add_query(const sqlite_source *s, pt_str table, bool has_mark, strbuf *sql)
{
    strbuf_addz(sql, "SELECT *, ");
    sqlite_add_name(sql, s->track);
    strbuf_addz(sql, " FROM ");
    sqlite_add_name(sql, table);
    strbuf_addz(sql, " WHERE ");
    sqlite_add_name(sql, s->track);
    strbuf_addz(sql, has_mark ? " >= ?1 ORDER BY " : " IS NOT NULL ORDER BY ");
    sqlite_add_name(sql, s->track);
}

pt_status sqlite_track_open(sqlite_source *s, pt_str table, pt_str after, sqlite_track **out,
                            sqlite3_stmt **rows, pt_err *err)
{
    strbuf sql = {0};
    mark m = {0};
    bool has_mark = after.len > 0;
    if (has_mark && !mark_parse(after, &m))
        return pt_fail(err, PT_CORRUPT, "the stored mark of table '" STR_FMT "' is damaged", STR_ARG(table));
    sqlite_track *t = *out = mem_alloc(1, sizeof *t);
    if (!t) return pt_fail(err, PT_NOMEM, "out of memory");
    t->table = table;
    add_query(s, table, has_mark, &sql);
    PT_TRY(sqlite_prepare(s, table, &sql, rows, err));
    t->rows = *rows;
    if (!has_mark) return PT_OK;
    PT_TRY(bind_mark(t, s, &m, err));
    return tally_make(&t->before, m.hashes, err);
}

void sqlite_track_close(sqlite_track *t)
{
    if (!t) return;
    strbuf_free(&t->value);
    strbuf_free(&t->scratch);
    mem_free(t->ties);
    u64_map_free(t->before.index);
    mem_free(t->before.counts);
    mem_free(t);
}

static pt_status add_tie(sqlite_track *t, uint64_t hash, pt_err *err)
{
    if (t->n_ties == t->cap_ties) {
        uint32_t cap = t->cap_ties ? t->cap_ties * 2 : 16;
        if (cap > MAX_TIES) {
            pt_fail(err, PT_LIMIT,
                    "more than %d rows of '" STR_FMT "' have the same value in the track column", MAX_TIES,
                    STR_ARG(t->table));
            return pt_hint(err, "track a column whose values are nearly unique, like rowid");
        }
        uint64_t *grown = mem_grow(t->ties, cap, sizeof *grown);
        if (!grown) return pt_fail(err, PT_NOMEM, "out of memory");
        t->ties = grown;
        t->cap_ties = cap;
    }
    t->ties[t->n_ties++] = hash;
    return PT_OK;
}

/* The value of the track column with its type, as it stands in a mark. */
static void add_value(const sqlite_track *t, int column, strbuf *out)
{
    char number[32];
    pt_str text = sqlite_text(t->rows, column, number);
    strbuf_printf(out, "%d:%zu:", sqlite3_column_type(t->rows, column), text.len);
    strbuf_adds(out, text);
}

pt_status sqlite_track_row(sqlite_track *t, bool *is_known, pt_err *err)
{
    strbuf *b = &t->scratch;
    int n_columns = sqlite3_column_count(t->rows) - 1;
    strbuf_clear(b);
    add_value(t, n_columns, b);
    if (b->failed) return pt_fail(err, PT_NOMEM, "out of memory");
    if (!str_eq(strbuf_str(b), strbuf_str(&t->value))) { /* rows come in order of the column */
        strbuf_clear(&t->value);
        strbuf_adds(&t->value, strbuf_str(b));
        t->n_ties = 0;
    }
    strbuf_clear(b);
    sqlite_add_row(t->rows, n_columns, b);
    if (b->failed || t->value.failed) return pt_fail(err, PT_NOMEM, "out of memory");
    uint64_t hash = hash_bytes(b->ptr, b->len);
    *is_known = tally_take(&t->before, hash);
    return add_tie(t, hash, err);
}

pt_status sqlite_track_mark(sqlite_track *t, arena *a, pt_str *out, pt_err *err)
{
    strbuf_clear(&t->scratch);
    strbuf_adds(&t->scratch, strbuf_str(&t->value));
    strbuf_add(&t->scratch, (const char *)t->ties, t->n_ties * sizeof *t->ties);
    *out = t->scratch.failed ? (pt_str){NULL, 0} : str_copy(a, strbuf_str(&t->scratch));
    return out->ptr ? PT_OK : pt_fail(err, PT_NOMEM, "out of memory");
}
