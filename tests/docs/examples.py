#!/usr/bin/env python3
"""The examples of a manual page, run as a reader would run them.

    examples.py PATRON PAGE.md [--bless]

In the page,

    `name`            alone on a line before a code block: the block is that file's content;
    ```console        a block of commands ("$ ...", over several lines while a quote is open) and the output they print.

All commands of a page run in one shell, in an empty directory. Times and rates may differ; everything else must be the same.
--bless writes what was printed into the page: read the diff.
"""
import os
import re
import subprocess
import sys
import tempfile

MARK = "<<<end of command>>>"


def parse(lines):
    """Files as (name, text), commands as [text, expected, first output line, line behind it]."""
    files, commands, i, name = [], [], 0, None
    while i < len(lines):
        if lines[i].startswith("```") and len(lines[i].strip()) > 3:
            kind, start = lines[i].strip()[3:], i + 1
            end = next(k for k in range(start, len(lines)) if lines[k].strip() == "```")
            if name:
                files.append((name, "".join(lines[start:end])))
            elif kind == "console":
                commands += parse_console(lines, start, end)
            i, name = end, None
        elif re.fullmatch(r"`[\w./-]+`\n", lines[i]):
            name = lines[i].strip().strip("`")
        elif lines[i].strip():
            name = None
        i += 1
    return files, commands


def parse_console(lines, i, end):
    found = []
    while i < end:
        if not lines[i].startswith("$ "):
            raise SystemExit(f"line {i + 1}: expected a command")
        text = lines[i][2:]
        i += 1
        while i < end and text.count("'") % 2:
            text += lines[i]
            i += 1
        start = i
        while i < end and not lines[i].startswith("$ "):
            i += 1
        found.append([text, "".join(lines[start:i]), start, i])
    return found


def run(patron, files, commands):
    with tempfile.TemporaryDirectory() as work:
        for name, text in files:
            path = os.path.join(work, name)
            os.makedirs(os.path.dirname(path), exist_ok=True)
            with open(path, "w", encoding="utf-8") as f:
                f.write(text)
        script = "".join(f"{text}\necho; echo '{MARK}'\n" for text, *_ in commands)
        env = dict(os.environ, PATH=os.path.dirname(os.path.abspath(patron)) + ":" + os.environ["PATH"],
                   LC_ALL="C.UTF-8", HOME=work, NO_COLOR="1")
        env.pop("PATRON_DB", None)
        out = subprocess.run(["bash"], input=script.encode(), cwd=work, env=env, stdout=subprocess.PIPE,
                             stderr=subprocess.STDOUT, check=False).stdout.decode()
    parts = out.split(f"\n{MARK}\n")
    if len(parts) != len(commands) + 1:
        raise SystemExit(f"the shell ended early: {out[-2000:]}")
    return parts[:-1]


def plain(text):
    """Without what may differ from run to run."""
    text = re.sub(r"in \d+\.\d+ s \([^)]*/s\)", "in N s", text)
    return re.sub(r"\d+(\.\d+)? (bytes|[kMG]B) in", "N bytes in", text)


def main():
    patron, page = sys.argv[1:3]
    with open(page, encoding="utf-8") as f:
        lines = f.readlines()
    files, commands = parse(lines)
    printed = run(patron, files, commands)
    if "--bless" in sys.argv:
        for (_, expected, start, end), got in reversed(list(zip(commands, printed))):
            if plain(got) != plain(expected):
                lines[start:end] = [got]
        with open(page, "w", encoding="utf-8") as f:
            f.writelines(lines)
        return 0
    failed = 0
    for (text, expected, start, _), got in zip(commands, printed):
        if plain(got) != plain(expected):
            failed += 1
            print(f"{page}:{start}: $ {text}--- in the page\n{expected}--- printed\n{got}")
    print(f"{page}: {len(commands)} commands, {failed} differ")
    return 1 if failed else 0


sys.exit(main())
