# Copyright: the dockmaster.harbor contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The system configuration: typed keys, partial writes."""

from __future__ import annotations

import json
from typing import Any

from ..errors import ApiError, bad_request, forbidden
from ..harbor import CONFIG_DEFAULTS, CONFIG_ID
from ..models import BOOL, INT, OIDC_PING, STR, Model
from ..security import ADMIN_ID
from ..store import Doc
from ..web import Call, route
from .quotas import check_limit

# Write-only keys are taken and never shown.
_SECRETS = ("ldap_search_password", "oidc_client_secret")
_TYPES = {str: STR, int: INT, bool: BOOL}
CONFIGURATIONS = Model(
    "Configurations",
    {**{key: _TYPES[type(value)] for key, value in CONFIG_DEFAULTS.items()}, **dict.fromkeys(_SECRETS, STR)},
    param="configurations",
)
_MODES = ("db_auth", "ldap_auth", "uaa_auth", "http_auth", "oidc_auth")
_POSITIVE = ("token_expiration", "robot_token_duration", "session_timeout")
_LIMIT = 9999999999


@route("GET", "/configurations")
def read_configurations(call: Call) -> dict[str, Any]:
    call.require_system("configuration", "read")
    editable = not call.harbor.settings.fixed_configuration
    shown: dict[str, Any] = {key: {"value": call.config()[key], "editable": editable} for key in CONFIG_DEFAULTS}
    shown["auth_mode"]["editable"] = editable and not _has_users(call)
    return shown | {"scan_all_policy": {}}


@route("PUT", "/configurations", CONFIGURATIONS)
def update_configurations(call: Call) -> None:
    call.require_system("configuration", "update")
    if call.harbor.settings.fixed_configuration:
        raise forbidden("current config is init by env variable: CONFIG_OVERWRITE_JSON, it cannot be updated")
    body = {**call.body}
    config = call.config()
    if body.get("auth_mode", config["auth_mode"]) != config["auth_mode"]:
        _check_auth_mode(call, body["auth_mode"])
    for key, value in body.items():
        _check(key, value)
    _check_together({**config, **body})
    _check_audit(call, {**config, **body}, body)
    for key, value in body.items():
        body[key] = _normal(key, value)
    call.harbor.refused_config = {key: value for key, value in call.harbor.refused_config.items() if key not in body}
    stored = call.tx.get("config", CONFIG_ID) or {"values": {}}
    call.tx.update("config", CONFIG_ID, values={**stored["values"], **body})
    call.audit("update_configuration", "configuration", "update configuration")


@route("POST", "/system/oidc/ping", OIDC_PING)
def ping_oidc(call: Call) -> None:
    call.require_system("configuration", "update")
    if not call.harbor.world.oidc_provider_answers(call.body.get("url", "")):
        raise bad_request("failed to verify connection")


def _check(key: str, value: Any) -> None:
    """Raise ApiError 400 for a value that no configuration can have."""
    if key in _POSITIVE and value <= 0:
        raise bad_request(f"the {key} value must be positive")
    if key in _POSITIVE and value > _LIMIT:
        raise bad_request(f"the {key} value is over the limit value: {_LIMIT}")
    if key == "storage_per_project":
        try:
            check_limit(value)
        except ApiError as error:
            raise bad_request(f"bad request: {error.message}") from error
    problem = _problem(key, value)
    if problem:
        raise bad_request(f"bad request: item name {key}: {problem}")


def _problem(key: str, value: Any) -> str:
    if key == "project_creation_restriction" and value not in ("everyone", "adminonly"):
        return "invalid project_creation_restriction, should be adminonly or everyone"
    if key in ("ldap_url", "ldap_uid") and not value:
        return "the configure value can not be empty"
    if key in ("ldap_scope", "ldap_group_search_scope") and value not in (0, 1, 2):
        return "invalid scope, should be 0, 1 or 2"
    if key == "oidc_extra_redirect_parms":
        try:
            json.loads(value)
        except json.JSONDecodeError:
            return f"invalid character '{value[0]}' looking for beginning of value" if value else "unexpected end of JSON input"
    return ""


def _check_auth_mode(call: Call, mode: str) -> None:
    if mode not in _MODES:
        raise bad_request(f"bad request: item name auth_mode: invalid auth_mode, shoud be one of {', '.join(_MODES)}")
    if _has_users(call):
        raise bad_request("the auth mode cannot be modified as new users have been inserted into database")


def _check_together(config: Doc) -> None:
    if config["ldap_group_search_filter"] and not config["ldap_group_attribute_name"]:
        raise bad_request("bad request: ldap group name attribute can not be empty")


def _check_audit(call: Call, merged: Doc, body: Doc) -> None:
    endpoint = body.get("audit_log_forward_endpoint")
    if endpoint and not call.harbor.world.audit_endpoint_answers(endpoint):
        # The refused value stays in the memory of the process, where GET and later checks see it.
        call.harbor.refused_config = {**call.harbor.refused_config, "audit_log_forward_endpoint": endpoint}
        raise bad_request(f"bad request: could not connect to the audit endpoint: {endpoint}")
    touched = {"skip_audit_log_database", "audit_log_forward_endpoint"} & body.keys()
    if touched and merged["skip_audit_log_database"] and not merged["audit_log_forward_endpoint"]:
        raise bad_request("bad request: audit log forward endpoint should be configured before enable skip audit log in database")


def _normal(key: str, value: Any) -> Any:
    if key == "ldap_group_admin_dn":
        return value.lower()
    if key == "oidc_extra_redirect_parms":
        return json.dumps(json.loads(value), sort_keys=True, separators=(",", ":"))
    return value


def _has_users(call: Call) -> bool:
    return any(user["id"] != ADMIN_ID and not user.get("hidden") for user in call.tx.find("user"))
