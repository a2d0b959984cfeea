"""How definitions are written down: a template of MDX, the kind of its result, and a Python function that is its meaning.

    @define("Head({x}, {n})", "x")
    def head(ev, context, a, n): ...

Kinds in templates: x a set, t a tuple, y a set of other hierarchies than x; z a set of members of one hierarchy H, and m, l,
h a member, level, hierarchy of that H (ev.here when the function begins; ev.dims those of x and y); T a member, or set, of the time hierarchy, S a store,
M a measure; n a number (k: written out), s a text, b a boolean, d a date, v a value of any kind, p and q a format of numbers, of dates; {!A|B} one of these words; {@} a fresh
name, the same in one template. A kind with ~ is not evaluated before: the function gets a callable that evaluates it in a
context.
"""

import re

from evaluate import Unspecified

DEFINITIONS = []
PART = re.compile(r"\{([a-zA-Z]~?|@|![^}]*)\}")


class Definition:
    def __init__(self, template, result, meaning):
        self.template, self.result, self.meaning = template, result, meaning
        self.holes = PART.findall(template)

    @property
    def kinds(self):
        return [h.rstrip("~") for h in self.holes]


def define(template, result):
    def keep(meaning):
        DEFINITIONS.append(Definition(template, result, meaning))
        return meaning

    return keep


class Call:
    """A definition with its arguments: nodes, or texts for words and fresh names."""

    def __init__(self, definition, arguments, hierarchy=None, dims=()):
        self.definition, self.arguments, self.hierarchy, self.dims = definition, arguments, hierarchy, dims

    def text(self):
        parts = iter(self.arguments)
        return PART.sub(lambda _: (lambda a: a if isinstance(a, str) else a.text())(next(parts)), self.definition.template)

    def value(self, ev, context):
        ev.spend()
        values = []
        for hole, a in zip(self.definition.holes, self.arguments):
            if isinstance(a, str):
                values.append(a)
            elif hole.endswith("~"):
                values.append(lambda c, a=a: a.value(ev, c))
            else:
                values.append(a.value(ev, context))
        ev.here, ev.dims = self.hierarchy, self.dims
        return self.definition.meaning(ev, context, *values)

    def names(self):
        """The templates used in this tree."""
        yield self.definition.template
        for a in self.arguments:
            if not isinstance(a, str):
                yield from a.names()


class Constant:
    """A name or literal."""

    def __init__(self, spelling, value):
        self.spelling, self.constant = spelling, value

    def text(self):
        return self.spelling

    def value(self, ev, context):
        return self.constant

    def names(self):
        return iter(())


class SetName:
    """A named set of the statement: evaluated once, in the context of the slicer."""

    def __init__(self, formula):
        self.formula = formula

    def text(self):
        return self.formula.name

    def value(self, ev, context):
        if ev.slicer is None:
            raise Unspecified("a named set in the slicer")
        if self.formula.cache is None:
            self.formula.cache = self.formula.node.value(ev, ev.slicer)
        return list(self.formula.cache)

    def names(self):
        return iter(())
