#!/usr/bin/env bash
# Patron in two minutes: installs what is needed, builds, makes a warehouse of retail data and asks it questions.
#
#   tools/demo.sh [--rows N] [--dir DIR]
#
#   --rows N    rows of sales (default 1000000)
#   --dir DIR   where data and warehouse go (default build/demo; it is made anew)
set -euo pipefail
cd "$(dirname "$0")/.."

rows=1000000
dir=build/demo
while [ $# -gt 0 ]; do
    case "$1" in
    --rows) rows=${2:?--rows needs a number} && shift 2 ;;
    --dir) dir=${2:?--dir needs a directory} && shift 2 ;;
    -h | --help) sed -n '2,7s/^# \{0,1\}//p' "$0" && exit 0 ;;
    *)
        echo "demo.sh: unknown argument '$1'; try tools/demo.sh --help" >&2
        exit 2
        ;;
    esac
done

# Chinese names need UTF-8; C.UTF-8 is there on every Debian.
case "${LC_ALL:-${LC_CTYPE:-${LANG:-}}}" in
*[Uu][Tt][Ff]*) ;;
*) export LC_ALL=C.UTF-8 ;;
esac

bold='' dim='' off=''
if [ -t 1 ] && [ -z "${NO_COLOR:-}" ]; then bold=$'\033[1m' dim=$'\033[2m' off=$'\033[0m'; fi

title() { printf '\n%s== %s%s\n\n' "$bold" "$1" "$off"; }
tell() { printf '%s\n' "$@"; }
run() { # shows a command as one would type it, then runs it
    local word line='$'
    for word in "$@"; do
        case "$word" in
        *[\ \[]*) line+=" '$word'" ;;
        *) line+=" $word" ;;
        esac
    done
    printf '%s%s%s\n' "$dim" "$line" "$off"
    "$@"
}

title 'Building'
tools/setup.sh
cmake --preset release >/dev/null
cmake --build --preset release --target patron patron_shared # the command, and the library that an install wants
PATH=$PWD/build/release:$PATH

data=$dir/data
export PATRON_DB=$dir/shop.db
rm -rf "$data" "$PATRON_DB"
mkdir -p "$dir"

title 'A chain of shops'
tell 'Facts first: three years of sales of an imaginary company, as a till system would export them, a CSV file a month.' \
    'Customers come and go, a few of them buy most; seasons, promotions and returns are in it.' ''
run patron sample "$data" --rows "$rows"
echo
run head -n 4 "$data/sales_2024_12.csv"
echo
run head -n 4 "$data/customers.csv"

title 'A warehouse'
tell 'warehouse.patron says what the numbers mean: five dimensions (time, region, product, department, customer) with their' \
    'hierarchies, a cube over them, and which column of which file goes where.' ''
run patron init "$PATRON_DB"
run patron define "$data/warehouse.patron"

title 'Loading'
tell 'One load is one transaction: all of it or nothing. Loaded again, the same files are recognised and not counted twice.' ''
run patron load
run patron load
echo
run patron info

title 'Questions'
tell 'queries.mdx asks what one asks of sales: how did it go, where, who, what is new. Before each answer the question.'
run patron query --timing --echo -f "$data/queries.mdx"

title 'The same as a picture'
tell 'Any answer can be drawn, or written as CSV, JSON or Markdown (--format).' ''
run patron query --chart 'SELECT [Measures].[Revenue] ON COLUMNS, Descendants([Time].[2024], [Time].[Month]) ON ROWS FROM [Sales]'

title 'How it was answered'
run patron explain --analyze 'SELECT {[Measures].[Customers]} ON COLUMNS, NON EMPTY [Product].[Category].Members ON ROWS
    FROM [Sales] WHERE ([Time].[2024], [Region].[Europe])'

title 'Your turn'
tell "The warehouse is $PATRON_DB, the command build/release/patron:" '' \
    "  build/release/patron shell --db $PATRON_DB" '' \
    'docs/tutorial.md defines a cube over files of your own; tools/test.sh builds and runs all tests.'
