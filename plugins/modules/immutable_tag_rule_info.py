#!/usr/bin/python
# Copyright: the dockmaster.harbor contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: immutable_tag_rule_info
short_description: Read rules that make tags immutable in Harbor
version_added: 1.0.0
description:
  - Returns rules in the form in which M(dockmaster.harbor.immutable_tag_rule) takes them.
  - A rule of other tools that cannot be declared, because its selectors are of an unknown kind or its pattern is none, is returned
    with its id in the place of its patterns.
author:
  - The dockmaster.harbor contributors (@dockmaster)
extends_documentation_fragment:
  - dockmaster.harbor._connection
  - dockmaster.harbor._attributes
  - dockmaster.harbor._attributes.read
  - dockmaster.harbor._options.immutable_tag_rule_info
seealso:
  - module: dockmaster.harbor.immutable_tag_rule
  - module: dockmaster.harbor.export
"""

EXAMPLES = r"""
- name: Read the rules of all projects
  dockmaster.harbor.immutable_tag_rule_info:
  register: all_rules

- name: Read those of one project
  dockmaster.harbor.immutable_tag_rule_info:
    project: payments
  register: found

- name: Show what they protect
  ansible.builtin.debug:
    msg: "{{ found.immutable_tag_rules | map(attribute='tag_matching', default='all but some') }}"
"""

RETURN = r"""
immutable_tag_rules:
  description: The rules with all their options, sorted, and Harbor's C(id) of each.
  returned: success
  type: list
  elements: dict
  sample:
    - {project: payments, repo_matching: '**', tag_matching: v*, disabled: false, id: 4}
"""

from ansible_collections.dockmaster.harbor.plugins.module_utils._module import run_info
from ansible_collections.dockmaster.harbor.plugins.module_utils._resources.immutable_tag_rule import IMMUTABLE_TAG_RULE


def main() -> None:
    """Run the module."""
    run_info(IMMUTABLE_TAG_RULE)


if __name__ == "__main__":
    main()
