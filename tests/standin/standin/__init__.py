# Copyright: the dockmaster.harbor contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A double of Harbor's own containers for tests: API v2.0, token service and `/v2/` proxy.

It is test equipment, honest only as far as the contract tests say. `standin.server.Server` runs it in memory;
`python -m standin core` (and jobservice, registryctl, portal, trivy-adapter) runs it in a container.
"""

from __future__ import annotations
