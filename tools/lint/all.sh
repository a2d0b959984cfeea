#!/usr/bin/env bash
# all.sh - every lint; says which failed. Needs a configured and built build/dev (clang-tidy reads its commands).
set -uo pipefail
here=$(dirname "$0")

failed=()
for lint in layers headers format shell tidy; do
    echo "lint: $lint"
    "$here/$lint.sh" || failed+=("$lint")
done
if [ ${#failed[@]} -gt 0 ]; then
    echo "lint: failed: ${failed[*]}"
    exit 1
fi
echo "lint: all is well"
