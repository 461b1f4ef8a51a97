# Copyright: the dockmaster.harbor contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The allowlist of the system: what is refused and why, and its end."""

from __future__ import annotations

import typing as t

import pytest

from .conftest import Modules
from .samples import ALICE

REFUSALS: tuple[tuple[dict[str, t.Any], str], ...] = (
    ({"cves": ["CVE-2026-1", "CVE-2026-1"]}, "cve_allowlist: cves: ['CVE-2026-1', 'CVE-2026-1'] is not allowed; allowed: each entry once"),
    ({"cves": [" "]}, "cves: [' '] is not allowed; allowed: no blank entries"),
    ({"expires_at": "soon"}, "expires_at: 'soon' is not allowed; allowed: never, or an ISO 8601 date"),
)


@pytest.mark.parametrize(("values", "message"), REFUSALS)
def test_refusals(run: Modules, values: dict[str, t.Any], message: str) -> None:
    assert message in run.refused("cve_allowlist", **values)
    assert run.writes() == []


def test_the_end_stays_when_the_list_changes(run: Modules) -> None:
    """Harbor's PUT without an end means never."""
    run.ok("cve_allowlist", cves=["CVE-2026-1"], expires_at="2030-01-31")
    run.ok("cve_allowlist", cves=["CVE-2026-2"])
    assert run.ok("cve_allowlist_info")["cve_allowlist"] == {"cves": ["CVE-2026-2"], "expires_at": "2030-01-31T00:00:00Z"}
    run.ok("cve_allowlist", expires_at="never")
    assert run.ok("cve_allowlist_info")["cve_allowlist"] == {"cves": ["CVE-2026-2"], "expires_at": "never"}


def test_only_administrators_may_change_it(run: Modules) -> None:
    """Everybody may read it, so Harbor's own refusal would come half-way."""
    run.state({"users": [ALICE], "cve_allowlist": {"cves": ["CVE-2026-1"]}})
    run.connection = {"harbor_username": "alice", "harbor_password": ALICE["password"]}
    before = len(run.writes())
    assert "cves: only administrators of Harbor may change it, and no robot account; this is alice" in run.refused("cve_allowlist", cves=[])
    assert not run.ok("cve_allowlist", cves=["CVE-2026-1"])["changed"]
    assert len(run.writes()) == before


def test_order_means_nothing(run: Modules) -> None:
    run.ok("cve_allowlist", cves=["CVE-2026-2", "CVE-2026-1"])
    assert not run.ok("cve_allowlist", cves=["CVE-2026-1", "CVE-2026-2"])["changed"]
