# Copyright: the dockmaster.harbor contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Ask PostgreSQL, Redis and S3 whether they take what Harbor is about to be told. Reads only.

Standard input: JSON {"database": {...}, "redis": {...}, "s3": {...} or null}, the values of the role's variables. The answer: a JSON list
of {"message": what does not fit, "passing": whether it may pass by itself}. Runs on the managed node with the standard library alone.
"""

from __future__ import annotations

import base64
import datetime
import hashlib
import hmac
import html
import http.client
import json
import os
import re
import socket
import ssl
import struct
import sys
from collections.abc import Iterator
from typing import Any, BinaryIO
from urllib.parse import quote, urlsplit

SECONDS = 5.0
# SQLSTATE of a server that starts, stops or has no free slot, and of the words Redis and S3 have for it: all of them end by themselves.
PASSING_STATES = re.compile(r"57P0[123]|53300")
PASSING_WORDS = re.compile(r"LOADING|MASTERDOWN|BUSY|SlowDown|ServiceUnavailable|InternalError|XMinioServerNotInitialized")
QUESTION = """
select has_schema_privilege(coalesce(current_schema(), 'public'), 'CREATE'), pg_is_in_recovery(), pg_encoding_to_char(d.encoding),
  current_setting('server_version_num'),
  least(current_setting('max_connections')::int - current_setting('superuser_reserved_connections')::int
        - coalesce(current_setting('reserved_connections', true)::int, 0), nullif(r.rolconnlimit, -1), nullif(d.datconnlimit, -1))
from pg_database d, pg_roles r where d.datname = current_database() and r.rolname = current_user
"""


class Refused(Exception):
    """The service answered, and does not take something: its own code and words."""

    def __init__(self, code: str, text: str) -> None:
        super().__init__(f"{code} {text}".strip())
        self.code = code


def trust(files: list[str], *, verify: bool = True, names: bool = True) -> ssl.SSLContext:
    """Settings of TLS as Harbor's own clients have them: 1.2 or newer; the files' authorities beside the system's."""
    context = ssl.create_default_context()
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    # Harbor's clients do not ask for this, so certificates without an authority key identifier are good enough.
    context.verify_flags &= ~ssl.VERIFY_X509_STRICT
    context.check_hostname = verify and names
    context.verify_mode = ssl.CERT_REQUIRED if verify else ssl.CERT_NONE
    for path in files:
        context.load_verify_locations(path)
    return context


# --- PostgreSQL, protocol 3.0 ---


def packed(kind: bytes, body: bytes) -> bytes:
    """One message of the protocol."""
    return kind + struct.pack("!i", len(body) + 4) + body


def taken(stream: BinaryIO, count: int) -> bytes:
    """Exactly so many bytes."""
    data = stream.read(count)
    if len(data) < count:
        raise ConnectionResetError("the connection was closed")
    return data


def messages(stream: BinaryIO) -> Iterator[tuple[bytes, bytes]]:
    """What the server says, message by message; an error is raised."""
    while True:
        kind = taken(stream, 1)
        body = taken(stream, struct.unpack("!i", taken(stream, 4))[0] - 4)
        if kind == b"E":
            fields = {part[:1]: part[1:].decode(errors="replace") for part in body.split(b"\0") if part}
            raise Refused(fields.get(b"C", ""), fields.get(b"M", ""))
        yield kind, body


def scram(stream: Any, password: str, answers: Iterator[tuple[bytes, bytes]]) -> None:
    """SCRAM-SHA-256 without channel binding, as in RFC 5802 and 7677."""
    nonce = base64.b64encode(os.urandom(18)).decode()
    first = f"n=,r={nonce}"
    text = f"n,,{first}".encode()
    stream.write(packed(b"p", b"SCRAM-SHA-256\0" + struct.pack("!i", len(text)) + text))
    stream.flush()
    challenge = next(answers)[1][4:].decode()
    stream.write(packed(b"p", proof(password, first, challenge).encode()))
    stream.flush()
    next(answers)


def proof(password: str, first: str, challenge: str) -> str:
    """The client's last message."""
    given = dict(part.split("=", 1) for part in challenge.split(","))
    salted = hashlib.pbkdf2_hmac("sha256", password.encode(), base64.b64decode(given["s"]), int(given["i"]))
    key = hmac.digest(salted, b"Client Key", "sha256")
    last = f"c=biws,r={given['r']}"
    signature = hmac.digest(hashlib.sha256(key).digest(), f"{first},{challenge},{last}".encode(), "sha256")
    shown = bytes(left ^ right for left, right in zip(key, signature, strict=True))
    return f"{last},p={base64.b64encode(shown).decode()}"


def log_in(stream: Any, user: str, password: str, database: str) -> Iterator[tuple[bytes, bytes]]:
    """Start a session; gives the messages that follow the login."""
    names = "\0".join(["user", user, "database", database, "application_name", "harbor-check", "", ""])
    stream.write(packed(b"", struct.pack("!i", 196608) + names.encode()))
    stream.flush()
    answers = messages(stream)
    for kind, body in answers:
        method = struct.unpack("!i", body[:4])[0] if kind == b"R" else -1
        if method == 0:
            return answers
        if method == 10:
            scram(stream, password, answers)
        elif method in (3, 5):
            word = password
            if method == 5:
                inner = hashlib.md5(f"{password}{user}".encode(), usedforsecurity=False).hexdigest()
                word = "md5" + hashlib.md5(inner.encode() + body[4:8], usedforsecurity=False).hexdigest()
            stream.write(packed(b"p", word.encode() + b"\0"))
            stream.flush()
        elif kind == b"R":
            raise Refused("", f"asks for authentication of kind {method}; passwords (scram-sha-256, md5) are what Harbor knows")
    raise ConnectionResetError("the connection was closed")


def row(stream: Any, answers: Iterator[tuple[bytes, bytes]], sql: str) -> list[str]:
    """The columns of the one row that a statement gives, as text."""
    found: list[str] = []
    for kind, _body in answers:
        if kind == b"Z":
            break
    stream.write(packed(b"Q", sql.encode() + b"\0"))
    stream.flush()
    for kind, body in answers:
        if kind == b"D":
            rest = body[2:]
            while rest:
                size = struct.unpack("!i", rest[:4])[0]
                found.append(rest[4 : 4 + max(size, 0)].decode())
                rest = rest[4 + max(size, 0) :]
        elif kind == b"Z":
            return found
    raise ConnectionResetError("the connection was closed")


def ask_database(given: dict[str, Any]) -> Iterator[tuple[str, bool]]:
    """What does not fit of the database."""
    place = f"harbor_database_host {given['host']}, harbor_database_port {given['port']}"
    connection: socket.socket = socket.create_connection((given["host"], int(given["port"])), SECONDS)
    if given["sslmode"] != "disable":
        connection.sendall(struct.pack("!ii", 8, 80877103))
        if connection.recv(1) != b"S":
            yield f"{place}: PostgreSQL speaks no TLS there; harbor_database_sslmode is {given['sslmode']}", False
            return
        context = trust(given["trust"], verify=given["sslmode"] != "require" or given["private"], names=given["sslmode"] == "verify-full")
        connection = context.wrap_socket(connection, server_hostname=given["host"])
    with connection, connection.makefile("rwb") as stream:
        try:
            answers = log_in(stream, given["username"], given["password"], given["name"])
            columns = row(stream, answers, QUESTION)
        except Refused as error:
            who = f"harbor_database_username {given['username']}, harbor_database_name {given['name']}"
            yield f"{place}, {who}, harbor_database_password: PostgreSQL says {error}", bool(PASSING_STATES.match(error.code))
            return
    creates, standby, encoding, version, limit = columns
    who = f"harbor_database_username {given['username']}"
    if standby == "t":
        yield f"{place}: a standby, which takes no writes; it must be the primary", True
    if creates != "t":
        yield f"{who} may create nothing in {given['name']}; it must own the database (alter database ... owner to ...)", False
    if encoding != "UTF8":
        yield f"harbor_database_name {given['name']} is encoded in {encoding}; it must be UTF8", False
    if int(version) < 120000:
        yield f"{place}: PostgreSQL {int(version) // 10000}; Harbor needs 12 or newer", False
    if int(limit) < given["connections"]:
        yield (
            f"{place} grants {limit} connections to {who} (max_connections without the reserved ones, limits of role and database); "
            f"{given['connections']} may be opened (nodes x 2 x harbor_database_max_open_connections): lower the pools or grant more",
            False,
        )


# --- Redis, RESP 2 ---


def told(stream: Any, *words: str) -> str:
    """The answer to one command: a line or a text."""
    parts = [f"${len(word.encode())}\r\n{word}\r\n" for word in words]
    stream.write(f"*{len(words)}\r\n{''.join(parts)}".encode())
    stream.flush()
    line = stream.readline().decode(errors="replace").rstrip("\r\n")
    if not line:
        raise ConnectionResetError("the connection was closed")
    if line.startswith("-"):
        code, _blank, text = line[1:].partition(" ")
        raise Refused(code, text)
    return taken(stream, int(line[1:]) + 2).decode(errors="replace") if line.startswith("$") else line[1:]


def ask_redis(given: dict[str, Any]) -> Iterator[tuple[str, bool]]:
    """What does not fit of Redis."""
    place = f"harbor_redis_host {given['host']}, harbor_redis_port {given['port']}"
    connection: socket.socket = socket.create_connection((given["host"], int(given["port"])), SECONDS)
    if given["tls"]:
        connection = trust(given["trust"]).wrap_socket(connection, server_hostname=given["host"])
    with connection, connection.makefile("rwb") as stream:
        try:
            if given["password"]:
                told(stream, "AUTH", *filter(None, [given["username"]]), given["password"])
            told(stream, "PING")
            state = told(stream, "INFO", "replication") + told(stream, "INFO", "memory")
        except Refused as error:
            yield f"{place}, harbor_redis_username, harbor_redis_password: Redis says {error}", bool(PASSING_WORDS.match(error.code))
            return
        for name, number in sorted(given["databases"].items()):
            try:
                told(stream, "SELECT", str(number))
            except Refused as error:
                asks = "numbered databases, as a server without cluster mode has them, are needed"
                yield f"harbor_redis_databases.{name} {number}: Redis says {error}; {asks}", False
    facts = dict(line.split(":", 1) for line in state.splitlines() if ":" in line)
    if facts.get("role") != "master":
        yield f"{place}: a {facts.get('role')}; it must be the address of the master", True
    if facts.get("maxmemory_policy") != "noeviction":
        policy = facts.get("maxmemory_policy")
        yield f"{place}: maxmemory-policy is {policy}; it must be noeviction, else queued jobs and sessions vanish", False


# --- S3, signature version 4 ---


def signed(given: dict[str, Any], host: str, path: str, query: dict[str, str], now: datetime.datetime) -> tuple[str, dict[str, str]]:
    """Target and headers of a GET with an empty body."""
    stamp, empty = now.strftime("%Y%m%dT%H%M%SZ"), hashlib.sha256(b"").hexdigest()
    headers = {"host": host, "x-amz-content-sha256": empty, "x-amz-date": stamp}
    target, names = quote(path), ";".join(headers)
    asked = "&".join(f"{quote(name, safe='')}={quote(value, safe='')}" for name, value in sorted(query.items()))
    request = "\n".join(["GET", target, asked, *(f"{name}:{value}" for name, value in headers.items()), "", names, empty])
    scope = f"{stamp[:8]}/{given['region']}/s3/aws4_request"
    key = f"AWS4{given['secret_key']}".encode()
    for part in scope.split("/"):
        key = hmac.digest(key, part.encode(), "sha256")
    text = "\n".join(["AWS4-HMAC-SHA256", stamp, scope, hashlib.sha256(request.encode()).hexdigest()])
    signature = hmac.digest(key, text.encode(), "sha256").hex()
    headers["authorization"] = f"AWS4-HMAC-SHA256 Credential={given['access_key']}/{scope}, SignedHeaders={names}, Signature={signature}"
    return f"{target}?{asked}" if asked else target, headers


def got(given: dict[str, Any], key: str, query: dict[str, str]) -> None:
    """Read something of the bucket; what S3 refuses is raised with its code."""
    domain = "amazonaws.com.cn" if given["region"].startswith("cn-") else "amazonaws.com"
    base = urlsplit(given["endpoint"] or f"https://s3.{given['region']}.{domain}")
    if base.scheme == "https":
        context = trust(given["trust"], verify=not given["skip_verify"])
        connection: http.client.HTTPConnection = http.client.HTTPSConnection(base.netloc, timeout=SECONDS, context=context)
    else:
        connection = http.client.HTTPConnection(base.netloc, timeout=SECONDS)
    path = f"/{given['bucket']}" + (f"/{key}" if key else "")
    target, headers = signed(given, base.netloc, path, query, datetime.datetime.now(datetime.UTC))
    try:
        connection.request("GET", target, headers=headers)
        answer = connection.getresponse()
        body = answer.read(65536).decode(errors="replace")
    finally:
        connection.close()
    if answer.status != 200:
        said = {name: html.unescape(match[1]) for name in ("Code", "Message") if (match := re.search(f"<{name}>([^<]*)</{name}>", body))}
        raise Refused(said.get("Code", str(answer.status)), said.get("Message", answer.reason))


def ask_s3(given: dict[str, Any]) -> Iterator[tuple[str, bool]]:
    """What does not fit of the bucket."""
    place = f"harbor_s3_endpoint {given['endpoint'] or 'of Amazon'}, harbor_s3_region {given['region']}"
    meaning = {
        "NoSuchBucket": f"harbor_s3_bucket {given['bucket']} is not there; it must exist, with a user who may use it",
        "InvalidAccessKeyId": f"harbor_s3_access_key {given['access_key']} is not known there",
        "SignatureDoesNotMatch": f"harbor_s3_secret_key is not the one of harbor_s3_access_key {given['access_key']}",
        "AuthorizationHeaderMalformed": f"harbor_s3_region {given['region']} is not the one of harbor_s3_bucket {given['bucket']}",
    }
    root = given["root_directory"].strip("/")
    missing = f"{root}/docker/registry/v2/none".lstrip("/")
    for right, key, query in (
        ("s3:ListBucket", "", {"list-type": "2", "max-keys": "1", "prefix": f"{root}/" if root else ""}),
        ("s3:ListBucketMultipartUploads", "", {"uploads": "", "max-uploads": "1"}),
        ("s3:GetObject", missing, {}),
    ):
        try:
            got(given, key, query)
        except Refused as error:
            if key and error.code in ("NoSuchKey", "404"):
                continue
            if error.code in ("AccessDenied", "403"):
                why = f"harbor_s3_access_key {given['access_key']} may not do {right} in harbor_s3_bucket {given['bucket']}"
            else:
                why = meaning.get(error.code, f"harbor_s3_bucket {given['bucket']}, harbor_s3_access_key {given['access_key']}")
            yield f"{place}: {why} (S3 says {error})", bool(PASSING_WORDS.match(error.code)) or error.code in ("502", "503", "504")
            return


def reason(service: str, given: dict[str, Any], error: Exception) -> tuple[str, bool]:
    """Why a service could not be asked, in the terms of the role's variables."""
    names = ("endpoint",) if service == "s3" else ("host", "port")
    place = ", ".join(f"harbor_{service}_{name} {given[name]}" for name in names)
    authority = f"harbor_{service}_ca_file {given['ca_file'] or '(public)'}"
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"{place}: the certificate is not good ({error.verify_message}); it must be signed by {authority} and carry that name", False
    if isinstance(error, ssl.SSLError):
        return f"{place}: no TLS with {authority} ({error.reason or error})", False
    return f"{place}: no answer ({error or type(error).__name__}); it must answer this node", True


def problems(given: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Everything that does not fit, service by service."""
    for service, ask in (("database", ask_database), ("redis", ask_redis), ("s3", ask_s3)):
        if given[service] is None:
            continue
        try:
            found = list(ask(given[service]))
        except (OSError, http.client.HTTPException) as error:
            found = [reason(service, given[service], error)]
        for message, passing in found:
            yield {"message": message, "passing": passing}


if __name__ == "__main__":
    json.dump(list(problems(json.load(sys.stdin))), sys.stdout)
