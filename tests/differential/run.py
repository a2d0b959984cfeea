#!/usr/bin/env python3
"""Compares Patron with plain definitions on random statements over small random cubes.

  run.py PATRON [--statements N] [--seed S] [--show K] [--used]

Each world (seed S, S + 1, ...) is written as files, loaded, and asked a thousand statements through the batch door; the definitions
(navigation.py, sets.py, values.py over evaluate.py) answer the same. Exit status 1 tells of a difference, or of a form of the language
that no definition reaches (reach.py). The statement that is printed can be given to `patron query`, and --seed with --statements
repeats the run.
"""

import argparse
import json
import math
import random
import subprocess
import sys
import tempfile
from collections import Counter
from datetime import date

from answer import ERROR, answer
from evaluate import StatementError, Unspecified
from language import DEFINITIONS
from statements import Statements
from reach import complaints
from world import World

PER_WORLD = 1000


def same_value(ours, theirs):
    if isinstance(ours, bool) or isinstance(theirs, bool):
        return ours is theirs or str(ours).lower() == str(theirs).lower()
    if isinstance(ours, (int, float)):
        if isinstance(theirs, str):
            theirs = {"Infinity": math.inf, "-Infinity": -math.inf, "NaN": math.nan}.get(theirs)
        if theirs is None:
            return False
        if math.isnan(ours) or math.isnan(theirs):
            return math.isnan(ours) and math.isnan(theirs)
        return ours == theirs or abs(ours - theirs) <= 1e-9 * max(1, abs(ours), abs(theirs))
    return ours == theirs


def difference(expected, reply):
    """What differs, as a text; None if nothing does. expected: None if the statement fails."""
    if expected is None:
        return "answered, though the statement fails" if reply["ok"] else None
    if not reply["ok"]:
        return f"failed: {reply['error']['message']}"
    if "rows" in reply:
        rows = sorted(tuple(str(v) for v in row) for row in reply["rows"])
        return None if len(rows) == expected[0] and expected[1] in (None, rows) else f"rows {rows} instead of {expected}"
    names, cells = expected
    for i, axis in enumerate(reply["axes"]):
        if axis["positions"] != names[i]:
            return f"axis {i}: {short(axis['positions'])} instead of {short(names[i])}"
    theirs = {c["ordinal"]: ERROR if "error" in c else c["value"] for c in reply["cells"]}
    for ordinal in sorted(cells.keys() | theirs.keys()):
        if not same_value(cells.get(ordinal), theirs.get(ordinal)):
            return f"cell {ordinal}: {theirs.get(ordinal)!r} instead of {cells.get(ordinal)!r}"
    return None


def short(positions):
    text = ", ".join("(" + ", ".join(p) + ")" if len(p) > 1 else p[0] for p in positions)
    return "{" + (text if len(text) < 400 else text[:400] + " ...") + "}"


def make_world(patron, seed, directory):
    world = World(seed)
    definitions = world.write(directory)
    for command in (["init"], ["define"], ["load"]):
        arguments = [patron, *command, "--db", directory + "/db", "-q"] + ([definitions] if command == ["define"] else [])
        subprocess.run(arguments, check=True, stdout=subprocess.DEVNULL)
    return world


def make_statements(world, source, n, used):
    """n statements with their answers: (statement, (axes, cells) or None if the statement fails)."""
    cubes, out = [Statements(world, source), Statements(world.both(), source)], []
    while len(out) < n:
        try:
            statement = source.choices(cubes, (7, 1))[0].statement()
            expected = answer(statement)
        except StatementError:
            expected = None
        except (Unspecified, RecursionError, OverflowError):
            continue
        if len(statement.text()) > 20000:
            continue
        for node in statement.nodes():
            used.update(node.names())
        used.update(statement.uses())
        out.append((statement, expected))
    return out


def ask(patron, directory, statements):
    """The reply to each; what is to be said before it and behind it is said in the same session."""
    requests, places = [], []
    for s, _ in statements:
        requests += [{"mdx": t} for t in s.before()]
        places.append(len(requests))
        requests.append({"mdx": s.text(), "params": s.params})
        requests += [{"mdx": t} for t in s.after()]
    lines = "".join(json.dumps(r) + "\n" for r in requests)
    done = subprocess.run([patron, "query", "--db", directory + "/db", "--batch"], input=lines, text=True, capture_output=True)
    replies = [json.loads(line) for line in done.stdout.splitlines()]
    if len(replies) != len(requests):
        sys.exit(f"{len(replies)} replies to {len(requests)} statements, exit status {done.returncode}; the last asked: "
                 f"{requests[len(replies)]['mdx']}\n{done.stderr}")
    for r, reply in zip(requests, replies):
        if not reply["ok"] and r["mdx"].startswith(("CREATE SESSION", "DROP SESSION")):
            sys.exit(f"{r['mdx']}\n  failed: {reply['error']['message']}")
    return [replies[i] for i in places]


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("patron")
    parser.add_argument("--statements", type=int, default=2000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--show", type=int, default=5, help="differences to print")
    parser.add_argument("--used", action="store_true", help="tell how often each definition was used")
    options = parser.parse_args()
    sys.setrecursionlimit(10000)
    used, n_done, n_failing, differences = Counter(), 0, 0, 0
    while n_done < options.statements:
        seed = options.seed + n_done // PER_WORLD
        with tempfile.TemporaryDirectory() as directory:
            world = make_world(options.patron, seed, directory)
            n = min(PER_WORLD, options.statements - n_done)
            day = None
            while day != date.today():  # again if midnight passed: some answers are of the day
                day = date.today()
                statements = make_statements(world, random.Random(seed), n, used)
                replies = ask(options.patron, directory, statements)
            for (statement, expected), reply in zip(statements, replies):
                n_failing += expected is None
                what = difference(expected, reply)
                if what:
                    differences += 1
                    if differences <= options.show:
                        text = "; ".join(statement.before() + [statement.text()])
                        print(f"seed {seed}: {text} {statement.params or ''}\n  {what}")
        n_done += n
    if options.used:
        for d in DEFINITIONS:
            print(f"{used[d.template]:8} {d.template}")
    unused = [d.template for d in DEFINITIONS if not used[d.template]]
    print(f"{n_done} statements ({n_failing} that must fail), {differences} differ, {len(unused)} of {len(DEFINITIONS)} definitions unused")
    if unused and options.statements >= 10000:
        sys.exit("never used: " + ", ".join(unused))
    unknown = complaints(options.patron)
    if unknown:
        sys.exit("\n".join(unknown))
    sys.exit(1 if differences else 0)


if __name__ == "__main__":
    main()
