#!/usr/bin/env bash
# `patron serve --watch` told to stop in the middle of a load: it ends by itself, the load is there whole or not at all, and the
# next watch completes it.
#
#   stop_serve.sh PATRON [ROWS]
set -euo pipefail
patron=$(realpath "$1")
rows=${2:-200000}
work=$(mktemp -d)
trap 'kill -KILL "${server:-}" 2>/dev/null || true; rm -rf "$work"' EXIT
cd "$work"
export LC_ALL=C.UTF-8

fail() {
    echo "stop_serve: $*" >&2
    exit 1
}
ask() { "$patron" query --db db --format csv --no-header 'SELECT [Measures].[Orders] ON COLUMNS FROM [Sales]'; }

"$patron" sample data --rows "$rows" --quiet
"$patron" init db --quiet
"$patron" define --db db --quiet data/warehouse.patron
echo secret | "$patron" user --db db --quiet add ada
nothing=$(ask)
before=$(find db/dim -type f | wc -l)

"$patron" serve --db db --watch --interval 1 --port 0 >log 2>&1 &
server=$!
# A load writes the dimensions first, then segments, then publishes.
for _ in $(seq 3000); do
    [ "$(find db/dim -type f | wc -l)" -eq "$before" ] || break
    kill -0 "$server" 2>/dev/null || fail "the server ended: $(cat log)"
    sleep 0.01
done
kill -TERM "$server"
wait "$server" || fail "the server ended with $?: $(cat log)"
"$patron" check --db db --quiet >log 2>&1 || fail "the check found $(cat log)"
got=$(ask)
[ "$got" = "$nothing" ] || [ "$got" = "$rows" ] || fail "neither all nor nothing: $got"
"$patron" watch --db db --once --quiet
[ "$(ask)" = "$rows" ] || fail "the next watch gave $(ask) of $rows rows"
echo "stop_serve: stopped with $([ "$got" = "$rows" ] && echo all || echo nothing) of the load published; the next watch completed it"
