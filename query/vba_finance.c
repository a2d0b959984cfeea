/* vba_finance.c - annuities and depreciation, by the formulas that spreadsheets document: money paid out is
 * negative; `type` true means payments at the beginning of a period. */
#include <math.h>

#include "query/vba_int.h"

/* Value after `periods` of a present value and payments. */
static double future_value(double rate, double periods, double payment, double present, bool at_start)
{
    if (rate == 0) return -(present + periods * payment);
    double growth = pow(1 + rate, periods);
    return -(present * growth + payment * (at_start ? 1 + rate : 1) * (growth - 1) / rate);
}

static double payment_of(double rate, double periods, double present, double future, bool at_start)
{
    if (rate == 0) return -(present + future) / periods;
    double growth = pow(1 + rate, periods);
    return -(present * growth + future) * rate / ((at_start ? 1 + rate : 1) * (growth - 1));
}

static double interest_of(double rate, double period, double periods, double present, double future,
                          bool at_start)
{
    double payment = payment_of(rate, periods, present, future, at_start);
    if (at_start && period == 1) return 0;
    double before = future_value(rate, period - 1 - (at_start ? 1 : 0), payment, present, at_start);
    double owed = at_start ? before - payment : before;
    return owed * rate;
}

static pt_status fun_fv(const fun_call *c, uint32_t n, const pt_value *v, pt_value *out)
{
    (void)c;
    return give(
        out, value_double(future_value(arg_number(n, v, 0, 0), arg_number(n, v, 1, 0), arg_number(n, v, 2, 0),
                                       arg_number(n, v, 3, 0), arg_truth(n, v, 4, false))));
}

static pt_status fun_pmt(const fun_call *c, uint32_t n, const pt_value *v, pt_value *out)
{
    (void)c;
    return give(
        out, value_double(payment_of(arg_number(n, v, 0, 0), arg_number(n, v, 1, 0), arg_number(n, v, 2, 0),
                                     arg_number(n, v, 3, 0), arg_truth(n, v, 4, false))));
}

static pt_status fun_pv(const fun_call *c, uint32_t n, const pt_value *v, pt_value *out)
{
    (void)c;
    double rate = arg_number(n, v, 0, 0), periods = arg_number(n, v, 1, 0), payment = arg_number(n, v, 2, 0);
    double future = arg_number(n, v, 3, 0);
    if (rate == 0) return give(out, value_double(-(future + periods * payment)));
    double growth = pow(1 + rate, periods), due = arg_truth(n, v, 4, false) ? 1 + rate : 1;
    return give(out, value_double(-(future + payment * due * (growth - 1) / rate) / growth));
}

static pt_status fun_nper(const fun_call *c, uint32_t n, const pt_value *v, pt_value *out)
{
    (void)c;
    double rate = arg_number(n, v, 0, 0), payment = arg_number(n, v, 1, 0), present = arg_number(n, v, 2, 0);
    double future = arg_number(n, v, 3, 0);
    if (rate == 0) return give(out, value_double(-(future + present) / payment));
    double due = payment * (arg_truth(n, v, 4, false) ? 1 + rate : 1) / rate;
    return give(out, value_double(log((due - future) / (due + present)) / log(1 + rate)));
}

static pt_status fun_ipmt(const fun_call *c, uint32_t n, const pt_value *v, pt_value *out)
{
    (void)c;
    return give(out, value_double(interest_of(arg_number(n, v, 0, 0), arg_number(n, v, 1, 0),
                                              arg_number(n, v, 2, 0), arg_number(n, v, 3, 0),
                                              arg_number(n, v, 4, 0), arg_truth(n, v, 5, false))));
}

static pt_status fun_ppmt(const fun_call *c, uint32_t n, const pt_value *v, pt_value *out)
{
    (void)c;
    double rate = arg_number(n, v, 0, 0), periods = arg_number(n, v, 2, 0), present = arg_number(n, v, 3, 0);
    double future = arg_number(n, v, 4, 0);
    bool at_start = arg_truth(n, v, 5, false);
    double payment = payment_of(rate, periods, present, future, at_start);
    return give(out, value_double(payment - interest_of(rate, arg_number(n, v, 1, 0), periods, present,
                                                        future, at_start)));
}

/* ---- the rate ---------------------------------------------------------- */

typedef struct loan {
    double periods, payment, present, future;
    bool at_start;
} loan;

/* What all payments together are worth now: nothing at the rate that is looked for. */
static double worth_at(const loan *l, double rate)
{
    double log_share = -l->periods * log1p(rate);
    double each = rate == 0 ? l->periods : -expm1(log_share) / rate;
    return l->present + l->payment * (l->at_start ? 1 + rate : 1) * each + l->future * exp(log_share);
}

/* Newton's method from a rate on; false if it leads nowhere, or to the loss of everything. */
static bool rate_near(const loan *l, double rate, double *out)
{
    const double h = 1e-7;
    for (int i = 0; i < 100 && rate > -1 && isfinite(rate); i++) {
        double worth = worth_at(l, rate), next = rate - worth * h / (worth_at(l, rate + h) - worth);
        *out = next;
        bool is_near = fabs(next - rate) <= 1e-13 * fmax(1, fabs(rate));
        if (is_near && next > -1) return true;
        rate = next;
    }
    return false;
}

/* The rate between two growths of a period, at which the worth has different signs. */
static double rate_between(const loan *l, double low, double high)
{
    bool is_gain = worth_at(l, low - 1) > 0;
    for (int i = 0; i < 100; i++) {
        double middle = (low + high) / 2;
        *((worth_at(l, middle - 1) > 0) == is_gain ? &low : &high) = middle;
    }
    return low - 1;
}

/* Looks where the worth changes its sign: growths of a millionth to a million, in steps of an eighth. */
static bool rate_anywhere(const loan *l, double *out)
{
    const double step = 1.125;
    for (double growth = 1e-6; growth < 1e6; growth *= step) {
        double here = worth_at(l, growth - 1), there = worth_at(l, growth * step - 1);
        if (!((here > 0 && there <= 0) || (here < 0 && there >= 0))) continue;
        *out = rate_between(l, growth, growth * step);
        return true;
    }
    return false;
}

static pt_status fun_rate(const fun_call *c, uint32_t n, const pt_value *v, pt_value *out)
{
    double rate;
    loan l = {.periods = arg_number(n, v, 0, 0),
              .payment = arg_number(n, v, 1, 0),
              .present = arg_number(n, v, 2, 0),
              .future = arg_number(n, v, 3, 0),
              .at_start = arg_truth(n, v, 4, false)};
    if (rate_near(&l, arg_number(n, v, 5, 0.1), &rate) || rate_anywhere(&l, &rate))
        return give(out, value_double(rate));
    return bad_argument(c, "Rate: no interest rate was found");
}

/* ---- depreciation ------------------------------------------------------ */

static pt_status fun_sln(const fun_call *c, uint32_t n, const pt_value *v, pt_value *out)
{
    (void)c;
    return give(out,
                value_double((arg_number(n, v, 0, 0) - arg_number(n, v, 1, 0)) / arg_number(n, v, 2, 0)));
}

static pt_status fun_syd(const fun_call *c, uint32_t n, const pt_value *v, pt_value *out)
{
    (void)c;
    double cost = arg_number(n, v, 0, 0), salvage = arg_number(n, v, 1, 0), life = arg_number(n, v, 2, 0);
    double years_left = life - arg_number(n, v, 3, 0) + 1;
    return give(out, value_double((cost - salvage) * years_left * 2 / (life * (life + 1))));
}

static pt_status fun_ddb(const fun_call *c, uint32_t n, const pt_value *v, pt_value *out)
{
    double cost = arg_number(n, v, 0, 0), salvage = arg_number(n, v, 1, 0), life = arg_number(n, v, 2, 0);
    double factor = arg_number(n, v, 4, 2), value = cost, lost = 0;
    int64_t period = arg_whole(n, v, 3, 0);
    if (period < 1 || (double)period > life || period > 100000)
        return bad_argument(c, "DDB: the period lies outside of the life");
    for (int64_t i = 0; i < period; i++) {
        lost = fmin(value * factor / life, fmax(value - salvage, 0));
        value -= lost;
    }
    return give(out, value_double(lost));
}

/* Net present value of payments at the ends of periods: NPV(rate, payment, ...). */
static double present_sum(double rate, uint32_t n, const pt_value *v, uint32_t first)
{
    double sum = 0;
    for (uint32_t i = first; i < n; i++) sum += arg_number(n, v, i, 0) / pow(1 + rate, i - first + 1);
    return sum;
}

static pt_status fun_npv(const fun_call *c, uint32_t n, const pt_value *v, pt_value *out)
{
    (void)c;
    return give(out, value_double(present_sum(arg_number(n, v, 0, 0), n, v, 1)));
}

static const fun table[] = {
    {"DDB", SYN_FUNCTION, "n", "nnnn[n]", "depreciation of a period by the declining balance",
     .apply = fun_ddb},
    {"FV", SYN_FUNCTION, "n", "nnn[n[b]]", "future value of an annuity", .apply = fun_fv},
    {"IPmt", SYN_FUNCTION, "n", "nnnn[n[b]]", "interest part of a payment", .apply = fun_ipmt},
    {"NPer", SYN_FUNCTION, "n", "nnn[n[b]]", "number of periods of an annuity", .apply = fun_nper},
    {"NPV", SYN_FUNCTION, "n", "nn...", "net present value of payments at a rate", .apply = fun_npv},
    {"PPmt", SYN_FUNCTION, "n", "nnnn[n[b]]", "principal part of a payment", .apply = fun_ppmt},
    {"PV", SYN_FUNCTION, "n", "nnn[n[b]]", "present value of an annuity", .apply = fun_pv},
    {"Pmt", SYN_FUNCTION, "n", "nnn[n[b]]", "payment of an annuity", .apply = fun_pmt},
    {"Rate", SYN_FUNCTION, "n", "nnn[n[b[n]]]", "interest rate of an annuity", .apply = fun_rate},
    {"SLN", SYN_FUNCTION, "n", "nnn", "straight-line depreciation of a period", .apply = fun_sln},
    {"SYD", SYN_FUNCTION, "n", "nnnn", "depreciation of a period by the sum of years' digits",
     .apply = fun_syd},
};
const fun_list fun_vba_finance = {table, ARRAY_LEN(table)};
