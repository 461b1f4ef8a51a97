# Copyright: the dockmaster.harbor contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The table of actions and operations. Private to this collection.

The imports are static because Ansible ships only those module_utils to a module that it finds by reading the source.
"""

from __future__ import annotations

from ansible_collections.dockmaster.harbor.plugins.module_utils._actions.audit_log_purge_execution import AUDIT_LOG_PURGE_EXECUTION
from ansible_collections.dockmaster.harbor.plugins.module_utils._actions.garbage_collection_execution import GARBAGE_COLLECTION_EXECUTION
from ansible_collections.dockmaster.harbor.plugins.module_utils._actions.job_queue import JOB_QUEUE
from ansible_collections.dockmaster.harbor.plugins.module_utils._actions.ldap_import import LDAP_IMPORT
from ansible_collections.dockmaster.harbor.plugins.module_utils._actions.replication_execution import REPLICATION_EXECUTION
from ansible_collections.dockmaster.harbor.plugins.module_utils._actions.retention_execution import RETENTION_EXECUTION
from ansible_collections.dockmaster.harbor.plugins.module_utils._actions.scan_all_execution import SCAN_ALL_EXECUTION

ACTIONS = (
    REPLICATION_EXECUTION,
    RETENTION_EXECUTION,
    GARBAGE_COLLECTION_EXECUTION,
    SCAN_ALL_EXECUTION,
    AUDIT_LOG_PURGE_EXECUTION,
)
OPERATIONS = (LDAP_IMPORT, JOB_QUEUE)
