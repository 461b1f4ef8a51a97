# Copyright: the dockmaster.harbor contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a node says of its certificates and disks: those that it uses, wherever they are."""

from __future__ import annotations

import importlib.util
import os
from pathlib import Path

import pytest

FILE = Path(__file__).resolve().parent.parent.parent / "playbooks/files/status.py"
SPEC = importlib.util.spec_from_file_location("status", FILE)
assert SPEC and SPEC.loader
status = importlib.util.module_from_spec(SPEC)
SPEC.loader.exec_module(status)

# As the roles write them.
FILES = {
    "etcd/etcd.env": "# by the role\nETCD_NAME=data1\nETCD_DATA_DIR=/disks/etcd\n",
    "postgresql/patroni.yml": "postgresql:\n  bin_dir: /usr/lib/postgresql/17/bin\n  data_dir: /disks/postgresql/17\n",
    "redis/redis.conf": "appendonly yes\nbind 192.0.2.11\ndir /disks/redis\n",
    "minio/config.yaml": 'pools:\n  - args:\n      - "https://192.0.2.11:9000/disks/minio1"\n      - "https://192.0.2.12:9000/disks/minio1"\n',
}
DATA = ["/disks/etcd", "/disks/postgresql/17", "/disks/redis", "/disks/minio1"]


@pytest.fixture
def base(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """What the roles write is here; nothing yet. No program answers."""
    monkeypatch.setattr(status, "BASE", tmp_path)

    def run(*command: str) -> str:
        raise FileNotFoundError(command[0])

    monkeypatch.setattr(status, "run", run)
    return tmp_path


@pytest.fixture
def docker(base: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Harbor in a directory of its own, with two containers; a certificate ends in 2030."""

    def run(*command: str) -> str:
        if command[0] == "openssl":
            return "notAfter=Jan  1 00:00:00 2030 GMT\n"
        text = " ".join(command)
        answers = {
            "ps --all --quiet": "1\n2\n",
            ".Label": f"{base}/harbor\n" * 2,
            ".Mounts": "/disks/harbor/job_logs\n\n",
            "DockerRootDir": "/d\n",
        }
        return next(answer for part, answer in answers.items() if part in text)

    monkeypatch.setattr(status, "run", run)
    return base


def test_data_is_where_the_services_are_told_to_keep_it(base: Path) -> None:
    assert status.data_directories() == []
    for name, text in FILES.items():
        (base / name).parent.mkdir()
        (base / name).write_text(text)
    assert status.data_directories() == DATA


def test_every_file_system_with_data_is_looked_at(docker: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []
    monkeypatch.setattr(status.Path, "exists", lambda path: asked.append(str(path)))
    assert status.disk() == {}
    assert [path for path in ("/", "/var/lib", "/d", "/disks/harbor/job_logs") if path not in asked] == []


def test_a_node_without_containers_has_disks_and_certificates_too(base: Path) -> None:
    assert status.disk()["/"]["size"] == os.statvfs("/").f_blocks * os.statvfs("/").f_frsize
    assert status.certificates() == {}


def test_the_certificate_of_harbor_is_where_compose_says(docker: Path) -> None:
    certificate = docker / "harbor/tls/server.crt"
    certificate.parent.mkdir(parents=True)
    certificate.touch()
    assert list(status.certificates()) == [str(certificate)]
