# Copyright: the dockmaster.harbor contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Programs and playbooks as a user runs them in a directory of their own, .build/demo, and what a run of a playbook cost."""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
BUILD = ROOT / ".build"
SITE = BUILD / "demo"
LOGS = SITE / "logs"

ENVIRONMENT = {name: value for name, value in os.environ.items() if not name.startswith(("ANSIBLE_", "HARBOR_"))}
# As a shell sets it: relative paths of the user start there.
ENVIRONMENT["PWD"] = str(SITE)
ENVIRONMENT["PATH"] = f"{ROOT}/.venv/bin:{os.environ['PATH']}"


class Failure(Exception):
    """A step did not do what it must; the text says what and shows the end of the output."""


@dataclass(frozen=True)
class Played:
    """What a run of a playbook cost: wall time (s), tasks that ran on at least one host, those times hosts, and changes."""

    seconds: float
    tasks: int
    host_tasks: int
    changed: int

    def __str__(self) -> str:
        each = self.seconds / self.tasks
        return f"{self.seconds:.0f} s for {self.tasks} tasks ({self.host_tasks} times a host), {each:.2f} s per task"


def command(*words: str | Path, log: str, show: Callable[[str], str] = lambda _: "", stdin: str | None = None) -> str:
    """Run a program in SITE and return its output, which also goes to a log. What `show` makes of a line is printed as it comes.

    Raises Failure with the last lines when the program fails.
    """
    path = LOGS / f"{log}.log"
    lines: list[str] = []
    with (
        path.open("w", encoding="utf-8") as file,
        subprocess.Popen(
            [str(word) for word in words],
            cwd=SITE,
            env=ENVIRONMENT,
            stdin=subprocess.PIPE if stdin is not None else subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        ) as process,
    ):
        if stdin is not None and process.stdin:
            process.stdin.write(stdin)
            process.stdin.close()
        for line in process.stdout or ():
            lines.append(line)
            file.write(line)
            if shown := show(line).rstrip():
                print(f"          {shown}", flush=True)
    if process.returncode:
        raise Failure(f"{' '.join(map(str, words))}: exit code {process.returncode} (whole log: {path})\n" + "".join(lines[-40:]))
    return "".join(lines)


def whole(line: str) -> str:
    """Every line."""
    return line


def plays(line: str) -> str:
    """Of ansible-playbook: the plays and the final counts."""
    return line if line.startswith("PLAY [") or "unreachable=" in line else ""


def page(line: str) -> str:
    """Of a playbook that ends by showing a page: its lines, and what Ansible wraps of them."""
    return line[6:].rstrip().strip("'") if line.startswith(("    - ", " " * 8)) else ""


def playbook(name: str, *arguments: str | Path, log: str = "", show: Callable[[str], str] = plays) -> Played:
    """Run a playbook of the collection as a user does. Raises Failure, also when it did nothing at all."""
    begun = time.monotonic()
    output = command("ansible-playbook", *arguments, name, log=log or name.rsplit(".", 1)[-1], show=show)
    seconds = time.monotonic() - begun
    lines = output.splitlines()
    counts = [dict(word.split("=") for word in line.split() if "=" in word) for line in lines if "unreachable=" in line]
    if not counts or not all(int(count["ok"]) for count in counts):
        raise Failure(f"{name} did nothing at all")
    # Ansible names a task when the first host has a result, and skipped ones are not shown.
    tasks = sum(line.startswith(("TASK [", "RUNNING HANDLER [")) for line in lines)
    return Played(seconds, tasks, *(sum(int(count[kind]) for count in counts) for kind in ("ok", "changed")))
