# Copyright: the dockmaster.harbor contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Harbor's configuration but for the settings of LDAP, OIDC and HTTP authentication. Private to this collection."""

from __future__ import annotations

import typing as t

from ansible_collections.dockmaster.harbor.plugins.module_utils import _codec as codec
from ansible_collections.dockmaster.harbor.plugins.module_utils._errors import ApiError, Error
from ansible_collections.dockmaster.harbor.plugins.module_utils._resource import Change, Desired, Live, Resource, Turn, Values, Wave, World
from ansible_collections.dockmaster.harbor.plugins.module_utils._resources import _banner as banner
from ansible_collections.dockmaster.harbor.plugins.module_utils._resources import _configurations as settings
from ansible_collections.dockmaster.harbor.plugins.module_utils._resources import _events as events

if t.TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from ansible_collections.dockmaster.harbor.plugins.module_utils._http import Api

ENDPOINT = "audit_log_forward_endpoint"
MODES = ("db_auth", "ldap_auth", "oidc_auth", "http_auth", "uaa_auth")
# Without this key a mode lets nobody in but the administrator: the resource that declares it, and the key.
NEEDED = {
    "ldap_auth": ("ldap_authentication", "ldap_url"),
    "oidc_auth": ("oidc_authentication", "oidc_endpoint"),
    "http_auth": ("http_authentication", "http_authproxy_endpoint"),
    "uaa_auth": ("configuration", "uaa_endpoint"),
}


def update(api: Api, world: World, change: Change) -> None:
    """PUT merges. An audit endpoint that Harbor cannot reach is refused, yet stays in the memory of its core: take it out there."""
    try:
        settings.update(api, world, change)
    except ApiError as error:
        if ENDPOINT in change.fields and error.status == 400:
            _forget(api, change.before[ENDPOINT])
        raise


def _forget(api: Api, endpoint: str) -> None:
    """Make GET tell the truth again. Whether Harbor takes or refuses the former address, it is what its memory holds then."""
    try:
        api.put(settings.PATH, {ENDPOINT: endpoint})
    except Error:
        return


def before_plan(api: Api, world: World) -> None:
    """Let the rest of the plan go by what will be in force: the mode is written first of all, and so is the end of read-only mode."""
    declared = world.declared["configuration"][()]
    world.auth_mode = declared.values.get("auth_mode", world.auth_mode)
    if declared.values.get("read_only") is False:
        world.read_only = False


def check(world: World, desired: Desired, live: Live | None) -> Iterable[str]:
    """Yield what Harbor would refuse, or accept to the user's surprise."""
    yield from settings.fixed(desired, live)
    after = settings.merged(desired, live)
    if "auth_mode" in settings.differing(desired, live) and live:
        yield from _check_mode(world, after, live)
    if (
        after["skip_audit_log_database"]
        and not after[ENDPOINT]
        and {"skip_audit_log_database", ENDPOINT} & settings.differing(desired, live).keys()
    ):
        yield f"skip_audit_log_database: needs an {ENDPOINT}, audit events would be lost without one"
    known = events.RECORDED | (live.values["disabled_audit_log_event_types"] if live else frozenset())
    yield from settings.rule(
        desired, live, "disabled_audit_log_event_types", lambda found: found <= known, ", ".join(sorted(events.RECORDED))
    )
    yield from settings.rule(
        desired,
        live,
        "banner_message",
        banner.is_ever_shown,
        "from_date, to_date or both with the text, the latter the later one; otherwise Harbor's pages never show it",
    )
    yield from settings.rule(desired, live, "uaa_endpoint", settings.is_web_address, "an http or https address")


def _check_mode(world: World, after: Values, live: Live) -> Iterator[str]:
    mode, before = after["auth_mode"], live.values["auth_mode"]
    if live.raw["auth_mode"].get("editable") is False and not settings.is_fixed(live):
        yield (
            f"auth_mode: cannot be changed from {before!r} to {mode!r} while Harbor has users other than its administrator; "
            "delete them in a run before"
        )
    kind, name = NEEDED.get(mode, ("", ""))
    if kind:
        declared = world.declared.get(kind, {}).get(())
        value = (declared.values if declared else {}).get(name, live.raw.get(name, {}).get("value"))
        if not value:
            yield f"auth_mode: {mode!r} needs {name} of {kind}, which is empty: nobody but the administrator could log in"


def read_only_turn(value: bool) -> Turn:
    """Nothing can be written while Harbor is read-only."""
    return Turn.LAST if value else Turn.FIRST


def last(value: t.Any) -> Turn:
    """Wait for everything else."""
    return Turn.LAST


CONFIGURATION = Resource(
    name="configuration",
    plural="configuration",
    title="Configuration of the system",
    wave=Wave.SETTINGS,
    paths=(settings.PATH,),
    permission="configuration",
    singleton=True,
    lane=settings.LANE,
    read_only_safe=True,
    id_field="",
    list=settings.listing,
    update=update,
    before_plan=before_plan,
    check=check,
    fields=(
        settings.setting(
            "auth_mode",
            (
                "Where users come from. Harbor changes it only while it has no user but its administrator.",
                "The rest of the run goes by the declared mode.",
            ),
            choices=MODES,
            absent="db_auth",
        ),
        settings.flag("primary_auth_mode", "Whether the login page leads straight to the identity provider."),
        settings.flag("self_registration", "Whether people may make themselves an account. Only for V(db_auth) in O(auth_mode)."),
        settings.setting(
            "project_creation_restriction",
            "Who may create projects.",
            choices=("everyone", "adminonly"),
            absent="everyone",
        ),
        settings.flag(
            "read_only",
            (
                "Whether nothing can be pushed, deleted or changed.",
                "It is switched on by the last write of a run, and off by the first.",
            ),
            turn=read_only_turn,
        ),
        settings.number("token_expiration", "How long a token for a push or pull is good, in minutes.", absent=30),
        settings.number("session_timeout", "How long an idle session in the web pages lasts, in minutes.", absent=60),
        settings.number("robot_token_duration", "Days that a new robot lasts when it says nothing itself.", absent=30),
        settings.setting(
            "robot_name_prefix",
            (
                "What robots' names begin with. Changing it changes the login of every robot at once.",
                "It is changed by the last write of a run.",
            ),
            clean=codec.text,
            turn=last,
        ),
        settings.flag("notification_enable", "Whether webhooks are sent.", absent=True),
        settings.flag("quota_per_project_enable", "Whether storage is counted and limited per project.", absent=True),
        settings.flag("scanner_skip_update_pulltime", "Whether pulls by scanners leave the time of the last pull as it is."),
        settings.setting(
            ENDPOINT,
            (
                "Syslog server for audit events as host and port, such as V(syslog.example.com:514). Empty for none.",
                "Harbor connects to it before it takes the change.",
            ),
            clean=codec.text,
        ),
        settings.flag("skip_audit_log_database", f"Whether audit events only go to O({ENDPOINT}) and not into the database."),
        settings.words(
            "disabled_audit_log_event_types",
            f"Kinds of events that are not recorded, in any order: {', '.join(f'V({name})' for name in sorted(events.RECORDED))}.",
        ),
        settings.setting(
            "banner_message",
            (
                "Message at the top of the web pages. Replaces the former one; an empty dictionary removes it.",
                "Harbor shows it only with one of C(from_date) and C(to_date).",
            ),
            type="dict",
            options=banner.OPTIONS,
            absent={},
            clean=banner.clean,
            decode=banner.decode,
            encode=banner.encode,
            show=banner.show,
        ),
        settings.setting("uaa_endpoint", "Address of the UAA server, for V(uaa_auth) in O(auth_mode).", clean=codec.text),
        settings.setting("uaa_client_id", "Client identifier at the UAA server."),
        settings.setting(
            "uaa_client_secret",
            "Secret that belongs to O(uaa_client_id). Harbor gives it back, so it is compared at every run, but never shown.",
            secret=True,
            readable=True,
            clean=codec.filled_in,
        ),
        settings.flag("uaa_verify_cert", "Whether the certificate of the UAA server is checked."),
    ),
)
