# Copyright: the dockmaster.harbor contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Purges of the audit log. Private to this collection."""

from __future__ import annotations

import typing as t

from ansible_collections.dockmaster.harbor.plugins.module_utils import _codec as codec
from ansible_collections.dockmaster.harbor.plugins.module_utils._action import Action, Target
from ansible_collections.dockmaster.harbor.plugins.module_utils._actions import _system_jobs as jobs
from ansible_collections.dockmaster.harbor.plugins.module_utils._errors import ApiError, PlanError
from ansible_collections.dockmaster.harbor.plugins.module_utils._resource import Field

if t.TYPE_CHECKING:
    from ansible_collections.dockmaster.harbor.plugins.module_utils._http import Api
    from ansible_collections.dockmaster.harbor.plugins.module_utils._resource import Values

PATH = "/system/purgeaudit"
# Stands for all event types except those about artifacts.
OTHER = "other"


def sort(kept: Values) -> tuple[Values, Values]:
    """Understand the parameters as Harbor keeps them: hours may be text there, and text means zero hours."""
    hours = kept.get("audit_retention_hour")
    return {
        "dry_run": bool(kept.get("dry_run")),
        "audit_retention_hour": hours if isinstance(hours, int) else 0,
        "include_event_types": sorted(filter(None, str(kept.get("include_event_types") or "").split(","))),
    }, {}


def check(api: Api, values: Values) -> None:
    """Refuse event types that this Harbor does not know: it drops them silently. Raises PlanError."""
    try:
        events = api.get("/auditlog-exts/events") or []
    except ApiError as error:
        if error.status != 403:
            raise
        return  # who may purge may not always read
    known = sorted([OTHER, *(raw["event_type"] for raw in events)])
    wrong = sorted(set(values["include_event_types"]) - set(known))
    if wrong:
        raise PlanError([f"include_event_types: {', '.join(wrong)} is not allowed; allowed: {', '.join(known)}"])


def request(found: Target, values: Values) -> tuple[str, Values]:
    """Purge now. A number of hours that is sent as text would be read as zero."""
    types = ",".join(sorted(values["include_event_types"]))
    return f"{PATH}/schedule", {"schedule": {"type": "Manual"}, "parameters": {**values, "include_event_types": types}}


def asked(values: Values) -> Values:
    """A purge of other entries is another one."""
    return {
        "dry_run": values.get("dry_run", False),
        "audit_retention_hour": values["audit_retention_hour"],
        "include_event_types": sorted(values["include_event_types"]),
    }


AUDIT_LOG_PURGE_EXECUTION = Action(
    name="audit_log_purge_execution",
    title="audit log purge",
    paths=(
        "/system/purgeaudit",
        "/system/purgeaudit/schedule",
        "/system/purgeaudit/{purge_id}",
        "/system/purgeaudit/{purge_id}/log",
        "/auditlog-exts/events",
    ),
    target=jobs.target,
    list=jobs.listing(PATH, sort),
    read=jobs.reading(PATH, sort),
    request=request,
    stop=jobs.stopping(PATH),
    details=jobs.detailing(PATH),
    asked=asked,
    check=check,
    fields=(
        Field(
            name="dry_run",
            doc="Whether to delete nothing and only write into the log how many entries would be deleted.",
            type="bool",
            default=False,
        ),
        Field(
            name="audit_retention_hour",
            doc="Entries that are older than this many hours are deleted, 1 to 240000. Needed to start.",
            type="int",
            on_create=True,
            clean=codec.number(1, 240000),
        ),
        Field(
            name="include_event_types",
            doc=(
                "Types of the entries that are deleted, such as V(create_artifact), V(delete_artifact), V(pull_artifact), or V(other) "
                "for all but these three. Needed to start.",
                "Harbor says which types it knows; others are refused.",
            ),
            type="list",
            elements="str",
            on_create=True,
            clean=codec.unique,
        ),
    ),
)
