#!/usr/bin/python
# Copyright: the dockmaster.harbor contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: repository
short_description: Manage repositories of Harbor
version_added: 1.0.0
description:
  - Sets the description of a repository, or deletes it with all its artifacts.
  - A repository comes into being by a push; this module makes none.
  - Repositories are not pruned by M(dockmaster.harbor.state), they go when they are declared absent. A project can go in the same
    run as the last of its repositories.
  - Harbor refuses to delete a repository while one of its tags is immutable, see M(dockmaster.harbor.immutable_tag_rule).
author:
  - The dockmaster.harbor contributors (@dockmaster)
extends_documentation_fragment:
  - dockmaster.harbor._connection
  - dockmaster.harbor._attributes
  - dockmaster.harbor._attributes.write
  - dockmaster.harbor._options.repository
seealso:
  - module: dockmaster.harbor.repository_info
  - module: dockmaster.harbor.state
"""

EXAMPLES = r"""
- name: Say what a repository holds
  dockmaster.harbor.repository:
    project: payments
    name: team/app
    description: The **payment** service. Pull a version, not `latest`.

- name: Delete a repository and all its images
  dockmaster.harbor.repository:
    project: payments
    name: old-app
    state: absent

- name: Remove a description
  dockmaster.harbor.repository:
    project: payments
    name: team/app
    description: ""
"""

RETURN = r"""
changes:
  description: The objects that changed, or would change in check mode. Holds names, never values.
  returned: success, and after a run that failed half-way
  type: list
  elements: dict
  sample:
    - kind: repository
      name: payments/team/app
      action: update
      fields: [description]
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
from ansible_collections.dockmaster.harbor.plugins.module_utils._resources.repository import REPOSITORY


def main() -> None:
    """Run the module."""
    run_resource(REPOSITORY)


if __name__ == "__main__":
    main()
