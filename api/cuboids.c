/* cuboids.c - SHOW CUBOIDS, REFRESH CUBOIDS, VERIFY CUBE and ADVISE CUBOIDS. */
#include "api/api_int.h"
#include "base/num.h"
#include "engine/cuboid.h"

static pt_status named_cube(const view *v, const ast_stmt *stmt, const cube **out, pt_err *err)
{
    *out = schema_cube(v->schema, stmt->name);
    if (!*out) return api_unknown_cube(v, stmt, err);
    if (!(*out)->is_virtual) return PT_OK;
    pt_fail_at(err, PT_UNSUPPORTED, stmt->name_at, "cube [" STR_FMT "] is virtual", STR_ARG(stmt->name));
    return pt_hint(err, "name one of its base cubes");
}

/* ---- SHOW CUBOIDS ------------------------------------------------------ */

static pt_value levels_of(row_builder *b, const cuboid *c)
{
    strbuf text = {0};
    for (uint32_t i = 0; i < c->n_levels; i++) {
        const cube_hier *h = &c->cube->hiers[c->levels[i].hier];
        strbuf_printf(&text, "%s" STR_FMT ".[" STR_FMT "]", i ? ", " : "", STR_ARG(h->unique_name),
                      STR_ARG(h->hierarchy->levels[c->levels[i].level].name));
    }
    pt_value v = rows_text(b, strbuf_str(&text));
    strbuf_free(&text);
    return v;
}

pt_status api_show_cuboids(const view *v, const cube *only, row_builder *b, pt_err *err)
{
    PT_TRY(rows_begin(b, b->a, "cube:t cuboid:t levels:t rows:i facts:i bytes:i segments:i state:t", err));
    for (uint32_t i = 0; i < schema_n_cubes(v->schema); i++) {
        const cube *c = schema_cube_at(v->schema, i);
        for (uint32_t k = 0; k < c->n_cuboids && (!only || only == c); k++) {
            pt_value *row;
            cuboid_info info;
            PT_TRY(cuboid_info_get(v, &c->cuboids[k], &info, err));
            PT_TRY(rows_add(b, &row, err));
            row[0] = rows_text(b, c->name);
            row[1] = rows_text(b, c->cuboids[k].name);
            row[2] = levels_of(b, &c->cuboids[k]);
            row[3] = value_int((int64_t)info.n_rows);
            row[4] = value_int((int64_t)info.n_facts);
            row[5] = value_int((int64_t)info.size_bytes);
            row[6] = value_int(info.n_segments);
            row[7] = rows_text(b, info.why[0] ? str_of(info.why) : STR("up to date"));
        }
    }
    return PT_OK;
}

/* ---- REFRESH, VERIFY --------------------------------------------------- */

pt_status api_refresh(patron_session *s, const view *v, const ast_stmt *stmt, arena *a, pt_str *message,
                      pt_err *err)
{
    const cube *only = NULL;
    uint32_t n;
    limits l = session_limits(s, a);
    if (stmt->name.len) PT_TRY(named_cube(v, stmt, &only, err));
    PT_TRY(cuboid_refresh(s->db->wh, only, &l, &n, err));
    *message = str_printf(a, "%u cuboid%s rebuilt", n, n == 1 ? "" : "s");
    return message->ptr ? PT_OK : arena_fail(a, err);
}

static pt_status add_line(row_builder *b, const char *what, pt_str result, pt_err *err)
{
    pt_value *row;
    PT_TRY(rows_add(b, &row, err));
    row[0] = value_text(str_of(what));
    row[1] = rows_text(b, result);
    return PT_OK;
}

pt_status api_verify(patron_session *s, const view *v, const ast_stmt *stmt, arena *a, rowset **out,
                     pt_err *err)
{
    row_builder b;
    const cube *c;
    cuboid_report r;
    limits l = session_limits(s, a);
    PT_TRY(named_cube(v, stmt, &c, err));
    PT_TRY(cuboid_verify(v, warehouse_pool(s->db->wh), &l, c, &r, err));
    PT_TRY(rows_begin(&b, a, VERIFY_COLUMNS, err));
    pt_str cells = str_printf(a, "%u cuboid%s, %llu cells: as the facts say", r.n_cuboids,
                              r.n_cuboids == 1 ? "" : "s", (unsigned long long)r.n_cells);
    pt_str stale = str_printf(a, "%u not up to date, so not used; REFRESH CUBOIDS rebuilds", r.n_stale);
    pt_str indexes = str_printf(a, "%llu answers: as a scan says", (unsigned long long)r.n_index_answers);
    if (!cells.ptr || !stale.ptr || !indexes.ptr) return arena_fail(a, err);
    PT_TRY(add_line(&b, "cuboids", cells, err));
    if (r.n_stale) PT_TRY(add_line(&b, "cuboids", stale, err));
    PT_TRY(add_line(&b, "indexes", indexes, err));
    *out = b.out;
    return PT_OK;
}

/* ---- ADVISE -------------------------------------------------------------- */

static bool parse_size(pt_str s, double *out)
{
    static const struct {
        const char *name;
        double factor;
    } units[] = {{"%", 0}, {"B", 1}, {"KB", 1024}, {"MB", 1048576}, {"GB", 1073741824}};
    char number[32];
    size_t n = 0;
    s = str_trim(s);
    while (n < s.len && n + 1 < sizeof number && ((s.ptr[n] >= '0' && s.ptr[n] <= '9') || s.ptr[n] == '.')) {
        number[n] = s.ptr[n];
        n++;
    }
    pt_str unit = str_trim((pt_str){s.ptr + n, s.len - n});
    if (!n || !num_parse_double((pt_str){number, n}, out)) return false;
    for (size_t i = 0; i < ARRAY_LEN(units); i++) {
        if (!str_eq_fold(unit, str_of(units[i].name))) continue;
        *out = units[i].factor > 0 ? *out * units[i].factor : -*out;
        return true;
    }
    return false;
}

/* Bytes, or a negative number: that many percent of the facts. */
static pt_status budget_of(const ast_stmt *stmt, double *out, pt_err *err)
{
    bool ok = false;
    if (stmt->value.kind == VAL_TEXT) {
        ok = parse_size(stmt->value.s, out);
    } else if (stmt->is_percent && stmt->value.kind != VAL_NULL) {
        *out = -value_as_double(stmt->value);
        ok = true;
    }
    if (ok && *out != 0 && *out >= -1000 && *out < 1e18) return PT_OK;
    return pt_fail_at(err, PT_VALUE, stmt->at, "expected a share or a size, such as 20 %% or '500 MB'");
}

pt_status api_advise(patron_session *s, const view *v, const ast_stmt *stmt, arena *a, rowset **out,
                     pt_err *err)
{
    row_builder b;
    const cube *c;
    double budget;
    cuboid_advice *advice;
    uint32_t n;
    limits l = session_limits(s, a);
    PT_TRY(named_cube(v, stmt, &c, err));
    PT_TRY(budget_of(stmt, &budget, err));
    if (budget < 0) budget = -budget / 100 * (double)cuboid_fact_bytes(v, c);
    PT_TRY(cuboid_advise(v, &l, c, budget, a, &advice, &n, err));
    PT_TRY(rows_begin(&b, a, ADVISE_COLUMNS, err));
    for (uint32_t i = 0; i < n; i++) {
        pt_value *row;
        PT_TRY(rows_add(&b, &row, err));
        row[0] = value_text(advice[i].statement);
        row[1] = value_int((int64_t)advice[i].n_rows);
        row[2] = value_int((int64_t)advice[i].size_bytes);
        row[3] = value_text(advice[i].gain);
    }
    *out = b.out;
    return PT_OK;
}
