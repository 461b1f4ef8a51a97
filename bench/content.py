# Copyright: the dockmaster.harbor contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the benchmark declares: 10 objects a project."""

from __future__ import annotations

from typing import Any

USERS = [f"bench-user-{number}" for number in range(5)]
ROBOTS = ("ci", "deploy")
SECRET = "Bench12345"
PULL = ["repository:pull"]
KEEP = {"retain": "most_recently_pushed", "count": 10}


def names(count: int) -> list[str]:
    """Names of the projects."""
    return [f"bench-{number:05}" for number in range(count)]


def desired(content: str, count: int) -> dict[str, Any]:
    """Return the desired option of the state module: none, users, projects, all, or absent."""
    if content == "none":
        return {"projects": []}
    if content == "users":
        return {"users": [{"username": name, "email": f"{name}@example.com", "realname": name, "password": SECRET} for name in USERS]}
    if content == "absent":
        return {
            "projects": [{"name": name, "state": "absent"} for name in names(count)],
            "users": [{"username": name, "state": "absent"} for name in USERS],
        }
    projects = [{"name": name, "public": False, "auto_scan": True} for name in names(count)]
    if content == "projects":
        return {"projects": projects}
    return {
        "projects": projects,
        "project_members": [{"project": name, "user": user, "role": "developer"} for name in names(count) for user in USERS],
        "robots": [
            {"project": name, "name": robot, "secret": SECRET, "duration": 90, "permissions": [{"access": PULL}]}
            for name in names(count)
            for robot in ROBOTS
        ],
        "immutable_tag_rules": [{"project": name, "tag_matching": "v*"} for name in names(count)],
        "retention_policies": [{"project": name, "schedule": "daily", "rules": [KEEP]} for name in names(count)],
    }
