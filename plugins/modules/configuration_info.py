#!/usr/bin/python
# Copyright: the dockmaster.harbor contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: configuration_info
short_description: Read the configuration of Harbor
version_added: 1.0.0
description:
  - Returns the configuration in the form in which M(dockmaster.harbor.configuration) takes it.
author:
  - The dockmaster.harbor contributors (@dockmaster)
extends_documentation_fragment:
  - dockmaster.harbor._connection
  - dockmaster.harbor._attributes
  - dockmaster.harbor._attributes.read
  - dockmaster.harbor._options.configuration_info
seealso:
  - module: dockmaster.harbor.configuration
  - module: dockmaster.harbor.export
"""

EXAMPLES = r"""
- name: Read the configuration
  dockmaster.harbor.configuration_info:
  register: found

- name: Show where users come from
  ansible.builtin.debug:
    msg: "{{ found.configuration.auth_mode }}"

- name: Keep the configuration in a file
  ansible.builtin.copy:
    content: "{{ {'configuration': found.configuration} | to_nice_yaml }}"
    dest: /root/configuration.yml
    mode: "0600"
  delegate_to: localhost
"""

RETURN = r"""
configuration:
  description: All options except secrets.
  returned: success
  type: dict
  sample:
    {auth_mode: db_auth, token_expiration: 30, read_only: false}
"""

from ansible_collections.dockmaster.harbor.plugins.module_utils._module import run_info
from ansible_collections.dockmaster.harbor.plugins.module_utils._resources.configuration import CONFIGURATION


def main() -> None:
    """Run the module."""
    run_info(CONFIGURATION)


if __name__ == "__main__":
    main()
