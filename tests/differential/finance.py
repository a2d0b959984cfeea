"""Annuities and depreciation: period by period where periods are whole, in exact fractions.

Money received is positive. A loan of `present` that is paid back by `payment` (negative) each period leaves -future at the end.
"""

from fractions import Fraction
from math import isnan, log

from evaluate import CellError, Unspecified, divide, number
from language import define

MAX_PERIODS = 100


def money(template, meaning):
    """A function of numbers, and of conditions if the template has them; null if one of the numbers is."""

    def of_numbers(ev, context, *values):
        values = [v if isinstance(v, bool) else number(v) for v in values]
        if None in values:
            return None
        if any(isnan(v) or abs(v) > 1e6 for v in values):
            raise Unspecified("sums beyond what is counted exactly")
        return meaning(*values)

    define(template, "n")(of_numbers)


def result(v):
    if abs(v) > 1e12:
        raise Unspecified("digits that are lost")
    return float(v)


def rate_of(percent):
    rate = Fraction(percent) / 100
    if rate <= -1 or 0 < abs(rate) < Fraction(1, 10000):
        raise Unspecified("no such rate, or one so small that digits are lost")
    return rate


def periods_of(n, least=1):
    if n != int(n) or not least <= n <= MAX_PERIODS:
        raise Unspecified("parts of periods, none, or very many")
    return int(n)


# ---- annuities ------------------------------------------------------------------------------------------------


def owed(rate, periods, payment, present, at_start):
    """What is owed after so many periods."""
    debt = Fraction(present)
    for _ in range(periods):
        debt = (debt + payment) * (1 + rate) if at_start else debt * (1 + rate) + payment
    return debt


def future_value(percent, periods, payment, present=0, at_start=False):
    return result(-owed(rate_of(percent), periods_of(periods, 0), Fraction(payment), present, at_start))


def payment_of(rate, periods, present, future, at_start):
    """Each payment of 1 takes `weight` off the end."""
    weight = owed(rate, periods, 1, 0, at_start)
    return -(Fraction(future) + owed(rate, periods, 0, present, at_start)) / weight


def payment(percent, periods, present, future=0, at_start=False):
    return result(payment_of(rate_of(percent), periods_of(periods), present, future, at_start))


def present_value(percent, periods, each, future=0, at_start=False):
    rate, periods = rate_of(percent), periods_of(periods, 0)
    return result(-(Fraction(future) + owed(rate, periods, Fraction(each), 0, at_start)) / (1 + rate) ** periods)


def interest_of(rate, period, periods, present, future, at_start):
    """Of what was owed during the period before the payment."""
    each = payment_of(rate, periods, present, future, at_start)
    if at_start:
        return -(owed(rate, period - 2, each, present, True) + each) * rate if period > 1 else 0
    return -owed(rate, period - 1, each, present, False) * rate


def in_period(period, periods):
    period, periods = periods_of(period), periods_of(periods)
    if period > periods:
        raise Unspecified("a period behind the last")
    return period, periods


def interest(percent, period, periods, present, future=0, at_start=False):
    return result(interest_of(rate_of(percent), *in_period(period, periods), present, future, at_start))


def principal(percent, period, periods, present, future=0, at_start=False):
    rate, (period, periods) = rate_of(percent), in_period(period, periods)
    all_of_it = payment_of(rate, periods, present, future, at_start)
    rest = all_of_it - interest_of(rate, period, periods, present, future, at_start)
    if abs(rest) < abs(all_of_it) / 10**9:
        raise Unspecified("digits that are lost")
    return result(rest)


def n_periods(percent, each, present, future=0, at_start=False):
    """Solved for the exponent of 1 + rate."""
    rate = float(rate_of(percent))
    if rate == 0:
        return divide(-(present + future), each)
    z = each * (1 + rate if at_start else 1) / rate
    before, after = z + present, z - future
    if before * after <= 0 or abs(before) < 1e-6 * abs(z) or abs(after) < 1e-6 * abs(z):
        raise Unspecified("it is never paid back")
    return log(after / before) / log(1 + rate)


def interest_rate(periods, each, present, future=0, at_start=False, _guess=None):
    """The rate at which all payments together are worth nothing now. There is one if their sign changes once."""
    periods = periods_of(periods)
    flows = [present] + [each] * periods + [0]
    if at_start:
        flows = [present + each] + [each] * (periods - 1) + [0, 0]
    flows[periods] += future
    signs = [f > 0 for f in flows if f]
    n_changes = sum(a != b for a, b in zip(signs, signs[1:]))
    if not signs or n_changes > 1:
        raise Unspecified("more than one rate")
    if n_changes == 0:
        raise CellError("no rate")

    def worth(share):  # a unit a period later is worth so much now
        total = 0.0
        for f in reversed(flows):
            total = total * share + f
        return total

    low, high = 0.0, 1.0
    while (worth(high) > 0) == signs[0]:
        high *= 2
        if high > 1e3:
            raise Unspecified("nearly everything is lost")
    for _ in range(200):
        middle = (low + high) / 2
        low, high = (middle, high) if (worth(middle) > 0) == signs[0] else (low, middle)
    if low < 1e-3:
        raise Unspecified("a very high rate")
    last_digits = hash((each, present, future)) % 1000 * 1e-15  # a search leaves them open: equal rates are only nearly equal
    return (1 / low - 1) * (1 + last_digits)


def net_present(percent, *payments):
    rate = Fraction(percent) / 100
    if abs(1 + rate) < Fraction(1, 100):
        raise Unspecified("no such rate")
    return result(sum(Fraction(p) / (1 + rate) ** (i + 1) for i, p in enumerate(payments)))


def with_more(name, front, meaning):
    """The shortest form, and those that tell what is left at the end and when payments are."""
    money(f"{name}({front})", meaning)
    money(f"{name}({front}, {{n}})", meaning)
    money(f"{name}({front}, {{n}}, {{b}})", meaning)


with_more("FV", "{n} / 100, {k} * 3, {n}", lambda r, n, *rest: future_value(r, n * 3, *rest))
with_more("PV", "{n} / 100, {k} * 3, {n}", lambda r, n, *rest: present_value(r, n * 3, *rest))
with_more("Pmt", "{n} / 100, {k} * 3, {n}", lambda r, n, *rest: payment(r, n * 3, *rest))
with_more("NPer", "{n} / 100, {n}, {n}", n_periods)
with_more("NPer", "{n} / 100, -1 * {n}, 5 * {n}", lambda r, each, present, *rest: n_periods(r, -each, 5 * present, *rest))
with_more("IPmt", "{n} / 100, {k}, {k} * 3, {n}", lambda r, i, n, *rest: interest(r, i, n * 3, *rest))
with_more("PPmt", "{n} / 100, {k}, {k} * 3, {n}", lambda r, i, n, *rest: principal(r, i, n * 3, *rest))
with_more("Rate", "{k} * 3, {n}, {n}", lambda n, *rest: interest_rate(n * 3, *rest))
with_more("Rate", "{k} * 3, -1 * {n}, 2 * {n}", lambda n, each, present, *rest: interest_rate(n * 3, -each, 2 * present, *rest))
money("Rate({k}, {n}, -3 * {n}, {n}, {b}, {!0|0.05|0.5|-0.5})", lambda n, each, present, *rest: interest_rate(n, each, -3 * present, *rest))
money("NPV({n} / 100, {n})", net_present)
money("NPV({n} / 100, {n}, {n}, {n})", net_present)


# ---- depreciation ----------------------------------------------------------------------------------------------


def straight(cost, salvage, life):
    return divide(cost - salvage, life)


def by_digits(cost, salvage, life, period):
    """Of 1 + 2 + ... + life parts as many as years are left."""
    life, period = periods_of(life), periods_of(period)
    if period > life:
        raise Unspecified("a period behind the last")
    return float((Fraction(cost) - Fraction(salvage)) * (life - period + 1) / sum(range(1, life + 1)))


def declining(cost, salvage, life, period, factor=2):
    """A share of the book value each period, as long as that stays above the salvage value."""
    if cost < 0 or salvage < 0 or factor <= 0 or period != int(period):
        raise Unspecified("values below nothing, parts of periods")
    if not 1 <= period <= life:
        raise CellError("a period outside of the life")
    book, lost = Fraction(cost), 0
    for _ in range(periods_of(period)):
        lost = max(min(book * Fraction(factor) / Fraction(life), book - Fraction(salvage)), 0)
        book -= lost
    return float(lost)


money("SLN({n}, {n}, {n})", straight)
money("SYD({n}, {n}, {k} * 3, {k})", lambda cost, salvage, life, period: by_digits(cost, salvage, life * 3, period))
money("DDB({n}, {n}, {n}, {k})", declining)
money("DDB({n} * 10, {n}, {k} * 2, {k}, {k})", lambda cost, salvage, life, *rest: declining(cost * 10, salvage, life * 2, *rest))
