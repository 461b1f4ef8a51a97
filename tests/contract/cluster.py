# Copyright: the dockmaster.harbor contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""core with everything around it on loopback: PostgreSQL, Redis and a registry, each a process of ours in a temporary directory."""

from __future__ import annotations

import os
import secrets
import shutil
import socket
import subprocess
import sys
import time
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path
from tempfile import TemporaryDirectory
from types import TracebackType

import requests
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import NameOID

STANDIN = Path(__file__).parents[1] / "standin"
ADMIN = ("admin", "Harbor12345")
# bcrypt of "registry-secret", as an htpasswd file holds it.
_HTPASSWD = "harbor_registry_user:$2b$05$ZcyWwVOyt6QG8gIeFoUjfewEnxsolkWpZxqC8wIXSK/n1jYuMcuE.\n"
_REGISTRY_PASSWORD = "registry-secret"


def find_program(name: str) -> str | None:
    """A program in PATH or where Debian keeps PostgreSQL's."""
    places = [os.environ.get("PATH", ""), *(str(path) for path in sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True))]
    return shutil.which(name, path=os.pathsep.join(places))


def missing_programs() -> list[str]:
    """What this machine lacks."""
    return [name for name in ("initdb", "postgres", "redis-server", "docker-registry", "skopeo") if find_program(name) is None]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Cluster:
    """A context manager; `url` is core's address. Processes are ended by their own handles."""

    def __init__(self) -> None:
        # Not below pytest's own directory: PostgreSQL's user could not enter that.
        self._temporary = TemporaryDirectory(prefix="standin-")
        self.directory = Path(self._temporary.name)
        self.directory.chmod(0o755)
        self.ports = {name: free_port() for name in ("core", "postgres", "redis", "registry")}
        self.environment: dict[str, str] = {}
        self._stack = ExitStack()
        self._stack.enter_context(self._temporary)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.ports['core']}"

    def __enter__(self) -> Cluster:
        try:
            make_certificate(self.directory)
            self._start_postgres()
            self._start_redis()
            self._start_registry()
            self.environment = self._environment()
            self.start_core()
        except BaseException:
            self._stack.close()
            raise
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._stack.close()

    def start_core(self, name: str = "core") -> str:
        """Start a core on the same state and return its address once it answers."""
        port = self.ports.setdefault(name, free_port())
        config = self.directory / f"{name}.conf"
        config.write_text(f"appname = Harbor\nrunmode = prod\n[prod]\nhttpport = {port}\n")
        url = f"http://127.0.0.1:{port}"
        process = self._run(name, [sys.executable, "-m", "standin", "core"], {**self.environment, "CONFIG_PATH": str(config)})
        self._wait_for(url, process, name)
        return url

    def _wait_for(self, url: str, process: subprocess.Popen[bytes], name: str) -> None:
        deadline = time.monotonic() + 30
        while time.monotonic() < deadline and process.poll() is None:
            try:
                requests.get(f"{url}/api/v2.0/ping", timeout=5).raise_for_status()
                return
            except requests.ConnectionError:
                time.sleep(0.1)
        raise AssertionError(f"core did not come up: {self.log(name)}")

    def component(self, name: str, **changes: str) -> subprocess.CompletedProcess[str]:
        """Run a component that is expected to refuse its environment."""
        environment = {**self.environment, **changes}
        command = [sys.executable, "-m", "standin", name]
        return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=30, check=False)

    def log(self, name: str) -> str:
        return (self.directory / f"{name}.log").read_text(errors="replace")

    def _run(
        self, name: str, command: list[str], environment: dict[str, str] | None = None, user: str | None = None
    ) -> subprocess.Popen[bytes]:
        command = [find_program(command[0]) or command[0], *command[1:]]
        log = self._stack.enter_context((self.directory / f"{name}.log").open("wb"))
        process = subprocess.Popen(command, stdout=log, stderr=log, env=environment, user=user, cwd=self.directory)
        self._stack.callback(_end, process)
        return process

    def _start_postgres(self) -> None:
        data, user = self.directory / "postgres", None
        data.mkdir(mode=0o700)
        if os.geteuid() == 0:
            # PostgreSQL refuses root.
            user = "postgres"
            shutil.chown(data, user)
        password = self.directory / "postgres.password"
        password.write_text("database-secret")
        password.chmod(0o644)
        initdb = [find_program("initdb") or "initdb", "-D", str(data), "-U", "harbor", "-A", "scram-sha-256", f"--pwfile={password}", "-N"]
        subprocess.run(initdb, check=True, capture_output=True, user=user, cwd="/")
        options = ["-D", str(data), "-p", str(self.ports["postgres"]), "-h", "127.0.0.1", "-k", "", "-F"]
        # PostgreSQL takes a key only from a file that is its own.
        key = data / "server.key"
        shutil.copyfile(self.directory / "tls.key", key)
        key.chmod(0o600)
        if user:
            shutil.chown(key, user)
        tls = {"ssl": "on", "ssl_cert_file": str(self.directory / "tls.crt"), "ssl_key_file": str(key)}
        options += [part for name, value in tls.items() for part in ("-c", f"{name}={value}")]
        self._run("postgres", ["postgres", *options], user=user)

    def _start_redis(self) -> None:
        files = {"tls-cert-file": "tls.crt", "tls-key-file": "tls.key", "tls-ca-cert-file": "tls.crt"}
        tls = [part for name, file in files.items() for part in (f"--{name}", str(self.directory / file))]
        address = ["--bind", "127.0.0.1", "--port", "0", "--tls-port", str(self.ports["redis"])]
        self._run("redis", ["redis-server", *address, *tls, "--tls-auth-clients", "no", "--requirepass", "redis-secret", "--save", ""])

    def _start_registry(self) -> None:
        (self.directory / "htpasswd").write_text(_HTPASSWD)
        config = self.directory / "registry.yml"
        config.write_text(
            "version: 0.1\n"
            f"storage: {{filesystem: {{rootdirectory: {self.directory}/registry}}, delete: {{enabled: true}}}}\n"
            f"http: {{addr: '127.0.0.1:{self.ports['registry']}', secret: placeholder}}\n"
            f"auth: {{htpasswd: {{realm: registry, path: {self.directory}/htpasswd}}}}\n"
            "validation: {disabled: true}\n"
        )
        self._run("registry", ["docker-registry", "serve", str(config)])

    def _environment(self) -> dict[str, str]:
        """What the env files of core hold, with the addresses of this cluster."""
        key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        pem = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.TraditionalOpenSSL, serialization.NoEncryption())
        (self.directory / "private_key.pem").write_bytes(pem)
        (self.directory / "key").write_text("0123456789abcdef")
        redis = f"rediss://:redis-secret@127.0.0.1:{self.ports['redis']}"
        return {
            "PATH": os.environ["PATH"],
            "PYTHONPATH": str(STANDIN),
            "CONFIG_PATH": str(self.directory / "core.conf"),
            "KEY_PATH": str(self.directory / "key"),
            "TOKEN_PRIVATE_KEY_PATH": str(self.directory / "private_key.pem"),
            "EXT_ENDPOINT": self.url,
            "CORE_URL": "http://core:8080",
            "CORE_SECRET": secrets.token_hex(8),
            "JOBSERVICE_SECRET": secrets.token_hex(8),
            "CSRF_KEY": secrets.token_hex(16),
            "HARBOR_ADMIN_PASSWORD": ADMIN[1],
            "POSTGRESQL_HOST": "127.0.0.1",
            "POSTGRESQL_PORT": str(self.ports["postgres"]),
            "POSTGRESQL_USERNAME": "harbor",
            "POSTGRESQL_PASSWORD": "database-secret",
            "POSTGRESQL_DATABASE": "postgres",
            "POSTGRESQL_SSLMODE": "verify-full",
            # The system's trust, to which the entry point of the image adds the operator's authority.
            "SSL_CERT_FILE": str(self.directory / "tls.crt"),
            "_REDIS_URL_CORE": f"{redis}?idle_timeout_seconds=30",
            "_REDIS_URL_REG": f"{redis}/1?idle_timeout_seconds=30",
            "REGISTRY_URL": f"http://127.0.0.1:{self.ports['registry']}",
            "REGISTRY_CREDENTIAL_USERNAME": "harbor_registry_user",
            "REGISTRY_CREDENTIAL_PASSWORD": _REGISTRY_PASSWORD,
            "REPLICATION_ADAPTER_WHITELIST": "docker-registry,harbor",
        }


def make_certificate(directory: Path) -> None:
    """A certificate for loopback that is its own authority: tls.crt and tls.key."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "standin")])
    now = datetime.now(UTC)
    builder = x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number(), now, now + timedelta(days=1))
    names = x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1")), x509.DNSName("localhost")])
    certificate = builder.add_extension(names, False).add_extension(x509.BasicConstraints(True, None), True).sign(key, hashes.SHA256())
    (directory / "tls.crt").write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    pem = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    (directory / "tls.key").write_bytes(pem)


def _end(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(10)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
