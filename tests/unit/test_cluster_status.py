# Copyright: the dockmaster.harbor contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The filter cluster_status: a whole cluster is well, and each single fault is named."""

from __future__ import annotations

import copy

import pytest
from ansible_collections.dockmaster.harbor.plugins.filter.cluster_status import cluster_status

from tests.nodes import TIERS, cluster


@pytest.fixture
def nodes() -> dict:
    return cluster()


def problems(nodes: dict) -> list[str]:
    return cluster_status(nodes, TIERS)["problems"]


def test_a_whole_cluster_is_well(nodes: dict) -> None:
    seen = cluster_status(nodes, TIERS)
    assert seen["problems"] == []
    assert seen["page"][0] == "All is well."
    assert seen["leaders"] == {"etcd": "data1", "postgresql": "data1", "redis": "data1", "minio": "", "load_balancer": "app1", "harbor": ""}


def test_a_load_balancer_counts_the_servers_of_each_service(nodes: dict) -> None:
    nodes["app1"]["load_balancer"]["servers"].update({"postgresql/data1": "UP", "postgresql/data2": "DOWN", "postgresql/data3": "DOWN"})
    assert (
        "  load_balancer  app1             holds 192.0.2.10, up: harbor 2 of 2, postgresql 1 of 3" in cluster_status(nodes, TIERS)["page"]
    )


def test_the_page_shows_every_member_and_host(nodes: dict) -> None:
    lines = [line.split()[:2] for line in cluster_status(nodes, TIERS)["page"] if line.startswith("  ")]
    assert sorted(lines) == sorted(
        [[tier, name] for tier, members in TIERS.items() for name in members]
        + [["host", name] for name in nodes]
        + [["etcd", "quorum"], ["redis", "quorum"]]
    )


def test_the_quorum_is_told(nodes: dict) -> None:
    nodes["data2"] = {}
    seen = cluster_status(nodes, TIERS)
    assert seen["quorum"]["etcd"] == {"answering": 2, "members": 3, "needed": 2}
    assert any("2 of 3 members answer, 2 are needed" in line for line in seen["page"])


FAULTS = [
    (lambda nodes: nodes.update(data2={}), "etcd: data2 cannot be reached"),
    (lambda nodes: nodes["data2"].pop("redis"), "redis: not installed on data2"),
    (lambda nodes: nodes["data2"].update(postgresql={"error": "refused"}), "postgresql: data2: refused"),
    (lambda nodes: nodes["data1"]["etcd"].update(leader=False), "etcd: no leader"),
    (lambda nodes: nodes["data2"]["etcd"].update(leader=True), "etcd: 2 leaders: data1, data2"),
    (
        lambda nodes: nodes["data2"]["etcd"].update(members=["data1", "data2"]),
        "etcd: data2 counts the voters data1, data2, the inventory says data1, data2, data3",
    ),
    (lambda nodes: nodes["data2"]["etcd"].update(problems=["NOSPACE"]), "etcd: data2: NOSPACE"),
    (lambda nodes: nodes["data2"]["postgresql"].update(role="leader", state="running"), "postgresql: 2 leaders: data1, data2"),
    (lambda nodes: nodes["data3"]["postgresql"].update(state="starting"), "postgresql: data3 is starting"),
    (lambda nodes: nodes["data3"]["postgresql"].update(state="running"), "postgresql: data3 is running"),
    (lambda nodes: nodes["data3"]["postgresql"].update(pending_restart=True), "postgresql: data3 waits for a restart"),
    (
        lambda nodes: nodes["data3"]["postgresql"]["members"].append({"name": "data9", "role": "replica", "state": "streaming", "lag": 0}),
        "postgresql: data9 is a member that the inventory does not name",
    ),
    (
        lambda nodes: nodes["data1"]["postgresql"]["members"][2].update(role="replica"),
        "postgresql: data3 may not take over, it is not in step with the leader",
    ),
    (
        lambda nodes: [entry.update(role="replica") for entry in nodes["data1"]["postgresql"]["members"][1:]],
        "postgresql: no member may take over, none is in step with the leader",
    ),
    (lambda nodes: nodes["data3"]["postgresql"].update(paused=True), "postgresql: data3 is paused, nobody takes over"),
    (lambda nodes: nodes["data3"]["redis"].update(linked=False), "redis: data3 has lost its master"),
    (lambda nodes: nodes["data1"]["redis"].update(replicas=1), "redis: the master data1 has 1 replicas instead of 2"),
    (lambda nodes: nodes["data1"]["redis"].update(sentinels=4), "redis: the Sentinel of data1 knows 4 Sentinels, the inventory has 3"),
    (
        lambda nodes: nodes["data1"]["redis"].update(followed="192.0.2.12"),
        "redis: the Sentinels follow different masters: 192.0.2.11, 192.0.2.12",
    ),
    (lambda nodes: nodes["data1"]["redis"].update(flags="o_down,master"), "redis: for the Sentinel of data1 the master is o_down,master"),
    (lambda nodes: nodes["data1"]["minio"].update(drives_ok=5), "minio: 1 of 6 drives are not well"),
    (lambda nodes: nodes["data1"]["minio"].update(healing=2), "minio: 2 of 6 drives are being healed"),
    (lambda nodes: nodes["data1"]["minio"]["servers"].update({"192.0.2.13:9000": "offline"}), "minio: 192.0.2.13:9000 is offline"),
    (lambda nodes: nodes["app1"]["load_balancer"]["addresses"].update({"192.0.2.10": False}), "load_balancer: no holder of 192.0.2.10"),
    (
        lambda nodes: nodes["app1"]["load_balancer"]["servers"].update({"s3/data1": "DOWN", "s3/data2": "DOWN 1/2"}),
        "load_balancer: app1 has no server for s3",
    ),
    (lambda nodes: nodes["app2"]["harbor"]["components"].update(registry="unhealthy"), "harbor: registry is unhealthy on app2"),
    (lambda nodes: nodes["app2"]["harbor"]["containers"].update(nginx="Exited (137)"), "harbor: nginx is Exited (137) on app2"),
    (lambda nodes: nodes["app2"]["harbor"].update(drained="maintenance"), "harbor: app2 is drained (maintenance)"),
    (lambda nodes: nodes["app2"]["harbor"].update(version="2.15.1"), "harbor: different versions: 2.15.1, 2.15.2"),
    (
        lambda nodes: nodes["app2"]["load_balancer"].update(taken_out=["postgresql/data2"]),
        "load_balancer: postgresql/data2 is taken out of service on app2",
    ),
    (
        lambda nodes: nodes["app2"]["load_balancer"].update(keepalived=False),
        "load_balancer: keepalived does not run on app2, which can hold no address",
    ),
    (
        lambda nodes: nodes["app1"]["load_balancer"]["servers"].update({"harbor/app2": "MAINT"}),
        "load_balancer: app1 uses 1 of 2 servers for harbor",
    ),
    (
        lambda nodes: nodes["data1"]["certificates"].update({"/etc/dockmaster/pki/node.crt": "no certificate"}),
        "certificates: /etc/dockmaster/pki/node.crt on data1: no certificate",
    ),
    (lambda nodes: nodes["data1"].update(disk={"error": "OSError: gone"}), "disk: error on data1: OSError: gone"),
    (
        lambda nodes: nodes["data1"]["certificates"].update({"/etc/dockmaster/pki/node.crt": 13}),
        "certificates: /etc/dockmaster/pki/node.crt on data1 ends in 13 days",
    ),
    (lambda nodes: nodes["data1"]["disk"].update({"/": {"size": 1000, "free": 99}}), "disk: / on data1 has 99 B of 1000 B left"),
]


@pytest.mark.parametrize(("fault", "message"), FAULTS, ids=[message for _, message in FAULTS])
def test_each_fault_is_named(nodes: dict, fault, message: str) -> None:
    before = copy.deepcopy(nodes)
    fault(nodes)
    assert nodes != before
    assert message in problems(nodes)
