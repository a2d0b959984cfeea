#!/usr/bin/env bash
# The example prints what it should: test.sh PROGRAM
set -euo pipefail
expected=$(cd "$(dirname "$0")" && pwd)/expected.txt
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
"$1" "$dir/embed" >"$dir/out.txt"
diff -u "$expected" "$dir/out.txt"
