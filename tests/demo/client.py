# Copyright: the dockmaster.harbor contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Real registry clients on the client machine: docker, oras and skopeo, one directory of credentials per identity."""

from __future__ import annotations

import re
import shlex
import subprocess
from pathlib import Path

from node import Node

# What docker, containerd, oras and skopeo say when the registry lets somebody not do something.
DENIED = re.compile(r"denied|unauthori[sz]ed|forbidden|no basic auth credentials|authentication required", re.IGNORECASE)


class Refused(Exception):
    """The registry refused an action for lack of permission; the text is the client's output."""


class Client:
    """One identity on the client machine. Every command is logged; one that fails raises Refused or CalledProcessError."""

    def __init__(self, node: Node, address: str, name: str, logs: Path) -> None:
        self.node = node
        self.address = address
        self.home = f"/home/ansible/{name}"
        self.log = logs / f"client-{name}.log"

    def _run(self, *words: str, stdin: str = "") -> str:
        script = f"mkdir -p {self.home} && cd {self.home} && DOCKER_CONFIG={self.home} {shlex.join(words)}"
        result = self.node.run(script, stdin)
        with self.log.open("a", encoding="utf-8") as file:
            file.write(f"$ {shlex.join(words)}\n{result.stdout}")
        if result.returncode and DENIED.search(result.stdout):
            raise Refused(result.stdout)
        if result.returncode:
            raise subprocess.CalledProcessError(result.returncode, shlex.join(words), output=result.stdout)
        return result.stdout

    def start(self, script: str, *arguments: str) -> subprocess.Popen[str]:
        """Start a script in this identity's directory; its input stays open, stderr is joined to stdout."""
        words = shlex.join(["bash", "-c", script, "bash", *arguments])
        command = self.node.ssh(f"mkdir -p {self.home} && cd {self.home} && DOCKER_CONFIG={self.home} {words}")
        return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)

    def login(self, username: str, secret: object) -> None:
        """Log in; the secret goes in by standard input."""
        self._run("docker", "login", "--username", username, "--password-stdin", self.address, stdin=f"{secret}\n")

    def build(self, image: str, base: str, text: str) -> None:
        """Build an image that prints a text, on top of another."""
        recipe = f'FROM {base}\nRUN echo {shlex.quote(text)} > /etc/built\nCMD ["cat", "/etc/built"]\n'
        self._run("docker", "build", "--pull", "--quiet", "--tag", image, "-", stdin=recipe)

    def push(self, image: str) -> str:
        """Push an image; return its digest."""
        return self._digest(self._run("docker", "push", image), "digest: ")

    def pull(self, image: str) -> str:
        """Pull an image; return its digest."""
        return self._digest(self._run("docker", "pull", image), "Digest: ")

    def tag(self, source: str, target: str) -> None:
        """Give an image that is pulled if it must be another name."""
        self._run("docker", "pull", "--quiet", source)
        self._run("docker", "tag", source, target)

    def run(self, image: str) -> str:
        """Run an image and return what it prints."""
        return self._run("docker", "run", "--rm", image)

    def forget(self, image: str) -> None:
        """Remove every local image of a repository, so that a pull really pulls."""
        repository = image.rsplit(":", 1)[0]
        found = self._run("docker", "images", "--quiet", "--no-trunc", repository).split()
        if found:
            self._run("docker", "rmi", "--force", *sorted(set(found)))

    def inspect(self, image: str, tls: bool = True) -> str:
        """Ask with skopeo for the digest of an image in a registry."""
        options = [] if tls else ["--tls-verify=false"]
        return self._run("skopeo", "inspect", *self._auth(), *options, "--format", "{{.Digest}}", f"docker://{image}").strip()

    def copy(self, source: str, target: str) -> None:
        """Copy with skopeo between registries; the source speaks plain HTTP."""
        options = ["--src-tls-verify=false", "--preserve-digests", "--quiet"]
        self._run("skopeo", "copy", *self._auth(), *options, f"docker://{source}", f"docker://{target}")

    def oras_round_trip(self, artifact: str) -> bool:
        """Push a random file with oras and pull it into another directory; whether it came back as it was."""
        config = f"--registry-config {self.home}/config.json --no-tty"
        script = f"""
            rm -rf out settings.bin; head -c 300000 /dev/urandom > settings.bin &&
            oras push {config} --artifact-type application/vnd.example.settings {artifact} settings.bin:application/octet-stream &&
            oras pull {config} --output out {artifact} && cmp settings.bin out/settings.bin && echo the same"""
        return self._run("bash", "-c", script).strip().endswith("the same")

    def _auth(self) -> list[str]:
        return ["--authfile", f"{self.home}/config.json"]

    @staticmethod
    def _digest(output: str, before: str) -> str:
        return re.search(before + r"(sha256:[0-9a-f]{64})", output)[1]  # type: ignore[index]
