# Copyright: the dockmaster.harbor contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Use the tiers without pause, as clients do, and print as JSON how long each of them did not answer.

Arguments: seconds; JSON {"etcd": [urls], "postgresql": [addresses], "redis": [addresses], "harbor": {"url": ..., "ca": ...}}, each may be
left out. The answer: {tier: {"attempts": n, "failed": n, "outage": s, "errors": [text, ...]}}; the outage is the longest time between two
successes. Every write is real and waits for what the tier promises (quorum, a replica); it leaves nothing but one key that expires.
Runs on a member of the data tiers as root, or anywhere for Harbor alone.
"""

from __future__ import annotations

import base64
import json
import ssl
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Any

BASE = Path("/etc/dockmaster")
INTERVAL = 0.1
PATIENCE = 2


def etcd(urls: list[str]) -> Callable[[], None]:
    """Write a key through whichever member answers."""
    directory = BASE / "etcd"
    context = ssl.create_default_context(cafile=str(directory / "ca.crt"))
    context.load_cert_chain(str(directory / "member.crt"), str(directory / "member.key"))
    body = json.dumps({"key": base64.b64encode(b"/dockmaster/probe").decode(), "value": base64.b64encode(b"x").decode()}).encode()
    turn = list(urls)

    def attempt() -> None:
        try:
            urllib.request.urlopen(urllib.request.Request(f"{turn[0]}/v3/kv/put", data=body), timeout=PATIENCE, context=context).close()
        except OSError:
            turn.append(turn.pop(0))
            raise

    return attempt


def postgresql(addresses: list[str]) -> Callable[[], None]:
    """Commit something that is written to the log and to replicas, but to no table."""
    import psycopg2  # type: ignore[import-untyped]  # both come with Patroni
    import yaml

    known = yaml.safe_load((BASE / "postgresql/patroni.yml").read_text())["postgresql"]["authentication"]["rewind"]
    connection: Any = None

    def attempt() -> None:
        nonlocal connection
        try:
            if connection is None:
                connection = psycopg2.connect(
                    host=",".join(addresses), user=known["username"], password=known["password"], dbname="postgres",
                    target_session_attrs="read-write", connect_timeout=PATIENCE, tcp_user_timeout=1000 * PATIENCE,
                    # A server that lost its power while it owed an answer never ends the connection: only these tell.
                    keepalives_idle=1, keepalives_interval=1, keepalives_count=PATIENCE,
                    sslmode="verify-full", sslrootcert=str(BASE / "postgresql/ca.crt"), application_name="dockmaster-probe",
                )  # fmt: skip
                connection.autocommit = True
            with connection.cursor() as cursor:
                cursor.execute("select pg_logical_emit_message(true, 'dockmaster', 'probe')")
        except psycopg2.Error:
            if connection is not None:
                connection.close()
            connection = None
            raise

    return attempt


def redis(addresses: list[str]) -> Callable[[], None]:
    """Set a key on the master, which is looked for among the members."""
    turn = list(addresses)

    def attempt() -> None:
        command = [str(BASE / "redis/cli"), "server", turn[0], "SET", "dockmaster:probe", "x", "EX", "60"]
        try:
            subprocess.run(command, check=True, capture_output=True, timeout=PATIENCE)
        except subprocess.SubprocessError:
            turn.append(turn.pop(0))
            raise

    return attempt


def harbor(target: dict[str, str]) -> Callable[[], None]:
    """Ask what only a working core with its database can answer."""
    context = ssl.create_default_context(cafile=target.get("ca") or None)

    def attempt() -> None:
        urllib.request.urlopen(f"{target['url']}/api/v2.0/systeminfo", timeout=PATIENCE, context=context).close()

    return attempt


def watch(attempt: Callable[[], None], until: float) -> dict[str, Any]:
    """Attempt without pause until then."""
    attempts = failed = 0
    errors: list[str] = []
    last = start = time.monotonic()
    longest = 0.0
    while time.monotonic() < until:
        began = time.monotonic()
        attempts += 1
        try:
            attempt()
            now = time.monotonic()
            longest, last = max(longest, now - last), now
        except Exception as error:  # whatever it is, it is what a client sees
            failed += 1
            text = f"{began - start:.1f} s: {type(error).__name__} {str(error).strip().splitlines()[0] if str(error).strip() else ''}"
            errors.append(text[:160])
        time.sleep(max(0.0, INTERVAL - (time.monotonic() - began)))
    longest = max(longest, time.monotonic() - last)
    return {"attempts": attempts, "failed": failed, "outage": round(longest, 1), "errors": errors[:3]}


PROBES: dict[str, Callable[[Any], Callable[[], None]]] = {"etcd": etcd, "postgresql": postgresql, "redis": redis, "harbor": harbor}


def main() -> None:
    """Watch all tiers at once."""
    until = time.monotonic() + float(sys.argv[1])
    wanted = {name: PROBES[name](target) for name, target in json.loads(sys.argv[2]).items() if target}
    results: dict[str, Any] = {}

    def record(name: str) -> None:
        results[name] = watch(wanted[name], until)

    threads = [threading.Thread(target=record, args=(name,)) for name in wanted]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    json.dump(results, sys.stdout)


if __name__ == "__main__":
    main()
