# Copyright: the dockmaster.harbor contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Documents in PostgreSQL: one table, one transaction a request, ids from sequences that a rollback does not turn back."""

from __future__ import annotations

import queue
import select
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
from psycopg.rows import dict_row
from psycopg.sql import SQL, Identifier
from psycopg.types.json import Jsonb

from .store import Doc, check_unique

_SCHEMA = """
CREATE TABLE IF NOT EXISTS standin_object (kind text NOT NULL, id bigint NOT NULL, doc jsonb NOT NULL, PRIMARY KEY (kind, id));
CREATE INDEX IF NOT EXISTS standin_object_doc ON standin_object USING gin (doc jsonb_path_ops);
"""
# Held by each writing transaction, whichever core it runs in: unique keys are checked by looking, which needs a single writer.
_WRITER = 2152
# A first start and a second core's must not create the same tables at once.
_MIGRATION = 2153
Connection = psycopg.Connection[dict[str, Any]]


class PostgresStore:
    """A store shared by all cores. `conninfo` is a libpq connection string; what it leaves open, PG* variables say."""

    blocking = True

    def __init__(self, conninfo: str, size: int = 10) -> None:
        self._conninfo = conninfo
        self._idle: queue.LifoQueue[Connection | None] = queue.LifoQueue()
        for _ in range(size):
            self._idle.put(None)

    def migrate(self) -> None:
        """Create the tables where they are missing."""
        with self._connection() as connection, connection.transaction():
            connection.execute("SELECT pg_advisory_xact_lock(%s)", [_MIGRATION])
            for statement in _SCHEMA.strip().split(";\n"):
                connection.execute(SQL(statement))

    def ping(self) -> None:
        """Raises psycopg.Error when the database does not answer."""
        with self._connection() as connection:
            connection.execute("SELECT 1")

    def reset(self) -> None:
        with self._connection() as connection, connection.transaction():
            connection.execute("DELETE FROM standin_object")

    @contextmanager
    def transaction(self, write: bool) -> Iterator[PostgresTransaction]:
        with self._connection() as connection, connection.transaction():
            if write:
                connection.execute("SELECT pg_advisory_xact_lock(%s)", [_WRITER])
            tx = PostgresTransaction(connection)
            yield tx
        for function in tx.then:
            function()

    @contextmanager
    def _connection(self) -> Iterator[Connection]:
        """A connection of the pool; one that broke or was closed by the server is replaced."""
        connection = self._idle.get()
        try:
            if connection is None or connection.closed or _hung_up(connection):
                connection = psycopg.connect(self._conninfo, autocommit=True, row_factory=dict_row)
            yield connection
        except psycopg.OperationalError:
            if connection is not None:
                connection.close()
            raise
        finally:
            self._idle.put(connection if connection is not None and not connection.closed else None)


def _hung_up(connection: Connection) -> bool:
    """Whether the server ended an idle connection. Harbor's driver (pgx) looks for that before it takes one out of its pool.

    Source: github.com/jackc/pgx/v5/stdlib, ResetSession. An idle server says nothing, so whatever can be read is its farewell.
    """
    readable, _, _ = select.select([connection.fileno()], [], [], 0)
    if readable:
        connection.close()
    return bool(readable)


class PostgresTransaction:
    """See store.Transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self.then: list[Callable[[], None]] = []

    def afterwards(self, function: Callable[[], None]) -> None:
        self.then.append(function)

    def next_id(self, kind: str) -> int:
        name = f"standin_{kind}_id"
        # Made on first use. A rollback takes it away again, with the rows that had ids from it.
        self._connection.execute(SQL("CREATE SEQUENCE IF NOT EXISTS {}").format(Identifier(name)))
        row = self._connection.execute("SELECT nextval(%s) AS id", [f'"{name}"']).fetchone()
        assert row is not None
        return int(row["id"])

    def get(self, kind: str, ident: int) -> Doc | None:
        row = self._connection.execute("SELECT doc FROM standin_object WHERE kind = %s AND id = %s", [kind, ident]).fetchone()
        return row["doc"] if row else None

    def find(self, kind: str, **equal: Any) -> list[Doc]:
        query = "SELECT doc FROM standin_object WHERE kind = %s AND doc @> %s ORDER BY id"
        return [row["doc"] for row in self._connection.execute(query, [kind, Jsonb(equal)])]

    def insert(self, kind: str, doc: Doc) -> Doc:
        doc = {**doc, "id": self.next_id(kind)}
        check_unique(self, kind, doc)
        self._connection.execute("INSERT INTO standin_object VALUES (%s, %s, %s)", [kind, doc["id"], Jsonb(doc)])
        return doc

    def update(self, kind: str, ident: int, **changes: Any) -> Doc:
        doc = {**(self.get(kind, ident) or {}), **changes}
        check_unique(self, kind, doc)
        self._connection.execute("UPDATE standin_object SET doc = %s WHERE kind = %s AND id = %s", [Jsonb(doc), kind, ident])
        return doc

    def delete(self, kind: str, ident: int) -> None:
        self._connection.execute("DELETE FROM standin_object WHERE kind = %s AND id = %s", [kind, ident])
