#!/usr/bin/python
# Copyright: the dockmaster.harbor contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: retention_policy
short_description: Manage the retention policy of a project in Harbor
version_added: 1.0.0
description:
  - Creates, changes and deletes the policy that says which artifacts of a project are kept, and when the others are deleted.
  - What may delete more than before, rules that changed or a schedule where there was none, is never enabled unseen. The policy is
    saved without a schedule, Harbor's own dry run counts what it would delete, the figures come back in RV(reports), and only
    when the share is within O(max_deleted_percent) the schedule is set. Otherwise the previous policy is put back and the task
    fails. A run that is interrupted leaves a policy without a schedule; running again finishes it.
  - In check mode there is no dry run, since it writes; the predicted change is exact all the same.
  - Harbor never deletes an artifact with an immutable tag, see M(dockmaster.harbor.immutable_tag_rule).
  - A new proxy cache comes with a policy that keeps what was pulled within seven days; it is changed, not made anew.
  - Policies are not pruned by M(dockmaster.harbor.state), they go when they are declared absent.
author:
  - The dockmaster.harbor contributors (@dockmaster)
extends_documentation_fragment:
  - dockmaster.harbor._connection
  - dockmaster.harbor._attributes
  - dockmaster.harbor._attributes.write
  - dockmaster.harbor._options.retention_policy
seealso:
  - module: dockmaster.harbor.retention_policy_info
  - module: dockmaster.harbor.state
  - module: dockmaster.harbor.immutable_tag_rule
"""

EXAMPLES = r"""
- name: Keep ten artifacts of each repository and all releases, every night
  dockmaster.harbor.retention_policy:
    project: payments
    rules:
      - retain: most_recently_pushed
        count: 10
      - retain: everything
        tag_matching: "v*"
    schedule: daily
  register: retention

- name: Show what it would have deleted at once
  ansible.builtin.debug:
    var: retention.reports[0].dry_run
  when: retention.reports is defined

- name: Clean up a project that holds mostly rubbish
  dockmaster.harbor.retention_policy:
    project: scratch
    rules:
      - retain: pulled_within_days
        days: 14
        untagged: false
    schedule: "0 30 2 * * *"
    max_deleted_percent: 95

- name: Give a proxy cache a month
  dockmaster.harbor.retention_policy:
    project: hub-cache
    rules:
      - retain: pulled_within_days
        days: 30
    schedule: weekly

- name: Keep everything again
  dockmaster.harbor.retention_policy:
    project: payments
    state: absent
"""

RETURN = r"""
changes:
  description: The objects that changed, or would change in check mode. Holds names, never values.
  returned: success, and after a run that failed half-way
  type: list
  elements: dict
  sample:
    - kind: retention_policy
      name: payments
      action: create
      fields: [project, rules, schedule]
summary:
  description: Number of objects by what was done. C(unchanged) counts the declared ones that were as declared.
  returned: success, and after a run that failed half-way
  type: dict
  sample:
    create: 1
    update: 0
    delete: 0
    unchanged: 0
reports:
  description: What Harbor's dry run of the new rules found, before they were enabled. None where there was nothing to find.
  returned: when a dry run was made
  type: list
  elements: dict
  sample:
    - kind: retention_policy
      name: payments
      dry_run:
        total: 40
        retained: 30
        deleted: 10
        deleted_percent: 25.0
        repositories:
          - {repository: app, total: 40, retained: 30}
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
from ansible_collections.dockmaster.harbor.plugins.module_utils._resources.retention_policy import RETENTION_POLICY


def main() -> None:
    """Run the module."""
    run_resource(RETENTION_POLICY)


if __name__ == "__main__":
    main()
