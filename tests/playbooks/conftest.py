# Copyright: the dockmaster.harbor contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Real ansible-playbook runs of the collection as it is installed from its tarball, on every ansible-core that this machine can run."""

from __future__ import annotations

import dataclasses
import os
import subprocess
import sys
import sysconfig
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml
from standin.server import Server

ROOT = Path(__file__).resolve().parent.parent.parent
COLLECTIONS = ROOT / ".build/collections"
UV = ROOT / ".build/uv/bin/uv"
# ansible-core besides the one of the development environment, and a Python that runs it.
CORES = {"2.20.10": ("3.13", "3.12"), "2.21.5": ("3.13", "3.12")}


def interpreter(version: str) -> str | None:
    """Path of an installed CPython of one minor version; pyenv's shims answer only for chosen versions, so look behind them."""
    places = [Path("/usr/bin"), Path("/usr/local/bin"), *sorted((Path.home() / ".pyenv/versions").glob(f"{version}.*/bin"), reverse=True)]
    for candidate in (place / f"python{version}" for place in places):
        if candidate.exists() and subprocess.run([candidate, "-c", "import ensurepip"], capture_output=True).returncode == 0:
            return str(candidate)
    return None


def other_core(version: str) -> Path:
    """Directory with the programs of one ansible-core version, made on first use; skips when no Python here can run it."""
    place = ROOT / f".build/cores/{version}"
    if not (place / "bin/ansible-playbook").exists():
        found = next(filter(None, map(interpreter, CORES[version])), None)
        if found is None:
            pytest.skip(f"ansible-core {version} needs Python {' or '.join(CORES[version])}; none is installed")
        subprocess.run([UV, "venv", "--quiet", "--clear", "--python", found, place], check=True)
        wanted = [f"ansible-core=={version}", "requests", "pyyaml", "cryptography"]
        subprocess.run([UV, "pip", "install", "--quiet", "--python", place / "bin/python", *wanted], check=True)
    return place / "bin"


@dataclasses.dataclass(frozen=True)
class Ansible:
    """An ansible-core and the environment in which a user would run it."""

    version: str
    programs: Path
    home: Path
    environment: dict[str, str]

    def playbook(self, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
        """Run ansible-playbook with arguments; output is text, stderr joined to stdout. It never raises."""
        return subprocess.run(
            [self.programs / "ansible-playbook", *arguments],
            cwd=self.home,
            env={**self.environment, **environment},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=300,
        )


@pytest.fixture(scope="session", params=["development", *CORES])
def core(request: pytest.FixtureRequest) -> tuple[str, Path]:
    """Each ansible-core: its version and the directory of its programs."""
    if request.param == "development":
        return "development", Path(sys.executable).parent
    return request.param, other_core(request.param)


@pytest.fixture
def ansible(core: tuple[str, Path], tmp_path: Path) -> Ansible:
    """An ansible-core that finds the installed collection, and nothing of this checkout."""
    version, programs = core
    library = subprocess.run(
        [programs / "python", "-c", "import sysconfig; print(sysconfig.get_path('purelib'))"], check=True, capture_output=True, text=True
    ).stdout.strip()
    keep = {name: os.environ[name] for name in ("HOME", "LANG", "SSL_CERT_FILE", "REQUESTS_CA_BUNDLE") if name in os.environ}
    environment = {
        **keep,
        "PATH": f"{programs}:/usr/bin:/bin",
        "PWD": str(tmp_path),  # a shell sets it; configure resolves relative globs with it
        "ANSIBLE_HOME": str(tmp_path / "ansible"),
        # The neighbouring collections come from the development environment's ansible package, whatever the core.
        "ANSIBLE_COLLECTIONS_PATH": f"{COLLECTIONS}:{library}:{sysconfig.get_path('purelib')}",
        "ANSIBLE_INJECT_FACT_VARS": "false",
        "ANSIBLE_NOCOLOR": "true",
        "ANSIBLE_LOCALHOST_WARNING": "false",
        "ANSIBLE_INVENTORY_UNPARSED_WARNING": "false",
    }
    # The machine's trust store must not decide whether the stand-in is trusted.
    environment.pop("REQUESTS_CA_BUNDLE", None)
    return Ansible(version, programs, tmp_path, environment)


@pytest.fixture
def harbor() -> Iterator[Server]:
    """A fresh stand-in of Harbor on loopback."""
    with Server() as server:
        yield server


@pytest.fixture
def connection(harbor: Server) -> dict[str, str]:
    """The environment that a credential of AWX would inject."""
    return {"HARBOR_URL": harbor.url, "HARBOR_USERNAME": harbor.username, "HARBOR_PASSWORD": harbor.password}


def write(path: Path, content: object) -> Path:
    """Write an object as a YAML file and return its path."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(yaml.safe_dump(content))
    return path
