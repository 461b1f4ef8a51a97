# Copyright: the dockmaster.harbor contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Say why a node must not be replaced now: what is left of its tiers without it is not well."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from ansible_collections.dockmaster.harbor.plugins.filter.cluster_status import Nodes, cluster_status

DOCUMENTATION = r"""
name: replacement_problems
short_description: why a node of a cluster must not be replaced now
version_added: 1.0.0
author: dockmaster.harbor contributors
description:
  - Judges the members that stay as P(dockmaster.harbor.cluster_status#filter) does, and looks away from the node that goes, from those
    that come, and from what others count because of them.
  - A tier that a living node does not have is not looked at. Of a dead one nobody knows its tiers, so all are.
options:
  _input:
    description: What each node says, by inventory name; empty for a node that could not be asked. The old node may be missing.
    type: dict
    required: true
  old:
    description: Inventory name of the node that goes.
    type: str
    required: true
  tiers:
    description: "Inventory names of the members of each tier without the old node: etcd, postgresql, redis, minio, load_balancer, harbor."
    type: dict
    required: true
  lost:
    description: Whether data that only the old node has is given up.
    type: bool
    default: false
"""

EXAMPLES = r"""
- name: Refuse to replace a node while what is left is not well
  ansible.builtin.assert:
    that: seen | dockmaster.harbor.replacement_problems(old='data3', tiers=members) | length == 0
  vars:
    members: {etcd: [data1, data2, data4]}
"""

RETURN = r"""
_value:
  description: Texts, each beginning with the tier or the node; empty when the node can go.
  type: list
  elements: str
"""

Tiers = dict[str, list[str]]


def _newcomers(rest: Nodes, tiers: Tiers) -> set[str]:
    """Nodes that answer and have not all of their tiers yet."""
    return {name for tier, members in tiers.items() for name in members if name in rest and tier not in rest[name]}


def _looked_away(old: str, said: Nodes, others: set[str], deserted: list[str], tiers: Tiers) -> re.Pattern[str]:
    """Problems that the change itself explains: the old node, new and silent ones are counted, or not counted, by those that stay."""
    led = [tier for tier, leader in cluster_status(said, {tier: [old] for tier in tiers})["leaders"].items() if leader]
    moving = "|".join(map(re.escape, sorted({old, *others})))
    patterns = (
        r"(certificates|disk): ",
        # Where the old node leads, nobody else does; it hands over, or the others elect.
        rf"({'|'.join(led)}): no (leader|master|holder)" if led else "",
        # _voters, _drives and _unused look at these, and name the members that stay.
        r"etcd: .* counts the voters",
        rf"postgresql: ({moving}) is a member",
        r"redis: the (Sentinel .* knows|master .* has)",
        r"minio: ([^ ]+ is|[0-9]+ of [0-9]+ drives)",
        rf"load_balancer: [^ ]+ (uses|has no server for ({'|'.join(deserted)})$)",
        rf"load_balancer: [^ ]+/({moving}) is taken out",
    )
    return re.compile("|".join(filter(None, patterns)))


def _alone(old: str, said: dict[str, dict[str, object]], deserted: list[str]) -> Iterator[str]:
    """Tiers whose data only the old node has. A load balancer has none; where a Harbor node has its images, it has PostgreSQL too."""
    for tier in deserted:
        if tier in said and "error" not in said[tier] and tier != "load_balancer":
            yield f"{tier}: no other node has it; let the new one in first (scale_out)"
        elif tier not in ("load_balancer", "harbor"):
            yield f"{tier}: its data is on {old} alone; repair that one, or give the data up (replace_node_lost=true)"


def _voters(rest: Nodes, staying: list[str], others: set[str]) -> Iterator[str]:
    """Members of etcd that the inventory does not know, or that have no vote."""
    seen = {voter for said in rest.values() for voter in said.get("etcd", {}).get("members", [])}
    if staying and (strangers := sorted((seen ^ set(staying)) - others)):
        yield f"etcd: the voters and the inventory differ in {', '.join(strangers)}"


def _unused(rest: Nodes, staying: list[str]) -> Iterator[str]:
    """Members to which a load balancer sends nothing. Of PostgreSQL and Redis it uses the leader alone."""
    servers = [entry for said in rest.values() for entry in said.get("load_balancer", {}).get("servers", {}).items()]
    down = [server.split("/", 1) for server, state in servers if not state.startswith("UP")]
    for name in sorted({name for backend, name in down if backend not in ("postgresql", "redis") and name in staying}):
        yield f"load_balancer: no requests are sent to {name}"


def _drives(rest: Nodes, staying: list[str]) -> Iterator[str]:
    """Servers and drives of MinIO that are not well, or have not all of their data yet; those of the old node may be lost already."""
    answers = [rest[name]["minio"] for name in staying if "error" not in rest[name]["minio"]]
    for own in answers:
        state = answers[0]["servers"].get(own["endpoint"], "unknown")
        if state != "online":
            yield f"minio: {own['endpoint']} is {state}"
        for drive in answers[0]["drives_ill"].get(own["endpoint"], []):
            yield f"minio: {drive} is not well, or is being healed"


def replacement_problems(nodes: Nodes, old: str, tiers: Tiers, lost: bool = False) -> list[str]:
    """Judge what stays; see DOCUMENTATION."""
    said = nodes.get(old) or {}
    rest = {name: words for name, words in nodes.items() if words and name != old}
    new = _newcomers(rest, tiers)
    touched = {tier: members for tier, members in tiers.items() if not said or tier in said}
    staying = {tier: [name for name in members if name in rest and name not in new] for tier, members in touched.items()}
    deserted = [tier for tier, members in touched.items() if members and not staying[tier]]
    silent = sorted({name for members in tiers.values() for name in members if name not in rest})
    expected = _looked_away(old, {old: said}, {*new, *silent}, deserted, tiers)
    return [
        *(f"{name} cannot be reached" for name in silent),
        *(problem for problem in cluster_status(rest, staying)["problems"] if not expected.match(problem)),
        *(() if lost else _alone(old, said, deserted)),
        *_voters(rest, staying.get("etcd", []), {old, *new, *silent}),
        *_unused(rest, [*staying.get("harbor", []), *staying.get("minio", [])]),
        *_drives(rest, staying.get("minio", [])),
    ]


class FilterModule:
    """Filters of this file."""

    def filters(self) -> dict[str, Callable[..., list[str]]]:
        return {"replacement_problems": replacement_problems}
