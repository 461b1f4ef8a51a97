#!/usr/bin/python
# Copyright: the dockmaster.harbor contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: quota
short_description: Manage storage quotas in Harbor
version_added: 1.0.0
description:
  - Sets how much storage a project may take, or how much new projects get.
  - Harbor makes the quota of a project with the project and deletes it with it, so there is nothing to create or to delete.
  - O(dockmaster.harbor.project#module:storage_limit) is the same value. Declared in both places of one run, both must agree.
  - In one run of M(dockmaster.harbor.state) the limit for new projects is set first, so that the projects of the run get it.
author:
  - The dockmaster.harbor contributors (@dockmaster)
extends_documentation_fragment:
  - dockmaster.harbor._connection
  - dockmaster.harbor._attributes
  - dockmaster.harbor._attributes.write
  - dockmaster.harbor._options.quota
seealso:
  - module: dockmaster.harbor.quota_info
  - module: dockmaster.harbor.state
  - module: dockmaster.harbor.project
"""

EXAMPLES = r"""
- name: Give new projects 20 GiB
  dockmaster.harbor.quota:
    storage_limit: 20GiB

- name: Give one project more
  dockmaster.harbor.quota:
    project: payments
    storage_limit: 1TiB

- name: Lift the limit of a project
  dockmaster.harbor.quota:
    project: platform
    storage_limit: unlimited
"""

RETURN = r"""
changes:
  description: The objects that changed, or would change in check mode. Holds names, never values.
  returned: success, and after a run that failed half-way
  type: list
  elements: dict
  sample:
    - kind: quota
      name: payments
      action: update
      fields: [storage_limit]
summary:
  description: Number of objects by what was done. C(unchanged) counts the declared ones that were as declared.
  returned: success, and after a run that failed half-way
  type: dict
  sample:
    create: 0
    update: 1
    delete: 0
    unchanged: 0
problems:
  description: What forbids the plan, one message each. Nothing was written.
  returned: when the plan is refused
  type: list
  elements: str
errors:
  description: The changes that Harbor refused, one message each.
  returned: when changes failed
  type: list
  elements: str
"""

from ansible_collections.dockmaster.harbor.plugins.module_utils._module import run_resource
from ansible_collections.dockmaster.harbor.plugins.module_utils._resources.quota import QUOTA


def main() -> None:
    """Run the module."""
    run_resource(QUOTA)


if __name__ == "__main__":
    main()
