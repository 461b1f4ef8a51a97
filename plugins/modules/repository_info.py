#!/usr/bin/python
# Copyright: the dockmaster.harbor contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: repository_info
short_description: Read repositories of Harbor
version_added: 1.0.0
description:
  - Returns repositories in the form in which M(dockmaster.harbor.repository) takes them.
author:
  - The dockmaster.harbor contributors (@dockmaster)
extends_documentation_fragment:
  - dockmaster.harbor._connection
  - dockmaster.harbor._attributes
  - dockmaster.harbor._attributes.read
  - dockmaster.harbor._options.repository_info
seealso:
  - module: dockmaster.harbor.repository
  - module: dockmaster.harbor.export
"""

EXAMPLES = r"""
- name: Read the repositories of all projects
  dockmaster.harbor.repository_info:
  register: all_repositories

- name: Read those of one project
  dockmaster.harbor.repository_info:
    project: payments
  register: found

- name: Show those that nobody pulls
  ansible.builtin.debug:
    msg: "{{ found.repositories | selectattr('pull_count', 'equalto', 0) | map(attribute='name') }}"
"""

RETURN = r"""
repositories:
  description: The repositories with all their options, sorted, and Harbor's C(id), C(artifact_count) and C(pull_count) of each.
  returned: success
  type: list
  elements: dict
  sample:
    - {project: payments, name: team/app, description: The payment service, artifact_count: 3, pull_count: 12, id: 4}
"""

from ansible_collections.dockmaster.harbor.plugins.module_utils._module import run_info
from ansible_collections.dockmaster.harbor.plugins.module_utils._resources.repository import REPOSITORY


def main() -> None:
    """Run the module."""
    run_info(REPOSITORY)


if __name__ == "__main__":
    main()
