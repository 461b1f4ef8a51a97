# Copyright: the dockmaster.harbor contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Schedules as words or Harbor's cron strings of six fields. Pure. Private to this collection."""

from __future__ import annotations

import typing as t

from ansible_collections.dockmaster.harbor.plugins.module_utils import _codec as codec

# The words are those of Harbor's own pages, and so are the cron strings; "" is no schedule.
WORDS = {"none": "", "hourly": "0 0 * * * *", "daily": "0 0 0 * * *", "weekly": "0 0 0 * * 0"}
_SHOWN = {text: word for word, text in WORDS.items()}


def clean(value: t.Any) -> str:
    """Turn a word or a cron string into the cron string that Harbor keeps. Raises ValueError."""
    words = str(value).strip()
    if words.lower() in WORDS:
        return WORDS[words.lower()]
    try:
        return codec.cron(words)
    except ValueError as error:
        raise ValueError(f"{', '.join(WORDS)}, or {error}") from None


def show(cron: str) -> str:
    """Turn a cron string into its word where it has one."""
    return _SHOWN.get(cron, cron)
