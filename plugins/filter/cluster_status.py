# Copyright: the dockmaster.harbor contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Make one judgement and one readable page out of what every node says of itself."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

DOCUMENTATION = r"""
name: cluster_status
short_description: problems of a cluster, and a page that shows it
version_added: 1.0.0
author: dockmaster.harbor contributors
description:
  - Compares what the nodes say of themselves (C(playbooks/files/status.py)) with each other and with the inventory.
  - Used by the playbooks C(status), C(failover_drill), C(rolling_restart) and C(replace_node).
options:
  _input:
    description: What each node says, by inventory name; empty for a node that could not be asked.
    type: dict
    required: true
  tiers:
    description: "Inventory names of the members of each tier: etcd, postgresql, redis, minio, load_balancer, harbor."
    type: dict
    required: true
  certificate_days:
    description: A certificate that ends sooner is a problem.
    type: int
    default: 14
  disk_percent:
    description: A file system with less free space than so many per cent is a problem.
    type: int
    default: 10
"""

EXAMPLES = r"""
- name: Show the problems of a cluster
  ansible.builtin.debug:
    msg: "{{ (seen | dockmaster.harbor.cluster_status(tiers={'etcd': groups['harbor_etcd']})).problems }}"
"""

RETURN = r"""
_value:
  description:
    - C(problems) is a list of texts, each beginning with the tier; C(page) is a list of lines; C(leaders) names the leading member of
      etcd, postgresql and redis and the holder of the virtual addresses, empty when there is not exactly one; C(quorum) says of etcd and
      redis (the Sentinels) how many members answer, how many there are, and how many are needed to decide anything.
  type: dict
"""

TIERS = ("etcd", "postgresql", "redis", "minio", "load_balancer", "harbor")
VOTING = ("etcd", "redis")
Nodes = dict[str, dict[str, Any]]


def _size(number: float) -> str:
    """Bytes as people read them."""
    for unit in ("B", "KiB", "MiB", "GiB"):
        if number < 1024:
            return f"{number:.0f} {unit}"
        number /= 1024
    return f"{number:.1f} TiB"


def _answers(nodes: Nodes, tier: str, members: list[str]) -> tuple[Nodes, list[str]]:
    """The members that answer with what they say, and the problems of the others."""
    good, problems = {}, []
    for name in members:
        said = nodes.get(name, {}).get(tier)
        if not nodes.get(name):
            problems.append(f"{tier}: {name} cannot be reached")
        elif said is None:
            problems.append(f"{tier}: not installed on {name}")
        elif "error" in said:
            problems.append(f"{tier}: {name}: {said['error']}")
        else:
            good[name] = said
    return good, problems


def _leader(found: list[str], tier: str, what: str) -> Iterator[str]:
    """A problem unless there is exactly one."""
    if len(found) != 1:
        yield f"{tier}: {len(found)} {what}s: {', '.join(found)}" if found else f"{tier}: no {what}"


def _etcd(good: Nodes, members: list[str]) -> Iterator[str]:
    yield from _leader([name for name, said in good.items() if said["leader"]], "etcd", "leader")
    for name, said in good.items():
        if said["members"] != sorted(members):
            yield f"etcd: {name} counts the voters {', '.join(said['members'])}, the inventory says {', '.join(sorted(members))}"
        yield from (f"etcd: {name}: {problem}" for problem in said["problems"])


def _postgresql(good: Nodes, members: list[str]) -> Iterator[str]:
    yield from _leader([name for name, said in good.items() if said["role"] == "leader"], "postgresql", "leader")
    for name, said in good.items():
        if said["state"] not in ("running", "streaming") or (said["role"] == "replica" and said["state"] != "streaming"):
            yield f"postgresql: {name} is {said['state']}"
        if said["pending_restart"]:
            yield f"postgresql: {name} waits for a restart"
        if said["paused"]:
            yield f"postgresql: {name} is paused, nobody takes over"
    yield from _standbys(good)
    alive = {entry["name"] for said in good.values() for entry in said["members"] if entry["state"] in ("running", "streaming")}
    yield from (f"postgresql: {name} is a member that the inventory does not name" for name in sorted(alive - set(members)))


def _standbys(good: Nodes) -> Iterator[str]:
    """Who may not take over, because it is behind. With a quorum of standbys all that are in step are in it."""
    one: dict[str, Any] = next(iter(good.values()), {"members": [], "synchronous": False})
    roles = {entry["name"]: entry["role"] for entry in one["members"]}
    if "quorum_standby" in roles.values():
        behind = sorted(name for name, role in roles.items() if role == "replica" and name in good)
        yield from (f"postgresql: {name} may not take over, it is not in step with the leader" for name in behind)
    elif one["synchronous"] and len(roles) > 1 and "sync_standby" not in roles.values():
        yield "postgresql: no member may take over, none is in step with the leader"


def _redis(good: Nodes, members: list[str]) -> Iterator[str]:
    yield from _leader([name for name, said in good.items() if said["role"] == "master"], "redis", "master")
    followed = sorted({said["followed"] for said in good.values()})
    if len(followed) > 1:
        yield f"redis: the Sentinels follow different masters: {', '.join(followed)}"
    for name, said in good.items():
        if not said["linked"]:
            yield f"redis: {name} has lost its master"
        if said["sentinels"] != len(members):
            yield f"redis: the Sentinel of {name} knows {said['sentinels']} Sentinels, the inventory has {len(members)}"
        if said["flags"] != "master":
            yield f"redis: for the Sentinel of {name} the master is {said['flags']}"
        if said["role"] == "master" and said["replicas"] != len(members) - 1:
            yield f"redis: the master {name} has {said['replicas']} replicas instead of {len(members) - 1}"


def _minio(good: Nodes, members: list[str]) -> Iterator[str]:
    for name, said in list(good.items())[:1]:
        if said["mode"] != "online":
            yield f"minio: {said['mode']}, seen from {name}"
        yield from (f"minio: {server} is {state}" for server, state in sorted(said["servers"].items()) if state != "online")
        if said["drives_ok"] != said["drives"]:
            yield f"minio: {said['drives'] - said['drives_ok']} of {said['drives']} drives are not well"
        if said["healing"]:
            yield f"minio: {said['healing']} of {said['drives']} drives are being healed"


def _load_balancer(good: Nodes, members: list[str]) -> Iterator[str]:
    for address in sorted({address for said in good.values() for address in said["addresses"]}):
        holders = [name for name, said in good.items() if said["addresses"].get(address)]
        yield from _leader(holders, "load_balancer", f"holder of {address}")
    for name, said in good.items():
        yield from (f"load_balancer: {server} is taken out of service on {name}" for server in said["taken_out"])
        if said["addresses"] and not said["keepalived"]:
            yield f"load_balancer: keepalived does not run on {name}, which can hold no address"
        for group, states in _backends(said).items():
            # Of PostgreSQL and Redis only the leader is up.
            if not any(states):
                yield f"load_balancer: {name} has no server for {group}"
            elif group not in ("postgresql", "redis") and not all(states):
                yield f"load_balancer: {name} uses {sum(states)} of {len(states)} servers for {group}"


def _backends(said: dict[str, Any]) -> dict[str, list[bool]]:
    """Which servers of each backend are up."""
    groups: dict[str, list[bool]] = {}
    for server, state in sorted(said["servers"].items()):
        groups.setdefault(server.split("/")[0], []).append(state.startswith("UP"))
    return groups


def _harbor(good: Nodes, members: list[str]) -> Iterator[str]:
    versions = sorted({said["version"] for said in good.values()})
    if len(versions) > 1:
        yield f"harbor: different versions: {', '.join(versions)}"
    for name, said in good.items():
        yield from (f"harbor: {part} is {state} on {name}" for part, state in sorted(said["components"].items()) if state != "healthy")
        yield from (
            f"harbor: {part} is {state} on {name}" for part, state in sorted(said["containers"].items()) if "(healthy)" not in state
        )
        if said["drained"]:
            yield f"harbor: {name} is drained ({said['drained']})"


JUDGES = {"etcd": _etcd, "postgresql": _postgresql, "redis": _redis, "minio": _minio, "load_balancer": _load_balancer, "harbor": _harbor}


def _host(name: str, said: dict[str, Any], days: int, percent: int) -> Iterator[str]:
    """Problems of one host: certificates and disks."""
    for path, left in sorted(said.get("certificates", {}).items()):
        if not isinstance(left, int):
            yield f"certificates: {path} on {name}: {left}"
        elif left < days:
            yield f"certificates: {path} on {name} ends in {left} days"
    for path, state in sorted(said.get("disk", {}).items()):
        if not isinstance(state, dict):
            yield f"disk: {path} on {name}: {state}"
        elif state["free"] * 100 < state["size"] * percent:
            yield f"disk: {path} on {name} has {_size(state['free'])} of {_size(state['size'])} left"


def _line(tier: str, name: str, said: dict[str, Any]) -> str:
    """What a member is doing, in one line."""
    if tier == "etcd":
        text = f"{'leader' if said['leader'] else 'follower'}, {said['version']}, {_size(said['size'])}"
    elif tier == "postgresql":
        lags = {member["name"]: member["lag"] for member in said["members"]}
        lag = lags.get(said["name"], 0)
        behind = "" if said["role"] == "leader" else f", {_size(lag) if isinstance(lag, int) else lag} behind"
        text = f"{said['role']}, {said['state']}, {said['version'] // 10000}.{said['version'] % 10000}{behind}"
    elif tier == "redis":
        text = f"{said['role']}, {said['version']}, {_size(said['memory'])}, {said['sentinels']} Sentinels"
    elif tier == "minio":
        text = f"{said['mode']}, {said['drives_ok']} of {said['drives']} drives, {said['healing']} healing"
    elif tier == "load_balancer":
        held = [address for address, here in sorted(said["addresses"].items()) if here]
        up = ", ".join(f"{group} {sum(states)} of {len(states)}" for group, states in _backends(said).items())
        text = f"{'holds ' + ', '.join(held) if held else 'stands by'}, up: {up}"
    else:
        ill = sum(state != "healthy" for state in said["components"].values())
        all_of_them = len(said["components"])
        text = f"{'drained' if said['drained'] else 'serves'}, {said['version']}, {all_of_them - ill} of {all_of_them} healthy"
    return f"  {tier:<14} {name:<16} {text}"


def _footer(name: str, said: dict[str, Any]) -> str:
    """Certificates and disks of a host, in one line."""
    ends = [left for left in said.get("certificates", {}).values() if isinstance(left, int)]
    disks = {path: state for path, state in said.get("disk", {}).items() if isinstance(state, dict)}
    free = ", ".join(f"{path} {_size(state['free'])}" for path, state in sorted(disks.items()))
    return f"  {'host':<14} {name:<16} certificates {f'{min(ends)} days' if ends else 'none'}, free: {free or 'unknown'}"


def cluster_status(nodes: Nodes, tiers: dict[str, list[str]], certificate_days: int = 14, disk_percent: int = 10) -> dict[str, Any]:
    """Problems, page and leaders of a cluster. See DOCUMENTATION."""
    problems: list[str] = []
    lines: list[str] = []
    leaders: dict[str, str] = {}
    quorum: dict[str, dict[str, int]] = {}
    for tier in TIERS:
        members = list(tiers.get(tier, []))
        if not members:
            continue
        good, silent = _answers(nodes, tier, members)
        problems += [*silent, *JUDGES[tier](good, members)]
        lines += [_line(tier, name, said) for name, said in good.items()]
        if tier in VOTING:
            quorum[tier] = {"answering": len(good), "members": len(members), "needed": len(members) // 2 + 1}
            lines.append(
                "  {:<14} {:<16} {answering} of {members} members answer, {needed} are needed".format(tier, "quorum", **quorum[tier])
            )
        leading = [
            name
            for name, said in good.items()
            if said.get("leader") is True or said.get("role") in ("leader", "master") or any(said.get("addresses", {}).values())
        ]
        leaders[tier] = leading[0] if len(leading) == 1 else ""
    for name, said in nodes.items():
        problems += _host(name, said or {}, certificate_days, disk_percent)
        lines.append(_footer(name, said) if said else f"  {'host':<14} {name:<16} cannot be reached")
    head = "All is well." if not problems else f"{len(problems)} problem{'s' if len(problems) > 1 else ''}:"
    page = [head, *(f"  ! {problem}" for problem in problems), "", *lines]
    return {"problems": problems, "leaders": leaders, "quorum": quorum, "page": page}


class FilterModule:
    """Entry point of Ansible."""

    def filters(self) -> dict[str, Any]:
        return {"cluster_status": cluster_status}
