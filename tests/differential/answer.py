"""The answer of a statement by the definitions: positions of each axis, and a value for each cell that is not empty."""

from evaluate import CellError, Evaluation, Slice, StatementError

ERROR = "error"


def slicer_context(ev, statement):
    context = ev.defaults()
    if statement.slicer is None:
        return context
    members = statement.slicer.value(ev, context)
    if isinstance(members, tuple):
        ev.is_nothing = any(m.is_null for m in members)
        return ev.at(context, members)
    members = list(dict.fromkeys(t[0] for t in members))
    return ev.at(context, members if len(members) == 1 else [Slice(members)])


def axis_tuples(ev, node):
    found = node.value(ev, ev.slicer)
    found = found if isinstance(found, list) else [found]
    return [t for t in found if not any(m.is_null for m in t)]


def cell_value(ev, context):
    try:
        return ev.cell(context)
    except CellError:
        return ERROR


def answer(world, statement):
    """(axes, cells); raises StatementError if the statement fails, Unspecified if nobody says what it means."""
    ev = Evaluation(world)
    ev.calculated = [f.member for f in statement.formulas if f.member]
    try:
        ev.slicer = slicer_context(ev, statement)
        axes = [axis_tuples(ev, node) for _, node in statement.axes]
    except CellError as e:
        raise StatementError(str(e)) from e
    sizes = [len(a) for a in axes]
    n = 1
    for size in sizes:
        n *= size
    ev.spend(n)
    cells = {}
    for i in range(n):
        place, rest = [], i
        for size in sizes:
            place.append(rest % size)
            rest //= size
        context = ev.slicer
        for axis, p in zip(axes, place):
            context = ev.at(context, axis[p])
        v = cell_value(ev, context)
        if v is not None:
            cells[tuple(place)] = v
    return without_empty(statement, axes, cells)


def without_empty(statement, axes, cells):
    kept = []
    for i, ((is_non_empty, _), axis) in enumerate(zip(statement.axes, axes)):
        full = {place[i] for place in cells}
        kept.append([p for p in range(len(axis)) if p in full or not is_non_empty])
    places = [{p: k for k, p in enumerate(keep)} for keep in kept]
    names = [[[m.unique for m in axis[p]] for p in keep] for axis, keep in zip(axes, kept)]
    out = {}
    for place, v in cells.items():
        ordinal, factor = 0, 1
        for p, index, keep in zip(place, places, kept):
            ordinal += index[p] * factor
            factor *= len(keep)
        out[ordinal] = v
    return names, out
