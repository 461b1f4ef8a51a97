# Copyright: the dockmaster.harbor contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The counts of the steps."""

from __future__ import annotations

from tests.lab.counts import pytest_terminal_summary

__all__ = ["pytest_terminal_summary"]
