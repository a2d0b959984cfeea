"""Sets that get a name where they stand, and functions that know where they are in a named set."""

from evaluate import Unspecified, number, text, total, truth
from language import define
from navigation import checked, contexts
from order import sorted_by
from sets import generate, generate_all
from values import values_of


@define("{ {x} AS {A}, {x} }", "x")
@define("Union({x} AS {A}, {x}, ALL)", "x")
def braces(ev, context, a, b):
    return checked(ev, a + b)


@define("Filter({x} AS {A}, {b~})", "x")
def filter_named(ev, context, a, condition):
    return [t for t, c in zip(a, contexts(ev, context, a)) if truth(condition(c))]


define("Generate({y} AS {A}, {x~})", "x")(generate)
define("Generate({y} AS {A}, {x~}, ALL)", "x")(generate_all)


@define('Generate({y} AS {A}, {s~}, "+")', "s")
def generate_text_named(ev, context, a, inner):
    parts = [text(inner(c)) for c in contexts(ev, context, a)]
    if None in parts:
        raise Unspecified("null among texts")
    return "+".join(parts)


@define("Sum({x} AS {A}, {n~})", "n")
def sum_named(ev, context, a, expression):
    return total(values_of(ev, context, a, expression))


@define("Order({x} AS {A}, {n~}, {!BASC|BDESC})", "x")
def order_named(ev, context, a, expression, flag):
    return sorted_by(a, [number(expression(c)) for c in contexts(ev, context, a)], flag == "BDESC")[0]
