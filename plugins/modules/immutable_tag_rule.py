#!/usr/bin/python
# Copyright: the dockmaster.harbor contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: immutable_tag_rule
short_description: Manage rules that make tags immutable in Harbor
version_added: 1.0.0
description:
  - Creates, switches and deletes a rule of a project that forbids to overwrite or delete tags.
  - A rule has no name; it is what it selects. A rule with other selectors is another rule.
  - Where Harbor holds several rules with the same selectors, they are treated as one. Of several selectors of one kind Harbor
    evaluates the first, and so does this module.
author:
  - The dockmaster.harbor contributors (@dockmaster)
extends_documentation_fragment:
  - dockmaster.harbor._connection
  - dockmaster.harbor._attributes
  - dockmaster.harbor._attributes.write
  - dockmaster.harbor._options.immutable_tag_rule
seealso:
  - module: dockmaster.harbor.immutable_tag_rule_info
  - module: dockmaster.harbor.state
"""

EXAMPLES = r"""
- name: Protect the tags of releases in all repositories
  dockmaster.harbor.immutable_tag_rule:
    project: payments
    tag_matching: v*

- name: Protect everything but builds of branches in two repositories
  dockmaster.harbor.immutable_tag_rule:
    project: payments
    repo_matching: "{app,web}"
    tag_excluding: branch-*

- name: Lift a rule for a while
  dockmaster.harbor.immutable_tag_rule:
    project: payments
    tag_matching: v*
    disabled: true

- name: Remove a rule
  dockmaster.harbor.immutable_tag_rule:
    project: payments
    tag_matching: v*
    state: absent
"""

RETURN = r"""
changes:
  description: The objects that changed, or would change in check mode. Holds names, never values.
  returned: success, and after a run that failed half-way
  type: list
  elements: dict
  sample:
    - kind: immutable_tag_rule
      name: payments/**:v*
      action: create
      fields: [project, tag_matching]
summary:
  description: Number of objects by what was done. C(unchanged) counts the declared ones that were as declared.
  returned: success, and after a run that failed half-way
  type: dict
  sample:
    create: 1
    update: 0
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
from ansible_collections.dockmaster.harbor.plugins.module_utils._resources.immutable_tag_rule import IMMUTABLE_TAG_RULE


def main() -> None:
    """Run the module."""
    run_resource(IMMUTABLE_TAG_RULE)


if __name__ == "__main__":
    main()
