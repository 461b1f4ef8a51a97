# Copyright: the dockmaster.harbor contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The two requests of S3 that a benchmark needs, signed by hand (AWS Signature Version 4), so that nothing of a library is measured."""

from __future__ import annotations

import datetime
import hashlib
import hmac
import http.client
import ssl
from urllib.parse import quote, urlsplit

REGION, SERVICE = "us-east-1", "s3"


class Bucket:
    """One connection to one bucket; use one per thread."""

    def __init__(self, endpoint: str, bucket: str, access_key: str, secret_key: str, ca: str) -> None:
        address = urlsplit(endpoint)
        self._host, self._bucket, self._access, self._secret = address.netloc, bucket, access_key, secret_key
        context = ssl.create_default_context(cafile=ca)
        self._connection = http.client.HTTPSConnection(address.hostname or "", address.port, timeout=60, context=context)

    def put(self, key: str, content: bytes) -> None:
        """Store an object. Raises OSError."""
        self._send("PUT", key, content)

    def get(self, key: str) -> bytes:
        """Read an object. Raises OSError."""
        return self._send("GET", key, None)

    def _send(self, method: str, key: str, body: bytes | None) -> bytes:
        path = quote(f"/{self._bucket}/{key}")
        self._connection.request(method, path, body, self._signed(method, path))
        answer = self._connection.getresponse()
        content = answer.read()
        if answer.status != 200:
            raise OSError(f"{method} {path}: {answer.status} {content[:300]!r}")
        return content

    def _signed(self, method: str, path: str) -> dict[str, str]:
        now = datetime.datetime.now(tz=datetime.UTC)
        stamp, day = now.strftime("%Y%m%dT%H%M%SZ"), now.strftime("%Y%m%d")
        headers = {"host": self._host, "x-amz-content-sha256": "UNSIGNED-PAYLOAD", "x-amz-date": stamp}
        names = ";".join(headers)
        lines = "".join(f"{name}:{value}\n" for name, value in headers.items())
        scope = f"{day}/{REGION}/{SERVICE}/aws4_request"
        request = hashlib.sha256(f"{method}\n{path}\n\n{lines}\n{names}\nUNSIGNED-PAYLOAD".encode()).hexdigest()
        key = f"AWS4{self._secret}".encode()
        for part in (day, REGION, SERVICE, "aws4_request"):
            key = hmac.digest(key, part.encode(), "sha256")
        signature = hmac.digest(key, f"AWS4-HMAC-SHA256\n{stamp}\n{scope}\n{request}".encode(), "sha256").hex()
        told = f"AWS4-HMAC-SHA256 Credential={self._access}/{scope}, SignedHeaders={names}, Signature={signature}"
        return {**headers, "Authorization": told}
