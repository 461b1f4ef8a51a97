# Copyright: the dockmaster.harbor contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Projects with metadata, quota and CVE allowlist. Private to this collection."""

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
    Reference,
    Resource,
    Values,
    Wave,
    World,
    show_set,
)
from ansible_collections.dockmaster.harbor.plugins.module_utils._resources.robot import lives_in

if t.TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from ansible_collections.dockmaster.harbor.plugins.module_utils._http import Api

# Where detail() puts what the project object lacks.
QUOTA = "_quota"
SCANNER = "_scanner"
SCANNER_KEY = "projectScanner"
ALLOWLIST = ("cve_allowlist", "cve_allowlist_expires_at")
INT32 = 2**31 - 1


def listing(api: Api, world: World, project: str) -> Iterator[Raw]:
    """Yield all projects that the caller sees."""
    return api.pages("/projects")


def look(api: Api, world: World, key: Key) -> Raw | None:
    """Find one project by its exact name. A caller who is no administrator gets 403 for a project that does not exist."""
    path = f"/projects/{segment(key[0])}"
    try:
        return t.cast("Raw | None", api.get(path))
    except ApiError as error:
        if error.status != 403 or api.exists("/projects", project_name=key[0]):
            raise
        return None


def detail(api: Api, world: World, raw: Raw, fields: frozenset[str]) -> None:
    """Add the quota and the scanner where they are asked for: neither is in the project itself."""
    if "scanner" in fields:
        raw[SCANNER] = _scanner_of(api, world, raw["name"])
    if "storage_limit" in fields:
        add_quota(api, raw)


def _scanner_of(api: Api, world: World, name: str) -> str | None:
    """Return the name of the project's own scanner, None where the caller may not know.

    Any other call shows the default scanner instead. An id that no scanner has is forgotten by Harbor, so it means none.
    """
    try:
        found = api.get(f"/projects/{segment(name)}/metadatas/{SCANNER_KEY}") or {}
    except ApiError as error:
        if error.status != 403:
            raise
        return None
    uuid = found.get(SCANNER_KEY)
    if uuid and "scanners" in world.unreadable:
        return next((raw["name"] for raw in _candidates(api, name) if raw["uuid"] == uuid), "")
    return next((live.key[0] for live in world.live.get("scanners", {}).values() if live.id == uuid), "")


def _candidates(api: Api, project: str) -> Iterator[Raw]:
    """Only administrators see all scanners, but each project's administrator those to choose from."""
    return api.pages(f"/projects/{segment(project)}/scanner/candidates")


def add_quota(api: Api, raw: Raw) -> None:
    """Add the quota. The list of quotas costs 18 ms a row, one row costs 20 ms and can be read in parallel."""
    try:
        rows = api.get("/quotas", reference="project", reference_id=raw["project_id"]) or []
    except ApiError as error:
        if error.status != 403:
            raise
        summary = api.get(f"/projects/{segment(raw['name'])}/summary") or {}
        rows = [summary["quota"]] if summary.get("quota") else []
    if rows:
        raw[QUOTA] = rows[0]


def create(api: Api, world: World, change: Change) -> None:
    """Create, then set the allowlist, which Harbor ignores in the first call."""
    metadata = REGULAR & set(change.declared)
    body: Raw = {"project_name": change.key[0], **PROJECT.encode(change.after, sorted(metadata))}
    if "storage_limit" in change.declared:
        body["storage_limit"] = change.after["storage_limit"]
    if change.after.get("registry"):
        body["registry_id"] = world.id_of("registries", change.after["registry"])

    def find() -> int | None:
        raw = look(api, world, change.key)
        return raw["project_id"] if raw else None

    world.made["projects", change.key] = api.create("/projects", body, find)
    if set(ALLOWLIST) & set(change.declared):
        api.put(f"/projects/{segment(change.key[0])}", _allowlist(change.after))
    if change.after.get("scanner"):
        _set_scanner(api, world, change)


def update(api: Api, world: World, change: Change) -> None:
    """PUT merges metadata and replaces the allowlist; the quota is an object of its own."""
    body = PROJECT.encode(change.after, [name for name in change.fields if name in REGULAR])
    if set(ALLOWLIST) & set(change.fields):
        body |= _allowlist(change.after)
    if body:
        api.put(f"/projects/{segment(change.key[0])}", body)
    if "storage_limit" in change.fields and change.live:
        api.put(f"/quotas/{segment(change.live.raw[QUOTA]['id'])}", {"hard": {"storage": change.after["storage_limit"]}})
    if "scanner" in change.fields:
        _set_scanner(api, world, change)


def _set_scanner(api: Api, world: World, change: Change) -> None:
    """Harbor takes any id here and forgets a wrong one at the next read, so it is one that exists."""
    path, name = f"/projects/{segment(change.key[0])}", change.after["scanner"]
    if name:
        api.put(f"{path}/scanner", {"uuid": _scanner_id(api, world, change.key[0], name)})
    else:
        api.delete(f"{path}/metadatas/{SCANNER_KEY}")


def _scanner_id(api: Api, world: World, project: str, name: str) -> int | str:
    try:
        return world.id_of("scanners", name)
    except LookupError:
        uuid: str | None = next((raw["uuid"] for raw in _candidates(api, project) if raw.get("name") == name), None)
        if uuid is None:
            raise
        return uuid


def delete(api: Api, world: World, change: Change) -> None:
    """Delete; Harbor refuses while there are repositories, and so did the plan."""
    api.delete(f"/projects/{segment(change.key[0])}")


def _allowlist(values: Values) -> Raw:
    body: Raw = {"items": [{"cve_id": name} for name in sorted(values.get("cve_allowlist") or ())]}
    expires = values.get("cve_allowlist_expires_at")
    if expires not in (None, codec.UNLIMITED):  # 0 would mean 1970: "never" is said by leaving the time out
        body["expires_at"] = expires
    return {"cve_allowlist": body}


def references(world: World, values: Values) -> Iterable[Reference]:
    """A proxy cache needs its registry, a project with a scanner of its own that one."""
    if values.get("scanner"):
        yield Reference(field="scanner", kind="scanners", key=(values["scanner"],))
    if values.get("registry"):
        yield Reference(field="registry", kind="registries", key=(values["registry"],))


def check(world: World, desired: Desired, live: Live | None) -> Iterable[str]:
    """Yield what Harbor would refuse or accept to the user's surprise."""
    if desired.absent:
        if live and lives_in(world, desired.key[0]):
            yield "state: the account in use is a robot of this project and cannot delete it"
        count = live.raw.get("repo_count", 0) - _doomed_repositories(world, desired.key[0]) if live else 0
        if count > 0:
            yield f"state: the project holds {count} repositories, Harbor deletes only empty projects; delete them first"
        return
    limit = desired.values.get("storage_limit")
    if limit is not None:
        yield from _check_quota(world, limit, live)


def _doomed_repositories(world: World, project: str) -> int:
    """Count the repositories that this run deletes before the project."""
    declared = world.declared.get("repositories", {}).items()
    return sum(one.absent and key[0] == project and world.find("repositories", *key) is not None for key, one in declared)


def _check_quota(world: World, limit: int, live: Live | None) -> Iterable[str]:
    if live is None:
        if not world.caller.admin and not world.caller.robot:
            yield "storage_limit: only a system administrator sets it, Harbor ignores it from others"
        return
    yield from check_limit(limit, live)


def check_limit(limit: int, live: Live) -> Iterable[str]:
    """Yield why the quota in live.raw cannot become this limit."""
    if live.values["storage_limit"] is None:
        yield "storage_limit: this Harbor keeps no quota for the project (quotas per project are switched off)"
        return
    if "id" not in live.raw[QUOTA] and limit != live.values["storage_limit"]:
        yield "storage_limit: only a system administrator changes it"
        return
    used = live.raw[QUOTA].get("used", {}).get("storage", 0)
    if limit not in (codec.UNLIMITED, live.values["storage_limit"]) and limit < used:
        yield f"storage_limit: {codec.show_storage(limit)} is below the {used} bytes in use; allowed: more than that, or unlimited"


def _registry_name(world: World, raw: Raw) -> str:
    number = raw.get("registry_id")
    if not number:
        return ""
    names = (live.key[0] for live in world.live.get("registries", {}).values() if live.id == number)
    return next(names, f"(id {number})")


def _quota(world: World, raw: Raw) -> int | None:
    row = raw.get(QUOTA)
    return row["hard"]["storage"] if row else None


def _is_proxy(values: Values) -> bool:
    return bool(values.get("registry"))


def _is_no_proxy(values: Values) -> bool:
    return not _is_proxy(values)


def _flag(name: str, doc: str | tuple[str, ...], *, absent: bool = False, **more: t.Any) -> Field:
    return Field(
        name=name,
        doc=doc,
        type="bool",
        api=f"metadata.{name}",
        schema=f"ProjectMetadata.{name}",
        absent=absent,
        decode=codec.from_bool_text,
        encode=codec.to_bool_text,
        **more,
    )


def _number(name: str, doc: str | tuple[str, ...], **more: t.Any) -> Field:
    return Field(
        name=name,
        doc=doc,
        type="int",
        api=f"metadata.{name}",
        schema=f"ProjectMetadata.{name}",
        absent=codec.UNLIMITED,
        clean=codec.number(1, INT32, also=codec.UNLIMITED),
        decode=codec.from_int_text,
        encode=str,
        applies=_is_proxy,
        applies_to="proxy-cache projects",
        **more,
    )


PROJECT = Resource(
    name="project",
    plural="projects",
    title="Projects",
    wave=Wave.PROJECTS,
    permission="project",
    paths=(
        "/projects",
        "/projects/{project_name_or_id}",
        "/projects/{project_name_or_id}/summary",
        "/projects/{project_name_or_id}/metadatas/{meta_name}",
        "/projects/{project_name_or_id}/scanner",
        "/projects/{project_name_or_id}/scanner/candidates",
        "/quotas",
        "/quotas/{id}",
    ),
    id_field="project_id",
    list=listing,
    look=look,
    detail=detail,
    create=create,
    update=update,
    delete=delete,
    references=references,
    check=check,
    fields=(
        Field(
            name="name",
            doc="Name of the project: lower-case letters and digits, separated by single C(.), C(_) or C(-), at most 255 characters.",
            key=True,
            required=True,
            api="name",
            schema="Project.name",
            clean=codec.name,
        ),
        _flag("public", "Whether anyone may pull, without a login."),
        Field(
            name="storage_limit",
            doc=(
                "Quota of the project: V(unlimited), bytes, or a number with a unit such as V(20GiB), up to 1024TiB.",
                "Refused when it is below what the project uses already.",
            ),
            schema="QuotaUpdateReq.hard",
            clean=codec.storage,
            show=codec.show_storage,
            derive=_quota,
        ),
        Field(
            name="registry",
            doc="Name of the registry that the project is a proxy cache of. Cannot be changed later; an empty text means none.",
            create_only=True,
            refers_to="registries",
            schema="Project.registry_id",
            derive=_registry_name,
        ),
        _flag(
            "enable_content_trust",
            "Whether only images with a Notation signature may be pulled.",
            applies=_is_no_proxy,
            applies_to="projects that are no proxy cache",
        ),
        _flag("enable_content_trust_cosign", "Whether only images with a Cosign signature may be pulled."),
        _flag("prevent_vul", "Whether images with vulnerabilities of O(severity) or worse are refused on pull."),
        Field(
            name="severity",
            doc="Lowest severity that O(prevent_vul) refuses; V(none) refuses any finding.",
            choices=("none", "low", "medium", "high", "critical"),
            api="metadata.severity",
            schema="ProjectMetadata.severity",
            absent="none",
        ),
        Field(
            name="scanner",
            doc="Name of the scanner of the project. An empty text means the default scanner of the system.",
            refers_to="scanners",
            schema="ProjectScanner.uuid",
            derive=lambda _world, raw: raw.get(SCANNER),
        ),
        _flag("auto_scan", "Whether images are scanned when they are pushed."),
        _flag("auto_sbom_generation", "Whether an SBOM is generated when an image is pushed."),
        _flag(
            "reuse_sys_cve_allowlist",
            "Whether the allowlist of the whole system is in force instead of O(cve_allowlist).",
            absent=True,
        ),
        _number("proxy_speed_kb", "Bandwidth limit towards the registry of a proxy cache in Kbit/s; V(-1) for none."),
        _number(
            "max_upstream_conn", "Most connections to the registry of a proxy cache per artifact; V(-1) for no limit.", since=(2, 14, 0)
        ),
        _flag(
            "proxy_cache_local_on_not_found",
            "Whether a proxy cache serves an image that its registry no longer has.",
            since=(2, 15, 1),
        ),
        Field(
            name="cve_allowlist",
            doc="Identifiers of vulnerabilities that the project accepts, in any order. Replaces the list; an empty list empties it.",
            type="list",
            elements="str",
            api="cve_allowlist.items",
            schema="CVEAllowlist.items",
            absent=frozenset(),
            clean=codec.unique,
            decode=codec.cve_ids,
            show=show_set,
        ),
        Field(
            name="cve_allowlist_expires_at",
            doc="When the allowlist ends: an ISO 8601 date or time such as V(2027-01-31), in UTC unless it says otherwise, or V(never).",
            api="cve_allowlist.expires_at",
            schema="CVEAllowlist.expires_at",
            absent=codec.UNLIMITED,
            clean=codec.moment,
            decode=codec.from_moment,
            show=codec.show_moment,
        ),
    ),
)

# Fields that are written through the metadata of the project.
REGULAR = {one.name for one in PROJECT.fields if one.api.startswith("metadata.")}
