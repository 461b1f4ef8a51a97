# Copyright: the dockmaster.harbor contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""core as a container runs it: state in PostgreSQL and Redis, a real registry behind it, skopeo in front of it."""

from __future__ import annotations

import hashlib
import io
import json
import subprocess
import tarfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
from standin.registry import RemoteRegistry

from .cluster import ADMIN, Cluster, find_program, missing_programs

pytestmark = pytest.mark.skipif(bool(missing_programs()), reason=f"not on this machine: {', '.join(missing_programs())}")
PUSH = [{"resource": "repository", "action": action} for action in ("push", "pull")]


@pytest.fixture(scope="module")
def cluster() -> Iterator[Cluster]:
    with Cluster() as running:
        yield running


@pytest.fixture(scope="module")
def image(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small image as an OCI layout."""
    layout = tmp_path_factory.mktemp("image")
    blobs = layout / "blobs" / "sha256"
    blobs.mkdir(parents=True)

    def blob(content: bytes, media_type: str) -> dict[str, Any]:
        digest = hashlib.sha256(content).hexdigest()
        (blobs / digest).write_bytes(content)
        return {"mediaType": f"application/vnd.oci.image.{media_type}", "digest": f"sha256:{digest}", "size": len(content)}

    archive = io.BytesIO()
    with tarfile.open(fileobj=archive, mode="w") as layer:
        layer.addfile(tarfile.TarInfo("hello"))
    layer_blob = blob(archive.getvalue(), "layer.v1.tar")
    rootfs = {"type": "layers", "diff_ids": [layer_blob["digest"]]}
    config = blob(json.dumps({"architecture": "amd64", "os": "linux", "rootfs": rootfs}).encode(), "config.v1+json")
    manifest = blob(json.dumps({"schemaVersion": 2, "config": config, "layers": [layer_blob]}).encode(), "manifest.v1+json")
    (layout / "index.json").write_text(json.dumps({"schemaVersion": 2, "manifests": [manifest]}))
    (layout / "oci-layout").write_text('{"imageLayoutVersion": "1.0.0"}')
    return layout


def api(cluster: Cluster, method: str, path: str, **options: Any) -> requests.Response:
    return requests.request(method, f"{cluster.url}/api/v2.0{path}", auth=ADMIN, timeout=30, **options)


def skopeo(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [find_program("skopeo") or "skopeo", "--insecure-policy", *arguments]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)


def push(cluster: Cluster, image: Path, target: str, credentials: str) -> subprocess.CompletedProcess[str]:
    address = cluster.url.removeprefix("http://")
    return skopeo("copy", "--dest-tls-verify=false", f"--dest-creds={credentials}", f"oci:{image}", f"docker://{address}/{target}")


def test_a_robot_pushes_and_a_guest_may_not(cluster: Cluster, image: Path, tmp_path: Path) -> None:
    assert api(cluster, "POST", "/projects", json={"project_name": "team", "storage_limit": 1 << 20}).status_code == 201
    scopes = [{"kind": "project", "namespace": "team", "access": PUSH}]
    robot = api(cluster, "POST", "/robots", json={"name": "ci", "level": "system", "duration": 1, "permissions": scopes}).json()
    person = {"username": "guest", "email": "guest@example.com", "realname": "g", "password": "Passw0rd123"}
    assert api(cluster, "POST", "/users", json=person).status_code == 201
    member = {"role_id": 3, "member_user": {"username": "guest"}}
    assert api(cluster, "POST", "/projects/team/members", json=member).status_code == 201

    pushed = push(cluster, image, "team/app/web:v1", f"{robot['name']}:{robot['secret']}")
    assert pushed.returncode == 0, pushed.stderr
    refused = push(cluster, image, "team/app/web:v2", "guest:Passw0rd123")
    assert refused.returncode != 0
    assert "unauthorized" in refused.stderr

    address = cluster.url.removeprefix("http://")
    source = f"docker://{address}/team/app/web:v1"
    pulled = skopeo("copy", "--src-tls-verify=false", "--src-creds=guest:Passw0rd123", source, f"oci:{tmp_path}/copy:v1")
    assert pulled.returncode == 0, pulled.stderr
    assert skopeo("inspect", "--tls-verify=false", "--no-creds", source).returncode != 0


def test_what_was_pushed_is_known(cluster: Cluster) -> None:
    (repository,) = api(cluster, "GET", "/projects/team/repositories").json()
    assert (repository["name"], repository["artifact_count"]) == ("team/app/web", 1)
    (artifact,) = api(cluster, "GET", "/projects/team/repositories/app%252Fweb/artifacts").json()
    assert [tag["name"] for tag in artifact["tags"]] == ["v1"]
    used = api(cluster, "GET", "/projects/team/summary").json()["quota"]["used"]["storage"]
    assert used == artifact["size"] > 0


def test_a_full_project_refuses(cluster: Cluster, image: Path) -> None:
    assert api(cluster, "POST", "/projects", json={"project_name": "full", "storage_limit": 200}).status_code == 201
    refused = push(cluster, image, "full/app:v1", ":".join(ADMIN))
    assert refused.returncode != 0
    assert "denied" in refused.stderr
    assert api(cluster, "GET", "/projects/full/repositories").json() == []


def test_everybody_pulls_from_a_public_project(cluster: Cluster, image: Path) -> None:
    pushed = push(cluster, image, "library/app:v1", ":".join(ADMIN))
    assert pushed.returncode == 0, pushed.stderr
    address = cluster.url.removeprefix("http://")
    looked = skopeo("inspect", "--tls-verify=false", "--no-creds", f"docker://{address}/library/app:v1")
    assert looked.returncode == 0, looked.stderr
    assert json.loads(looked.stdout)["RepoTags"] == ["v1"]


def test_a_copied_image_can_be_pulled(cluster: Cluster, image: Path) -> None:
    assert push(cluster, image, "library/source:v1", ":".join(ADMIN)).returncode == 0
    copied = api(cluster, "POST", "/projects/library/repositories/promoted/artifacts?from=library/source:v1")
    assert copied.status_code == 201, copied.text
    (artifact,) = api(cluster, "GET", "/projects/library/repositories/promoted/artifacts").json()
    assert (artifact["extra_attrs"]["architecture"], [tag["name"] for tag in artifact["tags"]]) == ("amd64", ["v1"])
    address = cluster.url.removeprefix("http://")
    looked = skopeo("inspect", "--tls-verify=false", "--no-creds", f"docker://{address}/library/promoted:v1")
    assert looked.returncode == 0, looked.stderr
    assert json.loads(looked.stdout)["Digest"] == artifact["digest"]


def test_core_itself_pushes_to_the_registry(cluster: Cluster) -> None:
    """As it does with an SBOM."""
    registry = RemoteRegistry(
        cluster.environment["REGISTRY_URL"], "harbor_registry_user", cluster.environment["REGISTRY_CREDENTIAL_PASSWORD"]
    )
    blob = b"{}"
    digest = "sha256:" + hashlib.sha256(blob).hexdigest()
    config = {"mediaType": "application/vnd.oci.empty.v1+json", "digest": digest, "size": len(blob)}
    media_type = "application/vnd.oci.image.manifest.v1+json"
    raw = json.dumps({"schemaVersion": 2, "mediaType": media_type, "config": config, "layers": []}).encode()
    registry.keep("library/sbom", "sha256:" + hashlib.sha256(raw).hexdigest(), media_type, raw, {digest: blob})
    assert registry.blob("library/sbom", digest) == blob
    assert registry.blob("library/sbom", digest.replace("4", "5")) == b""


def test_large_blobs_stream(cluster: Cluster) -> None:
    """Chunked, larger than any buffer, and with the public address in Location."""
    content = b"x" * (8 << 20)
    digest = "sha256:" + hashlib.sha256(content).hexdigest()
    token = requests.get(f"{cluster.url}/service/token?scope=repository:library/big:pull,push", auth=ADMIN, timeout=30).json()["token"]
    headers = {"Authorization": f"Bearer {token}", "X-Forwarded-Proto": "https", "Host": "registry.example.com"}
    started = requests.post(f"{cluster.url}/v2/library/big/blobs/uploads/", headers=headers, timeout=30)
    assert started.status_code == 202
    assert started.headers["Location"].startswith("https://registry.example.com/v2/library/big/blobs/uploads/")
    location = started.headers["Location"].replace("https://registry.example.com", cluster.url)
    chunks = iter([content[start : start + 65536] for start in range(0, len(content), 65536)])
    patched = requests.patch(location, data=chunks, headers=headers, timeout=60)
    assert patched.status_code == 202, patched.text
    location = patched.headers["Location"].replace("https://registry.example.com", cluster.url)
    finished = requests.put(f"{location}&digest={digest}", headers=headers, timeout=60)
    assert finished.status_code == 201, finished.text
    fetched = requests.get(f"{cluster.url}/v2/library/big/blobs/{digest}", headers=headers, timeout=60)
    assert hashlib.sha256(fetched.content).hexdigest() == digest.removeprefix("sha256:")
    assert api(cluster, "GET", "/projects/library/summary").json()["quota"]["used"]["storage"] > len(content)


def test_projects_with_repositories_stay_until_they_are_empty(cluster: Cluster) -> None:
    assert api(cluster, "DELETE", "/projects/team").status_code == 412
    assert api(cluster, "DELETE", "/projects/team/repositories/app%252Fweb").status_code == 200
    assert api(cluster, "GET", "/projects/team/summary").json()["quota"]["used"]["storage"] == 0
    assert api(cluster, "DELETE", "/projects/team").status_code == 200


def test_failed_writes_leave_nothing(cluster: Cluster) -> None:
    wrong = {"name": "lost", "level": "system", "duration": 1, "permissions": [{"kind": "project", "namespace": "no", "access": PUSH}]}
    assert api(cluster, "POST", "/robots", json=wrong).status_code == 404
    assert api(cluster, "GET", "/robots?q=name%3Dlost").json() == []


def test_a_second_core_shares_everything(cluster: Cluster) -> None:
    """State, sessions and tokens are outside of the process, so a core that starts later knows them."""
    jar = requests.Session()
    jar.get(f"{cluster.url}/api/v2.0/ping", timeout=30)
    token = jar.get(f"{cluster.url}/api/v2.0/ping", timeout=30).headers["X-Harbor-CSRF-Token"]
    form = {"principal": ADMIN[0], "password": ADMIN[1]}
    assert jar.post(f"{cluster.url}/c/login", data=form, headers={"X-Harbor-CSRF-Token": token}, timeout=30).status_code == 200
    second = cluster.start_core("second")
    # Cookies know no ports: the jar's session goes along.
    assert jar.get(f"{second}/api/v2.0/users/current", timeout=30).json()["username"] == "admin"
    names = requests.get(f"{second}/api/v2.0/projects/library/repositories", timeout=30).json()
    assert "library/app" in [row["name"] for row in names]


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"CSRF_KEY": "short"}, "CSRF_KEY must be exactly 32 bytes"),
        ({"JOBSERVICE_SECRET": ""}, "JOBSERVICE_SECRET"),
        ({"_REDIS_URL_CORE": "redis://127.0.0.1:1?no_such_option=1"}, "unknown options no_such_option"),
        ({"POSTGRESQL_PASSWORD": "with blank"}, "POSTGRESQL_PASSWORD"),
        ({"EXT_ENDPOINT": "https://registry.example.com/"}, "EXT_ENDPOINT"),
    ],
)
def test_core_refuses_what_harbor_refuses(cluster: Cluster, changes: dict[str, str], message: str) -> None:
    refused = cluster.component("core", **changes)
    assert refused.returncode == 1
    assert message in refused.stderr


@pytest.mark.parametrize(
    ("variable", "content", "message"),
    [
        ("KEY_PATH", "0123456789abcdef\n", "exactly 16 bytes, it holds 17"),
        ("TOKEN_PRIVATE_KEY_PATH", "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n", "PKCS#1"),
    ],
)
def test_core_refuses_wrong_keys(cluster: Cluster, tmp_path: Path, variable: str, content: str, message: str) -> None:
    (tmp_path / "file").write_text(content)
    refused = cluster.component("core", **{variable: str(tmp_path / "file")})
    assert refused.returncode == 1
    assert message in refused.stderr
