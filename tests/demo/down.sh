#!/usr/bin/env bash
# down.sh [--images]: remove everything that demo.sh made: nodes, network, volumes, keys, secrets. Images stay for the next time
# unless --images is given.
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# shellcheck disable=SC1091  # found at run time
. "$(dirname "${BASH_SOURCE[0]}")/../lab/common.sh"

if docker info >/dev/null 2>&1; then
  "$LAB/lab.sh" down "$ROOT/inventories/lab"
  [ "${1:-}" != --images ] || "$LAB/images.sh" remove
  ours=label=dockmaster.lab=demo
  left=$(docker ps -aq --filter "$ours" && docker volume ls -q --filter "$ours" && docker network ls -q --filter "$ours")
  [ -z "$left" ] || fail "of the demo there are still: $left"
else
  say "no Docker engine answers: nothing of the demo can be running"
fi
rm -rf "$BUILD/demo"
say "the demo is gone"
echo "demo-down: 1 passed"
