# shellcheck shell=bash
# lib.sh - what the tests of the command share. Source it with the command's path as $1:
#
#   . "$(dirname "$0")/lib.sh" "$@"
#
# Gives $patron, an empty directory $work (the current one), and the checks below. A failed check says what was expected and
# ends the test.
set -euo pipefail
patron=$(realpath "$1")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
unset PATRON_DB PAGER NO_COLOR
export LC_ALL=C.UTF-8 TERM=dumb HOME=$work

fail() {
    echo "${0##*/}: $*" >&2
    exit 1
}

# status N COMMAND...: the command ends with N. Its output is in out.txt and err.txt.
status() {
    local wanted=$1 got=0
    shift
    "$@" >out.txt 2>err.txt || got=$?
    [ "$got" -eq "$wanted" ] || fail "'$*' ended with $got, expected $wanted: $(head -c 2000 out.txt err.txt)"
}

# out TEXT, err TEXT: the last command's output or complaint holds the text.
out() { grep -qF -- "$1" out.txt || fail "the output lacks '$1': $(head -c 2000 out.txt)"; }
err() { grep -qF -- "$1" err.txt || fail "the messages lack '$1': $(head -c 2000 err.txt)"; }

# same FILE: the last output is exactly standard input's text.
same() { diff -u - out.txt || fail "unexpected output"; }

# A small warehouse shop.db: three cities, two months, and Chinese names.
small_shop() {
    mkdir -p data
    cat >data/stores.csv <<'EOF'
store_id,country,city
1,Germany,Berlin
2,Germany,Köln
3,中国,上海
EOF
    cat >data/sales_2024_01.csv <<'EOF'
day,store_id,customer,units,revenue
2024-01-10,1,ann,2,10.50
2024-01-11,2,bob,1,5.25
2024-01-12,3,王伟,3,30.00
2024-01-13,3,ann,1,10.00
EOF
    cat >data/sales_2024_02.csv <<'EOF'
day,store_id,customer,units,revenue
2024-02-01,1,ann,4,20.00
2024-02-02,3,王伟,-1,-10.00
EOF
    cat >data/shop.patron <<'EOF'
CREATE TIME DIMENSION [Time] FROM '2024-01-01' TO '2024-12-31' (HIERARCHY [Time] ALL 'All Time' (YEAR, QUARTER, MONTH, DAY));
CREATE DIMENSION [Store] (KEY store_id INTEGER, ATTRIBUTE country TEXT, city TEXT,
  HIERARCHY [Store] ALL 'All Stores' (LEVEL [Country] BY country, LEVEL [City] BY store_id NAME city));
CREATE DIMENSION [Customer] (KEY customer TEXT, HIERARCHY [Customer] ALL 'All Customers' (LEVEL [Customer] BY customer));
CREATE CUBE [Sales] (DIMENSION [Time], DIMENSION [Store], DIMENSION [Customer],
  MEASURE [Units] SUM(units) INTEGER FORMAT '#,##0',
  MEASURE [Revenue] SUM(revenue) DECIMAL(12,2) FORMAT '#,##0.00',
  MEASURE [Customers] DISTINCT COUNT([Customer]) FORMAT '#,##0',
  MEMBER [Measures].[Price] AS [Measures].[Revenue] / [Measures].[Units], FORMAT_STRING = '0.00');
CREATE SOURCE [files] TYPE csv OPTIONS (directory '${where}', header ON);
CREATE MAPPING [stores] INTO DIMENSION [Store] FROM [files].'stores.csv' (store_id, country, city);
CREATE MAPPING [sales] INTO CUBE [Sales] FROM [files].'sales_*.csv'
  ([Time] = day, [Store] = store_id ON UNKNOWN REJECT, [Customer] = customer ON UNKNOWN INFER, units, revenue);
EOF
    "$patron" init shop.db --quiet
    "$patron" define --db shop.db --quiet --set where=. data/shop.patron
    "$patron" load --db shop.db --quiet
}
