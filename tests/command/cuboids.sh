#!/usr/bin/env bash
# Cuboids as their owner meets them: VERIFY CUBE finds a damaged cell, the adviser's proposals help and fit, EXPLAIN ANALYZE tells
# what was read, and the log of what was asked outlives a kill and stays small. cuboids.sh PATRON DAMAGE_CUBOID
damage=$(realpath "$2")
# shellcheck source=tests/command/lib.sh
. "$(dirname "$0")/lib.sh" "$@"
small_shop
export PATRON_DB=shop.db
q() { "$patron" query --format csv --no-header "$@"; }

# ---- VERIFY CUBE -----------------------------------------------------------------------------------------------------

cuboid='CREATE CUBOID [by month and city] ON CUBE [Sales] (LEVEL [Time].[Month], [Store].[City], MEASURE [Units])'
status 0 "$patron" query "$cuboid; VERIFY CUBE [Sales]"
out '1 cuboid, 5 cells: as the facts say'

# Units of the five cells in their order: January in Berlin, Köln, 上海, then February in Berlin and 上海.
status 0 "$damage" shop.db 'by month and city' 3 2
status 0 "$patron" check
status 4 "$patron" query 'VERIFY CUBE [Sales]'
err 'cuboid [by month and city] differs from the facts at ([Time].[Month].[1], [Store].[City].[上海]): SUM(units) INTEGER is 5, not 4'
err 'hint: drop the cuboid and create it again'
status 0 "$patron" query "DROP CUBOID [by month and city]; $cuboid; VERIFY CUBE [Sales]"

# What cannot be kept is told, and what can be.
status 1 "$patron" query 'CREATE CUBOID [a] ON CUBE [Sales] (LEVEL [Store].[Building])'
err 'hierarchy [Store] has no level [Building]'
err 'hint: it has [Country], [City]'
status 1 "$patron" query 'CREATE CUBOID [a] ON CUBE [Sales] (LEVEL [Store].[City], [Store].[Country])'
err 'the cuboid keeps Store.City already'
err 'hint: it keeps one level of a hierarchy'

# A damaged byte is found by its checksum before.
segment=$(find shop.db/seg -name '*.seg' -newer data/shop.patron | sort -t/ -k3 -n | tail -1)
cp "$segment" whole.seg
python3 - "$segment" <<'EOF'
import sys
with open(sys.argv[1], "r+b") as f:
    f.seek(64)
    byte = f.read(1)[0]
    f.seek(64)
    f.write(bytes([byte ^ 0xFF]))
EOF
status 4 "$patron" query 'VERIFY CUBE [Sales]'
cp whole.seg "$segment"
status 0 "$patron" query 'VERIFY CUBE [Sales]; DROP CUBOID [by month and city]'

# ---- the log ---------------------------------------------------------------------------------------------------------

log=shop.db/queries.log
by_country='SELECT [Measures].[Units] ON COLUMNS, [Store].[Country].Members ON ROWS FROM [Sales]'
asked() { awk -F '\t' -v levels="$1" '$3 == levels { n += $1 } END { print n + 0 }' "$log"; }

# What a process asked is in the file though it is killed; only what it asked last may take a second.
rm -f "$log"
mkfifo requests
"$patron" query --batch <requests >answers 2>killed.txt &
victim=$!
exec 7>requests
for i in 1 2 3; do printf '{"id":%d,"mdx":"%s"}\n' "$i" "$by_country" >&7; done
for _ in $(seq 600); do
    [ -s "$log" ] && [ "$(asked '[Store].[Country]')" = 3 ] && break
    sleep 0.1
done
kill -KILL "$victim"
exec 7>&-
wait "$victim" 2>/dev/null || true
[ "$(asked '[Store].[Country]')" = 3 ] || fail "the log lacks what was asked: $(cat "$log")"

# A file that grew too large keeps what was asked last, a line for each kind with the sum of its counts.
awk 'BEGIN { for (i = 1; i <= 60000; i++) printf "2\tSales\t[Time].[Year]\t[number %d that nobody asks for any more]\n", i
             for (i = 1; i <= 5; i++) printf "100\tSales\t[Store].[City]\t[Units]\n" }' >"$log"
[ "$(stat -c %s "$log")" -gt 3900000 ] || fail 'the log is too small for the test'
head -c 300000 /dev/zero | tr '\0' x >>"$log"
echo >>"$log"
q "$by_country" >/dev/null
[ "$(stat -c %s "$log")" -le 2097152 ] || fail "the log has $(stat -c %s "$log") bytes"
[ "$(asked '[Store].[Country]')" = 1 ] || fail 'the last question is lost'
[ "$(asked '[Store].[City]')" = 500 ] || fail 'counts were lost'
grep -qF '[number 60000 ' "$log" || fail 'a late line was lost'
if grep -qF '[number 1 ' "$log"; then fail 'the oldest lines were kept'; fi

# ---- the adviser -----------------------------------------------------------------------------------------------------

# Six facts in four cells: a cuboid would not have half as few rows.
rm -f "$log"
q 'SELECT NON EMPTY [Customer].[Customer].Members ON COLUMNS, [Store].[City].Members ON ROWS FROM [Sales]' >/dev/null
[ -z "$(q "ADVISE CUBOIDS FOR CUBE [Sales] WITHIN '1 GB'")" ] || fail 'a cuboid is proposed that saves nothing'

"$patron" sample big --rows 70000 --quiet
"$patron" init big.db --quiet
export PATRON_DB=big.db
"$patron" define --quiet big/warehouse.patron
"$patron" load --quiet
advise() { q "ADVISE CUBOIDS FOR CUBE [Sales] WITHIN $1"; }
# The sum of a column of the last advice, and no more than N.
bytes_within() {
    python3 - "$1" <<'EOF' || fail "more than $1 bytes are proposed: $(cat advice.csv)"
import csv, sys
sys.exit(sum(int(row[2]) for row in csv.reader(open("advice.csv"))) > float(sys.argv[1]))
EOF
}
facts=$(find big.db/seg -name '*.seg' -printf '%s\n' | awk '{ n += $1 } END { print n }')

# Nothing was asked yet: levels and pairs of levels. The same twice; never more than what was granted.
advise '20 %' >advice.csv
advise '20 %' | cmp - advice.csv || fail 'the adviser is of two minds'
[ "$(wc -l <advice.csv)" -ge 2 ] || fail "few proposals: $(cat advice.csv)"
bytes_within $((facts / 5))
for kilobytes in 10 50 200; do
    advise "'$kilobytes KB'" >advice.csv
    [ -s advice.csv ] || fail "nothing fits $kilobytes KB"
    bytes_within $((kilobytes * 1024))
done
[ -z "$(advise "'4 KB'")" ] || fail 'something fits a page'

# What was asked most comes first, is a statement that runs, and answers the question.
month="SELECT [Measures].[Revenue] ON COLUMNS, [Time].[Month].Members ON ROWS FROM [Sales]"
brand="SELECT [Measures].[Units] ON COLUMNS, [Product].[Brands].[Brand].Members ON ROWS FROM [Sales]"
for _ in 1 2 3 4 5; do q "SET CACHE = OFF; $month" >/dev/null; done
q "$brand" >/dev/null
advise '20 %' >advice.csv
[ "$(wc -l <advice.csv)" = 2 ] || fail "two proposals expected: $(cat advice.csv)"
head -1 advice.csv | grep -qF '(LEVEL [Time].[Month], MEASURE [Revenue]);",36,' || fail "the first: $(head -1 advice.csv)"
head -1 advice.csv | grep -qF '1 of 2 kinds of requests (83 % of all)' || fail "the first: $(head -1 advice.csv)"
python3 - advice.csv >advice.mdx <<'EOF'
import csv, sys
for row in csv.reader(open(sys.argv[1])): print(row[0])
EOF
status 0 "$patron" query "EXPLAIN ANALYZE $month"
out 'fetched: 36 cells from 70000 rows'
status 0 "$patron" query "$month"
mv out.txt before.txt
status 0 "$patron" query -f advice.mdx
status 0 "$patron" query "$month"
cmp out.txt before.txt || fail 'a cuboid answers otherwise than facts'

# Now there is nothing left to gain.
[ -z "$(advise '20 %')" ] || fail "proposed again: $(advise '20 %')"
status 0 "$patron" query 'VERIFY CUBE [Sales]'
out '2 cuboids,'
status 1 "$patron" query 'ADVISE CUBOIDS FOR CUBE [Sales] WITHIN 0 %'
err 'expected a share or a size'

# ---- EXPLAIN ANALYZE -------------------------------------------------------------------------------------------------

status 0 "$patron" query "EXPLAIN ANALYZE $month"
out 'cuboid [Sales by Month]: 36 rows sum up 70000 facts'
out 'answered by cuboids: 1 request(s), the last by [Sales by Month]'
out 'fetched: 36 cells from 36 rows'
status 0 "$patron" query "SET CUBOIDS = OFF; EXPLAIN ANALYZE $month"
out 'fetched: 36 cells from 70000 rows'
out 'blocks: 2 read, 0 skipped'
if grep -q 'answered by cuboids' out.txt; then fail 'a cuboid was used though it should not'; fi

# Facts are sorted by time: the first year is in the first of two blocks.
status 0 "$patron" query "SET CUBOIDS = OFF; EXPLAIN ANALYZE SELECT [Measures].[Units] ON COLUMNS FROM [Sales] WHERE [Time].[2022]"
out 'ruled out by their ranges'
out 'blocks: 1 read, 1 skipped, 1 index look-ups'

# What sets ask for is told like what cells do: a round each, as the filter needs the months first.
status 0 "$patron" query "EXPLAIN ANALYZE SELECT [Measures].[Units] ON COLUMNS,
    TopCount(Filter([Region].[City].Members, [Measures].[Units] > 0), 2, ([Measures].[Units], [Time].[2022])) ON ROWS FROM [Sales]"
out 'round 2: '
[ "$(grep -c '^ scan ' out.txt)" -ge 2 ] || fail "not every round was described: $(cat out.txt)"

# Asked again in the same process: from the cell cache, and no row is read.
status 0 "$patron" query "$brand; EXPLAIN ANALYZE $brand"
out 'answered by the cell cache: 1 request(s)'
out 'round 1: 1 request in'
out '1 from the cell cache'
out 'cells from 0 rows'
out 'blocks: 0 read'
status 0 "$patron" query "SET CACHE = OFF; $brand; EXPLAIN ANALYZE $brand"
if grep -q 'cell cache' out.txt; then fail 'the cell cache was used though it is off'; fi

# The same as options of the command, for the batch door too.
status 0 "$patron" explain --analyze "$month"
out 'the last by [Sales by Month]'
status 0 "$patron" explain --analyze --no-cuboids "$month"
out 'fetched: 36 cells from 70000 rows'
status 0 "$patron" query --no-cuboids --no-cache --format csv "SHOW CUBES; EXPLAIN ANALYZE $month; EXPLAIN ANALYZE $month"
[ "$(grep -c 'fetched: 36 cells from 70000 rows' out.txt)" = 2 ] || fail "cuboids or the cache were used: $(cat out.txt)"
echo '{"id":1,"mdx":"SHOW LIMITS"}' | "$patron" query --batch --no-cache >out.txt
out '["CACHE","off"'
out '["CUBOIDS","on"'
