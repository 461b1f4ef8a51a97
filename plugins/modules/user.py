#!/usr/bin/python
# Copyright: the dockmaster.harbor contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: user
short_description: Manage local users in Harbor
version_added: 1.0.0
description:
  - Creates, changes and deletes a user of Harbor's own database.
  - With LDAP, OIDC or another identity provider only O(sysadmin) can be changed here, except for the built-in administrator.
author:
  - The dockmaster.harbor contributors (@dockmaster)
extends_documentation_fragment:
  - dockmaster.harbor._connection
  - dockmaster.harbor._attributes
  - dockmaster.harbor._attributes.write
  - dockmaster.harbor._options.user
seealso:
  - module: dockmaster.harbor.user_info
  - module: dockmaster.harbor.state
"""

EXAMPLES = r"""
- name: Have a local user
  dockmaster.harbor.user:
    username: payments-lead
    email: payments-lead@example.com
    realname: Lead of payments
    password: "{{ vault_payments_lead_password }}"

- name: Make the user a system administrator
  dockmaster.harbor.user:
    username: payments-lead
    sysadmin: true

- name: Send the password again when it no longer logs in
  dockmaster.harbor.user:
    username: payments-lead
    password: "{{ vault_payments_lead_password }}"
    update_secret: on_drift
"""

RETURN = r"""
changes:
  description: The objects that changed, or would change in check mode. Holds names, never values.
  returned: success, and after a run that failed half-way
  type: list
  elements: dict
  sample:
    - kind: user
      name: payments-lead
      action: create
      fields: [email, password, realname, username]
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
from ansible_collections.dockmaster.harbor.plugins.module_utils._resources.user import USER


def main() -> None:
    """Run the module."""
    run_resource(USER)


if __name__ == "__main__":
    main()
