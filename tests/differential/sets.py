"""From sets to sets: set algebra, filters, products, order, drilling; and the level of a member."""

from functools import cmp_to_key

from evaluate import CellError, Slice, StatementError, Unspecified, by_value, compare_keys, number, truth
from language import define
from navigation import checked, contexts, distinct, hierarchy_members, members_of_level, plain, whole
from world import Member


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


def stands_for(t):
    """Visual totals are compared by the members that they stand for."""
    return tuple(m.stands_for for m in t)


@define("Intersect({x}, {x})", "x")
def intersect(ev, context, a, b):
    return distinct(intersect_all(ev, context, a, b))


@define("Intersect({x}, {x}, ALL)", "x")
def intersect_all(ev, context, a, b):
    inside = {}
    for t in b:
        inside.setdefault(stands_for(t), t)
    both = [(t, inside[stands_for(t)]) for t in a if stands_for(t) in inside]
    return [tuple(m if n.parts is None else n for m, n in zip(t, u)) for t, u in both]


@define("Except({x}, {x})", "x")
@define("Except({x}, {x}, {!ALL})", "x")
def except_(ev, context, a, b, _=None):
    outside = {stands_for(t) for t in b}
    return [t for t in a if stands_for(t) not in outside]


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
    return [t for t in a if not any(m.is_made for m in t)]


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
    return [t for t, c in zip(a, contexts(ev, context, a)) if is_any(ev, contexts(ev, c, b))]


def is_any(ev, cells):
    """No rule says whether one that fails is looked at where another has a value."""
    found, failure = False, None
    for c in cells:
        try:
            found |= ev.cell(c) is not None
        except (CellError, StatementError) as e:
            failure = e
    if failure:
        raise Unspecified() if found else failure
    return found


# ---- products ------------------------------------------------------------------------------------------------------------


@define("Crossjoin({x}, {y})", "xy")
@define("({x} * {y})", "xy")
def crossjoin(ev, context, a, b):
    checked(ev, [None] * (len(a) * len(b)))
    return [t + u for t in a for u in b]


@define("NonEmptyCrossJoin({x~}, {y~})", "xy")
def non_empty_crossjoin(ev, context, a, b):
    """What the slicer fixes in the hierarchies of the arguments does not count. Tuples with a calculated member are kept."""
    for h in ev.dims:
        if ev.slicer and context[h.number] is ev.slicer[h.number]:
            context = ev.at(context, [h.default])
    product = crossjoin(ev, context, a(context), b(context))
    cells = [ev.cell(c) for c in contexts(ev, context, product)]
    return [t for t, v in zip(product, cells) if v is not None or any(m.is_made for m in t)]


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
    inside, out = {stands_for(t) for t in b}, []
    for t in a:
        out.append(t)
        if stands_for(t) in inside:
            out += [(c,) for c in t[0].children]
    return checked(ev, out)


@define("DrilldownMember({z}, {z}, RECURSIVE)", "z")
def drilldown_recursive(ev, context, a, b):
    inside = {stands_for(t) for t in b}

    def drilled(t):
        out = [t]
        if stands_for(t) in inside:
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
    inside, out, i = {stands_for(t) for t in b}, [], 0
    while i < len(a):
        t = a[i]
        out.append(t)
        i += 1
        if stands_for(t) not in inside:
            continue
        if is_drilled(a, i - 1):
            while i < len(a) and a[i][0].is_below(t[0]):
                i += 1
        else:
            out += [(c,) for c in t[0].children]
    return out


@define("ToggleDrillState({z}, {z}, RECURSIVE)", "z")
def toggle_recursive(ev, context, a, b):
    inside, out, i = {stands_for(t) for t in b}, [], 0

    def opened(t):
        below = [(c,) for c in t[0].children] if stands_for(t) in inside else []
        return [t] + [u for c in below for u in opened(c)]

    while i < len(a):
        t = a[i]
        i += 1
        if stands_for(t) in inside and is_drilled(a, i - 1):
            out.append(t)
            while i < len(a) and a[i][0].is_below(t[0]):
                i += 1
        else:
            out += opened(t)
    return checked(ev, out)


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
    if m.is_null or m.is_made:
        raise Unspecified("the level of a member that is not stored")
    return m.level
