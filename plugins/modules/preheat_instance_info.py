#!/usr/bin/python
# Copyright: the dockmaster.harbor contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: preheat_instance_info
short_description: Read preheat instances of Harbor
version_added: 1.0.0
description:
  - Returns preheat instances in the form in which M(dockmaster.harbor.preheat_instance) takes them.
author:
  - The dockmaster.harbor contributors (@dockmaster)
extends_documentation_fragment:
  - dockmaster.harbor._connection
  - dockmaster.harbor._attributes
  - dockmaster.harbor._attributes.read
  - dockmaster.harbor._options.preheat_instance_info
seealso:
  - module: dockmaster.harbor.preheat_instance
  - module: dockmaster.harbor.export
"""

EXAMPLES = r"""
- name: Read all preheat instances
  dockmaster.harbor.preheat_instance_info:
  register: all_instances

- name: Read one
  dockmaster.harbor.preheat_instance_info:
    name: dragonfly
  register: found

- name: Show which one is the default
  ansible.builtin.debug:
    msg: "{{ all_instances.preheat_instances | selectattr('default') | map(attribute='name') }}"
"""

RETURN = r"""
preheat_instances:
  description: The preheat instances with all their options except credentials, sorted, and Harbor's C(id) of each.
  returned: success
  type: list
  elements: dict
  sample:
    - name: dragonfly
      vendor: dragonfly
      endpoint: https://dragonfly.example.com:8080
      description: ""
      auth_mode: none
      enabled: true
      default: true
      insecure: false
      id: 1
"""

from ansible_collections.dockmaster.harbor.plugins.module_utils._module import run_info
from ansible_collections.dockmaster.harbor.plugins.module_utils._resources.preheat_instance import PREHEAT_INSTANCE


def main() -> None:
    """Run the module."""
    run_info(PREHEAT_INSTANCE)


if __name__ == "__main__":
    main()
