# Copyright: the dockmaster.harbor contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One Harbor: its settings, its state, and what a fresh database holds."""

from __future__ import annotations

import os
import secrets
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from . import clock, jobs, passwords
from .courier import Courier
from .registry import MemoryRegistry, Registry
from .scanning import install_trivy
from .security import Lockout, new_user
from .sessions import MemorySessions, Sessions
from .store import Doc, MemoryStore, Store, Transaction
from .tokens import TokenService
from .world import PretendWorld, World

# Every key of GET /configurations with its default; the type of the default is the type that PUT wants.
CONFIG_DEFAULTS: dict[str, Any] = {
    "audit_log_forward_endpoint": "",
    "auth_mode": "db_auth",
    "banner_message": "",
    "disabled_audit_log_event_types": "",
    "http_authproxy_admin_groups": "",
    "http_authproxy_admin_usernames": "",
    "http_authproxy_endpoint": "",
    "http_authproxy_server_certificate": "",
    "http_authproxy_skip_search": False,
    "http_authproxy_tokenreview_endpoint": "",
    "http_authproxy_verify_cert": True,
    "ldap_base_dn": "",
    "ldap_filter": "",
    "ldap_group_admin_dn": "",
    "ldap_group_attach_parallel": False,
    "ldap_group_attribute_name": "",
    "ldap_group_base_dn": "",
    "ldap_group_membership_attribute": "memberof",
    "ldap_group_search_filter": "",
    "ldap_group_search_scope": 2,
    "ldap_scope": 2,
    "ldap_search_dn": "",
    "ldap_timeout": 5,
    "ldap_uid": "cn",
    "ldap_url": "",
    "ldap_verify_cert": True,
    "notification_enable": True,
    "oidc_admin_group": "",
    "oidc_auto_onboard": False,
    "oidc_client_id": "",
    "oidc_endpoint": "",
    "oidc_extra_redirect_parms": "{}",
    "oidc_group_filter": "",
    "oidc_groups_claim": "",
    "oidc_logout": False,
    "oidc_name": "",
    "oidc_scope": "",
    "oidc_user_claim": "",
    "oidc_verify_cert": True,
    "primary_auth_mode": False,
    "project_creation_restriction": "everyone",
    "quota_per_project_enable": True,
    "read_only": False,
    "robot_name_prefix": "robot$",
    "robot_token_duration": 30,
    "scanner_skip_update_pulltime": False,
    "self_registration": False,
    "session_timeout": 60,
    "skip_audit_log_database": False,
    "storage_per_project": -1,
    "token_expiration": 30,
    "uaa_client_id": "",
    "uaa_client_secret": "",
    "uaa_endpoint": "",
    "uaa_verify_cert": False,
}
CONFIG_ID = 1


@dataclass
class Settings:
    """What a Harbor is told from outside: by the constructor in tests, by env files in containers."""

    version: str = "v2.15.2"
    admin_password: str = "Harbor12345"
    auth_mode: str = "db_auth"
    external_url: str = ""
    core_url: str = "http://core:8080"
    # Whether the environment of core holds the configuration (CONFIG_OVERWRITE_JSON), so that nobody can change it.
    fixed_configuration: bool = False
    storage_provider: str = "filesystem"
    scanner_robot_prefix: str = "scanner"
    # Where the scanner answers that Harbor brings along; empty for a Harbor without it.
    trivy_url: str = "http://trivy-adapter:8080"
    # Harbor hashes with 600,000 iterations; a test wants the semantics, not the cost.
    iterations: int = 10
    # Harbor answers a failed login after 1.5 s, and the name is locked for so long.
    login_delay: float = 0.0
    # How long a task of a job takes from its creation to its end.
    job_seconds: float = 0.2
    # How long after its last task an execution still says that it runs; a real Harbor takes up to 30 s.
    refresh_seconds: float = 0.0
    # How long a pull waits to be counted; a real Harbor writes every 10 s.
    pull_seconds: float = 0.0
    ca_file: Path = Path("/etc/core/ca/ca.crt")
    jobservice_secret: str = ""
    registry_url: str = ""
    registry_username: str = ""
    registry_password: str = ""
    replication_adapters: tuple[str, ...] = (
        "ali-acr", "aws-ecr", "azure-acr", "docker-hub", "docker-registry", "github-ghcr", "google-gcr", "harbor", "huawei-SWR",
        "jfrog-artifactory", "tencent-tcr", "volcengine-cr",
    )  # fmt: skip
    proxy_cache_types: tuple[str, ...] = (
        "docker-hub", "harbor", "azure-acr", "ali-acr", "aws-ecr", "google-gcr", "docker-registry", "github-ghcr", "jfrog-artifactory",
    )  # fmt: skip


class Health:
    """The state of the components, as GET /health shows it. In memory everything is always well."""

    COMPONENTS = ("core", "database", "jobservice", "portal", "redis", "registry", "registryctl", "trivy")

    def components(self) -> list[dict[str, str]]:
        return [{"name": name, "status": "healthy"} for name in self.COMPONENTS]


class Workers:
    """The pool of workers that the job service would have."""

    def __init__(self, size: int = 10) -> None:
        self.ident = secrets.token_hex(12)
        self.workers = sorted(secrets.token_hex(12) for _ in range(size))
        self.pid = os.getpid()
        self.started = clock.in_seconds(clock.now())


class Harbor:
    """The parts of one core process. Everything that outlives a request is in the store or in the sessions."""

    def __init__(
        self,
        settings: Settings,
        store: Store | None = None,
        sessions: Sessions | None = None,
        world: World | None = None,
        tokens: TokenService | None = None,
        health: Health | None = None,
        registry: Registry | None = None,
    ) -> None:
        self.settings = settings
        self.store = store or MemoryStore()
        self.sessions = sessions or MemorySessions()
        self.world = world or PretendWorld()
        self.tokens = tokens or TokenService.generate()
        self.health = health or Health()
        self.registry = registry or MemoryRegistry(lambda: self.settings.external_url)
        self.lockout = Lockout()
        self.courier = Courier(self)
        self.workers = Workers()
        self.skew = 0.0
        # Harbor keeps a refused configuration in its memory until it is overwritten: GET then shows what was never stored.
        self.refused_config: dict[str, Any] = {}

    def now(self) -> float:
        """The time by which jobs run, seconds since 1970: a test may let it pass faster by `skew`."""
        return time.time() + self.skew

    def seed(self) -> None:
        """Fill an empty store with what the migrations of a fresh Harbor create; a filled one only learns of a new scanner."""
        with self.store.transaction(write=True) as tx:
            if tx.get("user", 1) is None:
                seed(tx, self.settings)
            install_trivy(tx, self.settings.trivy_url)

    def reset(self) -> None:
        """A fresh Harbor in the same process."""
        self.store.reset()
        self.refused_config = {}
        self.seed()

    def config(self, tx: Transaction) -> Doc:
        """The configuration in force: defaults, what is stored, and what was refused but stayed in memory."""
        stored = tx.get("config", CONFIG_ID) or {}
        return {**CONFIG_DEFAULTS, **stored.get("values", {}), **self.refused_config}


def seed(tx: Transaction, settings: Settings) -> None:
    """admin, the row that stands for anonymous, the configuration and the public project `library`."""
    secret = passwords.digest(settings.admin_password, settings.iterations)
    tx.insert("user", new_user("admin", None, "system admin", comment="admin user", password=secret, sysadmin_flag=True))
    tx.insert("user", new_user("anonymous", None, "anonymous user", comment="anonymous user", hidden=True))
    values = {} if settings.auth_mode == "db_auth" else {"auth_mode": settings.auth_mode}
    tx.insert("config", {"values": values})
    # What a fresh Harbor does every night.
    jobs.schedule(tx, "SYSTEM_ARTIFACT_CLEANUP", 0, "0 0 0 * * *")
    jobs.schedule(tx, "EXECUTION_SWEEP", -1, "0 0 0 * * *")
    # The system allowlist takes the ids of the same table as the projects' lists, from its first write on.
    insert_project(tx, "library", {"public": "true"}, owner_id=1, registry_id=0, storage_limit=-1)


def insert_project(
    tx: Transaction, name: str, metadata: dict[str, str], *, owner_id: int, registry_id: int, storage_limit: int | None
) -> Doc:
    """A project with its owner's membership, an empty allowlist and, unless the limit is None, its quota."""
    now = clock.now()
    row = {"name": name, "owner_id": owner_id, "registry_id": registry_id, "metadata": metadata}
    project = tx.insert("project", {**row, "creation_time": now, "update_time": now})
    allowlist = {"id": tx.next_id("allowlist"), "items": [], "expires_at": None}
    # Its id a second time under the name that lists are filtered and sorted by.
    project = tx.update("project", project["id"], project_id=project["id"], allowlist=allowlist)
    member = {"project_id": project["id"], "entity_type": "u", "entity_id": owner_id, "role_id": 1}
    tx.insert("member", member)
    if storage_limit is not None:
        quota = {"reference": "project", "reference_id": project["id"], "hard": storage_limit, "used": 0}
        tx.insert("quota", {**quota, "creation_time": now, "update_time": now})
    return project
