#!/usr/bin/python
# Copyright: the dockmaster.harbor contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: cve_allowlist
short_description: Manage the CVE allowlist of Harbor
version_added: 1.0.0
description:
  - Replaces the list of vulnerabilities that are accepted in all projects that have no list of their own in force.
  - Only the administrators of Harbor may do this, and no robot account.
author:
  - The dockmaster.harbor contributors (@dockmaster)
extends_documentation_fragment:
  - dockmaster.harbor._connection
  - dockmaster.harbor._attributes
  - dockmaster.harbor._attributes.write
  - dockmaster.harbor._options.cve_allowlist
seealso:
  - module: dockmaster.harbor.cve_allowlist_info
  - module: dockmaster.harbor.state
  - module: dockmaster.harbor.project
"""

EXAMPLES = r"""
- name: Accept two vulnerabilities until the end of January
  dockmaster.harbor.cve_allowlist:
    cves: [CVE-2026-1000, CVE-2026-1001]
    expires_at: "2027-01-31"

- name: Let the list end never
  dockmaster.harbor.cve_allowlist:
    expires_at: never

- name: Accept none
  dockmaster.harbor.cve_allowlist:
    cves: []
"""

RETURN = r"""
changes:
  description: The objects that changed, or would change in check mode. Holds names, never values.
  returned: success, and after a run that failed half-way
  type: list
  elements: dict
  sample:
    - kind: cve_allowlist
      name: cve_allowlist
      action: update
      fields: [cves]
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
from ansible_collections.dockmaster.harbor.plugins.module_utils._resources.cve_allowlist import CVE_ALLOWLIST


def main() -> None:
    """Run the module."""
    run_resource(CVE_ALLOWLIST)


if __name__ == "__main__":
    main()
