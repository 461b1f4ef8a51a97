#!/usr/bin/python
# Copyright: the dockmaster.harbor contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: webhook_policy_info
short_description: Read webhooks of Harbor
version_added: 1.0.0
description:
  - Returns webhooks in the form in which M(dockmaster.harbor.webhook_policy) takes them, without C(auth_header).
  - Of a webhook with several targets, which that module does not change, no target is returned.
author:
  - The dockmaster.harbor contributors (@dockmaster)
extends_documentation_fragment:
  - dockmaster.harbor._connection
  - dockmaster.harbor._attributes
  - dockmaster.harbor._attributes.read
  - dockmaster.harbor._options.webhook_policy_info
seealso:
  - module: dockmaster.harbor.webhook_policy
  - module: dockmaster.harbor.export
"""

EXAMPLES = r"""
- name: Read the webhooks of all projects
  dockmaster.harbor.webhook_policy_info:
  register: all_webhooks

- name: Read those of one project
  dockmaster.harbor.webhook_policy_info:
    project: payments
  register: found

- name: Show those that send nothing
  ansible.builtin.debug:
    msg: "{{ all_webhooks.webhook_policies | rejectattr('enabled') | map(attribute='name') }}"
"""

RETURN = r"""
webhook_policies:
  description: The webhooks with all their options except secrets, sorted, and Harbor's C(id) of each.
  returned: success
  type: list
  elements: dict
  sample:
    - project: payments
      name: build server
      description: ''
      enabled: true
      event_types: [DELETE_ARTIFACT, PUSH_ARTIFACT]
      type: http
      address: https://ci.example.com/harbor
      skip_cert_verify: false
      payload_format: Default
      id: 4
"""

from ansible_collections.dockmaster.harbor.plugins.module_utils._module import run_info
from ansible_collections.dockmaster.harbor.plugins.module_utils._resources.webhook_policy import WEBHOOK_POLICY


def main() -> None:
    """Run the module."""
    run_info(WEBHOOK_POLICY)


if __name__ == "__main__":
    main()
