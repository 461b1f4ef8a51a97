# Copyright: the dockmaster.harbor contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the user reads when something goes wrong. Every str() here is a finished message.

Private to this collection. Knows no HTTP library, no resource and no AnsibleModule.
"""

from __future__ import annotations

import typing as t

if t.TYPE_CHECKING:
    from collections.abc import Sequence


class Error(Exception):
    """Base of every error that this collection raises on purpose."""


class TransportError(Error):
    """No HTTP answer came back.

    kind is one of unreachable, timeout, reset and tls. sent says whether Harbor may have seen the request.
    """

    def __init__(self, message: str, *, kind: str, sent: bool) -> None:
        super().__init__(message)
        self.kind = kind
        self.sent = sent


class ApiError(Error):
    """Harbor refused a request. The text holds method, path, status and Harbor's own reason, never a request body."""

    def __init__(self, method: str, path: str, status: int, *, code: str = "", reason: str = "", hint: str = "") -> None:
        self.method, self.path, self.status, self.code, self.reason = method, path, status, code, reason
        text = f"{method} {path} answered {status}"
        if code:
            text += f" {code}"
        if reason:
            text += f": {reason}"
        if hint:
            text += f" ({hint})"
        super().__init__(text)


class AmbiguousError(Error):
    """A POST went out, but whether Harbor carried it out is unknown (reset, timeout, 502, 503 or 504)."""

    def __init__(self, cause: Error) -> None:
        super().__init__(f"{cause}; whether it took effect is unknown")
        self.cause = cause


class CredentialsError(Error):
    """harbor_username and harbor_password were refused."""


class ReadOnlyError(Error):
    """A write was tried through a read-only Api. This is a bug of this collection, not of the user."""


class PlanError(Error):
    """The desired state cannot be carried out. Nothing was written."""

    def __init__(self, problems: Sequence[str]) -> None:
        self.problems = list(problems)
        if len(self.problems) == 1:
            text = f"{self.problems[0]} (nothing was written)"
        else:
            text = "\n- ".join([f"{len(self.problems)} problems, nothing was written:", *self.problems])
        super().__init__(text)


class ApplyError(Error):
    """Some changes failed. Holds the messages of all failures; what was done is in the result of the module."""

    def __init__(self, failures: Sequence[str], *, done: int, left: int) -> None:
        self.failures = list(failures)
        self.done, self.left = done, left
        head = f"{len(self.failures)} change(s) failed, {done} done, {left} not started:"
        super().__init__("\n- ".join([head, *self.failures]))
