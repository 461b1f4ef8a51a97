#!/usr/bin/python
# Copyright: the dockmaster.harbor contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: oidc_authentication
short_description: Manage the settings of OpenID Connect authentication in Harbor
version_added: 1.0.0
description:
  - Changes how Harbor uses an OpenID Connect provider. Only settings that are given are compared and sent.
  - Before a new address is written Harbor tries to reach the provider there; with a refusal the plan is refused.
  - The settings may be made in any authentication mode. O(dockmaster.harbor.configuration#module:auth_mode) puts them into force.
author:
  - The dockmaster.harbor contributors (@dockmaster)
extends_documentation_fragment:
  - dockmaster.harbor._connection
  - dockmaster.harbor._attributes
  - dockmaster.harbor._attributes.write
  - dockmaster.harbor._options.oidc_authentication
seealso:
  - module: dockmaster.harbor.oidc_authentication_info
  - module: dockmaster.harbor.state
  - module: dockmaster.harbor.configuration
"""

EXAMPLES = r"""
- name: Let Harbor use the provider
  dockmaster.harbor.oidc_authentication:
    oidc_name: Company login
    oidc_endpoint: https://idp.example.com/realms/company
    oidc_client_id: harbor
    oidc_client_secret: "{{ vault_harbor_oidc_secret }}"
    oidc_scope: [openid, profile, email, offline_access]
    oidc_user_claim: preferred_username
    oidc_auto_onboard: true

- name: Take over the groups of teams, and have one of administrators
  dockmaster.harbor.oidc_authentication:
    oidc_groups_claim: groups
    oidc_group_filter: ^team-.*
    oidc_admin_group: registry-admins

- name: Send a new secret
  dockmaster.harbor.oidc_authentication:
    oidc_client_secret: "{{ vault_harbor_oidc_secret }}"
    update_secret: always
"""

RETURN = r"""
changes:
  description: The objects that changed, or would change in check mode. Holds names, never values.
  returned: success, and after a run that failed half-way
  type: list
  elements: dict
  sample:
    - kind: oidc_authentication
      name: oidc_authentication
      action: update
      fields: [oidc_client_id, oidc_client_secret, oidc_endpoint]
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
from ansible_collections.dockmaster.harbor.plugins.module_utils._resources.oidc_authentication import OIDC_AUTHENTICATION


def main() -> None:
    """Run the module."""
    run_resource(OIDC_AUTHENTICATION)


if __name__ == "__main__":
    main()
