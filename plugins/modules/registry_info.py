#!/usr/bin/python
# Copyright: the dockmaster.harbor contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: registry_info
short_description: Read registries of Harbor
version_added: 1.0.0
description:
  - Returns registries in the form in which M(dockmaster.harbor.registry) takes them.
author:
  - The dockmaster.harbor contributors (@dockmaster)
extends_documentation_fragment:
  - dockmaster.harbor._connection
  - dockmaster.harbor._attributes
  - dockmaster.harbor._attributes.read
  - dockmaster.harbor._options.registry_info
seealso:
  - module: dockmaster.harbor.registry
  - module: dockmaster.harbor.export
"""

EXAMPLES = r"""
- name: Read all registries
  dockmaster.harbor.registry_info:
  register: all_registries

- name: Read those that match
  dockmaster.harbor.registry_info:
    name: docker-hub
  register: found

- name: Fail when Harbor does not reach one of them
  ansible.builtin.assert:
    that: all_registries.registries | rejectattr('status', 'equalto', 'healthy') | length == 0
"""

RETURN = r"""
registries:
  description:
    - The registries with all their options except secrets, sorted, and Harbor's C(id) of each.
    - C(status) is V(healthy) or V(unhealthy), as Harbor saw the registry at most five minutes ago.
  returned: success
  type: list
  elements: dict
  sample:
    - {name: docker-hub, type: docker-hub, url: 'https://hub.docker.com', insecure: false, status: healthy, id: 1}
"""

from ansible_collections.dockmaster.harbor.plugins.module_utils._module import run_info
from ansible_collections.dockmaster.harbor.plugins.module_utils._resources.registry import REGISTRY


def main() -> None:
    """Run the module."""
    run_info(REGISTRY)


if __name__ == "__main__":
    main()
