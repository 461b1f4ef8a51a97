# Copyright: the dockmaster.harbor contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Print as JSON what one node knows of the tiers that run on it: {tier: {...}}; a tier that is not on the node is left out.

Arguments: the tiers to look at, all without any. A tier that is there and gives no answer is {"error": text}. Sizes are bytes, times are
days, lags are bytes. Nothing is changed, no secret is printed. Runs on the managed node as root, with the standard library alone.
"""

from __future__ import annotations

import csv
import datetime
import io
import json
import os
import re
import socket
import ssl
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Any

BASE = Path("/etc/dockmaster")
PROJECT = ("--filter", "label=com.docker.compose.project=harbor")
TIMEOUT = 5
# Bits of srv_admin_state, see "show servers state" in HAProxy's management guide.
FORCED_MAINT, FORCED_DRAIN = 0x01, 0x08


def run(*command: str) -> str:
    """Output of a command; OSError or subprocess errors when there is none."""
    return subprocess.run(command, capture_output=True, text=True, check=True, timeout=3 * TIMEOUT).stdout


def ask(url: str, directory: Path, certificate: str, body: Any = None) -> Any:
    """JSON from a member that knows us by its own certificate; Patroni says 503 where it only means "not the leader"."""
    context = ssl.create_default_context(cafile=str(directory / "ca.crt"))
    context.load_cert_chain(str(directory / f"{certificate}.crt"), str(directory / f"{certificate}.key"))
    data = None if body is None else json.dumps(body).encode()
    try:
        with urllib.request.urlopen(urllib.request.Request(url, data=data), timeout=TIMEOUT, context=context) as answer:
            return json.load(answer)
    except urllib.error.HTTPError as error:
        if error.code == 503:
            return json.load(error)
        raise


def settings(path: Path) -> dict[str, str]:
    """NAME=VALUE lines of an environment file."""
    pairs = (line.split("=", 1) for line in path.read_text().splitlines() if "=" in line and not line.startswith("#"))
    return dict(pairs)


def etcd() -> dict[str, Any]:
    """Who leads, who is a member, how large the store is."""
    known = settings(BASE / "etcd/etcd.env")
    url = known["ETCD_ADVERTISE_CLIENT_URLS"]
    status = ask(f"{url}/v3/maintenance/status", BASE / "etcd", "member", {})
    members = ask(f"{url}/v3/cluster/member/list", BASE / "etcd", "member", {})["members"]
    return {
        "name": known["ETCD_NAME"],
        "version": status["version"],
        "leader": status.get("leader") == status["header"]["member_id"],
        "size": int(status.get("dbSize", 0)),
        "problems": status.get("errors", []),
        "members": sorted(member.get("name", "(not started)") for member in members if not member.get("isLearner")),
        "learners": sorted(member.get("name", "(not started)") for member in members if member.get("isLearner")),
    }


def postgresql() -> dict[str, Any]:
    """What Patroni says of itself and of all members."""
    directory = BASE / "postgresql"
    found = re.search(r"connect_address: '?(\S+:8008)", (directory / "patroni.yml").read_text())
    url = f"https://{found.group(1) if found else ''}"
    own = ask(f"{url}/patroni", directory, "server")
    cluster = ask(f"{url}/cluster", directory, "server")
    return {
        "name": own["patroni"]["name"],
        "role": "leader" if own["role"] in ("primary", "master") else "replica",
        "state": own.get("replication_state", own["state"]),
        "version": own.get("server_version", 0),
        "pending_restart": own.get("pending_restart", False),
        "paused": own.get("pause", False),
        "synchronous": ask(f"{url}/config", directory, "server").get("synchronous_mode", False) not in (False, "off"),
        "members": [
            {"name": member["name"], "role": member["role"], "state": member["state"], "lag": member.get("lag", 0)}
            for member in cluster["members"]
        ],
    }


def redis() -> dict[str, Any]:
    """Role and links of the server, and whom the Sentinel beside it follows."""
    found = re.search(r"^bind (\S+)$", (BASE / "redis/redis.conf").read_text(), re.MULTILINE)
    address = found.group(1) if found else ""
    name = re.search(r"^sentinel down-after-milliseconds (\S+)", (BASE / "redis/sentinel.conf").read_text(), re.MULTILINE)
    cli = str(BASE / "redis/cli")
    lines = run(cli, "server", address, "INFO").splitlines()
    info = dict(line.split(":", 1) for line in lines if ":" in line)
    watched = json.loads(run(cli, "sentinel", address, "--json", "SENTINEL", "MASTER", name.group(1) if name else ""))
    return {
        "address": address,
        "role": "master" if info["role"] == "master" else "replica",
        "linked": info["role"] == "master" or info.get("master_link_status") == "up",
        "replicas": int(info.get("connected_slaves", 0)),
        "version": info["redis_version"],
        "memory": int(info["used_memory"]),
        "followed": watched["ip"],
        "sentinels": int(watched["num-other-sentinels"]) + 1,
        "quorum": int(watched["quorum"]),
        "flags": watched["flags"],
    }


def minio() -> dict[str, Any]:
    """Servers and drives, as the administrator's client sees them from here."""
    client = BASE / "minio/mc"
    own = re.search(r"MINIO_URL:-https://([^}]+)}", client.read_text())
    seen = json.loads(run(str(client), "--json", "admin", "info", "cluster"))["info"]
    drives = [drive for server in seen["servers"] for drive in server.get("drives", [])]
    # One that is being healed has the state ok as well, long before it has its data (xl-storage.go, DiskInfo).
    ill = {
        server["endpoint"]: [drive["endpoint"] for drive in server.get("drives", []) if drive.get("state") != "ok" or drive.get("healing")]
        for server in seen["servers"]
    }
    return {
        "endpoint": own.group(1) if own else "",
        "mode": seen["mode"],
        "servers": {server["endpoint"]: server["state"] for server in seen["servers"]},
        "drives": len(drives),
        "drives_ill": {server: found for server, found in ill.items() if found},
        "drives_ok": sum(drive.get("state") == "ok" for drive in drives),
        "healing": sum(bool(drive.get("healing")) for drive in drives),
    }


def haproxy(command: str) -> str:
    """HAProxy's answer at its socket."""
    found = re.search(r"^\s*stats socket (/\S+)", (BASE / "load_balancer/haproxy.cfg").read_text(), re.MULTILINE)
    with socket.socket(socket.AF_UNIX) as connection:
        connection.settimeout(TIMEOUT)
        connection.connect(found.group(1) if found else "")
        connection.sendall(f"{command}\n".encode())
        return b"".join(iter(lambda: connection.recv(65536), b"")).decode()


def load_balancer() -> dict[str, Any]:
    """Servers that HAProxy uses, and the addresses that keepalived holds here."""
    table = csv.DictReader(io.StringIO(haproxy("show stat").removeprefix("# ")))
    rows = [row for row in table if row["svname"] not in ("FRONTEND", "BACKEND") and row["status"] != "no check"]
    # In the statistics a server that is down hides that it was also taken out: backend, server and bits are columns 2, 4 and 7.
    states = [line.split() for line in haproxy("show servers state").splitlines()[2:] if line.strip()]
    taken_out = {f"{row[1]}/{row[3]}": int(row[6]) for row in states if int(row[6]) & (FORCED_MAINT | FORCED_DRAIN)}
    configuration = BASE / "load_balancer/keepalived.conf"
    wanted = re.search(r"virtual_ipaddress \{(.*?)\}", configuration.read_text(), re.DOTALL) if configuration.exists() else None
    addresses = [line.split()[0].split("/")[0] for line in (wanted.group(1) if wanted else "").splitlines() if line.strip()]
    held = {entry["local"] for link in json.loads(run("ip", "-json", "address")) for entry in link["addr_info"]}
    return {
        "servers": {f"{row['pxname']}/{row['svname']}": row["status"] for row in rows},
        "taken_out": sorted(taken_out),
        "drained": sorted(server for server, bits in taken_out.items() if not bits & FORCED_MAINT),
        "addresses": {address: address in held for address in addresses},
        "keepalived": subprocess.run(["systemctl", "is-active", "--quiet", "keepalived"], timeout=TIMEOUT, check=False).returncode == 0,
    }


def harbor_directory() -> Path:
    """Where Harbor's files are, as Compose notes it on each of its containers."""
    return Path(run("docker", "ps", "--all", "--format", '{{.Label "com.docker.compose.project.working_dir"}}', *PROJECT).splitlines()[0])


def harbor_data() -> list[str]:
    """Where the container engine keeps its data, and where Harbor's containers write on the host."""
    names = run("docker", "ps", "--all", "--quiet", *PROJECT).split()
    written = "{{range .Mounts}}{{if .RW}}{{println .Source}}{{end}}{{end}}"
    sources = run("docker", "inspect", "--format", written, *names).split() if names else []
    return [run("docker", "info", "--format", "{{.DockerRootDir}}").strip(), *sorted(set(sources))]


def harbor() -> dict[str, Any]:
    """Containers, components and whether the node is drained."""
    rows = [json.loads(line) for line in run("docker", "ps", "--all", "--format", "{{json .}}", *PROJECT).splitlines()]
    directory = harbor_directory()
    drain = directory / "nginx/drain"
    try:
        parts = json.loads(run("docker", "exec", "harbor-core", "curl", "-s", "-m", "10", "http://127.0.0.1:8080/api/v2.0/health"))[
            "components"
        ]
    except (subprocess.SubprocessError, ValueError, KeyError):
        parts = [{"name": "core", "status": "no answer"}]
    return {
        "directory": str(directory),
        "version": next((row["Image"].rsplit(":v", 1)[-1] for row in rows if row["Names"] == "harbor-core"), ""),
        "containers": {row["Names"]: row["Status"] for row in rows},
        "components": {part["name"]: part["status"] for part in parts},
        "drained": drain.read_text().strip() if drain.exists() else "",
    }


def data_directories() -> list[str]:
    """Where etcd, PostgreSQL, Redis and MinIO keep their data here, by their own configuration."""
    places = {
        "etcd/etcd.env": r"^ETCD_DATA_DIR=(\S+)$",
        "postgresql/patroni.yml": r"^ +data_dir: (\S+)$",
        "redis/redis.conf": r"^dir (\S+)$",
        "minio/config.yaml": r"https://[^/\s]+(/[^\s\"]+)",
    }
    files = {BASE / name: pattern for name, pattern in places.items() if (BASE / name).exists()}
    return [place for path, pattern in files.items() for place in sorted(set(re.findall(pattern, path.read_text(), re.MULTILINE)))]


def certificates() -> dict[str, int | str]:
    """Path to the days that a certificate is still good for, or to why that cannot be told."""
    found: dict[str, int | str] = {}
    ours = [harbor_directory() / "tls/server.crt"] if engine() else []
    for path in sorted([*BASE.glob("*/*.crt"), *BASE.glob("*/certs/*.crt"), *ours]):
        if path.is_file():
            try:
                end = run("openssl", "x509", "-noout", "-enddate", "-in", str(path)).strip().removeprefix("notAfter=")
            except subprocess.SubprocessError:
                found[str(path)] = "no certificate"
                continue
            when = datetime.datetime.strptime(end, "%b %d %H:%M:%S %Y %Z").replace(tzinfo=datetime.UTC)
            found[str(path)] = (when - datetime.datetime.now(tz=datetime.UTC)).days
    return found


def disk() -> dict[str, dict[str, int]]:
    """File system (named by the first path on it) to its size and free bytes."""
    found: dict[int, tuple[str, os.statvfs_result]] = {}
    for path in ["/", "/var", "/var/lib", *data_directories(), *(harbor_data() if engine() else [])]:
        if Path(path).exists():
            found.setdefault(Path(path).stat().st_dev, (path, os.statvfs(path)))
    return {path: {"size": state.f_blocks * state.f_frsize, "free": state.f_bavail * state.f_frsize} for path, state in found.values()}


def engine() -> bool:
    """Whether containers of Harbor are on this node."""
    try:
        return bool(run("docker", "ps", "--all", "--quiet", *PROJECT).strip())
    except (OSError, subprocess.SubprocessError):
        return False


TIERS: dict[str, tuple[Callable[[], bool], Callable[[], Any]]] = {
    "etcd": ((BASE / "etcd/etcd.env").exists, etcd),
    "postgresql": ((BASE / "postgresql/patroni.yml").exists, postgresql),
    "redis": ((BASE / "redis/redis.conf").exists, redis),
    "minio": ((BASE / "minio/minio.env").exists, minio),
    "load_balancer": ((BASE / "load_balancer/haproxy.cfg").exists, load_balancer),
    "harbor": (engine, harbor),
    "certificates": (BASE.exists, certificates),
    "disk": (lambda: True, disk),
}


def look(tier: Callable[[], Any]) -> Any:
    """What a tier says, or why it says nothing."""
    try:
        return tier()
    except subprocess.CalledProcessError as error:
        return {"error": f"{Path(error.cmd[0]).name}: {(error.stderr or error.stdout or '').strip()[-200:]}"}
    except Exception as error:  # whatever it is, it is the answer
        return {"error": f"{type(error).__name__}: {error}"}


if __name__ == "__main__":
    wanted = sys.argv[1:] or list(TIERS)
    json.dump({name: look(TIERS[name][1]) for name in wanted if TIERS[name][0]()}, sys.stdout)
