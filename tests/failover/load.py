# Copyright: the dockmaster.harbor contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Use a registry without pause: several workers push unique images and pull acknowledged ones, and all of it is written down.

python -m tests.failover.load <job.json

The job: {"url", "username", "password", "ca", "project", "log", "seconds"}; without seconds it works until SIGTERM. The log holds a JSON
object a line, times are seconds since 1970:

  {"what": "request", "worker", "start", "end", "method", "path", "bytes", "status" or "error"}
  {"what": "push" or "pull", "worker", "start", "end", "repository", "digest", "bytes", "ok", "error"}

A push that is ok was acknowledged: the registry said 201 to its manifest.
"""

from __future__ import annotations

import json
import random
import signal
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TextIO

from .registry import ATTEMPTS, Client, Failed, build

KB, MB = 1024, 1024 * 1024
# docker gives up on a connection after 30 s, but on a request never.
PATIENT = 120.0


@dataclass(frozen=True)
class Worker:
    """What it does, with images of which size, how often it attempts, how long it waits for an answer and rests in between (s).

    Where what one began has not ended after `relieved` seconds, another client comes, with a connection of its own. 0: never.
    """

    name: str
    what: str
    sizes: tuple[int, int]
    attempts: int
    timeout: float
    rest: float
    relieved: float = 0


# Probes attempt once, and new ones come while others still wait: so they see every failure, and when the registry can be used again. Who
# waits for an answer sees neither. The others are as patient as docker.
WORKERS = (
    Worker("push-probe", "push", (KB, 64 * KB), 1, 15.0, 0.1, relieved=3.0),
    Worker("push-small", "push", (KB, MB), ATTEMPTS, PATIENT, 0.5),
    Worker("push-large", "push", (MB, 50 * MB), ATTEMPTS, PATIENT, 5.0),
    Worker("pull-probe", "pull", (0, 64 * KB), 1, 15.0, 0.1, relieved=2.0),
    Worker("pull-any", "pull", (0, 50 * MB), ATTEMPTS, PATIENT, 0.5),
)


class Log:
    """Lines of JSON from several threads, complete at any time."""

    def __init__(self, file: TextIO) -> None:
        self._file, self._lock = file, threading.Lock()

    def write(self, entry: dict[str, Any]) -> None:
        line = json.dumps(entry)
        with self._lock:
            self._file.write(line + "\n")
            self._file.flush()


class Load:
    """All workers on one project."""

    def __init__(self, job: dict[str, Any], log: Log, workers: tuple[Worker, ...] = WORKERS) -> None:
        self.job, self.log, self.workers = job, log, workers
        self.stop = threading.Event()
        self.acknowledged: list[dict[str, Any]] = []
        self._errors: list[BaseException] = []

    def run(self, seconds: float | None = None) -> None:
        """Work until stop is set, or for that long. Raises what a worker did not expect."""
        threads = [
            self._thread(self._relieve if worker.relieved else self._work, worker, random.Random(seed))
            for seed, worker in enumerate(self.workers)
        ]
        self.stop.wait(seconds)
        self.stop.set()
        for thread in threads:
            thread.join()
        if self._errors:
            raise self._errors[0]

    def _thread(self, function: Callable[..., None], *arguments: Any) -> threading.Thread:
        """Start a thread whose errors end the load."""

        def guarded() -> None:
            try:
                function(*arguments)
            except BaseException as error:
                self._errors.append(error)
                self.stop.set()
                raise

        thread = threading.Thread(target=guarded)
        thread.start()
        return thread

    def _work(self, worker: Worker, chance: random.Random) -> None:
        """One client, one image after another."""
        client = self._client(worker)
        while not self.stop.is_set():
            self._step(worker, client, chance)
            self.stop.wait(worker.rest)
        client.close()

    def _relieve(self, worker: Worker, chance: random.Random) -> None:
        """One client, one image after another, until it waits for too long; then the next one."""
        client = self._client(worker)
        waiting: list[threading.Thread] = []
        while not self.stop.is_set():
            thread = self._thread(self._step, worker, client, chance)
            thread.join(worker.relieved)
            if thread.is_alive():
                waiting = [*(one for one in waiting if one.is_alive()), thread]
                client = self._client(worker)
            self.stop.wait(worker.rest)
        for thread in waiting:
            thread.join()
        client.close()

    def _client(self, worker: Worker) -> Client:
        def record(entry: dict[str, Any]) -> None:
            self.log.write({"what": "request", "worker": worker.name, **entry})

        return Client(
            self.job["url"], self.job["username"], self.job["password"],
            ca=self.job.get("ca", ""), attempts=worker.attempts, timeout=worker.timeout, record=record,
        )  # fmt: skip

    def _step(self, worker: Worker, client: Client, chance: random.Random) -> None:
        (self._push if worker.what == "push" else self._pull)(worker, client, chance)

    def _push(self, worker: Worker, client: Client, chance: random.Random) -> None:
        # Sizes are spread by magnitude: most images are small, as in life.
        least, most = worker.sizes
        image = build(int(least * (most / least) ** chance.random()))
        repository = f"{self.job['project']}/{worker.name}"
        told = {"repository": repository, "digest": image.digest, "bytes": len(image.layer)}
        if self._noted(worker, told, lambda: client.push(repository, f"t{time.time_ns()}", image)):
            self.acknowledged.append(told)

    def _pull(self, worker: Worker, client: Client, chance: random.Random) -> None:
        known = [told for told in self.acknowledged[-500:] if told["bytes"] <= worker.sizes[1]]
        if known:
            told = chance.choice(known)
            self._noted(worker, told, lambda: client.pull(told["repository"], told["digest"]))

    def _noted(self, worker: Worker, told: dict[str, Any], work: Callable[[], object]) -> bool:
        entry: dict[str, Any] = {"what": worker.what, "worker": worker.name, **told, "start": time.time()}
        try:
            work()
        except Failed as failed:
            self.log.write({**entry, "end": time.time(), "ok": False, "error": str(failed)})
            return False
        self.log.write({**entry, "end": time.time(), "ok": True})
        return True


def main() -> None:
    """Run the job on standard input."""
    job = json.load(sys.stdin)
    with Path(job["log"]).open("a", encoding="utf-8") as file:
        load = Load(job, Log(file))
        for ending in (signal.SIGTERM, signal.SIGINT):
            signal.signal(ending, lambda *_: load.stop.set())
        load.run(job.get("seconds"))


if __name__ == "__main__":
    main()
