# Copyright: the dockmaster.harbor contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Who is calling: nobody, a user, a robot, or one of Harbor's own services."""

from __future__ import annotations

import threading
from base64 import b64decode
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from . import clock, passwords, rbac
from .store import Doc, Transaction, first

if TYPE_CHECKING:
    from .harbor import Harbor

ADMIN_ID = 1


class Caller:
    """A security context. The base class is the anonymous caller, who sees public projects.

    `tx` is the transaction under way: what a user may do is looked up when it is asked, not for all projects beforehand.
    """

    kind = "anonymous"
    is_authenticated = False
    is_sysadmin = False
    tx: Transaction

    def __init__(self, name: str = "") -> None:
        self.name = name

    def can_system(self, resource: str, action: str) -> bool:
        return self.is_sysadmin

    def can(self, project: Doc | None, resource: str, action: str) -> bool:
        return rbac.is_public(project) and (resource, action) in rbac.PUBLIC

    def roles(self, project: Doc) -> list[int]:
        """Role ids in a project, strongest first."""
        return []


class UserCaller(Caller):
    """A local, LDAP or onboarded user. `entities` are the members that he is: ("u", his id) and ("g", id) of each group."""

    kind = "local"
    is_authenticated = True

    def __init__(self, user: Doc, entities: list[tuple[str, int]]) -> None:
        super().__init__(user["username"])
        self.user = user
        self.entities = entities
        self.is_sysadmin = bool(user["sysadmin_flag"])

    def can(self, project: Doc | None, resource: str, action: str) -> bool:
        if self.is_sysadmin or super().can(project, resource, action):
            return True
        return project is not None and any((resource, action) in rbac.ROLES[role] for role in self.roles(project))

    def roles(self, project: Doc) -> list[int]:
        held = {member["role_id"] for member in self._memberships(project_id=project["id"])}
        return [role for role in rbac.ROLE_ORDER if role in held]

    def is_project_admin(self) -> bool:
        """Whether there is any project that he administers."""
        return bool(self._memberships(role_id=1))

    def _memberships(self, **equal: int) -> list[Doc]:
        return [row for kind, ident in self.entities for row in self.tx.find("member", entity_type=kind, entity_id=ident, **equal)]


class RobotCaller(Caller):
    """A robot account: exactly what it was given, plus what everybody may do in public projects. Never a system admin."""

    kind = "robot"
    is_authenticated = True

    def __init__(self, robot: Doc, name: str) -> None:
        super().__init__(name)
        self.robot = robot

    def can_system(self, resource: str, action: str) -> bool:
        return any(scope["kind"] == "system" and _grants(scope, resource, action) for scope in self.robot["permissions"])

    def can(self, project: Doc | None, resource: str, action: str) -> bool:
        if project is None:
            return False
        return super().can(project, resource, action) or any(
            _covers(scope, project["id"]) and _grants(scope, resource, action) for scope in self.robot["permissions"]
        )

    def covers(self, project: Doc) -> bool:
        """Whether the robot has any permission in the project."""
        return any(_covers(scope, project["id"]) for scope in self.robot["permissions"])

    def covers_all(self) -> bool:
        return any(scope["kind"] == "project" and scope["project_id"] == "*" for scope in self.robot["permissions"])


class ServiceCaller(Caller):
    """jobservice, known by its secret: may do everything inside."""

    kind = "secret"
    is_authenticated = True
    is_sysadmin = True

    def can(self, project: Doc | None, resource: str, action: str) -> bool:
        return True


class TokenCaller(Caller):
    """The bearer of a registry token: what the token says per repository, nothing else."""

    kind = "v2token"
    is_authenticated = True

    def __init__(self, name: str, access: dict[str, frozenset[str]]) -> None:
        super().__init__(name)
        self.access = access

    def can(self, project: Doc | None, resource: str, action: str) -> bool:
        return False


def _covers(scope: Doc, project_id: int) -> bool:
    return scope["kind"] == "project" and scope["project_id"] in ("*", project_id)


def _grants(scope: Doc, resource: str, action: str) -> bool:
    return any(access["resource"] == resource and access["action"] == action for access in scope["access"])


class Lockout:
    """Names whose login just failed. While a name is locked, even its right password counts for nothing."""

    def __init__(self) -> None:
        self._names: dict[str, int] = {}
        self._lock = threading.Lock()

    def add(self, name: str) -> None:
        with self._lock:
            self._names[name] = self._names.get(name, 0) + 1

    def remove(self, name: str) -> None:
        with self._lock:
            self._names[name] -= 1
            if not self._names[name]:
                del self._names[name]

    def has(self, name: str) -> bool:
        return name in self._names


class LoginFailed(Exception):
    """A password did not fit; `name` is who it was tried for. The caller goes on as anonymous, after a pause."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.name = name


def identify(harbor: Harbor, tx: Transaction, headers: Mapping[str, str], sid: str | None) -> Caller:
    """The caller of a request, in Harbor's order. Bad credentials make an anonymous caller. Raises LoginFailed."""
    authorization = headers.get("authorization", "")
    scheme, _, rest = authorization.partition(" ")
    if scheme == "Harbor-Secret":
        return (
            ServiceCaller("harbor-jobservice")
            if harbor.settings.jobservice_secret and rest == harbor.settings.jobservice_secret
            else Caller()
        )
    if scheme == "Bearer":
        return harbor.tokens.caller(rest) or Caller()
    if scheme.lower() == "basic":
        return _basic(harbor, tx, rest)
    user_id = harbor.sessions.user_id(sid) if sid else None
    user = tx.get("user", user_id) if user_id else None
    return user_caller(harbor, tx, user) if user else Caller()


def _basic(harbor: Harbor, tx: Transaction, encoded: str) -> Caller:
    try:
        name, _, password = b64decode(encoded).decode().partition(":")
    except ValueError:
        return Caller()
    robot = _robot(harbor, tx, name, password)
    if robot is not None:
        return robot
    user = login(harbor, tx, name, password)
    return user_caller(harbor, tx, user) if user else Caller()


def _robot(harbor: Harbor, tx: Transaction, name: str, secret: str) -> RobotCaller | None:
    prefix = str(harbor.config(tx)["robot_name_prefix"])
    if not name.startswith(prefix):
        return None
    stored = name.removeprefix(prefix)
    for robot in tx.find("robot", name=stored):
        expired = robot["expires_at"] != -1 and robot["expires_at"] <= clock.epoch()
        if not robot["disable"] and not expired and passwords.matches(secret, robot["secret"]):
            return RobotCaller(robot, name)
    return None


def login(harbor: Harbor, tx: Transaction, name: str, password: str) -> Doc | None:
    """The user with this password, None for a locked name. Raises LoginFailed when the password does not fit."""
    if harbor.lockout.has(name):
        return None
    user = first(tx, "user", username=name) or first(tx, "user", email=name)
    mode = harbor.config(tx)["auth_mode"]
    if mode == "ldap_auth" and (user is None or user["id"] != ADMIN_ID):
        return _ldap_login(harbor, tx, name, password)
    may_log_in = user is not None and (mode == "db_auth" or user["id"] == ADMIN_ID)
    if user is None or not may_log_in or not user["password"] or not passwords.matches(password, user["password"]):
        raise LoginFailed(name)
    return user


def _ldap_login(harbor: Harbor, tx: Transaction, name: str, password: str) -> Doc:
    person = harbor.world.ldap_users.get(name)
    if person is None or person.password != password:
        raise LoginFailed(name)
    return onboard_ldap_user(harbor, tx, name) or {}


def onboard_ldap_user(harbor: Harbor, tx: Transaction, name: str) -> Doc | None:
    """The row of an LDAP user, made when it is the first time that Harbor hears of him."""
    person = harbor.world.ldap_users.get(name)
    if person is None:
        return None
    known = first(tx, "user", username=name)
    return known or tx.insert(
        "user", new_user(name, person.email or f"{name}@placeholder.com", person.realname or name, comment="from LDAP.")
    )


def new_user(username: str, email: str | None, realname: str, **extra: Any) -> Doc:
    """A fresh row of the user table. A user without `password` cannot log in here."""
    now = clock.now()
    row = {"username": username, "email": email, "realname": realname, "comment": "", "password": "", "sysadmin_flag": False}
    return {**row, "creation_time": now, "update_time": now, **extra}


def user_caller(harbor: Harbor, tx: Transaction, user: Doc) -> UserCaller:
    """A user with the groups that LDAP says he is in."""
    person = harbor.world.ldap_users.get(user["username"])
    groups = [group for dn in (person.groups if person else ()) for group in tx.find("usergroup", ldap_group_dn=dn)]
    return UserCaller(user, [("u", user["id"]), *(("g", group["id"]) for group in groups)])
