# Copyright: the dockmaster.harbor contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Rendered variables and files, read as the real processes read them, and refused where they would refuse or fail later."""

from __future__ import annotations

import socket
import ssl
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import redis
import uvicorn
import yaml
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from starlette.types import ASGIApp

# go-redis in core knows these in a URL and ends the process on any other.
_REDIS_OPTIONS = {"idle_timeout_seconds", "skip_verify", "db", "max_retries", "pool_size", "dial_timeout", "read_timeout", "write_timeout"}
_PKCS1 = "-----BEGIN RSA PRIVATE KEY-----"
START_TIMEOUT = 60.0


class Refused(Exception):
    """The process does not start; the text says what to put right."""


def need(environment: Mapping[str, str], *names: str) -> list[str]:
    """The values of variables that must not be empty."""
    missing = [name for name in names if not environment.get(name)]
    if missing:
        raise Refused(f"missing or empty in the environment: {', '.join(missing)}")
    return [environment[name] for name in names]


def read_file(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise Refused(f"{path} cannot be read: {error.strerror}") from error


def read_yaml(path: Path) -> dict[str, Any]:
    try:
        content = yaml.safe_load(read_file(path))
    except yaml.YAMLError as error:
        raise Refused(f"{path} is no YAML: {error}") from error
    if not isinstance(content, dict):
        raise Refused(f"{path} holds no mapping")
    return content


def check_secret_key(path: Path) -> None:
    """The AES key of the database: the whole file is the key, a newline at its end included."""
    size = len(read_file(path))
    if size != 16:
        raise Refused(f"{path} must hold exactly 16 bytes, it holds {size}")


def load_token_key(path: Path) -> rsa.RSAPrivateKey:
    """The key that signs tokens; only the PKCS#1 form is understood."""
    text = read_file(path).decode(errors="replace")
    if not text.lstrip().startswith(_PKCS1):
        raise Refused(f"{path} must be an RSA key in PKCS#1 ({_PKCS1}), it begins with {text.splitlines()[0] if text else 'nothing'}")
    try:
        key = load_pem_private_key(text.encode(), None)
    except ValueError as error:
        raise Refused(f"{path} is no usable key: {error}") from error
    if not isinstance(key, rsa.RSAPrivateKey):
        raise Refused(f"{path} is no RSA key")
    return key


class _Connection(redis.SSLConnection):
    """TLS as Go's client has it: an authority without key usage or identifiers is good enough, which Python 3.13 refuses by itself."""

    def _wrap_socket_with_ssl(self, sock: socket.socket) -> ssl.SSLSocket:
        context = ssl.create_default_context(cafile=trust_bundle())
        context.verify_flags &= ~ssl.VERIFY_X509_STRICT
        return context.wrap_socket(sock, server_hostname=self.host)


def connect_redis(url: str, name: str) -> redis.Redis:
    """A client for a rendered URL that answered a PING. TLS is checked against the system's bundle."""
    parts = urlsplit(url)
    if parts.scheme not in ("redis", "rediss"):
        raise Refused(f"{name}: the scheme must be redis or rediss, it is {parts.scheme!r}")
    unknown = set(parse_qs(parts.query)) - _REDIS_OPTIONS
    if unknown:
        raise Refused(f"{name}: unknown options {', '.join(sorted(unknown))}")
    options: dict[str, Any] = {"socket_timeout": 10, "socket_connect_timeout": 5, "health_check_interval": 30}
    client = redis.Redis.from_url(parts._replace(query="").geturl(), **options)
    if parts.scheme == "rediss":
        client.connection_pool.connection_class = _Connection
    wait_for(f"{name}: Redis at {parts.hostname}:{parts.port}", client.ping, redis.RedisError)
    return client


def trust_bundle() -> str:
    """The certificates that the container trusts: the system's, to which its entry point added the operator's."""
    return ssl.get_default_verify_paths().cafile or "/etc/ssl/certs/ca-certificates.crt"


def wait_for(what: str, attempt: Callable[[], Any], error: type[Exception], seconds: float | None = None) -> None:
    """Try every two seconds, for a minute; then refuse with the last reason."""
    deadline = time.monotonic() + (START_TIMEOUT if seconds is None else seconds)
    while True:
        try:
            attempt()
            return
        except error as reason:
            if time.monotonic() > deadline:
                raise Refused(f"{what}: {reason}") from reason
            print(f"waiting for {what}: {reason}", flush=True)
            time.sleep(2)


def tls_files(environment: Mapping[str, str]) -> dict[str, str]:
    """uvicorn's TLS options: internal TLS when it is switched on."""
    if environment.get("INTERNAL_TLS_ENABLED", "").lower() not in ("true", "1"):
        return {}
    certificate, key = need(environment, "INTERNAL_TLS_CERT_PATH", "INTERNAL_TLS_KEY_PATH")
    for path in (certificate, key):
        read_file(Path(path))
    return {"ssl_certfile": certificate, "ssl_keyfile": key}


def serve(app: ASGIApp, port: int, tls: Mapping[str, str]) -> None:
    """Serve until SIGTERM. Requests under way get three seconds, as in core."""
    listener = socket.create_server(("", port), backlog=512)
    config = uvicorn.Config(
        app,
        lifespan="off",
        ws="none",
        proxy_headers=False,
        server_header=False,
        timeout_graceful_shutdown=3,
        log_config=_LOGGING,
        ssl_certfile=tls.get("ssl_certfile"),
        ssl_keyfile=tls.get("ssl_keyfile"),
    )
    uvicorn.Server(config).run(sockets=[listener])


_LOGGING: dict[str, Any] = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"plain": {"format": "%(asctime)s %(levelname)s %(name)s %(message)s"}},
    "handlers": {"stdout": {"class": "logging.StreamHandler", "formatter": "plain", "stream": "ext://sys.stdout"}},
    "root": {"handlers": ["stdout"], "level": "INFO"},
    # The client library logs each request that goes on to the registry, which the access log already shows.
    "loggers": {"httpx": {"level": "WARNING"}, "uvicorn.error": {"level": "INFO"}},
}
