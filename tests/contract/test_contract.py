# Copyright: the dockmaster.harbor contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every recorded story on a fresh stand-in: no exchange may differ, and none is left out."""

from __future__ import annotations

import pytest

from .replay import EXCHANGES, replay, stories

# Everything that was recorded. Losing a file must not make the contract look complete.
RECORDED = {
    "artifacts",
    "basics",
    "clients",
    "configurations",
    "gc",
    "immutable_rules",
    "labels",
    "ldap",
    "misc",
    "preheat",
    "project_members",
    "project_metadata",
    "projects",
    "purge_audit",
    "quotas",
    "registries",
    "replication_policies",
    "retention",
    "robots",
    "scan_all",
    "scanners",
    "system_cve_allowlist",
    "usergroups",
    "users",
    "webhook_payloads",
    "webhook_policies",
}


def test_no_story_is_missing() -> None:
    assert set(stories()) == RECORDED


@pytest.mark.parametrize("story", stories())
def test_story(story: str) -> None:
    results = replay(story)
    assert len(results) == len((EXCHANGES / f"{story}.jsonl").read_text().splitlines())
    unequal = [result.text() for result in results if result.problems]
    print(f"contract: {len(results) - len(unequal)}/{len(results)} exchanges of {story}")
    assert not unequal, "\n".join(["unequal exchanges:", *unequal])
