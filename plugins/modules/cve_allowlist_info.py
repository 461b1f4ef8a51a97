#!/usr/bin/python
# Copyright: the dockmaster.harbor contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: cve_allowlist_info
short_description: Read the CVE allowlist of Harbor
version_added: 1.0.0
description:
  - Returns the list in the form in which M(dockmaster.harbor.cve_allowlist) takes it.
author:
  - The dockmaster.harbor contributors (@dockmaster)
extends_documentation_fragment:
  - dockmaster.harbor._connection
  - dockmaster.harbor._attributes
  - dockmaster.harbor._attributes.read
  - dockmaster.harbor._options.cve_allowlist_info
seealso:
  - module: dockmaster.harbor.cve_allowlist
  - module: dockmaster.harbor.export
"""

EXAMPLES = r"""
- name: Read the list
  dockmaster.harbor.cve_allowlist_info:
  register: found

- name: Show the accepted vulnerabilities
  ansible.builtin.debug:
    msg: "{{ found.cve_allowlist.cves }}"

- name: Keep the list in a file
  ansible.builtin.copy:
    content: "{{ {'cve_allowlist': found.cve_allowlist} | to_nice_yaml }}"
    dest: /root/cve_allowlist.yml
    mode: "0600"
  delegate_to: localhost
"""

RETURN = r"""
cve_allowlist:
  description: All options except secrets.
  returned: success
  type: dict
  sample:
    {cves: [CVE-2026-1000], expires_at: never}
"""

from ansible_collections.dockmaster.harbor.plugins.module_utils._module import run_info
from ansible_collections.dockmaster.harbor.plugins.module_utils._resources.cve_allowlist import CVE_ALLOWLIST


def main() -> None:
    """Run the module."""
    run_info(CVE_ALLOWLIST)


if __name__ == "__main__":
    main()
