# Copyright: the dockmaster.harbor contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The settings of authentication by an HTTP proxy that speaks Kubernetes' token reviews. Private to this collection."""

from __future__ import annotations

import typing as t

from ansible_collections.dockmaster.harbor.plugins.module_utils import _codec as codec
from ansible_collections.dockmaster.harbor.plugins.module_utils._resource import Desired, Live, Resource, Wave, World
from ansible_collections.dockmaster.harbor.plugins.module_utils._resources import _configurations as settings

if t.TYPE_CHECKING:
    from collections.abc import Iterable

KIND = "http_authentication"


def check(world: World, desired: Desired, live: Live | None) -> Iterable[str]:
    """Yield what Harbor takes without a word and fails on at the first login."""
    yield from settings.fixed(desired, live)
    for name in ("http_authproxy_endpoint", "http_authproxy_tokenreview_endpoint"):
        yield from settings.rule(desired, live, name, settings.is_web_address, "an http or https address")
    yield from settings.rule(
        desired,
        live,
        "http_authproxy_server_certificate",
        lambda text: not text or "-----BEGIN CERTIFICATE-----" in text,
        "PEM text with -----BEGIN CERTIFICATE-----",
    )


def unexported(world: World, live: Live) -> bool:
    """Defaults of a mode that is not in use would overwrite nothing, but say nothing either."""
    return not live.values["http_authproxy_endpoint"]


HTTP_AUTHENTICATION = Resource(
    name=KIND,
    plural=KIND,
    title="Settings of authentication by an HTTP proxy",
    wave=Wave.SETTINGS,
    paths=(settings.PATH,),
    permission="configuration",
    singleton=True,
    lane=settings.LANE,
    read_only_safe=True,
    id_field="",
    list=settings.listing,
    update=settings.update,
    check=check,
    unexported=unexported,
    fields=(
        settings.setting("http_authproxy_endpoint", "Address that checks a name and a password.", clean=codec.text),
        settings.setting("http_authproxy_tokenreview_endpoint", "Address that reviews tokens.", clean=codec.text),
        settings.flag("http_authproxy_verify_cert", "Whether the certificates of both are checked.", absent=True),
        settings.setting(
            "http_authproxy_server_certificate",
            "PEM text of the certificate that both must show. Empty for the certificates that Harbor trusts anyway.",
            clean=codec.text,
            decode=codec.text,
        ),
        settings.flag("http_authproxy_skip_search", "Whether people may be added before their first login without a search for them."),
        settings.words("http_authproxy_admin_groups", "Groups whose members are administrators, in any order."),
        settings.words("http_authproxy_admin_usernames", "Users who are administrators, in any order."),
    ),
)
