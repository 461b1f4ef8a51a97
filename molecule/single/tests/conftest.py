# Copyright: the dockmaster.harbor contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the tests of a node share. `host` is testinfra's: the node over SSH, with sudo."""

from __future__ import annotations

import pytest


@pytest.fixture(scope="session")
def url() -> str:
    """The external URL of the scenario's Harbor."""
    return "https://10.89.20.11"
