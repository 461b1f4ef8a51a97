# Copyright: the dockmaster.harbor contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a real Harbor takes for a call, as tables: `Server(profile="harbor-2.15")` answers as late and as unlucky as that.

Source: measured on Harbor 2.15.2 with PostgreSQL 15 and Redis 7, all on one machine with 2 cores, otherwise idle (medians of sequential
calls, and the throughput of 8 threads); `recorded` marks what is taken from the times of the recorded exchanges instead.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Cost:
    """Milliseconds for one kind of call in a session or as robot. `row` is added for each item of a list.

    `wait` per item is spent waiting, one item after another, and takes no processor. `hashes` counts passwords hashed by the call itself.
    """

    method: str
    path: str
    call: float
    row: float = 0.0
    wait: float = 0.0
    hashes: int = 0


@dataclass(frozen=True)
class Refusal:
    """How a write ends that met another one, after `delay` seconds."""

    status: int
    code: str
    message: str
    delay: float = 0.0


@dataclass(frozen=True)
class Collision:
    """Writes that must not overlap. Each one that does gets the next of `ends`, None meaning that it goes well."""

    method: str
    path: str
    ends: tuple[Refusal | None, ...]


@dataclass(frozen=True)
class Profile:
    """`hash` is what each request with the password of a local user costs on top, in milliseconds, of `processors` in all."""

    processors: int
    hash: float
    login_delay: float
    costs: tuple[Cost, ...]
    several_keys: Collision
    same_new_key: Collision
    others: tuple[Collision, ...]


_DEADLOCK = "internal server error"
_PROJECT = r"/projects/[^/]+"
_SCHEDULES = r"/system/(gc|purgeaudit|scanAll)/schedule"
_HARBOR_2_15 = Profile(
    processors=2,
    # PBKDF2 with 600,000 rounds: 110 to 116 ms a call, 17 calls/s with 8 threads.
    hash=110.0,
    # 1.5 to 1.65 s for a wrong password.
    login_delay=1.5,
    # The first line that fits counts.
    costs=(
        Cost("GET", r"/users/current", 4),
        Cost("GET", r"/(labels|registries|configurations)", 4),
        # recorded: 226 and 360 ms, of which 110 are the administrator's own password.
        Cost("POST", r"/users", 6, hashes=1),
        Cost("PUT", r"/users/\d+/password", 6, hashes=2),
        # 1,000 projects in 8 threads as robot: 260 created/s, 338 read/s, 219 deleted/s.
        Cost("POST", r"/projects", 7.7),
        Cost("GET", _PROJECT, 5.9),
        Cost("PUT", _PROJECT, 8),
        Cost("DELETE", _PROJECT, 9.1),
        # 28 ms for 35 rows, 46 for 100, 640 for 1,000: a line through the three.
        Cost("GET", r"/projects\?.*with_detail=false.*", 4, row=0.13),
        Cost("GET", r"/projects", 5, row=0.62),
        Cost("GET", _PROJECT + r"/summary", 7),
        Cost("POST", r"/robots", 8),
        Cost("GET", r"/robots", 5, row=0.4),
        # 17.8 s for 1,000 rows, 20 ms for one, whatever the credentials.
        Cost("GET", r"/quotas", 3, wait=17.7),
        Cost("GET", r"/quotas/\d+", 3, wait=17.7),
        # recorded: the schedules take 100 to 130 ms with the administrator's password.
        Cost("(PUT|POST)", _SCHEDULES, 10),
        # What was not measured: a plain read or write.
        Cost("GET", r".*", 5, row=0.4),
        Cost(".*", r".*", 8),
    ),
    # PUT of one project with two keys or more at once: 11 of 32 in 8 threads, 7 of 24 in 4; PostgreSQL looks for deadlocks after 1 s.
    several_keys=Collision(
        "PUT",
        _PROJECT,
        (
            Refusal(500, "UNKNOWN", _DEADLOCK, 1.0), None, None,
            Refusal(500, "UNKNOWN", _DEADLOCK, 2.0), None, None,
            Refusal(500, "UNKNOWN", _DEADLOCK, 3.0), None, None,
        ),
    ),
    # PUT that adds a key which the project did not have, at once: one refusal, the others go well.
    same_new_key=Collision("PUT", _PROJECT, (Refusal(409, "CONFLICT", "metadata {key} already exists"), *[None] * 14)),
    others=(
        # PUT of one schedule, 8 at once: 200 twice, 409 five times, 404 once; one schedule remains.
        Collision(
            "(PUT|POST)",
            _SCHEDULES,
            (
                Refusal(409, "CONFLICT", "the schedule is being changed"),
                Refusal(409, "CONFLICT", "the schedule is being changed"),
                Refusal(404, "NOT_FOUND", "execution not found"),
                Refusal(409, "CONFLICT", "the schedule is being changed"),
                Refusal(409, "CONFLICT", "the schedule is being changed"),
                None,
            ),
        ),
        # PUT of different keys of the configuration, 16 at once: one 500.
        Collision("PUT", r"/configurations", (Refusal(500, "UNKNOWN", _DEADLOCK), *[None] * 14)),
    ),
)  # fmt: skip
PROFILES = {"harbor-2.15": _HARBOR_2_15}
