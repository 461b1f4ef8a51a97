# Copyright: the dockmaster.harbor contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the harbor role asks of database, Redis and S3: the mathematics against published examples, the answers against small servers."""

from __future__ import annotations

import datetime
import importlib.util
import socket
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest

PATH = Path(__file__).resolve().parent.parent.parent / "roles/harbor/files/services.py"
SPEC = importlib.util.spec_from_file_location("services", PATH)
assert SPEC and SPEC.loader
services = importlib.util.module_from_spec(SPEC)
SPEC.loader.exec_module(services)

REDIS = {"host": "127.0.0.1", "username": "", "password": "canary", "tls": False, "trust": [], "ca_file": "", "databases": {"registry": 1}}
S3 = {
    "region": "us-east-1",
    "bucket": "images",
    "access_key": "user",
    "secret_key": "canary",
    "root_directory": "/",
    "trust": [],
    "ca_file": "",
}


def test_scram_as_in_rfc_7677() -> None:
    first = "n=user,r=rOprNGfwEbeRWgbNEkqO"
    challenge = "r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096"
    assert services.proof("pencil", first, challenge).endswith(",p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=")


def test_a_signature_depends_on_every_part() -> None:
    now = datetime.datetime(2026, 1, 1, tzinfo=datetime.UTC)
    given = {**S3, "secret_key": "one"}
    target, headers = services.signed(given, "s3.example.com", "/images/a b", {"uploads": "", "prefix": "x/"}, now)
    assert target == "/images/a%20b?prefix=x%2F&uploads="
    assert headers["authorization"].startswith("AWS4-HMAC-SHA256 Credential=user/20260101/us-east-1/s3/aws4_request, ")
    assert (
        headers != services.signed({**given, "secret_key": "two"}, "s3.example.com", "/images/a b", {"uploads": "", "prefix": "x/"}, now)[1]
    )


@pytest.fixture
def redis() -> Iterator[Any]:
    """A server that gives prepared answers, one per command."""
    listener = socket.create_server(("127.0.0.1", 0))

    def serve(answers: list[str]) -> dict[str, Any]:
        def talk() -> None:
            connection, _address = listener.accept()
            with connection, connection.makefile("rwb") as stream:
                for answer in answers:
                    for _ in range(2 * int(stream.readline()[1:])):
                        stream.readline()
                    stream.write(answer.encode())
                    stream.flush()

        threading.Thread(target=talk, daemon=True).start()
        return {**REDIS, "port": listener.getsockname()[1]}

    yield serve
    listener.close()


def text(value: str) -> str:
    return f"${len(value)}\r\n{value}\r\n"


GOOD = ["+OK\r\n", "+PONG\r\n", text("role:master\r\n"), text("maxmemory_policy:noeviction\r\n"), "+OK\r\n"]


@pytest.mark.parametrize(
    ("answers", "message", "passing"),
    [
        (GOOD, "", None),
        (["-WRONGPASS invalid\r\n"], "Redis says WRONGPASS invalid", False),
        (["-LOADING wait\r\n"], "Redis says LOADING", True),
        ([*GOOD[:2], text("role:slave\r\n"), *GOOD[3:]], "a slave; it must be the address of the master", True),
        ([*GOOD[:3], text("maxmemory_policy:allkeys-lru\r\n"), GOOD[4]], "maxmemory-policy is allkeys-lru; it must be noeviction", False),
        ([*GOOD[:4], "-ERR SELECT is not allowed in cluster mode\r\n"], "harbor_redis_databases.registry 1: Redis says ERR", False),
    ],
)
def test_redis(redis: Any, answers: list[str], message: str, passing: bool | None) -> None:
    found = list(services.problems({"database": None, "redis": redis(answers), "s3": None}))
    assert [one["passing"] for one in found] == ([] if passing is None else [passing]), found
    assert all(message in one["message"] and "canary" not in one["message"] for one in found)


@pytest.fixture
def s3() -> Iterator[Any]:
    """A server that gives one answer to everything, and says that no object is there."""
    said: dict[str, Any] = {}

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            object_wanted = "docker/registry" in self.path.split("?")[0]
            status, code = (404, "NoSuchKey") if object_wanted and said["code"] == "" else (said["status"], said["code"])
            body = f"<Error><Code>{code}</Code><Message>words</Message></Error>".encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *arguments: Any) -> None:
            """Quiet."""

    server = HTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()

    def given(status: int, code: str) -> dict[str, Any]:
        said.update(status=status, code=code)
        return {**S3, "endpoint": f"http://127.0.0.1:{server.server_port}", "skip_verify": False}

    yield given
    server.shutdown()
    server.server_close()


@pytest.mark.parametrize(
    ("status", "code", "message", "passing"),
    [
        (200, "", "", None),
        (404, "NoSuchBucket", "harbor_s3_bucket images is not there", False),
        (403, "SignatureDoesNotMatch", "harbor_s3_secret_key is not the one of harbor_s3_access_key user", False),
        (403, "InvalidAccessKeyId", "harbor_s3_access_key user is not known there", False),
        (400, "AuthorizationHeaderMalformed", "harbor_s3_region us-east-1 is not the one", False),
        (403, "AccessDenied", "may not do s3:ListBucket in harbor_s3_bucket images", False),
        (503, "SlowDown", "S3 says SlowDown words", True),
    ],
)
def test_s3(s3: Any, status: int, code: str, message: str, passing: bool | None) -> None:
    found = list(services.problems({"database": None, "redis": None, "s3": s3(status, code)}))
    assert [one["passing"] for one in found] == ([] if passing is None else [passing]), found
    assert all(message in one["message"] and "canary" not in one["message"] for one in found)


def test_nobody_there_may_pass() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    (found,) = services.problems({"database": None, "redis": {**REDIS, "port": port}, "s3": None})
    assert found["passing"] and f"harbor_redis_host 127.0.0.1, harbor_redis_port {port}: no answer" in found["message"]
