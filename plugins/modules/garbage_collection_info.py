#!/usr/bin/python
# Copyright: the dockmaster.harbor contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: garbage_collection_info
short_description: Read the schedule of garbage collection in Harbor
version_added: 1.0.0
description:
  - Returns the schedule in the form in which M(dockmaster.harbor.garbage_collection) takes it, and when it is due.
author:
  - The dockmaster.harbor contributors (@dockmaster)
extends_documentation_fragment:
  - dockmaster.harbor._connection
  - dockmaster.harbor._attributes
  - dockmaster.harbor._attributes.read
  - dockmaster.harbor._options.garbage_collection_info
seealso:
  - module: dockmaster.harbor.garbage_collection
  - module: dockmaster.harbor.export
"""

EXAMPLES = r"""
- name: Read the schedule
  dockmaster.harbor.garbage_collection_info:
  register: found

- name: Show when storage is freed
  ansible.builtin.debug:
    msg: "{{ found.garbage_collection.schedule }}"

- name: Keep the schedule in a file
  ansible.builtin.copy:
    content: "{{ {'garbage_collection': found.garbage_collection} | to_nice_yaml }}"
    dest: /root/garbage_collection.yml
    mode: "0600"
  delegate_to: localhost
"""

RETURN = r"""
garbage_collection:
  description: All options except secrets.
  returned: success
  type: dict
  sample:
    {schedule: weekly, delete_untagged: true, delete_tag: false, workers: 2, next_scheduled_time: "2026-11-29T00:00:00.000Z"}
"""

from ansible_collections.dockmaster.harbor.plugins.module_utils._module import run_info
from ansible_collections.dockmaster.harbor.plugins.module_utils._resources.garbage_collection import GARBAGE_COLLECTION


def main() -> None:
    """Run the module."""
    run_info(GARBAGE_COLLECTION)


if __name__ == "__main__":
    main()
