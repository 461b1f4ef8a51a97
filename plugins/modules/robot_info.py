#!/usr/bin/python
# Copyright: the dockmaster.harbor contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: robot_info
short_description: Read robots of Harbor
version_added: 1.0.0
description:
  - Returns robots in the form in which M(dockmaster.harbor.robot) takes them.
author:
  - The dockmaster.harbor contributors (@dockmaster)
extends_documentation_fragment:
  - dockmaster.harbor._connection
  - dockmaster.harbor._attributes
  - dockmaster.harbor._attributes.read
  - dockmaster.harbor._options.robot_info
seealso:
  - module: dockmaster.harbor.robot
  - module: dockmaster.harbor.export
"""

EXAMPLES = r"""
- name: Read all robots
  dockmaster.harbor.robot_info:
  register: all_robots

- name: Read those that match
  dockmaster.harbor.robot_info:
    project: payments
  register: found

- name: Show what was found
  ansible.builtin.debug:
    msg: "{{ found.robots | map(attribute='name') }}"
"""

RETURN = r"""
robots:
  description: The robots with all their options except secrets, sorted, and Harbor's C(id) of each.
  returned: success
  type: list
  elements: dict
  sample:
    - project: payments
      name: ci
      description: Pipeline
      disable: false
      duration: 90
      permissions:
        - kind: project
          namespace: payments
          access: ["repository:pull"]
      id: 3
"""

from ansible_collections.dockmaster.harbor.plugins.module_utils._module import run_info
from ansible_collections.dockmaster.harbor.plugins.module_utils._resources.robot import ROBOT


def main() -> None:
    """Run the module."""
    run_info(ROBOT)


if __name__ == "__main__":
    main()
