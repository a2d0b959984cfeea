#!/usr/bin/env bash
# Installs the Debian 12 packages that Patron is built from; does nothing if they are there.
#
#   tools/setup.sh           what the build and the ordinary tests need
#   tools/setup.sh --all     also what the lint, the other compiler, the fuzzers, the socket tests and the guard need
set -euo pipefail

packages=(
    gcc libc6-dev cmake ninja-build pkg-config flex bison
    liblmdb-dev libroaring-dev liblz4-dev zlib1g-dev libxxhash-dev libssl-dev libjansson-dev libsqlite3-dev
    libedit-dev libunistring-dev libcmocka-dev sqlite3 less python3
)
extra=(git clang clang-format clang-tidy libclang-rt-14-dev shellcheck postgresql-client valgrind)
# Debian's node does not go beside one that was installed in another way.
command -v node >/dev/null || extra+=(nodejs)
command -v npm >/dev/null || extra+=(npm)

case "${1:-}" in
'') ;;
--all) packages+=("${extra[@]}") ;;
*)
    echo "usage: tools/setup.sh [--all]" >&2
    exit 2
    ;;
esac

if ! command -v dpkg-query >/dev/null || ! command -v apt-get >/dev/null; then
    echo "setup: this is not Debian; install what matches: ${packages[*]}" >&2
    exit 1
fi

missing=()
for p in "${packages[@]}"; do
    [ "$(dpkg-query -W -f '${db:Status-Status}' "$p" 2>/dev/null || true)" = installed ] || missing+=("$p")
done
if [ ${#missing[@]} -eq 0 ]; then
    exit 0
fi

as_root=()
if [ "$(id -u)" -ne 0 ]; then
    if ! command -v sudo >/dev/null; then
        echo "setup: run as root: apt-get install ${missing[*]}" >&2
        exit 1
    fi
    as_root=(sudo)
fi
echo "setup: installing ${missing[*]}"
"${as_root[@]}" apt-get update -q
"${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends "${missing[@]}"
