# Copyright: the dockmaster.harbor contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The state module in this process, as Ansible runs it on a node, with a count of requests and connections at the door of urllib3."""

from __future__ import annotations

import contextlib
import io
import json
import sys
from typing import Any

from ansible.module_utils.testing import patch_module_args
from ansible_collections.dockmaster.harbor.plugins.modules import state
from urllib3.connectionpool import HTTPConnectionPool

from .content import desired

COUNTS = {"requests": 0, "connections": 0, "refused": 0}


def count() -> None:
    """Wrap what urllib3 calls once for each connection and each request."""
    connect, request = HTTPConnectionPool._new_conn, HTTPConnectionPool._make_request

    def counted_connect(self: HTTPConnectionPool) -> Any:
        COUNTS["connections"] += 1
        return connect(self)

    def counted_request(self: HTTPConnectionPool, *args: Any, **kwargs: Any) -> Any:
        answer = request(self, *args, **kwargs)
        COUNTS["requests"] += 1
        COUNTS["refused"] += answer.status >= 400
        return answer

    HTTPConnectionPool._new_conn = counted_connect  # type: ignore[method-assign]
    HTTPConnectionPool._make_request = counted_request  # type: ignore[method-assign]


def main() -> None:
    """Run the job on standard input and print the counts."""
    job = json.load(sys.stdin)
    count()
    connection = {f"harbor_{name}": value for name, value in job["harbor"].items()}
    content = desired(job["content"], job["projects"])
    arguments = {**connection, "desired": content, "max_delete": sum(map(len, content.values()))}  # named one by one, so meant
    output = io.StringIO()
    with patch_module_args(arguments), contextlib.redirect_stdout(output), contextlib.suppress(SystemExit):
        state.main()
    result = json.loads(output.getvalue())
    if result.get("failed"):
        print(result["msg"])
        sys.exit(1)
    print(json.dumps({**COUNTS, "summary": result["summary"]}))


if __name__ == "__main__":
    main()
