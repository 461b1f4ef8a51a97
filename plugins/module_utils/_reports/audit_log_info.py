# Copyright: the dockmaster.harbor contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Who did what, from Harbor's audit log. Private to this collection."""

from __future__ import annotations

import typing as t
from datetime import UTC, datetime

from ansible_collections.dockmaster.harbor.plugins.module_utils import _codec as codec
from ansible_collections.dockmaster.harbor.plugins.module_utils._http import segment
from ansible_collections.dockmaster.harbor.plugins.module_utils._report import Report, first, limit, terms
from ansible_collections.dockmaster.harbor.plugins.module_utils._resource import Field

if t.TYPE_CHECKING:
    from ansible_collections.dockmaster.harbor.plugins.module_utils._http import Api
    from ansible_collections.dockmaster.harbor.plugins.module_utils._resource import Raw, Values, World

EXACT = {name: name for name in ("username", "operation", "resource_type", "resource")}
SHOWN = ("op_time", "username", "operation", "resource_type", "resource", "operation_description")


def read(api: Api, world: World, values: Values) -> Values:
    """Read the newest entries that fit. The log of a project is open to its administrators too."""
    path = f"/projects/{segment(values['project'])}/auditlog-exts" if "project" in values else "/auditlog-exts"
    query = terms(values, EXACT)
    if {"since", "until"} & set(values):
        query.append(f"op_time=[{_stamp(values.get('since'))}~{_stamp(values.get('until'))}]")
    entries, more = first(api, path, values["limit"], sort="-op_time", **({"q": ",".join(query)} if query else {}))
    return {"entries": [show(raw) for raw in entries], "more": more}


def _stamp(seconds: int | None) -> str:
    """Write a time the only way in which q knows one; nothing for an open end."""
    return "" if seconds is None else datetime.fromtimestamp(seconds, tz=UTC).strftime("%Y-%m-%dT%H:%M:%S")


def show(raw: Raw) -> Values:
    """Return one entry."""
    return {**{name: raw.get(name, "") for name in SHOWN}, "succeeded": bool(raw.get("operation_result"))}


def moment(value: t.Any) -> int:
    """Turn an ISO 8601 date or time into Unix seconds."""
    if str(value).strip().lower() == codec.NEVER:
        raise ValueError("an ISO 8601 date or time such as 2027-01-31 or 2027-01-31T12:00:00Z")
    return codec.moment(value)


AUDIT_LOG_INFO = Report(
    name="audit_log_info",
    paths=("/auditlog-exts", "/projects/{project_name}/auditlog-exts"),
    read=read,
    fields=(
        Field(name="project", doc="Return only entries about this project and what is in it.", clean=codec.limit(255)),
        Field(name="username", doc="Return only what this user or robot account did, by its full name."),
        Field(name="operation", doc="Return only entries of this operation, such as V(create), V(delete), V(pull) or V(update)."),
        Field(name="resource_type", doc="Return only entries about this kind of resource, such as V(artifact), V(project) or V(user)."),
        Field(name="resource", doc="Return only entries about the resource with this name, as the log spells it."),
        Field(
            name="since",
            doc="Return only entries from this time on: an ISO 8601 date or time such as V(2027-01-31T12:00:00Z), in UTC without a zone.",
            clean=moment,
        ),
        Field(name="until", doc="Return only entries up to this time.", clean=moment),
        limit("entries, the newest ones"),
    ),
)
