"""Time, and walking along levels: periods to date, first and last periods, the same place in other periods."""

from evaluate import Slice, Unspecified
from language import define
from navigation import ancestor_at, cousin, level_members, plain, shifted, span, whole


def time_hierarchy(ev):
    return ev.world.hierarchies[1]


def to_date(ev, m, level):
    """From the first member at m's level below m's ancestor at the level, up to m."""
    if m.is_null:
        raise Unspecified("periods to the null member")
    plain(m)
    if m.level.number < level.number:
        return []
    top = ancestor_at(m, level)
    if top is None:
        raise Unspecified("periods of a hidden member")
    return span(ev, None, next(d for d in top.below() if d.level is m.level), m)


@define("PeriodsToDate({l}, {m})", "z")
def periods_to_date(ev, context, level, m):
    if m.hierarchy.is_tree:
        raise Unspecified("periods in a tree")
    return to_date(ev, m, level)


def timed(kind):
    def meaning(ev, context, m=None):
        h = time_hierarchy(ev)
        if m is None and isinstance(context[h.number], Slice):
            raise Unspecified("periods up to several members")
        m = m or ev.current(context, h)
        if m.is_null:
            raise Unspecified("periods to the null member")
        return to_date(ev, m, next(l for l in h.levels if l.kind == kind))

    return meaning


for _name, _kind in (("Ytd", "year"), ("Qtd", "quarter"), ("Mtd", "month")):
    define(f"{_name}({{T}})", "T")(timed(_kind))
    define(f"{_name}()", "T")(timed(_kind))


@define("LastPeriods({n}, {m})", "z")
def last_periods(ev, context, n, m):
    n = whole(n)
    plain(m)
    if m.is_null:
        raise Unspecified("periods of null")
    line = level_members(m)
    i = line.index(m)
    return [(x,) for x in (line[max(0, i - n + 1) : i + 1] if n > 0 else line[i : i - n])]


def edge_period(last):
    def meaning(ev, context, level, m):
        if m.hierarchy.is_tree:
            raise Unspecified("periods in a tree")
        plain(m)
        if m.is_null or level.number < m.level.number:
            return m.hierarchy.null
        found = [d for d in m.below() if d.level is level]
        return found[-1 if last else 0] if found else m.hierarchy.null

    return meaning


define("OpeningPeriod({l}, {m})", "m")(edge_period(False))
define("ClosingPeriod({l}, {m})", "m")(edge_period(True))


@define("ParallelPeriod({l}, {n}, {m})", "m")
def parallel_period(ev, context, level, n, m):
    n = whole(n)
    if m.hierarchy.is_tree:
        raise Unspecified("periods in a tree")
    plain(m)
    null = m.hierarchy.null
    if m.is_null or level.number > m.level.number:
        return null
    if ancestor_at(m, level) is None:
        raise Unspecified("periods beside a hidden member")
    other = shifted(ancestor_at(m, level), -n)
    return null if other.is_null else cousin(ev, context, m, other)


# ---- with fewer arguments: the current member of the time dimension, or a level that follows from the member -----------------


def now(ev, context):
    """The current member of the time hierarchy."""
    h = time_hierarchy(ev)
    if isinstance(context[h.number], Slice):
        raise Unspecified("periods of several members")
    return plain(ev.current(context, h))


def level_beside(m, steps):
    """The level so many below that of m (above, if negative), or None."""
    n = m.level.number + steps
    return m.hierarchy.levels[n] if 0 <= n < len(m.hierarchy.levels) else None


@define("PeriodsToDate()", "T")
def periods_to_now(ev, context):
    m = now(ev, context)
    if m.is_null:
        raise Unspecified("periods to the null member")
    level = level_beside(m, -1)
    return to_date(ev, m, level) if level else []


@define("PeriodsToDate({L})", "T")
def periods_of_level_to_now(ev, context, level):
    return to_date(ev, now(ev, context), level)


@define("LastPeriods({n})", "T")
def last_periods_to_now(ev, context, n):
    return last_periods(ev, context, n, now(ev, context))


def edge_now(last):
    def meaning(ev, context, level=None):
        m = now(ev, context)
        level = level or (None if m.is_null else level_beside(m, 1))
        if level is None:
            raise Unspecified("a period below the lowest level")
        return edge_period(last)(ev, context, level, m)

    return meaning


for _edge, _last in (("OpeningPeriod", False), ("ClosingPeriod", True)):
    define(f"{_edge}()", "mT")(edge_now(_last))
    define(f"{_edge}({{L}})", "mT")(edge_now(_last))


@define("ParallelPeriod()", "mT")
@define("ParallelPeriod({L})", "mT")
@define("ParallelPeriod({L}, {n})", "mT")
def parallel_to_now(ev, context, level=None, n=1):
    m = now(ev, context)
    level = level or (None if m.is_null else level_beside(m, -1))
    return m.hierarchy.null if level is None else parallel_period(ev, context, level, n, m)


# ---- weeks ------------------------------------------------------------------------------------------------------------------


@define("Wtd({w})", "W")
def week_to_date(ev, context, m):
    if m.is_null:
        raise Unspecified("periods to the null member")
    return to_date(ev, m, m.hierarchy.levels[2])


@define("Wtd({T})", "T")
def no_weeks(ev, context, m):
    if m.is_null:
        raise Unspecified("periods to the null member")
    plain(m)
    return []


@define("{!Mtd|Qtd}({w})", "W")
def no_months(ev, context, _, m):
    if m.is_null:
        raise Unspecified("periods to the null member")
    plain(m)
    return []
