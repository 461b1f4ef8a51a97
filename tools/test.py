# Copyright: the dockmaster.harbor contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Run every tier of the tests, cheapest first, and print the counts last.

A tier is a `make` target. Its output is shown as it comes; its own totals ("name: N passed, M failed"), or else pytest's closing
lines, give its counts. A tier that fails without such a line, or passes with no test run, counts as one
failed test, so that nothing can disappear silently.
"""

from __future__ import annotations

import dataclasses
import re
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
TIERS = (
    ("lint", ["make", "lint"]),
    ("unit", ["make", "unit"]),
    ("contract", ["make", "contract"]),
    ("playbooks", ["make", "playbooks"]),
    ("sanity", ["make", "sanity"]),
    ("demo", ["make", "demo"]),
    ("demo-down", ["make", "demo-down"]),
    ("molecule single", ["make", "molecule", "SCENARIO=single"]),
)
COUNT = re.compile(r"(\d+) (passed|failed|skipped|errors?)\b")
OWN = re.compile(r"[a-z -]+: \d+ passed\b")
PYTEST = re.compile(r"(=+ )?(\d+ (passed|failed|skipped|deselected|warnings?|errors?)(, )?)+ in [\d.]+s")


@dataclasses.dataclass(frozen=True)
class Result:
    """What one tier gave: counts of tests, and the time in seconds."""

    name: str
    passed: int
    failed: int
    skipped: int
    seconds: float


def counts(text: str) -> tuple[int, int, int]:
    """Sum (passed, failed, skipped) over a tier's own totals, or over pytest's closing lines where it prints none."""
    lines = [line.rstrip() for line in text.splitlines()]
    totals = [line for line in lines if OWN.match(line)] or [line for line in lines if PYTEST.match(line)]
    found = {"passed": 0, "failed": 0, "skipped": 0}
    for number, word in (count for line in totals for count in COUNT.findall(line)):
        found["failed" if word.startswith("error") else word] += int(number)
    return found["passed"], found["failed"], found["skipped"]


def run(name: str, command: list[str]) -> Result:
    """Run one tier, show its output, and count its tests."""
    print(f"\n===== {name}: {' '.join(command)}", flush=True)
    started = time.monotonic()
    lines: list[str] = []
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace") as process:
        for line in process.stdout or ():
            lines.append(line)
            print(line, end="", flush=True)
    passed, failed, skipped = counts("".join(lines))
    if process.returncode != 0 and failed == 0:
        failed = 1
    if process.returncode == 0 and passed == 0:
        print(f"{name}: no test was counted")
        failed += 1
    return Result(name, passed, failed, skipped, time.monotonic() - started)


def main() -> int:
    """Run the tiers named on the command line, or all; the exit code tells whether any test failed."""
    chosen = [tier for tier in TIERS if not sys.argv[1:] or tier[0] in sys.argv[1:]]
    results = [run(name, command) for name, command in chosen]
    print("\n===== results")
    for result in results:
        print(
            f"  {result.name:<16} {result.passed:5d} passed {result.failed:3d} failed {result.skipped:3d} skipped {result.seconds:7.0f} s"
        )
    passed, failed, skipped = (sum(getattr(result, part) for result in results) for part in ("passed", "failed", "skipped"))
    print(f"{passed} passed, {failed} failed, {skipped} skipped")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
