#!/usr/bin/env bash
# minio.sh: build the MinIO server for the labs from its source, once, into .build/minio: minio and minio.sha256.
# MinIO publishes no community binaries any more, so the tests get one as a site does: from source, by the Go module proxy.
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# shellcheck disable=SC1091  # found at run time
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"

# The last commit of the community's repository. Nothing but its own hash and time names it: the proxy serves no release tags.
TIME=20260212201848
COMMIT=7aac2a2c5b7c
MODULE=github.com/minio/minio@v0.0.0-$TIME-$COMMIT
RELEASE=RELEASE.2026-02-12T20-18-48Z
OUT=$BUILD/minio

# The digest names the result of this recipe by this compiler: another one builds anew.
recipe() { { cat "${BASH_SOURCE[0]}" && go version; } | sha256sum | cut -c1-16; }

present() { [ -x "$OUT/minio" ] && [ "$(cat "$OUT/recipe" 2>/dev/null)" = "$1" ] && (cd "$OUT" && sha256sum --status -c minio.sha256); }

build() {
  local package=github.com/minio/minio/cmd
  CGO_ENABLED=0 GOFLAGS='' GOBIN=$OUT/new GOTOOLCHAIN=auto nice go install -trimpath -tags kqueue \
    -ldflags "-s -w -X $package.Version=2026-02-12T20:18:48Z -X $package.CopyrightYear=2026 -X $package.ReleaseTag=$RELEASE -X $package.CommitID=$COMMIT -X $package.ShortCommitID=$COMMIT" \
    "$MODULE"
}

command -v go >/dev/null ||
  fail "no Go compiler (1.24 or newer) to build MinIO with; install one, or put a server binary at $OUT/minio and its sha256sum in $OUT/minio.sha256"
wanted=$(recipe)
if present "$wanted"; then
  exit 0
fi
mkdir -p "$OUT/new"
say "MinIO $RELEASE: building from source (about 3 minutes on two idle cores)"
build >"$BUILD/minio.log" 2>&1 || {
  tail -n 20 "$BUILD/minio.log" >&2
  fail "MinIO could not be built, see $BUILD/minio.log"
}
mv "$OUT/new/minio" "$OUT/minio"
(cd "$OUT" && sha256sum minio >minio.sha256)
echo "$wanted" >"$OUT/recipe"
say "MinIO $RELEASE: built"
