#!/usr/bin/python
# Copyright: the dockmaster.harbor contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: preheat_instance
short_description: Manage preheat instances in Harbor
version_added: 1.0.0
description:
  - Creates, changes and deletes an instance of a peer-to-peer network (Dragonfly or Kraken) that images can be preheated in.
  - Harbor replaces an instance as a whole; what is not declared goes along as it is.
  - An instance that a policy uses can neither be deleted nor switched off, and that is said before anything is written.
author:
  - The dockmaster.harbor contributors (@dockmaster)
extends_documentation_fragment:
  - dockmaster.harbor._connection
  - dockmaster.harbor._attributes
  - dockmaster.harbor._attributes.write
  - dockmaster.harbor._options.preheat_instance
seealso:
  - module: dockmaster.harbor.preheat_instance_info
  - module: dockmaster.harbor.preheat_policy
  - module: dockmaster.harbor.state
"""

EXAMPLES = r"""
- name: Have a Dragonfly network
  dockmaster.harbor.preheat_instance:
    name: dragonfly
    vendor: dragonfly
    endpoint: https://dragonfly.example.com:8080
    default: true

- name: Have one that wants a token
  dockmaster.harbor.preheat_instance:
    name: edge
    vendor: dragonfly
    endpoint: https://edge.example.com
    auth_mode: oauth
    token: "{{ vault_edge_token }}"

- name: Set a rotated password
  dockmaster.harbor.preheat_instance:
    name: kraken
    username: harbor
    password: "{{ vault_kraken_password }}"
    update_secret: always

- name: Remove an instance that no policy uses any more
  dockmaster.harbor.preheat_instance:
    name: kraken
    state: absent
"""

RETURN = r"""
changes:
  description: The objects that changed, or would change in check mode. Holds names, never values.
  returned: success, and after a run that failed half-way
  type: list
  elements: dict
  sample:
    - kind: preheat_instance
      name: dragonfly
      action: create
      fields: [default, endpoint, name, vendor]
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
from ansible_collections.dockmaster.harbor.plugins.module_utils._resources.preheat_instance import PREHEAT_INSTANCE


def main() -> None:
    """Run the module."""
    run_resource(PREHEAT_INSTANCE)


if __name__ == "__main__":
    main()
