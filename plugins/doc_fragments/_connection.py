# Copyright: the dockmaster.harbor contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Options of the connection, on every module. Written by hand."""

from __future__ import annotations


class ModuleDocFragment:
    """How to reach Harbor."""

    DOCUMENTATION = r"""
options:
  harbor_url:
    description:
      - Address of Harbor, such as V(https://registry.example.com), without a path.
      - Taken from the environment variable E(HARBOR_URL) when not given.
    type: str
    required: true
  harbor_username:
    description:
      - Name of a user, or the full name of a robot account.
      - The credentials of a user open one session, since Harbor hashes a password at every other request. Those of a robot go along
        with each request.
      - Taken from the environment variable E(HARBOR_USERNAME) when not given.
    type: str
    required: true
  harbor_password:
    description:
      - Password of the user, or secret of the robot account.
      - Ansible hides this text wherever it occurs in the output, so a short everyday word makes the output hard to read.
      - Taken from the environment variable E(HARBOR_PASSWORD) when not given.
    type: str
    required: true
  harbor_ca_path:
    description:
      - File with the certificates of the CAs to trust instead of those of the system.
      - Taken from the environment variable E(HARBOR_CA_PATH) when not given.
    type: path
  harbor_validate_certs:
    description:
      - Whether Harbor's certificate is checked. Without it anybody on the network path can read the credentials.
      - Taken from the environment variable E(HARBOR_VALIDATE_CERTS) when not given.
    type: bool
    default: true
  harbor_timeout:
    description:
      - Seconds to wait for an answer. Harbor contacts other registries within some requests.
      - Taken from the environment variable E(HARBOR_TIMEOUT) when not given.
    type: float
    default: 60
  harbor_workers:
    description:
      - Number of requests at a time, 1 to 64.
      - Taken from the environment variable E(HARBOR_WORKERS) when not given.
    type: int
    default: 8
requirements:
  - requests
  - PyYAML
notes:
  - Runs on any host that reaches Harbor, usually on the controller with C(delegate_to) or C(hosts) set to V(localhost).
  - Supports Harbor 2.13, 2.14 and 2.15.
"""
