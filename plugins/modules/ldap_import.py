#!/usr/bin/python
# Copyright: the dockmaster.harbor contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: ldap_import
short_description: Import users from LDAP into Harbor
version_added: 1.0.0
description:
  - Makes users of the directory known to Harbor before they log in for the first time, so that they can be given roles.
  - Only those are imported that are not there yet.
  - Harbor imports all of a request or none. So everybody is looked for in the directory first, and the module fails before it
    writes when somebody is not there.
  - Only works while Harbor authenticates against LDAP.
author:
  - The dockmaster.harbor contributors (@dockmaster)
extends_documentation_fragment:
  - dockmaster.harbor._connection
  - dockmaster.harbor._attributes
  - dockmaster.harbor._attributes.operation
  - dockmaster.harbor._options.ldap_import
seealso:
  - module: dockmaster.harbor.ldap_authentication
  - module: dockmaster.harbor.user
  - module: dockmaster.harbor.project_member
"""

EXAMPLES = r"""
- name: Import two users
  dockmaster.harbor.ldap_import:
    uids:
      - alice
      - bob

- name: See who would be imported
  dockmaster.harbor.ldap_import:
    uids:
      - alice
      - bob
  check_mode: true
  register: newcomers

- name: Import everybody who shall get a role
  dockmaster.harbor.ldap_import:
    uids: "{{ harbor_project_members | selectattr('user', 'defined') | map(attribute='user') | unique }}"
"""

RETURN = r"""
changes:
  description: The users that were imported, or would be in check mode.
  returned: always
  type: list
  elements: dict
  sample:
    - {name: alice, action: import}
"""

from ansible_collections.dockmaster.harbor.plugins.module_utils._actions.ldap_import import LDAP_IMPORT
from ansible_collections.dockmaster.harbor.plugins.module_utils._module_actions import run_operation


def main() -> None:
    """Run the module."""
    run_operation(LDAP_IMPORT)


if __name__ == "__main__":
    main()
