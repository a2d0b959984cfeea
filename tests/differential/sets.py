"""Functions that give sets, tuples, members and levels: section by section as the language's guide has them."""

from functools import cmp_to_key

from evaluate import CellError, Slice, StatementError, Unspecified, by_value, compare_keys, number, truth
from language import define
from world import Member


def whole(n):
    """A number as an integer: the fraction is cut."""
    n = number(n)
    if n is None:
        raise Unspecified("null where an integer is needed")
    if n != n or abs(n) > 1e9:
        raise Unspecified("no integer")
    return int(n)


def plain(m):
    """Navigation from a calculated member is not described."""
    if m.is_calculated or m.parts is not None:
        raise Unspecified("navigation from a calculated member")
    return m


def dropped_nulls(tuples):
    return [t for t in tuples if not any(m.is_null for m in t)]


def distinct(tuples):
    return list(dict.fromkeys(tuples))


def checked(ev, tuples):
    if len(tuples) > ev.MAX_SET:
        raise Unspecified("a large set")
    ev.spend(len(tuples))
    return tuples


def contexts(ev, context, tuples):
    ev.spend(len(tuples))
    return [ev.at(context, t) for t in tuples]


def level_members(m):
    """The members that Lag, Lead and ranges walk along."""
    return m.siblings() if m.hierarchy.is_tree else m.level.members()


# ---- braces, tuples, ranges ----------------------------------------------------------------------------------


@define("{ {m} }", "z")
def braces_member(ev, context, m):
    return dropped_nulls([(m,)])


@define("{ {m}, {m}, {m} }", "z")
def braces_members(ev, context, *members):
    return dropped_nulls([(m,) for m in members])


@define("{ {t} }", "x")
def braces_tuple(ev, context, t):
    return dropped_nulls([t])


@define("{ {x}, {x} }", "x")
def braces_sets(ev, context, a, b):
    return checked(ev, a + b)


@define("({m} : {m})", "z")
def span(ev, context, a, b):
    if a.is_null or b.is_null:
        return []
    plain(a), plain(b)
    if a.level is not b.level:
        raise CellError("a range over two levels")
    line = level_members(a)
    if b not in line:
        raise Unspecified("a range over families of a tree")
    i, j = sorted((line.index(a), line.index(b)))
    return [(m,) for m in line[i : j + 1]]


# ---- navigation: members ----------------------------------------------------------------------------------------


@define("{h}.CurrentMember", "m")
def current_member(ev, context, h):
    return ev.current(context, h)


@define("{h}.DefaultMember", "m")
def default_member(ev, context, h):
    return h.default


@define("{m}.Parent", "m")
def parent(ev, context, m):
    return m.parent or m.hierarchy.null


@define("{m}.FirstChild", "m")
def first_child(ev, context, m):
    return m.children[0] if m.children else m.hierarchy.null


@define("{m}.LastChild", "m")
def last_child(ev, context, m):
    return m.children[-1] if m.children else m.hierarchy.null


def siblings_of(m):
    if m.is_calculated or m.parts is not None:
        raise StatementError("siblings of a calculated member")
    return [] if m.is_null else m.siblings()


@define("{m}.FirstSibling", "m")
def first_sibling(ev, context, m):
    return siblings_of(m)[0] if not m.is_null else m


@define("{m}.LastSibling", "m")
def last_sibling(ev, context, m):
    return siblings_of(m)[-1] if not m.is_null else m


def shifted(m, n):
    plain(m)
    if m.is_null:
        return m
    line = level_members(m)
    i = line.index(m) + n
    return line[i] if 0 <= i < len(line) else m.hierarchy.null


@define("{m}.NextMember", "m")
def next_member(ev, context, m):
    return shifted(m, 1)


@define("{m}.PrevMember", "m")
def prev_member(ev, context, m):
    return shifted(m, -1)


@define("{m}.Lead({n})", "m")
def lead(ev, context, m, n):
    return shifted(m, whole(n))


@define("{m}.Lag({n})", "m")
def lag(ev, context, m, n):
    return shifted(m, -whole(n))


def ancestor_at(m, level):
    """The ancestor of m, or m itself, at a level; None if there is none."""
    if m.hierarchy.is_tree and m.level is level:
        return m
    for a in [m] + m.ancestors():
        if a.level is level:
            return a
    return None


@define("Ancestor({m}, {n})", "m")
def ancestor_steps(ev, context, m, n):
    n, line = whole(n), [m] + m.ancestors()
    return line[n] if 0 <= n < len(line) and not m.is_null else m.hierarchy.null


@define("Ancestor({m}, {l})", "m")
def ancestor_level(ev, context, m, level):
    return m.hierarchy.null if m.is_null else ancestor_at(plain(m), level) or m.hierarchy.null


@define("Cousin({m}, {m})", "m")
def cousin(ev, context, m, other):
    null = m.hierarchy.null
    if m.is_null or other.is_null:
        return null
    plain(m), plain(other)
    if m.hierarchy.is_tree:
        raise Unspecified("cousins in a tree")
    if other.level.number > m.level.number:
        return null
    path = []
    while m.level is not other.level:
        path.append(m.siblings().index(m))
        m = m.parent
    for i in reversed(path):
        if i >= len(other.children):
            return null
        other = other.children[i]
    return other


@define("{z}.Item({k})", "m")
def item_member(ev, context, a, n):
    n = whole(n)
    return a[n][0] if 0 <= n < len(a) else ev.here.null


@define("{x}.Item({k})", "t")
def item_tuple(ev, context, a, n):
    n = whole(n)
    if not 0 <= n < len(a):
        raise Unspecified("an item beyond the end")
    return a[n]


# ---- navigation: sets ---------------------------------------------------------------------------------------------


@define("{h}.Members", "z")
def hierarchy_members(ev, context, h):
    return [(m,) for m in h.members()]


@define("{l}.Members", "z")
def members_of_level(ev, context, level):
    return [(m,) for m in level.members()]


@define("{h}.AllMembers", "z")
def all_members(ev, context, h):
    return [(m,) for m in h.members()] + [(m,) for m in ev.calculated if m.hierarchy is h]


@define("{m}.Children", "z")
def children(ev, context, m):
    return [(c,) for c in m.children]


@define("{m}.Siblings", "z")
def siblings(ev, context, m):
    return [(s,) for s in siblings_of(m)]


@define("Ascendants({m})", "z")
def ascendants(ev, context, m):
    return [] if m.is_null else [(a,) for a in [m] + m.ancestors()]


@define("Ancestors({m}, {l})", "z")
def ancestors_level(ev, context, m, level):
    if m.is_null or m.hierarchy.is_tree:
        raise Unspecified("ancestors by level in a tree")
    plain(m)
    return [(a,) for a in m.ancestors() if a.level.number >= level.number]


@define("Ancestors({m}, {n})", "z")
def ancestors_steps(ev, context, m, n):
    if m.is_null:
        raise Unspecified("ancestors of null")
    n = whole(n)
    if n < 0:
        raise Unspecified("a negative number of steps")
    return [(a,) for a in plain(m).ancestors()[:n]]


def kept_by(flag, distance):
    """distance: levels below the one that was asked for."""
    return {
        "SELF": distance == 0,
        "AFTER": distance > 0,
        "BEFORE": distance < 0,
        "BEFORE_AND_AFTER": distance != 0,
        "SELF_AND_AFTER": distance >= 0,
        "SELF_AND_BEFORE": distance <= 0,
        "SELF_BEFORE_AFTER": True,
    }[flag]


FLAGS = "SELF|AFTER|BEFORE|BEFORE_AND_AFTER|SELF_AND_AFTER|SELF_AND_BEFORE|SELF_BEFORE_AFTER"


@define("Descendants({m})", "z")
def descendants_all(ev, context, m):
    return [] if m.is_null else [(d,) for d in plain(m).below()]


@define("Descendants({m}, , LEAVES)", "z")
def descendants_leaves(ev, context, m):
    return [] if m.is_null else [(d,) for d in plain(m).below() if not d.children]


@define("Descendants({m}, {l})", "z")
@define("Descendants({m}, {l}, {!%s})" % FLAGS, "z")
def descendants_level(ev, context, m, level, flag="SELF"):
    plain(m)
    if m.is_null or m.hierarchy.is_tree:
        raise Unspecified("descendants of null, or by level in a tree")
    return [(d,) for d in m.below() if kept_by(flag, d.level.number - level.number)]


@define("Descendants({m}, {n})", "z")
@define("Descendants({m}, {n}, {!%s})" % FLAGS, "z")
def descendants_steps(ev, context, m, n, flag="SELF"):
    n = whole(n)
    plain(m)
    if m.is_null:
        raise Unspecified("descendants of null")
    if n < 0:
        raise Unspecified("a negative depth")
    return [(d,) for d in m.below() if kept_by(flag, d.depth() - m.depth() - n)]


@define("Descendants({z}, {l})", "z")
def descendants_set(ev, context, a, level):
    out = []
    for (m,) in a:
        out += descendants_level(ev, context, m, level)
    return distinct(out)


# ---- time and walking along levels -----------------------------------------------------------------------------------


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
    other = shifted(ancestor_at(m, level), -n)
    return null if other.is_null else cousin(ev, context, m, other)


# ---- sets of sets -----------------------------------------------------------------------------------------------------


@define("Union({x}, {x})", "x")
def union(ev, context, a, b):
    return distinct(checked(ev, a + b))


@define("Union({x}, {x}, ALL)", "x")
def union_all(ev, context, a, b):
    return checked(ev, a + b)


@define("Distinct({x})", "x")
def distinct_set(ev, context, a):
    return distinct(a)


@define("Unorder({x})", "x")
def unorder(ev, context, a):
    return a


@define("Intersect({x}, {x})", "x")
def intersect(ev, context, a, b):
    inside = set(b)
    return distinct([t for t in a if t in inside])


@define("Intersect({x}, {x}, ALL)", "x")
def intersect_all(ev, context, a, b):
    inside = set(b)
    return [t for t in a if t in inside]


@define("Except({x}, {x})", "x")
@define("Except({x}, {x}, {!ALL})", "x")
def except_(ev, context, a, b, _=None):
    outside = set(b)
    return [t for t in a if t not in outside]


@define("Head({x})", "x")
@define("Head({x}, {n})", "x")
def head(ev, context, a, n=1):
    return a[: max(0, whole(n))]


@define("Tail({x})", "x")
@define("Tail({x}, {n})", "x")
def tail(ev, context, a, n=1):
    n = whole(n)
    return a[-n:] if n > 0 else []


@define("Subset({x}, {n})", "x")
@define("Subset({x}, {n}, {n})", "x")
def subset(ev, context, a, start, *n):
    start = whole(start)
    n = whole(n[0]) if n else len(a)
    return [] if start < 0 or n < 0 else a[start : start + n]


@define("Filter({x}, {b~})", "x")
def filter_(ev, context, a, condition):
    return [t for t, c in zip(a, contexts(ev, context, a)) if truth(condition(c))]


@define("Filter({x} AS {@}, {@}.CurrentOrdinal {!<|>|=} {n~})", "x")
def filter_ordinal(ev, context, a, _, __, sign, limit):
    limits = [number(limit(c)) for c in contexts(ev, context, a)]
    holds = {"<": lambda i, n: i < n, ">": lambda i, n: i > n, "=": lambda i, n: i == n}[sign]
    return [t for i, (t, n) in enumerate(zip(a, limits)) if n is not None and holds(i, n)]


@define("Generate({y}, {x~})", "x")
def generate(ev, context, a, inner):
    found = generate_all(ev, context, a, inner)
    if any(m.parts is not None for t in found for m in t):
        raise Unspecified("whether visual totals made at different times are the same")
    return distinct(found)


@define("Generate({y}, {x~}, ALL)", "x")
def generate_all(ev, context, a, inner):
    out = []
    for c in contexts(ev, context, a):
        out += inner(c)
        checked(ev, out)
    return out


@define("Exists({x}, {x})", "x")
def exists(ev, context, a, b):
    def related(m, n):
        return m is n or m.is_below(n) or n.is_below(m)

    for t in a + b:
        for m in t:
            plain(m)
    return [t for t in a if any(all(related(m, n) for m, n in zip(t, u)) for u in b)]


@define("(EXISTING {z})", "z")
def existing(ev, context, a):
    out = []
    for (m,) in a:
        now = context[m.hierarchy.number]
        if isinstance(now, Slice) or now.is_null:
            raise Unspecified("what exists with several members, or none")
        plain(now), plain(m)
        if m is now or m.is_below(now) or now.is_below(m):
            out.append((m,))
    return out


@define("AddCalculatedMembers({z})", "z")
def add_calculated(ev, context, a):
    parents = {(m.level, m.parent) for (m,) in a}
    return a + [(c,) for c in ev.calculated if (c.level, c.parent) in parents and (c,) not in a]


@define("StripCalculatedMembers({x})", "x")
def strip_calculated(ev, context, a):
    return [t for t in a if not any(m.is_calculated or m.parts is not None for m in t)]


@define("StrToSet(SetToStr({z}), {h})", "z")
def there_and_back(ev, context, a, h):
    if any(m.is_null or m.parts is not None for (m,) in a):
        raise Unspecified("names of members that cannot be found")
    return a


@define("NonEmpty({x})", "x")
def non_empty(ev, context, a):
    return [t for t, c in zip(a, contexts(ev, context, a)) if ev.cell(c) is not None]


@define("NonEmpty({x}, {y})", "x")
def non_empty_by(ev, context, a, b):
    return [t for t, c in zip(a, contexts(ev, context, a)) if any(ev.cell(d) is not None for d in contexts(ev, c, b))]


# ---- products ------------------------------------------------------------------------------------------------------------


@define("Crossjoin({x}, {y})", "xy")
@define("({x} * {y})", "xy")
def crossjoin(ev, context, a, b):
    checked(ev, [None] * (len(a) * len(b)))
    return [t + u for t in a for u in b]


@define("NonEmptyCrossJoin({x~}, {y~})", "xy")
def non_empty_crossjoin(ev, context, a, b):
    """What the slicer fixes in the hierarchies of the arguments does not count."""
    for h in ev.dims:
        if ev.slicer and context[h.number] is ev.slicer[h.number]:
            context = ev.at(context, [h.default])
    return non_empty(ev, context, crossjoin(ev, context, a(context), b(context)))


@define("Extract(({z} * {y}), {h})", "z")
def extract(ev, context, a, b, h):
    return distinct(a) if b else []


# ---- order --------------------------------------------------------------------------------------------------------------


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
    values = {}

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
            if running >= limit:
                break
            running += v or 0
            out.append(t)
        return out

    return meaning


for _end, _descending in (("Top", True), ("Bottom", False)):
    define(_end + "Sum({x}, {n}, {n~})", "x")(sums(_descending, False))
    define(_end + "Percent({x}, {n}, {n~})", "x")(sums(_descending, True))


# ---- drilling --------------------------------------------------------------------------------------------------------------


@define("DrilldownMember({z}, {z})", "z")
def drilldown_member(ev, context, a, b):
    inside, out = set(b), []
    for t in a:
        out.append(t)
        if t in inside:
            out += [(c,) for c in t[0].children]
    return checked(ev, out)


@define("DrilldownMember({z}, {z}, RECURSIVE)", "z")
def drilldown_recursive(ev, context, a, b):
    inside = set(b)

    def drilled(t):
        out = [t]
        if t in inside:
            for c in t[0].children:
                out += drilled((c,))
        return out

    return checked(ev, [u for t in a for u in drilled(t)])


def is_drilled(a, i):
    return i + 1 < len(a) and a[i + 1][0].is_below(a[i][0])


@define("DrilldownLevel({z})", "z")
@define("DrilldownLevel({z}, {l})", "z")
def drilldown_level(ev, context, a, level=None):
    for (m,) in a:
        plain(m)
        if m.hierarchy.is_tree:
            raise Unspecified("levels of a tree")
    if not a:
        return a
    level = level or max((m.level for (m,) in a), key=lambda l: l.number)
    out = []
    for i, t in enumerate(a):
        out.append(t)
        if t[0].level is level and not is_drilled(a, i):
            out += [(c,) for c in t[0].children]
    return out


def drill_ends(descending):
    def meaning(ev, context, a, n, expression):
        n, out = whole(n), []
        for t in a:
            out.append(t)
            below = [(c,) for c in t[0].children]
            if n > 0:
                out += sorted_by(below, sort_values(ev, context, below, expression), descending)[0][:n]
        return checked(ev, out)

    return meaning


define("DrilldownLevelTop({z}, {n}, , {n~})", "z")(drill_ends(True))
define("DrilldownLevelBottom({z}, {n}, , {n~})", "z")(drill_ends(False))


@define("ToggleDrillState({z}, {z})", "z")
def toggle(ev, context, a, b):
    inside, out, i = set(b), [], 0
    while i < len(a):
        t = a[i]
        out.append(t)
        i += 1
        if t not in inside:
            continue
        if is_drilled(a, i - 1):
            while i < len(a) and a[i][0].is_below(t[0]):
                i += 1
        else:
            out += [(c,) for c in t[0].children]
    return out


@define("DrilldownLevel({z}, , 0)", "z")
def drilldown_index(ev, context, a):
    return checked(ev, [u for t in a for u in [t] + [(c,) for c in t[0].children]])


def visual_member(ev, m, below, pattern):
    """The member that stands for m in a visual total: its parts are those members below it that are in the set."""
    key = (m, tuple(below), pattern)
    if key in ev.visuals:
        return ev.visuals[key]
    name = m.name if pattern is None else pattern.replace("*", m.name)
    v = Member(m.hierarchy, m.level, name)
    v.parent, v.parts = m.parent, below
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


@define('VisualTotals(Hierarchize(Distinct({z})), "T *")', "z")
def visual_totals_named(ev, context, a):
    for (m,) in a:
        plain(m)
    return visual(ev, natural(ev, distinct(a)), "T *")


# ---- odds and ends ----------------------------------------------------------------------------------------------------------


@define("NativizeSet({x})", "x")
def nativize(ev, context, a):
    return a


@define("LastNonEmpty({z}, {M})", "m")
def last_non_empty(ev, context, a, measure):
    for (m,), c in reversed(list(zip(a, contexts(ev, context, a)))):
        if ev.cell(ev.at(c, [measure])) is not None:
            return m
    return ev.here.null


@define("{h}.Levels({!0|1}).Members", "z")
def levels_by_number(ev, context, h, n):
    if int(n) >= len(h.levels):
        raise CellError("no such level")
    return members_of_level(ev, context, h.levels[int(n)])


@define("StrToMember({m}.UniqueName)", "m")
def member_by_text(ev, context, m):
    if m.is_null or m.parts is not None:
        raise Unspecified("names of members that cannot be found")
    return m


@define("{ StrToTuple(TupleToStr({m}), {h}) }", "z")
def tuple_by_text(ev, context, m, h):
    if m.is_null or m.parts is not None:
        raise Unspecified("names of members that cannot be found")
    return [(m,)]


@define("{m}.Dimension.DefaultMember", "m")
@define("{m}.Hierarchy.DefaultMember", "m")
def default_of_member(ev, context, m):
    return m.hierarchy.default


@define("{m}.Level.Hierarchy.Members", "z")
def members_of_members_level(ev, context, m):
    level_of(ev, context, m)
    return hierarchy_members(ev, context, m.hierarchy)


# ---- levels ---------------------------------------------------------------------------------------------------------------


@define("{m}.Level", "l")
def level_of(ev, context, m):
    if m.is_null or m.is_calculated or m.parts is not None:
        raise Unspecified("the level of a member that is not stored")
    return m.level
