#!/usr/bin/env bash
# A crossjoin of 10,000 customers by 1,500 products by 365 days, NON EMPTY over 100,000 facts: five billion tuples, of which
# at most 100,000 have data. Only an answer made from the facts fits into the limits; it is compared with sort and awk.
#
#   large_crossjoin.sh PATRON
set -euo pipefail
patron=$(realpath "$1")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

awk 'BEGIN {
    srand(42)
    print "customer,name" > "customers.csv"
    for (i = 1; i <= 10000; i++) printf "%d,Customer %05d\n", i, i > "customers.csv"
    print "product,name" > "products.csv"
    for (i = 1; i <= 1500; i++) printf "%d,Product %04d\n", i, i > "products.csv"
    print "day,customer,product,units" > "facts.csv"
    for (i = 0; i < 100000; i++)
        printf "%s,%d,%d,%d\n", strftime("%Y-%m-%d", 1735689600 + 86400 * int(rand() * 365), 1),
            1 + int(rand() * 10000), 1 + int(rand() * 1500), 1 + int(rand() * 9) > "facts.csv"
}'
cat >cube.patron <<'E2'
CREATE TIME DIMENSION [Day] FROM '2025-01-01' TO '2025-12-31' (HIERARCHY [Day] ALL 'All Days' (YEAR, MONTH, DAY));
CREATE DIMENSION [Customer] (KEY customer INTEGER, ATTRIBUTE name TEXT,
  HIERARCHY [Customer] ALL 'All Customers' (LEVEL [Customer] BY customer NAME name));
CREATE DIMENSION [Product] (KEY product INTEGER, ATTRIBUTE name TEXT,
  HIERARCHY [Product] ALL 'All Products' (LEVEL [Product] BY product NAME name));
CREATE CUBE [Sales] (DIMENSION [Day], DIMENSION [Customer], DIMENSION [Product], MEASURE [Units] SUM(units) INTEGER);
CREATE SOURCE [files] TYPE csv OPTIONS (directory '.');
CREATE MAPPING [customers] INTO DIMENSION [Customer] FROM [files].'customers.csv' (customer, name);
CREATE MAPPING [products] INTO DIMENSION [Product] FROM [files].'products.csv' (product, name);
CREATE MAPPING [facts] INTO CUBE [Sales] FROM [files].'facts.csv'
  ([Day] = day, [Customer] = customer, [Product] = product, units);
E2
"$patron" init db --quiet
"$patron" define --db db --quiet cube.patron
"$patron" load --db db --quiet >/dev/null

cat >query.mdx <<'E2'
SELECT {[Measures].[Units]} ON COLUMNS,
       NON EMPTY Crossjoin(Crossjoin([Customer].[Customer].Members, [Product].[Product].Members), [Day].[Day].Members) ON ROWS
FROM [Sales]
E2
"$patron" query --db db --timeout 20000 --format csv -f query.mdx | tail -n +2 >answer.csv

# customer name, product name, day (by caption), units: in the order of customers, products, days
tail -n +2 facts.csv | awk -F, '{ sum[$2 "," $3 "," $1] += $4 }
    END { for (k in sum) print k "," sum[k] }' | sort -t, -k1,1n -k2,2n -k3,3 |
    awk -F, '{ printf "Customer %05d,Product %04d,%d\n", $1, $2, $4 }' >expected.csv
awk -F, '{ print $1 "," $2 "," $NF }' answer.csv >got.csv
if ! cmp -s got.csv expected.csv; then
    echo "large_crossjoin: the answer differs from the facts:" >&2
    diff got.csv expected.csv | head -n 10 >&2
    exit 1
fi
echo "large_crossjoin: $(wc -l <got.csv) of $((10000 * 1500 * 365)) tuples have data, all right and in order"
