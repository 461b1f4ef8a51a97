# Copyright: the dockmaster.harbor contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Tell which directories and files of a host are not as they are wanted, so that roles touch only these and restart only what read them."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from ansible.errors import AnsibleFilterError

DOCUMENTATION = r"""
name: differing
short_description: which directories and files are not as they are wanted
version_added: 1.0.0
author: dockmaster.harbor contributors
description:
  - Compares a list of wanted directories and files with what M(dockmaster.harbor.host_info) found, and returns those that differ or are
    missing, unchanged and in the same order. A loop over them costs nothing where all is well.
options:
  _input:
    description:
      - What is wanted. C(path), C(owner), C(group) and C(mode) are compared.
      - With C(content) it is a file with this text; with C(source) a file like that one on the same host.
      - With C(link) it is a symbolic link to there, and nothing else is compared.
      - With none of them it is of that C(type), which is C(directory) where nothing else is said.
      - Other keys are for the caller.
    type: list
    elements: dict
    required: true
  found:
    description: C(paths) of M(dockmaster.harbor.host_info), with every C(path) and C(source) among them.
    type: dict
    required: true
"""

EXAMPLES = r"""
- name: Look at what is there
  dockmaster.harbor.host_info:
    paths: "{{ wanted | map(attribute='path') }}"
  register: seen

- name: Write what differs
  ansible.builtin.copy:
    content: "{{ item.content }}"
    dest: "{{ item.path }}"
    owner: "{{ item.owner }}"
    group: "{{ item.group }}"
    mode: "{{ item.mode }}"
  loop: "{{ wanted | dockmaster.harbor.differing(seen.paths) }}"
  loop_control: {label: "{{ item.path }}"}
  vars:
    wanted:
      - {path: /etc/example.conf, content: "size = 1\n", owner: root, group: root, mode: "0644"}
"""

RETURN = r"""
_value:
  description: Those of the input that are not there or not as wanted.
  type: list
  elements: dict
"""

Entry = Mapping[str, Any]
COMPARED = ("owner", "group", "mode")


def is_same(wanted: Entry, found: Mapping[str, Entry]) -> bool:
    """Whether an entry is there with the text, the link or the type that is wanted, whoever owns it."""
    there = found.get(wanted["path"])
    if there is None:
        return False
    if "link" in wanted:
        return bool(there["link"] == wanted["link"])
    if "content" in wanted:
        return bool(there["sha256"] == hashlib.sha256(wanted["content"].encode()).hexdigest())
    if "source" in wanted:
        source = found.get(wanted["source"], {}).get("sha256")
        return source is not None and there["sha256"] == source
    return bool(there["type"] == wanted.get("type", "directory"))


def _is_right(wanted: Entry, found: Mapping[str, Entry]) -> bool:
    """Whether an entry is there as it is wanted in all respects."""
    return is_same(wanted, found) and ("link" in wanted or all(found[wanted["path"]][key] == wanted[key] for key in COMPARED))


def differing(wanted: Sequence[Entry], found: Mapping[str, Entry]) -> list[Entry]:
    """Compare; see DOCUMENTATION. Raises AnsibleFilterError when an entry lacks what is compared."""
    for entry in wanted:
        missing = [key for key in ("path", *(() if "link" in entry else COMPARED)) if key not in entry]
        if missing:
            raise AnsibleFilterError(f"dockmaster.harbor.differing: {entry.get('path', 'an entry')} has no {', '.join(missing)}")
    return [entry for entry in wanted if not _is_right(entry, found)]


class FilterModule:
    """Filters of this file."""

    def filters(self) -> dict[str, Callable[..., list[Entry]]]:
        return {"differing": differing}
