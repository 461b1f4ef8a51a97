#!/usr/bin/python
# Copyright: the dockmaster.harbor contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: project_member
short_description: Manage roles of users and groups in projects in Harbor
version_added: 1.0.0
description:
  - Gives a user or a user group a role in a project, changes it or takes it away.
  - Users and groups are matched by their exact name. The owner's membership comes with the project and may be changed here.
author:
  - The dockmaster.harbor contributors (@dockmaster)
extends_documentation_fragment:
  - dockmaster.harbor._connection
  - dockmaster.harbor._attributes
  - dockmaster.harbor._attributes.write
  - dockmaster.harbor._options.project_member
seealso:
  - module: dockmaster.harbor.project_member_info
  - module: dockmaster.harbor.state
"""

EXAMPLES = r"""
- name: Let the lead of the team maintain the project
  dockmaster.harbor.project_member:
    project: payments
    user: payments-lead
    role: maintainer

- name: Let all developers pull
  dockmaster.harbor.project_member:
    project: payments
    group: developers
    role: limited_guest

- name: Take the role away again
  dockmaster.harbor.project_member:
    project: payments
    user: contractor
    state: absent
"""

RETURN = r"""
changes:
  description: The objects that changed, or would change in check mode. Holds names, never values.
  returned: success, and after a run that failed half-way
  type: list
  elements: dict
  sample:
    - kind: project_member
      name: payments/user:payments-lead
      action: create
      fields: [project, role, user]
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
from ansible_collections.dockmaster.harbor.plugins.module_utils._resources.project_member import PROJECT_MEMBER


def main() -> None:
    """Run the module."""
    run_resource(PROJECT_MEMBER)


if __name__ == "__main__":
    main()
