/* load.c - one load, from the choice of mappings to the publish. load_int.h says where each step is. */
#include "etl/load_int.h"

#include <time.h>

#include "engine/cuboid.h"
#include "etl/load_mark.h"
#include "storage/bytes.h"

/* ---- preparing ----------------------------------------------------- */

static pt_status open_source(load *l, const ast_source *def, load_source **out)
{
    for (uint32_t i = 0; i < l->n_sources; i++)
        if (str_eq_fold(l->sources[i].def->name, def->name)) {
            *out = &l->sources[i];
            return PT_OK;
        }
    load_source *s = &l->sources[l->n_sources];
    s->def = def;
    PT_TRY(source_open(def, &s->source, l->err));
    l->n_sources++;
    *out = s;
    return PT_OK;
}

static load_cube *find_cube(load *l, const cube *c)
{
    for (uint32_t i = 0; i < l->n_cubes; i++)
        if (l->cubes[i].cube == c) return &l->cubes[i];
    l->cubes[l->n_cubes].cube = c;
    return &l->cubes[l->n_cubes++];
}

static pt_status prepare_mapping(load *l, load_mapping *m, etl_mapping *def)
{
    pt_err why = {0};
    m->def = def;
    m->result = &l->result->mappings[m - l->mappings];
    pt_status st = mapping_compile(l->view.schema, def->def, l->a, &m->mapping, &why);
    if (st != PT_OK) {
        pt_fail(l->err, st, "mapping [" STR_FMT "]: %s", STR_ARG(def->def->name), why.msg);
        if (why.hint[0]) pt_hint(l->err, "%s", why.hint);
        return st;
    }
    PT_TRY(open_source(l, def->source, &m->source));
    m->cube = m->mapping->cube ? find_cube(l, m->mapping->cube) : NULL;
    *m->result = (load_mapping_result){
        .mapping = def->def->name, .target = def->def->target, .into_cube = m->cube != NULL};
    return PT_OK;
}

static pt_status prepare_dims(load *l)
{
    l->n_dims = schema_n_dimensions(l->view.schema);
    l->dims = arena_array(l->a, load_dim, l->n_dims);
    if (!l->dims) return arena_fail(l->a, l->err);
    for (uint32_t i = 0; i < l->n_dims; i++) {
        l->dims[i].dimension = schema_dimension_at(l->view.schema, i);
        l->dims[i].view = view_dim(&l->view, l->dims[i].dimension);
    }
    return PT_OK;
}

static pt_status prepare(load *l)
{
    etl_mapping *defs;
    PT_TRY(etl_select(&l->view, l->options, l->a, &defs, &l->n_mappings, l->err));
    l->sources = arena_array(l->a, load_source, l->n_mappings);
    l->cubes = arena_array(l->a, load_cube, l->n_mappings);
    l->mappings = arena_array(l->a, load_mapping, l->n_mappings);
    l->result->mappings = arena_array(l->a, load_mapping_result, l->n_mappings);
    if (!l->sources || !l->cubes || !l->mappings || !l->result->mappings) return arena_fail(l->a, l->err);
    l->result->n_mappings = l->n_mappings;
    PT_TRY(prepare_dims(l));
    for (uint32_t i = 0; i < l->n_mappings; i++) PT_TRY(prepare_mapping(l, &l->mappings[i], &defs[i]));
    if (!l->options->replace || l->n_cubes) return PT_OK;
    return pt_fail(l->err, PT_USAGE, "REPLACE needs a mapping into a cube");
}

static pt_status plan(load *l)
{
    PT_TRY(load_counter_get(warehouse_store(l->warehouse), l->a, &l->next_part, l->err));
    for (uint32_t i = 0; i < l->n_mappings; i++) PT_TRY(load_plan(l, &l->mappings[i]));
    return PT_OK;
}

/* ---- reading ------------------------------------------------------- */

static pt_status read_parts(load *l, load_mapping *m, load_consume consume)
{
    for (uint32_t i = 0; i < m->n_parts; i++)
        if (!m->parts[i].is_skipped) PT_TRY(load_run_part(l, m, &m->parts[i], consume));
    for (uint32_t i = 0; m->lookups && i < m->mapping->n_joins; i++) { /* not needed any more */
        lookup_free(m->lookups[i]);
        m->lookups[i] = NULL;
    }
    return PT_OK;
}

static pt_status load_members(load *l)
{
    for (uint32_t i = 0; i < l->n_mappings; i++)
        if (!l->mappings[i].cube) PT_TRY(read_parts(l, &l->mappings[i], load_dim_consume));
    for (uint32_t i = 0; i < l->n_dims; i++) PT_TRY(load_dim_write(l, &l->dims[i]));
    return PT_OK;
}

static pt_status note_slices(load *l, load_mapping *m)
{
    if (!m->mapping->has_slice) return PT_OK;
    m->n_slices_seen = dim_count(m->cube->views[m->mapping->slice_role]);
    m->slices_seen = arena_array(l->a, uint8_t, m->n_slices_seen);
    return m->slices_seen ? PT_OK : arena_fail(l->a, l->err);
}

static pt_status load_facts_of(load *l, load_cube *c)
{
    load_mapping_result *first = NULL;
    PT_TRY(load_cube_begin(l, c));
    for (uint32_t i = 0; i < l->n_mappings; i++) {
        load_mapping *m = &l->mappings[i];
        if (m->cube != c) continue;
        if (!first) first = m->result;
        PT_TRY(load_retry(l, m));
        PT_TRY(load_parts_delete(l, m));
        PT_TRY(note_slices(l, m));
        PT_TRY(read_parts(l, m, load_fact_consume));
    }
    PT_TRY(load_cube_flush(l, c));
    for (uint32_t i = 0; i < l->n_mappings; i++)
        if (l->mappings[i].cube == c) PT_TRY(load_seen_delete(l, &l->mappings[i]));
    if (c->has_slice) PT_TRY(load_slice_delete(l, c, first));
    return load_deletions_publish(l, c);
}

/* ---- publishing ---------------------------------------------------- */

static void add_up(load *l)
{
    load_result *r = l->result;
    for (uint32_t i = 0; i < l->n_mappings; i++) {
        r->n_read += r->mappings[i].n_read;
        r->n_loaded += r->mappings[i].n_loaded;
        r->n_rejected += r->mappings[i].n_rejected;
    }
    r->elapsed_us = limits_now_us() - l->started_us;
}

static pt_status publish(load *l)
{
    char key[8];
    store_txn *t = l->txn;
    PT_TRY(load_progress(l, "publishing", 0, 0, ""));
    for (uint32_t i = 0; i < l->n_mappings; i++) PT_TRY(load_plan_publish(l, &l->mappings[i]));
    if (l->has_new_part) PT_TRY(load_counter_put(t, l->next_part, l->err));
    l->result->load_id = l->id;
    l->result->version = txn_version(t);
    PT_TRY(load_summary(l, l->result->version, &l->result->json));
    store_be64(key, l->id);
    PT_TRY(txn_put_record(t, TAB_LOAD, (pt_str){key, sizeof key}, l->result->json, l->err));
    l->txn = NULL; /* the commit frees it either way */
    return txn_commit(t, l->err);
}

/* Cuboids of all cubes: members may have moved. */
static pt_status sum_up(load *l)
{
    PT_TRY(load_progress(l, "summing up cuboids", 0, 0, ""));
    return cuboid_maintain_all(l->txn, l->view.schema, warehouse_pool(l->warehouse), &l->options->limits,
                               l->err);
}

static pt_status run(load *l)
{
    PT_TRY(prepare(l));
    PT_TRY(plan(l));
    PT_TRY(txn_next_load_id(l->txn, &l->id, l->err));
    PT_TRY(load_members(l));
    for (uint32_t i = 0; i < l->n_cubes; i++) PT_TRY(load_facts_of(l, &l->cubes[i]));
    if (l->has_work) PT_TRY(sum_up(l));
    add_up(l);
    return l->has_work ? publish(l) : load_summary(l, snapshot_version(l->view.snap), &l->result->json);
}

/* ---- the load ------------------------------------------------------ */

static void end(load *l)
{
    for (uint32_t i = 0; i < l->n_mappings && l->mappings; i++) {
        load_mapping *m = &l->mappings[i];
        for (uint32_t k = 0; m->lookups && k < m->mapping->n_joins; k++) lookup_free(m->lookups[k]);
    }
    for (uint32_t i = 0; i < l->n_cubes; i++) load_cube_free(&l->cubes[i]);
    for (uint32_t i = 0; i < l->n_dims && l->dims; i++) dim_edit_free(l->dims[i].edit);
    load_segment_free(l);
    load_keymaps_free(l);
    for (uint32_t i = 0; i < l->n_sources; i++) source_close(l->sources[i].source);
    txn_abort(l->txn);
    view_put(&l->view);
    pthread_cond_destroy(&l->changed);
    pthread_mutex_destroy(&l->lock);
}

pt_status etl_load(warehouse *w, const load_options *o, arena *a, load_result *out, pt_err *err)
{
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    *out = (load_result){0};
    load l = {.warehouse = w, .options = o, .a = a, .err = err, .result = out, .started_us = limits_now_us()};
    l.started_at_us = (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
    l.last_job = &l.jobs;
    pthread_mutex_init(&l.lock, NULL);
    pthread_cond_init(&l.changed, NULL);
    /* The lock first: what the view shows then is what the transaction starts from. */
    pt_status st = store_begin(warehouse_store(w), o->wait_us, &l.txn, err);
    if (st == PT_OK) st = warehouse_view(w, &l.view, err);
    if (st == PT_OK) st = run(&l);
    end(&l);
    return st;
}
