# Copyright: the dockmaster.harbor contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The operations playbooks, run as a user does: they look first, do what they say, and leave everything well."""

from __future__ import annotations

import json
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import bcrypt
import pytest
from cluster import APP, BALANCERS, ETCD, LAB, MINIO, POSTGRESQL, eventually, on

from tests.failover.matrix import PROJECT, make_project
from tests.failover.registry import Client, Failed, build

TIERS = ("postgresql", "redis", "etcd", "load_balancer")
UNITS = ("etcd", "patroni", "redis-server", "redis-sentinel", "minio", "haproxy", "keepalived", "harbor")


@pytest.fixture
def status(tmp_path: Path) -> Any:
    """What the playbook status writes."""

    def ask() -> dict[str, Any]:
        done = LAB.play("status", "-e", f"status_file={tmp_path}/status.json")
        assert done.rc == 0, done.output[-3000:]
        return json.loads((tmp_path / "status.json").read_text())

    return ask


def well(status: Any) -> dict[str, Any]:
    """The status, once there is no problem any more."""
    return eventually(lambda: seen if not (seen := status())["problems"] else None, 120)  # type: ignore[return-value]


def starts(name: str) -> dict[str, str]:
    """When the tiers' units of a node started, "" for those that it has not. HAProxy executes itself anew: its worker tells."""
    times = {
        unit: str(on(name).run(f"systemctl show {unit} --property=ExecMainStartTimestampMonotonic --value").stdout.strip())
        for unit in UNITS
    }
    times["haproxy"] = str(
        on(name).run("pgrep --parent $(systemctl show haproxy --property=MainPID --value) --newest haproxy").stdout.strip()
    )
    return {unit: "" if time == "0" else time for unit, time in times.items()}


def test_status_says_that_all_is_well(status: Any) -> None:
    seen = well(status)
    assert sorted(seen["nodes"]) == LAB.nodes
    assert [tier for tier in TIERS if seen["leaders"][tier] not in LAB.tiers[tier]] == []


def test_status_names_what_is_broken_and_no_work_is_begun(status: Any) -> None:
    well(status)
    name = list(APP)[-1]
    on(name).check_output("docker stop --time 1 harbor-portal")
    try:
        assert any(problem.startswith("harbor: harbor-portal is ") for problem in status()["problems"])
        for playbook, options in (
            ("switchover", ["-e", "switchover_tier=postgresql"]),
            ("maintenance", ["-e", f"maintenance_node={next(iter(ETCD))}"]),
            ("failover_drill", ["-e", "failover_drill_target=redis_master"]),
        ):
            done = LAB.play(playbook, *options)
            if playbook == "switchover":
                # It looks at its own tier alone.
                assert done.rc == 0, done.output[-3000:]
            else:
                assert done.rc != 0
                assert "not all is well" in done.output
    finally:
        on(name).check_output("docker start harbor-portal")
    well(status)


def test_switchover_lets_another_lead(status: Any) -> None:
    before = well(status)["leaders"]
    for tier in TIERS:
        done = LAB.play("switchover", "-e", f"switchover_tier={tier}")
        assert done.rc == 0, done.output[-3000:]
    after = status()["leaders"]
    assert [tier for tier in TIERS if after[tier] in ("", before[tier])] == []


def test_what_runs_left_out_of_service_is_put_back(status: Any) -> None:
    """As runs leave it that were cut off: PostgreSQL's leader drained at the load balancers, a Harbor node drained by the role."""
    leader, node = well(status)["leaders"]["postgresql"], list(APP)[-1]
    for name in BALANCERS:
        on(name).check_output(f"echo set server postgresql/{leader} state drain | socat - /run/haproxy/admin.sock")
    mark = f"{status()['nodes'][node]['harbor']['directory']}/nginx/drain"
    on(node).check_output(f"echo a run of the role harbor >{mark}")
    left = status()["problems"]
    assert f"harbor: {node} is drained (a run of the role harbor)" in left
    assert {f"load_balancer: postgresql/{leader} is taken out of service on {name}" for name in BALANCERS} <= set(left)
    done = LAB.play("site", "--tags", "harbor")
    assert done.rc == 0, done.output[-3000:]
    assert not on(node).file(mark).exists
    done = LAB.play("switchover", "-e", "switchover_tier=postgresql")
    assert done.rc == 0, done.output[-3000:]
    assert well(status)["leaders"]["postgresql"] not in ("", leader)


def containers(name: str) -> dict[str, str]:
    """Container of Harbor on a node to when it started."""
    form = "'{{.Name}} {{.State.StartedAt}}'"
    text = on(name).check_output(f"docker inspect --format {form} $(docker ps --quiet --filter label=com.docker.compose.project=harbor)")
    return dict(line.lstrip("/").split() for line in text.splitlines())


def test_a_change_restarts_the_containers_that_read_it(status: Any) -> None:
    """And nginx, which is how a node is drained: it lets the requests end that are under way."""
    well(status)
    before = {name: containers(name) for name in APP}
    for option in (["-e", "harbor_jobservice_workers=7"], []):
        done = LAB.play("site", "--tags", "harbor", *option)
        assert done.rc == 0, done.output[-3000:]
        after = {name: containers(name) for name in APP}
        changed = {container for name in APP for container in before[name] if before[name][container] != after[name][container]}
        assert changed - {"nginx"} == {"harbor-jobservice"}
        before = after


def push_until(ended: threading.Event) -> tuple[int, list[str]]:
    """Push small images without pause. Returns how many were acknowledged, and what the others failed with, each attempted twice."""
    password = str(LAB.vault["vault_harbor_admin_password"])
    make_project(LAB, password)
    client = Client(LAB.url, "admin", password, ca=str(LAB.ca), attempts=2, wait=1)
    acknowledged, failed = 0, []
    while not ended.wait(0.1):
        try:
            client.push(f"{PROJECT}/rotated", "latest", build(1000))
            acknowledged += 1
        except Failed as error:
            failed.append(str(error))
    return acknowledged, failed


def test_a_new_registry_password_fails_no_push(status: Any) -> None:
    """Core and registry of a node change together: what one of them knows before the other, all clients would see refused."""
    well(status)
    new, ended = "Another0password0of0the0registry", threading.Event()
    hashed = bcrypt.hashpw(new.encode(), bcrypt.gensalt(5)).decode()
    with ThreadPoolExecutor(1) as pool:
        pushed = pool.submit(push_until, ended)
        try:
            for values in ({"harbor_registry_password": new, "harbor_registry_password_hash": hashed}, {}):
                done = LAB.play("site", "--tags", "harbor", "-e", json.dumps(values))
                assert done.rc == 0, done.output[-3000:]
                assert done.changed > 0
        finally:
            ended.set()
        acknowledged, failed = pushed.result()
    assert acknowledged > 0
    assert failed == []
    well(status)


@pytest.mark.parametrize(
    ("target", "method"),
    [
        ("redis_master", "kill"),
        ("redis_sentinel", "pause"),
        ("minio", "kill"),
        ("harbor_core", "pause"),
        ("harbor", "stop"),
        ("postgresql_replica", "kill"),
        ("etcd_leader", "kill"),
    ],
)
def test_a_drill_breaks_measures_and_repairs(status: Any, target: str, method: str, tmp_path: Path) -> None:
    well(status)
    options = {"failover_drill_target": target, "failover_drill_method": method, "failover_drill_seconds": 15}
    done = LAB.play("failover_drill", "-e", json.dumps({**options, "failover_drill_file": str(tmp_path / "drill.json")}))
    assert done.rc == 0, done.output[-3000:]
    measured = json.loads((tmp_path / "drill.json").read_text())
    assert (measured["target"], measured["method"]) == (target, method)
    assert "harbor" in measured["clients"]
    if (target, method) == ("minio", "kill"):
        # Its unit is one of /etc and starts again by itself: it must not while the drill lasts.
        shown = on(measured["node"]).check_output(
            "systemctl show minio --property=InactiveEnterTimestampMonotonic,InactiveExitTimestampMonotonic"
        )
        times = dict(line.split("=") for line in shown.splitlines())
        microseconds = int(times["InactiveExitTimestampMonotonic"]) - int(times["InactiveEnterTimestampMonotonic"])
        assert microseconds > 8_000_000
    # It went on from before the fault to its end, and was served again before the end.
    assert [name for name, seen in measured["clients"].items() if seen["attempts"] <= seen["failed"] or seen["outage"] >= 14] == []
    well(status)


def test_a_drill_fails_where_clients_wait_for_too_long(status: Any) -> None:
    """The limit is wanted of Harbor too: no answer comes in a millisecond. What was broken is repaired all the same."""
    well(status)
    options = {"failover_drill_target": "redis_replica", "failover_drill_seconds": 5, "failover_drill_limit": 0.001}
    done = LAB.play("failover_drill", "-e", json.dumps(options))
    assert done.rc != 0
    assert "waited longer than failover_drill_limit 0.001 s" in " ".join(done.output.split())
    well(status)


def test_maintenance_of_a_node_that_leads(status: Any) -> None:
    name = status()["leaders"]["postgresql"]
    done = LAB.play("maintenance", "-e", f"maintenance_node={name}")
    assert done.rc == 0, done.output[-3000:]
    assert name not in status()["leaders"].values()
    done = LAB.play("maintenance", "-e", f"maintenance_node={name}", "-e", "maintenance_state=undrain")
    assert done.rc == 0, done.output[-3000:]
    well(status)


def test_a_rolling_restart_restarts_all_tiers(status: Any) -> None:
    before = {name: starts(name) for name in LAB.nodes}
    done = LAB.play("rolling_restart")
    assert done.rc == 0, done.output[-3000:]
    after = {name: starts(name) for name in LAB.nodes}
    # keepalived goes on: the address must not move.
    same = {(name, unit) for name in LAB.nodes for unit in UNITS if before[name][unit] == after[name][unit] != ""}
    assert same == {(name, "keepalived") for name in BALANCERS}
    well(status)


def test_maintenance_of_a_harbor_node(status: Any) -> None:
    holder = status()["leaders"]["load_balancer"]
    # Where it carries a load balancer too, the address has to go.
    name = holder if holder in APP else next(iter(APP))
    done = LAB.play("maintenance", "-e", f"maintenance_node={name}")
    assert done.rc == 0, done.output[-3000:]
    seen = status()
    assert f"harbor: {name} is drained (maintenance)" in seen["problems"]
    assert seen["leaders"]["load_balancer"] not in ("", name)
    done = LAB.play("maintenance", "-e", f"maintenance_node={name}")
    assert done.rc == 0, done.output[-3000:]
    assert done.changed == 0
    done = LAB.play("maintenance", "-e", f"maintenance_node={name}", "-e", "maintenance_state=undrain")
    assert done.rc == 0, done.output[-3000:]
    well(status)


def test_a_bucket_keeps_what_is_deleted_for_some_days() -> None:
    """With versions; a bucket that is there already, and another one."""
    buckets = [{"name": "registry"}, {"name": "versioned", "versioning": True, "noncurrent_days": 7}]
    options = ("--tags", "minio", "-e", json.dumps({"minio_buckets": buckets}))
    for _ in range(2):
        done = LAB.play("site", *options)
        assert done.rc == 0, done.output[-3000:]
    assert done.changed == 0
    host = on(next(iter(MINIO)))
    shown = json.loads(host.check_output("/etc/dockmaster/minio/mc --json version info cluster/versioned"))
    assert shown["versioning"]["status"] == "Enabled"
    rules = json.loads(host.check_output("/etc/dockmaster/minio/mc --json ilm rule ls cluster/versioned"))["config"]["Rules"]
    assert [rule["NoncurrentVersionExpiration"]["NoncurrentDays"] for rule in rules] == [7]


@pytest.mark.parametrize(
    ("playbook", "options", "message"),
    [
        ("switchover", ["switchover_tier=minio"], "switchover_tier is minio"),
        ("maintenance", ["maintenance_node=nobody"], "maintenance_node is nobody"),
        ("failover_drill", ["failover_drill_target=everything"], "failover_drill_target is everything"),
        ("rolling_restart", ["rolling_restart_tiers=nothing"], "rolling_restart_tiers is nothing"),
        ("replace_node", [f"replace_node_old={next(iter(ETCD))}"], "Nothing was changed"),
    ],
)
def test_refusals_say_what_is_allowed(playbook: str, options: list[str], message: str) -> None:
    done = LAB.play(playbook, *[word for option in options for word in ("-e", option)])
    assert done.rc != 0
    assert message in done.output


def settings() -> dict[str, str]:
    """Names, times and owners of all that the roles wrote, by node."""
    look = ("sh", "-c", "find /etc/dockmaster /etc/systemd/system /srv -xdev -printf '%p %T@ %C@ %u\\n' 2>/dev/null | sort")
    return {name: LAB.run(name, *look) for name in LAB.nodes}


@pytest.mark.parametrize(
    ("option", "message"),
    [
        ("etcd_data_directory=/srv/moved", "etcd_data_directory is /srv/moved, where there is no data"),
        ("postgresql_data_directory=/srv/moved", "postgresql_data_directory is /srv/moved"),
        ("postgresql_cluster_name=other", "postgresql_cluster_name is other"),
        ("redis_data_directory=/srv/moved", "redis_data_directory is /srv/moved"),
        ("redis_master_name=other", "redis_master_name is other"),
    ],
)
def test_another_place_for_data_is_refused_before_anything_is_written(option: str, message: str) -> None:
    before = settings()
    done = LAB.play("site", "--tags", option.split("_")[0], "-e", option)
    assert done.rc != 0
    assert message in " ".join(done.output.split())
    assert settings() == before


@pytest.mark.parametrize("password", ["redis_password", "postgresql_replication_password", "postgresql_restapi_password"])
def test_new_passwords_are_refused_for_one_member(password: str) -> None:
    before, tier = settings(), password.split("_")[0]
    done = LAB.play("site", "--tags", tier, "--limit", LAB.tiers[tier][0], "-e", f"{password}=another-one-0123456789")
    assert done.rc != 0
    assert "would not be told. Nothing was changed. Run without --limit." in " ".join(done.output.split())
    assert settings() == before


@pytest.mark.parametrize(
    ("tier", "option", "words"),
    [
        ("harbor", "harbor_csrf_key=0123456789abcdef0123456789ABCDEF", "what one node signs or encrypts, the others could not read"),
        ("load_balancer", "load_balancer_virtual_router_id=99", "would be held twice"),
    ],
)
def test_what_all_must_share_is_refused_for_one_node(tier: str, option: str, words: str) -> None:
    before = settings()
    done = LAB.play("site", "--tags", tier, "--limit", LAB.tiers[tier][-1], "-e", option)
    assert done.rc != 0
    assert words in " ".join(done.output.split())
    assert settings() == before


def test_a_node_is_not_replaced_where_drives_would_move() -> None:
    before, hosts = settings(), LAB.tiers["minio"]
    option = json.dumps({"replace_node_old": "gone", "minio_pools": [hosts[1:] + hosts[:1]]})
    done = LAB.play("replace_node", "-e", option)
    assert done.rc != 0
    assert "on disk, drives say of themselves" in " ".join(done.output.split())
    assert settings() == before


def test_new_passwords_reach_all_members_of_postgresql(status: Any) -> None:
    """Together with a shared setting, which is written with one of them. Replicas stream with them, and the next run finds nothing."""
    well(status)
    new = {f"postgresql_{name}_password": f"another-one-{name}" for name in ("superuser", "replication", "rewind", "restapi")}
    for values in ({**new, "postgresql_parameters": {"log_min_duration_statement": "10s"}}, {}):
        for expected in (True, False):
            done = LAB.play("site", "--tags", "postgresql", "-e", json.dumps(values))
            assert done.rc == 0, done.output[-3000:]
            assert (done.changed > 0) == expected
        well(status)


def test_a_running_member_that_the_inventory_does_not_name_is_refused(status: Any) -> None:
    well(status)
    stranger, *others = sorted(POSTGRESQL)
    show = "patronictl --config-file /etc/dockmaster/postgresql/patroni.yml show-config"
    before = on(stranger).check_output(show)
    option = json.dumps({"postgresql_hosts": others})
    done = LAB.play("site", "--tags", "postgresql", "--limit", ",".join(others), "-e", option)
    assert done.rc != 0
    assert f"postgresql: {stranger} is a running member of the cluster" in " ".join(done.output.split())
    assert on(stranger).check_output(show) == before
    # With the list as it was: what was written for the other one is put right.
    done = LAB.play("site", "--tags", "postgresql")
    assert done.rc == 0, done.output[-3000:]
    well(status)


def test_fewer_connections_than_clients_may_open_are_refused() -> None:
    before = settings()
    done = LAB.play("site", "--tags", "postgresql", "-e", json.dumps({"postgresql_parameters": {"max_connections": 150}}))
    assert done.rc != 0
    assert "postgresql_parameters sets max_connections to 150, but postgresql_client_connections" in " ".join(done.output.split())
    assert settings() == before


def test_a_kernel_where_minio_would_cut_slow_clients_is_refused() -> None:
    """The switch is of the node's own network; members that run keep the sockets that they have."""
    before, name = settings(), next(iter(MINIO))
    switch = "echo {} >/proc/sys/net/mptcp/enabled"
    on(name).check_output(switch.format(0))
    try:
        done = LAB.play("site", "--tags", "minio")
    finally:
        on(name).check_output(switch.format(1))
    assert done.rc != 0
    assert f"minio on {name}: net.mptcp.enabled is not 1, so minio_connection_timeout 3s would" in " ".join(done.output.split())
    assert settings() == before


def test_a_restart_that_would_take_the_quorum_is_refused(status: Any) -> None:
    leader = well(status)["leaders"]["etcd"]
    stopped = next(name for name in ETCD if name != leader)
    others = [name for name in ETCD if name != stopped]
    on(stopped).check_output("systemctl stop etcd")
    before = {name: starts(name)["etcd"] for name in others}
    try:
        done = LAB.play("site", "--tags", "etcd", "--limit", f"!{stopped}", "-e", "etcd_heartbeat_interval=150")
        assert done.rc != 0
        assert "without it the cluster would have no quorum. It was not restarted." in " ".join(done.output.split())
        assert {name: starts(name)["etcd"] for name in others} == before
    finally:
        on(stopped).check_output("systemctl start etcd")
    # The same once all are there, with the settings as they were.
    done = LAB.play("site", "--tags", "etcd")
    assert done.rc == 0, done.output[-3000:]
    well(status)
