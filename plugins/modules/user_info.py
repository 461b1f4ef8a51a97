#!/usr/bin/python
# Copyright: the dockmaster.harbor contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: user_info
short_description: Read users of Harbor
version_added: 1.0.0
description:
  - Returns users in the form in which M(dockmaster.harbor.user) takes them.
author:
  - The dockmaster.harbor contributors (@dockmaster)
extends_documentation_fragment:
  - dockmaster.harbor._connection
  - dockmaster.harbor._attributes
  - dockmaster.harbor._attributes.read
  - dockmaster.harbor._options.user_info
seealso:
  - module: dockmaster.harbor.user
  - module: dockmaster.harbor.export
"""

EXAMPLES = r"""
- name: Read all users
  dockmaster.harbor.user_info:
  register: all_users

- name: Read those that match
  dockmaster.harbor.user_info:
    username: payments-lead
  register: found

- name: Show what was found
  ansible.builtin.debug:
    msg: "{{ found.users | map(attribute='username') }}"
"""

RETURN = r"""
users:
  description: The users with all their options except secrets, sorted, and Harbor's C(id) of each.
  returned: success
  type: list
  elements: dict
  sample:
    - {username: payments-lead, email: payments-lead@example.com, realname: Lead of payments, comment: '', sysadmin: false, id: 3}
"""

from ansible_collections.dockmaster.harbor.plugins.module_utils._module import run_info
from ansible_collections.dockmaster.harbor.plugins.module_utils._resources.user import USER


def main() -> None:
    """Run the module."""
    run_info(USER)


if __name__ == "__main__":
    main()
