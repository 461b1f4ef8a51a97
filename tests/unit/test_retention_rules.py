# Copyright: the dockmaster.harbor contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Rules of retention and schedules between the user's words and Harbor's."""

from __future__ import annotations

import typing as t

import pytest
from ansible_collections.dockmaster.harbor.plugins.module_utils._resources import _schedules as schedules
from ansible_collections.dockmaster.harbor.plugins.module_utils._resources import retention_policy as retention
from ansible_collections.dockmaster.harbor.plugins.module_utils._resources._dry_run import Outcome
from ansible_collections.dockmaster.harbor.plugins.module_utils._resources._selectors import Selector
from hypothesis import given
from hypothesis import strategies as st

SELECTORS = st.builds(Selector, st.sampled_from(["matching", "excluding"]), st.sampled_from(["**", "*", "v*", "{a,b}-?", "a/**"]))


@st.composite
def rules(draw: st.DrawFn) -> retention.Rule:
    retain = draw(st.sampled_from(sorted(retention.TEMPLATES)))
    number = draw(st.integers(1, retention.LARGEST)) if retain != "everything" else 0
    return retention.Rule(retain, number, draw(SELECTORS), draw(SELECTORS), draw(st.booleans()), draw(st.booleans()))


@given(rules())
def test_a_rule_survives_harbor(rule: retention.Rule) -> None:
    assert retention._rule(retention._encode_rule(rule)) == rule


@given(st.lists(rules(), unique=True, max_size=5))
def test_rules_survive_the_user(wanted: list[retention.Rule]) -> None:
    """What an export shows is what was declared."""
    assert retention._clean_rules(retention._show_rules(frozenset(wanted))) == frozenset(wanted)


@pytest.mark.parametrize("decoration", ["matches", "excludes"])
@pytest.mark.parametrize(
    ("extras", "matching", "excluding"),
    [
        (None, True, True),
        ("", True, True),
        ("no JSON", True, True),
        ("{}", False, True),
        ("[]", True, True),
        ('{"untagged":"false"}', True, True),
        ('{"untagged":null}', False, True),
        ('{"untagged":true}', True, False),
        ('{"untagged":false}', False, True),
    ],
)
def test_untagged_artifacts(decoration: str, extras: str | None, matching: bool, excluding: bool) -> None:
    """Without the flag both kinds of selectors take them; with it, excluding turns its meaning round."""
    assert retention._untagged({"decoration": decoration, "extras": extras}) is (matching if decoration == "matches" else excluding)


@pytest.mark.parametrize(("words", "cron"), [("Daily", "0 0 0 * * *"), (" none ", ""), ("0  5 * * * *", "0 5 * * * *")])
def test_schedules(words: str, cron: str) -> None:
    assert schedules.clean(words) == cron
    assert schedules.clean(schedules.show(cron)) == cron


def test_shares() -> None:
    outcome = Outcome(repositories={"web": (4, 1), "app": (2, 2)})
    assert (outcome.total, outcome.deleted, outcome.percent) == (6, 3, 50.0)
    shown: dict[str, t.Any] = outcome.show()
    assert [row["repository"] for row in shown["repositories"]] == ["app", "web"] and shown["retained"] == 3
    assert Outcome(repositories={}).percent == 0.0
