# Copyright: the dockmaster.harbor contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""`ansible-playbook dockmaster.harbor.configure` from the installed tarball."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import requests
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
    assert run.returncode == 2 and "nowhere/*.yml matches no file" in run.stdout, run.stdout


def test_export_feeds_configure(ansible: Ansible, harbor: Server, connection: dict[str, str], files: str) -> None:
    """What export writes, configure takes back without a change."""
    assert ansible.playbook("dockmaster.harbor.configure", "-e", files, **connection).returncode == 0
    export = ansible.playbook("dockmaster.harbor.export", "-e", "export_file=exported.yml", **connection)
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
    assert run.returncode == 2 and "harbor/broken.yml: cannot be read" in run.stdout, run.stdout
    assert CANARY not in run.stdout


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("twice.yml", "projects:\n  - {name: alpha}\nlabels: []\nprojects:\n  - {name: beta}\n"),
        ("twice.json", '{"projects": [{"name": "alpha"}],\n\t"projects": [{"name": "beta"}]}'),
    ],
)
def test_a_list_that_is_there_twice_is_refused(ansible: Ansible, connection: dict[str, str], name: str, text: str) -> None:
    """Of two lists YAML takes the last: what the first one declares would be lost without a word."""
    (ansible.home / name).write_text(text)
    run = ansible.playbook("dockmaster.harbor.configure", "-e", f"configure_files={name}", **connection)
    assert run.returncode == 2 and f"{name}: 'projects' " in run.stdout and "each key once" in run.stdout, run.stdout


def test_drift(ansible: Ansible, harbor: Server, connection: dict[str, str], files: str) -> None:
    """The report says what differs, the exit code that something does, and nothing is written."""
    arguments = ("dockmaster.harbor.drift", "-e", files, "-e", "drift_report=drift.json")
    report = ansible.home / "drift.json"
    missing = ansible.playbook(*arguments, **connection)
    assert missing.returncode == 2 and writes(harbor) == [], missing.stdout
    content = json.loads(report.read_text())
    assert content["status"] == "drift" and content["summary"]["create"] == len(content["changes"]) == len(content["diff"])
    assert "create   project                  payments " in missing.stdout
    assert CANARY not in missing.stdout + report.read_text() and report.stat().st_mode & 0o777 == 0o600
    assert ansible.playbook(*arguments, "-e", "drift_fail=false", **connection).returncode == 0

    assert ansible.playbook("dockmaster.harbor.configure", "-e", files, **connection).returncode == 0
    before = len(writes(harbor))
    none = ansible.playbook(*arguments, **connection)
    assert none.returncode == 0 and "nothing differs" in none.stdout and "changed=0" in none.stdout, none.stdout
    assert json.loads(report.read_text())["status"] == "in sync" and len(writes(harbor)) == before

    wrong = ansible.playbook(*arguments, **{**connection, "HARBOR_PASSWORD": "Wrong12345"})
    content = json.loads(report.read_text())
    assert wrong.returncode == 2 and content["status"] == "error" and "harbor_password" in content["message"], wrong.stdout


def test_two_instances_from_one_tree(ansible: Ansible, harbor: Server, files: str) -> None:
    """One host of harbor_instances for each Harbor; an overlay says what is different in one of them."""
    overlay = {"projects": [{"name": "payments", "storage_limit": "1GiB"}]}
    write(ansible.home / "overlays/dr/quota.yml", overlay)
    with Server() as second:
        hosts = {
            "production": {"configure_url": harbor.url},
            "dr": {"configure_url": second.url, "configure_overlays": "overlays/dr"},
        }
        common = {"configure_username": "admin", "configure_password": harbor.password, "configure_files": "harbor/*.yml"}
        inventory = write(ansible.home / "instances.yml", {"harbor_instances": {"hosts": hosts, "vars": common}})
        for run in ("dockmaster.harbor.configure", "dockmaster.harbor.drift"):
            result = ansible.playbook("-i", str(inventory), run)
            assert result.returncode == 0 and result.stdout.count("failed=0") == 2, result.stdout
        limits = []
        for server in (harbor, second):
            rows = requests.get(f"{server.url}/api/v2.0/quotas", auth=(server.username, server.password), timeout=30).json()
            limits.append(next(row["hard"]["storage"] for row in rows if row["ref"]["name"] == "payments"))
    assert limits == [2 * 2**30, 2**30]


def test_several_instances_share_neither_address_nor_file(ansible: Ansible, harbor: Server, files: str) -> None:
    """HARBOR_URL would make two instances one Harbor, one file would hold the report of the last only."""
    hosts = {"production": {"configure_url": harbor.url}, "dr": {}}
    write(ansible.home / "instances.yml", {"harbor_instances": {"hosts": hosts}})
    connection = {"HARBOR_URL": harbor.url, "HARBOR_USERNAME": "admin", "HARBOR_PASSWORD": harbor.password}
    run = ansible.playbook("-i", "instances.yml", "dockmaster.harbor.configure", "-e", files, "--check", **connection)
    assert run.returncode == 2 and "configure_url: must be set for each of several instances" in run.stdout, run.stdout

    hosts["dr"] = {"configure_url": harbor.url}
    write(ansible.home / "instances.yml", {"harbor_instances": {"hosts": hosts}})
    for playbook, option in (("drift", "drift_report"), ("export", "export_file")):
        run = ansible.playbook("-i", "instances.yml", f"dockmaster.harbor.{playbook}", "-e", files, "-e", f"{option}=one.out", **connection)
        assert run.returncode == 2 and f"{option}: must hold {{{{ inventory_hostname }}}}" in run.stdout, run.stdout
        assert not (ansible.home / "one.out").exists()


def test_no_instance_is_no_success(ansible: Ansible, connection: dict[str, str], files: str) -> None:
    """A group without hosts is a mistake: a scheduler would take it for a Harbor that does not differ."""
    write(ansible.home / "instances.yml", {"harbor_instances": {"hosts": {}}})
    run = ansible.playbook("-i", "instances.yml", "dockmaster.harbor.drift", "-e", files, **connection)
    assert run.returncode != 0 and "the group harbor_instances of the inventory is empty" in run.stdout, run.stdout


def test_problems_name_file_and_place(ansible: Ansible, harbor: Server, connection: dict[str, str], files: str) -> None:
    """Those found in the files alone and those that only a look at Harbor shows; encrypted and templated files are read."""
    write(ansible.home / "harbor/one.yml", {"labels": [{"name": "a", "color": "much too long for a colour"}]})
    run = ansible.playbook("dockmaster.harbor.configure", "-e", files, **connection)
    assert run.returncode == 2 and "harbor/one.yml: labels[0] (a): color: " in run.stdout and harbor.log == [], run.stdout
    write(ansible.home / "harbor/one.yml", {"labels": [{"name": "{{ word }}", "project": "nowhere"}]})
    run = ansible.playbook("dockmaster.harbor.configure", "-e", files, "-e", "word=b", **connection)
    expected = "label nowhere/b: project: 'nowhere' is neither in Harbor nor declared in projects ("
    assert run.returncode == 2 and expected in run.stdout and "harbor/one.yml: labels[0])" in run.stdout, run.stdout
    run = ansible.playbook("dockmaster.harbor.configure", "-e", files, **connection)
    assert run.returncode == 2 and "harbor/one.yml: 'word' is undefined" in run.stdout, run.stdout
