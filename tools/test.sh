#!/usr/bin/env bash
# Builds Patron and runs its tests.
#
#   tools/test.sh                     gcc, debug build, all tests
#   tools/test.sh asan tsan ...       these presets: dev clang asan tsan fuzz release
#   tools/test.sh lint                layers, headers, layout, scripts
#   tools/test.sh tidy                clang-tidy
#   tools/test.sh bench               the Star Schema Benchmark at scale 1: every answer against SQLite's, no times judged
#   tools/test.sh guard               instructions of a fixed load and fixed queries, against those recorded
#   tools/test.sh --all               everything that CI runs
#
# FUZZ_SECONDS (default 20) bounds each fuzzer of the preset fuzz; BENCH_SCALE (default 1) is that of the benchmark.
set -euo pipefail
cd "$(dirname "$0")/.."

usage() {
    sed -n '2,12s/^# \{0,1\}//p' "$0"
    exit "$1"
}

steps=("$@")
if [ ${#steps[@]} -eq 0 ]; then steps=(dev); fi
if [ "${steps[0]}" = --all ]; then steps=(dev lint clang asan tsan fuzz bench guard); fi
for s in "${steps[@]}"; do
    case "$s" in
    dev | clang | asan | tsan | fuzz | release | lint | tidy | bench | guard) ;;
    -h | --help) usage 0 ;;
    *)
        echo "test.sh: unknown step '$s'" >&2
        usage 2 >&2
        ;;
    esac
done

if [ "${steps[*]}" = dev ]; then tools/setup.sh; else tools/setup.sh --all; fi

build() {
    echo "== $1: build"
    cmake --preset "$1" >/dev/null
    cmake --build --preset "$1"
}

# Each fuzzer for a while, from its corpus; what it finds stays in build/fuzz.
fuzz() {
    local program name corpus found
    for program in build/fuzz/tests/fuzz/fuzz_*; do
        [ -x "$program" ] || continue
        name=${program##*/fuzz_}
        corpus=tests/fuzz/corpus/$name
        found=build/fuzz/found/$name
        mkdir -p "$found"
        echo "== fuzz: $name"
        "$program" -max_total_time="${FUZZ_SECONDS:-20}" -artifact_prefix="build/fuzz/$name-" -verbosity=0 \
            -print_final_stats=1 "$found" "$corpus"
    done
}

for s in "${steps[@]}"; do
    case "$s" in
    lint) tools/lint/all.sh ;;
    tidy)
        build dev
        tools/lint/tidy.sh
        ;;
    fuzz)
        build fuzz
        fuzz
        ;;
    bench)
        echo "== bench: build"
        cmake --preset release >/dev/null
        cmake --build --preset release --target patron ssb_gen
        echo "== bench: scale ${BENCH_SCALE:-1}"
        tools/bench/ssb --scale "${BENCH_SCALE:-1}" --peers sqlite --runs 3 --out build/bench/smoke
        rm -rf build/bench/smoke/data build/bench/smoke/sqlite.db
        ;;
    guard)
        echo "== guard: build"
        cmake --preset release >/dev/null
        cmake --build --preset release --target patron
        echo "== guard: instructions"
        tools/bench/guard.sh
        ;;
    *)
        build "$s"
        echo "== $s: tests"
        ctest --preset "$s" -j "$(nproc)"
        # ctest names what it left out, but not why.
        sed -n 's/^skipped: /not run: /p' "build/$s/Testing/Temporary/LastTest.log"
        ;;
    esac
done
echo "all tests passed: ${steps[*]}"
