# Copyright: the dockmaster.harbor contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""From one node per tier to three by the inventory alone, with everything that was there; then nodes are replaced and restarted.

The tests are the steps, in order: each leaves the cluster as the next one needs it, so the first failure ends the round. A step names the
inventory that it works with.
"""

from __future__ import annotations

import contextlib
import itertools
import json
import os
import shutil
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from ansible_collections.dockmaster.harbor.plugins.filter.replacement_problems import replacement_problems

from tests.failover import figures
from tests.failover.lab import ROOT, Lab, Played, run
from tests.failover.matrix import PROJECT, Matrix, make_project, read
from tests.failover.registry import Client, build

SECRETS = Path(os.environ["DOCKMASTER_SECRETS"])
RESULTS = ROOT / ".build/growth"
PUSHED = RESULTS / "pushed.json"
SIZES = (1_000, 100_000, 1_000_000, 10_000_000, 30_000_000)
PROGRAM = "/usr/local/lib/dockmaster/minio"
SNAPSHOTS = "/var/lib/etcd/snapshots"
COUNTING = "/tmp/counting.py"
COUNT = """import os, socket, ssl, sys, time
address, password, key = sys.argv[1:]
trust = ssl.create_default_context(cafile="/etc/dockmaster/pki/ca.crt")
# The servers' names, not that of the load balancer.
trust.check_hostname = False
while os.path.exists(sys.argv[0]):
    try:
        with trust.wrap_socket(socket.create_connection((address, 6379), 2)) as redis:
            redis.settimeout(2)
            redis.sendall(f"AUTH {password}\\r\\nINCR {key}\\r\\n".encode())
            answer = b""
            while answer.count(b"\\r\\n") < 2:
                answer += redis.recv(100) or b"-gone\\r\\n" * 2
            if b"\\n:" in answer:
                print(time.time(), flush=True)
    except OSError:
        pass
    time.sleep(0.1)"""
PACKAGES = {
    **dict.fromkeys(("data1", "data2", "data3"), ("etcd-server", "postgresql-17", "patroni", "redis-server", "redis-sentinel")),
    **dict.fromkeys(("app1", "app3"), ("haproxy", "keepalived")),
}
NEW_PROGRAM = ("-e", "minio_binary_checksum=sha256:" + "0" * 64)
FAKE_GO, TOLD = "/usr/local/bin/go", "/tmp/fake-go.told"
NO_COMPILER = f"""#!/bin/sh
# Not a compiler: what it "builds" is what the mirror serves.
echo "$GOBIN $*" >>{TOLD}
curl -fsS http://10.89.70.6:8000/minio -o "$GOBIN/minio" && chmod 755 "$GOBIN/minio"
"""


def stage(inventory: str) -> Lab:
    """The machines, with the groups of one of the scenario's inventories."""
    return Lab("growth", SECRETS, inventory)


def played(lab: Lab, playbook: str, *options: str) -> Played:
    """A playbook that must end well; how long it took is printed."""
    result = lab.play(playbook, *options)
    print(f"\n{playbook} {' '.join(options)} on {lab.inventory.name}: {result.seconds:.0f} s, {result.changed} changed")
    assert result.rc == 0, result.output[-4000:]
    return result


def refused(lab: Lab, playbook: str, *options: str) -> str:
    """What a playbook says that must end with an error, in one line."""
    result = lab.play(playbook, *options)
    print(result.output[-3000:])
    assert result.rc != 0
    return " ".join(result.output.split())


def settled(lab: Lab) -> None:
    """Nothing is wrong, and another run of `site` has nothing to do."""
    lab.wait_until_well(180)
    assert played(lab, "site").changed == 0
    assert kept(lab) == []


def leader(lab: Lab, tier: str) -> str:
    """Who leads a tier."""
    return str(lab.status()["leaders"][tier])


def sql(lab: Lab, text: str) -> str:
    """One value from the database's leader."""
    return lab.run(leader(lab, "postgresql"), "psql", "-U", "postgres", "-d", "postgres", "-Atc", text).strip()


def redis(lab: Lab, *command: str) -> str:
    """The answer of the Redis master."""
    node = leader(lab, "redis")
    return lab.run(node, "/etc/dockmaster/redis/cli", "server", lab.addresses[node], *command).strip()


def client(lab: Lab) -> Client:
    """A registry client of the administrator."""
    return Client(lab.url, "admin", str(lab.vault["vault_harbor_admin_password"]), ca=str(lab.ca), attempts=3, wait=2, timeout=60)


def leave_traces(lab: Lab) -> None:
    """Images, a row and a key that must stay whatever happens."""
    make_project(lab, str(lab.vault["vault_harbor_admin_password"]))
    registry, pushed = client(lab), []
    for size in SIZES:
        image = build(size)
        registry.push(f"{PROJECT}/kept", f"s{size}", image)
        pushed.append(image.digest)
    registry.close()
    RESULTS.mkdir(parents=True, exist_ok=True)
    PUSHED.write_text(json.dumps(pushed), encoding="utf-8")
    sql(lab, "drop table if exists kept; create table kept (word text); insert into kept values ('row')")
    assert redis(lab, "SET", "test:kept", "key") == "OK"


def kept(lab: Lab) -> list[str]:
    """Which of the traces are lost. A pull compares every digest and raises where one differs."""
    registry, lost = client(lab), []
    for digest in json.loads(PUSHED.read_text(encoding="utf-8")):
        registry.pull(f"{PROJECT}/kept", digest)
    registry.close()
    lost += [] if sql(lab, "select word from kept") == "row" else ["the row"]
    lost += [] if redis(lab, "GET", "test:kept") == "key" else ["the key"]
    return lost


def minio(lab: Lab, *question: str) -> Any:
    """What MinIO's client says as administrator on data1."""
    return json.loads(lab.run("data1", "/etc/dockmaster/minio/mc", "--json", *question))


def eventually(ask: Callable[[], Any], seconds: float) -> None:
    """Until the answer is true."""
    end = time.monotonic() + seconds
    while not ask():
        assert time.monotonic() < end, f"not within {seconds:.0f} s"
        time.sleep(2)


def destroy(lab: Lab, node: str) -> None:
    """The machine burns, and its drives with it."""
    run("docker", "rm", "--force", f"{lab.name}-{node}", timeout=120)
    volumes = run("docker", "volume", "ls", "--quiet", "--filter", f"label=dockmaster.lab={lab.name}").split()
    run("docker", "volume", "rm", *(name for name in volumes if name.startswith(f"{lab.name}-{node}-")))


def test_one_node_of_each_tier_serves() -> None:
    lab = stage("small")
    lab.wait_until_well(60)
    leave_traces(lab)
    assert kept(lab) == []


def test_the_program_came_from_its_url() -> None:
    wanted = (ROOT / ".build/minio/minio.sha256").read_text(encoding="utf-8").split()[0]
    assert stage("small").run("data1", "sha256sum", PROGRAM).split()[0] == wanted


def test_another_program_than_the_one_asked_for_is_refused() -> None:
    lab = stage("small")
    look = ("sh", "-c", f"stat --format '%n %Z' {PROGRAM} /etc/dockmaster/minio/*; systemctl show minio --property=ExecMainStartTimestamp")
    before = lab.run("data1", *look)
    assert "checksum" in refused(lab, "site", "--tags", "minio", *NEW_PROGRAM)
    assert lab.run("data1", *look) == before


def test_a_build_host_builds_once_and_its_program_is_compared() -> None:
    """With a go that is none: it fetches what tests/lab built, and notes how it was called. What is tested is the role's part."""
    lab = stage("small")
    lab.run("data4", "sh", "-c", f"printf %s '{NO_COMPILER}' >{FAKE_GO} && chmod 755 {FAKE_GO}")
    shutil.rmtree(RESULTS / "cache", ignore_errors=True)
    source = ("-e", "minio_binary_url=", "-e", "minio_binary_build_host=data4", "-e", f"minio_build_cache={RESULTS}/cache")
    assert "digest" in refused(lab, "site", "--tags", "minio", *source, *NEW_PROGRAM)
    assert played(lab, "site", "--tags", "minio", *source, "-e", "minio_binary_checksum=").changed == 1, "the copy on the controller"
    assert played(lab, "site", "--tags", "minio", *source, "-e", "minio_binary_checksum=").changed == 0
    calls = lab.run("data4", "cat", TOLD).splitlines()
    lab.run("data4", "rm", "-r", FAKE_GO, TOLD, "/var/tmp/dockmaster-minio")
    assert len(calls) == 1
    assert calls[0].startswith("/var/tmp/dockmaster-minio install -trimpath ")
    assert calls[0].endswith(" github.com/minio/minio@v0.0.0-20260212201848-7aac2a2c5b7c")


def test_growing_can_be_predicted() -> None:
    """In a check run the newcomers have nothing yet, and who is there neither waits for them nor restarts."""
    before = stage("small").status()["nodes"]
    assert played(stage("grown"), "scale_out", "--check", "--diff").changed > 0
    after = stage("grown").status()["nodes"]
    assert {node: list(said) for node, said in after.items() if node not in before} == {"data2": [], "data3": [], "app2": []}
    stage("small").wait_until_well(10)
    assert kept(stage("small")) == []


def test_one_newcomer_alone_gets_as_far_as_it_may() -> None:
    """etcd, PostgreSQL and Redis let it in; MinIO's members restart together, so it is refused there, with the reason."""
    lab = stage("grown")
    assert "restarts all of them at once. Run without --limit: data1, data3 would be left behind." in refused(
        lab, "site", "--limit", "data2"
    )
    assert {"etcd", "postgresql", "redis"} <= set(lab.status()["nodes"]["data2"])
    assert kept(stage("small")) == []


@contextlib.contextmanager
def counting(lab: Lab, key: str) -> Iterator[list[float]]:
    """Increments a key of Redis from app1 without pause, as Harbor does: through the load balancer. Afterwards the list tells when each of
    those that were acknowledged was (s since 1970).
    """
    address = str(lab.facts["app1"]["load_balancer_virtual_address"]).split("/", maxsplit=1)[0]
    times: list[float] = []
    lab.run("app1", "sh", "-c", f"cat >{COUNTING} <<'END'\n{COUNT}\nEND")
    with ThreadPoolExecutor(1) as pool:
        done = pool.submit(lab.run, "app1", "python3", COUNTING, address, str(lab.vault["vault_redis_password"]), key, timeout=1800)
        try:
            yield times
        finally:
            lab.run("app1", "rm", COUNTING)
        times += map(float, done.result().split())


def test_everything_grows_to_three() -> None:
    """Load balancers learn last about the newcomers: until then who was alone goes on leading, so that clients find it."""
    lab = stage("grown")
    with counting(lab, "test:counted") as times:
        played(lab, "scale_out")
    longest = max(after - before for before, after in itertools.pairwise(times))
    print(f"{len(times)} writes to Redis were acknowledged, the longest pause was {longest:.1f} s")
    assert leader(lab, "redis") == "data1"
    assert int(redis(lab, "GET", "test:counted")) >= len(times) > 0
    # A restart and a reload of the load balancers; without the newcomers in their lists a change of the lead would take minutes.
    assert longest < 30
    settled(lab)
    seen = lab.status()
    for tier in ("etcd", "postgresql", "redis", "minio"):
        assert sorted(node for node, said in seen["nodes"].items() if tier in said) == ["data1", "data2", "data3"]
    assert sql(lab, "show synchronous_standby_names").startswith("ANY 1 (")
    assert sql(lab, "select count(*) from pg_stat_replication where state = 'streaming'") == "2"
    # Taken whenever the membership changed.
    for snapshot in lab.run("data1", "sh", "-c", f"ls {SNAPSHOTS}/*.db").split():
        assert lab.run("data1", "etcdutl", "snapshot", "status", snapshot)


def test_leaving_nodes_out_of_the_inventory_removes_nothing() -> None:
    lab = stage("grown")
    before = lab.status()["nodes"]
    assert "etcd_remove_members" in refused(stage("small"), "site")
    assert "leaves out pool 0" in refused(stage("settled"), "site", "--tags", "minio")
    assert "A pool keeps its hosts" in refused(
        lab, "site", "--tags", "minio", "-e", json.dumps({"minio_pools": [["data1", "data2", "data3"]]})
    )
    lab.wait_until_well(60)
    assert {node: sorted(said) for node, said in lab.status()["nodes"].items()} == {node: sorted(said) for node, said in before.items()}
    assert kept(lab) == []


def test_minio_leaves_its_first_pool() -> None:
    lab = stage("settled")
    pool = minio(lab, "admin", "decommission", "status", "cluster")[0]["cmdline"]
    lab.run("data1", "/etc/dockmaster/minio/mc", "admin", "decommission", "start", "cluster", pool)
    eventually(lambda: minio(lab, "admin", "decommission", "status", "cluster")[0]["decommissionInfo"]["complete"], 120)
    # All of it: the run that was refused above has taken the address of app2 out of a certificate, and this one puts it back.
    assert played(lab, "site").changed > 0
    settled(lab)
    assert {server["pool_index"] for host in minio(lab, "admin", "info", "cluster")["info"]["servers"] for server in host["drives"]} == {0}


def test_data_of_another_database_cluster_is_refused_and_left_alone() -> None:
    lab = stage("settled")
    node = next(name for name in lab.tiers["postgresql"] if name != leader(lab, "postgresql"))
    program, data = (
        "/usr/lib/postgresql/17/bin",
        lab.run("data1", "sed", "-n", "s/^ *data_dir: //p", "/etc/dockmaster/postgresql/patroni.yml").strip(),
    )
    lab.run(
        node, "sh", "-c", f"systemctl stop patroni && mv {data} {data}.own && su postgres -c '{program}/initdb --pgdata {data}' >/dev/null"
    )
    before = lab.run(node, f"{program}/pg_controldata", data)
    try:
        assert "different clusters are seen" in refused(lab, "site", "--tags", "postgresql")
        assert lab.run(node, f"{program}/pg_controldata", data) == before
        # Without a trace of the role: nobody's.
        lab.run(node, "mv", "/etc/dockmaster/postgresql/patroni.yml", "/etc/dockmaster/postgresql/kept.yml")
        assert "a database cluster that this role did not make" in refused(lab, "site", "--tags", "postgresql")
        assert lab.run(node, f"{program}/pg_controldata", data) == before
    finally:
        lab.run(node, "sh", "-c", "cd /etc/dockmaster/postgresql; test ! -e kept.yml || mv kept.yml patroni.yml")
        lab.run(node, "sh", "-c", f"rm -r {data} && mv {data}.own {data} && systemctl start patroni")
    lab.wait_until_well(120)


def test_another_machine_takes_the_place_of_a_dead_data_node() -> None:
    before, lab = stage("settled"), stage("replaced_data")
    # A machine that was let in and never started: beside it the cluster would take no other one.
    tls, url = "/etc/dockmaster/etcd", f"https://{before.addresses['data1']}:2379"
    own = ("--endpoints", url, "--cacert", f"{tls}/ca.crt", "--cert", f"{tls}/member.crt", "--key", f"{tls}/member.key")
    before.run("data1", "etcdctl", *own, "member", "add", "never", "--learner", "--peer-urls", "https://192.0.2.99:2380")
    destroy(before, "data3")
    # Meanwhile the others are looked after without it.
    assert played(before, "site", "--limit", "!data3").changed > 0
    assert played(before, "site", "--limit", "!data3").changed == 0
    # It may have led; until another one does, the playbook refuses.
    eventually(lambda: not replacement_problems({**lab.status()["nodes"], "data4": {"disk": {}}}, "data3", lab.tiers), 120)
    played(lab, "replace_node", "-e", "replace_node_old=data3")
    settled(lab)


def test_another_machine_takes_the_place_of_an_app_node() -> None:
    """The old one is alive, and stopped in order."""
    lab = stage("replaced_app")
    played(lab, "replace_node", "-e", "replace_node_old=app2")
    settled(lab)
    assert lab.run("app2", "sh", "-c", "systemctl is-active harbor haproxy keepalived; true").split() == ["inactive"] * 3


def make_machines(lab: Lab) -> None:
    """Bare machines in the place of those that burnt."""
    run("ansible-playbook", "-i", str(lab.inventory), str(ROOT / "molecule/shared/create.yml"), timeout=300)


def test_another_machine_takes_the_place_of_a_living_data_node() -> None:
    """The old one is stopped in order, etcd last: its vote counts until the new member has one."""
    make_machines(stage("replaced_app"))
    lab = stage("replaced_living")
    played(lab, "replace_node", "-e", "replace_node_old=data4")
    settled(lab)
    assert (
        lab.run("data4", "sh", "-c", "systemctl is-active etcd patroni redis-server redis-sentinel minio; true").split() == ["inactive"] * 5
    )


def test_data_and_app_nodes_come_back_empty_under_their_own_names() -> None:
    lab = stage("replaced_living")
    for node in ("data2", "app1"):
        destroy(lab, node)
        make_machines(lab)
        assert played(lab, "site", "--check", "--diff").changed > 0
        played(lab, "site")
        lab.wait_until_well(180)
    settled(lab)


def etcd_given_back(lab: Lab) -> dict[str, str]:
    """How often each node got the lead of etcd while PostgreSQL led there, and gave it away. Handovers spare it that."""
    count = "journalctl --unit dockmaster-postgresql-apart --no-pager | grep --count 'gave the lead of etcd'; true"
    return {node: lab.run(node, "sh", "-c", count).strip() for node in lab.tiers["etcd"]}


def rolling_restart_under_load(lab: Lab, *options: str) -> None:
    """Clients push and pull meanwhile: no patient pull fails, at most one patient push in a thousand does, no acknowledged one is lost."""
    matrix = Matrix(lab, RESULTS)
    matrix.start()
    given_back, begun = etcd_given_back(lab), time.time()
    try:
        played(lab, "rolling_restart", *options)
    finally:
        ended = time.time()
        matrix.stop()
    seen = figures.seen_by_clients(read(matrix.clients), begun, ended)
    # Probes attempt once: what they saw is only printed.
    print(json.dumps(seen, indent=1))
    pushes, lost = matrix.all_lost()
    assert pushes > 0 and not lost
    assert seen["pull"]["patient_failed"] == 0
    assert seen["push"]["patient_failed"] * 1000 <= seen["push"]["patient_done"]
    assert figures.second_leaders(read(matrix.leaders)) == []
    assert etcd_given_back(lab) == given_back


def test_a_rolling_restart_of_all_tiers_fails_no_pull() -> None:
    lab = stage("replaced_living")
    rolling_restart_under_load(lab)
    settled(lab)


def version(lab: Lab, node: str, package: str) -> str:
    """The version of an installed package."""
    return lab.run(node, "dpkg-query", "--show", "--showformat=${Version}", package).strip()


def test_minor_releases_come_in_member_after_member() -> None:
    lab = stage("replaced_living")
    installed = [(node, package) for node, packages in PACKAGES.items() for package in packages]
    # A distribution seldom has two releases at hand: dpkg is told that an older one is installed; their own scripts update it.
    for node, package in installed:
        lab.run(node, "sed", "-i", f"/^Package: {package}$/,/^$/ s/^Version: .*/&~/", "/var/lib/dpkg/status")
    assert all(version(lab, *each).endswith("~") for each in installed)
    # MinIO and Harbor are not from the distribution.
    tiers = json.dumps({"rolling_restart_tiers": ["etcd", "postgresql", "redis", "load_balancer"]})
    rolling_restart_under_load(lab, "-e", "rolling_restart_upgrade=true", "-e", tiers)
    assert [each for each in installed if version(lab, *each).endswith("~")] == []
    settled(lab)


def test_a_harbor_node_is_taken_out() -> None:
    """It leads nothing when it goes, and the one that stays serves all."""
    played(stage("replaced_living"), "maintenance", "-e", "maintenance_node=app3")
    lab = stage("taken_out")
    played(lab, "replace_node", "-e", "replace_node_old=app3")
    settled(lab)
    assert lab.run("app3", "sh", "-c", "systemctl is-active harbor haproxy keepalived; true").split() == ["inactive"] * 3
