# Copyright: the dockmaster.harbor contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Many files become one desired state, and every problem names its file and the path in it."""

from __future__ import annotations

import typing as t

import pytest
from ansible_collections.dockmaster.harbor.plugins.module_utils._resources import RESOURCES
from ansible_collections.dockmaster.harbor.plugins.module_utils._sources import Merged, Source, merge, placed


def merged(*layers: dict[str, t.Any]) -> Merged:
    """Merge layers, each of which maps file names to content."""
    return merge(RESOURCES, [[Source(name=name, content=content) for name, content in layer.items()] for layer in layers])


def test_lists_of_all_files_are_joined() -> None:
    result = merged(
        {"a.yml": {"projects": [{"name": "payments"}]}, "b.yml": {"projects": [{"name": "platform"}], "labels": None}, "c.yml": None}
    )
    assert result.problems == []
    assert result.desired == {"projects": [{"name": "payments"}, {"name": "platform"}]}
    assert result.places == {"project payments": "a.yml: projects[0]", "project platform": "b.yml: projects[0]"}


def test_an_overlay_replaces_field_by_field() -> None:
    base = {"a.yml": {"projects": [{"name": "payments", "public": True, "cve_allowlist": ["CVE-1"]}]}}
    result = merged(base, {"prod.yml": {"projects": [{"name": "payments", "public": False}, {"name": "extra"}]}})
    assert result.desired["projects"] == [{"name": "payments", "public": False, "cve_allowlist": ["CVE-1"]}, {"name": "extra"}]
    assert result.places["project payments"] == "a.yml: projects[0] and prod.yml: projects[0]"


def test_an_overlay_needs_only_what_it_changes() -> None:
    """A role is required of a member, but not of an overlay that has nothing to say about it."""
    member = {"project": "payments", "user": "alice"}
    result = merged(
        {"a.yml": {"project_members": [{**member, "role": "guest"}]}}, {"prod.yml": {"project_members": [{**member, "state": "absent"}]}}
    )
    assert result.problems == [] and result.desired["project_members"] == [{**member, "role": "guest", "state": "absent"}]


def test_defaults_fill_in_what_nobody_says() -> None:
    files = {
        "a.yml": {"defaults": {"projects": {"auto_scan": True, "storage_limit": "5GiB"}}},
        "b.yml": {
            "projects": [{"name": "one"}, {"name": "two", "storage_limit": "1GiB", "auto_scan": None}, {"name": "old", "state": "absent"}]
        },
    }
    result = merged(files, {"prod.yml": {"defaults": {"projects": {"auto_scan": False}}}})
    assert result.desired["projects"] == [
        {"name": "one", "auto_scan": False, "storage_limit": "5GiB"},
        {"name": "two", "auto_scan": False, "storage_limit": "1GiB"},
        {"name": "old", "state": "absent"},
    ]


@pytest.mark.parametrize(
    ("files", "problem"),
    [
        ({"a.yml": []}, "a.yml: must hold kinds of objects such as projects, not a list"),
        ({"a.yml": {"project": []}}, "a.yml: 'project' is not a kind of objects; allowed: "),
        ({"a.yml": {"projects": {}}}, "a.yml: projects: must be a list, not a dict"),
        ({"a.yml": {"projects": ["payments"]}}, "a.yml: projects[0]: must be a dict, not a str"),
        ({"a.yml": {"projects": [{"name": "a"}, {"nane": "b"}]}}, "a.yml: projects[1] (without a name): missing required arguments: name"),
        ({"a.yml": {"projects": [{"name": "a", "pubic": True}]}}, "a.yml: projects[0] (a): pubic: is no field; allowed: "),
        ({"a.yml": {"projects": [{"name": "a", "public": "maybe"}]}}, "a.yml: projects[0] (a): argument 'public' is of type str"),
        ({"a.yml": {"labels": [{"name": True}]}}, "a.yml: labels[0] (True): name: True is a boolean in YAML; write the text in quotes"),
        ({"a.yml": {"labels": [{"name": "a", "description": 1.5}]}}, "a.yml: labels[0] (a): description: 1.5 is a number in YAML"),
        ({"a.yml": {"projects": [{"name": 8}]}}, "a.yml: projects[0] (8): name: 8 is a whole number in YAML; write the text in quotes"),
        ({"a.yml": {"labels": [{"name": ["a"]}]}}, "a.yml: labels[0] (['a']): name: ['a'] is a list in YAML; allowed: a text"),
        (
            {"a.yml": {"retention_policies": [{"project": "a", "rules": [{"retain": "everything", "tag_matching": 1.1}]}]}},
            "a.yml: retention_policies[0] (a): rules: tag_matching: 1.1 is a number in YAML; write the text in quotes",
        ),
        (
            {"a.yml": {"projects": [{"name": "a", "cve_allowlist": [1.1]}]}},
            "a.yml: projects[0] (a): cve_allowlist: 1.1 is a number in YAML",
        ),
        ({"a.yml": {"robots": [{"name": "a", "secret": 12.5}]}}, "a.yml: robots[0] (a): secret: the value is a number in YAML"),
        ({"a.yml": {"robots": [{"name": "a", "secret": ["b"]}]}}, "a.yml: robots[0] (a): secret: the value is a list in YAML"),
        ({"a.yml": {"defaults": {"users": {"password": 12.5}}}}, "a.yml: defaults.users: password: the value is a number in YAML"),
        ({"a.yml": {"projects": [{"name": "A"}]}}, "a.yml: projects[0] (A): name: 'A' is not allowed; allowed: lower-case"),
        (
            {"a.yml": {"projects": [{"name": "a"}]}, "b.yml": {"projects": [{"name": "b"}, {"name": "a"}]}},
            "b.yml: projects[1] (a): is declared in a.yml: projects[0] already",
        ),
        ({"a.yml": {"defaults": []}}, "a.yml: defaults: must be a dict of kinds, not a list"),
        ({"a.yml": {"defaults": {"project": {}}}}, "a.yml: defaults.project: has no defaults; allowed: "),
        ({"a.yml": {"defaults": {"projects": {"name": "x"}}}}, "a.yml: defaults.projects: 'name' has no default; allowed: "),
        (
            {"a.yml": {"defaults": {"projects": {"public": True}}}, "b.yml": {"defaults": {"projects": {"public": False}}}},
            "b.yml: defaults.projects: is declared in a.yml: defaults.projects already",
        ),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_problems_name_file_and_path(files: dict[str, t.Any], problem: str) -> None:
    assert [text for text in merged(files).problems if text.startswith(problem)]


def test_secrets_are_in_no_problem() -> None:
    result = merged({"a.yml": {"robots": [{"name": "ci", "secret": "canary"}], "users": [{"username": "a", "password": {"a": "canary"}}]}})
    assert result.problems and "canary" not in " ".join(result.problems)


def test_problems_of_the_plan_get_their_place() -> None:
    places = {"label a": "a.yml: labels[0]", "label a: b": "b.yml: labels[1]"}
    found = list(placed(["label a: b: color: no", "label a: color: no", "label c: no", "max_delete: 3"], places))
    assert found == ["label a: b: color: no (b.yml: labels[1])", "label a: color: no (a.yml: labels[0])", "label c: no", "max_delete: 3"]
