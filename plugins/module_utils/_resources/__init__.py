# Copyright: the dockmaster.harbor contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The table: every resource, in the order in which objects need each other. Private to this collection.

The imports are static because Ansible ships only those module_utils to a module that it finds by reading the source.
"""

from __future__ import annotations

from ansible_collections.dockmaster.harbor.plugins.module_utils._resources.audit_log_purge import AUDIT_LOG_PURGE
from ansible_collections.dockmaster.harbor.plugins.module_utils._resources.configuration import CONFIGURATION
from ansible_collections.dockmaster.harbor.plugins.module_utils._resources.cve_allowlist import CVE_ALLOWLIST
from ansible_collections.dockmaster.harbor.plugins.module_utils._resources.garbage_collection import GARBAGE_COLLECTION
from ansible_collections.dockmaster.harbor.plugins.module_utils._resources.http_authentication import HTTP_AUTHENTICATION
from ansible_collections.dockmaster.harbor.plugins.module_utils._resources.immutable_tag_rule import IMMUTABLE_TAG_RULE
from ansible_collections.dockmaster.harbor.plugins.module_utils._resources.label import LABEL
from ansible_collections.dockmaster.harbor.plugins.module_utils._resources.ldap_authentication import LDAP_AUTHENTICATION
from ansible_collections.dockmaster.harbor.plugins.module_utils._resources.oidc_authentication import OIDC_AUTHENTICATION
from ansible_collections.dockmaster.harbor.plugins.module_utils._resources.preheat_instance import PREHEAT_INSTANCE
from ansible_collections.dockmaster.harbor.plugins.module_utils._resources.preheat_policy import PREHEAT_POLICY
from ansible_collections.dockmaster.harbor.plugins.module_utils._resources.project import PROJECT
from ansible_collections.dockmaster.harbor.plugins.module_utils._resources.project_member import PROJECT_MEMBER
from ansible_collections.dockmaster.harbor.plugins.module_utils._resources.quota import QUOTA
from ansible_collections.dockmaster.harbor.plugins.module_utils._resources.registry import REGISTRY
from ansible_collections.dockmaster.harbor.plugins.module_utils._resources.replication_policy import REPLICATION_POLICY
from ansible_collections.dockmaster.harbor.plugins.module_utils._resources.repository import REPOSITORY
from ansible_collections.dockmaster.harbor.plugins.module_utils._resources.retention_policy import RETENTION_POLICY
from ansible_collections.dockmaster.harbor.plugins.module_utils._resources.robot import ROBOT
from ansible_collections.dockmaster.harbor.plugins.module_utils._resources.scan_all import SCAN_ALL
from ansible_collections.dockmaster.harbor.plugins.module_utils._resources.scanner import SCANNER
from ansible_collections.dockmaster.harbor.plugins.module_utils._resources.user import USER
from ansible_collections.dockmaster.harbor.plugins.module_utils._resources.user_group import USER_GROUP
from ansible_collections.dockmaster.harbor.plugins.module_utils._resources.webhook_policy import WEBHOOK_POLICY

RESOURCES = (
    LDAP_AUTHENTICATION,
    OIDC_AUTHENTICATION,
    HTTP_AUTHENTICATION,
    CONFIGURATION,
    CVE_ALLOWLIST,
    REGISTRY,
    PREHEAT_INSTANCE,
    SCANNER,
    USER_GROUP,
    USER,
    PROJECT,
    QUOTA,
    REPOSITORY,
    LABEL,
    PROJECT_MEMBER,
    ROBOT,
    IMMUTABLE_TAG_RULE,
    WEBHOOK_POLICY,
    RETENTION_POLICY,
    REPLICATION_POLICY,
    PREHEAT_POLICY,
    SCAN_ALL,
    GARBAGE_COLLECTION,
    AUDIT_LOG_PURGE,
)
