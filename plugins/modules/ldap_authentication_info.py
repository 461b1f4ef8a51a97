#!/usr/bin/python
# Copyright: the dockmaster.harbor contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: ldap_authentication_info
short_description: Read the settings of LDAP authentication in Harbor
version_added: 1.0.0
description:
  - Returns the settings in the form in which M(dockmaster.harbor.ldap_authentication) takes them. The password is not among them.
author:
  - The dockmaster.harbor contributors (@dockmaster)
extends_documentation_fragment:
  - dockmaster.harbor._connection
  - dockmaster.harbor._attributes
  - dockmaster.harbor._attributes.read
  - dockmaster.harbor._options.ldap_authentication_info
seealso:
  - module: dockmaster.harbor.ldap_authentication
  - module: dockmaster.harbor.export
"""

EXAMPLES = r"""
- name: Read the settings
  dockmaster.harbor.ldap_authentication_info:
  register: found

- name: Show the address of the directory
  ansible.builtin.debug:
    msg: "{{ found.ldap_authentication.ldap_url }}"

- name: Keep the settings in a file
  ansible.builtin.copy:
    content: "{{ {'ldap_authentication': found.ldap_authentication} | to_nice_yaml }}"
    dest: /root/ldap_authentication.yml
    mode: "0600"
  delegate_to: localhost
"""

RETURN = r"""
ldap_authentication:
  description: All options except secrets.
  returned: success
  type: dict
  sample:
    {ldap_url: "ldaps://ldap.example.com:636", ldap_base_dn: "ou=people,dc=example,dc=com", ldap_scope: subtree}
"""

from ansible_collections.dockmaster.harbor.plugins.module_utils._module import run_info
from ansible_collections.dockmaster.harbor.plugins.module_utils._resources.ldap_authentication import LDAP_AUTHENTICATION


def main() -> None:
    """Run the module."""
    run_info(LDAP_AUTHENTICATION)


if __name__ == "__main__":
    main()
