# Copyright: the dockmaster.harbor contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The message that Harbor's pages show to everybody: text in the configuration that holds JSON. Pure. Private to this collection."""

from __future__ import annotations

import json
import typing as t
from datetime import datetime

from ansible_collections.dockmaster.harbor.plugins.module_utils._resource import Field, Values

KINDS = ("success", "info", "warning", "danger")
# Harbor's own page writes dates like this, and reads nothing else back into its form.
DATE = "%m/%d/%Y"

# The one property of Harbor's API that holds them all.
SCHEMA = "Configurations.banner_message"

OPTIONS = (
    Field(name="text", schema=SCHEMA, doc="What the banner says. An empty text removes the banner."),
    Field(name="type", schema=SCHEMA, doc="How the banner looks. V(warning) when not given.", choices=KINDS),
    Field(name="closable", schema=SCHEMA, doc="Whether a reader may close the banner. V(false) when not given.", type="bool"),
    Field(name="from_date", schema=SCHEMA, doc="First day on which the banner is shown, such as V(2027-01-31)."),
    Field(name="to_date", schema=SCHEMA, doc="Day on whose beginning the banner goes, such as V(2027-02-01)."),
)


def clean(value: t.Any) -> Values:
    """Complete the banner; without a text it is none. Raises ValueError."""
    given = {name: part for name, part in value.items() if part is not None}
    text = str(given.get("text", ""))
    if not text.strip():
        if given.keys() - {"text"}:
            raise ValueError("a text, or nothing at all for no banner")
        return {}
    days = [_day(given.get(name)) for name in ("from_date", "to_date")]
    return _banner(text, given.get("type", "warning"), bool(given.get("closable", False)), *days)


def is_ever_shown(banner: Values) -> bool:
    """Say whether Harbor's pages show a banner at any time: never without a date."""
    first, last = banner.get("from_date", ""), banner.get("to_date", "")
    return not banner or bool(first or last) and not (first and last and first >= last)


def _banner(text: str, kind: str, closable: bool, from_day: str, to_day: str) -> Values:
    return {"text": text, "type": kind, "closable": closable, "from_date": from_day, "to_date": to_day}


def _day(value: t.Any) -> str:
    if not value:
        return ""
    try:
        return datetime.fromisoformat(str(value).strip()).date().isoformat()
    except ValueError:
        raise ValueError("dates such as 2027-01-31") from None


def decode(stored: t.Any) -> Values | None:
    """Read what Harbor keeps; None is what no banner can be made of, such as text that is no JSON."""
    if not stored:
        return {}
    try:
        found = json.loads(stored)
    except ValueError:
        return None
    if not isinstance(found, dict):
        return None
    text, days = str(found.get("message") or ""), [_live_day(found.get(name)) for name in ("fromDate", "toDate")]
    kind = found.get("type") or "warning"
    if text and kind not in KINDS:
        return None
    return _banner(text, kind, bool(found.get("closable")), *days) if text else {}


def _live_day(value: t.Any) -> str:
    words = str(value or "")
    for shape in (DATE, "%Y-%m-%d"):
        try:
            return datetime.strptime(words[:10], shape).date().isoformat()
        except ValueError:
            continue
    return ""


def encode(banner: Values) -> str:
    """Write what Harbor keeps; no banner is empty text."""
    if not banner:
        return ""
    days = {name: _written(banner[option]) for name, option in (("fromDate", "from_date"), ("toDate", "to_date"))}
    return json.dumps({"closable": banner["closable"], "message": banner["text"], "type": banner["type"], **days})


def _written(day: str) -> str:
    return datetime.fromisoformat(day).strftime(DATE) if day else ""


def show(banner: Values) -> Values:
    """Show the banner without the dates that it lacks."""
    return {name: part for name, part in banner.items() if part != ""}
