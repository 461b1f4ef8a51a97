# Copyright: the dockmaster.harbor contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The role harbor: rendered files, secrets, containers and the HTTPS front, as its README promises."""

from __future__ import annotations

import json
from typing import Any

import pytest

DIRECTORY = "/opt/harbor"
CA = "/etc/dockmaster/pki/ca.crt"
SECRET_FILES = {
    "admin.env": (0, 0o600),
    "core.secrets.env": (0, 0o600),
    "jobservice.secrets.env": (0, 0o600),
    "private_key.pem": (10000, 0o600),
    "registry.secrets.env": (0, 0o600),
    "registryctl.secrets.env": (0, 0o600),
    "secretkey": (10000, 0o600),
    "tls/server.key": (10000, 0o600),
    "trivy-adapter.secrets.env": (0, 0o600),
}
SERVICES = ("core", "jobservice", "portal", "proxy", "registry", "registryctl", "trivy-adapter")


@pytest.fixture(scope="module")
def containers(host: Any) -> dict[str, dict[str, Any]]:
    """What the engine says of each service's container."""
    ids = host.check_output("docker ps --all --quiet --filter label=com.docker.compose.project=harbor")
    found = json.loads(host.check_output(f"docker inspect {' '.join(ids.split())}"))
    return {entry["Config"]["Labels"]["com.docker.compose.service"]: entry for entry in found}


def curl(host: Any, options: str) -> str:
    """The answer of curl, which trusts the site's authority alone."""
    return str(host.check_output(f"curl --silent --show-error --max-time 10 --cacert {CA} {options}"))


@pytest.mark.parametrize("name", SECRET_FILES)
def test_secret_files_are_for_their_reader_alone(host: Any, name: str) -> None:
    """Owner and mode; the directory above keeps everybody else out as well."""
    file = host.file(f"{DIRECTORY}/{name}")
    assert (file.uid, file.mode) == SECRET_FILES[name]
    assert host.file(DIRECTORY).mode == 0o750


def test_secret_key_has_sixteen_bytes(host: Any, vault: dict[str, Any]) -> None:
    """A newline at the end would make every stored credential unreadable."""
    assert host.file(f"{DIRECTORY}/secretkey").content == vault["vault_harbor_secret_key"].encode()


def test_token_key_is_pkcs1(host: Any) -> None:
    """Core reads no other form."""
    assert host.file(f"{DIRECTORY}/private_key.pem").content_string.startswith("-----BEGIN RSA PRIVATE KEY-----\n")


def test_public_files_hold_no_secret(host: Any, vault: dict[str, Any]) -> None:
    """What --diff shows, and what more than its reader may open, holds none of the vault."""
    names = "app.conf core.env jobservice.env nginx/nginx.conf portal.conf registry.env registry/config.yml compose.yml"
    text = host.check_output(f"cd {DIRECTORY} && cat {names}")
    values = {
        name: value.strip() for name, value in vault.items() if "\n" not in value.strip() and name != "vault_harbor_robot_scanner_prefix"
    }
    assert [name for name, value in values.items() if value in text] == []


@pytest.mark.parametrize("service", SERVICES)
def test_container_is_confined(containers: dict[str, dict[str, Any]], service: str) -> None:
    """No capability, no way to get one, healthy, logged to the journal, restarted unless it was stopped on purpose."""
    entry = containers[service]
    settings = entry["HostConfig"]
    assert entry["State"]["Health"]["Status"] == "healthy"
    assert settings["CapDrop"] == ["ALL"] and not settings["CapAdd"] and not settings["Privileged"]
    assert "no-new-privileges:true" in settings["SecurityOpt"]
    assert settings["LogConfig"]["Type"] == "journald"
    assert settings["RestartPolicy"]["Name"] == "unless-stopped"


def test_only_nginx_is_published(containers: dict[str, dict[str, Any]]) -> None:
    """Core's notifications are not authenticated: nothing but nginx may be reached from outside."""
    published = {service for service, entry in containers.items() if any((entry["HostConfig"]["PortBindings"] or {}).values())}
    assert published == {"proxy"}


def test_job_service_has_no_name_of_its_own(containers: dict[str, dict[str, Any]]) -> None:
    """Two nodes with one name would release each other's locks."""
    assert containers["jobservice"]["Id"].startswith(containers["jobservice"]["Config"]["Hostname"])


def test_https_is_verified_and_modern(host: Any, url: str) -> None:
    """The authority's certificate suffices, an older protocol is refused, HSTS is sent."""
    assert curl(host, f"--output /dev/null --write-out '%{{http_code}}' {url}/api/v2.0/ping") == "200"
    assert "strict-transport-security: max-age=31536000" in curl(host, f"--head {url}/").lower()
    assert host.run(f"curl --silent --max-time 10 --cacert {CA} --tls-max 1.1 --ciphers DEFAULT@SECLEVEL=0 {url}/").rc != 0
    assert host.run(f"curl --silent --max-time 10 --capath /nonexistent --cacert /etc/ssl/certs/ca-certificates.crt {url}/").rc == 60


def test_plain_http_only_redirects(host: Any, url: str) -> None:
    """A client that forgot the s lands on HTTPS."""
    answer = curl(host, f"--output /dev/null --write-out '%{{http_code}} %{{redirect_url}}' {url.replace('https', 'http')}/v2/")
    assert answer == f"308 {url}/v2/"


@pytest.mark.parametrize("path", ["/service/notifications/jobs/1", "/v1/users"])
def test_paths_that_must_not_reach_core(host: Any, url: str, path: str) -> None:
    """Core trusts whoever calls these."""
    assert curl(host, f"--output /dev/null --write-out '%{{http_code}}' {url}{path}") == "404"


def test_registry_challenges_with_the_public_name(host: Any, url: str) -> None:
    """Clients are sent to the token service under the name that they used."""
    assert f'bearer realm="{url}/service/token"' in curl(host, f"--head {url}/v2/").lower().replace("www-authenticate: ", "")


def test_wrong_password_is_anonymous(host: Any, url: str) -> None:
    """Nobody is administrator without the password."""
    status = curl(host, f"--output /dev/null --write-out '%{{http_code}}' --user admin:Wrong12345 {url}/api/v2.0/users/current")
    assert status == "401"


def test_stopping_the_unit_is_bound_to_the_engine(host: Any) -> None:
    """At shutdown Harbor goes before the engine, the database and Redis."""
    after = host.check_output("systemctl show harbor.service --property=After --value").split()
    assert {"docker.service", "patroni.service", "redis-server.service"} <= set(after)
