# Copyright: the dockmaster.harbor contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Endpoints of other registries: all kinds, verification by Harbor's own ping, and rotation of credentials."""

from __future__ import annotations

import typing as t
from collections.abc import Iterator

import pytest
from ansible_collections.dockmaster.harbor.plugins.module_utils._resources.registry import TYPES
from standin.resources import registries as standin
from standin.world import Endpoint

from .conftest import Modules
from .samples import CANARIES, REGISTRY

OLD, NEW = CANARIES[2], "Canary8Rotated"
URL, MOVED = REGISTRY["url"], "https://registry-2.example.com"


@pytest.fixture
def endpoints(run: Modules) -> Iterator[dict[str, Endpoint]]:
    """The registries that exist in the world; none of the others answers."""
    before = dict(run.harbor.world.registries)
    yield run.harbor.world.registries
    run.harbor.world.registries.clear()
    run.harbor.world.registries.update(before)


def strict(secret: str, key: str = "key") -> Endpoint:
    return Endpoint(users={key: secret}, anonymous=False)


def pings(run: Modules) -> int:
    return sum(path == "/api/v2.0/registries/ping" for _method, path, _status in run.harbor.log)


def test_all_kinds(run: Modules) -> None:
    """Those of Harbor's source, whether the list of adapters of this Harbor names them or not."""
    assert set(TYPES) == set(standin.TYPES)
    desired = {"registries": [{"name": kind, "type": kind, "url": f"https://{kind.lower()}.example.com"} for kind in TYPES]}
    run.state(desired)
    assert not run.state(desired)["changed"]
    assert {registry["type"] for registry in run.ok("registry_info")["registries"]} == set(TYPES)


def test_more_than_one_page(run: Modules) -> None:
    desired = {"registries": [{**REGISTRY, "name": f"hub-{number}"} for number in range(120)]}
    run.state(desired)
    run.harbor.log.clear()
    assert not run.state(desired)["changed"]
    assert [path for _method, path, _status in run.harbor.log if path.endswith("/registries")] == ["/api/v2.0/registries"] * 2


def test_the_state_of_a_registry_is_told(run: Modules) -> None:
    run.state({"registries": [REGISTRY]})
    assert [registry["status"] for registry in run.ok("registry_info")["registries"]] == ["healthy"]


@pytest.mark.parametrize("there", [False, True], ids=["new", "there"])
def test_verify(run: Modules, endpoints: dict[str, Endpoint], there: bool) -> None:
    """A registry that does not answer fails the task before anything is written; in check mode too."""
    endpoints[URL] = strict(OLD)
    if there:
        run.state({"registries": [REGISTRY]})
    for check in (True, False):
        assert run.ok("registry", **REGISTRY, verify=True, check=check)["changed"] is not there
    assert not run.ok("registry", **REGISTRY, verify=True)["changed"]

    endpoints[URL] = strict(NEW)
    run.harbor.log.clear()
    desired = {"registries": [{**REGISTRY, "verify": True}], "labels": [{"name": "approved"}]}
    for check in (True, False):
        message = run.refused("state", desired=desired, check=check)
        assert "registry hub: verify: Harbor does not reach the registry: POST /api/v2.0/registries/ping answered 400" in message
        assert "nothing was written" in message
    assert run.writes() == []
    assert not run.ok("registry", **REGISTRY)["changed"]


def test_verify_of_a_new_registry_that_does_not_answer(run: Modules, endpoints: dict[str, Endpoint]) -> None:
    """Check mode would promise what Harbor refuses."""
    endpoints[URL] = strict(NEW)
    for check in (True, False):
        assert "registry hub: verify: " in run.refused("registry", **REGISTRY, verify=True, check=check)
    assert run.writes() == []
    assert "the registry is unhealthy" in run.refused("registry", **REGISTRY)


def test_verify_asks_with_what_is_to_be(run: Modules, endpoints: dict[str, Endpoint]) -> None:
    """With the declared address and key, and with the declared secret exactly when it is sent."""
    endpoints[URL] = strict(OLD)
    run.state({"registries": [REGISTRY]})
    endpoints[URL] = strict("gone")
    endpoints[MOVED] = strict(OLD)
    assert "verify: " in run.refused("registry", **REGISTRY, verify=True)
    assert run.ok("registry", name="hub", url=MOVED, verify=True)["changed"]
    endpoints[MOVED] = strict(NEW, "other")
    assert "verify: " in run.refused("registry", name="hub", verify=True)
    assert run.ok("registry", name="hub", access_key="other", access_secret=NEW, verify=True)["changed"]
    endpoints[MOVED] = strict("Canary8Third", "other")
    third = {"name": "hub", "access_secret": "Canary8Third", "verify": True}
    assert "verify: " in run.refused("registry", **third)
    assert run.ok("registry", **third, update_secret="on_drift", check=True)["changed"]
    assert run.ok("registry", **third, update_secret="always")["changed"]
    assert run.ok("registry", name="hub", verify=True)["changed"] is False
    assert "Canary" not in "".join(run.outputs)


def test_nobody_is_asked_without_need(run: Modules) -> None:
    run.state({"registries": [REGISTRY]})
    run.harbor.log.clear()
    run.ok("registry", **REGISTRY)
    run.ok("registry", name="hub", state="absent", verify=True, check=True)
    run.ok("registry", name="hub", verify=False)
    assert pings(run) == 0


def test_rotation_together_with_a_move(run: Modules, endpoints: dict[str, Endpoint]) -> None:
    """The new address takes the new secret only: both go in one change."""
    endpoints[URL] = strict(OLD)
    run.state({"registries": [REGISTRY]})
    del endpoints[URL]
    endpoints[MOVED] = strict(NEW)
    desired = {"registries": [{**REGISTRY, "url": MOVED, "access_secret": NEW}]}
    predicted = run.state(desired, update_secret="on_drift", check=True)
    assert predicted == run.state(desired, update_secret="on_drift")
    assert predicted["changes"][0]["fields"] == ["access_secret", "url"]
    assert not run.state(desired, update_secret="on_drift")["changed"]


def test_a_new_key_takes_its_secret_along(run: Modules, endpoints: dict[str, Endpoint]) -> None:
    """The old secret belongs to the old key, whatever update_secret says."""
    endpoints[URL] = Endpoint(users={"key": OLD, "second": NEW}, anonymous=False)
    run.state({"registries": [REGISTRY]})
    result = run.ok("registry", name="hub", access_key="second", access_secret=NEW)
    assert result["changes"][0]["fields"] == ["access_key", "access_secret"]
    assert not run.ok("registry", name="hub", access_key="second", access_secret=NEW)["changed"]


PEM = "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n"


def test_a_certificate_of_ones_own(run: Modules) -> None:
    registry: dict[str, t.Any] = {"name": "plain", "type": "docker-registry", "url": "https://registry.example.com"}
    run.ok("registry", **registry, ca_certificate=PEM)
    assert not run.ok("registry", **registry, ca_certificate=f"\n{PEM}\n")["changed"]
    [found] = run.ok("registry_info")["registries"]
    assert found["ca_certificate"] == PEM.strip()
    assert run.ok("registry", name="plain", ca_certificate="")["changed"]
    assert not run.ok("registry", name="plain", ca_certificate="")["changed"]
    run.harbor.harbor.settings.version = "v2.14.4"
    try:
        assert "ca_certificate: needs Harbor 2.15.0, this is 2.14.4" in run.refused("registry", name="plain", ca_certificate=PEM)
    finally:
        run.harbor.harbor.settings.version = "v2.15.2"
