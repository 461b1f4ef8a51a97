# Copyright: the dockmaster.harbor contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Harbor on services of somebody else: it works with them, keeps nothing itself, refuses what they do not take. `host` is theirs."""

from __future__ import annotations

import json
import os
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import testinfra

from tests.failover.lab import Lab
from tests.failover.registry import Client, build, digest_of

LAB = Lab("external", Path(os.environ["DOCKMASTER_SECRETS"]))
APP = {"app1": "10.89.60.21", "app2": "10.89.60.22"}
URL = "https://10.89.60.10"
DATABASE = "registry_production"
BUCKET = "/srv/s3/data/images"
SIZE = 12_000_000  # more than one part of a multipart upload


def on(name: str) -> Any:
    """A node of the scenario, over SSH, with sudo."""
    return testinfra.get_host(f"ssh://{name}", ssh_config=str(LAB.directory / "ssh_config"), sudo=True)


def ask(host: Any, sql: str) -> str:
    """One value, as the administrator of the databases."""
    return str(host.check_output(f"cd / && runuser -u postgres -- psql -p 5433 -d {DATABASE} -Atc {json.dumps(sql)}"))


def health(name: str) -> dict[str, str]:
    """Component to status, as core itself says."""
    answer = on(name).run("docker exec harbor-core curl --silent --fail http://127.0.0.1:8080/api/v2.0/health")
    return {part["name"]: part["status"] for part in json.loads(answer.stdout)["components"]} if answer.rc == 0 else {}


def balanced(host: Any) -> dict[str, str]:
    """Node to what the load balancer thinks of it."""
    command = "python3 -c \"import socket; s = socket.socket(socket.AF_UNIX); s.connect('/run/haproxy/admin.sock');"
    command += " s.sendall(b'show stat\\n'); print(b''.join(iter(lambda: s.recv(65536), b'')).decode())\""
    rows = [line.split(",") for line in host.check_output(command).splitlines() if line.startswith("nodes,")]
    return {row[1]: row[17] for row in rows if row[1] in APP}


def until(right: Any, seconds: float = 90) -> None:
    """Wait for something to become true."""
    end = time.monotonic() + seconds
    while not right():
        assert time.monotonic() < end, f"not within {seconds} s"
        time.sleep(1)


@pytest.fixture
def client(vault: dict[str, Any]) -> Iterator[Client]:
    """A client of the registry, through the site's load balancer; it trusts the site's authority alone."""
    made = Client(URL, "admin", vault["vault_harbor_admin_password"], ca=str(LAB.directory / "site.crt"))
    yield made
    made.close()


@pytest.mark.parametrize("name", APP)
def test_every_component_is_healthy_on_every_node(name: str) -> None:
    """After a reboot the services come last, and the nodes notice within a few seconds that they are back."""
    until(lambda: set(health(name).values()) == {"healthy"})
    assert {"core", "database", "redis", "registry"} <= set(health(name))


def test_the_load_balancer_uses_every_node(host: Any) -> None:
    until(lambda: balanced(host) == {"app1": "UP", "app2": "UP"})


@pytest.mark.parametrize("name", APP)
def test_a_node_runs_none_of_the_services(name: str) -> None:
    for package in ("etcd-server", "haproxy", "keepalived", "patroni", "postgresql-17", "redis-server"):
        assert not on(name).package(package).is_installed, package
    assert not on(name).file("/usr/local/bin/minio").exists


def test_what_is_pushed_is_in_the_bucket_and_survives_a_restart(host: Any, client: Client) -> None:
    """The bytes in the second S3 are those that the client made; nodes keep none; a node that was restarted serves them too."""
    image = build(SIZE)
    client.push("library/external", f"t{time.time_ns()}", image)
    assert client.pull("library/external", image.digest) > SIZE
    for blob in (image.layer, image.config, image.manifest):
        name = digest_of(blob).removeprefix("sha256:")
        path = f"{BUCKET}/harbor/docker/registry/v2/blobs/sha256/{name[:2]}/{name}/data"
        assert host.check_output(f"sha256sum {path}").split()[0] == name
    for name in APP:
        assert on(name).check_output("find /var/lib/harbor/registry -type f") == ""
    on("app1").check_output("systemctl restart harbor")
    until(lambda: set(health("app1").values()) == {"healthy"})
    until(lambda: balanced(host)["app1"] == "UP")
    for _ in range(4):  # by turns
        client.close()
        assert client.pull("library/external", image.digest) > SIZE


def test_the_owner_has_no_more_than_its_database(host: Any) -> None:
    rights = ask(
        host, "select rolsuper, rolcreatedb, rolcreaterole, rolreplication, rolconnlimit from pg_roles where rolname='registry_owner'"
    )
    assert rights == "f|f|f|f|170"
    assert int(ask(host, "select count(*) from pg_tables where schemaname = 'public' and tableowner = 'registry_owner'")) > 0


def test_every_session_of_the_database_is_encrypted(host: Any) -> None:
    sql = "select count(*), count(*) filter (where ssl) from pg_stat_activity join pg_stat_ssl using (pid) where usename = 'registry_owner'"
    total, encrypted = map(int, ask(host, sql).split("|"))
    assert total == encrypted > 0


def test_redis_holds_what_nodes_share(host: Any, vault: dict[str, Any]) -> None:
    command = "redis-cli --tls --cacert /etc/site/ca.crt -h 10.89.60.10 -p 6390 --no-auth-warning"
    seen = host.check_output(f"REDISCLI_AUTH=$(sed -n 's/^requirepass //p' /etc/redis/redis.conf) {command} INFO keyspace")
    assert "db" in seen and vault["vault_redis_password"] not in seen


@pytest.mark.parametrize(
    ("method", "path"), [("PUT", "/another"), ("DELETE", "/images"), ("GET", "/images?policy="), ("GET", "/others?list-type=2")]
)
def test_the_user_of_the_bucket_may_do_nothing_else(vault: dict[str, Any], method: str, path: str) -> None:
    command = ["curl", "--silent", "--cacert", str(LAB.directory / "site.crt"), "--config", "-", "--aws-sigv4", "aws:amz:eu-lab-1:s3"]
    empty = digest_of(b"").removeprefix("sha256:")
    command += ["--header", f"x-amz-content-sha256: {empty}", "--request", method, "--output", "/dev/null", "--write-out", "%{http_code}"]
    settings = f'user = "images-user:{vault["vault_minio_registry_secret_key"]}"\n'
    done = subprocess.run([*command, f"{URL}:7071{path}"], input=settings, capture_output=True, text=True, check=True)
    assert done.stdout == "403"


REFUSED = {
    "a wrong S3 secret": (
        {"harbor_s3_secret_key": "canary-secret"},
        ["harbor_s3_secret_key is not the one of harbor_s3_access_key images-user"],
    ),
    "an unknown S3 key": ({"harbor_s3_access_key": "nobody"}, ["harbor_s3_access_key nobody is not known there"]),
    "a missing bucket": ({"harbor_s3_bucket": "missing"}, ["harbor_s3_bucket missing is not there"]),
    "another's bucket": ({"harbor_s3_bucket": "others"}, ["images-user may not do s3:ListBucket in harbor_s3_bucket others"]),
    "no S3 there": ({"harbor_s3_endpoint": "https://10.89.60.10:7072"}, ["harbor_s3_endpoint https://10.89.60.10:7072: no answer"]),
    "an authority that did not sign": (
        {"harbor_s3_ca_file": "/etc/dockmaster/pki/ca.crt", "harbor_redis_ca_file": "/etc/dockmaster/pki/ca.crt"},
        ["harbor_s3_endpoint https://10.89.60.10:7071: the certificate is not good", "harbor_redis_port 6390: the certificate is not good"],
    ),
    "wrong passwords": (
        {"harbor_database_password": "canary-secret", "harbor_redis_password": "canary-secret"},
        ['password authentication failed for user "registry_owner"', "Redis says WRONGPASS"],
    ),
    "larger pools than the limit": (
        # With no limit of our own, which is refused without asking anybody.
        {"harbor_database_max_open_connections": "60", "harbor_database_connection_limit": "0"},
        ["grants 170 connections to harbor_database_username registry_owner", "240 may be opened"],
    ),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_a_service_does_not_take_is_refused_before_a_change(case: str) -> None:
    """One message that names the variable, and no task that changed anything."""
    variables, messages = REFUSED[case]
    # The authority of the database stays trusted by all three, as in the containers: here it must not be.
    trust = {"harbor_database_ca_file": "", "harbor_database_sslmode": "disable"} if "authority" in case else {}
    done = LAB.play("site", "--tags", "harbor", "-e", json.dumps({**variables, **trust}))
    text = " ".join(done.output.split())
    assert done.rc != 0, text[-3000:]
    assert [message for message in messages if message not in text.replace('\\"', '"')] == [], text[-3000:]
    assert "canary-secret" not in done.output
    assert done.changed == 0, text[-1500:]


def test_status_knows_that_the_tiers_are_not_ours(tmp_path: Path) -> None:
    done = LAB.play("status", "-e", f"status_file={tmp_path}/status.json")
    assert done.rc == 0, done.output[-3000:]
    seen = json.loads((tmp_path / "status.json").read_text())
    assert (seen["problems"], set(seen["nodes"])) == ([], set(APP))


def test_a_node_under_maintenance_gets_nothing_from_the_load_balancer(host: Any, client: Client) -> None:
    """A drained node says 404 to the site's load balancer; pushes go on through the other one."""
    done = LAB.play("maintenance", "-e", "maintenance_node=app2")
    assert done.rc == 0, done.output[-3000:]
    try:
        until(lambda: balanced(host)["app2"] == "DOWN", 15)
        image = build(1000)
        client.push("library/external", "maintenance", image)
        assert client.pull("library/external", image.digest) > 1000
    finally:
        done = LAB.play("maintenance", "-e", "maintenance_node=app2", "-e", "maintenance_state=undrain")
    assert done.rc == 0, done.output[-3000:]
    until(lambda: balanced(host)["app2"] == "UP", 30)
