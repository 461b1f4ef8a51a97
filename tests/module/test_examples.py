# Copyright: the dockmaster.harbor contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The examples in the documentation of every module run, in their order, with Ansible's own templates."""

from __future__ import annotations

import re
import typing as t
from pathlib import Path

import pytest
import yaml
from ansible.parsing.dataloader import DataLoader
from ansible.template import Templar, trust_as_template
from standin.content import Manifest, record_manifest
from standin.world import LdapUser

from .conftest import Modules
from .samples import CANARIES
from .test_configuration import put

ROOT = Path(__file__).resolve().parents[2]
# All that talk to Harbor.
MODULES = sorted(path.stem for path in (ROOT / "plugins/modules").glob("*.py") if path.stem not in ("__init__", "host_info"))
OURS = "dockmaster.harbor."
LDAP = "ldaps://ldap.example.com:636"
GROUP = "cn=registry-admins,ou=groups,dc=example,dc=com"
ACCOUNT = "cn=harbor,ou=services,dc=example,dc=com"

# What the examples take for granted, as the reader of one does.
BASE: dict[str, t.Any] = {
    "registries": [
        {"name": "docker-hub", "type": "docker-hub", "url": "https://hub.docker.com"},
        {"name": "dr-site", "type": "harbor", "url": "https://harbor.dr.example.com"},
    ],
    "user_groups": [{"name": "developers", "type": "oidc"}],
    "users": [
        {"username": name, "email": f"{name}@example.com", "realname": name, "password": CANARIES[1]}
        for name in ("payments-lead", "contractor")
    ],
    "projects": [{"name": "payments"}, {"name": "scratch"}, {"name": "platform"}, {"name": "hub-cache", "registry": "docker-hub"}],
    "robots": [
        {"project": "payments", "name": "ci", "secret": CANARIES[0], "permissions": [{"access": ["repository:pull", "repository:push"]}]},
    ],
    "labels": [{"name": "approved"}, {"name": "scanned"}, {"name": "popular"}],
}
PULL = [{"access": ["repository:pull"]}]
INSTANCES = [
    {"name": name, "vendor": name, "endpoint": f"https://{name}.example.com", "auth_mode": mode, **more}
    for name, mode, more in (("dragonfly", "none", {}), ("kraken", "basic", {"username": "harbor", "password": CANARIES[3]}))
]
# What examples of one module build on besides.
MORE: dict[str, dict[str, t.Any]] = {
    "preheat_instance": {"preheat_instances": INSTANCES[1:]},
    "preheat_policy": {"preheat_instances": INSTANCES[:1]},
    "replication_execution": {"replication_policies": [{"name": "mirror-to-dr", "dest_registry": "dr-site"}]},
    "retention_execution": {"retention_policies": [{"project": "payments", "rules": [{"retain": "most_recently_pushed", "count": 10}]}]},
    "robot_rotation": {"robots": [{"project": "payments", "name": "ci-2026", "secret": CANARIES[0], "permissions": PULL}]},
}
# Where an example reads a file of the reader's.
FILE = re.compile(r"lookup\('ansible.builtin.file', '[^']+'\)")
CERTIFICATE = "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n"
VARIABLES = {
    "vault_channel_address": "https://chat.example.com/hook",
    "harbor_project_members": [{"user": "alice"}],
    "certificate": CERTIFICATE,
}


def tasks(module: str) -> list[dict[str, t.Any]]:
    text = (ROOT / f"plugins/modules/{module}.py").read_text()
    examples = FILE.sub("certificate", re.split(r'EXAMPLES = r"""', text)[1].split('"""')[0])
    found: list[dict[str, t.Any]] = yaml.safe_load(examples)
    return found


@pytest.fixture(autouse=True)
def world(run: Modules) -> t.Iterator[None]:
    """What answers around Harbor, for one test."""
    around = run.harbor.world
    tables = (around.ldap_servers, around.ldap_users, around.ldap_groups, around.oidc_providers, around.audit_endpoints)
    yield
    for table in tables:
        table.clear()


def prepare(run: Modules, module: str) -> dict[str, t.Any]:
    """Make the Harbor and the world around it that the examples of a module need; returns the variables of the play."""
    world = run.harbor.world
    world.ldap_servers[LDAP] = {ACCOUNT: CANARIES[3]}
    for name in ("payments-lead", "alice", "bob"):
        world.ldap_users[name] = LdapUser(password=CANARIES[1], email=f"{name}@ldap.example.com", realname=name, groups=(GROUP,))
    world.ldap_groups |= {GROUP: "registry-admins", "cn=platform,ou=groups,dc=example,dc=com": "platform"}
    world.oidc_providers.add("https://idp.example.com/realms/company")
    world.audit_endpoints.add("syslog.example.com:514")
    run.state({**BASE, **MORE.get(module, {})})
    with run.harbor.harbor.store.transaction(write=True) as tx:
        [project] = tx.find("project", name="payments")
        for name in ("team/app", "old-app"):
            record_manifest(tx, project, f"payments/{name}", "v1", Manifest(f"sha256:{name}", "", "", "", "", {}, ()))
    secrets = re.findall(r"\bvault_\w+", (ROOT / f"plugins/modules/{module}.py").read_text())
    return {**dict.fromkeys(secrets, CANARIES[3]), **VARIABLES}


def trusted(value: t.Any) -> t.Any:
    """Mark texts as templates, as Ansible marks those of a playbook."""
    if isinstance(value, dict):
        return {name: trusted(entry) for name, entry in value.items()}
    if isinstance(value, list):
        return [trusted(entry) for entry in value]
    return trust_as_template(value) if isinstance(value, str) else value


class Play:
    """Just enough of a play: templates, register, when, loop."""

    def __init__(self, run: Modules, variables: dict[str, t.Any]) -> None:
        self.run = run
        self.variables = variables

    def template(self, value: t.Any, **more: t.Any) -> t.Any:
        return Templar(loader=DataLoader(), variables={**self.variables, **more}).template(trusted(value))

    def task(self, task: dict[str, t.Any]) -> int:
        """Run a task; returns how often a module of ours ran."""
        [action] = [name for name in task if "." in name]
        items = self.template(task["loop"]) if "loop" in task else [None]
        return sum(self.once(task, action, item) for item in items)

    def once(self, task: dict[str, t.Any], action: str, item: t.Any) -> int:
        conditions = task.get("when", [])
        for condition in conditions if isinstance(conditions, list) else [conditions]:
            if not self.template("{{ (" + condition + ") | bool }}", item=item):
                return 0
        arguments = self.template(task[action] or {}, item=item)
        if not action.startswith(OURS):
            return 0
        result = self.run(action.removeprefix(OURS), check=task.get("check_mode", False), **arguments)
        assert not result.get("failed"), f"{task['name']}: {result['msg']}"
        if "register" in task:
            self.variables[task["register"]] = result
        return 1


@pytest.mark.parametrize("module", MODULES)
def test_examples_run(run: Modules, module: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(run.directory)  # one of them writes a file
    play = Play(run, prepare(run, module))
    ran = 0
    for task in tasks(module):
        arguments = task.get(f"{OURS}state") or {}
        if "files" in arguments:  # read on the controller: the guide in docs/ is run for them
            continue
        if module in ("ldap_import", "user_group"):
            put(run, auth_mode="db_auth" if "OIDC" in task["name"] else "ldap_auth")  # Harbor refuses that once there are users
        ran += play.task(task)
    assert ran
