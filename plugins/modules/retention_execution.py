#!/usr/bin/python
# Copyright: the dockmaster.harbor contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: retention_execution
short_description: Run the tag retention of a project of Harbor
version_added: 1.0.0
description:
  - Starts an execution of a project's retention policy and waits until it has ended, or stops those that run.
  - A dry run deletes nothing, reports no change and says what would be deleted.
  - 'Looks at the tasks: Harbor''s status of an execution follows them seconds later.'
  - 'A dry run is no substitute for a real one: while one of them runs, the other is refused.'
  - Fails when the execution fails, is stopped, or still runs after O(timeout); the result says how far it came.
author:
  - The dockmaster.harbor contributors (@dockmaster)
extends_documentation_fragment:
  - dockmaster.harbor._connection
  - dockmaster.harbor._attributes
  - dockmaster.harbor._attributes.action
  - dockmaster.harbor._options.retention_execution
seealso:
  - module: dockmaster.harbor.retention_policy
  - module: dockmaster.harbor.garbage_collection_execution
"""

EXAMPLES = r"""
- name: See what retention would delete
  dockmaster.harbor.retention_execution:
    project: payments
    dry_run: true
  register: rehearsal

- name: Show it by repository
  ansible.builtin.debug:
    msg: "{{ rehearsal.tasks }}"

- name: Delete what no rule keeps, unless that is more than a hundred artifacts
  dockmaster.harbor.retention_execution:
    project: payments
  when: rehearsal.execution.deleted <= 100

- name: Stop it
  dockmaster.harbor.retention_execution:
    project: payments
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
    - C(artifacts), C(retained) and C(deleted) count artifacts of all repositories; in a dry run C(deleted) is what would be deleted.
      Artifacts with immutable tags stay whatever the rules say.
  returned: always
  type: dict
  sample:
    id: 53
    status: success
    trigger: manual
    message: ""
    start_time: "2027-01-31T05:37:13.568429Z"
    dry_run: true
    artifacts: 40
    retained: 31
    deleted: 9
progress:
  description: How far its tasks, one for each repository, are.
  returned: when there is an execution and Harbor tells
  type: dict
  sample: {total: 7, succeeded: 6, failed: 1, stopped: 0, running: 0, percent: 100}
tasks:
  description: The repositories that lose artifacts, or would in a dry run, and those whose task failed.
  returned: when the execution has ended and was waited for
  type: list
  elements: dict
  sample:
    - repository: api
      status: success
      artifacts: 12
      retained: 3
      deleted: 9
log:
  description: The ends of the logs of the first tasks that failed, or in a dry run of those that would delete something and name the tags.
  returned: when the execution has ended and was waited for
  type: str
  sample: ""
"""

from ansible_collections.dockmaster.harbor.plugins.module_utils._actions.retention_execution import RETENTION_EXECUTION
from ansible_collections.dockmaster.harbor.plugins.module_utils._module_actions import run_action


def main() -> None:
    """Run the module."""
    run_action(RETENTION_EXECUTION)


if __name__ == "__main__":
    main()
