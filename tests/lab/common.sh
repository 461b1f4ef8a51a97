# shellcheck shell=bash
# Shared by the lab's scripts: paths, progress lines, packages. Source it, do not run it.
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

set -euo pipefail

ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
BUILD=$ROOT/.build
LAB=$ROOT/tests/lab
mkdir -p "$BUILD"
export ROOT BUILD LAB

# say MESSAGE: one progress line with the seconds since the script started.
say() { printf '[%4ss] %s\n' "$SECONDS" "$*"; }

# fail MESSAGE: what went wrong and what to do about it, then stop.
fail() {
  printf 'error: %s\n' "$*" >&2
  exit 1
}

# uses_minio INVENTORY: whether its nodes need the MinIO server that minio.sh builds.
uses_minio() { grep -qs '^ *harbor_minio:' "$1/hosts.yml"; }

is_debian() { [ -r /etc/debian_version ] && command -v apt-get >/dev/null; }

# need_packages PACKAGE...: install those that are missing (root on Debian), or name them.
need_packages() {
  local package missing=()
  for package in "$@"; do
    dpkg-query -W -f '${db:Status-Status}\n' "$package" 2>/dev/null | grep -qx installed || missing+=("$package")
  done
  [ ${#missing[@]} -gt 0 ] || return 0
  is_debian || fail "these programs are needed: ${missing[*]} (Debian package names); install them and run this again"
  [ "$(id -u)" -eq 0 ] || fail "missing packages; as root run: apt-get install --no-install-recommends ${missing[*]}"
  say "installing ${missing[*]}"
  apt-get update -q >"$BUILD/apt.log" 2>&1 || fail "apt-get update failed, see $BUILD/apt.log"
  DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends "${missing[@]}" >>"$BUILD/apt.log" 2>&1 ||
    fail "apt-get install failed, see $BUILD/apt.log"
}
