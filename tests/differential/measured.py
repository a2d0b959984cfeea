"""Functions over sets that say of which measure: Aggregate, ValidMeasure; and further forms of counting."""

from evaluate import Unspecified, add, number, total
from language import define
from navigation import contexts
from values import aggregate, values_of
from world import STOCK, STOCK_DIMENSIONS


@define("Count({x}, INCLUDEEMPTY)", "n")
def count_all(ev, context, a):
    return len(a)


@define("Aggregate({x}, {M})", "n")
def aggregate_measure(ev, context, a, measure):
    """By the measure's own aggregator; a calculated measure is added up."""
    if ev.is_formula(measure):
        return total(values_of(ev, ev.at(context, [measure]), a, None))
    return aggregate(ev, ev.at(context, [measure]), a)


@define("Aggregate({x}, ({n~} + 0))", "n")
def aggregate_expression(ev, context, a, expression):
    return total([add(v, 0) for v in (number(expression(c)) for c in contexts(ev, context, a))])


@define("ValidMeasure({M})", "v")
def valid_measure(ev, context, measure):
    return valid_tuple(ev, context, measure, None)


@define("ValidMeasure(({M}, {m}))", "v")
def valid_tuple(ev, context, measure, m):
    """Hierarchies that the measure's cube does not have are at their all members, whatever the context and the tuple say."""
    if ev.is_formula(measure):
        raise Unspecified("a calculated measure made valid")
    context = ev.at(context, [measure] + ([m] if m else []))
    if m and m.is_null:
        raise Unspecified("a null tuple made valid")
    cube = ev.world.how[measure][2]
    foreign = [h for h in ev.world.hierarchies[1:] if cube == STOCK and h.dimension not in STOCK_DIMENSIONS]
    return ev.cell(ev.at(context, [h.default for h in foreign]))
