# Copyright: the dockmaster.harbor contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Permissions of robots as sets, and the catalogue of those that Harbor knows. Pure. Private to this collection."""

from __future__ import annotations

import typing as t

if t.TYPE_CHECKING:
    from collections.abc import Iterable

# GET /permissions of Harbor 2.15.2; the same in 2.13 and 2.14. For callers who may not ask.
SYSTEM = """
audit-log:list catalog:read garbage-collection:create,list,read,stop,update jobservice-monitor:list,stop
label:create,delete,read,update ldap-user:create,list preheat-instance:create,delete,list,read,update project:create,list
purge-audit:create,list,read,stop,update quota:list,read,update registry:create,delete,list,read,update replication:create,list,read
replication-adapter:list replication-policy:create,delete,list,read,update robot:create,delete,list,read
scan-all:create,read,stop,update scanner:create,delete,list,read,update security-hub:list,read system-volumes:read
user:create,delete,list,read,update user-group:create,delete,list,read,update
"""
PROJECT = """
accessory:list artifact:create,delete,list,read artifact-addition:read artifact-label:create,delete export-cve:create,read
immutable-tag:create,delete,list,update label:create,delete,list,read,update log:list member:create,delete,list,read,update
metadata:create,delete,list,read,update notification-policy:create,delete,list,read,update
preheat-policy:create,delete,list,read,update project:delete,read,update quota:read
repository:delete,list,pull,push,read,update robot:create,delete,list,read sbom:create,read,stop scan:create,read,stop
scanner:create,read tag:create,delete,list tag-retention:create,delete,list,read,update
"""


class Permission(t.NamedTuple):
    """One thing that a robot may do: access is resource:action."""

    kind: str
    namespace: str
    access: str


def catalogue(answer: t.Any) -> dict[str, frozenset[str]]:
    """Return the known permissions per kind from an answer of GET /permissions; where it says nothing, what is built in."""
    known = {}
    for kind, built_in in (("system", SYSTEM), ("project", PROJECT)):
        rows = answer.get(kind) if isinstance(answer, dict) else None
        known[kind] = frozenset(f"{row['resource']}:{row['action']}" for row in rows) if rows else _expand(built_in)
    return known


def _expand(text: str) -> frozenset[str]:
    pairs = (word.split(":") for word in text.split())
    return frozenset(f"{resource}:{action}" for resource, actions in pairs for action in actions.split(","))


def clean(entries: Iterable[dict[str, t.Any]]) -> frozenset[Permission]:
    """Turn the user's list into a set. Raises ValueError for what is no resource:action or has no namespace."""
    result = set()
    for entry in entries:
        namespace = entry.get("namespace")
        if not namespace:
            raise ValueError("each entry of a robot of the system names a project as namespace, or '*' for all projects")
        for access in entry["access"]:
            words = str(access).strip()
            if words.count(":") != 1 or words.startswith(":") or words.endswith(":"):
                raise ValueError(f"resource:action such as repository:pull, not {words!r}")
            result.add(Permission(entry["kind"], namespace, words))
    return frozenset(result)


def decode(entries: t.Any) -> frozenset[Permission]:
    """Turn Harbor's answer into a set. The order is random between two answers; what is denied is no permission."""
    return frozenset(
        Permission(entry["kind"], entry["namespace"], f"{access['resource']}:{access['action']}")
        for entry in entries or ()
        for access in entry.get("access") or ()
        if access.get("effect") != "deny"
    )


def encode(values: Iterable[Permission]) -> list[dict[str, t.Any]]:
    """Build the body for Harbor, one entry per kind and namespace."""
    groups: dict[tuple[str, str], list[dict[str, str]]] = {}
    for kind, namespace, access in sorted(values):
        resource, action = access.split(":")
        groups.setdefault((kind, namespace), []).append({"resource": resource, "action": action})
    return [{"kind": kind, "namespace": namespace, "access": access} for (kind, namespace), access in groups.items()]


def show(values: Iterable[Permission]) -> list[dict[str, t.Any]]:
    """Turn the set into the user's form, sorted."""
    groups: dict[tuple[str, str], list[str]] = {}
    for kind, namespace, access in sorted(values):
        groups.setdefault((kind, namespace), []).append(access)
    return [{"kind": kind, "namespace": namespace, "access": access} for (kind, namespace), access in groups.items()]
