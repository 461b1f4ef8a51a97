# Copyright: the dockmaster.harbor contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Tell which files a running process has not read as they are wanted, so that roles restart only then."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from ansible_collections.dockmaster.harbor.plugins.filter.differing import Entry, is_same

DOCUMENTATION = r"""
name: unread
short_description: which files a running process has not read as they are wanted
version_added: 1.0.0
author: dockmaster.harbor contributors
description:
  - Those of the wanted files whose text is another one than wanted, so that it is written in this run, or that were modified after the
    process was started or reloaded, as a run leaves them that was cut off before its restarts. Nobody has to remember what a run changed.
  - The time tells, not the text, so a file that was written twice costs a restart too many rather than one too few.
options:
  _input:
    description: The files that the process reads at its start, as P(dockmaster.harbor.differing#filter) takes them.
    type: list
    elements: dict
    required: true
  found:
    description: What M(dockmaster.harbor.host_info) returned, from before anything was written.
    type: dict
    required: true
  unit:
    description: Name of the unit. One that did not run has nothing to read again.
    type: str
    required: true
  since:
    description:
      - C(started) for what the process reads at its start only; C(changed) for what it also reads when it is reloaded
        (both of M(dockmaster.harbor.host_info)).
    type: str
    choices: [started, changed]
    default: started
"""

EXAMPLES = r"""
- name: Restart what has not read its settings
  ansible.builtin.systemd_service:
    name: example.service
    state: restarted
  when: wanted | dockmaster.harbor.unread(seen, 'example.service') | length > 0
  vars:
    wanted:
      - {path: /etc/example.conf, content: "size = 1\n"}
"""

RETURN = r"""
_value:
  description: Paths, in the order of the input.
  type: list
  elements: str
"""


def unread(wanted: Sequence[Entry], found: Mapping[str, Any], unit: str, since: str = "started") -> list[str]:
    """Compare; see DOCUMENTATION."""
    state, paths = found["units"][unit], found["paths"]
    if not state["running"]:
        return []
    return [entry["path"] for entry in wanted if not is_same(entry, paths) or paths[entry["path"]]["modified"] > (state[since] or 0)]


class FilterModule:
    """Filters of this file."""

    def filters(self) -> dict[str, Callable[..., list[str]]]:
        return {"unread": unread}
