"""Functions that give numbers, texts and booleans."""

from decimal import ROUND_HALF_UP, Decimal
from math import acos, asin, asinh, atan, cos, cosh, degrees, exp, floor, inf, isnan, log, log10, nan, pi, radians
from math import sin, sinh, sqrt, tan, tanh
import re

from evaluate import CellError, Unspecified, add, check_apart, divide, multiply, number, subtract, text, total, truth
from language import define
from navigation import contexts, plain, whole


# ---- arithmetic -----------------------------------------------------------------------------------------------


@define("({n} {!+|-|*|/} {n})", "n")
def arithmetic(ev, context, a, sign, b):
    f = {"+": add, "-": subtract, "*": multiply, "/": divide}[sign]
    v = f(number(a), number(b))
    if isinstance(v, float) and abs(v) > 1e15 and v not in (inf, -inf):
        raise Unspecified("digits that are lost")
    return v


@define("(- {n})", "n")
def negative(ev, context, a):
    a = number(a)
    return None if a is None else -a


@define("(+ {n})", "n")
def positive_sign(ev, context, a):
    return number(a)


@define("({t})", "v")
@define("{m}.Value", "v")
@define("{M}.Value", "v")
def value_of(ev, context, t):
    return ev.cell(ev.at(context, t if isinstance(t, tuple) else (t,)))


@define("[Measures].CurrentMember.Value", "v")
def value_here(ev, context):
    return ev.cell(context)


@define("CoalesceEmpty({n}, {n})", "n")
@define("CoalesceEmpty({n}, {n}, {n})", "n")
def coalesce(ev, context, *values):
    return next((number(v) for v in values if v is not None), None)


# ---- over sets ----------------------------------------------------------------------------------------------------


def values_of(ev, context, a, expression):
    values = [number((expression or ev.cell)(c)) for c in contexts(ev, context, a)]
    return [v for v in values if v is not None]


def sortable(values):
    if any(isnan(v) for v in values):
        raise Unspecified("the place of what is no number")
    return sorted(values)


def statistic(name, meaning):
    def of_set(ev, context, a, expression=None):
        return meaning(values_of(ev, context, a, expression))

    define(name + "({x})", "n")(of_set)
    define(name + "({x}, {n~})", "n")(of_set)


def mean(v):
    return sum(v) / len(v) if v else None


def median(v):
    return percentile(sortable(v), 50)


def percentile(v, p):
    if not v:
        return None
    at = min(max(p, 0), 100) / 100 * (len(v) - 1)
    i = int(at)
    return v[i] if i + 1 == len(v) or at == i else v[i] + (v[i + 1] - v[i]) * (at - i)


def quartile(share):
    def of(v):
        if not v:
            return None
        v, d = sortable(v), len(v) * share
        i = int(d)
        return (v[i] + v[i + 1]) / 2 if d == i and d < len(v) - 1 else v[i]

    return of


def variance(v, less):
    if not v:
        return None
    m = mean(v)
    return sum((x - m) ** 2 for x in v) / (len(v) - less) if len(v) > less else nan


def deviation(v, less):
    return 0 if not v else sqrt(variance(v, less))


statistic("Sum", total)
statistic("Avg", mean)
statistic("Min", lambda v: sortable(v)[0] if v else None)
statistic("Max", lambda v: sortable(v)[-1] if v else None)
statistic("Median", median)
statistic("FirstQ", quartile(0.25))
statistic("ThirdQ", quartile(0.75))
for name in ("Var", "Variance"):
    statistic(name, lambda v: variance(v, 1))
    statistic(name + "P", lambda v: variance(v, 0))
for name in ("Stdev", "Stddev"):
    statistic(name, lambda v: deviation(v, 1))
    statistic(name + "P", lambda v: deviation(v, 0))


@define("Percentile({x}, {n~}, {n})", "n")
def percentile_of(ev, context, a, expression, p):
    p = number(p)
    if p is None or isnan(p):
        raise Unspecified("a percentile of null")
    return percentile(sortable(values_of(ev, context, a, expression)), p)


@define("Aggregate({x})", "n")
def aggregate(ev, context, a):
    if isinstance(context[0], str) or ev.is_formula(context[0]):
        raise CellError("no aggregator")
    if not a:
        return None
    return ev.combine(contexts(ev, context, a), context[0])


@define("Count({x})", "n")
@define("{x}.Count", "n")
def count(ev, context, a):
    return len(a)


@define("Count({x}, EXCLUDEEMPTY)", "n")
def count_full(ev, context, a):
    return sum(ev.cell(c) is not None for c in contexts(ev, context, a))


def pairs(ev, context, a, y, x):
    x = x or ev.cell
    points = [(number(y(c)), number(x(c))) for c in contexts(ev, context, a)]
    points = [p for p in points if None not in p]
    if len(points) < 3 or len({p[1] for p in points}) < 2 or len({p[0] for p in points}) < 2:
        raise Unspecified("a line through too few points")
    if any(isnan(v) or abs(v) == inf for p in points for v in p):
        raise Unspecified("a line through infinity")
    return [p[0] for p in points], [p[1] for p in points]


def covariance(y, x, less=0):
    my, mx = mean(y), mean(x)
    return sum((a - my) * (b - mx) for a, b in zip(y, x)) / (len(y) - less)


@define("Covariance({x}, {n~})", "n")
@define("Covariance({x}, {n~}, {n~})", "n")
def covariance_of(ev, context, a, y, x=None):
    return covariance(*pairs(ev, context, a, y, x))


@define("CovarianceN({x}, {n~})", "n")
@define("CovarianceN({x}, {n~}, {n~})", "n")
def covariance_n(ev, context, a, y, x=None):
    return covariance(*pairs(ev, context, a, y, x), 1)


@define("Correlation({x}, {n~})", "n")
@define("Correlation({x}, {n~}, {n~})", "n")
def correlation(ev, context, a, y, x=None):
    y, x = pairs(ev, context, a, y, x)
    return covariance(y, x) / sqrt(covariance(x, x) * covariance(y, y))


def line(y, x):
    slope = covariance(y, x) / covariance(x, x)
    return slope, mean(y) - slope * mean(x)


@define("LinRegSlope({x}, {n~})", "n")
@define("LinRegSlope({x}, {n~}, {n~})", "n")
def slope_of(ev, context, a, y, x=None):
    return line(*pairs(ev, context, a, y, x))[0]


@define("LinRegIntercept({x}, {n~})", "n")
@define("LinRegIntercept({x}, {n~}, {n~})", "n")
def intercept(ev, context, a, y, x=None):
    return line(*pairs(ev, context, a, y, x))[1]


@define("LinRegPoint({n}, {x}, {n~})", "n")
@define("LinRegPoint({n}, {x}, {n~}, {n~})", "n")
def point(ev, context, at, a, y, x=None):
    slope, start = line(*pairs(ev, context, a, y, x))
    at = number(at)
    if at is None or abs(at) == inf:
        raise Unspecified("a point at null")
    return slope * at + start


@define("LinRegR2({x}, {n~})", "n")
@define("LinRegR2({x}, {n~}, {n~})", "n")
def fit(ev, context, a, y, x=None):
    return correlation(ev, context, a, y, x) ** 2


@define("LinRegVariance({x}, {n~})", "n")
@define("LinRegVariance({x}, {n~}, {n~})", "n")
def around_line(ev, context, a, y, x=None):
    """What is left of the points beside their line, over all but two."""
    y, x = pairs(ev, context, a, y, x)
    slope, start = line(y, x)
    rest = sum((b - slope * a - start) ** 2 for b, a in zip(y, x))
    if rest < 1e-6 * covariance(y, y):
        raise Unspecified("digits that are lost")
    return rest / (len(y) - 2)


@define("Rank({t}, {x})", "n")
def rank(ev, context, t, a):
    if any(m.is_null for m in t):
        return None
    return a.index(t) + 1 if t in a else 0


@define("Rank({t}, {x}, {n~})", "n")
def rank_by(ev, context, t, a, expression):
    if any(m.is_null for m in t):
        return None
    values = values_of(ev, context, a, expression)
    own = number(expression(ev.at(ev.aside(context, a), t)))
    if any(isnan(v) for v in values + [own or 0]):
        raise Unspecified("the rank of what is no number")
    if not values:
        return 1
    if t not in a and own in values:
        raise Unspecified("a place among equals for a tuple that is not there")
    for v in values:
        check_apart(v, own)
    return len(values) + 1 if own is None else 1 + sum(v > own for v in values)


@define("Cache({n})", "n")
def cache(ev, context, n):
    return n


@define("NullValue()", "n")
def null_value(ev, context):
    return None


@define("Sum({x} AS {@}, {@}.CurrentOrdinal)", "n")
def ordinals(ev, context, a, *_):
    return total(range(len(a)))


@define("{l}.Ordinal", "n")
def ordinal(ev, context, level):
    return level.number


# ---- logic --------------------------------------------------------------------------------------------------------------


def compare(a, sign, b):
    if a is None or b is None:
        return False
    if isinstance(a, str) != isinstance(b, str):
        raise Unspecified("a text compared with a number")
    check_apart(a, b)
    return {"=": a == b, "<>": a != b and a == a and b == b, "<": a < b, ">": a > b, "<=": a <= b, ">=": a >= b}[sign]


@define("({n} {!=|<>|<|>|<=|>=} {n})", "b")
def compare_numbers(ev, context, a, sign, b):
    return compare(number(a), sign, number(b))


@define("({s} {!=|<>|<|>|<=|>=} {s})", "b")
def compare_texts(ev, context, a, sign, b):
    return compare(text(a), sign, text(b))


@define("({n} {!BETWEEN|NOT BETWEEN} {n} AND {n})", "b")
def between_numbers(ev, context, v, word, low, high):
    v, low, high = number(v), number(low), number(high)
    return (compare(v, ">=", low) and compare(v, "<=", high)) == (word == "BETWEEN")


@define("({s} {!BETWEEN|NOT BETWEEN} {s} AND {s})", "b")
def between_texts(ev, context, v, word, low, high):
    v, low, high = text(v), text(low), text(high)
    return (compare(v, ">=", low) and compare(v, "<=", high)) == (word == "BETWEEN")


@define("({b} {!AND|OR|XOR} {b})", "b")
def logic(ev, context, a, word, b):
    a, b = truth(a), truth(b)
    return {"AND": a and b, "OR": a or b, "XOR": a != b}[word]


@define("(NOT {b})", "b")
def negation(ev, context, a):
    return not truth(a)


@define("IsEmpty({v})", "b")
def is_empty(ev, context, v):
    return v is None


@define("({m} IS EMPTY)", "b")
def member_is_empty(ev, context, m):
    return ev.cell(ev.at(context, (m,))) is None


@define("({m} IS {m})", "b")
def same(ev, context, a, b):
    return a.stands_for is b.stands_for


@define("({m} IS NULL)", "b")
def is_null(ev, context, m):
    return m.is_null


@define("({l} IS {l})", "b")
def same_level(ev, context, a, b):
    return a is b


@define("({m} {!IN|NOT IN} {z})", "b")
def inside(ev, context, m, word, a):
    return (m.stands_for in {t[0].stands_for for t in a}) == (word == "IN")


@define("({s} {!MATCHES|NOT MATCHES} {!\"A.*\"|\".*[aeiou]\"|\"(?i)f|m\"})", "b")
def matches(ev, context, s, word, pattern):
    s = text(s)
    if s is None:
        raise Unspecified("a null text matched")
    return bool(re.fullmatch(pattern.strip('"'), s)) == (word == "MATCHES")


@define("Iif({b}, {n~}, {n~})", "n")
@define("Iif({b}, {s~}, {s~})", "s")
@define("Iif({b}, {x~}, {x~})", "x")
@define("Iif({b}, {m~}, {m~})", "m")
def iif(ev, context, condition, a, b):
    return (a if truth(condition) else b)(context)


@define("CASE WHEN {b} THEN {n~} WHEN {b~} THEN {n~} ELSE {n~} END", "n")
@define("CASE WHEN {b} THEN {n~} WHEN {b~} THEN {n~} END", "n")
def case_when(ev, context, first, a, second, b, otherwise=None):
    if truth(first):
        return a(context)
    if truth(second(context)):
        return b(context)
    return otherwise(context) if otherwise else None


@define("CASE {n} WHEN {n} THEN {n~} ELSE {n~} END", "n")
def case_value(ev, context, v, w, a, b):
    return (a if compare(number(v), "=", number(w)) else b)(context)


# ---- texts ---------------------------------------------------------------------------------------------------------------


@define("{m}.Name", "s")
@define("{m}.Caption", "s")
def name(ev, context, m):
    return m.name


@define("{m}.UniqueName", "s")
def unique_name(ev, context, m):
    return f"{m.hierarchy.unique}.[#null]" if m.is_null else m.unique


@define("{l}.Name", "s")
def level_name(ev, context, level):
    return level.name


@define("{l}.UniqueName", "s")
def level_unique(ev, context, level):
    return level.unique


@define("{h}.{!Name|Caption}", "s")
def hierarchy_name(ev, context, h, which):
    if which == "Caption" and h.name != h.dimension:
        raise Unspecified("the caption of a further hierarchy that was given none")
    return h.name


@define("({s} || {s})", "s")
def join(ev, context, a, b):
    a, b = text(a), text(b)
    if a is None and b is None:
        raise Unspecified("two nulls joined")
    return ("null" if a is None else a) + ("null" if b is None else b)


@define("SetToStr({x})", "s")
def set_text(ev, context, a):
    return "{" + ", ".join(tuple_text(ev, context, t) for t in a) + "}"


@define("TupleToStr({t})", "s")
def tuple_text(ev, context, t):
    if any(m.is_null for m in t):
        return ""
    return t[0].unique if len(t) == 1 else "(" + ", ".join(m.unique for m in t) + ")"


@define("Generate({y}, {s~}, \"/\")", "s")
def generate_text(ev, context, a, inner):
    parts = [text(inner(c)) for c in contexts(ev, context, a)]
    if None in parts:
        raise Unspecified("null among texts")
    return "/".join(parts)


def is_null_error():
    raise CellError("null where a text is wanted")


def on_text(template, meaning, of_null=lambda: None):
    """A function of texts and numbers; null if one of them is, unless of_null says otherwise."""

    def of_text(ev, context, s, *rest):
        s = text(s)
        return of_null() if s is None or None in rest else meaning(s, *rest)

    kind = "n" if template.startswith(("Len", "InStr", "Asc")) else "s"
    define(template, kind)(of_text)


def positive(n, least):
    n = whole(n)
    if n < least:
        raise CellError("a number out of range")
    return n


on_text("Len({s})", len, lambda: 0)
on_text("UCase({s})", str.upper, is_null_error)
on_text("LCase({s})", str.lower, is_null_error)
on_text("Trim({s})", str.strip)
on_text("StrReverse({s})", lambda s: s[::-1])
on_text("Left({s}, {n})", lambda s, n: s[: positive(n, 0)])
on_text("Right({s}, {n})", lambda s, n: s[max(0, len(s) - positive(n, 0)) :])
on_text("Mid({s}, {n})", lambda s, n: s[positive(n, 1) - 1 :])
on_text("Mid({s}, {n}, {n})", lambda s, a, n: (lambda i, k: s[i : i + k])(positive(a, 1) - 1, positive(n, 0)))
on_text('InStr({s}, {!"a"|"F"|"2"})', lambda s, t: s.find(t.strip('"')) + 1)
on_text('Replace({s}, {!"a"|"."|"1"}, "-")', lambda s, t: s.replace(t.strip('"'), "-"))


@define("Cast({n} AS BOOLEAN)", "b")
def cast_boolean(ev, context, n):
    return truth(number(n))


@define("Cast({n} AS INTEGER)", "n")
def cast_integer(ev, context, n):
    return None if n is None else whole(n)


# ---- properties -------------------------------------------------------------------------------------------------------------


@define("{S}.Properties(\"Size\")", "n")
def size(ev, context, m):
    if m.is_null:
        raise Unspecified("a property of null")
    if "Size" not in m.properties:
        raise CellError("no such property")
    return m.properties["Size"]


@define("{S}.Properties(\"{!Kind|kind}\")", "s")
def kind(ev, context, m, _):
    if m.is_null:
        raise Unspecified("a property of null")
    if "Kind" not in m.properties:
        raise CellError("no such property")
    return m.properties["Kind"]


@define("{m}.Properties(\"{!LEVEL_NUMBER|CHILDREN_CARDINALITY|PARENT_COUNT}\")", "n")
def intrinsic(ev, context, m, which):
    plain(m)
    if m.is_null:
        raise Unspecified("a property of null")
    return {"LEVEL_NUMBER": m.level.number, "CHILDREN_CARDINALITY": len(m.children), "PARENT_COUNT": int(m.parent is not None)}[which]


# ---- plain functions of numbers -----------------------------------------------------------------------------------------------


def on_number(template, meaning, of_null=None):
    """A function of numbers; null if one of them is, unless of_null says otherwise."""

    def of_number(ev, context, *values):
        values = [number(v) for v in values]
        if None in values:
            return of_null
        if any(isnan(v) or abs(v) == inf or abs(v) > 1e9 for v in values):
            raise Unspecified("a function of what is not finite")
        return meaning(*values)

    define(template, "n")(of_number)


def modulo(a, b):
    if b == 0:
        raise CellError("modulo zero")
    return a - b * floor(a / b)


def round_away(x, digits):
    """Half away from zero, on the decimal digits as they are printed."""
    step = Decimal(1).scaleb(-digits)
    return float(Decimal(repr(float(x))).quantize(step, ROUND_HALF_UP))


def power(x, p):
    if x < 0 and p != int(p):
        return nan
    return x**p


def wide():
    raise Unspecified("beyond what is printed")


def hex_text(n):
    if n != int(n) or abs(n) >= 1 << 31:
        wide()
    return f"{int(n) & 0xFFFFFFFF:X}"


def oct_text(n):
    if n != int(n) or abs(n) >= 1 << 31:
        wide()
    return f"{int(n) & 0xFFFFFFFF:o}"


on_number("Abs({n})", abs)
on_number("Int({n})", floor)
on_number("Fix({n})", int)
on_number("Sgn({n})", lambda x: (x > 0) - (x < 0))
on_number("Sqr({n})", lambda x: sqrt(x) if x >= 0 else nan)
on_number("Exp({n} / 1000)", lambda x: exp(x / 1000) if x < 500000 else inf)
on_number("Log({n})", lambda x: log(x) if x > 0 else -inf if x == 0 else nan)
on_number("Sin({n})", sin)
on_number("Cos({n})", cos)
on_number("Atn({n})", atan)
on_number("Mod({n}, {n})", modulo)
on_number("Round({n})", lambda x: floor(x + 0.5))
on_number("Round({n}, 1)", lambda x: round_away(x, 1))
on_number("CInt({n} + 0)", round, 0)
on_number("(Pi() * {n})", lambda x: pi * x)
on_number("Degrees({n})", degrees)
on_number("Radians({n})", radians)
on_number("Log10({n})", lambda x: log10(x) if x > 0 else -inf if x == 0 else nan)
on_number("SqrtPi({n})", lambda x: sqrt(x * pi) if x >= 0 else nan)
on_number("Power({n}, {!2|3|0.5})", lambda x, p: power(x, float(p)))
on_number("Tan({n})", tan)
on_number("Acos({n})", lambda x: acos(x) if -1 <= x <= 1 else nan)
on_number("Asin({n})", lambda x: asin(x) if -1 <= x <= 1 else nan)
on_number("Sinh({n} / 100)", lambda x: sinh(x / 100) if abs(x) < 50000 else wide())
on_number("Cosh({n} / 100)", lambda x: cosh(x / 100) if abs(x) < 50000 else wide())
on_number("Tanh({n})", tanh)
on_number("Asinh({n})", asinh)
on_number("InStr(Hex({n}), \"F\")", lambda n: hex_text(n).find("F") + 1)
on_number("Len(Oct({n}))", lambda n: len(oct_text(n)), 0)
