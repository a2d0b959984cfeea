"""What a statement means, said as plainly as possible: every set is a list, every cell is computed by itself.

A node of an expression is Call(definition, arguments): it prints itself (text) and evaluates itself in a context
(value). A context is a tuple: for every hierarchy a member (or a Slice, the members of a compound slicer); it knows which
elements of which sets iterations stand at.
"""

from functools import cmp_to_key
from math import inf, isnan, nan


class CellError(Exception):
    """The cell is an error; in an axis, slicer or named set the statement fails."""


class StatementError(Exception):
    """The whole statement fails, even from inside one cell."""


UNKNOWN = (-1, None)  # in Context.places


class Unspecified(Exception):
    """No rule says what this means: the statement is left out of the comparison."""


class Slice:
    """Several members of one hierarchy in the slicer: of its tuples."""

    def __init__(self, hierarchy, tuples):
        self.hierarchy, self.tuples = hierarchy, tuples
        self.is_null = self.is_calculated = False


class Context(tuple):
    """places: for the list of each set that is iterated over (by its id) the place and the element."""

    places = {}


class Formula:
    """A calculated member or named set of the statement."""

    def __init__(self, kind, name, node, member=None, properties=""):
        self.kind, self.name, self.node, self.member, self.properties = kind, name, node, member, properties
        self.cache = None

    def text(self):
        return f"{self.kind} {self.name} AS {self.node.text()}{self.properties}"


class Evaluation:
    """One statement over one world."""

    MAX_DEPTH, MAX_SET, MAX_WORK = 40, 3000, 60000

    def __init__(self, world):
        self.world = world
        self.price = world.price
        self.calculated = []  # members of the statement, in order of definition
        self.slicer = None  # a context, once it is known
        self.is_nothing = False  # the slicer holds no member: no cell has a value
        self.visuals = {}
        self.depth = self.work = 0
        self.memo = {}

    # ---- contexts

    def defaults(self):
        return Context(h.default for h in self.world.hierarchies)

    def at(self, context, members):
        """The context with these members in place of its own."""
        out = list(context)
        for m in members:
            out[m.hierarchy.number] = m
        out = Context(out)
        out.places = context.places
        return out

    def stand(self, context, elements, place):
        """The context at an element of a list."""
        out = self.at(context, elements[place])
        out.places = {**context.places, id(elements): (place, elements[place])}
        return out

    def current(self, context, hierarchy):
        m = context[hierarchy.number]
        if isinstance(m, Slice):
            raise StatementError("current member of a compound slicer")
        return m

    def spend(self, n=1):
        self.work += n
        if self.work > self.MAX_WORK:
            raise Unspecified("too much work")

    def aside(self, context, elements):
        """The context for what a function that iterates over a list looks at beside its elements."""
        out = self.at(context, [])
        out.places = {**context.places, id(elements): UNKNOWN}
        return out

    # ---- cells

    def cell(self, context):
        """The value of a context: None, a number, a text or a boolean."""
        self.spend()
        if self.is_nothing or any(m.is_null for m in context):
            return None
        formulas = [m for m in context if not isinstance(m, Slice) and self.is_formula(m)]
        if not formulas:
            return self.stored(context)
        if any(m.parts is not None for m in formulas):
            return self.visual(context, formulas)
        best = max(formulas, key=lambda m: m.solve_order)  # equal orders: the first hierarchy wins
        inner = self.at(context, [best.hierarchy.default])
        if self.depth >= self.MAX_DEPTH:
            raise CellError("endless recursion")
        self.depth += 1
        try:
            if best is self.price:
                h = best.hierarchy
                a = self.cell(self.at(inner, [h.roots[1]]))
                b = self.cell(self.at(inner, [h.roots[0]]))
                return divide(a, b)
            return best.formula.value(self, inner)
        finally:
            self.depth -= 1

    def is_formula(self, m):
        return m.formula is not None or m is self.price or m.parts is not None

    def rows(self, members):
        rows = -1
        for m in members:
            if m.hierarchy.number:
                rows &= m.rows
        return rows

    def stored(self, context):
        slices = [m for m in context if isinstance(m, Slice)]
        if slices:
            return self.combine([self.at(context, t) for t in self.sliced(slices)], context[0])
        measure = context[0]
        key = (measure, self.rows(context[1:]))
        if key not in self.memo:
            self.memo[key] = self.aggregate(self.world.how[measure], key[1])
        return self.memo[key]

    def sliced(self, slices):
        """The tuples of the slicer, of those hierarchies that still have its members."""
        hierarchies = {s.hierarchy for s in slices}
        tuples = list(dict.fromkeys(tuple(m for m in t if m.hierarchy in hierarchies) for t in slices[0].tuples))
        if any(m.is_all for t in tuples for m in t):
            if len(slices) > 1:
                raise Unspecified("an all member in one of several tuples")
            return [t for t in tuples if t[0].is_all]  # it absorbs the others
        return tuples

    def aggregate(self, how, rows):
        kind, column, cube = how
        facts = [f for i, f in enumerate(self.world.facts) if (rows & cube) >> i & 1]
        if not facts:
            return None
        if kind == "rows":
            return len(facts)
        if kind == "distinct":
            return len({f[column] for f in facts})
        values = [f[column] for f in facts if f[column] is not None]
        if not values:
            return None
        return {"sum": sum, "count": len, "min": min, "max": max, "avg": lambda v: sum(v) / len(v)}[kind](values)

    def combine(self, contexts, measure):
        """Aggregate over several contexts: sums add, counts of distinct things and means are of all facts together."""
        if self.is_nothing:
            return None
        how = self.world.how[measure]
        if how[0] in ("sum", "count", "rows", "min", "max"):
            if how[0] not in ("min", "max"):
                return total([self.cell(c) for c in contexts])
            values = [v for v in (self.cell(c) for c in contexts) if v is not None]
            return (min if how[0] == "min" else max)(values) if values else None
        rows = 0
        for c in contexts:
            if any(m.is_null for m in c):
                continue
            if any(isinstance(m, Slice) or (self.is_formula(m)) for m in c):
                raise Unspecified("facts of calculated members together")
            rows |= self.rows(c[1:])
        return self.aggregate(how, rows)

    def visual(self, context, formulas):
        """A visual total: the facts of the members that stand for it."""
        if formulas[0] is context[0]:
            raise CellError("a visual total of a calculated measure")
        if len(formulas) > 1:
            raise Unspecified("a visual total beside another calculated member")
        return self.combine([self.at(context, [m]) for m in flat_parts(formulas[0])], context[0])

    # ---- statements

    def order_of(self, member):
        """Sort key of natural order: the place of the member below its parents; calculated ones last, by name."""
        key = []
        for m in reversed([member.stands_for] + member.ancestors()):
            if m.is_made:
                key.append((1, 0, m.name.lower()))
            elif m.is_data:
                raise Unspecified("the place of a data member")
            else:
                key.append((0, m.siblings().index(m), ""))
        return key


# ---- values ------------------------------------------------------------------------------------------------


def flat_parts(member):
    out = []
    for m in member.parts:
        out += flat_parts(m) if m.parts is not None else [m]
    return out


def total(values):
    values = [v for v in values if v is not None]
    return sum(values) if values else None


def number(v):
    if isinstance(v, (str, bool)):
        raise Unspecified("a text where a number is wanted")
    return v


def text(v):
    if v is not None and not isinstance(v, str):
        raise CellError("a text was expected")
    return v


def truth(v):
    return False if v is None else bool(v)


def add(a, b):
    if a is None or b is None:
        return b if a is None else a
    return a + b


def subtract(a, b):
    if a is None:
        return None if b is None else -b
    return a if b is None else a - b


def multiply(a, b):
    if a is None or b is None:
        return None
    return a * b


def divide(a, b):
    if a is None:
        return None
    if b is None:
        return inf
    if b == 0:
        return nan if a == 0 or isnan(a) else inf if a > 0 else -inf
    return a / b


def value_key(v):
    """Null, then numbers with NaN between the largest and infinity; texts without regard to case."""
    if v is None:
        return (0,)
    if isinstance(v, bool):
        raise StatementError("booleans have no order")
    if isinstance(v, str):
        return (1, v.lower())
    if isnan(v):
        return (1, 1.7e308, 1)
    return (1, v, 0) if v != inf else (2, 0, 0)


def check_apart(a, b):
    """Computed values that differ in their last digits only: which is larger depends on the order of operations."""
    if isinstance(a, (int, float)) and isinstance(b, (int, float)) and a != b and abs(a - b) < 1e-9 * max(abs(a), abs(b)) < inf:
        raise Unspecified("values that are nearly the same")


def compare_keys(a, b):
    ka, kb = value_key(a), value_key(b)
    check_apart(a, b)
    if len(ka) > 1 and len(kb) > 1 and isinstance(ka[1], str) != isinstance(kb[1], str):
        raise Unspecified("texts beside numbers")
    return (ka > kb) - (ka < kb)


by_value = cmp_to_key(lambda a, b: compare_keys(a, b))
