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

# A difference is seen.
node --input-type=module - "$root" <<'JS'
const { difference } = await import(`${process.argv[2]}/tools/bench/runner/answers.mjs`);
const assert = (await import("node:assert")).default;
assert.equal(difference([["a", "1"], ["b", "2"]], [["b", 2], ["a", 1n]]), null);
assert.equal(difference([], [[null]]), null);
assert.match(difference([["a", "1"]], [["a", "2"]]), /a \| 1.*a \| 2/);
assert.match(difference([["a", "1"]], []), /1 rows, 0 there/);
JS
