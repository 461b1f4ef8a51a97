#!/usr/bin/python
# Copyright: the dockmaster.harbor contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: state
short_description: Bring Harbor into a declared state
version_added: 1.0.0
description:
  - Compares any number of objects of any kinds with what is live, plans all changes, checks them, and only then makes them.
  - Changes that do not depend on each other run in parallel.
  - When some fail, all failures are reported and dependent changes are not started.
  - Options that are not declared are left alone. An empty list empties.
author:
  - The dockmaster.harbor contributors (@dockmaster)
extends_documentation_fragment:
  - dockmaster.harbor._connection
  - dockmaster.harbor._attributes
  - dockmaster.harbor._attributes.write
  - dockmaster.harbor._options.state
seealso:
  - module: dockmaster.harbor.export
"""

EXAMPLES = r"""
- name: Bring Harbor into the declared state
  dockmaster.harbor.state:
    desired:
      projects:
        - name: payments
          storage_limit: 20GiB
      project_members:
        - project: payments
          user: payments-lead
          role: maintainer
      robots:
        - project: payments
          name: ci
          secret: "{{ vault_payments_ci_secret }}"
          permissions:
            - access: ["repository:pull", "repository:push"]

- name: Bring Harbor into the state of all files of a directory, with what is different in production
  dockmaster.harbor.state:
    files:
      - configuration/teams
    overlays:
      - configuration/production

- name: Delete every label that the file does not hold, except those of the infrastructure projects
  dockmaster.harbor.state:
    files:
      - harbor.yml
    prune:
      - labels
    protect:
      - labels/infra-*
    max_delete: 5
"""

RETURN = r"""
changes:
  description: The objects that changed, or would change in check mode. Holds names, never values.
  returned: success, and after a run that failed half-way
  type: list
  elements: dict
  sample:
    - kind: project
      name: payments
      action: create
      fields: [name, storage_limit]
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

from ansible_collections.dockmaster.harbor.plugins.module_utils._module import run_state


def main() -> None:
    """Run the module."""
    run_state()


if __name__ == "__main__":
    main()
