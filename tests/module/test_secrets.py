# Copyright: the dockmaster.harbor contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Secrets go to Harbor and nowhere else; update_secret decides when."""

from __future__ import annotations

import typing as t

import pytest
from standin.world import Endpoint

from .conftest import Modules
from .samples import ALICE, CANARIES, COMPANY, REGISTRY, ROBOT

NEW = "Canary9Rotated"
CASES: dict[str, tuple[dict[str, t.Any], str, str]] = {
    "robot": ({"projects": [{"name": "payments"}], "robots": [ROBOT]}, "robots", "secret"),
    "user": ({"users": [ALICE]}, "users", "password"),
    "registry": ({"registries": [REGISTRY]}, "registries", "access_secret"),
}
secrets = pytest.mark.parametrize("case", CASES)


def rotated(case: str) -> dict[str, t.Any]:
    desired, kind, name = CASES[case]
    return {**desired, kind: [{**desired[kind][0], name: NEW}]}


def works(run: Modules, case: str, secret: str) -> bool:
    """Ask the stand-in itself whether a secret is in force."""
    from ansible_collections.dockmaster.harbor.plugins.module_utils._http import Api
    from ansible_collections.dockmaster.harbor.plugins.module_utils._transport import Connection

    api = Api(Connection(url=run.harbor.url, username="admin", password=run.harbor.password))
    if case == "registry":
        with run.harbor.harbor.store.transaction(write=False) as tx:
            return secret in str(tx.find("registry"))
    name = {"robot": "robot$payments+ci", "user": "alice"}[case]
    return api.accepts(name, secret)


@secrets
def test_on_create(run: Modules, case: str) -> None:
    """The declared secret is in force after the creation, and is left alone later."""
    desired, kind, name = CASES[case]
    run.state(desired)
    assert works(run, case, desired[kind][0][name])
    assert not run.state(rotated(case))["changed"]
    assert works(run, case, desired[kind][0][name])


@secrets
def test_always(run: Modules, case: str) -> None:
    desired, kind, name = CASES[case]
    run.state(desired)
    predicted = run.state(rotated(case), update_secret="always", check=True, diff=True)
    result = run.state(rotated(case), update_secret="always", diff=True)
    assert result == predicted
    assert [change["fields"] for change in result["changes"]] == [[name]]
    assert works(run, case, NEW)
    assert run.state(rotated(case), update_secret="always")["changed"]


@secrets
def test_on_drift(run: Modules, case: str) -> None:
    desired, kind, name = CASES[case]
    key, url = REGISTRY["access_key"], REGISTRY["url"]
    run.harbor.world.registries[url] = Endpoint(users={key: desired[kind][0][name]}, anonymous=False)
    try:
        run.state(desired)
        assert not run.state(desired, update_secret="on_drift")["changed"]
        run.harbor.world.registries[url] = Endpoint(users={key: NEW}, anonymous=False)
        before = len(run.writes())
        predicted = run.state(rotated(case), update_secret="on_drift", check=True)
        assert len(run.writes()) == before
        assert run.state(rotated(case), update_secret="on_drift") == predicted
        assert predicted["changed"] and works(run, case, NEW)
        assert not run.state(rotated(case), update_secret="on_drift")["changed"]
    finally:
        run.harbor.world.registries.clear()


def test_a_registry_that_is_down_is_no_drift(run: Modules) -> None:
    run.state({"registries": [REGISTRY]})
    run.harbor.world.registries[REGISTRY["url"]] = Endpoint(users={"other": "x"}, anonymous=False)
    try:
        result = run.state({"registries": [REGISTRY]}, update_secret="on_drift")
        assert not result["changed"]
        assert "neither the stored nor the declared access_secret works" in str(run.warnings)
    finally:
        run.harbor.world.registries.clear()


def test_a_new_key_takes_its_secret_along(run: Modules) -> None:
    run.state({"registries": [REGISTRY]})
    result = run.ok("registry", name="hub", access_key="other", access_secret=NEW)
    assert result["changes"][0]["fields"] == ["access_key", "access_secret"]
    assert works(run, "registry", NEW)


def test_a_disabled_robot_cannot_be_asked(run: Modules) -> None:
    desired = {"projects": [{"name": "payments"}], "robots": [{**ROBOT, "disable": True}]}
    run.state(desired)
    assert not run.state(desired, update_secret="on_drift")["changed"]


def test_own_password(run: Modules) -> None:
    """The account in use can change its own password, and goes on with it."""
    desired: dict[str, t.Any] = {"users": [{"username": "admin", "password": NEW}], "labels": [{"name": "after"}]}
    result = run.state(desired, update_secret="on_drift")
    assert [change["fields"] for change in result["changes"]][:1] == [["password"]]
    run.connection = {"harbor_password": NEW}
    assert not run.state(desired, update_secret="on_drift")["changed"]


def test_canaries_are_in_no_output(run: Modules, caplog: pytest.LogCaptureFixture) -> None:
    """Not in results, diffs, warnings, errors or logs, whatever goes wrong."""
    caplog.set_level(0)
    for check in (True, False):
        run.state(COMPANY, check=check, diff=True)
    run.state(COMPANY, diff=True, update_secret="always")
    run.state(COMPANY, diff=True, update_secret="on_drift")
    run.ok("export", path=str(run.directory / "harbor.yml"))
    for kind in ("robot", "user", "registry"):
        run.ok(f"{kind}_info")
    run.state({**COMPANY, "robots": [{**robot, "state": "absent"} for robot in COMPANY["robots"]]}, diff=True)
    for kind, path in (("502", "/api/v2.0/robots"), ("reset_before", "/api/v2.0/robots")):
        run.harbor.faults.add(kind, method="POST", path_prefix=path, times=9)
        run("state", desired=COMPANY, diff=True)
        run.harbor.faults.clear()
    run("state", desired={"users": [{**ALICE, "password": "Canary2Usër" * 20}]})
    printed = "".join([*run.outputs, *run.warnings, caplog.text, (run.directory / "harbor.yml").read_text()])
    invocations_left = printed.replace("VALUE_SPECIFIED_IN_NO_LOG_PARAMETER", "")
    assert [word for word in (*CANARIES, run.harbor.password, "Canary") if word in invocations_left] == []


def test_secrets_are_not_in_reprs() -> None:
    from ansible_collections.dockmaster.harbor.plugins.module_utils._plan import Options, declare, plan
    from ansible_collections.dockmaster.harbor.plugins.module_utils._resource import World
    from ansible_collections.dockmaster.harbor.plugins.module_utils._resources import RESOURCES
    from ansible_collections.dockmaster.harbor.plugins.module_utils._session import Caller
    from ansible_collections.dockmaster.harbor.plugins.module_utils._transport import Connection

    world = World(version=(2, 15, 2), auth_mode="db_auth", caller=Caller(name="admin", id=1, admin=True))
    world.declared = declare(RESOURCES, COMPANY).objects
    planned = plan(RESOURCES, world, Options())
    assert planned.changes
    connection = Connection(url="https://registry.example.com", username="admin", password=CANARIES[3])
    assert "Canary" not in repr([world, planned, connection])


def test_a_busy_harbor_is_no_drift(run: Modules, monkeypatch: pytest.MonkeyPatch) -> None:
    """A 503 says nothing about a password."""
    from ansible_collections.dockmaster.harbor.plugins.module_utils._http import Api

    accepts = Api.accepts

    def busy(self: Api, username: str, password: str) -> bool:
        run.harbor.faults.add("503", method="GET", path_prefix="/api/v2.0/users/current")
        return accepts(self, username, password)

    run.state({"users": [ALICE]})
    monkeypatch.setattr(Api, "accepts", busy)
    assert not run.state({"users": [ALICE]}, update_secret="on_drift")["changed"]


def test_a_registry_in_passing_trouble_is_no_drift(run: Modules) -> None:
    """Harbor answers with the status of the other registry, or with 500: neither ends the run nor sends a secret by itself.

    Each question is asked three times.
    """
    run.state({"registries": [REGISTRY]})
    run.harbor.faults.add("502", method="POST", path_prefix="/api/v2.0/registries/ping", times=3)
    assert not run.state({"registries": [REGISTRY]}, update_secret="on_drift")["changed"]
    run.harbor.faults.add("502", method="POST", path_prefix="/api/v2.0/registries/ping", times=2 * 3)
    assert not run.state({"registries": [REGISTRY]}, update_secret="on_drift")["changed"]
    assert "neither the stored nor the declared access_secret works: POST /api/v2.0/registries/ping answered 502" in str(run.warnings)


@pytest.mark.parametrize(
    "desired",
    [{"robotz": [{"name": "ci", "secret": "Canary1Robot"}]}, {"users": [{"username": "x", "passwrd": "Canary1Robot"}]}],
)
def test_misspelt_options_are_not_repeated(run: Modules, desired: dict[str, t.Any]) -> None:
    """Nobody knows that they hold a secret, so nothing would mask them with -vvv."""
    assert "Unsupported parameters" in run.refused("state", desired=desired)
    run.refused("user", username="x", passwrd="Canary1Robot")
    assert "Canary" not in "".join(run.outputs)
