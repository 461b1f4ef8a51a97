#!/usr/bin/env bash
# power_off.sh NODE: cut the power of a node of the demo, as the program of a power switch would.
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

set -euo pipefail
# The cable first: of processes that are killed the kernel would still end the connections, and others would know.
docker exec "demo-$1" ip link set eth0 down
exec docker kill "demo-$1"
