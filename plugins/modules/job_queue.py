#!/usr/bin/python
# Copyright: the dockmaster.harbor contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: job_queue
short_description: Pause, resume and empty the job queues of Harbor
version_added: 1.0.0
description:
  - Decides whether queues of the job service hand out jobs, and stops jobs that wait in them.
  - Jobs that run already are not touched.
author:
  - The dockmaster.harbor contributors (@dockmaster)
extends_documentation_fragment:
  - dockmaster.harbor._connection
  - dockmaster.harbor._attributes
  - dockmaster.harbor._attributes.operation
  - dockmaster.harbor._options.job_queue
seealso:
  - module: dockmaster.harbor.replication_execution
  - module: dockmaster.harbor.garbage_collection_execution
  - module: dockmaster.harbor.scan_all_execution
"""

EXAMPLES = r"""
- name: Hold replications back during an upgrade of the other site
  dockmaster.harbor.job_queue:
    job_types:
      - REPLICATION
    state: paused

- name: Drop what has piled up, then go on
  dockmaster.harbor.job_queue:
    job_types:
      - REPLICATION
    stop_pending: true
    state: resumed

- name: Let no schedule start anything
  dockmaster.harbor.job_queue:
    job_types:
      - SCHEDULER
    state: paused

- name: Resume every queue
  dockmaster.harbor.job_queue:
    job_types:
      - all
    state: resumed
"""

RETURN = r"""
changes:
  description: The queues in which something was done, or would be in check mode.
  returned: always
  type: list
  elements: dict
  sample:
    - {name: REPLICATION, action: pause}
"""

from ansible_collections.dockmaster.harbor.plugins.module_utils._actions.job_queue import JOB_QUEUE
from ansible_collections.dockmaster.harbor.plugins.module_utils._module_actions import run_operation


def main() -> None:
    """Run the module."""
    run_operation(JOB_QUEUE)


if __name__ == "__main__":
    main()
