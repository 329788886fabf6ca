#!/usr/bin/env bash
# Writes proto/openapi.json and the table of roles in docs/PROTOCOL.md anew, from op.def and
# proto/in.  `ninja -C build/… openapi`, or without one: setup/openapi.sh
set -euo pipefail
cd "$(dirname "$0")/.."
print=${1-}
if [[ -z $print ]]; then
  dir=$(find build -maxdepth 2 -name build.ninja -printf '%h\n' 2>/dev/null | head -n 1)
  [[ -n $dir ]] || {
    dir=build/gcc
    meson setup "$dir" --buildtype=release >/dev/null
  }
  exec ninja -C "$dir" openapi
fi
"$print" document >proto/openapi.json.new
mv proto/openapi.json.new proto/openapi.json
awk -v table="$print matrix" '
  /^<!-- end of matrix -->$/ { skip = 0 }
  !skip { print }
  /^<!-- matrix -->$/ { fflush(); system(table); skip = 1 }
' docs/PROTOCOL.md >docs/PROTOCOL.md.new
mv docs/PROTOCOL.md.new docs/PROTOCOL.md
