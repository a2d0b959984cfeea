"""From members to members: braces, ranges, families, levels, periods; and what all definitions over sets share."""

from evaluate import CellError, Slice, StatementError, Unspecified, number
from language import define


def whole(n):
    """A number as an integer: the fraction is cut."""
    n = number(n)
    if n is None:
        raise Unspecified("null where an integer is needed")
    if n != n or abs(n) > 1e9:
        raise Unspecified("no integer")
    return int(n)


def plain(m):
    """Navigation from a calculated member, or a data member, is not described."""
    if m.is_made or m.is_data:
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
    return [ev.stand(context, tuples, i) for i in range(len(tuples))]


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
    if m.is_data:
        raise Unspecified("the place of a data member")
    return m.parent or m.hierarchy.null


@define("{m}.FirstChild", "m")
def first_child(ev, context, m):
    return m.children[0] if m.children else m.hierarchy.null


@define("{m}.LastChild", "m")
def last_child(ev, context, m):
    return m.children[-1] if m.children else m.hierarchy.null


def siblings_of(m):
    if m.is_made:
        raise StatementError("siblings of a calculated member")
    plain(m)
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
    if m.hierarchy.is_tree or m.hierarchy.is_restricted:
        raise Unspecified("cousins in a tree, or where a subselect hides members")
    if other.level.number > m.level.number:
        return null
    path = []
    while m.level.number > other.level.number:
        path.append(m)
        m = m.parent
    if m.level is not other.level:
        raise StatementError("a cousin over a gap")
    has_gap = False
    for step in reversed(path):
        i = step.siblings().index(step)
        if i >= len(other.children):
            return null
        if other.children[i].level is not step.level:
            raise StatementError("a cousin over a gap")
        has_gap |= step.level.number - step.parent.level.number > 1
        other = other.children[i]
    if has_gap:
        raise Unspecified("a cousin over the same gap")
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
    if m.hierarchy.is_ragged:
        raise Unspecified("ancestors by level over gaps")
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
