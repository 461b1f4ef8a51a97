#!/usr/bin/python
# Copyright: the dockmaster.harbor contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: scan_all_execution
short_description: Scan all artifacts of Harbor for vulnerabilities
version_added: 1.0.0
description:
  - Starts a scan of all artifacts and waits until it has ended, or stops the one that runs.
  - Harbor runs one at a time, whatever started it, and needs a default scanner.
  - Fails when at least one artifact could not be scanned, when the scan is stopped, or when it still runs after O(timeout).
author:
  - The dockmaster.harbor contributors (@dockmaster)
extends_documentation_fragment:
  - dockmaster.harbor._connection
  - dockmaster.harbor._attributes
  - dockmaster.harbor._attributes.action
  - dockmaster.harbor._options.scan_all_execution
seealso:
  - module: dockmaster.harbor.scan_all
  - module: dockmaster.harbor.scanner
  - module: dockmaster.harbor.vulnerability_info
"""

EXAMPLES = r"""
- name: Scan everything and wait for the end
  dockmaster.harbor.scan_all_execution:
    timeout: 14400
    interval: 30

- name: Only start it
  dockmaster.harbor.scan_all_execution:
    wait: false

- name: Stop it
  dockmaster.harbor.scan_all_execution:
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
    - C(id) is always null, as Harbor gives these no number.
  returned: always
  type: dict
  sample:
    id: null
    status: success
    trigger: manual
    message: ""
progress:
  description: How far its scans, one for each artifact, are.
  returned: when there is an execution and Harbor tells
  type: dict
  sample: {total: 7, succeeded: 6, failed: 1, stopped: 0, running: 0, percent: 100}
tasks:
  description: Always empty, Harbor tells no tasks of it.
  returned: when the execution has ended and was waited for
  type: list
  elements: dict
  sample: []
log:
  description: Always empty, each artifact has its own.
  returned: when the execution has ended and was waited for
  type: str
  sample: ""
"""

from ansible_collections.dockmaster.harbor.plugins.module_utils._actions.scan_all_execution import SCAN_ALL_EXECUTION
from ansible_collections.dockmaster.harbor.plugins.module_utils._module_actions import run_action


def main() -> None:
    """Run the module."""
    run_action(SCAN_ALL_EXECUTION)


if __name__ == "__main__":
    main()
