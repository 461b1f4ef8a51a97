# Copyright: the dockmaster.harbor contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Attributes of the modules. Written by hand."""

from __future__ import annotations


class ModuleDocFragment:
    """What the modules support."""

    DOCUMENTATION = r"""
options: {}
attributes:
  action_group:
    description: Use C(group/dockmaster.harbor.harbor) in C(module_defaults) to set the connection for all modules.
    support: full
    membership:
      - dockmaster.harbor.harbor
"""

    WRITE = r"""
options: {}
attributes:
  check_mode:
    description: Can run in C(check_mode) and predicts the changes without making them.
    support: full
    details:
      - Reads and plans the same way, then stops. No writing request is sent; opening a session and asking Harbor to reach a
        registry with C(update_secret=on_drift) are no writes.
  diff_mode:
    description: Returns what changes, or would change in C(check_mode).
    support: full
    details:
      - One entry per object with the declared options in the user's terms. Secrets are never part of it.
  idempotent:
    description: A second run without other changes reports no change.
    support: partial
    details:
      - With C(update_secret=always) the declared secrets are sent at every run.
"""

    READ = r"""
options: {}
attributes:
  check_mode:
    description: Can run in C(check_mode) and changes nothing in any mode.
    support: full
  diff_mode:
    description: Returns what changes, or would change in C(check_mode).
    support: N/A
    details:
      - Changes nothing.
  idempotent:
    description: A second run without other changes reports no change.
    support: full
"""

    EXPORT = r"""
options: {}
attributes:
  check_mode:
    description: Can run in C(check_mode) and predicts whether the file would change.
    support: full
  diff_mode:
    description: Returns what changes, or would change in C(check_mode).
    support: none
    details:
      - The content of the file is not returned.
  idempotent:
    description: A second run without other changes reports no change.
    support: full
"""

    ACTION = r"""
options: {}
attributes:
  check_mode:
    description: Can run in C(check_mode) and predicts whether an execution would be started or stopped.
    support: full
    details:
      - Finds the target and what runs, then stops. No writing request is sent.
  diff_mode:
    description: Returns what changes, or would change in C(check_mode).
    support: N/A
    details:
      - An execution has no state to compare.
  idempotent:
    description: A second run without other changes reports no change.
    support: partial
    details:
      - With O(state=started) each run starts an execution unless one runs already. With O(state=stopped) a second run changes nothing.
"""

    OPERATION = r"""
options: {}
attributes:
  check_mode:
    description: Can run in C(check_mode) and predicts the changes without making them.
    support: full
  diff_mode:
    description: Returns what changes, or would change in C(check_mode).
    support: full
  idempotent:
    description: A second run without other changes reports no change.
    support: full
"""
