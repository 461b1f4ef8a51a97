# Copyright: the dockmaster.harbor contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the role load_balancer listens on, and on which interface the virtual address lives, for addresses of both families."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from .conftest import COLLECTIONS, Ansible, write

ROLE = COLLECTIONS / "ansible_collections/dockmaster/harbor/roles/load_balancer"
FACTS = {
    "distribution": "Debian",
    "distribution_major_version": "13",
    "interfaces": ["lo", "eth0", "br-lan", "bond0.20", "without-facts"],
    "lo": {"device": "lo", "ipv4": {"address": "127.0.0.1"}, "ipv6": [{"address": "::1"}]},
    "eth0": {"device": "eth0", "ipv4": {"address": "192.0.2.1"}, "ipv4_secondaries": [{"address": "198.51.100.1"}]},
    "bond0.20": {"device": "bond0.20", "ipv4": {"address": "203.0.113.1"}},
    "br_lan": {"device": "br-lan", "ipv6": [{"address": "fe80::1"}, {"address": "2001:db8::1"}]},
}
FILES = ("haproxy.cfg", "keepalived.conf")


@pytest.fixture
def core() -> tuple[str, Path]:
    """One ansible-core is enough: this is about expressions."""
    return "development", Path(sys.executable).parent


def render(ansible: Ansible, addresses: list[str], virtual: str, **own: Any) -> tuple[str, dict[str, list[str]]]:
    """What the rules object to on the first of several load balancers, and the lines of its files; `own`: variables."""
    names = [f"lb{number}" for number, _ in enumerate(addresses, start=1)]
    servers = [{"name": name, "address": address} for name, address in zip(names, addresses, strict=True)]
    variables: dict[str, Any] = yaml.safe_load((ROLE / "defaults/main.yml").read_text())
    variables |= {f"load_balancer_{kind}_servers": servers for kind in ("harbor", "postgresql", "redis", "s3")}
    variables |= {f"load_balancer_tls_{kind}_file": "/etc/tls" for kind in ("certificate", "private_key", "ca")}
    variables |= {"load_balancer_hosts": names, "load_balancer_virtual_address": virtual, "load_balancer_redis_password": "x" * 12}
    variables |= {"ansible_connection": "local", "ansible_python_interpreter": sys.executable, **own}
    problems = "{{ _load_balancer_rules | rejectattr('ok') | map(attribute='message') | map('trim') | join }}"
    tasks = [
        {"ansible.builtin.set_fact": {"ansible_facts": FACTS}},
        {"ansible.builtin.copy": {"content": problems, "dest": f"{ansible.home}/problems"}},
        {
            "ansible.builtin.template": {"src": f"{ROLE}/templates/{{{{ item }}}}.j2", "dest": f"{ansible.home}/{{{{ item }}}}"},
            "loop": list(FILES),
        },
    ]
    files = [f"{ROLE}/vars/{name}.yml" for name in ("main", "Debian-13")]
    hosts = {name: {"load_balancer_address": address} for name, address in zip(names, addresses, strict=True)}
    inventory = write(ansible.home / "hosts.yml", {"all": {"hosts": hosts, "vars": variables}})
    book = write(ansible.home / "play.yml", [{"hosts": "lb1", "gather_facts": False, "vars_files": files, "tasks": tasks}])
    ran = ansible.playbook("-i", str(inventory), str(book))
    assert ran.returncode == 0, ran.stdout
    lines = {name: [line.strip() for line in (ansible.home / name).read_text().splitlines()] for name in FILES}
    return (ansible.home / "problems").read_text(), lines


@pytest.mark.parametrize(("address", "interface"), [("192.0.2.1", "eth0"), ("198.51.100.1", "eth0")])
def test_ipv4_needs_no_other_family(ansible: Ansible, address: str, interface: str) -> None:
    problems, lines = render(ansible, [address, "192.0.2.2"], "192.0.2.10/24")
    binds = [line.split()[1] for line in lines["haproxy.cfg"] if line.startswith("bind ") and "unix" not in line]
    assert binds == [f"{address}:8404", ":443", ":80", ":9000", ":5432", ":6379"]
    assert "server lb2 192.0.2.2:5432 verifyhost lb2" in lines["haproxy.cfg"]
    assert f"interface {interface}" in lines["keepalived.conf"] and problems == ""


def test_ipv6_is_listened_to_beside_ipv4(ansible: Ansible) -> None:
    problems, lines = render(ansible, ["2001:db8::1", "2001:db8::2"], "2001:db8::10/64")
    binds = [line.split()[1] for line in lines["haproxy.cfg"] if line.startswith("bind ") and "unix" not in line]
    ports = (443, 80, 9000, 5432, 6379)
    assert binds == ["[2001:db8::1]:8404", *(f":{port},:::{port}" for port in ports)]
    assert sum("v6only" in line for line in lines["haproxy.cfg"]) == len(ports)
    assert "server lb2 [2001:db8::2]:5432 verifyhost lb2" in lines["haproxy.cfg"]
    wanted = {"interface br-lan", "unicast_src_ip 2001:db8::1", "2001:db8::2", "2001:db8::10/64 dev br-lan"}
    assert wanted - set(lines["keepalived.conf"]) == set() and problems == ""


@pytest.mark.parametrize(
    ("addresses", "virtual"),
    [(["2001:db8::1", "2001:db8::2"], "192.0.2.10/24"), (["192.0.2.1", "2001:db8::2"], "192.0.2.10/24")],
)
def test_load_balancers_speak_with_each_other_in_the_family_of_the_address(ansible: Ansible, addresses: list[str], virtual: str) -> None:
    problems, _ = render(ansible, addresses, virtual)
    assert problems.startswith(f"load_balancer_virtual_address {virtual} and the load_balancer_address of all load balancers must all be")


@pytest.mark.parametrize(
    ("speaks", "rules"),
    [
        (False, ["http-request set-src req.hdr_ip(X-Forwarded-For,-1) if { src 192.0.2.0/28 }"]),
        (True, ["tcp-request connection expect-proxy layer4 if { src 192.0.2.0/28 }"] * 2),
    ],
)
def test_only_proxies_that_are_named_say_who_the_client_is(ansible: Ansible, speaks: bool, rules: list[str]) -> None:
    """Before it is said to Harbor, and in the PROXY protocol at both ports."""
    own = {"load_balancer_trusted_proxies": ["192.0.2.0/28"], "load_balancer_proxy_protocol": speaks}
    problems, lines = render(ansible, ["192.0.2.1"], "", **own)
    found = [line for line in lines["haproxy.cfg"] if "set-src" in line or "expect-proxy" in line]
    assert (problems, found) == ("", rules)
    assert lines["haproxy.cfg"].index(rules[0]) < lines["haproxy.cfg"].index("http-request set-header X-Forwarded-For %[src]")


def test_without_proxies_nobody_speaks_their_protocol(ansible: Ansible) -> None:
    problems, _ = render(ansible, ["192.0.2.1"], "", load_balancer_proxy_protocol="true")
    assert problems.startswith("load_balancer_proxy_protocol is true and load_balancer_trusted_proxies is empty")


@pytest.mark.parametrize(("ours", "port"), [("postgresql", 5432), ("redis", 6379), ("s3", 9000)])
def test_a_tier_of_somebody_else_is_not_listened_for(ansible: Ansible, ours: str, port: int) -> None:
    own = {f"load_balancer_{kind}_servers": [] for kind in ("postgresql", "redis", "s3") if kind != ours}
    problems, lines = render(ansible, ["192.0.2.1"], "", **own)
    binds = [line.split()[1] for line in lines["haproxy.cfg"] if line.startswith("bind ") and "unix" not in line]
    assert (problems, binds) == ("", ["192.0.2.1:8404", ":443", ":80", f":{port}"])


def test_draining_can_be_predicted(ansible: Ansible) -> None:
    """Nothing is taken out in check mode, so there is nothing to wait for; there is no HAProxy here that could be asked."""
    variables = {"load_balancer_drain_server": "app1", "load_balancer_drain_state": "drain", "load_balancer_drain_timeout": 1}
    task = {"ansible.builtin.include_role": {"name": "dockmaster.harbor.load_balancer", "tasks_from": "drain"}, "vars": variables}
    local = {"ansible_connection": "local", "ansible_python_interpreter": "/usr/bin/python3"}
    inventory = write(ansible.home / "hosts.yml", {"all": {"hosts": {"node1": local}}})
    book = write(ansible.home / "play.yml", [{"hosts": "all", "gather_facts": False, "tasks": [task]}])
    ran = ansible.playbook("-i", str(inventory), str(book), "--check")
    assert ran.returncode == 0 and "failed=0" in ran.stdout, ran.stdout
