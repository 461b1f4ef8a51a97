# Copyright: the dockmaster.harbor contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A compact cluster that is well, as its nodes tell it (playbooks/files/status.py): what tests break, one thing at a time."""

from __future__ import annotations

from typing import Any

DATA, APP = ["data1", "data2", "data3"], ["app1", "app2"]
TIERS = {"etcd": DATA, "postgresql": DATA, "redis": DATA, "minio": DATA, "load_balancer": APP, "harbor": APP}
ADDRESSES = {name: f"192.0.2.{number}" for number, name in enumerate([*DATA, "data4", *APP, "app3"], start=11)}
SHARED = "192.0.2.10"
Said = dict[str, dict[str, Any]]


def data(name: str, alive: list[str] = DATA) -> dict[str, Any]:
    """What a data node says; data1 leads, those that are not alive are missed."""
    first = name == "data1"
    roles = {member: "leader" if member == "data1" else "quorum_standby" for member in alive}
    return {
        "etcd": {"name": name, "version": "3.5.16", "leader": first, "size": 4096, "problems": [], "members": DATA, "learners": []},
        "postgresql": {
            "name": name,
            "role": "leader" if first else "replica",
            "state": "running" if first else "streaming",
            "version": 170006,
            "pending_restart": False,
            "paused": False,
            "synchronous": True,
            "members": [{"name": member, "role": role, "state": "running", "lag": 0} for member, role in roles.items()],
        },
        "redis": {
            "address": ADDRESSES[name],
            "role": "master" if first else "replica",
            "linked": True,
            "replicas": len(alive) - 1 if first else 0,
            "version": "8.0.2",
            "memory": 1048576,
            "followed": ADDRESSES["data1"],
            "sentinels": 3,
            "quorum": 2,
            "flags": "master",
        },
        "minio": {
            "endpoint": f"{ADDRESSES[name]}:9000",
            "mode": "online",
            "servers": {f"{ADDRESSES[member]}:9000": "online" if member in alive else "offline" for member in DATA},
            "drives": 6,
            "drives_ill": {
                f"{ADDRESSES[member]}:9000": [f"https://{ADDRESSES[member]}:9000/srv/minio/drive1"]
                for member in DATA
                if member not in alive
            },
            "drives_ok": 2 * len(alive),
            "healing": 0,
        },
        "certificates": {"/etc/dockmaster/pki/node.crt": 396},
        "disk": {"/": {"size": 100, "free": 50}},
    }


def app(holds: bool, up: list[str] = APP) -> dict[str, Any]:
    """What an app node says: whether it holds the shared address, and the app nodes that its load balancer uses."""
    return {
        "load_balancer": {
            "servers": {f"harbor/{one}": "UP" if one in up else "DOWN" for one in APP},
            "addresses": {SHARED: holds},
            "keepalived": True,
            "taken_out": [],
            "drained": [],
        },
        "harbor": {
            "version": "2.15.2",
            "containers": {"nginx": "Up 2 minutes (healthy)"},
            "components": {"core": "healthy", "registry": "healthy"},
            "drained": "",
            "directory": "/opt/harbor",
        },
    }


def cluster(dead: str = "", holder: str = "app1") -> Said:
    """What all nodes say; a dead data node says nothing, and its peers miss it."""
    alive = [one for one in DATA if one != dead]
    return {**{one: data(one, alive) for one in alive}, **{one: app(one == holder) for one in APP}}
