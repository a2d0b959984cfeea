"""Format strings: how numbers and dates are written by patterns, and random patterns.

A pattern of numbers is a list of sections; a section is (text before, digit places, text behind), or a text alone. Sections are made
here and then spelt, so nothing has to be parsed.
"""

from collections import namedtuple
from decimal import ROUND_HALF_EVEN, ROUND_HALF_UP, Decimal
from math import inf, isnan

from dates import MONTHS, WEEKDAYS, clock_of, day_of, of_values, part
from evaluate import CellError, Unspecified, number
from language import define
from navigation import whole

# ---- numbers ----------------------------------------------------------------------------------------------------

Section = namedtuple("Section", "before places behind")  # places "" : a text alone
NAMED = {
    "Standard": [Section("", "#,##0", "")],
    "Currency": [Section("$", "#,##0.00", ""), Section("($", "#,##0.00", ")")],
    "Fixed": [Section("", "0", "")],
    "Percent": [Section("", "0.00", "%")],
    "Scientific": [Section("", "0.00e+00", "")],
}
WORDS = {"Yes/No": ("Yes", "No"), "True/False": ("True", "False"), "On/Off": ("On", "Off")}


def decimal(n):
    """The digits as they are printed."""
    return Decimal(n) if isinstance(n, int) else Decimal(repr(float(n)))


def rounded(x, n_decimals, how=ROUND_HALF_UP):
    return x.quantize(Decimal(1).scaleb(-n_decimals), how) + 0


def grouped(digits):
    return digits if len(digits) <= 3 else grouped(digits[:-3]) + "," + digits[-3:]


def general(n):
    """Grouped, with at most three decimals, halves to the even digit; what rounds to nothing keeps its sign."""
    if isnan(n) or abs(n) == inf:
        return "NaN" if isnan(n) else "Infinity" if n > 0 else "-Infinity"
    x = rounded(abs(decimal(n)), 3, ROUND_HALF_EVEN)
    start, _, decimals = f"{x:f}".partition(".")
    return ("-" if n < 0 else "") + grouped(start) + ("." + decimals.rstrip("0") if decimals.rstrip("0") else "")


class Places:
    """Digit places: whole ones, decimals, thousands left out behind them, the exponent's sign and length."""

    def __init__(self, text):
        cut = min((text.index(e) for e in "eE" if e in text), default=len(text))
        mantissa, self.exponent = text[:cut], text[cut:]
        self.n_thousands = len(mantissa) - len(mantissa.rstrip(","))
        start, self.point, decimals = mantissa.rstrip(",").partition(".")
        self.is_grouped = "," in start or self.n_thousands > 0
        digits = start.replace(",", "")
        self.least = len(digits) - digits.index("0") if "0" in digits else 0
        self.n_whole, self.n_decimals = len(digits), len(decimals)
        self.least_decimals = decimals.rindex("0") + 1 if "0" in decimals else 0

    def write(self, x):
        """A number that is not negative, rounded already."""
        start, _, decimals = f"{x:f}".partition(".")
        start = start.lstrip("0").rjust(self.least, "0")
        decimals = decimals.rstrip("0").ljust(self.least_decimals, "0")
        return (grouped(start) if self.is_grouped else start) + self.point + decimals

    def scientific(self, x):
        power = x.adjusted() if x else 0
        mantissa = rounded(x.scaleb(-power), self.n_decimals)
        if mantissa >= 10:
            mantissa, power = mantissa / 10, power + 1
        sign = "-" if power < 0 else "+" if self.exponent[1] == "+" else ""
        digits = str(abs(power)).rjust(len(self.exponent) - 2, "0")
        return self.write(mantissa) + self.exponent[0] + sign + digits

    def not_finite(self, n):
        if self.exponent or self.n_decimals != self.least_decimals:
            raise Unspecified("decimals of what is not finite")
        return "NaN" + self.point + "0" * self.n_decimals if isnan(n) else "Infinity"


def plain(text):
    """The text that a literal stands for."""
    return text.replace("\\", "").replace('"', "")


def in_section(s, n):
    """What the section writes of a number without its sign, and whether that is nothing but zeros."""
    if not s.places:
        return plain(s.before), n == 0
    places = Places(s.places)
    if isnan(n) or abs(n) == inf:
        return plain(s.before) + places.not_finite(n) + plain(s.behind), False
    x = abs(decimal(n)) * (100 if "%" in s.before + s.behind else 1) / 1000**places.n_thousands
    fixed = rounded(x, places.n_decimals)
    if places.exponent and n < 0 and fixed != 0 and rounded(abs(decimal(n)), places.n_decimals) == 0:
        raise Unspecified("zero but for its percent sign")
    if places.exponent:
        is_zero = x == 0 or (n < 0 and fixed == 0)
        return plain(s.before) + places.scientific(Decimal(0) if is_zero else x) + plain(s.behind), is_zero
    return plain(s.before) + places.write(fixed) + plain(s.behind), fixed == 0


def written(n, sections):
    """By the section for positive numbers, negative ones, zero or null; those that are empty are as the first."""
    if n is None:
        return plain(sections[3].before) if len(sections) > 3 else ""
    used = sections + [Section("", "", "")] * 4
    first, below, zero = used[0], used[1], used[2]
    is_first = not (n < 0 and any(below))
    text, is_zero = in_section(first if is_first else below, n)
    if is_zero and any(zero):
        if n < 0 and len(sections) > 1 and not any(below):
            raise Unspecified("nearly zero, without a section for what is below")
        return in_section(zero, 0)[0]
    if is_zero:
        return in_section(first, 0)[0]
    return ("-" if n < 0 and is_first and first.places else "") + text


def too_wide(n):
    return n is not None and not isnan(n) and abs(n) != inf and (abs(n) > 1e14 or 0 < abs(n) < 1e-14)


class Pattern:
    """A format for numbers: how it is spelt in MDX, and what it makes of a number."""

    def __init__(self, text, meaning):
        self.spelling, self.meaning = '"' + text.replace('"', '""') + '"', meaning

    def text(self):
        return self.spelling

    def value(self, ev, context):
        return self.meaning

    def names(self):
        return iter(())


BEFORE = ["", "", "", "$", "(", "\\x", '"abc"', "-", "+", "n "]
PLACES = ["0", "#", "#,##0", "#,###", "#,#", "00000", "0,000", "0.0", "0.00", "#.##", "0.###", "#.0", "#,##0.00", "#,###.00", "##0.0#",
          "#,##0,", "#,##0,,", "0.0e+00", "0.00E+0", "0.0e-0"]  # fmt: skip
BEHIND = ["", "", "", "%", ")", ' "units"', "\\k"]


def random_section(random):
    return Section(random.choice(BEFORE), random.choice(PLACES), random.choice(BEHIND))


def random_text(random):
    return Section(random.choice(["zero", "nil", '"a; b"', "-", "\\-"]), "", "")


def number_pattern(random):
    kind = random.random()
    if kind < 0.15:
        name = random.choice(list(NAMED))
        return Pattern(name, lambda n: written(n, NAMED[name]))
    if kind < 0.25:
        name = random.choice(list(WORDS))
        return Pattern(name, lambda n: WORDS[name][0 if n else 1])
    if kind < 0.35:
        return Pattern(random.choice(["General Number", "", ">", "<"]), lambda n: "" if n is None else general(n))
    sections = [random_section(random)]
    more = [random_section, random.choice([random_section, random_text]), random_text]
    for make in more[: random.choice([0, 0, 1, 2, 3])]:
        sections.append(make(random) if random.random() < 0.8 else Section("", "", ""))
    text = ";".join("".join(s) for s in sections)
    if kind < 0.4:
        return Pattern(f"|{text}|style=red", lambda n: "" if n is None else f"|{written(n, sections)}|style=red")
    return Pattern(text, lambda n: written(n, sections))


@define("Format({n}, {p})", "s")
def format_number(ev, context, n, pattern):
    if too_wide(number(n)):
        raise Unspecified("more digits than a number has")
    return pattern(n)


def with_options(name, before, usual, behind):
    """-1 is as usual, 0 no: a zero before the point, grouped digits; parentheses of negative numbers are not usual, 1 asks for them."""

    def of(n, places=-1, zero=-1, parentheses=-1, groups=-1):
        if too_wide(n) or isnan(n) or abs(n) == inf:
            raise Unspecified("digits of what is not finite")
        places, zero, parentheses, groups = (int(float(v)) for v in (places, zero, parentheses, groups))
        if places < -1 or places > 10:
            raise Unspecified("a number of digits out of range")
        if places == -1 and usual is None:  # as many as there are, up to three
            x = rounded(abs(decimal(n)), 3, ROUND_HALF_EVEN)
            places = max(-x.normalize().as_tuple().exponent, 0)
            if n < 0 and x == 0:
                raise Unspecified("the sign of what rounds to nothing")
        elif places == -1:
            places = usual
        x = rounded(abs(decimal(n)) * (100 if behind else 1), places)
        start, _, decimals = f"{x:f}".partition(".")
        start = start.lstrip("0") or ("" if zero == 0 else "0")
        text = before + (start if groups == 0 else grouped(start)) + ("." + decimals if decimals else "") + behind
        return text if n >= 0 or x == 0 else f"({text})" if parentheses == 1 else "-" + text

    of_values(f"{name}({{n}})", "s")(of)
    of_values(f"{name}({{n}}, {{k}})", "s")(of)
    of_values(f"{name}({{n}}, {{!-1|0|1|2}}, {{!-1|0|1}})", "s")(of)
    of_values(f"{name}({{n}}, {{!-1|0|1|2}}, {{!-1|0|1}}, {{!-1|0|1}})", "s")(of)
    of_values(f"{name}({{n}}, {{!-1|0|1|2}}, {{!-1|0|1}}, {{!-1|0|1}}, {{!-1|0|1}})", "s")(of)


with_options("FormatNumber", "", None, "")
with_options("FormatCurrency", "$", 2, "")
with_options("FormatPercent", "", 0, "%")


# ---- dates -----------------------------------------------------------------------------------------------------------


def in_letters(m, letters, is_half):
    """What a run of one letter stands for; `minutes` is written M here."""
    h, n, s = clock_of(m)
    h = h % 12 if is_half else h
    times = {"h": h, "hh": f"{h:02}", "n": n, "nn": f"{n:02}", "M": n, "MM": f"{n:02}", "s": s, "ss": f"{s:02}"}
    if letters in times:
        return str(times[letters])
    if letters in ("AM/PM", "a/p"):
        half = "AM" if m.us % 86400000000 < 43200000000 else "PM"
        return half if letters == "AM/PM" else half[0].lower()
    day = day_of(m)
    return str({
        "d": day.day, "dd": f"{day.day:02}", "ddd": WEEKDAYS[part("w", m) - 1][:3], "dddd": WEEKDAYS[part("w", m) - 1],
        "m": day.month, "mm": f"{day.month:02}", "mmm": MONTHS[day.month - 1][:3], "mmmm": MONTHS[day.month - 1],
        "yy": f"{day.year % 100:02}", "yyyy": day.year, "y": part("y", m), "q": part("q", m), "w": part("w", m),
        "ww": part("ww", m), "ddddd": f"{day.month}/{day.day}/{day.year % 100:02}",
    }[letters])  # fmt: skip


def by_parts(parts):
    """parts: letters and texts in turn."""

    def of(m):
        is_half = any(p in ("AM/PM", "a/p") for p in parts)
        return "".join(plain(p) if i % 2 else in_letters(m, p, is_half) for i, p in enumerate(parts))

    return of


LETTERS = ["d", "dd", "ddd", "dddd", "ddddd", "m", "mm", "mmm", "mmmm", "yy", "yyyy", "y", "q", "w", "ww", "h", "hh", "n", "nn", "s", "ss"]
BETWEEN = ["-", "/", ":", ", ", ".", " ", "\\x", '" of "', "\\m"]
NAMED_DATES = {
    "Long Date": ["dddd", ", ", "mmmm", " ", "dd", ", ", "yyyy"],
    "Medium Date": ["dd", "-", "mmm", "-", "yy"],
    "Short Date": ["m", "/", "d", "/", "yy"],
    "Long Time": ["h", ":", "MM", ":", "ss", " ", "AM/PM"],
    "Medium Time": ["h", ":", "MM", " ", "AM/PM"],
    "Short Time": ["hh", ":", "MM"],
}


def date_pattern(random):
    if random.random() < 0.3:
        name = random.choice(list(NAMED_DATES))
        return Pattern(name, by_parts(NAMED_DATES[name]))
    parts = []
    for _ in range(random.randint(1, 4)):
        letters = random.choice(LETTERS)
        if letters[0] == "m" and ("h" in parts or "hh" in parts):  # behind an hour it would be minutes
            letters = "d"
        parts += [letters, random.choice(BETWEEN)]
        if letters in ("h", "hh") and random.random() < 0.5:
            parts += [random.choice(["M", "MM"]), random.choice(BETWEEN)]
    parts = parts + [random.choice(["AM/PM", "a/p"])] if random.random() < 0.3 else parts[:-1]
    spelling = [p.replace("M", "m") if i % 2 == 0 and p != "AM/PM" else p for i, p in enumerate(parts)]
    return Pattern("".join(spelling), by_parts(parts))


@define("Format({d}, {q})", "s")
def format_date(ev, context, m, pattern):
    return "" if m is None else pattern(m)


GENERAL_TIME = ["h", ":", "nn", ":", "ss", " ", "AM/PM"]
FORMS = [None, ["mmmm", " ", "d", ", ", "yyyy"], ["m", "/", "d", "/", "yy"], GENERAL_TIME, ["h", ":", "nn", " ", "AM/PM"]]


def in_form(m, form=0):
    """0: the day, the time of day, or both; 1 a long and 2 a short date, 3 a long and 4 a short time."""
    form = whole(form)
    if not 0 <= form < len(FORMS):
        raise CellError("no such form")
    has_time = any(clock_of(m)) or m.us % 1000000 > 0
    if form > 2 or (form == 0 and has_time):
        if clock_of(m)[0] % 12 == 0:
            raise Unspecified("how the hour past noon and midnight is written")
    if form:
        return by_parts(FORMS[form])(m)
    if not m.has_day:
        return by_parts(GENERAL_TIME)(m)
    return by_parts(FORMS[2] + ([", "] + GENERAL_TIME if has_time else []))(m)


of_values("FormatDateTime({d})", "s")(in_form)
of_values("FormatDateTime({d}, {n})", "s")(in_form)
