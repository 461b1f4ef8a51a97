# Copyright: the dockmaster.harbor contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a management board or a power strip is to a data centre: a lab's nodes may ask it, over the network, to switch another node off."""

from __future__ import annotations

import shlex
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from .lab import Broken, Lab

COMMAND = "/usr/local/sbin/lab-power-off"


class PowerStrip:
    """Switches nodes of a lab off when one of the others asks for it; with `works=False` it answers as one that could not.

    `asked`: the nodes that were to be switched off, in order, since the start at `since` (seconds, as time.time).
    """

    def __init__(self, works: bool) -> None:
        self.works, self.asked, self.since = works, list[str](), 0.0
        self._server: ThreadingHTTPServer | None = None

    def start(self, lab: Lab) -> None:
        """Listen where the lab's nodes, and they alone, come through, and give the command that asks to the members of PostgreSQL."""
        strip = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                self.send_response(200 if strip._off(lab, self.path.removeprefix("/off/")) else 503)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, format: str, *args: Any) -> None:
                pass

        address = lab.own_address()
        self.asked, self.since = [], time.time()
        self._server = ThreadingHTTPServer((address, 0), Handler)
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        script = f'#!/bin/sh\nexec curl -fsS --max-time 9 -X POST "http://{address}:{self._server.server_port}/off/$1"\n'
        for node in lab.tiers["postgresql"]:
            lab.run(node, "sh", "-c", f"printf %s {shlex.quote(script)} >{COMMAND} && chmod 0755 {COMMAND}")

    def stop(self) -> None:
        """Listen no longer."""
        if self._server is not None:
            self._server.shutdown()
            self._server.server_close()

    def _off(self, lab: Lab, node: str) -> bool:
        """Whether the node is off now, for certain."""
        if node not in lab.nodes:
            return False
        self.asked.append(node)
        if not self.works:
            return False
        try:
            if lab.pid(node):
                lab.power_off(node)
            return lab.pid(node) == 0
        except Broken:
            return False
