# Copyright: the dockmaster.harbor contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The vocabulary of reports: what one module reads and returns, without a change. The rows are in _reports.

Private to this collection. Knows no particular report and no AnsibleModule.
"""

from __future__ import annotations

import typing as t
from dataclasses import dataclass
from itertools import islice

from ansible_collections.dockmaster.harbor.plugins.module_utils import _codec as codec
from ansible_collections.dockmaster.harbor.plugins.module_utils._errors import Error
from ansible_collections.dockmaster.harbor.plugins.module_utils._http import q, q_takes, segment
from ansible_collections.dockmaster.harbor.plugins.module_utils._resource import Field

if t.TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from ansible_collections.dockmaster.harbor.plugins.module_utils._http import Api
    from ansible_collections.dockmaster.harbor.plugins.module_utils._resource import Raw, Values, World

LARGEST_LIMIT = 100000


@dataclass(frozen=True, kw_only=True)
class Report:
    """A row of the table in _reports. read(api, world, values) returns the module's result without "changed".

    paths are those of Harbor's OpenAPI that read uses, schemas the definitions whose properties it passes on.
    """

    name: str
    fields: tuple[Field, ...]
    paths: tuple[str, ...]
    read: Callable[[Api, World, Values], Values]


def limit(what: str) -> Field:
    """Return the option that says how much of a long list is wanted."""
    return Field(
        name="limit",
        doc=f"Return at most this many {what}. Harbor is asked for no more pages than that needs.",
        type="int",
        default=100,
        clean=codec.number(1, LARGEST_LIMIT),
    )


def first(api: Api, path: str, count: int, **params: t.Any) -> tuple[list[Raw], bool]:
    """Return the first items of a list, and whether there are more."""
    found = list(islice(api.pages(path, **params), count + 1))
    return found[:count], len(found) > count


def terms(values: Mapping[str, t.Any], names: Mapping[str, str]) -> list[str]:
    """Return the terms of Harbor's q parameter for exact matches; names maps options to Harbor's keys.

    Raises Error for what q cannot hold.
    """
    result = []
    for option, key in names.items():
        if option not in values:
            continue
        if not q_takes(str(values[option])):
            raise Error(f"{option}: Harbor cannot search for {values[option]!r}, which is blank or holds a comma")
        result.append(q(**{key: values[option]}))
    return result


def project_id(api: Api, name: str) -> int:
    """Return the id of a project. Raises Error when it is not there, or hidden from the caller."""
    raw = api.get(f"/projects/{segment(name)}")
    if raw is None:
        raise Error(f"project: {name!r} is not there")
    return int(raw["project_id"])
