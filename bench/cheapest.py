# Copyright: the dockmaster.harbor contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The cheapest client: the requests that the work needs and nothing else, in one session, 8 threads with a connection each.

It knows beforehand what it will find, compares nothing, plans nothing and recovers from nothing: a lower bound, not a tool.
"""

from __future__ import annotations

import http.client
import json
import sys
import threading
import time
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from urllib.parse import urlencode, urlsplit

from .content import PULL, ROBOTS, SECRET, USERS, names

API = "/api/v2.0"
WORKERS = 8


class Client:
    """A session of one user; each thread has a connection of its own."""

    def __init__(self, url: str, username: str, password: str) -> None:
        self.address = urlsplit(url)
        self.local = threading.local()
        self.counts = {"requests": 0, "connections": 0, "refused": 0}
        self.headers: dict[str, str] = {}
        self._log_in(username, password)

    def _log_in(self, username: str, password: str) -> None:
        self.headers["Cookie"] = self._cookies(self.raw("GET", f"{API}/systeminfo"))
        first = self.raw("GET", f"{API}/systeminfo")
        token, cookies = first.getheader("X-Harbor-CSRF-Token", ""), f"{self.headers['Cookie']}; {self._cookies(first)}"
        form = urlencode({"principal": username, "password": password})
        self.headers = {"Cookie": cookies, "X-Harbor-CSRF-Token": token}
        answer = self.raw("POST", "/c/login", form, "application/x-www-form-urlencoded")
        self.headers["Cookie"] = "; ".join([*(part for part in cookies.split("; ") if not part.startswith("sid=")), self._cookies(answer)])
        self.headers["X-Harbor-CSRF-Token"] = self.raw("GET", f"{API}/users/current").getheader("X-Harbor-CSRF-Token", token)

    @staticmethod
    def _cookies(answer: http.client.HTTPResponse) -> str:
        return "; ".join(value.split(";", 1)[0] for name, value in answer.getheaders() if name.lower() == "set-cookie")

    def raw(self, method: str, path: str, body: str | None = None, kind: str = "application/json") -> http.client.HTTPResponse:
        """Send a request; the body of the answer is in its attribute text."""
        connection = getattr(self.local, "connection", None)
        if connection is None:
            secure = self.address.scheme == "https"
            make = http.client.HTTPSConnection if secure else http.client.HTTPConnection
            connection = self.local.connection = make(self.address.hostname or "", self.address.port, timeout=60)
            self.counts["connections"] += 1
        headers = {**self.headers, "X-Is-Resource-Name": "true", **({"Content-Type": kind} if body else {})}
        connection.request(method, path, body, headers)
        answer = connection.getresponse()
        answer.text = answer.read().decode()
        self.counts["requests"] += 1
        if answer.status >= 400:
            self.counts["refused"] += 1
            raise SystemExit(f"{method} {path}: {answer.status} {answer.text}")
        return answer

    def call(self, method: str, path: str, body: Any = None) -> Any:
        """Send JSON; return the answer's JSON, or the last part of its Location."""
        answer = self.raw(method, API + path, None if body is None else json.dumps(body))
        location = answer.getheader("Location", "").rsplit("/", 1)[-1]
        return json.loads(answer.text) if answer.text.strip() else location


def selector(decoration: str, pattern: str) -> dict[str, str]:
    """Return one selector of a rule."""
    return {"kind": "doublestar", "decoration": decoration, "pattern": pattern}


def create(client: Client, name: str, users: dict[str, int]) -> None:
    """Make one project with all that is in it."""
    number = int(client.call("POST", "/projects", {"project_name": name, "metadata": {"public": "false", "auto_scan": "true"}}))
    for user in USERS:
        client.call("POST", f"/projects/{name}/members", {"role_id": 2, "member_user": {"user_id": users[user]}})
    access = [dict(zip(("resource", "action"), entry.split(":"), strict=True)) for entry in PULL]
    for robot in ROBOTS:
        permissions = [{"kind": "project", "namespace": name, "access": access}]
        body = {"name": robot, "level": "project", "duration": 90, "permissions": permissions}
        made = client.call("POST", "/robots", {**body, "description": "unfinished"})
        client.call("PATCH", f"/robots/{made['id']}", {"secret": SECRET})
        # Without this a client that is killed before the PATCH leaves a robot with a secret that nobody knows.
        client.call("PUT", f"/robots/{made['id']}", {**body, "id": made["id"], "name": made["name"]})
    everywhere = {"repository": [selector("repoMatches", "**")]}
    rule = {"action": "immutable", "template": "immutable_template", "scope_selectors": everywhere}
    client.call("POST", f"/projects/{name}/immutabletagrules", {**rule, "tag_selectors": [selector("matches", "v*")]})
    keep = {"action": "retain", "template": "latestPushedK", "params": {"latestPushedK": 10}, "scope_selectors": everywhere}
    policy = {
        "algorithm": "or",
        "scope": {"level": "project", "ref": number},
        "trigger": {"kind": "Schedule", "settings": {"cron": "0 0 0 * * *"}, "references": {}},
        "rules": [{**keep, "tag_selectors": [selector("matches", "**")]}],
    }
    client.call("POST", "/retentions", policy)


def read(client: Client, project: dict[str, Any]) -> None:
    """Read all that is in one project."""
    name, number = project["name"], project["project_id"]
    paging = "page=1&page_size=100"
    client.call("GET", f"/projects/{name}/members?{paging}")
    client.call("GET", f"/robots?q=Level%3Dproject%2CProjectID%3D{number}&{paging}")
    client.call("GET", f"/projects/{name}/immutabletagrules?{paging}")
    client.call("GET", f"/retentions/{project['metadata']['retention_id']}")


def each(work: Callable[[Any], None], items: Iterable[Any]) -> None:
    """Work on all items in threads; the first error ends it."""
    with ThreadPoolExecutor(WORKERS) as pool:
        for result in [pool.submit(work, item) for item in items]:
            result.result()


def main() -> None:
    """Run the job on standard input and print the counts; the time counts from the login on."""
    job = json.load(sys.stdin)
    begin = time.monotonic()
    client = Client(**job["harbor"])
    users = {user["username"]: user["user_id"] for user in client.call("GET", "/users?page=1&page_size=100")}
    if job["what"] == "create":
        each(lambda name: create(client, name, users), names(job["projects"]))
    else:
        pages = range(1, -(-job["projects"] // 100) + 1)
        found: list[dict[str, Any]] = []
        each(lambda page: found.extend(client.call("GET", f"/projects?page={page}&page_size=100")), pages)
        each(lambda project: read(client, project), [one for one in found if one["name"].startswith("bench-")])
    print(json.dumps({**client.counts, "wall": time.monotonic() - begin}))


if __name__ == "__main__":
    main()
