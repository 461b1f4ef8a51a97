# Copyright: the dockmaster.harbor contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""`python -m standin core|jobservice|registryctl|trivy-adapter`: one of Harbor's processes. The portal is plain nginx."""

from __future__ import annotations

import os
import sys
from importlib import import_module

from .containers.environment import Refused

COMPONENTS = ("core", "jobservice", "registryctl", "trivy-adapter")


def main(arguments: list[str]) -> int:
    if len(arguments) != 1 or arguments[0] not in COMPONENTS:
        print(f"usage: python -m standin {'|'.join(COMPONENTS)}", file=sys.stderr)
        return 2
    component = import_module(f".containers.{arguments[0].replace('-', '_')}", __package__)
    try:
        component.main(os.environ)
    except Refused as refusal:
        print(f"{arguments[0]} does not start: {refusal}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
