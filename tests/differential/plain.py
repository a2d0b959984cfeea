"""Plain functions of numbers and texts that a cell's context has no say in."""

from math import acosh, atan2, atanh, inf, nan

from evaluate import Unspecified, number, text, truth
from language import define
from values import on_number, on_text, positive


def within(n, least, most):
    """A whole number between two others; nothing is said about the rest."""
    if n != int(n) or not least <= n <= most:
        raise Unspecified("a number outside of what is described")
    return int(n)


def wrapped(n):
    return (int(n) + 128) % 256 - 128


def compared(a, b):
    """Java's compareTo: the difference of the first characters that differ, else of the lengths."""
    for x, y in zip(a, b):
        if x != y:
            return ord(x) - ord(y)
    return len(a) - len(b)


def there_and_back(n):
    if n and not 1e-3 <= abs(n) < 1e7:
        raise Unspecified("a number with an exponent")
    return n


def inverse_tanh(x):
    return atanh(x) if abs(x) < 1 else nan if abs(x) > 1 else inf * x


on_number("Acosh({n})", lambda x: acosh(x) if x >= 1 else nan)
on_number("Atanh({n} / 10)", lambda x: inverse_tanh(x / 10))
on_number("Atan2({n}, {n})", atan2)
on_number("CDbl({n})", lambda x: x)
on_number("CByte(Int({n}))", lambda x: wrapped(x // 1))
on_number("Val(Str({n}))", there_and_back)
on_number("AscW(ChrW({n} + 65))", lambda n: within(n, 0, 1000) + 65)
on_number("Asc(Chr({n} + 65))", lambda n: within(n, 0, 60) + 65)
on_number("Len(Space({n}))", lambda n: positive(min(n, 5000), 0) if n <= 5000 else within(n, 0, 0))
on_text("LTrim({s})", str.lstrip)
on_text("RTrim({s})", str.rstrip)
on_text('InStrRev({s}, {!"a"|"F"|"2"})', lambda s, t: s.rfind(t.strip('"')) + 1)


@define("StrComp({s}, {s})", "n")
def compare_texts(ev, context, a, b):
    a, b = text(a), text(b)
    if a is None or b is None:
        raise Unspecified("a text function of null")
    return compared(a, b)


def text_of_number(template, meaning):
    def of_number(ev, context, n):
        n = number(n)
        if n is None or n != n or abs(n) > 1e9:
            raise Unspecified("a text of null, or of what is not finite")
        return meaning(n)

    define(template, "s")(of_number)


text_of_number('String({n}, "ab")', lambda n: "a" * within(n, 0, 50))


@define("CBool({n})", "b")
def as_boolean(ev, context, n):
    if n is None:
        raise Unspecified("a boolean of null")
    return truth(number(n))


@define("TypeName({s})", "s")
def type_name(ev, context, s):
    if text(s) is None:
        raise Unspecified("the type of null")
    return "String"


@define('Dimensions("{h}").DefaultMember', "m")
def default_by_name(ev, context, h):
    return h.default


@define('Parameter("{@}", NUMERIC, {n})', "n")
def parameter(ev, context, _, n):
    return n
