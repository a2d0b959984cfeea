/* rownode.c - see rownode.h. */
#include "engine/rownode.h"

#include "base/decimal.h"
#include "base/nearest.h"

enum { MAX_NODES = 4096 };

/* ---- nodes ----------------------------------------------------------------------- */

static pt_status new_node(rowbuilder *b, rowop_kind kind, row_class class, pt_type type, uint8_t scale,
                          pt_span at, rownode **out)
{
    rownode *n = arena_make(b->a, rownode);
    if (!n) return arena_fail(b->a, b->err);
    if (++b->n_nodes > MAX_NODES)
        return pt_fail_at(b->err, PT_LIMIT, at, "an expression of more than %d operations", MAX_NODES);
    *n = (rownode){.op = {.kind = kind, .class = class}, .type = type, .scale = scale, .at = at};
    *out = n;
    return PT_OK;
}

pt_status rownode_over(rowbuilder *b, rowop_kind kind, row_class class, pt_type type, uint8_t scale,
                       pt_span at, rownode *x, rownode *y, rownode **out)
{
    PT_TRY(new_node(b, kind, class, type, scale, at, out));
    (*out)->args[0] = x;
    (*out)->args[1] = y;
    (*out)->op.n_args = y ? 2 : 1;
    return PT_OK;
}

pt_status rownode_condition(rowbuilder *b, rowop_kind kind, pt_span at, rownode *x, rownode *y, rownode **out)
{
    return rownode_over(b, kind, ROW_BOOL, TYPE_BOOLEAN, 0, at, x, y, out);
}

pt_status rownode_expected(rowbuilder *b, const rownode *n, const char *what)
{
    return pt_fail_at(b->err, PT_TYPE, n->at, "expected %s, found %s", what,
                      n->is_text           ? "a text"
                      : rownode_is_null(n) ? "NULL"
                                           : type_name(n->type));
}

/* ---- conversions ------------------------------------------------------------------- */

pt_status rownode_rescale(rowbuilder *b, rownode **n, uint8_t scale)
{
    rownode *x = *n, *y;
    if (x->scale == scale) return PT_OK;
    pt_i128 factor = pow10_i64[scale - x->scale];
    if (rownode_is_constant(x)) {
        if (__builtin_mul_overflow(x->op.exact, factor, &x->op.exact))
            return pt_fail_at(b->err, PT_VALUE, x->at, "the number is too large");
        x->scale = scale;
        x->type = TYPE_DECIMAL;
        return PT_OK;
    }
    PT_TRY(rownode_over(b, ROWOP_SCALE, ROW_EXACT, TYPE_DECIMAL, scale, x->at, x, NULL, &y));
    y->op.exact = factor;
    *n = y;
    return PT_OK;
}

pt_status rownode_to_double(rowbuilder *b, rownode **n)
{
    rownode *x = *n, *y;
    if (x->op.class == ROW_DOUBLE) return PT_OK;
    if (rownode_is_constant(x)) {
        x->op.number = dec_to_double(x->op.exact, x->scale);
        x->op.class = ROW_DOUBLE;
        x->type = TYPE_DOUBLE;
        x->scale = 0;
        return PT_OK;
    }
    PT_TRY(rownode_over(b, ROWOP_DOUBLE, ROW_DOUBLE, TYPE_DOUBLE, 0, x->at, x, NULL, &y));
    y->op.exact = pow10_i64[x->scale];
    *n = y;
    return PT_OK;
}

void rownode_type_null(rownode *n, const rownode *like)
{
    n->op.class = like->op.class;
    n->type = like->type;
    n->scale = like->scale;
}

pt_status rownode_type_text(rowbuilder *b, rownode *n, const rownode *like)
{
    pt_value v;
    if (like->type != TYPE_DATE && like->type != TYPE_TIMESTAMP)
        return rownode_expected(b, n, type_name(like->type));
    pt_err why = {0};
    pt_status st = value_parse(like->type, 0, n->text, b->a, &v, &why);
    if (st != PT_OK) return pt_fail_at(b->err, st, n->at, "%s", why.msg);
    n->is_text = false;
    n->type = like->type;
    n->op.exact = v.i;
    return PT_OK;
}

pt_status rownode_unify(rowbuilder *b, rownode **v, uint32_t n)
{
    rownode *like = NULL;
    uint8_t scale = 0;
    bool is_double = false, all_numbers = true;
    for (uint32_t i = 0; i < n; i++)
        if (!rownode_is_null(v[i]) && !v[i]->is_text) like = like ? like : v[i];
    if (!like) return rownode_expected(b, v[0], "a column");
    for (uint32_t i = 0; i < n; i++) {
        if (rownode_is_null(v[i])) rownode_type_null(v[i], like);
        if (v[i]->is_text) PT_TRY(rownode_type_text(b, v[i], like));
        all_numbers &= rownode_is_number(v[i]);
    }
    for (uint32_t i = 0; i < n; i++) {
        if (!all_numbers && v[i]->type != like->type) return rownode_expected(b, v[i], type_name(like->type));
        if (v[i]->type == TYPE_DOUBLE) is_double = true;
        if (v[i]->scale > scale) scale = v[i]->scale;
    }
    for (uint32_t i = 0; all_numbers && i < n; i++)
        PT_TRY(is_double ? rownode_to_double(b, &v[i]) : rownode_rescale(b, &v[i], scale));
    return PT_OK;
}

pt_status rownode_want_condition(rowbuilder *b, const rownode *n)
{
    return n->op.class == ROW_BOOL ? PT_OK : rownode_expected(b, n, "a condition");
}

/* ---- leaves --------------------------------------------------------------------------- */

pt_status rownode_constant(rowbuilder *b, pt_value v, pt_span at, rownode **out)
{
    row_class class = v.kind == VAL_DOUBLE ? ROW_DOUBLE : v.kind == VAL_BOOL ? ROW_BOOL : ROW_EXACT;
    pt_type type = v.kind == VAL_DOUBLE ? TYPE_DOUBLE
                   : v.kind == VAL_BOOL ? TYPE_BOOLEAN
                   : v.kind == VAL_DEC  ? TYPE_DECIMAL
                                        : TYPE_INTEGER;
    PT_TRY(new_node(b, ROWOP_CONST, class, type, v.kind == VAL_DEC ? v.scale : 0, at, out));
    (*out)->op.is_null = v.kind == VAL_NULL;
    if (v.kind == VAL_DOUBLE) (*out)->op.number = v.f;
    if (v.kind == VAL_INT || v.kind == VAL_BOOL) (*out)->op.exact = v.i;
    if (v.kind == VAL_DEC) (*out)->op.exact = v.dec;
    return PT_OK;
}

pt_status rownode_text(rowbuilder *b, const ast *e, rownode **out)
{
    PT_TRY(rownode_constant(b, value_int(0), e->at, out));
    (*out)->is_text = true;
    (*out)->text = e->text;
    return PT_OK;
}

static pt_status operand_index(rowbuilder *b, bool is_key, uint32_t index, row_class class, uint32_t *out)
{
    rowexpr *e = b->e;
    for (*out = 0; *out < e->n_operands; (*out)++)
        if (e->operands[*out].is_key == is_key && e->operands[*out].index == index) return PT_OK;
    if (e->n_operands == b->cap_operands) {
        uint32_t cap = b->cap_operands ? b->cap_operands * 2 : 4;
        row_operand *grown = arena_array(b->a, row_operand, cap);
        if (!grown) return arena_fail(b->a, b->err);
        if (e->n_operands) memcpy(grown, e->operands, e->n_operands * sizeof *grown);
        e->operands = grown;
        b->cap_operands = cap;
    }
    e->operands[e->n_operands++] = (row_operand){is_key, index, class};
    return PT_OK;
}

static pt_status load(rowbuilder *b, bool is_key, uint32_t index, pt_type type, uint8_t scale, pt_span at,
                      rownode **out)
{
    row_class class = type == TYPE_DOUBLE ? ROW_DOUBLE : ROW_EXACT;
    rownode *n;
    if (type == TYPE_TEXT || type == TYPE_NONE)
        return pt_fail_at(b->err, PT_TYPE, at,
                          "members of [" STR_FMT "] have texts as keys, which do not compute",
                          STR_ARG(b->c->roles[index].name));
    PT_TRY(new_node(b, ROWOP_LOAD, class, type, type == TYPE_DECIMAL ? scale : 0, at, &n));
    PT_TRY(operand_index(b, is_key, index, class, &n->op.index));
    *out = n;
    if (type != TYPE_BOOLEAN) return PT_OK;
    n->type = TYPE_INTEGER;
    return rownode_condition(b, ROWOP_TRUTH, at, n, NULL, out);
}

static pt_status unknown(rowbuilder *b, pt_str name, pt_span at)
{
    const cube *c = b->c;
    nearest near = nearest_to(name);
    for (uint32_t i = 0; i < c->n_columns; i++) nearest_offer(&near, c->columns[i].name);
    for (uint32_t i = 0; i < c->n_roles; i++) nearest_offer(&near, c->roles[i].name);
    pt_fail_at(b->err, PT_NAME, at, "the facts of cube [" STR_FMT "] have no column [" STR_FMT "]",
               STR_ARG(c->name), STR_ARG(name));
    nearest_hint(&near, b->err);
    return pt_hint(b->err, "a column without a measure of its own is declared: COLUMN " STR_FMT " type",
                   STR_ARG(name));
}

pt_status rownode_name(rowbuilder *b, const ast *e, rownode **out)
{
    const cube *c = b->c;
    const ast_segment *s = &e->segs[0];
    if (e->n != 1 || s->is_key)
        return pt_fail_at(b->err, PT_NAME, e->at, "expected a column of the facts of cube [" STR_FMT "]",
                          STR_ARG(c->name));
    uint32_t i = cube_find_column(c, s->name);
    if (i != MEMBER_NONE) return load(b, false, i, c->columns[i].type, c->columns[i].scale, e->at, out);
    if ((i = cube_find_role(c, s->name)) != MEMBER_NONE) {
        const dim_attr *key = &c->roles[i].dimension->spec.attrs[0];
        return load(b, true, i, key->type, key->scale, e->at, out);
    }
    if (!s->is_quoted && str_eq_fold(s->name, STR("TRUE")))
        return rownode_constant(b, value_bool(true), e->at, out);
    if (!s->is_quoted && str_eq_fold(s->name, STR("FALSE")))
        return rownode_constant(b, value_bool(false), e->at, out);
    return unknown(b, s->name, e->at);
}
