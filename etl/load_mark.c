/* load_mark.c - records of parts. Keys of TAB_MARK are texts "<kind>/<mapping id>/<name>"; a mark is
 * MARK_BYTES of little-endian numbers, version first. */
#include "etl/load_mark.h"

#include "storage/bytes.h"

enum { MARK_VERSION = 1, MARK_BYTES = 8 + 8 + 8 + 32 + 4 * 8 + 8 + 8 + 8, FILE_KEY = 4 + 32 };

/* Times of files may be as coarse as this: a stamp taken sooner after the change could hide a further one. */
#define STAMP_GRAIN_NS INT64_C(2000000000)

static pt_status make_key(const char *kind, uint32_t mapping, pt_str name, arena *a, pt_str *key, pt_err *err)
{
    *key = str_printf(a, "%s/%u/" STR_FMT, kind, mapping, STR_ARG(name));
    if (!key->ptr) return arena_fail(a, err);
    if (key->len <= 511) return PT_OK;
    return pt_fail(err, PT_LIMIT, "the name '" STR_FMT "' is too long", STR_ARG(name));
}

/* ---- marks --------------------------------------------------------- */

pt_status load_mark_get(store *s, uint32_t mapping, pt_str part, arena *a, load_mark *out, bool *found,
                        pt_err *err)
{
    pt_str key, value;
    PT_TRY(make_key("part", mapping, part, a, &key, err));
    PT_TRY(store_read(s, TAB_MARK, key, a, &value, found, err));
    if (!*found) return PT_OK;
    if (value.len != MARK_BYTES || load_u64(value.ptr) != MARK_VERSION)
        return pt_fail(err, PT_CORRUPT, "the record of part '" STR_FMT "' is damaged", STR_ARG(part));
    const char *p = value.ptr + 8;
    out->number = load_u64(p);
    out->load_id = load_u64(p + 8);
    memcpy(out->digest, p + 16, sizeof out->digest);
    out->stamp = (source_stamp){(int64_t)load_u64(p + 48), (int64_t)load_u64(p + 56),
                                (int64_t)load_u64(p + 64), load_u64(p + 72)};
    out->seen_ns = (int64_t)load_u64(p + 80);
    out->n_rejected = load_u64(p + 88);
    out->mapping_hash = load_u64(p + 96);
    return PT_OK;
}

pt_status load_mark_put(store_txn *t, uint32_t mapping, pt_str part, arena *a, const load_mark *m,
                        pt_err *err)
{
    char value[MARK_BYTES], *p = value + 8;
    pt_str key;
    PT_TRY(make_key("part", mapping, part, a, &key, err));
    store_u64(value, MARK_VERSION);
    store_u64(p, m->number);
    store_u64(p + 8, m->load_id);
    memcpy(p + 16, m->digest, sizeof m->digest);
    store_u64(p + 48, (uint64_t)m->stamp.size_bytes);
    store_u64(p + 56, (uint64_t)m->stamp.modified_ns);
    store_u64(p + 64, (uint64_t)m->stamp.changed_ns);
    store_u64(p + 72, m->stamp.inode);
    store_u64(p + 80, (uint64_t)m->seen_ns);
    store_u64(p + 88, m->n_rejected);
    store_u64(p + 96, m->mapping_hash);
    return txn_put_record(t, TAB_MARK, key, (pt_str){value, sizeof value}, err);
}

pt_status load_mark_drop(store_txn *t, uint32_t mapping, pt_str part, arena *a, pt_err *err)
{
    pt_str key;
    PT_TRY(make_key("part", mapping, part, a, &key, err));
    return txn_drop_record(t, TAB_MARK, key, err);
}

bool load_mark_is_same(const load_mark *m, const source_stamp *now)
{
    const source_stamp *was = &m->stamp;
    return was->inode && was->inode == now->inode && was->size_bytes == now->size_bytes &&
           was->modified_ns == now->modified_ns && was->changed_ns == now->changed_ns &&
           was->modified_ns < m->seen_ns - STAMP_GRAIN_NS && was->changed_ns < m->seen_ns - STAMP_GRAIN_NS;
}

/* ---- content ------------------------------------------------------- */

static pt_str content_key(uint32_t mapping, const uint8_t digest[32], char buf[FILE_KEY])
{
    store_be32(buf, mapping);
    memcpy(buf + 4, digest, 32);
    return (pt_str){buf, FILE_KEY};
}

pt_status load_content_get(store *s, uint32_t mapping, const uint8_t digest[32], arena *a, bool *found,
                           pt_err *err)
{
    char buf[FILE_KEY];
    pt_str value;
    return store_read(s, TAB_FILE, content_key(mapping, digest, buf), a, &value, found, err);
}

static pt_status note_record(void *ctx, pt_str key, pt_str value, pt_err *err)
{
    (void)key, (void)value, (void)err;
    *(bool *)ctx = true;
    return PT_OK;
}

pt_status load_content_any(store *s, uint32_t mapping, bool *found, pt_err *err)
{
    char prefix[4];
    *found = false;
    store_be32(prefix, mapping);
    return store_scan(s, TAB_FILE, (pt_str){prefix, sizeof prefix}, false, note_record, found, err);
}

pt_status load_content_put(store_txn *t, uint32_t mapping, const uint8_t digest[32], uint64_t load_id,
                           pt_err *err)
{
    char buf[FILE_KEY], value[8];
    store_be64(value, load_id);
    return txn_put_record(t, TAB_FILE, content_key(mapping, digest, buf), (pt_str){value, sizeof value}, err);
}

pt_status load_content_drop(store_txn *t, uint32_t mapping, const uint8_t digest[32], pt_err *err)
{
    char buf[FILE_KEY];
    return txn_drop_record(t, TAB_FILE, content_key(mapping, digest, buf), err);
}

/* ---- texts --------------------------------------------------------- */

pt_status load_text_get(store *s, const char *kind, uint32_t mapping, pt_str name, arena *a, pt_str *out,
                        pt_err *err)
{
    pt_str key;
    bool found;
    PT_TRY(make_key(kind, mapping, name, a, &key, err));
    PT_TRY(store_read(s, TAB_MARK, key, a, out, &found, err));
    if (!found) *out = (pt_str){NULL, 0};
    return PT_OK;
}

pt_status load_text_put(store_txn *t, const char *kind, uint32_t mapping, pt_str name, pt_str value, arena *a,
                        pt_err *err)
{
    pt_str key;
    PT_TRY(make_key(kind, mapping, name, a, &key, err));
    return txn_put_record(t, TAB_MARK, key, value, err);
}

pt_status load_counter_get(store *s, arena *a, uint64_t *next, pt_err *err)
{
    pt_str value;
    bool found;
    *next = 1;
    PT_TRY(store_read(s, TAB_MARK, STR("parts"), a, &value, &found, err));
    if (!found) return PT_OK;
    if (value.len != 8) return pt_fail(err, PT_CORRUPT, "the counter of parts is damaged");
    *next = load_u64(value.ptr);
    return PT_OK;
}

pt_status load_counter_put(store_txn *t, uint64_t next, pt_err *err)
{
    char value[8];
    store_u64(value, next);
    return txn_put_record(t, TAB_MARK, STR("parts"), (pt_str){value, sizeof value}, err);
}
