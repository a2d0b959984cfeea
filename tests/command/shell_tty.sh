#!/usr/bin/env bash
# The shell on a terminal. shell_tty.sh PATRON
# shellcheck source=tests/command/lib.sh
. "$(dirname "$0")/lib.sh" "$@"
small_shop
python3 "$(cd "$OLDPWD" && cd "$(dirname "$0")" && pwd)/shell_tty.py" "$patron"
