# Copyright: the dockmaster.harbor contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""One HTTP exchange at a time over a shared, cookie-less requests.Session; says in words why no answer came.

Private to this collection. Knows no resource, no credentials and no AnsibleModule. Safe to share between threads:
a thread only calls exchange().
"""

from __future__ import annotations

import json
import ssl
import traceback
import typing as t
import warnings
from dataclasses import dataclass, field
from http.cookiejar import DefaultCookiePolicy

from ansible_collections.dockmaster.harbor.plugins.module_utils._errors import Error, TransportError

try:
    import requests
    from requests.adapters import HTTPAdapter

    HAS_REQUESTS = True
    REQUESTS_IMPORT_ERROR: str | None = None
except ImportError:
    HAS_REQUESTS = False
    REQUESTS_IMPORT_ERROR = traceback.format_exc()

if t.TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

# A host that does not answer the TCP handshake within this time is down; harbor_timeout is for slow answers.
CONNECT_TIMEOUT = 10.0
ENCODING = {"Accept-Encoding": "gzip, deflate"}

# OpenSSL's X509_V_ERR_* numbers, see openssl-verification-options(1).
TLS_REASONS = {
    9: "its certificate is not valid yet (check the clocks)",
    10: "its certificate has expired",
    18: "its certificate is self-signed and not trusted",
    19: "its certificate was signed by an unknown CA",
    20: "its certificate was signed by an unknown CA",
    21: "its certificate was signed by an unknown CA",
    62: "its certificate was made for another host name",
    64: "its certificate was made for another IP address",
}


@dataclass(frozen=True, kw_only=True)
class Connection:
    """How to reach Harbor: url like https://registry.example.com, timeout in seconds, workers in threads."""

    url: str
    username: str
    password: str = field(repr=False)
    ca_path: str | None = None
    validate_certs: bool = True
    timeout: float = 60.0
    workers: int = 8

    def problems(self) -> Iterator[str]:
        """Yield what is wrong with these values, in the user's words."""
        if "@" in self.url:
            yield "harbor_url: must not hold a user name or password; allowed: an address such as https://registry.example.com"
        elif not self.url.startswith(("https://", "http://")):
            yield f"harbor_url: {self.url!r} must start with https:// or http://"
        elif "/api" in self.url:
            yield f"harbor_url: {self.url!r} must be the address of Harbor without /api/v2.0"
        for name in ("username", "password"):
            if not getattr(self, name):
                yield f"harbor_{name}: must not be empty"
        if self.workers < 1 or self.workers > 64:
            yield f"harbor_workers: {self.workers} must be 1 to 64"
        if self.timeout <= 0:
            yield f"harbor_timeout: {self.timeout} must be more than 0 seconds"


@dataclass(frozen=True, kw_only=True)
class Reply:
    """One HTTP answer: headers with lower-case names, cookies that it set, body as text."""

    status: int
    headers: Mapping[str, str] = field(repr=False)
    cookies: Mapping[str, str] = field(repr=False)
    text: str = field(repr=False)

    def data(self) -> t.Any:
        """Return the JSON body, or None where there is none (Harbor answers many calls with an empty body)."""
        if not self.text.strip():
            return None
        try:
            return json.loads(self.text)
        except ValueError:
            return None


class Transport:
    """Sends requests to one Harbor. Holds no credentials: callers pass the headers of each request."""

    def __init__(self, connection: Connection) -> None:
        self.url = connection.url.rstrip("/")
        self._verify: bool | str = connection.ca_path or True if connection.validate_certs else False
        self._timeout = (min(CONNECT_TIMEOUT, connection.timeout), connection.timeout)
        if not connection.validate_certs:  # the module warns once, in its own words
            warnings.filterwarnings("ignore", message="Unverified HTTPS request")
        self._session = requests.Session()
        # A remembered session cookie makes Harbor ask for a CSRF token on every write (src/server/middleware/csrf/csrf.go).
        self._session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
        adapter = HTTPAdapter(pool_connections=1, pool_maxsize=connection.workers, max_retries=0, pool_block=True)
        self._session.mount("https://", adapter)
        self._session.mount("http://", adapter)
        # Session.request would look proxies and CA files up in the environment for every request: two thirds of its own time.
        self._settings = self._session.merge_environment_settings(self.url, {}, None, self._verify, None)

    def exchange(
        self,
        method: str,
        path: str,
        *,
        headers: Mapping[str, str],
        params: Mapping[str, t.Any] | None = None,
        body: bytes | None = None,
    ) -> Reply:
        """Send one request, return its answer whatever the status. Raises TransportError when there is none."""
        try:
            # Prepared without the session, which would take credentials for this host from ~/.netrc.
            request = requests.Request(method, self.url + path, params=params, data=body, headers={**ENCODING, **headers}).prepare()
            answer = self._session.send(request, timeout=self._timeout, allow_redirects=False, **self._settings)
        except requests.exceptions.RequestException as error:
            raise _explain(error, method, self.url, path, self._timeout[1]) from None
        except ValueError:  # urllib3's own, for a host name that cannot be encoded
            raise TransportError(f"harbor_url: {self.url!r} is not a valid address", kind="unreachable", sent=False) from None
        except OSError as error:  # requests raises a bare OSError for a missing or unreadable CA file
            raise TransportError(f"harbor_ca_path: {error}", kind="tls", sent=False) from None
        return Reply(
            status=answer.status_code,
            headers={name.lower(): value for name, value in answer.headers.items()},
            cookies=_cookies(answer.raw.headers.getlist("Set-Cookie")),
            text=answer.text,
        )

    def close(self) -> None:
        """Close the kept connections."""
        self._session.close()


def _cookies(headers: list[str]) -> dict[str, str]:
    pairs = (header.split(";", 1)[0].partition("=") for header in headers)
    return {name.strip(): value for name, _equals, value in pairs}


def _explain(error: Exception, method: str, url: str, path: str, timeout: float) -> TransportError:
    chain = list(_chain(error))
    names = {type(link).__name__ for link in chain}
    if isinstance(error, requests.exceptions.SSLError):
        return TransportError(f"{url}: {_tls_reason(chain)}", kind="tls", sent=False)
    if isinstance(error, requests.exceptions.ProxyError):
        return TransportError(
            f"{url}: the proxy of the environment (https_proxy, http_proxy) refused: {_root(chain)}", kind="unreachable", sent=False
        )
    if isinstance(error, requests.exceptions.ConnectTimeout):
        return TransportError(f"{url} cannot be reached: no answer to the connection request", kind="unreachable", sent=False)
    if isinstance(error, requests.exceptions.ReadTimeout) or "ReadTimeoutError" in names:
        return TransportError(f"{method} {path}: no answer within harbor_timeout ({timeout:g} s)", kind="timeout", sent=True)
    if "NewConnectionError" in names or "NameResolutionError" in names:
        return TransportError(f"{url} cannot be reached: {_root(chain)}", kind="unreachable", sent=False)
    if isinstance(error, (requests.exceptions.InvalidURL, requests.exceptions.InvalidSchema)):
        return TransportError(f"harbor_url: {url!r} is not a valid address", kind="unreachable", sent=False)
    return TransportError(f"{method} {path}: the connection broke before the answer came", kind="reset", sent=True)


def _tls_reason(chain: list[BaseException]) -> str:
    for link in chain:
        if isinstance(link, ssl.SSLCertVerificationError):
            reason = TLS_REASONS.get(link.verify_code, f"its certificate was refused ({link.verify_message})")
            return f"{reason}; name the CA that signed it in harbor_ca_path"
    return f"the TLS handshake failed ({_root(chain)}); is it an https address?"


def _root(chain: list[BaseException]) -> str:
    for link in reversed(chain):
        if isinstance(link, OSError) and link.strerror:
            return link.strerror
    return type(chain[-1]).__name__


def _chain(error: BaseException) -> Iterator[BaseException]:
    # requests wraps urllib3's errors in args and reason, Python's own in __cause__ and __context__.
    seen: set[int] = set()
    queue: list[t.Any] = [error]
    while queue:
        link = queue.pop(0)
        if not isinstance(link, BaseException) or id(link) in seen:
            continue
        seen.add(id(link))
        yield link
        queue += [*link.args, getattr(link, "reason", None), link.__cause__, link.__context__]


def require_url(url: str | None) -> str:
    """Return the address without trailing slashes; raises Error when none is given."""
    if not url:
        raise Error("harbor_url: must be set (option, module_defaults or the environment variable HARBOR_URL)")
    return url.rstrip("/")
