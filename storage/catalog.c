/* catalog.c - transactions and records of the catalog.
 *
 * Each stored value ends in 8 bytes of checksum: XXH3 of the value, exclusive-or XXH3 of the key. So a value
 * that was changed, or that sits under the wrong key, is noticed. */
#include <errno.h>

#include "base/map.h"
#include "storage/bytes.h"
#include "storage/catalog_int.h"

#define STATE_MAGIC "PTWAREHS"

enum {
    SUM_BYTES = 8,
    STATE_FORMAT = 8,
    STATE_VERSION = 16,
    STATE_SCHEMA = 24,
    STATE_NEXT_DEF = 32,
    STATE_NEXT_FILE = 40,
    STATE_NEXT_LOAD = 48,
    STATE_CREATED = 56
};
_Static_assert(STATE_CREATED + 8 == STATE_BYTES, "docs/format.md, state record");

pt_status catalog_fail(const char *path, int rc, const char *what, pt_err *err)
{
    pt_status st = rc == ENOMEM                                                          ? PT_NOMEM
                   : rc == MDB_VERSION_MISMATCH                                          ? PT_VERSION
                   : rc == MDB_INVALID || rc == MDB_CORRUPTED || rc == MDB_PAGE_NOTFOUND ? PT_CORRUPT
                   : rc == MDB_MAP_FULL || rc == MDB_READERS_FULL || rc == MDB_TXN_FULL  ? PT_LIMIT
                                                                                         : PT_IO;
    pt_fail(err, st, "cannot %s catalog '%s': %s", what, path, mdb_strerror(rc));
    return rc == EIO ? pt_hint(err, "the disk may be full") : st; /* what LMDB makes of a short write */
}

static MDB_val val_of(pt_str s)
{
    return (MDB_val){s.len, (void *)(uintptr_t)s.ptr};
}

static pt_str str_of_val(MDB_val v)
{
    return (pt_str){v.mv_data, v.mv_size};
}

static uint64_t record_sum(pt_str key, pt_str value)
{
    return hash_bytes(value.ptr, value.len) ^ hash_bytes(key.ptr, key.len);
}

/* Take the checksum off a stored value. */
static pt_status open_value(const catalog *c, catalog_table t, pt_str key, MDB_val stored, pt_str *value,
                            pt_err *err)
{
    *value = str_of_val(stored);
    if (value->len >= SUM_BYTES) {
        value->len -= SUM_BYTES;
        if (record_sum(key, *value) == load_u64(value->ptr + value->len)) return PT_OK;
    }
    return pt_fail(err, PT_CORRUPT, "catalog '%s' is damaged: a record of table '%s' fails its checksum",
                   c->path, catalog_table_name(t));
}

/* ---- transactions -------------------------------------------------- */

pt_status catalog_begin(catalog *c, bool is_write, MDB_txn **txn, pt_err *err)
{
    *txn = NULL;
    int rc = mdb_txn_begin(c->env, NULL, is_write ? 0 : MDB_RDONLY, txn);
    if (rc == MDB_READERS_FULL) {
        int n_dead;
        mdb_reader_check(c->env, &n_dead);
        rc = mdb_txn_begin(c->env, NULL, is_write ? 0 : MDB_RDONLY, txn);
    }
    return rc ? catalog_fail(c->path, rc, is_write ? "write" : "read", err) : PT_OK;
}

pt_status catalog_commit(catalog *c, MDB_txn *txn, pt_err *err)
{
    int rc = mdb_txn_commit(txn);
    return rc ? catalog_fail(c->path, rc, "write", err) : PT_OK;
}

bool catalog_is_stable(const catalog *c, MDB_txn *txn)
{
    return c->has_locks || mdb_txn_id(txn) == catalog_last_commit(c);
}

/* ---- records ------------------------------------------------------- */

pt_status catalog_get(catalog *c, MDB_txn *txn, catalog_table t, pt_str key, pt_str *value, bool *found,
                      pt_err *err)
{
    MDB_val k = val_of(key), v;
    *found = false;
    if (key.len == 0 || key.len > CATALOG_MAX_KEY) return PT_OK; /* no such record can exist */
    int rc = mdb_get(txn, c->tables[t], &k, &v);
    if (rc == MDB_NOTFOUND) return PT_OK;
    if (rc) return catalog_fail(c->path, rc, "read", err);
    *found = true;
    return open_value(c, t, key, v, value, err);
}

pt_status catalog_put(catalog *c, MDB_txn *txn, catalog_table t, pt_str key, pt_str value, pt_err *err)
{
    MDB_val k = val_of(key), v = {value.len + SUM_BYTES, NULL};
    int rc = mdb_put(txn, c->tables[t], &k, &v, MDB_RESERVE);
    if (rc) return catalog_fail(c->path, rc, "write", err);
    if (value.len) memcpy(v.mv_data, value.ptr, value.len);
    store_u64((char *)v.mv_data + value.len, record_sum(key, value));
    return PT_OK;
}

pt_status catalog_delete(catalog *c, MDB_txn *txn, catalog_table t, pt_str key, pt_err *err)
{
    MDB_val k = val_of(key);
    int rc = mdb_del(txn, c->tables[t], &k, NULL);
    return rc && rc != MDB_NOTFOUND ? catalog_fail(c->path, rc, "write", err) : PT_OK;
}

/* ---- scanning ------------------------------------------------------ */

/* Move to the last record whose key starts with prefix: the one before the first key greater than all of
 * those. */
static int seek_last(MDB_cursor *cur, pt_str prefix, MDB_val *k, MDB_val *v)
{
    uint8_t after[CATALOG_MAX_KEY];
    size_t n = prefix.len;
    if (n) memcpy(after, prefix.ptr, n);
    while (n && after[n - 1] == 0xff) n--;
    if (n == 0) return mdb_cursor_get(cur, k, v, MDB_LAST);
    after[n - 1]++;
    *k = (MDB_val){n, after};
    int rc = mdb_cursor_get(cur, k, v, MDB_SET_RANGE);
    if (rc == MDB_NOTFOUND) return mdb_cursor_get(cur, k, v, MDB_LAST);
    return rc ? rc : mdb_cursor_get(cur, k, v, MDB_PREV);
}

static int seek(MDB_cursor *cur, pt_str prefix, bool backwards, MDB_val *k, MDB_val *v)
{
    if (backwards) return seek_last(cur, prefix, k, v);
    *k = val_of(prefix);
    return mdb_cursor_get(cur, k, v, prefix.len ? MDB_SET_RANGE : MDB_FIRST);
}

pt_status catalog_scan(catalog *c, MDB_txn *txn, catalog_table t, pt_str prefix, bool backwards,
                       store_record_fn fn, void *ctx, pt_err *err)
{
    MDB_cursor *cur;
    MDB_val k, v;
    pt_status st = PT_OK;
    if (prefix.len > CATALOG_MAX_KEY) return PT_OK;
    int rc = mdb_cursor_open(txn, c->tables[t], &cur);
    if (rc) return catalog_fail(c->path, rc, "read", err);
    for (rc = seek(cur, prefix, backwards, &k, &v); rc == 0;
         rc = mdb_cursor_get(cur, &k, &v, backwards ? MDB_PREV : MDB_NEXT)) {
        pt_str key = str_of_val(k), value;
        if (!str_starts(key, prefix)) break;
        st = open_value(c, t, key, v, &value, err);
        if (st == PT_OK) st = fn(ctx, key, value, err);
        if (st != PT_OK) break;
    }
    mdb_cursor_close(cur);
    if (rc && rc != MDB_NOTFOUND && st == PT_OK) st = catalog_fail(c->path, rc, "read", err);
    return st;
}

pt_status catalog_count(catalog *c, MDB_txn *txn, catalog_table t, size_t *n, pt_err *err)
{
    MDB_stat stat;
    int rc = mdb_stat(txn, c->tables[t], &stat);
    *n = rc ? 0 : stat.ms_entries;
    return rc ? catalog_fail(c->path, rc, "read", err) : PT_OK;
}

/* ---- shapes of records --------------------------------------------- */

static pt_status bad_record(catalog_table t, pt_err *err)
{
    return pt_fail(err, PT_CORRUPT, "the catalog is damaged: a record of table '%s' has the wrong shape",
                   catalog_table_name(t));
}

pt_status catalog_get_state(catalog *c, MDB_txn *txn, catalog_state *out, pt_err *err)
{
    pt_str v;
    bool found;
    PT_TRY(catalog_get(c, txn, CAT_META, STR("state"), &v, &found, err));
    if (!found || v.len < 16 || memcmp(v.ptr, STATE_MAGIC, 8) != 0)
        return pt_fail(err, PT_CORRUPT, "'%s' is not the catalog of a warehouse", c->path);
    if (load_u32(v.ptr + STATE_FORMAT) != CATALOG_FORMAT)
        return pt_fail(err, PT_VERSION, "warehouse '%s' has format %u, this program knows format %d", c->path,
                       load_u32(v.ptr + STATE_FORMAT), CATALOG_FORMAT);
    if (v.len != STATE_BYTES) return bad_record(CAT_META, err);
    out->version = load_u64(v.ptr + STATE_VERSION);
    out->schema_version = load_u64(v.ptr + STATE_SCHEMA);
    out->next_def = load_u32(v.ptr + STATE_NEXT_DEF);
    out->next_file = load_u64(v.ptr + STATE_NEXT_FILE);
    out->next_load = load_u64(v.ptr + STATE_NEXT_LOAD);
    out->created_us = (int64_t)load_u64(v.ptr + STATE_CREATED);
    return PT_OK;
}

pt_status catalog_put_state(catalog *c, MDB_txn *txn, const catalog_state *state, pt_err *err)
{
    char v[STATE_BYTES] = STATE_MAGIC;
    store_u32(v + STATE_FORMAT, CATALOG_FORMAT);
    store_u64(v + STATE_VERSION, state->version);
    store_u64(v + STATE_SCHEMA, state->schema_version);
    store_u32(v + STATE_NEXT_DEF, state->next_def);
    store_u64(v + STATE_NEXT_FILE, state->next_file);
    store_u64(v + STATE_NEXT_LOAD, state->next_load);
    store_u64(v + STATE_CREATED, (uint64_t)state->created_us);
    return catalog_put(c, txn, CAT_META, STR("state"), (pt_str){v, sizeof v}, err);
}

void catalog_seg_key(uint8_t key[SEG_KEY_BYTES], uint32_t cube, uint64_t seg_id)
{
    store_be32(key, cube);
    store_be64(key + 4, seg_id);
}

void catalog_seg_value(uint8_t value[SEG_BYTES], const catalog_seg *s)
{
    store_u64(value, s->load_id);
    store_u32(value + 8, s->n_rows);
    store_u32(value + 12, s->n_deleted);
}

pt_status catalog_seg_parse(pt_str key, pt_str value, catalog_seg *s, pt_err *err)
{
    if (key.len != SEG_KEY_BYTES || value.len < SEG_BYTES || (value.len - SEG_BYTES) % COVER_BYTES)
        return bad_record(CAT_SEG, err);
    *s = (catalog_seg){.cube = load_be32(key.ptr),
                       .id = load_be64(key.ptr + 4),
                       .load_id = load_u64(value.ptr),
                       .n_rows = load_u32(value.ptr + 8),
                       .n_deleted = load_u32(value.ptr + 12),
                       .n_covers = (uint32_t)((value.len - SEG_BYTES) / COVER_BYTES),
                       .covers = value.ptr + SEG_BYTES};
    return s->n_rows <= SEG_MAX_ROWS && s->n_deleted <= s->n_rows ? PT_OK : bad_record(CAT_SEG, err);
}

pt_status catalog_dim_parse(pt_str key, pt_str value, uint32_t *dim, uint64_t *file, pt_err *err)
{
    if (key.len != ID_KEY_BYTES || value.len != DIM_BYTES) return bad_record(CAT_DIM, err);
    *dim = load_be32(key.ptr);
    *file = load_u64(value.ptr);
    return PT_OK;
}

pt_str catalog_def_value(arena *a, const catalog_def *d)
{
    if (d->name.len > UINT32_MAX || d->text.len > UINT32_MAX) return (pt_str){0};
    size_t n = DEF_HEAD_BYTES + d->name.len + d->text.len;
    char *v = arena_alloc(a, n);
    if (!v) return (pt_str){0};
    store_u32(v, (uint32_t)d->kind);
    store_u64(v + 8, (uint64_t)d->changed_us);
    store_u32(v + 16, (uint32_t)d->name.len);
    store_u32(v + 20, (uint32_t)d->text.len);
    memcpy(v + DEF_HEAD_BYTES, d->name.ptr, d->name.len);
    memcpy(v + DEF_HEAD_BYTES + d->name.len, d->text.ptr, d->text.len);
    return (pt_str){v, n};
}

static bool is_stored_kind(uint32_t kind)
{
    return (kind >= OBJ_DIMENSION && kind <= OBJ_SET) || kind == OBJ_CUBOID;
}

pt_status catalog_def_parse(pt_str key, pt_str value, catalog_def *d, pt_err *err)
{
    if (key.len != ID_KEY_BYTES || value.len < DEF_HEAD_BYTES) return bad_record(CAT_DEF, err);
    uint32_t kind = load_u32(value.ptr);
    uint64_t name_len = load_u32(value.ptr + 16), text_len = load_u32(value.ptr + 20);
    if (value.len != DEF_HEAD_BYTES + name_len + text_len || !is_stored_kind(kind))
        return bad_record(CAT_DEF, err);
    d->id = load_be32(key.ptr);
    d->kind = (object_kind)kind;
    d->changed_us = (int64_t)load_u64(value.ptr + 8);
    d->name = (pt_str){value.ptr + DEF_HEAD_BYTES, name_len};
    d->text = (pt_str){d->name.ptr + name_len, text_len};
    return PT_OK;
}
