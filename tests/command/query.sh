#!/usr/bin/env bash
# Answers in every format, several statements, parameters, errors with their place. query.sh PATRON
# shellcheck source=tests/command/lib.sh
. "$(dirname "$0")/lib.sh" "$@"
small_shop
export PATRON_DB=shop.db

by_city='SELECT {[Measures].[Units], [Measures].[Revenue]} ON COLUMNS,
  NON EMPTY Descendants([Store].[All Stores], [Store].[City]) * [Time].[Month].Members ON ROWS FROM [Sales]'
status 0 "$patron" query "$by_city"
same <<'EOF'
 Store  | Time | Units | Revenue
--------+------+-------+---------
 Berlin | 1    |     2 |   10.50
        | 2    |     4 |   20.00
 Köln   | 1    |     1 |    5.25
 上海   | 1    |     4 |   40.00
        | 2    |    -1 |  -10.00
(5 rows)
EOF
status 0 "$patron" query --format csv "$by_city"
same <<'EOF'
Store,Time,Units,Revenue
Berlin,1,2,10.50
Berlin,2,4,20.00
Köln,1,1,5.25
上海,1,4,40.00
上海,2,-1,-10.00
EOF
status 0 "$patron" query --format tsv 'SELECT [Measures].[Units] ON COLUMNS, [Store].[Country].Members ON ROWS FROM [Sales]'
printf 'Store\tUnits\nGermany\t7\n中国\t3\n' | same
status 0 "$patron" query --format md 'SELECT [Measures].[Revenue] ON COLUMNS, [Store].[Country].Members ON ROWS FROM [Sales]'
same <<'EOF'
| Store | Revenue |
| --- | ---: |
| Germany | 35.75 |
| 中国 | 30.00 |
EOF
status 0 "$patron" query --format json 'SELECT [Measures].[Price] ON COLUMNS, [Store].[Country].Members ON ROWS FROM [Sales]'
python3 - out.txt <<'EOF'
import json, sys
r = json.load(open(sys.argv[1]))
assert r["tag"] == "SELECT" and [row[0] for row in r["rows"]] == ["Germany", "中国"], r
assert abs(r["rows"][0][1] - 35.75 / 7) < 1e-9, r
EOF
status 0 "$patron" query --chart 'SELECT [Measures].[Units] ON COLUMNS, [Store].[Country].Members ON ROWS FROM [Sales]'
out 'Germany █'
status 2 "$patron" query --chart=Nothing 'SELECT [Measures].[Units] ON COLUMNS FROM [Sales]'
err 'no column of numbers named [Nothing]'

# Several statements; the first error ends the run, and its place counts from the start of the text.
printf 'SELECT [Measures].[Units] ON COLUMNS FROM [Sales];\n-- a comment; with a semicolon\nSELECT [Measures].[Unitz] ON COLUMNS FROM [Sales];\nSHOW CUBES;\n' >two.mdx
status 1 "$patron" query -f two.mdx
out '10'
err 'two.mdx: error NAME at line 3, column'
err 'Unitz'
err '^'
grep -q is_virtual out.txt && fail 'the statement after the error was run'
status 0 "$patron" query --quiet --echo 'SHOW CUBES;  -- the end'
out 'SHOW CUBES'
# What is not below the member or level named may stand elsewhere.
for wanted in '[Store].[Berln]' '[Store].[中国].[Berlin]' '[Berlin]'; do
    status 1 "$patron" query "SELECT [Measures].[Units] ON COLUMNS, $wanted ON ROWS FROM [Sales]"
    err 'hint: did you mean [Store].[Germany].[Berlin]?'
done
status 1 "$patron" query 'SELECT [Measures].[Units] ON COLUMNS, [Store].[Atlantis] ON ROWS FROM [Sales]'
err 'hint: its members are [All Stores], [Germany], [中国]'
echo 'SHOW DIMENSIONS' | status 0 "$patron" query
out Customer
status 2 "$patron" query -f two.mdx 'SHOW CUBES'
status 8 "$patron" query -f missing.mdx
status 2 "$patron" query two.mdx
err 'two.mdx is a file; to run the statements in it: -f two.mdx'
status 2 "$patron" explain two.mdx
err '-f two.mdx'

# Parameters: numbers and texts.
status 0 "$patron" query --format csv --param n=1 \
    'SELECT TopCount([Store].[Country].Members, @n, [Measures].[Units]) ON ROWS, [Measures].[Units] ON COLUMNS FROM [Sales]'
out 'Germany,7'
status 2 "$patron" query --param n 'SHOW CUBES'
err 'NAME=VALUE'

status 0 "$patron" explain 'SELECT [Measures].[Units] ON COLUMNS FROM [Sales]'
status 0 "$patron" explain --analyze 'SELECT [Measures].[Units] ON COLUMNS FROM [Sales]'
status 1 "$patron" explain 'SELECT [Measures].[Unitz] ON COLUMNS FROM [Sales]'
err 'line 1, column 19'

# What does not fit into memory may go to disk.
status 0 "$patron" query --spill-dir . --format csv 'SHOW SPILL; SET SPILL = OFF; SHOW SPILL'
out 'SPILL,on'
out 'SPILL,off'
status 2 "$patron" query --spill-dir
err '--spill-dir'
