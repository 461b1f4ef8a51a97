# Copyright: the dockmaster.harbor contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One file a resource. Importing this package registers their routes."""

from __future__ import annotations

from . import (
    allowlist,
    configurations,
    gc,
    immutable_rules,
    labels,
    ldap,
    members,
    metadata,
    preheat_instances,
    preheat_policies,
    projects,
    purge_audit,
    quotas,
    registries,
    replication_executions,
    replication_policies,
    repositories,
    retentions,
    robots,
    scan_all,
    scanners,
    system,
    token,
    usergroups,
    users,
    webhooks,
)

__all__ = [
    "allowlist",
    "configurations",
    "gc",
    "immutable_rules",
    "labels",
    "ldap",
    "members",
    "metadata",
    "preheat_instances",
    "preheat_policies",
    "projects",
    "purge_audit",
    "quotas",
    "registries",
    "replication_executions",
    "replication_policies",
    "repositories",
    "retentions",
    "robots",
    "scan_all",
    "scanners",
    "system",
    "token",
    "usergroups",
    "users",
    "webhooks",
]
