# Copyright: the dockmaster.harbor contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The story `webhook_payloads`: no exchanges, but what a receiver of webhooks got from the recorded Harbor while `artifacts` ran.

Here a receiver gets what the stand-in sends during the same story. Deliveries come in any order, as job services run side by side.
"""

from __future__ import annotations

import json
import re
import threading
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any

from .mapping import UUID

STORY, CAUSE = "webhook_payloads", "artifacts"
# Where the receiver was when the story was recorded.
ADDRESS = "127.0.0.1:18099"
_DIGEST = re.compile(r"[0-9a-f]{64}")
_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z")
_IDS_IN_SOURCE = re.compile(r"/\d+(?=/|$)")
# Numbers of the run: seconds since 1970, ids, how long a scan took.
_NUMBERS = ("occur_at", "date_created", "execution_timestamp", "execution_id", "task_id", "retention_policy_id", "duration")


@dataclass(frozen=True)
class Delivery:
    """One request that a receiver got."""

    path: str
    headers: dict[str, str]
    body: Any

    @property
    def kind(self) -> str:
        return f"{self.path} {self.body['type']}"


def read(line: str) -> Delivery:
    """A line of the recording."""
    recorded = json.loads(line)
    return Delivery(recorded["path"], recorded["headers"], recorded["json"])


class Receiver:
    """A context manager that takes webhooks at `address`; `came` is what it got."""

    def __init__(self) -> None:
        self.came: list[Delivery] = []
        came = self.came

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                came.append(Delivery(self.path, dict(self.headers), json.loads(body)))
                self.send_response(200)
                self.end_headers()

            def log_message(self, format: str, *args: Any) -> None:
                """Nothing on the terminal."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.address = f"127.0.0.1:{self._server.server_port}"

    def __enter__(self) -> Receiver:
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._server.shutdown()
        self._server.server_close()


def unmatched(recorded: list[Delivery], came: list[Delivery]) -> tuple[dict[int, list[str]], list[Delivery]]:
    """For each recorded delivery what is wrong with the best counterpart, and what came without any."""
    left = list(came)
    # Digests that both runs have are of recorded manifests; all others were made by chance.
    known = _digests(recorded) & _digests(came)
    problems: dict[int, list[str]] = {}
    for number, delivery in enumerate(recorded, 1):
        alike = [other for other in left if other.kind == delivery.kind]
        verdicts = [(_differences(delivery, other, known), other) for other in alike]
        if not verdicts:
            problems[number] = [f"nothing more of {delivery.kind} was delivered"]
            continue
        best, other = min(verdicts, key=lambda verdict: len(verdict[0]))
        problems[number] = best
        if not best:
            left.remove(other)
    return problems, left


def _digests(deliveries: list[Delivery]) -> set[str]:
    return {digest for delivery in deliveries for digest in _DIGEST.findall(json.dumps(delivery.body))}


def _differences(recorded: Delivery, actual: Delivery, known: set[str]) -> list[str]:
    names = {name.lower() for name in recorded.headers} - {"content-length"}
    found = [] if names == {name.lower() for name in actual.headers} - {"content-length"} else ["other headers"]
    for name in sorted(names):
        got = actual.headers.get(name) or actual.headers.get(name.title())
        if got != next(value for key, value in recorded.headers.items() if key.lower() == name):
            found.append(f"header {name}: {got!r} was sent")
    return found + list(_compare(recorded.body, actual.body, "body", "", known))


def _compare(recorded: Any, actual: Any, where: str, key: str, known: set[str]) -> list[str]:
    if isinstance(recorded, dict) and isinstance(actual, dict):
        found = [f"{where}: keys {sorted(set(recorded) ^ set(actual))} on one side only"] if set(recorded) != set(actual) else []
        for name in sorted(set(recorded) & set(actual)):
            found += _compare(recorded[name], actual[name], f"{where}.{name}", name, known)
        return found
    if isinstance(recorded, list) and isinstance(actual, list) and len(recorded) == len(actual):
        pairs = enumerate(zip(recorded, actual, strict=True))
        return [line for index, (one, other) in pairs for line in _compare(one, other, f"{where}[{index}]", key, known)]
    same = type(recorded) is type(actual) and (key in _NUMBERS or _plain(recorded, key, known) == _plain(actual, key, known))
    return [] if same else [f"{where}: {recorded!r} recorded, {actual!r} sent"]


def _plain(value: Any, key: str, known: set[str]) -> Any:
    """A value without what is of one run only: uuids, times, ids, and digests that were made by chance."""
    if not isinstance(value, str):
        return value
    value = _DIGEST.sub(lambda match: match[0] if match[0] in known else "other", value)
    value = _TIME.sub("time", UUID.sub("uuid", value))
    return _IDS_IN_SOURCE.sub("/id", value) if key == "source" else value
