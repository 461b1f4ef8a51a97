#!/usr/bin/python
# Copyright: the dockmaster.harbor contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: replication_execution
short_description: Run a replication policy of Harbor
version_added: 1.0.0
description:
  - Starts an execution of a replication policy and waits until it has ended, or stops those that run.
  - 'Looks at the tasks: Harbor''s status of an execution follows them up to half a minute later.'
  - Fails when the execution fails, is stopped, or still runs after O(timeout); the result says how far it came.
author:
  - The dockmaster.harbor contributors (@dockmaster)
extends_documentation_fragment:
  - dockmaster.harbor._connection
  - dockmaster.harbor._attributes
  - dockmaster.harbor._attributes.action
  - dockmaster.harbor._options.replication_execution
seealso:
  - module: dockmaster.harbor.replication_policy
  - module: dockmaster.harbor.retention_execution
"""

EXAMPLES = r"""
- name: Replicate now and wait for the end
  dockmaster.harbor.replication_execution:
    policy: mirror-to-dr
    timeout: 3600

- name: Only start it
  dockmaster.harbor.replication_execution:
    policy: mirror-to-dr
    wait: false

- name: Replicate what was pushed just now, also when an execution ran already that may have missed it
  dockmaster.harbor.replication_execution:
    policy: mirror-to-dr
  register: replication
  until: replication is failed or not replication.joined
  retries: 2
  delay: 1

- name: Stop whatever this policy is doing
  dockmaster.harbor.replication_execution:
    policy: mirror-to-dr
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
    id: 62
    status: success
    trigger: manual
    message: ""
    start_time: "2027-01-31T05:37:22.582Z"
    end_time: "2027-01-31T05:37:23.000Z"
progress:
  description: How far its tasks are.
  returned: when there is an execution and Harbor tells
  type: dict
  sample: {total: 7, succeeded: 6, failed: 1, stopped: 0, running: 0, percent: 100}
tasks:
  description: The tasks that failed.
  returned: when the execution has ended and was waited for
  type: list
  elements: dict
  sample:
    - source: payments/api [2 item(s) in total]
      destination: mirror/api [2 item(s) in total]
      operation: copy
      status: error
log:
  description: The ends of the logs of the first tasks that failed, empty when none did.
  returned: when the execution has ended and was waited for
  type: str
  sample: ""
"""

from ansible_collections.dockmaster.harbor.plugins.module_utils._actions.replication_execution import REPLICATION_EXECUTION
from ansible_collections.dockmaster.harbor.plugins.module_utils._module_actions import run_action


def main() -> None:
    """Run the module."""
    run_action(REPLICATION_EXECUTION)


if __name__ == "__main__":
    main()
