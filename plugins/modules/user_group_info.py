#!/usr/bin/python
# Copyright: the dockmaster.harbor contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: user_group_info
short_description: Read user groups of Harbor
version_added: 1.0.0
description:
  - Returns user groups in the form in which M(dockmaster.harbor.user_group) takes them.
author:
  - The dockmaster.harbor contributors (@dockmaster)
extends_documentation_fragment:
  - dockmaster.harbor._connection
  - dockmaster.harbor._attributes
  - dockmaster.harbor._attributes.read
  - dockmaster.harbor._options.user_group_info
seealso:
  - module: dockmaster.harbor.user_group
  - module: dockmaster.harbor.export
"""

EXAMPLES = r"""
- name: Read all user groups
  dockmaster.harbor.user_group_info:
  register: all_user_groups

- name: Read those that match
  dockmaster.harbor.user_group_info:
    name: developers
  register: found

- name: Show what was found
  ansible.builtin.debug:
    msg: "{{ found.user_groups | map(attribute='name') }}"
"""

RETURN = r"""
user_groups:
  description: The user groups with all their options except secrets, sorted, and Harbor's C(id) of each.
  returned: success
  type: list
  elements: dict
  sample:
    - {name: developers, type: oidc, id: 2}
"""

from ansible_collections.dockmaster.harbor.plugins.module_utils._module import run_info
from ansible_collections.dockmaster.harbor.plugins.module_utils._resources.user_group import USER_GROUP


def main() -> None:
    """Run the module."""
    run_info(USER_GROUP)


if __name__ == "__main__":
    main()
