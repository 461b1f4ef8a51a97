# Copyright: the dockmaster.harbor contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where the stand-in keeps its state: documents by kind and id, changed only inside a transaction.

A document is a dict with an `id`; treat it as read-only and change it with `Transaction.update`. `Transaction` holds what the
two stores share (unique keys above all), a store adds how documents are fetched and kept.
"""

from __future__ import annotations

import threading
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any, Protocol

from .errors import Duplicate

Doc = dict[str, Any]
Index = dict[tuple[Any, ...], set[int]]

# The unique keys of Harbor's tables. An insert that hits one still uses up an id, as a PostgreSQL sequence does.
UNIQUE: dict[str, list[tuple[str, ...]]] = {
    "project": [("name",)],
    "member": [("project_id", "entity_type", "entity_id")],
    "quota": [("reference", "reference_id")],
    "robot": [("project_id", "name")],
    "registry": [("name",)],
    "label": [("scope", "project_id", "name")],
    "user": [("username",), ("email",)],
    "usergroup": [("group_name",)],
    "repository": [("name",)],
    "artifact": [("repository_id", "digest")],
    "tag": [("repository_id", "name")],
    "blob": [("digest",)],
    "scanner": [("name",), ("url",), ("uuid",)],
    "project_blob": [("project_id", "digest")],
    "immutable_rule": [("project_id", "text")],
    "replication_policy": [("name",)],
    "webhook_policy": [("project_id", "name")],
    "preheat_instance": [("name",), ("endpoint",)],
    "preheat_policy": [("project_id", "name")],
}


class Transaction(Protocol):
    """One request's view of the store."""

    def next_id(self, kind: str) -> int:
        """A new id; never given back, also not by a rollback."""
        ...

    def get(self, kind: str, ident: int) -> Doc | None: ...

    def find(self, kind: str, **equal: Any) -> list[Doc]:
        """Documents of a kind whose fields equal all of `equal`, by id."""
        ...

    def insert(self, kind: str, doc: Doc) -> Doc:
        """Store a new document and return it with its id. Raises Duplicate."""
        ...

    def update(self, kind: str, ident: int, **changes: Any) -> Doc:
        """Change some fields and return the new document. Raises Duplicate."""
        ...

    def delete(self, kind: str, ident: int) -> None: ...

    def afterwards(self, function: Callable[[], None]) -> None:
        """Call something as soon as the transaction is kept, never when it is rolled back."""
        ...


class Store(Protocol):
    """A factory of transactions. `blocking` says that calls wait for I/O and belong in a thread."""

    blocking: bool

    def transaction(self, write: bool) -> AbstractContextManager[Transaction]:
        """A transaction that is kept when the block ends well and rolled back when it raises."""
        ...

    def reset(self) -> None:
        """Forget everything."""
        ...


def first(tx: Transaction, kind: str, **equal: Any) -> Doc | None:
    """The one document with these fields, or None."""
    found = tx.find(kind, **equal)
    return found[0] if found else None


def check_unique(tx: Transaction, kind: str, doc: Doc) -> None:
    """Raise Duplicate when another document of the kind has the same unique key."""
    for key in UNIQUE.get(kind, []):
        values = {field: doc.get(field) for field in key}
        # As in SQL, an absent value equals nothing: several users without an e-mail address may coexist.
        if None in values.values():
            continue
        if any(other["id"] != doc["id"] for other in tx.find(kind, **values)):
            raise Duplicate(f"{kind} {values}")


class MemoryStore:
    """Documents in dicts, one transaction at a time, undone by a journal.

    A search by some fields makes an index of them, once; so no search walks through more than what it returns.
    """

    blocking = False

    def __init__(self) -> None:
        self._lock = threading.RLock()
        self.reset()

    def reset(self) -> None:
        with self._lock:
            self.docs: dict[str, dict[int, Doc]] = defaultdict(dict)
            self.ids: dict[str, int] = defaultdict(int)
            # Per kind: fields that somebody searched by, to the ids of each combination of their values.
            self.indexes: dict[str, dict[tuple[str, ...], Index]] = defaultdict(dict)

    @contextmanager
    def transaction(self, write: bool) -> Iterator[MemoryTransaction]:
        with self._lock:
            tx = MemoryTransaction(self)
            try:
                yield tx
            except BaseException:
                tx.rollback()
                raise
        for function in tx.then:
            function()


class MemoryTransaction:
    """See Transaction."""

    def __init__(self, store: MemoryStore) -> None:
        self.store = store
        self.journal: list[Callable[[], None]] = []
        self.then: list[Callable[[], None]] = []

    def next_id(self, kind: str) -> int:
        self.store.ids[kind] += 1
        return self.store.ids[kind]

    def get(self, kind: str, ident: int) -> Doc | None:
        return self.store.docs[kind].get(ident)

    def find(self, kind: str, **equal: Any) -> list[Doc]:
        docs = self.store.docs[kind]
        if not equal:
            return [docs[ident] for ident in sorted(docs)]
        fields = tuple(sorted(equal))
        found = self._index(kind, fields).get(tuple(equal[field] for field in fields), ())
        return [docs[ident] for ident in sorted(found)]

    def insert(self, kind: str, doc: Doc) -> Doc:
        doc = {**doc, "id": self.next_id(kind)}
        check_unique(self, kind, doc)
        self._put(kind, doc["id"], doc)
        return doc

    def update(self, kind: str, ident: int, **changes: Any) -> Doc:
        doc = {**self.store.docs[kind][ident], **changes}
        check_unique(self, kind, doc)
        self._put(kind, ident, doc)
        return doc

    def delete(self, kind: str, ident: int) -> None:
        self._put(kind, ident, None)

    def afterwards(self, function: Callable[[], None]) -> None:
        self.then.append(function)

    def rollback(self) -> None:
        while self.journal:
            self.journal.pop()()

    def _index(self, kind: str, fields: tuple[str, ...]) -> Index:
        indexes = self.store.indexes[kind]
        if fields not in indexes:
            index: Index = defaultdict(set)
            for ident, doc in self.store.docs[kind].items():
                index[_values(doc, fields)].add(ident)
            indexes[fields] = index
        return indexes[fields]

    def _put(self, kind: str, ident: int, doc: Doc | None) -> None:
        old = self.store.docs[kind].get(ident)
        self.journal.append(lambda: self._replace(kind, ident, old))
        self._replace(kind, ident, doc)

    def _replace(self, kind: str, ident: int, doc: Doc | None) -> None:
        old = self.store.docs[kind].pop(ident, None)
        for fields, index in self.store.indexes[kind].items():
            if old is not None:
                index[_values(old, fields)].discard(ident)
            if doc is not None:
                index[_values(doc, fields)].add(ident)
        if doc is not None:
            self.store.docs[kind][ident] = doc


def _values(doc: Doc, fields: tuple[str, ...]) -> tuple[Any, ...]:
    return tuple(doc.get(field) for field in fields)
