# Copyright: the dockmaster.harbor contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Modules run in this process against the stand-in of Harbor: real argument parsing, real HTTP, no subprocess."""

from __future__ import annotations

import dataclasses
import importlib
import json
import typing as t
from collections.abc import Iterator
from pathlib import Path

import pytest
from ansible.module_utils.basic import AnsibleModule
from ansible.module_utils.testing import patch_module_args
from ansible_collections.dockmaster.harbor.plugins.module_utils import _http
from standin.server import Server

MODULES = "ansible_collections.dockmaster.harbor.plugins.modules"
WRITES = ("POST", "PUT", "PATCH", "DELETE")
# POSTs that change nothing: the login of the session, and asking Harbor to reach something else.
PINGED = ("registries/ping", "scanners/ping", "ldap/ping", "system/oidc/ping")
HARMLESS = ("/c/login", *(f"/api/v2.0/{path}" for path in PINGED))

Result = dict[str, t.Any]


@dataclasses.dataclass
class Modules:
    """Runs modules against one Harbor. outputs holds everything that they printed, for the search for secrets."""

    harbor: Server
    capture: pytest.CaptureFixture[str]
    directory: Path
    outputs: list[str] = dataclasses.field(default_factory=list, repr=False)
    connection: dict[str, t.Any] = dataclasses.field(default_factory=dict)
    warnings: list[str] = dataclasses.field(default_factory=list)

    def __call__(self, name: str, /, *, check: bool = False, diff: bool = False, **params: t.Any) -> Result:
        """Run a module and return its result, failed or not."""
        arguments = {
            "harbor_url": self.harbor.url,
            "harbor_username": self.harbor.username,
            "harbor_password": self.harbor.password,
            **self.connection,
            **params,
            "_ansible_check_mode": check,
            "_ansible_diff": diff,
            "_ansible_remote_tmp": str(self.directory),
            "_ansible_keep_remote_files": False,
        }
        module = importlib.import_module(f"{MODULES}.{name}")
        self.capture.readouterr()
        with patch_module_args({key: value for key, value in arguments.items() if value is not None}), pytest.raises(SystemExit):
            module.main()
        streams = self.capture.readouterr()
        self.outputs += [streams.out, streams.err]
        result: Result = json.loads(streams.out)
        return result

    def ok(self, name: str, /, **params: t.Any) -> Result:
        """Run a module that must succeed."""
        result = self(name, **params)
        assert not result.get("failed"), result["msg"]
        return result

    def refused(self, name: str, /, **params: t.Any) -> str:
        """Run a module that must fail, and return what it says."""
        result = self(name, **params)
        assert result.get("failed"), result
        return str(result["msg"])

    def state(self, desired: dict[str, t.Any], **params: t.Any) -> Result:
        """Run the state module, which must succeed."""
        return self.ok("state", desired=desired, **params)

    def writes(self) -> list[tuple[str, str, int]]:
        """Return the requests that may have changed something, in order."""
        return [entry for entry in self.harbor.log if entry[0] in WRITES and entry[1] not in HARMLESS]


@pytest.fixture(scope="session")
def server() -> Iterator[Server]:
    """One stand-in for all tests."""
    with Server() as running:
        yield running


@pytest.fixture
def harbor(server: Server) -> Server:
    """A fresh Harbor."""
    server.reset()
    return server


@pytest.fixture(autouse=True)
def no_pauses(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Nobody waits in tests; returns the pauses that were asked for."""
    pauses: list[float] = []
    monkeypatch.setattr(_http, "_sleep", pauses.append)
    return pauses


@pytest.fixture
def run(harbor: Server, capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Modules:
    """Run modules against a fresh Harbor."""
    modules = Modules(harbor, capsys, tmp_path)
    # Where the controller side of ansible was imported before, warnings would go there instead of into the result.
    monkeypatch.setattr(AnsibleModule, "warn", lambda _module, text: modules.warnings.append(text))
    return modules
