#!/usr/bin/python
# Copyright: the dockmaster.harbor contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: garbage_collection_execution
short_description: Run the garbage collection of Harbor
version_added: 1.0.0
description:
  - Starts a garbage collection and waits until it has ended, or stops those that run.
  - A dry run deletes nothing, reports no change and returns the log that says what would be deleted.
  - Harbor keeps blobs that are younger than two hours, and would run several collections at the same time; this module does not.
  - 'One that deletes more or less is no substitute: while it runs, another one is refused.'
  - Fails when the execution fails, is stopped, or still runs after O(timeout); the result says how far it came.
author:
  - The dockmaster.harbor contributors (@dockmaster)
extends_documentation_fragment:
  - dockmaster.harbor._connection
  - dockmaster.harbor._attributes
  - dockmaster.harbor._attributes.action
  - dockmaster.harbor._options.garbage_collection_execution
seealso:
  - module: dockmaster.harbor.garbage_collection
  - module: dockmaster.harbor.retention_execution
"""

EXAMPLES = r"""
- name: Free what nothing refers to
  dockmaster.harbor.garbage_collection_execution:
  register: collection

- name: Show how much that was, in bytes
  ansible.builtin.debug:
    msg: "{{ collection.execution.freed_space }}"

- name: See what would go if artifacts without a tag went too
  dockmaster.harbor.garbage_collection_execution:
    delete_untagged: true
    dry_run: true

- name: Collect with four workers, for up to six hours
  dockmaster.harbor.garbage_collection_execution:
    delete_untagged: true
    workers: 4
    timeout: 21600
    interval: 30

- name: Stop it
  dockmaster.harbor.garbage_collection_execution:
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
    - C(freed_space) is in bytes. It, C(purged_blobs) and C(purged_manifests) are there once Harbor tells them.
  returned: always
  type: dict
  sample:
    id: 11
    status: success
    trigger: manual
    message: ""
    start_time: "2027-01-31T05:33:20.337Z"
    end_time: "2027-01-31T05:33:22.390Z"
    dry_run: false
    delete_untagged: true
    delete_tag: false
    freed_space: 52428800
    purged_blobs: 12
    purged_manifests: 3
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

from ansible_collections.dockmaster.harbor.plugins.module_utils._actions.garbage_collection_execution import GARBAGE_COLLECTION_EXECUTION
from ansible_collections.dockmaster.harbor.plugins.module_utils._module_actions import run_action


def main() -> None:
    """Run the module."""
    run_action(GARBAGE_COLLECTION_EXECUTION)


if __name__ == "__main__":
    main()
