#!/usr/bin/env bash
# all.sh - every quick lint; says which failed. tidy.sh takes minutes and is a step of its own (tools/test.sh tidy).
set -uo pipefail
here=$(dirname "$0")

failed=()
for lint in layers headers format shell; do
    echo "lint: $lint"
    "$here/$lint.sh" || failed+=("$lint")
done
if [ ${#failed[@]} -gt 0 ]; then
    echo "lint: failed: ${failed[*]}"
    exit 1
fi
echo "lint: all is well"
