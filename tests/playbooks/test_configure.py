# Copyright: the dockmaster.harbor contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""`ansible-playbook dockmaster.harbor.configure` from the installed tarball."""

from __future__ import annotations

from pathlib import Path

import pytest
from standin.server import Server

from .conftest import Ansible, write

WRITES = {"POST", "PUT", "PATCH", "DELETE"}
CANARY = "Canary7secret"
FILES = {
    "projects.yml": {
        "projects": [{"name": "payments", "storage_limit": "2GiB"}, {"name": "platform", "public": True}],
        "labels": [{"name": "approved", "color": "#00AA00"}],
    },
    "teams.yml": {
        "users": [{"username": "payments-lead", "email": "lead@example.com", "realname": "Payments lead", "password": f"{CANARY}1"}],
        "project_members": [{"project": "payments", "user": "payments-lead", "role": "maintainer"}],
    },
    "robots.yml": {
        "projects": [{"name": "runtime"}],
        "robots": [
            {
                "name": "ci",
                "project": "payments",
                "duration": 90,
                "secret": f"{CANARY}2",
                "permissions": [{"namespace": "payments", "access": ["repository:pull", "repository:push"]}],
            }
        ],
    },
}


@pytest.fixture
def files(ansible: Ansible) -> str:
    """A directory of declarations as a user keeps them; returns the glob."""
    for name, content in FILES.items():
        write(ansible.home / "harbor" / name, content)
    return "configure_files=harbor/*.yml"


def writes(harbor: Server) -> list[tuple[str, str, int]]:
    """Requests that could have changed something, the login of the session left out."""
    return [entry for entry in harbor.log if entry[0] in WRITES and entry[1] != "/c/login"]


def test_check_apply_again(ansible: Ansible, harbor: Server, connection: dict[str, str], files: str) -> None:
    """Check mode predicts and writes nothing; the run changes; the second run changes nothing."""
    arguments = ("dockmaster.harbor.configure", "-e", files)
    check = ansible.playbook(*arguments, "--check", "--diff", **connection)
    assert check.returncode == 0, check.stdout
    assert "changed=1" in check.stdout and "payments" in check.stdout
    assert writes(harbor) == []

    first = ansible.playbook(*arguments, "--diff", "-vvv", **connection)
    assert first.returncode == 0 and "changed=1" in first.stdout, first.stdout
    second = ansible.playbook(*arguments, **connection)
    assert second.returncode == 0 and "changed=0" in second.stdout, second.stdout
    for run in (check, first, second):
        assert CANARY not in run.stdout and harbor.password not in run.stdout
    assert "[DEPRECATION WARNING]" not in first.stdout, first.stdout


def test_lists_of_several_files_are_joined(ansible: Ansible, harbor: Server, connection: dict[str, str], files: str) -> None:
    """Three files declare three projects in two lists: the plan counts them all."""
    run = ansible.playbook("dockmaster.harbor.configure", "-e", files, "--check", "--diff", **connection)
    assert all(f"name: {project}" in run.stdout for project in ("payments", "platform", "runtime")), run.stdout


def test_wrong_password_is_one_message_and_no_plan(ansible: Ansible, harbor: Server, connection: dict[str, str], files: str) -> None:
    """Harbor treats bad credentials as anonymous; the run must not take that for an empty registry."""
    run = ansible.playbook("dockmaster.harbor.configure", "-e", files, **{**connection, "HARBOR_PASSWORD": "Wrong12345"})
    assert run.returncode == 2 and "harbor_password" in run.stdout, run.stdout
    assert "Wrong12345" not in run.stdout
    assert [entry for entry in writes(harbor) if entry[2] < 400] == []


def test_unknown_kind_is_refused(ansible: Ansible, connection: dict[str, str]) -> None:
    """A misspelt list is named, with what is allowed."""
    write(ansible.home / "harbor/typo.yml", {"project": [{"name": "payments"}]})
    run = ansible.playbook("dockmaster.harbor.configure", "-e", "configure_files=harbor/*.yml", **connection)
    assert run.returncode == 2 and "project" in run.stdout and "project_members" in run.stdout, run.stdout


def test_no_file_is_refused(ansible: Ansible, connection: dict[str, str]) -> None:
    """A glob that matches nothing must not become a plan with nothing in it."""
    run = ansible.playbook("dockmaster.harbor.configure", "-e", "configure_files=nowhere/*.yml", **connection)
    assert run.returncode == 2 and "configure_files" in run.stdout and "nowhere/*.yml" in run.stdout, run.stdout


def test_export_feeds_configure(ansible: Ansible, harbor: Server, connection: dict[str, str], files: str) -> None:
    """What export writes, configure takes back without a change; module_defaults name the action group once."""
    play = [
        {
            "hosts": "localhost",
            "gather_facts": False,
            "module_defaults": {"group/dockmaster.harbor.harbor": {"harbor_timeout": 30}},
            "tasks": [{"name": "Export", "dockmaster.harbor.export": {"path": str(ansible.home / "exported.yml")}}],
        }
    ]
    assert ansible.playbook("dockmaster.harbor.configure", "-e", files, **connection).returncode == 0
    export = ansible.playbook(str(write(ansible.home / "export.yml", play)), **connection)
    assert export.returncode == 0 and "changed=1" in export.stdout, export.stdout
    exported = Path(ansible.home / "exported.yml")
    assert CANARY not in exported.read_text() and exported.stat().st_mode & 0o777 == 0o600
    again = ansible.playbook("dockmaster.harbor.configure", "-e", "configure_files=exported.yml", **connection)
    assert again.returncode == 0 and "changed=0" in again.stdout, again.stdout


def test_an_empty_list_takes_nothing_away(ansible: Ansible, harbor: Server, connection: dict[str, str], files: str) -> None:
    """A key with nothing below it says nothing about the lists of other files."""
    write(ansible.home / "harbor/zz.yml", {"projects": None, "robots": None})
    run = ansible.playbook("dockmaster.harbor.configure", "-e", files, "--check", "--diff", **connection)
    assert all(f"name: {name}" in run.stdout for name in ("payments", "platform", "runtime", "ci")), run.stdout


def test_a_file_that_is_no_yaml_is_named(ansible: Ansible, connection: dict[str, str], files: str) -> None:
    """Without what is in it."""
    (ansible.home / "harbor/broken.yml").write_text(f"robots: [{{secret: {CANARY}\n")
    run = ansible.playbook("dockmaster.harbor.configure", "-e", files, **connection)
    assert run.returncode == 2 and "harbor/broken.yml cannot be read" in run.stdout, run.stdout
    assert CANARY not in run.stdout
