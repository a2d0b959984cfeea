#!/usr/bin/env python3
"""Statements made from those of recorded answers, whose answers follow from these.

    variants.py PATRON DB ANSWERS [EVERY]

Every EVERY-th variant is asked (default 1: all). A set stays what it is inside a filter that holds, in an order by a
constant, as its own text; axes change places; the first two positions are Head; NON EMPTY leaves out what is empty; ...
Variants are compared with what Patron answers to the statement: that this is the recorded answer is test_answers' business.
"""
import copy
import json
import re
import subprocess
import sys

from statement import Statement, tokens

# What has another meaning inside an expression, or twice.
UNFIT = re.compile(r"parameter|paramref|visualtotals|current\b|currentordinal|\bas [a-z\[]+ *[,)}]", re.I)
SPARE = {
    "sales": "[Promotion Media].[All Media]",
    "sales ragged": "[Promotion Media].[All Media]",
    "warehouse and sales": "[Promotion Media].[All Media]",
    "warehouse": "[Store Type].[All Store Types]",
    "hr": "[Pay Type].[All Pay Types]",
    "store": "[Has coffee bar].[All Has coffee bars]",
}


# ---- answers -------------------------------------------------------------------------------------------------------


class Answer:
    """Axes as lists of tuples of unique names, the slicer, and the texts of cells by their coordinates."""

    def __init__(self, axes, slicer, cells):
        self.axes, self.slicer, self.cells = axes, slicer, cells

    @staticmethod
    def read(a):
        axes = [[tuple(p) for p in x["positions"]] for x in a["axes"]]
        cells = {}
        for c in a["cells"]:
            at, rest = [], c["ordinal"]
            for x in axes:
                at.append(rest % len(x))
                rest //= len(x)
            cells[tuple(at)] = "#ERR" if "error" in c else c["formatted"]
        return Answer(axes, [tuple(t) for t in a["slicer"]], cells)

    def key(self):
        return self.axes, self.slicer, self.cells

    def swapped(self):
        axes = [self.axes[1], self.axes[0]] + self.axes[2:]
        return Answer(axes, self.slicer, {(c[1], c[0]) + c[2:]: t for c, t in self.cells.items()})

    def picked(self, axis, places):
        axes = list(self.axes)
        axes[axis] = [self.axes[axis][i] for i in places]
        cells = {}
        for new, old in enumerate(places):
            for c, t in self.cells.items():
                if c[axis] == old:
                    cells[c[:axis] + (new,) + c[axis + 1 :]] = t
        return Answer(axes, self.slicer, cells)

    def crossed(self, axis, member, is_first):
        axes = list(self.axes)
        axes[axis] = [(member,) + t if is_first else t + (member,) for t in axes[axis]]
        return Answer(axes, self.slicer, self.cells)

    def sliced(self, member):
        return Answer(self.axes, [t + (member,) for t in self.slicer], self.cells)


def ask(patron, db, statements):
    requests = "".join(json.dumps({"id": i, "mdx": s}) + "\n" for i, s in enumerate(statements))
    command = [patron, "query", "--db", db, "--batch"]
    run = subprocess.run(command, input=requests, capture_output=True, text=True, check=False)
    answers = [json.loads(line) for line in run.stdout.splitlines()]
    if len(answers) != len(statements):
        sys.exit(f"{len(statements)} statements, {len(answers)} answers\n{run.stderr}")
    return answers


# ---- variants ------------------------------------------------------------------------------------------------------


def hierarchy(unique_name):
    return tokens(unique_name)[0][1]


def as_set(positions):
    return "{" + ", ".join(f"({', '.join(t)})" for t in positions) + "}"


def of_one_set(a, axis):
    """(expression in which {x} is the axis, what it gives)."""
    positions = a.axes[axis]
    n = len(positions)
    hierarchies = [hierarchy(m) for m in positions[0]]
    current = "(" + ", ".join(h + ".CurrentMember" for h in hierarchies) + ")"
    once = a.picked(axis, [i for i in range(n) if positions[i] not in positions[:i]])
    for form in (
        "{{{x}}}",
        "({x})",
        "Filter({x}, 1 = 1)",
        "Order({x}, 1, BASC)",
        "Order({x}, 1, BDESC)",
        "Generate({x}, {" + current + "}, ALL)",
        "Intersect({x}, {x}, ALL)",
        "Except({x}, {})",
        "Iif(1 = 1, {x}, {})",
        "StrToSet(SetToStr({x}), " + ", ".join(hierarchies) + ")",
        "{x} AS zz",
    ):
        yield form, a
    for form in ("Distinct({x})", "Union({x}, {x})", "Intersect({x}, {x})", "Generate({x}, " + current + ")"):
        yield form, once
    yield "Union({x}, {x}, ALL)", a.picked(axis, list(range(n)) * 2)
    yield "Head({x}, 2)", a.picked(axis, list(range(n))[:2])
    yield "Tail({x}, 2)", a.picked(axis, list(range(n))[-2:])
    yield "Subset({x}, 1, 2)", a.picked(axis, list(range(n))[1:3])
    yield "{{x}.Item(0)}", a.picked(axis, [0])
    yield "TopCount({x}, 3, 1)", a.picked(axis, list(range(n))[:3])
    yield "BottomCount({x}, 2)", a.picked(axis, list(range(n))[-2:])
    yield "Filter({x} AS zz, zz.CurrentOrdinal = 1)", a.picked(axis, list(range(n))[1:2])
    is_made = any(m.startswith("[Measures]") for m in positions[0])
    if n < 200 and not is_made:
        yield as_set(positions), a


def variants(text, a):
    """(statement, its answer)."""

    def changed(change):
        s = copy.deepcopy(statement)
        change(s)
        return str(s)

    statement = Statement(text)
    yield str(statement), a
    yield "".join(" /* ' */\n-- \"\n " if k == "space" else t for k, t in tokens(str(statement))), a
    if UNFIT.search(text):
        return
    if len(a.axes) > 1:
        yield changed(lambda s: s.axes.insert(0, s.axes.pop(1))), a.swapped()
    for i, axis in enumerate(statement.axes):
        if not a.axes[i]:
            continue
        x = "{" + axis.set + "}"

        def put(s, form, i=i, x=x):
            s.axes[i].set = form.replace("{x}", x)

        def put_named(s, i=i, x=x):
            s.define("SET [z z] AS " + x)
            s.axes[i].set = "[z z]"

        any_non_empty = any(o.non_empty for o in statement.axes)
        for form, want in of_one_set(a, i):
            if want is a or not any_non_empty:
                yield changed(lambda s, f=form: put(s, f)), want
        yield changed(put_named), a
        if not any_non_empty:
            full = sorted({c[i] for c in a.cells})

            def leave_out(s, i=i):
                s.axes[i].non_empty = True

            yield changed(leave_out), a.picked(i, full)
    yield from with_spare(statement, text, a, changed)


def with_spare(statement, text, a, changed):
    """An all member more changes nothing."""
    spare = SPARE.get(statement.cube.strip("[]").lower())
    if not spare or hierarchy(spare).lower() in (text + str(a.key())).lower():
        return
    for i, axis in enumerate(statement.axes):
        if not a.axes[i]:
            continue
        for form, is_first in ((f"Crossjoin({{{axis.set}}}, {{{spare}}})", False), (f"{{{spare}}} * {{{axis.set}}}", True)):

            def cross(s, i=i, form=form):
                s.axes[i].set = form

            yield changed(cross), a.crossed(i, spare, is_first)

    def slice_(s):
        s.slicer = spare if s.slicer is None else f"{as_set(a.slicer)} * {{{spare}}}"

    yield changed(slice_), a.sliced(spare)


# ---- comparing -----------------------------------------------------------------------------------------------------


def difference(want, answer):
    if not answer["ok"]:
        return "fails: " + answer["error"]["message"]
    got = Answer.read(answer)
    for what, w, g in zip(("axes", "slicer", "cells"), want.key(), got.key()):
        if w != g:
            return f"{what}: {str(w)[:300]}\n    got {str(g)[:300]}"
    return None


def main():
    patron, db, recorded = sys.argv[1:4]
    every = int(sys.argv[4]) if len(sys.argv) > 4 else 1
    with open(recorded, encoding="utf-8") as f:
        texts = [r["mdx"] for r in map(json.loads, f) if r["ok"]]
    made = []
    for text, answer in zip(texts, ask(patron, db, texts)):
        if answer["ok"] and answer["slicer"]:
            made += variants(text, Answer.read(answer))
    made = made[::every]
    wrong = 0
    for (statement, want), answer in zip(made, ask(patron, db, [s for s, _ in made])):
        d = difference(want, answer)
        if d:
            wrong += 1
            print(f"{statement}\n    {d}")
    print(f"{len(made)} variants of {len(texts)} statements, {wrong} differ")
    sys.exit(wrong > 0)


main()
