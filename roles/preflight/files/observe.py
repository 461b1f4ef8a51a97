# Copyright: the dockmaster.harbor contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Print as JSON what preflight asks of a host.

The answer: when it was asked and the time there (Unix seconds), free space (bytes per path), listeners (TCP port to program names). Runs on
the managed node with the standard library alone. Arguments: the controller's time (Unix seconds), a JSON list of paths.
"""

from __future__ import annotations

import json
import os
import sys
import time
from pathlib import Path

LISTEN = "0A"  # state of a listening socket in /proc/net/tcp, see proc_net_tcp(5)


def free(path: str) -> int:
    """Bytes that are free for ordinary users at a path, or at its nearest existing parent."""
    place = Path(path)
    while not place.exists():
        place = place.parent
    status = os.statvfs(place)
    return status.f_bavail * status.f_frsize


def listening_inodes() -> dict[str, int]:
    """Socket inode to TCP port, for every listening socket of this host."""
    found = {}
    for table in ("/proc/net/tcp", "/proc/net/tcp6"):
        if not Path(table).exists():
            continue
        for line in Path(table).read_text().splitlines()[1:]:
            part = line.split()
            if part[3] == LISTEN:
                found[part[9]] = int(part[1].rsplit(":", 1)[1], 16)
    return found


def program(process: Path) -> str:
    """Name of the program that a process runs; for an interpreter, of the script."""
    words = (process / "cmdline").read_bytes().decode(errors="replace").split("\0")
    names = [Path(word).name for word in words[:2] if word]
    if names and names[0].startswith("python") and len(names) > 1:
        return names[1]
    return names[0].split(" ")[0].rstrip(":") if names else (process / "comm").read_text().strip()


def listeners() -> dict[int, list[str]]:
    """TCP port to the sorted names of the programs that listen on it."""
    inodes = listening_inodes()
    found: dict[int, set[str]] = {port: set() for port in inodes.values()}
    for process in Path("/proc").glob("[0-9]*"):
        try:
            sockets = [str(entry.readlink()) for entry in (process / "fd").iterdir()]
            for inode in {name[8:-1] for name in sockets if name.startswith("socket:[")} & inodes.keys():
                found[inodes[inode]].add(program(process))
        except OSError:  # the process ended while we looked
            continue
    return {port: sorted(names) for port, names in found.items()}


if __name__ == "__main__":
    clock = {"asked": float(sys.argv[1]), "time": time.time()}
    json.dump(clock | {"free": {path: free(path) for path in json.loads(sys.argv[2])}, "listeners": listeners()}, sys.stdout)
