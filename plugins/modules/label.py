#!/usr/bin/python
# Copyright: the dockmaster.harbor contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: label
short_description: Manage labels in Harbor
version_added: 1.0.0
description:
  - Creates, changes and deletes a label, a global one or one of a project.
  - Deleting a label takes it off all artifacts.
author:
  - The dockmaster.harbor contributors (@dockmaster)
extends_documentation_fragment:
  - dockmaster.harbor._connection
  - dockmaster.harbor._attributes
  - dockmaster.harbor._attributes.write
  - dockmaster.harbor._options.label
seealso:
  - module: dockmaster.harbor.label_info
  - module: dockmaster.harbor.state
"""

EXAMPLES = r"""
- name: Have a global label
  dockmaster.harbor.label:
    name: approved
    color: "#00AA00"
    description: Reviewed by the security team

- name: Remove a label of a project
  dockmaster.harbor.label:
    project: payments
    name: candidate
    state: absent

- name: Have a label for images that await their tests
  dockmaster.harbor.label:
    project: payments
    name: candidate
"""

RETURN = r"""
changes:
  description: The objects that changed, or would change in check mode. Holds names, never values.
  returned: success, and after a run that failed half-way
  type: list
  elements: dict
  sample:
    - kind: label
      name: approved
      action: create
      fields: [color, name]
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
from ansible_collections.dockmaster.harbor.plugins.module_utils._resources.label import LABEL


def main() -> None:
    """Run the module."""
    run_resource(LABEL)


if __name__ == "__main__":
    main()
