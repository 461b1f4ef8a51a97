# Copyright: the dockmaster.harbor contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Print as JSON what the role asks of a host before it changes anything.

Arguments, each as JSON: a list of drives, {name: file to take the digest of}, a list of files to look for. The answer:
{"drives": {path: {"on_root": bool, "foreign": [names], "deployment": id or null}},
 "digests": {name: sha256 or null}, "files": [those that exist]}

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


def nearest(path: Path) -> Path:
    """The path itself, or its nearest parent that exists."""
    while not path.exists():
        path = path.parent
    return path


def deployment(drive: Path) -> str | None:
    """Identity of the cluster that formatted a drive; None for a fresh one."""
    try:
        return str(json.loads((drive / ".minio.sys/format.json").read_text())["id"])
    except FileNotFoundError:
        return None


def look(drive: Path) -> dict[str, Any]:
    """What is known about one drive."""
    formatted = deployment(drive)
    names = sorted(entry.name for entry in drive.iterdir()) if drive.is_dir() else []
    return {
        "on_root": nearest(drive).stat().st_dev == Path("/").stat().st_dev,
        # Buckets are directories too: only on a drive that MinIO has not formatted they are somebody else's.
        "foreign": [] if formatted else [name for name in names if name not in OWN],
        "deployment": formatted,
    }


def digest(path: str) -> str | None:
    """SHA-256 of a file; None when there is none."""
    if not Path(path).is_file():
        return None
    with Path(path).open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


if __name__ == "__main__":
    drives, digests, files = (json.loads(argument) for argument in sys.argv[1:4])
    seen = {
        "drives": {path: look(Path(path)) for path in drives},
        "digests": {name: digest(path) for name, path in digests.items()},
        "files": [path for path in files if Path(path).exists()],
    }
    json.dump(seen, sys.stdout)
