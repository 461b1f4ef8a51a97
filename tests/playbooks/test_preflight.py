# Copyright: the dockmaster.harbor contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The preflight role on the controller itself: each guard is tripped once, and none trips on good input."""

from __future__ import annotations

import socket
import subprocess

import pytest

from .conftest import ROOT, Ansible, write

GOOD: dict[str, object] = {
    "preflight_roles": sorted(path.parent.parent.name for path in (ROOT / "roles").glob("*/meta/argument_specs.yml")),
    "preflight_accept_unsupported_distribution": True,
    "preflight_minimum_memory": 1,
    "preflight_disk_space": [{"path": "/var/lib/does/not/exist", "minimum": 0}],
    "preflight_ports": [],
}
BAD = {
    "even number of voters": ({"members": 2}, "harbor_etcd: 2 hosts"),
    "unknown variable": ({"redis_pasword": "x"}, "unknown variables redis_pasword"),
    "memory": ({"preflight_minimum_memory": 10**9}, "preflight_minimum_memory asks for 1000000000"),
    "disk": ({"preflight_disk_space": [{"path": "/var/lib", "minimum": 10**9}]}, "GiB free at /var/lib"),
    "distribution": (
        {"preflight_accept_unsupported_distribution": False, "preflight_supported_distributions": ["Debian 99"]},
        "allowed is Debian 99",
    ),
    "clock": ({"preflight_maximum_clock_skew": -1}, "preflight_maximum_clock_skew allows -1 s"),
}


def run(ansible: Ansible, **variables: object) -> subprocess.CompletedProcess[str]:
    """Run the role on localhost under the names of a whole site."""
    count = variables.pop("members", 1)
    hosts = {
        f"node{number}": {"ansible_connection": "local", "ansible_python_interpreter": "/usr/bin/python3"}
        for number in range(int(str(count)))
    }
    groups = {group: {"hosts": dict.fromkeys(hosts, {})} for group in ("harbor_etcd", "harbor_postgresql", "harbor_redis", "harbor_app")}
    inventory = write(ansible.home / "hosts.yml", {"all": {"hosts": hosts, "children": groups, "vars": {**GOOD, **variables}}})
    play = [{"hosts": "all", "roles": [{"role": "dockmaster.harbor.preflight"}]}]
    return ansible.playbook("-i", str(inventory), str(write(ansible.home / "play.yml", play)))


def test_good_input_passes_and_changes_nothing(ansible: Ansible) -> None:
    """The role writes nothing."""
    result = run(ansible)
    assert result.returncode == 0 and "changed=0" in result.stdout, result.stdout
    assert "[WARNING]" not in result.stdout and "[DEPRECATION WARNING]" not in result.stdout, result.stdout


@pytest.mark.parametrize("case", BAD)
def test_bad_input_is_named(ansible: Ansible, case: str) -> None:
    """One message, with what was found and what is allowed."""
    variables, message = BAD[case]
    result = run(ansible, **variables)
    assert result.returncode == 2 and message in " ".join(result.stdout.split()), result.stdout


def test_a_port_that_another_program_holds(ansible: Ansible) -> None:
    """The message names port and holder."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        result = run(ansible, preflight_ports=[{"group": "harbor_app", "port": port, "program": "docker-proxy"}])
    assert result.returncode == 2 and f"TCP port {port} is held by" in " ".join(result.stdout.split()), result.stdout


def test_secrets_that_differ_between_hosts(ansible: Ansible) -> None:
    """The message names the variable and never its value."""
    differing = "{{ 'canary-' ~ inventory_hostname }}"
    checks = [{"group": "harbor_app", "variables": ["harbor_core_secret"]}]
    result = run(ansible, members=3, harbor_core_secret=differing, preflight_equal_variables=checks)
    assert result.returncode == 2 and "harbor_core_secret differs" in " ".join(result.stdout.split()), result.stdout
    assert "canary-" not in result.stdout
