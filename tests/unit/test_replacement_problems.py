# Copyright: the dockmaster.harbor contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The filter replacement_problems: a node goes while the rest is well, dead or alive, and whatever is ill in the rest is named."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

import pytest
from ansible_collections.dockmaster.harbor.plugins.filter.replacement_problems import replacement_problems

from tests.nodes import ADDRESSES, APP, DATA, TIERS, Said, app, cluster

NEW_DATA, NEW_APP = ["data1", "data2", "data4"], ["app1", "app3"]


def problems(old: str, said: Said) -> list[str]:
    """Of the inventory in which data4 is in the place of data3, or app3 in that of app2."""
    members = {"data3": (NEW_DATA, APP), "app2": (DATA, NEW_APP)}[old]
    tiers = {tier: members[tier in ("load_balancer", "harbor")] for tier in TIERS}
    return replacement_problems({"data4": {"disk": {}}, "app3": {"disk": {}}, **said}, old, tiers)


def drained() -> Said:
    """What the header of the playbook asks for: app2 is out of service before it goes, and app1 does without it."""
    said = {**cluster(), "app1": app(True, ["app1"]), "app2": app(False, ["app1"])}
    said["app1"]["load_balancer"]["taken_out"] = said["app2"]["load_balancer"]["taken_out"] = ["harbor/app2"]
    said["app2"]["harbor"]["drained"] = "maintenance"
    return said


def half_way() -> Said:
    """A run was cut off after etcd: data4 votes instead of data3."""
    said = cluster(dead="data3")
    for name in ("data1", "data2"):
        said[name]["etcd"] = {**said[name]["etcd"], "members": NEW_DATA}
    said["data3"] = {tier: {"error": "refused"} for tier in said["data1"]}
    said["data4"] = {"etcd": {**said["data2"]["etcd"], "name": "data4"}}
    return said


def leading(node: str) -> Said:
    """A cluster in which this data node leads, instead of data1."""
    said = cluster()
    for tier, values in {"etcd": {"leader"}, "postgresql": {"role", "state"}, "redis": {"role", "replicas"}}.items():
        for key in values:
            said["data1"][tier][key], said[node][tier][key] = said[node][tier][key], said["data1"][tier][key]
    return said


GO: dict[str, tuple[str, Said]] = {
    "a dead data node": ("data3", cluster(dead="data3")),
    "a dead data node without a word": ("data3", {**cluster(dead="data3"), "data3": {}}),
    "a living data node": ("data3", cluster()),
    "the leader of everything": ("data3", leading("data3")),
    "the holder of the address": ("app2", cluster(holder="app2")),
    "an ill node": ("data3", {**cluster(), "data3": {tier: {"error": "refused"} for tier in cluster()["data3"]}}),
    "a drained node": ("app2", drained()),
    "a run that was cut off": ("data3", half_way()),
}


@pytest.mark.parametrize("case", GO)
def test_a_node_may_go_while_the_rest_is_well(case: str) -> None:
    old, said = GO[case]
    assert problems(old, said) == []


def ill(*path: str, value: Any) -> Callable[[Said], None]:
    """Something is different: node, tier and key, and what it says."""

    def change(said: Said) -> None:
        inner = said
        for key in path[:-1]:
            inner = inner[key]
        inner[path[-1]] = value

    return change


REFUSED: dict[str, tuple[str, Callable[[Said], Any], str]] = {
    "an ill part": ("app2", ill("app1", "harbor", "components", value={"registry": "ill"}), "harbor: registry is ill on app1"),
    "nobody else": ("app2", lambda said: said["app1"].pop("harbor"), "harbor: no other node has it; let the new one in first (scale_out)"),
    "nobody uses it": ("app2", ill("app1", value=app(True, ["app2"])), "load_balancer: no requests are sent to app1"),
    "another dead node": ("data3", ill("data2", value={}), "data2 cannot be reached"),
    "a dead newcomer": ("data3", ill("data4", value={}), "data4 cannot be reached"),
    "a silent database": ("data3", ill("data2", "postgresql", value={"error": "off"}), "postgresql: data2: off"),
    "a silent store": ("data3", ill("data1", "minio", value={"error": "off"}), "minio: data1: off"),
    "nobody leads": ("data3", ill("data1", "redis", "role", value="replica"), "redis: no master"),
    "two lead": ("data3", ill("data2", "etcd", "leader", value=True), "etcd: 2 leaders: data1, data2"),
    "a stranger votes": (
        "data3",
        ill("data1", "etcd", "members", value=[*DATA, "data9"]),
        "etcd: the voters and the inventory differ in data9",
    ),
    "a server is off": (
        "data3",
        ill("data1", "minio", "servers", value={f"{ADDRESSES['data2']}:9000": "offline", f"{ADDRESSES['data1']}:9000": "online"}),
        f"minio: {ADDRESSES['data2']}:9000 is offline",
    ),
    "a drive is ill": (
        "data3",
        ill("data1", "minio", "drives_ill", value={f"{ADDRESSES['data2']}:9000": ["https://192.0.2.12:9000/srv"]}),
        "minio: https://192.0.2.12:9000/srv is not well, or is being healed",
    ),
}


@pytest.mark.parametrize("case", REFUSED)
def test_a_node_stays_while_the_rest_is_ill(case: str) -> None:
    old, change, message = REFUSED[case]
    said = {"data4": {"disk": {}}, **copy.deepcopy(cluster())}
    change(said)
    assert problems(old, said) == [message]


@pytest.mark.parametrize("said", [{}, {tier: {"error": "refused"} for tier in TIERS}], ids=["gone", "ill"])
def test_data_that_one_node_alone_has_is_not_given_up_unasked(said: dict[str, Any]) -> None:
    """Another machine in the place of the only one would found an empty cluster."""
    nodes, tiers = {"data1": said, "data2": {"disk": {}}}, dict.fromkeys(TIERS, ["data2"])
    found = replacement_problems(nodes, "data1", tiers)
    assert [problem.split(":")[0] for problem in found] == ["etcd", "postgresql", "redis", "minio"]
    assert all("on data1 alone" in problem and "replace_node_lost=true" in problem for problem in found)
    assert replacement_problems(nodes, "data1", tiers, lost=True) == []


def test_every_ill_thing_is_named_at_once() -> None:
    said = copy.deepcopy(cluster())
    for case in ("a silent database", "nobody leads", "a drive is ill"):
        REFUSED[case][1](said)
    assert len(problems("data3", said)) == 3
