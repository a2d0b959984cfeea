#!/usr/bin/env bash
# The shell from a pipe: statements over several lines, its own commands, going on after errors. shell.sh PATRON
# shellcheck source=tests/command/lib.sh
. "$(dirname "$0")/lib.sh" "$@"
small_shop
export PATRON_DB=shop.db

printf 'SELECT [Measures].[Units] ON COLUMNS,\n[Store].[Country].Members ON ROWS -- a comment;\nFROM [Sales];\n' | status 0 "$patron" shell
same <<'EOF'
 Store   | Units
---------+-------
 Germany |     7
 中国    |     3
(2 rows)
EOF
# Two statements on a line, one without a semicolon at the end.
printf '\\format csv\nSELECT [Measures].[Units] ON COLUMNS FROM [Sales]; SELECT [Measures].[Revenue] ON COLUMNS FROM [Sales]' |
    status 0 "$patron" shell --quiet
printf 'Units\n10\nRevenue\n65.75\n' | same

# An error is told, the next statement runs, and the status remembers.
printf 'SELECT [Measures].[Unitz] ON COLUMNS FROM [Sales];\nSELECT [Measures].[Units] ON COLUMNS FROM [Sales];\n' |
    status 1 "$patron" shell --format csv
err Unitz
out 10
printf '\\bogus\n' | status 1 "$patron" shell
err "unknown command '\\bogus'"

printf '\\d\n\\d Sales\n\\l\n\\?\n\\timing on\nSHOW CUBES;\n\\q\nnever run' | status 0 "$patron" shell
out 'is_virtual'
out 'Revenue'
out 'elapsed_ms'
out 'Ctrl-C'
out ' ms'

echo 'SELECT [Measures].[Units] ON COLUMNS FROM [Sales]' >question.mdx
printf '\\format csv\n\\o answer.csv\n\\i question.mdx\n\\o\nSHOW CUBES;\n' | status 0 "$patron" shell --quiet
printf 'Units\n10\n' | diff -u - answer.csv || fail '\o wrote something else'
out Sales
printf '\\i self\n' >self
printf '\\i missing.mdx\n' | status 8 "$patron" shell
printf 'quit\nSHOW NONSENSE' | status 0 "$patron" shell

# HELP shows the forms, the meaning and an example; a typing error finds the name.
printf 'HELP TopCount;\n\\h NonEmpty\nHELP;\n' | status 0 "$patron" shell
out 'TopCount(set, number[, value]) -> set'
out 'TopCount([Product].[Category].Members, 3, [Measures].[Revenue])'
out 'NonEmpty(set[, set]) -> set'
printf 'HELP TopCuont;\n' | status 1 "$patron" shell
err 'line 1, column 6: no help on TopCuont, did you mean TopCount?'
