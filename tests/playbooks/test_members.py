# Copyright: the dockmaster.harbor contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Who of the hosts is a member and who a newcomer: etcd and redis, asked about hosts that are this machine."""

from __future__ import annotations

import subprocess
from typing import Any

import pytest

from .conftest import Ansible, write

HOSTS = ("node1", "node2", "node3")
NODE2 = {"key": "node2", "value": "192.0.2.2"}
# What node2 would have answered, as the first host would have heard it.
ANSWERS: dict[str, dict[str, Any]] = {
    "etcd": {"__etcd_answers": {"results": [{"item": NODE2, "status": 200, "json": {"header": {"cluster_id": "1", "member_id": "2"}}}]}},
    "redis": {
        "__redis_roles": {"results": [{"item": NODE2, "rc": 0, "stdout": "role:master"}]},
        "__redis_sentinels": {"results": []},
    },
}


def elect(ansible: Ansible, role: str, holders: tuple[str, ...]) -> subprocess.CompletedProcess[str]:
    """Run the election of a role where node2 answers and some hosts have data; says who is settled."""
    hosts = {
        name: {
            f"{role}_data_directory": f"/srv/{name}",
            f"__{role}_compared": {"holds_data": name in holders},
            f"{role}_address": f"192.0.2.{number}",
            **(ANSWERS[role] if number == 1 else {}),
        }
        for number, name in enumerate(HOSTS, 1)
    }
    variables = {"ansible_connection": "local", "ansible_python_interpreter": "/usr/bin/python3", f"{role}_hosts": list(HOSTS)}
    tasks = [
        {"ansible.builtin.include_role": {"name": f"dockmaster.harbor.{role}", "tasks_from": "elect"}},
        {"ansible.builtin.debug": {"msg": f"settled are {{{{ __{role}_settled | sort | join(' ') }}}}"}, "run_once": True},
    ]
    inventory = write(ansible.home / "hosts.yml", {"all": {"hosts": hosts, "vars": variables}})
    play = [{"hosts": "all", "gather_facts": False, "tasks": tasks}]
    return ansible.playbook("-i", str(inventory), str(write(ansible.home / "play.yml", play)))


@pytest.mark.parametrize("core", ["development"], indirect=True)
@pytest.mark.parametrize("role", ANSWERS)
def test_each_host_says_itself_whether_it_has_data(ansible: Ansible, role: str) -> None:
    """Each has its directory elsewhere; by the first one's the others would be newcomers, and a member that is down be removed."""
    ran = elect(ansible, role, HOSTS)
    assert ran.returncode == 0 and "settled are node1 node2 node3" in ran.stdout, ran.stdout


@pytest.mark.parametrize("core", ["development"], indirect=True)
@pytest.mark.parametrize("role", ANSWERS)
def test_a_running_member_without_data_is_refused(ansible: Ansible, role: str) -> None:
    ran = elect(ansible, role, ("node1", "node3"))
    assert ran.returncode == 2, ran.stdout
    assert f"node2 is a running member, and has no data in its {role}_data_directory" in " ".join(ran.stdout.split()), ran.stdout
