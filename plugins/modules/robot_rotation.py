#!/usr/bin/python
# Copyright: the dockmaster.harbor contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: robot_rotation
short_description: Replace a robot account by another one, with overlap
version_added: 1.0.0
description:
  - Makes a successor with the permissions of a robot account under a new name and with a new secret.
    Both work until you say that the old one shall go.
  - Proves with a login that the successor works, at every run. The old robot is only disabled or deleted after that.
  - Every run does what is left to do, so an interrupted rotation is finished by running it again.
  - The permissions are copied once, when the successor is made. The secret is set again when it does not log in.
  - Where M(dockmaster.harbor.state) declares the old robot, declare the successor there before the old one is deleted. It would
    be made again otherwise.
author:
  - The dockmaster.harbor contributors (@dockmaster)
extends_documentation_fragment:
  - dockmaster.harbor._connection
  - dockmaster.harbor._attributes
  - dockmaster.harbor._attributes.operation
options:
  project:
    description: Name of the project that both robots belong to. Without it they are robots of the system.
    type: str
  name:
    description: Name of the robot to be replaced, without prefix and project.
    type: str
    required: true
  successor:
    description:
      - "Name of the robot that takes its place: lower-case letters and digits, separated by single C(.), C(_) or C(-)."
      - A robot of this name that may do less than the old one is taken for somebody else's, and refused.
    type: str
    required: true
  secret:
    description: "Password of the successor: 8 to 128 characters with an upper-case letter, a lower-case letter and a digit."
    type: str
    required: true
  duration:
    description:
      - Days until the successor expires, counted from when it is made, or V(-1) for never. That of the old robot where not given.
    type: int
  description:
    description: What the successor is for. That of the old robot where not given.
    type: str
  old:
    description:
      - What becomes of the old robot once the successor has logged in.
      - V(keep) leaves it alone, so that the new secret can be handed over. A robot that is disabled can be enabled again.
    type: str
    choices: [keep, disable, delete]
    default: keep
seealso:
  - module: dockmaster.harbor.robot
  - module: dockmaster.harbor.robot_info
"""

EXAMPLES = r"""
- name: Make the successor; both secrets work now
  dockmaster.harbor.robot_rotation:
    project: payments
    name: ci-2026
    successor: ci-2027
    secret: "{{ vault_payments_ci_2027_secret }}"
    duration: 365
  register: rotation

- name: Hand the new login over to the build servers
  ansible.builtin.copy:
    content: "{{ {'username': rotation.login, 'password': vault_payments_ci_2027_secret} | ansible.builtin.to_json }}"
    dest: /etc/build/registry.json
    owner: build
    group: build
    mode: "0600"
  no_log: true

- name: Bar the old robot, after another login with the new secret
  dockmaster.harbor.robot_rotation:
    project: payments
    name: ci-2026
    successor: ci-2027
    secret: "{{ vault_payments_ci_2027_secret }}"
    old: disable

- name: Delete it when nobody has missed it
  dockmaster.harbor.robot_rotation:
    project: payments
    name: ci-2026
    successor: ci-2027
    secret: "{{ vault_payments_ci_2027_secret }}"
    old: delete
"""

RETURN = r"""
changes:
  description: The robots that changed, or would change in check mode. Holds names, never values.
  returned: success, and after a run that failed half-way
  type: list
  elements: dict
  sample:
    - kind: robot
      name: payments/ci-2027
      action: create
      fields: [description, duration, name, permissions, project, secret]
    - kind: robot
      name: payments/ci-2026
      action: update
      fields: [disable]
login:
  description: Name that the successor logs in with, prefix and project included.
  returned: success, and after a run that failed half-way
  type: str
  sample: robot$payments+ci-2027
verified:
  description:
    - Whether the successor logged in with the declared secret.
    - Never in check mode while the successor or its secret is still to be made.
  returned: success, and after a run that failed half-way
  type: bool
problems:
  description: What forbids the rotation, one message each. Nothing was written.
  returned: when the plan is refused
  type: list
  elements: str
"""

from ansible_collections.dockmaster.harbor.plugins.module_utils._module_actions import run_rotation


def main() -> None:
    """Run the module."""
    run_rotation()


if __name__ == "__main__":
    main()
