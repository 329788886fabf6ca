#!/usr/bin/env bash
# run.sh lint|shape|http ARGUMENT…: one test with the tools of tests/node; skipped where they are
# not installed (./test installs them).
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
[[ -e $here/node_modules/.fairlot ]] || exit 77
case $1 in
lint)
  export REDOCLY_TELEMETRY=off REDOCLY_SUPPRESS_UPDATE_NOTICE=true
  exec "$here/node_modules/.bin/redocly" lint --config "$here/redocly.yaml" "$2"
  ;;
*) exec node "$here/$1.js" "${@:2}" ;;
esac
