# Copyright: the dockmaster.harbor contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Reports: what Harbor knows of itself, in the user's words, without a write."""

from __future__ import annotations

import typing as t

import pytest
from ansible_collections.dockmaster.harbor.plugins.module_utils import _http
from ansible_collections.dockmaster.harbor.plugins.module_utils._reports import REPORTS
from ansible_collections.dockmaster.harbor.plugins.module_utils._reports import vulnerability_info as vulnerabilities
from standin.content import Manifest, record_manifest
from standin.scanning import new_scanner
from standin.world import Scan

from .conftest import Modules
from .samples import ALICE, PAYMENTS

reports = pytest.mark.parametrize("name", [report.name for report in REPORTS])
OCI = "application/vnd.oci.image"
SCORE = {"preferred_cvss": {"score_v3": 9.8}}
GUEST = {"harbor_username": ALICE["username"], "harbor_password": ALICE["password"]}
ROBOT_ACCESS = [{"namespace": "payments", "access": ["repository:pull", "repository:push"]}]


@reports
@pytest.mark.parametrize("check", [True, False])
def test_reports_write_nothing(run: Modules, name: str, check: bool) -> None:
    assert not run.ok(name, check=check)["changed"]
    assert run.writes() == []


@reports
@pytest.mark.parametrize("kind", ["502", "503", "504", "reset_before"])
def test_reports_try_again(run: Modules, name: str, kind: str) -> None:
    path = {"system_info": "/health", "audit_log_info": "/auditlog", "vulnerability_info": "/security", "permission_info": "/permissions"}
    run.harbor.faults.add(kind, method="GET", path_prefix=f"/api/v2.0{path[name]}", times=3)
    run.ok(name)


# -- system_info


def test_system_info(run: Modules) -> None:
    found = run.ok("system_info")
    assert found["version"].startswith("v2.15.2") and found["version_numbers"] == [2, 15, 2]
    assert found["healthy"] and found["unhealthy"] == [] and found["components"]["core"] == {"status": "healthy", "error": ""}
    assert found["storage"]["provider"] == "filesystem" and isinstance(found["storage"]["volumes"], list)
    assert found["statistics"]["total_project_count"] == 1
    assert (found["auth_mode"], found["read_only"]) == ("db_auth", False)


def test_system_info_names_what_is_not_well(run: Modules, monkeypatch: pytest.MonkeyPatch) -> None:
    """It reports, and leaves the verdict to the play."""
    states = [{"name": "core", "status": "healthy"}, {"name": "redis", "status": "unhealthy", "error": "connection refused"}]
    monkeypatch.setattr(run.harbor.harbor.health, "components", lambda: states)
    found = run.ok("system_info")
    assert not found["healthy"] and found["unhealthy"] == ["redis"]
    assert found["components"]["redis"] == {"status": "unhealthy", "error": "connection refused"}


def test_system_info_of_one_who_may_not_see_the_storage(run: Modules) -> None:
    run.state({"users": [ALICE]})
    found = run.ok("system_info", **GUEST)
    assert found["storage"]["volumes"] is None and found["healthy"]


# -- audit_log_info


@pytest.fixture
def busy(run: Modules) -> Modules:
    """A Harbor in which something happened."""
    run.state({**PAYMENTS, "users": [ALICE]})
    run.state({"projects": [{"name": "payments", "state": "absent"}, {"name": "platform"}]})
    return run


def seen(run: Modules, **options: t.Any) -> list[tuple[str, str, str]]:
    """Return what was done, but for the logins: each run of a module is one more."""
    entries = run.ok("audit_log_info", **options)["entries"]
    return [(entry["operation"], entry["resource_type"], entry["resource"]) for entry in entries if entry["operation"] != "login"]


def test_audit_log_is_newest_first(busy: Modules) -> None:
    found = seen(busy)
    assert {("create", "project", "platform"), ("delete", "project", "payments")} == set(found[:2])
    assert ("create", "user", "alice") in found[2:] and ("create", "project", "payments") in found[2:]
    [entry] = busy.ok("audit_log_info", operation="delete")["entries"]
    assert entry["username"] == "admin" and entry["succeeded"] and entry["op_time"].startswith("20")
    assert entry["operation_description"].startswith("delete project")


def test_audit_log_filters(busy: Modules) -> None:
    assert seen(busy, operation="delete") == [("delete", "project", "payments")]
    assert seen(busy, resource_type="user", operation="create") == [("create", "user", "alice")]
    assert {entry[2] for entry in seen(busy, resource="payments")} == {"payments"}
    assert seen(busy, username="alice") == []
    assert seen(busy, project="platform") == [("create", "project", "platform")]
    assert seen(busy, since="2099-01-01") == [] and seen(busy, until="2000-01-01T00:00:00Z") == []
    assert len(seen(busy, since="2000-01-01", until="2099-01-01")) == len(seen(busy))


def test_audit_log_limit(busy: Modules) -> None:
    everything = busy.ok("audit_log_info", resource_type="project")
    assert not everything["more"] and len(everything["entries"]) == 3
    first = busy.ok("audit_log_info", resource_type="project", limit=1)
    assert first["more"] and first["entries"] == everything["entries"][:1]
    exact = busy.ok("audit_log_info", resource_type="project", limit=3)
    assert not exact["more"] and exact["entries"] == everything["entries"]


def test_audit_log_is_read_no_further_than_needed(run: Modules) -> None:
    with run.harbor.harbor.store.transaction(write=True) as tx:
        entry = {"username": "robot$ci", "operation": "pull", "resource_type": "artifact", "resource": "payments/api:v1", "project_id": 0}
        for second in range(250):
            moment = f"2026-01-01T00:{second // 60:02}:{second % 60:02}.000Z"
            tx.insert("audit_log", {**entry, "operation_description": "", "operation_result": False, "op_time": moment})
    for limit, pages in ((100, 2), (150, 2), (1000, 3)):
        run.harbor.log.clear()
        found = run.ok("audit_log_info", username="robot$ci", limit=limit)
        assert len(found["entries"]) == min(limit, 250) and found["more"] is (limit < 250)
        assert not found["entries"][0]["succeeded"] and found["entries"][0]["op_time"] == "2026-01-01T00:04:09.000Z"
        assert sum(entry[1] == "/api/v2.0/auditlog-exts" for entry in run.harbor.log) == pages


def test_audit_log_of_one_who_is_no_administrator(busy: Modules) -> None:
    busy.state({"project_members": [{"project": "platform", "user": "alice", "role": "admin"}]})
    assert seen(busy, **GUEST) == [("create", "project", "platform")]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"username": "a,b"}, "username: Harbor cannot search for 'a,b'"),
        ({"since": "yesterday"}, "since: 'yesterday' is not allowed; allowed: "),
        ({"until": "never"}, "until: 'never' is not allowed; allowed: an ISO 8601 date or time"),
        ({"limit": 0}, "limit: 0 is not allowed; allowed: 1 to 100000"),
    ],
)
def test_bad_filters(run: Modules, options: dict[str, t.Any], message: str) -> None:
    assert message in run.refused("audit_log_info", **options)


def test_a_session_that_ends_meanwhile_is_no_empty_log(busy: Modules, monkeypatch: pytest.MonkeyPatch) -> None:
    """Harbor would answer an anonymous caller with nothing at all, or with a refusal."""
    pages = _http.Api.pages

    def late(api: _http.Api, path: str, **params: t.Any) -> t.Any:
        busy.harbor.harbor.sessions.expire_all()  # type: ignore[attr-defined]
        return pages(api, path, **params)

    monkeypatch.setattr(_http.Api, "pages", late)
    assert seen(busy, operation="delete") == [("delete", "project", "payments")]


# -- vulnerability_info


class Hub:
    """Answers as a recorded Harbor 2.15.2 did, and keeps what it was asked."""

    SUMMARY: t.ClassVar[dict[str, t.Any]] = {
        "critical_cnt": 2,
        "dangerous_artifacts": [
            {"critical_cnt": 1, "digest": "sha256:1f2c", "high_cnt": 0, "medium_cnt": 1, "project_id": 3, "repository_name": "dst/app"}
        ],
        "dangerous_cves": [
            {"cve_id": "CVE-2026-0001", "cvss_score_v3": 9.8, "package": "openssl", "severity": "Critical", "version": "3.0.1"}
        ],
        "fixable_cnt": 4,
        "low_cnt": 2,
        "medium_cnt": 2,
        "scanned_cnt": 4,
        "total_artifact": 21,
        "total_vuls": 6,
    }
    FINDING: t.ClassVar[dict[str, t.Any]] = {
        "cve_id": "CVE-2026-0002",
        "desc": "lab finding two",
        "digest": "sha256:1f2c",
        "links": ["https://example.com/CVE-2026-0002"],
        "package": "zlib",
        "project_id": 3,
        "repository_name": "dst/app",
        "severity": "Medium",
        "status": "affected",
        "tags": None,
        "version": "1.2.11",
    }

    def __init__(self) -> None:
        self.asked: list[str] = []

    def get(self, path: str, **params: t.Any) -> t.Any:
        return {"project_id": 3} if path.startswith("/projects") else self.SUMMARY

    def pages(self, path: str, **params: t.Any) -> t.Iterator[dict[str, t.Any]]:
        self.asked.append(params.get("q", ""))
        assert path == "/security/vul" and params["tune_count"] == "true"
        yield from [self.FINDING] * 3


def findings(hub: Hub, **options: t.Any) -> dict[str, t.Any]:
    return vulnerabilities.read(t.cast("t.Any", hub), t.cast("t.Any", None), {"limit": 2, **options})


def test_findings_in_words() -> None:
    found = findings(Hub())
    assert found["more"] and found["vulnerabilities"] == 2 * [
        {
            "cve_id": "CVE-2026-0002",
            "severity": "Medium",
            "status": "affected",
            "package": "zlib",
            "version": "1.2.11",
            "repository": "dst/app",
            "digest": "sha256:1f2c",
            "description": "lab finding two",
            "tags": [],
            "links": ["https://example.com/CVE-2026-0002"],
        }
    ]
    summary = found["summary"]
    assert (summary["critical"], summary["high"], summary["fixable"], summary["total"], summary["artifacts_scanned"]) == (2, 0, 4, 6, 4)
    assert summary["dangerous_artifacts"] == [{"repository": "dst/app", "digest": "sha256:1f2c", "critical": 1, "high": 0, "medium": 1}]
    assert summary["dangerous_cves"][0]["cvss_v3_score"] == 9.8


@pytest.mark.parametrize(
    ("options", "query"),
    [
        ({}, ""),
        ({"cve_id": "CVE-2026-1", "severity": "High"}, "cve_id=CVE-2026-1,severity=High"),
        ({"repository": "payments/api", "tag": "v1"}, "repository_name=payments/api,tag=v1"),
        ({"project": "payments", "package": "libstdc++"}, "package=libstdc%2B%2B,project_id=3"),
        ({"cvss_min": 7.5}, "cvss_score_v3=[7.5~10]"),
        ({"cvss_min": 9.0, "cvss_max": 9.8}, "cvss_score_v3=[9~9.8]"),
    ],
)
def test_filters_of_findings(options: dict[str, t.Any], query: str) -> None:
    hub = Hub()
    findings(hub, **options)
    assert hub.asked == [query]


@pytest.fixture
def scanned(run: Modules, monkeypatch: pytest.MonkeyPatch) -> Modules:
    """A Harbor with two images, one of them with findings; both have been scanned."""
    run.state(PAYMENTS)
    findings = (
        {"id": "CVE-2026-0001", "package": "openssl", "version": "3.0.1", "fix_version": "3.0.2", "severity": "Critical", **SCORE},
        {"id": "CVE-2026-0002", "package": "zlib", "version": "1.2.11", "severity": "Medium"},
    )
    monkeypatch.setitem(t.cast("t.Any", run.harbor.harbor.world).scans, "payments/api", Scan(findings))
    with run.harbor.harbor.store.transaction(write=True) as tx:
        tx.insert("scanner", new_scanner(name="Scanner", url="https://scanner.example.com", is_default=True))
        [project] = tx.find("project", name="payments")
        for name in ("api", "web"):
            manifest = Manifest(f"sha256:{name}", f"{OCI}.manifest.v1+json", f"{OCI}.config.v1+json", "", "", {}, ())
            record_manifest(tx, project, f"payments/{name}", "v1", manifest)
    run.ok("scan_all_execution")
    run.harbor.log.clear()
    return run


def cves(run: Modules, **options: t.Any) -> list[str]:
    return sorted(found["cve_id"] for found in run.ok("vulnerability_info", **options)["vulnerabilities"])


def test_what_a_scan_found_is_reported(scanned: Modules) -> None:
    found = scanned.ok("vulnerability_info")
    summary = found["summary"]
    assert (summary["critical"], summary["medium"], summary["total"], summary["artifacts"], summary["artifacts_scanned"]) == (1, 1, 2, 2, 2)
    assert summary["dangerous_artifacts"][0]["repository"] == "payments/api"
    worst = next(one for one in found["vulnerabilities"] if one["severity"] == "Critical")
    assert (worst["cve_id"], worst["repository"], worst["tags"], worst["fixed_version"]) == (
        "CVE-2026-0001",
        "payments/api",
        ["v1"],
        "3.0.2",
    )
    assert not found["more"] and scanned.ok("vulnerability_info", limit=1)["more"] and scanned.writes() == []


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({}, ["CVE-2026-0001", "CVE-2026-0002"]),
        ({"severity": "Critical"}, ["CVE-2026-0001"]),
        ({"cve_id": "CVE-2026-0002"}, ["CVE-2026-0002"]),
        ({"package": "openssl", "project": "payments"}, ["CVE-2026-0001"]),
        ({"project": "library"}, []),
        ({"repository": "payments/web"}, []),
        ({"repository": "payments/api", "tag": "v1", "digest": "sha256:api"}, ["CVE-2026-0001", "CVE-2026-0002"]),
        ({"tag": "v2"}, []),
        ({"cvss_min": 9.0}, ["CVE-2026-0001"]),
        ({"cvss_min": 9.9}, []),
    ],
    ids=str,
)
def test_filters(scanned: Modules, options: dict[str, t.Any], expected: list[str]) -> None:
    assert cves(scanned, **options) == expected


def test_findings_of_a_project_that_is_not_there(run: Modules) -> None:
    assert run.refused("vulnerability_info", project="ghost") == "project: 'ghost' is not there"
    assert "'api' is not allowed; allowed: project and repository" in run.refused("vulnerability_info", repository="api")


def test_vulnerability_options(run: Modules, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(run.harbor.harbor.settings, "version", "v2.13.5")
    assert "status: needs Harbor 2.14.0, this is 2.13.5" in run.refused("vulnerability_info", status="affected")
    assert vulnerabilities.score("9.8") == 9.8 and vulnerabilities.repository("payments/team/api") == "payments/team/api"
    for bad in (-0.1, 10.1):
        with pytest.raises(ValueError, match="0 to 10"):
            vulnerabilities.score(bad)
    for name in ("payments", "/api", "payments/", "pay ments/api"):
        with pytest.raises(ValueError, match="project and repository"):
            vulnerabilities.repository(name)


# -- permission_info


def test_permissions_of_an_administrator(run: Modules) -> None:
    run.state(PAYMENTS)
    found = run.ok("permission_info", project="payments")
    assert "audit-log:list" in found["catalogue"]["system"] and "repository:pull" in found["catalogue"]["project"]
    assert "repository:push" in found["own"] and "project:read" in found["own"]
    assert found["own"] == sorted(found["own"]) and "own" not in run.ok("permission_info")


def test_a_robot_can_be_given_all_of_the_catalogue(run: Modules) -> None:
    run.state(PAYMENTS)
    catalogue = run.ok("permission_info")["catalogue"]
    permissions = [{"kind": "system", "access": catalogue["system"]}, {"namespace": "payments", "access": catalogue["project"]}]
    assert run.ok("robot", name="everything", secret="Canary1Robot", permissions=permissions)["changed"]


def test_permissions_of_a_guest(run: Modules) -> None:
    run.state({**PAYMENTS, "users": [ALICE], "project_members": [{"project": "payments", "user": "alice", "role": "guest"}]})
    found = run.ok("permission_info", project="payments", **GUEST)
    assert found["catalogue"] is None and "repository:pull" in found["own"] and "repository:push" not in found["own"]


def test_permissions_in_a_project_that_is_not_there(run: Modules) -> None:
    assert run.refused("permission_info", project="ghost") == "project: 'ghost' is not there"
