# Copyright: the dockmaster.harbor contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The role docker: an engine with Compose v2 whose configuration is what the variables say."""

from __future__ import annotations

import json
from typing import Any


def test_engine_and_compose_are_recent_enough(host: Any) -> None:
    """Health checks with a start interval need engine 25, restarts of dependants Compose 2.17."""
    engine = host.check_output("docker version --format '{{.Server.Version}}'")
    compose = host.check_output("docker compose version --short")
    assert int(engine.split(".")[0]) >= 25
    assert tuple(map(int, compose.lstrip("v").split("-")[0].split("+")[0].split(".")[:2])) >= (2, 20)


def test_configuration_is_valid_and_in_force(host: Any) -> None:
    """The running engine has read the file: its registries and live-restore are those of daemon.json."""
    file = host.file("/etc/docker/daemon.json")
    assert (file.user, file.group, file.mode) == ("root", "root", 0o644)
    wanted = json.loads(file.content_string)
    info = json.loads(host.check_output("docker info --format '{{json .}}'"))
    assert info["LiveRestoreEnabled"] is wanted["live-restore"]
    assert set(wanted["insecure-registries"]) <= set(info["RegistryConfig"]["IndexConfigs"])


def test_socket_is_not_for_everybody(host: Any) -> None:
    """Whoever may write to the socket is root on the host."""
    socket = host.file("/run/docker.sock")
    assert socket.is_socket and socket.group == "docker" and socket.mode & 0o007 == 0
