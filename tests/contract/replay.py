# Copyright: the dockmaster.harbor contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Replays a story: its exchanges in order, against a server that is fresh like the recorded one was."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from copy import deepcopy
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import jwt
import requests
from standin import jobs
from standin.server import Server
from standin.world import Endpoint, LdapUser, PretendWorld, Scan, ScannerAdapter

from . import clients, images, payloads
from .compare import differences
from .mapping import Mapping

EXCHANGES = Path(__file__).parent / "exchanges"
PASSWORD = "Harbor12345"
_ADDRESS = "127.0.0.1:8080"
_DN = "ou=groups,dc=example,dc=com"
# Exchanges of a session were sent with a cookie jar, which the recording does not show. Each prefix had one jar; the others had none.
_JARS = ("cookie session:", "session:", "basic auth then cookie only:")
_JAR_OF = {"login form": "session:", "session GET current": "session:"}
_JAR_OF |= {"session POST without token": "session:", "session POST with token": "session:"}
# Sent while another client was failing to log in as the same user.
_DURING_A_WRONG_LOGIN = "lockout: right password while a wrong one is being refused"

# Stories that were recorded after others on one database.
_AFTER = {"purge_audit": ("gc",), "scan_all": ("gc", "purge_audit")}
# A real server notes the end of an execution when a timer fires, up to 30 s late. In these stories the timer fires exactly before the
# exchanges of these numbers, in all others at once.
_TIMER: dict[str, set[int]] = {"gc": set(), "purge_audit": set(), images.STORY: {151, 168}}
# Pulls too are counted by a timer.
_PULLS: dict[str, set[int]] = {images.STORY: {68, 115}}
# Time passes for jobs only while an answer is not yet the recorded one: so no state is missed, however slow the machine is.
# The recording polled too, and the number of polls is no contract.
_JOB_SECONDS, _STEP, _POLLS = 100.0, 25.0, 40
_NEVER = 86400.0


@dataclass(frozen=True)
class Result:
    """One replayed exchange; `problems` is empty when it is equal."""

    number: int
    name: str
    request: str
    problems: list[str]

    def text(self) -> str:
        return "\n".join([f"line {self.number} [{self.name}] {self.request}", *(f"    {problem}" for problem in self.problems)])


def stories() -> list[str]:
    """The names of all recorded stories."""
    return sorted(path.stem for path in EXCHANGES.glob("*.jsonl"))


def world() -> PretendWorld:
    """What stood around the recorded Harbor: a plain registry, Harbor itself as a registry, an LDAP directory."""
    return PretendWorld(
        closed=True,
        registries={
            "http://127.0.0.1:15500": Endpoint(),
            "http://127.0.0.1:8080": Endpoint(users={"admin": PASSWORD}),
        },
        scanners={
            f"http://127.0.0.1:{port}": ScannerAdapter(name, "Lab", "1.0.0") for port, name in ((18090, "Trivy"), (18091, "LabScan"))
        },
        scans={"art/app": Scan(images.FINDINGS, images.SBOM), "art/slow": Scan(seconds=_NEVER), "art/broken": Scan(fails=True)},
        preheat_endpoints={"http://127.0.0.1:18099/df"},
        ldap_servers={"ldap://127.0.0.1:10389": {"cn=admin,dc=example,dc=com": "ldapadmin"}},
        ldap_groups={f"cn={name},{_DN}": name for name in ("devs", "ops")},
        ldap_users={
            "alice": LdapUser("alicepw", "alice@example.com", "Alice", (f"cn=devs,{_DN}",)),
            "bob": LdapUser("bobpw", "bob@example.com", "Bob"),
            "carol": LdapUser("carolpw", "carol@example.com", "Carol"),
        },
    )


@contextmanager
def fresh_server(receiver: str) -> Iterator[Server]:
    """A stand-in that knows the same outside facts as the recorded Harbor. `receiver` is where webhooks go."""
    addresses = {"external_url": f"http://{_ADDRESS}", "core_url": "http://127.0.0.1:18080"}
    settings: dict[str, Any] = {
        **addresses,
        "login_delay": 0.1,
        "job_seconds": _JOB_SECONDS,
        "trivy_url": "http://127.0.0.1:18090",
        "scanner_robot_prefix": "labscan1",
    }
    surroundings = world()
    surroundings.receivers = {payloads.ADDRESS: receiver}
    with Server(PASSWORD, "v2.15.2-080b0220", world=surroundings, **settings) as server:
        yield server


def replay(story: str) -> list[Result]:
    """Replay one story on a fresh stand-in, after those that were recorded before it on the same database."""
    if story == payloads.STORY:
        return _receive()
    with payloads.Receiver() as receiver, fresh_server(receiver.address) as server:
        player = _Player(server)
        for earlier in _AFTER.get(story, ()):
            player.play_all(earlier)
        return player.play_all(story)


def _receive() -> list[Result]:
    """Replay the story that webhooks were recorded of, and compare what a receiver gets."""
    recorded = [payloads.read(line) for line in (EXCHANGES / f"{payloads.STORY}.jsonl").read_text().splitlines()]
    with payloads.Receiver() as receiver, fresh_server(receiver.address) as server:
        _Player(server).play_all(payloads.CAUSE)
        server.harbor.courier.wait()
        problems, surplus = payloads.unmatched(recorded, receiver.came)
    if surplus:
        problems[len(recorded)] += [f"delivered, but not recorded: {delivery.kind} {delivery.body}" for delivery in surplus]
    return [Result(number, delivery.kind, "", problems[number]) for number, delivery in enumerate(recorded, 1)]


class _Player:
    """Sends the exchanges of one story."""

    def __init__(self, server: Server) -> None:
        self.server = server
        self.mapping = Mapping()
        self.sessions = {"": _session(), **{prefix: _session() for prefix in _JARS}}

    def play_all(self, story: str) -> list[Result]:
        lines = (EXCHANGES / f"{story}.jsonl").read_text().splitlines()
        results = []
        settings = self.server.harbor.settings
        settings.refresh_seconds = _NEVER if story in _TIMER else settings.refresh_seconds
        settings.pull_seconds = _NEVER if story in _PULLS else settings.pull_seconds
        self.images = images.Images(self.server.url, lines)
        for number, line in enumerate(lines, 1):
            if number in _TIMER.get(story, ()):
                self._fire("refresh_seconds")
            if number in _PULLS.get(story, ()):
                self._fire("pull_seconds")
            exchange = json.loads(line)
            if story == clients.STORY:
                clients.before(self.server.url, exchange["name"], self.mapping)
            if story == images.STORY:
                self.images.before(number, self.mapping)
            results.append(self.play(number, exchange))
        return results

    def play(self, number: int, exchange: dict[str, Any]) -> Result:
        request, name = exchange["request"], exchange["name"]
        for _ in range(_POLLS):
            # What an answer teaches counts only when it is the right one.
            mapping = deepcopy(self.mapping)
            problems = self._problems(name, exchange, mapping)
            if not problems or request["method"] != "GET" or not self._has_jobs():
                break
            self.server.harbor.skew += _STEP
            time.sleep(0.005)
        self.mapping = mapping
        query = f"?{request['query']}" if request["query"] else ""
        return Result(number, name, f"{request['method']} {request['path']}{query} as {request['as']}", problems)

    def _problems(self, name: str, exchange: dict[str, Any], mapping: Mapping) -> list[str]:
        request = exchange["request"]
        send = self._during_a_wrong_login if name == _DURING_A_WRONG_LOGIN else _at_once
        raw = self.images.manifest(exchange, mapping) if request.get("text", "").startswith("base64:") else None
        answer = send(lambda: self._send(name, request, mapping, raw))
        return differences(exchange["response"], answer, request["path"], mapping)

    def _has_jobs(self) -> bool:
        with self.server.harbor.store.transaction(write=False) as tx:
            return jobs.are_running(tx)

    def _fire(self, timer: str) -> None:
        """What was under way has ended when the timer fires."""
        settings = self.server.harbor.settings
        self.server.harbor.skew += _JOB_SECONDS
        self.server.harbor.courier.wait()
        setattr(settings, timer, 0.0)
        requests.get(f"{self.server.url}/api/v2.0/ping", timeout=30)
        setattr(settings, timer, _NEVER)

    def _send(self, name: str, request: dict[str, Any], mapping: Mapping, raw: bytes | None) -> requests.Response:
        # Harbor was called by its public address, and mentions it.
        headers = {"Host": _ADDRESS} | {key: mapping.text(value) for key, value in request["headers"].items()}
        by_name = headers.get("X-Is-Resource-Name") == "true"
        url = self.server.url + mapping.path(request["path"], by_name)
        if request["query"]:
            url += "?" + mapping.query(request["query"])
        text = json.dumps(mapping.body(request["json"], request["path"])) if "json" in request else request.get("text", "")
        prepared = requests.Request(request["method"], url, headers=headers, data=(text.encode() if raw is None else raw) or None)
        if isinstance(request.get("auth"), str):
            headers["Authorization"] = f"Bearer {self._token(request['auth'])}"
        elif request.get("auth"):
            user, password = request["auth"]
            prepared.auth = (user, mapping.text(password))
        session = self.sessions[self._jar(name)]
        ready = session.prepare_request(prepared)
        ready.url = url
        return session.send(ready, timeout=30, allow_redirects=False)

    def _token(self, recorded: str) -> str:
        """A token of this server that says the same as a recorded one."""
        claims = jwt.decode(recorded.removeprefix("Bearer "), options={"verify_signature": False})
        token: str = self.server.harbor.tokens.make(claims["sub"], claims["access"], 30)["token"]
        return token

    def _jar(self, name: str) -> str:
        prefix = next((prefix for prefix in _JARS if name.startswith(prefix)), _JAR_OF.get(name, ""))
        if not prefix:
            self.sessions[""].cookies.clear()
        return prefix

    def _during_a_wrong_login(self, send: Callable[[], requests.Response]) -> requests.Response:
        url, auth = f"{self.server.url}/api/v2.0/users/current", ("admin", "Wrong12345")
        other = threading.Thread(target=lambda: requests.get(url, auth=auth, timeout=30))
        other.start()
        deadline = time.monotonic() + 5
        while not self.server.harbor.lockout.has("admin") and time.monotonic() < deadline:
            time.sleep(0.001)
        answer = send()
        other.join()
        return answer


def _at_once(send: Callable[[], requests.Response]) -> requests.Response:
    return send()


def _session() -> requests.Session:
    session = requests.Session()
    session.trust_env = False
    session.headers.clear()
    return session
