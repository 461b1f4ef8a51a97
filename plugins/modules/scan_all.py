#!/usr/bin/python
# Copyright: the dockmaster.harbor contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: scan_all
short_description: Manage the schedule by which Harbor scans everything
version_added: 1.0.0
description:
  - Says when all artifacts are scanned. Harbor needs a default scanner for this.
author:
  - The dockmaster.harbor contributors (@dockmaster)
extends_documentation_fragment:
  - dockmaster.harbor._connection
  - dockmaster.harbor._attributes
  - dockmaster.harbor._attributes.write
  - dockmaster.harbor._options.scan_all
seealso:
  - module: dockmaster.harbor.scan_all_info
  - module: dockmaster.harbor.state
  - module: dockmaster.harbor.scanner
"""

EXAMPLES = r"""
- name: Scan everything each night
  dockmaster.harbor.scan_all:
    schedule: daily

- name: Scan everything on Saturdays at half past two
  dockmaster.harbor.scan_all:
    schedule: "0 30 2 * * 6"

- name: Scan only what is asked for
  dockmaster.harbor.scan_all:
    schedule: none
"""

RETURN = r"""
changes:
  description: The objects that changed, or would change in check mode. Holds names, never values.
  returned: success, and after a run that failed half-way
  type: list
  elements: dict
  sample:
    - kind: scan_all
      name: scan_all
      action: update
      fields: [schedule]
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
from ansible_collections.dockmaster.harbor.plugins.module_utils._resources.scan_all import SCAN_ALL


def main() -> None:
    """Run the module."""
    run_resource(SCAN_ALL)


if __name__ == "__main__":
    main()
