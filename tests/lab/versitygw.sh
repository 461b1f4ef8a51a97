#!/usr/bin/env bash
# versitygw.sh: build versitygw for the labs from its source, once, into .build/versitygw: versitygw and versitygw.sha256.
# It is the S3 of a site that has one already: another implementation than the one that the role minio runs.
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# shellcheck disable=SC1091  # found at run time
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"

VERSION=v1.8.0

go_program versitygw "versitygw $VERSION" "a minute" "github.com/versity/versitygw/cmd/versitygw@$VERSION" -ldflags "-s -w -X main.Version=$VERSION"
