# Copyright: the dockmaster.harbor contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the minio role decides: which members are restarted, and how. Three hosts that are this machine, in check mode."""

from __future__ import annotations

import os
import re
import time
from pathlib import Path
from typing import Any

import pytest

from .conftest import Ansible, write

ROLE = "dockmaster.harbor.minio"
HOSTS = ("a", "b", "c")
# systemd as far as role and module ask it: one service, in the state that the environment says, started a minute ago.
SYSTEMCTL = """#!/bin/sh
started=$(date --utc --date='1 minute ago' '+%a %Y-%m-%d %H:%M:%S.%6N UTC')
case "$*" in
  *--property=MainPID*)
    printf 'ActiveState=%s\\nMainPID=%s\\n' "$STATE" "$([ "$STATE" = inactive ] && echo 0 || echo 4711)"
    printf 'UnitFileState=enabled\\nNeedDaemonReload=no\\nExecMainStartTimestamp=%s\\nStateChangeTimestamp=%s\\n' "$started" "$started" ;;
  *show*) printf 'LoadState=loaded\\nActiveState=%s\\n' "$STATE" ;;
  *is-enabled*) echo enabled ;;
esac
"""


# What a member reads at its start; all of them are empty here, as they are wanted.
FILES = ("minio.env", "config.yaml", "minio.service", "certs/CAs/ca.crt")


def place(home: Path, host: str, fresh: list[str]) -> dict[str, Any]:
    """The files of a member, of which some are newer than its process; returns its variables."""
    directory = home / host
    for name in ("minio", *FILES):
        file = directory / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.touch()
        if name not in fresh:
            os.utime(file, (time.time() - 3600,) * 2)
    return {"ansible_host": f"192.0.2.{HOSTS.index(host) + 1}", "directory": str(directory)}


def play(ansible: Ansible, states: dict[str, str], fresh: list[str], *arguments: str) -> tuple[int, str]:
    """Run what decides on restarts on the hosts with a state; the others are only predicted."""
    program = ansible.home / "bin/systemctl"
    program.parent.mkdir()
    program.write_text(SYSTEMCTL)
    program.chmod(0o755)
    hosts = {host: place(ansible.home, host, fresh if host == "a" else []) | {"state": states.get(host, "")} for host in HOSTS}
    local = {"ansible_connection": "local", "ansible_python_interpreter": "/usr/bin/python3"}
    inventory = write(ansible.home / "hosts.yml", {"all": {"hosts": hosts, "vars": local}})
    book = [
        {
            "hosts": "all",
            "gather_facts": False,
            "environment": {"PATH": f"{program.parent}:/usr/bin:/bin", "STATE": "{{ state }}"},
            "tasks": [
                {
                    "dockmaster.harbor.host_info": {
                        "paths": [f"{{{{ directory }}}}/{name}" for name in ("minio", *FILES)],
                        "units": ["minio"],
                    },
                    "register": "__minio_host",
                    "when": "state | length > 0",
                },
                *(
                    {"ansible.builtin.include_role": {"name": ROLE, "tasks_from": tasks}, "when": "state | length > 0"}
                    for tasks in ("compare", "configure")
                ),
            ],
        }
    ]
    variables = write(
        ansible.home / "variables.yml",
        {
            "minio_pools": [list(HOSTS)],
            "minio_drives": ["/srv/1"],
            "_minio_directory": "{{ directory }}",
            "_minio_unit": "{{ directory }}/minio.service",
            "_minio_program": "{{ directory }}/minio",
            "_minio_read_at_start": [{"path": f"{{{{ directory }}}}/{name}", "content": ""} for name in FILES],
            "_minio_files": [],
            "_minio_seen": {"digests": {"program": "0f1e"}},
            "_minio_wanted_digest": "0f1e",
        },
    )
    ran = ansible.playbook("-i", str(inventory), str(write(ansible.home / "play.yml", book)), "--check", "-e", f"@{variables}", *arguments)
    return ran.returncode, ran.stdout


def restarted(output: str) -> dict[str, list[str]]:
    """Which hosts were restarted together, and which one by one, by what the run says of its tasks."""
    found: dict[str, list[str]] = {"together": [], "one by one": []}
    for title, text in re.findall(r"TASK \[(.*?)\] \**\n(.*?)(?=\nTASK|\nPLAY)", output, re.DOTALL):
        if "Restart the outdated members together" in title:
            found["together"] += re.findall(r"changed: \[(\w)\]", text)
        elif match := re.search(r"Restart (\w)$", title):
            found["one by one"] += match.groups() if "changed:" in text else []
    return found


@pytest.mark.parametrize("core", ["development"], indirect=True)
@pytest.mark.parametrize(
    ("state", "fresh", "together", "alone"),
    [
        ("active", ["minio.service"], [], ["a"]),
        ("active", ["config.yaml"], ["a"], []),
        ("active", ["minio"], ["a"], []),
        # It waits for its peers, and would for ever.
        ("activating", ["config.yaml"], ["a"], []),
        ("activating", ["certs/CAs/ca.crt"], ["a"], []),
        ("activating", [], [], []),
        # It reads everything when it starts.
        ("inactive", ["config.yaml"], [], []),
    ],
)
def test_a_member_with_a_process_reads_what_is_newer(
    ansible: Ansible, state: str, fresh: list[str], together: list[str], alone: list[str]
) -> None:
    status, output = play(ansible, {"a": state, "b": "active"}, fresh)
    assert status == 0, output
    assert restarted(output) == {"together": together, "one by one": alone}, output


@pytest.mark.parametrize("core", ["development"], indirect=True)
@pytest.mark.parametrize(("fresh", "refused"), [("config.yaml", True), ("minio.service", False)])
def test_a_part_of_the_members_is_not_restarted_for_what_all_share(ansible: Ansible, fresh: str, refused: bool) -> None:
    status, output = play(ansible, {"a": "activating"}, [fresh], "--limit", "a")
    assert (status != 0) is refused, output
    assert ("run without --limit" in output) is refused


# What the role asks of Go: a program in $GOBIN.
GO = """#!/bin/sh
echo "$*" > "$GOBIN/minio"
"""


def build(ansible: Ansible, *arguments: str, checksum: str = "") -> tuple[int, str]:
    """Run what brings the program of a build host to a member, but for the member's own file, which belongs to root."""
    program = ansible.home / "bin/go"
    program.parent.mkdir(exist_ok=True)
    program.write_text(GO)
    program.chmod(0o755)
    variables = {
        "minio_pools": [["localhost"]],
        "minio_binary_build_host": "localhost",
        "minio_binary_checksum": checksum,
        "minio_build_directory": str(ansible.home / "build"),
        "minio_build_cache": str(ansible.home / "cache"),
        "_minio_program": str(ansible.home / "lib/minio"),
    }
    tasks = [{"ansible.builtin.include_role": {"name": ROLE, "tasks_from": tasks}, "tags": tasks} for tasks in ("build", "program")]
    book = [
        {
            "hosts": "localhost",
            "gather_facts": False,
            "environment": {"PATH": f"{program.parent}:/usr/bin:/bin"},
            "vars": {"ansible_python_interpreter": "/usr/bin/python3"},
            "tasks": tasks,
        }
    ]
    given = write(ansible.home / "variables.yml", variables)
    ran = ansible.playbook("-i", "localhost,", "-c", "local", str(write(ansible.home / "play.yml", book)), "-e", f"@{given}", *arguments)
    return ran.returncode, ran.stdout


@pytest.mark.parametrize("core", ["development"], indirect=True)
@pytest.mark.parametrize("checksum", ["", "sha256:" + "0" * 64])
def test_a_check_run_predicts_what_is_not_built_yet(ansible: Ansible, checksum: str) -> None:
    status, output = build(ansible, "--check", checksum=checksum)
    assert status == 0 and "would get MinIO" in output, output
    assert not (ansible.home / "build").exists() and not (ansible.home / "cache").exists()
    # Built, but not on this controller: still only predicted. Fetched: looked at.
    assert build(ansible, "--skip-tags", "program")[0] == 0
    (program,) = (ansible.home / "cache").iterdir()
    text = program.read_text()
    assert "github.com/minio/minio@" in text
    program.unlink()
    status, output = build(ansible, "--check")
    assert status == 0 and "would get MinIO" in output, output
    program.write_text(text)
    status, output = build(ansible, "--check")
    assert status == 0 and "would get MinIO" not in output, output


@pytest.mark.parametrize("core", ["development"], indirect=True)
def test_a_build_with_another_digest_is_refused(ansible: Ansible) -> None:
    for arguments in ((), ("--check",)):
        status, output = build(ansible, *arguments, checksum="sha256:" + "0" * 64)
        assert status == 2 and "Another compiler makes another program" in output, output
