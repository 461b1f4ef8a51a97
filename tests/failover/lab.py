# Copyright: the dockmaster.harbor contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A lab of containers as a data centre: power, cables, units and containers of its nodes, how the cluster is, and the playbooks.

Only containers that carry the lab's label are touched. Cables are pulled at the engine's bridge, so this needs root on the engine's host.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).resolve().parent.parent.parent
TIERS = ("etcd", "postgresql", "redis", "minio", "load_balancer", "harbor")
STATUS = (ROOT / "playbooks/files/status.py").read_text(encoding="utf-8")
RECAP = re.compile(r"^(\S+) +: ok=\d+ +changed=(\d+) +unreachable=(\d+) +failed=(\d+)", re.MULTILINE)


class Broken(Exception):
    """The lab does not do what a row of the matrix needs; the text says what."""


@dataclass(frozen=True)
class Played:
    """How a run of a playbook ended: its exit code, the sums of its recap, and seconds."""

    rc: int
    changed: int
    unreachable: int
    failed: int
    seconds: float
    output: str


def run(*command: str, timeout: float = 60) -> str:
    """Output of a command on this machine. Raises Broken."""
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=timeout)
    except subprocess.TimeoutExpired as error:
        raise Broken(f"{' '.join(command)[:200]}: no end after {timeout} s") from error
    if done.returncode:
        raise Broken(f"{' '.join(command)[:200]}: {done.stderr.strip()[-400:] or done.returncode}")
    return done.stdout


class Lab:
    """The lab of one molecule scenario; `secrets` is the directory that tests/lab/molecule.sh made for it.

    A scenario with several inventories names one of them: a directory in its own.
    """

    def __init__(self, scenario: str, secrets: Path, inventory: str = "") -> None:
        self.inventory, self.secrets = ROOT / "molecule" / scenario / "inventory" / inventory, secrets
        self.name = scenario
        listed = json.loads(run("ansible-inventory", "-i", str(self.inventory), "--list"))
        groups = {"load_balancer": "harbor_load_balancer", "harbor": "harbor_app"}
        self.tiers = {tier: _hosts(listed, groups.get(tier, f"harbor_{tier}")) for tier in TIERS}
        self.facts: dict[str, dict[str, Any]] = listed["_meta"]["hostvars"]
        self.addresses = {host: str(facts["ansible_host"]) for host, facts in self.facts.items()}
        self.nodes = sorted({host for hosts in self.tiers.values() for host in hosts})
        facts = self.facts[self.nodes[0]]
        self.url, self.network = str(facts["harbor_external_url"]), str(facts["lab_network"])
        self.directory = ROOT / ".build/lab" / scenario
        text = run("ansible-vault", "view", "--vault-password-file", str(secrets / "password"), str(secrets / "vault.yml"))
        self.vault: dict[str, Any] = yaml.safe_load(text)
        self.ca = self.directory / "ca.crt"
        ours = run("docker", "ps", "--all", "--filter", f"label=dockmaster.lab={scenario}", "--format", "{{.Names}}").split()
        missing = [node for node in self.nodes if f"{scenario}-{node}" not in ours]
        if missing:
            raise Broken(f"the lab {scenario} has no container for {', '.join(missing)}: make it first")
        self.ca.write_text(self.vault["vault_pki_ca_certificate"], encoding="utf-8")

    # Power and cables -----------------------------------------------------------------------------------------------------------

    def docker(self, action: str, *nodes: str) -> None:
        """Start, stop, pause, unpause, restart or kill whole nodes, all at the same time."""
        patience = ["--time", "90"] if action in ("stop", "restart") else []
        run("docker", action, *patience, *(f"{self.name}-{node}" for node in nodes), timeout=200)

    def power_off(self, *nodes: str) -> None:
        """Cut the power. Cables go first: of killed processes the kernel would still end the connections, and others would know."""
        ports = [self._port(node) for node in nodes]
        for port in ports:
            run("ip", "link", "set", port, "nomaster")
        self.docker("kill", *nodes)

    def pid(self, node: str) -> int:
        """The first process of a node, by which its network is entered; 0 when it is off."""
        return int(run("docker", "inspect", "--format", "{{.State.Pid}}", f"{self.name}-{node}"))

    def cut(self, node: str) -> None:
        """Pull the cable: the node's port leaves the switch, nothing comes through in either direction."""
        run("ip", "link", "set", self._port(node), "nomaster")

    def join(self, node: str) -> None:
        """Put the cable back."""
        run("ip", "link", "set", self._port(node), "master", self._bridge())

    def filter(self, node: str, *rule: str) -> None:
        """Add or remove a rule of iptables in a node's network, with this machine's program: it need not be on the node."""
        run("nsenter", "--net", "--target", str(self.pid(node)), "iptables", *rule)

    def _bridge(self) -> str:
        """The switch that all nodes are connected to."""
        return "br-" + run("docker", "network", "inspect", "--format", "{{.Id}}", self.network)[:12]

    def own_address(self) -> str:
        """Where nodes reach this machine."""
        links = json.loads(run("ip", "-json", "-4", "address", "show", "dev", self._bridge()))
        return str(links[0]["addr_info"][0]["local"])

    def _port(self, node: str) -> str:
        """The other end of the node's eth0."""
        return _name_of(run("ip", "-json", "link"), int(self.run(node, "cat", "/sys/class/net/eth0/iflink")))

    # Units and containers -------------------------------------------------------------------------------------------------------

    def run(self, node: str, *command: str, timeout: float = 60) -> str:
        """Output of a command on a node, as root. Raises Broken."""
        return run("docker", "exec", f"{self.name}-{node}", *command, timeout=timeout)

    def container_kill(self, node: str, container: str) -> None:
        """Let a container's first process die; that it comes back is the matter of its restart policy."""
        self.run(node, "sh", "-c", f"kill -9 $(docker inspect --format '{{{{.State.Pid}}}}' {container})")

    def container_cut(self, node: str, container: str) -> None:
        """Take a container off the network of its own node."""
        self.run(node, "ip", "link", "set", self._inner_port(node, container), "nomaster")

    def container_join(self, node: str, container: str) -> None:
        """Put it back on."""
        network = self.run(node, "docker", "inspect", "--format", "{{range .NetworkSettings.Networks}}{{.NetworkID}}{{end}}", container)
        self.run(node, "ip", "link", "set", self._inner_port(node, container), "master", f"br-{network[:12]}")

    def _inner_port(self, node: str, container: str) -> str:
        index = self.run(node, "docker", "exec", container, "cat", "/sys/class/net/eth0/iflink")
        return _name_of(self.run(node, "ip", "-json", "link"), int(index))

    # How it is ------------------------------------------------------------------------------------------------------------------

    def status(self) -> dict[str, Any]:
        """The same judgement as the playbook `status`: problems, leaders, page, and what each node said."""
        # Not at the top: the table of faults is read where no collection is built.
        from ansible_collections.dockmaster.harbor.plugins.filter.cluster_status import FilterModule

        with ThreadPoolExecutor(len(self.nodes)) as pool:
            said = dict(zip(self.nodes, pool.map(self._ask, self.nodes), strict=True))
        judged = FilterModule().filters()["cluster_status"](said, tiers=self.tiers)
        return {**judged, "nodes": said}

    def _ask(self, node: str) -> dict[str, Any]:
        """What a node says of itself; nothing when it is off or frozen."""
        mine = [tier for tier, hosts in self.tiers.items() if node in hosts]
        try:
            return dict(json.loads(self.run(node, "python3", "-c", STATUS, *mine, timeout=40)))
        except (Broken, ValueError):
            return {}

    def wait_until_well(self, seconds: float) -> float:
        """Wait until there is no problem; return how long it took. Raises Broken with the problems that stayed."""
        begun = time.monotonic()
        while problems := self.status()["problems"]:
            if time.monotonic() - begun > seconds:
                raise Broken(f"after {seconds:.0f} s still: {'; '.join(problems)}")
            time.sleep(1)
        return time.monotonic() - begun

    def spread(self) -> dict[str, str]:
        """Keep Redis' master off PostgreSQL's leader, so that a row hits one of them; return who leads what. Raises Broken."""
        for _ in range(5):
            leaders = {kind: str(node) for kind, node in self.status()["leaders"].items()}
            if leaders["redis"] != leaders["postgresql"]:
                return leaders
            self.run(leaders["redis"], "/etc/dockmaster/redis/handover")
            time.sleep(5)
            self.wait_until_well(60)
        raise Broken("Redis' master stays where PostgreSQL's leader is")

    # Playbooks ------------------------------------------------------------------------------------------------------------------

    def start_play(self, playbook: str, *options: str) -> subprocess.Popen[str]:
        """Start a playbook of the collection on the lab, in a process group of its own."""
        command = ["ansible-playbook", "-i", str(self.inventory), "-e", f"@{self.secrets}/vault.yml", f"dockmaster.harbor.{playbook}"]
        environment = {
            **os.environ,
            "ANSIBLE_CONFIG": str(ROOT / "ansible.cfg"),
            "ANSIBLE_FORKS": "10",
            # Molecule asks for colours, which would hide the numbers of the recap.
            "ANSIBLE_FORCE_COLOR": "false",
            "ANSIBLE_NOCOLOR": "true",
            "ANSIBLE_VAULT_PASSWORD_FILE": str(self.secrets / "password"),
            "MOLECULE_PROJECT_DIRECTORY": str(ROOT),
        }
        pipes: dict[str, Any] = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT, "text": True, "errors": "replace"}
        return subprocess.Popen([*command, *options], cwd=ROOT, env=environment, start_new_session=True, **pipes)

    def play(self, playbook: str, *options: str) -> Played:
        """Run a playbook to its end."""
        begun = time.monotonic()
        with self.start_play(playbook, *options) as process:
            output = process.communicate()[0]
        recap = RECAP.findall(output)
        if process.returncode == 0 and not recap:
            raise Broken(f"{playbook} has no recap: {output[-400:]}")
        changed, unreachable, failed = (sum(int(line[column]) for line in recap) for column in (1, 2, 3))
        return Played(process.returncode, changed, unreachable, failed, time.monotonic() - begun, output)


def _hosts(listed: dict[str, Any], group: str) -> list[str]:
    """Hosts of a group and of the groups in it."""

    def walk(name: str) -> Iterator[str]:
        entry = listed.get(name, {})
        yield from entry.get("hosts", [])
        for child in entry.get("children", []):
            yield from walk(child)

    return sorted(set(walk(group)))


def _name_of(links: str, index: int) -> str:
    """The name of a network device by its number, in what `ip -json link` printed."""
    return next(str(link["ifname"]) for link in json.loads(links) if link["ifindex"] == index)
