# Copyright: the dockmaster.harbor contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the role minio sees of drives before it changes anything: whose they are, and where they stand in their pool."""

from __future__ import annotations

import importlib.util
import json
from pathlib import Path

import pytest

FILE = Path(__file__).resolve().parent.parent.parent / "roles/minio/files/observe.py"
SPEC = importlib.util.spec_from_file_location("minio_observe", FILE)
assert SPEC and SPEC.loader
observe = importlib.util.module_from_spec(SPEC)
SPEC.loader.exec_module(observe)


def formatted(drive: Path, this: str, sets: list[list[str]]) -> Path:
    """A drive as MinIO leaves it."""
    (drive / ".minio.sys").mkdir(parents=True)
    (drive / "registry").mkdir()
    (drive / ".minio.sys/format.json").write_text(json.dumps({"id": "cluster", "xl": {"this": this, "sets": sets}}))
    return drive


def test_a_drive_knows_its_place_in_its_pool(tmp_path: Path) -> None:
    drive = formatted(tmp_path / "1", "d", [["a", "b"], ["c", "d"]])
    seen = observe.look(drive, [drive])
    assert (seen["deployment"], seen["place"], seen["foreign"]) == ("cluster", [3, 4], [])


def test_a_fresh_drive_has_none(tmp_path: Path) -> None:
    (tmp_path / "lost+found").mkdir()
    (tmp_path / "notes.txt").touch()
    seen = observe.look(tmp_path, [tmp_path])
    assert (seen["deployment"], seen["place"], seen["foreign"]) == (None, None, ["notes.txt"])


def test_a_drive_that_is_not_mounted_is_on_the_file_system_of_others(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    drives = [tmp_path / "1", tmp_path / "2"]
    for mounted, shared in (({"1", "2"}, [False, False]), ({"1"}, [False, True]), (set(), [True, True])):
        mounts = {str(tmp_path), *(str(tmp_path / name) for name in mounted), "/"}
        monkeypatch.setattr(Path, "is_mount", lambda path, mounts=mounts: str(path) in mounts)
        for drive in drives:
            drive.mkdir(exist_ok=True)
        assert [observe.shared(drive, drives) for drive in drives] == shared


def test_a_drive_on_the_root_file_system_is_shared(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Path, "is_mount", lambda path: str(path) == "/")
    assert observe.shared(tmp_path / "not/there", [tmp_path / "not/there"])


def test_pools_are_read_as_the_role_writes_them(tmp_path: Path) -> None:
    file = tmp_path / "config.yaml"
    file.write_text(
        '# managed\nversion: v2\npools:\n  - args:\n      - "https://a/1"\n      - "https://a/2"\n  - args:\n      - "https://b/3"\n'
    )
    assert observe.pools(file) == [["https://a/1", "https://a/2"], ["https://b/3"]]
    assert observe.pools(tmp_path / "none") == []
