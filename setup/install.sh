#!/usr/bin/env bash
# Installs the Debian packages that are missing: `setup/install.sh build` for ./run, with `test`
# too for ./test.  Says what it does; one clear line when a right or a package is missing.
set -euo pipefail
cd "$(dirname "$0")/.."

missing=()
want() {
  dpkg-query -W -f='${Status}' "$1" 2>/dev/null | grep -q '^install ok installed$' || missing+=("$1")
}
for need in "$@"; do
  while read -r package; do
    want "$package"
  done < <(awk -v need="$need" '$1 == need {print $2}' setup/packages.txt)
done
# Debian's npm cannot be installed beside a foreign nodejs: take what is there.
if [[ " $* " == *" test "* ]] && ! { command -v node && command -v npm; } >/dev/null 2>&1; then
  want nodejs
  want npm
fi
((${#missing[@]})) || exit 0

as_root=()
if ((EUID != 0)); then
  command -v sudo >/dev/null 2>&1 || {
    echo "fairlot: these packages are missing and only root may install them: ${missing[*]}" >&2
    exit 1
  }
  as_root=(sudo)
fi

had_cluster=no
[[ -e /etc/postgresql/15/main ]] && had_cluster=yes
echo "fairlot: installing ${missing[*]}"
log=$(mktemp)
trap 'rm -f "$log"' EXIT
export DEBIAN_FRONTEND=noninteractive
if ! { "${as_root[@]}" apt-get update && "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive \
  apt-get install -y --no-install-recommends "${missing[@]}"; } >"$log" 2>&1; then
  tail -n 15 "$log" >&2
  echo "fairlot: apt-get could not install ${missing[*]}" >&2
  exit 1
fi

# Debian makes and starts a cluster of its own with the server package; fairlot runs a private
# one.  A cluster that stood here before is not touched.
if [[ " ${missing[*]} " == *" postgresql-15 "* && $had_cluster == no && -e /etc/postgresql/15/main ]]; then
  echo "fairlot: the postgresql package made a cluster 15/main; stopping and disabling it"
  "${as_root[@]}" pg_ctlcluster 15 main stop >/dev/null 2>&1 || true
  "${as_root[@]}" sed -i 's/^auto$/disabled/' /etc/postgresql/15/main/start.conf
fi
