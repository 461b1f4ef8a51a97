# Copyright: the dockmaster.harbor contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Scans of all artifacts. Private to this collection."""

from __future__ import annotations

import typing as t

from ansible_collections.dockmaster.harbor.plugins.module_utils._action import (
    ERROR,
    RUNNING,
    STOPPED,
    SUCCESS,
    Action,
    Details,
    Execution,
    Progress,
    Target,
)

if t.TYPE_CHECKING:
    from ansible_collections.dockmaster.harbor.plugins.module_utils._http import Api
    from ansible_collections.dockmaster.harbor.plugins.module_utils._resource import Raw, Values, World

METRICS = "/scans/all/metrics"


def target(api: Api, world: World, values: Values) -> Target:
    """There is only one of them."""
    return Target()


def listing(api: Api, found: Target) -> list[Execution]:
    """Return the last scan, nothing when there was none: Harbor keeps one and gives it no number."""
    raw = api.get(METRICS) or {}
    return [decode(raw)] if raw.get("metrics") is not None else []


def read(api: Api, found: Target, execution: Execution) -> Execution:
    """Read the last scan again. Before its first task there may be nothing to see."""
    return next(iter(listing(api, found)), execution)


def decode(raw: Raw) -> Execution:
    """Understand the metrics."""
    counts = raw["metrics"]
    progress = Progress(
        total=int(raw.get("total") or 0),
        succeeded=int(counts.get("Success") or 0),
        failed=int(counts.get("Error") or 0),
        stopped=int(counts.get("Stopped") or 0),
    )
    end = ERROR if progress.failed else STOPPED if progress.stopped else SUCCESS
    return Execution(
        id=None, status=RUNNING if raw.get("ongoing") else end, trigger=str(raw.get("trigger") or "").lower(), progress=progress
    )


def request(found: Target, values: Values) -> tuple[str, Values]:
    """Scan now. Harbor answers 412 while no scanner is the default."""
    return "/system/scanAll/schedule", {"schedule": {"type": "Manual"}}


def stop(api: Api, found: Target, execution: Execution) -> None:
    """Stop. Stopping twice does no harm, so nothing but the state counts."""
    api.act("/system/scanAll/stop", None, lambda: all(one.status != RUNNING for one in listing(api, found)))


def details(api: Api, found: Target, execution: Execution) -> Details:
    """Harbor tells neither the tasks of this scan nor their logs; each artifact has its own."""
    return Details()


def asked(values: Values) -> Values:
    """All scans of all artifacts are alike."""
    return {}


SCAN_ALL_EXECUTION = Action(
    name="scan_all_execution",
    title="scan of all artifacts",
    paths=("/scans/all/metrics", "/system/scanAll/schedule", "/system/scanAll/stop"),
    target=target,
    list=listing,
    read=read,
    request=request,
    stop=stop,
    details=details,
    asked=asked,
    identified=False,
    fields=(),
)
