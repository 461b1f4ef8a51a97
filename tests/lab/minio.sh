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
RELEASE=RELEASE.2026-02-12T20-18-48Z
PACKAGE=github.com/minio/minio/cmd

go_program minio "MinIO $RELEASE" "3 minutes" "github.com/minio/minio@v0.0.0-$TIME-$COMMIT" -tags kqueue \
  -ldflags "-s -w -X $PACKAGE.Version=2026-02-12T20:18:48Z -X $PACKAGE.CopyrightYear=2026 -X $PACKAGE.ReleaseTag=$RELEASE -X $PACKAGE.CommitID=$COMMIT -X $PACKAGE.ShortCommitID=$COMMIT"
