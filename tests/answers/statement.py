"""The parts of a SELECT, taken apart and put together again: as text, without knowing what it means."""
import re

WORD = re.compile(r"[^\W\d][\w$]*")
NUMBER = re.compile(r"(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?")
AXES = ["COLUMNS", "ROWS", "PAGES", "CHAPTERS", "SECTIONS"]


def quoted_end(text, at, close):
    """Behind the closing character, which is doubled inside."""
    at += 1
    while at < len(text) and (text[at] != close or text[at + 1 : at + 2] == close):
        at += 2 if text[at] == close else 1
    return at + 1


def tokens(text):
    """Pairs of kind (space, name in brackets, text, word, number, sign) and text; comments are space."""
    out, at = [], 0
    while at < len(text):
        c = text[at]
        if c.isspace():
            kind, end = "space", at + 1
        elif text.startswith(("--", "//"), at):
            kind, end = "space", (text + "\n").index("\n", at) + 1
        elif text.startswith("/*", at):
            kind, end = "space", text.index("*/", at) + 2
        elif c in "['\"":
            kind, end = "name" if c == "[" else "text", quoted_end(text, at, "]" if c == "[" else c)
        elif WORD.match(text, at):
            kind, end = "word", WORD.match(text, at).end()
        elif NUMBER.match(text, at):
            kind, end = "number", NUMBER.match(text, at).end()
        else:
            kind, end = "sign", at + 1
        out.append((kind, text[at:end]))
        at = end
    return out


def joined(parts):
    return "".join(text for _, text in parts).strip()


def outer_words(parts):
    """Places of words and commas that are in no brackets and in no CASE, and not behind a point."""
    depth, last, out = 0, "", []
    for i, (kind, text) in enumerate(parts):
        word = text.upper() if kind == "word" and last != "." else ""
        depth += (text in "({" and kind == "sign") + (word == "CASE") - (text in ")}" and kind == "sign") - (word == "END")
        if depth == 0 and (word or text == ","):
            out.append((word or ",", i))
        if kind != "space":
            last = text
    return out


class Axis:
    def __init__(self, parts, name):
        words = [i for w, i in outer_words(parts) if w in ("DIMENSION", "PROPERTIES")]
        head = parts[: words[0]] if words else parts
        self.properties = joined(parts[words[0] :]) if words else ""
        self.non_empty = joined(head).upper().startswith("NON ")
        self.set = joined(head)
        if self.non_empty:
            self.set = re.sub(r"(?is)^non\s+empty\b", "", self.set).strip()
        digits = re.search(r"\d+", name)
        self.number = int(digits.group()) if digits else AXES.index(name.upper())


class Statement:
    def __init__(self, text):
        parts = tokens(text)
        words = outer_words(parts)
        select = next(i for w, i in words if w == "SELECT")
        source = next(i for w, i in words if w == "FROM" and i > select)
        where = next((i for w, i in words if w == "WHERE" and i > source), None)
        cell = next((i for w, i in words if w == "CELL" and i > source), len(parts))
        self.formulas = joined(parts[:select])
        self.cube = joined(parts[source + 1 : where or cell])
        self.slicer = joined(parts[where + 1 : cell]) if where else None
        self.tail = joined(parts[cell:])
        self.axes, start = [], select + 1
        for on in [i for w, i in words if w == "ON" and select < i < source]:
            end = next((i for w, i in words if w == "," and on < i < source), source)
            self.axes.append(Axis(parts[start:on], joined(parts[on + 1 : end])))
            start = end + 1
        self.axes.sort(key=lambda a: a.number)

    def __str__(self):
        axes = [
            f"{'NON EMPTY ' * a.non_empty}{a.set} {a.properties} ON {i}" for i, a in enumerate(self.axes)
        ]
        where = "" if self.slicer is None else f" WHERE {self.slicer}"
        return f"{self.formulas} SELECT {', '.join(axes)} FROM {self.cube}{where} {self.tail}".strip()

    def define(self, formula):
        self.formulas = (self.formulas or "WITH") + " " + formula
