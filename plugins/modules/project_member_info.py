#!/usr/bin/python
# Copyright: the dockmaster.harbor contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: project_member_info
short_description: Read project members of Harbor
version_added: 1.0.0
description:
  - Returns project members in the form in which M(dockmaster.harbor.project_member) takes them.
author:
  - The dockmaster.harbor contributors (@dockmaster)
extends_documentation_fragment:
  - dockmaster.harbor._connection
  - dockmaster.harbor._attributes
  - dockmaster.harbor._attributes.read
  - dockmaster.harbor._options.project_member_info
seealso:
  - module: dockmaster.harbor.project_member
  - module: dockmaster.harbor.export
"""

EXAMPLES = r"""
- name: Read all project members
  dockmaster.harbor.project_member_info:
  register: all_project_members

- name: Read those that match
  dockmaster.harbor.project_member_info:
    project: payments
  register: found

- name: Show what was found
  ansible.builtin.debug:
    msg: "{{ found.project_members | map(attribute='role') }}"
"""

RETURN = r"""
project_members:
  description: The project members with all their options except secrets, sorted, and Harbor's C(id) of each.
  returned: success
  type: list
  elements: dict
  sample:
    - {project: payments, user: payments-lead, role: maintainer, id: 7}
"""

from ansible_collections.dockmaster.harbor.plugins.module_utils._module import run_info
from ansible_collections.dockmaster.harbor.plugins.module_utils._resources.project_member import PROJECT_MEMBER


def main() -> None:
    """Run the module."""
    run_info(PROJECT_MEMBER)


if __name__ == "__main__":
    main()
