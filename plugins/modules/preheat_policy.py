#!/usr/bin/python
# Copyright: the dockmaster.harbor contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: preheat_policy
short_description: Manage preheat policies in Harbor
version_added: 1.0.0
description:
  - Creates, changes and deletes a policy that preheats images of a project in a peer-to-peer network.
  - Harbor replaces a policy as a whole; what is not declared goes along as it is.
author:
  - The dockmaster.harbor contributors (@dockmaster)
extends_documentation_fragment:
  - dockmaster.harbor._connection
  - dockmaster.harbor._attributes
  - dockmaster.harbor._attributes.write
  - dockmaster.harbor._options.preheat_policy
seealso:
  - module: dockmaster.harbor.preheat_policy_info
  - module: dockmaster.harbor.preheat_instance
  - module: dockmaster.harbor.state
"""

EXAMPLES = r"""
- name: Preheat every release as soon as it is pushed
  dockmaster.harbor.preheat_policy:
    project: payments
    name: releases
    provider: dragonfly
    trigger: event_based
    filters:
      - type: repository
        value: "**"
      - type: tag
        value: "v*"

- name: Preheat every night what carries two labels, on all peers
  dockmaster.harbor.preheat_policy:
    project: payments
    name: nightly
    provider: dragonfly
    trigger: scheduled
    cron: "0 0 3 * * *"
    filters:
      - type: label
        labels:
          - approved
          - popular
    extra_attrs:
      scope: all_peers

- name: Pause a policy
  dockmaster.harbor.preheat_policy:
    project: payments
    name: nightly
    enabled: false
"""

RETURN = r"""
changes:
  description: The objects that changed, or would change in check mode. Holds names, never values.
  returned: success, and after a run that failed half-way
  type: list
  elements: dict
  sample:
    - kind: preheat_policy
      name: payments/releases
      action: create
      fields: [filters, name, project, provider, trigger]
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
from ansible_collections.dockmaster.harbor.plugins.module_utils._resources.preheat_policy import PREHEAT_POLICY


def main() -> None:
    """Run the module."""
    run_resource(PREHEAT_POLICY)


if __name__ == "__main__":
    main()
