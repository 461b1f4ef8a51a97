# Copyright: the dockmaster.harbor contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What every role promises: options that equal its defaults, no default secret, a README, facts by name, a galaxy entry."""

from __future__ import annotations

import re
import time
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).resolve().parent.parent.parent
ROLES = sorted(path.parent.parent.name for path in (ROOT / "roles").glob("*/meta/main.yml"))
SECRET = re.compile(r"(password|secret|private_key|passphrase)(_hash)?$|_key$")
NOT_SECRET = re.compile(r"(_file|_path|_directory|_length)$")


def load(role: str, path: str) -> dict:
    """A YAML file of a role as a dict; an absent or empty one is empty."""
    file = ROOT / "roles" / role / path
    return (yaml.safe_load(file.read_text()) or {}) if file.exists() else {}


def options(role: str) -> dict[str, dict]:
    """The options of a role's main entry point."""
    return load(role, "meta/argument_specs.yml")["argument_specs"]["main"]["options"]


def test_there_are_roles() -> None:
    """An empty list would make every test below pass."""
    assert {"preflight", "pki", "etcd", "redis", "docker", "harbor"} <= set(ROLES)


@pytest.mark.parametrize("role", ROLES)
def test_options_equal_defaults(role: str) -> None:
    """A knob is either in defaults/ with the documented default, or it is required or optional without one."""
    defaults, documented = load(role, "defaults/main.yml"), options(role)
    assert set(defaults) <= set(documented)
    for name, option in documented.items():
        if name in defaults:
            templated = "{{" in str(defaults[name])
            assert "default" in option or templated, f"{name}: defaults/main.yml sets it, the option documents no default"
            if not templated:
                assert option["default"] == defaults[name], name
        else:
            assert "default" not in option, f"{name}: documented default {option.get('default')!r}, none in defaults/main.yml"


@pytest.mark.parametrize("role", ROLES)
def test_names_begin_with_the_role(role: str) -> None:
    """Public variables carry the name of their role."""
    assert [name for name in {**load(role, "defaults/main.yml"), **options(role)} if not name.startswith(f"{role}_")] == []


@pytest.mark.parametrize("role", ROLES)
def test_secrets_have_no_default_and_are_hidden(role: str) -> None:
    """No default password anywhere; argument validation would print the value of an option with choices."""
    for name, option in options(role).items():
        if option.get("type", "str") != "str" or NOT_SECRET.search(name) or not SECRET.search(name):
            continue
        assert option.get("no_log") is True, f"{name} has no no_log"
        assert option.get("default") in (None, ""), f"{name} has a default"
        assert "choices" not in option, f"{name}: an error about choices prints the value"


@pytest.mark.parametrize("role", ROLES)
def test_files_that_galaxy_and_readers_expect(role: str) -> None:
    """README, description and licence."""
    assert (ROOT / "roles" / role / "README.md").read_text().startswith(f"# dockmaster.harbor.{role}\n")
    info = load(role, "meta/main.yml")["galaxy_info"]
    assert info["license"] == "GPL-3.0-or-later" and info["description"]


@pytest.mark.parametrize("role", ROLES)
def test_truth_is_asked_of_no_string(role: str) -> None:
    """`-e harbor_trivy_enabled=false`, INI inventories and surveys give the string "false", which is true."""
    names = "|".join(name for name, option in options(role).items() if option.get("type") == "bool")
    if not names:
        return
    # Where an expression has it; in prose it may stand as it is.
    bare = re.compile(rf"(?:\b(?:not|if|and|or|when:)|\{{\{{|[:=(]) (?:{names})\b(?! \| bool)|\{{\{{ (?:{names}) \| string")
    found = [
        f"{file.relative_to(ROOT)}:{number}: {line.strip()}"
        for part in ("tasks", "vars", "templates", "handlers")
        for file in (ROOT / "roles" / role / part).rglob("*")
        if file.is_file()
        for number, line in enumerate(file.read_text().splitlines(), 1)
        if bare.search(line)
    ]
    assert found == []


@pytest.mark.parametrize("role", ROLES)
def test_facts_are_read_by_name(role: str) -> None:
    """Injected fact variables disappear from ansible-core 2.24 on."""
    magic = {"ansible_managed", "ansible_facts", "ansible_play_hosts", "ansible_play_hosts_all", "ansible_play_batch", "ansible_check_mode"}
    magic |= {"ansible_host", "ansible_playbook_python", "ansible_python_interpreter", "ansible_diff_mode", "ansible_become"}
    magic |= {
        "ansible_run_tags",
        "ansible_become_user",
        "ansible_user",
        "ansible_parent_role_names",
        "ansible_loop",
        "ansible_become_method",
    }
    for file in (ROOT / "roles" / role).rglob("*"):
        if file.suffix in {".yml", ".j2"}:
            used = set(re.findall(r"\bansible_[a-z_]+(?=\b(?!\.))", file.read_text())) - magic
            assert not used, f"{file.relative_to(ROOT)}: {sorted(used)}"


@pytest.mark.parametrize("role", ROLES)
def test_templates_say_who_manages_the_file(role: str) -> None:
    """The first line of a rendered text file warns the person who is about to edit it."""
    for file in (ROOT / "roles" / role / "templates").rglob("*.j2"):
        if len(file.read_text().splitlines()) == 1:
            continue  # one value alone (a password, an access list) has no room for a comment
        head = "\n".join(file.read_text().splitlines()[:4])
        assert "ansible_managed" in head, file.relative_to(ROOT)


def test_etcd_prunes_the_snapshots_that_it_took_and_no_others() -> None:
    """The pattern fits the name that the role gives, and not what a user keeps beside it."""
    tasks = {task["name"]: task for task in load("etcd", "tasks/snapshot.yml")}
    named = re.search(r"fmt='([^']+)'.*?}}(.*)", tasks["Take a snapshot"]["ansible.builtin.command"]["argv"][-1])
    assert named
    found = tasks["Find the snapshots"]["ansible.builtin.find"]
    assert found["use_regex"] is True
    assert re.match(found["patterns"], time.strftime(named[1] + named[2]))
    assert [name for name in ("etcd-2026-11-01.db", "20261101.db", "x20261101T000000Z.db") if re.match(found["patterns"], name)] == []
