"""Sets in order: natural order, order by values, the greatest and the least."""

from functools import cmp_to_key
from math import floor, inf

from evaluate import StatementError, Unspecified, by_value, compare_keys, number
from language import define
from navigation import contexts, plain, whole


def natural(ev, tuples, post=False):
    def key(m):
        path = ev.order_of(m)
        return path + [(2,)] if post else path

    def compare(t, u):
        for m, n in zip(t, u):
            a, b = key(m), key(n)
            if a != b:
                return -1 if a < b else 1
        return 0

    return sorted(tuples, key=cmp_to_key(compare))


@define("Hierarchize({x})", "x")
def hierarchize(ev, context, a):
    return natural(ev, a)


@define("Hierarchize({x}, POST)", "x")
def hierarchize_post(ev, context, a):
    return natural(ev, a, post=True)


def sort_values(ev, context, a, expression):
    return [expression(c) for c in contexts(ev, context, a)]


def sorted_by(a, values, descending):
    value_kinds = {isinstance(v, str) for v in values if v is not None}
    if len(value_kinds) > 1:
        raise Unspecified("texts beside numbers")
    order = sorted(range(len(a)), key=lambda i: by_value(values[i]), reverse=descending)
    if descending:  # reverse keeps the order of equal ones, as sorted does
        pass
    return [a[i] for i in order], [values[i] for i in order]


@define("Order({x}, {v~}, {!BASC|BDESC})", "x")
def order_break(ev, context, a, expression, flag):
    return sorted_by(a, sort_values(ev, context, a, expression), flag == "BDESC")[0]


@define("Order({x}, {v~})", "x")
@define("Order({x}, {v~}, {!ASC|DESC})", "x")
def order_hierarchy(ev, context, a, expression, flag="ASC"):
    sign = -1 if flag == "DESC" else 1
    for t in a:
        for m in t:
            plain(m)
    values, context = {}, ev.aside(context, a)

    def value(lead, m):
        if (lead, m) not in values:
            values[lead, m] = expression(ev.at(context, lead + (m,)))
        return values[lead, m]

    def compare_members(lead, m, n):
        if m.is_below(n):
            return 1
        if n.is_below(m):
            return -1
        line_m, line_n = [m] + m.ancestors(), [n] + n.ancestors()
        line_m.reverse(), line_n.reverse()
        i = next(i for i in range(len(line_m)) if line_m[i] is not line_n[i])
        p, q = line_m[i], line_n[i]
        c = sign * compare_keys(value(lead, p), value(lead, q))
        return c or (-1 if ev.order_of(p) < ev.order_of(q) else 1)

    def compare(t, u):
        for i, (m, n) in enumerate(zip(t, u)):
            if m is not n:
                return compare_members(t[:i], m, n)
        return 0

    return sorted(a, key=cmp_to_key(compare))


@define("Order({x}, {n~}, {!BASC|BDESC}, {v~}, {!ASC|DESC|BASC|BDESC})", "x")
def order_keys(ev, context, a, first, first_flag, second, second_flag):
    """The second key breaks ties of the first, whatever its flag says of hierarchies."""
    firsts, seconds = sort_values(ev, context, a, first), sort_values(ev, context, a, second)
    order = sorted_by(range(len(a)), seconds, second_flag.endswith("DESC"))[0]
    order = sorted_by(order, [firsts[i] for i in order], first_flag == "BDESC")[0]
    return [a[i] for i in order]


@define("Order({x}, {v~}, {!ASC|DESC}, {n~}, {!ASC|BDESC})", "x")
def order_first_key(ev, context, a, first, first_flag, second, second_flag):
    """Ties of a hierarchical key stay in natural order."""
    return order_hierarchy(ev, context, a, first, first_flag)


@define("Hierarchize({x}, PRE)", "x")
def hierarchize_pre(ev, context, a):
    return natural(ev, a)


@define("Order({z}, {h}.CurrentMember.OrderKey, {!BASC|BDESC})", "z")
def order_by_key(ev, context, a, h, flag):
    """Of siblings: their own order. Of others the key is a member's own, so no rule tells which goes first."""
    keys = [ev.order_of(m) for (m,) in a]
    if any(k[:-1] != keys[0][:-1] for k in keys):
        raise Unspecified("keys of members that are not siblings")
    order = sorted(range(len(a)), key=lambda i: keys[i], reverse=flag == "BDESC")
    return [a[i] for i in order]


@define("Order({m}.Children, {h}.CurrentMember.OrderKey, {!BASC|BDESC|ASC|DESC})", "z")
def order_children(ev, context, m, h, flag):
    return [(c,) for c in (m.children[::-1] if flag.endswith("DESC") else m.children)]


def ends(descending):
    def meaning(ev, context, a, n, expression):
        n = whole(n)
        if n < 0:
            raise StatementError("a negative count")
        values = sort_values(ev, context, a, expression)
        return sorted_by(a, values, descending)[0][:n]

    return meaning


define("TopCount({x}, {n}, {v~})", "x")(ends(True))
define("BottomCount({x}, {n}, {v~})", "x")(ends(False))


@define("TopCount({x}, {n})", "x")
def top_first(ev, context, a, n):
    n = whole(n)
    if n < 0:
        raise StatementError("a negative count")
    return a[:n]


@define("BottomCount({x}, {n})", "x")
def bottom_last(ev, context, a, n):
    n = whole(n)
    if n < 0:
        raise StatementError("a negative count")
    return a[-n:] if n else []


def numbers(values):
    for v in values:
        number(v)
        if v is not None and v != v:
            raise Unspecified("sums of what is no number")
    return values


def check_exact(running, limit):
    """Whether a sum of computed values reaches a limit that it equals depends on the order of operations."""
    near = abs(running - limit) < 1e-9 * max(abs(running), abs(limit)) < inf
    if near and (running != limit or running * 4 != floor(running * 4)):
        raise Unspecified("a sum that nearly reaches its limit")


def sums(descending, is_percent):
    def meaning(ev, context, a, limit, expression):
        limit = number(limit)
        if limit is None or limit != limit:
            raise Unspecified("a limit that is no number")
        values = numbers(sort_values(ev, context, a, expression))
        a, values = sorted_by(a, values, descending)
        if any(v is not None and v < 0 for v in values):
            raise Unspecified("shares of negative values")
        if limit <= 0:
            return []
        if is_percent:
            if limit > 100:
                return a
            if all(v is None for v in values):
                values = [1] * len(values)
            limit = sum(v or 0 for v in values) * limit / 100
            if limit == 0:
                return a
        running, out = 0, []
        for t, v in zip(a, values):
            check_exact(running, limit)
            if running >= limit:
                break
            running += v or 0
            out.append(t)
        return out

    return meaning


for _end, _descending in (("Top", True), ("Bottom", False)):
    define(_end + "Sum({x}, {n}, {n~})", "x")(sums(_descending, False))
    define(_end + "Percent({x}, {n}, {n~})", "x")(sums(_descending, True))
