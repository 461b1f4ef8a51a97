#!/usr/bin/python
# Copyright: the dockmaster.harbor contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: scanner
short_description: Manage vulnerability scanners in Harbor
version_added: 1.0.0
description:
  - Registers, changes and removes an adapter of a vulnerability scanner, and says which one is the default.
  - Before anything is written Harbor tries to reach the adapter; with a refusal the plan is refused.
  - Harbor's own scanner, V(Trivy), can be made the default, and nothing else of it can be changed.
author:
  - The dockmaster.harbor contributors (@dockmaster)
extends_documentation_fragment:
  - dockmaster.harbor._connection
  - dockmaster.harbor._attributes
  - dockmaster.harbor._attributes.write
  - dockmaster.harbor._options.scanner
seealso:
  - module: dockmaster.harbor.scanner_info
  - module: dockmaster.harbor.state
  - module: dockmaster.harbor.project
  - module: dockmaster.harbor.scan_all
"""

EXAMPLES = r"""
- name: Register a second scanner
  dockmaster.harbor.scanner:
    name: deep-scan
    url: https://scanner.example.com:8443
    auth: bearer
    access_credential: "{{ vault_scanner_token }}"

- name: Let it scan all projects that do not choose themselves
  dockmaster.harbor.scanner:
    name: deep-scan
    default: true

- name: Go back to Harbor's own
  dockmaster.harbor.scanner:
    name: Trivy
    default: true

- name: Remove the second one
  dockmaster.harbor.scanner:
    name: deep-scan
    state: absent
"""

RETURN = r"""
changes:
  description: The objects that changed, or would change in check mode. Holds names, never values.
  returned: success, and after a run that failed half-way
  type: list
  elements: dict
  sample:
    - kind: scanner
      name: deep-scan
      action: create
      fields: [name, url]
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
from ansible_collections.dockmaster.harbor.plugins.module_utils._resources.scanner import SCANNER


def main() -> None:
    """Run the module."""
    run_resource(SCANNER)


if __name__ == "__main__":
    main()
