# Copyright: the dockmaster.harbor contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The table of reports. Private to this collection.

The imports are static because Ansible ships only those module_utils to a module that it finds by reading the source.
"""

from __future__ import annotations

from ansible_collections.dockmaster.harbor.plugins.module_utils._reports.audit_log_info import AUDIT_LOG_INFO
from ansible_collections.dockmaster.harbor.plugins.module_utils._reports.permission_info import PERMISSION_INFO
from ansible_collections.dockmaster.harbor.plugins.module_utils._reports.system_info import SYSTEM_INFO
from ansible_collections.dockmaster.harbor.plugins.module_utils._reports.vulnerability_info import VULNERABILITY_INFO

REPORTS = (SYSTEM_INFO, AUDIT_LOG_INFO, VULNERABILITY_INFO, PERMISSION_INFO)
