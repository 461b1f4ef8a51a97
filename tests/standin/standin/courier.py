# Copyright: the dockmaster.harbor contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Delivers webhooks: in a thread of its own, so that no request waits for a receiver and no receiver for a transaction."""

from __future__ import annotations

import logging
import queue
import threading
import time
from typing import TYPE_CHECKING

from . import jobs
from .store import Doc

if TYPE_CHECKING:
    from .harbor import Harbor

log = logging.getLogger("standin")
# A request that another core serves may commit later than it hands over its tasks.
_ATTEMPTS, _PAUSE = 20, 0.05


class Courier:
    """Started by the first delivery."""

    def __init__(self, harbor: Harbor) -> None:
        self._harbor = harbor
        self._tasks: queue.Queue[int] = queue.Queue()
        self._thread: threading.Thread | None = None

    def take(self, task_id: int) -> None:
        """Deliver a task as soon as its transaction has ended; one that was rolled back never existed."""
        self._tasks.put(task_id)
        if self._thread is None:
            self._thread = threading.Thread(target=self._run, daemon=True, name="courier")
            self._thread.start()

    def wait(self) -> None:
        """Return when everything that was taken is delivered or has failed."""
        self._tasks.join()

    def _run(self) -> None:
        while True:
            ident = self._tasks.get()
            try:
                task = self._look(ident)
                if task is not None:
                    self._deliver(task)
            except Exception:
                log.exception("webhook task %s", ident)
            finally:
                self._tasks.task_done()

    def _look(self, ident: int) -> Doc | None:
        for _ in range(_ATTEMPTS if self._harbor.store.blocking else 1):
            with self._harbor.store.transaction(write=False) as tx:
                task = tx.get("task", ident)
            if task is not None:
                return task if task["active"] else None
            time.sleep(_PAUSE)
        return None

    def _deliver(self, task: Doc) -> None:
        delivery = task["delivery"]
        body = delivery["body"].encode()
        problem = self._harbor.world.deliver(delivery["address"], delivery["headers"], body, insecure=delivery["insecure"])
        with self._harbor.store.transaction(write=True) as tx:
            current = tx.get("task", task["id"])
            if current is None or not current["active"]:
                return
            text = f"send request to remote endpoint, body: {delivery['body']}\n{problem or 'success to run webhook job'}\n"
            tx.update("task", task["id"], log=text)
            jobs.finish_task(tx, current, "Error" if problem else "Success")
