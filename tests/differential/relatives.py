"""Members and sets of members: data members, calculated children, descendants of sets and leaves, levels and hierarchies by name."""

from evaluate import CellError, Unspecified, truth
from language import define
from navigation import FLAGS, all_members, descendants_level, descendants_steps, distinct, hierarchy_members, kept_by
from navigation import members_of_level, plain, whole


# ---- members ------------------------------------------------------------------------------------------------------------


@define("{m}.DataMember", "m")
def data_member(ev, context, m):
    plain(m)
    if m.is_all and m.hierarchy.is_tree:
        raise Unspecified("the data member of all")
    return m.data or m.hierarchy.null


@define('{m}.CalculatedChild("{!c0|c1|c2}")', "m")
def calculated_child(ev, context, m, name):
    return next((c for c in ev.calculated if c.parent is m and c.name == name), m.hierarchy.null)


@define("{z}.Item({m}.Name)", "m")
def item_by_name(ev, context, a, m):
    return next((n for (n,) in a if n.name.upper() == m.name.upper()), ev.here.null)


@define("({z} * {y}).Item({m}.Name, {m}.Name)", "v")
@define("({y} * {z}).Item({m}.Name, {s})", "v")
def item_by_names(ev, context, a, b, *names):
    names = [n if isinstance(n, str) else n if n is None else n.name for n in names]
    if None in names:
        raise Unspecified("an item by a null text")
    for t in a:
        for u in b:
            if [m.name.upper() for m in t + u] == [n.upper() for n in names]:
                return ev.cell(ev.at(context, t + u))
    return None


@define("{t}.Item({k}).Value", "v")
def member_of_tuple(ev, context, t, n):
    n = whole(n)
    if any(m.is_null for m in t):
        raise Unspecified("a member of a null tuple")
    return ev.cell(ev.at(context, [t[n]])) if 0 <= n < len(t) else None


@define("{ {m} AS {@}, {@} }", "z")
def member_twice(ev, context, m, *_):
    return [] if m.is_null else [(m,), (m,)]


# ---- descendants ---------------------------------------------------------------------------------------------------------


def leaves(m):
    return [(d,) for d in plain(m).below() if not d.children]


@define("Descendants({m}, {l}, LEAVES)", "z")
def leaves_at_level(ev, context, m, level):
    plain(m)
    if m.is_null or m.hierarchy.is_tree:
        raise Unspecified("descendants of null, or by level in a tree")
    return [(d,) for (d,) in leaves(m) if d.level is level]


@define("Descendants({m}, {n}, LEAVES)", "z")
def leaves_by_steps(ev, context, m, n):
    """One step more than the number says."""
    n = whole(n)
    if m.is_null or n < 0:
        raise Unspecified("descendants of null, or a negative depth")
    return [(d,) for (d,) in leaves(m) if d.depth() - m.depth() <= n + 1]


@define("Descendants({m}, , {!%s})" % FLAGS, "z")
def around_itself(ev, context, m, flag):
    if m.is_null:
        raise Unspecified("descendants of null")
    return [(d,) for d in plain(m).below() if kept_by(flag, d.depth() - m.depth())]


def of_each(one):
    """Of a set: of its members one by one, each result once."""

    def meaning(ev, context, a, *rest):
        out = []
        if rest and (rest[0] is None or isinstance(rest[0], (int, float, str))) and one is not around_itself:
            whole(rest[0])
        for (m,) in a:
            out += one(ev, context, m, *rest)
        return distinct(out)

    return meaning


define("Descendants({z})", "z")(of_each(lambda ev, context, m: [(d,) for d in plain(m).below()]))
define("Descendants({z}, , LEAVES)", "z")(of_each(lambda ev, context, m: leaves(m)))
define("Descendants({z}, , {!%s})" % FLAGS, "z")(of_each(around_itself))
define("Descendants({z}, {n}, LEAVES)", "z")(of_each(leaves_by_steps))
define("Descendants({z}, {n})", "z")(of_each(descendants_steps))
define("Descendants({z}, {n}, {!%s})" % FLAGS, "z")(of_each(descendants_steps))
define("Descendants({z}, {l}, {!%s})" % FLAGS, "z")(of_each(descendants_level))
define("Descendants({z}, {l}, LEAVES)", "z")(of_each(leaves_at_level))


# ---- levels and hierarchies -----------------------------------------------------------------------------------------------


def level_at(h, n):
    if not 0 <= n < len(h.levels):
        raise CellError("no such level")
    return h.levels[n]


@define("{h}.Levels({k})", "l")
def level_by_number(ev, context, h, n):
    return level_at(h, whole(n))


@define("{h}.Levels({l}.Name)", "l")
@define("Levels({l}.UniqueName)", "l")
def level_by_name(ev, context, *arguments):
    return arguments[-1]


@define('{h}.Levels("level").Members', "z")
def no_level(ev, context, h):
    raise CellError("no such level")


@define("{l}.AllMembers", "z")
def all_members_of_level(ev, context, level):
    return members_of_level(ev, context, level) + [(m,) for m in ev.calculated if m.level is level]


@define("{l}.Hierarchy.Members", "z")
def members_of_levels_hierarchy(ev, context, level):
    return hierarchy_members(ev, context, level.hierarchy)


@define("{m}.Hierarchy.AllMembers", "z")
def all_members_around(ev, context, m):
    return all_members(ev, context, m.hierarchy)


@define('Dimensions("{h}").Members', "z")
def members_by_name(ev, context, h):
    return hierarchy_members(ev, context, h)


@define('Dimensions("{h}").CurrentMember', "m")
def current_by_name(ev, context, h):
    return ev.current(context, h)


@define('Dimensions("{h}").Levels({!0|1})', "l")
def level_by_names(ev, context, h, n):
    return level_at(h, int(n))


@define("Dimensions({!0|1|3|6}).{!Name|UniqueName}", "s")
def hierarchy_name_by_number(ev, context, n, which):
    h = ev.world.hierarchies[int(n)]
    return h.name if which == "Name" else h.unique


# ---- dimensions -----------------------------------------------------------------------------------------------------------


def first_hierarchy(ev, h):
    """Where a hierarchy is wanted a dimension means its first; here that must be the one that is spoken of."""
    first = next(other for other in ev.world.hierarchies if other.dimension == h.dimension)
    if first is not h:
        raise Unspecified("members of another hierarchy: the dimension's first")
    return first


@define("{m}.Dimension.Members", "z")
def members_of_dimension(ev, context, m):
    return hierarchy_members(ev, context, first_hierarchy(ev, m.hierarchy))


@define("{m}.Dimension.AllMembers", "z")
def all_members_of_dimension(ev, context, m):
    return all_members(ev, context, first_hierarchy(ev, m.hierarchy))


@define("{h}.Dimension.CurrentMember", "m")
def current_of_dimension(ev, context, h):
    return ev.current(context, first_hierarchy(ev, h))


@define("{m}.Dimension.{!Name|UniqueName|Caption}", "s")
@define("{m}.Dimension.Dimension.{!Name|UniqueName|Caption}", "s")
def dimension_name(ev, context, m, which):
    return f"[{m.hierarchy.dimension}]" if which == "UniqueName" else m.hierarchy.dimension


@define("{h}.Dimension.{!Name|UniqueName|Caption}", "s")
def dimension_around(ev, context, h, which):
    return f"[{h.dimension}]" if which == "UniqueName" else h.dimension


@define("{h}.Hierarchy.Dimension.{!Name|UniqueName|Caption}", "s")
def dimension_of_hierarchy(ev, context, h, which):
    ev.current(context, h)  # the hierarchy of its current member
    return dimension_around(ev, context, h, which)


@define("{l}.Caption", "s")
def level_caption(ev, context, level):
    return level.name


@define("Iif({b}, {h}.Hierarchy, {m~}.Hierarchy).Members", "z")
def chosen_members(ev, context, condition, h, m):
    if truth(condition):
        ev.current(context, h)
    else:
        m(context)
    return hierarchy_members(ev, context, h)


@define("Iif({b}, {m~}.Dimension, {l~}.Dimension).{!Name|UniqueName}", "s")
def chosen_name(ev, context, condition, m, level, which):
    h = ev.here
    (m if truth(condition) else level)(context)
    return dimension_around(ev, context, h, which)
