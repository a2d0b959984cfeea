#!/usr/bin/env bash
# headers.sh - every header compiles alone, the installed one also as C++, and each may be included twice.
set -euo pipefail
cd "$(dirname "$0")/../.."

cc=${CC:-cc} cxx=${CXX:-c++}
flags=(-fsyntax-only -D_GNU_SOURCE -I. -Iinclude -Wall -Wextra -Wundef -Werror)
bad=0

complain() { # file, what, mend
    printf '%s: %s\n    to mend: %s\n' "$1" "$2" "$3"
    bad=1
}

while read -r header; do
    [ -f "$header" ] || continue
    if ! grep -qE '^#(pragma once|ifndef PATRON_H)$' "$header"; then
        complain "$header" "may be included twice" "put #pragma once behind the comment at the head of the file"
    fi
    if ! words=$(printf '#include "%s"\n' "$header" | "$cc" "${flags[@]}" -std=gnu17 -x c - 2>&1); then
        printf '%s\n' "$words"
        complain "$header" "does not compile alone" "include in it what it uses"
    fi
done < <(git ls-files '*.h')

installed=include/patron.h
if [ -f "$installed" ]; then
    # an installed header sees neither our macros nor our include path
    if ! words=$(printf '#include "patron.h"\n' | "$cxx" -fsyntax-only -Iinclude -Wall -Wextra -Werror -std=c++11 -x c++ - 2>&1); then
        printf '%s\n' "$words"
        complain "$installed" "does not compile as C++" "keep to what C and C++ share; extern \"C\" around declarations"
    fi
    if ! words=$(printf '#include "patron.h"\n' | "$cc" -fsyntax-only -Iinclude -Wall -Wextra -Wpedantic -Werror -std=c99 -x c - 2>&1); then
        printf '%s\n' "$words"
        complain "$installed" "does not compile as plain C99" "keep GNU extensions out of the installed header"
    fi
fi
exit $bad
