# Copyright: the dockmaster.harbor contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The table: every resource, in the order in which objects need each other. Private to this collection.

The imports are static because Ansible ships only those module_utils to a module that it finds by reading the source.
"""

from __future__ import annotations

from ansible_collections.dockmaster.harbor.plugins.module_utils._resources.immutable_tag_rule import IMMUTABLE_TAG_RULE
from ansible_collections.dockmaster.harbor.plugins.module_utils._resources.label import LABEL
from ansible_collections.dockmaster.harbor.plugins.module_utils._resources.project import PROJECT
from ansible_collections.dockmaster.harbor.plugins.module_utils._resources.project_member import PROJECT_MEMBER
from ansible_collections.dockmaster.harbor.plugins.module_utils._resources.registry import REGISTRY
from ansible_collections.dockmaster.harbor.plugins.module_utils._resources.replication_policy import REPLICATION_POLICY
from ansible_collections.dockmaster.harbor.plugins.module_utils._resources.robot import ROBOT
from ansible_collections.dockmaster.harbor.plugins.module_utils._resources.user import USER
from ansible_collections.dockmaster.harbor.plugins.module_utils._resources.user_group import USER_GROUP

RESOURCES = (REGISTRY, USER_GROUP, USER, PROJECT, LABEL, PROJECT_MEMBER, ROBOT, IMMUTABLE_TAG_RULE, REPLICATION_POLICY)
