"""Plain functions of numbers and texts that a cell's context has no say in."""

import re
from math import acosh, atan2, atanh, inf, nan
from statistics import NormalDist

from evaluate import CellError, StatementError, Unspecified, number, text, truth
from language import PART, define
from navigation import whole
from values import on_number, on_text, positive, round_away


def within(n, least, most):
    """A whole number between two others; nothing is said about the rest."""
    if not least <= n <= most or n != int(n):
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


def quantile(p):
    """The point below which a share of a normal distribution lies."""
    if not 0 <= p <= 1:
        raise CellError("no probability")
    return -inf if p == 0 else inf if p == 1 else NormalDist().inv_cdf(p)


on_number("Acosh({n})", lambda x: acosh(x) if x >= 1 else nan)
on_number("Atanh({n} / 10)", lambda x: inverse_tanh(x / 10))
on_number("Atan2({n}, {n})", atan2)
on_number("CDbl({n})", lambda x: x)
on_number("CByte(Int({n}))", lambda x: wrapped(x // 1))
on_number("Val(Str({n}))", there_and_back)
on_number("AscW(ChrW({n} + 65))", lambda n: within(n, 0, 1000) + 65, 65)
on_number("Asc(Chr({n} + 65))", lambda n: within(n, 0, 60) + 65, 65)
on_number("Len(Space({n}))", lambda n: positive(min(n, 5000), 0) if n <= 5000 else within(n, 0, 0), 0)
on_number("Round({n}, {k})", lambda n, digits: round_away(n, whole(digits)))
on_number("InverseNormal({n} / 10)", lambda n: quantile(n / 10))
on_text("LTrim({s})", str.lstrip)
on_text("RTrim({s})", str.rstrip)
on_text('InStrRev({s}, {!"a"|"F"|"2"})', lambda s, t: s.rfind(t.strip('"')) + 1)


def of_texts(template, result):
    """A definition over texts and numbers: null if one of them is."""

    def keep(meaning):
        def of(ev, context, *values):
            values = [text(v) if hole == "s" else number(v) for hole, v in zip(PART.findall(template), values)]
            return None if None in values else meaning(*values)

        define(template, result)(of)
        return meaning

    return keep


def found_from(start, s, what, _mode=None):
    start = whole(start)
    if start == -1 or (what == "" and start > len(s)):
        raise Unspecified("nothing looked for behind the end")
    return s.find(what, positive(start, 1) - 1) + 1


def found_until(s, what, end):
    """The last that ends there or before; -1: at the end of the text."""
    end = whole(end)
    if what == "":
        raise Unspecified("nothing looked for")
    return s.rfind(what, 0, len(s) if end == -1 else positive(end, 1)) + 1


def replaced(s, what, by, start, count=-1):
    start, count = positive(start, 1) - 1, whole(count)
    if what == "" or count < -1:
        raise Unspecified("nothing looked for, or less than never")
    return s[:start] + s[start:].replace(what, by, count)


of_texts("StrComp({s}, {s})", "n")(compared)
of_texts("StrComp({s}, {s}, {k})", "n")(lambda a, b, _: compared(a, b))
of_texts("InStr({s}, {s})", "n")(lambda s, what: s.find(what) + 1)
of_texts("InStr({n}, {s}, {s})", "n")(found_from)
of_texts("InStr({k}, {s}, {s}, {k})", "n")(found_from)
of_texts("InStrRev({s}, {s}, {n})", "n")(found_until)
of_texts("Replace({s}, {s}, {s}, {k})", "s")(replaced)
of_texts("Replace({s}, {s}, {s}, {k}, {k})", "s")(replaced)


of_texts('String({n}, "ab")', "s")(lambda n: "a" * within(n, 0, 50))


# ---- conversions --------------------------------------------------------------------------------------------------

NUMBER = re.compile(r"[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d+)?")
LEADING = re.compile(r"[-+]?(\d+\.?\d*|\.\d+)")


def number_in(s):
    """The number that the whole text is."""
    if not NUMBER.fullmatch(s.strip()):
        raise CellError("no number")
    return float(s)


def leading_number(s):
    """The number that a text begins with; blanks do not count, and there are no exponents."""
    found = LEADING.match(s.replace(" ", ""))
    if not found:
        raise CellError("no number")
    return float(found.group())


def first_code(s):
    if not s:
        raise CellError("no character")
    return ord(s[0])


of_texts("Val({s})", "n")(leading_number)
of_texts("CDbl({s})", "n")(number_in)
of_texts("CInt({s})", "n")(lambda s: round(number_in(s)))
of_texts("Asc({s})", "n")(first_code)
of_texts("AscW({s})", "n")(first_code)


@define("Cast({s} AS NUMERIC)", "n")
def cast_number(ev, context, s):
    s = text(s)
    if s is not None and not NUMBER.fullmatch(s.strip()):
        raise StatementError("a text that is no number")
    return None if s is None else float(s)


@define("Cast({s} AS BOOLEAN)", "b")
def cast_truth(ev, context, s):
    s = text(s)
    return s is not None and s.lower() == "true"


@define("Cast({s} AS STRING)", "s")
def cast_text(ev, context, s):
    return text(s)


@define("Cast({b} AS STRING)", "s")
def truth_text(ev, context, b):
    return "true" if truth(b) else "false"


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
