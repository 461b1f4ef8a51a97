#!/usr/bin/python
# Copyright: the dockmaster.harbor contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: registry
short_description: Manage endpoints of other registries in Harbor
version_added: 1.0.0
description:
  - Creates, changes and deletes the endpoint of another registry, for proxy caches and replication.
  - Harbor contacts the registry at every change and refuses one that does not answer.
author:
  - The dockmaster.harbor contributors (@dockmaster)
extends_documentation_fragment:
  - dockmaster.harbor._connection
  - dockmaster.harbor._attributes
  - dockmaster.harbor._attributes.write
  - dockmaster.harbor._options.registry
seealso:
  - module: dockmaster.harbor.registry_info
  - module: dockmaster.harbor.state
"""

EXAMPLES = r"""
- name: Have an endpoint for Docker Hub
  dockmaster.harbor.registry:
    name: docker-hub
    type: docker-hub
    url: https://hub.docker.com
    access_key: example
    access_secret: "{{ vault_docker_hub_token }}"

- name: Have another Harbor whose certificate comes from a CA of one's own (since Harbor 2.15)
  dockmaster.harbor.registry:
    name: dr-site
    type: harbor
    url: https://harbor.dr.example.com
    ca_certificate: "{{ lookup('ansible.builtin.file', 'dr-ca.crt') }}"
    access_key: robot$replication
    access_secret: "{{ vault_dr_site_secret }}"

- name: Fail now when Harbor no longer reaches the registry, and change nothing
  dockmaster.harbor.registry:
    name: dr-site
    verify: true

- name: Set a rotated secret where the registry no longer takes the old one
  dockmaster.harbor.registry:
    name: dr-site
    access_secret: "{{ vault_dr_site_secret }}"
    update_secret: on_drift

- name: Remove a registry that nothing refers to any more
  dockmaster.harbor.registry:
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
    - kind: registry
      name: docker-hub
      action: create
      fields: [name, type, url]
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
from ansible_collections.dockmaster.harbor.plugins.module_utils._resources.registry import REGISTRY


def main() -> None:
    """Run the module."""
    run_resource(REGISTRY)


if __name__ == "__main__":
    main()
