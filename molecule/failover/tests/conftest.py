# Copyright: the dockmaster.harbor contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The rows to run (FAULTS: short, all, or parts of names between semicolons), how often (RUNS), the lab, and one load over all of them.

SITE: `site` runs after every so many rows (10).
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.failover.faults import chosen
from tests.failover.lab import ROOT, Lab
from tests.failover.matrix import Matrix
from tests.failover.report import medians, results_in, table

SCENARIO = os.environ["MOLECULE_SCENARIO_NAME"]
RESULTS = ROOT / ".build" / ("failover" if SCENARIO == "failover" else f"failover-{SCENARIO}")


def pytest_generate_tests(metafunc: Any) -> None:
    """A test per row and run. `site`, where it runs after one, must find nothing that it and rows before it left behind."""
    if "fault" in metafunc.fixturenames:
        wanted, runs, every = os.environ.get("FAULTS", "short"), int(os.environ.get("RUNS", "1")), int(os.environ.get("SITE", "10"))
        faults = [(fault, run if runs > 1 else 0) for fault in chosen(wanted) for run in range(1, runs + 1)]
        rows = [(fault, run, number % every == 0) for number, (fault, run) in enumerate(faults, start=1)]
        metafunc.parametrize(("fault", "run", "site"), rows, ids=[f"{fault.name} {run or ''}".strip() for fault, run in faults])


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """Show the table of all runs, and medians of rows that were run more than once."""
    if results := results_in(RESULTS):
        terminalreporter.write_line("\n".join((table(results), *medians(results))))


@pytest.fixture(scope="module")
def matrix() -> Iterator[Matrix]:
    """Clients at work on the lab, from the first row to the last, and no longer: other tests follow on ha."""
    running = Matrix(Lab(SCENARIO, Path(os.environ["DOCKMASTER_SECRETS"])), RESULTS)
    running.start()
    try:
        yield running
    finally:
        running.stop()
