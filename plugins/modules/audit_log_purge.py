#!/usr/bin/python
# Copyright: the dockmaster.harbor contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: audit_log_purge
short_description: Manage the schedule by which Harbor deletes old audit events
version_added: 1.0.0
description:
  - Says when Harbor deletes old audit events, how old and which ones.
  - Harbor keeps the other options only together with a schedule.
author:
  - The dockmaster.harbor contributors (@dockmaster)
extends_documentation_fragment:
  - dockmaster.harbor._connection
  - dockmaster.harbor._attributes
  - dockmaster.harbor._attributes.write
  - dockmaster.harbor._options.audit_log_purge
seealso:
  - module: dockmaster.harbor.audit_log_purge_info
  - module: dockmaster.harbor.state
"""

EXAMPLES = r"""
- name: Keep audit events for 90 days
  dockmaster.harbor.audit_log_purge:
    schedule: daily
    audit_retention_hour: 2160
    include_event_types: [create_artifact, delete_artifact, pull_artifact, other]

- name: Delete old pulls only
  dockmaster.harbor.audit_log_purge:
    schedule: weekly
    audit_retention_hour: 720
    include_event_types: [pull_artifact]

- name: Keep everything
  dockmaster.harbor.audit_log_purge:
    schedule: none
"""

RETURN = r"""
changes:
  description: The objects that changed, or would change in check mode. Holds names, never values.
  returned: success, and after a run that failed half-way
  type: list
  elements: dict
  sample:
    - kind: audit_log_purge
      name: audit_log_purge
      action: update
      fields: [audit_retention_hour, include_event_types, schedule]
summary:
  description: Number of objects by what was done. C(unchanged) counts the declared ones that were as declared.
  returned: success, and after a run that failed half-way
  type: dict
  sample:
    create: 0
    update: 1
    delete: 0
    unchanged: 0
problems:
  description: What forbids the plan, one message each. Nothing was written.
  returned: when the plan is refused
  type: list
  elements: str
errors:
  description: The changes that Harbor refused, one message each.
  returned: when changes failed
  type: list
  elements: str
"""

from ansible_collections.dockmaster.harbor.plugins.module_utils._module import run_resource
from ansible_collections.dockmaster.harbor.plugins.module_utils._resources.audit_log_purge import AUDIT_LOG_PURGE


def main() -> None:
    """Run the module."""
    run_resource(AUDIT_LOG_PURGE)


if __name__ == "__main__":
    main()
