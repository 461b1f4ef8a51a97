#!/usr/bin/python
# Copyright: the dockmaster.harbor contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: project
short_description: Manage projects in Harbor
version_added: 1.0.0
description:
  - Creates, changes and deletes a project with its metadata, quota and CVE allowlist.
  - The project must be empty to be deleted; proxy cache or not is decided when it is made.
author:
  - The dockmaster.harbor contributors (@dockmaster)
extends_documentation_fragment:
  - dockmaster.harbor._connection
  - dockmaster.harbor._attributes
  - dockmaster.harbor._attributes.write
  - dockmaster.harbor._options.project
seealso:
  - module: dockmaster.harbor.project_info
  - module: dockmaster.harbor.state
"""

EXAMPLES = r"""
- name: Have a private project with a quota that scans what is pushed
  dockmaster.harbor.project:
    name: payments
    public: false
    storage_limit: 20GiB
    auto_scan: true
    prevent_vul: true
    severity: high

- name: Have a proxy cache of a registry
  dockmaster.harbor.project:
    name: hub-cache
    public: true
    registry: docker-hub

- name: Accept two findings until the end of January
  dockmaster.harbor.project:
    name: payments
    reuse_sys_cve_allowlist: false
    cve_allowlist:
      - CVE-2024-10041
      - CVE-2024-10963
    cve_allowlist_expires_at: "2027-01-31"
"""

RETURN = r"""
changes:
  description: The objects that changed, or would change in check mode. Holds names, never values.
  returned: success, and after a run that failed half-way
  type: list
  elements: dict
  sample:
    - kind: project
      name: payments
      action: create
      fields: [name, public, storage_limit]
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
from ansible_collections.dockmaster.harbor.plugins.module_utils._resources.project import PROJECT


def main() -> None:
    """Run the module."""
    run_resource(PROJECT)


if __name__ == "__main__":
    main()
