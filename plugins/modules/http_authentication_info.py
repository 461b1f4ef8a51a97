#!/usr/bin/python
# Copyright: the dockmaster.harbor contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: http_authentication_info
short_description: Read the settings of authentication by an HTTP proxy in Harbor
version_added: 1.0.0
description:
  - Returns the settings in the form in which M(dockmaster.harbor.http_authentication) takes them.
author:
  - The dockmaster.harbor contributors (@dockmaster)
extends_documentation_fragment:
  - dockmaster.harbor._connection
  - dockmaster.harbor._attributes
  - dockmaster.harbor._attributes.read
  - dockmaster.harbor._options.http_authentication_info
seealso:
  - module: dockmaster.harbor.http_authentication
  - module: dockmaster.harbor.export
"""

EXAMPLES = r"""
- name: Read the settings
  dockmaster.harbor.http_authentication_info:
  register: found

- name: Show the address of the proxy
  ansible.builtin.debug:
    msg: "{{ found.http_authentication.http_authproxy_endpoint }}"

- name: Keep the settings in a file
  ansible.builtin.copy:
    content: "{{ {'http_authentication': found.http_authentication} | to_nice_yaml }}"
    dest: /root/http_authentication.yml
    mode: "0600"
  delegate_to: localhost
"""

RETURN = r"""
http_authentication:
  description: All options except secrets.
  returned: success
  type: dict
  sample:
    {http_authproxy_endpoint: "https://auth.example.com/login", http_authproxy_admin_groups: [registry-admins]}
"""

from ansible_collections.dockmaster.harbor.plugins.module_utils._module import run_info
from ansible_collections.dockmaster.harbor.plugins.module_utils._resources.http_authentication import HTTP_AUTHENTICATION


def main() -> None:
    """Run the module."""
    run_info(HTTP_AUTHENTICATION)


if __name__ == "__main__":
    main()
