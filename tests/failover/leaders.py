# Copyright: the dockmaster.harbor contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Ask every member all the time whether it leads, from inside its own network: a member that is cut off is heard too.

PostgreSQL: Patroni's /primary, which the load balancers trust. Redis: a master that would take a write, that is one with a replica that
keeps up (INFO: role, and min_slaves_good_slaves, which min-replicas-to-write is held against). Needs root: it enters the nodes' networks.
"""

from __future__ import annotations

import ctypes
import json
import os
import socket
import ssl
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path

from .lab import Broken, Lab

INTERVAL = 0.5
TIMEOUT = 2.0
NETWORK = 0x40000000  # CLONE_NEWNET


class Watch:
    """A thread per member; what they say is in the file, one JSON object a line, see figures.second_leaders."""

    def __init__(self, lab: Lab, file: Path) -> None:
        self._lab, self._stop, self._lock = lab, threading.Event(), threading.Lock()
        self._file = file.open("a", encoding="utf-8")
        # Members are asked by address; their certificates are the roles' own tests' matter.
        self._context = ssl.create_default_context(cafile=str(lab.ca))
        self._password = str(lab.vault["vault_redis_password"])
        asked: dict[str, Callable[[str], bool]] = {"postgresql": self._postgresql, "redis": self._redis}
        self._threads = [
            threading.Thread(target=self._watch, args=(kind, member, ask), daemon=True)
            for kind, ask in asked.items()
            for member in lab.tiers[kind]
        ]

    def start(self) -> None:
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        self._stop.set()
        for thread in self._threads:
            thread.join()
        self._file.close()

    def _watch(self, kind: str, member: str, ask: Callable[[str], bool]) -> None:
        inside = 0
        while not self._stop.wait(INTERVAL):
            try:
                inside = inside or self._enter(member)
                started = time.time()
                leads = ask(self._lab.addresses[member])
            except (OSError, ValueError, Broken):
                # Off, frozen, or started again, and then its network is another one. No answer is no yes.
                started, leads, inside = time.time(), False, 0
            entry = {"kind": kind, "member": member, "start": started, "end": time.time(), "leads": leads}
            with self._lock:
                self._file.write(json.dumps(entry) + "\n")
                self._file.flush()

    def _enter(self, member: str) -> int:
        """Let this thread, and no other, use the member's network from now on."""
        pid = self._lab.pid(member)
        descriptor = os.open(f"/proc/{pid}/ns/net", os.O_RDONLY)
        try:
            if ctypes.CDLL(None, use_errno=True).setns(descriptor, NETWORK):
                raise OSError(ctypes.get_errno(), f"the network of {member} cannot be entered")
        finally:
            os.close(descriptor)
        return pid

    def _postgresql(self, address: str) -> bool:
        try:
            urllib.request.urlopen(f"https://{address}:8008/primary", timeout=TIMEOUT, context=self._context).close()
        except urllib.error.HTTPError:
            return False
        return True

    def _redis(self, address: str) -> bool:
        password = self._password.encode()
        with socket.create_connection((address, 6379), TIMEOUT) as plain, self._context.wrap_socket(plain, server_hostname=address) as link:
            link.sendall(b"*2\r\n$4\r\nAUTH\r\n$%d\r\n%s\r\nINFO replication\r\nQUIT\r\n" % (len(password), password))
            text = b"".join(iter(lambda: link.recv(65536), b"")).decode()
        told = dict(line.split(":", 1) for line in text.split("\r\n") if ":" in line)
        if "role" not in told:
            raise ValueError(text[:100])
        return told["role"] == "master" and int(told.get("min_slaves_good_slaves", 0)) > 0
