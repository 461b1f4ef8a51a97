# Copyright: the dockmaster.harbor contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The node as a whole: what must hold after an installation and after a reboot alike."""

from __future__ import annotations

import json
from typing import Any

import pytest

UNITS = ("docker", "etcd", "harbor", "patroni", "redis-sentinel", "redis-server")


@pytest.mark.parametrize("unit", UNITS)
def test_unit_runs_and_comes_back_at_boot(host: Any, unit: str) -> None:
    """Every service of the stack is active and enabled."""
    service = host.service(unit)
    assert service.is_running
    assert service.is_enabled


def test_no_unit_failed(host: Any) -> None:
    """Nothing that systemd started has failed."""
    assert host.check_output("systemctl list-units --failed --plain --no-legend") == ""


def test_containers_are_healthy(host: Any) -> None:
    """Every container of Harbor passes its image's own check."""
    rows = host.check_output("docker ps --all --format '{{.Names}} {{.Status}}'").splitlines()
    assert {row.split()[0] for row in rows} >= {"harbor-core", "harbor-jobservice", "harbor-portal", "nginx", "registry", "registryctl"}
    assert [row for row in rows if "(healthy)" not in row] == []


def test_harbor_says_that_it_is_healthy(host: Any, url: str) -> None:
    """All components answer, over a connection whose certificate is verified."""
    health = json.loads(host.check_output(f"curl --silent --fail --cacert /etc/dockmaster/pki/ca.crt {url}/api/v2.0/health"))
    assert health["status"] == "healthy", health


def test_no_secret_in_the_journal_or_in_a_process_list(host: Any, vault: dict[str, Any]) -> None:
    """Secrets reach programs by files, never by arguments or logs."""
    # sudo notes the commands of tests as well; test_postgresql hands a password over in the environment of one.
    seen = host.check_output("journalctl --no-pager --output=cat | grep --invert-match 'COMMAND=.*PGPASSWORD='; ps -eo args")
    secrets = {name: value.splitlines() for name, value in vault.items() if "certificate" not in name}
    leaked = [name for name, lines in secrets.items() if lines[len(lines) // 2] in seen]
    assert leaked == []
