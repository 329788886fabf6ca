#!/usr/bin/env bash
# run.sh PROGRAM: skipped where there is no browser, or the packages of verify/ are not installed
# (./test installs both).
set -euo pipefail
command -v chromium >/dev/null || exit 77
[[ -e $FAIRLOT_SOURCE/verify/node_modules/.fairlot ]] || exit 77
exec "$1"
