#!/usr/bin/env bash
# What the rules may ask of the outside: symbols.txt.  Anything else (a socket, a file, a clock,
# the heap) is a finding.   symbols.sh LIBRARY
set -euo pipefail
here=$(dirname "$0")
undefined=$(nm -u "$1" 2>/dev/null | awk '$1 == "U" {print $2}' | sort -u)
defined=$(nm --defined-only "$1" 2>/dev/null | awk 'NF == 3 {print $3}' | sort -u)
foreign=$(comm -23 <(echo "$undefined") <(echo "$defined") |
  grep -vxE -f <(sed '/^#/d;/^$/d' "$here/symbols.txt") || true)
if [[ -n $foreign ]]; then
  echo "lib asks for symbols that are not in tests/tidy/symbols.txt:"
  echo "$foreign"
  exit 1
fi
