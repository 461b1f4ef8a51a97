# Copyright: the dockmaster.harbor contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The role harbor on two nodes: the same secrets, both in service, one purges, and any of them may be drained or lose a container."""

from __future__ import annotations

import json

import pytest
from cluster import APP, BALANCERS, LAB, eventually, on
from test_load_balancer import servers

DIRECTORY = "/opt/harbor"
CA = "/etc/dockmaster/pki/ca.crt"
PORT = LAB.facts[next(iter(APP))].get("harbor_https_port", 443)
SHARED = ("secretkey", "private_key.pem", "registry.secrets.env", "registry/passwd")
# In files that also hold what is a node's own, such as the address of Redis.
SHARED_NAMES = ("CORE_SECRET", "CSRF_KEY", "JOBSERVICE_SECRET", "REGISTRY_CREDENTIAL_PASSWORD")


@pytest.fixture(scope="module")
def url() -> str:
    """The external URL, from the rendered environment of core."""
    text = on(next(iter(APP))).check_output(f"grep ^EXT_ENDPOINT= {DIRECTORY}/core.env")
    return str(text.split("=", 1)[1].strip("'"))


def status(name: str, url: str, path: str) -> str:
    """Status code of a node's own nginx, asked under the public name."""
    host = url.removeprefix("https://")
    options = f"--silent --max-time 10 --output /dev/null --write-out '%{{http_code}}' --cacert {CA}"
    return str(on(name).run(f"curl {options} --connect-to {host}:443:{APP[name]}:{PORT} {url}{path}").stdout)


def public(name: str, url: str, path: str) -> str:
    """Status code at the virtual address, asked from a node."""
    return str(
        on(name).run(f"curl --silent --max-time 10 --output /dev/null --write-out '%{{http_code}}' --cacert {CA} {url}{path}").stdout
    )


@pytest.mark.parametrize("name", APP)
def test_every_component_is_healthy_on_every_node(name: str) -> None:
    answer = on(name).check_output("docker exec harbor-core curl --silent --fail http://127.0.0.1:8080/api/v2.0/health")
    assert {part["status"] for part in json.loads(answer)["components"]} == {"healthy"}


@pytest.mark.parametrize("path", SHARED)
def test_secrets_are_the_same_on_all_nodes(path: str) -> None:
    """Tokens, sessions and stored credentials of one node are good on the other."""
    assert len({on(name).file(f"{DIRECTORY}/{path}").sha256sum for name in APP}) == 1


@pytest.mark.parametrize("name", SHARED_NAMES)
def test_secrets_of_core_are_the_same_on_all_nodes(name: str) -> None:
    lines = {on(node).check_output(f"grep ^{name}= {DIRECTORY}/core.secrets.env | sha256sum") for node in APP}
    assert len(lines) == 1
    assert on(next(iter(APP))).run(f"grep -q ^{name}= {DIRECTORY}/core.secrets.env").rc == 0


def test_one_node_purges_uploads() -> None:
    purging = [
        name for name in APP if "enabled: true\n" in on(name).check_output(f"grep -A 4 uploadpurging {DIRECTORY}/registry/config.yml")
    ]
    assert purging == [next(iter(APP))]


def test_images_are_in_s3_and_job_logs_in_the_database() -> None:
    for name in APP:
        assert on(name).run(f"grep -q '^  s3:' {DIRECTORY}/registry/config.yml").rc == 0
        assert on(name).run(f"grep -q 'name: DB' {DIRECTORY}/jobservice.yml").rc == 0


@pytest.mark.parametrize("name", APP)
def test_a_drained_node_gets_nothing_new_and_goes_on_serving(name: str, url: str) -> None:
    """Load balancers are told by the health check alone; whoever is still there gets answers."""
    balancers = [on(balancer) for balancer in BALANCERS]
    assert status(name, url, "/api/v2.0/health") == "200"
    on(name).check_output(f"echo test > {DIRECTORY}/nginx/drain")
    try:
        assert status(name, url, "/api/v2.0/health") == "404"
        assert status(name, url, "/api/v2.0/ping") == "200"
        for balancer in balancers:
            assert eventually(lambda balancer=balancer: servers(balancer, "harbor")[name].startswith("DOWN"), 20)
        assert public(name, url, "/api/v2.0/ping") == "200"
    finally:
        on(name).check_output(f"rm {DIRECTORY}/nginx/drain")
    assert status(name, url, "/api/v2.0/health") == "200"
    for balancer in balancers:
        assert eventually(lambda balancer=balancer: servers(balancer, "harbor")[name] == "UP")


def addresses(name: str) -> dict[str, str]:
    """Container to its address in the node's own network."""
    form = "'{{.Name}} {{range .NetworkSettings.Networks}}{{.IPAddress}}{{end}}'"
    text = on(name).check_output(f"docker inspect --format {form} harbor-core harbor-portal registry")
    return dict(line.lstrip("/").split() for line in text.splitlines())


def test_nginx_follows_containers_that_come_back_elsewhere(url: str) -> None:
    """Containers killed and started in changing order swap their addresses; nginx is not touched."""
    name = list(APP)[-1]
    since = on(name).check_output("docker inspect --format '{{.State.StartedAt}}' nginx")
    seen = []
    for order in ("registry harbor-portal harbor-core", "harbor-core registry harbor-portal", "harbor-portal harbor-core registry"):
        on(name).check_output(f"docker kill harbor-core harbor-portal registry && docker start {order}")
        seen.append(addresses(name))
        for path in ("/api/v2.0/ping", "/"):
            assert eventually(lambda path=path: status(name, url, path) == "200"), path
    assert len({found["harbor-core"] for found in seen}) > 1
    assert on(name).check_output("docker inspect --format '{{.State.StartedAt}}' nginx") == since
    assert eventually(lambda: status(name, url, "/api/v2.0/health") == "200")
