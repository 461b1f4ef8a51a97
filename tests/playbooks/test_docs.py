# Copyright: the dockmaster.harbor contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The guides are true: every YAML in them is a file that is written, every command is run, every line of output shown is printed."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from standin.server import Server
from standin.world import PretendWorld

from .conftest import ROOT, Ansible

GUIDES = ("configuration.md", "terraform.md")
LDAP = ("ldaps://ldap.example.com:636", {"cn=harbor,ou=services,dc=example,dc=com": "Change1me"})
BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
FILE = re.compile(r"# ([\w./-]+\.yml)\n")
EXIT = re.compile(r" # exit code (\d+)$")


@pytest.fixture
def core() -> tuple[str, Path]:
    """One ansible-core is enough for prose."""
    return "development", Path(sys.executable).parent


def blocks(guide: str) -> Iterator[tuple[str, str]]:
    """Language and text of the fenced blocks of a guide."""
    yield from ((match[1], match[2]) for match in BLOCK.finditer((ROOT / "docs" / guide).read_text()))


def commands(text: str) -> Iterator[tuple[str, int, list[str]]]:
    """Commands of a console block: command, exit code, the lines of output that are shown."""
    for part in re.split(r"^\$ ", text, flags=re.MULTILINE)[1:]:
        line, *shown = part.splitlines()
        code = EXIT.search(line)
        yield EXIT.sub("", line), int(code[1]) if code else 0, [one for one in shown if one]


@pytest.mark.parametrize("guide", GUIDES)
def test_guide(ansible: Ansible, guide: str) -> None:
    (ansible.home / "password").write_text("vault\n")
    ran = 0
    with Server(world=PretendWorld(ldap_servers=dict([LDAP]))) as harbor, Server() as second:
        environment = {
            "HARBOR_URL": harbor.url,
            "HARBOR_DR_URL": second.url,
            "HARBOR_USERNAME": harbor.username,
            "HARBOR_PASSWORD": harbor.password,
            "ANSIBLE_VAULT_PASSWORD_FILE": str(ansible.home / "password"),
        }
        for language, text in blocks(guide):
            if language == "yaml":
                name = FILE.match(text)
                assert name, f"{guide}: a YAML block does not begin with the name of its file: {text[:80]}"
                (ansible.home / name[1]).parent.mkdir(parents=True, exist_ok=True)
                (ansible.home / name[1]).write_text(text)
            elif language == "console":
                for command, code, shown in commands(text):
                    check(ansible, environment, command, code, shown)
                    ran += 1
    assert ran


def check(ansible: Ansible, environment: dict[str, str], command: str, code: int, shown: list[str]) -> None:
    """Run one command of a guide and compare."""
    assert command.startswith("ansible-"), command
    run = subprocess.run(
        shlex.split(command),
        cwd=ansible.home,
        env={**ansible.environment, **environment},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=300,
    )
    assert run.returncode == code, f"{command}\n{run.stdout}"
    missing = [line for line in shown if line not in run.stdout]
    assert not missing, f"{command}\nprinted no {missing}\n{run.stdout}"
