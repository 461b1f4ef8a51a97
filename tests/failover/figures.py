# Copyright: the dockmaster.harbor contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the records of the clients and of the watchers say. Pure functions; times are seconds since 1970, lengths are seconds."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import Any

Record = dict[str, Any]


def within(records: Iterable[Record], start: float, end: float) -> list[Record]:
    """Those that ended in a window."""
    return [entry for entry in records if start <= entry["end"] <= end]


def gap(operations: Iterable[Record], start: float, end: float) -> float:
    """The longest time in a window without an operation that went well, whoever did it."""
    ends = sorted(entry["end"] for entry in operations if entry["ok"] and start <= entry["end"] <= end)
    moments = [start, *ends, end]
    return max(later - earlier for earlier, later in zip(moments, moments[1:], strict=False))


def failing(requests: Iterable[Record]) -> float:
    """From the beginning of the first failed request to the end of the last one: requests outside of this time went well."""
    failures = [entry for entry in requests if request_failed(entry)]
    return max((entry["end"] for entry in failures), default=0.0) - min((entry["start"] for entry in failures), default=0.0)


def request_failed(entry: Record) -> bool:
    """Whether a request got no answer or an error of the server's; 401 and 404 belong to the protocol."""
    return "error" in entry or entry["status"] >= 500 or entry["status"] in (403, 429)


def seen_by_clients(records: list[Record], start: float, end: float) -> Record:
    """Figures of one window: gaps, slowest operations, failures with and without the client's own retries; and the gap of all requests."""
    figures: Record = {}
    for what in ("push", "pull"):
        done = [entry for entry in within(records, start, end) if entry["what"] == what]
        patient = [entry for entry in done if not entry["worker"].endswith("-probe")]
        asked = [entry for entry in within(records, start, end) if entry["what"] == "request" and entry["worker"].startswith(what)]
        figures[what] = {
            "gap": round(gap(done, start, end), 1),
            "failing": round(failing(asked), 1),
            "slowest": round(max((entry["end"] - entry["start"] for entry in done), default=0.0), 1),
            "done": sum(entry["ok"] for entry in done),
            "failed": sum(not entry["ok"] for entry in done),
            "patient_done": sum(entry["ok"] for entry in patient),
            "patient_failed": sum(not entry["ok"] for entry in patient),
        }
    requests = [entry for entry in within(records, start, end) if entry["what"] == "request"]
    failures = [entry for entry in requests if request_failed(entry)]
    figures["requests"] = len(requests)
    figures["requests_failed"] = len(failures)
    figures["request_gap"] = round(gap(({**entry, "ok": not request_failed(entry)} for entry in requests), start, end), 1)
    figures["errors"] = sorted({f"{entry['method']} {entry.get('error') or entry['status']}" for entry in failures})[:10]
    return figures


def acknowledged(records: Iterable[Record]) -> list[Record]:
    """Every push that the registry said it has."""
    return [entry for entry in records if entry["what"] == "push" and entry["ok"]]


def second_leaders(said: Iterable[Record]) -> list[Record]:
    """Proven moments with two leaders of one kind: one said yes between two times at which another said yes, and no in between.

    Each record is {"kind", "member", "start", "end", "leads"}: the member was asked at start, its answer was there at end.
    """
    kinds: dict[str, dict[str, list[Record]]] = defaultdict(lambda: defaultdict(list))
    for entry in said:
        kinds[entry["kind"]][entry["member"]].append(entry)
    found = []
    for kind, members in kinds.items():
        for member, answers in members.items():
            answers.sort(key=lambda entry: entry["start"])
            others = [(other, entry) for other, entries in members.items() if other != member for entry in entries if entry["leads"]]
            for before, after in zip(answers, answers[1:], strict=False):
                if before["leads"] and after["leads"]:
                    found += [
                        {"kind": kind, "members": sorted((member, other)), "time": entry["start"]}
                        for other, entry in others
                        if before["end"] <= entry["start"] and entry["end"] <= after["start"]
                    ]
    return found


WAKING = 2.0  # seconds in which a process that stood still may not know what it missed


def cut_off_masters(moments: list[Record], node: str, until: float) -> list[Record]:
    """Second masters of Redis that were cut off from everybody then: clients could not reach them.

    Redis promises no more: a master that is cut off notices after min-replicas-max-lag (10 s). PostgreSQL's leader has no such excuse.
    """
    return [moment for moment in moments if moment["kind"] == "redis" and node in moment["members"] and moment["time"] < until]


def woken_leaders(moments: list[Record], node: str, since: float) -> list[Record]:
    """Second leaders of PostgreSQL that had stood still until then, and had not looked around yet.

    Patroni dates its lead by the moment in which it reads the store's answer, and that may be one from before (set_is_leader in ha.py).
    """
    return [
        moment
        for moment in moments
        if moment["kind"] == "postgresql" and node in moment["members"] and since <= moment["time"] <= since + WAKING
    ]
