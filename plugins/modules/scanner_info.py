#!/usr/bin/python
# Copyright: the dockmaster.harbor contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: scanner_info
short_description: Read vulnerability scanners of Harbor
version_added: 1.0.0
description:
  - Returns scanners in the form in which M(dockmaster.harbor.scanner) takes them.
author:
  - The dockmaster.harbor contributors (@dockmaster)
extends_documentation_fragment:
  - dockmaster.harbor._connection
  - dockmaster.harbor._attributes
  - dockmaster.harbor._attributes.read
  - dockmaster.harbor._options.scanner_info
seealso:
  - module: dockmaster.harbor.scanner
  - module: dockmaster.harbor.export
"""

EXAMPLES = r"""
- name: Read all scanners
  dockmaster.harbor.scanner_info:
  register: all_scanners

- name: Read one by its name
  dockmaster.harbor.scanner_info:
    name: Trivy
  register: built_in

- name: Show which one is the default
  ansible.builtin.debug:
    msg: "{{ all_scanners.scanners | selectattr('default') | map(attribute='name') | first }}"
"""

RETURN = r"""
scanners:
  description: The scanners with all their options except secrets, sorted, and Harbor's C(id) of each.
  returned: success
  type: list
  elements: dict
  sample:
    - {name: Trivy, url: "http://trivy-adapter:8080", auth: none, disabled: false, default: true, id: aa2a09be-e7c8-11f1-b7ba-d67e7da7efbf}
"""

from ansible_collections.dockmaster.harbor.plugins.module_utils._module import run_info
from ansible_collections.dockmaster.harbor.plugins.module_utils._resources.scanner import SCANNER


def main() -> None:
    """Run the module."""
    run_info(SCANNER)


if __name__ == "__main__":
    main()
