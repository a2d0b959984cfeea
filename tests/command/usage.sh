#!/usr/bin/env bash
# The command line: help teaches, mistakes are named, and the exit statuses are the documented ones. usage.sh PATRON
# shellcheck source=tests/command/lib.sh
. "$(dirname "$0")/lib.sh" "$@"

status 0 "$patron" --help
out 'usage: patron COMMAND'
out 'patron --version'
status 0 "$patron" --version
out 'patron '
status 2 "$patron"
err 'usage: patron COMMAND'
status 2 "$patron" --db
err "the command is missing behind '--db'"
status 2 "$patron" --db shop.db --frobnicate
err "the command is missing behind '--frobnicate'"
status 2 "$patron" qurey
err "unknown command 'qurey'; did you mean 'query'?"
status 2 "$patron" query --fromat csv x
err "unknown option '--fromat'; did you mean '--format'?"
status 2 "$patron" query -z
err "unknown option '-z'"
status 2 "$patron" query --db
err "option '--db' needs a value"
status 2 "$patron" query --format xml x
err "expected table, csv, tsv, json or markdown, not 'xml'"
status 2 "$patron" query 'SELECT FROM [Sales]'
# shellcheck disable=SC2016 # the name of the variable is meant
err 'no warehouse: name one with --db DIR or $PATRON_DB'
status 2 "$patron" load --memory lots --db x
err "--memory: expected something like 512M or 2G, not 'lots'"
status 2 "$patron" load --timeout 5y --db x
err '--timeout: expected something like 30s'
status 2 "$patron" info --db x one two
err "unexpected 'two'"
status 2 "$patron" check shop.db
err "unexpected 'shop.db' (the warehouse is named with --db DIR)"
status 2 "$patron" define --db x
err 'the scripts are missing'

# Every command explains itself: usage, options, examples, exit status.
for c in $("$patron" help | sed -n '/^commands:/,/^$/s/^  \([a-z]*\) .*/\1/p'); do
    status 0 "$patron" "$c" --help
    out "usage: patron $c"
    out 'examples:'
    out 'exit status'
    cp out.txt direct.txt
    status 0 "$patron" help "$c"
    cmp -s out.txt direct.txt || fail "'help $c' and '$c --help' differ"
done
status 0 "$patron" help status
out '3  the load was published, but rows were rejected'
status 0 "$patron" help exit status
out '3  the load was published, but rows were rejected'
status 0 "$patron" help topcount
out 'TopCount(set, number[, value]) -> set'
out 'TopCount([Product].[Category].Members, 3, [Measures].[Revenue])'
status 0 "$patron" help is null
out 'True if there is no such member.'
status 2 "$patron" help TopCuont
err 'no help on TopCuont, did you mean TopCount?'
status 2 "$patron" help lod
err "did you mean 'load'?"

# What is not there is named.
status 8 "$patron" query --db nowhere 'SELECT FROM [Sales]'
err nowhere
echo text >file
status 8 "$patron" query --db file 'SHOW CUBES'
err "'file' is a file, expected the directory of a warehouse"
status 8 "$patron" init file
err "cannot make directory 'file': there is a file of this name"
# Common options stand before the command or behind it.
status 0 "$patron" --quiet init shop.db
status 0 env PATRON_DB=shop.db "$patron" info
status 1 "$patron" init shop.db
err shop.db
export PATRON_DB=shop.db
status 1 "$patron" query 'SHOW CUBS'
err 'did you mean CUBES?'
status 1 "$patron" query 'SHOW WHATEVER'
err 'HELP SHOW; lists what there is'
status 1 "$patron" query 'SHOW REJECTS OF LOAD 99'
err 'there is no load 99'
