# Copyright: the dockmaster.harbor contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The rows to run (FAULTS: short, all, or parts of names between semicolons), the lab, and one load over all of them."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.failover.faults import chosen
from tests.failover.lab import ROOT, Lab
from tests.failover.matrix import Matrix
from tests.failover.report import table

SECRETS = Path(os.environ["DOCKMASTER_SECRETS"])
RESULTS = ROOT / ".build/failover"


def pytest_generate_tests(metafunc: Any) -> None:
    """A test per row. Of many rows, `site` runs after every tenth, and has to find nothing that the rows before it left behind."""
    if "fault" in metafunc.fixturenames:
        rows = [(fault, number % 10 == 0) for number, fault in enumerate(chosen(os.environ.get("FAULTS", "short")), start=1)]
        metafunc.parametrize(("fault", "site"), rows, ids=[fault.name for fault, _ in rows])


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """Show the table, and leave the counts where the script that runs the scenario adds them up."""
    counts = [len(terminalreporter.stats.get(kind, [])) for kind in ("passed", "failed", "error", "skipped")]
    with (SECRETS / "counts").open("a", encoding="utf-8") as file:
        print(*counts, file=file)
    if (RESULTS / "results.json").exists():
        terminalreporter.write_line(table(RESULTS / "results.json"))


@pytest.fixture(scope="session")
def matrix() -> Iterator[Matrix]:
    """Clients at work on the lab, from the first row to the last."""
    running = Matrix(Lab("failover", SECRETS), RESULTS)
    running.start()
    try:
        yield running
    finally:
        running.stop()
