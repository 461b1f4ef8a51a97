# Copyright: the dockmaster.harbor contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Callers who are no administrators: what they may not manage is said before the first write."""

from __future__ import annotations

import typing as t

import pytest

from .conftest import Modules
from .samples import CANARIES, PULL

MANAGE = ["member:list", "member:create", "member:update", "label:list", "label:read", "label:create", "project:read", "repository:pull"]
USERS = [
    {"username": name, "email": f"{name}@example.com", "realname": name, "password": CANARIES[1]} for name in ("lead", "reader", "new")
]


@pytest.fixture
def robot(run: Modules) -> Modules:
    """Run as a robot of project payments that manages members and makes labels."""
    permissions = [{"access": MANAGE}]
    run.state(
        {
            "users": USERS,
            "projects": [{"name": "payments"}, {"name": "other"}],
            "labels": [{"project": "payments", "name": "old"}],
            "robots": [{"project": "payments", "name": "manager", "secret": CANARIES[0], "permissions": permissions}],
            "project_members": [
                {"project": "payments", "user": "lead", "role": "admin"},
                {"project": "payments", "user": "reader", "role": "guest"},
            ],
        }
    )
    run.connection = {"harbor_username": "robot$payments+manager", "harbor_password": CANARIES[0]}
    return run


def test_a_project_robot_manages_its_project(robot: Modules) -> None:
    desired = {
        "labels": [{"project": "payments", "name": "approved"}],
        "project_members": [{"project": "payments", "user": "reader", "role": "developer"}],
    }
    assert robot.state(desired)["summary"] == {"create": 1, "update": 1, "delete": 0, "unchanged": 0}
    assert not robot.state(desired)["changed"]


@pytest.mark.parametrize(
    ("desired", "title"),
    [
        ({"labels": [{"name": "global"}]}, "label global"),
        ({"labels": [{"name": "x", "project": "other"}]}, "label other/x"),
        ({"projects": [{"name": "other"}]}, "project other"),
        ({"registries": [{"name": "hub", "state": "absent"}]}, "registry hub"),
        ({"robots": [{"name": "system", "secret": CANARIES[0], "permissions": PULL}]}, "robot system"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_project_robot_stays_at_home(robot: Modules, desired: dict[str, t.Any], title: str) -> None:
    before = len(robot.harbor.log)
    message = robot.refused("state", desired=desired)
    assert f"{title}: robot$payments+manager is a robot of a project and manages only what is in that project" in message
    assert all(method in ("GET", "HEAD") for method, _path, _status in robot.harbor.log[before:])


def test_missing_permissions_are_all_named_before_the_first_write(robot: Modules) -> None:
    before = len(robot.writes())
    desired = {
        "labels": [{"project": "payments", "name": "approved"}, {"project": "payments", "name": "old", "color": "#00AA00"}],
        "project_members": [{"project": "payments", "user": "reader", "state": "absent"}],
    }
    message = robot.refused("state", desired=desired)
    assert "label payments/old: robot$payments+manager may not update it; needed in project payments: label:update" in message
    assert (
        "project_member payments/user:reader: robot$payments+manager may not delete it; needed in project payments: member:delete"
        in message
    )
    assert "payments/approved" not in message and len(robot.writes()) == before


def test_nothing_is_asked_when_nothing_changes(robot: Modules) -> None:
    robot.state({"labels": [{"project": "payments", "name": "old"}]})
    assert [path for _method, path, _status in robot.harbor.log if path.startswith("/api/v2.0/users/current/permissions")] == []


def test_a_member_of_the_project_is_told_as_well(robot: Modules) -> None:
    robot.connection = {"harbor_username": "reader", "harbor_password": CANARIES[1]}
    message = robot.refused("label", project="payments", name="approved")
    assert "label payments/approved: reader may not create it; needed in project payments: label:create" in message
    robot.connection = {"harbor_username": "lead", "harbor_password": CANARIES[1]}
    assert robot.ok("label", project="payments", name="approved")["changed"]
    assert robot.ok("project", name="payments", auto_scan=True)["changed"]
