# Copyright: the dockmaster.harbor contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Repositories: made by a push, described here, deleted only by name."""

from __future__ import annotations

import typing as t

import pytest
from standin.content import Manifest, record_manifest

from .conftest import Modules, Result
from .samples import PAYMENTS

APP = {"project": "payments", "name": "team/app"}
TEXTS = ["<b>a & \"b\"</b> 'c'", "&lt; &amp;lt; &copy; &#34;", "{{ 1 + 1 }}", "Größe\n\n* one\n* two", "1"]


@pytest.fixture(autouse=True)
def images(run: Modules) -> None:
    """A project with two repositories."""
    run.state(PAYMENTS)
    push(run, "team/app")
    push(run, "web")
    run.harbor.log.clear()


def push(run: Modules, name: str) -> None:
    with run.harbor.harbor.store.transaction(write=True) as tx:
        [project] = tx.find("project", name="payments")
        record_manifest(tx, project, f"payments/{name}", "v1", Manifest(f"sha256:{name}", "", "", "", "", {}, ()))


def names(run: Modules) -> list[str]:
    return [found["name"] for found in run.ok("repository_info", project="payments")["repositories"]]


def both(run: Modules, **params: t.Any) -> Result:
    """Run in check mode, for real and again."""
    predicted = run.ok("repository", check=True, diff=True, **params)
    done = run.ok("repository", diff=True, **params)
    assert predicted == done
    again = run.ok("repository", **params)
    assert not again["changed"] and again["summary"]["unchanged"] == 1
    return done


@pytest.mark.parametrize("text", TEXTS)
def test_a_description_is_what_was_written(run: Modules, text: str) -> None:
    """Harbor escapes it on the way in, and once more each time it is sent."""
    result = both(run, **APP, description=text)
    assert result["changes"] == [{"kind": "repository", "name": "payments/team/app", "action": "update", "fields": ["description"]}]
    [found] = run.ok("repository_info", **APP)["repositories"]
    assert found == {**APP, "description": text, "artifact_count": 1, "pull_count": 0, "id": found["id"]}
    assert both(run, **APP, description="")["changed"]


def test_a_name_with_a_slash_survives_a_proxy(run: Modules) -> None:
    """Harbor's own proxy decodes paths once, as the log of the stand-in does."""
    both(run, **APP, description="x")
    assert run.writes()[0][1] == "/api/v2.0/projects/payments/repositories/team%2Fapp"


def test_the_name_alone_changes_nothing(run: Modules) -> None:
    assert not run.ok("repository", **APP)["changed"]


def test_delete_by_name(run: Modules) -> None:
    assert both(run, **APP, state="absent")["summary"]["delete"] == 1
    assert names(run) == ["web"]
    assert not run.ok("repository", project="payments", name="never/there", state="absent")["changed"]


def test_only_a_push_makes_one(run: Modules) -> None:
    message = run.refused("repository", project="payments", name="other", description="x")
    assert "repository payments/other: is not there, and only a push makes one" in message and run.writes() == []


def test_repositories_are_never_pruned(run: Modules) -> None:
    message = run.refused("state", desired={**PAYMENTS, "repositories": []}, prune=["repositories"])
    assert "value of prune must be one or more of" in message
    assert "the project holds 2 repositories" in run.refused("state", desired={"projects": []}, prune=["projects"])
    assert names(run) == ["team/app", "web"]


def test_a_project_goes_with_the_last_of_its_repositories(run: Modules) -> None:
    gone = {"projects": [{"name": "payments", "state": "absent"}], "repositories": [{**APP, "state": "absent"}]}
    assert "the project holds 1 repositories" in run.refused("state", desired=gone)
    gone["repositories"].append({"project": "payments", "name": "web", "state": "absent"})
    predicted = run.state(gone, check=True)
    assert predicted == run.state(gone) and predicted["summary"]["delete"] == 3
    assert run.ok("project_info", name="payments")["projects"] == []


def test_an_immutable_tag_holds_the_repository(run: Modules) -> None:
    run.ok("immutable_tag_rule", project="payments", tag_matching="v*")
    message = run.refused("repository", **APP, state="absent")
    assert "delete repository payments/team/app: DELETE" in message and "the tag v1 configured as immutable, cannot be deleted" in message
    assert "team/app" in names(run)


@pytest.mark.parametrize("name", ["Team/App", "/app", "app/", "a//b", "a b", "app:v1", ""])
def test_names_that_no_repository_has(run: Modules, name: str) -> None:
    assert f"name: {name!r} is not allowed; allowed: the name without that of the project" in (
        run.refused("repository", project="payments", name=name, description="x")
    )


def test_export_holds_descriptions_only(run: Modules) -> None:
    run.ok("repository", **APP, description="{{ x }}")
    path = run.directory / "harbor.yml"
    assert run.ok("export", path=str(path), kinds=["repositories"])["counts"] == {"repositories": 1}
    assert "description: !unsafe '{{ x }}'" in path.read_text()


def test_many_repositories_are_more_than_one_page(run: Modules) -> None:
    for number in range(120):
        push(run, f"r{number}")
    assert len(names(run)) == 122
