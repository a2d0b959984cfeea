#!/usr/bin/env bash
# What is installed is enough to build and run the example: test_installed.sh CMAKE BUILD_DIR CC
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
prefix=$(mktemp -d)
trap 'rm -rf "$prefix"' EXIT
"$1" --install "$2" --prefix "$prefix" >"$prefix/log.txt"
PKG_CONFIG_PATH=$(dirname "$(find "$prefix" -name patron.pc)")
export PKG_CONFIG_PATH
read -ra flags <<<"$(pkg-config --cflags --libs patron)"
"$3" "$here/embed.c" "${flags[@]}" -o "$prefix/embed"
LD_LIBRARY_PATH=$(pkg-config --variable=libdir patron) "$here/test.sh" "$prefix/embed"
[ "$("$prefix/bin/patron" --version)" = "patron $(pkg-config --modversion patron)" ] ||
    { echo "the command and patron.pc tell different versions" >&2; exit 1; }
