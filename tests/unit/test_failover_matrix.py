# Copyright: the dockmaster.harbor contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The table of faults, and how results become a page."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.failover import lab, report
from tests.failover.faults import FAULTS, SHORT, VICTIMS, Fault, chosen
from tests.failover.matrix import keep, read

SEEN = {"gap": 3.5, "failing": 2.0, "slowest": 1.0, "done": 9, "failed": 1, "patient_done": 4, "patient_failed": 0}


def result(name: str, **others: Any) -> dict[str, Any]:
    return {
        "name": name, "broken": "", "push": SEEN, "pull": SEEN, "requests": 50, "requests_failed": 2, "healed": 4.5,
        "injected": 1.8e9, "acknowledged": 9, "lost": [], "second_leaders": [], "site": 0, **others,
    }  # fmt: skip


def test_names_are_unique() -> None:
    assert len({fault.name for fault in FAULTS}) == len(FAULTS)


def test_victims_exist() -> None:
    assert {fault.victim for fault in FAULTS} <= set(VICTIMS)


def test_the_short_rows_exist() -> None:
    assert [fault.name for fault in chosen("short")] == sorted(SHORT, key=[fault.name for fault in FAULTS].index)


def test_rows_are_chosen_by_parts_of_names() -> None:
    assert [fault.name for fault in chosen("VIP holder: kill; disk full")] == ["VIP holder: kill", "PostgreSQL leader: disk full"]
    assert [fault.name for fault in chosen("disk full; leader: disk")] == ["PostgreSQL leader: disk full"]
    assert chosen("all") == list(FAULTS)
    with pytest.raises(lab.Broken, match="there is no such row"):
        chosen("VIP holder: kill; a meteorite")


def test_results_replace_older_ones(tmp_path: Path) -> None:
    file = tmp_path / "results.json"
    for healed in (1, 2):
        keep(result("VIP holder: kill", healed=healed), file)
    keep(result("app node: kill"), file)
    assert [(entry["name"], entry["healed"]) for entry in json.loads(file.read_text())] == [
        ("VIP holder: kill", 2),
        ("app node: kill", 4.5),
    ]


def test_an_unfinished_line_is_not_read(tmp_path: Path) -> None:
    file = tmp_path / "records.jsonl"
    file.write_text('{"a": 1}\n{"a": ')
    assert read(file) == [{"a": 1}]
    assert read(tmp_path / "none") == []


def test_the_page_tells_all() -> None:
    wrong = {"lost": ["failover/a@sha256:1: 404"], "broken": "still ill", "second_leaders": [{}]}
    results = [
        result("VIP holder: kill"),
        result("switchover of etcd"),
        result("etcd leader: kill"),
        result("app node: kill", push={**SEEN, "gap": 8.1}, cut_off_masters=[{"time": 1}, {"time": 4.5}], woken_leaders=[{}], **wrong),
    ]
    page = report.page({"compact": results, "ha": [], "datapath": []})
    assert "| VIP holder: kill | 3.5 s |  | 2.0 s | gap <= 8 s: yes |" in page
    assert "| app node: kill (BROKEN) | 8.1 s |  | 2.0 s | gap <= 8 s: no |" in page
    assert "| switchover of etcd | 3.5 s |  | 2.0 s | failing <= 5 s: yes |" in page
    assert "| etcd leader: kill | 3.5 s |" in page
    assert "Acknowledged pushes: 36; lost: 1: failover/a@sha256:1: 404." in page
    assert "app node: kill: 1 moments" in page
    assert "app node: kill: 3.5 s. Nobody" in page
    assert "that it leads: app node: kill: 1.\n" in page
    header, *rows = [line for line in page.splitlines() if line.startswith("| ")][:4]
    assert {line.count(" | ") for line in rows} == {header.count(" | ")}
    assert "- app node: kill: still ill" in page
    assert "- power loss of all nodes at once" in page.split("Rows not run here:")[1]
    assert "- VIP holder: kill" not in page.split("Rows not run here:")[1]


def test_the_recap_is_read() -> None:
    recap = "PLAY RECAP ***\napp1  : ok=10   changed=2    unreachable=0    failed=0    skipped=1\n"
    recap += "data1 : ok=3 changed=0 unreachable=1 failed=0\n"
    assert lab.RECAP.findall(recap) == [("app1", "2", "0", "0"), ("data1", "0", "1", "0")]


def test_runs_of_one_row_have_a_median() -> None:
    again = result(next(fault.name for fault in FAULTS if fault.name.endswith(", run again")))
    assert report.row_of(again) == again["name"]
    name = "VIP holder: kill" + report.RUN
    runs = [result(name.format(run), push={**SEEN, "gap": gap}) for run, gap in enumerate((9.0, 2.0, 4.0), 1)]
    # Older rows have no gap of requests.
    runs.append(result(name.format(10), push={**SEEN, "gap": 3.0}, request_gap=1.5))
    rows = [*runs, result("app node: kill")]
    assert report.medians(rows) == [
        "VIP holder: kill: push gap: median 3.5 s, worst 9.0 s of 4 runs.",
        "VIP holder: kill: request gap: median 1.5 s, worst 1.5 s of 1 runs.",
    ]
    shown = report.on_ha(rows)
    assert "| VIP holder: kill, run 2 | 2.0 s |  |" in shown
    assert "| VIP holder: kill, run 10 | 3.0 s | 1.5 s |" in shown
    assert shown.index("run 3 |") < shown.index("run 10 |")
    assert report.on_ha([]) == "Not measured here."


def test_rows_run_here_replace_those_that_were_kept(tmp_path: Path) -> None:
    old = {"compact": [result("VIP holder: kill", healed=1), result("app node: kill")], "ha": [], "datapath": [{"path": "S3"}]}
    assert report.merged(old, tmp_path) == old
    (tmp_path / "failover").mkdir()
    keep(result("VIP holder: kill", healed=2), tmp_path / "failover/results.json")
    merged = report.merged(old, tmp_path)
    assert [(row["name"], row["healed"]) for row in merged["compact"]] == [("app node: kill", 4.5), ("VIP holder: kill", 2)]


def test_the_page_is_what_was_measured() -> None:
    assert report.PAGE.read_text(encoding="utf-8") == report.page(json.loads(report.MEASURED.read_text(encoding="utf-8")))


@pytest.mark.parametrize(
    ("limit", "judged", "row", "text"),
    [
        (None, "gap", {}, ""),
        (3.5, "gap", {}, "gap <= 3.5 s: yes"),
        (1, "unfailing", {"requests_failed": 0}, "none fails, slowest <= 1 s: yes"),
        (0.5, "unfailing", {"requests_failed": 0}, "none fails, slowest <= 0.5 s: no"),
        (1, "unfailing", {}, "none fails, slowest <= 1 s: no"),
        (None, "patient", {}, "patient: no pull, 0.1 % of pushes fail: yes"),
        (None, "patient", {"pull": {**SEEN, "patient_failed": 1}}, "patient: no pull, 0.1 % of pushes fail: no"),
        (None, "patient", {"push": {**SEEN, "patient_failed": 1, "patient_done": 999}}, "patient: no pull, 0.1 % of pushes fail: no"),
        (None, "patient", {"push": {**SEEN, "patient_failed": 1, "patient_done": 1000}}, "patient: no pull, 0.1 % of pushes fail: yes"),
    ],
)
def test_what_is_wanted_of_a_row(limit: float | None, judged: str, row: dict[str, Any], text: str) -> None:
    fault = Fault("a row", "cluster", lambda _lab, _node: None, lambda _lab, _node: None, limit=limit, judged=judged)
    assert report.verdict(result("a row", **row), fault) == text
