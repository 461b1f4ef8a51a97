# Copyright: the dockmaster.harbor contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The events that Harbor records in its audit log. Pure. Private to this collection."""

from __future__ import annotations

# GET /auditlog-exts/events of Harbor 2.15.2; the same in 2.13 and 2.14.
RECORDED = frozenset(
    (
        "create_artifact",
        "delete_artifact",
        "pull_artifact",
        "create_project",
        "delete_project",
        "delete_repository",
        "login_user",
        "logout_user",
        "create_user",
        "delete_user",
        "update_user",
        "create_robot",
        "delete_robot",
        "update_configuration",
    )
)
# The purge has a word for all but the events of artifacts.
PURGED = RECORDED | {"other"}
