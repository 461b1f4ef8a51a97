# Copyright: the dockmaster.harbor contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The service of the role postgresql that lets etcd not lead where PostgreSQL leads."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from typing import Any

import pytest

FILE = Path(__file__).resolve().parent.parent.parent / "roles/postgresql/files/apart.py"
SPEC = importlib.util.spec_from_file_location("apart", FILE)
assert SPEC and SPEC.loader
apart = importlib.util.module_from_spec(SPEC)
SPEC.loader.exec_module(apart)


class Host(apart.Host):  # type: ignore[misc]
    """Three members of etcd, of which 1 is here and 4 is a learner."""

    def __init__(self, leader: str, primary: bool, refused: tuple[str, ...] = ()) -> None:
        self.leader, self.primary, self.refused = leader, primary, refused

    def ask(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        if path.endswith("status"):
            return {"header": {"member_id": "1"}, "leader": self.leader}
        if path.endswith("list"):
            return {"members": [{"ID": "1"}, {"ID": "4", "isLearner": True}, {"ID": "2"}, {"ID": "3"}]}
        assert path == "/v3/maintenance/transfer-leadership"
        if body["targetID"] in self.refused:
            raise OSError("unhealthy")
        self.leader = body["targetID"]
        return {}

    def leads_postgresql(self) -> bool:
        return self.primary


@pytest.mark.parametrize(
    ("host", "leader"),
    [
        (Host("1", primary=True), "2"),
        (Host("1", primary=True, refused=("2",)), "3"),
        (Host("1", primary=True, refused=("2", "3")), "1"),
        (Host("1", primary=False), "1"),
        (Host("2", primary=True), "2"),
        (Host("2", primary=False), "2"),
    ],
)
def test_the_lead_goes_to_a_member_that_votes_and_takes_it(host: Host, leader: str) -> None:
    before = host.leader
    assert apart.look(host) == ("" if leader == before else leader)
    assert host.leader == leader


def test_silence_is_not_taken_for_an_answer() -> None:
    class Silent(Host):
        def leads_postgresql(self) -> bool:
            raise OSError("no answer")

    host = Silent("1", primary=True)
    with pytest.raises(OSError, match="no answer"):
        apart.look(host)
    assert host.leader == "1"
