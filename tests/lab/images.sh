#!/usr/bin/env bash
# images.sh [base|node|registry|standin|sample|all]...: build the lab's images, each only when its inputs changed.
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

. "$(dirname "${BASH_SOURCE[0]}")/common.sh"

STANDIN=$ROOT/tests/standin
HARBOR_VERSION=v2.15.2
COMPONENTS=(harbor-core harbor-portal harbor-jobservice registry-photon harbor-registryctl nginx-photon trivy-adapter-photon)

# stamp TEXT PATH...: one hash over a text (the parent's stamp) and the content of files and directories.
stamp() {
  local parent=$1
  shift
  {
    echo "$parent"
    find "$@" -type f -not -name '*.pyc' -print0 | LC_ALL=C sort -z | xargs -0 sha256sum | sed "s#$ROOT/##"
  } | sha256sum | cut -c1-16
}

stamp_of() { docker image inspect -f '{{index .Config.Labels "dockmaster.inputs"}}' "$1" 2>/dev/null || echo absent; }

# once IMAGE STAMP COMMAND...: run the command, unless IMAGE was made from these very inputs already.
once() {
  local image=$1 wanted=$2 log
  shift 2
  if [ "$(stamp_of "$image")" = "$wanted" ]; then
    say "image $image: up to date"
    return 0
  fi
  say "image $image: building"
  log=$BUILD/image-$(basename "${image%%:*}").log
  if ! "$@" >"$log" 2>&1; then
    tail -n 20 "$log" >&2
    fail "image $image could not be built, see $log"
  fi
  say "image $image: built"
}

# The classic builder is part of every engine; the newer one is a plugin that Debian 12 does not have.
docker_build() { # IMAGE STAMP DIRECTORY [OPTION...]
  local image=$1 wanted=$2 context=$3
  shift 3
  DOCKER_BUILDKIT=0 docker build --label "dockmaster.inputs=$wanted" -t "$image" "$@" "$context"
}

base() {
  need_packages mmdebstrap
  once dockmaster/base:trixie "$(stamp "" "$LAB/images/base")" \
    "$LAB/images/base/build.sh" dockmaster/base:trixie "$(stamp "" "$LAB/images/base")"
}

# on_base NAME DIRECTORY: an image of the lab on top of the base.
on_base() {
  local image=dockmaster/$1:trixie wanted
  base
  wanted=$(stamp "$(stamp_of dockmaster/base:trixie)" "$2")
  once "$image" "$wanted" docker_build "$image" "$wanted" "$2"
}

node() { on_base node "$LAB/images/node"; }
registry() { on_base registry "$LAB/images/registry"; }

[ $# -gt 0 ] || set -- all
for target in "$@"; do
  case $target in
    base | node | registry) "$target" ;;
    all) node && registry ;;
    *) fail "unknown image '$target': base, node, registry, all" ;;
  esac
done
