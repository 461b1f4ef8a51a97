# Copyright: the dockmaster.harbor contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Adapters of vulnerability scanners. Private to this collection."""

from __future__ import annotations

import typing as t

from ansible_collections.dockmaster.harbor.plugins.module_utils import _codec as codec
from ansible_collections.dockmaster.harbor.plugins.module_utils._errors import ApiError
from ansible_collections.dockmaster.harbor.plugins.module_utils._http import segment
from ansible_collections.dockmaster.harbor.plugins.module_utils._resource import (
    Change,
    Desired,
    Field,
    Key,
    Live,
    Raw,
    Resource,
    Values,
    Wave,
    World,
)

if t.TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from ansible_collections.dockmaster.harbor.plugins.module_utils._http import Api

# The name of the scanner that Harbor registers itself; it cannot be changed, nor its name be taken.
BUILT_IN = "Trivy"
NO_AUTH = "none"
AUTHS = {NO_AUTH: "", "basic": "Basic", "bearer": "Bearer", "api_key": "X-ScannerAdapter-API-Key"}
AUTH_NAMES = {theirs: ours for ours, theirs in AUTHS.items()}
SENT = ("name", "url", "description", "auth", "skip_cert_verify", "use_internal_addr", "disabled")
# What a ping depends on.
PINGED = {"url", "auth", "skip_cert_verify", "access_credential"}
# Where before_plan() leaves what it found for check().
REFUSALS = "scanner_refusals"


def listing(api: Api, world: World, project: str) -> Iterator[Raw]:
    """Yield all scanners. Harbor asks each of them what it can do, which takes its time."""
    return api.pages("/scanners")


def create(api: Api, world: World, change: Change) -> None:
    """Create, then make it the default where that is declared. The first scanner of all becomes the default by itself."""
    body = _body(change.after, change.secrets)

    def find() -> str | None:
        raw = next((raw for raw in listing(api, world, "") if raw.get("name") == change.key[0]), None)
        return raw["uuid"] if raw else None

    # Its id is no number, so it is looked up after the creation.
    uuid = world.made["scanners", change.key] = api.create("/scanners", body, find)
    if change.after.get("default"):
        _make_default(api, uuid)


def update(api: Api, world: World, change: Change) -> None:
    """PUT replaces everything but a credential that is left out; older versions show the credential and want it back."""
    if set(change.fields) - {"default"}:
        stored = change.live.raw.get("access_credential") if change.live and "auth" not in change.fields else ""
        api.put(f"/scanners/{segment(change.id)}", _body(change.after, {"access_credential": stored, **change.secrets}))
    if "default" in change.fields and change.after["default"]:
        _make_default(api, change.id)


def _make_default(api: Api, uuid: int | str) -> None:
    api.patch(f"/scanners/{segment(uuid)}", {"is_default": True})


def delete(api: Api, world: World, change: Change) -> None:
    """Delete; projects that use the scanner fall back to the default one."""
    api.delete(f"/scanners/{segment(change.id)}")


def _body(values: Values, secrets: Values) -> Raw:
    body = SCANNER.encode(values, SENT)
    credential = secrets.get("access_credential")
    return body | ({"access_credential": credential} if credential and body.get("auth") else {})


def before_plan(api: Api, world: World) -> None:
    """Let Harbor reach each scanner that is new or has new settings."""
    refusals: dict[Key, str] = {}
    for key, desired in () if world.read_only else world.declared["scanners"].items():
        live = world.find("scanners", *key)
        if not desired.absent and _is_pinged(world, desired, live):
            refusals[key] = _ping(api, desired, live)
    world.extra[REFUSALS] = refusals


def _is_pinged(world: World, desired: Desired, live: Live | None) -> bool:
    values = _merged(desired, live)
    if not values.get("url") or values.get("disabled"):
        return False
    if _checks_certificate(values):
        return False
    if _has_auth(values) and not _credential(desired, live):
        return False  # only Harbor knows it
    changed = {name for name, value in desired.values.items() if live is None or value != live.values.get(name)}
    always = {"access_credential"} if desired.secrets and world.update_secret == "always" else set()
    return bool(PINGED & (changed | always))


def _checks_certificate(values: Values) -> bool:
    """Say whether a ping would check a certificate that is not to be checked; a creation does not."""
    return bool(values.get("skip_cert_verify")) and values["url"].startswith("https:")


def _ping(api: Api, desired: Desired, live: Live | None) -> str:
    body = _body(_merged(desired, live), {"access_credential": _credential(desired, live)})
    return api.ask("/scanners/ping", {name: body[name] for name in ("name", "url", "auth", "access_credential") if name in body})


def _credential(desired: Desired, live: Live | None) -> str:
    return str(desired.secrets.get("access_credential") or (live.raw.get("access_credential") if live else "") or "")


def _has_auth(values: Values) -> bool:
    return values.get("auth", NO_AUTH) != NO_AUTH


def _merged(desired: Desired, live: Live | None) -> Values:
    return {**(live.values if live else {}), **desired.values}


def drifted(api: Api, world: World, desired: Desired, live: Live) -> bool:
    """Say whether the stored credential fails while the declared one works. Older versions show the stored one."""
    shown = live.raw.get("access_credential")
    if shown:
        return bool(shown != desired.secrets["access_credential"])
    if not _has_auth(live.values) or _works(api, live):
        return False
    unchecked = _checks_certificate(_merged(desired, live))
    refusal = "Harbor's ping checks the certificate, so it cannot tell" if unchecked else _ping(api, desired, live)
    if refusal:
        world.warnings.append(f"scanner {live.key[0]}: neither the stored nor the declared access_credential works: {refusal}")
    return not refusal


def _works(api: Api, live: Live) -> bool:
    """Say whether Harbor reaches the scanner with what it has stored."""
    try:
        return api.get(f"/scanners/{segment(live.id)}/metadata") is not None
    except ApiError as error:
        if error.status == 403:
            raise
        return False


def check(world: World, desired: Desired, live: Live | None) -> Iterable[str]:
    """Yield what Harbor would refuse, in words or with a mere 500."""
    if desired.absent:
        yield from _check_absent(world, desired, live)
        return
    changed = {name for name, value in desired.values.items() if live is None or value != live.values.get(name)}
    if desired.key[0] == BUILT_IN and changed - {"default"}:
        yield f"{sorted(changed - {'default', 'name'} or changed)[0]}: {BUILT_IN} is Harbor's own scanner, only its default may be changed"
        return
    values = _merged(desired, live)
    if _has_auth(values) and ("auth" in changed or live is None) and not desired.secrets.get("access_credential"):
        yield f"access_credential: must be given with auth {values['auth']!r}"
    if desired.secrets.get("access_credential") and not _has_auth(values):
        yield "access_credential: needs an auth other than none, Harbor drops it otherwise"
    yield from _check_default(world, desired, live, values)
    twins = [
        key[0] for key, other in world.live.get("scanners", {}).items() if key != desired.key and other.values["url"] == values.get("url")
    ]
    if "url" in changed and any(world.stays("scanners", name) for name in twins):
        yield f"url: {values['url']} is that of scanner {twins[0]}, each scanner has its own"
    refusal = world.extra.get(REFUSALS, {}).get(desired.key)
    if refusal:
        yield f"url: Harbor cannot use the scanner at {values['url']}: {refusal}"


def _check_default(world: World, desired: Desired, live: Live | None, values: Values) -> Iterator[str]:
    winners = sorted(_winners(world))
    wanted = desired.values.get("default")
    if wanted and values.get("disabled"):
        yield "default: a disabled scanner cannot be the default"
    if wanted and len(winners) > 1:
        yield f"default: true for {', '.join(winners)}; allowed: one default"
    if wanted is False and not winners and (live.values["default"] if live else not world.live.get("scanners")):
        yield "default: cannot be taken away, only be given to another scanner; declare one with default: true"
    if live and live.values["default"] and desired.values.get("disabled") and not live.values["disabled"]:
        yield "disabled: Harbor cannot disable its default scanner; let another be the default in a run before"


def _winners(world: World) -> set[str]:
    declared = world.declared.get("scanners", {}).items()
    return {key[0] for key, one in declared if not one.absent and one.values.get("default")}


def _check_absent(world: World, desired: Desired, live: Live | None) -> Iterator[str]:
    if live is None:
        return
    if desired.key[0] == BUILT_IN:
        yield f"state: {BUILT_IN} is Harbor's own scanner and cannot be deleted; it can be replaced as the default"
        return
    all_others = [other for key, other in world.live.get("scanners", {}).items() if key != desired.key]
    others = [other for other in all_others if kept(world, other) or world.stays("scanners", *other.key)]
    if live.values["default"] and others and not _winners(world):
        yield "state: it is the default scanner, Harbor would be left without one; declare another with default: true"


def kept(world: World, live: Live) -> str:
    """Harbor's own scanner is never pruned."""
    return "built in" if live.key[0] == BUILT_IN else ""


def _flag(name: str, doc: str, *, api: str = "") -> Field:
    place = api or name
    return Field(name=name, doc=doc, type="bool", api=place, schema=f"ScannerRegistration.{place}", absent=False)


SCANNER = Resource(
    name="scanner",
    plural="scanners",
    title="Vulnerability scanners",
    wave=Wave.FOUNDATIONS,
    paths=("/scanners", "/scanners/{registration_id}", "/scanners/{registration_id}/metadata", "/scanners/ping"),
    permission="scanner",
    id_field="uuid",
    lane="scanners",
    list=listing,
    create=create,
    update=update,
    delete=delete,
    check=check,
    kept=kept,
    before_plan=before_plan,
    drifted=drifted,
    fields=(
        Field(
            name="name",
            doc=f"Name of the scanner. V({BUILT_IN}) is Harbor's own; only its O(default) can be changed.",
            key=True,
            required=True,
            api="name",
            schema="ScannerRegistration.name",
            clean=codec.limit(128),
        ),
        Field(
            name="url",
            doc="Address of the scanner's adapter. Needed to create. Harbor contacts it before a change is made.",
            on_create=True,
            api="url",
            schema="ScannerRegistration.url",
            absent="",
            clean=codec.address,
        ),
        Field(
            name="description",
            doc="What the scanner is for.",
            api="description",
            schema="ScannerRegistration.description",
            absent="",
        ),
        Field(
            name="auth",
            doc="How Harbor logs in at the adapter.",
            choices=tuple(AUTHS),
            api="auth",
            schema="ScannerRegistration.auth",
            absent=NO_AUTH,
            decode=lambda value: AUTH_NAMES.get(value, value),
            encode=lambda value: AUTHS.get(value, value),
        ),
        Field(
            name="access_credential",
            doc=(
                "User name and password with a colon between them, token or key, by O(auth).",
                "It is sent to a new scanner, when O(auth) changes, and otherwise as O(update_secret) says.",
            ),
            secret=True,
            follows="auth",
            api="access_credential",
            schema="ScannerRegistrationReq.access_credential",
            clean=codec.filled_in,
        ),
        _flag("skip_cert_verify", "Whether the certificate of the adapter is not checked.", api="skip_certVerify"),
        _flag("use_internal_addr", "Whether the scanner pulls from Harbor's inner address, which only one beside Harbor reaches."),
        _flag("disabled", "Whether the scanner is out of use."),
        _flag(
            "default", "Whether the scanner serves all projects that have none of their own. One scanner is the default.", api="is_default"
        ),
    ),
)
