#!/usr/bin/env bash
# FoodMart, when its data is there: loaded by examples/foodmart/load.sh, its totals checked, the recorded answers compared,
# and variants of their statements (every 25th; VARIANTS_EVERY).
#
#   run.sh PATRON TEST_ANSWERS
#
# The data is looked for in $PATRON_FOODMART, then in ../shared/data/foodmart beside the repository.
set -euo pipefail
patron=$(realpath "$1")
test_answers=$(realpath "$2")
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
data=${PATRON_FOODMART:-$root/../shared/data/foodmart}
if [ ! -f "$data/sales_fact_1997.csv" ]; then
    echo "skipped: FoodMart's data is not there (set PATRON_FOODMART to the folder of its CSV files)"
    exit 77
fi
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
PATRON=$patron "$root/examples/foodmart/load.sh" "$data" "$work/FoodMart"

expect() { # MDX, expected CSV lines behind the header, joined by |
    local got
    got=$("$patron" query --db "$work/FoodMart" --format csv "$1" | tail -n +2 | paste -sd '|')
    [ "$got" = "$2" ] || { echo "expected $2, got $got for: $1" >&2; exit 1; }
}
expect 'SELECT {[Measures].[Unit Sales], [Measures].[Store Sales], [Measures].[Store Cost], [Measures].[Sales Count],
        [Measures].[Customer Count]} ON COLUMNS FROM [Sales] WHERE [Time].[1997]' \
    '266773.0000,565238.1300,225627.2336,86837,5581'
expect 'SELECT {[Measures].[Unit Sales], [Measures].[Customer Count]} ON COLUMNS, [Time].[1997].Children ON ROWS FROM [Sales]' \
    'Q1,66291.0000,2981|Q2,62610.0000,2973|Q3,65848.0000,3026|Q4,72024.0000,3261'
"$patron" check --db "$work/FoodMart"
if command -v python3 >/dev/null; then
    "$here/guide.py" "$patron" "$work/FoodMart" "$here/guide.txt"
fi
[ -f "$data/answers.jsonl" ] || exit 0
if command -v python3 >/dev/null; then
    "$here/variants.py" "$patron" "$work/FoodMart" "$data/answers.jsonl" "${VARIANTS_EVERY:-25}"
fi
"$test_answers" "$work/FoodMart" "$data/answers.jsonl" "$here/known.tsv" "${MIN_CORE:-99.2}" "${MIN_ALL:-99.05}"
