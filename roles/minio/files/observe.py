# Copyright: the dockmaster.harbor contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Print as JSON what the role asks of a host before it changes anything.

Arguments: as JSON a list of drives, {name: file to take the digest of}, and a list of files to look for; the file that lists the pools.
The answer:
{"drives": {path: {"shared": bool, "foreign": [names], "deployment": id or null, "place": [index in the pool, its drives] or null}},
 "digests": {name: sha256 or null}, "files": [those that exist], "pools": [[endpoints that the file has]],
 "multipath_tcp": whether the kernel has it}

Runs on the managed node with the standard library alone.
"""

from __future__ import annotations

import hashlib
import json
import sys
from pathlib import Path
from typing import Any

# MinIO's own directory, and what file systems bring along.
OWN = {".minio.sys", "lost+found"}
MULTIPATH = Path("/proc/sys/net/mptcp/enabled")


def nearest(path: Path) -> Path:
    """The path itself, or its nearest parent that exists."""
    while not path.exists():
        path = path.parent
    return path


def file_system(drive: Path) -> Path:
    """Where the file system is mounted that a drive is on, or would be."""
    path = nearest(drive).resolve()
    while not path.is_mount():
        path = path.parent
    return path


def shared(drive: Path, drives: list[Path]) -> bool:
    """Whether a drive is on the root file system, or on one that is above other drives as well: so is one that is not mounted."""
    above = file_system(drive)
    return above == Path("/") or any(other != drive and other.resolve().is_relative_to(above) for other in drives)


def read_format(drive: Path) -> dict[str, Any]:
    """What the cluster that formatted a drive wrote on it; nothing for a fresh one."""
    try:
        return dict(json.loads((drive / ".minio.sys/format.json").read_text()))
    except FileNotFoundError:
        return {}


def place(written: dict[str, Any]) -> list[int]:
    """Where a drive stands in its pool, and how many drives that has; both are for ever."""
    drives = [drive for stripe in written["xl"]["sets"] for drive in stripe]
    return [drives.index(written["xl"]["this"]), len(drives)]


def pools(path: Path) -> list[list[str]]:
    """The endpoints of each pool in the file that this role writes (its form alone: the host may have no YAML library)."""
    found: list[list[str]] = []
    for line in path.read_text().splitlines() if path.exists() else []:
        if line.strip() == "- args:":
            found.append([])
        elif line.startswith("      - "):
            found[-1].append(json.loads(line.removeprefix("      - ")))
    return found


def look(drive: Path, drives: list[Path]) -> dict[str, Any]:
    """What is known about one of the drives."""
    written = read_format(drive)
    names = sorted(entry.name for entry in drive.iterdir()) if drive.is_dir() else []
    return {
        "shared": shared(drive, drives),
        # Buckets are directories too: only on a drive that MinIO has not formatted they are somebody else's.
        "foreign": [] if written else [name for name in names if name not in OWN],
        "deployment": written.get("id"),
        "place": place(written) if written else None,
    }


def digest(path: str) -> str | None:
    """SHA-256 of a file; None when there is none."""
    if not Path(path).is_file():
        return None
    with Path(path).open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


if __name__ == "__main__":
    paths, digests, files = (json.loads(argument) for argument in sys.argv[1:4])
    drives = [Path(path) for path in paths]
    pools_file = Path(sys.argv[4])
    seen = {
        "drives": {str(drive): look(drive, drives) for drive in drives},
        "digests": {name: digest(path) for name, path in digests.items()},
        "files": [path for path in files if Path(path).exists()],
        "pools": pools(pools_file),
        "multipath_tcp": MULTIPATH.exists() and MULTIPATH.read_text().strip() == "1",
    }
    json.dump(seen, sys.stdout)
