#!/usr/bin/python
# Copyright: the dockmaster.harbor contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: audit_log_info
short_description: Read the audit log of Harbor
version_added: 1.0.0
description:
  - Returns who did what, the newest entries first.
  - Without O(project) an administrator sees everything, others see the projects whose log they may read.
  - Nothing is there when Harbor is configured to keep the log out of its database.
author:
  - The dockmaster.harbor contributors (@dockmaster)
extends_documentation_fragment:
  - dockmaster.harbor._connection
  - dockmaster.harbor._attributes
  - dockmaster.harbor._attributes.read
  - dockmaster.harbor._options.audit_log_info
seealso:
  - module: dockmaster.harbor.audit_log_purge_execution
  - module: dockmaster.harbor.configuration
"""

EXAMPLES = r"""
- name: Read the last hundred entries
  dockmaster.harbor.audit_log_info:
  register: log

- name: Find out who deleted something in a project in January
  dockmaster.harbor.audit_log_info:
    project: payments
    operation: delete
    since: "2027-01-01"
    until: "2027-02-01"
    limit: 1000
  register: deletions

- name: Show it
  ansible.builtin.debug:
    msg: "{{ deletions.entries | map(attribute='username') | unique }}"

- name: Read what a robot account did
  dockmaster.harbor.audit_log_info:
    username: robot$payments+ci
"""

RETURN = r"""
entries:
  description: The entries, newest first.
  returned: success
  type: list
  elements: dict
  sample:
    - op_time: "2027-01-31T05:35:51.677Z"
      username: admin
      operation: create
      resource_type: user
      resource: payments-lead
      operation_description: "create user with name: payments-lead"
      succeeded: true
more:
  description: Whether there are more entries than O(limit).
  returned: success
  type: bool
  sample: false
"""

from ansible_collections.dockmaster.harbor.plugins.module_utils._module_actions import run_report
from ansible_collections.dockmaster.harbor.plugins.module_utils._reports.audit_log_info import AUDIT_LOG_INFO


def main() -> None:
    """Run the module."""
    run_report(AUDIT_LOG_INFO)


if __name__ == "__main__":
    main()
