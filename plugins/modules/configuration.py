#!/usr/bin/python
# Copyright: the dockmaster.harbor contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: configuration
short_description: Manage the configuration of Harbor
version_added: 1.0.0
description:
  - Changes settings of the whole Harbor. Only those that are given are compared and sent.
  - The settings of LDAP, OIDC and HTTP authentication have modules of their own.
  - Only the administrators of Harbor may do this, and no robot account.
  - Where the environment of Harbor's core holds the configuration (C(CONFIG_OVERWRITE_JSON)), every change is refused.
author:
  - The dockmaster.harbor contributors (@dockmaster)
extends_documentation_fragment:
  - dockmaster.harbor._connection
  - dockmaster.harbor._attributes
  - dockmaster.harbor._attributes.write
  - dockmaster.harbor._options.configuration
seealso:
  - module: dockmaster.harbor.configuration_info
  - module: dockmaster.harbor.state
  - module: dockmaster.harbor.ldap_authentication
  - module: dockmaster.harbor.oidc_authentication
  - module: dockmaster.harbor.http_authentication
"""

EXAMPLES = r"""
- name: Have tokens, sessions and robots last as long as they should
  dockmaster.harbor.configuration:
    token_expiration: 30
    session_timeout: 60
    robot_token_duration: 90
    project_creation_restriction: adminonly
    self_registration: false

- name: Announce the maintenance
  dockmaster.harbor.configuration:
    banner_message:
      text: Harbor will be read-only on Saturday morning
      type: warning
      closable: true
      from_date: "2027-01-25"
      to_date: "2027-01-31"

- name: Stop all writes for a while
  dockmaster.harbor.configuration:
    read_only: true

- name: Send audit events to syslog and record no pulls
  dockmaster.harbor.configuration:
    audit_log_forward_endpoint: syslog.example.com:514
    disabled_audit_log_event_types: [pull_artifact]
"""

RETURN = r"""
changes:
  description: The objects that changed, or would change in check mode. Holds names, never values.
  returned: success, and after a run that failed half-way
  type: list
  elements: dict
  sample:
    - kind: configuration
      name: configuration
      action: update
      fields: [session_timeout]
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
from ansible_collections.dockmaster.harbor.plugins.module_utils._resources.configuration import CONFIGURATION


def main() -> None:
    """Run the module."""
    run_resource(CONFIGURATION)


if __name__ == "__main__":
    main()
