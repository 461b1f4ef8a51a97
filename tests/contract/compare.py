# Copyright: the dockmaster.harbor contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Compares an actual answer with the recorded one and says where they differ."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

import jwt
import requests

from .mapping import UUID, Mapping, collection_of

NEVER = "0001-01-01T00:00:00.000Z"
# Counts of seconds since 1970 are of the time of the replay; this one lies before it.
_RECENT = 1_700_000_000
_ZERO_DAY = "0001-01-01"
_TIME = re.compile(r"(\d{4}-\d\d-\d\d)T\d\d:\d\d:\d\d(\.\d+)?Z")
_LOG_TIME = re.compile(r"\d{4}[-/]\d\d[-/]\d\d[T ]\d\d:\d\d:\d\d(\.\d+)?Z?")
# The recording kept so much of a log.
_LONGEST_TEXT = 4000
_TRASH_ID = re.compile(r"(?<=\d)\]: ID-\d+ ")
_SECRET = re.compile(r"[A-Za-z0-9]{32}")
# What jobs, workers and their pools are called.
_TOKEN = re.compile(r"[0-9a-f]{24}")
_METHODS = re.compile(r"(?<=but \[)[A-Z,]+(?=\] are)")
# These headers are in every recording that has them, so their absence counts too. The session ones were kept in some recordings
# only: X-Request-Id, which every answer has, tells in which.
_ALWAYS = ("Content-Type", "Location", "Link", "X-Total-Count")
_SESSION = ("Set-Cookie", "X-Harbor-Csrf-Token", "X-Request-Id")


def differences(recorded: dict[str, Any], actual: requests.Response, path: str, mapping: Mapping) -> list[str]:
    """One line for each difference; an empty list when the answers are equal."""
    found = []
    _learn_sbom(recorded, actual, mapping)
    if recorded["status"] != actual.status_code:
        found.append(f"status: {recorded['status']} recorded, {actual.status_code} answered")
    found += _headers(recorded["headers"], actual, mapping)
    found += _Body(path, mapping).differences(_recorded_body(recorded), _actual_body(actual, recorded))
    return found


def _recorded_body(recorded: dict[str, Any]) -> Any:
    return recorded["json"] if "json" in recorded else _without_times(_kept(recorded.get("text", "")))


def _actual_body(actual: requests.Response, recorded: dict[str, Any]) -> Any:
    if "json" not in recorded:
        is_cut = len(recorded.get("text", "")) == _LONGEST_TEXT
        return _without_times(_kept(actual.text[:_LONGEST_TEXT]) if is_cut else actual.text)
    try:
        return actual.json()
    except ValueError:
        return actual.text


def _kept(text: str) -> str:
    """A text without the line in which the recording was cut, if it was."""
    return text.rpartition("\n")[0] if len(text) == _LONGEST_TEXT else text


def _learn_sbom(recorded: dict[str, Any], actual: requests.Response, mapping: Mapping) -> None:
    """The digest of an SBOM, which the server makes: it stands in several places of an answer."""
    if "sbom_digest" not in str(recorded.get("json")) or "sbom_digest" not in actual.text:
        return
    digests = [body["sbom_overview"]["sbom_digest"].removeprefix("sha256:") for body in (recorded["json"], actual.json())]
    mapping.learn(*digests)


def _without_times(text: str) -> str:
    """The log of a job, which begins each line with the time; the ids that garbage collection names are of a table that nobody sees."""
    return _TRASH_ID.sub("]: ID ", _LOG_TIME.sub("<time>", text))


def _headers(recorded: dict[str, str], actual: requests.Response, mapping: Mapping) -> Iterator[str]:
    wanted = {name.lower(): value for name, value in recorded.items()}
    names = _ALWAYS + (_SESSION if "x-request-id" in wanted else ())
    for name in sorted({name.lower() for name in names} | set(wanted)):
        expected, got = wanted.get(name), actual.headers.get(name)
        if expected is None or got is None:
            if expected != got:
                yield f"header {name}: {expected!r} recorded, {got!r} answered"
        elif not _same_header(name, expected, got, mapping):
            yield f"header {name}: {expected!r} recorded, {got!r} answered"


def _same_header(name: str, expected: str, got: str, mapping: Mapping) -> bool:
    if name == "location":
        return _same_location(expected, got, mapping)
    if name == "set-cookie":
        return _same_cookie(expected, got, mapping)
    if name == "x-harbor-csrf-token":
        mapping.learn(expected, got)
        return len(expected) == len(got)
    if name == "x-request-id" and UUID.fullmatch(expected):
        return bool(UUID.fullmatch(got))
    return mapping.same_text(expected, got)


def _same_location(expected: str, got: str, mapping: Mapping) -> bool:
    """Equal paths, numbers after a collection compared as its ids. What a registry notes of an upload in the query is its own."""
    left, right = (location.partition("?_state=")[0].split("/") for location in (expected, got))
    if len(left) != len(right):
        return False
    for index, (one, other) in enumerate(zip(left, right, strict=True)):
        ids = one.isdigit() and other.isdigit()
        if not (mapping.same_id(left[index - 1], int(one), int(other)) if ids else mapping.same_text(one, other)):
            return False
    return True


def _same_cookie(expected: str, got: str, mapping: Mapping) -> bool:
    """The same name and attributes; value and date are the server's own."""
    left, right = expected.split("; "), got.split("; ")
    mapping.learn(left[0].partition("=")[2], right[0].partition("=")[2])
    names = [[part.partition("=")[0] for part in cookie[:1]] for cookie in (left, right)]
    attributes = [[part for part in cookie[1:] if not part.startswith("Expires=")] for cookie in (left, right)]
    return names[0] == names[1] and attributes[0] == attributes[1] and ("Expires=" in expected) == ("Expires=" in got)


class _Body:
    """The comparison of two bodies of one request."""

    def __init__(self, path: str, mapping: Mapping) -> None:
        self.path = path
        self.mapping = mapping

    def differences(self, recorded: Any, actual: Any, where: str = "body", parent: str = "", key: str = "") -> Iterator[str]:
        if isinstance(recorded, dict) and isinstance(actual, dict):
            yield from self._objects(recorded, actual, where, key)
        elif isinstance(recorded, list) and isinstance(actual, list):
            yield from self._lists(recorded, actual, where, parent, key)
        elif not self._same(recorded, actual, key, parent):
            yield f"{where}: {recorded!r} recorded, {actual!r} answered"

    def _objects(self, recorded: dict[str, Any], actual: dict[str, Any], where: str, parent: str) -> Iterator[str]:
        for key in sorted(set(recorded) | set(actual)):
            if key not in recorded or key not in actual:
                one, other = ("missing", actual[key]) if key in actual else (recorded[key], "missing")
                yield f"{where}.{key}: {one!r} recorded, {other!r} answered"
            elif key in ("entity_id", "creator_ref"):
                yield from self._typed_id(key, recorded, actual, where)
            elif key == "expires_at" and not self._same_expiry(recorded, actual):
                yield f"{where}.{key}: {recorded[key]!r} recorded, {actual[key]!r} answered"
            elif key != "expires_at":
                yield from self.differences(recorded[key], actual[key], f"{where}.{key}", parent, key)
        if _unchanged(recorded) and not (_unchanged(actual) or _ended_in_the_next_second(actual)):
            yield f"{where}: update_time equals creation_time in the recording, here it does not"

    def _typed_id(self, key: str, recorded: dict[str, Any], actual: dict[str, Any], where: str) -> Iterator[str]:
        """Ids whose collection another key tells."""
        group = recorded.get("entity_type") == "g"
        robot = recorded.get("creator_type") == "robot"
        collection = "usergroups" if group else "robots" if robot else "users"
        if not self.mapping.same_id(collection, recorded[key], actual[key]):
            yield f"{where}.{key}: {recorded[key]!r} recorded, {actual[key]!r} answered"

    @staticmethod
    def _same_expiry(recorded: dict[str, Any], actual: dict[str, Any]) -> bool:
        """Equal, or as long after the creation of the object as in the recording (a second more or less)."""
        one, other = recorded["expires_at"], actual["expires_at"]
        if one == other or "creation_time" not in recorded or NEVER in (recorded["creation_time"], actual.get("creation_time")):
            return bool(one == other)
        return abs((one - _seconds(recorded["creation_time"])) - (other - _seconds(actual["creation_time"]))) <= 1

    def _lists(self, recorded: list[Any], actual: list[Any], where: str, parent: str, key: str) -> Iterator[str]:
        if len(recorded) != len(actual):
            yield f"{where}: {len(recorded)} items recorded, {len(actual)} answered"
            return
        if self.path.startswith("/api/v2.0/retentions/") and self.path.endswith("/tasks"):
            # The tasks of a run begin in the order of a Go map.
            recorded, actual = sorted(recorded, key=_repository), sorted(actual, key=_repository)
        if key == "permissions":
            # Harbor returns the scopes of a robot in an order that changes from one read to the next.
            recorded, actual = sorted(recorded, key=_scope), sorted(actual, key=_scope)
        for index, (one, other) in enumerate(zip(recorded, actual, strict=True)):
            yield from self.differences(one, other, f"{where}[{index}]", parent, key)

    def _same(self, recorded: Any, actual: Any, key: str, parent: str) -> bool:
        if type(recorded) is not type(actual):
            return False
        if isinstance(recorded, str):
            return self._same_text(recorded, actual, key)
        if key.endswith("_timestamp"):
            return bool(actual >= _RECENT)
        if key == "pid" or (key == "duration" and parent.endswith(("_overview", "; version=1.1"))):
            # A process, and how long a scan took.
            return bool(actual >= 0)
        collection = collection_of(key, parent, self.path)
        return self.mapping.same_id(collection, recorded, actual) if collection else bool(recorded == actual)

    def _same_text(self, recorded: str, actual: str, key: str) -> bool:
        if key.endswith(("_time", "_at")) and recorded != NEVER:
            # A time may be sent back in a later request.
            self.mapping.learn(recorded, actual)
            return _same_time(recorded, actual)
        if _TOKEN.fullmatch(recorded):
            return self.mapping.same_token(recorded, actual)
        if key == "token" and recorded.count(".") == 2:
            return _claims(recorded) == _claims(actual)
        if key == "payload":
            return _shape(json.loads(recorded)) == _shape(json.loads(actual))
        if key == "secret" and _SECRET.fullmatch(recorded):
            self.mapping.learn(recorded, actual)
            return bool(_SECRET.fullmatch(actual))
        if key == "message":
            # The methods that a path allows come out of a Go map: in random order.
            recorded, actual = _sorted_methods(recorded), _sorted_methods(actual)
        return self.mapping.same_text(recorded, actual)


def _claims(token: str) -> dict[str, Any]:
    """What a registry token says; its times and its id are its own."""
    claims: dict[str, Any] = jwt.decode(token, options={"verify_signature": False})
    access = [{**item, "actions": sorted(item["actions"])} for item in claims["access"]]
    lifetime = claims["exp"] - claims["iat"]
    return {**{key: claims.get(key) for key in ("iss", "sub", "aud")}, "access": access, "lifetime": lifetime}


def _shape(payload: dict[str, Any]) -> dict[str, Any]:
    """What a delivery was about. Side by side job services deliver in any order; the story `webhook_payloads` compares all that came."""
    return {"type": payload["type"], "operator": payload["operator"], "event_data": sorted(payload["event_data"])}


def _same_time(recorded: str, actual: str) -> bool:
    """Times of one form: whole seconds, milliseconds, or what is left of microseconds without their last zeros."""
    one, other = _TIME.fullmatch(recorded), _TIME.fullmatch(actual)
    if not one or not other or (one[1] == _ZERO_DAY) != (other[1] == _ZERO_DAY):
        return False
    digits = [len(match[2] or "") - 1 for match in (one, other)]
    return digits[0] == digits[1] or (digits[0] not in (-1, 3) and digits[1] <= 6)


def _repository(task: dict[str, Any]) -> str:
    return str(task.get("repository"))


def _scope(permission: dict[str, Any]) -> tuple[str, str]:
    return permission.get("kind", ""), permission.get("namespace", "")


def _unchanged(item: dict[str, Any]) -> bool:
    return "creation_time" in item and item["creation_time"] == item.get("update_time")


def _ended_in_the_next_second(document: dict[str, Any]) -> bool:
    """Whether only the turn of a second lies between two times that Harbor shows in whole seconds."""
    times = [str(document.get(name, "")) for name in ("creation_time", "update_time")]
    if not all(re.fullmatch(r"[0-9T:-]+Z", time) for time in times):
        return False
    return _seconds(times[1]) - _seconds(times[0]) == 1


def _seconds(stamp: str) -> float:
    from datetime import datetime

    return datetime.fromisoformat(stamp.replace("Z", "+00:00")).timestamp()


def _sorted_methods(message: str) -> str:
    return _METHODS.sub(lambda match: ",".join(sorted(match[0].split(","))), message)
