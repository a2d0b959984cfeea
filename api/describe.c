/* describe.c - DESCRIBE kind name. */
#include "api/api_int.h"

/* ---- rows of (element, name, detail) ----------------------------------- */

static pt_status add(row_builder *b, const char *element, pt_str name, pt_str detail, pt_err *err)
{
    pt_value *row;
    PT_TRY(rows_add(b, &row, err));
    row[0] = value_text(str_of(element));
    row[1] = rows_text(b, name);
    row[2] = rows_text(b, detail);
    return PT_OK;
}

static pt_status add_level(row_builder *b, const level *l, uint32_t n_members, pt_err *err)
{
    strbuf d = {0};
    strbuf_printf(&d, "%u members", n_members);
    for (uint32_t i = 0; i < l->n_props; i++)
        strbuf_printf(&d, "%s" STR_FMT, i ? ", " : "; properties ", STR_ARG(l->props[i].name));
    pt_status st = add(b, "level", l->name, strbuf_str(&d), err);
    strbuf_free(&d);
    return st;
}

static pt_status add_hierarchy(row_builder *b, const view *v, const hierarchy *h, pt_str name,
                               pt_str all_name, pt_err *err)
{
    strbuf d = {0};
    const hier_view *hv;
    PT_TRY(dim_hier(view_dim(v, h->dimension), h->index, &hv, err));
    if (h->has_all) strbuf_printf(&d, "all member [" STR_FMT "]", STR_ARG(all_name));
    if (h->is_parent_child) strbuf_printf(&d, "%sparent-child", d.len ? ", " : "");
    pt_status st = add(b, "hierarchy", name, strbuf_str(&d), err);
    strbuf_free(&d);
    for (uint32_t i = 0; i < h->n_levels && st == PT_OK; i++)
        st = add_level(b, &h->levels[i], hv->levels[i].n, err);
    return st;
}

static pt_status describe_dimension(row_builder *b, const view *v, const dimension *d, pt_err *err)
{
    for (uint32_t i = 0; i < d->spec.n_attrs; i++) {
        const dim_attr *x = &d->spec.attrs[i];
        pt_str detail = str_printf(b->a, "%s%s", type_name(x->type), x->history ? ", keeps history" : "");
        PT_TRY(add(b, i ? "attribute" : "key", x->name, detail, err));
    }
    for (uint32_t i = 0; i < d->n_hierarchies; i++)
        PT_TRY(
            add_hierarchy(b, v, &d->hierarchies[i], d->hierarchies[i].name, d->hierarchies[i].all_name, err));
    return PT_OK;
}

static pt_status add_formula(row_builder *b, const ast_formula *f, pt_err *err)
{
    strbuf name = {0}, body = {0};
    ast_print_expr(f->name, &name);
    if (f->body) ast_print_expr(f->body, &body);
    pt_status st = add(b, f->is_set ? "set" : "calculated", strbuf_str(&name), strbuf_str(&body), err);
    strbuf_free(&name);
    strbuf_free(&body);
    return st;
}

/* Columns of the facts that are no plain measure's. */
static pt_status add_columns(row_builder *b, const cube *c, pt_err *err)
{
    for (uint32_t i = 0; i < c->n_columns; i++) {
        bool is_measure = false;
        for (uint32_t k = 0; k < c->n_measures; k++) is_measure |= c->measures[k].column == i;
        if (!is_measure)
            PT_TRY(add(b, "column", c->columns[i].name, str_of(type_name(c->columns[i].type)), err));
    }
    return PT_OK;
}

static pt_status describe_cube(row_builder *b, const view *v, const cube *c, pt_err *err)
{
    for (uint32_t i = 0; i < c->n_measures; i++) {
        const measure *m = &c->measures[i];
        if (m->is_hidden || m->is_implicit) continue;
        strbuf detail = {0};
        strbuf_addz(&detail, type_name(m->type));
        if (m->value || m->n_conditions) strbuf_printf(&detail, ", " STR_FMT, STR_ARG(m->text));
        if (m->has_format) strbuf_printf(&detail, ", format " STR_FMT, STR_ARG(m->format));
        pt_status st = add(b, "measure", m->name, strbuf_str(&detail), err);
        strbuf_free(&detail);
        PT_TRY(st);
    }
    PT_TRY(add_columns(b, c, err));
    for (uint32_t i = 0; i < c->n_formulas; i++) PT_TRY(add_formula(b, c->formulas[i], err));
    for (uint32_t i = 0; i < c->n_hiers; i++)
        PT_TRY(add_hierarchy(b, v, c->hiers[i].hierarchy, c->hiers[i].name, c->hiers[i].all_name, err));
    return PT_OK;
}

static pt_status describe_text(row_builder *b, const view *v, object_kind kind, pt_str name, bool *found,
                               pt_err *err)
{
    uint32_t n;
    const catalog_def *defs = snapshot_defs(v->snap, &n);
    for (uint32_t i = 0; i < n; i++) {
        if (defs[i].kind != kind || !str_eq_fold(defs[i].name, name)) continue;
        *found = true;
        return add(b, "definition", defs[i].name, defs[i].text, err);
    }
    return PT_OK;
}

pt_status api_describe(const view *v, const ast_stmt *stmt, arena *a, rowset **out, pt_err *err)
{
    row_builder b;
    bool found = true;
    const dimension *d = NULL;
    const cube *c = NULL;
    PT_TRY(rows_begin(&b, a, "element:t name:t detail:t", err));
    *out = b.out;
    if (stmt->object == OBJ_CUBE && (c = schema_cube(v->schema, stmt->name)) != NULL)
        return describe_cube(&b, v, c, err);
    if (stmt->object == OBJ_DIMENSION && (d = schema_dimension(v->schema, stmt->name)) != NULL)
        return describe_dimension(&b, v, d, err);
    if (stmt->object == OBJ_SOURCE || stmt->object == OBJ_MAPPING || stmt->object == OBJ_CUBOID) {
        found = false;
        PT_TRY(describe_text(&b, v, stmt->object, stmt->name, &found, err));
    } else {
        found = false;
    }
    if (found) return PT_OK;
    pt_fail_at(err, PT_NAME, stmt->name_at, "nothing of that kind is called [" STR_FMT "]",
               STR_ARG(stmt->name));
    return pt_hint(err, "SHOW DIMENSIONS, CUBES, SOURCES and MAPPINGS list what there is");
}
