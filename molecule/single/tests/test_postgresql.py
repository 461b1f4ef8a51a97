# Copyright: the dockmaster.harbor contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The role postgresql: one leader with checksums, TLS for everybody, and nobody in without the right password."""

from __future__ import annotations

import json
from typing import Any

import pytest

TLS = "/etc/dockmaster/postgresql"


@pytest.fixture(scope="module")
def address(url: str) -> str:
    return url.removeprefix("https://")


def ask(host: Any, sql: str) -> str:
    """One value, asked by root as the superuser over the local socket."""
    return host.check_output(f"psql -U postgres -d postgres -Atc {json.dumps(sql)}")


def call(host: Any, address: str, path: str, method: str = "GET", body: str | None = None) -> tuple[int, str]:
    """Status and body of a call of Patroni's REST API, its certificate verified, without credentials."""
    script = (
        "import ssl, urllib.error, urllib.request as r\n"
        f"q = r.Request('https://{address}:8008{path}', method='{method}', data={body.encode() if body else None!r})\n"
        f"c = ssl.create_default_context(cafile='{TLS}/ca.crt')\n"
        "try:\n    a = r.urlopen(q, context=c, timeout=10)\nexcept urllib.error.HTTPError as e:\n    a = e\n"
        "print(a.status, a.read().decode())"
    )
    status, _space, text = host.run_expect([0], f"python3 -c {json.dumps(script).replace(chr(92) + 'n', chr(10))}").stdout.partition(" ")
    return int(status), text


def connect(host: Any, address: str, settings: str, password: str = "") -> Any:
    """Try to connect over the network and ask for the TLS version."""
    query = "select version from pg_stat_ssl where pid = pg_backend_pid()"
    return host.run(
        f"PGCONNECT_TIMEOUT=5 PGPASSWORD='{password}' psql -w -Atc '{query}' 'host={address} sslrootcert={TLS}/ca.crt {settings}'"
    )


def test_service_runs_and_comes_back_after_a_boot(host: Any) -> None:
    assert host.service("patroni").is_running
    assert host.service("patroni").is_enabled


def test_it_leads_the_cluster(host: Any, address: str) -> None:
    status, body = call(host, address, "/patroni")
    member = json.loads(body)
    assert (status, member["state"], member["role"]) == (200, "running", "primary")
    assert member["timeline"] >= 1
    assert member["database_system_identifier"] == ask(host, "select system_identifier from pg_control_system()")
    assert "pending_restart" not in member


@pytest.mark.parametrize(("method", "path"), [("PATCH", "/config"), ("POST", "/restart"), ("POST", "/switchover"), ("DELETE", "/restart")])
def test_a_change_by_the_api_needs_the_password(host: Any, address: str, method: str, path: str) -> None:
    assert call(host, address, path, method, "{}")[0] == 401


def test_a_call_without_tls_is_refused(host: Any, address: str) -> None:
    assert host.run(f"python3 -c \"import urllib.request as r; r.urlopen('http://{address}:8008/patroni', timeout=5)\"").rc != 0


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("data_checksums", "on"),
        ("ssl", "on"),
        ("ssl_min_protocol_version", "TLSv1.2"),
        ("password_encryption", "scram-sha-256"),
        ("server_encoding", "UTF8"),
        ("fsync", "on"),
    ],
)
def test_setting(host: Any, name: str, value: str) -> None:
    assert ask(host, f"show {name}") == value


def test_the_shared_settings_are_safe(host: Any, address: str) -> None:
    settings = json.loads(call(host, address, "/config")[1])
    assert (settings["ttl"], settings["failsafe_mode"], settings["postgresql"]["use_pg_rewind"]) == (20, True, True)


def test_passwords_are_kept_as_scram(host: Any) -> None:
    assert ask(host, "select count(*) from pg_authid where rolcanlogin and rolpassword not like 'SCRAM-SHA-256$%'") == "0"


def test_the_owner_connects_with_tls_and_password(host: Any, address: str, vault: dict[str, Any]) -> None:
    answer = connect(host, address, "user=harbor dbname=registry sslmode=verify-full", vault["vault_harbor_database_password"])
    assert (answer.rc, answer.stdout.strip()) == (0, "TLSv1.3")


def test_without_tls_the_right_password_does_not_help(host: Any, address: str, vault: dict[str, Any]) -> None:
    answer = connect(host, address, "user=harbor dbname=registry sslmode=disable", vault["vault_harbor_database_password"])
    assert answer.rc != 0
    assert "no pg_hba.conf entry" in answer.stderr


def test_a_wrong_password_is_refused(host: Any, address: str) -> None:
    answer = connect(host, address, "user=harbor dbname=registry sslmode=verify-full", "wrong")
    assert answer.rc != 0
    assert "password authentication failed" in answer.stderr


def test_the_superuser_stays_off_the_network(host: Any, address: str, vault: dict[str, Any]) -> None:
    answer = connect(host, address, "user=postgres dbname=postgres sslmode=verify-full", vault["vault_postgresql_superuser_password"])
    assert answer.rc != 0
    assert "pg_hba.conf rejects" in answer.stderr


def test_the_database_belongs_to_its_owner(host: Any) -> None:
    assert ask(host, "select pg_get_userbyid(datdba) from pg_database where datname = 'registry'") == "harbor"


def test_it_listens_where_expected(host: Any, address: str) -> None:
    assert sorted(host.check_output("ss -Hltn sport = :5432").split()[3::5]) == sorted([f"{address}:5432", "127.0.0.1:5432"])
    assert host.check_output("ss -Hltn sport = :8008").split()[3::5] == [f"{address}:8008"]


def test_files_are_closed_to_others(host: Any) -> None:
    for path in (f"{TLS}/server.key", f"{TLS}/patroni.yml"):
        assert (host.file(path).user, host.file(path).mode) == ("postgres", 0o600)
    assert host.file("/var/lib/postgresql/17/main").mode == 0o700


def test_the_packages_made_no_cluster_of_their_own(host: Any) -> None:
    assert host.check_output("pg_lsclusters -h") == ""


def test_no_process_shows_a_password(host: Any, vault: dict[str, Any]) -> None:
    shown = host.check_output("ps -eo args")
    secrets = [value for name, value in vault.items() if name.startswith("vault_postgresql_")]
    assert secrets
    assert not [secret for secret in secrets if secret in shown]
