# Copyright: the dockmaster.harbor contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Request bodies, checked as the Go server decodes them: unknown keys vanish, null is absent, a wrong type is 422."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from .errors import unprocessable


@dataclass(frozen=True)
class Scalar:
    """A JSON scalar; `go` is its type in Harbor's messages."""

    go: str
    max_length: int = 0
    required: bool = False
    choices: tuple[str, ...] = ()
    is_uri: bool = False


@dataclass(frozen=True)
class ListOf:
    item: Model | Scalar
    go: str = ""


@dataclass(frozen=True)
class Free:
    """Any JSON value; null stays."""


@dataclass(frozen=True)
class MapOf:
    """A JSON object with free keys. A wrong value is reported under the name of the map."""

    item: Scalar | ListOf | Free


@dataclass(frozen=True)
class Model:
    """A Go struct: `name` is its type, `param` the name of the body parameter in the API description."""

    name: str
    fields: dict[str, Scalar | ListOf | MapOf | Model | Free]
    param: str = ""
    required: bool = True


Type = Scalar | ListOf | MapOf | Model | Free

STR, INT, INT8, INT32, BOOL = Scalar("string"), Scalar("int64"), Scalar("int8"), Scalar("int32"), Scalar("bool")
ANY = Free()


def decode(body: bytes, model: Model) -> dict[str, Any] | None:
    """The known and present fields of a body, or None when an optional body is absent. Raises ApiError 422."""
    if not body.strip():
        if model.required:
            raise unprocessable(f"{model.param} in body is required")
        return None
    try:
        value = json.loads(body)
    except json.JSONDecodeError as error:
        raise unprocessable(f'parsing {model.param} body from "" failed, because {_syntax(error, body)}') from error
    decoder = _Decoder(model.param)
    result = {} if value is None else decoder.struct(value, model, [])
    if decoder.problem:
        raise unprocessable(decoder.problem, prefixes=2)
    return result


def _syntax(error: json.JSONDecodeError, body: bytes) -> str:
    if error.pos >= len(body.decode(errors="replace").rstrip()) or body.strip() in (b"{", b"["):
        return "unexpected EOF"
    return f"invalid character '{error.doc[error.pos]}' looking for beginning of value"


@dataclass
class _Decoder:
    """One walk through a body. Type errors end it, failed checks are kept: Harbor tells them apart in its messages."""

    param: str
    problem: str = field(default="", init=False)

    def value(self, value: Any, kind: Type, owner: str, path: list[str]) -> Any:
        if isinstance(kind, Model):
            return self.struct(value, kind, path, owner)
        if isinstance(kind, ListOf):
            if not isinstance(value, list):
                raise self.mismatch(value, _go_name(kind), owner, path)
            return [None if item is None else self.value(item, kind.item, owner, path) for item in value]
        if isinstance(kind, Free):
            return value
        if isinstance(kind, MapOf):
            if not isinstance(value, dict):
                raise self.mismatch(value, f"map[string]{_go_name(kind.item)}", owner, path)
            return {key: self.value(item, kind.item, owner, path) for key, item in value.items() if item is not None}
        return self.scalar(value, kind, owner, path)

    def struct(self, value: Any, model: Model, path: list[str], owner: str = "") -> dict[str, Any]:
        if not isinstance(value, dict):
            raise self.mismatch(value, "models." + model.name, owner, path)
        result = {}
        for name, kind in model.fields.items():
            given = value.get(name)
            if given is not None:
                result[name] = self.value(given, kind, model.name, [*path, name])
            elif isinstance(kind, Scalar) and kind.required:
                self.problem = self.problem or f"{'.'.join([*path, name])} in body is required"
        return result

    def scalar(self, value: Any, kind: Scalar, owner: str, path: list[str]) -> Any:
        wanted: type = {"string": str, "bool": bool}.get(kind.go, int)
        if not isinstance(value, wanted) or (wanted is int and isinstance(value, bool)):
            raise self.mismatch(value, kind.go, owner, path)
        bits = {"int8": 7, "int32": 31}.get(kind.go, 63)
        if isinstance(value, int) and not -(2**bits) <= value < 2**bits:
            raise self.mismatch(value, kind.go, owner, path)
        problem = _scalar_problem(value, kind)
        if problem:
            self.problem = self.problem or f"{'.'.join(path)} in body {problem}"
        return value

    def mismatch(self, value: Any, go: str, owner: str, path: list[str]) -> Exception:
        where = f"Go struct field {owner}.{'.'.join(path)}" if path else "Go value"
        reason = f"json: cannot unmarshal {_json_name(value, go)} into {where} of type {go}"
        return unprocessable(f'parsing {self.param} body from "" failed, because {reason}')


def _scalar_problem(value: Any, kind: Scalar) -> str:
    if kind.max_length and len(value) > kind.max_length:
        return f"should be at most {kind.max_length} chars long"
    if kind.choices and value not in kind.choices:
        return f"should be one of [{' '.join(kind.choices)}]"
    if kind.is_uri and not urlsplit(value).scheme:
        return f'must be of type uri: "{value}"'
    return ""


def _go_name(kind: Type) -> str:
    if isinstance(kind, ListOf):
        return kind.go or "[]" + _go_name(kind.item)
    if isinstance(kind, Free):
        return "interface {}"
    return f"*models.{kind.name}" if isinstance(kind, Model) else getattr(kind, "go", "")


def _json_name(value: Any, go: str) -> str:
    if isinstance(value, bool):
        return "bool"
    if isinstance(value, int | float):
        # Go names the number only where a number is wanted.
        return f"number {json.dumps(value)}" if go.startswith("int") else "number"
    return "string" if isinstance(value, str) else "array" if isinstance(value, list) else "object"


_METADATA = [
    "public",
    "enable_content_trust",
    "enable_content_trust_cosign",
    "prevent_vul",
    "severity",
    "auto_scan",
    "auto_sbom_generation",
    "reuse_sys_cve_allowlist",
    "retention_id",
    "proxy_speed_kb",
    "max_upstream_conn",
    "proxy_cache_local_on_not_found",
]
_LDAP_FIELDS = [
    "ldap_url",
    "ldap_search_dn",
    "ldap_search_password",
    "ldap_base_dn",
    "ldap_filter",
    "ldap_uid",
    "ldap_scope",
    "ldap_connection_timeout",
]
_ALLOWLIST_FIELDS: dict[str, Type] = {
    "id": INT,
    "project_id": INT,
    "expires_at": INT,
    "items": ListOf(Model("CVEAllowlistItem", {"cve_id": STR})),
}
PROJECT = Model(
    "ProjectReq",
    {
        "project_name": Scalar("string", max_length=255),
        "public": BOOL,
        "metadata": Model("ProjectMetadata", dict.fromkeys(_METADATA, STR)),
        "cve_allowlist": Model("CVEAllowlist", _ALLOWLIST_FIELDS),
        "storage_limit": INT,
        "registry_id": INT,
    },
    param="project",
)
ALLOWLIST = Model("CVEAllowlist", _ALLOWLIST_FIELDS, param="allowlist")
MEMBER = Model(
    "ProjectMember",
    {
        "role_id": INT,
        "member_user": Model("UserEntity", {"user_id": INT, "username": STR}),
        "member_group": Model("UserGroup", {"id": INT, "group_name": STR, "group_type": INT, "ldap_group_dn": STR}),
    },
    param="project_member",
    required=False,
)
ROLE = Model("RoleRequest", {"role_id": INT}, param="role", required=False)
QUOTA = Model("QuotaUpdateReq", {"hard": MapOf(INT)}, param="hard")
_PERMISSION = Model(
    "RobotPermission",
    {"kind": STR, "namespace": STR, "access": ListOf(Model("Access", {"resource": STR, "action": STR, "effect": STR}))},
)
ROBOT_CREATE = Model(
    "RobotCreate",
    {"name": STR, "description": STR, "level": STR, "duration": INT, "disable": BOOL, "permissions": ListOf(_PERMISSION)},
    param="robot",
)
ROBOT = Model("Robot", {**ROBOT_CREATE.fields, "id": INT}, param="robot")
ROBOT_SECRET = Model("RobotSec", {"secret": STR}, param="robotSec")
_CREDENTIAL = Model("RegistryCredential", {"type": STR, "access_key": STR, "access_secret": STR})
REGISTRY = Model(
    "Registry",
    {
        "id": INT,
        "name": STR,
        "type": STR,
        "url": STR,
        "description": STR,
        "insecure": BOOL,
        "ca_certificate": STR,
        "credential": _CREDENTIAL,
    },
    param="registry",
)
_FLAT_CREDENTIAL: dict[str, Type] = {"credential_type": STR, "access_key": STR, "access_secret": STR}
REGISTRY_UPDATE = Model(
    "RegistryUpdate",
    {"name": STR, "url": STR, "description": STR, "insecure": BOOL, "ca_certificate": STR, **_FLAT_CREDENTIAL},
    param="registry",
)
REGISTRY_PING = Model("RegistryPing", {"id": INT, "type": STR, "url": STR, "insecure": BOOL, **_FLAT_CREDENTIAL}, param="registry")
LABEL = Model("Label", {"name": STR, "description": STR, "color": STR, "scope": STR, "project_id": INT}, param="label")
USER = Model(
    "UserCreationReq",
    {
        "username": Scalar("string", max_length=255),
        "email": Scalar("string", max_length=255),
        "realname": STR,
        "comment": STR,
        "password": STR,
    },
    param="userReq",
)
PROFILE = Model("UserProfile", {"email": STR, "realname": STR, "comment": STR}, param="profile")
SYSADMIN = Model("UserSysAdminFlag", {"sysadmin_flag": BOOL}, param="sysadmin_flag")
PASSWORD = Model("PasswordReq", {"old_password": STR, "new_password": STR}, param="password")
CLI_SECRET = Model("OIDCCliSecretReq", {"secret": STR}, param="secret")
USERGROUP = Model("UserGroup", {"group_name": STR, "group_type": INT, "ldap_group_dn": STR}, param="usergroup", required=False)
LDAP_CONFIGURATION = Model(
    "LdapConf",
    {**{name: INT if name in ("ldap_scope", "ldap_connection_timeout") else STR for name in _LDAP_FIELDS}, "ldap_verify_cert": BOOL},
    param="ldapconf",
    required=False,
)
LDAP_IMPORT = Model("LdapImportUsers", {"ldap_uid_list": ListOf(STR)}, param="uid_list")
OIDC_PING = Model("OIDCEndpoint", {"url": STR, "verify_cert": BOOL}, param="endpoint")
REPOSITORY = Model("Repository", {"description": STR}, param="repository")
_SELECTOR: dict[str, Type] = {"kind": STR, "decoration": STR, "pattern": STR, "extras": STR}
_IMMUTABLE_SELECTOR = Model("ImmutableSelector", _SELECTOR)
IMMUTABLE_RULE = Model(
    "ImmutableRule",
    {
        "id": INT,
        "priority": INT,
        "disabled": BOOL,
        "action": STR,
        "template": STR,
        "params": MapOf(ANY),
        "tag_selectors": ListOf(_IMMUTABLE_SELECTOR),
        "scope_selectors": MapOf(ListOf(_IMMUTABLE_SELECTOR)),
    },
    param="ImmutableRule",
)
_RETENTION_SELECTOR = Model("RetentionSelector", _SELECTOR)
RETENTION = Model(
    "RetentionPolicy",
    {
        "id": INT,
        "algorithm": STR,
        "rules": ListOf(
            Model(
                "RetentionRule",
                {
                    "id": INT,
                    "priority": INT,
                    "disabled": BOOL,
                    "action": STR,
                    "template": STR,
                    "params": MapOf(ANY),
                    "tag_selectors": ListOf(_RETENTION_SELECTOR),
                    "scope_selectors": MapOf(ListOf(_RETENTION_SELECTOR)),
                },
            )
        ),
        "trigger": Model("RetentionRuleTrigger", {"kind": STR, "settings": ANY, "references": ANY}),
        "scope": Model("RetentionPolicyScope", {"level": STR, "ref": INT}),
    },
    param="policy",
)
RETENTION_RUN = Model("TriggerRetentionExecutionBody", {"dry_run": BOOL}, param="body")
_REGISTRY_REFERENCE = Model("Registry", {"id": INT})
REPLICATION_POLICY = Model(
    "ReplicationPolicy",
    {
        "name": STR,
        "description": STR,
        "src_registry": _REGISTRY_REFERENCE,
        "dest_registry": _REGISTRY_REFERENCE,
        "dest_namespace": STR,
        "dest_namespace_replace_count": INT8,
        "filters": ListOf(Model("ReplicationFilter", {"type": STR, "value": ANY, "decoration": STR})),
        "trigger": Model("ReplicationTrigger", {"type": STR, "trigger_settings": Model("ReplicationTriggerSettings", {"cron": STR})}),
        "deletion": BOOL,
        "override": BOOL,
        "enabled": BOOL,
        "speed": INT32,
        "copy_by_chunk": BOOL,
        "single_active_replication": BOOL,
    },
    param="policy",
)
WEBHOOK_POLICY = Model(
    "WebhookPolicy",
    {
        "id": INT,
        "name": STR,
        "description": STR,
        "project_id": INT,
        "enabled": BOOL,
        "creation_time": STR,
        "event_types": ListOf(STR),
        "targets": ListOf(
            Model(
                "WebhookTargetObject",
                {"type": STR, "address": STR, "auth_header": STR, "skip_cert_verify": BOOL, "payload_format": STR},
            )
        ),
    },
    param="policy",
)
PREHEAT_INSTANCE = Model(
    "Instance",
    {
        "id": INT,
        "name": STR,
        "description": STR,
        "vendor": STR,
        "endpoint": STR,
        "auth_mode": STR,
        "auth_info": MapOf(STR),
        "status": STR,
        "enabled": BOOL,
        "default": BOOL,
        "insecure": BOOL,
        "setup_timestamp": INT,
    },
    param="instance",
)
PREHEAT_POLICY = Model(
    "PreheatPolicy",
    {
        "id": INT,
        "name": STR,
        "description": STR,
        "project_id": INT,
        "provider_id": INT,
        "provider_name": STR,
        "filters": STR,
        "trigger": STR,
        "enabled": BOOL,
        "extra_attrs": STR,
        "creation_time": STR,
        "update_time": STR,
    },
    param="policy",
)
PREHEAT_STOP = Model("Execution", {"status": STR}, param="execution")
CVE_EXPORT = Model(
    "ScanDataExportRequest",
    {
        "job_name": STR,
        "projects": ListOf(INT),
        "labels": ListOf(INT),
        "repositories": STR,
        "cveIds": STR,
        "tags": STR,
    },
    param="criteria",
)
QUEUE_ACTION = Model(
    "ActionRequest", {"action": Scalar("string", required=True, choices=("stop", "pause", "resume"))}, param="action_request"
)
REPLICATION_RUN = Model("StartReplicationExecution", {"policy_id": INT}, param="execution")
ACTION = Model("OperateRetentionExecutionBody", {"action": STR}, param="body")
TAG = Model("NewTag", {"name": Scalar("string", required=True)}, param="tag")
_REGISTRATION: dict[str, Type] = {
    "name": Scalar("string", required=True),
    "url": Scalar("string", required=True, is_uri=True),
    "auth": STR,
    "access_credential": STR,
}
SCANNER = Model(
    "ScannerRegistrationReq",
    {**_REGISTRATION, "description": STR, "skip_certVerify": BOOL, "use_internal_addr": BOOL, "disabled": BOOL},
    param="registration",
)
SCANNER_PING = Model("ScannerRegistrationSettings", _REGISTRATION, param="settings")
SCANNER_DEFAULT = Model("IsDefault", {"is_default": BOOL}, param="payload")
PROJECT_SCANNER = Model("ProjectScanner", {"uuid": Scalar("string", required=True)}, param="payload")
SCHEDULE = Model(
    "Schedule",
    {
        "id": INT,
        "status": STR,
        "schedule": Model(
            "ScheduleObj",
            {
                "type": Scalar("string", choices=("Hourly", "Daily", "Weekly", "Custom", "Manual", "None", "Schedule")),
                "cron": STR,
            },
        ),
        "parameters": MapOf(ANY),
    },
    param="schedule",
)
_SCAN_TYPE: dict[str, Type] = {"scan_type": Scalar("string", choices=("vulnerability", "sbom"))}
SCAN_START = Model("ScanType", _SCAN_TYPE, param="scan_request_type", required=False)
SCAN_STOP = Model("ScanType", _SCAN_TYPE, param="scanType")
ARTIFACT_LABEL = Model("Label", LABEL.fields | {"id": INT}, param="label")
