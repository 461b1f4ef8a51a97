# Copyright: the dockmaster.harbor contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""`python -m standin core|jobservice|registryctl|trivy-adapter`: one of Harbor's processes. The portal is plain nginx.

`python -m standin memory [--port N] [--password P] [--profile harbor-2.15]`: all of Harbor's API in this process, for benchmarks and
for trying things out. It prints its address and serves until it is told to end.
"""

from __future__ import annotations

import argparse
import os
import signal
import sys
from importlib import import_module

from .containers.environment import Refused
from .profiles import PROFILES

COMPONENTS = ("core", "jobservice", "registryctl", "trivy-adapter")


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="standin")
    components = parser.add_subparsers(dest="component", required=True)
    for name in COMPONENTS:
        components.add_parser(name)
    memory = components.add_parser("memory")
    memory.add_argument("--port", type=int, default=0)
    memory.add_argument("--password", default="Harbor12345")
    memory.add_argument("--profile", choices=sorted(PROFILES))
    options = parser.parse_args(arguments)
    return serve_memory(options) if options.component == "memory" else run_component(options.component)


def run_component(name: str) -> int:
    component = import_module(f".containers.{name.replace('-', '_')}", __package__)
    try:
        component.main(os.environ)
    except Refused as refusal:
        print(f"{name} does not start: {refusal}", file=sys.stderr)
        return 1
    return 0


def serve_memory(options: argparse.Namespace) -> int:
    # Not at the top: it brings all resources, which the containers load by themselves.
    from .server import Server

    ends = {signal.SIGINT, signal.SIGTERM}
    # Before the server's thread is started, which then inherits it: the signals wait for us.
    signal.pthread_sigmask(signal.SIG_BLOCK, ends)
    with Server(options.password, profile=options.profile, port=options.port) as server:
        print(server.url, flush=True)
        signal.sigwait(ends)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
