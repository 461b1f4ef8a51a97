#!/usr/bin/python
# Copyright: the dockmaster.harbor contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: replication_policy
short_description: Manage replication policies in Harbor
version_added: 1.0.0
description:
  - Creates, changes and deletes a policy that copies artifacts to another registry (push) or from one (pull).
  - Harbor replaces a policy as a whole; what is not declared goes along as it is.
  - What Harbor would take silently and never do, such as a pull by events or a list of patterns without braces, is refused.
author:
  - The dockmaster.harbor contributors (@dockmaster)
extends_documentation_fragment:
  - dockmaster.harbor._connection
  - dockmaster.harbor._attributes
  - dockmaster.harbor._attributes.write
  - dockmaster.harbor._options.replication_policy
seealso:
  - module: dockmaster.harbor.replication_policy_info
  - module: dockmaster.harbor.registry
  - module: dockmaster.harbor.state
"""

EXAMPLES = r"""
- name: Push what is tagged as a release to the other site as soon as it is there
  dockmaster.harbor.replication_policy:
    name: releases-to-dr
    dest_registry: dr-site
    trigger: event_based
    deletion: true
    filters:
      - type: name
        value: "{payments,platform}/**"
      - type: tag
        value: "v*"

- name: Pull base images every night, without release candidates, and without filling the line
  dockmaster.harbor.replication_policy:
    name: base-images
    src_registry: docker-hub
    dest_namespace: mirror
    dest_namespace_replace_count: 1
    trigger: scheduled
    cron: "0 0 2 * * *"
    speed: 20480
    filters:
      - type: name
        value: library/debian
      - type: tag
        value: "*-rc*"
        decoration: excludes

- name: Push what carries two labels when somebody asks for it
  dockmaster.harbor.replication_policy:
    name: certified
    dest_registry: dr-site
    filters:
      - type: label
        labels:
          - approved
          - scanned

- name: Pause a policy
  dockmaster.harbor.replication_policy:
    name: releases-to-dr
    enabled: false

- name: Remove a policy
  dockmaster.harbor.replication_policy:
    name: old-mirror
    state: absent
"""

RETURN = r"""
changes:
  description: The objects that changed, or would change in check mode. Holds names, never values.
  returned: success, and after a run that failed half-way
  type: list
  elements: dict
  sample:
    - kind: replication_policy
      name: releases-to-dr
      action: create
      fields: [dest_registry, filters, name]
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
from ansible_collections.dockmaster.harbor.plugins.module_utils._resources.replication_policy import REPLICATION_POLICY


def main() -> None:
    """Run the module."""
    run_resource(REPLICATION_POLICY)


if __name__ == "__main__":
    main()
