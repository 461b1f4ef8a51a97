# Copyright: the dockmaster.harbor contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""S3 requests to one server of the scenario."""

from __future__ import annotations

import hashlib
import subprocess
import tempfile
import time

from cluster import LAB


class Client:
    """S3 requests from this machine, signed with one key pair, which curl reads from its standard input."""

    def __init__(self, address: str, access_key: str, secret_key: str) -> None:
        self.url = f"https://{address}:9000"
        self.settings = f'user = "{access_key}:{secret_key}"\n'

    def call(self, method: str, path: str, body: bytes = b"") -> tuple[int, bytes]:
        """Status and body of one request."""
        command = [*self._curl("--request", method, "--write-out", "%{http_code}"), self.url + path]
        with tempfile.NamedTemporaryFile() as file:
            if body:
                file.write(body)
                file.flush()
                command += ["--data-binary", f"@{file.name}", "--header", f"x-amz-content-sha256: {hashlib.sha256(body).hexdigest()}"]
            done = subprocess.run(command, input=self.settings.encode(), stdout=subprocess.PIPE, check=True)
        return int(done.stdout[-3:]), done.stdout[:-3]

    def read_with_a_pause(self, path: str, seconds: float) -> bytes:
        """What comes of an object when the client reads nothing for a while after the first MiB."""
        command = [*self._curl("--fail"), self.url + path]
        with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
            assert process.stdin is not None and process.stdout is not None
            process.stdin.write(self.settings.encode())
            process.stdin.close()
            begun = process.stdout.read(1 << 20)
            time.sleep(seconds)
            return begun + process.stdout.read()

    @staticmethod
    def _curl(*options: str) -> list[str]:
        common = ["curl", "--silent", "--show-error", "--max-time", "30", "--cacert", str(LAB.ca), "--config", "-"]
        return [*common, "--aws-sigv4", "aws:amz:us-east-1:s3", *options]


def registry_client(address: str) -> Client:
    """The user that Harbor's registry is, at one server."""
    return Client(address, "harbor-registry", str(LAB.vault["vault_minio_registry_secret_key"]))
