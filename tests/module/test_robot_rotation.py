# Copyright: the dockmaster.harbor contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A robot is replaced with overlap: nothing stops working before the successor has logged in."""

from __future__ import annotations

import typing as t

import pytest
import yaml
from ansible_collections.dockmaster.harbor.plugins.module_utils import _arguments as arguments
from ansible_collections.dockmaster.harbor.plugins.module_utils import _http
from ansible_collections.dockmaster.harbor.plugins.module_utils._http import Api
from ansible_collections.dockmaster.harbor.plugins.module_utils._transport import Connection
from ansible_collections.dockmaster.harbor.plugins.modules import robot_rotation

from .conftest import Modules, Result
from .samples import CANARIES, PULL, ROBOT

OLD, NEW = CANARIES[0], "Canary8Successor"
BEFORE = {"projects": [{"name": "payments"}], "robots": [{**ROBOT, "description": "Pipeline"}]}
ROTATION = {"project": "payments", "name": "ci", "successor": "ci-2", "secret": NEW}
SYSTEM = {"name": "runtime", "secret": OLD, "permissions": [{"kind": "system", "access": ["project:list"]}, *PULL]}


def works(run: Modules, name: str, secret: str) -> bool:
    return Api(Connection(url=run.harbor.url, username="admin", password=run.harbor.password)).accepts(name, secret)


def robots(run: Modules, **filters: t.Any) -> dict[str, dict[str, t.Any]]:
    return {robot["name"]: robot for robot in run.ok("robot_info", **filters)["robots"]}


def both(run: Modules, **params: t.Any) -> Result:
    """Run in check mode and for real: the same prediction but for the proof, and check mode writes nothing."""
    before = len(run.writes())
    predicted = run.ok("robot_rotation", check=True, diff=True, **params)
    assert len(run.writes()) == before, "check mode wrote"
    done = run.ok("robot_rotation", diff=True, **params)
    assert {**predicted, "verified": True} == done
    return done


@pytest.mark.parametrize("old", ["disable", "delete"])
def test_the_whole_way(run: Modules, old: str) -> None:
    """Make, hand over, retire; each step again changes nothing, and both work in between."""
    run.state(BEFORE)
    made = both(run, **ROTATION)
    assert [(change["name"], change["action"]) for change in made["changes"]] == [("payments/ci-2", "create")]
    assert made["login"] == "robot$payments+ci-2" and made["verified"]
    found = robots(run, project="payments")
    assert {name: found["ci"][name] for name in ("permissions", "duration", "description")} == {
        name: found["ci-2"][name] for name in ("permissions", "duration", "description")
    }
    assert works(run, "robot$payments+ci", OLD) and works(run, "robot$payments+ci-2", NEW)
    assert not both(run, **ROTATION)["changed"]

    retired = both(run, **ROTATION, old=old)
    assert [change["name"] for change in retired["changes"]] == ["payments/ci"]
    assert not works(run, "robot$payments+ci", OLD) and works(run, "robot$payments+ci-2", NEW)
    assert ("ci" in robots(run)) is (old == "disable")
    for again in (old, "keep"):
        result = both(run, **ROTATION, old=again)
        assert not result["changed"] and result["verified"] and result["login"] == "robot$payments+ci-2"
    if old == "disable":
        assert both(run, **ROTATION, old="delete")["changes"] == [
            {"kind": "robot", "name": "payments/ci", "action": "delete", "fields": []}
        ]
    assert "Canary" not in "".join(run.outputs)


def test_all_in_one_run(run: Modules) -> None:
    run.state(BEFORE)
    result = both(run, **ROTATION, old="disable", duration=365, description="Pipeline of 2027")
    assert [change["action"] for change in result["changes"]] == ["create", "update"]
    found = robots(run, project="payments")
    assert (found["ci-2"]["duration"], found["ci-2"]["description"], found["ci"]["disable"]) == (365, "Pipeline of 2027", True)
    assert "disable: true" in result["diff"][1]["after"] and not both(run, **ROTATION, old="disable")["changed"]


def test_a_robot_of_the_system(run: Modules) -> None:
    run.state({"projects": [{"name": "payments"}], "robots": [SYSTEM]})
    rotation = {"name": "runtime", "successor": "runtime.b", "secret": NEW}
    assert both(run, **rotation, old="delete")["login"] == "robot$runtime.b"
    found = robots(run)
    assert list(found) == ["runtime.b"] and works(run, "robot$runtime.b", NEW)
    assert [(entry["kind"], entry["namespace"]) for entry in found["runtime.b"]["permissions"]] == [
        ("project", "payments"),
        ("system", "/"),
    ]


def test_a_successor_without_the_secret_is_repaired(run: Modules) -> None:
    """A run that was cut off, or somebody who set another secret."""
    run.state(BEFORE)
    run.ok("robot_rotation", **ROTATION)
    run.ok("robot", project="payments", name="ci-2", secret="Canary7Other", update_secret="always")
    result = run.ok("robot_rotation", **ROTATION, check=True)
    assert result["changes"] == [{"kind": "robot", "name": "payments/ci-2", "action": "update", "fields": ["secret"]}]
    assert not result["verified"]
    run.ok("robot_rotation", **ROTATION, old="disable")
    assert works(run, "robot$payments+ci-2", NEW) and not works(run, "robot$payments+ci", OLD)


@pytest.mark.parametrize("old", ["disable", "delete"])
def test_the_old_one_stays_until_the_new_one_logs_in(run: Modules, old: str) -> None:
    run.state(BEFORE)
    run.ok("robot_rotation", **ROTATION)
    run.ok("robot", project="payments", name="ci-2", disable=True)
    before = len(run.writes())
    for check in (True, False):
        result = run("robot_rotation", **ROTATION, old=old, check=check)
        assert result["failed"] and not result["changed"] and not result["verified"]
        assert (
            "robot payments/ci-2 cannot log in as robot$payments+ci-2 with the declared secret: it is disabled; ci was left as it is"
            in (result["msg"])
        )
    assert len(run.writes()) == before and works(run, "robot$payments+ci", OLD)


def test_a_failed_proof_after_the_creation(run: Modules, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever the reason: the old robot stays, and what was done is told."""
    run.state(BEFORE)
    with monkeypatch.context() as patch:
        patch.setattr(Api, "accepts", lambda api, username, password: False)
        result = run("robot_rotation", **ROTATION, old="delete")
    assert result["failed"] and "cannot log in as robot$payments+ci-2 with the declared secret; ci was left as it is" in result["msg"]
    assert [change["name"] for change in result["changes"]] == ["payments/ci-2"] and result["changed"]
    assert works(run, "robot$payments+ci", OLD)
    assert [change["action"] for change in run.ok("robot_rotation", **ROTATION, old="delete")["changes"]] == ["delete"]


def test_a_failed_creation_leaves_the_old_one(run: Modules) -> None:
    run.state(BEFORE)
    run.harbor.faults.add("502", method="PATCH", path_prefix="/api/v2.0/robots", times=_http.ATTEMPTS)
    message = run.refused("robot_rotation", **ROTATION, old="delete")
    assert "create robot payments/ci-2" in message and "the robot was deleted again" in message
    assert list(robots(run)) == ["ci"] and works(run, "robot$payments+ci", OLD)
    assert run.ok("robot_rotation", **ROTATION, old="delete")["changed"]
    assert list(robots(run)) == ["ci-2"]


def test_a_failed_retirement_is_reported(run: Modules) -> None:
    run.state(BEFORE)
    run.harbor.faults.add("502", method="PUT", path_prefix="/api/v2.0/robots/1", times=_http.ATTEMPTS)
    result = run("robot_rotation", **ROTATION, old="disable")
    assert result["failed"] and "update robot payments/ci" in result["msg"] and result["verified"]
    assert [change["name"] for change in result["changes"]] == ["payments/ci-2"]
    assert [change["name"] for change in run.ok("robot_rotation", **ROTATION, old="disable")["changes"]] == ["payments/ci"]


def test_someone_elses_robot_is_no_successor(run: Modules) -> None:
    """Its secret would be overwritten."""
    other = {**ROBOT, "name": "ci-2", "permissions": [{"access": ["tag:list"]}]}
    run.state({**BEFORE, "robots": [*BEFORE["robots"], other]})
    run.harbor.log.clear()
    for check in (True, False):
        message = run.refused("robot_rotation", **ROTATION, check=check)
        assert "successor: robot payments/ci-2 is there already and may not do what ci may (repository:pull in payments)" in message
    assert run.writes() == []


BAD: dict[str, tuple[dict[str, t.Any], str]] = {
    "itself": ({"successor": "ci"}, "successor: 'ci' is the robot itself; allowed: another name"),
    "missing": ({"name": "ghost"}, "name: neither robot payments/ghost nor its successor ci-2 is there"),
    "missing project": ({"project": "ghost"}, "name: neither robot ghost/ci nor its successor ci-2 is there"),
    "name": ({"successor": "CI"}, "robot payments/CI: name: 'CI' is not allowed"),
    "secret": ({"secret": "weakling"}, "secret: the given value is not allowed; allowed: 8 to 128 characters"),
    "duration": ({"duration": 0}, "duration: 0 is not allowed; allowed: -1 or 1 to 2147483646"),
    "choice": ({"old": "burn"}, "keep, disable, delete"),
}


@pytest.mark.parametrize("case", BAD)
def test_bad_input(run: Modules, case: str) -> None:
    run.state(BEFORE)
    run.harbor.log.clear()
    changes, words = BAD[case]
    for check in (True, False):
        assert words in run.refused("robot_rotation", **{**ROTATION, **changes}, check=check)
    assert run.writes() == []


def test_as_a_robot(run: Modules) -> None:
    """No robot may set secrets; nothing is written before that is told."""
    manager = {**SYSTEM, "name": "manager", "permissions": [{"kind": "system", "access": ["robot:list", "robot:create", "project:list"]}]}
    run.state({**BEFORE, "robots": [SYSTEM, manager]})
    run.connection = {"harbor_username": "robot$manager", "harbor_password": OLD}
    before = len(run.writes())
    assert "Harbor lets no robot account set secrets" in run.refused("robot_rotation", name="runtime", successor="runtime-2", secret=NEW)
    assert len(run.writes()) == before


def test_the_documented_options_are_the_real_ones() -> None:
    """They are written by hand, unlike those of the resources."""
    documented = yaml.safe_load(robot_rotation.DOCUMENTATION)["options"]
    spec = {name: one for name, one in arguments.rotation().items() if not name.startswith("harbor_")}
    assert {name: {key: one.get(key) for key in ("type", "required", "choices", "default")} for name, one in documented.items()} == {
        name: {key: one.get(key) for key in ("type", "required", "choices", "default")} for name, one in spec.items()
    }
    assert [name for name, one in spec.items() if one.get("no_log")] == ["secret"]
