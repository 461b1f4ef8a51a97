# Copyright: the dockmaster.harbor contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Who may do what: project roles, public projects, and what a robot may be given."""

from __future__ import annotations

Access = tuple[str, str]

ROLE_NAMES = {1: "projectAdmin", 2: "developer", 3: "guest", 4: "maintainer", 5: "limitedGuest"}
# Strongest first: `current_user_role_id` is the first of these that the caller has.
ROLE_ORDER = (1, 4, 2, 3, 5)


def table(text: str) -> list[Access]:
    """Lines `resource: action action` as (resource, action) pairs in their order."""
    pairs = []
    for line in text.strip().splitlines():
        resource, actions = line.split(":")
        pairs += [(resource.strip(), action) for action in actions.split()]
    return pairs


PUBLIC = table("""
project: read
label: read list
repository: list pull
accessory: list
scan: read
scanner: read
artifact: read list
artifact-addition: read
tag: list
""")

_LIMITED_GUEST = table("""
project: read
quota: read
repository: read list pull
artifact: read list
artifact-addition: read
accessory: list
tag: list
scan: read
sbom: read
scanner: read
""")
_GUEST = _LIMITED_GUEST + table("""
member: read list
label: read list
robot: read list
""")
_DEVELOPER = _GUEST + table("""
repository: create update push
artifact: create
tag: create
artifact-label: create delete
export-cve: create read list
""")
_MAINTAINER = _DEVELOPER + table("""
metadata: read
repository: delete
artifact: delete
tag: delete
label: create update delete
tag-retention: create read update delete list operate
immutable-tag: create update delete list
notification-policy: read list
scan: create stop
sbom: create stop
""")
_PROJECT_ADMIN = _MAINTAINER + table("""
project: update delete
member: create update delete
metadata: create update delete
robot: create update delete
notification-policy: create update delete
scanner: create
preheat-policy: create read update delete list
log: list
""")
_DEVELOPER_RETENTION = table("tag-retention: create read update delete list operate")
ROLES: dict[int, frozenset[Access]] = {
    1: frozenset(_PROJECT_ADMIN),
    2: frozenset(_DEVELOPER + _DEVELOPER_RETENTION),
    3: frozenset(_GUEST),
    4: frozenset(_MAINTAINER),
    5: frozenset(_LIMITED_GUEST),
}

# What GET /permissions lists and POST /robots accepts; the same in 2.13, 2.14 and 2.15.
PROJECT_CATALOGUE = table("""
log: list
project: read delete update
metadata: read create delete list update
repository: read update delete list pull push
artifact: read create list delete
scan: create read stop
sbom: create stop read
tag: create list delete
accessory: list
artifact-addition: read
artifact-label: create delete
scanner: create read
preheat-policy: read create delete list update
immutable-tag: create delete list update
notification-policy: read create delete list update
tag-retention: read create delete list update
label: read create delete list update
quota: read
robot: create read list delete
export-cve: create read
member: create read update list delete
""")
SYSTEM_CATALOGUE = table("""
audit-log: list
preheat-instance: read create delete list update
project: list create
replication-policy: read create delete list update
replication: read create list
replication-adapter: list
registry: read create delete list update
scan-all: read update stop create
system-volumes: read
garbage-collection: read create list update stop
purge-audit: read create list update stop
jobservice-monitor: list stop
scanner: read create delete list update
label: read create delete update
security-hub: read list
catalog: read
quota: read list
robot: create read list delete
user: create read update list delete
ldap-user: create list
quota: update
user-group: create read update list delete
""")


def is_public(project: dict[str, object] | None) -> bool:
    """Go's ParseBool decides whether a stored value counts as true."""
    metadata = (project or {}).get("metadata")
    value = metadata.get("public") if isinstance(metadata, dict) else None
    return value in ("1", "t", "T", "TRUE", "true", "True")
