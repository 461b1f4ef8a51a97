# Copyright: the dockmaster.harbor contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The table of faults: what is broken, how, how it is repaired, and how long pushes may wait.

Repair means what happens without a human in life: power comes back, a cable is put in, a disk has space again. Everything after that the
cluster does by itself. A row whose inject does all the work (a rolling restart) has nothing to repair.
"""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import product
from pathlib import Path

from .lab import Broken, Lab
from .power import COMMAND, PowerStrip

Action = Callable[[Lab, str], None]


def _nothing(lab: Lab, node: str) -> None:
    """What the cluster repairs by itself."""


def _power(action: str) -> Action:
    return lambda lab, node: lab.docker(action, node)


def _unit(verb: str, *units: str) -> Action:
    def act(lab: Lab, node: str) -> None:
        lab.run(node, "systemctl", *verb.split(), *units)

    return act


def _container(verb: str, name: str) -> Action:
    def act(lab: Lab, node: str) -> None:
        lab.run(node, "docker", verb, name)

    return act


# Whole nodes: (break, repair).
NODE: dict[str, tuple[Action, Action]] = {
    "kill": (Lab.power_off, _power("start")),
    "pause": (_power("pause"), _power("unpause")),
    "partition": (Lab.cut, Lab.join),
    "stop": (_power("stop"), _power("start")),
}


def _units(*names: str) -> dict[str, tuple[Action, Action]]:
    """Processes alone: who is killed is started by systemd, who is paused or stopped by us."""
    return {
        "crash": (_unit("kill --signal=KILL", *names), _nothing),
        "freeze": (_unit("kill --signal=STOP", *names), _unit("kill --signal=CONT", *names)),
        "end": (_unit("stop", *names), _unit("start", *names)),
    }


def _containers(name: str) -> dict[str, tuple[Action, Action]]:
    """One of Harbor's containers alone: who is killed comes back by its restart policy."""
    return {
        "kill": (lambda lab, node: lab.container_kill(node, name), _nothing),
        "pause": (_container("pause", name), _container("unpause", name)),
        "partition": (lambda lab, node: lab.container_cut(node, name), lambda lab, node: lab.container_join(node, name)),
        "stop": (_container("stop", name), _container("start", name)),
    }


def _cut_sentinel(verb: str) -> Action:
    """No Sentinel hears of the others, in the node's own packet filter; Redis beside it stays connected."""

    def act(lab: Lab, node: str) -> None:
        for chain, port in product(("INPUT", "OUTPUT"), ("--dport", "--sport")):
            lab.filter(node, verb, chain, "--protocol", "tcp", port, "26379", "--jump", "DROP")

    return act


# Victims, by what they are at that moment.


def _other(lab: Lab, tier: str, *leaders: str) -> str:
    """A member of a tier that is none of these."""
    free = [node for node in lab.tiers[tier] if node not in leaders]
    if not free:
        raise Broken(f"every member of {tier} leads something")
    return free[0]


Leaders = dict[str, str]
VICTIMS: dict[str, Callable[[Lab, Leaders], str]] = {
    "PostgreSQL leader": lambda lab, leaders: leaders["postgresql"],
    "PostgreSQL replica": lambda lab, leaders: _other(lab, "postgresql", leaders["postgresql"], leaders["redis"]),
    "etcd leader": lambda lab, leaders: leaders["etcd"],
    "Redis master": lambda lab, leaders: leaders["redis"],
    "Sentinel": lambda lab, leaders: _other(lab, "redis", leaders["redis"]),
    "MinIO node": lambda lab, leaders: _other(lab, "minio", leaders["postgresql"], leaders["redis"]),
    "VIP holder": lambda lab, leaders: leaders["load_balancer"],
    "app node": lambda lab, leaders: _other(lab, "harbor", leaders["load_balancer"]),
    "cluster": lambda lab, leaders: "",
}


@dataclass(frozen=True)
class Fault:
    """A row. `hold`: seconds between break and repair. `limit`: what is wanted of the figure `judged` of pushes (s), or None.
    `unfailing`: it is that of the slowest of all requests, and none may fail. `patient`: of patient clients no pull and 0.1 % of the pushes
    may fail.

    `ready` runs before the measurement begins and `after` when it has ended, so that they are not part of it. `cut_off`: nobody reaches the
    victim until the repair; `frozen`: it stands still until then.
    """

    name: str
    victim: str
    inject: Action
    heal: Action
    hold: float = 25
    limit: float | None = None
    ready: Action = field(default=_nothing)
    after: Action = field(default=_nothing)
    cut_off: bool = False
    frozen: bool = False
    judged: str = "gap"


Methods = dict[str, tuple[Action, Action]]
# Long enough to see whether the others go on without what stands still, and not only with it when it wakes.
STANDSTILL = 90


def _rows(
    victim: str, methods: Methods, limits: dict[str, float] | float | None, name: str = "", hold: float = 25, judged: str = "gap"
) -> list[Fault]:
    """A row for each method; `limits` of some methods, or one for all."""
    return [
        Fault(
            f"{name or victim}: {method}",
            victim,
            inject,
            heal,
            STANDSTILL if method in ("pause", "freeze") else hold,
            limits.get(method) if isinstance(limits, dict) else limits,
            cut_off=inject is Lab.cut,
            frozen=method in ("pause", "freeze"),
            judged=judged,
        )
        for method, (inject, heal) in methods.items()
    ]


# Not only one thing: functions of their own.


def _two(first: tuple[str, Action, Action], second: tuple[str, Action, Action]) -> tuple[Action, Action]:
    """Break two things at once; both are repaired at once too."""
    hit: dict[str, str] = {}

    def inject(lab: Lab, node: str) -> None:
        leaders = lab.status()["leaders"]
        hit.update({which: VICTIMS[which](lab, leaders) for which, _break, _repair in (first, second)})
        for which, break_it, _repair in (first, second):
            break_it(lab, hit[which])

    def heal(lab: Lab, node: str) -> None:
        for which, _break, repair in (first, second):
            repair(lab, hit[which])

    return inject, heal


PG_WAL = "/var/lib/postgresql/17/main/pg_wal"
# Patroni's unit may see file systems of its own.
INSIDE = 'nsenter --mount --target "$(systemctl show --property MainPID --value patroni)"'


def _fill_disk(lab: Lab, node: str) -> None:
    """No space for the write-ahead log: all that is written there from now on ends with ENOSPC, what is there can be read.

    The real disk is the test machine's. So a full file system of 64 KiB is laid over the directory, and the running segment ended.
    """
    script = f"""
    set -eu
    install -d /run/full && mount -t tmpfs -o size=64k,mode=0755 tmpfs /run/full
    install -d -o postgres -g postgres -m 0700 /run/full/upper && install -d /run/full/work
    {INSIDE} mount -t overlay -o lowerdir={PG_WAL},upperdir=/run/full/upper,workdir=/run/full/work overlay {PG_WAL}
    """
    lab.run(node, "sh", "-c", script)
    # The server may well fall over it at once, and our session with it.
    with suppress(Broken):
        lab.run(node, "runuser", "-u", "postgres", "--", "psql", "-qc", "select pg_switch_wal()")


def _free_disk(lab: Lab, node: str) -> None:
    lab.run(node, "sh", "-c", f"{INSIDE} umount --lazy {PG_WAL} && umount --lazy /run/full")


AHEAD = "/usr/local/lib/ahead.so"
SOURCE = (Path(__file__).parent / "ahead.c").read_text(encoding="utf-8")
SKEWED = ("patroni", "redis-server", "redis-sentinel")


def _make_fake_clock(lab: Lab, node: str) -> None:
    lab.run(node, "sh", "-c", "command -v cc >/dev/null || apt-get install -y -q --no-install-recommends gcc libc6-dev", timeout=240)
    lab.run(node, "sh", "-c", f'printf %s "$0" | cc -O2 -shared -fPIC -DAHEAD=30 -o {AHEAD} -x c -', SOURCE)


def _skew_clock(lab: Lab, node: str) -> None:
    """Let Patroni, PostgreSQL, Redis and Sentinel of a node live 30 s ahead. Go asks the kernel: etcd and MinIO do not notice."""
    units = " ".join(SKEWED)
    script = f"""for unit in {units}; do
      install -d /run/systemd/system/$unit.service.d
      printf '[Service]\\nEnvironment=LD_PRELOAD={AHEAD}\\n' > /run/systemd/system/$unit.service.d/90-clock.conf
    done; systemctl daemon-reload && systemctl restart {units}"""
    lab.run(node, "sh", "-c", script, timeout=120)
    ask = "runuser -u postgres -- psql -qAtc 'select extract(epoch from now())::int' && date +%s"
    for _ in range(20):
        with suppress(Broken, ValueError):
            ahead, real = map(int, lab.run(node, "sh", "-c", ask).split())
            if ahead - real > 20:
                return
        time.sleep(1)
    raise Broken(f"PostgreSQL on {node} is not ahead of the clock")


def _right_clock(lab: Lab, node: str) -> None:
    units = " ".join(SKEWED)
    remove = f"for unit in {units}; do rm /run/systemd/system/$unit.service.d/90-clock.conf; done"
    lab.run(node, "sh", "-c", f"{remove}; systemctl daemon-reload && systemctl restart {units}", timeout=120)


FENCING = "dockmaster-postgresql-fencing"
REMOVED = "its leader key is removed"


def _fenced(name: str, method: str, works: bool, limit: float) -> Fault:
    """The leader dies while members can fence: by a power strip that works, or by one that does not, so that nothing is removed."""
    strip = PowerStrip(works)
    inject, repair = NODE[method]

    def ready(lab: Lab, node: str) -> None:
        strip.start(lab)
        _play("site", "--tags", "postgresql", "-e", f"postgresql_fencing_command={COMMAND}")(lab, node)

    def heal(lab: Lab, node: str) -> None:
        others = [other for other in lab.tiers["postgresql"] if other != node]
        journal = ("journalctl", "--unit", FENCING, "--no-pager", f"--since=@{strip.since:.0f}")
        said = "".join(lab.run(other, *journal) for other in others)
        if lab.pid(node):
            repair(lab, node)
        else:
            lab.docker("start", node)
        if strip.asked != [node]:
            raise Broken(f"to be switched off were {strip.asked or 'none'} instead of {node}, once: {said[-800:]}")
        if (REMOVED in said) != works or (f"no proof that {node} is off" in said) == works:
            raise Broken(f"the power strip {'works' if works else 'does not work'}, and fencing said: {said[-800:]}")

    def after(lab: Lab, node: str) -> None:
        strip.stop()
        _play("site", "--tags", "postgresql")(lab, node)

    return Fault(name, "PostgreSQL leader", inject, heal, 45, limit, ready, after, judged="failing")


def _reboot_all(lab: Lab, node: str) -> None:
    for each in lab.nodes:
        lab.docker("restart", each)
        lab.wait_until_well(300)


def _power_off(lab: Lab, node: str) -> None:
    lab.power_off(*lab.nodes)


def _power_on(lab: Lab, node: str) -> None:
    lab.docker("start", *lab.nodes)


def _play(playbook: str, *options: str) -> Action:
    def act(lab: Lab, node: str) -> None:
        played = lab.play(playbook, *options)
        if played.rc:
            raise Broken(f"{playbook} ended with {played.rc}: {played.output[-1500:]}")

    return act


def _switchover(tier: str) -> Action:
    return _play("switchover", "-e", f"switchover_tier={tier}")


def _site_while_down(lab: Lab, node: str) -> None:
    """Kill the node and run `site`: it must end by itself, and must not have touched the others, so it has to say no."""
    lab.power_off(node)
    played = lab.play("site")
    if played.rc == 0 or played.unreachable == 0 or played.changed:
        raise Broken(f"site ended with {played.rc}, {played.changed} changed, although {node} is off: {played.output[-1500:]}")


# A change that makes each Harbor node restart its core, one after another.
CHANGE = ("-e", "harbor_log_level=debug")


def _site_killed(lab: Lab, node: str) -> None:
    """Kill the play, and all that it started here, when the second Harbor node is about to be changed; run it again to the end."""
    process = lab.start_play("site", *CHANGE)
    seen = 0
    for line in process.stdout or ():
        seen += line.startswith("TASK [") and "Take the node out of service" in line
        if seen == 2:
            break
    if seen != 2:
        raise Broken("site with a changed variable did not restart two nodes one after another")
    time.sleep(3)
    os.killpg(process.pid, signal.SIGKILL)
    process.communicate()
    _play("site", *CHANGE)(lab, node)


KILL, CRASH_APP = NODE["kill"], _containers("harbor-core")["kill"]
FAULTS: tuple[Fault, ...] = (
    # What the other rows are read against: the machine's own slowness.
    Fault("nothing at all", "cluster", _nothing, _nothing),
    *_rows("PostgreSQL leader", NODE, {"kill": 30, "stop": 8}, hold=45),
    _fenced("fencing: PostgreSQL leader killed", "kill", True, 10),
    _fenced("fencing: PostgreSQL leader cut off", "partition", True, 10),
    _fenced("fencing without proof: PostgreSQL leader killed", "kill", False, 30),
    *_rows("PostgreSQL replica", NODE, None),
    *_rows("etcd leader", NODE, None, hold=45),
    *_rows("Redis master", NODE, 8),
    *_rows("MinIO node", NODE, 8, judged="unfailing"),
    *_rows("VIP holder", NODE, 8),
    *_rows("app node", NODE, 8),
    *_rows("PostgreSQL leader", _units("patroni"), None, "Patroni and PostgreSQL of the leader", hold=45),
    *_rows("Redis master", _units("redis-server"), 8, "Redis of the master"),
    *_rows(
        "Sentinel", _units("redis-sentinel") | {"partition": (_cut_sentinel("--append"), _cut_sentinel("--delete"))}, None, "a Sentinel"
    ),
    *_rows("MinIO node", _units("minio"), 8, "MinIO of a node", judged="unfailing"),
    *_rows("VIP holder", _units("haproxy"), 8, "HAProxy of the VIP holder"),
    *_rows("app node", _containers("harbor-core"), 8, "core of an app node"),
    *_rows("app node", _containers("registry"), 8, "registry of an app node"),
    *_rows("app node", _containers("harbor-jobservice"), 8, "jobservice of an app node"),
    Fault(
        "two at once: PostgreSQL leader and an app node killed",
        "cluster",
        *_two(("PostgreSQL leader", *KILL), ("app node", *KILL)),
        hold=45,
    ),
    Fault(
        "two at once: Redis master paused, VIP holder killed",
        "cluster",
        *_two(("Redis master", *NODE["pause"]), ("VIP holder", *KILL)),
        hold=STANDSTILL,
    ),
    Fault(
        "two at once: a MinIO node cut off, core of an app node killed",
        "cluster",
        *_two(("MinIO node", *NODE["partition"]), ("app node", *CRASH_APP)),
    ),
    Fault("PostgreSQL leader: disk full", "PostgreSQL leader", _fill_disk, _free_disk, hold=45),
    Fault("PostgreSQL replica: clock 30 s ahead", "PostgreSQL replica", _skew_clock, _right_clock, ready=_make_fake_clock),
    Fault("every node rebooted, one after another", "cluster", _reboot_all, _nothing, hold=5),
    Fault("power loss of all nodes at once", "cluster", _power_off, _power_on, hold=5),
    Fault("switchover of PostgreSQL", "cluster", _switchover("postgresql"), _nothing, hold=5, limit=5, judged="failing"),
    Fault("switchover of Redis", "cluster", _switchover("redis"), _nothing, hold=5, limit=5, judged="failing"),
    Fault("switchover of etcd", "cluster", _switchover("etcd"), _nothing, hold=5, limit=5, judged="failing"),
    Fault("switchover of the virtual address", "cluster", _switchover("load_balancer"), _nothing, hold=5, limit=5, judged="failing"),
    Fault("rolling restart of all tiers", "cluster", _play("rolling_restart"), _nothing, hold=5, judged="patient"),
    Fault("site run while the PostgreSQL leader is down", "PostgreSQL leader", _site_while_down, _power("start"), hold=5),
    Fault("site killed in the middle of a rolling change, run again", "cluster", _site_killed, _play("site"), hold=5),
)

# What is run when nothing else is asked for.
SHORT = (
    "PostgreSQL leader: kill",
    "Redis of the master: crash",
    "MinIO node: kill",
    "VIP holder: kill",
    "core of an app node: kill",
)


def chosen(wanted: str) -> list[Fault]:
    """Rows by FAULTS: `short`, `all`, or parts of names between semicolons; each once. Raises Broken when a part names none."""
    if wanted in ("", "short"):
        return [fault for fault in FAULTS if fault.name in SHORT]
    if wanted == "all":
        return list(FAULTS)
    found = [fault for part in wanted.split(";") for fault in FAULTS if part.strip() in fault.name]
    if not all(any(part.strip() in fault.name for fault in FAULTS) for part in wanted.split(";")):
        raise Broken(f"FAULTS={wanted}: there is no such row; rows are {'; '.join(fault.name for fault in FAULTS)}")
    return list(dict.fromkeys(found))
