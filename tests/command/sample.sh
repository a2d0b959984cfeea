#!/usr/bin/env bash
# The sample: what `patron sample` writes can be defined, loaded and asked, and the figures are those of the files.
# sample.sh PATRON
# shellcheck source=tests/command/lib.sh
. "$(dirname "$0")/lib.sh" "$@"

status 0 "$patron" sample data --rows 20000 --seed 3 --years 2 --from 2023
out '20000 rows of sales'
[ "$(cat data/sales_*.csv | grep -vc sold_on)" -eq 20000 ] || fail 'not 20000 rows'
status 1 "$patron" sample data --rows 20000
err 'there are files in data already'
status 2 "$patron" sample more --rows 5

status 0 "$patron" init shop.db
status 0 "$patron" define --db shop.db data/warehouse.patron
status 0 "$patron" load --db shop.db
out ' 0 rejected'
status 0 "$patron" load --db shop.db
out 'nothing new to load'

figures=$(awk -F, 'FNR > 1 { u += $6; split($7, p, "."); r += (p[1] < 0 || p[1] == "-0") ? p[1] * 100 - p[2] : p[1] * 100 + p[2]; c[$5] }
    END { n = 0; for (k in c) n++; printf "%d,%.2f,%d,%d", u, r / 100, 20000, n }' data/sales_*.csv)
status 0 "$patron" query --db shop.db --format csv \
    'SELECT {[Measures].[Units], [Measures].[Revenue], [Measures].[Orders], [Measures].[Customers]} ON COLUMNS FROM [Sales]'
same <<EOF
Units,Revenue,Orders,Customers
$figures
EOF

# All the questions have answers.
status 0 "$patron" query --db shop.db --echo -f data/queries.mdx
out '-- Top ten products of 2024'
out '(12 rows)'
grep -q '#ERR' out.txt && fail 'a question has an error for an answer'

# The questions of a Chinese slice find Chinese names.
status 0 "$patron" query --db shop.db --format csv \
    'SELECT [Measures].[Revenue] ON COLUMNS, [Region].[Asia].[中国].Children ON ROWS FROM [Sales]'
out '广东省'
