/* show.c - SHOW: what is in the warehouse, as rows. */
#include <jansson.h>

#include "api/api_int.h"
#include "base/nearest.h"

/* ---- objects ----------------------------------------------------------- */

static pt_value text_of(pt_str s)
{
    return s.len ? value_text(s) : value_null();
}

static pt_status show_dimensions(const view *v, row_builder *b, pt_err *err)
{
    PT_TRY(rows_begin(b, b->a, "dimension:t caption:t is_time:b hierarchies:i attributes:i members:i", err));
    for (uint32_t i = 0; i < schema_n_dimensions(v->schema); i++) {
        const dimension *d = schema_dimension_at(v->schema, i);
        pt_value *row;
        PT_TRY(rows_add(b, &row, err));
        row[0] = rows_text(b, d->name);
        row[1] = text_of(d->caption);
        row[2] = value_bool(d->is_time);
        row[3] = value_int(d->n_hierarchies);
        row[4] = value_int(d->spec.n_attrs);
        row[5] = value_int(dim_count(view_dim(v, d)));
    }
    return PT_OK;
}

static int64_t cube_rows(const view *v, const cube *c)
{
    uint32_t n;
    int64_t rows = 0;
    const snapshot_seg *segs = snapshot_segs(v->snap, c->id, &n);
    for (uint32_t i = 0; i < n; i++) {
        rows += seg_rows(segs[i].seg);
        if (segs[i].deleted) rows -= (int64_t)roaring_bitmap_get_cardinality(segs[i].deleted);
    }
    return rows;
}

static pt_status show_cubes(const view *v, row_builder *b, pt_err *err)
{
    PT_TRY(rows_begin(b, b->a, "cube:t caption:t is_virtual:b dimensions:i measures:i calculated:i rows:i",
                      err));
    for (uint32_t i = 0; i < schema_n_cubes(v->schema); i++) {
        const cube *c = schema_cube_at(v->schema, i);
        pt_value *row;
        uint32_t n_stored = 0;
        for (uint32_t m = 0; m < c->n_measures; m++) n_stored += !c->measures[m].is_implicit;
        PT_TRY(rows_add(b, &row, err));
        row[0] = rows_text(b, c->name);
        row[1] = text_of(c->caption);
        row[2] = value_bool(c->is_virtual);
        row[3] = value_int(c->n_dims);
        row[4] = value_int(n_stored);
        row[5] = value_int(c->n_formulas);
        row[6] = c->is_virtual ? value_null() : value_int(cube_rows(v, c));
    }
    return PT_OK;
}

static pt_status show_measures(const view *v, const cube *only, row_builder *b, pt_err *err)
{
    PT_TRY(rows_begin(b, b->a, "cube:t measure:t aggregate:t type:t format:t", err));
    for (uint32_t i = 0; i < schema_n_cubes(v->schema); i++) {
        const cube *c = schema_cube_at(v->schema, i);
        for (uint32_t m = 0; m < c->n_measures && (!only || only == c); m++) {
            const measure *x = &c->measures[m];
            pt_value *row;
            if (x->is_hidden || x->is_implicit) continue;
            PT_TRY(rows_add(b, &row, err));
            row[0] = rows_text(b, c->name);
            row[1] = rows_text(b, x->name);
            row[2] =
                x->value || x->n_conditions ? rows_text(b, x->text) : value_text(str_of(agg_name(x->agg)));
            row[3] = value_text(str_of(type_name(x->type)));
            row[4] = x->has_format ? rows_text(b, x->format) : value_null();
        }
    }
    return PT_OK;
}

static pt_status show_defs(const view *v, object_kind kind, const char *columns, row_builder *b, pt_err *err)
{
    uint32_t n;
    const catalog_def *defs = snapshot_defs(v->snap, &n);
    PT_TRY(rows_begin(b, b->a, columns, err));
    for (uint32_t i = 0; i < n; i++) {
        pt_value *row;
        if (defs[i].kind != kind) continue;
        PT_TRY(rows_add(b, &row, err));
        row[0] = rows_text(b, defs[i].name);
        row[1] = (pt_value){.kind = VAL_TIME, .i = defs[i].changed_us};
        row[2] = rows_text(b, defs[i].text);
    }
    return PT_OK;
}

/* Every definition in an order in which it can be run again: that of define_dump. */
static pt_status show_definitions(const view *v, row_builder *b, pt_err *err)
{
    strbuf script = {0};
    ast_stmt **stmts;
    uint32_t n;
    PT_TRY(rows_begin(b, b->a, "kind:t name:t definition:t", err));
    pt_status st = define_dump(v, &script, err);
    pt_str text = st == PT_OK && !script.failed ? str_copy(b->a, strbuf_str(&script)) : (pt_str){0};
    strbuf_free(&script);
    PT_TRY(st);
    if (!text.ptr) return arena_fail(b->a, err);
    PT_TRY(parse_script(text, b->a, &stmts, &n, err));
    for (uint32_t i = 0; i < n; i++) {
        const ast_stmt *s = stmts[i];
        pt_value *row;
        if (s->kind == STMT_EMPTY) continue;
        PT_TRY(rows_add(b, &row, err));
        bool is_formula = s->kind == STMT_CREATE_FORMULA;
        pt_str name = s->dimension  ? s->dimension->name
                      : s->cube_def ? s->cube_def->name
                      : s->source   ? s->source->name
                      : s->mapping  ? s->mapping->name
                      : s->cuboid   ? s->cuboid->name
                                    : s->name;
        row[0] = value_text(s->dimension                       ? STR("dimension")
                            : s->cube_def                      ? STR("cube")
                            : s->source                        ? STR("source")
                            : s->mapping                       ? STR("mapping")
                            : s->cuboid                        ? STR("cuboid")
                            : is_formula && s->formula->is_set ? STR("set")
                                                               : STR("member"));
        row[1] = rows_text(b, name);
        row[2] = value_text(str_trim((pt_str){text.ptr + s->at.start, s->at.end - s->at.start}));
    }
    return PT_OK;
}

static pt_status show_segments(const view *v, const cube *only, row_builder *b, pt_err *err)
{
    PT_TRY(rows_begin(b, b->a, "cube:t segment:i load:i rows:i deleted:i blocks:i bytes:i", err));
    for (uint32_t i = 0; i < schema_n_cubes(v->schema); i++) {
        const cube *c = schema_cube_at(v->schema, i);
        uint32_t n = 0;
        const snapshot_seg *segs = c->is_virtual ? NULL : snapshot_segs(v->snap, c->id, &n);
        for (uint32_t k = 0; k < n && (!only || only == c); k++) {
            pt_value *row;
            PT_TRY(rows_add(b, &row, err));
            row[0] = rows_text(b, c->name);
            row[1] = value_int((int64_t)segs[k].id);
            row[2] = value_int((int64_t)segs[k].load_id);
            row[3] = value_int(seg_rows(segs[k].seg));
            row[4] =
                value_int(segs[k].deleted ? (int64_t)roaring_bitmap_get_cardinality(segs[k].deleted) : 0);
            row[5] = value_int(seg_blocks(segs[k].seg));
            row[6] = value_int((int64_t)seg_bytes(segs[k].seg));
        }
    }
    return PT_OK;
}

/* ---- loads and rejects: JSON records ----------------------------------- */

/* A list of fields (a rejected row) is shown as it is kept, as JSON. */
static pt_value json_list(row_builder *b, const json_t *x)
{
    char *text = json_dumps(x, JSON_COMPACT);
    pt_value v = text ? rows_text(b, str_of(text)) : value_null();
    free(text);
    return v;
}

static pt_value json_field(row_builder *b, const json_t *o, const char *name)
{
    const json_t *x = json_object_get(o, name);
    if (json_is_integer(x)) return value_int(json_integer_value(x));
    if (json_is_string(x)) return rows_text(b, (pt_str){json_string_value(x), json_string_length(x)});
    if (json_is_array(x)) return json_list(b, x);
    return value_null();
}

/* One row of a record: the columns after the first are fields of the JSON object by their names. */
static pt_status add_record(row_builder *b, pt_value first, pt_str json, pt_err *err)
{
    json_t *o = json_loadb(json.ptr, json.len, 0, NULL);
    pt_value *row;
    pt_status st = rows_add(b, &row, err);
    if (st == PT_OK) {
        row[0] = first;
        for (uint32_t c = 1; c < b->out->n_columns; c++) {
            char name[64];
            pt_str column = b->out->names[c];
            memcpy(name, column.ptr, column.len < sizeof name ? column.len : sizeof name - 1);
            name[column.len < sizeof name ? column.len : sizeof name - 1] = 0;
            row[c] = json_field(b, o, name);
        }
    }
    json_decref(o);
    return st;
}

static uint64_t big_endian(const char *p)
{
    uint64_t x = 0;
    for (int i = 0; i < 8; i++) x = x << 8 | (unsigned char)p[i];
    return x;
}

enum { MAX_RECORDS = 100000 };

static pt_status on_record(void *ctx, pt_str key, pt_str value, pt_err *err)
{
    row_builder *b = ctx;
    if (key.len < 8)
        return pt_fail(err, PT_CORRUPT, "a load record has a key of %zu bytes, expected 8 or 16", key.len);
    if (b->out->n_rows >= MAX_RECORDS) return PT_OK;
    return add_record(b, value_int((int64_t)big_endian(key.ptr)), value, err);
}

static pt_status show_loads(patron_session *s, row_builder *b, pt_err *err)
{
    PT_TRY(rows_begin(b, b->a, "load:i started:t read:i loaded:i rejected:i elapsed_ms:i", err));
    return store_scan(warehouse_store(s->db->wh), TAB_LOAD, STR(""), true, on_record, b, err);
}

static pt_status note_record(void *ctx, pt_str key, pt_str value, pt_err *err)
{
    (void)key, (void)value, (void)err;
    *(bool *)ctx = true;
    return PT_OK;
}

/* Of all loads, or of the one named, which has to be there: no row would read as "nothing was rejected". */
static pt_status show_rejects(patron_session *s, const ast_stmt *stmt, row_builder *b, pt_err *err)
{
    store *from = warehouse_store(s->db->wh);
    char key[8];
    pt_str prefix = {key, 0};
    bool is_there = true;
    if (stmt->value.kind == VAL_INT) {
        prefix.len = sizeof key;
        for (int i = 0; i < 8; i++) key[i] = (char)((uint64_t)stmt->value.i >> (56 - 8 * i));
        is_there = false;
        PT_TRY(store_scan(from, TAB_LOAD, prefix, false, note_record, &is_there, err));
    }
    if (!is_there) {
        pt_fail_at(err, PT_NAME, stmt->at, "there is no load %lld", (long long)stmt->value.i);
        return pt_hint(err, "SHOW LOADS lists them");
    }
    PT_TRY(rows_begin(b, b->a, "load:i mapping:t file:t line:i column:t value:t reason:t row:t", err));
    return store_scan(from, TAB_REJECT, prefix, false, on_record, b, err);
}

/* ---- dispatch ---------------------------------------------------------- */

pt_status api_unknown_cube(const view *v, const ast_stmt *stmt, pt_err *err)
{
    nearest near = nearest_to(stmt->name);
    for (uint32_t i = 0; i < schema_n_cubes(v->schema); i++)
        nearest_offer(&near, schema_cube_at(v->schema, i)->name);
    pt_fail_at(err, PT_NAME, stmt->name_at, "unknown cube [" STR_FMT "]", STR_ARG(stmt->name));
    nearest_hint(&near, err);
    return near.best.ptr ? PT_NAME : pt_hint(err, "SHOW CUBES lists them");
}

static pt_status named_cube(const view *v, const ast_stmt *stmt, const cube **out, pt_err *err)
{
    *out = stmt->name.len ? schema_cube(v->schema, stmt->name) : NULL;
    if (!stmt->name.len || *out) return PT_OK;
    return api_unknown_cube(v, stmt, err);
}

pt_status api_show(patron_session *s, const view *v, const ast_stmt *stmt, arena *a, rowset **out,
                   pt_err *err)
{
    row_builder b = {.a = a};
    const cube *only = NULL;
    pt_status st;
    PT_TRY(named_cube(v, stmt, &only, err));
    if (stmt->object == OBJ_DIMENSION)
        st = show_dimensions(v, &b, err);
    else if (stmt->object == OBJ_CUBE)
        st = show_cubes(v, &b, err);
    else if (stmt->object == OBJ_CUBOID)
        st = api_show_cuboids(v, only, &b, err);
    else if (stmt->object == OBJ_MEASURE)
        st = show_measures(v, only, &b, err);
    else if (stmt->object == OBJ_SOURCE)
        st = show_defs(v, OBJ_SOURCE, "source:t changed:m definition:t", &b, err);
    else if (stmt->object == OBJ_MAPPING)
        st = show_defs(v, OBJ_MAPPING, "mapping:t changed:m definition:t", &b, err);
    else if (stmt->object == OBJ_LOAD)
        st = show_loads(s, &b, err);
    else if (stmt->object == OBJ_REJECT)
        st = show_rejects(s, stmt, &b, err);
    else if (stmt->object == OBJ_SEGMENT)
        st = show_segments(v, only, &b, err);
    else if (str_eq_fold(stmt->word, STR("definitions")))
        st = show_definitions(v, &b, err);
    else
        return session_show(s, stmt->object == OBJ_LIMIT ? STR("") : stmt->word, stmt->at, a, out, err);
    *out = b.out;
    return st;
}
