"""What is asked of members, tuples, levels and hierarchies: properties, sameness, choices; and parameters."""

from evaluate import CellError, Unspecified, number, text, truth
from language import define
from navigation import contexts, plain
from sets import stands_for
from values import compare, size


# ---- properties -----------------------------------------------------------------------------------------------------------


def text_property(m, name):
    above = m.parent
    return {
        "MEMBER_NAME": m.name,
        "MEMBER_CAPTION": m.name,
        "CAPTION": m.name,
        "MEMBER_UNIQUE_NAME": m.unique,
        "LEVEL_UNIQUE_NAME": m.level.unique,
        "HIERARCHY_UNIQUE_NAME": m.hierarchy.unique,
        "DIMENSION_UNIQUE_NAME": f"[{m.hierarchy.dimension}]",
        "PARENT_UNIQUE_NAME": above.unique if above else None,
        "DESCRIPTION": None,
        "MEMBER_GUID": None,
    }[name]


TEXTS = "DIMENSION_UNIQUE_NAME|MEMBER_NAME|MEMBER_CAPTION|CAPTION|MEMBER_UNIQUE_NAME|LEVEL_UNIQUE_NAME|HIERARCHY_UNIQUE_NAME|PARENT_UNIQUE_NAME|DESCRIPTION"


@define('{m}.Properties("{!%s}")' % TEXTS, "s")
@define('{m}.Properties("{!%s}", TYPED)' % TEXTS, "s")
def intrinsic_text(ev, context, m, name):
    if m.is_null:
        raise Unspecified("a property of null")
    return text_property(plain(m), name)


@define('{m}.Properties("{!PARENT_LEVEL|MEMBER_TYPE|MEMBER_ORDINAL|level_number}", TYPED)', "n")
def intrinsic_number(ev, context, m, name):
    if m.is_null:
        raise Unspecified("a property of null")
    plain(m)
    return {
        "PARENT_LEVEL": m.parent.level.number if m.parent else 0,
        "MEMBER_TYPE": 2 if m.is_all else 1,
        "MEMBER_ORDINAL": -1,
        "level_number": m.level.number,
    }[name]


def key_of(m, kinds):
    if m.is_null or plain(m).is_all or not isinstance(m.key, kinds):
        raise Unspecified("the key of null, or of all, or one of another kind")
    return m.key


@define('{m}.Properties("{!KEY|MEMBER_KEY}")', "n")
def numeric_key(ev, context, m, _):
    return key_of(m, int)


@define('{m}.Properties("{!KEY|MEMBER_KEY}")', "s")
def text_key(ev, context, m, _):
    return key_of(m, str)


@define('{m}.Properties("{!Colour|NAME|Size of}")', "n")
def no_property(ev, context, m, _):
    if m.is_null:
        raise Unspecified("a property of null")
    raise CellError("no such property")


define('{S}.Properties("Size", TYPED)', "n")(size)


# ---- sameness -------------------------------------------------------------------------------------------------------------


@define("({t} IS {t})", "b")
def same_tuple(ev, context, t, u):
    if any(m.is_null for m in t + u):
        raise Unspecified("whether null tuples are the same")
    return stands_for(t) == stands_for(u)


@define("({m} IS NOT {!EMPTY|NULL})", "b")
def is_there(ev, context, m, what):
    return not m.is_null if what == "NULL" else ev.cell(ev.at(context, (m,))) is not None


@define("({t} IS NOT EMPTY)", "b")
def tuple_is_full(ev, context, t):
    return not tuple_is_empty(ev, context, t)


@define("({t} IS EMPTY)", "b")
def tuple_is_empty(ev, context, t):
    return ev.cell(ev.at(context, t)) is None


@define("({t} {!IN|NOT IN} {x})", "b")
def tuple_inside(ev, context, t, word, a):
    return (stands_for(t) in {stands_for(u) for u in a}) == (word == "IN")


@define("({m}.Hierarchy IS {h}.Hierarchy)", "b")
def same_hierarchy(ev, context, m, h):
    ev.current(context, h)  # the hierarchy of its current member
    return m.hierarchy is h


@define("({m}.Hierarchy IS {h})", "b")
def hierarchy_is_dimension(ev, context, m, h):
    """What the name of a hierarchy means here: the dimension, if one has that name."""
    return m.hierarchy is h and all(h.name != other.dimension for other in ev.world.hierarchies)


@define("({m}.Dimension IS {l}.Dimension)", "b")
def same_dimension(ev, context, m, level):
    return m.hierarchy.dimension == level.hierarchy.dimension


# ---- choices --------------------------------------------------------------------------------------------------------------


@define("Iif({b}, {l~}, {l~})", "l")
@define("Iif({b}, {t~}, {t~})", "t")
@define("Iif({b}, {b~}, {b~})", "b")
def choice(ev, context, condition, a, b):
    return (a if truth(condition) else b)(context)


@define("CASE WHEN {b} THEN {s~} WHEN {b~} THEN {s~} ELSE {s~} END", "s")
def case_texts(ev, context, first, a, second, b, otherwise):
    return (a if truth(first) else b if truth(second(context)) else otherwise)(context)


@define("CASE {s} WHEN {s} THEN {n~} WHEN {s} THEN {n~} END", "n")
def case_of_text(ev, context, v, w, a, x, b):
    if compare(text(v), "=", text(w)):
        return a(context)
    return b(context) if compare(text(v), "=", text(x)) else None


@define("CASE {m} WHEN {m} THEN {n~} ELSE {n~} END", "n")
def case_of_member(ev, context, m, n, a, b):
    return (a if m is n else b)(context)


@define("Generate({y}, {s~})", "s")
def texts_joined(ev, context, a, inner):
    parts = [text(inner(c)) for c in contexts(ev, context, a)]
    if None in parts:
        raise Unspecified("null among texts")
    return "".join(parts)


# ---- parameters -----------------------------------------------------------------------------------------------------------


@define('Parameter("{@}", {h}, {m})', "m")
@define('Parameter("{@}", {h}, {m}, "which one")', "m")
def member_parameter(ev, context, _, h, m):
    return m


@define('Parameter("{@}", {h}, {z})', "z")
def set_parameter(ev, context, _, h, a):
    return a


@define('Parameter("{@}", STRING, {s})', "s")
def text_parameter(ev, context, _, s):
    return text(s)


@define('(Parameter("{@}", NUMERIC, {n}) * 2 - ParamRef("{@}"))', "n")
def parameter_and_reference(ev, context, _, n, __):
    n = number(n)
    return None if n is None else n * 2 - n


@define('(ParamRef("{@}") || Parameter("{@}", STRING, {s}, "a text"))', "s")
def reference_before(ev, context, _, __, s):
    s = text(s)
    if s is None:
        raise Unspecified("two nulls joined")
    return s + s
