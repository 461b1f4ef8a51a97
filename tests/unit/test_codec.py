# Copyright: the dockmaster.harbor contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Conversions between the user's, the canonical and Harbor's form."""

from __future__ import annotations

import typing as t
from urllib.parse import unquote_plus

import pytest
from ansible_collections.dockmaster.harbor.plugins.module_utils import _codec as codec
from ansible_collections.dockmaster.harbor.plugins.module_utils._http import q, q_takes, segment
from ansible_collections.dockmaster.harbor.plugins.module_utils._resources import RESOURCES
from ansible_collections.dockmaster.harbor.plugins.module_utils._resources import _permissions as permissions
from hypothesis import given
from hypothesis import strategies as st


@given(st.one_of(st.just(-1), st.integers(1, 2**50)))
def test_storage_round_trip(value: int) -> None:
    assert codec.storage(codec.show_storage(value)) == value
    assert codec.storage(str(value)) == value


@pytest.mark.parametrize(
    ("text", "value"), [("20GiB", 20 * 2**30), ("1 TiB", 2**40), ("5368709120", 5 * 2**30), ("Unlimited", -1), ("-1", -1), ("7b", 7)]
)
def test_storage(text: str, value: int) -> None:
    assert codec.storage(text) == value


@pytest.mark.parametrize("text", ["", "0", "-2", "20GB", "1.5GiB", "1025TiB", "GiB", "many"])
def test_storage_refusals(text: str) -> None:
    with pytest.raises(ValueError, match="such as 20GiB"):
        codec.storage(text)


@given(st.one_of(st.just(-1), st.integers(1, 4_000_000_000)))
def test_moment_round_trip(value: int) -> None:
    assert codec.moment(codec.show_moment(value)) == value


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("2027-01-31", "2027-01-31T00:00:00Z"),
        ("2027-01-31 12:00:00+00:00", "2027-01-31T12:00:00Z"),
        ("2027-01-31T12:00:00+02:00", "2027-01-31T10:00:00Z"),
        ("Never", "never"),
    ],
)
def test_moment(text: str, shown: str) -> None:
    assert codec.show_moment(codec.moment(text)) == shown


@given(st.text(max_size=40))
def test_addresses_are_stable(text: str) -> None:
    """What was normalised once does not change again: otherwise a second run would."""
    try:
        once = codec.address(text)
    except ValueError:
        return
    assert codec.address(once) == once and not once.endswith("/")


@pytest.mark.parametrize(
    ("given_address", "stored"),
    [
        ("registry.example.com:5000/", "http://registry.example.com:5000"),
        ("HTTPS://hub.docker.com//", "https://hub.docker.com"),
        ("https://host/path/?x=1#y", "https://host/path"),
    ],
)
def test_address(given_address: str, stored: str) -> None:
    assert codec.address(given_address) == stored


@pytest.mark.parametrize("word", ["a", "1", "a-b", "a.b_c-d", "library", "2024", "a" * 255])
def test_names(word: str) -> None:
    assert codec.name(word) == word


@pytest.mark.parametrize("word", ["", "A", "-a", "a-", "a--b", "a..b", "a b", "a/b", "ä", "a\n", "a" * 256])
def test_name_refusals(word: str) -> None:
    with pytest.raises(ValueError):
        codec.name(word)


@pytest.mark.parametrize("word", ["Passw0rd", "Aa1" + "x" * 125])
def test_secrets(word: str) -> None:
    assert codec.secret(word) == word


@pytest.mark.parametrize("word", ["Short1a", "alllower1", "ALLUPPER1", "NoDigits", "Aa1" + "x" * 126])
def test_secret_refusals_hold_no_secret(word: str) -> None:
    with pytest.raises(ValueError) as caught:
        codec.secret(word)
    assert word not in str(caught.value)


@pytest.mark.parametrize(("stored", "value"), [("true", True), ("True", True), ("1", True), ("false", False), ("yes", False), ("", False)])
def test_booleans_that_harbor_keeps_as_text(stored: str, value: bool) -> None:
    assert codec.from_bool_text(stored) is value


def test_numbers_that_harbor_keeps_as_text() -> None:
    assert codec.from_int_text("500") == 500
    assert codec.from_int_text("fast") == codec.from_int_text("0") == codec.from_int_text("-5") == -1


def test_moments_beyond_the_calendar() -> None:
    assert codec.from_moment(0) == 0
    assert codec.from_moment(1893456000000) == codec.UNLIMITED  # milliseconds


@pytest.mark.parametrize("word", ["{{ vault_Robot1 }}", " {{vault_Robot1}}\n"])
def test_a_template_is_no_secret(word: str) -> None:
    for check in (codec.filled_in, codec.secret):
        with pytest.raises(ValueError, match="not a template") as caught:
            check(word)
        assert "vault_Robot1" not in str(caught.value)
    assert codec.filled_in("a{{b}}") == "a{{b}}"


ENTRIES = st.lists(
    st.fixed_dictionaries(
        {
            "kind": st.sampled_from(["project", "system"]),
            "namespace": st.sampled_from(["/", "*", "payments"]),
            "access": st.lists(st.sampled_from(["repository:pull", "tag:list", "label:read"]), min_size=1),
        }
    )
)


@given(ENTRIES, st.randoms())
def test_permissions_are_a_set(entries: list[dict[str, t.Any]], random: t.Any) -> None:
    """Neither order nor grouping nor repetition matters, and every form can be turned back."""
    once = permissions.clean(entries)
    shuffled = list(entries) + entries[:1]
    random.shuffle(shuffled)
    assert permissions.clean(shuffled) == once
    assert permissions.clean(permissions.show(once)) == once
    assert permissions.decode(permissions.encode(once)) == once


@pytest.mark.parametrize("one", [one for resource in RESOURCES for one in resource.fields if one.choices], ids=lambda one: one.name)
def test_choices_round_trip(one: t.Any) -> None:
    assert [one.decode(one.encode(choice)) for choice in one.choices] == list(one.choices)


@given(st.text(min_size=1).filter(q_takes))
def test_q_survives_being_decoded_twice(text: str) -> None:
    """Harbor decodes the parameter once as every server does, and its value a second time."""
    value = unquote_plus(q(name=text)).removeprefix("name=")
    assert value.removeprefix("\\" if text[0] in "~[{(" else "") == text


def test_q() -> None:
    assert q(name="payments+ci") == "name=payments%2Bci"
    assert q(Level="project", ProjectID=7) == "Level=project,ProjectID=7"
    assert q(name="~x") == "name=\\~x"
    with pytest.raises(ValueError, match="cannot look for"):
        q(name="cn=a,dc=b")
    assert segment("a/b c") == "a%2Fb%20c"


CRONS = ("0 0 2 * * *", "0 */15 * * * ?", "0 30 4 1,15 * MON-FRI", "0 0 0 1 jan-jun/2 0", "0 5/20 0-23 31 12 sat")


@pytest.mark.parametrize("words", CRONS)
def test_cron(words: str) -> None:
    assert codec.cron(f"  {words.replace(' ', '  ')} ") == words


@pytest.mark.parametrize(
    "words",
    [
        "", "* * * * *", "0 2 * * *", "5 0 2 * * *", "00 0 2 * * *", "* 0 2 * * *", "0 60 * * * *", "0 0 24 * * *", "0 0 0 0 * *",
        "0 0 0 * 13 *", "0 0 0 * * 7", "0 0 0 * * mo", "0 0 5-3 * * *", "0 */0 * * * *", "0 0 1, * * *", "@daily", "0 0 jan * * *",
    ],
)  # fmt: skip
def test_cron_refusals(words: str) -> None:
    with pytest.raises(ValueError, match="six fields"):
        codec.cron(words)


def test_patterns() -> None:
    for words in ("**", "library/**", "{a,b}/*", "v1.?", "[0-9]*", "release-*"):
        assert codec.pattern(words) == words
    for words in ("", "a,b", "{a,b", "a}", "{{a},b}", "a b", "**, v1"):
        with pytest.raises(ValueError, match="pattern"):
            codec.pattern(words)
