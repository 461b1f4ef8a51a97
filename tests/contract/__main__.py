# Copyright: the dockmaster.harbor contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""`python -m tests.contract [story ...]`: replay and count. Ends with 1 when any exchange is unequal."""

from __future__ import annotations

import sys

from .replay import replay, stories


def main(names: list[str]) -> int:
    equal = total = 0
    for story in names or stories():
        results = replay(story)
        good = sum(not result.problems for result in results)
        equal, total = equal + good, total + len(results)
        for result in results:
            if result.problems:
                print(f"{story}, {result.text()}")
        print(f"{story}: {good}/{len(results)}")
    print(f"contract: {equal}/{total} exchanges")
    return 0 if equal == total else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
