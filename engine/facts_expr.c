/* facts_expr.c - measures over expressions for single facts, as drilling through shows them. */
#include "engine/aggregate.h"
#include "engine/rowexpr.h"

typedef struct part { /* the value, or a condition */
    const rowexpr *e;
    row_plan plan;
    row_vector *operands;
    int64_t *words; /* [operands] int64_t or double */
    uint8_t *nulls; /* [operands] */
    void *room;
} part;

struct facts_expr {
    const view *view;
    const cube *cube;
    part value; /* value.e NULL: rows are counted */
    uint32_t n_conditions;
    part *conditions;
};

/* Nothing is known of the row beforehand: all arithmetic is checked. */
static pt_status part_new(part *p, const rowexpr *e, arena *a, pt_err *err)
{
    row_range *any = arena_array(a, row_range, e->n_operands);
    p->e = e;
    p->operands = arena_array(a, row_vector, e->n_operands);
    p->words = arena_array(a, int64_t, e->n_operands);
    p->nulls = arena_array(a, uint8_t, e->n_operands);
    if (!any || !p->operands || !p->words || !p->nulls) return arena_fail(a, err);
    for (uint32_t i = 0; i < e->n_operands; i++) {
        any[i] = (row_range){.lo = INT64_MIN,
                             .hi = INT64_MAX,
                             .is_bounded = e->operands[i].class == ROW_EXACT,
                             .can_be_null = true,
                             .can_be_value = true};
        p->operands[i] = (row_vector){.values = &p->words[i], .nulls = &p->nulls[i]};
    }
    PT_TRY(row_plan_make(e, any, a, &p->plan, err));
    p->room = arena_array(a, pt_i128, row_plan_room(&p->plan) / sizeof(pt_i128) + 1);
    return p->room ? PT_OK : arena_fail(a, err);
}

pt_status facts_expr_new(const view *v, const measure *m, arena *a, facts_expr **out, pt_err *err)
{
    *out = NULL;
    if (!m->value && !m->n_conditions) return PT_OK;
    facts_expr *x = arena_make(a, facts_expr);
    if (!x || !(x->conditions = arena_array(a, part, m->n_conditions))) return arena_fail(a, err);
    x->view = v;
    x->cube = m->base;
    x->n_conditions = m->n_conditions;
    for (uint32_t i = 0; i < m->n_conditions; i++)
        PT_TRY(part_new(&x->conditions[i], m->conditions[i], a, err));
    if (m->value) PT_TRY(part_new(&x->value, m->value, a, err));
    *out = x;
    return PT_OK;
}

pt_type facts_expr_type(const facts_expr *x)
{
    return x->value.e ? x->value.e->type : TYPE_INTEGER;
}

static pt_status run(const facts_expr *x, part *p, const uint32_t *members, const pt_value *values,
                     row_vector *out, pt_err *err)
{
    for (uint32_t i = 0; i < p->e->n_operands; i++) {
        const row_operand *o = &p->e->operands[i];
        pt_value v;
        if (o->is_key)
            v = dim_attr_value(view_dim(x->view, x->cube->roles[o->index].dimension), 0, members[o->index]);
        else
            v = values[o->index];
        p->nulls[i] = v.kind == VAL_NULL;
        p->words[i] = v.kind == VAL_DEC ? (int64_t)v.dec : v.kind == VAL_NULL ? 0 : v.i;
        if (v.kind == VAL_DOUBLE) memcpy(&p->words[i], &v.f, sizeof v.f);
    }
    return row_plan_run(&p->plan, p->operands, 1, p->room, out, err);
}

static pt_value value_of(const rowexpr *e, const row_vector *v)
{
    double d;
    if (v->nulls && v->nulls[0]) return value_null();
    if (e->type == TYPE_BOOLEAN) return value_bool(((const uint8_t *)v->values)[0]);
    if (e->type == TYPE_DOUBLE) {
        memcpy(&d, v->values, sizeof d);
        return value_double(d);
    }
    pt_i128 n = v->is_wide ? ((const pt_i128 *)v->values)[0] : ((const int64_t *)v->values)[0];
    if (e->type == TYPE_DECIMAL || n < INT64_MIN || n > INT64_MAX) return value_dec(n, e->scale);
    if (e->type == TYPE_DATE) return value_date((int64_t)n);
    return e->type == TYPE_TIMESTAMP ? value_time((int64_t)n) : value_int((int64_t)n);
}

pt_status facts_expr_value(facts_expr *x, const uint32_t *members, const pt_value *values, pt_value *out,
                           pt_err *err)
{
    row_vector v;
    *out = value_null();
    for (uint32_t i = 0; i < x->n_conditions; i++) {
        PT_TRY(run(x, &x->conditions[i], members, values, &v, err));
        if ((v.nulls && v.nulls[0]) || !((const uint8_t *)v.values)[0]) return PT_OK;
    }
    *out = value_int(1);
    if (!x->value.e) return PT_OK;
    PT_TRY(run(x, &x->value, members, values, &v, err));
    *out = value_of(x->value.e, &v);
    return PT_OK;
}
