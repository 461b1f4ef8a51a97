#!/usr/bin/env bash
# The main job, from nothing to images pushed and pulled by real clients; leaves it running. Safe to repeat.
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
exec .venv/bin/python tests/demo/demo.py "$@"
