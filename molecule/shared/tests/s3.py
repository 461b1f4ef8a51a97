# Copyright: the dockmaster.harbor contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""S3 requests to one server of the scenario."""

from __future__ import annotations

import hashlib
import subprocess
import tempfile

from cluster import LAB


class Client:
    """S3 requests from this machine, signed with one key pair, which curl reads from its standard input."""

    def __init__(self, address: str, access_key: str, secret_key: str) -> None:
        self.url = f"https://{address}:9000"
        self.settings = f'user = "{access_key}:{secret_key}"\n'

    def call(self, method: str, path: str, body: bytes = b"") -> tuple[int, bytes]:
        """Status and body of one request."""
        command = ["curl", "--silent", "--show-error", "--max-time", "20", "--cacert", str(LAB.ca), "--config", "-"]
        command += ["--aws-sigv4", "aws:amz:us-east-1:s3", "--request", method, "--write-out", "%{http_code}", self.url + path]
        with tempfile.NamedTemporaryFile() as file:
            if body:
                file.write(body)
                file.flush()
                command += ["--data-binary", f"@{file.name}", "--header", f"x-amz-content-sha256: {hashlib.sha256(body).hexdigest()}"]
            done = subprocess.run(command, input=self.settings.encode(), stdout=subprocess.PIPE, check=True)
        return int(done.stdout[-3:]), done.stdout[:-3]


def registry_client(address: str) -> Client:
    """The user that Harbor's registry is, at one server."""
    return Client(address, "harbor-registry", str(LAB.vault["vault_minio_registry_secret_key"]))
