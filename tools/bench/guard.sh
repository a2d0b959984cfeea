#!/usr/bin/env bash
# Guards against getting slower: counts the instructions of a fixed load and of fixed questions (callgrind) and
# compares them with those recorded in guard.tsv. Counts hardly depend on the machine, and not on what else it does.
#
#   tools/bench/guard.sh              fails if a figure is more than 5 % above the recorded one
#   tools/bench/guard.sh --record     records the figures of this build, which a change that means to alter them commits
#   tools/bench/guard.sh --show       only prints the figures
#
# Uses build/release/patron. The figures are millions of instructions in one thread, each without those of opening
# the warehouse, which have a line of their own:
#
#   open      a process that answers SHOW CUBES
#   load      the CSV files of 150,000 sales
#   facts     typical.mdx, from facts
#   build     the cuboids of guard_cuboids.mdx
#   cuboids   typical.mdx but its last question, from these
#   cache     typical.mdx three times more, when it was asked before
#   batch     guard_batch.mdx through the batch door: binding, evaluation, formatting, JSON
#   runs      guard_runs.mdx, when it was asked before but is not kept, over columns of 1,600 long and 19,200 short runs
#
# The CPU level is pinned, since valgrind does not know AVX-512: PT_ISA for our own loops, OPENSSL_ia32cap for SHA-256.
set -euo pipefail
cd "$(dirname "$0")/../.."

record=tools/bench/guard.tsv
patron=$PWD/build/release/patron
tolerance=5 # percent; other builds of the same gcc and libc differ by less than one
case "${1:-}" in
'' | --record | --show) ;;
*)
    sed -n '2,21s/^# \{0,1\}//p' "$0" >&2
    exit 2
    ;;
esac
command -v valgrind >/dev/null || {
    echo "guard: valgrind is not installed; run tools/setup.sh --all" >&2
    exit 2
}
[ -x "$patron" ] || {
    echo "guard: build first: cmake --preset release && cmake --build --preset release --target patron" >&2
    exit 2
}
if ! grep -qw avx2 /proc/cpuinfo; then
    echo "skipped: guard: figures were recorded for AVX2, which this processor does not have" >&2
    exit 0
fi

dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
export PT_ISA=avx2 OPENSSL_ia32cap=0:0 TZ=UTC LC_ALL=C

db=$dir/db
# count OPTION...: prints the instructions that `patron OPTION...` takes; its answers must not hold a failure.
count() {
    local answers=$dir/answers
    if ! valgrind --tool=callgrind --callgrind-out-file=/dev/null --log-file="$dir/log" \
        "$patron" "$@" --db "$db" --threads 1 >"$answers" 2>"$dir/said" || grep '"ok":false' "$answers" >&2; then
        cat "$dir/said" >&2
        echo "guard: failed: patron $*" >&2
        return 1
    fi
    awk '/Collected/ { print $NF }' "$dir/log"
}

# figure NAME COUNT: a line of the table
figure() {
    awk -v name="$1" -v n="$2" 'BEGIN { printf "%s\t%.2f\n", name, n / 1e6 }' >>"$dir/now"
}

# The paragraphs of a file as requests of the batch door.
requests() {
    grep -v '^--' "$1" |
        awk -v RS= '{ gsub(/[ \n]+/, " "); sub(/; *$/, ""); gsub(/"/, "\\\""); printf "{\"id\":%d,\"mdx\":\"%s\"}\n", NR, $0 }'
}

"$patron" sample "$dir/data" --rows 150000 --seed 1 >/dev/null
"$patron" init "$dir/db" --quiet
"$patron" define --db "$dir/db" --quiet "$dir/data/warehouse.patron"

typical=$(cat tools/bench/typical.mdx)
printf '%s\n' 'SET CACHE = OFF;' "$typical" >"$dir/plain.mdx"
sed '/^-- 10 /,$d' "$dir/plain.mdx" >"$dir/fitting.mdx"
printf '%s\n' "$typical" >"$dir/once.mdx"
printf '%s\n' "$typical" "$typical" "$typical" "$typical" >"$dir/again.mdx"

n=$(count load --quiet)
loaded=$n
open=$(count query 'SHOW CUBES')
figure open "$open"
figure load $((loaded - open))
n=$(count query --format csv -f "$dir/plain.mdx")
figure facts $((n - open))
once=$(count query --format csv -f "$dir/once.mdx")
n=$(count query --format csv -f "$dir/again.mdx")
figure cache $((n - once))
requests tools/bench/guard_batch.mdx >"$dir/requests"
n=$(count query --batch <"$dir/requests")
figure batch $((n - open))
n=$(count query --quiet -f tools/bench/guard_cuboids.mdx)
figure build $((n - open))
n=$(count query --format csv -f "$dir/fitting.mdx")
figure cuboids $((n - open))

db=$dir/runs.db
mkdir "$dir/runs"
awk 'function random(n) { x = x * 16807 % 2147483647; return x % n }
     BEGIN {
         x = 1
         print "side,place,shelf,thing,units"
         for (i = 0; i < 131072; i++) {
             place = i % 800
             print int(i / 65536) "," place "," place * 12 + random(12) "," random(20000) "," random(100)
         }
     }' >"$dir/runs/runs.csv"
cp tools/bench/guard_runs.patron "$dir/runs"
"$patron" init "$db" --quiet
"$patron" define --db "$db" --quiet "$dir/runs/guard_runs.patron"
"$patron" load --db "$db" --quiet
questions=$(cat tools/bench/guard_runs.mdx)
printf '%s\n' 'SET CACHE = OFF;' "$questions" >"$dir/once.mdx"
printf '%s\n' 'SET CACHE = OFF;' "$questions" "$questions" >"$dir/again.mdx"
once=$(count query --format csv -f "$dir/once.mdx")
n=$(count query --format csv -f "$dir/again.mdx")
figure runs $((n - once))

case "${1:-}" in
--record) tee "$record" <"$dir/now" ;;
--show) cat "$dir/now" ;;
*)
    awk -F '\t' -v tolerance="$tolerance" '
        NR == FNR { recorded[$1] = $2; next }
        !($1 in recorded) { printf "guard: %s is not recorded\n", $1; bad = 1; next }
        {
            seen[$1] = 1
            change = ($2 / recorded[$1] - 1) * 100
            printf "%-8s %10.2f million instructions, recorded %10.2f, %+.1f %%\n", $1, $2, recorded[$1], change
            if (change > tolerance) slower = slower sprintf("guard: %s takes %.1f %% more instructions than recorded\n", $1, change)
            if (change < -tolerance) faster = faster " " $1
        }
        END {
            for (name in recorded) if (!(name in seen)) { printf "guard: %s is recorded, but not counted\n", name; bad = 1 }
            if (faster) print "guard: faster than recorded, record it:" faster
            printf "%s", slower
            if (slower) print "guard: if that is meant: tools/bench/guard.sh --record, and commit tools/bench/guard.tsv with the reason"
            exit bad || slower != ""
        }' "$record" "$dir/now"
    ;;
esac
