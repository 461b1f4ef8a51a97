# Copyright: the dockmaster.harbor contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the tests of a Harbor on the site's own services share."""

from __future__ import annotations

import os
import sys
from pathlib import Path

# The client of the failover tests: pushes and pulls as docker does, with every digest compared.
sys.path.insert(0, str(Path(os.environ["MOLECULE_PROJECT_DIRECTORY"]) / "tests/failover"))
