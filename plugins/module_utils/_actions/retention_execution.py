# Copyright: the dockmaster.harbor contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Executions of tag retention. Private to this collection."""

from __future__ import annotations

import typing as t

from ansible_collections.dockmaster.harbor.plugins.module_utils import _codec as codec
from ansible_collections.dockmaster.harbor.plugins.module_utils._action import (
    ERROR,
    RUNNING,
    Action,
    Details,
    Execution,
    Progress,
    Target,
    read_logs,
    understand,
)
from ansible_collections.dockmaster.harbor.plugins.module_utils._errors import Error
from ansible_collections.dockmaster.harbor.plugins.module_utils._http import PAGE_SIZE, segment
from ansible_collections.dockmaster.harbor.plugins.module_utils._resource import Field

if t.TYPE_CHECKING:
    from ansible_collections.dockmaster.harbor.plugins.module_utils._http import Api
    from ansible_collections.dockmaster.harbor.plugins.module_utils._resource import Raw, Values, World


def target(api: Api, world: World, values: Values) -> Target:
    """Find the retention policy of a project: its id is in the project's metadata."""
    name = values["project"]
    raw = api.get(f"/projects/{segment(name)}")
    if raw is None:
        raise Error(f"project: {name!r} is not there")
    policy = (raw.get("metadata") or {}).get("retention_id")
    if not policy:
        raise Error(f"project: {name!r} has no retention policy")
    return Target(id=policy, label=f"project {name}")


def _path(found: Target) -> str:
    return f"/retentions/{segment(found.id)}/executions"


def listing(api: Api, found: Target) -> list[Execution]:
    """Return the newest executions. Only of those that seem to run the tasks are read: the status is late."""
    raws = api.get(_path(found), page=1, page_size=PAGE_SIZE) or []
    return [_read(api, found, raw) if understand(raw["status"]) == RUNNING else _decode(raw, []) for raw in raws]


def read(api: Api, found: Target, execution: Execution) -> Execution:
    """Read one execution again; Harbor only lists them."""
    raws = api.get(_path(found), page=1, page_size=PAGE_SIZE) or []
    raw = next((raw for raw in raws if raw["id"] == execution.id), None)
    if raw is None:
        raise Error(f"execution {execution.id} is gone, perhaps with its policy")
    return _read(api, found, raw)


def _read(api: Api, found: Target, raw: Raw) -> Execution:
    return _decode(raw, _tasks(api, found, raw["id"]))


def _tasks(api: Api, found: Target, number: int | None) -> list[Raw]:
    return list(api.pages(f"{_path(found)}/{segment(number)}/tasks"))


def _decode(raw: Raw, tasks: list[Raw]) -> Execution:
    artifacts = sum(int(task.get("total") or 0) for task in tasks)
    retained = sum(int(task.get("retained") or 0) for task in tasks)
    return Execution(
        id=raw["id"],
        status=understand(raw["status"]),
        trigger=raw.get("trigger", "").lower(),
        start_time=raw.get("start_time", ""),
        end_time=raw.get("end_time", ""),
        parameters={"dry_run": bool(raw.get("dry_run"))},
        progress=Progress.of([task["status"] for task in tasks]),
        facts={"artifacts": artifacts, "retained": retained, "deleted": artifacts - retained},
    )


def request(found: Target, values: Values) -> tuple[str, Values]:
    """Run the policy, or only look."""
    return _path(found), asked(values)


def stop(api: Api, found: Target, execution: Execution) -> None:
    """Stop one execution."""
    api.patch(f"{_path(found)}/{segment(execution.id)}", {"action": "stop"})


def details(api: Api, found: Target, execution: Execution) -> Details:
    """Return the repositories that lose something or failed. Logs are those of failures, and of a dry run: they name the tags."""
    raws = sorted(_tasks(api, found, execution.id), key=lambda raw: raw.get("repository", ""))
    bad = [raw for raw in raws if understand(raw["status"]) == ERROR]
    losing = [raw for raw in raws if raw not in bad and int(raw.get("total") or 0) > int(raw.get("retained") or 0)]
    logged = bad or (losing if execution.parameters["dry_run"] else [])
    path = f"{_path(found)}/{segment(execution.id)}/tasks"
    logs = read_logs(api, {f"{path}/{segment(raw['id'])}": raw.get("repository", "") for raw in logged})
    return Details(tasks=[_show_task(raw) for raw in bad + losing], log=logs)


def _show_task(raw: Raw) -> Values:
    total, retained = (int(raw.get(name) or 0) for name in ("total", "retained"))
    shown = {"repository": raw.get("repository", ""), "status": understand(raw["status"])}
    return {**shown, "artifacts": total, "retained": retained, "deleted": total - retained}


def asked(values: Values) -> Values:
    """A dry run is no substitute for a real one."""
    return {"dry_run": values.get("dry_run", False)}


RETENTION_EXECUTION = Action(
    name="retention_execution",
    title="retention execution",
    paths=(
        "/projects/{project_name_or_id}",
        "/retentions/{id}/executions",
        "/retentions/{id}/executions/{eid}",
        "/retentions/{id}/executions/{eid}/tasks",
        "/retentions/{id}/executions/{eid}/tasks/{tid}",
    ),
    target=target,
    list=listing,
    read=read,
    request=request,
    stop=stop,
    details=details,
    asked=asked,
    fields=(
        Field(name="project", doc="Name of the project. It must have a retention policy.", required=True, clean=codec.limit(255)),
        Field(
            name="dry_run",
            doc="Whether to delete nothing and only say what would be deleted.",
            type="bool",
            default=False,
        ),
    ),
)
