"""Sets in which members are followed by their children, and visual totals."""

from evaluate import Unspecified
from language import define
from navigation import checked, distinct, plain, whole
from order import natural, sort_values, sorted_by
from world import Member


def children_of(ev, m, calculated=False):
    return m.children + ([c for c in ev.calculated if c.parent is m] if calculated else [])


def opened(t, column, members):
    return [t[:column] + (c,) + t[column + 1 :] for c in members]


def column_in(t, inside):
    """The first member of a tuple that is to be drilled, or None."""
    return next((i for i, m in enumerate(t) if m.stands_for in inside), None)


def members_of(a):
    """Visual totals are compared by the members that they stand for."""
    return {m.stands_for for (m,) in a}


def is_below(t, u, column):
    """Whether u is t but for a descendant in one place."""
    return u[column].is_below(t[column]) and t[:column] + t[column + 1 :] == u[:column] + u[column + 1 :]


CALCULATED = "INCLUDE_CALC_MEMBERS"


# ---- by members -----------------------------------------------------------------------------------------------------------


@define("DrilldownMember({x}, {f})", "x")
@define("DrilldownMember({x}, {f}, {!INCLUDE_CALC_MEMBERS})", "x")
def drilldown_member(ev, context, a, b, flag=None):
    inside, out = members_of(b), []
    for t in a:
        out.append(t)
        column = column_in(t, inside)
        if column is not None:
            out += opened(t, column, children_of(ev, t[column], flag == CALCULATED))
    return checked(ev, out)


@define("DrilldownMember({x}, {f}, {i})", "x")
@define("DrilldownMember({x}, {f}, {i}, {!INCLUDE_CALC_MEMBERS})", "x")
def drilldown_in(ev, context, a, b, h, flag=None):
    """Of a tuple with such a member, the member of that hierarchy is opened."""
    inside, out = members_of(b), []
    for t in a:
        out.append(t)
        column = next(i for i, m in enumerate(t) if m.hierarchy is h)
        if column_in(t, inside) is not None:
            out += opened(t, column, children_of(ev, t[column], flag == CALCULATED))
    return checked(ev, out)


@define("DrilldownMember({x}, {f}, RECURSIVE)", "x")
@define("DrilldownMember({x}, {f}, RECURSIVE, {!INCLUDE_CALC_MEMBERS})", "x")
def drilldown_recursive(ev, context, a, b, flag=None):
    inside = members_of(b)

    def drilled(t):
        out, column = [t], column_in(t, inside)
        if column is not None:
            for u in opened(t, column, children_of(ev, t[column], flag == CALCULATED)):
                out += drilled(u)
        return out

    return checked(ev, [u for t in a for u in drilled(t)])


def switched(ev, a, b, opens, flag):
    inside, out, i = members_of(b), [], 0
    while i < len(a):
        t, column = a[i], column_in(a[i], inside)
        out.append(t)
        i += 1
        if column is None:
            continue
        if i < len(a) and is_below(t, a[i], column):
            while i < len(a) and is_below(t, a[i], column):
                i += 1
        elif opens:
            out += opened(t, column, children_of(ev, t[column], flag == CALCULATED))
    return out


@define("ToggleDrillState({x}, {f})", "x")
@define("ToggleDrillState({x}, {f}, {!INCLUDE_CALC_MEMBERS})", "x")
def toggle(ev, context, a, b, flag=None):
    return switched(ev, a, b, True, flag)


@define("ToggleDrillState({x}, {f}, RECURSIVE)", "x")
def toggle_recursive(ev, context, a, b):
    inside, out, i = members_of(b), [], 0
    while i < len(a):
        t, column = a[i], column_in(a[i], inside)
        i += 1
        if column is None or i == len(a) or not is_below(t, a[i], column):
            out += drilldown_recursive(ev, context, [t], b)
            continue
        out.append(t)
        while i < len(a) and is_below(t, a[i], column):
            i += 1
    return checked(ev, out)


@define("DrillupMember({x}, {f})", "x")
def drillup_member(ev, context, a, b):
    return switched(ev, a, b, False, None)


# ---- by levels ------------------------------------------------------------------------------------------------------------


def deepest(a):
    for (m,) in a:
        plain(m)
        if m.hierarchy.is_tree:
            raise Unspecified("levels of a tree")
    return max((m.level for (m,) in a), key=lambda l: l.number)


@define("DrilldownLevel({z})", "z")
@define("DrilldownLevel({z}, {l})", "z")
def drilldown_level(ev, context, a, level=None, flag=None):
    if not a:
        return a
    level = level or deepest(a)
    if level.hierarchy.is_tree:
        raise Unspecified("levels of a tree")
    out = []
    for i, t in enumerate(a):
        out.append(t)
        if t[0].level is level and not (i + 1 < len(a) and is_below(t, a[i + 1], 0)):
            out += opened(t, 0, children_of(ev, t[0], flag == CALCULATED))
    return out


@define("DrilldownLevel({z}, {!INCLUDE_CALC_MEMBERS})", "z")
def drilldown_deepest_calculated(ev, context, a, flag):
    return drilldown_level(ev, context, a, None, flag)


@define("DrilldownLevel({z}, {l}, {!INCLUDE_CALC_MEMBERS})", "z")
def drilldown_level_calculated(ev, context, a, level, flag):
    return drilldown_level(ev, context, a, level, flag)


@define("DrilldownLevel({x}, , {!0|1})", "x")
@define("DrilldownLevel({x}, , {!0|1}, {!INCLUDE_CALC_MEMBERS})", "x")
def drilldown_index(ev, context, a, n, flag=None):
    """The member in one place of each tuple; here children are always inserted."""
    out, n = [], int(n)
    for t in a:
        out.append(t)
        if n < len(t):
            out += opened(t, n, children_of(ev, t[n], flag == CALCULATED))
    return checked(ev, out)


@define("DrillupLevel({z})", "z")
@define("DrillupLevel({z}, {l})", "z")
def drillup_level(ev, context, a, level=None):
    if not a:
        return a
    number = deepest(a).number - 1 if level is None else level.number
    if level and level.hierarchy.is_tree:
        raise Unspecified("levels of a tree")
    if not any(t[0].level.number == number for t in a):
        return a
    return [t for t in a if t[0].level.number <= number]


def drill_ends(descending, has_level=False, has_flag=False):
    def meaning(ev, context, a, n, *rest):
        rest = list(rest)
        level = rest.pop(0) if has_level else None
        if has_flag:
            rest.pop()
        expression, n, out = rest[0] if rest else ev.cell, whole(n), []
        for t in a:
            out.append(t)
            if level and plain(t[0]).hierarchy.is_tree:
                raise Unspecified("levels of a tree")
            below = [(c,) for c in children_of(ev, t[0], has_flag)]
            if n > 0 and (level is None or t[0].level is level):
                out += sorted_by(below, sort_values(ev, context, below, expression), descending)[0][:n]
        return checked(ev, out)

    return meaning


for _name, _descending in (("DrilldownLevelTop", True), ("DrilldownLevelBottom", False)):
    for _flag in ("", ", {!INCLUDE_CALC_MEMBERS}"):
        define(_name + "({z}, {n}%s)" % _flag, "z")(drill_ends(_descending, False, bool(_flag)))
        define(_name + "({z}, {n}, {l}%s)" % _flag, "z")(drill_ends(_descending, True, bool(_flag)))
        define(_name + "({z}, {n}, {l}, {n~}%s)" % _flag, "z")(drill_ends(_descending, True, bool(_flag)))
        define(_name + "({z}, {n}, , {n~}%s)" % _flag, "z")(drill_ends(_descending, False, bool(_flag)))


# ---- visual totals ----------------------------------------------------------------------------------------------------------


def visual_member(ev, m, below, pattern):
    """The member that stands for m in a visual total: its parts are those members below it that are in the set."""
    key = (m, tuple(below), pattern)
    if key in ev.visuals:
        return ev.visuals[key]
    name = m.name if pattern is None else "*".join(part.replace("*", m.name) for part in pattern.split("**"))
    v = Member(m.hierarchy, m.level, name)
    v.parent, v.parts, v.stands_for, v.children = m.parent, below, m, m.children
    v.unique_name = m.unique if pattern is None else f"{(m.parent if m.parent and not m.parent.is_all else m.hierarchy).unique}.[{name}]"
    ev.visuals[key] = v
    return v


def visual(ev, a, pattern):
    for (m,) in a:
        plain(m)
    made = {}

    def stand_in(i):
        """The member at i, replaced if members below it follow."""
        if i not in made:
            m, end = a[i][0], i + 1
            while end < len(a) and a[end][0].is_below(m):
                end += 1
            below = [stand_in(j) for j in range(i + 1, end) if not any(a[j][0].is_below(a[k][0]) for k in range(i + 1, j))]
            made[i] = visual_member(ev, m, below, pattern) if below else m
        return made[i]

    return [(stand_in(i),) for i in range(len(a))]


@define("VisualTotals({z})", "z")
def visual_totals(ev, context, a):
    for (m,) in a:
        plain(m)
    if a != natural(ev, distinct(a)):
        raise Unspecified("visual totals of a set that is in no order")
    return visual(ev, a, None)


@define('VisualTotals(Hierarchize(Distinct({z})), {!"T *"|"* (**)"|"all"})', "z")
def visual_totals_named(ev, context, a, pattern):
    for (m,) in a:
        plain(m)
    return visual(ev, natural(ev, distinct(a)), pattern.strip('"'))
