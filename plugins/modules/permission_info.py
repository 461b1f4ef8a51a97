#!/usr/bin/python
# Copyright: the dockmaster.harbor contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: permission_info
short_description: Read what may be permitted in Harbor
version_added: 1.0.0
description:
  - Returns the permissions that robot accounts of this Harbor can be given, as M(dockmaster.harbor.robot) takes them, and what the
    caller may do in a project.
author:
  - The dockmaster.harbor contributors (@dockmaster)
extends_documentation_fragment:
  - dockmaster.harbor._connection
  - dockmaster.harbor._attributes
  - dockmaster.harbor._attributes.read
  - dockmaster.harbor._options.permission_info
seealso:
  - module: dockmaster.harbor.robot
  - module: dockmaster.harbor.project_member
"""

EXAMPLES = r"""
- name: Read what robot accounts can be given
  dockmaster.harbor.permission_info:
  register: permissions

- name: Show what there is for a robot of a project
  ansible.builtin.debug:
    msg: "{{ permissions.catalogue.project }}"

- name: Make sure that the own account may push
  dockmaster.harbor.permission_info:
    project: payments
  register: payments

- name: Stop here when it may not push
  ansible.builtin.assert:
    that: "'repository:push' in payments.own"
"""

RETURN = r"""
catalogue:
  description: The permissions by level. Null for callers who administrate neither the system nor a project.
  returned: success
  type: dict
  sample:
    system: ["audit-log:list", "project:create"]
    project: ["repository:pull", "repository:push"]
own:
  description: What the caller may do in the project.
  returned: when O(project) is given
  type: list
  elements: str
  sample: ["repository:pull", "repository:push"]
"""

from ansible_collections.dockmaster.harbor.plugins.module_utils._module_actions import run_report
from ansible_collections.dockmaster.harbor.plugins.module_utils._reports.permission_info import PERMISSION_INFO


def main() -> None:
    """Run the module."""
    run_report(PERMISSION_INFO)


if __name__ == "__main__":
    main()
