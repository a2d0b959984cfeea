#!/usr/bin/env bash
# Functions of sets over a million members: processor seconds of each statement of large.mdx, each in a process of its own.
#
#   tools/bench/large.sh [CUSTOMERS [DIR]]      default 1,000,000 customers (three sales each) in a temporary directory; DIR is used again
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
customers=${1:-1000000}
dir=${2:-$(mktemp -d)}
patron=${PATRON:-$root/build/release/patron}
[ -x "$patron" ] || { echo "build first: cmake --preset release && cmake --build --preset release" >&2; exit 2; }
if [ ! -d "$dir/db" ]; then
    "$patron" sample "$dir/data" --rows $((customers * 3)) --customers "$customers" --seed 3 --quiet
    "$patron" init "$dir/db" --quiet
    "$patron" define --db "$dir/db" --quiet "$dir/data/warehouse.patron"
    "$patron" load --db "$dir/db" --quiet
fi
rm -rf "$dir/statements"
mkdir "$dir/statements"
awk -v dir="$dir/statements" '/^-- [0-9]+: /{ file = sprintf("%s/%s", dir, substr($2, 1, 2)) } file { print > file }' "$here/large.mdx"
printf '%8s %8s  %s\n' "user s" "MB" "statement"
for file in "$dir"/statements/*; do
    /usr/bin/time -o "$dir/time" -f '%U %M' "$patron" query --db "$dir/db" --threads 1 --memory 2G --format csv -f "$file" >/dev/null
    awk -v title="$(head -1 "$file")" '{ printf "%8.2f %8d  %s\n", $1, $2 / 1024, substr(title, 8) }' "$dir/time"
done
