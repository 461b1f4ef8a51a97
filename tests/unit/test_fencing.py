# Copyright: the dockmaster.harbor contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The fencing service of the role postgresql: a leader key is removed only for a leader that is silent and proven to be off."""

from __future__ import annotations

import importlib.util
import json
import sys
from pathlib import Path
from typing import Any

import pytest

FILE = Path(__file__).resolve().parent.parent.parent / "roles/postgresql/files/fence.py"
SPEC = importlib.util.spec_from_file_location("fence", FILE)
assert SPEC and SPEC.loader
fence = importlib.util.module_from_spec(SPEC)
sys.modules["fence"] = fence
SPEC.loader.exec_module(fence)

LEADER = fence.Leader("data1", "https://192.0.2.11:8008/patroni", "192.0.2.11", 5432, "7")


class Memory(fence.Store):
    """etcd as a dictionary; what it refuses it refuses as etcd does."""

    def __init__(self) -> None:
        self.prefix = "/service/harbor/"
        self.context = None
        self.held: fence.Leader | None = LEADER
        self.locked_by = ""
        self.removed: list[str] = []

    def leader(self) -> Any:
        return self.held

    def read(self, key: str) -> tuple[str, str]:
        return json.dumps({"api_url": "https://192.0.2.12:8008/patroni"}), "3"

    def lock(self, name: str) -> bool:
        free = not self.locked_by
        self.locked_by = self.locked_by or name
        return free

    def remove_leader(self, leader: Any) -> bool:
        if leader != self.held:
            return False
        self.removed.append(leader.name)
        self.held = None
        return True


@pytest.fixture
def store() -> Memory:
    return Memory()


@pytest.fixture
def watch(store: Memory, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """A replica whose leader answers nothing, with a command that proves it."""
    monkeypatch.setattr(fence, "answers", lambda leader: False)
    monkeypatch.setattr(fence, "may_take_over", lambda url, context: True)
    command = tmp_path / "off"
    command.write_text(f'#!/bin/sh\necho "$@" >>{tmp_path}/calls\nexit $(cat {tmp_path}/code)\n')
    command.chmod(0o755)
    (tmp_path / "code").write_text("0")
    settings = {"name": "data2", "command": str(command), "patience": 3, "timeout": 5}
    return fence.Watch(settings, store)


def calls(tmp_path: Path) -> str:
    file = tmp_path / "calls"
    return file.read_text() if file.exists() else ""


def test_a_silent_leader_that_is_proven_off_loses_its_key(watch: Any, store: Memory, tmp_path: Path) -> None:
    assert [watch.look(second) for second in (0, 1, 2, 3)] == ["silent", "silent", "silent", "removed"]
    assert calls(tmp_path) == "data1 192.0.2.11\n"
    assert store.removed == ["data1"]


def test_without_proof_nothing_is_removed(watch: Any, store: Memory, tmp_path: Path) -> None:
    (tmp_path / "code").write_text("1")
    assert [watch.look(second) for second in (0, 3, 4)] == ["silent", "unproven", "locked"]
    assert store.removed == []


@pytest.mark.parametrize("command", ["/nonexistent/off", "slow"])
def test_a_command_that_does_not_end_well_proves_nothing(watch: Any, store: Memory, tmp_path: Path, command: str) -> None:
    slow = tmp_path / "slow"
    slow.write_text("#!/bin/sh\nexec sleep 30\n")
    slow.chmod(0o755)
    watch.settings |= {"command": str(slow) if command == "slow" else command, "timeout": 0.2}
    assert [watch.look(second) for second in (0, 3)] == ["silent", "unproven"]
    assert store.removed == []


def test_a_sign_of_life_starts_the_wait_again(watch: Any, store: Memory, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert watch.look(0) == "silent"
    monkeypatch.setattr(fence, "answers", lambda leader: True)
    assert watch.look(2) == "quiet"
    monkeypatch.setattr(fence, "answers", lambda leader: False)
    assert [watch.look(second) for second in (3, 5)] == ["silent", "silent"]
    assert calls(tmp_path) == "" and store.removed == []


def test_a_new_leader_gets_a_wait_of_its_own(watch: Any, store: Memory, tmp_path: Path) -> None:
    watch.look(0)
    store.held = fence.Leader("data3", "https://192.0.2.13:8008/patroni", "192.0.2.13", 5432, "9")
    assert watch.look(4) == "silent"
    assert calls(tmp_path) == ""


def test_a_key_that_changed_meanwhile_stays(watch: Any, store: Memory, monkeypatch: pytest.MonkeyPatch) -> None:
    def off_and_on(command: str, leader: Any, timeout: float) -> bool:
        store.held = fence.Leader("data1", leader.api_url, leader.host, leader.port, "8")
        return True

    monkeypatch.setattr(fence, "fence", off_and_on)
    assert [watch.look(second) for second in (0, 3)] == ["silent", "changed"]
    assert store.removed == []


def test_only_who_could_take_over_fences(watch: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fence, "may_take_over", lambda url, context: False)
    assert [watch.look(second) for second in (0, 3)] == ["silent", "not ready"]
    assert calls(tmp_path) == ""


@pytest.mark.parametrize("held", [None, fence.Leader("data2", LEADER.api_url, LEADER.host, LEADER.port, "7")])
def test_nobody_fences_itself_or_nobody(watch: Any, store: Memory, tmp_path: Path, held: Any) -> None:
    store.held = held
    assert [watch.look(second) for second in (0, 9)] == ["quiet", "quiet"]
    assert calls(tmp_path) == ""


def test_renewed_certificates_are_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "fencing.json"
    file.write_text(json.dumps({"endpoints": [], "scope": "harbor", "directory": str(tmp_path), "name": "data2"}))
    renewed, seen = iter("abc"), []
    monkeypatch.setattr(fence, "identity", lambda directory: next(renewed))
    monkeypatch.setattr(fence.Watch, "look", lambda watch, now: seen.append(watch.store.context))
    monkeypatch.setattr(fence.time, "sleep", lambda seconds: None)
    monkeypatch.setattr(sys, "argv", ["fence.py", str(file)])
    # The third look finds no certificate any more.
    with pytest.raises(StopIteration):
        fence.main()
    assert seen == ["b", "c"]
