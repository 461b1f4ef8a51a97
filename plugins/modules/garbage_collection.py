#!/usr/bin/python
# Copyright: the dockmaster.harbor contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: garbage_collection
short_description: Manage the schedule of garbage collection in Harbor
version_added: 1.0.0
description:
  - Says when Harbor frees the storage of what no artifact uses any more, and how thoroughly.
  - Harbor keeps the other options only together with a schedule.
author:
  - The dockmaster.harbor contributors (@dockmaster)
extends_documentation_fragment:
  - dockmaster.harbor._connection
  - dockmaster.harbor._attributes
  - dockmaster.harbor._attributes.write
  - dockmaster.harbor._options.garbage_collection
seealso:
  - module: dockmaster.harbor.garbage_collection_info
  - module: dockmaster.harbor.state
"""

EXAMPLES = r"""
- name: Free storage each week, untagged artifacts included
  dockmaster.harbor.garbage_collection:
    schedule: weekly
    delete_untagged: true
    workers: 2

- name: Free storage each night at a quarter past three
  dockmaster.harbor.garbage_collection:
    schedule: "0 15 3 * * *"

- name: Stop freeing storage by itself
  dockmaster.harbor.garbage_collection:
    schedule: none
"""

RETURN = r"""
changes:
  description: The objects that changed, or would change in check mode. Holds names, never values.
  returned: success, and after a run that failed half-way
  type: list
  elements: dict
  sample:
    - kind: garbage_collection
      name: garbage_collection
      action: update
      fields: [schedule, workers]
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
from ansible_collections.dockmaster.harbor.plugins.module_utils._resources.garbage_collection import GARBAGE_COLLECTION


def main() -> None:
    """Run the module."""
    run_resource(GARBAGE_COLLECTION)


if __name__ == "__main__":
    main()
