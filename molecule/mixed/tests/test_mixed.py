# Copyright: the dockmaster.harbor contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Our PostgreSQL and load balancers beside Redis, S3 and a load balancer of the site: each is used, and nothing of ours in its place."""

from __future__ import annotations

import json
import os
import secrets
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.failover.lab import Broken, Lab, Played
from tests.failover.registry import Client, build, digest_of

LAB = Lab("mixed", Path(os.environ["DOCKMASTER_SECRETS"]))
DATA, APP = LAB.tiers["postgresql"], LAB.tiers["harbor"]
CA = LAB.directory / "site.crt"
PRETENDED = "203.0.113.7"


@pytest.fixture
def client() -> Iterator[Client]:
    """A client of the registry, through the site's load balancer; it trusts the site's authority alone."""
    made = Client(LAB.url, "admin", LAB.vault["vault_harbor_admin_password"], ca=str(CA))
    yield made
    made.close()


def play(name: str, *options: str) -> Played:
    """Run a playbook, which has to come to its end, and see that all is well after it."""
    done = LAB.play(name, *options)
    assert done.rc == 0, done.output[-3000:]
    LAB.wait_until_well(120)
    return done


def round_trip(client: Client, size: int = 1000) -> None:
    """Push an image, and pull it again."""
    image = build(size)
    client.push("library/mixed", secrets.token_hex(4), image)
    assert client.pull("library/mixed", image.digest) > size


def listening(node: str) -> set[int]:
    """The TCP ports that a node can be reached at."""
    lines = LAB.run(node, "ss", "-Hltn").splitlines()
    return {int(line.split()[3].rsplit(":", 1)[1]) for line in lines if not line.split()[3].startswith("127.")}


def logged(word: str) -> str:
    """The line of nginx, on any node, in which a word stands."""
    texts = [LAB.run(node, "sh", "-c", "docker logs --since 1m nginx 2>&1") for node in APP]
    lines = [line for text in texts for line in text.splitlines() if word in line]
    assert len(lines) == 1, lines
    return lines[0]


@pytest.mark.parametrize("node", [*DATA, *APP])
def test_a_node_serves_what_is_ours_and_nothing_else(node: str) -> None:
    ours = {2379, 2380, 5432, 8008} if node in DATA else {80, 443, 5432, 8080, 8404, 8443}
    assert listening(node) - {22} == ours


def test_what_is_pushed_is_in_the_bucket_of_the_site(client: Client) -> None:
    """The bytes there are those that the client made, in more than one part; nodes keep none."""
    image = build(12_000_000)
    client.push("library/mixed", "bytes", image)
    assert client.pull("library/mixed", image.digest) > 12_000_000
    name = digest_of(image.layer).removeprefix("sha256:")
    path = f"/srv/s3/data/registry/docker/registry/v2/blobs/sha256/{name[:2]}/{name}/data"
    assert LAB.run("services", "sha256sum", path).split()[0] == name
    for node in APP:
        assert LAB.run(node, "find", "/var/lib/harbor/registry", "-type", "f") == ""


def test_every_node_uses_the_redis_of_the_site() -> None:
    connected = LAB.run("services", "ss", "-Htn", "state", "established", "sport", "=", ":6390")
    peers = {line.split()[3].rsplit(":", 1)[0] for line in connected.splitlines()}
    assert peers == {LAB.addresses[node] for node in APP}


def test_status_knows_which_tiers_are_ours(tmp_path: Path) -> None:
    play("status", "-e", f"status_file={tmp_path}/status.json")
    seen: dict[str, Any] = json.loads((tmp_path / "status.json").read_text())
    assert (seen["problems"], set(seen["nodes"])) == ([], {*DATA, *APP})
    assert {kind for kind, node in seen["leaders"].items() if node} == {"etcd", "postgresql"}


def test_harbor_learns_who_asks_from_the_load_balancer_in_front() -> None:
    """And from nobody else: what a client says of itself is thrown away, there and at the nodes."""
    for address in (LAB.url, f"https://{LAB.addresses['app1']}"):
        word = secrets.token_hex(8)
        claim = ["--header", f"X-Forwarded-For: {PRETENDED}"]
        subprocess.run(
            ["curl", "--silent", "--fail", "--insecure", "--output", "/dev/null", *claim, f"{address}/api/v2.0/ping?{word}"], check=True
        )
        line = logged(word)
        assert f'"{LAB.own_address()}"' in line and PRETENDED not in line


def test_the_load_balancer_in_front_may_speak_the_proxy_protocol() -> None:
    """Then it must, and nobody else may."""
    word, url = secrets.token_hex(8), f"https://{LAB.addresses['app1']}/api/v2.0/ping"
    ask = ["curl", "--silent", "--fail", "--insecure", "--output", "/dev/null", "--max-time", "5"]
    site = ("site", "--tags", "load_balancer")
    play(*site, "-e", "load_balancer_proxy_protocol=true")
    try:
        LAB.run("services", *ask, "--haproxy-clientip", PRETENDED, f"{url}?{word}")
        assert f'"{PRETENDED}"' in logged(word)
        with pytest.raises(Broken):
            LAB.run("services", *ask, url)
        LAB.run("data1", *ask, url)
        with pytest.raises(Broken):
            LAB.run("data1", *ask, "--haproxy-clientip", PRETENDED, url)
    finally:
        play(*site)


def test_a_drill_kills_the_leader_and_all_is_well_again(client: Client) -> None:
    former = LAB.status()["leaders"]["postgresql"]
    play("failover_drill", "-e", "failover_drill_target=postgresql_leader", "-e", "failover_drill_seconds=60")
    assert LAB.status()["leaders"]["postgresql"] != former
    round_trip(client)


@pytest.mark.parametrize("node", ["leader", "app2"])
def test_harbor_goes_on_while_a_node_is_under_maintenance(client: Client, node: str) -> None:
    node = LAB.status()["leaders"]["postgresql"] if node == "leader" else node
    drained = LAB.play("maintenance", "-e", f"maintenance_node={node}")
    assert drained.rc == 0, drained.output[-3000:]
    try:
        round_trip(client)
    finally:
        play("maintenance", "-e", f"maintenance_node={node}", "-e", "maintenance_state=undrain")


def test_all_tiers_are_restarted_one_after_another(client: Client) -> None:
    play("rolling_restart")
    round_trip(client)
    assert play("site").changed == 0
