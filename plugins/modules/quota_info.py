#!/usr/bin/python
# Copyright: the dockmaster.harbor contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: quota_info
short_description: Read storage quotas of Harbor
version_added: 1.0.0
description:
  - Returns quotas in the form in which M(dockmaster.harbor.quota) takes them, and what is used of them.
  - The one without C(project) is what new projects get; only a system administrator may read it, so others name O(project).
author:
  - The dockmaster.harbor contributors (@dockmaster)
extends_documentation_fragment:
  - dockmaster.harbor._connection
  - dockmaster.harbor._attributes
  - dockmaster.harbor._attributes.read
  - dockmaster.harbor._options.quota_info
seealso:
  - module: dockmaster.harbor.quota
  - module: dockmaster.harbor.export
"""

EXAMPLES = r"""
- name: Read the quotas of all projects
  dockmaster.harbor.quota_info:
  register: all_quotas

- name: Read that of one project
  dockmaster.harbor.quota_info:
    project: payments
  register: found

- name: Show who uses more than 100 GiB
  ansible.builtin.debug:
    msg: "{{ all_quotas.quotas | selectattr('used', 'defined') | selectattr('used', 'gt', 107374182400) | map(attribute='project') }}"
"""

RETURN = r"""
quotas:
  description: The quotas with all their options, sorted; Harbor's C(id) and as C(used) the bytes in use of each that is a project's.
  returned: success
  type: list
  elements: dict
  sample:
    - {project: payments, storage_limit: 20GiB, used: 1073741824, id: 4}
"""

from ansible_collections.dockmaster.harbor.plugins.module_utils._module import run_info
from ansible_collections.dockmaster.harbor.plugins.module_utils._resources.quota import QUOTA


def main() -> None:
    """Run the module."""
    run_info(QUOTA)


if __name__ == "__main__":
    main()
