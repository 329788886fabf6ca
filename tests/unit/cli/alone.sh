#!/usr/bin/env bash
# The program needs no library but libcrypto, libc and the loader.   alone.sh PROGRAM
set -euo pipefail
needed=$(readelf -d "$1" | sed -n 's/.*(NEEDED).*\[\(.*\)\]/\1/p')
grep -q '^libcrypto\.' <<<"$needed"
foreign=$(grep -vE '^(libcrypto|libc|ld-linux.*)\.so' <<<"$needed" || true)
if [[ -n $foreign ]]; then
  echo "the verifier needs: $foreign"
  exit 1
fi
