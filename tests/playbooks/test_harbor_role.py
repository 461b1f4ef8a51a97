# Copyright: the dockmaster.harbor contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the harbor role refuses before it touches a host: one message that names the variable and what is allowed, never a secret."""

from __future__ import annotations

import hashlib
import json
import subprocess
from typing import Any

import pytest

from .conftest import COLLECTIONS, Ansible, write

SECRET = "Canary0secret0Canary0secret0Cana"  # 32 letters and digits
GOOD = {
    "harbor_external_url": "https://registry.example.com",
    "harbor_tls_certificate_file": "/nonexistent/tls.crt",
    "harbor_tls_private_key_file": "/nonexistent/tls.key",
    "harbor_admin_password": SECRET,
    "harbor_secret_key": SECRET[:16],
    "harbor_token_private_key": "-----BEGIN RSA PRIVATE KEY-----\nAAAA\n-----END RSA PRIVATE KEY-----\n",
    "harbor_core_secret": SECRET,
    "harbor_jobservice_secret": SECRET,
    "harbor_registry_http_secret": SECRET,
    "harbor_registry_password": SECRET,
    "harbor_registry_password_hash": "$2y$04$sTHu1dbZNytwtcGgJW02zO7CZsmxDIGw2P9iT9ebDMTBXohnJ73ci",
    "harbor_csrf_key": SECRET,
    "harbor_robot_scanner_prefix": "scanner1",
    "harbor_database_host": "192.0.2.1",
    "harbor_database_password": SECRET,
    "harbor_redis_host": "192.0.2.1",
    "harbor_redis_password": SECRET,
}
BAD = {
    "a secret key with a newline": ({"harbor_secret_key": SECRET[:16] + "\n"}, "harbor_secret_key has 17 characters"),
    "a PKCS#8 token key": ({"harbor_token_private_key": "-----BEGIN PRIVATE KEY-----\nAAAA\n"}, "it must be an RSA key in PKCS#1"),
    "a short CSRF key": ({"harbor_csrf_key": SECRET[:31]}, "harbor_csrf_key has 31 characters"),
    "a plain registry password as hash": ({"harbor_registry_password_hash": SECRET}, "must be the bcrypt hash"),
    "the hash of another registry password": ({"harbor_registry_password": SECRET[::-1]}, "is the hash of another password"),
    "a value that an environment file cannot hold": ({"harbor_http_proxy": "http://it's"}, "HTTP_PROXY: a value with a single quote"),
    "a password with a backslash at its end": ({"harbor_admin_password": SECRET + "\\"}, "HARBOR_ADMIN_PASSWORD: a value with"),
    "a database on localhost": ({"harbor_database_host": "localhost"}, "inside a container localhost is the container"),
    "a database password with a quote": ({"harbor_database_password": SECRET + "'"}, "one with blanks, quotes or backslashes"),
    "plain http": ({"harbor_external_url": "http://registry.example.com"}, "it must be https://host"),
    "a path in the URL": ({"harbor_external_url": "https://registry.example.com/"}, "without a path or a slash at the end"),
    "another line of Harbor": ({"harbor_version": "2.14.4"}, "harbor_version is 2.14.4; this role renders the files of 2.15"),
    "a directory by another name": ({"harbor_directory": "/srv//harbor"}, "without //, /./ and /../"),
    "two nodes on a file system": ({"harbor_hosts": ["node1", "node2"]}, "several nodes need storage that they share"),
    "S3 without a bucket": ({"harbor_storage_type": "s3"}, "harbor_s3_bucket"),
    "more connections than the server grants": (
        {"harbor_database_max_open_connections": 40, "harbor_database_connection_limit": 79},
        "1 nodes x 2 services x harbor_database_max_open_connections 40 is more than harbor_database_connection_limit 79",
    ),
    "two databases in one": (
        {"harbor_redis_databases": {"registry": 1, "jobservice": 1, "trivy": 5, "cache": 7}},
        "all different and none of them 0",
    ),
    "a name for the job service": (
        {"harbor_compose_overrides": {"jobservice": {"hostname": "one"}}},
        "nodes with the same one would run schedules twice",
    ),
}


@pytest.mark.parametrize("core", ["development"], indirect=True)
@pytest.mark.parametrize("case", BAD)
def test_bad_input_is_named(ansible: Ansible, case: str) -> None:
    """The role stops at its first assertion, on a host of which it has read nothing but the facts."""
    variables, message = BAD[case]
    run = preflight(ansible, {"node1": {}}, variables)
    text = " ".join(run.stdout.split())
    assert run.returncode == 2 and message in text, run.stdout
    assert SECRET[:16] not in text


@pytest.mark.parametrize("core", ["development"], indirect=True)
def test_nodes_with_different_secrets_are_refused(ansible: Ansible) -> None:
    """By a digest: neither secret is shown."""
    shared = {"harbor_hosts": ["node1", "node2"], "harbor_storage_type": "s3", "harbor_s3_bucket": "registry"}
    shared |= {"harbor_s3_access_key": "registry", "harbor_s3_secret_key": SECRET}
    same = preflight(ansible, {"node1": {}, "node2": {}}, shared)
    other = preflight(ansible, {"node1": {}, "node2": {"harbor_csrf_key": SECRET[:31] + "x"}}, shared)
    text = " ".join(other.stdout.split())
    assert "differ between the nodes" not in same.stdout, same.stdout
    assert other.returncode == 2 and "differ between the nodes node1, node2: set them once for the group" in text, other.stdout
    assert SECRET[:31] not in other.stdout


OFF = {"ansible_connection": "ssh", "ansible_host": "127.0.0.1", "ansible_port": 1}


@pytest.mark.parametrize("core", ["development"], indirect=True)
@pytest.mark.parametrize(
    ("other", "held", "status"), [(OFF, "", 0), ({}, "", 0), ({}, "the same", 0), ({}, "others", 2)], ids=["off", "new", "same", "others"]
)
def test_one_node_alone_needs_the_secrets_of_the_others(ansible: Ansible, other: dict[str, Any], held: str, status: int) -> None:
    """A node that is off, or that has none yet, keeps nobody from looking after the rest."""
    directory = ansible.home / "harbor"
    directory.mkdir()
    keys = ("secret_key", "token_private_key", "core_secret", "jobservice_secret", "registry_http_secret", "registry_password")
    keys += ("registry_password_hash", "csrf_key", "robot_scanner_prefix")
    shared = json.dumps([GOOD[f"harbor_{key}"].strip() for key in keys])
    if held:
        (directory / "shared.sha256").write_text(hashlib.sha256((shared if held == "the same" else held).encode()).hexdigest() + "\n")
    variables = {"harbor_hosts": ["node1", "node2"], "harbor_storage_type": "s3", "harbor_s3_bucket": "registry"}
    variables |= {"harbor_s3_access_key": "registry", "harbor_s3_secret_key": SECRET, "harbor_directory": str(directory)}
    run = preflight(ansible, {"node1": {}, "node2": other}, variables, "--limit", "node1")
    assert run.returncode == status, run.stdout
    assert ("the secrets of node2 are others" in " ".join(run.stdout.split())) is (status == 2), run.stdout


def preflight(
    ansible: Ansible, hosts: dict[str, dict[str, Any]], variables: dict[str, Any], *options: str
) -> subprocess.CompletedProcess[str]:
    """Run the role on hosts that are this machine, up to where it looks at more than its variables."""
    local = {"ansible_connection": "local", "ansible_python_interpreter": "/usr/bin/python3"}
    # The role knows one distribution; what it would find here does not matter, for it must not come that far.
    facts = {"ansible_facts": {"distribution": "Debian", "distribution_major_version": "13"}}
    play = [
        {
            "hosts": "all",
            "any_errors_fatal": True,
            "pre_tasks": [{"name": "Pose as a supported host", "ansible.builtin.set_fact": facts}],
            "tasks": [{"ansible.builtin.include_role": {"name": "dockmaster.harbor.harbor", "tasks_from": "preflight"}}],
        }
    ]
    inventory = write(ansible.home / "hosts.yml", {"all": {"hosts": hosts, "vars": {**local, **GOOD, **variables}}})
    return ansible.playbook("-i", str(inventory), str(write(ansible.home / "play.yml", play)), *options)


def local(ansible: Ansible, tasks: list[dict[str, Any]], hosts: dict[str, dict[str, Any]], *arguments: str) -> tuple[int, str]:
    """Run tasks on hosts that are this machine, with the role's own variables and what it would have found; returns status and output."""
    variables = {
        "ansible_connection": "local",
        "ansible_python_interpreter": "/usr/bin/python3",
        "harbor_directory": str(ansible.home / "harbor"),
        "harbor_hosts": list(hosts),
        "harbor_start_timeout": 3,
        "harbor_drain_seconds": 0,
    }
    inventory = write(ansible.home / "hosts.yml", {"all": {"hosts": hosts, "vars": variables}})
    files = [str(COLLECTIONS / f"ansible_collections/dockmaster/harbor/roles/harbor/vars/main/{name}.yml") for name in ("main", "rules")]
    book = [{"hosts": "all", "gather_facts": False, "vars_files": files, "tasks": tasks}]
    ran = ansible.playbook("-i", str(inventory), str(write(ansible.home / "play.yml", book)), *arguments)
    return ran.returncode, ran.stdout


def found(ansible: Ansible, drained: str) -> dict[str, Any]:
    """What the role finds on a node whose nginx runs and that somebody has drained."""
    checksum = hashlib.sha256(f"{drained}\n".encode()).hexdigest()
    mark = {"path": str(ansible.home / "harbor/nginx/drain"), "checksum": checksum, "uid": 0, "gid": 0, "mode": "0644"}
    nginx = json.dumps({"Names": "nginx", "State": "running", "Status": "Up 1 hour (healthy)", "Image": "nginx"})
    return {"__harbor_found": {"files": [mark] if drained else []}, "__harbor_ps": {"stdout_lines": [nginx]}}


@pytest.mark.parametrize("core", ["development"], indirect=True)
def test_a_node_that_a_run_left_drained_comes_before_those_that_serve(ansible: Ansible) -> None:
    """Otherwise the first one is refused as the only one that serves, in every run."""
    hosts = {"node1": found(ansible, ""), "node2": found(ansible, "a run of the role harbor"), "node3": found(ansible, "maintenance")}
    tasks = [
        {"ansible.builtin.set_fact": {"__harbor_serving": "{{ _harbor_serving }}"}},
        {"ansible.builtin.debug": {"msg": "{{ inventory_hostname }} is drained by {{ _harbor_drained or 'nobody' }}"}},
        {"ansible.builtin.debug": {"msg": "batches {{ _harbor_batches | to_json }}"}, "run_once": True},
    ]
    status, output = local(ansible, tasks, hosts)
    assert status == 0, output
    assert all(f"{name} is drained by {who}" in output for name, who in {"node1": "nobody", "node2": "role", "node3": "human"}.items()), (
        output
    )
    assert '[["node2"], ["node1"], ["node3"]]' in output.replace("\\", ""), output


@pytest.mark.parametrize("core", ["development"], indirect=True)
@pytest.mark.parametrize(
    ("health", "arguments", "status", "stays"), [("healthy", (), 0, False), ("unhealthy", (), 2, True), ("", ("--check",), 0, True)]
)
def test_a_node_that_a_run_left_drained_is_put_back_when_it_is_well(
    ansible: Ansible, health: str, arguments: tuple[str, ...], status: int, stays: bool
) -> None:
    mark = ansible.home / "harbor/nginx/drain"
    docker = ansible.home / "bin/docker"
    for file in (mark, docker):
        file.parent.mkdir(parents=True)
    mark.write_text("a run of the role harbor\n")
    docker.write_text(f"#!/bin/sh\necho '{json.dumps({'status': health, 'components': []})}'\n")
    docker.chmod(0o755)
    environment = {"PATH": f"{docker.parent}:/usr/bin:/bin"}
    resume = {
        "ansible.builtin.include_role": {"name": "dockmaster.harbor.harbor", "tasks_from": "resume", "apply": {"environment": environment}}
    }
    ended, output = local(ansible, [resume], {"node1": {}}, *arguments)
    assert ended == status and mark.exists() is stays, output
    assert ("changed=1" in output) is (status == 0)


@pytest.mark.parametrize("core", ["development"], indirect=True)
def test_a_harbor_of_somebody_else_is_refused(ansible: Ansible) -> None:
    """Compose would take its containers over by their common project, and remove its database."""
    foreign = {"Names": "harbor-core", "Image": "goharbor/harbor-core:v2.15.2", "Labels": "com.docker.compose.project=harbor"}
    own = {**foreign, "Labels": f"{foreign['Labels']},dockmaster.harbor.files=0123"}
    # Of a run that was cut off after it had removed the others.
    left = {"Names": "nginx", "Labels": f"{foreign['Labels']},com.docker.compose.project.config_files={ansible.home}/harbor/compose.yml"}
    hosts = {
        name: {**GOOD, "__harbor_found": {"files": []}, "__harbor_ps": {"stdout_lines": [json.dumps(each) for each in containers]}}
        for name, containers in {"node1": [left], "node2": [foreign], "node3": [own], "node4": []}.items()
    }
    message = "{{ inventory_hostname }}: {{ _harbor_observed_rules | rejectattr('ok') | map(attribute='message') | map('trim') | join }}"
    status, output = local(ansible, [{"ansible.builtin.debug": {"msg": message}}], hosts, "-e", "harbor_version=2.15.2")
    text = " ".join(output.split())
    assert status == 0 and text.count("that this role did not install: harbor-core. Nothing was changed.") == 1, output
    assert "node2: there is a Harbor" in text, output


CONTENT = {"compose.yml": "new", "nginx/nginx.conf": "new"}
NOTED = {"compose-state": hashlib.sha256(b"new").hexdigest(), "proxy-state": hashlib.sha256(b'["new"]').hexdigest()}


@pytest.mark.parametrize("core", ["development"], indirect=True)
@pytest.mark.parametrize(
    ("on_disk", "differing", "expected"),
    [
        (NOTED, [], ("False", "False", [])),
        ({}, [], ("True", "True", ["proxy-state"])),
        # Of a change that was cut off and taken back, or by hand: what runs is not what was noted.
        (NOTED, ["compose.yml"], ("True", "False", ["compose-state"])),
        (NOTED, ["registry/passwd"], ("True", "False", ["compose-state"])),
        (NOTED, ["nginx/nginx.conf"], ("False", "True", ["proxy-state"])),
        (NOTED, ["tls/server.key", "core.env"], ("False", "True", ["proxy-state"])),
    ],
)
def test_what_runs_is_told_from_what_is_written(
    ansible: Ansible, on_disk: dict[str, str], differing: list[str], expected: tuple[str, str, list[str]]
) -> None:
    directory = str(ansible.home / "harbor")
    files = [
        {"path": f"{directory}/{name}", "checksum": hashlib.sha256(text.encode()).hexdigest(), "uid": 0, "gid": 0, "mode": "0640"}
        for name, text in on_disk.items()
    ]
    host = {"__harbor_found": {"files": files}, "__harbor_ps": {"stdout_lines": []}, "__harbor_differing": differing}
    misled = ["registry"] if "registry/passwd" in differing else []
    known = {"__harbor_content": CONTENT, "_harbor_compose": {"services": {}}, "_harbor_misled_services": misled}
    known |= {"_harbor_source_checksums": {}, "_harbor_tls": {}}
    message = "{{ [_harbor_work | string, _harbor_proxy_reload | string, _harbor_void_notes] | to_json }}"
    status, output = local(ansible, [{"ansible.builtin.debug": {"msg": message}}], {"node1": host}, "-e", json.dumps(known))
    assert status == 0 and json.dumps(list(expected)) in output.replace("\\", ""), output
