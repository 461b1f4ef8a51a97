#!/usr/bin/python
# Copyright: the dockmaster.harbor contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: audit_log_purge_info
short_description: Read the schedule by which Harbor deletes old audit events
version_added: 1.0.0
description:
  - Returns the schedule in the form in which M(dockmaster.harbor.audit_log_purge) takes it, and when it is due.
author:
  - The dockmaster.harbor contributors (@dockmaster)
extends_documentation_fragment:
  - dockmaster.harbor._connection
  - dockmaster.harbor._attributes
  - dockmaster.harbor._attributes.read
  - dockmaster.harbor._options.audit_log_purge_info
seealso:
  - module: dockmaster.harbor.audit_log_purge
  - module: dockmaster.harbor.export
"""

EXAMPLES = r"""
- name: Read the schedule
  dockmaster.harbor.audit_log_purge_info:
  register: found

- name: Show when audit events are deleted
  ansible.builtin.debug:
    msg: "{{ found.audit_log_purge.schedule }}"

- name: Keep the schedule in a file
  ansible.builtin.copy:
    content: "{{ {'audit_log_purge': found.audit_log_purge} | to_nice_yaml }}"
    dest: /root/audit_log_purge.yml
    mode: "0600"
  delegate_to: localhost
"""

RETURN = r"""
audit_log_purge:
  description: All options except secrets.
  returned: success
  type: dict
  sample:
    schedule: daily
    audit_retention_hour: 2160
    include_event_types: [other, pull_artifact]
    next_scheduled_time: "2026-11-25T00:00:00.000Z"
"""

from ansible_collections.dockmaster.harbor.plugins.module_utils._module import run_info
from ansible_collections.dockmaster.harbor.plugins.module_utils._resources.audit_log_purge import AUDIT_LOG_PURGE


def main() -> None:
    """Run the module."""
    run_info(AUDIT_LOG_PURGE)


if __name__ == "__main__":
    main()
