#!/usr/bin/python
# Copyright: the dockmaster.harbor contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: project_info
short_description: Read projects of Harbor
version_added: 1.0.0
description:
  - Returns projects in the form in which M(dockmaster.harbor.project) takes them.
author:
  - The dockmaster.harbor contributors (@dockmaster)
extends_documentation_fragment:
  - dockmaster.harbor._connection
  - dockmaster.harbor._attributes
  - dockmaster.harbor._attributes.read
  - dockmaster.harbor._options.project_info
seealso:
  - module: dockmaster.harbor.project
  - module: dockmaster.harbor.export
"""

EXAMPLES = r"""
- name: Read all projects
  dockmaster.harbor.project_info:
  register: all_projects

- name: Read those that match
  dockmaster.harbor.project_info:
    name: payments
  register: found

- name: Show what was found
  ansible.builtin.debug:
    msg: "{{ found.projects | map(attribute='name') }}"
"""

RETURN = r"""
projects:
  description: The projects with all their options except secrets, sorted, and Harbor's C(id) of each.
  returned: success
  type: list
  elements: dict
  sample:
    - {name: payments, public: false, storage_limit: 20GiB, id: 2}
"""

from ansible_collections.dockmaster.harbor.plugins.module_utils._module import run_info
from ansible_collections.dockmaster.harbor.plugins.module_utils._resources.project import PROJECT


def main() -> None:
    """Run the module."""
    run_info(PROJECT)


if __name__ == "__main__":
    main()
