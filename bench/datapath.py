#!/usr/bin/env python3
# Copyright: the dockmaster.harbor contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What does each hop cost? Images through all of Harbor, through one node, through the registry program alone, and objects in S3 alone.

python -m bench.datapath [--lab failover] [--sizes 64K:40,16M:6] [--clients 2] [--harbor-redirect] [--json FILE]

It needs a running lab of that molecule scenario (tests/lab/molecule.sh failover converge) and measures, in one run from this machine:

  VIP            client -> virtual address (HAProxy) -> nginx -> core -> registry -> HAProxy -> S3
  node           the same without the first HAProxy: one node's own port
  registry       the very registry program and image on one node, alone: no nginx, core, token, cache in Redis -> HAProxy -> S3
  registry, redirect   the same, and blobs are read from S3 directly (307)
  S3             PUT and GET of objects of the layer's size at one MinIO node

--harbor-redirect measures VIP once more after `site` was run with harbor_s3_redirect=true, and sets it back. A push is a layer, a config
and a manifest; a pull compares every digest. MB are 10^6 bytes of layers; p50 and p95 are milliseconds per image (object).
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import yaml

from tests.failover.lab import ROOT, Broken, Lab
from tests.failover.matrix import PROJECT, make_project
from tests.failover.registry import Client, build

from .s3 import Bucket

COLUMNS = ("path", "size", "what", "images", "MB/s", "p50", "p95", "times S3")
PORT = 5055
START = """
set -eu
install -d -m 0755 /run/bench-registry
printf '%s' "$1" > /run/bench-registry/config.yml
grep ^REGISTRY_STORAGE_S3 /opt/harbor/registry.secrets.env | tr -d "'" > /run/bench-registry/env
image=$(docker inspect --format '{{.Config.Image}}' registry)
docker run -d --name bench-registry -p "$2:5000" --env-file /run/bench-registry/env -v /run/bench-registry:/etc/registry:ro \
  -v /opt/harbor/trust:/harbor_cust_cert:ro "$image" >/dev/null
for try in $(seq 50); do ! curl -fsS "http://127.0.0.1:$2/v2/" >/dev/null 2>&1 || exit 0; sleep 0.2; done
docker logs bench-registry >&2; exit 1
"""

Work = Callable[[int], None]


def measure(count: int, clients: int, make: Callable[[], Work]) -> list[float]:
    """Seconds of each of `count` works, by that many clients at once, and as last element those of all together. Raises what they raise."""
    taken: list[float] = []
    errors: list[Exception] = []
    numbers = iter(range(count))
    lock = threading.Lock()

    def serve() -> None:
        try:
            work = make()
            while True:
                with lock:
                    number = next(numbers, None)
                if number is None:
                    return
                begun = time.monotonic()
                work(number)
                taken.append(time.monotonic() - begun)
        except Exception as error:
            errors.append(error)

    threads = [threading.Thread(target=serve) for _ in range(clients)]
    begun = time.monotonic()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if errors:
        raise errors[0]
    return [*taken, time.monotonic() - begun]


def figures(path: str, size: int, what: str, times: list[float]) -> dict[str, Any]:
    """A row of the table."""
    each, wall = sorted(times[:-1]), times[-1]
    cuts = statistics.quantiles(each, n=20, method="inclusive")
    row = {"path": path, "size": size, "what": what, "images": len(each), "MB/s": size * len(each) / wall / 1e6}
    return {**row, "p50": statistics.median(each) * 1000, "p95": cuts[18] * 1000}


def registry(path: str, url: str, size: int, count: int, options: argparse.Namespace, secrets: dict[str, str]) -> list[dict[str, Any]]:
    """Push and pull images at a registry. One image goes first, which makes connections and the repository."""
    images = [build(size) for _ in range(count)]

    def client() -> Client:
        return Client(url, "admin", secrets["password"], ca=secrets["ca"], timeout=120)

    repository = f"{PROJECT}/bench"

    def pusher() -> Work:
        mine = client()
        return lambda number: mine.push(repository, f"b{time.time_ns()}", images[number])

    def puller() -> Work:
        mine = client()

        def pull(number: int) -> None:
            mine.pull(repository, images[number].digest)

        return pull

    client().push(repository, "first", build(1024))
    pushed = measure(count, options.clients, pusher)
    return [figures(path, size, "push", pushed), figures(path, size, "pull", measure(count, options.clients, puller))]


def storage(endpoint: str, size: int, count: int, options: argparse.Namespace, secrets: dict[str, str]) -> list[dict[str, Any]]:
    """Put and get objects."""
    layers = [build(size).layer for _ in range(count)]
    run = time.time_ns()

    def bucket() -> Bucket:
        return Bucket(endpoint, "registry", "harbor-registry", secrets["s3"], secrets["ca"])

    def putter() -> Work:
        mine = bucket()
        return lambda number: mine.put(f"bench/objects/{run}-{number}", layers[number])

    def getter() -> Work:
        mine = bucket()

        def get(number: int) -> None:
            if mine.get(f"bench/objects/{run}-{number}") != layers[number]:
                raise OSError(f"object {number} is not what was put")

        return get

    put = measure(count, options.clients, putter)
    return [figures("S3", size, "push", put), figures("S3", size, "pull", measure(count, options.clients, getter))]


def alone(config: dict[str, Any], redirect: bool, endpoint: str) -> str:
    """The configuration of a node's own registry, without what belongs to Harbor, and with a part of the bucket of its own."""
    kept = {name: part for name, part in config.items() if name not in ("auth", "redis", "health")}
    storage = {**config["storage"], "cache": {"blobdescriptor": "inmemory"}, "redirect": {"disable": not redirect}}
    storage["s3"] = {**storage["s3"], "rootdirectory": "/bench", **({"regionendpoint": endpoint} if redirect else {})}
    return yaml.safe_dump({**kept, "http": {"addr": ":5000"}, "storage": storage})


@contextmanager
def registry_alone(lab: Lab, node: str, redirect: bool, endpoint: str) -> Iterator[str]:
    """Yield the URL of the registry program alone on a node."""
    config = alone(yaml.safe_load(lab.run(node, "cat", "/opt/harbor/registry/config.yml")), redirect, endpoint)
    try:
        lab.run(node, "sh", "-c", START, "start", config, str(PORT), timeout=120)
        yield f"http://{lab.addresses[node]}:{PORT}"
    finally:
        lab.run(node, "sh", "-c", "docker rm --force bench-registry >/dev/null; rm -rf /run/bench-registry")


def sizes(text: str) -> list[tuple[int, int]]:
    """`64K:40,16M:6` as [(bytes, count)]."""
    units = {"K": 1 << 10, "M": 1 << 20}
    pairs = [part.split(":") for part in text.split(",")]
    return [(int(size[:-1]) * units[size[-1]], int(count)) for size, count in pairs]


def site(lab: Lab, *options: str) -> None:
    """Run `site`, or stop."""
    played = lab.play("site", *options)
    if played.rc:
        raise Broken(f"site ended with {played.rc}: {played.output[-2000:]}")


def run(options: argparse.Namespace) -> list[dict[str, Any]]:
    """All rows."""
    directory = Path(os.environ.get("DOCKMASTER_SECRETS", ROOT / ".build/molecule" / options.lab))
    lab = Lab(options.lab, directory)
    vault = lab.vault
    secrets = {"password": vault["vault_harbor_admin_password"], "s3": vault["vault_minio_registry_secret_key"], "ca": str(lab.ca)}
    make_project(lab, secrets["password"])
    node = lab.tiers["harbor"][0]
    endpoint = f"https://{lab.addresses[lab.tiers['minio'][0]]}:9000"
    rows = []
    for size, count in sizes(options.sizes):
        rows += storage(endpoint, size, count, options, secrets)
        for redirect, path in ((False, "registry"), (True, "registry, redirect")):
            with registry_alone(lab, node, redirect, endpoint) as url:
                rows += registry(path, url, size, count, options, secrets)
        rows += registry("node", f"https://{lab.addresses[node]}:8443", size, count, options, secrets)
        rows += registry("VIP", lab.url, size, count, options, secrets)
    if options.harbor_redirect:
        site(lab, "-e", "harbor_s3_redirect=true", "-e", f"harbor_s3_endpoint={endpoint}")
        try:
            for size, count in sizes(options.sizes):
                rows += registry("VIP, redirect", lab.url, size, count, options, secrets)
        finally:
            site(lab)
    return priced(rows)


def priced(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Rows with how many times longer the median is than that of S3 alone."""
    base = {(row["size"], row["what"]): row["p50"] for row in rows if row["path"] == "S3"}
    return [{**row, "times S3": row["p50"] / base[row["size"], row["what"]]} for row in rows]


def table(rows: list[dict[str, Any]]) -> str:
    """Rows as a Markdown table."""

    def cell(value: Any) -> str:
        return f"{value:.1f}" if isinstance(value, float) else str(value)

    lines = [list(COLUMNS), ["---"] * len(COLUMNS), *([cell(row[name]) for name in COLUMNS] for row in rows)]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def main() -> None:
    """Measure and print the table, and JSON into a file when asked."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--lab", default="failover", help="molecule scenario whose lab runs")
    parser.add_argument("--sizes", default="64K:40,16M:6", help="layer sizes and how many images of each")
    parser.add_argument("--clients", type=int, default=2, help="clients at the same time")
    parser.add_argument("--harbor-redirect", action="store_true", help="measure Harbor with S3 redirect too: runs site twice")
    parser.add_argument("--json", type=Path, help="file for the figures")
    options = parser.parse_args()
    rows = run(options)
    print(table(rows))
    if options.json:
        options.json.write_text(json.dumps({"clients": options.clients, "rows": rows}, indent=2) + "\n")


if __name__ == "__main__":
    main()
