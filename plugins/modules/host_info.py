#!/usr/bin/python
# Copyright: the dockmaster.harbor contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: host_info
short_description: Look at paths, packages and units of a host in one call
version_added: 1.0.0
description:
  - Returns type, owner, group, mode and digest of paths, what a file says, which packages are installed, and how systemd's units are.
  - Every call costs a second per host, and M(ansible.builtin.stat) and M(ansible.builtin.systemd_service) need one for each path and unit.
    The roles of this collection look once, and touch only what is not as it should be.
author:
  - The dockmaster.harbor contributors (@dockmaster)
options:
  paths:
    description: Absolute paths. Symbolic links are followed.
    type: list
    elements: str
    default: []
  packages:
    description: Names of Debian packages.
    type: list
    elements: str
    default: []
  units:
    description: Names of systemd's units.
    type: list
    elements: str
    default: []
  search:
    description: What to read out of text files.
    type: list
    elements: dict
    default: []
    suboptions:
      name:
        description: What to call it in RV(found).
        type: str
        required: true
      path:
        description: Absolute path of the file.
        type: str
        required: true
      pattern:
        description: Regular expression of Python with one group, looked for line by line.
        type: str
        required: true
extends_documentation_fragment:
  - dockmaster.harbor._attributes.read
seealso:
  - plugin: dockmaster.harbor.differing
    plugin_type: filter
  - module: ansible.builtin.stat
"""

EXAMPLES = r"""
- name: Look at what belongs to a service
  dockmaster.harbor.host_info:
    paths: [/etc/haproxy, /etc/haproxy/haproxy.cfg]
    packages: [haproxy]
    units: [haproxy.service]
    search:
      - {name: limit, path: /etc/haproxy/haproxy.cfg, pattern: '^\s*maxconn (\d+)'}
  register: found

- name: Install the package where it is missing
  ansible.builtin.apt:
    name: haproxy
  when: "'haproxy' not in found.packages"

- name: Show a configuration that the running process has not read
  ansible.builtin.debug:
    msg: haproxy.cfg is newer than the process
  when: found.paths['/etc/haproxy/haproxy.cfg'].modified > (found.units['haproxy.service'].started or 0)
"""

RETURN = r"""
paths:
  description:
    - What was found, by path. A path that does not exist is left out; one that cannot be looked at makes the task fail.
    - C(type) is C(file), C(directory) or C(other). C(modified) is in seconds since 1970.
    - C(sha256) is C(null) for all but files of up to 16 MiB.
    - C(link) is where a symbolic link points to, and C(null) for everything else.
  returned: success
  type: dict
  sample:
    /etc/haproxy/haproxy.cfg: {type: file, owner: root, group: root, mode: '0644', sha256: 9f86d0818..., modified: 1764403200.5, link: null}
found:
  description: What the groups matched, by name. What no line matches is left out, as is what is asked of a file that does not exist.
  returned: success
  type: dict
  sample: {limit: '4096'}
packages:
  description: Those of the packages that are installed.
  returned: success
  type: list
  elements: str
  sample: [haproxy]
units:
  description:
    - How the units are, by name. C(started) is when the main process was started, in seconds since 1970, C(null) where there never was one.
    - C(changed) is when the unit's state changed last, which it also does when it is reloaded.
    - C(running) says that there is a main process, also one that is not ready yet.
    - C(stale) says that files of the unit have changed, and systemd has not read them again.
  returned: success
  type: dict
  sample:
    haproxy.service: {active: true, running: true, enabled: true, stale: false, started: 1764403100.25, changed: 1764403101.5}
"""

import datetime
import grp
import hashlib
import pwd
import re
import stat
import typing as t
from pathlib import Path

from ansible.module_utils.basic import AnsibleModule

# Configuration is smaller by far; the digest of a data file would cost more than it tells.
LARGEST = 16 * 1024 * 1024
PROPERTIES = ("ActiveState", "MainPID", "UnitFileState", "NeedDaemonReload", "ExecMainStartTimestamp", "StateChangeTimestamp")


def name_of(look_up: t.Callable[[int], t.Any], number: int) -> str:
    """The name of a user or group, or the number of one that has none."""
    try:
        return str(look_up(number)[0])
    except KeyError:
        return str(number)


def kind_of(mode: int) -> str:
    """The type of a path."""
    if stat.S_ISREG(mode):
        return "file"
    return "directory" if stat.S_ISDIR(mode) else "other"


def digest(path: Path, status: t.Any) -> str | None:
    """SHA-256 of a small file."""
    if not stat.S_ISREG(status.st_mode) or status.st_size > LARGEST:
        return None
    return hashlib.sha256(path.read_bytes()).hexdigest()


def look(path: Path) -> dict[str, t.Any] | None:
    """What there is at a path, or None. Raises OSError when that cannot be told."""
    try:
        status = path.stat()
        return {
            "type": kind_of(status.st_mode),
            "owner": name_of(pwd.getpwuid, status.st_uid),
            "group": name_of(grp.getgrgid, status.st_gid),
            "mode": f"{stat.S_IMODE(status.st_mode):04o}",
            "sha256": digest(path, status),
            "modified": status.st_mtime,
            "link": str(path.readlink()) if path.is_symlink() else None,
        }
    except (FileNotFoundError, NotADirectoryError):
        return None


def installed(module: AnsibleModule, names: list[str]) -> list[str]:
    """Those of the packages that are installed."""
    # 1: some of them are unknown.
    code, output, error = module.run_command(["dpkg-query", "--show", "--showformat", "${Package} ${db:Status-Status}\n", *names])
    if code not in (0, 1):
        module.fail_json(msg=f"host_info: dpkg-query ended with {code}: {error.strip()}")
    return sorted({line.split()[0] for line in output.splitlines() if line.endswith(" installed")})


def seconds(timestamp: str) -> float | None:
    """Seconds since 1970 of what systemd calls a moment (C(Sat 2026-11-28 10:00:00.123456 UTC)); None of no moment."""
    if not timestamp:
        return None
    moment = datetime.datetime.strptime(timestamp.split(" ", 1)[1], "%Y-%m-%d %H:%M:%S.%f UTC")
    return moment.replace(tzinfo=datetime.UTC).timestamp()


def unit_of(block: str) -> dict[str, t.Any]:
    """How a unit is, by what C(systemctl show) says of it."""
    said = dict(line.split("=", 1) for line in block.splitlines())
    return {
        "active": said["ActiveState"] == "active",
        # Only services have one.
        "running": said.get("MainPID", "0") != "0",
        "enabled": said["UnitFileState"] == "enabled",
        "stale": said["NeedDaemonReload"] == "yes",
        "started": seconds(said.get("ExecMainStartTimestamp", "")),
        "changed": seconds(said["StateChangeTimestamp"]),
    }


def units_of(module: AnsibleModule, names: list[str]) -> dict[str, dict[str, t.Any]]:
    """How the units are, in one call: systemctl answers in the order of the question."""
    command = ["systemctl", "show", "--timestamp=us+utc", *(f"--property={name}" for name in PROPERTIES), "--", *names]
    output = module.run_command(command, check_rc=True)[1]
    return dict(zip(names, map(unit_of, output.strip().split("\n\n")), strict=True))


def read_out(path: Path, pattern: re.Pattern[str]) -> str | None:
    """What the pattern's group matches in a file; None where there is none. Raises OSError when that cannot be told."""
    try:
        match = pattern.search(path.read_text(encoding="utf-8", errors="replace"))
    except (FileNotFoundError, NotADirectoryError):
        return None
    return match.group(1) if match else None


def pattern_of(module: AnsibleModule, entry: dict[str, str]) -> re.Pattern[str]:
    """The compiled pattern of an entry of search."""
    wrong = f"host_info: search has {entry['pattern']} for {entry['name']}, which is not a regular expression with one group"
    try:
        pattern = re.compile(entry["pattern"], re.MULTILINE)
    except re.error as error:
        module.fail_json(msg=f"{wrong}: {error}")
    if pattern.groups != 1:
        module.fail_json(msg=wrong)
    return pattern


SPEC: dict[str, t.Any] = {
    **{name: {"type": "list", "elements": "str", "default": []} for name in ("paths", "packages", "units")},
    "search": {
        "type": "list",
        "elements": "dict",
        "default": [],
        "options": {name: {"type": "str", "required": True} for name in ("name", "path", "pattern")},
    },
}


def main() -> None:
    """Run the module."""
    module = AnsibleModule(SPEC, supports_check_mode=True)
    paths, packages, units, search = (module.params[name] for name in SPEC)
    for path in [*paths, *(entry["path"] for entry in search)]:
        if not Path(path).is_absolute():
            module.fail_json(msg=f"host_info: {path} is not an absolute path")
    patterns = {entry["name"]: (Path(entry["path"]), pattern_of(module, entry)) for entry in search}
    try:
        found = {path: look(Path(path)) for path in paths}
        texts = {name: read_out(path, pattern) for name, (path, pattern) in patterns.items()}
    except OSError as error:
        module.fail_json(msg=f"host_info: {error.filename} cannot be looked at: {error.strerror}")
    module.exit_json(
        changed=False,
        paths={path: there for path, there in found.items() if there},
        found={name: text for name, text in texts.items() if text is not None},
        packages=installed(module, packages) if packages else [],
        units=units_of(module, units) if units else {},
    )


if __name__ == "__main__":
    main()
