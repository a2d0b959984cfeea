"""Random expressions: a definition whose result fits, arguments made in the same way, until the budget is spent."""

import alias  # noqa: F401  (these register their definitions)
import asked  # noqa: F401
import dates
import drill  # noqa: F401
import finance  # noqa: F401
import formats
import measured  # noqa: F401
import navigation  # noqa: F401
import order  # noqa: F401
import periods  # noqa: F401
import relatives  # noqa: F401
import sets  # noqa: F401
import plain  # noqa: F401
import today  # noqa: F401
import values  # noqa: F401
from language import DEFINITIONS, Alias, AliasName, Call, Constant, SetName, Standing, Tuple


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
        self.params = {}  # values of @names
        self.aliases, self.iterated = [], []  # names of sets that are known here, and those that are iterated over

    def chance(self, share):
        return self.random.random() < share

    def other(self, taken=()):
        """A hierarchy that is not measures and not among those taken."""
        return self.random.choice([h for h in self.world.hierarchies[1:] if h not in taken])

    # ---- the smallest things

    def member(self, h, depth):
        if depth > 0 and self.chance(0.5):
            kind = "mT" if h.name == "Time" and self.chance(0.2) else "m"
            return self.call(kind, depth, hierarchy=h)
        standing = [s for s in self.iterated if s.dims == (h,)]
        if standing and self.chance(0.2):
            return Standing(self.name_of(self.random.choice(standing)), False)
        own = [m for m in self.members if m.hierarchy is h]
        m = self.random.choice(own) if own and self.chance(0.2) else self.random.choice(h.members())
        return Constant(m.unique, m)

    def level(self, h, depth):
        if depth > 0 and self.chance(0.1):
            return self.call("l", depth, hierarchy=h)
        level = self.random.choice(h.levels)
        return Constant(level.unique, level)

    def set(self, dims, depth):
        known = [s for s in self.sets + self.aliases if s.dims == dims]
        if known and self.chance(0.25):
            return self.name_of(self.random.choice(known))
        if len(dims) > 1:
            kinds = ["xy"] * 2 + (["x"] if depth > 0 else [])
            return self.call(self.random.choice(kinds), depth, dims=dims)
        if depth <= 0:
            h = dims[0]
            own = [d for d in self.table["z"] if d.template in ("{h}.Members", "{l}.Members", "{ {m}, {m}, {m} }")]
            return self.call_of(self.random.choice(own), 0, dims, h)
        own = {"Time": "T", "Time.Weekly": "W"}.get(dims[0].name)
        kinds = ["x", "z"] + ([own] if own and self.chance(0.3) else [])
        return self.call(self.random.choice(kinds), depth, dims=dims, hierarchy=dims[0])

    def name_of(self, named):
        return AliasName(named) if isinstance(named, Alias) else SetName(named)

    def tuple(self, dims, depth):
        standing = [s for s in self.iterated if s.dims == dims]
        if standing and self.chance(0.3):
            return Standing(self.name_of(self.random.choice(standing)), False, as_tuple=True)
        if depth > 0 and dims[0].number and self.chance(0.2):
            return self.call("t", depth, dims=dims)
        return Tuple([self.measure() if h.number == 0 else self.member(h, depth - 1) for h in dims])

    def measure(self):
        h = self.world.hierarchies[0]
        m = self.random.choice(h.roots + [m for m in self.members if m.hierarchy is h])
        return Constant(m.unique, m)

    def number(self, depth):
        if self.iterated and self.chance(0.15):
            return Standing(self.name_of(self.random.choice(self.iterated)), True)
        if depth > 0 and self.chance(0.75):
            return self.call(self.random.choice(["n", "n", "n", "v"]), depth)
        if self.chance(0.03):
            return self.bound(self.random.choice([None, 0, 1, 2, 3, 2.5]))
        if self.chance(0.5):
            return self.literal_value()
        return self.literal()

    def bound(self, value):
        """A value that is given from outside."""
        name = f"p{len(self.params)}"
        self.params[name] = value
        return Constant(f"@{name}" if value is not None else f"(1 * @{name})", value)  # a null as it comes out of a sum

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
        if self.chance(0.05):
            return self.bound(self.random.choice(["", "Alba", "茶 \\ "]))
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
            dims = (self.other((hierarchy,)),)
            if self.chance(0.25):
                dims += (self.other((hierarchy,) + dims),)
        others = None
        if d.result == "xy":
            cut = self.random.randrange(1, len(dims))
            dims, others = dims[:cut], dims[cut:]
        elif d.template == "({t})":
            dims = (self.world.hierarchies[0],) + dims
        h = hierarchy or self.other()
        others = others or (self.other(dims + (h,)),)
        fresh = None
        arguments, n_aliases, named = [], len(self.aliases), None
        for hole in d.holes:
            kind, below = hole.rstrip("~"), depth - 1
            if kind == "@":
                if fresh is None:
                    self.n_names += 1
                    fresh = f"it{self.n_names}"
                arguments.append(fresh)
            elif kind == "A":
                self.n_names += 1
                named = Alias(f"as{self.n_names}", {"x": dims, "y": others, "z": (h,)}[d.holes[len(arguments) - 1]])
                self.aliases.append(named)
                arguments.append(named)
            elif kind.startswith("!"):
                arguments.append(self.random.choice(words(kind[1:])))
            else:
                outer = len(self.iterated)
                if arguments and hole.endswith("~") and (named or isinstance(arguments[0], (SetName, AliasName))):
                    self.iterated.append(named or getattr(arguments[0], "formula", None) or arguments[0].alias)
                arguments.append(self.argument(kind, below, dims, others, h))
                del self.iterated[outer:]
        del self.aliases[n_aliases:]
        return Call(d, arguments, h, dims + others)

    def argument(self, kind, depth, dims, others, h):
        if kind == "x":
            return self.set(dims, depth)
        if kind == "y":
            return self.set(others, min(depth, 1))
        if kind == "Y":
            return self.set((self.other(dims + others + (h,)),), 0)
        if kind == "z":
            return self.set((h,), depth)
        if kind == "t":
            return self.tuple(dims, depth)
        if kind == "m":
            return self.member(h, depth)
        if kind == "M":
            return self.measure()
        if kind == "T":
            return self.member(self.world.hierarchy("Time"), depth)
        if kind == "S":
            return self.member(self.world.hierarchy("Store"), depth)
        if kind == "l":
            return self.level(h, depth)
        if kind == "L":
            return self.level(self.world.hierarchy("Time"), 0)
        if kind == "w":
            return self.member(self.world.hierarchy("Time.Weekly"), depth)
        if kind == "f":
            return self.set((self.random.choice(dims),), min(depth, 1))
        if kind == "i":
            return (lambda own: Constant(own.unique, own))(self.random.choice(dims))
        if kind == "g":
            return Constant(", ".join(d.unique for d in dims), dims)
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


def words(choice):
    """The words of a choice; those that are quoted texts may hold the separator."""
    if '"' not in choice:
        return choice.split("|")
    return ['"' + w.strip('"') + '"' for w in choice.split('"|"')]
