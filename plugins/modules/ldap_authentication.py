#!/usr/bin/python
# Copyright: the dockmaster.harbor contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: ldap_authentication
short_description: Manage the settings of LDAP authentication in Harbor
version_added: 1.0.0
description:
  - Changes how Harbor uses an LDAP directory. Only settings that are given are compared and sent.
  - Before anything is written Harbor tries the connection with the new settings; with a refusal the plan is refused.
  - The settings may be made in any authentication mode. O(dockmaster.harbor.configuration#module:auth_mode) puts them into force.
author:
  - The dockmaster.harbor contributors (@dockmaster)
extends_documentation_fragment:
  - dockmaster.harbor._connection
  - dockmaster.harbor._attributes
  - dockmaster.harbor._attributes.write
  - dockmaster.harbor._options.ldap_authentication
seealso:
  - module: dockmaster.harbor.ldap_authentication_info
  - module: dockmaster.harbor.state
  - module: dockmaster.harbor.configuration
"""

EXAMPLES = r"""
- name: Let Harbor use the directory
  dockmaster.harbor.ldap_authentication:
    ldap_url: ldaps://ldap.example.com:636
    ldap_search_dn: cn=harbor,ou=services,dc=example,dc=com
    ldap_search_password: "{{ vault_harbor_ldap_password }}"
    ldap_base_dn: ou=people,dc=example,dc=com
    ldap_uid: uid
    ldap_scope: subtree

- name: Have groups, and be sure that a user and a group are found
  dockmaster.harbor.ldap_authentication:
    ldap_group_base_dn: ou=groups,dc=example,dc=com
    ldap_group_search_filter: (objectClass=groupOfNames)
    ldap_group_attribute_name: cn
    ldap_group_membership_attribute: memberof
    ldap_group_admin_dn: cn=registry-admins,ou=groups,dc=example,dc=com
    verify_user: payments-lead
    verify_group_dn: cn=registry-admins,ou=groups,dc=example,dc=com

- name: Change the password of the account that searches, if the old one works no more
  dockmaster.harbor.ldap_authentication:
    ldap_search_password: "{{ vault_harbor_ldap_password }}"
    update_secret: on_drift
"""

RETURN = r"""
changes:
  description: The objects that changed, or would change in check mode. Holds names, never values.
  returned: success, and after a run that failed half-way
  type: list
  elements: dict
  sample:
    - kind: ldap_authentication
      name: ldap_authentication
      action: update
      fields: [ldap_search_dn, ldap_search_password, ldap_url]
summary:
  description: Number of objects by what was done. C(unchanged) counts the declared ones that were as declared.
  returned: success, and after a run that failed half-way
  type: dict
  sample:
    create: 0
    update: 1
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
from ansible_collections.dockmaster.harbor.plugins.module_utils._resources.ldap_authentication import LDAP_AUTHENTICATION


def main() -> None:
    """Run the module."""
    run_resource(LDAP_AUTHENTICATION)


if __name__ == "__main__":
    main()
