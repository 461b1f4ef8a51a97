# Copyright: the dockmaster.harbor contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Robots: when they expire, and that no run deletes the account that it runs as."""

from __future__ import annotations

import time
import typing as t

import pytest
import requests
from ansible_collections.dockmaster.harbor.plugins.module_utils._resource import World
from ansible_collections.dockmaster.harbor.plugins.module_utils._resources.robot import PREFIX, short_name
from ansible_collections.dockmaster.harbor.plugins.module_utils._session import Caller
from hypothesis import given
from hypothesis import strategies as st

from .conftest import Modules
from .samples import CANARIES, PAYMENTS, PULL, ROBOT

SECRET = CANARIES[0]
DAY = 24 * 3600
FOREVER, LONG, SHORT, GONE = "forever", "long", "short", "gone"


def robot(name: str, **more: t.Any) -> dict[str, t.Any]:
    return {"project": "payments", "name": name, "secret": SECRET, "permissions": [{"access": ["repository:pull"]}], **more}


@pytest.fixture
def aging(run: Modules) -> Modules:
    """Robots that expire never, in 365 days, in 30 days, and 10 days ago."""
    robots = [robot(FOREVER), robot(LONG, duration=365), robot(SHORT, duration=30), robot(GONE, duration=1)]
    run.state({"projects": [{"name": "payments"}], "robots": robots})
    with run.harbor.harbor.store.transaction(write=True) as tx:
        [row] = [row for row in tx.find("robot") if row["name"] == "payments+gone"]
        tx.update("robot", row["id"], expires_at=int(time.time()) - 10 * DAY + 3600)
    return run


def test_expiry_facts(aging: Modules) -> None:
    found = {one["name"]: one for one in aging.ok("robot_info", project="payments")["robots"]}
    facts = {name: (one["days_left"], one["expired"]) for name, one in found.items()}
    assert facts == {FOREVER: (None, False), LONG: (364, False), SHORT: (29, False), GONE: (-10, True)}
    assert found[FOREVER]["expires_at"] == "never" and found[FOREVER]["full_name"] == "robot$payments+forever"
    ends = time.strptime(found[SHORT]["expires_at"], "%Y-%m-%dT%H:%M:%SZ")
    assert abs(time.mktime(ends) - time.timezone - time.time() - 30 * DAY) < 60


@pytest.mark.parametrize(
    ("days", "names"), [(0, [GONE]), (29, [GONE]), (30, [GONE, SHORT]), (400, [GONE, LONG, SHORT])], ids=["0", "29", "30", "400"]
)
def test_expires_within_days(aging: Modules, days: int, names: list[str]) -> None:
    found = aging.ok("robot_info", expires_within_days=days)["robots"]
    assert [one["name"] for one in found] == names
    assert [one["name"] for one in aging.ok("robot_info", name=SHORT, expires_within_days=days)["robots"]] == [
        name for name in names if name == SHORT
    ]


def test_a_bad_number_of_days(aging: Modules) -> None:
    message = aging.refused("robot_info", expires_within_days=-1)
    assert "expires_within_days: -1 is not allowed; allowed: 0 to 2147483646" in message


PROJECT_RIGHTS = [
    "robot:list",
    "robot:create",
    "robot:delete",
    "robot:read",
    "project:read",
    "project:delete",
    "label:list",
    "label:delete",
]
MANAGER = robot("manager", permissions=[{"access": PROJECT_RIGHTS}])
GLOBAL: dict[str, t.Any] = {
    "name": "manager",
    "secret": SECRET,
    "permissions": [
        {"kind": "system", "access": ["robot:list", "robot:delete", "robot:read", "project:list"]},
        {"namespace": "*", "access": PROJECT_RIGHTS},
    ],
}


def test_the_robot_in_use_is_never_pruned(run: Modules) -> None:
    """Neither one of the system nor one of a project; all others are."""
    run.state({"projects": [{"name": "payments"}], "robots": [robot("other"), MANAGER, {**GLOBAL, "name": "idle"}, GLOBAL]})
    run.connection = {"harbor_username": "robot$manager", "harbor_password": SECRET}
    desired: dict[str, t.Any] = {"robots": [], "projects": [{"name": "payments"}]}
    predicted = run.state(desired, prune=["robots"], check=True)
    assert [change["name"] for change in predicted["changes"]] == ["idle", "payments/manager", "payments/other"]
    assert run.state(desired, prune=["robots"]) == predicted
    run.connection = {}
    assert [one["name"] for one in run.ok("robot_info")["robots"]] == ["manager"]


def test_the_project_of_the_robot_in_use_is_never_pruned(run: Modules) -> None:
    """A robot of a project prunes no projects at all."""
    run.state({"projects": [{"name": "payments"}], "robots": [MANAGER]})
    run.connection = {"harbor_username": "robot$payments+manager", "harbor_password": SECRET}
    before = len(run.writes())
    assert "prune: projects: robot$payments+manager is a robot of a project" in run.refused(
        "state", desired={"projects": []}, prune=["projects"]
    )
    assert len(run.writes()) == before


def test_the_account_in_use_is_not_deleted_by_name(run: Modules) -> None:
    run.state({"projects": [{"name": "payments"}], "robots": [MANAGER]})
    run.connection = {"harbor_username": "robot$payments+manager", "harbor_password": SECRET}
    before = len(run.writes())
    for check in (True, False):
        message = run.refused("robot", project="payments", name="manager", state="absent", check=check)
        assert "robot payments/manager: state: the account in use cannot delete itself" in message
        message = run.refused("project", name="payments", state="absent", check=check)
        assert "project payments: state: the account in use is a robot of this project and cannot delete it" in message
    assert len(run.writes()) == before


def test_a_namesake_is_not_the_account_in_use(run: Modules) -> None:
    """A robot of a project that has the name of the one of the system, and the other way round."""
    run.state({"projects": [{"name": "payments"}, {"name": "ments"}], "robots": [MANAGER, GLOBAL]})
    run.connection = {"harbor_username": "robot$manager", "harbor_password": SECRET}
    assert run.ok("robot", project="payments", name="manager", state="absent")["changed"]
    assert run.ok("project", name="ments", state="absent")["changed"]


def test_more_than_one_page(run: Modules) -> None:
    """Harbor's pages hold 10 unless told otherwise: 205 robots are three requests."""
    robots = [{"name": f"ci-{number}", "secret": SECRET, "permissions": PULL} for number in range(205)]
    run.state({"projects": [{"name": "payments"}], "robots": robots})
    run.harbor.log.clear()
    assert not run.state({"robots": robots})["changed"]
    assert [path for _method, path, _status in run.harbor.log if path.endswith("/robots")] == ["/api/v2.0/robots"] * 3


WORD = st.from_regex(r"[a-z0-9]{1,4}(?:[._-][a-z0-9]{1,3}){0,2}", fullmatch=True)
PREFIXES = st.one_of(st.just("robot$"), st.text("ab+$@_-. ", max_size=5))


@given(prefix=PREFIXES, project=WORD, name=WORD)
def test_any_name_is_understood(prefix: str, project: str, name: str) -> None:
    world = World(version=(2, 15, 2), auth_mode="db_auth", caller=Caller(name="admin", id=1, admin=True))
    assert short_name(world, {"name": f"{prefix}{project}+{name}", "level": "project"}) == name
    assert short_name(world, {"name": f"{prefix}{name}", "level": "system", PREFIX: prefix}) == name


def test_permissions_of_several_projects(run: Modules) -> None:
    """PULL names a project; one of the system has no need to live there."""
    run.state({"projects": [{"name": "payments"}], "robots": [{"name": "runtime", "secret": SECRET, "permissions": PULL}]})
    [found] = run.ok("robot_info")["robots"]
    assert "project" not in found and found["full_name"] == "robot$runtime"


def test_a_run_that_was_killed_before_the_secret_is_finished_by_the_next(run: Modules) -> None:
    """Harbor makes a secret of its own, which nobody knows; the next run must not take the robot for a finished one."""
    run.state(PAYMENTS)
    run.harbor.faults.add("502", method="PATCH", path_prefix="/api/v2.0/robots", times=50)
    run.harbor.faults.add("502", method="DELETE", path_prefix="/api/v2.0/robots", times=50)
    assert run("robot", **ROBOT, description="Pipeline").get("failed")
    run.harbor.faults.clear()
    [found] = run.ok("robot_info", project="payments")["robots"]
    assert found["description"] == ""
    predicted = run.ok("robot", **ROBOT, description="Pipeline", check=True)
    assert predicted["changes"][0]["fields"] == ["description", "secret"]
    assert run.ok("robot", **ROBOT, description="Pipeline") == predicted
    assert not run.ok("robot", **ROBOT, description="Pipeline")["changed"]
    user = requests.get(f"{run.harbor.url}/api/v2.0/projects", auth=("robot$payments+ci", ROBOT["secret"]), timeout=30)
    assert user.status_code == 200 and [one["name"] for one in user.json()] == ["library", "payments"]
