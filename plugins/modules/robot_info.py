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
  - module: dockmaster.harbor.robot_rotation
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

- name: Read those that expire within 30 days, or have expired
  dockmaster.harbor.robot_info:
    expires_within_days: 30
  register: expiring

- name: Say who has to act
  ansible.builtin.debug:
    msg: "{{ item.full_name }} expires at {{ item.expires_at }}, in {{ item.days_left }} days"
  loop: "{{ expiring.robots }}"
  loop_control:
    label: "{{ item.full_name }}"
"""

RETURN = r"""
robots:
  description:
    - The robots with all their options except secrets, sorted, and Harbor's C(id) of each.
    - C(full_name) is the name to log in with. C(expires_at) is an ISO 8601 time in UTC or V(never).
    - C(days_left) is the number of whole days until then, negative after it, and none for robots that never expire.
      C(expired) says whether it has come.
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
      full_name: robot$payments+ci
      expires_at: "2027-02-22T12:00:00Z"
      days_left: 89
      expired: false
      id: 3
"""

from ansible_collections.dockmaster.harbor.plugins.module_utils._module import run_info
from ansible_collections.dockmaster.harbor.plugins.module_utils._resources.robot import ROBOT


def main() -> None:
    """Run the module."""
    run_info(ROBOT)


if __name__ == "__main__":
    main()
