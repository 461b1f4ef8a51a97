#!/usr/bin/python
# Copyright: the dockmaster.harbor contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: label_info
short_description: Read labels of Harbor
version_added: 1.0.0
description:
  - Returns labels in the form in which M(dockmaster.harbor.label) takes them.
author:
  - The dockmaster.harbor contributors (@dockmaster)
extends_documentation_fragment:
  - dockmaster.harbor._connection
  - dockmaster.harbor._attributes
  - dockmaster.harbor._attributes.read
  - dockmaster.harbor._options.label_info
seealso:
  - module: dockmaster.harbor.label
  - module: dockmaster.harbor.export
"""

EXAMPLES = r"""
- name: Read all labels
  dockmaster.harbor.label_info:
  register: all_labels

- name: Read those that match
  dockmaster.harbor.label_info:
    name: approved
  register: found

- name: Show what was found
  ansible.builtin.debug:
    msg: "{{ found.labels | map(attribute='name') }}"
"""

RETURN = r"""
labels:
  description: The labels with all their options except secrets, sorted, and Harbor's C(id) of each.
  returned: success
  type: list
  elements: dict
  sample:
    - {name: approved, description: '', color: '#00AA00', id: 4}
"""

from ansible_collections.dockmaster.harbor.plugins.module_utils._module import run_info
from ansible_collections.dockmaster.harbor.plugins.module_utils._resources.label import LABEL


def main() -> None:
    """Run the module."""
    run_info(LABEL)


if __name__ == "__main__":
    main()
