#!/usr/bin/python
# Copyright: the dockmaster.harbor contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: user_group
short_description: Manage groups of the identity provider in Harbor
version_added: 1.0.0
description:
  - Makes a group of LDAP, OIDC or HTTP authentication known to Harbor, or forgets it.
  - Neither type nor DN can be changed. Harbor also adds groups by itself when their members log in.
author:
  - The dockmaster.harbor contributors (@dockmaster)
extends_documentation_fragment:
  - dockmaster.harbor._connection
  - dockmaster.harbor._attributes
  - dockmaster.harbor._attributes.write
  - dockmaster.harbor._options.user_group
seealso:
  - module: dockmaster.harbor.user_group_info
  - module: dockmaster.harbor.state
"""

EXAMPLES = r"""
- name: Know a group of the OIDC provider
  dockmaster.harbor.user_group:
    name: developers
    type: oidc

- name: Know a group of the LDAP directory
  dockmaster.harbor.user_group:
    name: platform
    type: ldap
    ldap_group_dn: cn=platform,ou=groups,dc=example,dc=com

- name: Forget a group and with it all its memberships
  dockmaster.harbor.user_group:
    name: contractors
    state: absent
"""

RETURN = r"""
changes:
  description: The objects that changed, or would change in check mode. Holds names, never values.
  returned: success, and after a run that failed half-way
  type: list
  elements: dict
  sample:
    - kind: user_group
      name: developers
      action: create
      fields: [name, type]
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
from ansible_collections.dockmaster.harbor.plugins.module_utils._resources.user_group import USER_GROUP


def main() -> None:
    """Run the module."""
    run_resource(USER_GROUP)


if __name__ == "__main__":
    main()
