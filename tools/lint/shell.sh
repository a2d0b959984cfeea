#!/usr/bin/env bash
# shell.sh - shellcheck over the tracked shell scripts.
set -euo pipefail
cd "$(dirname "$0")/../.."

if ! command -v shellcheck >/dev/null; then
    echo "shell.sh: shellcheck is not installed"
    echo "    to mend: apt-get install shellcheck"
    exit 1
fi
if ! git ls-files -z '*.sh' '.ci/*' | xargs -0 -r shellcheck; then
    echo "    to mend: the page named behind each number says how"
    exit 1
fi
