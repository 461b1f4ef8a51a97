# Copyright: the dockmaster.harbor contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What roles find out about a host in one call, and what they touch because of it."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path
from typing import Any

import pytest
from ansible.errors import AnsibleFilterError
from ansible_collections.dockmaster.harbor.plugins.filter.differing import differing
from ansible_collections.dockmaster.harbor.plugins.filter.unread import unread
from ansible_collections.dockmaster.harbor.plugins.modules import host_info

ROOT: dict[str, Any] = {"owner": "root", "group": "root", "mode": "0644"}
STARTED = 1764403200.0


def there(text: str = "a\n", **more: Any) -> dict[str, Any]:
    """A file as host_info returns it, older than the process."""
    digest = hashlib.sha256(text.encode()).hexdigest()
    return {"type": "file", **ROOT, "sha256": digest, "modified": STARTED - 1, "link": None, **more}


def test_a_file_is_described(tmp_path: Path) -> None:
    file = tmp_path / "settings.conf"
    file.write_text("a\n")
    file.chmod(0o640)
    os.utime(file, (STARTED, STARTED))
    seen = host_info.look(file)
    assert seen is not None
    assert (seen["type"], seen["mode"], seen["modified"], seen["link"]) == ("file", "0640", STARTED, None)
    assert seen["sha256"] == hashlib.sha256(b"a\n").hexdigest()
    assert seen["owner"] == host_info.name_of(host_info.pwd.getpwuid, os.getuid())


def test_directories_links_and_large_files_have_no_digest(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "link").symlink_to("large")
    (tmp_path / "large").write_text("abc")
    monkeypatch.setattr(host_info, "LARGEST", 2)
    large, link, directory = (host_info.look(path) for path in (tmp_path / "large", tmp_path / "link", tmp_path))
    assert large and link and directory
    assert (large["sha256"], link["link"], link["type"], directory["type"]) == (None, "large", "file", "directory")


@pytest.mark.parametrize("path", ["missing", "file/below", "dangling"])
def test_what_does_not_exist_is_nothing(tmp_path: Path, path: str) -> None:
    (tmp_path / "file").write_text("")
    (tmp_path / "dangling").symlink_to("nowhere")
    assert host_info.look(tmp_path / path) is None


def test_what_cannot_be_looked_at_is_not_taken_for_missing(tmp_path: Path) -> None:
    (tmp_path / "loop").symlink_to("loop")
    with pytest.raises(OSError, match="loop"):
        host_info.look(tmp_path / "loop")


def test_numbers_without_names_stay_numbers() -> None:
    assert host_info.name_of(host_info.pwd.getpwuid, 987654) == "987654"


def test_units_as_systemctl_describes_them() -> None:
    started = "ExecMainStartTimestamp=Sat 2025-11-29 08:00:00.250000 UTC"
    changed = "StateChangeTimestamp=Sat 2025-11-29 08:00:02.500000 UTC"
    running = f"{started}\n{changed}\nActiveState=activating\nMainPID=7\nUnitFileState=enabled\nNeedDaemonReload=yes"
    unknown = "ExecMainStartTimestamp=\nStateChangeTimestamp=\nActiveState=inactive\nMainPID=0\nUnitFileState=\nNeedDaemonReload=no"
    times = {"started": STARTED + 0.25, "changed": STARTED + 2.5}
    assert host_info.unit_of(running) == {"active": False, "running": True, "enabled": True, "stale": True, **times}
    times = {"started": None, "changed": None}
    assert host_info.unit_of(unknown) == {"active": False, "running": False, "enabled": False, "stale": False, **times}


@pytest.mark.parametrize(("pattern", "found"), [(r"^size: (\d+)", "2"), (r"^\s+size: (\d+)", "1"), (r"^weight: (\d+)", None)])
def test_a_file_says_what_it_says(tmp_path: Path, pattern: str, found: str | None) -> None:
    file = tmp_path / "settings.conf"
    file.write_text("first:\n  size: 1\nsize: 2\n")
    assert host_info.read_out(file, host_info.re.compile(pattern, host_info.re.MULTILINE)) == found
    assert host_info.read_out(tmp_path / "missing", host_info.re.compile(pattern)) is None


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        ({"content": "a\n"}, there()),
        ({}, there(type="directory", sha256=None)),
        ({"type": "file"}, there("anything")),
        ({"link": "../certs"}, there(link="../certs", owner="other")),
        ({"source": "/source"}, there("same")),
    ],
)
def test_what_is_as_wanted_is_left_alone(wanted: dict[str, Any], found: dict[str, Any]) -> None:
    assert differing([{"path": "/x", **ROOT, **wanted}], {"/x": found, "/source": there("same")}) == []


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        ({"content": "a\n"}, None),
        ({"content": "b\n"}, there()),
        ({"content": "a\n"}, there(owner="other")),
        ({"content": "a\n"}, there(group="other")),
        ({"content": "a\n"}, there(mode="0666")),
        ({"content": ""}, there(type="directory", sha256=None)),
        ({}, there()),
        ({"type": "file"}, there(mode="0600")),
        ({"link": "../certs"}, there(link="elsewhere")),
        ({"link": "../certs"}, there(type="directory")),
        ({"source": "/source"}, there("other")),
        ({"source": "/missing"}, there("same")),
        ({"source": "/large"}, there(sha256=None)),
    ],
)
def test_what_is_not_as_wanted_is_returned(wanted: dict[str, Any], found: dict[str, Any] | None) -> None:
    entry = {"path": "/x", **ROOT, **wanted, "validate": "true %s"}
    seen = {"/source": there("same"), "/large": there(sha256=None), **({"/x": found} if found else {})}
    assert differing([entry], seen) == [entry]


def test_an_entry_without_owner_is_an_error() -> None:
    with pytest.raises(AnsibleFilterError, match="/x has no owner, mode"):
        differing([{"path": "/x", "group": "root", "content": ""}], {})


UNITS = {"on": {"running": True, "started": STARTED}, "off": {"running": False, "started": STARTED - 100}}
FILES = [{"path": "/a", "content": "a\n"}, {"path": "/b", "content": "b\n"}]


@pytest.mark.parametrize(
    ("paths", "expected"),
    [
        ({"/a": there(), "/b": there("b\n")}, []),
        ({"/a": there(mode="0600"), "/b": there("b\n", owner="other")}, []),
        ({"/a": there("old"), "/b": there("b\n")}, ["/a"]),
        ({"/a": there(modified=STARTED + 0.1), "/b": there("b\n")}, ["/a"]),
        ({"/a": there()}, ["/b"]),
    ],
)
def test_a_process_has_read_what_it_was_started_after(paths: dict[str, Any], expected: list[str]) -> None:
    assert unread(FILES, {"paths": paths, "units": UNITS}, "on") == expected
    assert unread(FILES, {"paths": paths, "units": UNITS}, "off") == []


def test_a_process_has_read_what_it_was_reloaded_after() -> None:
    units = {"on": {"running": True, "started": STARTED, "changed": STARTED + 10}}
    paths = {"/a": there(modified=STARTED + 5), "/b": there("b\n", modified=STARTED + 15)}
    assert unread(FILES, {"paths": paths, "units": units}, "on") == ["/a", "/b"]
    assert unread(FILES, {"paths": paths, "units": units}, "on", since="changed") == ["/b"]
