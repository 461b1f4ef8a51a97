# Copyright: the dockmaster.harbor contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Shorten a failover: power off a leader that went silent, and only when that is proven, remove its leader key.

Patroni gives the key of a silent leader away after its time to live (20 s or more), since it cannot know whether the leader still writes.
Who can switch the machine off can know. This service runs beside each member. While another member leads it keeps looking whether
that one's Patroni or PostgreSQL answers. When both have been silent for `patience` seconds and this member could take over, it takes a
lock in etcd and runs the fencing command with the name and the address of the leader. Exit code 0 means: it is off, for certain. Then,
and only if the key still is the one that was seen before, the key is removed. Any other outcome removes nothing: the time to live
decides, as without.

Argument: a JSON file {scope, name, endpoints, directory, command, patience, timeout}; `directory` holds ca.crt, server.crt and server.key.
"""

from __future__ import annotations

import base64
import json
import socket
import ssl
import subprocess
import sys
import time
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

INTERVAL = 0.5  # seconds between two looks
PROBE_TIMEOUT = 1.0  # seconds for one connection to the leader
LOCK_SECONDS = 60  # nobody else fences meanwhile, and after a failed attempt nobody tries again


def encode(text: str) -> str:
    """Text as etcd's JSON takes it."""
    return base64.b64encode(text.encode()).decode()


def say(text: str) -> None:
    """One line for the journal."""
    print(text, flush=True)


@dataclass(frozen=True)
class Leader:
    """Who holds the leader key: member, its addresses, and the revision of the key (it stays the same while the same leader renews it)."""

    name: str
    api_url: str
    host: str
    port: int
    revision: str


class Store:
    """etcd by its JSON gateway; each call goes to the first endpoint that answers and reads what the quorum agrees on."""

    def __init__(self, endpoints: list[str], scope: str, context: ssl.SSLContext) -> None:
        self.endpoints = list(endpoints)
        self.prefix = f"/service/{scope}/"
        self.context = context

    def call(self, path: str, body: dict[str, Any]) -> Any:
        """The answer as JSON; OSError when no endpoint answers."""
        for _attempt in list(self.endpoints):
            request = urllib.request.Request(f"{self.endpoints[0]}{path}", data=json.dumps(body).encode())
            try:
                with urllib.request.urlopen(request, timeout=2, context=self.context) as answer:
                    return json.load(answer)
            except OSError:
                self.endpoints.append(self.endpoints.pop(0))
        raise OSError("no endpoint of etcd answers")

    def read(self, key: str) -> tuple[str, str] | None:
        """Value and revision of a key below the scope."""
        for entry in self.call("/v3/kv/range", {"key": encode(self.prefix + key)}).get("kvs", []):
            return base64.b64decode(entry["value"]).decode(), entry["mod_revision"]
        return None

    def leader(self) -> Leader | None:
        """Whoever holds the key and said where it is."""
        held = self.read("leader")
        member = self.read(f"members/{held[0]}") if held else None
        if held is None or member is None:
            return None
        said = json.loads(member[0])
        place = urlsplit(said["conn_url"])
        return Leader(held[0], said["api_url"], place.hostname or "", place.port or 5432, held[1])

    def lock(self, name: str) -> bool:
        """Whether this member may fence now; the lock goes away by itself."""
        lease = self.call("/v3/lease/grant", {"TTL": LOCK_SECONDS})["ID"]
        key = encode(self.prefix + "fencing")
        free = [{"key": key, "target": "VERSION", "result": "EQUAL", "version": "0"}]
        put = [{"requestPut": {"key": key, "value": encode(name), "lease": lease}}]
        return bool(self.call("/v3/kv/txn", {"compare": free, "success": put}).get("succeeded", False))

    def remove_leader(self, leader: Leader) -> bool:
        """Whether the very key that was seen could be removed."""
        key = encode(self.prefix + "leader")
        same = [
            {"key": key, "target": "MOD", "result": "EQUAL", "modRevision": leader.revision},
            {"key": key, "target": "VALUE", "result": "EQUAL", "value": encode(leader.name)},
        ]
        answer = self.call("/v3/kv/txn", {"compare": same, "success": [{"requestDeleteRange": {"key": key}}]})
        return bool(answer.get("succeeded", False))


def reachable(host: str, port: int) -> bool:
    """Whether anything accepts connections there."""
    try:
        socket.create_connection((host, port), timeout=PROBE_TIMEOUT).close()
    except OSError:
        return False
    return True


def answers(leader: Leader) -> bool:
    """Whether Patroni or PostgreSQL of the leader gives a sign of life; a machine whose one service died is not dead."""
    api = urlsplit(leader.api_url)
    with ThreadPoolExecutor() as pool:
        return any(pool.map(reachable, (api.hostname or "", leader.host), (api.port or 8008, leader.port)))


def may_take_over(url: str, context: ssl.SSLContext) -> bool:
    """Whether the member on this host is a running replica and Patroni is not paused."""
    try:
        with urllib.request.urlopen(f"{url}/patroni", timeout=2, context=context) as answer:
            said = json.load(answer)
    except OSError:
        return False
    return said.get("role") == "replica" and said.get("state") == "running" and not said.get("pause", False)


def fence(command: str, leader: Leader, timeout: float) -> bool:
    """Whether the command proves that the leader is off."""
    say(f"{leader.name} has been silent: running {command} {leader.name} {leader.host}")
    try:
        done = subprocess.run([command, leader.name, leader.host], timeout=timeout, check=False)
    except (OSError, subprocess.TimeoutExpired) as error:
        say(f"no proof that {leader.name} is off: {error}")
        return False
    if done.returncode != 0:
        say(f"no proof that {leader.name} is off: exit code {done.returncode}")
    return done.returncode == 0


class Watch:
    """One look after the other; remembers since when the leader has been silent."""

    def __init__(self, settings: dict[str, Any], store: Store) -> None:
        self.settings = settings
        self.store = store
        self.suspect: Leader | None = None
        self.since = 0.0

    def look(self, now: float) -> str:
        """What was found and done, in a word: quiet, silent, not ready, locked, unproven, changed or removed."""
        leader = self.store.leader()
        if leader is None or leader.name == self.settings["name"] or answers(leader):
            self.suspect = None
            return "quiet"
        if leader != self.suspect:
            self.suspect, self.since = leader, now
        if now - self.since < self.settings["patience"]:
            return "silent"
        own = self.store.read(f"members/{self.settings['name']}")
        if own is None or not may_take_over(json.loads(own[0])["api_url"].removesuffix("/patroni"), self.store.context):
            return "not ready"
        if not self.store.lock(self.settings["name"]):
            return "locked"
        if not fence(self.settings["command"], leader, self.settings["timeout"]):
            return "unproven"
        removed = self.store.remove_leader(leader)
        say(f"{leader.name} is off, its leader key is {'removed' if removed else 'another one by now: left alone'}")
        return "removed" if removed else "changed"


def identity(directory: Path) -> ssl.SSLContext:
    """Whom this member trusts, and as whom it comes."""
    context = ssl.create_default_context(cafile=str(directory / "ca.crt"))
    context.load_cert_chain(str(directory / "server.crt"), str(directory / "server.key"))
    return context


def main() -> None:
    """Look for ever."""
    settings = json.loads(Path(sys.argv[1]).read_text())
    directory = Path(settings["directory"])
    watch = Watch(settings, Store(settings["endpoints"], settings["scope"], identity(directory)))
    while True:
        try:
            # Read at each look: certificates are renewed.
            watch.store.context = identity(directory)
            watch.look(time.monotonic())
        except (OSError, ValueError, KeyError) as error:
            say(f"could not look: {error}")
        time.sleep(INTERVAL)


if __name__ == "__main__":
    main()
