#!/usr/bin/env python3
"""The reference manual docs/mdx/: written from what `patron help --json` tells, with the answers that its examples give.

    manual.py PATRON DOCS [--bless]

Every example is run on the sample; the pages must be what comes out, to the byte. --bless writes them: read the diff.
"""
import json
import os
import subprocess
import sys
import tempfile

SAMPLE = ["--rows", "20000", "--seed", "1", "--from", "2023", "--years", "2"]
INTRO = f"""# The language, name by name

Made from the table that the binder uses, by `tests/docs/manual.py`: do not edit these pages. [The language](../language.md) has
the grammar; this is what each function and operator means. `HELP TopCount;` in the shell and `patron help TopCount` show the same.

The examples are answered by the sample:

```sh
patron sample data {' '.join(SAMPLE)}
patron init shop.db && patron define --db shop.db data/warehouse.patron && patron load --db shop.db
```

Tables of an expression and its value show the value as a calculated measure with the format `General Number`:
`WITH MEMBER [Measures].[x] AS expression, FORMAT_STRING = 'General Number' SELECT {{[Measures].[x]}} ON COLUMNS FROM [Sales]`;
*null* is an empty cell. [What goes wrong](../errors.md) lists the codes of errors.
"""


class Patron:
    def __init__(self, path, work):
        self.path, self.env = path, dict(os.environ, LC_ALL="C.UTF-8", HOME=work, NO_COLOR="1", PATRON_DB="shop.db")
        self.work = work
        self.run("sample", "data", *SAMPLE)
        self.run("init", "shop.db")
        self.run("define", "data/warehouse.patron")
        self.run("load")

    def run(self, *args, text="", status=(0,)):
        p = subprocess.run([self.path, *args], input=text.encode(), cwd=self.work, env=self.env, stdout=subprocess.PIPE,
                           stderr=subprocess.STDOUT, check=False)
        if p.returncode not in status:
            raise SystemExit(f"patron {' '.join(args)} ended with {p.returncode}: {p.stdout.decode()[-2000:]}")
        return p.stdout.decode()

    def values(self, expressions):
        """What each gives as a measure: the formatted text, null, or the error."""
        lines = [json.dumps({"mdx": f"WITH MEMBER [Measures].[x] AS {e}\n, FORMAT_STRING = 'General Number' "
                                    "SELECT {[Measures].[x]} ON COLUMNS FROM [Sales]"}) for e in expressions]
        answers = [json.loads(a) for a in self.run("query", "--batch", text="\n".join(lines)).splitlines()]
        return [self.value_of(a) for a in answers]

    @staticmethod
    def value_of(answer):
        if not answer["ok"]:
            return "error " + answer["error"]["code"] + ": " + answer["error"]["message"]
        if not answer["cells"]:
            return None
        cell = answer["cells"][0]
        return "#ERR: " + cell["error"] if "error" in cell else cell["formatted"]

    def answers(self, statements):
        """What the shell prints for each. A command it does not know marks the end of an answer."""
        text = "".join(s.rstrip().rstrip(";") + ";\n\\next\n" for s in statements)
        parts = self.run("shell", text=text, status=(0, 1)).split("unknown command '\\next'; \\? lists the commands\n")
        if len(parts) != len(statements) + 1:
            raise SystemExit(f"the shell ended early: {parts[-1][-2000:]}")
        return parts[:-1]


def cell(text):
    return text.replace("|", "\\|").replace("\n", " ")


def code(text):
    """Code in a table: a fence long enough for the text, bars escaped."""
    fence = "``" if "`" in text else "`"
    return fence + cell(text) + fence


def entry(t, values, answers):
    out = [f"## {cell(t['name'])}\n\n"]
    if t["forms"]:
        out.append("```text\n" + t["forms"] + "\n```\n\n")
    if t["flags"]:
        out.append(f"Flags: {t['flags']}.\n\n")
    out.append(t["meaning"] + ("\n\n" + t["edges"] if t["edges"] else "") + "\n")
    if t["expressions"]:
        out.append("\n| expression | value |\n| --- | --- |\n")
        for e in t["expressions"].split("\n"):
            v = values[e]
            shown = "*null*" if v is None else "(empty text)" if v == "" else cell(v) if v.startswith(("#ERR", "error ")) \
                else code(v) if v != v.strip() else cell(v)
            out.append(f"| {code(e)} | {shown} |\n")
    if t["statement"]:
        out.append("\n```mdx\n" + t["statement"] + "\n```\n\n```text\n" + answers[t["statement"]].rstrip() + "\n```\n")
    return "".join(out)


def pages(patron):
    topics = [json.loads(line) for line in patron.run("help", "--json").splitlines()]
    expressions = [e for t in topics for e in t["expressions"].split("\n") if e]
    statements = [t["statement"] for t in topics if t["statement"]]
    values = dict(zip(expressions, patron.values(expressions)))
    answers = dict(zip(statements, patron.answers(statements)))
    for t in topics:  # an example may show an error, but only where a comment in it says so
        if t["statement"] and "patron: error" in answers[t["statement"]] and "-- an error" not in t["statement"]:
            raise SystemExit(f"the example of {t['name']} fails: {answers[t['statement']]}")
    files, order = {}, []
    for t in topics:
        name = t["page"] + ".md"
        if name not in files:
            order.append((name, t["title"]))
            files[name] = f"# {t['title']}\n\n{t['about']}\n"
        files[name] += "\n" + entry(t, values, answers)
    index = INTRO
    for name, title in order:
        names = ", ".join(code(t["name"]) for t in topics if t["page"] + ".md" == name)
        index += f"\n## [{title}]({name})\n\n{names}\n"
    files["README.md"] = index
    return files


def main():
    path, docs = os.path.abspath(sys.argv[1]), sys.argv[2]
    with tempfile.TemporaryDirectory() as work:
        files = pages(Patron(path, work))
    differ = 0
    os.makedirs(docs, exist_ok=True)
    for name in sorted(set(files) | {f for f in os.listdir(docs) if f.endswith(".md")}):
        target = os.path.join(docs, name)
        old = open(target, encoding="utf-8").read() if os.path.exists(target) else None
        if old == files.get(name):
            continue
        differ += 1
        if "--bless" not in sys.argv:
            print(f"{target} is not what the function table and the examples give; tests/docs/manual.py --bless writes it")
            import difflib
            print("".join(list(difflib.unified_diff((old or "").splitlines(True), files.get(name, "").splitlines(True), "the page",
                                                    "now"))[:60]))
        elif name in files:
            with open(target, "w", encoding="utf-8") as f:
                f.write(files[name])
        else:
            os.remove(target)
    print(f"{docs}: {len(files)} pages, {differ} {'written' if '--bless' in sys.argv else 'differ'}")
    return 1 if differ and "--bless" not in sys.argv else 0


sys.exit(main())
