# Copyright: the dockmaster.harbor contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the operations look at before they touch a host, on nodes that are files: they say what a test lets them say, nothing runs there."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests import nodes
from tests.nodes import ADDRESSES, APP, DATA, Said, app

from .conftest import COLLECTIONS, Ansible, write

GROUPS = {f"harbor_{tier}": "data" for tier in ("etcd", "postgresql", "redis", "minio")} | {
    "harbor_load_balancer": "app",
    "harbor_app": "app",
}


@pytest.fixture
def core() -> tuple[str, Path]:
    """One ansible-core is enough: these are plain plays, and several runs."""
    return "development", Path(sys.executable).parent


def cluster(dead: str = "") -> Said:
    """What all nodes say, and two new ones, that have nothing yet."""
    return nodes.cluster(dead, holder="app2") | {"data4": {"disk": {}}, "app3": {"disk": {}}}


def play(
    ansible: Ansible,
    playbook: str,
    said: Said,
    *options: str,
    members: dict[str, list[str]] | None = None,
    places: dict[str, list[int]] | None = None,
    off: str = "",
) -> tuple[int, str]:
    """Run a playbook; its exit code and its output in one line. A node refuses to be stopped, so that nothing comes after that.

    What load balancers are told is in the file `told`; a kind of members that has none has no group either. `places`: what the drives of
    MinIO say of themselves. `off`: a node that cannot be reached."""
    hosts = {}
    for name, address in ADDRESSES.items():
        tools = ansible.home / name
        tools.mkdir()
        answer = json.dumps(said[name]) if name in said else ""
        drive = json.dumps({"drives": {"/srv/minio/1": {"place": places.get(name) if places else None}}})
        programs = {
            # Questions about drives and of the status; modules run with the interpreter.
            "python3": f"case \"$*\" in *format.json*) echo '{drive}'; exit ;; esac\ncat <<'END'\n{answer}\nEND",
            "systemctl": f"echo {name} >>{ansible.home}/stopped; exit 1",
            "socat": f"sed 's/^/{name}: /' >>{ansible.home}/told; echo >>{ansible.home}/told",
            "interpreter": f'PATH={tools}:$PATH exec {sys.executable} "$@"',
        }
        for program, text in programs.items():
            (tools / program).write_text(f"#!/bin/sh\n{text}\n")
            (tools / program).chmod(0o755)
        own = {"ansible_host": address, "ansible_python_interpreter": str(tools / "interpreter")}
        hosts[name] = {"ansible_connection": "local", "ansible_become": False, **own}
        if name == off:
            hosts[name] |= {"ansible_connection": "ssh", "ansible_host": "127.0.0.1", "ansible_port": 1}
    found = members or {"data": DATA, "app": APP}
    children = {group: {"hosts": dict.fromkeys(found[kind], {})} for group, kind in GROUPS.items() if kind in found}
    pools = {"minio_pools": ["{{ groups['harbor_minio'] }}"], "minio_drives": ["/srv/minio/1"]}
    pools |= {f"minio_tls_{kind}_file": "/dev/null" for kind in ("ca", "certificate", "private_key")}
    inventory = write(ansible.home / "hosts.yml", {"all": {"hosts": hosts, "children": children, "vars": pools}})
    ran = ansible.playbook("-i", str(inventory), playbook, *options)
    return ran.returncode, " ".join(ran.stdout.split())


def stopped(ansible: Ansible) -> list[str]:
    """The nodes on which something was stopped."""
    file = ansible.home / "stopped"
    return sorted({line.split()[0] for line in file.read_text().splitlines()}) if file.exists() else []


def replace(ansible: Ansible, old: str, said: Said, *options: str, places: dict[str, list[int]] | None = None) -> tuple[int, str]:
    """Replace data3 or app2 by data4 or app3, as their inventories say."""
    members = {
        "data": ["data1", "data2", "data4" if old == "data3" else "data3"],
        "app": ["app1", "app3" if old == "app2" else "app2"],
    }
    return play(ansible, "dockmaster.harbor.replace_node", said, "-e", f"replace_node_old={old}", *options, members=members, places=places)


def test_a_node_stays_where_drives_would_move(ansible: Ansible) -> None:
    """As of a list whose first host has gone, and whose new one came to its end."""
    code, text = replace(ansible, "data3", cluster(), places={"data1": [1, 3], "data2": [2, 3]})
    assert (
        code == 2 and "minio on data1: on disk, drives say" in text and '[1, 3]]; minio_pools would have ["/srv/minio/1", [0, 3]]' in text
    ), text
    assert stopped(ansible) == []


@pytest.mark.parametrize(("old", "said"), [("data3", cluster(dead="data3")), ("data3", cluster()), ("app2", cluster())])
def test_a_node_is_replaced_while_the_rest_is_well(ansible: Ansible, old: str, said: Said) -> None:
    code, text = replace(ansible, old, said)
    assert code == 2 and stopped(ansible) == [old], text


def test_a_node_is_not_replaced_while_the_rest_is_ill(ansible: Ansible) -> None:
    """What is ill, tests/unit/test_replacement_problems.py tells."""
    code, text = replace(ansible, "data3", {**cluster(dead="data3"), "data1": {}})
    assert code == 2 and "data1 cannot be reached" in text and "Nothing was changed" in text and stopped(ansible) == [], text


@pytest.mark.parametrize("old", ["all", "harbor_app", "data*", "data[0]", "~data", "data2:data3", "localhost", "data2"])
def test_only_one_node_outside_all_tiers_is_replaced(ansible: Ansible, old: str) -> None:
    code, text = play(ansible, "dockmaster.harbor.replace_node", cluster(), "-e", json.dumps({"replace_node_old": old}))
    assert code == 2 and f"replace_node_old is {old};" in text and stopped(ansible) == [], text


def test_nothing_is_replaced_within_a_limit(ansible: Ansible) -> None:
    code, text = replace(ansible, "data3", cluster(), "--limit", "data3")
    assert code == 2 and "--limit is data3; replace_node needs all hosts" in text and stopped(ansible) == [], text


@pytest.mark.parametrize("limit", ["!data3", "data4"])
def test_the_status_refuses_a_limit(ansible: Ansible, limit: str) -> None:
    """Whether it leaves members over or only a host without a tier."""
    code, text = play(ansible, "dockmaster.harbor.status", cluster(dead="data3"), "-e", "status_fail=true", "--limit", limit)
    assert code == 2 and f"--limit is {limit}; the status judges all nodes" in text, text


def test_the_status_ends_as_the_cluster_is(ansible: Ansible) -> None:
    code, text = play(ansible, "dockmaster.harbor.status", cluster(dead="data3"), "-e", "status_fail=true")
    assert code == 2 and "etcd: data3 cannot be reached" in text, text


ADDRESSLESS = {
    **cluster(),
    **{one: {**app(False), "load_balancer": {**app(False)["load_balancer"], "addresses": {}}} for one in APP},
}


@pytest.mark.parametrize(
    ("playbook", "options", "message"),
    [
        ("switchover", "switchover_tier=load_balancer", "switchover_tier is load_balancer; no load balancer"),
        ("failover_drill", "failover_drill_target=load_balancer", "failover_drill_node is not set; for load_balancer it may be nobody"),
    ],
)
def test_an_address_that_nobody_holds_is_not_moved(ansible: Ansible, playbook: str, options: str, message: str) -> None:
    code, text = play(ansible, f"dockmaster.harbor.{playbook}", ADDRESSLESS, "-e", options)
    assert code == 2 and message in text and stopped(ansible) == [], text


def test_etcd_is_not_handed_to_where_postgresql_leads(ansible: Ansible) -> None:
    said = cluster()
    said["data1"]["postgresql"], said["data2"]["postgresql"] = said["data2"]["postgresql"], said["data1"]["postgresql"]
    code, text = play(ansible, "dockmaster.harbor.switchover", said, "-e", "switchover_tier=etcd", "-e", "switchover_to=data2")
    assert code == 2 and "switchover_to is data2, where PostgreSQL leads" in text and "Nothing was changed" in text, text


VARIABLES = COLLECTIONS / "ansible_collections/dockmaster/harbor/playbooks/vars"
INVENTORIES = COLLECTIONS / "ansible_collections/dockmaster/harbor/inventories"


@pytest.mark.parametrize(
    ("inventory", "target", "victim", "watches"),
    [
        ("ha", "postgresql_leader", "postgresql1", "postgresql2 uses postgresql"),
        ("ha", "redis_master", "redis1", "redis2 uses redis"),
        ("ha", "harbor", "app1", "postgresql1 uses postgresql"),
        ("compact", "etcd_leader", "data1", "data2 uses etcd, postgresql, redis"),
        ("external", "harbor", "app1", "nobody uses nothing"),
    ],
)
def test_who_watches_a_drill_has_what_it_uses(ansible: Ansible, inventory: str, target: str, victim: str, watches: str) -> None:
    tasks = [
        {"ansible.builtin.set_fact": {"__watcher": "{{ __drill_watchers | first | default('') }}"}},
        {"ansible.builtin.debug": {"msg": "{{ __watcher or 'nobody' }} uses {{ __drill_probe | sort | join(', ') or 'nothing' }}."}},
    ]
    variables = {"__victim": victim, "failover_drill_target": target}
    files = [str(VARIABLES / name) for name in ("tiers.yml", "drill.yml")]
    book = write(
        ansible.home / "play.yml",
        [{"hosts": "harbor_app[0]", "gather_facts": False, "vars": variables, "vars_files": files, "tasks": tasks}],
    )
    ran = ansible.playbook("-i", str(INVENTORIES / inventory), str(book))
    assert ran.returncode == 0 and f"{watches}." in ran.stdout, ran.stdout


def test_a_drill_uses_the_tiers_where_they_listen(ansible: Ansible) -> None:
    """An address of the service's own, that of the connection, the name."""
    hosts = {"one": {"etcd_address": "2001:db8::1", "ansible_host": "192.0.2.1"}, "two": {"ansible_host": "192.0.2.2"}, "three": {}}
    groups = {f"harbor_{tier}": {"hosts": dict.fromkeys(hosts, {})} for tier in ("etcd", "redis")}
    inventory = write(ansible.home / "hosts.yml", {"all": {"hosts": hosts, "children": groups}})
    files = [str(VARIABLES / name) for name in ("tiers.yml", "drill.yml")]
    tasks = [{"ansible.builtin.debug": {"msg": f"{{{{ __drill_urls.{tier} | join(' ') }}}}."}} for tier in ("etcd", "redis", "postgresql")]
    book = write(ansible.home / "play.yml", [{"hosts": "two", "gather_facts": False, "vars_files": files, "tasks": tasks}])
    output = ansible.playbook("-i", str(inventory), str(book)).stdout
    wanted = ["https://[2001:db8::1]:2379 https://three:2379 https://192.0.2.2:2379.", "192.0.2.1 three 192.0.2.2.", "."]
    assert [text for text in wanted if f'"msg": "{text}"' not in output] == [], output


def drained(ansible: Ansible, by: str) -> tuple[Said, Path]:
    """A cluster of which app2 is drained, and the file that says so there."""
    said, mark = cluster(), ansible.home / "harbor/nginx/drain"
    mark.parent.mkdir(parents=True)
    mark.write_text(f"{by}\n")
    said["app2"]["harbor"] |= {"drained": by, "directory": str(ansible.home / "harbor")}
    return said, mark


@pytest.mark.parametrize(("by", "stays"), [("a run of the role harbor", False), ("maintenance", True)])
def test_a_rolling_restart_puts_back_what_a_run_has_drained_and_no_more(ansible: Ansible, by: str, stays: bool) -> None:
    said, mark = drained(ansible, by)
    # What the node says does not change here, so it is refused in the end.
    status, output = play(
        ansible, "dockmaster.harbor.rolling_restart", said, "-e", "rolling_restart_tiers=harbor", "-e", "harbor_drain_seconds=0"
    )
    assert status != 0
    assert f"harbor: app2 is drained ({by})" in output
    assert mark.exists() is stays
    assert stopped(ansible) == []


@pytest.mark.parametrize(("by", "refused"), [("a run of the role harbor", False), ("maintenance", True)])
def test_a_check_of_a_rolling_restart_knows_what_would_be_put_back(ansible: Ansible, by: str, refused: bool) -> None:
    said, mark = drained(ansible, by)
    said["app1"]["load_balancer"]["servers"]["harbor/app2"] = "DOWN"
    options = ("-e", "rolling_restart_tiers=harbor", "-e", "harbor_drain_seconds=0", "--check")
    _, output = play(ansible, "dockmaster.harbor.rolling_restart", said, *options)
    assert ("Not done, since not all is well" in output) is refused
    assert ("Restart tier after tier" in output) is not refused
    assert mark.exists()


@pytest.mark.parametrize("tiers", ["harbor", "redis"])
def test_a_rolling_restart_asks_the_load_balancers_first(ansible: Ansible, tiers: str) -> None:
    """Who is out of service there is well by itself, and the last one that serves would be restarted."""
    said = cluster()
    said["app1"]["load_balancer"]["servers"]["harbor/app2"] = "MAINT"
    code, output = play(ansible, "dockmaster.harbor.rolling_restart", said, "-e", f"rolling_restart_tiers={tiers}")
    assert code == 2 and "load_balancer: app1 uses 1 of 2 servers for harbor" in output
    assert "Nothing was changed" in output and stopped(ansible) == []


def test_a_drill_can_be_predicted(ansible: Ansible) -> None:
    code, output = play(ansible, "dockmaster.harbor.failover_drill", cluster(), "-e", "failover_drill_target=redis_master", "--check")
    assert code == 0 and "would break redis_master on data1 (kill) for 60 s" in output, output


def test_maintenance_says_what_goes_with_the_node(ansible: Ansible) -> None:
    """It is the only member of two tiers: nobody can take them from it."""
    alone = app(True, up=["app1"])
    del alone["load_balancer"]["servers"]["harbor/app2"]
    code, text = play(ansible, "dockmaster.harbor.maintenance", {"app1": alone}, "-e", "maintenance_node=app1", members={"app": ["app1"]})
    assert code == 0 and "app1 is drained of what others can do. It is the only member of load_balancer, harbor: stop it" in text, text
    assert stopped(ansible) == []


def left_out(*servers: str) -> Said:
    """A cluster of which app1 leaves out servers, as a handover does that was cut off."""
    said = cluster()
    balancer = said["app1"]["load_balancer"]
    balancer["taken_out"] = balancer["drained"] = list(servers)
    balancer["servers"] |= {"postgresql/data1": "DRAIN", "postgresql/data2": "DOWN", "postgresql/data3": "DOWN"}
    return said


def told(ansible: Ansible) -> list[str]:
    """What load balancers were told."""
    file = ansible.home / "told"
    return sorted(line for line in file.read_text().splitlines() if line) if file.exists() else []


ORDER = "set server postgresql/data1 state ready"
WORK = [
    ("switchover", "switchover_tier=postgresql", "switchover_to=data1"),
    ("maintenance", "maintenance_node=data3"),
    ("rolling_restart", "rolling_restart_tiers=postgresql"),
    ("failover_drill", "failover_drill_target=etcd_leader"),
    ("scale_out",),
    ("replace_node", "replace_node_old=data9"),
]


@pytest.mark.parametrize("work", WORK, ids=" ".join)
def test_what_a_handover_has_left_out_is_put_back_first(ansible: Ansible, work: tuple[str, ...]) -> None:
    """Also where the work is refused then: what nodes say does not change here. What a human took out stays so."""
    socket = ansible.home / "socket"
    socket.touch()
    given = [word for one in [f"__haproxy_socket={socket}", *work[1:]] for word in ("-e", one)]
    play(ansible, f"dockmaster.harbor.{work[0]}", left_out("harbor/app2", "postgresql/data1"), *given)
    assert told(ansible) == [f"app1: {ORDER}", f"app2: {ORDER}"]


def test_a_load_balancer_that_is_off_keeps_nobody_from_a_switchover(ansible: Ansible) -> None:
    """The handover itself fails here, for there is no cluster; those that can be told let sessions wait, and go on."""
    socket = ansible.home / "socket"
    socket.touch()
    options = ("-e", "switchover_tier=postgresql", "-e", f"__haproxy_socket={socket}")
    code, text = play(ansible, "dockmaster.harbor.switchover", cluster(), *options, off="app1")
    assert told(ansible) == [f"app2: set server postgresql/data1 state {state}" for state in ("drain", "ready")], text
    assert code == 2 and "TASK [Hand over]" in text and "app1: " in text.split("Say which load balancer was not told about data1")[1], text


def test_what_is_in_maintenance_stays_so(ansible: Ansible) -> None:
    """A human, or the role's entry point, keeps a suspect server out whoever leads."""
    said = left_out("postgresql/data1")
    said["app1"]["load_balancer"]["drained"] = []
    code, text = play(ansible, "dockmaster.harbor.maintenance", said, "-e", "maintenance_node=data3")
    assert code == 2 and told(ansible) == [] and "postgresql/data1 is taken out of service on app1" in text, text


@pytest.mark.parametrize("work", [WORK[0], WORK[1]], ids=" ".join)
def test_a_check_run_predicts_it_and_what_comes_then(ansible: Ansible, work: tuple[str, ...]) -> None:
    socket = ansible.home / "socket"
    socket.touch()
    given = [word for one in [f"__haproxy_socket={socket}", *work[1:]] for word in ("-e", one)]
    code, text = play(ansible, f"dockmaster.harbor.{work[0]}", left_out("postgresql/data1"), "--check", *given)
    assert code == 0 and told(ansible) == [] and "changed: [app1]" in text, text


def test_a_check_run_refuses_what_it_would_not_put_back(ansible: Ansible) -> None:
    options = ("--check", "-e", "maintenance_node=data3")
    code, text = play(ansible, "dockmaster.harbor.maintenance", left_out("harbor/app2", "postgresql/data1"), *options)
    assert code == 2 and "Not done, since not all is well" in text and told(ansible) == [], text


def test_without_load_balancers_there_are_none_to_ask(ansible: Ansible) -> None:
    code, text = play(
        ansible,
        "dockmaster.harbor.switchover",
        cluster(),
        *("-e", "switchover_tier=etcd", "-e", "switchover_to=data1"),
        members={"data": DATA},
    )
    assert code == 0 and "etcd: data1 led, data1 leads" in text, text


def drill(ansible: Ansible, *options: str) -> tuple[int, str]:
    """Drill; what it leaves on a node is in files of the node's own here: all nodes are this very machine."""
    here = {"__drill_repair_file": f"{ansible.home}/{{{{ inventory_hostname }}}}.repair", "__drill_runtime_units": f"{ansible.home}/units"}
    given = [word for one in (json.dumps(here), *options) for word in ("-e", one)]
    return play(ansible, "dockmaster.harbor.failover_drill", cluster(), *given)


def test_a_drill_repairs_what_one_before_it_has_left_broken(ansible: Ansible) -> None:
    """Whatever the target, and before it is refused for anything else."""
    left = ansible.home / "data3.repair"
    left.write_text(f"rm {left}; touch {ansible.home}/repaired\n")
    code, text = drill(ansible, "failover_drill_target=etcd_leader", "failover_drill_node=data2")
    assert code == 2 and "failover_drill_node is data2" in text, text
    assert (ansible.home / "repaired").exists() and "TASK [Wait until it has healed]" in text, text


def test_a_drill_is_refused_where_an_earlier_one_cannot_be_repaired(ansible: Ansible) -> None:
    (ansible.home / "data3.repair").write_text("exit 3\n")
    code, text = drill(ansible, "failover_drill_target=etcd_leader")
    assert code == 2 and "could not be repaired on data3; see" in text and "cannot be reached" not in text, text


@pytest.mark.parametrize(
    ("target", "method", "victim", "program", "calls"),
    [
        (
            "load_balancer",
            "kill",
            "app2",
            "systemctl",
            [
                "daemon-reload",
                *("is-failed --quiet keepalived", "is-failed --quiet haproxy", "reset-failed haproxy"),
                "start keepalived haproxy",
            ],
        ),
        ("redis_master", "pause", "data1", "systemctl", ["kill --signal=CONT redis-server"]),
        ("harbor_core", "stop", "app1", "docker", ["start harbor-core"]),
    ],
)
def test_a_drill_writes_down_how_it_is_repaired(
    ansible: Ansible, target: str, method: str, victim: str, program: str, calls: list[str]
) -> None:
    """Nothing can be repaired here: no program works, so the file stays."""
    drill(ansible, f"failover_drill_target={target}", f"failover_drill_method={method}", f"failover_drill_node={victim}")
    left = ansible.home / f"{victim}.repair"
    tool = ansible.home / "tools" / program
    tool.parent.mkdir()
    # keepalived has not failed, and to reset that would be an error.
    tool.write_text(f'#!/bin/sh\necho "$*" >>{ansible.home}/calls\ncase "$*" in *-failed*keepalived) exit 1;; esac\n')
    tool.chmod(0o755)
    subprocess.run(["sh", left], env={"PATH": f"{tool.parent}:/usr/bin:/bin"}, check=True)
    assert (ansible.home / "calls").read_text().splitlines() == calls
    assert not left.exists()
