# Copyright: the dockmaster.harbor contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The log that a job leaves: lines with the time, the level, and the place in Harbor's source that writes them."""

from __future__ import annotations

from . import clock


class Log:
    def __init__(self, source: str) -> None:
        self._source = source
        self._lines: list[str] = []

    def info(self, line: int, text: str) -> None:
        self._add("INFO", line, text)

    def warning(self, line: int, text: str) -> None:
        self._add("WARNING", line, text)

    def error(self, line: int, text: str) -> None:
        self._add("ERROR", line, text)

    def text(self) -> str:
        return "".join(self._lines)

    def _add(self, level: str, line: int, text: str) -> None:
        self._lines.append(f"{clock.in_seconds(clock.precise())} [{level}] [{self._source}:{line}]: {text}\n")
