/* load_plan.c - which parts of a mapping's table are to be read.
 *
 * Into a cube every row counts, so parts are known by name and content:
 *   same name, same content   was loaded: skip
 *   other name, same content  a copy of what was loaded: skip
 *   same name, other content  replaces what the name brought before (or adds to it: option changed 'append')
 *   other name and content    new
 * A part that replaces is handled before the others are looked at, because its old content is then free
 * again: a file that was renamed while a new one took its name is loaded anew.
 *
 * Into a dimension rows are upserts, so all parts are read unless nothing that decides the rows has changed
 * since the last load: the parts, the joined tables and the definitions, together one digest.
 *
 * Tables of tracked sources are read from their mark on. */
#include "etl/load_int.h"

#include <openssl/evp.h>

#include "base/map.h"
#include "etl/load_mark.h"

/* ---- digests ------------------------------------------------------- */

static pt_status part_digest(load *l, load_mapping *m, load_part *p)
{
    p->wants_digest = false;
    if (p->has_digest) return PT_OK;
    const char *phase = str_printf(l->a, "checking " STR_FMT, STR_ARG(p->part.name)).ptr;
    PT_TRY(load_progress(l, phase ? phase : "checking", 0, 0, "bytes"));
    PT_TRY(source_digest(m->source->source, &p->part, p->digest, l->err));
    p->has_digest = true;
    return PT_OK;
}

/* Add names and digests of the parts of a joined table. */
static pt_status hash_table(load *l, load_mapping *m, pt_str table, EVP_MD_CTX *md)
{
    source_part *parts;
    uint32_t n;
    uint8_t digest[32];
    PT_TRY(source_parts(m->source->source, table, l->a, &parts, &n, l->err));
    if (!n && !m->cube)
        return source_fail_missing(m->source->source, table, l->err); /* facts may need none of it */
    for (uint32_t i = 0; i < n; i++) {
        PT_TRY(source_digest(m->source->source, &parts[i], digest, l->err));
        EVP_DigestUpdate(md, parts[i].name.ptr, parts[i].name.len + 1);
        EVP_DigestUpdate(md, digest, sizeof digest);
    }
    return PT_OK;
}

/* Add the definitions of mapping, source and dimension. */
static pt_status hash_definitions(load *l, load_mapping *m, EVP_MD_CTX *md)
{
    uint32_t n;
    const catalog_def *defs = snapshot_defs(l->view.snap, &n);
    for (uint32_t i = 0; i < n; i++)
        if (defs[i].id == m->def->id || defs[i].id == m->mapping->dimension->id ||
            (defs[i].kind == OBJ_SOURCE && str_eq_fold(defs[i].name, m->def->source->name)))
            EVP_DigestUpdate(md, defs[i].text.ptr, defs[i].text.len);
    return PT_OK;
}

/* Everything but the rows of a tracked main table. */
static pt_status dim_digest(load *l, load_mapping *m, EVP_MD_CTX *md)
{
    EVP_DigestInit_ex(md, EVP_sha256(), NULL);
    PT_TRY(hash_definitions(l, m, md));
    for (uint32_t i = 0; i < m->mapping->n_joins; i++)
        PT_TRY(hash_table(l, m, m->mapping->joins[i].def->table.name, md));
    for (uint32_t i = 0; i < m->n_parts && !source_is_tracked(m->source->source); i++) {
        PT_TRY(part_digest(l, m, &m->parts[i]));
        EVP_DigestUpdate(md, m->parts[i].part.name.ptr, m->parts[i].part.name.len + 1);
        EVP_DigestUpdate(md, m->parts[i].digest, sizeof m->parts[i].digest);
    }
    EVP_DigestFinal_ex(md, m->dim_digest, NULL);
    return PT_OK;
}

/* ---- joined tables of facts ---------------------------------------- */

static pt_status joins_digest(load *l, load_mapping *m, EVP_MD_CTX *md)
{
    EVP_DigestInit_ex(md, EVP_sha256(), NULL);
    for (uint32_t i = 0; i < m->mapping->n_joins; i++)
        PT_TRY(hash_table(l, m, m->mapping->joins[i].def->table.name, md));
    EVP_DigestFinal_ex(md, m->joins_digest, NULL);
    return PT_OK;
}

pt_status load_plan_joins(load *l, load_mapping *m, bool *is_changed)
{
    pt_str before;
    EVP_MD_CTX *md = EVP_MD_CTX_new();
    if (!md) return pt_fail(l->err, PT_NOMEM, "out of memory");
    pt_status st = joins_digest(l, m, md);
    EVP_MD_CTX_free(md);
    PT_TRY(st);
    PT_TRY(load_text_get(warehouse_store(l->warehouse), "join", m->def->id, (pt_str){"", 0}, l->a, &before,
                         l->err));
    *is_changed = !str_eq(before, (pt_str){(const char *)m->joins_digest, sizeof m->joins_digest});
    return PT_OK;
}

/* ---- tracked tables ------------------------------------------------ */

static pt_status plan_tracked(load *l, load_mapping *m, load_part *p, bool from_start)
{
    load_mark mark;
    bool found = false;
    if (m->cube)
        PT_TRY(load_mark_get(warehouse_store(l->warehouse), m->def->id, p->part.name, l->a, &mark, &found,
                             l->err));
    p->number = found ? mark.number : 0;
    p->is_replaced = found && from_start;
    if (from_start) return PT_OK;
    return load_text_get(warehouse_store(l->warehouse), "track", m->def->id, p->part.name, l->a, &p->after,
                         l->err);
}

/* ---- into a dimension ---------------------------------------------- */

static pt_status plan_dimension(load *l, load_mapping *m)
{
    pt_str before;
    store *s = warehouse_store(l->warehouse);
    EVP_MD_CTX *md = EVP_MD_CTX_new();
    if (!md) return pt_fail(l->err, PT_NOMEM, "out of memory");
    pt_status st = dim_digest(l, m, md);
    EVP_MD_CTX_free(md);
    if (st == PT_OK) st = load_text_get(s, "dim", m->def->id, (pt_str){"", 0}, l->a, &before, l->err);
    if (st != PT_OK) return st;
    bool is_same =
        !l->options->force && str_eq(before, (pt_str){(const char *)m->dim_digest, sizeof m->dim_digest});
    for (uint32_t i = 0; i < m->n_parts; i++) {
        if (source_is_tracked(m->source->source))
            PT_TRY(plan_tracked(l, m, &m->parts[i], !is_same));
        else
            m->parts[i].is_skipped = is_same;
    }
    return PT_OK;
}

/* ---- into a cube --------------------------------------------------- */

typedef struct contents {
    bytes_map *map; /* contents whose fate this plan has changed: 1 loaded, 0 dropped */
    bool is_first;  /* nothing was loaded by this mapping before */
} contents;

static pt_str digest_str(const load_part *p)
{
    return (pt_str){(const char *)p->digest, sizeof p->digest};
}

static pt_status content_is_loaded(load *l, const load_mapping *m, const contents *c, const load_part *p,
                                   bool *out)
{
    uint32_t is_loaded;
    if (bytes_map_find(c->map, digest_str(p), &is_loaded)) {
        *out = is_loaded;
        return PT_OK;
    }
    return load_content_get(warehouse_store(l->warehouse), m->def->id, p->digest, l->a, out, l->err);
}

static void skip_known(const load_mapping *m, load_part *p, const load_mark *mark)
{
    p->is_skipped = true;
    if (!mark->n_rejected || source_appends(m->source->source)) return;
    p->suspect_load = mark->load_id;
    p->is_redefined = mark->mapping_hash != m->hash;
}

/* A part whose name is known. *is_settled false: its content has to be looked at like that of a new one. */
static pt_status plan_known(load *l, load_mapping *m, contents *c, load_part *p, const load_mark *mark,
                            bool *is_settled)
{
    p->number = mark->number;
    *is_settled = true;
    if (l->options->trusts_stamps && load_mark_is_same(mark, &p->part.stamp)) {
        skip_known(m, p, mark);
        return PT_OK;
    }
    PT_TRY(part_digest(l, m, p));
    bool is_same = memcmp(p->digest, mark->digest, sizeof p->digest) == 0;
    bool has_slice = l->options->replace != NULL;
    if (is_same) {
        p->is_known = has_slice;
        p->is_replaced = l->options->force && !has_slice && !source_appends(m->source->source);
        if (!has_slice && !l->options->force) skip_known(m, p, mark);
        return PT_OK;
    }
    *is_settled = false;
    if (!has_slice && source_appends(m->source->source)) return PT_OK;
    /* The old content is no longer (all) there, so that it counts as new when it comes again. */
    p->is_replaced = !has_slice;
    PT_TRY(load_content_drop(l->txn, m->def->id, mark->digest, l->err));
    return bytes_map_set(c->map, (pt_str){(const char *)mark->digest, sizeof mark->digest}, 0);
}

/* Can no other content be the same, whatever it is? Files then need not be read twice, one after the other.
 * (What comes of a database is read through one connection.) */
static bool is_surely_new(const load_mapping *m, const contents *c, const load_part *p)
{
    uint32_t n_alike = 0;
    if (!c->is_first || source_is_transactional(m->source->source)) return false;
    for (uint32_t i = 0; i < m->n_parts; i++)
        n_alike += m->parts[i].part.stamp.size_bytes == p->part.stamp.size_bytes;
    return n_alike == 1;
}

static pt_status plan_content(load *l, load_mapping *m, contents *c, load_part *p)
{
    bool is_loaded;
    p->wants_digest = is_surely_new(m, c, p);
    if (p->wants_digest) return PT_OK;
    PT_TRY(part_digest(l, m, p));
    PT_TRY(content_is_loaded(l, m, c, p, &is_loaded));
    if (is_loaded && l->options->replace) p->is_known = true;
    if (!is_loaded || l->options->replace || l->options->force)
        return bytes_map_set(c->map, digest_str(p), 1);
    p->is_skipped = true;
    /* What the name brought before goes, and it becomes a mere copy, without a mark of its own: should the
     * other part change one day, this one is loaded. */
    return p->is_replaced ? load_mark_drop(l->txn, m->def->id, p->part.name, l->a, l->err) : PT_OK;
}

static pt_status plan_facts(load *l, load_mapping *m, contents *c)
{
    bool *is_settled = arena_array(l->a, bool, m->n_parts), has_content;
    if (!is_settled) return arena_fail(l->a, l->err);
    PT_TRY(load_content_any(warehouse_store(l->warehouse), m->def->id, &has_content, l->err));
    c->is_first = !has_content;
    for (uint32_t i = 0; i < m->n_parts; i++) {
        load_part *p = &m->parts[i];
        load_mark mark;
        bool found;
        PT_TRY(load_mark_get(warehouse_store(l->warehouse), m->def->id, p->part.name, l->a, &mark, &found,
                             l->err));
        if (found) PT_TRY(plan_known(l, m, c, p, &mark, &is_settled[i]));
    }
    for (uint32_t i = 0; i < m->n_parts; i++)
        if (!is_settled[i]) PT_TRY(plan_content(l, m, c, &m->parts[i]));
    return PT_OK;
}

static pt_status plan_cube(load *l, load_mapping *m)
{
    if (source_is_tracked(m->source->source)) {
        if (l->options->replace) {
            pt_fail(l->err, PT_USAGE,
                    "mapping [" STR_FMT "] reads only what is new in its table: it cannot replace a slice",
                    STR_ARG(m->def->def->name));
            return pt_hint(l->err, "load by a source without the option track");
        }
        for (uint32_t i = 0; i < m->n_parts; i++) PT_TRY(plan_tracked(l, m, &m->parts[i], l->options->force));
        return PT_OK;
    }
    contents c = {.map = bytes_map_new()};
    pt_status st = c.map ? plan_facts(l, m, &c) : pt_fail(l->err, PT_NOMEM, "out of memory");
    bytes_map_free(c.map);
    return st;
}

/* ---- both ---------------------------------------------------------- */

static pt_status list_parts(load *l, load_mapping *m)
{
    source_part *all;
    uint32_t n;
    pt_str table = m->def->def->table.name;
    PT_TRY(source_parts(m->source->source, table, l->a, &all, &n, l->err));
    if (!n && !l->options->wants_part) return source_fail_missing(m->source->source, table, l->err);
    m->parts = arena_array(l->a, load_part, n);
    if (!m->parts) return arena_fail(l->a, l->err);
    for (uint32_t i = 0; i < n; i++)
        if (!l->options->wants_part ||
            l->options->wants_part(l->options->wants_ctx, m->def->def->name, &all[i]))
            m->parts[m->n_parts++].part = all[i];
    return PT_OK;
}

static uint64_t definition_hash(const load *l, const load_mapping *m)
{
    uint32_t n;
    const catalog_def *defs = snapshot_defs(l->view.snap, &n);
    for (uint32_t i = 0; i < n; i++)
        if (defs[i].id == m->def->id) return hash_bytes(defs[i].text.ptr, defs[i].text.len);
    return 0;
}

pt_status load_plan(load *l, load_mapping *m)
{
    m->hash = definition_hash(l, m);
    PT_TRY(list_parts(l, m));
    PT_TRY(m->cube ? plan_cube(l, m) : plan_dimension(l, m));
    for (uint32_t i = 0; i < m->n_parts; i++) {
        load_part *p = &m->parts[i];
        if (p->is_replaced) l->has_work = true;
        if (p->is_skipped) {
            m->result->n_files_skipped++;
            continue;
        }
        l->bytes_total += (uint64_t)p->part.stamp.size_bytes;
        if (!m->cube || p->number) continue;
        p->number = l->next_part++;
        l->has_new_part = true;
    }
    return PT_OK;
}

static pt_status publish_fact_part(load *l, load_mapping *m, const load_part *p)
{
    load_mark mark = {.number = p->number,
                      .load_id = l->id,
                      .stamp = p->part.stamp,
                      .seen_ns = l->started_at_us * 1000,
                      .n_rejected = p->n_rejected,
                      .mapping_hash = m->hash};
    memcpy(mark.digest, p->digest, sizeof mark.digest);
    PT_TRY(load_mark_put(l->txn, m->def->id, p->part.name, l->a, &mark, l->err));
    return p->has_digest ? load_content_put(l->txn, m->def->id, p->digest, l->id, l->err) : PT_OK;
}

pt_status load_plan_publish(load *l, load_mapping *m)
{
    bool is_read = false;
    for (uint32_t i = 0; i < m->n_parts; i++) {
        const load_part *p = &m->parts[i];
        if (p->is_skipped) continue;
        is_read = true;
        if (m->cube) PT_TRY(publish_fact_part(l, m, p));
        if (p->mark.ptr)
            PT_TRY(load_text_put(l->txn, "track", m->def->id, p->part.name, p->mark, l->a, l->err));
    }
    if (!is_read || (m->cube && m->mapping->n_joins == 0)) return PT_OK;
    pt_str digest = {(const char *)(m->cube ? m->joins_digest : m->dim_digest), sizeof m->dim_digest};
    return load_text_put(l->txn, m->cube ? "join" : "dim", m->def->id, (pt_str){"", 0}, digest, l->a, l->err);
}
