# Copyright: the dockmaster.harbor contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Options that are no fields of an object: of actions, operations and reports. Pure. Private to this collection."""

from __future__ import annotations

import typing as t

from ansible_collections.dockmaster.harbor.plugins.module_utils._errors import PlanError

if t.TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from ansible_collections.dockmaster.harbor.plugins.module_utils._resource import Field, Values, Version

LONGEST = 60


def take(fields: Iterable[Field], given: Mapping[str, t.Any], version: Version) -> Values:
    """Return the options that have a value, in canonical form. Raises PlanError with all that is wrong with them."""
    values: Values = {}
    problems: list[str] = []
    for one in fields:
        value = given.get(one.name)
        if value is None:
            continue
        if one.since and not one.known_to(version):
            since, ours = (".".join(map(str, numbers)) for numbers in (one.since, version))
            problems.append(f"{one.name}: needs Harbor {since}, this is {ours}")
        try:
            values[one.name] = one.clean(value)
        except ValueError as error:
            shown = repr(value)
            problems.append(f"{one.name}: {shown if len(shown) <= LONGEST else shown[:LONGEST] + '...'} is not allowed; allowed: {error}")
    if problems:
        raise PlanError(problems)
    return values
