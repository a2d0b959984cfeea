"""How definitions are written down: a template of MDX, the kind of its result, and a Python function that is its meaning.

    @define("Head({x}, {n})", "x")
    def head(ev, context, a, n): ...

Kinds in templates: x a set, t a tuple, y a set of other hierarchies than x, Y of one more; z a set of members of one hierarchy H, and m, l,
h a member, level, hierarchy of that H (ev.here when the function begins; ev.dims those of x and y); T a member, or set, of the time hierarchy, S a store,
M a measure; n a number (k: written out), s a text, b a boolean, d a date, v a value of any kind,
p and q a format of numbers, of dates; {!A|B} one of these words; {@} a fresh
name, the same in one template; {A} a name for the set before it, known to the arguments behind it; f a set of one of the
hierarchies of x, L a level of time, w a member of the weeks, {i} a hierarchy of x, {g} all of them, written out. A kind with ~ is not evaluated
before: the function gets a callable that evaluates it in a context.
"""

import re

from evaluate import UNKNOWN, CellError, StatementError, Unspecified

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
        values, undo, failure = [], [], None
        for hole, a in zip(self.definition.holes, self.arguments):
            if isinstance(a, str):
                values.append(a)
            elif hole.endswith("~"):
                values.append(lambda c, a=a: a.value(ev, c))
            elif isinstance(a, Alias) and failure:
                break  # what is behind it may name a set that there is not
            elif isinstance(a, Alias):
                undo.append((a, a.elements))
                a.elements = values[-1] = list(values[-1])  # a set of its own: not that which another name is for
            else:
                try:
                    values.append(a.value(ev, context))
                except CellError as e:
                    failure = failure or e
                except StatementError:
                    if failure:  # of the cell alone: nothing says whether arguments behind it are evaluated
                        raise Unspecified from failure
                    raise
        if failure:
            raise failure
        ev.here, ev.dims = self.hierarchy, self.dims
        result = self.definition.meaning(ev, context, *values)
        for alias, elements in undo:
            alias.elements = elements
        return list(result) if isinstance(result, list) and any(result is v for v in values) else result  # it is not that very set any more

    def names(self):
        """The templates used in this tree."""
        yield self.definition.template
        for a in self.arguments:
            if not isinstance(a, (str, Alias)):
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


class Braces:
    """{a, b, ...} of tuples."""

    def __init__(self, tuples):
        self.tuples = tuples

    def text(self):
        return "{" + ", ".join(t.text() for t in self.tuples) + "}"

    def value(self, ev, context):
        return [t.value(ev, context) for t in self.tuples]

    def names(self):
        for t in self.tuples:
            yield from t.names()


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
        return self.formula.cache

    def names(self):
        return iter(())


class Alias:
    """set AS name: what it stands for while the call around it is evaluated."""

    def __init__(self, name, dims):
        self.name, self.dims, self.elements = name, dims, None

    def text(self):
        return self.name


class AliasName:
    """An alias where a set is wanted."""

    def __init__(self, alias):
        self.alias = alias

    def text(self):
        return self.alias.name

    def value(self, ev, context):
        return self.alias.elements

    def names(self):
        return iter(())


class Standing:
    """name.Current or name.CurrentOrdinal: where the iteration over a named set stands."""

    def __init__(self, name, is_ordinal, as_tuple=False):
        self.name, self.is_ordinal, self.as_tuple = name, is_ordinal, as_tuple

    def text(self):
        return self.name.text() + (".CurrentOrdinal" if self.is_ordinal else ".Current")

    def value(self, ev, context):
        found = context.places.get(id(self.name.value(ev, context)))
        if found is None:
            raise StatementError("no iteration over the set")
        if found == UNKNOWN:
            raise Unspecified("where an iteration stands that goes its own way")
        place, element = found
        return place if self.is_ordinal else element if self.as_tuple else element[0]

    def names(self):
        yield self.text().rsplit(".", 1)[1]
