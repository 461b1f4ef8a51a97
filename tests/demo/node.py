# Copyright: the dockmaster.harbor contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A node of the lab as its administrator sees it: commands over SSH, and start times."""

from __future__ import annotations

import json
import subprocess
import time
from pathlib import Path

# One line per thing that must not restart: its name and when it started. /proc counts in ticks, so equal means the same process.
START_TIMES = r"""
set -eu
for unit in "$@"; do
  case $unit in
    docker) docker ps -aq | xargs docker inspect --format 'container {{.Name}} {{.State.StartedAt}} {{.RestartCount}}' ;;
    patroni) echo "process postgres $(cut -d ' ' -f 22 "/proc/$(pgrep -o -x postgres)/stat")" ;;
  esac
  systemctl is-active --quiet "$unit"
  echo "unit $unit $(systemctl show --property=MainPID,ExecMainStartTimestampMonotonic --value "$unit" | tr '\n' ' ')"
done
"""


class Node:
    """A host of a lab, whose directory holds its ssh_config. `units` are those that run there and must not restart by themselves."""

    def __init__(self, lab: Path, host: str, *units: str) -> None:
        self.lab = lab
        self.host = host
        self.units = units

    def ssh(self, script: str) -> list[str | Path]:
        """The command that runs a shell script there."""
        return ["ssh", "-F", self.lab / "ssh_config", self.host, script]

    def run(self, script: str, stdin: str = "", timeout: float = 180) -> subprocess.CompletedProcess[str]:
        """Run a shell script there; stdin goes to it. stderr is joined to stdout. Raises TimeoutExpired."""
        return subprocess.run(
            self.ssh(script), input=stdin, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=timeout, check=False
        )

    def start_times(self) -> dict[str, str]:
        """Name to start time of every container and unit, and PostgreSQL. Raises CalledProcessError when one of the units does not run."""
        words = self.ssh(f"sudo bash -s - {' '.join(self.units)}")
        result = subprocess.run(words, input=START_TIMES, stdout=subprocess.PIPE, check=True, text=True)
        rows = [line.split(" ", 2) for line in result.stdout.splitlines()]
        return {f"{self.host}: {kind} {name.lstrip('/')}": value for kind, name, value in rows}


def healthy(ca: Path, address: str, seconds: float) -> None:
    """Wait until every component of the Harbor at an address reports health, over verified HTTPS.

    Raises TimeoutExpired, with the last answer as its output.
    """
    query = ["curl", "--silent", "--show-error", "--max-time", "5", "--cacert", str(ca), f"https://{address}/api/v2.0/health"]
    last = time.monotonic() + seconds
    while True:
        answer = subprocess.run(query, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
        if answer.returncode == 0 and json.loads(answer.stdout).get("status") == "healthy":
            return
        if time.monotonic() > last:
            raise subprocess.TimeoutExpired(query, seconds, output=answer.stdout)
        time.sleep(1)
