"""Dates: a moment is a number of microseconds since 1970, of a day or (times alone) of no day in particular.

What would depend on the day that a time alone is put on is left out.
"""

from collections import namedtuple
from datetime import date, timedelta
from fractions import Fraction
from math import floor, isnan
import re

from evaluate import CellError, Unspecified, number, text
from language import PART, define
from navigation import whole

SECOND = 1000000
DAY = 86400 * SECOND
EPOCH = date(1970, 1, 1)
MONTHS = "January February March April May June July August September October November December".split()
WEEKDAYS = "Sunday Monday Tuesday Wednesday Thursday Friday Saturday".split()

Moment = namedtuple("Moment", "us has_day")


def at(day, us=0):
    return Moment((day - EPOCH).days * DAY + us, True)


def day_of(m):
    if not m.has_day:
        raise Unspecified("the day of a time alone")
    return EPOCH + timedelta(m.us // DAY)


def clock_of(m):
    """Hour, minute, second."""
    s = m.us % DAY // SECOND
    return s // 3600, s // 60 % 60, s % 60


def near(days):
    """Days since 1970 within some centuries."""
    if abs(days) > 200000:
        raise Unspecified("dates far away")
    return days


def of_values(template, result):
    """A definition over values: null if one of them is."""

    def as_its_kind(hole, v):
        return number(v) if hole in "nk" else text(v) if hole == "s" else v.strip('"') if hole[0] == "!" else v

    def keep(meaning):
        def of(ev, context, *values):
            values = [as_its_kind(hole, v) for hole, v in zip(PART.findall(template), values)]
            if None in values:
                return None
            if any(isinstance(v, float) and (isnan(v) or abs(v) > 1e6) for v in values):
                raise Unspecified("dates far away")
            return meaning(*values)

        define(template, result)(of)
        return meaning

    return keep


# ---- dates that are made -------------------------------------------------------------------------------------------


def month_start(year, month):
    index = year * 12 + month - 1
    if not 1000 * 12 <= index <= 3000 * 12:
        raise Unspecified("dates far away")
    return date(index // 12, index % 12 + 1, 1)


@of_values("DateSerial({!1999|2020|2024|2024.5}, {n}, {n})", "d")
def serial(year, month, day):
    start = month_start(whole(float(year)), whole(month))
    return at(start, near(whole(day) - 1) * DAY)


@of_values("TimeSerial({n}, {n}, {n})", "d")
def time_serial(h, m, s):
    if max(abs(h), abs(m), abs(s)) > 100000:
        raise Unspecified("times far away")
    return Moment((whole(h) * 3600 + whole(m) * 60 + whole(s)) * SECOND, False)


@of_values("DateValue({d})", "d")
def date_value(m):
    return at(day_of(m))


@of_values("TimeValue({d})", "d")
def time_value(m):
    return Moment(m.us % DAY, False)


def read_time(s):
    """4:35:47 PM"""
    found = re.fullmatch(r"(\d\d?):(\d\d):(\d\d) (AM|PM)", s)
    if not found:
        return None
    h, m, sec = (int(g) for g in found.groups()[:3])
    if not 1 <= h <= 12 or m > 59 or sec > 59:
        return None
    return Moment(((h % 12 + 12 * (found[4] == "PM")) * 3600 + m * 60 + sec) * SECOND, False)


def read(s):
    """Jan 15, 1997, the month perhaps by its whole name, or a time."""
    found = re.fullmatch(r"([A-Z][a-z]{2,}) (\d\d?), (\d{4})", s)
    if not found:
        return read_time(s)
    months = [m for m in MONTHS if found[1] in (m, m[:3])]
    try:
        return at(date(int(found[3]), MONTHS.index(months[0]) + 1, int(found[2]))) if months else None
    except ValueError:
        return None


def or_error(m):
    if m is None:
        raise CellError("no date, or no time")
    return m


TIMES = '"4:35:47 PM"|"12:00:00 AM"|"12:59:01 PM"|"01:02:03 AM"'
DATES = '"Jan 15, 1997"|"Feb 29, 2024"|"Dec 1, 2023"'
NEITHER = '"Feb 29, 2023"|"2024-01-15"|"1/15/2024"|"13:00:00 PM"|"noon"|""'

of_values("TimeValue({!%s|%s})" % (TIMES, NEITHER), "d")(lambda s: or_error(read_time(s)))
of_values("CDate({!%s|%s|%s})" % (TIMES, DATES, NEITHER), "d")(lambda s: or_error(read(s)))
of_values("CDate({s})", "d")(lambda s: or_error(read(s)))
of_values("CDate({d})", "d")(lambda m: m)


@define("Iif({b}, {d~}, {d~})", "d")
def either(ev, context, condition, a, b):
    return (a if condition else b)(context)


@define("CoalesceEmpty({d}, {d})", "d")
def first_there(ev, context, a, b):
    return b if a is None else a


@define("IsDate({d})", "b")
@define("IsDate({v})", "b")
@define("IsDate({s})", "b")
@define("IsDate({!%s|%s|%s})" % (TIMES, DATES, NEITHER), "b")
def is_date(ev, context, v):
    return isinstance(v, Moment) or (isinstance(v, str) and read(v.strip('"')) is not None)


@of_values("TypeName({d})", "s")
def type_of_date(m):
    return "Date"


# ---- parts ---------------------------------------------------------------------------------------------------


def weekday(day, first=1):
    """1 for the day that `first` says (1: Sunday)."""
    return (day.isoweekday() - (first - 1)) % 7 + 1


def weekday_from(m, first):
    first = whole(first)
    if not 1 <= first <= 7:
        raise CellError("no first day")
    return weekday(day_of(m), first)


of_values("Year({d})", "n")(lambda m: day_of(m).year)
of_values("Month({d})", "n")(lambda m: day_of(m).month)
of_values("Day({d})", "n")(lambda m: day_of(m).day)
of_values("Hour({d})", "n")(lambda m: clock_of(m)[0])
of_values("Minute({d})", "n")(lambda m: clock_of(m)[1])
of_values("Second({d})", "n")(lambda m: clock_of(m)[2])
of_values("Weekday({d})", "n")(lambda m: weekday(day_of(m)))
of_values("Weekday({d}, {n})", "n")(weekday_from)


def week(day, first, rule):
    """Weeks begin with weekday `first`; the first one has January 1 (rule 1), four days (2) or seven (3) of the year."""

    def start(year):
        s = date(year, 1, 1)
        while weekday(s, first) != 1:
            s -= timedelta(1)
        while sum((s + timedelta(i)).year == year for i in range(7)) < {1: 1, 2: 4, 3: 7}[rule]:
            s += timedelta(7)
        return s

    year = day.year
    if day < start(year):
        year -= 1
    elif rule > 1 and day >= start(year + 1):
        year += 1
    return (day - start(year)).days // 7 + 1


def part(name, m, first=1, rule=1):
    first, rule = whole(first), whole(rule)
    if name.lower() == "x":
        raise CellError("no such part")
    if not 1 <= first <= 7 or not 1 <= rule <= 3:
        raise CellError("no such week")
    if name in ("h", "n", "s"):
        return clock_of(m)["hns".index(name)]
    day = day_of(m)
    return {
        "yyyy": day.year,
        "q": (day.month + 2) // 3,
        "m": day.month,
        "y": (day - date(day.year, 1, 1)).days + 1,
        "d": day.day,
        "w": weekday(day, first),
        "ww": week(day, first, rule),
    }[name.lower()]


INTERVALS = '"yyyy"|"q"|"m"|"y"|"d"|"w"|"ww"|"h"|"n"|"s"|"x"|"YYYY"'

of_values("DatePart({!%s}, {d})" % INTERVALS, "n")(part)
of_values("DatePart({!%s}, {d}, {k})" % INTERVALS, "n")(part)
of_values("DatePart({!%s}, {d}, {k}, {k})" % INTERVALS, "n")(part)


# ---- intervals ---------------------------------------------------------------------------------------------------

LENGTH = {"y": DAY, "d": DAY, "w": DAY, "ww": 7 * DAY, "h": 3600 * SECOND, "n": 60 * SECOND, "s": SECOND}
N_MONTHS = {"yyyy": 12, "q": 3, "m": 1}


@of_values("DateAdd({!%s}, {n}, {d})" % INTERVALS, "d")
def later(name, n, m):
    name = name.lower()
    if name in LENGTH:
        us = floor(Fraction(n) * LENGTH[name] + Fraction(1, 2))
        near((m.us + us) // DAY)
        return Moment(m.us + us, m.has_day)
    if name not in N_MONTHS:
        raise CellError("no such interval")
    if n != int(n):
        raise Unspecified("parts of months")
    day = day_of(m)
    start = month_start(day.year, day.month + int(n) * N_MONTHS[name])
    end = month_start(start.year, start.month + 1) - timedelta(1)
    return at(start.replace(day=min(day.day, end.day)), m.us % DAY)


def boundaries(name, a, b, first=1, rule=1):
    """How often an interval ended between two moments."""
    name, first = name.lower(), whole(first)
    if name == "x":
        raise CellError("no such interval")
    if not 1 <= first <= 7 or not 1 <= whole(rule) <= 3:
        raise CellError("no such week")
    if a.has_day != b.has_day:
        raise Unspecified("between a time alone and a day")
    if a.us > b.us:
        return -boundaries(name, b, a, first)
    if name in N_MONTHS:
        a, b = day_of(a), day_of(b)
        return (b.year * 12 + b.month - 1) // N_MONTHS[name] - (a.year * 12 + a.month - 1) // N_MONTHS[name]
    if name in ("w", "ww"):
        a, b = day_of(a), day_of(b)
        days = (b - a).days
        to_next = 7 if name == "w" else 8 - weekday(a, first)  # until its weekday, or the first day, is there again
        return (days - to_next) // 7 + 1
    return b.us // LENGTH[name] - a.us // LENGTH[name]


of_values("DateDiff({!%s}, {d}, {d})" % INTERVALS, "n")(boundaries)
of_values("DateDiff({!%s}, {d}, {d}, {k})" % INTERVALS, "n")(boundaries)
of_values("DateDiff({!%s}, {d}, {d}, {k}, {k})" % INTERVALS, "n")(boundaries)


# ---- names ---------------------------------------------------------------------------------------------------------


def named(names, n, is_short):
    if not 1 <= n <= len(names):
        raise CellError("no month, or no day")
    return names[n - 1][:3] if is_short else names[n - 1]


def name_of_day(n, is_short=False, first=1):
    n, first = whole(n), whole(first)
    if not 1 <= n <= 7 or not 1 <= first <= 7:
        raise CellError("no day")
    return named(WEEKDAYS, (n - 1 + first - 1) % 7 + 1, is_short)


of_values("MonthName({n})", "s")(lambda n: named(MONTHS, whole(n), False))
of_values("MonthName({n}, {b})", "s")(lambda n, is_short: named(MONTHS, whole(n), is_short))
of_values("WeekdayName({n})", "s")(name_of_day)
of_values("WeekdayName({n}, {b})", "s")(name_of_day)
of_values("WeekdayName({k}, {b}, {k})", "s")(name_of_day)
