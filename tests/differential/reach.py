#!/usr/bin/env python3
"""Which forms of functions and operators have no definition here.

  reach.py PATRON

The forms are those that `patron help --json` tells: they are made from the table that the binder uses. A form is reached if a
template writes its name in the same way (F(...), x.F, x.F(...), an operator between, before or behind) with as many arguments as it
takes, of the kinds that it takes. unreached.txt lists what is left out on purpose, "form : reason" a line. Exit status 1: a form is
neither reached nor listed, or it is listed and reached, or there is no such form.
"""

import json
import os
import re
import subprocess
import sys
from collections import namedtuple

import generate  # noqa: F401  (all definitions)
from language import DEFINITIONS, PART

LEFT_OUT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "unreached.txt")
OF_HOLE = {"x": "set", "y": "set", "z": "set", "Y": "set", "f": "set", "A": "name", "L": "level", "w": "member", "g": "hierarchy", "i": "hierarchy",
           "t": "tuple", "m": "member", "T": "member", "S": "member", "M": "member", "l": "level",
           "h": "hierarchy", "n": "number", "k": "number", "s": "string", "p": "string", "q": "string", "b": "boolean", "d": "date",
           "v": "value", "@": "name"}  # fmt: skip
# What else a kind may stand for.
AS_WELL = {"member": ("tuple", "set", "value", "number", "string"), "tuple": ("set", "value", "number", "string"),
           "value": ("number", "string", "boolean"), "number": ("value", "boolean"), "string": ("value",), "boolean": ("value",),
           "date": ("value",), "hierarchy": ("member",), "name": ("set", "string")}  # fmt: skip
TOKEN = re.compile(r"\{(?:[a-zA-Z]~?|@)\}|\"[^\"]*\"|\[[^\]]*\]|\d[\w.]*|<=|>=|<>|\|\||[\w@]+|\S")
OPERATOR = ["NOT BETWEEN", "BETWEEN", "NOT IN", "IN", "NOT MATCHES", "MATCHES", "IS EMPTY", "IS NULL", "IS", "AS", "AND", "OR", "XOR",
            "<=", ">=", "<>", "=", "<", ">", ":", "||", "+", "-", "*", "/"]  # fmt: skip

KIND = re.compile(r"[a-z]+|(?<=, )(?=,)")  # an argument of a form, which may be left out

# How a name is written (call, property, method, operator, shape), and the kinds of its arguments; None: any, "": left out.
Use = namedtuple("Use", "how name kinds")


# ---- templates -------------------------------------------------------------------------------------------------


class Reader:
    """Reads one expression of a template, and notes each use of a name. No precedence: templates have none to tell."""

    def __init__(self, text, results):
        self.tokens, self.at, self.results, self.uses = TOKEN.findall(text), 0, results, []

    def next(self, *words):
        """Takes the words if they are next."""
        found = tuple(self.tokens[self.at : self.at + len(words)]) == words
        self.at += len(words) * found
        return found

    def result(self, how, name, kinds):
        self.uses.append(Use(how, name, kinds))
        return self.results.get((how, name))

    def expression(self):
        kinds = [self.operand()]
        while True:
            name = next((o for o in OPERATOR if self.next(*o.split())), None)
            if name is None:
                return kinds[0]
            if name in ("IS EMPTY", "IS NULL"):
                kinds = [self.result("operator", name, kinds)]
                continue
            kinds.append(self.operand())
            if name.endswith("BETWEEN") and self.next("AND"):
                kinds.append(self.operand())
            kinds = [self.result("operator", name, kinds)]

    def operand(self):
        for name in ("NOT", "EXISTING", "-", "+"):
            if self.next(name):
                return self.result("operator", name, [self.operand()])
        kind = self.primary()
        while self.next("."):
            name = self.word()
            kinds = [kind] + (self.arguments(")") if self.next("(") else [])
            kind = self.result("method" if self.tokens[self.at - 1] == ")" else "property", name, kinds)
        return kind

    def word(self):
        self.at += 1
        return self.tokens[self.at - 1]

    def arguments(self, end):
        if self.next(end):
            return []
        kinds = []
        while True:
            is_left_out = self.tokens[self.at] in (",", end)
            kinds.append("" if is_left_out else self.expression())
            if not self.next(","):
                assert self.next(end), f"{self.tokens} at {self.at}"
                return kinds

    def primary(self):
        token = self.word()
        if token[0] == "{" and len(token) > 1:
            return OF_HOLE[token[1]]
        if token == "(":
            kinds = self.arguments(")")
            self.uses.append(Use("shape", "(", kinds))
            return kinds[0] if len(kinds) == 1 else "tuple"
        if token == "{":
            self.uses.append(Use("shape", "{", self.arguments("}")))
            return "set"
        if token == "CASE":
            return self.case()
        if token == "Cast":
            self.uses.append(Use("shape", "Cast", []))
            self.word(), self.expression()
            assert self.next(")")
            return None
        if self.next("("):
            return self.result("call", token, self.arguments(")"))
        return "string" if token[0] == '"' else "number" if token[0].isdigit() else None if token[0] == "[" else "flag"

    def case(self):
        kinds = []
        while not self.next("END"):
            self.next("WHEN") or self.next("THEN") or self.next("ELSE")
            kinds.append(self.expression())
        self.uses.append(Use("shape", "CASE", kinds))
        return kinds[1]


def spellings(template):
    """The template with each word of its choices in turn."""
    choices = [generate.words(hole[1:]) if hole.startswith("!") else None for hole in PART.findall(template)]
    for i in range(max([len(c) for c in choices if c], default=1)):
        each = iter(choices)
        yield PART.sub(lambda hole: (lambda c: c[min(i, len(c) - 1)] if c else hole.group())(next(each)), template)


# ---- forms ---------------------------------------------------------------------------------------------------------


class Form:
    """One line of the manual, such as "Head(set[, number]) -> set"."""

    def __init__(self, text):
        self.text = text
        body, self.result = text.rsplit(" -> ", 1)
        called = re.fullmatch(r"(?:([a-z]+)\.)?(\w+)(\(.*\))?", body)
        self.kinds, self.n_optional, self.n_again = None, 0, 0
        if body[0] in "({" or body.startswith(("CASE", "Cast")):
            self.how, self.name = "shape", re.match(r"\W|\w+", body).group()
        elif called:
            front, self.name, listed = called.groups()
            self.how = "call" if not front else "method" if listed else "property"
            self._list(listed or "")
            self.kinds = ([front] if front else []) + self.kinds
        else:
            words = body.split()
            self.how, self.kinds = "operator", [w for w in words if w.islower()]
            self.name = " ".join(w for w in words if not w.islower()).replace("BETWEEN AND", "BETWEEN")

    def _list(self, text):
        """Kinds in their order; the last n_optional may be missing, the last n_again repeat."""
        required = text
        while "[" in required:
            required = re.sub(r"\[[^\[\]]*\]", "", required)
        group = re.search(r"\{(.*)\}, \.\.\.", text)
        self.kinds = KIND.findall(text)
        self.n_optional = len(self.kinds) - len(KIND.findall(required))
        self.n_again = len(re.findall(r"[a-z]+", group.group(1))) if group else int("..." in text)

    def takes(self, use):
        if (use.how, use.name.upper()) != (self.how, self.name.upper()):
            return False
        if self.kinds is None:
            return True
        kinds = list(self.kinds)
        while self.n_again and len(kinds) < len(use.kinds):
            kinds += kinds[-self.n_again :]
        is_count_right = len(self.kinds) - self.n_optional <= len(use.kinds) <= len(kinds)
        return is_count_right and all(fits(have, want) for have, want in zip(use.kinds, kinds))


def fits(have, want):
    return have in (None, "", want) or want in AS_WELL.get(have, ())


def forms_of(patron):
    topics = [json.loads(line) for line in subprocess.check_output([patron, "help", "--json"], text=True).splitlines()]
    lines = [form for t in topics for form in t["forms"].split("\n") if " -> " in form]
    return [Form(line) for line in dict.fromkeys(lines)]


def uses_of(definitions, forms):
    """What templates write; the kind of a call inside of another is known if all forms of its name agree."""
    results = {}
    for f in forms:
        results.setdefault((f.how, f.name), set()).add(f.result)
    results = {key: min(kinds) if len(kinds) == 1 else None for key, kinds in results.items()}
    uses = []
    for d in definitions:
        for text in spellings(d.template):
            reader = Reader(text, results)
            reader.expression()
            assert reader.at == len(reader.tokens), f"{text}: not understood behind {reader.tokens[:reader.at]}"
            uses += reader.uses
    return uses


def unreached(patron):
    forms = forms_of(patron)
    uses = uses_of(DEFINITIONS, forms)
    return forms, [f.text for f in forms if not any(f.takes(u) for u in uses)]


def left_out():
    with open(LEFT_OUT, encoding="utf-8") as f:
        return [line.rstrip("\n").rsplit(" : ", 1)[0] for line in f if line.strip() and not line.startswith("#")]


def complaints(patron):
    forms, missing = unreached(patron)
    listed = left_out()
    known = [f.text for f in forms]
    return (
        [f"no definition reaches {f}" for f in missing if f not in listed]
        + [f"{f} is reached: take it out of unreached.txt" for f in listed if f in known and f not in missing]
        + [f"unreached.txt: there is no form {f}" for f in listed if f not in known]
    )


if __name__ == "__main__":
    found = complaints(sys.argv[1])
    print("\n".join(found + [f"{len(found)} complaints"]))
    sys.exit(1 if found else 0)
