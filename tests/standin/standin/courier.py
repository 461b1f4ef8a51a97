# Copyright: the dockmaster.harbor contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Delivers webhooks: in a thread of its own, so that no request waits for a receiver and no receiver for a transaction."""

from __future__ import annotations

import logging
import queue
import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING

from . import jobs

if TYPE_CHECKING:
    from .harbor import Harbor

log = logging.getLogger("standin")


@dataclass(frozen=True)
class Delivery:
    """What is to be sent where, and the task that it is."""

    task_id: int
    address: str
    headers: dict[str, str]
    body: str
    insecure: bool


class Courier:
    """Started by the first delivery."""

    def __init__(self, harbor: Harbor) -> None:
        self._harbor = harbor
        self._deliveries: queue.Queue[Delivery] = queue.Queue()
        self._thread: threading.Thread | None = None

    def take(self, delivery: Delivery) -> None:
        self._deliveries.put(delivery)
        if self._thread is None:
            self._thread = threading.Thread(target=self._run, daemon=True, name="courier")
            self._thread.start()

    def wait(self) -> None:
        """Return when everything that was taken is delivered or has failed."""
        self._deliveries.join()

    def _run(self) -> None:
        while True:
            delivery = self._deliveries.get()
            try:
                self._deliver(delivery)
            except Exception:
                log.exception("webhook task %s", delivery.task_id)
            finally:
                self._deliveries.task_done()

    def _deliver(self, delivery: Delivery) -> None:
        world = self._harbor.world
        problem = world.deliver(delivery.address, delivery.headers, delivery.body.encode(), insecure=delivery.insecure)
        with self._harbor.store.transaction(write=True) as tx:
            task = tx.get("task", delivery.task_id)
            if task is None or not task["active"]:
                return
            text = f"send request to remote endpoint, body: {delivery.body}\n{problem or 'success to run webhook job'}\n"
            tx.update("task", task["id"], log=text)
            jobs.finish_task(tx, task, "Error" if problem else "Success")
