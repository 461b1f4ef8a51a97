# Copyright: the dockmaster.harbor contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A node of the lab as its administrator sees it: commands over SSH, start times, a reboot."""

from __future__ import annotations

import json
import subprocess
import time
from pathlib import Path

# One line per thing that must not restart: its name and when it started. /proc counts in ticks, so equal means the same process.
START_TIMES = r"""
set -eu
docker ps -aq | xargs docker inspect --format 'container {{.Name}} {{.State.StartedAt}} {{.RestartCount}}'
for unit in etcd patroni redis-server redis-sentinel docker; do
  echo "unit $unit $(systemctl show --property=MainPID,ExecMainStartTimestampMonotonic --value "$unit" | tr '\n' ' ')"
done
echo "process postgres $(cut -d ' ' -f 22 "/proc/$(pgrep -o -x postgres)/stat")"
"""


class Node:
    """A host of a lab. `lab` holds the lab's ssh_config; `container` is needed to reboot only."""

    def __init__(self, lab: Path, host: str, container: str = "") -> None:
        self.lab = lab
        self.host = host
        self.container = container

    def run(self, script: str, stdin: str = "", timeout: float = 180) -> subprocess.CompletedProcess[str]:
        """Run a shell script there; stdin goes to it. stderr is joined to stdout. Raises TimeoutExpired."""
        return subprocess.run(
            ["ssh", "-F", self.lab / "ssh_config", self.host, script],
            input=stdin,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=timeout,
        )

    def start_times(self) -> dict[str, str]:
        """Name to start time of every container, PostgreSQL, Redis and the rest. Raises CalledProcessError."""
        result = subprocess.run(
            ["ssh", "-F", self.lab / "ssh_config", self.host, "sudo bash -s"],
            input=START_TIMES,
            stdout=subprocess.PIPE,
            check=True,
            text=True,
        )
        rows = [line.split(" ", 2) for line in result.stdout.splitlines()]
        return {f"{kind} {name.lstrip('/')}": value for kind, name, value in rows}

    def reboot(self) -> None:
        """Stop the machine in order and start it again. Raises CalledProcessError."""
        subprocess.run(["docker", "restart", "--time", "90", self.container], stdout=subprocess.DEVNULL, check=True)


def healthy(node: Node, address: str, seconds: float) -> None:
    """Wait until every component of the Harbor at an address reports health, over verified HTTPS.

    Raises TimeoutExpired, with the last answer as its output.
    """
    query = [
        "curl",
        "--silent",
        "--show-error",
        "--max-time",
        "5",
        "--cacert",
        str(node.lab / "ca.crt"),
        f"https://{address}/api/v2.0/health",
    ]
    last = time.monotonic() + seconds
    while True:
        answer = subprocess.run(query, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        if answer.returncode == 0 and json.loads(answer.stdout).get("status") == "healthy":
            return
        if time.monotonic() > last:
            raise subprocess.TimeoutExpired(query, seconds, output=answer.stdout)
        time.sleep(1)
