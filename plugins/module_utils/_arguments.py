# Copyright: the dockmaster.harbor contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Argument specs from the table. Pure: the documentation generator and the tests use it too. Private to this collection."""

from __future__ import annotations

import re
import typing as t

from ansible.module_utils.basic import env_fallback

if t.TYPE_CHECKING:
    from collections.abc import Sequence

    from ansible_collections.dockmaster.harbor.plugins.module_utils._action import Action
    from ansible_collections.dockmaster.harbor.plugins.module_utils._operation import Operation
    from ansible_collections.dockmaster.harbor.plugins.module_utils._report import Report
    from ansible_collections.dockmaster.harbor.plugins.module_utils._resource import Field, Resource

Spec = dict[str, t.Any]

STATE: Spec = {"type": "str", "choices": ["present", "absent"], "default": "present"}
UPDATE_SECRET: Spec = {"type": "str", "choices": ["on_create", "on_drift", "always"], "default": "on_create", "no_log": False}
STARTED: Spec = {"type": "str", "choices": ["started", "stopped"], "default": "started"}
WATCH: Spec = {
    "wait": {"type": "bool", "default": True},
    "timeout": {"type": "int", "default": 1800},
    "interval": {"type": "float", "default": 5},
}
# Ansible takes options with such names for secrets unless told otherwise.
SUSPICIOUS = re.compile("pass|secret|key|token", re.IGNORECASE)


def connection() -> Spec:
    """Return the options of the connection; each may come from the environment."""
    return {
        "harbor_url": {"type": "str", "required": True, "fallback": (env_fallback, ["HARBOR_URL"])},
        "harbor_username": {"type": "str", "required": True, "fallback": (env_fallback, ["HARBOR_USERNAME"])},
        "harbor_password": {"type": "str", "required": True, "no_log": True, "fallback": (env_fallback, ["HARBOR_PASSWORD"])},
        "harbor_ca_path": {"type": "path", "fallback": (env_fallback, ["HARBOR_CA_PATH"])},
        "harbor_validate_certs": {"type": "bool", "default": True, "fallback": (env_fallback, ["HARBOR_VALIDATE_CERTS"])},
        "harbor_timeout": {"type": "float", "default": 60, "fallback": (env_fallback, ["HARBOR_TIMEOUT"])},
        "harbor_workers": {"type": "int", "default": 8, "fallback": (env_fallback, ["HARBOR_WORKERS"])},
    }


def argument(one: Field) -> Spec:
    """Return the argument of one field."""
    spec: Spec = {"type": one.type}
    if one.elements:
        spec["elements"] = one.elements
    if one.options:
        spec["options"] = {sub.name: argument(sub) for sub in one.options}
    if one.choices:
        spec["choices"] = list(one.choices)
    if one.required:
        spec["required"] = True
    if one.default is not None:
        spec["default"] = one.default
    if one.secret:
        spec["no_log"] = True
    elif SUSPICIOUS.search(one.name):
        spec["no_log"] = False
    return spec


def fields(resource: Resource) -> Spec:
    """Return the arguments that describe one object, state included."""
    state = {"state": STATE} if resource.delete else {}
    return {**{one.name: argument(one) for one in resource.fields}, **state}


def relations(resource: Resource) -> Spec:
    """Return what AnsibleModule takes beside the argument spec."""
    return {
        "mutually_exclusive": [list(group) for group in resource.exclusive],
        "required_one_of": [list(group) for group in resource.one_of],
    }


def single(resource: Resource) -> Spec:
    """Return the arguments of the module of one resource."""
    secrets = {"update_secret": UPDATE_SECRET} if any(one.secret and not one.readable for one in resource.fields) else {}
    return {**connection(), **fields(resource), **secrets}


def info(resource: Resource) -> Spec:
    """Return the arguments of the info module of one resource: its keys as filters, and options of its own."""
    filters = {one.name: {"type": "str"} for one in resource.fields if one.key}
    return {**connection(), **filters, **{one.name: argument(one) for one in resource.info_options}}


def desired(table: Sequence[Resource]) -> Spec:
    """Return the option that holds any number of objects of any kinds."""
    kinds = {}
    for resource in table:
        shape = {"type": "dict"} if resource.singleton else {"type": "list", "elements": "dict"}
        kinds[resource.plural] = {**shape, "options": fields(resource), **relations(resource)}
    return {"type": "dict", "options": kinds}


def state(table: Sequence[Resource]) -> Spec:
    """Return the arguments of the state module."""
    plurals = [resource.plural for resource in table if resource.delete and resource.prunable]
    return {
        **connection(),
        "desired": desired(table),
        "files": {"type": "list", "elements": "str"},
        "overlays": {"type": "list", "elements": "str"},
        "prune": {"type": "list", "elements": "str", "choices": plurals, "default": []},
        "protect": {"type": "list", "elements": "str", "default": []},
        "max_delete": {"type": "int", "default": 10},
        "update_secret": UPDATE_SECRET,
    }


def rotation() -> Spec:
    """Return the arguments of the module that rotates an account."""
    return {
        **connection(),
        "project": {"type": "str"},
        "name": {"type": "str", "required": True},
        "successor": {"type": "str", "required": True},
        "secret": {"type": "str", "required": True, "no_log": True},
        "duration": {"type": "int"},
        "description": {"type": "str"},
        "old": {"type": "str", "choices": ["keep", "disable", "delete"], "default": "keep"},
    }


def export(table: Sequence[Resource]) -> Spec:
    """Return the arguments of the export module."""
    plurals = [resource.plural for resource in table]
    return {
        **connection(),
        "path": {"type": "path", "required": True},
        "kinds": {"type": "list", "elements": "str", "choices": plurals, "default": plurals},
    }


def action(row: Action) -> Spec:
    """Return the arguments of the module of one action."""
    return {**connection(), **{one.name: argument(one) for one in row.fields}, "state": STARTED, **WATCH}


def needed(row: Action) -> Spec:
    """Return what AnsibleModule takes beside the argument spec of an action: what is needed to start."""
    names = [one.name for one in row.fields if one.on_create]
    return {"required_if": [["state", "started", names]] if names else []}


def operation(row: Operation) -> Spec:
    """Return the arguments of the module of one operation."""
    return {**connection(), **{one.name: argument(one) for one in row.fields}}


def report(row: Report) -> Spec:
    """Return the arguments of the module of one report."""
    return {**connection(), **{one.name: argument(one) for one in row.fields}}
