#!/usr/bin/env bash
# Defining and loading: placeholders, dumps, atomic loads, rejects and their exit status. load.sh PATRON
# shellcheck source=tests/command/lib.sh
. "$(dirname "$0")/lib.sh" "$@"
small_shop

# A script with a placeholder needs its value, and says where.
status 2 "$patron" define --db shop.db data/shop.patron
# shellcheck disable=SC2016 # the placeholder is meant
err 'data/shop.patron: line 10: ${where} has no value'
err '--set where=VALUE'
# Defining again changes nothing.
status 0 "$patron" define --db shop.db --set where=. data/shop.patron
# A mistake is shown with its file and its place.
printf 'CREATE DIMENSION [A] (\n  KEI id INTEGER);\n' >bad.patron
status 1 "$patron" define --db shop.db bad.patron
err 'bad.patron: error SYNTAX at line 2, column'
err '^'
status 1 "$patron" define --db shop.db - <bad.patron
err 'standard input: error SYNTAX at line 2, column'
printf '%s{where}' '$' >where.patron
status 2 "$patron" define --db shop.db - <where.patron
err 'standard input: line 1: $'
err '{where} has no value'
status 8 "$patron" define --db shop.db missing.patron
err missing.patron

# The dump makes the same warehouse again.
"$patron" define --db shop.db --dump >dump.patron
"$patron" init copy.db --quiet
"$patron" define --db copy.db --quiet dump.patron
"$patron" define --db copy.db --dump | diff -u dump.patron - || fail 'the dump of the dump differs'
"$patron" load --db copy.db --quiet
"$patron" query --db copy.db --format csv 'SELECT [Measures].Members ON COLUMNS FROM [Sales]' >a.csv
"$patron" query --db shop.db --format csv 'SELECT [Measures].Members ON COLUMNS FROM [Sales]' | diff -u a.csv - || fail 'copy differs'

# A known file is not counted twice; a new one with an unknown store is loaded but for that row.
status 0 "$patron" load --db shop.db
out 'nothing new to load'
printf 'day,store_id,customer,units,revenue\n2024-03-01,1,ann,1,1.00\n2024-03-01,99,ann,1,1.00\n2024-03-02,2,bob,x,1.00\n' \
    >data/sales_2024_03.csv
status 3 "$patron" load --db shop.db --json sales
python3 - out.txt <<'EOF'
import json, sys
json.load(open(sys.argv[1]))
EOF
status 0 "$patron" query --db shop.db --format csv 'SHOW REJECTS'
out sales_2024_03.csv
out '"[""2024-03-01"",""99"",""ann"",""1"",""1.00""]"'
out 99
status 0 "$patron" query --db shop.db --format csv 'SELECT [Measures].[Units] ON COLUMNS FROM [Sales]'
same <<'EOF'
Units
11
EOF
# A store that only a fact has told of has no city and no country: it goes by its key.
"$patron" define --db shop.db --dump | sed -n '/CREATE MAPPING \[sales\]/,/;/p' |
    sed 's/CREATE MAPPING/CREATE OR REPLACE MAPPING/; s/ON UNKNOWN REJECT/ON UNKNOWN INFER/' >infer.patron
status 0 "$patron" define --db shop.db infer.patron
status 3 "$patron" load --db shop.db
status 0 "$patron" query --db shop.db --format csv --no-header \
    'SELECT [Measures].[Units] ON COLUMNS, NON EMPTY [Store].[City].Members ON ROWS FROM [Sales]'
out '99,1'
status 1 "$patron" load --db shop.db nosuch
err 'unknown mapping [nosuch]'
err 'SHOW MAPPINGS'
# A file in another encoding is named, and what to do about it.
cp data/stores.csv stores.utf8
printf 'store_id,country,\xb3\xc7\xca\xd0\n1,a,b\n' >data/stores.csv
status 1 "$patron" load --db shop.db
err "the first line of 'stores.csv' cannot be read"
err "encoding 'GBK'"
rm data/stores.csv
mkdir data/stores.csv
status 8 "$patron" load --db shop.db
err "there is no file 'stores.csv'"
grep -q 'did you mean' err.txt && fail 'a directory is no suggestion'
rmdir data/stores.csv
mv stores.utf8 data/stores.csv

status 0 "$patron" check --db shop.db
status 0 "$patron" info --db shop.db --json
python3 - out.txt <<'EOF'
import json, sys
info = json.load(open(sys.argv[1]))
assert info["bytes"] > 0 and info["cubes"]["rows"][0][0] == "Sales", info
EOF
status 0 "$patron" info --db shop.db Sales
out Revenue
status 1 "$patron" info --db shop.db Sails
err 'no cube, dimension, source or mapping named Sails'

# A row whose partner in a joined table is missing is rejected, and gets its second chance when that table has changed.
mkdir joined
printf 'bill,sku,qty\n1,A,2\n2,B,3\n' >joined/lines.csv
printf 'bill,who\n1,ann\n' >joined/bills.csv
cat >joined/lines.patron <<'EOF'
CREATE DIMENSION [Who] (KEY who TEXT, HIERARCHY [Who] ALL (LEVEL [Who] BY who));
CREATE CUBE [Bills] (DIMENSION [Who], MEASURE [Quantity] SUM(qty) INTEGER);
CREATE SOURCE [till] TYPE csv OPTIONS (directory '.');
CREATE MAPPING [lines] INTO CUBE [Bills] FROM [till].'lines.csv' l JOIN 'bills.csv' b ON l.bill = b.bill
  (Who = b.who ON UNKNOWN INFER, qty = l.qty);
EOF
"$patron" init joined.db --quiet
"$patron" define --db joined.db --quiet joined/lines.patron
status 3 "$patron" load --db joined.db
status 0 "$patron" load --db joined.db
out 'nothing new to load'
printf '2,bob\n' >>joined/bills.csv
status 0 "$patron" load --db joined.db
out '2 loaded, 0 rejected'
status 0 "$patron" query --db joined.db --format csv --no-header 'SELECT [Who].[Who].Members ON COLUMNS FROM [Bills]'
echo 2,3 | same
status 0 "$patron" load --db joined.db
out 'nothing new to load'
