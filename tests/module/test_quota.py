# Copyright: the dockmaster.harbor contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Quotas: of one project, and what new projects get."""

from __future__ import annotations

import typing as t

import pytest
import yaml
from standin.harbor import insert_project

from .conftest import Modules, Result
from .samples import CANARIES, PAYMENTS

GIB = 2**30


@pytest.fixture(autouse=True)
def payments(run: Modules) -> None:
    run.state(PAYMENTS)
    run.harbor.log.clear()


def limits(run: Modules) -> dict[str, str]:
    return {found.get("project", ""): found.get("storage_limit", "") for found in run.ok("quota_info")["quotas"]}


def both(run: Modules, **params: t.Any) -> Result:
    """Run in check mode, for real and again."""
    predicted = run.ok("quota", check=True, diff=True, **params)
    done = run.ok("quota", diff=True, **params)
    assert predicted == done
    again = run.ok("quota", **params)
    assert not again["changed"] and again["summary"]["unchanged"] == 1
    return done


def test_the_quota_of_a_project(run: Modules) -> None:
    result = both(run, project="payments", storage_limit="20GiB")
    assert result["changes"] == [{"kind": "quota", "name": "payments", "action": "update", "fields": ["storage_limit"]}]
    assert limits(run) == {"": "unlimited", "library": "unlimited", "payments": "20GiB"}
    assert both(run, project="payments", storage_limit="unlimited")["changed"]
    assert not run.ok("quota", project="payments", storage_limit=-1)["changed"]


def test_what_new_projects_get(run: Modules) -> None:
    assert both(run, storage_limit="5GiB")["changes"][0]["name"] == "(default)"
    assert not run.ok("quota", storage_limit=5 * GIB)["changed"]
    run.ok("project", name="platform")
    assert limits(run) == {"": "5GiB", "library": "unlimited", "payments": "unlimited", "platform": "5GiB"}


def test_the_limit_for_new_projects_comes_before_them(run: Modules) -> None:
    """The projects of the same run get it, and a quota that says the same is no change."""
    desired = {
        "projects": [{"name": "platform"}, {"name": "tools", "storage_limit": "7GiB"}, {"name": "web"}],
        "quotas": [
            {"storage_limit": "5GiB"},
            {"project": "platform", "storage_limit": "5GiB"},
            {"project": "tools", "storage_limit": "7GiB"},
            {"project": "web", "storage_limit": "9GiB"},
        ],
    }
    predicted = run.state(desired, check=True, diff=True)
    done = run.state(desired, diff=True)
    assert predicted == done and done["summary"] == {"create": 3, "update": 2, "delete": 0, "unchanged": 2}
    assert limits(run) | {"library": "", "payments": ""} == {
        "": "5GiB",
        "platform": "5GiB",
        "tools": "7GiB",
        "web": "9GiB",
        "library": "",
        "payments": "",
    }
    assert not run.state(desired)["changed"]


def test_the_quota_of_a_new_project_whose_limit_is_not_known(run: Modules) -> None:
    """Nothing is read that is not declared: the quota is set in any case."""
    desired = {"projects": [{"name": "platform"}], "quotas": [{"project": "platform", "storage_limit": "unlimited"}]}
    predicted = run.state(desired, check=True)
    assert predicted == run.state(desired) and predicted["summary"]["update"] == 1
    assert not run.state(desired)["changed"]
    assert not [path for _method, path, _status in run.harbor.log if path.endswith("/configurations")]


def test_one_project_has_one_limit(run: Modules) -> None:
    """The project's own option is the same value."""
    quotas = [{"project": "payments", "storage_limit": "20GiB"}]
    message = run.refused("state", desired={"projects": [{"name": "payments", "storage_limit": "30GiB"}], "quotas": quotas})
    assert "quota payments: storage_limit: 20GiB, but project payments is declared with 30GiB; allowed: one of them, or the same" in message
    assert run.writes() == []
    same = {"projects": [{"name": "payments", "storage_limit": 20 * GIB}], "quotas": quotas}
    assert run.state(same)["changed"]
    assert not run.state(same)["changed"]
    assert not run.ok("project", name="payments", storage_limit="20GiB")["changed"]


def test_a_quota_is_read_once(run: Modules) -> None:
    same = {
        "projects": [{"name": "payments", "storage_limit": "20GiB"}],
        "quotas": [{"project": "payments", "storage_limit": "20GiB"}],
    }
    run.state(same)
    run.harbor.log.clear()
    assert not run.state(same)["changed"]
    assert [path for _method, path, _status in run.harbor.log if "/quotas" in path] == ["/api/v2.0/quotas"]


def test_a_quota_below_what_is_used(run: Modules) -> None:
    with run.harbor.harbor.store.transaction(write=True) as tx:
        [project] = tx.find("project", name="payments")
        [quota] = tx.find("quota", reference_id=project["id"])
        tx.update("quota", quota["id"], used=3 * GIB)
    message = run.refused("quota", project="payments", storage_limit="2GiB")
    assert "quota payments: storage_limit: 2GiB is below the 3221225472 bytes in use" in message
    [found] = run.ok("quota_info", project="payments")["quotas"]
    assert found["used"] == 3 * GIB


def test_a_project_without_a_quota(run: Modules) -> None:
    with run.harbor.harbor.store.transaction(write=True) as tx:
        insert_project(tx, "free", {"public": "false"}, owner_id=1, registry_id=0, storage_limit=None)
    message = run.refused("quota", project="free", storage_limit="2GiB")
    assert "quota free: is not there, and only making a project while quota_per_project_enable is true makes one" in message
    assert "free" not in limits(run)


def test_only_an_administrator_changes_a_quota(run: Modules) -> None:
    """A member sees it, and is told before anything is written."""
    alice = {"username": "alice", "email": "alice@example.com", "realname": "Alice", "password": CANARIES[1]}
    run.state({"users": [alice], "project_members": [{"project": "payments", "user": "alice", "role": "admin"}]})
    run.ok("quota", project="payments", storage_limit="20GiB")
    run.connection = {"harbor_username": "alice", "harbor_password": CANARIES[1]}
    run.harbor.log.clear()
    assert not run.ok("quota", project="payments", storage_limit="20GiB")["changed"]
    assert "storage_limit: only a system administrator changes it" in run.refused("quota", project="payments", storage_limit="30GiB")
    assert run.writes() == []


@pytest.mark.parametrize("value", ["0", "-2", "20GB", "1025TiB", "1.5GiB", ""])
@pytest.mark.parametrize("project", [None, "payments"])
def test_bad_limits_are_refused(run: Modules, project: str | None, value: str) -> None:
    message = run.refused("quota", project=project, storage_limit=value)
    assert f"quota {project or '(default)'}: storage_limit: {value!r} is not allowed; allowed: unlimited, bytes, or a whole" in message


def test_export_says_it_once(run: Modules) -> None:
    """With the projects only the limit for new ones is left to say; without them all are said."""
    run.ok("quota", project="payments", storage_limit="20GiB")
    path = run.directory / "harbor.yml"
    run.ok("export", path=str(path), kinds=["projects", "quotas"])
    content = yaml.safe_load(path.read_text())
    assert content["quotas"] == [{"storage_limit": "unlimited"}]
    assert not run.state(content)["changed"]
    run.ok("export", path=str(path), kinds=["quotas"])
    content = yaml.safe_load(path.read_text())
    assert {"project": "payments", "storage_limit": "20GiB"} in content["quotas"] and len(content["quotas"]) == 3
    assert not run.state(content)["changed"]
