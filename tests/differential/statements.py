"""Random statements: formulas of the query or of the session, axes, slicers of one or more hierarchies, subselects, DRILLTHROUGH."""

import re

from answer import axis_tuples, slicer_context
from evaluate import CellError, Evaluation, Formula, StatementError, Unspecified, truth
from generate import Generator
from language import Braces, Constant, Tuple
from navigation import contexts
from world import STOCK_DIMENSIONS, Member


class Statement:
    """world: what it is asked of, after its subselects. source: the text behind FROM."""

    def __init__(self, world, source, formulas, axes, slicer, params):
        self.world, self.source, self.formulas, self.axes, self.slicer = world, source, formulas, axes, slicer
        self.params = params
        self.is_session = False  # the formulas are of the session
        self.drill = None  # DRILLTHROUGH: (MAXROWS or None, FIRSTROWSET or None)

    def text(self):
        formulas = [] if self.is_session else self.formulas
        out = ("WITH " + " ".join(f.text() for f in formulas) + " ") if formulas else ""
        out += f"SELECT {axes_text(self.axes)} FROM {self.source}"
        out += f" WHERE {self.slicer.text()}" if self.slicer else ""
        if not self.drill:
            return out
        words = [f"{word} {n} " for word, n in zip(("MAXROWS", "FIRSTROWSET"), self.drill) if n is not None]
        return "DRILLTHROUGH " + "".join(words) + out + ("" if self.world.cube == "Both" else f" RETURN {RETURNED}")

    def before(self):
        """The statements that must precede it, in the same session."""
        if not self.is_session:
            return []
        return [f"CREATE SESSION {f.kind} [{self.world.cube}].{f.name} AS {f.node.text()}{f.properties}" for f in self.formulas]

    def after(self):
        if not self.is_session:
            return []
        return [f"DROP SESSION {f.kind} [{self.world.cube}].{f.name}" for f in self.formulas]

    def nodes(self):
        return [n for _, n in self.axes] + [f.node for f in self.formulas] + ([self.slicer] if self.slicer else [])

    def uses(self):
        """What it is made of besides definitions."""
        yield f"FROM [{self.world.cube}]"
        if self.source.startswith("("):
            yield "subselect in subselect" if "((" in self.source.replace("FROM (", "((", 1)[1:] else "subselect"
        if self.is_session and self.formulas:
            yield "CREATE SESSION, DROP SESSION"
        if self.params:
            yield "@name"
        if self.drill:
            yield "DRILLTHROUGH"
        if any(isinstance(node, Having) for _, node in self.axes):
            yield "HAVING"
        if isinstance(self.slicer, Braces):
            yield "slicer of tuples" if len(self.slicer.tuples[0].parts) > 1 else "slicer of members"


RETURNED = "[Store].[Shop], [Time].[Year], [Measures].[Units]"


SEES_FORMULAS = re.compile("AllMembers|CALC_MEMBERS|Calculated")  # in a subselect: those of the session too


class Having:
    """set HAVING condition, on an axis: the condition is evaluated at each tuple."""

    def __init__(self, node, condition):
        self.node, self.condition = node, condition

    def text(self):
        return f"{self.node.text()} HAVING {self.condition.text()}"

    def value(self, ev, context):
        a = self.node.value(ev, context)
        return [t for t, c in zip(a, contexts(ev, context, a)) if truth(self.condition.value(ev, c))]

    def names(self):
        yield from self.node.names()
        yield from self.condition.names()


def axes_text(axes):
    return ", ".join(("NON EMPTY " if empty else "") + node.text() + f" ON {i}" for i, (empty, node) in enumerate(axes))


class Statements(Generator):
    def formulas(self):
        self.members, self.sets, out = [], [], []
        if self.chance(0.25):
            dims = (self.other(),)
            s = Formula("SET", f"[set{len(out)}]", self.set(dims, 2))
            s.dims = dims
            out.append(s)
            self.sets.append(s)
        for _ in range(self.random.choice([0, 1, 1, 2])):
            out.append(self.calculated(len(out)))
        return out

    def calculated(self, number):
        h = self.world.hierarchies[0] if self.chance(0.7) else self.other()
        name = f"c{number}"
        parents = [p for p in h.members() if p.children] if h.number else []
        parent = self.random.choice(parents) if parents and self.chance(0.4) else None
        m = Member(h, parent.children[0].level if parent else h.levels[0], name)
        m.parent, m.unique_name = parent, f"{(parent or h).unique}.[{name}]"
        node = self.text(2) if h.number == 0 and self.chance(0.15) else self.number(3)
        m.solve_order = self.random.choice([0, 0, 0, 1, 2, -1])
        m.formula = node
        f = Formula("MEMBER", m.unique, node, m, f", SOLVE_ORDER = {m.solve_order}" if m.solve_order else "")
        self.members.append(m)
        return f

    # ---- axes and slicer

    def axes(self, taken, choices):
        out = []
        for _ in range(self.random.choice(choices)):
            dims = (self.other(taken),)
            taken += dims
            if self.chance(0.3) and len(taken) < 6:
                dims += (self.other(taken),)
                taken += dims[1:]
            node = self.set(dims, self.random.choice([1, 2, 3]))
            out.append((self.chance(0.3), Having(node, self.boolean(2)) if self.chance(0.06) else node))
        return out

    def pick_slicer(self, taken):
        h = self.other(taken)
        if self.chance(0.4) and len(taken) < 6:  # tuples
            dims = (h, self.other(taken + [h]))
            if self.chance(0.3):
                return self.set(dims, 1)
            n = self.random.choice([1, 2, 2, 3])
            return Braces([Tuple([constant(self.random.choice(d.members())) for d in dims]) for _ in range(n)])
        pick = self.random.sample(h.members(), min(len(h.members()), self.random.choice([1, 1, 2, 3])))
        if len(pick) == 1:
            return Tuple([self.member(h, 1)])
        return Braces([Tuple([constant(m)]) for m in pick])

    # ---- subselects

    def subselect(self, source):
        """Narrows the world to what a subselect leaves; its text."""
        self.members, self.sets, taken = [], [], [self.world.hierarchies[0]]
        axes = [(False, node) for _, node in self.axes(taken, [1, 1, 2])]
        slicer = self.pick_slicer(taken) if self.chance(0.2) else None
        text = f"(SELECT {axes_text(axes)} FROM {source}" + (f" WHERE {slicer.text()})" if slicer else ")")
        ev = Evaluation(self.world)
        inner = Statement(self.world, source, [], axes, slicer, {})
        try:
            ev.slicer = slicer_context(ev, inner)
            tuples = [axis_tuples(ev, node) for _, node in axes]
            if slicer:
                found = slicer.value(ev, ev.defaults())
                tuples.append(found if isinstance(found, list) else [found])
        except (CellError, StatementError) as e:
            raise Unspecified("a subselect that fails") from e
        if ev.is_nothing or not all(tuples) or any(m.is_made or m.is_data or m.is_null for a in tuples for t in a for m in t):
            raise Unspecified("a subselect of nothing, or of members that are not stored")
        if self.world.cube == "Both" and any(m.hierarchy.dimension not in STOCK_DIMENSIONS for t in sum(tuples, []) for m in t):
            raise Unspecified("facts of a cube that lacks a hierarchy of a subselect")
        self.world = self.world.restricted(tuples)
        return text

    def statement(self):
        """Hierarchies are used once on axes and slicer."""
        whole, self.params = self.world, {}
        try:
            source = f"[{whole.cube}]"
            for _ in range(self.random.choice([0] * 9 + [1, 1, 2])):
                source = self.subselect(source)
            return self.outer(source)
        finally:
            self.world = whole

    def outer(self, source):
        formulas = self.formulas()
        taken = [self.world.hierarchies[0]]
        axes = [(False, Tuple([self.measure()]))]
        if self.chance(0.8):
            measures = [Tuple([self.measure()]) for _ in range(self.random.choice([1, 1, 2]))]
            axes[0] = (self.chance(0.2), Braces(measures))
        axes += self.axes(taken, [0, 1, 1, 1, 2])
        slicer = self.pick_slicer(taken) if self.chance(0.4) and len(taken) < 7 else None
        out = Statement(self.world, source, formulas, axes, slicer, self.params)
        out.is_session = self.chance(0.1) and not self.params and not SEES_FORMULAS.search(source)
        if self.chance(0.04):
            out.axes = [(False, node) for _, node in axes]
            out.drill = tuple(self.random.choice([None, None, 2, 5, 1000]) for _ in range(2))
        return out


def constant(m):
    return Constant(m.unique, m)
