#!/usr/bin/env bash
# images.sh [base|node|registry|standin|published|remove|all]...: build the lab's images, each only when its inputs changed.
#   published: the stand-in's images are also in the volume that the labs' registries serve
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# shellcheck disable=SC1091  # found at run time
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"

STANDIN=$ROOT/tests/standin
VOLUME=dockmaster-registry
HARBOR_VERSION=v2.15.2
COMPONENTS=(harbor-core harbor-portal harbor-jobservice registry-photon harbor-registryctl nginx-photon trivy-adapter-photon)

# stamp TEXT PATH...: one hash over a text (the parent's stamp) and the content of files and directories.
stamp() {
  local parent=$1
  shift
  {
    echo "$parent"
    find "$@" -type f -executable | LC_ALL=C sort
    find "$@" -type f -not -name '*.pyc' -print0 | LC_ALL=C sort -z | xargs -0 sha256sum
  } | sed "s#$ROOT/##" | sha256sum | cut -c1-16
}

stamp_of() { docker image inspect -f '{{index .Config.Labels "dockmaster.inputs"}}' "$1" 2>/dev/null || echo absent; }

# once IMAGE STAMP COMMAND...: run the command, unless IMAGE was made from these very inputs already.
once() {
  local image=$1 wanted=$2 log
  shift 2
  if [ "$(stamp_of "$image")" = "$wanted" ]; then
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

# standin_part IMAGE DIRECTORY: an image from tests/standin, where the Python package and the Dockerfiles lie side by side.
standin_part() {
  local image=$1 directory=$2 wanted
  wanted=$(stamp "$3" "$STANDIN/standin" "$STANDIN/images")
  once "$image" "$wanted" standin_build "$image" "$wanted" "$directory"
}

# The context goes in as a stream, without what Python leaves behind.
standin_build() { # IMAGE STAMP DIRECTORY
  tar -C "$STANDIN" --exclude=__pycache__ -c standin images |
    DOCKER_BUILDKIT=0 docker build --label "dockmaster.inputs=$2" -t "$1" -f "images/$3/Dockerfile" -
}

# Local names are ours: real images of Harbor that this engine may hold stay what they are.
standin() {
  local component
  base
  standin_part dockmaster/standin:trixie base "$(stamp_of dockmaster/base:trixie)"
  for component in "${COMPONENTS[@]}" sample; do
    standin_part "dockmaster/$component:$HARBOR_VERSION" "$component" "$(stamp_of dockmaster/standin:trixie)"
  done
}

# The labs' registries share one volume. Its images go in through a registry of its own on loopback, which every engine trusts.
published() {
  local wanted component
  registry
  standin
  wanted=$(stamp "$(stamp_of dockmaster/registry:trixie)" "$STANDIN/standin" "$STANDIN/images")
  docker volume create --label dockmaster.images=registry "$VOLUME" >/dev/null
  if [ "$(docker run --rm -v "$VOLUME:/v:ro" dockmaster/registry:trixie sh -c 'cat /v/stamp 2>/dev/null || echo none')" = "$wanted" ]; then
    return 0
  fi
  say "the lab registry's images: pushing"
  push_all >"$BUILD/image-push.log" 2>&1 || {
    tail -n 20 "$BUILD/image-push.log" >&2
    fail "the images could not be pushed, see $BUILD/image-push.log"
  }
  docker run --rm -v "$VOLUME:/v" dockmaster/registry:trixie sh -c "echo $wanted >/v/stamp"
  say "the lab registry's images: pushed"
}

# In a subshell, so that the registry is removed however the pushing ends.
push_all() (
  id=$(docker run -d -p 127.0.0.1::5000 -v "$VOLUME:/var/lib/lab-registry" dockmaster/registry:trixie)
  trap 'docker rm -f "$id"' EXIT
  address=$(docker port "$id" 5000/tcp | head -n 1)
  for _ in $(seq 50); do
    ! curl -fsS "http://$address/v2/" || break
    sleep 0.2
  done
  for component in "${COMPONENTS[@]}"; do
    push "dockmaster/$component:$HARBOR_VERSION" "$address/goharbor/$component:$HARBOR_VERSION"
  done
  push "dockmaster/sample:$HARBOR_VERSION" "$address/library/busybox:stable"
)

push() { # LOCAL REMOTE
  docker tag "$1" "$2" && docker push "$2" && docker rmi "$2"
}

# Everything that this script made, and nothing else.
remove() {
  local component
  ! docker volume inspect "$VOLUME" >/dev/null 2>&1 || docker volume rm "$VOLUME"
  for component in "${COMPONENTS[@]}" sample; do
    remove_image "dockmaster/$component:$HARBOR_VERSION"
  done
  for component in standin registry node base; do
    remove_image "dockmaster/$component:trixie"
  done
}

remove_image() { [ "$(stamp_of "$1")" = absent ] || docker rmi "$1" >/dev/null; }

[ $# -gt 0 ] || set -- all
for target in "$@"; do
  case $target in
    base | node | registry | standin | published | remove) "$target" ;;
    all)
      node
      published
      ;;
    *) fail "unknown image '$target': base, node, registry, standin, published, remove, all" ;;
  esac
done
say "images are up to date: $*"
