# Copyright: the dockmaster.harbor contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the server under test calls by another value than the recorded one: ids, secrets, cookies, tokens.

Ids are learned when an answer shows one for the first time; from then on the pair must hold, in both directions.
"""

from __future__ import annotations

import re
from typing import Any

# Collections whose members have an id of their own in paths.
COLLECTIONS = (
    "projects users usergroups members quotas robots registries labels retentions immutabletagrules gc purgeaudit executions tasks "
    "policies repositories artifacts tags accessories execution download cve"
)
_IN_PATH = re.compile(rf"/({'|'.join(COLLECTIONS.split())})/(\d+)(?=/|$)")
_IN_QUERY = re.compile(r"((?:ProjectID|project_id|reference_id)(?:=|%3D)|scope=%2Fproject%2F)(\d+)")
# Keys of bodies that hold the id of something. `id` itself depends on where it stands.
_BY_KEY = {"project_id": "projects", "ref": "projects", "user_id": "users", "owner_id": "users", "registry_id": "registries"}
_BY_PARENT = {"cve_allowlist": "allowlists", "ref": "projects", "member_group": "usergroups"}
_BY_KEY |= {
    "execution_id": "executions",
    "repository_id": "repositories",
    **dict.fromkeys(("artifact_id", "subject_artifact_id", "child_id", "parent_id"), "artifacts"),
}
_BY_PARENT |= {name: name for name in ("tags", "labels", "accessories")}
_BY_PARENT |= dict.fromkeys(("registry", "src_registry", "dest_registry"), "registries")


# Exports of findings are executions, under other names.
_ALIASES = dict.fromkeys(("execution", "download", "cve"), "executions")
UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
# Words that the server or the replay made up: uuids, and digests without their prefix.
_WORD = re.compile(rf"{UUID.pattern}|[0-9a-f]{{64}}")


class Mapping:
    """Recorded values to actual ones."""

    def __init__(self) -> None:
        self._ids: dict[tuple[str, int], int] = {}
        self._texts: dict[str, str] = {}

    def same_id(self, collection: str, recorded: Any, actual: Any) -> bool:
        """Whether two ids name the same object; a new pair is learned."""
        if not isinstance(recorded, int) or not isinstance(actual, int):
            return bool(recorded == actual)
        key = (collection, recorded)
        if key not in self._ids:
            if any(kind == collection and known == actual for (kind, _), known in self._ids.items()):
                return False
            self._ids[key] = actual
        return self._ids[key] == actual

    def same_text(self, recorded: str, actual: str) -> bool:
        """Whether two texts are equal but for the uuids and known digests in them; new pairs of uuids are learned."""
        words = [_WORD.findall(text) for text in (recorded, actual)]
        if len(words[0]) != len(words[1]) or _WORD.split(recorded) != _WORD.split(actual):
            return False
        return all(self._same_word(one, other) for one, other in zip(*words, strict=True))

    def _same_word(self, recorded: str, actual: str) -> bool:
        if UUID.fullmatch(recorded) and recorded not in self._texts:
            if actual in self._texts.values():
                return False
            self._texts[recorded] = actual
        return self._texts.get(recorded, recorded) == actual

    def same_token(self, recorded: str, actual: str) -> bool:
        """Whether two texts made of chance alone stand for the same thing; a new pair is learned."""
        known = self._texts.get(recorded)
        if known is None:
            self._texts[recorded] = actual
            return len(recorded) == len(actual)
        return known == actual

    def learn(self, recorded: str, actual: str) -> None:
        """A secret, cookie, token or digest."""
        self._texts[recorded] = actual

    def id(self, collection: str, recorded: int) -> int:
        return self._ids.get((collection, recorded), recorded)

    def text(self, recorded: str) -> str:
        """A recorded text as the server under test would write it."""
        return self._texts.get(recorded) or _WORD.sub(lambda match: self._texts.get(match[0], match[0]), recorded)

    def path(self, path: str, names: bool) -> str:
        """A recorded request path for the server under test. With `names` the project in it is a name, even when it is a number."""

        def replace(match: re.Match[str]) -> str:
            if names and match[1] == "projects":
                return match[0]
            return f"/{match[1]}/{self.id(_ALIASES.get(match[1], match[1]), int(match[2]))}"

        return _IN_PATH.sub(replace, self.text(path))

    def query(self, query: str) -> str:
        return _IN_QUERY.sub(lambda match: f"{match[1]}{self.id('projects', int(match[2]))}", self.text(query))

    def body(self, value: Any, path: str, parent: str = "", key: str = "") -> Any:
        """A recorded request body for the server under test; `path` is where it went."""
        if isinstance(value, dict):
            return {name: self.body(item, path, key, name) for name, item in value.items()}
        if isinstance(value, list):
            return [self.body(item, path, parent, key) for item in value]
        if isinstance(value, int) and not isinstance(value, bool):
            collection = collection_of(key, parent, path)
            return self.id(collection, value) if collection else value
        return self.text(value) if isinstance(value, str) else value


def collection_of(key: str, parent: str, path: str) -> str:
    """The collection that a key of a body speaks of, empty for keys that hold no id."""
    if key != "id":
        return _BY_KEY.get(key, "")
    if parent in _BY_PARENT:
        return _BY_PARENT[parent]
    if parent:
        return ""
    if path.endswith("/CVEAllowlist"):
        return "allowlists"
    named = [part for part in path.split("/") if part in COLLECTIONS.split()]
    return _ALIASES.get(named[-1], named[-1]) if named else ""
