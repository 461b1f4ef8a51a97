# Copyright: the dockmaster.harbor contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Run rows of the fault matrix on a lab while clients work, measure, and prove that nothing was lost."""

from __future__ import annotations

import json
import os
import signal
import ssl
import subprocess
import sys
import time
import urllib.error
import urllib.request
from base64 import b64encode
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from . import figures
from .faults import VICTIMS, Fault
from .lab import ROOT, Broken, Lab
from .leaders import Watch
from .registry import Client, Failed

PROJECT = "failover"
WARM_UP, COOL_DOWN = 8.0, 5.0
HEALING = 300.0
SETTLED = 2.0
EARLIER = 60.0


class Matrix:
    """One load and one watch of leaders during all rows; records and results are files in `directory`."""

    def __init__(self, lab: Lab, directory: Path) -> None:
        self.lab, self.directory = lab, directory
        directory.mkdir(parents=True, exist_ok=True)
        self.clients, self.leaders = directory / "clients.jsonl", directory / "leaders.jsonl"
        for old in (self.clients, self.leaders):
            old.unlink(missing_ok=True)
        self.password = str(lab.vault["vault_harbor_admin_password"])
        self._load: subprocess.Popen[str] | None = None
        self._watch = Watch(lab, self.leaders)

    def start(self) -> None:
        """Make the project, and start the clients and the watch."""
        self.lab.wait_until_well(HEALING)
        make_project(self.lab, self.password)
        job = {
            "url": self.lab.url, "username": "admin", "password": self.password, "ca": str(self.lab.ca),
            "project": PROJECT, "log": str(self.clients),
        }  # fmt: skip
        self._load = subprocess.Popen([sys.executable, "-m", "tests.failover.load"], cwd=ROOT, stdin=subprocess.PIPE, text=True)
        assert self._load.stdin is not None
        json.dump(job, self._load.stdin)
        self._load.stdin.close()
        self._watch.start()
        time.sleep(WARM_UP)

    def stop(self) -> None:
        """End the clients and the watch. Raises Broken when the clients had ended by themselves."""
        self._watch.stop()
        if self._load is not None:
            ended = self._load.poll()
            self._load.send_signal(signal.SIGTERM)
            self._load.wait(180)
            if ended is not None:
                raise Broken(f"the clients ended with {ended} before they were told to")

    def row(self, fault: Fault) -> dict[str, Any]:
        """Break, hold, repair, wait until all is well, and measure all of it. What went wrong is in `broken`, as text."""
        self.lab.wait_until_well(HEALING)
        leaders = self.lab.spread()
        node = VICTIMS[fault.victim](self.lab, leaders)
        fault.ready(self.lab, node)
        begun = time.time()
        time.sleep(SETTLED)
        held = sorted(kind for kind, leader in leaders.items() if leader == node)
        result: dict[str, Any] = {"name": fault.name, "node": node, "held": held, "broken": ""}
        injected = time.time()
        try:
            fault.inject(self.lab, node)
            time.sleep(fault.hold)
        except Broken as error:
            result["broken"] = str(error)
        repaired = time.time()
        try:
            fault.heal(self.lab, node)
            repaired = time.time()
            self.lab.wait_until_well(HEALING)
        except Broken as error:
            result["broken"] = "; ".join(filter(None, (result["broken"], str(error))))
        result |= {"started": begun, "injected": injected, "repaired": repaired, "healed": round(time.time() - repaired, 1)}
        time.sleep(COOL_DOWN)
        measured = self._measure(begun, time.time())
        try:
            fault.after(self.lab, node)
        except Broken as error:
            result["broken"] = "; ".join(filter(None, (result["broken"], str(error))))
        moments = measured["second_leaders"]
        known = {
            "cut_off_masters": figures.cut_off_masters(moments, node, repaired) if fault.cut_off else [],
            "woken_leaders": figures.woken_leaders(moments, node, repaired) if fault.frozen else [],
        }
        measured["second_leaders"] = [moment for moment in moments if not any(moment in told for told in known.values())]
        return {**result, **measured, **known, "seconds": round(time.time() - begun), "load": round(os.getloadavg()[0])}

    def _measure(self, begun: float, ended: float) -> dict[str, Any]:
        records = read(self.clients)
        # What was acknowledged shortly before is in as much danger.
        mine = figures.within(figures.acknowledged(records), begun - EARLIER, ended)
        return {
            **figures.seen_by_clients(records, begun, ended),
            "earlier": EARLIER,
            "acknowledged": len(mine),
            "lost": self.lost(mine),
            "second_leaders": figures.second_leaders(figures.within(read(self.leaders), begun, ended)),
        }

    def lost(self, pushes: list[dict[str, Any]]) -> list[str]:
        """Pull acknowledged pushes and compare every digest; return what cannot be had, with the reason."""

        def pull(told: dict[str, Any]) -> str:
            client = Client(self.lab.url, "admin", self.password, ca=str(self.lab.ca), attempts=3, wait=2, timeout=60)
            try:
                client.pull(told["repository"], told["digest"])
            except Failed as failed:
                return f"{told['repository']}@{told['digest']}: {failed}"
            finally:
                client.close()
            return ""

        with ThreadPoolExecutor(3) as pool:
            return [text for text in pool.map(pull, pushes) if text]

    def all_lost(self) -> tuple[int, list[str]]:
        """The same for every push of the whole run: how many there were, and what is lost."""
        pushes = figures.acknowledged(read(self.clients))
        return len(pushes), self.lost(pushes)

    def site(self) -> int:
        """Run `site`; return how many tasks changed something. Raises Broken when it failed."""
        played = self.lab.play("site")
        if played.rc:
            raise Broken(f"site ended with {played.rc}: {played.output[-2000:]}")
        return played.changed


def make_project(lab: Lab, password: str) -> None:
    """Make the project that the clients use, unless it is there. Raises Broken."""
    request = urllib.request.Request(
        f"{lab.url}/api/v2.0/projects",
        json.dumps({"project_name": PROJECT, "storage_limit": -1}).encode(),
        {"Content-Type": "application/json", "Authorization": "Basic " + b64encode(f"admin:{password}".encode()).decode()},
    )
    try:
        urllib.request.urlopen(request, timeout=30, context=ssl.create_default_context(cafile=str(lab.ca))).close()
    except urllib.error.HTTPError as error:
        if error.code != 409:
            raise Broken(f"the project {PROJECT} cannot be made: {error.code} {error.read(300)!r}") from error


def read(file: Path) -> list[dict[str, Any]]:
    """Records so far; the last line may be under way."""
    text = file.read_text(encoding="utf-8") if file.exists() else ""
    return [json.loads(line) for line in text[: text.rfind("\n") + 1].splitlines()]


def kept(results: list[dict[str, Any]], *newer: dict[str, Any]) -> list[dict[str, Any]]:
    """Results with newer ones in the place of those of the same rows."""
    names = {result["name"] for result in newer}
    return [old for old in results if old["name"] not in names] + list(newer)


def keep(result: dict[str, Any], file: Path) -> None:
    """Put a result into the file of results, in the place of an older one of the same row."""
    results = json.loads(file.read_text(encoding="utf-8")) if file.exists() else []
    new = file.with_suffix(".new")
    new.write_text(json.dumps(kept(results, result), indent=1) + "\n", encoding="utf-8")
    new.replace(file)
