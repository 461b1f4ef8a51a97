# Copyright: the dockmaster.harbor contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the tests of a Harbor on the site's own services share."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

SECRETS = Path(os.environ["DOCKMASTER_SECRETS"])
# The client of the failover tests: pushes and pulls as docker does, with every digest compared.
sys.path.insert(0, str(Path(os.environ["MOLECULE_PROJECT_DIRECTORY"]) / "tests/failover"))


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """Leave the counts of this round where the script that runs the scenario adds them up."""
    counts = [len(terminalreporter.stats.get(kind, [])) for kind in ("passed", "failed", "error", "skipped")]
    with (SECRETS / "counts").open("a", encoding="utf-8") as file:
        print(*counts, file=file)


@pytest.fixture(scope="session")
def vault() -> dict[str, Any]:
    """The secrets of the scenario, by the names that create_secrets gives them."""
    command = ["ansible-vault", "view", "--vault-password-file", SECRETS / "password", SECRETS / "vault.yml"]
    return dict(yaml.safe_load(subprocess.run(command, stdout=subprocess.PIPE, check=True, text=True).stdout))
