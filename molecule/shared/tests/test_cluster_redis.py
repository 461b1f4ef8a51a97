# Copyright: the dockmaster.harbor contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The role redis with three members: one master that the Sentinels agree on, replaced within seconds when it dies."""

from __future__ import annotations

import time

import pytest
from cluster import REDIS, eventually, on

CLI = "/etc/dockmaster/redis/cli"


def ask(name: str, part: str, command: str) -> str:
    """The answer of a member, asked on its own host."""
    return str(on(name).check_output(f"{CLI} {part} {REDIS[name]} {command}"))


def masters() -> list[str]:
    """Who says that it is the master."""
    return [name for name in REDIS if "role:master" in ask(name, "server", "INFO replication")]


def elected(name: str) -> str:
    """Whom the Sentinel of a host follows, by inventory name."""
    address = ask(name, "sentinel", "SENTINEL GET-MASTER-ADDR-BY-NAME harbor").split()[0]
    return next(member for member, own in REDIS.items() if own == address)


def whole() -> bool:
    """One master with two replicas, and three Sentinels that could agree on another."""
    [master] = masters()
    return "connected_slaves:2" in ask(master, "server", "INFO replication") and all(
        elected(name) == master and ask(name, "sentinel", "SENTINEL CKQUORUM harbor").startswith("OK 3 usable") for name in REDIS
    )


def test_one_master_that_all_follow() -> None:
    assert eventually(whole)


@pytest.mark.parametrize(("name", "value"), [("min-replicas-to-write", "1"), ("appendonly", "yes"), ("maxmemory-policy", "noeviction")])
def test_setting(name: str, value: str) -> None:
    assert {ask(member, "server", f"CONFIG GET {name}").split()[1] for member in REDIS} == {value}


def test_what_is_written_is_on_all() -> None:
    [master] = masters()
    assert ask(master, "server", "SET test:cluster everywhere EX 60") == "OK"
    assert eventually(lambda: {ask(name, "server", "GET test:cluster") for name in REDIS} == {"everywhere"})


def test_a_replica_takes_no_writes() -> None:
    replica = next(name for name in REDIS if name not in masters())
    assert on(replica).run(f"{CLI} server {REDIS[replica]} SET test:cluster x").rc != 0


@pytest.mark.parametrize("replicas", [1, 0])
def test_a_planned_handover_loses_no_acknowledged_write(replicas: int) -> None:
    """A client counts on the master while another one takes over: what it was told is what there is, also where a master may be alone."""
    eventually(whole)
    [former] = masters()
    ask(former, "server", f"CONFIG SET min-replicas-to-write {replicas}")
    on(former).check_output(f"sed 's/^wanted=.*/wanted={replicas}/' /etc/dockmaster/redis/handover >/run/handover")
    # Ends with the client, which gives up after 5 s.
    count = f"yes 'INCR test:count' | {CLI} server {REDIS[former]} >/run/counted 2>&1 || :"
    on(former).check_output(f"( {count} ) & sleep 1; sh /run/handover; wait")
    told = max(int(line) for line in on(former).file("/run/counted").content_string.split() if line.isdigit())
    assert told > 100
    [master] = eventually(lambda: found if len(found := masters()) == 1 else None)  # type: ignore[misc]
    assert master != former
    assert int(ask(master, "server", "GET test:count")) >= told
    ask(master, "server", "DEL test:count")
    assert eventually(whole)
    assert ask(former, "server", "CONFIG GET min-replicas-to-write").split()[1] == str(replicas)
    ask(former, "server", "CONFIG SET min-replicas-to-write 1")


def test_a_killed_master_is_replaced_and_follows() -> None:
    eventually(whole)
    [killed] = masters()
    other = next(name for name in REDIS if name != killed)
    on(killed).check_output("systemctl mask --runtime redis-server && systemctl kill --signal=KILL redis-server")
    began = time.monotonic()
    try:
        assert eventually(lambda: elected(other) != killed, 20)
        assert time.monotonic() - began < 15
    finally:
        on(killed).check_output(
            "systemctl unmask --runtime redis-server; systemctl reset-failed redis-server; systemctl start redis-server"
        )
    assert eventually(whole, 60)
    assert masters() != [killed]
