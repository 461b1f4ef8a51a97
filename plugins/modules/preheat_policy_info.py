#!/usr/bin/python
# Copyright: the dockmaster.harbor contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: preheat_policy_info
short_description: Read preheat policies of Harbor
version_added: 1.0.0
description:
  - Returns preheat policies in the form in which M(dockmaster.harbor.preheat_policy) takes them.
author:
  - The dockmaster.harbor contributors (@dockmaster)
extends_documentation_fragment:
  - dockmaster.harbor._connection
  - dockmaster.harbor._attributes
  - dockmaster.harbor._attributes.read
  - dockmaster.harbor._options.preheat_policy_info
seealso:
  - module: dockmaster.harbor.preheat_policy
  - module: dockmaster.harbor.export
"""

EXAMPLES = r"""
- name: Read all preheat policies
  dockmaster.harbor.preheat_policy_info:
  register: all_policies

- name: Read those of a project
  dockmaster.harbor.preheat_policy_info:
    project: payments
  register: found

- name: Show what was found
  ansible.builtin.debug:
    msg: "{{ found.preheat_policies | map(attribute='name') }}"
"""

RETURN = r"""
preheat_policies:
  description: The preheat policies with all their options, sorted, and Harbor's C(id) of each.
  returned: success
  type: list
  elements: dict
  sample:
    - project: payments
      name: releases
      description: ""
      provider: dragonfly
      filters:
        - {type: repository, value: "**"}
        - {type: tag, value: "v*"}
      trigger: event_based
      enabled: true
      extra_attrs: {}
      id: 1
"""

from ansible_collections.dockmaster.harbor.plugins.module_utils._module import run_info
from ansible_collections.dockmaster.harbor.plugins.module_utils._resources.preheat_policy import PREHEAT_POLICY


def main() -> None:
    """Run the module."""
    run_info(PREHEAT_POLICY)


if __name__ == "__main__":
    main()
