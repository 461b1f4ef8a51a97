#!/usr/bin/python
# Copyright: the dockmaster.harbor contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: retention_policy_info
short_description: Read retention policies of Harbor
version_added: 1.0.0
description:
  - Returns policies in the form in which M(dockmaster.harbor.retention_policy) takes them.
  - C(rules) is missing where a policy holds one that other tools made and that cannot be said in these words, such as one with
    several patterns.
author:
  - The dockmaster.harbor contributors (@dockmaster)
extends_documentation_fragment:
  - dockmaster.harbor._connection
  - dockmaster.harbor._attributes
  - dockmaster.harbor._attributes.read
  - dockmaster.harbor._options.retention_policy_info
seealso:
  - module: dockmaster.harbor.retention_policy
  - module: dockmaster.harbor.export
"""

EXAMPLES = r"""
- name: Read all policies
  dockmaster.harbor.retention_policy_info:
  register: all_policies

- name: Read that of one project
  dockmaster.harbor.retention_policy_info:
    project: payments
  register: found

- name: Show the projects whose policy runs by itself
  ansible.builtin.debug:
    msg: "{{ all_policies.retention_policies | rejectattr('schedule', 'equalto', 'none') | map(attribute='project') }}"
"""

RETURN = r"""
retention_policies:
  description: The policies with all their options, sorted, Harbor's C(id) of each, and as C(next_run) when one with a schedule runs next.
  returned: success
  type: list
  elements: dict
  sample:
    - project: payments
      rules:
        - {retain: most_recently_pushed, count: 10, repo_matching: '**', tag_matching: '**'}
      schedule: daily
      next_run: '2026-11-25T00:00:00.000Z'
      id: 4
"""

from ansible_collections.dockmaster.harbor.plugins.module_utils._module import run_info
from ansible_collections.dockmaster.harbor.plugins.module_utils._resources.retention_policy import RETENTION_POLICY


def main() -> None:
    """Run the module."""
    run_info(RETENTION_POLICY)


if __name__ == "__main__":
    main()
