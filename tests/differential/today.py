"""Functions of the moment at which a statement starts: what holds at any moment, and the parts of a day.

The day is asked for when the definition is evaluated; run.py begins a world again if midnight passed meanwhile.
"""

from datetime import date

from dates import DAY, LENGTH, at, of_values
from evaluate import Unspecified
from formats import by_parts
from language import define

# ---- a statement has one moment -----------------------------------------------------------------------------


def holds_always(template, value, result="n"):
    define(template, result)(lambda ev, context: value)


holds_always('DateDiff("d", Date(), Now())', 0)
holds_always('DateDiff("s", Now(), Now())', 0)
holds_always('DateDiff("s", Time(), TimeValue(Now()))', 0)
holds_always("(Hour(Date()) + Minute(Date()) + Second(Date()))", 0)
holds_always("(Timer() - Timer())", 0)
holds_always("Int(Timer() - 3600 * Hour(Time()) - 60 * Minute(Time()) - Second(Now()))", 0)
holds_always("(Timer() >= 0 AND Timer() < 86400)", True, "b")
holds_always('(Format(Now(), "hh:nn:ss") = Format(Time(), "hh:nn:ss"))', True, "b")


@of_values('DateDiff({!"d"|"h"|"n"|"s"}, Date(), DateAdd("d", {n}, Date()))', "n")
def days_from_today(name, n):
    if n != int(n) or abs(n) > 10000:
        raise Unspecified("dates far away, parts of days")
    return int(n) * DAY // LENGTH[name]


# ---- the day ---------------------------------------------------------------------------------------------------


def today():
    return at(date.today())


@define("Date()", "d")
@define("DateValue(Now())", "d")
def this_day(ev, context):
    return today()


PARTS = {
    "yyyy-mm-dd": ["yyyy", "-", "mm", "-", "dd"],
    "ddd, d mmmm yy": ["ddd", ", ", "d", " ", "mmmm", " ", "yy"],
    "\\Qq/y": ["q", "/", "y"],
    "w \\o\\f ww": ["w", " of ", "ww"],
}


@define("CurrentDateString({!%s})" % "|".join(f'"{p}"' for p in PARTS), "s")
def day_text(ev, context, pattern):
    pattern = pattern.strip('"')
    return ("Q" if pattern[0] == "\\" else "") + by_parts(PARTS[pattern])(today())


# Patterns of members of the hierarchy Time, and the year, quarter and month that they name: numbers, or letters of today's.
PERIODS = {
    "[Ti\\me]\\.[yyyy]": ["yyyy"],
    "[Ti\\me]\\.[yyyy]\\.[\\Qq]\\.[m]": ["yyyy", "q", "m"],
    "[Ti\\me]\\.[2020]\\.[\\Qq]": [2020, "q"],
    "[Ti\\me]\\.[2021]\\.[\\Qq]\\.[m]": [2021, "q", "m"],
    "[Ti\\me]\\.[2020]\\.[\\Q1]\\.[w]": [2020, 1, "w"],
    "[Ti\\me]\\.[2021]\\.[\\Q2]\\.[w]": [2021, 2, "w"],
}


def place_of(m):
    """A period as numbers: (2020, 1, 3)."""
    return [int(p.name.lstrip("Q")) for p in reversed([m] + m.ancestors())]


def period(ev, pattern, side):
    """The member of that name, or the nearest of its level on the side asked for."""
    h = ev.world.hierarchies[1]
    want = [p if isinstance(p, int) else int(by_parts([p])(today())) for p in PERIODS[pattern]]
    level = h.levels[len(want) - 1].members()
    found = [m for m in level if place_of(m) == want]
    if not found and h.is_restricted:
        raise Unspecified("a period that a subselect leaves out")
    if side == "BEFORE":
        found = found or [m for m in level if place_of(m) < want][-1:]
    elif side == "AFTER":
        found = found or [m for m in level if place_of(m) > want][:1]
    return found[0] if found else h.null


SPELT = "|".join(f'"{p}"' for p in PERIODS)


@define("CurrentDateMember([Time], {!%s}).UniqueName" % SPELT, "s")
@define("CurrentDateMember([Time], {!%s}, {!EXACT|BEFORE|AFTER}).UniqueName" % SPELT, "s")
def period_name(ev, context, pattern, side="EXACT"):
    m = period(ev, pattern.strip('"'), side)
    return "[Time].[#null]" if m.is_null else m.unique


@define("CurrentDateMember([Time], {!%s}, {!EXACT|BEFORE|AFTER}).Value" % SPELT, "v")
def period_value(ev, context, pattern, side):
    return ev.cell(ev.at(context, (period(ev, pattern.strip('"'), side),)))
