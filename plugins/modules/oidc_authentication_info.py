#!/usr/bin/python
# Copyright: the dockmaster.harbor contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: oidc_authentication_info
short_description: Read the settings of OpenID Connect authentication in Harbor
version_added: 1.0.0
description:
  - Returns the settings in the form in which M(dockmaster.harbor.oidc_authentication) takes them. The secret is not among them.
author:
  - The dockmaster.harbor contributors (@dockmaster)
extends_documentation_fragment:
  - dockmaster.harbor._connection
  - dockmaster.harbor._attributes
  - dockmaster.harbor._attributes.read
  - dockmaster.harbor._options.oidc_authentication_info
seealso:
  - module: dockmaster.harbor.oidc_authentication
  - module: dockmaster.harbor.export
"""

EXAMPLES = r"""
- name: Read the settings
  dockmaster.harbor.oidc_authentication_info:
  register: found

- name: Show the address of the provider
  ansible.builtin.debug:
    msg: "{{ found.oidc_authentication.oidc_endpoint }}"

- name: Keep the settings in a file
  ansible.builtin.copy:
    content: "{{ {'oidc_authentication': found.oidc_authentication} | to_nice_yaml }}"
    dest: /root/oidc_authentication.yml
    mode: "0600"
  delegate_to: localhost
"""

RETURN = r"""
oidc_authentication:
  description: All options except secrets.
  returned: success
  type: dict
  sample:
    {oidc_name: Company login, oidc_endpoint: "https://idp.example.com/realms/company", oidc_scope: [email, openid, profile]}
"""

from ansible_collections.dockmaster.harbor.plugins.module_utils._module import run_info
from ansible_collections.dockmaster.harbor.plugins.module_utils._resources.oidc_authentication import OIDC_AUTHENTICATION


def main() -> None:
    """Run the module."""
    run_info(OIDC_AUTHENTICATION)


if __name__ == "__main__":
    main()
