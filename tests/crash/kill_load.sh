#!/usr/bin/env bash
# Kill a load with SIGKILL at random moments: every time the warehouse must open, check clean, and hold all of the load
# or nothing of it; and the next load must complete it, to the same answers as a load that was never disturbed.
#
#   kill_load.sh PATRON [ROUNDS [ROWS]]
set -euo pipefail
patron=$(realpath "$1")
rounds=${2:-20}
rows=${3:-40000}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
question='SELECT {[Measures].[Revenue], [Measures].[Units], [Measures].[Customers]} ON COLUMNS FROM [Sales]'

fail() {
    echo "kill_load: $*" >&2
    exit 1
}
ask() { "$patron" query --db "$1" --format csv "$question" | tail -n 1; }
now_ms() { date +%s%3N; }

"$patron" sample "$work/data" --rows "$rows" --seed 7 --quiet
"$patron" init "$work/empty" --quiet
"$patron" define --db "$work/empty" --quiet "$work/data/warehouse.patron"
nothing=$(ask "$work/empty")

cp -r "$work/empty" "$work/whole"
start=$(now_ms)
"$patron" load --db "$work/whole" --quiet >"$work/log" 2>&1 || fail "the undisturbed load failed: $(cat "$work/log")"
length=$(($(now_ms) - start))
all=$(ask "$work/whole")
[ "$all" != "$nothing" ] || fail "the load changed no answer: $all"

published=0
for round in $(seq "$rounds"); do
    rm -rf "$work/db"
    cp -r "$work/empty" "$work/db"
    "$patron" load --db "$work/db" --quiet >/dev/null 2>&1 &
    victim=$!
    delay=$((RANDOM * 32768 + RANDOM))
    delay=$((delay % (length + length / 5 + 1)))
    sleep "$(printf '%d.%03d' $((delay / 1000)) $((delay % 1000)))"
    kill -KILL "$victim" 2>/dev/null || true
    wait "$victim" 2>/dev/null || true
    "$patron" check --db "$work/db" --quiet >"$work/log" 2>&1 ||
        fail "round $round, killed after $delay ms: the check found $(cat "$work/log")"
    got=$(ask "$work/db")
    if [ "$got" = "$all" ]; then
        published=$((published + 1))
    elif [ "$got" != "$nothing" ]; then
        fail "round $round, killed after $delay ms: neither all nor nothing: $got"
    fi
    "$patron" load --db "$work/db" --quiet >"$work/log" 2>&1 || fail "round $round: the next load failed: $(cat "$work/log")"
    got=$(ask "$work/db")
    [ "$got" = "$all" ] || fail "round $round: the next load gave $got, expected $all"
    "$patron" check --db "$work/db" --quiet >"$work/log" 2>&1 || fail "round $round: after the next load: $(cat "$work/log")"
done
echo "kill_load: $rounds loads killed within $length ms, $published had published; all consistent, all completed"
