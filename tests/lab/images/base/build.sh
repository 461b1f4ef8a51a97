#!/usr/bin/env bash
# build.sh IMAGE STAMP: a minimal Debian 13 root file system with Python, imported as IMAGE with the label dockmaster.inputs=STAMP.
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

set -euo pipefail

include=ca-certificates,curl,netbase,python3,python3-apt,tzdata
# The unpacking writes many small files: memory halves its time where there is enough of it.
if [ "$(df --output=avail -k /dev/shm 2>/dev/null | tail -n 1)" -gt 2000000 ]; then
  export TMPDIR=/dev/shm
fi
mmdebstrap --quiet --variant=minbase --include="$include" \
  --dpkgopt='path-exclude=/usr/share/man/*' --dpkgopt='path-exclude=/usr/share/locale/*' \
  --dpkgopt='path-exclude=/usr/share/doc/*' --dpkgopt='path-include=/usr/share/doc/*/copyright' \
  trixie - |
  docker import -c "LABEL dockmaster.inputs=$2" -c 'ENV LANG=C.UTF-8' - "$1"
