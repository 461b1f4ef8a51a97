#!/usr/bin/python
# Copyright: the dockmaster.harbor contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: system_info
short_description: Read version, health and storage of Harbor
version_added: 1.0.0
description:
  - Returns what Harbor says about itself.
author:
  - The dockmaster.harbor contributors (@dockmaster)
extends_documentation_fragment:
  - dockmaster.harbor._connection
  - dockmaster.harbor._attributes
  - dockmaster.harbor._attributes.read
seealso:
  - module: dockmaster.harbor.configuration_info
  - module: dockmaster.harbor.audit_log_info
"""

EXAMPLES = r"""
- name: Ask Harbor how it is
  dockmaster.harbor.system_info:
  register: harbor

- name: Stop here unless everything is well
  ansible.builtin.assert:
    that: harbor.healthy
    fail_msg: "{{ harbor.unhealthy | join(', ') }} of Harbor {{ harbor.version }} have problems"

- name: Warn when local storage fills up
  ansible.builtin.debug:
    msg: Less than a tenth of the storage is free
  loop: "{{ harbor.storage.volumes | default([], true) }}"
  when: item.free < item.total / 10
"""

RETURN = r"""
version:
  description: Version as Harbor spells it.
  returned: success
  type: str
  sample: v2.15.2-080b0220
version_numbers:
  description: The three numbers of the version, to compare with.
  returned: success
  type: list
  elements: int
  sample: [2, 15, 2]
healthy:
  description: Whether Harbor calls itself healthy as a whole.
  returned: success
  type: bool
  sample: true
components:
  description: State of each component, with the error where Harbor tells one.
  returned: success
  type: dict
  sample:
    core: {status: healthy, error: ""}
    database: {status: healthy, error: ""}
unhealthy:
  description: Names of the components that are not healthy.
  returned: success
  type: list
  elements: str
  sample: []
storage:
  description:
    - Driver of the registry's storage, and size and free space of local disks in bytes.
    - C(volumes) is null for callers who may not know, and empty where Harbor knows nothing of a disk.
  returned: success
  type: dict
  sample:
    provider: s3
    volumes: []
statistics:
  description: Numbers of projects and repositories that the caller sees, and for an administrator the bytes that all projects use.
  returned: success
  type: dict
  sample:
    total_project_count: 12
    total_repo_count: 140
    total_storage_consumption: 52428800
auth_mode:
  description: How users log in.
  returned: success
  type: str
  sample: db_auth
primary_auth_mode:
  description: Whether the login page offers the identity provider first.
  returned: success
  type: bool
  sample: false
self_registration:
  description: Whether anybody may make an account.
  returned: success
  type: bool
  sample: false
project_creation_restriction:
  description: Who may make projects.
  returned: success
  type: str
  sample: adminonly
read_only:
  description: Whether Harbor takes no pushes and deletes.
  returned: success
  type: bool
  sample: false
external_url:
  description: Address under which Harbor believes to be reached.
  returned: success
  type: str
  sample: https://registry.example.com
"""

from ansible_collections.dockmaster.harbor.plugins.module_utils._module_actions import run_report
from ansible_collections.dockmaster.harbor.plugins.module_utils._reports.system_info import SYSTEM_INFO


def main() -> None:
    """Run the module."""
    run_report(SYSTEM_INFO)


if __name__ == "__main__":
    main()
