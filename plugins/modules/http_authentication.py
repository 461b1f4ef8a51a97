#!/usr/bin/python
# Copyright: the dockmaster.harbor contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: http_authentication
short_description: Manage the settings of authentication by an HTTP proxy in Harbor
version_added: 1.0.0
description:
  - Changes how Harbor uses a proxy that checks names, passwords and tokens by way of Kubernetes' token reviews.
  - Only settings that are given are compared and sent.
  - The settings may be made in any authentication mode. O(dockmaster.harbor.configuration#module:auth_mode) puts them into force.
author:
  - The dockmaster.harbor contributors (@dockmaster)
extends_documentation_fragment:
  - dockmaster.harbor._connection
  - dockmaster.harbor._attributes
  - dockmaster.harbor._attributes.write
  - dockmaster.harbor._options.http_authentication
seealso:
  - module: dockmaster.harbor.http_authentication_info
  - module: dockmaster.harbor.state
  - module: dockmaster.harbor.configuration
"""

EXAMPLES = r"""
- name: Let Harbor use the proxy
  dockmaster.harbor.http_authentication:
    http_authproxy_endpoint: https://auth.example.com/login
    http_authproxy_tokenreview_endpoint: https://auth.example.com/tokenreview

- name: Say who are administrators
  dockmaster.harbor.http_authentication:
    http_authproxy_admin_groups: [registry-admins]
    http_authproxy_admin_usernames: []

- name: Trust the proxy's certificate
  dockmaster.harbor.http_authentication:
    http_authproxy_server_certificate: "{{ lookup('ansible.builtin.file', 'auth-proxy.crt') }}"
    http_authproxy_verify_cert: true
"""

RETURN = r"""
changes:
  description: The objects that changed, or would change in check mode. Holds names, never values.
  returned: success, and after a run that failed half-way
  type: list
  elements: dict
  sample:
    - kind: http_authentication
      name: http_authentication
      action: update
      fields: [http_authproxy_endpoint]
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
from ansible_collections.dockmaster.harbor.plugins.module_utils._resources.http_authentication import HTTP_AUTHENTICATION


def main() -> None:
    """Run the module."""
    run_resource(HTTP_AUTHENTICATION)


if __name__ == "__main__":
    main()
