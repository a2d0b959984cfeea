#!/usr/bin/env python3
"""Statements a second through the batch door: one process, warm, one thread.

    batch.py PATRON DB FILE [--rounds N] [--no-cache]

FILE has statements that end with a semicolon (batch.mdx asks the sample data), or a JSON object with "mdx" on each line; of such
lines those with "ok": false are left out. All are asked once to warm up, then N rounds are timed: the elapsed_us of each answer, from the
text of the statement to its result, and the processor time of the process, which counts reading requests and writing answers too.
"""
import argparse
import json
import os
import statistics
import subprocess
import sys


def read(path):
    text = open(path, encoding="utf-8").read()
    if text.lstrip().startswith("{"):
        lines = [json.loads(line) for line in text.splitlines() if line.strip()]
        return [d["mdx"] for d in lines if d.get("ok", True)]
    return [s.strip() for s in text.split(";") if s.strip()]


def processor_seconds(pid):
    fields = open(f"/proc/{pid}/stat", encoding="ascii").read().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def main():
    p = argparse.ArgumentParser(usage=__doc__)
    p.add_argument("patron")
    p.add_argument("db")
    p.add_argument("file")
    p.add_argument("--rounds", type=int, default=5)
    p.add_argument("--no-cache", action="store_true", help="SET CACHE = OFF")
    a = p.parse_args()
    statements = read(a.file)
    door = subprocess.Popen([a.patron, "query", "--batch", "--db", a.db, "--threads", "1"], stdin=subprocess.PIPE, stdout=subprocess.PIPE)

    def ask(mdx):
        door.stdin.write(json.dumps({"mdx": mdx, "timing": True}).encode() + b"\n")
        door.stdin.flush()
        return json.loads(door.stdout.readline())

    if a.no_cache:
        ask("SET CACHE = OFF")
    failed = [s for s in statements if not ask(s)["ok"]]
    for s in failed:
        print("failed:", s[:150].replace("\n", " "))
    statements = [s for s in statements if s not in set(failed)]
    times = {s: [] for s in statements}
    before = processor_seconds(door.pid)
    for _ in range(a.rounds):
        for s in statements:
            times[s].append(ask(s)["elapsed_us"])
    used = processor_seconds(door.pid) - before
    door.stdin.close()
    door.wait()
    n, medians = len(statements) * a.rounds, {s: statistics.median(t) for s, t in times.items()}
    print(f"{len(statements)} statements, {a.rounds} rounds")
    print(f"{n / used:,.0f} statements a second of processor time")
    print(f"{n / sum(sum(t) for t in times.values()) * 1e6:,.0f} a second by elapsed_us, median {statistics.median(medians.values()):.0f} us")
    print("slowest (us):")
    for s in sorted(medians, key=medians.get, reverse=True)[:10]:
        print(f"{medians[s]:9.0f}  {' '.join(s.split())[:150]}")
    return 1 if failed else 0


sys.exit(main())
