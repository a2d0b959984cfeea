/* define_dump.c - all definitions as one script that can be run again. */
#include "engine/warehouse.h"

#include "lang/parse.h"

/* Formulas follow the base cubes before the virtual cubes that may import them. */
typedef enum dump_stage {
    DUMP_DIMENSIONS,
    DUMP_BASE_CUBES,
    DUMP_BASE_FORMULAS,
    DUMP_VIRTUAL_CUBES,
    DUMP_VIRTUAL_FORMULAS,
    DUMP_SOURCES,
    DUMP_MAPPINGS,
    DUMP_CUBOIDS,
    DUMP_END
} dump_stage;

/* The cube of a stored formula, whose name is "[cube].rest": the cube with the longest name that fits. */
static const cube *formula_cube(const schema *s, pt_str name)
{
    const cube *best = NULL;
    for (uint32_t i = 0; i < schema_n_cubes(s); i++) {
        const cube *c = schema_cube_at(s, i);
        strbuf b = {0};
        ast_print_name(c->name, &b);
        bool fits = !b.failed && b.len <= name.len && str_eq_fold(strbuf_str(&b), (pt_str){name.ptr, b.len});
        strbuf_free(&b);
        if (fits && (!best || c->name.len > best->name.len)) best = c;
    }
    return best;
}

static dump_stage stage_of(const schema *s, const catalog_def *d)
{
    const cube *c;
    switch (d->kind) {
    case OBJ_DIMENSION: return DUMP_DIMENSIONS;
    case OBJ_CUBE:
        c = schema_cube(s, d->name);
        return c && c->is_virtual ? DUMP_VIRTUAL_CUBES : DUMP_BASE_CUBES;
    case OBJ_MEMBER:
    case OBJ_SET:
        c = formula_cube(s, d->name);
        return c && c->is_virtual ? DUMP_VIRTUAL_FORMULAS : DUMP_BASE_FORMULAS;
    case OBJ_SOURCE: return DUMP_SOURCES;
    case OBJ_MAPPING: return DUMP_MAPPINGS;
    case OBJ_CUBOID: return DUMP_CUBOIDS;
    case OBJ_NONE:
    case OBJ_HIERARCHY:
    case OBJ_LEVEL:
    case OBJ_MEASURE:
    case OBJ_LOAD:
    case OBJ_SEGMENT:
    case OBJ_REJECT:
    case OBJ_LIMIT:
    case OBJ_ATTRIBUTE: break;
    }
    return DUMP_END;
}

pt_status define_dump(const view *v, strbuf *out, pt_err *err)
{
    uint32_t n;
    const catalog_def *defs = snapshot_defs(v->snap, &n);
    bool is_first = true;
    for (int stage = 0; stage < DUMP_END; stage++)
        for (uint32_t i = 0; i < n; i++) {
            if ((int)stage_of(v->schema, &defs[i]) != stage) continue;
            if (!is_first) strbuf_addc(out, '\n');
            strbuf_adds(out, defs[i].text);
            strbuf_addz(out, ";\n");
            is_first = false;
        }
    return out->failed ? pt_fail(err, PT_NOMEM, "out of memory while writing definitions") : PT_OK;
}
