# Copyright: the dockmaster.harbor contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Many objects of many kinds in one task: state and export."""

from __future__ import annotations

import copy
import stat
import typing as t
from pathlib import Path

import pytest
import yaml
from ansible_collections.dockmaster.harbor.plugins.module_utils._resources import RESOURCES
from standin.harbor import insert_project
from standin.server import Server

from .conftest import Modules
from .samples import COMPANY, COMPANY_SIZE, PULL, REGISTRY, ROBOT

PRUNABLE = {resource.plural for resource in RESOURCES if resource.delete and resource.prunable}
KINDS = sorted(PRUNABLE & set(COMPANY))
SECRETS = {resource.plural: [one.name for one in resource.fields if one.secret] for resource in RESOURCES if not resource.singleton}
KEYS = {resource.plural: [one.name for one in resource.fields if one.key] for resource in RESOURCES}


@pytest.fixture
def company(run: Modules) -> dict[str, t.Any]:
    """A Harbor with a bit of everything; returns what was declared."""
    run.state(COMPANY)
    run.harbor.log.clear()
    return copy.deepcopy(COMPANY)


def push(harbor: Server, project: str, size: int = 0) -> None:
    """Pretend that an image was pushed."""
    with harbor.harbor.store.transaction(write=True) as tx:
        [row] = [row for row in tx.find("project") if row["name"] == project]
        tx.insert(
            "repository", {"name": f"{project}/app", "project_id": row["id"], "description": "", "creation_time": "", "update_time": ""}
        )
        [quota] = tx.find("quota", reference_id=row["id"])
        tx.update("quota", quota["id"], used=size)


def test_check_predicts_what_the_run_does(run: Modules) -> None:
    predicted = run.state(COMPANY, check=True, diff=True)
    assert run.writes() == []
    done = run.state(COMPANY, diff=True)
    assert predicted == done
    assert done["summary"] == {"create": COMPANY_SIZE, "update": 0, "delete": 0, "unchanged": 0}
    assert len(done["diff"]) == len(done["changes"]) == COMPANY_SIZE


def test_second_run_changes_nothing(run: Modules, company: dict[str, t.Any]) -> None:
    result = run.state(company, diff=True)
    assert not result["changed"] and result["diff"] == []
    assert result["summary"]["unchanged"] == COMPANY_SIZE
    assert run.writes() == []


def test_objects_are_made_after_what_they_need(run: Modules) -> None:
    run.state(COMPANY)
    made = [path.split("/")[3] for method, path, _status in run.harbor.log if method == "POST" and path.startswith("/api")]
    projects = [number for number, name in enumerate(made) if name == "projects"]
    assert max(made.index("registries"), made.index("users"), made.index("usergroups")) < projects[0]
    assert projects[0] < min(made.index("labels"), made.index("robots"))


def test_none_is_left_alone_and_empty_is_empty(run: Modules, company: dict[str, t.Any]) -> None:
    assert not run.state({"projects": [{"name": "payments", "cve_allowlist": None}], "labels": None})["changed"]
    assert run.state({"projects": [{"name": "payments", "cve_allowlist": []}], "labels": []})["changed"]
    [project] = run.ok("project_info", name="payments")["projects"]
    assert project["cve_allowlist"] == [] and project["auto_scan"] is True
    assert len(run.ok("label_info")["labels"]) == 2


def test_order_of_lists_is_no_change(run: Modules) -> None:
    first = {"projects": [{"name": "payments", "cve_allowlist": ["CVE-2024-2", "CVE-2024-1"]}]}
    run.state(first)
    first["projects"][0]["cve_allowlist"].reverse()
    assert not run.state(first)["changed"]


def test_all_objects_of_a_kind_can_go_in_one_run(run: Modules, company: dict[str, t.Any]) -> None:
    gone = {
        kind: [{name: entry[name] for name in KEYS[kind] if name in entry} | {"state": "absent"} for entry in entries]
        for kind, entries in company.items()
    }
    message = run.refused("state", desired=gone)
    assert f"max_delete: {COMPANY_SIZE} objects would be deleted, allowed: 10" in message and "robot payments/ci" in message
    assert run.writes() == []
    result = run.state(gone, max_delete=COMPANY_SIZE)
    assert result["summary"]["delete"] == COMPANY_SIZE
    assert run.state(gone, max_delete=0)["summary"]["unchanged"] == COMPANY_SIZE


# -- prune


def test_prune_deletes_what_is_not_declared_in_named_projects_only(run: Modules, company: dict[str, t.Any]) -> None:
    run.state({"labels": [{"name": "other", "project": "2024"}, {"name": "global-other"}]})
    wanted = {"labels": [{"name": "candidate", "project": "payments"}, {"name": "approved"}]}
    run.state({"labels": [{"name": "extra", "project": "payments"}]})
    result = run.state(wanted, prune=["labels"])
    assert [change["name"] for change in result["changes"]] == ["global-other", "payments/extra"]
    assert "other" in [label["name"] for label in run.ok("label_info", project="2024")["labels"]]


def test_prune_keeps_who_must_stay(run: Modules, company: dict[str, t.Any]) -> None:
    """Neither the administrator, nor the owner's membership, nor robots for scans are pruned."""
    with run.harbor.harbor.store.transaction(write=True) as tx:
        [robot] = [row for row in tx.find("robot") if row["name"].endswith("ci")]
        scanner = {key: value for key, value in robot.items() if key != "id"}
        tx.insert("robot", {**scanner, "name": "payments+Trivy-6f5902ac-237e-4d6b-b3c6-0f8a4c1b3e55".replace("Trivy", "trivy")})
    desired = {
        "projects": [{"name": "payments"}, {"name": "hub-cache"}, {"name": "2024"}],
        "users": [],
        "project_members": [],
        "robots": [],
    }
    result = run.state(desired, prune=["users", "project_members", "robots"])
    assert sorted(change["name"] for change in result["changes"]) == [
        "alice",
        "auditor",
        "payments/ci",
        "payments/group:developers",
        "payments/user:alice",
        "runtime",
    ]
    members = run.ok("project_member_info", project="payments")["project_members"]
    assert [member["user"] for member in members] == ["admin"]
    assert [user["username"] for user in run.ok("user_info")["users"]] == ["admin"]
    assert len(run.ok("robot_info")["robots"]) == 1


def test_pruning_leaves_alone_what_is_protected(run: Modules) -> None:
    """By kind and name; what is declared absent by its name goes all the same, and the limit counts only what goes."""
    labels = [{"name": name} for name in ("infra-a", "infra-b", "old", "gone")]
    run.state({"projects": [{"name": "payments"}], "labels": [*labels, {"name": "infra-c", "project": "payments"}]})
    desired = {"projects": [{"name": "payments"}], "labels": [{"name": "infra-b", "state": "absent"}]}
    result = run.state(desired, prune=["labels"], protect=["labels/infra-*", "projects/*"], max_delete=4)
    assert sorted(change["name"] for change in result["changes"]) == ["gone", "infra-b", "old", "payments/infra-c"]
    result = run.state({**desired, "labels": []}, prune=["labels"], protect=["labels/infra-*"], max_delete=0)
    assert not result["changed"]


def test_prune_everything_ends_where_it_began(run: Modules, company: dict[str, t.Any]) -> None:
    empty: dict[str, t.Any] = {kind: [] for kind in KINDS}
    empty["projects"] = [{"name": "library"}]
    result = run.state(empty, prune=KINDS, max_delete=100)
    # What is in a pruned project goes with it.
    assert result["summary"]["delete"] == sum("project" not in entry for kind in KINDS for entry in COMPANY[kind])
    assert not run.state(empty, prune=KINDS)["changed"]


def test_prune_needs_a_declared_kind(run: Modules, company: dict[str, t.Any]) -> None:
    assert "prune: users is not declared; write 'users: []'" in run.refused("state", desired={"labels": []}, prune=["users"])
    assert run.writes() == []


@pytest.mark.parametrize("pattern", ["label/infra-*", "infra-*", "Labels/*", "labels/", "labels/infra-*, projects/infra-*"])
def test_a_pattern_that_protects_nothing_is_refused(run: Modules, pattern: str) -> None:
    """What a misspelt pattern means to protect would be deleted."""
    message = run.refused("state", desired={"labels": []}, prune=["labels"], protect=[pattern])
    assert f"protect: {pattern!r} is " in message and "allowed: " in message


def test_prune_more_than_max_delete_lists_them(run: Modules) -> None:
    run.state({"labels": [{"name": f"label-{number:02}"} for number in range(30)]})
    run.harbor.log.clear()
    message = run.refused("state", desired={"labels": []}, prune=["labels"], max_delete=29)
    assert "max_delete: 30 objects would be deleted, allowed: 29: label label-00, " in message and "label-19 and 10 more" in message
    assert run.writes() == []


def test_registry_in_use_is_not_pruned(run: Modules, company: dict[str, t.Any]) -> None:
    message = run.refused("state", desired={"registries": []}, prune=["registries"])
    assert "registry hub (to be pruned): state: project hub-cache is a proxy cache of this registry" in message
    assert run.writes() == []


def test_projects_with_repositories_stop_the_whole_plan(run: Modules, company: dict[str, t.Any]) -> None:
    push(run.harbor, "payments")
    desired = {"projects": [{"name": "payments", "state": "absent"}], "labels": [{"name": "new"}]}
    assert "project payments: state: the project holds 1 repositories" in run.refused("state", desired=desired)
    message = run.refused("state", desired={"projects": [{"name": "library"}]}, prune=["projects"])
    assert "project payments (to be pruned): state: the project holds 1 repositories" in message
    assert run.writes() == []


# -- odd cases


def test_quota_below_usage_is_refused(run: Modules, company: dict[str, t.Any]) -> None:
    push(run.harbor, "payments", size=3 * 2**30)
    message = run.refused("project", name="payments", storage_limit="2GiB")
    assert "project payments: storage_limit: 2GiB is below the 3221225472 bytes in use" in message
    assert run.ok("project", name="payments", storage_limit="4GiB")["changed"]
    assert not run.ok("project", name="payments", storage_limit=str(4 * 2**30))["changed"]


def test_project_without_quota(run: Modules) -> None:
    with run.harbor.harbor.store.transaction(write=True) as tx:
        insert_project(tx, "free", {"public": "false"}, owner_id=1, registry_id=0, storage_limit=None)
    assert "quotas per project are switched off" in run.refused("project", name="free", storage_limit="2GiB")
    [project] = run.ok("project_info", name="free")["projects"]
    assert "storage_limit" not in project


def test_the_owner_of_a_new_project_may_be_declared(run: Modules) -> None:
    """Harbor adds the owner by itself: no second member, but another role is an update."""
    desired = {
        "projects": [{"name": "one"}, {"name": "two"}],
        "project_members": [
            {"project": "one", "user": "admin", "role": "admin"},
            {"project": "two", "user": "admin", "role": "maintainer"},
        ],
    }
    predicted = run.state(desired, check=True)
    assert predicted == run.state(desired)
    assert predicted["summary"] == {"create": 2, "update": 1, "delete": 0, "unchanged": 1}
    assert not run.state(desired)["changed"]


def test_a_user_and_a_group_of_the_same_name(run: Modules) -> None:
    desired = {
        "user_groups": [{"name": "alice", "type": "oidc"}],
        "users": COMPANY["users"],
        "projects": [{"name": "payments"}],
        "project_members": [
            {"project": "payments", "user": "alice", "role": "guest"},
            {"project": "payments", "group": "alice", "role": "developer"},
        ],
    }
    run.state(desired)
    assert not run.state(desired)["changed"]


def test_server_normalisation_is_no_change(run: Modules) -> None:
    """Addresses lose slashes and gain a scheme, severity and booleans come back in other spellings."""
    registry = {"name": "plain", "type": "docker-registry", "url": "registry.example.com:5000/"}
    run.ok("registry", **registry)
    assert not run.ok("registry", **registry)["changed"]
    run.ok("project", name="payments", auto_scan=True, severity="high")
    with run.harbor.harbor.store.transaction(write=True) as tx:
        [row] = [row for row in tx.find("project") if row["name"] == "payments"]
        tx.update("project", row["id"], metadata={**row["metadata"], "auto_scan": "True", "severity": "High"})
    assert not run.ok("project", name="payments", auto_scan=True, severity="high")["changed"]


def test_allowlist_expiry(run: Modules) -> None:
    run.ok("project", name="payments", cve_allowlist=["CVE-2024-1"], cve_allowlist_expires_at="2027-01-31T12:00:00+02:00")
    [project] = run.ok("project_info", name="payments")["projects"]
    assert project["cve_allowlist_expires_at"] == "2027-01-31T10:00:00Z"
    run.ok("project", name="payments", cve_allowlist=["CVE-2024-2"])
    [project] = run.ok("project_info", name="payments")["projects"]
    assert project["cve_allowlist_expires_at"] == "2027-01-31T10:00:00Z"
    assert run.ok("project", name="payments", cve_allowlist_expires_at="never")["changed"]
    assert not run.ok("project", name="payments", cve_allowlist_expires_at="never")["changed"]


def test_many_projects_are_read_as_a_list(run: Modules) -> None:
    desired = {"projects": [{"name": f"team-{number}"} for number in range(120)]}
    run.state(desired)
    run.harbor.log.clear()
    assert not run.state(desired)["changed"]
    assert [path for method, path, _status in run.harbor.log if "/projects" in path] == ["/api/v2.0/projects"] * 2


def test_writes_in_one_project_never_overlap(run: Modules, monkeypatch: pytest.MonkeyPatch) -> None:
    from ansible_collections.dockmaster.harbor.plugins.module_utils import _engine

    busy: set[str] = set()
    overlaps: list[str] = []
    write = _engine._write

    def watched(api: t.Any, world: t.Any, change: t.Any) -> None:
        if change.project in busy:
            overlaps.append(change.name)
        busy.add(change.project)
        write(api, world, change)
        busy.discard(change.project)

    monkeypatch.setattr(_engine, "_write", watched)
    run.harbor.latency = 0.002
    projects = [{"name": f"team-{number}"} for number in range(4)]
    labels = [{"project": project["name"], "name": f"label-{number}"} for project in projects for number in range(5)]
    run.state({"projects": projects, "labels": labels}, harbor_workers=8)
    assert [name for name in overlaps if "/" in name] == []
    assert len(run.ok("label_info")["labels"]) == len(labels)


def test_the_owner_of_a_new_project_may_be_removed(run: Modules) -> None:
    desired = {"projects": [{"name": "payments"}], "project_members": [{"project": "payments", "user": "admin", "state": "absent"}]}
    predicted = run.state(desired, check=True)
    assert predicted == run.state(desired)
    assert run.ok("project_member_info", project="payments")["project_members"] == []
    assert not run.state(desired)["changed"]


def grant(harbor: Server, access: dict[str, str]) -> None:
    """Give the only robot a permission as older versions or other tools do."""
    with harbor.harbor.store.transaction(write=True) as tx:
        [robot] = tx.find("robot")
        [scope] = robot["permissions"]
        tx.update("robot", robot["id"], permissions=[{**scope, "access": [*scope["access"], access]}])


def test_a_refused_permission_stays_refused(run: Modules) -> None:
    """The update of another field replaces all permissions: what is denied must not come back as granted."""
    run.state({"projects": [{"name": "payments"}], "robots": [ROBOT]})
    grant(run.harbor, {"resource": "repository", "action": "push", "effect": "deny"})
    run.ok("robot", project="payments", name="ci", description="new")
    with run.harbor.harbor.store.transaction(write=False) as tx:
        [robot] = tx.find("robot")
    assert {"resource": "repository", "action": "push", "effect": "deny"} in robot["permissions"][0]["access"]
    access = ["repository:pull", "repository:push"]
    assert run.ok("robot", project="payments", name="ci", permissions=[{"access": access}])["changed"]
    assert not run.ok("robot", project="payments", name="ci", permissions=[{"access": access}])["changed"]


def test_a_permission_of_an_older_harbor(run: Modules) -> None:
    """It may stay as it is; Harbor refuses every change of the robot that keeps it, so the plan does."""
    run.state({"projects": [{"name": "payments"}], "robots": [ROBOT]})
    grant(run.harbor, {"resource": "helm-chart", "action": "read"})
    assert not run.state(exported(run))["changed"]
    run.harbor.log.clear()
    assert "knows no project permission 'helm-chart:read'" in run.refused("robot", project="payments", name="ci", description="new")
    assert run.writes() == []
    assert run.ok("robot", project="payments", name="ci", description="new", permissions=PULL)["changed"]


def test_a_robot_prefix_with_a_plus(run: Modules) -> None:
    with run.harbor.harbor.store.transaction(write=True) as tx:
        tx.update("config", 1, values={"robot_name_prefix": "a+b$"})
    desired = {"robots": [{"name": "ci", "secret": "Canary1Robot", "permissions": [{"namespace": "*", "access": ["repository:pull"]}]}]}
    run.state(desired)
    assert not run.state(desired, prune=["robots"])["changed"]


def test_names_that_q_cannot_look_for(run: Modules) -> None:
    for name in (" hub", "hub ", "a,b"):
        registry = {**REGISTRY, "name": name}
        assert run.ok("registry", **registry)["changed"]
        assert not run.ok("registry", **registry)["changed"]


# -- export


class Loader(yaml.SafeLoader):
    """Reads YAML as Ansible does."""


Loader.add_constructor("!unsafe", lambda loader, node: node.value)


def exported(run: Modules, **params: t.Any) -> dict[str, t.Any]:
    path = run.directory / "harbor.yml"
    run.ok("export", path=str(path), **params)
    content: dict[str, t.Any] = yaml.load(path.read_text(), Loader)
    return content


def test_export_then_state_changes_nothing(run: Modules, company: dict[str, t.Any]) -> None:
    content = exported(run)
    assert set(KINDS) <= set(content) <= {resource.plural for resource in RESOURCES}
    assert not run.state(content, diff=True)["changed"]
    assert not run.state(content, prune=KINDS)["changed"]
    assert run.writes() == []


def test_export_rebuilds_an_empty_harbor(run: Modules, company: dict[str, t.Any]) -> None:
    """With the secrets put back, the file makes the same Harbor again."""
    content = exported(run)
    again = copy.deepcopy(content)
    for kind, hidden in SECRETS.items():
        for entry in company.get(kind, []) if hidden else ():
            [target] = [one for one in again[kind] if all(one.get(name) == entry.get(name) for name in KEYS[kind])]
            target |= {name: entry[name] for name in hidden if name in entry}
    run.harbor.reset()
    run.state(again)
    assert exported(run) == content


def test_export_writes_once_and_privately(run: Modules, company: dict[str, t.Any]) -> None:
    path = run.directory / "harbor.yml"
    assert run.ok("export", path=str(path), check=True)["changed"] and not path.exists()
    first = run.ok("export", path=str(path))
    assert first["changed"] and first["file"] == str(path) and first["counts"]["robots"] == 3
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert not run.ok("export", path=str(path), check=True)["changed"]
    assert not run.ok("export", path=str(path))["changed"]
    path.chmod(0o644)
    assert run.ok("export", path=str(path))["changed"] and stat.S_IMODE(path.stat().st_mode) == 0o600
    assert "hub-cache" not in run.outputs[-2]


def test_export_of_some_kinds(run: Modules, company: dict[str, t.Any]) -> None:
    assert set(exported(run, kinds=["labels", "projects"])) == {"labels", "projects"}


def test_export_into_a_missing_directory(run: Modules, tmp_path: Path) -> None:
    for check in (True, False):
        assert "path: the directory of" in run.refused("export", path=str(tmp_path / "missing/harbor.yml"), check=check)


def test_export_writes_no_templates(run: Modules) -> None:
    """Whoever may write a description in Harbor must not run code where the file is read as variables."""
    desired = {"labels": [{"name": "x", "description": "it's {{ lookup('pipe', 'id') }}"}, {"name": "{% raw"}]}
    run.state(desired)
    assert exported(run, kinds=["labels"])["labels"][0]["description"] == desired["labels"][0]["description"]
    text = (run.directory / "harbor.yml").read_text()
    assert "name: !unsafe '{% raw'" in text and "description: !unsafe 'it''s {{" in text and "!unsafe 'x'" not in text
    assert not run.state(exported(run))["changed"]


def test_export_into_a_relative_path(run: Modules, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also where a file has to be copied from another file system."""
    import errno
    import os

    rename = os.rename

    def across(source: t.Any, target: t.Any) -> None:
        if Path(os.fsdecode(source)).parent != Path(os.fsdecode(target)).parent:
            raise OSError(errno.EXDEV, "Invalid cross-device link")
        rename(source, target)

    (tmp_path / "site").mkdir()
    monkeypatch.chdir(tmp_path / "site")
    monkeypatch.setattr(os, "rename", across)
    result = run.ok("export", path="harbor.yml")
    assert result["changed"] and result["file"] == "harbor.yml" and Path("harbor.yml").is_file()
    assert not run.ok("export", path="harbor.yml")["changed"]


def test_export_of_what_nobody_can_declare(run: Modules) -> None:
    """A label without a name, and limits that mean none."""
    run.state({"registries": [REGISTRY], "projects": [{"name": "cache", "registry": "hub"}], "labels": [{"name": "x"}]})
    with run.harbor.harbor.store.transaction(write=True) as tx:
        [label] = tx.find("label")
        tx.update("label", label["id"], name="")
        [row] = tx.find("project", name="cache")
        tx.update("project", row["id"], metadata={**row["metadata"], "proxy_speed_kb": "0"})
    content = exported(run)
    assert content["labels"] == []
    assert not run.state(content)["changed"]
