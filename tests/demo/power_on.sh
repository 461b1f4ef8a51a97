#!/usr/bin/env bash
# power_on.sh NODE: give a node of the demo its power back.
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

set -euo pipefail
exec docker start "demo-$1"
