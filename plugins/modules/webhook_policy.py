#!/usr/bin/python
# Copyright: the dockmaster.harbor contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: webhook_policy
short_description: Manage webhooks of projects in Harbor
version_added: 1.0.0
description:
  - Creates, changes and deletes a webhook, by which Harbor tells another service what happens in a project.
  - A webhook has one target here. One with several, which other tools can make, is left alone unless it is declared absent.
  - Nothing is sent while O(dockmaster.harbor.configuration#module:notification_enable) is false.
author:
  - The dockmaster.harbor contributors (@dockmaster)
extends_documentation_fragment:
  - dockmaster.harbor._connection
  - dockmaster.harbor._attributes
  - dockmaster.harbor._attributes.write
  - dockmaster.harbor._options.webhook_policy
seealso:
  - module: dockmaster.harbor.webhook_policy_info
  - module: dockmaster.harbor.state
"""

EXAMPLES = r"""
- name: Tell the build server about new images
  dockmaster.harbor.webhook_policy:
    project: payments
    name: build server
    event_types: [PUSH_ARTIFACT, DELETE_ARTIFACT]
    address: https://ci.example.com/harbor
    auth_header: "Bearer {{ vault_ci_token }}"
    payload_format: CloudEvents

- name: Tell a channel when scans fail or storage gets short
  dockmaster.harbor.webhook_policy:
    project: payments
    name: channel
    event_types: [SCANNING_FAILED, QUOTA_WARNING, QUOTA_EXCEED]
    type: slack
    address: "{{ vault_channel_address }}"

- name: Send nothing for a while
  dockmaster.harbor.webhook_policy:
    project: payments
    name: channel
    enabled: false

- name: Remove a webhook
  dockmaster.harbor.webhook_policy:
    project: payments
    name: channel
    state: absent
"""

RETURN = r"""
changes:
  description: The objects that changed, or would change in check mode. Holds names, never values.
  returned: success, and after a run that failed half-way
  type: list
  elements: dict
  sample:
    - kind: webhook_policy
      name: payments/build server
      action: create
      fields: [address, auth_header, event_types, name, payload_format, project]
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
from ansible_collections.dockmaster.harbor.plugins.module_utils._resources.webhook_policy import WEBHOOK_POLICY


def main() -> None:
    """Run the module."""
    run_resource(WEBHOOK_POLICY)


if __name__ == "__main__":
    main()
