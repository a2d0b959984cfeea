#!/usr/bin/env bash
# The dashboard at a tiny scale: sixteen connections while loads run, every answer that of a published version, no times judged;
# and an answer that is not is seen.
# dashboard.sh PATRON
set -euo pipefail
patron=$(realpath "$1")
root=$(cd "$(dirname "$0")/../.." && pwd)
if ! command -v node >/dev/null; then
    echo "skipped: node is not installed"
    exit 77
fi
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

for through in command server; do
    "$root/tools/bench/dashboard" --patron "$patron" --out "$work/out" --scale 0.01 --seconds 1 --lines 1000 --through "$through" >"$work/report"
    grep -q '^| while loads run | ' "$work/report"
    node - "$work/out/dashboard.json" <<'JS'
const assert = require("node:assert");
const r = JSON.parse(require("node:fs").readFileSync(process.argv[2]));
assert.deepEqual([r.errors, r.torn, r.stale, r.back], [0, 0, 0, 0]);
assert.equal(r.connections, 16);
assert(r.loads.count >= 1 && r.loads.lines === 1000 && r.loads.seconds > 0);
for (const part of [r.without, r.with]) {
  assert(part.questions >= 16 && part.p50_ms > 0 && part.p50_ms <= part.p95_ms && part.p95_ms <= part.p99_ms && part.p99_ms <= part.max_ms);
  assert.equal(Object.keys(part.each).length, 21);
}
assert(r.ratio.p99 > 0);
JS
done

# The warehouse that the loads went into a copy of is as it was.
lines=$("$patron" query --db "$work/out/patron" --format csv --no-header 'SELECT {[Measures].[Lines]} ON COLUMNS FROM [SSB]')
[ "$lines" = "$(wc -l <"$work/out/data/lineorder.tbl")" ]
"$patron" check --db "$work/out/dashboard/patron" --quiet

node --input-type=module - "$root" <<'JS'
const { growth, tableOfMessages, versionOf } = await import(`${process.argv[2]}/tools/bench/runner/versions.mjs`);
const assert = (await import("node:assert")).default;
const table = (...rows) => tableOfMessages([
  { type: "T", columns: [{ oid: 25 }, { oid: 20 }] },
  ...rows.map((row) => ({ type: "D", values: row.map((v) => (v === null ? null : Buffer.from(String(v)))) })),
  { type: "Z" },
]);
const g = growth(table(["a", 10], ["b", 5]), table(["a", 40], ["b", 5], ["c", 3]), 3);
assert.deepEqual(versionOf(table(["a", 20], ["b", 5], ["c", 1]), g), { fits: true, k: 1 });
assert.deepEqual(versionOf(table(["a", 10], ["b", 5], ["c", null]), g), { fits: true, k: 0 });
for (const torn of [[["a", 20], ["b", 5], ["c", 2]], [["a", 20], ["b", 6], ["c", 1]], [["a", 20], ["b", 5]], [["a", 25], ["b", 5], ["c", 1]],
                    [["a", 50], ["b", 5], ["c", 4]], [["a", 20], ["b", 5], ["c", 1], ["d", 1]]])
  assert.equal(versionOf(table(...torn), g).fits, false, JSON.stringify(torn));
assert.equal(versionOf(table(["a", 30], ["b", 5]), g, 2).fits, true);
assert.equal(versionOf(table(["a", 30], ["c", 2]), g, 2).fits, false);
assert.equal(versionOf(table(["a", 30]), g, 2).fits, false);
assert.throws(() => growth(table(["a", 1]), table(["a", 2]), 2), /2 equal loads/);
assert.throws(() => tableOfMessages([{ type: "E", code: "XX000", message: "broken" }]), /broken/);
assert.throws(() => tableOfMessages([]), /ended early/);
JS
