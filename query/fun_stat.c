/* fun_stat.c - statistics over sets (section 12). */
#include <math.h>
#include <stdlib.h>

#include "query/funs.h"

static int cmp_double(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    if (isnan(x) || isnan(y)) return isnan(x) - isnan(y);
    return (x > y) - (x < y);
}

static pt_status give(xval *out, double d)
{
    out->v = value_double(d);
    return PT_OK;
}

static pt_status eval_sample(eval *x, const node *n, double **v, uint32_t *k)
{
    set s;
    PT_TRY(eval_set(x, n->args[0], &s));
    return eval_numbers(x, n->args[0], s, n->args[1], v, k);
}

static pt_status eval_sorted(eval *x, const node *n, double **v, uint32_t *k)
{
    PT_TRY(eval_sample(x, n, v, k));
    qsort(*v, *k, sizeof **v, cmp_double);
    return PT_OK;
}

/* ---- spread ------------------------------------------------------------ */

static double mean(const double *v, uint32_t n)
{
    double sum = 0;
    for (uint32_t i = 0; i < n; i++) sum += v[i];
    return sum / n;
}

static double squares(const double *v, uint32_t n)
{
    double m = mean(v, n), sum = 0;
    for (uint32_t i = 0; i < n; i++) sum += (v[i] - m) * (v[i] - m);
    return sum;
}

static pt_status variance(eval *x, const node *n, uint32_t less, xval *out)
{
    double *v;
    uint32_t k;
    PT_TRY(eval_sample(x, n, &v, &k));
    out->v = value_null();
    return k ? give(out, squares(v, k) / (k - less)) : PT_OK;
}

static pt_status var(eval *x, const node *n, xval *out)
{
    return variance(x, n, 1, out);
}

static pt_status var_p(eval *x, const node *n, xval *out)
{
    return variance(x, n, 0, out);
}

static pt_status deviation(eval *x, const node *n, uint32_t less, xval *out)
{
    PT_TRY(variance(x, n, less, out));
    return give(out, out->v.kind == VAL_NULL ? 0 : sqrt(out->v.f));
}

static pt_status stdev(eval *x, const node *n, xval *out)
{
    return deviation(x, n, 1, out);
}

static pt_status stdev_p(eval *x, const node *n, xval *out)
{
    return deviation(x, n, 0, out);
}

/* ---- quantiles --------------------------------------------------------- */

static double middle(const double *v, uint32_t n)
{
    return n % 2 ? v[n / 2] : (v[n / 2 - 1] + v[n / 2]) / 2;
}

static pt_status median(eval *x, const node *n, xval *out)
{
    double *v;
    uint32_t k;
    PT_TRY(eval_sorted(x, n, &v, &k));
    out->v = value_null();
    return k ? give(out, middle(v, k)) : PT_OK;
}

static pt_status quartile(eval *x, const node *n, double part, xval *out)
{
    double *v, d;
    uint32_t k;
    PT_TRY(eval_sorted(x, n, &v, &k));
    out->v = value_null();
    if (k == 0) return PT_OK;
    d = k * part;
    uint32_t at = (uint32_t)d;
    if (at >= k) at = k - 1;
    return give(out, d == at && at + 1 < k ? (v[at] + v[at + 1]) / 2 : v[at]);
}

static pt_status first_q(eval *x, const node *n, xval *out)
{
    return quartile(x, n, 0.25, out);
}

static pt_status third_q(eval *x, const node *n, xval *out)
{
    return quartile(x, n, 0.75, out);
}

static pt_status percentile(eval *x, const node *n, xval *out)
{
    double *v, p;
    uint32_t k;
    bool is_null;
    PT_TRY(eval_number(x, n->args[2], &p, &is_null));
    PT_TRY(eval_sorted(x, n, &v, &k));
    out->v = value_null();
    if (k == 0 || is_null || isnan(p)) return PT_OK;
    if (p <= 0) return give(out, v[0]);
    if (p >= 100) return give(out, v[k - 1]);
    if (p == 50) return give(out, middle(v, k));
    double at = p / 100 * (k - 1), low = floor(at);
    uint32_t i = (uint32_t)low;
    return give(out, i + 1 < k ? v[i] + (at - low) * (v[i + 1] - v[i]) : v[k - 1]);
}

static pt_status bind_percentile(bind *b, node *n)
{
    (void)b; /* the percentage belongs to the outer context */
    n->deps |= n->args[2]->deps;
    return PT_OK;
}

/* ---- pairs ------------------------------------------------------------- */

typedef struct pairs {
    double *x, *y;
    uint32_t n, n_tuples;
} pairs;

/* args from `at`: set, y, x. Tuples in which either is null are left out. */
static pt_status eval_pairs(eval *x, const node *n, uint32_t at, pairs *p)
{
    set s;
    pt_value *u, *v;
    pt_status all = PT_OK;
    PT_TRY(eval_set(x, n->args[at], &s));
    if (!eval_go_on(eval_over(x, n->args[at], s, n->args[at + 1], &v), &all)) return all;
    if (!eval_go_on(eval_over(x, n->args[at], s, n->args[at + 2], &u), &all)) return all;
    if (all != PT_OK) return all;
    *p = (pairs){arena_array(x->work, double, s.n), arena_array(x->work, double, s.n), 0, s.n};
    if (!p->x || !p->y) return eval_nomem(x);
    for (uint32_t i = 0; i < s.n; i++) {
        if (u[i].kind == VAL_NULL || v[i].kind == VAL_NULL) continue;
        if (u[i].kind == VAL_TEXT || v[i].kind == VAL_TEXT)
            return pt_fail_at(x->err, EVAL_ERROR, n->at, "expected numbers in every tuple, got a text");
        p->x[p->n] = value_as_double(u[i]);
        p->y[p->n++] = value_as_double(v[i]);
    }
    return PT_OK;
}

static double products(const pairs *p)
{
    double mx = mean(p->x, p->n), my = mean(p->y, p->n), sum = 0;
    for (uint32_t i = 0; i < p->n; i++) sum += (p->x[i] - mx) * (p->y[i] - my);
    return sum;
}

static pt_status covariance(eval *x, const node *n, xval *out)
{
    pairs p;
    PT_TRY(eval_pairs(x, n, 0, &p));
    return give(out, products(&p) / p.n);
}

static pt_status covariance_n(eval *x, const node *n, xval *out)
{
    pairs p;
    PT_TRY(eval_pairs(x, n, 0, &p));
    return give(out, products(&p) / (p.n - 1.0));
}

static pt_status correlation(eval *x, const node *n, xval *out)
{
    pairs p;
    PT_TRY(eval_pairs(x, n, 0, &p));
    if (p.n == 0) return give(out, 0);
    return give(out, products(&p) / sqrt(squares(p.x, p.n) * squares(p.y, p.n)));
}

/* ---- straight lines ---------------------------------------------------- */

typedef struct line {
    double slope, intercept;
} line;

static line fit(const pairs *p)
{
    double slope = products(p) / squares(p->x, p->n);
    return (line){slope, mean(p->y, p->n) - slope * mean(p->x, p->n)};
}

static double residuals(const pairs *p, line l)
{
    double sum = 0;
    for (uint32_t i = 0; i < p->n; i++) {
        double e = p->y[i] - (l.intercept + l.slope * p->x[i]);
        sum += e * e;
    }
    return sum;
}

typedef double (*line_fn)(const pairs *p, line l, double at);

static double slope_of(const pairs *p, line l, double at)
{
    (void)p, (void)at;
    return l.slope;
}

static double intercept_of(const pairs *p, line l, double at)
{
    (void)p, (void)at;
    return l.intercept;
}

static double point_of(const pairs *p, line l, double at)
{
    (void)p;
    return l.intercept + l.slope * at;
}

static double r2_of(const pairs *p, line l, double at)
{
    (void)at;
    return 1 - residuals(p, l) / squares(p->y, p->n);
}

static double variance_of(const pairs *p, line l, double at)
{
    (void)at;
    if (p->n == 0) return 0;
    return p->n > 2 ? residuals(p, l) / (p->n - 2.0) : NAN; /* a line fits two points whatever they are */
}

static pt_status regress(eval *x, const node *n, uint32_t at, line_fn fn, double point, xval *out)
{
    pairs p;
    PT_TRY(eval_pairs(x, n, at, &p));
    out->v = value_null();
    return p.n_tuples ? give(out, fn(&p, fit(&p), point)) : PT_OK;
}

static pt_status lin_slope(eval *x, const node *n, xval *out)
{
    return regress(x, n, 0, slope_of, 0, out);
}

static pt_status lin_intercept(eval *x, const node *n, xval *out)
{
    return regress(x, n, 0, intercept_of, 0, out);
}

static pt_status lin_r2(eval *x, const node *n, xval *out)
{
    return regress(x, n, 0, r2_of, 0, out);
}

static pt_status lin_variance(eval *x, const node *n, xval *out)
{
    return regress(x, n, 0, variance_of, 0, out);
}

static pt_status lin_point(eval *x, const node *n, xval *out)
{
    double at;
    bool is_null;
    PT_TRY(eval_number(x, n->args[0], &at, &is_null));
    return regress(x, n, 1, point_of, at, out);
}

/* The x values default to the current measure. */
static pt_status bind_pairs_at(bind *b, node *n, uint32_t at)
{
    if (n->n == at + 3) return PT_OK;
    node *cell = node_cell(b, n->at);
    uint64_t deps = n->deps;
    if (!cell) return bind_nomem(b);
    PT_TRY(node_append(b, n, cell));
    n->deps = deps | (DEP_ALL & ~shape_deps(n->args[at]->shape));
    return PT_OK;
}

static pt_status bind_pairs(bind *b, node *n)
{
    return bind_pairs_at(b, n, 0);
}

static pt_status bind_point(bind *b, node *n)
{
    return bind_pairs_at(b, n, 1);
}

#define SPREAD(name, text, fn)                                                                               \
    {                                                                                                        \
        name, SYN_FUNCTION, "n", "x[n]", text, .eval = fn, .bind = bind_cell_default, .flags = FUN_ITERATES  \
    }
#define PAIRS(name, text, fn)                                                                                \
    {                                                                                                        \
        name, SYN_FUNCTION, "n", "xn[n]", text, .eval = fn, .bind = bind_pairs, .flags = FUN_ITERATES        \
    }

static const fun table[] = {
    SPREAD("Median", "the middle value over a set", median),
    SPREAD("FirstQ", "the first quartile over a set", first_q),
    SPREAD("ThirdQ", "the third quartile over a set", third_q),
    SPREAD("Stdev", "the standard deviation of a sample", stdev),
    SPREAD("Stddev", "the standard deviation of a sample", stdev),
    SPREAD("StdevP", "the standard deviation of a population", stdev_p),
    SPREAD("StddevP", "the standard deviation of a population", stdev_p),
    SPREAD("Var", "the variance of a sample", var),
    SPREAD("Variance", "the variance of a sample", var),
    SPREAD("VarP", "the variance of a population", var_p),
    SPREAD("VarianceP", "the variance of a population", var_p),
    {"Percentile", SYN_FUNCTION, "n", "xnn", "the value below which so many percent lie", .eval = percentile,
     .bind = bind_percentile, .flags = FUN_ITERATES},
    PAIRS("Correlation", "the correlation of two values over a set", correlation),
    PAIRS("Covariance", "the covariance of a population", covariance),
    PAIRS("CovarianceN", "the covariance of a sample", covariance_n),
    PAIRS("LinRegSlope", "the slope of the straight line through the points", lin_slope),
    PAIRS("LinRegIntercept", "where the line crosses x = 0", lin_intercept),
    PAIRS("LinRegR2", "how well the line fits, from 0 to 1", lin_r2),
    PAIRS("LinRegVariance", "the variance of the points around the line", lin_variance),
    {"LinRegPoint", SYN_FUNCTION, "n", "nxn[n]", "the y of the line at an x", .eval = lin_point,
     .bind = bind_point, .flags = FUN_ITERATES},
};

const fun_list fun_stat = {table, ARRAY_LEN(table)};
