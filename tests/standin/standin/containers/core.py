# Copyright: the dockmaster.harbor contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""core: the API, the token service and the way to the registry, with its state in PostgreSQL and Redis."""

from __future__ import annotations

import configparser
import re
from collections.abc import Callable, Mapping
from pathlib import Path

import psycopg
from cryptography.hazmat.primitives.asymmetric import rsa
from psycopg.conninfo import make_conninfo

from .. import resources  # noqa: F401  (registers the routes)
from ..harbor import Harbor, Settings
from ..postgres import PostgresStore
from ..registry import RemoteRegistry
from ..sessions import RedisSessions
from ..tokens import TokenService
from ..v2 import RedisUploads, RegistryProxy
from ..web import Application
from .environment import (
    Refused,
    check_secret_key,
    connect_redis,
    load_token_key,
    need,
    read_file,
    serve,
    tls_files,
    trust_bundle,
    wait_for,
)
from .probes import PeriodicHealth, RealWorld, answers

_ITERATIONS = 10000
_LOGIN_DELAY = 1.5
_MAX_CONNECTIONS = 10


def main(environment: Mapping[str, str]) -> None:
    """Check everything, wait for the database and Redis, serve."""
    key_path = Path(environment.get("TOKEN_PRIVATE_KEY_PATH", "/etc/core/private_key.pem"))
    check(environment, key_path)
    sessions = connect_redis(environment["_REDIS_URL_CORE"], "_REDIS_URL_CORE")
    uploads = connect_redis(environment["_REDIS_URL_REG"], "_REDIS_URL_REG")
    store = open_database(environment)
    health = PeriodicHealth(_checks(environment) | {"database": store.ping, "redis": sessions.ping})
    url, username, password = need(environment, "REGISTRY_URL", "REGISTRY_CREDENTIAL_USERNAME", "REGISTRY_CREDENTIAL_PASSWORD")
    harbor = Harbor(
        _settings(environment),
        store=store,
        sessions=RedisSessions(sessions),
        world=RealWorld(),
        tokens=TokenService(_KeyFile(key_path).load),
        health=health,
        registry=RemoteRegistry(url, username, password),
    )
    seed(harbor, environment)
    health.start()
    proxy = RegistryProxy(url, username, password, RedisUploads(uploads))
    serve(Application(harbor, proxy), _port(environment), tls_files(environment))


def seed(harbor: Harbor, environment: Mapping[str, str]) -> None:
    """Fill an empty database. The administrator's password counts only then."""
    with harbor.store.transaction(write=False) as tx:
        is_empty = tx.get("user", 1) is None
    if is_empty:
        need(environment, "HARBOR_ADMIN_PASSWORD")
    elif environment.get("HARBOR_ADMIN_PASSWORD"):
        print("HARBOR_ADMIN_PASSWORD is ignored: the administrator has a password already", flush=True)
    harbor.seed()


def check(environment: Mapping[str, str], key_path: Path) -> None:
    """Raise Refused for what would keep a real core from starting or from working."""
    need(environment, "EXT_ENDPOINT", "CORE_URL", "CORE_SECRET", "JOBSERVICE_SECRET", "_REDIS_URL_CORE", "_REDIS_URL_REG")
    need(environment, "REGISTRY_URL", "REGISTRY_CREDENTIAL_USERNAME", "REGISTRY_CREDENTIAL_PASSWORD")
    size = len(environment.get("CSRF_KEY", "").encode())
    if size != 32:
        raise Refused(f"CSRF_KEY must be exactly 32 bytes, it has {size}")
    if not re.fullmatch(r"https?://[^/]+", environment["EXT_ENDPOINT"]):
        raise Refused(f"EXT_ENDPOINT must be http(s)://host[:port] without a path, it is {environment['EXT_ENDPOINT']}")
    check_secret_key(Path(environment.get("KEY_PATH", "/etc/core/key")))
    load_token_key(key_path)
    _port(environment)


def open_database(environment: Mapping[str, str]) -> PostgresStore:
    """The store, migrated. The connection string has the weaknesses of core's: it is put together without quoting."""
    host, port, user, password, name = need(
        environment, *(f"POSTGRESQL_{part}" for part in ["HOST", "PORT", "USERNAME", "PASSWORD", "DATABASE"])
    )
    if re.search(r"[\s\\]|^'", password):
        raise Refused("POSTGRESQL_PASSWORD must not hold blanks or backslashes nor begin with a quote: core does not quote it")
    if "," in host:
        raise Refused("POSTGRESQL_HOST must be one host: core probes it as one")
    mode = environment.get("POSTGRESQL_SSLMODE") or "disable"
    options = {"sslmode": mode, "connect_timeout": "5", "options": "-c timezone=UTC"}
    if mode.startswith("verify") and not environment.get("PGSSLROOTCERT"):
        options["sslrootcert"] = trust_bundle()
    conninfo = make_conninfo("", host=host, port=port, user=user, password=password, dbname=name, **options)
    limit = int(environment.get("POSTGRESQL_MAX_OPEN_CONNS") or 0)
    store = PostgresStore(conninfo, min(limit or _MAX_CONNECTIONS, _MAX_CONNECTIONS))
    wait_for(f"PostgreSQL at {host}:{port}", store.migrate, psycopg.Error)
    return store


class _KeyFile:
    """The signing key, read again for each use as core does, parsed again only when it changed."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._content = b""
        self._key: rsa.RSAPrivateKey | None = None

    def load(self) -> rsa.RSAPrivateKey:
        content = read_file(self._path)
        if self._key is None or content != self._content:
            self._key, self._content = load_token_key(self._path), content
        return self._key


def _settings(environment: Mapping[str, str]) -> Settings:
    settings = Settings(
        admin_password=environment.get("HARBOR_ADMIN_PASSWORD", ""),
        external_url=environment["EXT_ENDPOINT"],
        core_url=environment["CORE_URL"],
        trivy_url=environment.get("TRIVY_ADAPTER_URL", "") if _has_trivy(environment) else "",
        storage_provider=environment.get("REGISTRY_STORAGE_PROVIDER_NAME") or "filesystem",
        iterations=_ITERATIONS,
        login_delay=_LOGIN_DELAY,
        scanner_robot_prefix=environment.get("ROBOT_SCANNER_NAME_PREFIX", ""),
        jobservice_secret=environment["JOBSERVICE_SECRET"],
        # Without the variable Harbor offers no adapter at all.
        replication_adapters=_words(environment, "REPLICATION_ADAPTER_WHITELIST"),
    )
    permitted = _words(environment, "PERMITTED_REGISTRY_TYPES_FOR_PROXY_CACHE")
    settings.proxy_cache_types = permitted or settings.proxy_cache_types
    return settings


def _words(environment: Mapping[str, str], name: str) -> tuple[str, ...]:
    return tuple(word for word in environment.get(name, "").split(",") if word)


def _port(environment: Mapping[str, str]) -> int:
    """The port of app.conf; core forces another one when internal TLS is on."""
    path = Path(environment.get("CONFIG_PATH") or "/etc/core/app.conf")
    parser = configparser.ConfigParser()
    try:
        # Keys may stand before the first section, which Python's reader wants to have a name.
        parser.read_string("[global]\n" + read_file(path).decode())
        port = parser.getint(parser.get("global", "runmode", fallback="prod"), "httpport")
    except (configparser.Error, ValueError) as error:
        raise Refused(f"{path}: {error}") from error
    return 8443 if tls_files(environment) else port


def _has_trivy(environment: Mapping[str, str]) -> bool:
    return environment.get("WITH_TRIVY", "").lower() in ("true", "1")


def _checks(environment: Mapping[str, str]) -> dict[str, Callable[[], object]]:
    neighbours = {
        "portal": ("PORTAL_URL", "http://portal:8080", "/"),
        "jobservice": ("JOBSERVICE_URL", "http://jobservice:8080", "/api/v1/stats"),
        "registry": ("REGISTRY_URL", "http://registry:5000", "/"),
        "registryctl": ("REGISTRY_CONTROLLER_URL", "http://registryctl:8080", "/api/health"),
    }
    if _has_trivy(environment):
        neighbours["trivy"] = ("TRIVY_ADAPTER_URL", "http://trivy-adapter:8080", "/probe/healthy")
    return {name: answers((environment.get(variable) or default) + path) for name, (variable, default, path) in neighbours.items()}
