# Copyright: the dockmaster.harbor contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Errors as Harbor answers them: one HTTP status, one code, one message."""

from __future__ import annotations


class ApiError(Exception):
    """An answer that is not 2xx. Raising it inside a request also rolls its transaction back."""

    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(message)
        self.status, self.code, self.message = status, code, message

    def body(self) -> dict[str, list[dict[str, str]]]:
        return {"errors": [{"code": self.code, "message": self.message}]}


class BareError(ApiError):
    """An error without Harbor's usual body: some handlers answer nothing at all, or a list of their own."""

    def __init__(self, status: int, content: str = "", media_type: str = "") -> None:
        super().__init__(status, "", content)
        self.media_type = media_type


class Duplicate(Exception):
    """A unique key is taken. Handlers turn it into 409, or let it become the 500 that Harbor answers."""


def bad_request(message: str) -> ApiError:
    return ApiError(400, "BAD_REQUEST", message)


def unauthorized(message: str = "unauthorized") -> ApiError:
    return ApiError(401, "UNAUTHORIZED", message)


def forbidden(message: str = "forbidden") -> ApiError:
    return ApiError(403, "FORBIDDEN", message)


def denied(message: str) -> ApiError:
    return ApiError(403, "DENIED", message)


def not_found(message: str) -> ApiError:
    return ApiError(404, "NOT_FOUND", message)


def conflict(message: str) -> ApiError:
    return ApiError(409, "CONFLICT", message)


def precondition(message: str) -> ApiError:
    return ApiError(412, "PRECONDITION", message)


def unprocessable(reason: str, prefixes: int = 1) -> ApiError:
    """What go-swagger answers for a request that does not fit the API description; nested checks prefix twice."""
    return ApiError(422, "UNPROCESSABLE_ENTITY", "validation failure list:\n" * prefixes + reason)


def internal() -> ApiError:
    """Harbor hides the reason of every error that it did not foresee."""
    return ApiError(500, "UNKNOWN", "internal server error")
