# Copyright: the dockmaster.harbor contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Per resource: what must be there before, an object, a change of it, and what to expect."""

from __future__ import annotations

import typing as t

CANARIES = ("Canary1Robot", "Canary2User", "Canary3Registry", "Canary4Other", "Canary5Preheat", "Canary6Scanner")

ALICE = {"username": "alice", "email": "alice@example.com", "realname": "Alice", "password": CANARIES[1]}
GROUP = {"name": "developers", "type": "oidc"}
REGISTRY = {"name": "hub", "type": "docker-hub", "url": "https://hub.docker.com", "access_key": "key", "access_secret": CANARIES[2]}
DRAGONFLY = {"name": "dragonfly", "vendor": "dragonfly", "endpoint": "https://dragonfly.example.com:8080"}
DR_SITE = {"name": "dr-site", "type": "harbor", "url": "https://harbor.dr.example.com"}
PULL = [{"namespace": "payments", "access": ["repository:pull"]}]
ROBOT = {"project": "payments", "name": "ci", "duration": 30, "secret": CANARIES[0], "permissions": PULL}


class Sample(t.NamedTuple):
    """One resource's story. before are objects that must exist, made with state."""

    module: str
    plural: str
    before: dict[str, t.Any]
    key: dict[str, t.Any]
    values: dict[str, t.Any]
    change: dict[str, t.Any] | None
    name: str


PAYMENTS = {"projects": [{"name": "payments"}]}

SAMPLES = (
    Sample(
        "project",
        "projects",
        {},
        {"name": "payments"},
        {"public": False, "storage_limit": "20GiB", "auto_scan": True, "severity": "high", "cve_allowlist": ["CVE-2024-2", "CVE-2024-1"]},
        {"public": True, "storage_limit": "unlimited", "cve_allowlist": [], "severity": "low", "reuse_sys_cve_allowlist": False},
        "payments",
    ),
    Sample(
        "project_member",
        "project_members",
        {**PAYMENTS, "users": [ALICE]},
        {"project": "payments", "user": "alice"},
        {"role": "developer"},
        {"role": "maintainer"},
        "payments/user:alice",
    ),
    Sample(
        "robot",
        "robots",
        PAYMENTS,
        {"project": "payments", "name": "ci"},
        {"description": "Pipeline", "duration": 30, "secret": CANARIES[0], "permissions": PULL},
        {"disable": True, "duration": -1, "permissions": [{"access": ["repository:push", "repository:pull"]}]},
        "payments/ci",
    ),
    Sample(
        "registry",
        "registries",
        {},
        {"name": "hub"},
        {"type": "docker-hub", "url": "https://hub.docker.com/", "access_key": "key", "access_secret": CANARIES[2]},
        {"description": "Upstream", "insecure": True},
        "hub",
    ),
    Sample(
        "label",
        "labels",
        PAYMENTS,
        {"project": "payments", "name": "approved"},
        {"color": "#00AA00", "description": "Reviewed"},
        {"color": "#0000AA"},
        "payments/approved",
    ),
    Sample(
        "user",
        "users",
        {},
        {"username": "alice"},
        {"email": "alice@example.com", "realname": "Alice", "password": CANARIES[1], "sysadmin": True},
        {"realname": "Alice Example", "comment": "on loan", "sysadmin": False},
        "alice",
    ),
    Sample(
        "immutable_tag_rule",
        "immutable_tag_rules",
        PAYMENTS,
        {"project": "payments", "tag_matching": "v*"},
        {},
        {"disabled": True},
        "payments/**:v*",
    ),
    Sample(
        "preheat_instance",
        "preheat_instances",
        {"preheat_instances": [DRAGONFLY]},
        {"name": "Kraken-1"},
        {
            "vendor": "kraken",
            "endpoint": "https://kraken.example.com/",
            "auth_mode": "basic",
            "username": "harbor",
            "password": CANARIES[4],
            "insecure": True,
        },
        {"description": "Second", "default": True, "endpoint": "http://kraken.example.com:8080", "enabled": False, "insecure": False},
        "Kraken-1",
    ),
    Sample(
        "preheat_policy",
        "preheat_policies",
        {**PAYMENTS, "preheat_instances": [DRAGONFLY, {**DRAGONFLY, "name": "2024", "endpoint": "https://other.example.com"}]},
        {"project": "payments", "name": "2025"},
        {
            "provider": "2024",
            "filters": [
                {"type": "label", "labels": ["b", "a"]},
                {"type": "repository", "value": "{a,b}/**"},
                {"type": "tag", "value": "v*"},
            ],
            "trigger": "scheduled",
            "cron": "0 0 3 * * *",
            "extra_attrs": {"scope": "all_peers", "cluster_ids": [1, 2]},
        },
        {
            "provider": "dragonfly",
            "description": "Nightly",
            "cron": "0 30 3 * * *",
            "filters": [{"type": "tag", "value": "**"}],
            "enabled": False,
            "extra_attrs": {},
        },
        "payments/2025",
    ),
    Sample(
        "replication_policy",
        "replication_policies",
        {"registries": [REGISTRY, DR_SITE]},
        {"name": "Releases to DR/site 2"},
        {
            "dest_registry": "dr-site",
            "description": "Nightly",
            "dest_namespace": "mirror/payments",
            "dest_namespace_replace_count": 1,
            "trigger": "scheduled",
            "cron": "0 0 2 * * *",
            "filters": [
                {"type": "resource", "value": "image"},
                {"type": "label", "labels": ["prod", "dev"], "decoration": "excludes"},
                {"type": "tag", "value": "v*"},
                {"type": "name", "value": "{payments,platform}/**"},
            ],
            "speed": 100,
        },
        {
            "src_registry": "hub",
            "filters": [],
            "cron": "0 30 4 * * 1-5",
            "deletion": True,
            "override": False,
            "single_active_replication": True,
            "enabled": False,
        },
        "Releases to DR/site 2",
    ),
    Sample(
        "retention_policy",
        "retention_policies",
        PAYMENTS,
        {"project": "payments"},
        {
            "rules": [
                {"retain": "most_recently_pushed", "count": 10},
                {"retain": "everything", "repo_matching": "release/**", "tag_excluding": "{tmp,branch}-*", "untagged": False},
            ],
            "schedule": "daily",
        },
        {"rules": [{"retain": "pulled_within_days", "days": 30, "disabled": True}], "schedule": "0 30 2 * * mon-fri"},
        "payments",
    ),
    Sample(
        "scanner",
        "scanners",
        {},
        {"name": "deep scan/2"},
        {"url": "https://scanner.example.com/", "auth": "bearer", "access_credential": CANARIES[5], "description": "Slow"},
        {"skip_cert_verify": True, "use_internal_addr": True, "description": "", "disabled": True},
        "deep scan/2",
    ),
    Sample(
        "webhook_policy",
        "webhook_policies",
        PAYMENTS,
        {"project": "payments", "name": "Build server / 2"},
        {
            "event_types": ["PUSH_ARTIFACT", "DELETE_ARTIFACT"],
            "address": "https://ci.example.com/harbor?team=payments",
            "auth_header": f"Bearer {CANARIES[3]}",
            "payload_format": "CloudEvents",
        },
        {
            "description": "Builds",
            "enabled": False,
            "event_types": ["QUOTA_WARNING"],
            "skip_cert_verify": True,
            "payload_format": "Default",
            "address": "http://ci.example.com",
        },
        "payments/Build server / 2",
    ),
    Sample("user_group", "user_groups", {}, {"name": "developers"}, {"type": "oidc"}, None, "developers"),
)

# A bit of everything, to be made in one go.
COMPANY: dict[str, list[dict[str, t.Any]]] = {
    "registries": [REGISTRY, DR_SITE],
    "user_groups": [GROUP],
    "users": [ALICE],
    "projects": [
        {"name": "payments", "storage_limit": "20GiB", "public": False, "auto_scan": True, "cve_allowlist": ["CVE-2024-1"]},
        {"name": "hub-cache", "registry": "hub", "proxy_speed_kb": 500, "public": True},
        {"name": "2024", "cve_allowlist_expires_at": "2027-01-31", "scanner": "deep-scan"},
    ],
    "labels": [{"name": "approved", "color": "#00AA00"}, {"name": "candidate", "project": "payments"}],
    "project_members": [
        {"project": "payments", "user": "alice", "role": "maintainer"},
        {"project": "payments", "group": "developers", "role": "limited_guest"},
    ],
    "immutable_tag_rules": [
        {"project": "payments", "tag_matching": "v*", "disabled": True},
        {"project": "2024", "repo_excluding": "{tmp,scratch}/**", "tag_excluding": "branch-*"},
    ],
    "preheat_instances": [DRAGONFLY],
    "scanners": [{"name": "deep-scan", "url": "https://scanner.example.com", "auth": "basic", "access_credential": CANARIES[5]}],
    "preheat_policies": [
        {"project": "payments", "name": "releases", "provider": "dragonfly", "filters": [{"type": "tag", "value": "v*"}]},
        {
            "project": "2024",
            "name": "nightly",
            "provider": "dragonfly",
            "filters": [{"type": "label", "labels": ["approved", "popular"]}],
            "trigger": "scheduled",
            "cron": "0 0 3 * * *",
        },
    ],
    "replication_policies": [
        {"name": "releases", "dest_registry": "dr-site", "trigger": "event_based", "filters": [{"type": "tag", "value": "v*"}]},
        {"name": "base images", "src_registry": "hub", "trigger": "scheduled", "cron": "0 0 2 * * *", "override": False, "speed": 500},
    ],
    "retention_policies": [
        {"project": "payments", "rules": [{"retain": "most_recently_pushed", "count": 10, "tag_matching": "v*"}], "schedule": "daily"},
        {"project": "2024", "rules": []},
    ],
    "webhook_policies": [
        {
            "project": "payments",
            "name": "build server",
            "event_types": ["PUSH_ARTIFACT"],
            "address": "https://ci.example.com",
            "auth_header": f"Bearer {CANARIES[3]}",
        },
        {"project": "2024", "name": "7", "event_types": ["TAG_RETENTION"], "type": "slack", "address": "https://chat.example.com/2024"},
    ],
    "robots": [
        ROBOT,
        {"name": "runtime", "secret": CANARIES[3], "permissions": [{"namespace": "*", "access": ["repository:pull"]}]},
        {
            "name": "auditor",
            "secret": CANARIES[3],
            "disable": True,
            "permissions": [{"kind": "system", "access": ["audit-log:list"]}, {"namespace": "payments", "access": ["log:list"]}],
        },
    ],
}
COMPANY_SIZE = sum(len(entries) for entries in COMPANY.values())
