#!/usr/bin/env bash
# The Star Schema Benchmark at a tiny scale: every answer of Patron equals SQLite's, whoever wrote the files.
# ssb.sh PATRON
set -euo pipefail
patron=$(realpath "$1")
root=$(cd "$(dirname "$0")/../.." && pwd)
for need in node sqlite3; do
    if ! command -v "$need" >/dev/null; then
        echo "skipped: $need is not installed"
        exit 77
    fi
done
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
ssb() { "$root/tools/bench/ssb" --patron "$patron" --peers sqlite "$@" >/dev/null; }

# All questions, over data of our own; and what the figures must hold.
ssb --scale 0.01 --runs 1 --out "$work/own"
node - "$work/own/ssb.json" <<'JS'
const assert = require("node:assert");
const result = JSON.parse(require("node:fs").readFileSync(process.argv[2]));
assert.equal(result.queries.length, 20);
for (const q of result.queries) {
  assert.equal(q.equal, true, q.id);
  assert(q.patron_ms > 0 && q.patron_batch_ms > 0 && q.patron_cuboid_ms > 0, q.id);
  assert(q.patron_memory > 1e5, q.id);
  for (const form of ["patron_cuboid", "duckdb_star", "duckdb_star_by_date", "duckdb_flat", "duckdb_flat_by_date", "clickhouse_flat"])
    assert(`${form}_ms` in q, form);
}
assert(result.load.patron.seconds > 0 && result.load.patron.bytes > 0 && result.load.patron.rows > 50000 && result.load.patron.memory > 1e6);
assert(result.load.patron_cuboids.seconds > 0 && result.load.patron_cuboids.bytes > 0);
JS
grep -q '^<svg' "$work/own/ssb.svg"

# The same files as others write them: bars with one at the end and dates with dashes; commas without any quotes.
mkdir "$work/bars" "$work/commas"
for t in customer supplier part date lineorder; do
    case $t in
    date) awk 'BEGIN { FS = "\"" } { gsub(/,/, "|", $1); gsub(/,/, "|", $3); print $1 $2 $3 "|" }' "$work/own/data/date.tbl" |
        sed -E 's/^(....)(..)(..)/\1-\2-\3/' ;;
    lineorder) awk 'BEGIN { FS = ","; OFS = "|" }
                    function dashed(d) { return substr(d, 1, 4) "-" substr(d, 5, 2) "-" substr(d, 7) }
                    { $6 = dashed($6); $16 = dashed($16); print $0 "|" }' "$work/own/data/lineorder.tbl" ;;
    *) sed 's/,/|/g; s/$/|/' "$work/own/data/$t.tbl" ;;
    esac >"$work/bars/$t.tbl"
    tr -d '"' <"$work/own/data/$t.tbl" >"$work/commas/$t.tbl"
done
grep -q '^1992-01-01|January 1, 1992|' "$work/bars/date.tbl"
for form in bars commas; do
    ssb --data "$work/$form" --runs 0 --questions Q1.2,Q2.1,Q3.4,Q4.1,C6 --out "$work/$form-out"
done

# What does not fit is told in words.
fails() { # STATUS WORDS OPTION...
    local wanted=$1 words=$2 got=0
    shift 2
    ssb "$@" 2>"$work/err" || got=$?
    if [ "$got" != "$wanted" ] || ! grep -qF -- "$words" "$work/err"; then
        echo "ssb $*: ended with $got, expected $wanted and '$words': $(cat "$work/err")" >&2
        exit 1
    fi
}
fails 2 "--scale: expected a number above 0" --scale none --out "$work/wrong"
fails 2 "--data: there is no directory" --data "$work/nowhere" --out "$work/wrong"
fails 1 "there is no peer 'postgres'; there are duckdb" --scale 0.01 --peers postgres --out "$work/wrong"
fails 1 "there is no question Q9.9" --scale 0.01 --questions Q9.9 --out "$work/wrong"
fails 1 "--reuse: an earlier run left no $work/wrong/ssb.json" --reuse --out "$work/wrong"
mv "$work/bars/part.tbl" "$work/part.tbl"
fails 1 "$work/bars/part.tbl is not there: expected date, customer," --data "$work/bars" --out "$work/wrong"
: >"$work/bars/part.tbl"
fails 1 "$work/bars/part.tbl is empty" --data "$work/bars" --out "$work/wrong"
cut -d'|' -f1-8 "$work/part.tbl" >"$work/bars/part.tbl"
fails 1 "expected 9 columns, but its first line has 8" --data "$work/bars" --out "$work/wrong"
mv "$work/part.tbl" "$work/bars/part.tbl"
sed -i '500s/|[^|]*|[^|]*$//' "$work/bars/lineorder.tbl"
fails 1 "the first in lineorder.tbl, line 500: expected" --data "$work/bars" --out "$work/wrong"
fails 1 "an earlier run did not load patron: add --reload patron" --reuse --out "$work/wrong"
mkdir -p "$work/clone/patron/.git"
fails 1 "$work/clone/patron is no warehouse and was left as it is" --data "$work/commas" --out "$work/clone"
[ -d "$work/clone/patron/.git" ]

# Ctrl-C ends it and what it started; what was loaded by then can be asked.
node "$root/tools/bench/runner/main.mjs" --patron "$patron" --data "$work/commas" --runs 10000 --out "$work/stopped" >/dev/null 2>"$work/err" &
runner=$!
for _ in $(seq 600); do
    if grep -q 'asking, run' "$work/err"; then break; fi
    sleep 0.1
done
kill -INT "$runner"
status=0
wait "$runner" || status=$?
[ "$status" = 130 ]
grep -qF 'ssb: stopped; what was loaded to the end can be asked with --reuse' "$work/err"
ssb --reuse --peers "" --runs 0 --questions Q1.1,C1 --out "$work/stopped"

# How much longer the larger one takes: here both are the same.
growth() { "$root/tools/bench/growth" --patron "$patron" "$@"; }
growth "$work/own" "$work/own" --runs 3 --questions Q1.1,C1 --threads 1 >"$work/growth"
[ "$(grep -cE '^\| (Q1\.1|C1) \| [0-9.]+ \| [0-9.]+ \| [0-9.]+ \|$' "$work/growth")" = 2 ]
status=0
growth "$work/own" 2>"$work/err" || status=$?
[ "$status" = 2 ]
grep -qF 'two directories are expected, SMALL and LARGE' "$work/err"
growth "$work/own" "$work/nowhere" 2>"$work/err" && exit 1
grep -qF "nowhere has no warehouse: tools/bench/ssb --scale N --out" "$work/err"

# A difference is seen.
node --input-type=module - "$root" <<'JS'
const { difference } = await import(`${process.argv[2]}/tools/bench/runner/answers.mjs`);
const assert = (await import("node:assert")).default;
assert.equal(difference([["a", "1"], ["b", "2"]], [["b", 2], ["a", 1n]]), null);
assert.equal(difference([], [[null]]), null);
assert.match(difference([["a", "1"]], [["a", "2"]]), /a \| 1.*a \| 2/);
assert.match(difference([["a", "1"]], []), /1 rows, 0 there/);
JS
