# Copyright: the dockmaster.harbor contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Scanners of the system and of projects: what is refused and why, the default, credentials."""

from __future__ import annotations

import typing as t

import pytest
from standin.resources import scanners
from standin.scanning import new_scanner
from standin.server import Server
from standin.store import first

from .conftest import Modules
from .samples import ALICE

URL, CREDENTIAL = "https://scanner.example.com", "Canary6Scanner"
DEEP = {"name": "deep-scan", "url": URL, "auth": "bearer", "access_credential": CREDENTIAL}


def raw(run: Modules, name: str) -> dict[str, t.Any]:
    with run.harbor.harbor.store.transaction(write=False) as tx:
        found = first(tx, "scanner", name=name)
        assert found
        return dict(found)


def defaults(run: Modules) -> list[str]:
    return [one["name"] for one in run.ok("scanner_info")["scanners"] if one["default"]]


REFUSALS: tuple[tuple[dict[str, t.Any], str], ...] = (
    ({"name": "x"}, "scanner x: url: must be given to create the scanner"),
    ({"name": "x", "url": ""}, "scanner x: url: '' is not allowed; allowed: an http or https address"),
    ({"name": "x", "url": URL, "auth": "magic"}, "value of auth must be one of: none, basic, bearer, api_key, got: magic"),
    ({"name": "x", "url": URL, "auth": "basic"}, "scanner x: access_credential: must be given with auth 'basic'"),
    ({"name": "x", "url": URL, "access_credential": "y"}, "scanner x: access_credential: needs an auth other than none"),
    (
        {"name": "x", "url": "http://trivy-adapter:8080/"},
        "url: http://trivy-adapter:8080 is that of scanner Trivy, each scanner has its own",
    ),
    (
        {"name": "x", "url": "https://away.invalid"},
        "scanner x: url: Harbor cannot use the scanner at https://away.invalid: POST /api/v2.0/scann",
    ),
    ({"name": "x", "url": URL, "default": True, "disabled": True}, "scanner x: default: a disabled scanner cannot be the default"),
    (
        {"name": "Trivy", "description": "mine"},
        "scanner Trivy: description: Trivy is Harbor's own scanner, only its default may be changed",
    ),
    ({"name": "Trivy", "default": False}, "scanner Trivy: default: cannot be taken away, only be given to another scanner"),
    ({"name": "Trivy", "state": "absent"}, "scanner Trivy: state: Trivy is Harbor's own scanner and cannot be deleted"),
    ({"name": "x" * 129, "url": URL}, "name: 'xxx"),
)


@pytest.mark.parametrize(("values", "message"), REFUSALS)
def test_refusals(run: Modules, values: dict[str, t.Any], message: str) -> None:
    assert message in run.refused("scanner", **values)
    assert run.writes() == []


def test_the_reserved_name_without_harbors_own_scanner(run: Modules) -> None:
    with Server(trivy_url="") as harbor:
        run.harbor = harbor
        assert "Trivy is Harbor's own scanner" in run.refused("scanner", name="Trivy", url=URL)


def test_the_first_scanner_becomes_the_default(run: Modules) -> None:
    with Server(trivy_url="") as harbor:
        run.harbor = harbor
        assert "default: cannot be taken away" in run.refused("scanner", **DEEP, default=False)
        assert run.ok("scanner", **DEEP)["changed"] and defaults(run) == ["deep-scan"]
        assert not run.ok("scanner", **DEEP, default=True)["changed"]
        assert run.ok("scanner", name="deep-scan", state="absent")["changed"] and defaults(run) == []


def test_the_default_moves(run: Modules) -> None:
    run.ok("scanner", **DEEP)
    assert defaults(run) == ["Trivy"]
    desired = {"scanners": [{"name": "Trivy", "default": False}, {"name": "deep-scan", "default": True}]}
    assert run.state(desired, check=True) == run.state(desired)
    assert defaults(run) == ["deep-scan"] and not run.state(desired)["changed"]
    assert run.ok("scanner", name="Trivy", default=True)["changed"]
    assert defaults(run) == ["Trivy"]


def test_a_new_scanner_may_be_the_default_at_once(run: Modules) -> None:
    assert run.ok("scanner", **DEEP, default=True)["changed"]
    assert defaults(run) == ["deep-scan"] and not run.ok("scanner", **DEEP, default=True)["changed"]


def test_there_is_one_default_and_never_none(run: Modules) -> None:
    run.ok("scanner", **DEEP, default=True)
    before = len(run.writes())
    both = {"scanners": [{"name": "Trivy", "default": True}, {"name": "deep-scan", "default": True}]}
    assert "scanner Trivy: default: true for Trivy, deep-scan; allowed: one default" in run.refused("state", desired=both)
    assert "default: cannot be taken away" in run.refused("scanner", name="deep-scan", default=False)
    assert "disabled: Harbor cannot disable its default scanner" in run.refused("scanner", name="deep-scan", disabled=True)
    assert "state: it is the default scanner, Harbor would be left without one" in run.refused("scanner", name="deep-scan", state="absent")
    message = run.refused("state", desired={"scanners": []}, prune=["scanners"])
    assert "scanner deep-scan (to be pruned): state: it is the default scanner" in message
    assert len(run.writes()) == before
    swap = {"scanners": [{"name": "Trivy", "default": True}, {"name": "deep-scan", "state": "absent"}]}
    assert run.state(swap)["summary"] == {"create": 0, "update": 1, "delete": 1, "unchanged": 0}
    assert defaults(run) == ["Trivy"]


def test_harbors_own_scanner_is_never_pruned(run: Modules) -> None:
    run.ok("scanner", **DEEP)
    assert [change["name"] for change in run.state({"scanners": []}, prune=["scanners"])["changes"]] == ["deep-scan"]
    assert not run.state({"scanners": []}, prune=["scanners"])["changed"]


# -- credentials


def test_a_credential_that_is_not_declared_stays(run: Modules) -> None:
    run.ok("scanner", **DEEP)
    assert run.ok("scanner", name="deep-scan", description="Slow")["changed"]
    assert raw(run, "deep-scan")["access_credential"] == CREDENTIAL
    assert "access_credential: must be given with auth 'basic'" in run.refused("scanner", name="deep-scan", auth="basic")
    run.ok("scanner", name="deep-scan", auth="none")
    assert raw(run, "deep-scan")["auth"] == raw(run, "deep-scan")["access_credential"] == ""
    assert CREDENTIAL not in "".join(run.outputs)


def test_credential_by_update_secret(run: Modules) -> None:
    run.ok("scanner", **DEEP)
    new = {**DEEP, "access_credential": "Canary6New"}
    for when in ("on_create", "on_drift"):
        assert not run.ok("scanner", **new, update_secret=when)["changed"]
    assert run.ok("scanner", **new, update_secret="always")["changes"][0]["fields"] == ["access_credential"]
    assert raw(run, "deep-scan")["access_credential"] == "Canary6New"
    assert "Canary6" not in "".join(run.outputs)


def test_older_harbors_show_the_credential_and_want_it_back(run: Modules, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is compared then, and still never shown."""
    original = scanners.show
    monkeypatch.setattr(scanners, "show", lambda call, row: {**original(call, row), "access_credential": row["access_credential"]})
    run.ok("scanner", **DEEP)
    bodies: list[dict[str, t.Any]] = []
    checked = scanners._checked

    def note(body: dict[str, t.Any]) -> dict[str, t.Any]:
        bodies.append(body)
        return checked(body)

    monkeypatch.setattr(scanners, "_checked", note)
    assert run.ok("scanner", name="deep-scan", description="Slow", diff=True)["changed"]
    assert bodies[-1]["access_credential"] == CREDENTIAL
    assert not run.ok("scanner", **DEEP, update_secret="on_drift")["changed"]
    assert run.ok("scanner", **{**DEEP, "access_credential": "Canary6New"}, update_secret="on_drift")["changed"]
    assert raw(run, "deep-scan")["access_credential"] == "Canary6New"
    run.ok("scanner_info")
    assert "Canary6" not in "".join(run.outputs)


def test_a_scanner_that_is_away_has_not_drifted(run: Modules) -> None:
    run.ok("scanner", **DEEP)
    run.harbor.world.closed = True
    try:
        assert not run.ok("scanner", **DEEP, update_secret="on_drift")["changed"]
    finally:
        run.harbor.world.closed = False
    assert "scanner deep-scan: neither the stored nor the declared access_credential works" in run.warnings[-1]


def test_a_new_auth_brings_its_credential(run: Modules) -> None:
    run.ok("scanner", **DEEP)
    result = run.ok("scanner", **{**DEEP, "auth": "api_key", "access_credential": "Canary6Key"})
    assert result["changes"][0]["fields"] == ["access_credential", "auth"]
    assert (raw(run, "deep-scan")["auth"], raw(run, "deep-scan")["access_credential"]) == ("X-ScannerAdapter-API-Key", "Canary6Key")


def test_the_scanner_is_asked_only_when_it_changes(run: Modules) -> None:
    def pings() -> int:
        return [entry[1] for entry in run.harbor.log].count("/api/v2.0/scanners/ping")

    run.ok("scanner", **DEEP)
    assert pings() == 1
    run.ok("scanner", **DEEP)
    run.ok("scanner", name="deep-scan", description="Slow")
    run.ok("scanner", name="deep-scan", url="https://other.example.com")  # only Harbor has the credential to try
    assert pings() == 1


def test_the_ping_knows_nothing_of_certificates_that_are_not_checked(run: Modules) -> None:
    """It would refuse a scanner that Harbor takes, so it is left to the creation."""
    run.ok("scanner", **DEEP, skip_cert_verify=True)
    assert "/api/v2.0/scanners/ping" not in [entry[1] for entry in run.harbor.log]
    run.ok("scanner", **DEEP, skip_cert_verify=False)
    assert "/api/v2.0/scanners/ping" in [entry[1] for entry in run.harbor.log]


def test_a_creation_without_an_answer_is_looked_for(run: Modules) -> None:
    """By the name: Harbor's answer has no number. A disabled scanner is not asked first, so the fault hits the creation."""
    run.harbor.faults.add("reset_after_write", method="POST", path_prefix="/api/v2.0/scanners")
    assert run.ok("scanner", **DEEP, disabled=True)["changed"] and not run.ok("scanner", **DEEP, disabled=True)["changed"]
    assert [entry[:2] for entry in run.writes()] == [("POST", "/api/v2.0/scanners")]


def test_a_question_without_an_answer_is_asked_again(run: Modules) -> None:
    run.harbor.faults.add("502", method="POST", path_prefix="/api/v2.0/scanners/ping", times=2)
    assert run.ok("scanner", **DEEP)["changed"]


# -- of a project


def test_project_scanner(run: Modules) -> None:
    """By name, in both directions; empty is the default one; not read where it is not declared."""
    desired = {"scanners": [DEEP], "projects": [{"name": "2024", "scanner": "deep-scan"}, {"name": "payments"}]}
    assert run.state(desired, check=True) == run.state(desired)
    assert not run.state(desired)["changed"]
    run.harbor.log.clear()
    run.state({"projects": [{"name": "2024"}]})
    assert not [path for _method, path, _status in run.harbor.log if "scanner" in path.lower()]
    [project] = run.ok("project_info", name="2024")["projects"]
    assert project["scanner"] == "deep-scan"
    assert run.ok("project", name="2024", scanner="Trivy")["changed"]
    assert run.ok("project", name="2024", scanner="")["changed"] and not run.ok("project", name="2024", scanner="")["changed"]
    assert run.ok("project_info", name="2024")["projects"][0]["scanner"] == ""


def test_unknown_project_scanner(run: Modules) -> None:
    """Harbor takes any id; an unknown one is refused, and one that is there already means the default."""
    run.state({"projects": [{"name": "payments"}]})
    before = len(run.writes())
    message = run.refused("project", name="payments", scanner="nope")
    assert "project payments: scanner: 'nope' is neither in Harbor nor declared in scanners" in message
    assert len(run.writes()) == before
    with run.harbor.harbor.store.transaction(write=True) as tx:
        project = first(tx, "project", name="payments")
        assert project
        tx.update("project", project["id"], metadata={**project["metadata"], "projectScanner": "gone"})
    assert not run.ok("project", name="payments", scanner="")["changed"]
    assert run.ok("project", name="payments", scanner="Trivy")["changed"]


def test_the_administrator_of_a_project_may_choose(run: Modules) -> None:
    """Who may not see the scanners of the system still sees the candidates of the own project."""
    run.state(
        {
            "users": [ALICE],
            "scanners": [DEEP],
            "projects": [{"name": "payments"}],
            "project_members": [{"project": "payments", "user": "alice", "role": "admin"}],
        }
    )
    run.connection = {"harbor_username": "alice", "harbor_password": ALICE["password"]}
    assert run.ok("project", name="payments", scanner="deep-scan")["changed"]
    assert not run.ok("project", name="payments", scanner="deep-scan")["changed"]
    assert run.ok("project_info", name="payments")["projects"][0]["scanner"] == "deep-scan"
    assert "scanners nope is not there" in run.refused("project", name="payments", scanner="nope")


def test_more_scanners_than_a_page(run: Modules) -> None:
    with run.harbor.harbor.store.transaction(write=True) as tx:
        for number in range(130):
            tx.insert("scanner", new_scanner(name=f"scanner {number}", url=f"https://{number}.example.com"))
    assert not run.ok("scanner", name="scanner 3", url="https://3.example.com")["changed"]
    assert len(run.ok("scanner_info")["scanners"]) == 131
