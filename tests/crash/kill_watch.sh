#!/usr/bin/env bash
# Kill `patron watch` with SIGKILL at random moments while files arrive and a database grows: every time the warehouse must
# check clean, and in the end every row counts exactly once, as in a warehouse that nobody disturbed.
#
#   kill_watch.sh PATRON [ROUNDS]
set -euo pipefail
patron=$(realpath "$1")
rounds=${2:-20}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
export LC_ALL=C.UTF-8
mkdir in

fail() {
    echo "kill_watch: $*" >&2
    exit 1
}
ask() { "$patron" query --db "$1" --format csv --no-header 'SELECT [Measures].Members ON COLUMNS, [What].[What].Members ON ROWS FROM [Sales]'; }
now_ms() { date +%s%3N; }

cat >shop.patron <<'EOF'
CREATE DIMENSION [What] (KEY what TEXT, HIERARCHY [What] ALL (LEVEL [What] BY what));
CREATE CUBE [Sales] (DIMENSION [What], MEASURE [Units] SUM(units) INTEGER, MEASURE [Lines] COUNT(*));
CREATE SOURCE [files] TYPE csv OPTIONS (directory 'in');
CREATE SOURCE [till] TYPE sqlite OPTIONS (file 'till.sqlite', track 'id');
CREATE MAPPING [files] INTO CUBE [Sales] FROM [files].'*.csv' (What = what ON UNKNOWN INFER, units);
CREATE MAPPING [till] INTO CUBE [Sales] FROM [till].'sold' (What = what ON UNKNOWN INFER, units);
EOF
sqlite3 till.sqlite 'PRAGMA journal_mode = wal; CREATE TABLE sold (id INTEGER PRIMARY KEY, what TEXT, units INTEGER)' >/dev/null
"$patron" init db --quiet
"$patron" define --db db --quiet shop.patron

# What comes in round N: a file, and rows of the database; some lines are the same as before, so that a loss and a double differ.
arrive() {
    { echo what,units && seq "$1" $(($1 + 2000)) | sed 's/\(.*\)\(.\)/item\2,\1/'; } >in/.new
    mv in/.new "in/$1.csv"
    sqlite3 -cmd '.timeout 10000' till.sqlite \
        "INSERT INTO sold (what, units) WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 500) SELECT 'till' || i % 7, i FROM n"
}

arrive 0
start=$(now_ms)
"$patron" watch --db db --once --quiet
length=$(($(now_ms) - start))

for round in $(seq "$rounds"); do
    "$patron" watch --db db --interval 1 --quiet >/dev/null 2>&1 &
    victim=$!
    arrive "$round"
    delay=$(((RANDOM * 32768 + RANDOM) % (length + 1)))
    sleep "$(printf '%d.%03d' $((delay / 1000)) $((delay % 1000)))"
    kill -KILL "$victim"
    wait "$victim" 2>/dev/null || true
    "$patron" check --db db --quiet >log 2>&1 || fail "round $round, killed after $delay ms: the check found $(cat log)"
done
loads=$("$patron" query --db db --format csv --no-header 'SHOW LOADS' | wc -l)
"$patron" watch --db db --once --quiet
"$patron" init whole --quiet
"$patron" define --db whole --quiet shop.patron
"$patron" load --db whole --quiet
[ "$(ask db)" = "$(ask whole)" ] || fail "rows were lost or counted twice: $(diff <(ask db) <(ask whole))"
echo "kill_watch: $rounds watches killed within $length ms, $loads loads had published; every row counted once"
