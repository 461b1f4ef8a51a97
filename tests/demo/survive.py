# Copyright: the dockmaster.harbor contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Nodes lose their power while robots pull and push: what the clients saw, by the collection's own drill and by themselves."""

from __future__ import annotations

import json
import shlex
import subprocess
from dataclasses import dataclass
from pathlib import Path

from client import Client
from play import LOGS, Failure, playbook

HERE = Path(__file__).resolve().parent


@dataclass(frozen=True)
class Drill:
    """What is to lose its power, in words and for failover_drill, and for how long (s)."""

    what: str
    target: str
    seconds: int


# A new PostgreSQL leader is elected when the old one's lease of 20 s has run out; the address moves within seconds.
DRILLS = (
    Drill("the node of the PostgreSQL leader", "postgresql_leader", 45),
    Drill("the holder of the virtual address", "load_balancer", 20),
)


@dataclass(frozen=True)
class Use:
    """What a client did: attempts, how many failed, the longest time between two that went well (s), digests, what the last error was."""

    attempts: int
    failed: int
    gap: float
    digests: list[str]
    error: str

    def __str__(self) -> str:
        return f"{self.attempts} attempts, {self.failed} failed, the longest time without one that went well {self.gap:.1f} s"


def use_of(output: str) -> Use:
    """Read what use.sh printed. Raises Failure when nothing went well."""
    rows = [line.split(" ", 3) for line in output.splitlines()]
    good = [row for row in rows if row[0] == "ok"]
    if not good:
        raise Failure(f"no attempt of a client went well:\n{output}")
    # From the first attempt's beginning to the last one's end, whether that went well or not.
    moments = [float(rows[0][1]), *(float(row[2]) for row in good), float(rows[-1][2])]
    gap = max(after - before for before, after in zip(moments, moments[1:], strict=False))
    errors = [row[3] for row in rows if row[0] != "ok"]
    return Use(len(rows), len(errors), gap, [row[3] for row in good], errors[-1] if errors else "")


class Load:
    """A client that pulls or pushes without pause, on the client machine, until `stop`."""

    def __init__(self, client: Client, what: str, repository: str, log: str) -> None:
        self.log = LOGS / f"{log}.log"
        self.process = client.start((HERE / "use.sh").read_text(encoding="utf-8"), what, repository)

    def stop(self) -> Use:
        """End it after the attempt that is under way. Raises Failure when nothing went well, and TimeoutExpired."""
        output = self.process.communicate("stop\n", timeout=60)[0]
        self.log.write_text(output, encoding="utf-8")
        return use_of(output)

    def kill(self) -> None:
        """End it however it stands; the other end stops when its input ends."""
        self.process.kill()
        self.process.wait()


def drill(one: Drill, clients: dict[str, Client], image: str, pushes: str) -> tuple[Use, Use]:
    """Let the collection's drill cut the power of a node under load, and print what was measured; return what was pulled and pushed."""
    measured = LOGS / f"drill-{one.target}.json"
    loads = [
        Load(clients["runtime"], "pull", image, f"pulls-{one.target}"),
        Load(clients["ci"], "push", pushes, f"pushes-{one.target}"),
    ]
    try:
        settings = {
            "target": one.target,
            "seconds": one.seconds,
            "command": HERE / "power_off.sh",
            "repair_command": HERE / "power_on.sh",
            "file": measured,
        }
        words = [word for name, value in settings.items() for word in ("-e", f"failover_drill_{name}={shlex.quote(str(value))}")]
        playbook("dockmaster.harbor.failover_drill", *words, log=f"drill-{one.target}", show=lambda _: "")
        pulled, pushed = (load.stop() for load in loads)
    finally:
        for load in loads:
            load.kill()
    result = json.loads(measured.read_text(encoding="utf-8"))
    waits = ", ".join(f"{name} {seen['outage']:.1f} s" for name, seen in sorted(result["clients"].items()))
    print(f"          {result['node']} had no power; the drill's own clients waited at most: {waits}")
    print(f"          all well {result['healed_seconds']:.1f} s after the power was back")
    print(f"          docker pull: {pulled}{f' ({pulled.error})' if pulled.error else ''}")
    print(f"          oras push: {pushed}{f' ({pushed.error})' if pushed.error else ''}")
    return pulled, pushed


def all_there(client: Client, repository: str, digests: list[str]) -> None:
    """Pull everything that was acknowledged; oras compares every digest. Raises CalledProcessError when something is gone."""
    script = """
        for digest in "${@:2}"; do
          oras pull --registry-config "$DOCKER_CONFIG/config.json" --no-tty --output there "$1@$digest" || exit
        done"""
    process = client.start(script, repository, *digests)
    output = process.communicate(timeout=180)[0]
    if process.returncode:
        raise subprocess.CalledProcessError(process.returncode, "oras pull", output=output)
