# Copyright: the dockmaster.harbor contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Let etcd not lead where PostgreSQL leads: where both members stand on one host, hand the lead of etcd to another one.

A host that stands still for longer than a lease (frozen, starved, hanging on its disk) and goes on takes two things for true that are not:
its etcd, that it still leads and that the leases of all others have run out, so it has them revoked, also that of the next leader of
PostgreSQL; and its Patroni, that it leads. With the key of the next leader gone at that very moment, Patroni takes it again, and what the
next leader has committed is lost, acknowledged or not. With the two leads on different hosts each mistake alone does no harm: Patroni
finds the key in other hands and steps down, or a leader that is well takes its own key again.

Sources: lessor and ensureLeadership in etcd 3.5.16 (https://github.com/etcd-io/etcd/issues/15247), _update_leader in Patroni 4.0
(patroni/dcs/etcd3.py).

Arguments: URL of the etcd member here, URL of Patroni here, and the directory with ca.crt, server.crt and server.key.
"""

from __future__ import annotations

import json
import ssl
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any

INTERVAL = 2.0  # seconds between two looks
TIMEOUT = 3.0  # seconds for one answer


class Host:
    """The two members on this host."""

    def __init__(self, etcd: str, patroni: str, context: ssl.SSLContext) -> None:
        self.etcd, self.patroni, self.context = etcd, patroni, context

    def ask(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        """What etcd answers. Raises OSError or ValueError."""
        request = urllib.request.Request(f"{self.etcd}{path}", data=json.dumps(body).encode())
        with urllib.request.urlopen(request, timeout=TIMEOUT, context=self.context) as answer:
            return dict(json.load(answer))

    def leads_postgresql(self) -> bool:
        """Whether Patroni here is the leader. Raises OSError when it does not answer."""
        try:
            with urllib.request.urlopen(f"{self.patroni}/primary", timeout=TIMEOUT, context=self.context):
                return True
        except urllib.error.HTTPError:
            return False

    def heirs(self) -> list[str]:
        """Ids of the other members that vote; none when this one does not lead. Raises OSError or ValueError."""
        said = self.ask("/v3/maintenance/status", {})
        own = said["header"]["member_id"]
        if said.get("leader") != own:
            return []
        members = self.ask("/v3/cluster/member/list", {})["members"]
        return [member["ID"] for member in members if member["ID"] != own and not member.get("isLearner")]

    def hand_over(self, heir: str) -> bool:
        """Whether that member leads now; etcd refuses one that is not connected."""
        try:
            self.ask("/v3/maintenance/transfer-leadership", {"targetID": heir})
        except (OSError, ValueError):
            return False
        return True


def look(host: Host) -> str:
    """Id of the member that was given the lead; empty when there was nothing to do or nobody to take it. Raises OSError or ValueError."""
    heirs = host.heirs()
    if not heirs or not host.leads_postgresql():
        return ""
    return next((heir for heir in heirs if host.hand_over(heir)), "")


def main() -> None:
    """Look for ever."""
    etcd, patroni, directory = sys.argv[1], sys.argv[2], Path(sys.argv[3])
    trouble = ""
    while True:
        try:
            # Read at each look: certificates are renewed.
            context = ssl.create_default_context(cafile=str(directory / "ca.crt"))
            context.load_cert_chain(str(directory / "server.crt"), str(directory / "server.key"))
            if heir := look(Host(etcd, patroni, context)):
                print(f"PostgreSQL leads here: gave the lead of etcd to {int(heir):x}", flush=True)
            trouble = ""
        except (OSError, ValueError, KeyError) as error:
            # Once: a member that is down for a day needs no line every two seconds.
            if trouble != (trouble := f"could not look: {error!r}"):
                print(trouble, flush=True)
        time.sleep(INTERVAL)


if __name__ == "__main__":
    main()
