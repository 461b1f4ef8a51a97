# Copyright: the dockmaster.harbor contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is special where every tier has machines of its own: nobody runs another tier's programs, and storage loses two nodes of four."""

from __future__ import annotations

import json
import secrets

import pytest
from cluster import APP, BALANCERS, ETCD, LAB, MINIO, POSTGRESQL, VIRTUAL_ADDRESS, eventually, on
from s3 import registry_client

UNITS = {
    "etcd": {"etcd"},
    "postgresql": {"patroni"},
    "redis": {"redis-server", "redis-sentinel"},
    "minio": {"minio"},
    "load_balancer": {"haproxy", "keepalived"},
    "harbor": {"docker", "harbor"},
}


def running(name: str) -> set[str]:
    """Which of the tiers' units a node runs."""
    every = sorted(set().union(*UNITS.values()))
    states = on(name).run(f"systemctl is-active {' '.join(every)}").stdout.split()
    return {unit for unit, state in zip(every, states, strict=True) if state == "active"}


@pytest.mark.parametrize("tier", UNITS)
def test_a_node_runs_its_own_tier_alone(tier: str) -> None:
    assert {name: running(name) for name in LAB.tiers[tier]} == dict.fromkeys(LAB.tiers[tier], UNITS[tier])


@pytest.mark.parametrize("name", POSTGRESQL)
def test_patroni_asks_every_etcd(name: str) -> None:
    settings = on(name).check_output("cat /etc/dockmaster/postgresql/patroni.yml")
    assert [address for address in ETCD.values() if f"{address}:2379" not in settings] == []


@pytest.mark.parametrize("name", APP)
def test_harbor_reaches_database_redis_and_s3_at_the_virtual_address(name: str) -> None:
    core = dict(line.split("=", 1) for line in on(name).check_output("cat /opt/harbor/core.env").splitlines() if "=" in line)
    assert core["POSTGRESQL_HOST"].strip("'") == VIRTUAL_ADDRESS
    assert f"{VIRTUAL_ADDRESS}:6379" in on(name).check_output("cat /opt/harbor/core.secrets.env")
    assert f"https://{VIRTUAL_ADDRESS}:9000" in on(name).check_output("cat /opt/harbor/registry/config.yml")


def test_one_stripe_over_eight_drives() -> None:
    """Four of eight may be gone for readers, three for writers: a node, and a drive of another."""
    info = json.loads(on(next(iter(MINIO))).check_output("/etc/dockmaster/minio/mc --json admin info cluster"))["info"]
    assert (info["backend"]["standardSCParity"], info["backend"]["totalDrivesPerSet"]) == (4, [8])


def test_storage_writes_without_one_node_and_reads_without_two() -> None:
    first, second, third, _ = MINIO
    registry, body = registry_client(MINIO[first]), secrets.token_bytes(300_000)
    path = f"/registry/test/{secrets.token_hex(8)}"
    stopped = [second, third]
    try:
        on(second).check_output("systemctl stop minio")
        assert eventually(lambda: registry.call("PUT", path, body)[0] == 200, 30)
        on(third).check_output("systemctl stop minio")
        assert eventually(lambda: registry.call("GET", path) == (200, body), 60)
        assert registry.call("PUT", f"{path}-more", body)[0] == 503
    finally:
        for name in stopped:
            on(name).check_output("systemctl start minio")
    LAB.wait_until_well(120)
    assert registry.call("DELETE", path)[0] == 204


def test_maintenance_of_the_load_balancer_that_holds_the_address() -> None:
    LAB.wait_until_well(120)
    name = LAB.status()["leaders"]["load_balancer"]
    done = LAB.play("maintenance", "-e", f"maintenance_node={name}")
    assert done.rc == 0, done.output[-3000:]
    assert LAB.status()["leaders"]["load_balancer"] in [other for other in BALANCERS if other != name]
    done = LAB.play("maintenance", "-e", f"maintenance_node={name}", "-e", "maintenance_state=undrain")
    assert done.rc == 0, done.output[-3000:]
    LAB.wait_until_well(120)
