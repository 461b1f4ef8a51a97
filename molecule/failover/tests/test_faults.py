# Copyright: the dockmaster.harbor contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whatever breaks: no acknowledged push is lost, nobody has to help, there is no second leader, and `site` finds nothing to do.

How long clients waited is measured, not judged here: the test machine's load has a say in it. The table shows it beside what is wanted.
"""

from __future__ import annotations

from tests.failover.faults import Fault
from tests.failover.matrix import Matrix, keep
from tests.failover.report import RUN


def test_fault(matrix: Matrix, fault: Fault, run: int, site: bool) -> None:
    result = matrix.row(fault)
    if run:
        result["name"] += RUN.format(run)
    if site:
        result["site"] = matrix.site()
    keep(result, matrix.directory / "results.json")
    assert not result["broken"]
    assert result["acknowledged"] > 0, "no push went through at all: nothing was measured"
    assert not result["lost"]
    assert not result["second_leaders"]
    assert result.get("site", 0) == 0, "site had to change something after the cluster had healed"


def test_everything_is_there_at_the_end(matrix: Matrix) -> None:
    assert matrix.site() == 0
    pushes, lost = matrix.all_lost()
    assert pushes > 0
    assert not lost
