# Copyright: the dockmaster.harbor contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the tests of clustered tiers share: the members of each tier in this scenario, and waiting for what takes its time."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import testinfra

from tests.failover.lab import Lab

LAB = Lab(os.environ["MOLECULE_SCENARIO_NAME"], Path(os.environ["DOCKMASTER_SECRETS"]))
ETCD, POSTGRESQL, REDIS, MINIO, BALANCERS, APP = (
    {name: LAB.addresses[name] for name in LAB.tiers[tier]} for tier in ("etcd", "postgresql", "redis", "minio", "load_balancer", "harbor")
)
VIRTUAL_ADDRESS = LAB.url.removeprefix("https://")
SSH_CONFIG = LAB.directory / "ssh_config"
T = TypeVar("T")


def on(name: str) -> Any:
    """A node of the scenario, over SSH, with sudo."""
    return testinfra.get_host(f"ssh://{name}", ssh_config=str(SSH_CONFIG), sudo=True)


def eventually(ask: Callable[[], T], seconds: float = 60) -> T:
    """The first answer that is true; AssertionError with the last one when none is in time. An exception is no answer."""
    end, last = time.monotonic() + seconds, ""
    while time.monotonic() < end:
        try:
            answer = ask()
        except Exception as error:  # a node that is being killed says all sorts of things
            last = f"{type(error).__name__}: {error}"
        else:
            if answer:
                return answer
            last = repr(answer)
        time.sleep(0.5)
    raise AssertionError(f"not within {seconds} s: {last}")
