#!/usr/bin/env bash
# run.sh unit | agree PROGRAM FAIRLOT WHOLE CHANGED [proofs]: the second verifier, alone or against the
# first; skipped where its packages are not installed (./test installs them).
set -euo pipefail
verify=$(cd "$(dirname "$0")/../../verify" && pwd)
[[ -e $verify/node_modules/.fairlot ]] || exit 77
case $1 in
unit) exec node --test --test-reporter=tap "$verify"/test/*.test.js ;;
agree) exec node "$verify/test/agree.js" "${@:2}" ;;
esac
