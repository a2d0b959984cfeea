/* load_report.c - what a load tells: rejected rows, progress, and the summary as JSON (docs/loading.md has
 * the schema). */
#include "etl/load_int.h"

#include "base/date.h"
#include "base/json.h"
#include "storage/bytes.h"

enum { MAX_REJECTS = 100000, MAX_PARTS_SHOWN = 1000 };

/* ---- rejected rows ------------------------------------------------- */

static void add_field(strbuf *b, const char *name, pt_str value)
{
    strbuf_printf(b, ",\"%s\":", name);
    if (value.ptr)
        json_add_string(b, value);
    else
        strbuf_addz(b, "null");
}

pt_status load_reject(load *l, load_mapping *m, pt_str file, const reject *r)
{
    char key[16];
    if (l->n_rejects_stored >= MAX_REJECTS) return PT_OK; /* counted all the same */
    strbuf b = {0};
    strbuf_addz(&b, "{\"mapping\":");
    json_add_string(&b, m->def->def->name);
    add_field(&b, "file", file);
    strbuf_printf(&b, ",\"line\":%llu", (unsigned long long)r->line);
    add_field(&b, "column", r->column.len ? r->column : (pt_str){NULL, 0});
    add_field(&b, "value", r->value);
    add_field(&b, "reason", r->reason);
    if (r->dimension.ptr) add_field(&b, "dimension", r->dimension);
    if (r->key.ptr) add_field(&b, "key", r->key);
    strbuf_addz(&b, ",\"row\":");
    strbuf_adds(&b, r->row);
    strbuf_addc(&b, '}');
    store_be64(key, l->id);
    store_be64(key + 8, l->n_rejects_stored++);
    pt_status st =
        b.failed ? pt_fail(l->err, PT_NOMEM, "out of memory for rejected rows")
                 : txn_put_record(l->txn, TAB_REJECT, (pt_str){key, sizeof key}, strbuf_str(&b), l->err);
    strbuf_free(&b);
    return st;
}

/* ---- progress ------------------------------------------------------ */

pt_status load_progress(load *l, const char *phase, uint64_t done, uint64_t total, const char *unit)
{
    if (!l->options->progress) return PT_OK;
    pt_status st = l->options->progress(l->options->progress_ctx, phase, done, total, unit);
    return st == PT_OK ? st : pt_fail(l->err, st, "the load was cancelled");
}

/* ---- the summary --------------------------------------------------- */

static void add_count(strbuf *b, const char *name, uint64_t n)
{
    strbuf_printf(b, ",\"%s\":%llu", name, (unsigned long long)n);
}

static void add_hex(strbuf *b, const uint8_t *bytes, size_t n)
{
    for (size_t i = 0; i < n; i++) strbuf_printf(b, "%02x", bytes[i]);
}

static void add_parts(strbuf *b, const load_mapping *m)
{
    uint32_t n = 0;
    strbuf_addz(b, ",\"parts\":[");
    for (uint32_t i = 0; i < m->n_parts && n < MAX_PARTS_SHOWN; i++) {
        const load_part *p = &m->parts[i];
        if (p->is_skipped && !p->is_replaced) continue;
        strbuf_addz(b, n++ ? ",{\"name\":" : "{\"name\":");
        json_add_string(b, p->part.name);
        add_count(b, "bytes", (uint64_t)p->part.stamp.size_bytes);
        add_count(b, "loaded", p->n_loaded);
        strbuf_printf(b, ",\"replaced\":%s", p->is_replaced ? "true" : "false");
        if (p->has_digest) {
            strbuf_addz(b, ",\"sha256\":\"");
            add_hex(b, p->digest, sizeof p->digest);
            strbuf_addc(b, '"');
        }
        strbuf_addc(b, '}');
    }
    strbuf_addc(b, ']');
}

static void add_mapping(strbuf *b, const load_mapping *m)
{
    const load_mapping_result *r = m->result;
    strbuf_addz(b, "{\"mapping\":");
    json_add_string(b, r->mapping);
    strbuf_printf(b, ",\"into\":\"%s\"", r->into_cube ? "cube" : "dimension");
    add_field(b, "target", r->target);
    add_count(b, "files", r->n_files);
    add_count(b, "files_skipped", r->n_files_skipped);
    add_count(b, "read", r->n_read);
    add_count(b, "loaded", r->n_loaded);
    add_count(b, "rejected", r->n_rejected);
    add_count(b, "filtered", r->n_filtered);
    if (r->into_cube) {
        add_count(b, "deleted", r->n_deleted);
        add_count(b, "members_inferred", r->n_members_inferred);
    } else {
        add_count(b, "members_new", r->n_members_new);
        add_count(b, "members_changed", r->n_members_changed);
    }
    add_parts(b, m);
    strbuf_addc(b, '}');
}

pt_status load_summary(load *l, uint64_t version, pt_str *json)
{
    const load_result *r = l->result;
    strbuf b = {0};
    strbuf_printf(&b, "{\"load\":%llu,\"version\":%llu,\"started\":\"", (unsigned long long)r->load_id,
                  (unsigned long long)version);
    date_print_time(l->started_at_us / 1000000 * 1000000, &b);
    strbuf_printf(&b, "Z\",\"elapsed_ms\":%lld", (long long)(r->elapsed_us / 1000));
    add_count(&b, "read", r->n_read);
    add_count(&b, "loaded", r->n_loaded);
    add_count(&b, "rejected", r->n_rejected);
    add_count(&b, "rejects_kept", l->n_rejects_stored);
    add_count(&b, "rows_per_second", r->elapsed_us > 0 ? r->n_read * 1000000 / (uint64_t)r->elapsed_us : 0);
    strbuf_addz(&b, ",\"mappings\":[");
    for (uint32_t i = 0; i < l->n_mappings; i++) {
        if (i) strbuf_addc(&b, ',');
        add_mapping(&b, &l->mappings[i]);
    }
    strbuf_addz(&b, "]}");
    *json = b.failed ? (pt_str){NULL, 0} : str_copy(l->a, strbuf_str(&b));
    strbuf_free(&b);
    return json->ptr ? PT_OK : arena_fail(l->a, l->err);
}
