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

# build_servers INVENTORY: the S3 servers that its nodes run and that no package has. A group without hosts ({}) needs none.
build_servers() {
  ! grep -qsRE --include=hosts.yml '^ *harbor_minio:( *\{[^}].*)?$' "$1" || "$LAB/minio.sh"
  ! grep -qsE '^ *site_services:( *\{[^}].*)?$' "$1/hosts.yml" || "$LAB/versitygw.sh"
}

# go_program NAME TITLE DURATION MODULE [OPTION...]: build a program from source, once, into .build/NAME: NAME and NAME.sha256.
# The source comes by the Go module proxy; options are those of `go install`.
go_program() {
  local name=$1 title=$2 duration=$3 module=$4 out=$BUILD/$1 recipe
  shift 4
  if ! command -v go >/dev/null; then
    ! (cd "$out" 2>/dev/null && [ -x "$name" ] && sha256sum --status -c "$name.sha256") || return 0
    # Debian 12 has one that is too old.
    { is_debian && dpkg --compare-versions "$(cat /etc/debian_version)" ge 13; } ||
      fail "no Go compiler (1.24 or newer) to build $title with; install one, or put the program at $out/$name and its sha256sum in $out/$name.sha256"
    need_packages golang-go
  fi
  # The digest names the result of this recipe by this compiler: another one builds anew.
  recipe=$({ printf '%s\n' "$module" "$@" && go version; } | sha256sum | cut -c1-16)
  if [ -x "$out/$name" ] && [ "$(cat "$out/recipe" 2>/dev/null)" = "$recipe" ] && (cd "$out" && sha256sum --status -c "$name.sha256"); then
    return 0
  fi
  mkdir -p "$out/new"
  say "$title: building from source (about $duration on two idle cores)"
  CGO_ENABLED=0 GOFLAGS='' GOBIN=$out/new GOTOOLCHAIN=auto nice go install -trimpath "$@" "$module" >"$BUILD/$name.log" 2>&1 || {
    tail -n 20 "$BUILD/$name.log" >&2
    fail "$title could not be built, see $BUILD/$name.log"
  }
  mv "$out/new/$name" "$out/$name"
  (cd "$out" && sha256sum "$name" >"$name.sha256")
  echo "$recipe" >"$out/recipe"
  say "$title: built"
}

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
