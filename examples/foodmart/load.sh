#!/usr/bin/env bash
# Define FoodMart's seven cubes in a warehouse and load them: load.sh DATA_DIR DB_DIR
# The command is taken from $PATRON (default: patron). Running it again loads only what is new.
set -euo pipefail
if [ $# -ne 2 ]; then
    echo "usage: $0 DATA_DIR DB_DIR" >&2
    echo "  DATA_DIR  the FoodMart tables as CSV files (sales_fact_1997.csv, store.csv, ...)" >&2
    echo "  DB_DIR    the warehouse; made if it does not exist" >&2
    exit 2
fi
here=$(cd "$(dirname "$0")" && pwd)
data=$(cd "$1" && pwd)
db=$2
patron=${PATRON:-patron}
[ -e "$db/catalog.mdb" ] || "$patron" init "$db"
"$patron" define --db "$db" --set "data=$data" \
    "$here/dimensions.patron" "$here/cubes.patron" "$here/mappings.patron"
"$patron" load --db "$db"
