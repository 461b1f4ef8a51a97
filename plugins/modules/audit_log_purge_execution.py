#!/usr/bin/python
# Copyright: the dockmaster.harbor contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: audit_log_purge_execution
short_description: Delete old entries of the audit log of Harbor
version_added: 1.0.0
description:
  - Starts a purge of the audit log and waits until it has ended, or stops those that run.
  - A dry run deletes nothing, reports no change and returns the log that says how many entries would be deleted.
  - 'One that deletes more or less is no substitute: while it runs, another one is refused.'
  - Fails when the execution fails, is stopped, or still runs after O(timeout); the result says how far it came.
author:
  - The dockmaster.harbor contributors (@dockmaster)
extends_documentation_fragment:
  - dockmaster.harbor._connection
  - dockmaster.harbor._attributes
  - dockmaster.harbor._attributes.action
  - dockmaster.harbor._options.audit_log_purge_execution
seealso:
  - module: dockmaster.harbor.audit_log_purge
  - module: dockmaster.harbor.audit_log_info
"""

EXAMPLES = r"""
- name: See how many entries are older than 90 days
  dockmaster.harbor.audit_log_purge_execution:
    audit_retention_hour: 2160
    include_event_types:
      - create_artifact
      - delete_artifact
      - pull_artifact
      - other
    dry_run: true
  register: rehearsal

- name: Show the log
  ansible.builtin.debug:
    msg: "{{ rehearsal.log }}"

- name: Delete what is known of pulls after a week
  dockmaster.harbor.audit_log_purge_execution:
    audit_retention_hour: 168
    include_event_types:
      - pull_artifact

- name: Stop it
  dockmaster.harbor.audit_log_purge_execution:
    state: stopped
"""

RETURN = r"""
joined:
  description: Whether an execution that ran already was taken instead of a new one. It may have begun before what you did last.
  returned: always
  type: bool
  sample: false
execution:
  description:
    - The execution. C(status) is V(success), V(error) or V(stopped) when it has ended and V(running) before that;
      V(planned) in check mode, and V(idle) when there was nothing to stop.
  returned: always
  type: dict
  sample:
    id: 21
    status: success
    trigger: manual
    message: ""
    start_time: "2027-01-31T05:33:28.411Z"
    end_time: "2027-01-31T05:33:28.920Z"
    dry_run: false
    audit_retention_hour: 168
    include_event_types: [pull_artifact]
tasks:
  description: Always empty, Harbor tells no tasks of it.
  returned: when the execution has ended and was waited for
  type: list
  elements: dict
  sample: []
log:
  description: The end of the log of a failure, a stop or a dry run, otherwise empty.
  returned: when the execution has ended and was waited for
  type: str
  sample: ""
"""

from ansible_collections.dockmaster.harbor.plugins.module_utils._actions.audit_log_purge_execution import AUDIT_LOG_PURGE_EXECUTION
from ansible_collections.dockmaster.harbor.plugins.module_utils._module_actions import run_action


def main() -> None:
    """Run the module."""
    run_action(AUDIT_LOG_PURGE_EXECUTION)


if __name__ == "__main__":
    main()
