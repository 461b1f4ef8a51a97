# Copyright: the dockmaster.harbor contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The stand-in replays what a real Harbor 2.15.2 answered: the same status, headers and body, exchange by exchange."""

from __future__ import annotations
