#!/usr/bin/env bash
# What docs/performance.md reports: load rate, bytes per row, latency of ten typical queries, start-up time.
#
#   tools/bench/typical.sh [ROWS [DIR]]      default 10,000,000 rows in a temporary directory
set -euo pipefail
root=$(cd "$(dirname "$0")/../.." && pwd)
rows=${1:-10000000}
dir=${2:-$(mktemp -d)}
bin=$root/build/release
[ -x "$bin/patron" ] || { echo "build first: cmake --preset release && cmake --build --preset release" >&2; exit 2; }
seconds() { # runs the command, prints how long it took
    local start end
    start=$(date +%s%N)
    "$@" >/dev/null
    end=$(date +%s%N)
    awk -v ns=$((end - start)) 'BEGIN { printf "%.2f", ns / 1e9 }'
}

[ -d "$dir/data" ] || "$bin/patron" sample "$dir/data" --rows "$rows" --seed 1
rm -rf "$dir/db"
"$bin/patron" init "$dir/db" --quiet
"$bin/patron" define --db "$dir/db" --quiet "$dir/data/warehouse.patron"
load=$(seconds /usr/bin/time -o "$dir/time" -f '%M' "$bin/patron" load --db "$dir/db" --quiet)
csv=$(cat "$dir"/data/*.csv | wc -c)
facts=$("$bin/patron" query --db "$dir/db" --format csv 'SHOW CUBES' | awk -F, '$1 == "Sales" { print $NF }')
bytes=$(du -sb "$dir/db/seg" | cut -f 1)
awk -v rows="$facts" -v s="$load" -v csv="$csv" -v bytes="$bytes" -v kb="$(cat "$dir/time")" 'BEGIN {
    printf "facts            %d\n", rows
    printf "load             %.1f s, %.0f rows/s, %.0f MB/s of CSV, %.0f MB of memory\n", s, rows / s, csv / s / 1e6, kb / 1024
    printf "segments         %.1f bytes a row (CSV: %.1f)\n", bytes / rows, csv / rows }'
# shellcheck disable=SC2016  # the inner shell expands them
start=$(seconds bash -c 'for i in 1 2 3 4 5 6 7 8 9 10; do
    "$0" query --db "$1" "SELECT FROM [Sales] WHERE [Measures].[Orders]"; done' "$bin/patron" "$dir/db")
awk -v s="$start" 'BEGIN { printf "patron query     %.0f ms from start to answer (ten runs in a row)\n\n", s * 100 }'
"$bin/bench_queries" "$dir/db" "$root/tools/bench/typical.mdx"
