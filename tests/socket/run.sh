#!/usr/bin/env bash
# The socket, driven by node-postgres and psql while a watcher loads. run.sh PATRON
#
# Needs node, npm, psql and, the first time, npm's registry. Ends with 77 (skipped) without them.
set -euo pipefail
patron=$(realpath "$1")
here=$(cd "$(dirname "$0")" && pwd)
for need in node npm psql; do
    if ! command -v "$need" >/dev/null; then
        echo "skipped: $need is not installed"
        exit 77
    fi
done
modules=${PATRON_NODE_MODULES:-$(dirname "$patron")/socket-test}
mkdir -p "$modules"
cp "$here/driver.mjs" "$here/shop.mjs" "$here/package.json" "$here/package-lock.json" "$here/.npmrc" "$modules/"
if ! cmp -s "$here/package-lock.json" "$modules/installed.json"; then
    if ! (cd "$modules" && npm ci --ignore-scripts >npm.log 2>&1); then
        echo "skipped: npm could not install node-postgres: $(tail -3 "$modules/npm.log")"
        exit 77
    fi
    cp "$here/package-lock.json" "$modules/installed.json"
fi
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
timeout 300 node "$modules/driver.mjs" "$patron" "$work"
