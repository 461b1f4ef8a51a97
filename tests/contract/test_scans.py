# Copyright: the dockmaster.harbor contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What happens to pushed images: scans, judged pulls, copies, garbage collection; and the purge of audit logs."""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import requests
from standin.server import Server
from standin.world import PretendWorld, Scan

_OCI = "application/vnd.oci.image"
FINDING = {"id": "CVE-2026-0001", "package": "openssl", "version": "1", "fix_version": "2", "severity": "High"}
ARTIFACT = "/projects/alpha/repositories/app/artifacts/v1"
OVERVIEW = "application/vnd.security.vulnerability.report; version=1.1"


@pytest.fixture
def server() -> Iterator[Server]:
    world = PretendWorld(scans={"alpha/app": Scan((FINDING,)), "alpha/slow": Scan(seconds=60)})
    with Server(world=world, job_seconds=0.02) as running:
        api(running, "POST", "/projects", 201, json={"project_name": "alpha"})
        yield running


def api(server: Server, method: str, path: str, status: int = 200, **options: Any) -> requests.Response:
    answer = call(server, method, f"/api/v2.0{path}", **options)
    assert answer.status_code == status, answer.text
    return answer


def call(server: Server, method: str, path: str, **options: Any) -> requests.Response:
    return requests.request(method, server.url + path, auth=(server.username, server.password), timeout=10, **options)


def digest(raw: bytes) -> str:
    return "sha256:" + hashlib.sha256(raw).hexdigest()


def push(server: Server, repository: str, reference: str = "", seed: str = "a", **extra: Any) -> str:
    """Push an image and return its digest, by which it is pushed when no reference is given."""
    blobs = [json.dumps({"os": "linux", "author": seed}).encode(), seed.encode() * 100]
    for blob in blobs:
        begun = call(server, "POST", f"/v2/{repository}/blobs/uploads/")
        location = begun.headers["Location"].removeprefix(server.url)
        assert call(server, "PUT", f"{location}&digest={digest(blob)}", data=blob).status_code == 201
    types = (f"{_OCI}.config.v1+json", f"{_OCI}.layer.v1.tar")
    config, layer = ({"mediaType": kind, "digest": digest(blob), "size": len(blob)} for kind, blob in zip(types, blobs, strict=True))
    body = {"schemaVersion": 2, "mediaType": f"{_OCI}.manifest.v1+json", "config": config, "layers": [layer], **extra}
    return put(server, repository, reference, body)


def put(server: Server, repository: str, reference: str, body: dict[str, Any]) -> str:
    raw = json.dumps(body).encode()
    headers = {"Content-Type": body["mediaType"]}
    answer = call(server, "PUT", f"/v2/{repository}/manifests/{reference or digest(raw)}", data=raw, headers=headers)
    assert answer.status_code == 201, answer.text
    return digest(raw)


def wait(read: Callable[[], Any]) -> Any:
    """What `read` returns, once that is true."""
    deadline = time.monotonic() + 5
    while time.monotonic() < deadline:
        value = read()
        if value:
            return value
        time.sleep(0.01)
    raise AssertionError("nothing came of it")


def scanned(server: Server, path: str = ARTIFACT) -> dict[str, Any]:
    """The overview of a finished scan."""

    def read() -> Any:
        overview = api(server, "GET", f"{path}?with_scan_overview=true").json().get("scan_overview", {}).get(OVERVIEW, {})
        return overview if overview.get("scan_status") in ("Success", "Error", "Stopped") else None

    result: dict[str, Any] = wait(read)
    return result


def test_scanning_everything_counts_what_it_has_done(server: Server) -> None:
    for name in ("app", "other", "slow"):
        push(server, f"alpha/{name}", "v1", name)
    api(server, "POST", "/system/scanAll/schedule", 201, json={"schedule": {"type": "Manual"}})
    metrics = wait(lambda: (found := api(server, "GET", "/scans/all/metrics").json())["completed"] == 2 and found)
    assert (metrics["total"], metrics["ongoing"], metrics["metrics"]["Running"]) == (3, True, 1)
    api(server, "POST", "/system/scanAll/schedule", 409, json={"schedule": {"type": "Manual"}})
    api(server, "POST", "/system/scanAll/stop", 202)
    metrics = api(server, "GET", "/scans/all/metrics").json()
    assert (metrics["ongoing"], metrics["metrics"]["Success"], metrics["metrics"]["Stopped"]) == (False, 2, 1)
    assert scanned(server)["severity"] == "High"


def test_a_push_is_scanned_where_the_project_says_so(server: Server) -> None:
    api(server, "PUT", "/projects/alpha", json={"metadata": {"auto_scan": "true", "auto_sbom_generation": "true"}})
    push(server, "alpha/app", "v1")
    assert scanned(server)["summary"] == {"total": 1, "fixable": 1, "summary": {"High": 1}}
    sbom = wait(lambda: api(server, "GET", f"{ARTIFACT}?with_sbom_overview=true").json()["sbom_overview"].get("sbom_digest"))
    path = f"/projects/alpha/repositories/app/artifacts/{sbom}/additions/sbom"
    assert api(server, "GET", path).json()["spdxVersion"] == "SPDX-2.3"


def test_an_index_shows_the_worst_of_its_parts(server: Server) -> None:
    parts = [push(server, "alpha/app", "", seed) for seed in ("a", "b")]
    children = [{"mediaType": f"{_OCI}.manifest.v1+json", "digest": part, "size": 1, "platform": {"os": "linux"}} for part in parts]
    put(server, "alpha/app", "v1", {"schemaVersion": 2, "mediaType": f"{_OCI}.index.v1+json", "manifests": children})
    api(server, "POST", f"{ARTIFACT}/scan", 202)
    overview = scanned(server)
    assert (overview["severity"], overview["summary"]["total"]) == ("High", 2)
    api(server, "DELETE", ARTIFACT)
    assert api(server, "GET", "/projects/alpha/repositories/app/artifacts").json() == []


@pytest.mark.parametrize(("metadata", "status"), [({"prevent_vul": "true", "severity": "high"}, 412), ({"prevent_vul": "false"}, 200)])
def test_a_grave_finding_keeps_an_image_in(server: Server, metadata: dict[str, str], status: int) -> None:
    push(server, "alpha/app", "v1")
    api(server, "POST", f"{ARTIFACT}/scan", 202)
    scanned(server)
    api(server, "PUT", "/projects/alpha", json={"metadata": metadata})
    assert call(server, "GET", "/v2/alpha/app/manifests/v1").status_code == status
    api(server, "PUT", "/projects/alpha", json={"metadata": {"severity": "critical"}})
    assert call(server, "GET", "/v2/alpha/app/manifests/v1").status_code == 200


def test_a_copy_takes_signatures_and_reports_along_once(server: Server) -> None:
    image = push(server, "alpha/app", "v1")
    subject = {"mediaType": f"{_OCI}.manifest.v1+json", "digest": image, "size": 1}
    api(server, "POST", f"{ARTIFACT}/scan", 202)
    scanned(server)
    signature = {"artifactType": "application/vnd.dev.cosign.artifact.sig.v1+json", "subject": subject}
    push(server, "alpha/app", "", "signature", **signature)
    api(server, "POST", "/projects", 201, json={"project_name": "beta"})
    api(server, "POST", "/projects/beta/repositories/app/artifacts?from=alpha/app:v1", 201)
    path = ARTIFACT.replace("alpha", "beta")
    accessories = api(server, "GET", f"{path}/accessories").json()
    assert [row["type"] for row in accessories] == ["signature.cosign"]
    assert scanned(server, path)["severity"] == "High"
    # What was signed later does not follow.
    push(server, "alpha/app", "", "second signature", **signature)
    api(server, "POST", "/projects/beta/repositories/app/artifacts?from=alpha/app:v1", 201)
    assert len(api(server, "GET", f"{path}/accessories").json()) == 1
    # Who scanned is gone with the source: the copy then tells of an error.
    api(server, "DELETE", ARTIFACT)
    assert scanned(server, path)["scan_status"] == "Error"


def test_garbage_collection_removes_untagged_artifacts_unless_it_only_tells(server: Server) -> None:
    push(server, "alpha/app", "v1", "old")
    push(server, "alpha/app", "v1", "new")
    artifacts = "/projects/alpha/repositories/app/artifacts"
    for dry_run, left in ((True, 2), (False, 1)):
        parameters = {"delete_untagged": True, "dry_run": dry_run, "workers": 1}
        body = {"schedule": {"type": "Manual"}, "parameters": parameters}
        location = api(server, "POST", "/system/gc/schedule", 201, json=body).headers["Location"]
        run = location.removeprefix("/api/v2.0")
        wait(lambda run=run: api(server, "GET", run).json()["job_status"] == "Success")
        assert len(api(server, "GET", artifacts).json()) == left
        assert "success to run gc" in api(server, "GET", f"{run}/log").text


@pytest.mark.parametrize(("hours", "word"), [(1, "Purged 0 rows"), ("1", "quit purge job")])
def test_the_audit_log_is_purged_by_whole_hours_given_as_numbers(server: Server, hours: Any, word: str) -> None:
    parameters = {"audit_retention_hour": hours, "include_event_types": "other", "dry_run": False}
    body = {"schedule": {"type": "Manual"}, "parameters": parameters}
    run = api(server, "POST", "/system/purgeaudit/schedule", 201, json=body).headers["Location"].removeprefix("/api/v2.0")
    wait(lambda: api(server, "GET", run).json()["job_status"] == "Success")
    assert word in api(server, "GET", f"{run}/log").text
    assert api(server, "GET", "/auditlog-exts").json()


def test_a_project_without_its_scanner_takes_the_default(server: Server) -> None:
    body = {"name": "second", "url": "http://scanner.example.com"}
    uuid = api(server, "POST", "/scanners", 201, json=body).headers["Location"].rpartition("/")[2]
    api(server, "PUT", "/projects/alpha/scanner", json={"uuid": uuid})
    assert api(server, "GET", "/projects/alpha/scanner").json()["name"] == "second"
    api(server, "DELETE", f"/scanners/{uuid}")
    assert api(server, "GET", "/projects/alpha/scanner").json()["name"] == "Trivy"
    assert "projectScanner" not in api(server, "GET", "/projects/alpha/metadatas").json()
    body = {"name": "third", "url": "http://scanner.example.invalid"}
    api(server, "POST", "/scanners", 500, json=body)
