# Copyright: the dockmaster.harbor contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Executions of replication policies. Private to this collection."""

from __future__ import annotations

import typing as t

from ansible_collections.dockmaster.harbor.plugins.module_utils import _codec as codec
from ansible_collections.dockmaster.harbor.plugins.module_utils._action import (
    ERROR,
    Action,
    Details,
    Execution,
    Progress,
    Target,
    read_logs,
    understand,
)
from ansible_collections.dockmaster.harbor.plugins.module_utils._errors import Error
from ansible_collections.dockmaster.harbor.plugins.module_utils._http import PAGE_SIZE, q, q_takes, segment
from ansible_collections.dockmaster.harbor.plugins.module_utils._resource import Field

if t.TYPE_CHECKING:
    from ansible_collections.dockmaster.harbor.plugins.module_utils._http import Api
    from ansible_collections.dockmaster.harbor.plugins.module_utils._resource import Raw, Values, World

PATH = "/replication/executions"


def target(api: Api, world: World, values: Values) -> Target:
    """Find the policy by its exact name."""
    name = values["policy"]
    found = api.pages("/replication/policies", q=q(name=name)) if q_takes(name) else api.pages("/replication/policies")
    raw = next((raw for raw in found if raw.get("name") == name), None)
    if raw is None:
        raise Error(f"policy: there is no replication policy {name!r}")
    obstacle = "" if raw.get("enabled") else f"policy: {name!r} is disabled, and Harbor runs no disabled policy; enable it first"
    return Target(id=raw["id"], label=f"policy {name}", obstacle=obstacle)


def listing(api: Api, found: Target) -> list[Execution]:
    """Return the executions of a policy; Harbor keeps the last 50, newest first."""
    return [decode(raw) for raw in api.get(PATH, policy_id=found.id, page=1, page_size=PAGE_SIZE) or []]


def read(api: Api, found: Target, execution: Execution) -> Execution:
    """Read one execution again."""
    raw = api.get(f"{PATH}/{segment(execution.id)}")
    if raw is None:
        raise Error(f"execution {execution.id} is gone, perhaps with its policy")
    return decode(raw)


def decode(raw: Raw) -> Execution:
    """Understand Harbor's answer. The counts are those of the tasks and never late, the status may be."""
    counts = {name: int(raw.get(name) or 0) for name in ("total", "failed", "stopped")}
    return Execution(
        id=raw["id"],
        status=understand(raw["status"]),
        trigger=raw.get("trigger", ""),
        message=raw.get("status_text", ""),
        start_time=raw.get("start_time", ""),
        end_time=raw.get("end_time", ""),
        progress=Progress(succeeded=int(raw.get("succeed") or 0), **counts),
    )


def request(found: Target, values: Values) -> tuple[str, Values]:
    """Run the policy."""
    return PATH, {"policy_id": found.id}


def stop(api: Api, found: Target, execution: Execution) -> None:
    """Stop one execution; one that has ended stays as it is."""
    api.put(f"{PATH}/{segment(execution.id)}", None)


def details(api: Api, found: Target, execution: Execution) -> Details:
    """Return the tasks that failed, with the ends of their logs."""
    if execution.status != ERROR:
        return Details()
    path = f"{PATH}/{segment(execution.id)}/tasks"
    failed = sorted(api.pages(path, status="Failed"), key=lambda raw: str(raw.get("src_resource", "")))
    tasks = [
        {
            "source": raw.get("src_resource", ""),
            "destination": raw.get("dst_resource", ""),
            "operation": raw.get("operation", ""),
            "status": ERROR,
        }
        for raw in failed
    ]
    return Details(tasks=tasks, log=read_logs(api, {f"{path}/{segment(raw['id'])}/log": raw.get("src_resource", "") for raw in failed}))


def asked(values: Values) -> Values:
    """A policy says it all: any running execution of it is as good as a new one."""
    return {}


REPLICATION_EXECUTION = Action(
    name="replication_execution",
    title="replication execution",
    paths=(
        "/replication/policies",
        "/replication/executions",
        "/replication/executions/{id}",
        "/replication/executions/{id}/tasks",
        "/replication/executions/{id}/tasks/{task_id}/log",
    ),
    target=target,
    list=listing,
    read=read,
    request=request,
    stop=stop,
    details=details,
    asked=asked,
    fields=(
        Field(
            name="policy",
            doc="Name of the replication policy. It must be enabled.",
            required=True,
            clean=codec.limit(256),
        ),
    ),
)
