# Copyright: the dockmaster.harbor contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What Harbor answers with 500 or takes silently is refused before anything is written, in one message with object, field and value."""

from __future__ import annotations

import typing as t

import pytest

from .conftest import Modules
from .samples import CANARIES, PULL

BASE: dict[str, t.Any] = {
    "registries": [{"name": "hub", "type": "docker-registry", "url": "https://hub.example.com"}],
    "user_groups": [{"name": "developers", "type": "oidc"}],
    "users": [{"username": name, "email": f"{name}@example.com", "realname": name, "password": CANARIES[1]} for name in ("alice", "bob")],
    "projects": [{"name": "payments"}, {"name": "cache", "registry": "hub"}],
    "scanners": [{"name": "deep", "url": "https://deep.example.com"}],
    "preheat_instances": [{"name": "dragonfly", "vendor": "dragonfly", "endpoint": "https://dragonfly.example.com"}],
}
HOOK = {"project": "payments", "event_types": ["PUSH_ARTIFACT"], "address": "https://ci.example.com"}
POLICY = {"name": "mirror", "dest_registry": "hub"}
RULE = {"retain": "most_recently_pushed", "count": 1}
ROWS: dict[str, tuple[dict[str, t.Any], str]] = {
    "project metadata": ({"projects": [{"name": "payments", "severity": "Bogus"}]}, "value of severity must be one of: none, low"),
    "limit of a proxy": ({"projects": [{"name": "cache", "proxy_speed_kb": 0}]}, "project cache: proxy_speed_kb: 0 is not allowed"),
    "limit of no proxy": (
        {"projects": [{"name": "payments", "proxy_speed_kb": 5}]},
        "project payments: proxy_speed_kb: only for proxy-cache",
    ),
    "missing registry": (
        {"projects": [{"name": "x", "registry": "nope"}]},
        "project x: registry: 'nope' is neither in Harbor nor declared",
    ),
    "CVE twice": ({"projects": [{"name": "x", "cve_allowlist": ["CVE-1", "CVE-1"]}]}, "project x: cve_allowlist: "),
    "blank CVE": ({"cve_allowlist": {"cves": [" "]}}, "cve_allowlist: cves: [' '] is not allowed; allowed: no blank entries"),
    "role of a member": (
        {"project_members": [{"project": "payments", "user": "alice", "role": "owner"}]},
        "value of role must be one of: ",
    ),
    "member of nobody": ({"project_members": [{"project": "payments", "role": "guest"}]}, "one of the following is required: user, group"),
    "e-mail of another": ({"users": [{"username": "alice", "email": "bob@example.com"}]}, "user alice: email: 'bob@example.com'"),
    "type of a group": (
        {"user_groups": [{"name": "developers", "type": "http"}]},
        "user_group developers: type: cannot be changed from 'oidc'",
    ),
    "name of a group": ({"user_groups": [{"name": "x" * 256, "type": "oidc"}]}, "allowed: at most 255 characters, not 256"),
    "blank label": ({"labels": [{"name": " "}]}, "name: ' ' is not allowed; allowed: must not be empty"),
    "long label": ({"labels": [{"name": "x" * 129}]}, "allowed: at most 128 characters, not 129"),
    "colour of a label": (
        {"labels": [{"name": "x", "color": "x" * 17}]},
        "label x: color: 'xxxxxxxxxxxxxxxxx' is not allowed; allowed: at most 16",
    ),
    "label of no project": (
        {"labels": [{"name": "x", "project": "nope"}]},
        "label nope/x: project: 'nope' is neither in Harbor nor declared",
    ),
    "permission of a robot": (
        {"robots": [{"name": "r", "secret": CANARIES[0], "permissions": [{**PULL[0], "access": ["repository:pul"]}]}]},
        "robot r: permissions: this Harbor knows no project permission 'repository:pul'; allowed: ",
    ),
    "kind of a registry": ({"registries": [{"name": "x", "type": "dockerhub"}]}, "value of type must be one of: "),
    "event and single": (
        {"replication_policies": [{**POLICY, "trigger": "event_based", "single_active_replication": True}]},
        "replication_policy mirror: single_active_replication: ",
    ),
    "cron of a replication": (
        {"replication_policies": [{**POLICY, "trigger": "scheduled", "cron": "0 * * * * *"}]},
        "replication_policy mirror: cron: '0 * * * * *'",
    ),
    "template of retention": (
        {"retention_policies": [{"project": "payments", "rules": [{**RULE, "retain": "newest"}]}]},
        "value of retain must be one of: ",
    ),
    "rule of retention twice": ({"retention_policies": [{"project": "payments", "rules": [RULE, RULE]}]}, "allowed: each rule once"),
    "pattern of a rule": ({"immutable_tag_rules": [{"project": "payments", "tag_matching": "v{1"}]}, "tag_matching: 'v{1' is not allowed"),
    "event of a webhook": (
        {"webhook_policies": [{**HOOK, "name": "x", "event_types": ["PUSHED"]}]},
        "webhook_policy payments/x: event_types: ",
    ),
    "nameless webhook": ({"webhook_policies": [{**HOOK, "name": ""}]}, "name: '' is not allowed; allowed: "),
    "name of a peer": (
        {"preheat_instances": [{"name": "a b", "vendor": "kraken", "endpoint": "https://x.example.com"}]},
        "name: 'a b' is not",
    ),
    "address of a peer": (
        {"preheat_instances": [{"name": "b", "vendor": "kraken", "endpoint": "https://dragonfly.example.com"}]},
        "preheat_instance b: endpoint: 'https://dragonfly.example.com'",
    ),
    "vendor of a peer": (
        {"preheat_instances": [{"name": "dragonfly", "vendor": "kraken"}]},
        "preheat_instance dragonfly: vendor: cannot be changed",
    ),
    "hours of a purge": ({"audit_log_purge": {"schedule": "daily", "audit_retention_hour": "week"}}, "audit_retention_hour"),
    "seconds of a schedule": (
        {"garbage_collection": {"schedule": "5 0 0 * * *"}},
        "garbage_collection: schedule: '5 0 0 * * *' is not allowed",
    ),
    "workers of a collection": (
        {"garbage_collection": {"schedule": "daily", "workers": 11}},
        "garbage_collection: workers: 11 is not allowed",
    ),
    "scanner of a project": (
        {"projects": [{"name": "payments", "scanner": "nope"}]},
        "project payments: scanner: 'nope' is neither in Harbor",
    ),
    "address of a scanner": (
        {"scanners": [{"name": "x", "url": "https://deep.example.com/"}]},
        "scanner x: url: https://deep.example.com is that of scanner deep",
    ),
    "default that is off": ({"scanners": [{"name": "deep", "default": True, "disabled": True}]}, "scanner deep: "),
    "unknown option": ({"configuration": {"token_expiry": 5}}, "token_expiry"),
}


@pytest.mark.parametrize("row", ROWS)
def test_it_is_refused_before_anything_is_written(run: Modules, row: str) -> None:
    desired, expected = ROWS[row]
    run.state(BASE)
    before = len(run.writes())
    message = run.refused("state", desired=desired)
    assert expected in message
    assert len(run.writes()) == before and not any(canary in message for canary in CANARIES)
