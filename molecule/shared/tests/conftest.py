# Copyright: the dockmaster.harbor contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the tests of the topologies with clusters share."""

from __future__ import annotations

import pytest
from cluster import LAB


@pytest.fixture(scope="session")
def url() -> str:
    """The external URL of the scenario's Harbor, which is the virtual address."""
    return LAB.url
