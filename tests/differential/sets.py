"""From sets to sets: set algebra, filters, products; what lists and texts give back."""

from evaluate import CellError, Slice, StatementError, Unspecified, number, truth
from language import define
from values import tuple_text
from navigation import checked, contexts, distinct, hierarchy_members, members_of_level, plain, whole


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
    a = list(a)  # another set than the one that it may be the name of
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
    for t in a + b:
        for m in t:
            plain(m)
    return [t for t in a if any(all(related(m, n) for m, n in zip(t, u)) for u in b)]


def related(m, n):
    return m is n or m.is_below(n) or n.is_below(m)


@define("CachedExists({x}, {t}, {!\"a\"|\"b\"})", "x")
def cached_exists(ev, context, a, t, _):
    return [] if any(m.is_null for m in t) else exists(ev, context, a, [t])


@define("Exists({x}, {f})", "x")
def exists_in_one(ev, context, a, b):
    """A hierarchy that is missing in the second set counts with its default member."""
    for t in a + b:
        for m in t:
            plain(m)

    def counterparts(t, u):
        return [u[0] if m.hierarchy is u[0].hierarchy else m.hierarchy.default for m in t]

    return [t for t in a if any(all(related(m, n) for m, n in zip(t, counterparts(t, u))) for u in b)]


@define("(EXISTING {x})", "x")
def existing(ev, context, a):
    return [t for t in a if all(is_here(context[m.hierarchy.number], m) for m in t)]


def is_here(now, m):
    if isinstance(now, Slice) or now.is_null:
        raise Unspecified("what exists with several members, or none")
    return related(plain(now), plain(m))


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


@define("StrToSet(SetToStr({x}){!|, CONSTRAINED}).Count", "n")
def count_there_and_back(ev, context, a, _):
    """Without hierarchies nothing is known of the set until it is there: few functions take it."""
    return len(tuples_there_and_back(ev, context, a))


@define("StrToSet(SetToStr({x}), {g})", "x")
def tuples_there_and_back(ev, context, a, *_):
    if any(m.is_null or m.parts is not None for t in a for m in t):
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
@define("Extract(({y} * {z}), {h})", "z")
def extract(ev, context, a, b, h):
    a, b = (a, b) if not a or a[0][0].hierarchy is h else (b, a)
    return distinct(a) if b else []


@define("Extract(({Y} * {x} * {y}), {g})", "x")
@define("Extract(Crossjoin({y}, {x}, {Y}), {g})", "x")
def extract_several(ev, context, a, b, c, hierarchies):
    checked(ev, [None] * (len(a) * len(b) * len(c)))
    return distinct(b) if a and c else []


# ---- odds and ends ----------------------------------------------------------------------------------------------------------


@define("NativizeSet({x})", "x")
def nativize(ev, context, a):
    return a


@define("LastNonEmpty({z}, {M})", "m")
def last_non_empty(ev, context, a, measure):
    null = ev.here.null
    for (m,), c in reversed(list(zip(a, contexts(ev, context, a)))):
        if ev.cell(ev.at(c, [measure])) is not None:
            return m
    return null


@define("{h}.Levels({!0|1}).Members", "z")
def levels_by_number(ev, context, h, n):
    if int(n) >= len(h.levels):
        raise CellError("no such level")
    return members_of_level(ev, context, h.levels[int(n)])


@define("StrToMember({m}.UniqueName)", "m")
@define("StrToMember({m}.UniqueName, CONSTRAINED)", "m")
def member_by_text(ev, context, m):
    if m.is_null or m.parts is not None:
        raise Unspecified("names of members that cannot be found")
    return m


@define("{ StrToTuple(TupleToStr({m}), {h}) }", "z")
def tuple_by_text(ev, context, m, _):
    if m.is_null or m.parts is not None:
        raise Unspecified("names of members that cannot be found")
    return [(m,)]


@define("TupleToStr(StrToTuple(TupleToStr({t}){!|, CONSTRAINED}))", "s")
def tuple_text_by_text(ev, context, t, _):
    """Without hierarchies a tuple is not one that anything takes: nothing is known of it until it is there."""
    return tuple_text(ev, context, any_tuple_by_text(ev, context, t, None))


@define("StrToTuple(TupleToStr({t}), {g})", "t")
def any_tuple_by_text(ev, context, t, _):
    if any(m.is_null or m.parts is not None for m in t):
        raise Unspecified("names of members that cannot be found")
    return t


@define("{m}.Dimension.DefaultMember", "m")
def default_of_dimension(ev, context, m):
    if m.hierarchy.name != m.hierarchy.dimension and m.hierarchy.dimension in [h.name for h in ev.world.hierarchies]:
        raise Unspecified("a member of another hierarchy: that of the dimension's first")
    return m.hierarchy.default


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
