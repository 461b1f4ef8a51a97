#!/usr/bin/env python3
# Copyright: the dockmaster.harbor contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How fast is the state module? Side by side with the cheapest client that sends the same requests, in one run.

python -m bench.config [--projects 100,1000] [--profile harbor-2.15|none] [--json FILE]

N projects, each with 5 members, 2 robots, 1 immutable rule and 1 retention policy: 10 objects a project. Without HARBOR_URL it starts
the stand-in with the costs of a real server (profile harbor-2.15; with none it is as fast as it can be, which shows how our own time
grows with the number of objects); with HARBOR_URL, HARBOR_USERNAME and HARBOR_PASSWORD it measures
that Harbor, in which it makes 5 users and N projects named bench-*, and removes exactly these at the end.

Each measurement is a process of its own. Figures are wall time in seconds, the controller's CPU time in seconds, its largest resident
memory in MB, HTTP requests, TCP connections, and answers of status 400 and above.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from .content import desired

ROOT = Path(__file__).resolve().parent.parent
PROFILE = "harbor-2.15"
COLUMNS = ("projects", "what", "wall", "cpu", "memory", "requests", "connections", "refused", "ratio")


def measure(name: str, job: dict[str, Any]) -> dict[str, Any]:
    """Run bench/<name>.py as a process with the job on its standard input. Raises when it fails."""
    with tempfile.TemporaryFile("w+") as stdin, tempfile.TemporaryFile("w+") as stdout:
        json.dump(job, stdin)
        stdin.seek(0)
        begin = time.monotonic()
        process = subprocess.Popen([sys.executable, "-m", f"bench.{name}"], stdin=stdin, stdout=stdout, cwd=ROOT, env=environment())
        _pid, status, usage = os.wait4(process.pid, 0)
        wall = time.monotonic() - begin
        process.returncode = os.waitstatus_to_exitcode(status)
        stdout.seek(0)
        text = stdout.read()
    if process.returncode:
        raise SystemExit(f"bench.{name} failed: {text[-2000:]}")
    figures: dict[str, Any] = {"wall": wall, "cpu": usage.ru_utime + usage.ru_stime, "memory": usage.ru_maxrss / 1024}
    return figures | json.loads(text)


def environment() -> dict[str, str]:
    """Return the environment in which processes find the collection and the stand-in."""
    paths = [ROOT / ".build/src", ROOT, ROOT / "tests/standin"]
    return {**os.environ, "PYTHONPATH": os.pathsep.join(map(str, paths))}


@contextmanager
def a_harbor(profile: str) -> Iterator[dict[str, str]]:
    """Yield the connection to a Harbor: the one of the environment, or a fresh stand-in."""
    if os.environ.get("HARBOR_URL"):
        yield {name: os.environ[f"HARBOR_{name.upper()}"] for name in ("url", "username", "password")}
        return
    costs = [] if profile == "none" else ["--profile", profile]
    command = [sys.executable, "-m", "standin", "memory", *costs]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment()) as process:
        assert process.stdout is not None
        try:
            yield {"url": process.stdout.readline().strip(), "username": "admin", "password": "Harbor12345"}
        finally:
            process.terminate()


def compare(count: int, profile: str) -> list[dict[str, Any]]:
    """Measure creation and an unchanged run of one size, each with our module and with the cheapest client, on a fresh Harbor each."""
    rows = []
    with a_harbor(profile) as harbor:
        job = {"harbor": harbor, "projects": count}
        start = measure("module", job | {"content": "none"})
        users = measure("module", job | {"content": "users"})
        assert users["summary"]["create"] + users["summary"]["unchanged"] == 5
        ours_new = measure("module", job | {"content": "all"})
        ours_same = measure("module", job | {"content": "all"})
        size = sum(map(len, desired("all", count).values()))
        assert ours_new["summary"] == {"create": size, "update": 0, "delete": 0, "unchanged": 0}, ours_new
        assert ours_same["summary"] == {"create": 0, "update": 0, "delete": 0, "unchanged": size}, ours_same
        one_kind = measure("module", job | {"content": "projects"})
        remove(job)
    with a_harbor(profile) as harbor:
        job = {"harbor": harbor, "projects": count}
        measure("module", job | {"content": "users"})
        cheap_new = measure("cheapest", job | {"what": "create"})
        cheap_same = measure("cheapest", job | {"what": "read"})
        remove(job)
    for what, ours, cheap in (("create", ours_new, cheap_new), ("unchanged", ours_same, cheap_same)):
        ratio = (ours["wall"] - start["wall"]) / cheap["wall"]
        rows += [row(count, what, ours) | {"ratio": ratio}, row(count, f"{what}, cheapest client", cheap)]
    rows += [row(count, "unchanged, projects only", one_kind), row(count, "start-up (nothing declared)", start)]
    return rows


def remove(job: dict[str, Any]) -> None:
    """Remove what was made in a Harbor that will be there tomorrow."""
    if os.environ.get("HARBOR_URL"):
        measure("module", job | {"content": "absent"})


def row(count: int, what: str, figures: dict[str, Any]) -> dict[str, Any]:
    """Return one line of the table."""
    names = ("wall", "cpu", "memory", "requests", "connections", "refused")
    return {"projects": count, "what": what, **{name: figures[name] for name in names}}


def table(rows: list[dict[str, Any]]) -> str:
    """Return the rows as text."""

    def cell(value: Any) -> str:
        return f"{value:.2f}" if isinstance(value, float) else str(value)

    lines = [[cell(one.get(name, "")) for name in COLUMNS] for one in rows]
    widths = [max(len(line[number]) for line in [list(COLUMNS), *lines]) for number in range(len(COLUMNS))]
    return "\n".join("  ".join(value.rjust(width) for value, width in zip(line, widths, strict=True)) for line in [list(COLUMNS), *lines])


def main() -> None:
    """Measure all sizes and print a table, and JSON into a file when asked."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--projects", default="100,1000", help="sizes, such as 100,1000,10000")
    parser.add_argument("--profile", default=PROFILE, help="costs of the stand-in; none for none")
    parser.add_argument("--json", type=Path, help="file for the figures")
    options = parser.parse_args()
    rows = [one for size in options.projects.split(",") for one in compare(int(size), options.profile)]
    print(table(rows))
    print("ratio: (wall time - start-up) / wall time of the cheapest client in the same run")
    if options.json:
        options.json.write_text(json.dumps({"profile": os.environ.get("HARBOR_URL") or options.profile, "rows": rows}, indent=2) + "\n")


if __name__ == "__main__":
    main()
