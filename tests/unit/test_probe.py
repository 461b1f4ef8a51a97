# Copyright: the dockmaster.harbor contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The clients of a drill: what they count, and that they use only what they are offered."""

from __future__ import annotations

import importlib.util
import json
import sys
import time
from pathlib import Path

import pytest

FILE = Path(__file__).resolve().parent.parent.parent / "playbooks/files/probe.py"
SPEC = importlib.util.spec_from_file_location("probe", FILE)
assert SPEC and SPEC.loader
probe = importlib.util.module_from_spec(SPEC)
SPEC.loader.exec_module(probe)


def test_an_outage_is_the_time_between_two_successes() -> None:
    begun = time.monotonic()

    def attempt() -> None:
        if 0.1 < time.monotonic() - begun < 0.5:
            raise OSError("gone\nfor now")

    seen = probe.watch(attempt, begun + 0.9)
    assert 0.4 <= seen["outage"] < 0.9
    assert 0 < seen["failed"] < seen["attempts"]
    assert len(seen["errors"]) == 3 and seen["errors"][0].endswith("s: OSError gone")


def test_nothing_is_used_that_is_not_offered(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """A watcher that is in one tier has no keys to the others."""
    monkeypatch.setitem(probe.PROBES, "redis", lambda _: lambda: None)
    monkeypatch.setattr(sys, "argv", ["-c", "0.2", json.dumps({"redis": ["192.0.2.31"], "etcd": [], "harbor": {}})])
    probe.main()
    assert list(json.loads(capsys.readouterr().out)) == ["redis"]


def test_without_keys_it_ends_before_it_measures(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """So that nothing is broken: the drill asks whether it still runs."""
    monkeypatch.setattr(probe, "BASE", tmp_path)
    monkeypatch.setattr(sys, "argv", ["-c", "60", json.dumps({"etcd": ["https://192.0.2.11:2379"]})])
    with pytest.raises(FileNotFoundError):
        probe.main()
