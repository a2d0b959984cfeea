/* ast_cuboid.c - builds the trees of CREATE CUBOID and of ADVISE CUBOIDS. */
#include "lang/parse_int.h"

typedef enum element { ELEM_NONE, ELEM_LEVEL, ELEM_MEASURE } element;

struct cuboid_build {
    ast_cuboid *cuboid;
    list *levels, *measures;
    element last; /* what a bare name continues */
};

bool cuboid_new(parse *p, pt_str name, pt_span name_at, pt_str cube, pt_span cube_at)
{
    cuboid_build *b = p->cuboid = PARSE_MAKE(p, cuboid_build);
    if (!b || !(b->cuboid = PARSE_MAKE(p, ast_cuboid))) return false;
    *b->cuboid = (ast_cuboid){.name = name, .cube = cube, .name_at = name_at, .cube_at = cube_at};
    return true;
}

bool cuboid_level(parse *p, ast *id)
{
    cuboid_build *b = p->cuboid;
    b->last = ELEM_LEVEL;
    b->levels = list_add(p, b->levels, &id, sizeof id);
    return b->levels != NULL;
}

bool cuboid_measure(parse *p, ast *id)
{
    cuboid_build *b = p->cuboid;
    b->last = ELEM_MEASURE;
    b->measures = list_add(p, b->measures, &id, sizeof id);
    return b->measures != NULL;
}

bool cuboid_more(parse *p, ast *id)
{
    if (p->cuboid->last == ELEM_LEVEL) return cuboid_level(p, id);
    if (p->cuboid->last == ELEM_MEASURE) return cuboid_measure(p, id);
    PARSE_FAIL(p, PT_SYNTAX, id->at, "unexpected '" STR_FMT "', expected LEVEL or MEASURE",
               STR_ARG(id->segs[0].name));
    return false;
}

ast_stmt *stmt_cuboid(parse *p, pt_span at)
{
    cuboid_build *b = p->cuboid;
    ast_cuboid *c = b->cuboid;
    c->n_levels = LIST_COUNT(b->levels);
    c->levels = LIST_ITEMS(ast *, b->levels);
    c->n_measures = LIST_COUNT(b->measures);
    c->measures = LIST_ITEMS(ast *, b->measures);
    if (c->n_levels == 0) {
        PARSE_FAIL(p, PT_SYNTAX, c->name_at, "a cuboid needs at least one LEVEL");
        return NULL;
    }
    ast_stmt *s = stmt_object(p, STMT_CREATE_CUBOID, at, OBJ_CUBOID, c->name, c->name_at);
    if (!s) return NULL;
    s->cuboid = c;
    s->or_replace = p->or_replace;
    return s;
}

ast_stmt *stmt_advise(parse *p, pt_span at, pt_str cube, pt_span cube_at, const pt_value *budget,
                      bool is_percent)
{
    ast_stmt *s = stmt_object(p, STMT_ADVISE, at, OBJ_CUBE, cube, cube_at);
    if (!s) return NULL;
    s->value = *budget;
    s->is_percent = is_percent;
    return s;
}
