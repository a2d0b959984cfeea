#!/usr/bin/env bash
# format.sh - clang-format 14 decides layout; this only looks. "format.sh --fix" rewrites.
set -euo pipefail
cd "$(dirname "$0")/../.."

format=${CLANG_FORMAT:-clang-format}
if ! "$format" --version | grep -q 'version 14\.'; then
    echo "format.sh: expected clang-format 14 (other versions lay out differently), found: $("$format" --version)"
    echo "    to mend: install Debian 12's clang-format, or name it in CLANG_FORMAT"
    exit 1
fi
if [ "${1:-}" = --fix ]; then
    git ls-files -z '*.c' '*.h' | xargs -0 "$format" -i
    exit
fi
if ! git ls-files -z '*.c' '*.h' | xargs -0 "$format" --dry-run -Werror; then
    echo "    to mend: tools/lint/format.sh --fix"
    exit 1
fi
