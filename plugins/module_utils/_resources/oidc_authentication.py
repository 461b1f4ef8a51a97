# Copyright: the dockmaster.harbor contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The settings of OpenID Connect authentication. Private to this collection."""

from __future__ import annotations

import json
import re
import typing as t

from ansible_collections.dockmaster.harbor.plugins.module_utils import _codec as codec
from ansible_collections.dockmaster.harbor.plugins.module_utils._resource import Desired, Live, Resource, Wave, World
from ansible_collections.dockmaster.harbor.plugins.module_utils._resources import _configurations as settings

if t.TYPE_CHECKING:
    from collections.abc import Iterable

    from ansible_collections.dockmaster.harbor.plugins.module_utils._http import Api

KIND = "oidc_authentication"
# Where before_plan() leaves what it found for check().
PROBLEMS = "oidc_problems"
# Errors of Python's parser of regular expressions that Harbor's has too; others are a matter of dialect.
BROKEN = ("missing )", "unbalanced parenthesis", "unterminated character set", "nothing to repeat")


def before_plan(api: Api, world: World) -> None:
    """Let Harbor reach the provider at its new address."""
    desired, live = world.declared[KIND][()], world.live[KIND][()]
    values = settings.merged(desired, live)
    address = values["oidc_endpoint"]
    if not address or not {"oidc_endpoint", "oidc_verify_cert"} & settings.differing(desired, live).keys():
        return
    if world.read_only:
        world.warnings.append(f"{KIND}: the provider was not tried before it is saved: Harbor refuses to in read-only mode")
        return
    refusal = api.ask("/system/oidc/ping", {"url": address, "verify_cert": values["oidc_verify_cert"]})
    if refusal:
        world.extra[PROBLEMS] = [f"oidc_endpoint: Harbor cannot use the provider at {address}: {refusal}"]


def check(world: World, desired: Desired, live: Live | None) -> Iterable[str]:
    """Yield what Harbor takes without a word and fails on at the first login."""
    yield from settings.fixed(desired, live)
    yield from settings.rule(desired, live, "oidc_endpoint", settings.is_web_address, "an http or https address")
    yield from settings.rule(
        desired,
        live,
        "oidc_scope",
        lambda found: not found or ("openid" in found and not any(re.search(r"\s", word) for word in found)),
        "words without white space, openid among them",
    )
    yield from settings.rule(desired, live, "oidc_group_filter", _is_expression, "a regular expression")
    yield from world.extra.get(PROBLEMS, ())


def _is_expression(text: str) -> bool:
    try:
        re.compile(text)
    except re.error as error:
        return not str(error).startswith(BROKEN)
    return True


def unexported(world: World, live: Live) -> bool:
    """Defaults of a mode that is not in use would overwrite nothing, but say nothing either."""
    return not live.values["oidc_endpoint"]


def _parameters(value: t.Any) -> dict[str, str]:
    if not all(isinstance(part, str) for part in value.values()):
        raise ValueError("text for each name; quote numbers and truth values")
    return dict(value)


def _from_json(text: t.Any) -> dict[str, str] | None:
    try:
        found = json.loads(text or "{}")
    except ValueError:
        return None
    return found if isinstance(found, dict) else None


def _to_json(value: dict[str, str]) -> str:
    return json.dumps(value, sort_keys=True)


OIDC_AUTHENTICATION = Resource(
    name=KIND,
    plural=KIND,
    title="Settings of OpenID Connect authentication",
    wave=Wave.SETTINGS,
    paths=(settings.PATH, "/system/oidc/ping"),
    permission="configuration",
    singleton=True,
    lane=settings.LANE,
    read_only_safe=True,
    id_field="",
    list=settings.listing,
    update=settings.update,
    before_plan=before_plan,
    check=check,
    unexported=unexported,
    fields=(
        settings.setting("oidc_name", "Name of the provider on the login page."),
        settings.setting("oidc_endpoint", "Address of the provider (its issuer).", clean=codec.text),
        settings.flag("oidc_verify_cert", "Whether the certificate of the provider is checked.", absent=True),
        settings.setting("oidc_client_id", "Client identifier at the provider."),
        settings.setting(
            "oidc_client_secret",
            (
                "Secret that belongs to O(oidc_client_id). Harbor never gives it back.",
                "It is sent whenever O(oidc_client_id) changes, and with V(always) in O(update_secret); there is no way to try it out.",
            ),
            secret=True,
            follows="oidc_client_id",
            clean=codec.filled_in,
        ),
        settings.words("oidc_scope", "Scopes that Harbor asks for, in any order, V(openid) among them."),
        settings.setting("oidc_user_claim", "Claim that becomes the name of a new user, such as V(preferred_username)."),
        settings.flag("oidc_auto_onboard", "Whether a new user gets the name from the claim without being asked."),
        settings.setting("oidc_groups_claim", "Claim that lists the groups of a user."),
        settings.setting("oidc_admin_group", "Group whose members are administrators."),
        settings.setting("oidc_group_filter", "Regular expression for the groups that Harbor takes over. Empty for all."),
        settings.flag("oidc_logout", "Whether logging out of Harbor also ends the session at the provider."),
        settings.setting(
            "oidc_extra_redirect_parms",
            "Names and values that are added to the address of the provider's login page. An empty dictionary for none.",
            type="dict",
            absent={},
            clean=_parameters,
            decode=_from_json,
            encode=_to_json,
        ),
    ),
)
