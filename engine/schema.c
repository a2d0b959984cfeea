/* schema.c - putting a schema together from definitions, and looking things up in it. */
#include "engine/schema_int.h"

#include "lang/parse.h"

/* ---- building ------------------------------------------------------------------- */

typedef struct builder {
    schema *s;
    arena *a;
    const schema_def *defs;
    uint32_t n;
    uint32_t at; /* definition being built */
    pt_err *err;
} builder;

static uint32_t count_kind(const schema_def *defs, uint32_t n, object_kind kind)
{
    uint32_t count = 0;
    for (uint32_t i = 0; i < n; i++) count += defs[i].kind == kind;
    return count;
}

static pt_status build_dimensions(builder *b)
{
    schema *s = b->s;
    uint32_t n = count_kind(b->defs, b->n, OBJ_DIMENSION);
    s->dims = arena_array(b->a, dimension, n);
    s->empty = arena_array(b->a, dim_view *, n);
    if (!s->dims || !s->empty) return arena_fail(b->a, b->err);
    for (b->at = 0; b->at < b->n; b->at++) {
        const schema_def *d = &b->defs[b->at];
        if (d->kind != OBJ_DIMENSION) continue;
        dimension *out = &s->dims[s->n_dims];
        PT_TRY(build_dimension(b->a, d->id, d->stmt->dimension, out, b->err));
        PT_TRY(dim_view_empty(&out->spec, &s->empty[s->n_dims], b->err));
        s->n_dims++;
    }
    return PT_OK;
}

/* Cubes keep the order of their definitions, but a virtual one is filled after the base cubes. */
static pt_status build_cubes(builder *b, bool is_virtual)
{
    uint32_t k = 0;
    for (b->at = 0; b->at < b->n; b->at++) {
        const schema_def *d = &b->defs[b->at];
        if (d->kind != OBJ_CUBE) continue;
        cube *c = &b->s->cubes[k++];
        const ast_cube *def = d->stmt->cube_def;
        if (def->is_virtual != is_virtual) continue;
        c->is_virtual = is_virtual;
        PT_TRY(is_virtual ? build_virtual_cube(b->s, b->a, def, c, b->err)
                          : build_base_cube(b->s, b->a, def, c, b->err));
    }
    return PT_OK;
}

static pt_status add_formulas(builder *b, bool to_virtual)
{
    for (b->at = 0; b->at < b->n; b->at++) {
        const schema_def *d = &b->defs[b->at];
        if (d->kind != OBJ_MEMBER && d->kind != OBJ_SET) continue;
        cube *c = NULL;
        nearest near = nearest_to(d->stmt->name);
        for (uint32_t i = 0; i < b->s->n_cubes; i++) {
            if (str_eq_fold(b->s->cubes[i].name, d->stmt->name)) c = &b->s->cubes[i];
            nearest_offer(&near, b->s->cubes[i].name);
        }
        if (!c) {
            pt_fail_at(b->err, PT_NAME, d->stmt->name_at, "unknown cube [" STR_FMT "]",
                       STR_ARG(d->stmt->name));
            nearest_hint(&near, b->err);
            return PT_NAME;
        }
        if (!d->stmt->formula->body)
            return pt_fail_at(b->err, PT_SYNTAX, d->stmt->formula->at, "expected AS and an expression");
        if (c->is_virtual == to_virtual) PT_TRY(cube_add_formula(c, b->a, d->stmt->formula, c, b->err));
    }
    return PT_OK;
}

/* The cube of a cuboid. */
static pt_status cuboid_cube(builder *b, const ast_cuboid *def, cube **out)
{
    nearest near = nearest_to(def->cube);
    for (uint32_t i = 0; i < b->s->n_cubes; i++) {
        *out = &b->s->cubes[i];
        if (!str_eq_fold((*out)->name, def->cube)) {
            nearest_offer(&near, (*out)->name);
            continue;
        }
        if (!(*out)->is_virtual) return PT_OK;
        pt_fail_at(b->err, PT_UNSUPPORTED, def->cube_at, "cube [" STR_FMT "] is virtual", STR_ARG(def->cube));
        pt_hint(b->err, "define the cuboid on one of its base cubes");
        return PT_UNSUPPORTED;
    }
    pt_fail_at(b->err, PT_NAME, def->cube_at, "unknown cube [" STR_FMT "]", STR_ARG(def->cube));
    nearest_hint(&near, b->err);
    return PT_NAME;
}

static pt_status build_cuboids(builder *b)
{
    uint32_t n = count_kind(b->defs, b->n, OBJ_CUBOID);
    for (b->at = 0; b->at < b->n && n > 0; b->at++) {
        const schema_def *d = &b->defs[b->at];
        cube *c;
        if (d->kind != OBJ_CUBOID) continue;
        PT_TRY(cuboid_cube(b, d->stmt->cuboid, &c));
        if (!c->cuboids && !(c->cuboids = arena_array(b->a, cuboid, n))) return arena_fail(b->a, b->err);
        PT_TRY(build_cuboid(c, b->a, d->id, d->stmt->cuboid, &c->cuboids[c->n_cuboids], b->err));
        c->n_cuboids++;
    }
    return PT_OK;
}

static pt_status build_all(builder *b)
{
    schema *s = b->s;
    PT_TRY(build_dimensions(b));
    s->n_cubes = count_kind(b->defs, b->n, OBJ_CUBE);
    s->cubes = arena_array(b->a, cube, s->n_cubes);
    if (!s->cubes) return arena_fail(b->a, b->err);
    for (uint32_t i = 0, k = 0; i < b->n; i++) {
        if (b->defs[i].kind != OBJ_CUBE) continue;
        const ast_cube *def = b->defs[i].stmt->cube_def;
        s->cubes[k++] = (cube){.id = b->defs[i].id,
                               .name = def->name,
                               .caption = def->caption.len ? def->caption : def->name,
                               .is_virtual = def->is_virtual,
                               .def = def};
    }
    PT_TRY(build_cubes(b, false));
    PT_TRY(add_formulas(b, false));
    PT_TRY(build_cuboids(b));
    PT_TRY(build_cubes(b, true));
    return add_formulas(b, true);
}

static void put_empty_views(schema *s)
{
    for (uint32_t i = 0; i < s->n_dims; i++)
        if (s->empty[i]) dim_view_put(s->empty[i]);
}

pt_status schema_from_defs(arena *a, const schema_def *defs, uint32_t n, schema **out, uint32_t *bad,
                           pt_err *err)
{
    schema *s = arena_make(a, schema);
    if (!s) return arena_fail(a, err);
    s->a = a;
    atomic_init(&s->refs, 1);
    builder b = {.s = s, .a = a, .defs = defs, .n = n, .err = err};
    pt_status st = build_all(&b);
    if (st != PT_OK) {
        if (bad) *bad = b.at;
        put_empty_views(s);
        return st;
    }
    *out = s;
    return PT_OK;
}

/* ---- from the catalog ---------------------------------------------------------------- */

const char *object_kind_name(object_kind kind)
{
    static const char *const names[] = {
        [OBJ_NONE] = "object",     [OBJ_DIMENSION] = "dimension", [OBJ_CUBE] = "cube",
        [OBJ_SOURCE] = "source",   [OBJ_MAPPING] = "mapping",     [OBJ_MEMBER] = "member",
        [OBJ_SET] = "set",         [OBJ_HIERARCHY] = "hierarchy", [OBJ_LEVEL] = "level",
        [OBJ_MEASURE] = "measure", [OBJ_LOAD] = "load",           [OBJ_SEGMENT] = "segment",
        [OBJ_REJECT] = "reject",   [OBJ_LIMIT] = "limit",         [OBJ_ATTRIBUTE] = "attribute",
        [OBJ_CUBOID] = "cuboid",
    };
    return (size_t)kind < ARRAY_LEN(names) ? names[kind] : "object";
}

static bool has_tree(object_kind kind, const ast_stmt *s)
{
    if (kind == OBJ_DIMENSION) return s->kind == STMT_CREATE_DIMENSION && s->dimension;
    if (kind == OBJ_CUBE) return s->kind == STMT_CREATE_CUBE && s->cube_def;
    if (kind == OBJ_SOURCE) return s->kind == STMT_CREATE_SOURCE && s->source;
    if (kind == OBJ_MAPPING) return s->kind == STMT_CREATE_MAPPING && s->mapping;
    if (kind == OBJ_CUBOID) return s->kind == STMT_CREATE_CUBOID && s->cuboid;
    if (kind == OBJ_MEMBER || kind == OBJ_SET) return s->kind == STMT_CREATE_FORMULA && s->formula;
    return false;
}

static pt_status broken(pt_err *err, object_kind kind, pt_str name, const pt_err *why)
{
    return pt_fail(err, PT_CORRUPT, "the stored definition of %s [" STR_FMT "] is broken: %s",
                   object_kind_name(kind), STR_ARG(name), why->msg);
}

pt_status schema_parse_defs(const snapshot *snap, arena *a, schema_def **defs, uint32_t *n, pt_err *err)
{
    const catalog_def *stored = snapshot_defs(snap, n);
    *defs = arena_array(a, schema_def, *n);
    if (!*defs) return arena_fail(a, err);
    for (uint32_t i = 0; i < *n; i++) {
        schema_def *d = &(*defs)[i];
        *d = (schema_def){.id = stored[i].id, .kind = stored[i].kind, .name = str_copy(a, stored[i].name)};
        /* The tree may point into its text, which must then live as long. */
        pt_str text = str_copy(a, stored[i].text);
        if (!d->name.ptr || !text.ptr) return arena_fail(a, err);
        ast_stmt *stmt;
        pt_err why = {0};
        pt_status st = parse_statement(text, a, &stmt, &why);
        if (st == PT_NOMEM) return arena_fail(a, err);
        if (st == PT_OK && !has_tree(d->kind, stmt))
            st = pt_fail(&why, PT_CORRUPT, "it is another kind of statement");
        if (st != PT_OK) return broken(err, d->kind, d->name, &why);
        d->stmt = stmt;
    }
    return PT_OK;
}

/* Definitions and dimension versions are published together, so a version that was written under another
 * specification means a damaged catalog. Everything above relies on the counts being equal. */
static pt_status check_versions(const schema *s, const snapshot *snap, pt_err *err)
{
    for (uint32_t i = 0; i < s->n_dims; i++) {
        const dimension *d = &s->dims[i];
        const dim_view *v = snapshot_dim(snap, d->id);
        if (!v) continue;
        const dim_spec *spec = dim_view_spec(v);
        bool is_same = spec->n_attrs == d->spec.n_attrs && spec->n_hiers == d->spec.n_hiers;
        for (uint32_t k = 0; is_same && k < spec->n_attrs; k++)
            is_same = spec->attrs[k].type == d->spec.attrs[k].type &&
                      str_eq_fold(spec->attrs[k].name, d->spec.attrs[k].name);
        for (uint32_t k = 0; is_same && k < spec->n_hiers; k++)
            is_same = spec->hiers[k].n_levels == d->spec.hiers[k].n_levels;
        if (!is_same)
            return pt_fail(err, PT_CORRUPT,
                           "the members of dimension [" STR_FMT "] do not fit its definition",
                           STR_ARG(d->name));
    }
    return PT_OK;
}

pt_status schema_build(const snapshot *snap, schema **out, pt_err *err)
{
    arena *a = arena_new(0);
    if (!a) return pt_fail(err, PT_NOMEM, "out of memory while reading definitions");
    schema_def *defs;
    uint32_t n, bad = 0;
    pt_err why = {0};
    pt_status st = schema_parse_defs(snap, a, &defs, &n, err);
    if (st == PT_OK) {
        st = schema_from_defs(a, defs, n, out, &bad, &why);
        if (st == PT_NOMEM) pt_fail(err, st, "%s", why.msg);
        if (st != PT_OK && st != PT_NOMEM) st = broken(err, defs[bad].kind, defs[bad].name, &why);
    }
    if (st != PT_OK) {
        arena_free(a);
        return st;
    }
    st = check_versions(*out, snap, err);
    if (st != PT_OK) schema_put(*out);
    return st;
}

void schema_get(schema *s)
{
    atomic_fetch_add_explicit(&s->refs, 1, memory_order_relaxed);
}

void schema_put(schema *s)
{
    if (!s || atomic_fetch_sub_explicit(&s->refs, 1, memory_order_acq_rel) != 1) return;
    put_empty_views(s);
    arena_free(s->a);
}

/* ---- looking up ---------------------------------------------------------------------- */

pt_str hierarchy_all_name(arena *a, pt_str name)
{
    unsigned char last = name.len ? (unsigned char)name.ptr[name.len - 1] | 32 : 0;
    const char *plural = last >= 'a' && last <= 'z' && last != 's' ? "s" : "";
    return str_printf(a, "All " STR_FMT "%s", STR_ARG(name), plural);
}

const dimension *schema_dimension(const schema *s, pt_str name)
{
    for (uint32_t i = 0; i < s->n_dims; i++)
        if (str_eq_fold(s->dims[i].name, name)) return &s->dims[i];
    return NULL;
}

const dimension *schema_dimension_by_id(const schema *s, uint32_t id)
{
    for (uint32_t i = 0; i < s->n_dims; i++)
        if (s->dims[i].id == id) return &s->dims[i];
    return NULL;
}

const cube *schema_cube(const schema *s, pt_str name)
{
    for (uint32_t i = 0; i < s->n_cubes; i++)
        if (str_eq_fold(s->cubes[i].name, name)) return &s->cubes[i];
    return NULL;
}

uint32_t schema_n_cubes(const schema *s)
{
    return s->n_cubes;
}

const cube *schema_cube_at(const schema *s, uint32_t i)
{
    return i < s->n_cubes ? &s->cubes[i] : NULL;
}

uint32_t schema_n_dimensions(const schema *s)
{
    return s->n_dims;
}

const dimension *schema_dimension_at(const schema *s, uint32_t i)
{
    return i < s->n_dims ? &s->dims[i] : NULL;
}

uint32_t dimension_attr(const dimension *d, pt_str name)
{
    for (uint32_t i = 0; i < d->spec.n_attrs; i++)
        if (str_eq_fold(d->spec.attrs[i].name, name)) return i;
    return MEMBER_NONE;
}

uint32_t cube_find_role(const cube *c, pt_str name)
{
    for (uint32_t i = 0; i < c->n_roles; i++)
        if (str_eq_fold(c->roles[i].name, name)) return i;
    return MEMBER_NONE;
}

uint32_t cube_find_column(const cube *c, pt_str name)
{
    for (uint32_t i = 0; i < c->n_columns; i++)
        if (str_eq_fold(c->columns[i].name, name)) return i;
    return MEMBER_NONE;
}

uint32_t cube_base_hier(const cube *c, uint32_t h, const cube *base)
{
    if (h >= c->n_hiers) return MEMBER_NONE;
    if (!c->is_virtual) return base == c ? h : MEMBER_NONE;
    for (uint32_t i = 0; i < c->n_bases; i++)
        if (c->bases[i] == base) return c->base_hiers[(size_t)i * c->n_hiers + h];
    return MEMBER_NONE;
}
