#!/usr/bin/python
# Copyright: the dockmaster.harbor contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: export
short_description: Write the objects of Harbor into a file
version_added: 1.0.0
description:
  - Writes a YAML file that the O(dockmaster.harbor.state#module:desired) option of M(dockmaster.harbor.state) takes as it is; read it
    with M(ansible.builtin.include_vars).
  - Doing so changes nothing.
  - Secrets, the built-in administrator, its own memberships, and robots that Harbor makes for scans are not in the file.
  - Texts with C({{), C({%) or C({#) carry the tag C(!unsafe), so that Ansible never runs them as templates, whoever wrote them in Harbor.
  - The content is written by the module and never returned.
author:
  - The dockmaster.harbor contributors (@dockmaster)
extends_documentation_fragment:
  - dockmaster.harbor._connection
  - dockmaster.harbor._attributes
  - dockmaster.harbor._attributes.export
  - dockmaster.harbor._options.export
seealso:
  - module: dockmaster.harbor.state
"""

EXAMPLES = r"""
- name: Write all objects into a file
  dockmaster.harbor.export:
    path: harbor.yml

- name: Write only projects and their members
  dockmaster.harbor.export:
    path: harbor.yml
    kinds:
      - projects
      - project_members
"""

RETURN = r"""
file:
  description: The file.
  returned: success
  type: str
  sample: harbor.yml
counts:
  description: Number of objects by kind.
  returned: success
  type: dict
  sample:
    projects: 12
    project_members: 40
"""

from ansible_collections.dockmaster.harbor.plugins.module_utils._module import run_export


def main() -> None:
    """Run the module."""
    run_export()


if __name__ == "__main__":
    main()
