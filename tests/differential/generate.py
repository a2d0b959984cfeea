"""Random statements: a definition whose result fits, arguments made in the same way, until the budget is spent."""

import dates
import finance  # noqa: F401  (these register their definitions)
import formats
import navigation  # noqa: F401
import sets  # noqa: F401
import plain  # noqa: F401
import today  # noqa: F401
import values  # noqa: F401
from evaluate import Formula
from language import DEFINITIONS, Call, Constant, SetName
from world import Member


class Tuple:
    """(m, m, ...), or a member alone."""

    def __init__(self, parts):
        self.parts = parts

    def text(self):
        texts = [p.text() for p in self.parts]
        return texts[0] if len(texts) == 1 else "(" + ", ".join(texts) + ")"

    def value(self, ev, context):
        return tuple(p.value(ev, context) for p in self.parts)

    def names(self):
        for p in self.parts:
            yield from p.names()


def by_result():
    table = {}
    for d in DEFINITIONS:
        table.setdefault(d.result, []).append(d)
    return table


class Generator:
    def __init__(self, world, random):
        self.world, self.random = world, random
        self.table = by_result()
        self.members, self.sets, self.n_names = [], [], 0

    def chance(self, share):
        return self.random.random() < share

    def other(self, taken=()):
        """A hierarchy that is not measures and not among those taken."""
        return self.random.choice([h for h in self.world.hierarchies[1:] if h not in taken])

    # ---- the smallest things

    def member(self, h, depth):
        if depth > 0 and self.chance(0.5):
            return self.call("m", depth, hierarchy=h)
        own = [m for m in self.members if m.hierarchy is h]
        m = self.random.choice(own) if own and self.chance(0.2) else self.random.choice(h.members())
        return Constant(m.unique, m)

    def level(self, h, depth):
        if depth > 0 and self.chance(0.1):
            return self.call("l", depth, hierarchy=h)
        level = self.random.choice(h.levels)
        return Constant(level.unique, level)

    def set(self, dims, depth):
        known = [s for s in self.sets if s.dims == dims]
        if known and self.chance(0.2):
            return SetName(self.random.choice(known))
        if len(dims) > 1:
            kinds = ["xy"] * 2 + (["x"] if depth > 0 else [])
            return self.call(self.random.choice(kinds), depth, dims=dims)
        if depth <= 0:
            h = dims[0]
            own = [d for d in self.table["z"] if d.template in ("{h}.Members", "{l}.Members", "{ {m}, {m}, {m} }")]
            return self.call_of(self.random.choice(own), 0, dims, h)
        kinds = ["x", "z"] + (["T"] if dims[0].name == "Time" and self.chance(0.3) else [])
        return self.call(self.random.choice(kinds), depth, dims=dims, hierarchy=dims[0])

    def tuple(self, dims, depth):
        if depth > 0 and dims[0].number and self.chance(0.2):
            return self.call("t", depth, dims=dims)
        return Tuple([self.measure() if h.number == 0 else self.member(h, depth - 1) for h in dims])

    def measure(self):
        h = self.world.hierarchies[0]
        m = self.random.choice(h.roots + [m for m in self.members if m.hierarchy is h])
        return Constant(m.unique, m)

    def number(self, depth):
        if depth > 0 and self.chance(0.75):
            return self.call(self.random.choice(["n", "n", "n", "v"]), depth)
        if self.chance(0.5):
            return self.literal_value()
        return self.literal()

    def literal(self):
        text = self.random.choice(["0", "1", "2", "3", "5", "10", "0.5", "2.25", "-1", "NULL"] if self.chance(0.3) else ["1", "2", "3", "4"])
        if text == "NULL":
            return Constant("(1 * NULL)", None)
        return Constant(text, float(text) if "." in text else int(text))

    def literal_value(self):
        d = next(d for d in self.table["v"] if d.template == "{M}.Value")
        return Call(d, [self.measure()])

    def text(self, depth):
        if depth > 0 and self.chance(0.8):
            return self.call("s", depth)
        text = self.random.choice(["", "a", "Alba", "F", "茶", "Q1 2"])
        return Constant(f'"{text}"', text)

    def boolean(self, depth):
        if depth <= 0:
            return self.call_of(next(d for d in self.table["b"] if d.template.startswith("({n}")), 0, None, None)
        return self.call("b", depth)

    def date(self, depth):
        if depth > 0 and self.chance(0.7):
            return self.call("d", depth)
        day = dates.EPOCH + dates.timedelta(self.random.randrange(18000, 21000))
        return Constant(f"DateSerial({day.year}, {day.month}, {day.day})", dates.at(day))

    # ---- calls

    def call(self, kind, depth, dims=None, hierarchy=None):
        return self.call_of(self.random.choice(self.table[kind]), depth, dims, hierarchy)

    def call_of(self, d, depth, dims, hierarchy):
        if dims is None:
            dims = (self.other(),)
            if self.chance(0.25):
                dims += (self.other(dims),)
        others = None
        if d.result == "xy":
            cut = self.random.randrange(1, len(dims))
            dims, others = dims[:cut], dims[cut:]
        elif d.template == "({t})":
            dims = (self.world.hierarchies[0],) + dims
        h = hierarchy or self.other()
        others = others or (self.other(dims + (h,)),)
        fresh = None
        arguments = []
        for hole in d.holes:
            kind, below = hole.rstrip("~"), depth - 1
            if kind == "@":
                if fresh is None:
                    self.n_names += 1
                    fresh = f"it{self.n_names}"
                arguments.append(fresh)
            elif kind.startswith("!"):
                arguments.append(self.random.choice(words(kind[1:])))
            else:
                arguments.append(self.argument(kind, below, dims, others, h))
        return Call(d, arguments, h, dims + others)

    def argument(self, kind, depth, dims, others, h):
        if kind == "x":
            return self.set(dims, depth)
        if kind == "y":
            return self.set(others, min(depth, 1))
        if kind == "z":
            return self.set((h,), depth)
        if kind == "t":
            return self.tuple(dims, depth)
        if kind == "m":
            return self.member(h, depth)
        if kind == "M":
            return self.measure()
        if kind == "T":
            return self.member(self.world.hierarchies[1], depth)
        if kind == "S":
            return self.member(self.world.hierarchies[2], depth)
        if kind == "l":
            return self.level(h, depth)
        if kind == "h":
            return Constant(h.unique, h)
        if kind == "n":
            return self.number(depth)
        if kind == "k":
            return self.literal()
        if kind == "s":
            return self.text(depth)
        if kind == "b":
            return self.boolean(depth)
        if kind == "d":
            return self.date(depth)
        if kind in "pq":
            return (formats.number_pattern if kind == "p" else formats.date_pattern)(self.random)
        return self.random.choice([self.number, self.text])(depth) if self.chance(0.3) else self.number(depth)

    # ---- statements

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
        m = Member(h, h.levels[0], name)
        m.unique_name = f"{h.unique}.[{name}]"
        node = self.text(2) if h.number == 0 and self.chance(0.15) else self.number(3)
        m.solve_order = self.random.choice([0, 0, 0, 1, 2, -1])
        m.formula = node
        f = Formula("MEMBER", m.unique, node, m, f", SOLVE_ORDER = {m.solve_order}" if m.solve_order else "")
        self.members.append(m)
        return f

    def statement(self):
        """WITH formulas, axes as (is_non_empty, node), slicer node or None; hierarchies are used once."""
        formulas = self.formulas()
        measures = self.world.hierarchies[0]
        taken = [measures]
        axes = [(False, Tuple([self.measure()]))]
        if self.chance(0.8):
            axes[0] = (self.chance(0.2), MeasureSet([self.measure() for _ in range(self.random.choice([1, 1, 2]))]))
        for _ in range(self.random.choice([0, 1, 1, 1, 2])):
            dims = (self.other(taken),)
            taken += dims
            if self.chance(0.3) and len(taken) < 5:
                dims += (self.other(taken),)
                taken += dims[1:]
            axes.append((self.chance(0.3), self.set(dims, self.random.choice([1, 2, 3]))))
        slicer = None
        if self.chance(0.4) and len(taken) < 6:
            h = self.other(taken)
            pick = self.random.sample(h.members(), self.random.choice([1, 1, 2, 3]))
            slicer = MeasureSet([Constant(m.unique, m) for m in pick]) if len(pick) > 1 else Tuple([self.member(h, 1)])
        return Statement(formulas, axes, slicer)


def words(choice):
    """The words of a choice; those that are quoted texts may hold the separator."""
    if '"' not in choice:
        return choice.split("|")
    return ['"' + w.strip('"') + '"' for w in choice.split('"|"')]


class MeasureSet:
    def __init__(self, members):
        self.members = members

    def text(self):
        return "{" + ", ".join(m.text() for m in self.members) + "}"

    def value(self, ev, context):
        return [(m.constant,) for m in self.members]

    def names(self):
        return iter(())


class Statement:
    def __init__(self, formulas, axes, slicer):
        self.formulas, self.axes, self.slicer = formulas, axes, slicer

    def text(self):
        out = ("WITH " + " ".join(f.text() for f in self.formulas) + " ") if self.formulas else ""
        out += "SELECT " + ", ".join(
            ("NON EMPTY " if empty else "") + node.text() + f" ON {i}" for i, (empty, node) in enumerate(self.axes)
        )
        out += " FROM [Shop]"
        return out + (f" WHERE {self.slicer.text()}" if self.slicer else "")

    def nodes(self):
        return [n for _, n in self.axes] + [f.node for f in self.formulas] + ([self.slicer] if self.slicer else [])
