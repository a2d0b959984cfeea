"""The answer of a statement by the definitions: positions of each axis, and a value for each cell that is not empty."""

from evaluate import CellError, Evaluation, Slice, StatementError, Unspecified

ERROR = "error"


def slicer_context(ev, statement):
    context = ev.defaults()
    if statement.slicer is None:
        return context
    members = statement.slicer.value(ev, context)
    if isinstance(members, tuple):
        ev.is_nothing = any(m.is_null for m in members)
        return ev.at(context, members)
    tuples = list(dict.fromkeys(t for t in members if not any(m.is_null for m in t)))
    if not tuples:
        ev.is_nothing = True
        return context
    if len(tuples) > 1 and any(m.is_calculated for t in tuples for m in t):
        raise StatementError("a calculated member in a slicer of several tuples")
    for column in zip(*tuples):
        one = all(m is column[0] for m in column)
        context = ev.at(context, [column[0] if one else Slice(column[0].hierarchy, tuples)])
    return context


def axis_tuples(ev, node):
    found = node.value(ev, ev.slicer)
    found = found if isinstance(found, list) else [found]
    kept = [t for t in found if not any(m.is_null for m in t)]
    return found if len(kept) == len(found) else kept


def cell_value(ev, context):
    try:
        return ev.cell(context)
    except CellError:
        return ERROR


def answer(statement):
    """(axes, cells), or for DRILLTHROUGH a list of rows; raises StatementError if the statement fails, Unspecified if nobody says
    what it means."""
    ev = Evaluation(statement.world)
    ev.calculated = [f.member for f in statement.formulas if f.member]
    try:
        ev.slicer = slicer_context(ev, statement)
        axes = [axis_tuples(ev, node) for _, node in statement.axes]
    except CellError as e:
        raise StatementError(str(e)) from e
    if statement.drill:
        return facts_behind(ev, axes, statement.drill)
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
            context = ev.stand(context, axis, p)
        v = cell_value(ev, context)
        if v is not None:
            cells[tuple(place)] = v
    return without_empty(statement, axes, cells)


def facts_behind(ev, axes, drill):
    """The facts of the first cell: (how many rows, the rows or None if some were left out)."""
    if not all(axes):
        raise StatementError("no first cell")
    context = ev.slicer
    for axis in axes:
        context = ev.at(context, axis[0])
    if ev.is_nothing:
        raise Unspecified("facts of nothing")
    if any(m.parts is not None for m in context if not isinstance(m, Slice)):
        raise Unspecified("facts of a visual total")
    if any(not isinstance(m, Slice) and ev.is_formula(m) for m in context[1:]):
        raise StatementError("facts of a calculated member")
    measure = context[0].hierarchy.default if ev.is_formula(context[0]) else context[0]
    slices = [m for m in context if isinstance(m, Slice)]
    rows = [ev.rows(ev.at(context, t)[1:]) & ev.world.how[measure][2] for t in (ev.sliced(slices) if slices else [()])]
    union = 0
    for r in rows:
        if union & r:
            raise Unspecified("facts that belong to several tuples of the slicer")
        union |= r
    n, (most, first) = union.bit_count(), drill
    n = n if most is None else min(n, most)
    n = n if first is None else max(0, n - first)
    if n < union.bit_count() or ev.world.cube == "Both":
        return n, None
    return n, sorted(row_of(ev.world, i) for i in range(union.bit_length()) if union >> i & 1)


def row_of(world, i):
    """The shop, the year and the units of a fact, as texts."""

    def name_at(hierarchy, level):
        h = world.hierarchy(hierarchy)
        return next((m.name for m in h.members() if m.level.name == level and m.rows >> i & 1), None)

    return tuple(str(v) for v in (name_at("Store", "Shop"), name_at("Time", "Year"), world.facts[i][0]))


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
