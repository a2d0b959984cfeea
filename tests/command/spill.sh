#!/usr/bin/env bash
# Groups that do not fit into memory: the answer is the same from disk, and where the disk cannot be used the message says what
# was tried where, and what to do. spill.sh PATRON
# shellcheck source=tests/command/lib.sh
. "$(dirname "$0")/lib.sh" "$@"
export PATRON_DB=shop.db
"$patron" sample data --rows 120000 >/dev/null
"$patron" init shop.db >/dev/null 2>&1
"$patron" define --quiet data/warehouse.patron
"$patron" load --quiet

count="WITH MEMBER [Measures].[n] AS Count(NonEmptyCrossJoin([Customer].[Customer Name].Members,
    [Product].[Product Name].Members)) SELECT {[Measures].[n]} ON COLUMNS FROM [Sales]"
query() { "$patron" query --threads 1 --no-cuboids --format csv --no-header "$@"; }
query "$count" >wanted.txt

# The least memory that suffices with a disk.
mkdir spilled
for mb in $(seq 6 64); do
    if query --spill-dir spilled --memory "${mb}M" "EXPLAIN ANALYZE $count" >out.txt 2>err.txt; then break; fi
    err "the statement needs more than its memory limit of $mb MB"
done
out 'of groups to disk'
status 0 query --spill-dir spilled --memory "${mb}M" "$count"
cmp out.txt wanted.txt
status 0 query --memory "${mb}M" "$count" # in the warehouse's directory
cmp out.txt wanted.txt
[ -z "$(ls -A spilled)" ] || fail "something is left: $(ls -A spilled)"

# No such directory, none at all, or one where no file can be made.
for dir in nowhere data/warehouse.patron /proc; do
    status 8 query --spill-dir "$dir" --memory "${mb}M" "$count"
    err "cannot make a temporary file in '$dir': "
    err 'hint: groups that do not fit into memory go there: name another directory with --spill-dir, or raise the memory limit'
done
status 7 query --memory "${mb}M" "SET SPILL = OFF; $count"
err "the statement needs more than its memory limit of $mb MB"
err "hint: raise it with SET LIMIT MEMORY = '<n> MB', or ask for fewer members"

# A full disk, where one can be had: the next statement of the session has its answer.
full() {
    # shellcheck disable=SC2016
    unshare -rm sh -c 'mount -t tmpfs -o size=64k none spilled && exec "$@"' sh "$@"
}
if full true 2>/dev/null; then
    echo "{\"id\":1,\"mdx\":\"$(echo "$count" | tr '\n' ' ')\"}
{\"id\":2,\"mdx\":\"SELECT {[Measures].[Units]} ON COLUMNS FROM [Sales]\"}" >batch.txt
    full "$patron" query --batch --threads 1 --no-cuboids --spill-dir spilled --memory "${mb}M" <batch.txt >out.txt
    out 'cannot write to a temporary file: No space left on device'
    out "make room in 'spilled', raise the memory limit"
    [ "$(grep -c '"error"' out.txt)" = 1 ] || fail "the session did not go on: $(cat out.txt)"
fi
