#!/usr/bin/python
# Copyright: the dockmaster.harbor contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: replication_policy_info
short_description: Read replication policies of Harbor
version_added: 1.0.0
description:
  - Returns replication policies in the form in which M(dockmaster.harbor.replication_policy) takes them.
author:
  - The dockmaster.harbor contributors (@dockmaster)
extends_documentation_fragment:
  - dockmaster.harbor._connection
  - dockmaster.harbor._attributes
  - dockmaster.harbor._attributes.read
  - dockmaster.harbor._options.replication_policy_info
seealso:
  - module: dockmaster.harbor.replication_policy
  - module: dockmaster.harbor.export
"""

EXAMPLES = r"""
- name: Read all replication policies
  dockmaster.harbor.replication_policy_info:
  register: all_policies

- name: Read one
  dockmaster.harbor.replication_policy_info:
    name: releases-to-dr
  register: found

- name: Refuse to go on when a policy is switched off
  ansible.builtin.assert:
    that: all_policies.replication_policies | rejectattr('enabled') | length == 0
"""

RETURN = r"""
replication_policies:
  description: The replication policies with all their options, sorted, and Harbor's C(id) of each.
  returned: success
  type: list
  elements: dict
  sample:
    - name: releases-to-dr
      description: ""
      dest_registry: dr-site
      dest_namespace: ""
      dest_namespace_replace_count: -1
      filters:
        - {type: tag, value: "v*", decoration: matches}
      trigger: event_based
      enabled: true
      override: true
      deletion: false
      speed: 0
      copy_by_chunk: false
      single_active_replication: false
      id: 1
"""

from ansible_collections.dockmaster.harbor.plugins.module_utils._module import run_info
from ansible_collections.dockmaster.harbor.plugins.module_utils._resources.replication_policy import REPLICATION_POLICY


def main() -> None:
    """Run the module."""
    run_info(REPLICATION_POLICY)


if __name__ == "__main__":
    main()
