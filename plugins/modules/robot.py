#!/usr/bin/python
# Copyright: the dockmaster.harbor contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: robot
short_description: Manage robot accounts in Harbor
version_added: 1.0.0
description:
  - Creates, changes and deletes a robot account of the system or of one project.
  - The secret comes from you; the one that Harbor makes up is not kept.
author:
  - The dockmaster.harbor contributors (@dockmaster)
extends_documentation_fragment:
  - dockmaster.harbor._connection
  - dockmaster.harbor._attributes
  - dockmaster.harbor._attributes.write
  - dockmaster.harbor._options.robot
seealso:
  - module: dockmaster.harbor.robot_info
  - module: dockmaster.harbor.robot_rotation
  - module: dockmaster.harbor.state
"""

EXAMPLES = r"""
- name: Let the pipeline of a project push
  dockmaster.harbor.robot:
    project: payments
    name: ci
    duration: 90
    secret: "{{ vault_payments_ci_secret }}"
    permissions:
      - access:
          - repository:pull
          - repository:push

- name: Let the runtime pull from two projects
  dockmaster.harbor.robot:
    name: runtime
    secret: "{{ vault_runtime_secret }}"
    permissions:
      - namespace: payments
        access:
          - repository:pull
      - namespace: platform
        access:
          - repository:pull

- name: Set a rotated secret where the old one is still in force
  dockmaster.harbor.robot:
    project: payments
    name: ci
    secret: "{{ vault_payments_ci_secret }}"
    update_secret: on_drift
"""

RETURN = r"""
changes:
  description: The objects that changed, or would change in check mode. Holds names, never values.
  returned: success, and after a run that failed half-way
  type: list
  elements: dict
  sample:
    - kind: robot
      name: payments/ci
      action: create
      fields: [duration, name, permissions, project, secret]
summary:
  description: Number of objects by what was done. C(unchanged) counts the declared ones that were as declared.
  returned: success, and after a run that failed half-way
  type: dict
  sample:
    create: 1
    update: 0
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
from ansible_collections.dockmaster.harbor.plugins.module_utils._resources.robot import ROBOT


def main() -> None:
    """Run the module."""
    run_resource(ROBOT)


if __name__ == "__main__":
    main()
