#!/usr/bin/env bash
# run.sh PEER_MAKE LOG.GO: another implementation accepts what the journal publishes, offline.
# Skips (status 77) where Go or its packages are not installed.
set -euo pipefail
[[ -d /usr/share/gocode/src/golang.org/x/mod/sumdb ]] && command -v go >/dev/null || {
  echo "golang-go or golang-golang-x-mod-dev is not installed" >&2
  exit 77
}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
"$1" "$work/mirror"
export GO111MODULE=off GOPATH=/usr/share/gocode GOCACHE=$work/cache GOFLAGS= GOPROXY=off
go run "$2" "$work/mirror"
