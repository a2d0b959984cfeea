#!/usr/bin/env bash
# layers.sh - includes point only down: holds the table of rooms (docs/architecture.md) against every #include.
#
# Each room may include itself and the rooms before it in `order`. Programs (server, tools, examples) see Patron
# as its users do, through include/patron.h. tests/ may include anything.
set -euo pipefail
cd "$(dirname "$0")/../.."

# shellcheck disable=SC2016 # the dollars are awk's
git ls-files '*.c' '*.h' '*.l' '*.y' | grep -v '^tests/' | xargs -d '\n' awk '
BEGIN {
    n = split("base base/kernel lang storage engine query etl monitor api", order, " ")
    for (i = 1; i <= n; i++) {
        rank[order[i]] = i
        for (j = 1; j <= i; j++) may[order[i], order[j]] = 1
    }
    may["api", "include"] = 1
    split("server tools examples", programs, " ")
    for (i in programs) {
        may[programs[i], programs[i]] = may[programs[i], "base"] = may[programs[i], "base/kernel"] = 1
        may[programs[i], "include"] = 1
    }
    may["tools", "server"] = 1
    may["include", "include"] = 1
}
# The room of a path from the root; "" if it is in none.
function room(path) {
    if (path ~ /^base\/kernel\//) return "base/kernel"
    if (path == "patron.h") return "include"
    if (path !~ /\//) return ""
    sub(/\/.*/, "", path)
    return path
}
function complain(what, mend) {
    printf "%s:%d: %s\n    to mend: %s\n", FILENAME, FNR, what, mend
    bad++
}
/^[ \t]*#[ \t]*include[ \t]*"/ {
    split($0, part, "\"")
    path = part[2]
    from = room(FILENAME)
    to = room(path)
    if (path ~ /(^|\/)\.\.?(\/|$)/ || to == "")
        complain("\"" path "\" is not a path from the root", "write \"" (from == "" ? "room" : from) "/" path "\"")
    else if (!((from, to) in may)) {
        if (rank[from] && rank[to])
            complain("room " from " includes \"" path "\", but " to " is above it",
                     "move what both need down into " from " or below, or pass it in as a parameter or callback")
        else if (rank[to])
            complain("room " from " includes \"" path "\", an internal of " to,
                     "use include/patron.h; if the function is missing there, add it to the API")
        else
            complain("room " from " may not include \"" path "\"", "see the table in docs/architecture.md")
    }
}
END { exit bad ? 1 : 0 }' || exit 1
