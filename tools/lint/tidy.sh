#!/usr/bin/env bash
# tidy.sh - clang-tidy (.clang-tidy says which checks) over the tracked C files that a build knows.
#
# usage: tidy.sh [FILE...]     default: all. BUILD names the build directory (default build/dev).
set -euo pipefail
cd "$(dirname "$0")/../.."

build=${BUILD:-build/dev}
if [ ! -f "$build/compile_commands.json" ]; then
    echo "tidy.sh: no compile_commands.json in $build"
    echo "    to mend: cmake --preset dev && cmake --build --preset dev"
    exit 1
fi
files() {
    if [ $# -gt 0 ]; then printf '%s\n' "$@"; else git ls-files '*.c'; fi | while read -r f; do
        grep -qF "/$f\"" "$build/compile_commands.json" && printf '%s\n' "$f"
    done
}
if ! files "$@" | xargs -r -d '\n' -n 4 -P "$(nproc)" \
        "${CLANG_TIDY:-clang-tidy}" -p "$build" --quiet --extra-arg=-Wno-unknown-warning-option --warnings-as-errors='*' 2> >(grep -vE '^[0-9]+ warnings? ' >&2); then
    echo "    to mend: change the code; where the check is wrong, // NOLINTNEXTLINE(check-name) and say why"
    exit 1
fi
