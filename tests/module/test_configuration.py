# Copyright: the dockmaster.harbor contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The configuration: what is refused and why, and when in a run its keys are written."""

from __future__ import annotations

import json
import typing as t

import pytest
from standin.server import Server

from .conftest import Modules
from .samples import ALICE

CONFIGURATIONS = "/api/v2.0/configurations"
SYSLOG = "syslog.example.com:514"


def put(run: Modules, **values: t.Any) -> None:
    """Change the configuration behind everybody's back."""
    with run.harbor.harbor.store.transaction(write=True) as tx:
        stored = tx.get("config", 1) or {"values": {}}
        tx.update("config", 1, values={**stored["values"], **values})


def stored(run: Modules) -> dict[str, t.Any]:
    with run.harbor.harbor.store.transaction(write=False) as tx:
        found: dict[str, t.Any] = (tx.get("config", 1) or {})["values"]
        return found


@pytest.fixture
def syslog(run: Modules) -> t.Iterator[Modules]:
    """Modules beside a syslog server."""
    run.harbor.world.audit_endpoints.add(SYSLOG)
    yield run
    run.harbor.world.audit_endpoints.clear()


REFUSALS: tuple[tuple[dict[str, t.Any], str], ...] = (
    ({"token_expiry": 30}, "module: token_expiry. Supported parameters include: "),
    ({"token_expiration": "soon"}, "argument 'token_expiration' is of type str and we were unable to convert to int"),
    ({"token_expiration": 0}, "configuration: token_expiration: 0 is not allowed; allowed: 1 to 9999999999"),
    ({"session_timeout": 99999999999}, "session_timeout: 99999999999 is not allowed; allowed: 1 to 9999999999"),
    ({"robot_token_duration": -1}, "robot_token_duration: -1 is not allowed"),
    ({"skip_audit_log_database": True}, "skip_audit_log_database: needs an audit_log_forward_endpoint"),
    ({"disabled_audit_log_event_types": ["pull"]}, "disabled_audit_log_event_types: ['pull'] is not allowed; allowed: create_artifact, "),
    ({"banner_message": {"text": "x"}}, "allowed: from_date, to_date or both with the text"),
    ({"banner_message": {"text": "x", "from_date": "soon"}}, "allowed: dates such as 2027-01-31"),
    ({"banner_message": {"text": "x", "from_date": "2027-02-01", "to_date": "2027-01-31"}}, "the latter the later one"),
    ({"banner_message": {"closable": True}}, "allowed: a text, or nothing at all"),
    ({"uaa_endpoint": "uaa.example.com"}, "uaa_endpoint: 'uaa.example.com' is not allowed; allowed: an http or https address"),
    ({"auth_mode": "ldap_auth"}, "auth_mode: 'ldap_auth' needs ldap_url of ldap_authentication, which is empty"),
    ({"auth_mode": "oidc_auth"}, "auth_mode: 'oidc_auth' needs oidc_endpoint of oidc_authentication, which is empty"),
    ({"auth_mode": "uaa_auth"}, "auth_mode: 'uaa_auth' needs uaa_endpoint of configuration, which is empty"),
)


@pytest.mark.parametrize(("values", "message"), REFUSALS)
def test_refusals(run: Modules, values: dict[str, t.Any], message: str) -> None:
    assert message in run.refused("configuration", **values)
    assert run.writes() == []


def test_what_is_declared_is_sent_and_nothing_else(run: Modules) -> None:
    run.ok("configuration", token_expiration=45, session_timeout=60)
    assert stored(run) == {"token_expiration": 45}


def test_a_configuration_in_the_environment_is_refused_with_the_reason(run: Modules) -> None:
    with Server(fixed_configuration=True) as harbor:
        run.harbor = harbor
        message = run.refused("configuration", token_expiration=45)
        assert (
            "configuration: token_expiration: cannot become 45: Harbor's core takes its configuration from its variable CONFIG_OV"
            in message
        )
        message = run.refused("configuration", auth_mode="http_auth")
        assert "CONFIG_OVERWRITE_JSON" in message and "users" not in message
        assert "http_authproxy_skip_search: cannot become True" in run.refused("http_authentication", http_authproxy_skip_search=True)
        assert not run.ok("configuration", token_expiration=30, auth_mode="db_auth")["changed"]
        assert run.writes() == []


# -- the authentication mode


def test_the_mode_cannot_change_while_there_are_users(run: Modules) -> None:
    run.state({"users": [ALICE]})
    before = len(run.writes())
    message = run.refused("configuration", auth_mode="oidc_auth")
    assert "auth_mode: cannot be changed from 'db_auth' to 'oidc_auth' while Harbor has users other than its administrator" in message
    assert not run.ok("configuration", auth_mode="db_auth")["changed"]
    # Users go last in a run, so it takes one run for them and one for the mode.
    gone = {"configuration": {"auth_mode": "oidc_auth"}, "users": [{"username": "alice", "state": "absent"}]}
    assert "delete them in a run before" in run.refused("state", desired=gone)
    assert len(run.writes()) == before


def test_the_rest_of_the_plan_goes_by_the_new_mode(run: Modules) -> None:
    """Settings first, then the mode, then what needs the mode; a user of the former mode is refused before anything is written."""
    run.harbor.world.oidc_providers.add("https://idp.example.com")
    desired: dict[str, t.Any] = {
        "configuration": {"auth_mode": "oidc_auth"},
        "oidc_authentication": {
            "oidc_endpoint": "https://idp.example.com",
            "oidc_client_id": "harbor",
            "oidc_client_secret": "Canary8Oidc",
        },
        "user_groups": [{"name": "developers", "type": "oidc"}],
    }
    message = run.refused("state", desired={**desired, "users": [ALICE]})
    assert "Harbor's authentication mode is oidc_auth" in message and run.writes() == []
    run.state(desired)
    puts = [path for method, path, _status in run.writes() if method == "PUT"]
    assert puts == [CONFIGURATIONS, CONFIGURATIONS] and stored(run)["auth_mode"] == "oidc_auth"
    assert not run.state(desired)["changed"]
    run.harbor.world.oidc_providers.clear()


# -- read-only mode


def test_read_only_is_switched_on_last(run: Modules) -> None:
    """After all creations and deletions; the other keys have their usual turn."""
    run.state({"labels": [{"name": "old"}]})
    desired: dict[str, t.Any] = {
        "configuration": {"read_only": True, "token_expiration": 45},
        "projects": [{"name": "payments"}],
        "labels": [{"name": "new"}, {"name": "old", "state": "absent"}],
    }
    before = len(run.writes())
    predicted = run.state(desired, check=True, diff=True)
    result = run.state(desired, diff=True)
    assert result == predicted and result["summary"] == {"create": 2, "update": 1, "delete": 1, "unchanged": 0}
    assert [change["fields"] for change in result["changes"] if change["kind"] == "configuration"] == [["token_expiration"], ["read_only"]]
    writes = [(method, path) for method, path, status in run.writes()[before:]]
    assert writes[0] == writes[-1] == ("PUT", CONFIGURATIONS) and len(writes) == 5
    assert stored(run) == {"token_expiration": 45, "read_only": True}
    assert not run.state(desired)["changed"]


def test_read_only_is_switched_off_first(run: Modules) -> None:
    put(run, read_only=True)
    desired: dict[str, t.Any] = {
        "configuration": {"read_only": False, "token_expiration": 45},
        "cve_allowlist": {"cves": ["CVE-2026-1"]},
        "projects": [{"name": "payments"}],
    }
    assert run.state(desired, check=True) == run.state(desired)
    assert not run.state(desired)["changed"]


def test_other_settings_can_change_while_harbor_is_read_only(run: Modules) -> None:
    put(run, read_only=True)
    assert run.ok("configuration", token_expiration=45)["changed"]
    assert run.ok("configuration", read_only=True, session_timeout=45)["changed"]
    message = run.refused("state", desired={"configuration": {"token_expiration": 50}, "projects": [{"name": "payments"}]})
    assert "Harbor is in read-only mode, 1 change(s) cannot be made" in message
    assert stored(run)["token_expiration"] == 45


def test_read_only_stays_off_when_something_failed(run: Modules) -> None:
    run.harbor.faults.add("503", method="POST", path_prefix="/api/v2.0/projects", times=99)
    result = run("state", desired={"configuration": {"read_only": True}, "projects": [{"name": "payments"}]})
    assert result["failed"] and result["changes"] == [] and "read_only" not in stored(run)


# -- robots' names


def test_the_prefix_changes_after_the_robots(run: Modules) -> None:
    """Harbor wants robots called by the prefix that is in force, so those of the same run are written before it changes."""
    robot = {"name": "ci", "permissions": [{"namespace": "*", "access": ["repository:pull"]}], "secret": "Canary1Robot"}
    run.state({"robots": [robot]})
    desired = {"configuration": {"robot_name_prefix": "bot_"}, "robots": [{**robot, "description": "changed"}, {**robot, "name": "new"}]}
    assert run.state(desired, check=True) == run.state(desired)
    assert not run.state(desired)["changed"]
    assert sorted(found["name"] for found in run.ok("robot_info")["robots"]) == ["ci", "new"]


# -- the audit log


def test_a_refused_audit_endpoint_does_not_make_harbor_lie(syslog: Modules) -> None:
    """Harbor's memory keeps an endpoint that it refused; it is taken out again, so the next run sees the truth and fails again."""
    syslog.ok("configuration", audit_log_forward_endpoint=SYSLOG)
    for _run in range(2):
        result = syslog("configuration", audit_log_forward_endpoint="nowhere.example.com:514", token_expiration=45)
        assert result["failed"] and "could not connect to the audit endpoint" in result["msg"]
        assert syslog.ok("configuration_info")["configuration"]["audit_log_forward_endpoint"] == SYSLOG
    assert stored(syslog) == {"audit_log_forward_endpoint": SYSLOG}


def test_also_when_the_former_endpoint_is_away(syslog: Modules) -> None:
    syslog.ok("configuration", audit_log_forward_endpoint=SYSLOG)
    syslog.harbor.world.audit_endpoints.clear()
    assert syslog("configuration", audit_log_forward_endpoint="nowhere.example.com:514")["failed"]
    assert syslog.ok("configuration_info")["configuration"]["audit_log_forward_endpoint"] == SYSLOG


def test_the_endpoint_stays_while_events_go_nowhere_else(syslog: Modules) -> None:
    syslog.ok("configuration", audit_log_forward_endpoint=SYSLOG, skip_audit_log_database=True)
    assert "skip_audit_log_database: needs an" in syslog.refused("configuration", audit_log_forward_endpoint="")
    assert syslog.ok("configuration", audit_log_forward_endpoint="", skip_audit_log_database=False)["changed"]


def test_unknown_events_that_are_there_already_may_stay(run: Modules) -> None:
    put(run, disabled_audit_log_event_types="no_such_event")
    assert not run.ok("configuration", disabled_audit_log_event_types=["no_such_event"])["changed"]


# -- the banner


def test_banner_is_what_harbors_own_page_writes(run: Modules) -> None:
    run.ok("configuration", banner_message={"text": "Maintenance", "from_date": "2027-01-31"})
    assert json.loads(stored(run)["banner_message"]) == {
        "message": "Maintenance",
        "type": "warning",
        "closable": False,
        "fromDate": "01/31/2027",
        "toDate": "",
    }
    put(run, banner_message='{"closable":true,"message":"x","type":"info","fromDate":"2027-01-31T00:00:00.000Z"}')
    same = {"text": "x", "type": "info", "closable": True, "from_date": "2027-01-31"}
    assert not run.ok("configuration", banner_message=same)["changed"]
    assert run.ok("configuration_info")["configuration"]["banner_message"] == same


def test_a_banner_that_is_never_shown_may_stay(run: Modules) -> None:
    put(run, banner_message='{"message":"x","type":"info"}')
    assert not run.ok("configuration", banner_message={"text": "x", "type": "info"})["changed"]


@pytest.mark.parametrize("text", ["plain", "[1]", "12", '{"message":"x","type":"primary"}'])
def test_a_banner_that_is_none_is_replaced(run: Modules, text: str) -> None:
    put(run, banner_message=text)
    assert "banner_message" not in run.ok("configuration_info")["configuration"]
    assert run.ok("configuration", banner_message={})["changed"]
    assert stored(run)["banner_message"] == ""


# -- who may


def test_only_administrators_may(run: Modules) -> None:
    run.state({"users": [ALICE]})
    run.connection = {"harbor_username": "alice", "harbor_password": ALICE["password"]}
    for module in ("configuration", "ldap_authentication"):
        assert "'alice' may not do this" in run.refused(f"{module}_info")
        assert "'alice' may not do this" in run.refused(module)
