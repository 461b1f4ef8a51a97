#!/usr/bin/python
# Copyright: the dockmaster.harbor contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: scan_all_info
short_description: Read the schedule by which Harbor scans everything
version_added: 1.0.0
description:
  - Returns the schedule in the form in which M(dockmaster.harbor.scan_all) takes it.
author:
  - The dockmaster.harbor contributors (@dockmaster)
extends_documentation_fragment:
  - dockmaster.harbor._connection
  - dockmaster.harbor._attributes
  - dockmaster.harbor._attributes.read
  - dockmaster.harbor._options.scan_all_info
seealso:
  - module: dockmaster.harbor.scan_all
  - module: dockmaster.harbor.export
"""

EXAMPLES = r"""
- name: Read the schedule
  dockmaster.harbor.scan_all_info:
  register: found

- name: Show when everything is scanned
  ansible.builtin.debug:
    msg: "{{ found.scan_all.schedule }}"

- name: Keep the schedule in a file
  ansible.builtin.copy:
    content: "{{ {'scan_all': found.scan_all} | to_nice_yaml }}"
    dest: /root/scan_all.yml
    mode: "0600"
  delegate_to: localhost
"""

RETURN = r"""
scan_all:
  description: All options except secrets.
  returned: success
  type: dict
  sample:
    {schedule: daily}
"""

from ansible_collections.dockmaster.harbor.plugins.module_utils._module import run_info
from ansible_collections.dockmaster.harbor.plugins.module_utils._resources.scan_all import SCAN_ALL


def main() -> None:
    """Run the module."""
    run_info(SCAN_ALL)


if __name__ == "__main__":
    main()
