# Copyright: the dockmaster.harbor contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""read() -> plan() -> apply(): from one Harbor and the user's input to the desired state. Threads live here.

Private to this collection. Names no resource and knows no AnsibleModule; only apply() writes.
"""

from __future__ import annotations

import fnmatch
import re
import threading
import time
import typing as t
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

from ansible_collections.dockmaster.harbor.plugins.module_utils import _rights as rights
from ansible_collections.dockmaster.harbor.plugins.module_utils._errors import ApiError, ApplyError, Error, PlanError, TransportError
from ansible_collections.dockmaster.harbor.plugins.module_utils._plan import Declared, Options, Plan, plan, pruned_projects
from ansible_collections.dockmaster.harbor.plugins.module_utils._resource import PROJECT, Change, Key, Live, Raw, Resource, Values, World

if t.TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from ansible_collections.dockmaster.harbor.plugins.module_utils._http import Api

OLDEST, NEWEST = (2, 13), (2, 15)
# Up to this many objects are looked up one by one, more are read as a list.
FEW = 16
# Scoped resources live in these.
PROJECTS = "projects"

In = t.TypeVar("In")
Out = t.TypeVar("Out")


@dataclass(kw_only=True)
class Need:
    """What to read of one kind.

    keys None means all objects, scopes None all projects ("" is "in no project"). fields are those whose values matter for the
    objects in detailed (None: for all). An optional kind may be forbidden to the caller.
    """

    keys: set[Key] | None = field(default_factory=set)
    fields: set[str] = field(default_factory=set)
    scopes: set[str] | None = field(default_factory=set)
    detailed: set[Key] | None = field(default_factory=set)
    optional: bool = True


def parallel(workers: int, work: Callable[[In], Out], items: Iterable[In]) -> list[Out]:
    """Map in threads, keep the order, raise the first error after all have ended."""
    todo = list(items)
    if len(todo) < 2 or workers < 2:
        return [work(item) for item in todo]
    with ThreadPoolExecutor(max_workers=min(workers, len(todo))) as pool:
        return [future.result() for future in [pool.submit(work, item) for item in todo]]


# -- read


def connect(api: Api) -> World:
    """Check credentials and version. Raises Error with one clear message."""
    caller = api.login()
    info = api.get("/systeminfo") or {}
    if "harbor_version" not in info:
        raise Error("GET /api/v2.0/systeminfo hides Harbor's version: the login was not accepted as one")
    version = parse_version(info["harbor_version"])
    world = World(version=version, auth_mode=info.get("auth_mode", ""), caller=caller, read_only=bool(info.get("read_only")))
    world.extra["now"] = time.time()
    world.extra["version"] = info["harbor_version"]
    return world


def parse_version(words: str) -> tuple[int, int, int]:
    """Return the three numbers of Harbor's version. Raises Error when it is not a supported one."""
    match = re.match(r"v?(\d+)\.(\d+)\.(\d+)", words)
    oldest, newest = (".".join(map(str, numbers)) for numbers in (OLDEST, NEWEST))
    if not match:
        raise Error(f"Harbor calls itself version {words!r}; supported: {oldest} to {newest}")
    version = (int(match[1]), int(match[2]), int(match[3]))
    if not OLDEST <= version[:2] <= NEWEST:
        raise Error(f"Harbor is version {words}; supported: {oldest} to {newest}")
    return version


def read(api: Api, table: Sequence[Resource], world: World, needs: dict[str, Need]) -> None:
    """Fill world.live with what is needed, kinds that others refer to first."""
    for wave in sorted({resource.wave for resource in table}):
        jobs = [
            (resource, needs[resource.plural], scope)
            for resource in table
            if resource.wave == wave and resource.plural in needs
            for scope in _scopes(resource, world, needs[resource.plural])
        ]
        for resource in table:
            if resource.wave == wave and resource.plural in needs:
                world.live.setdefault(resource.plural, {})
        parallel(api.workers, lambda job: _read_one(api, world, *job), jobs)
    api.confirm()


def _scopes(resource: Resource, world: World, need: Need) -> list[str]:
    if not resource.scoped:
        return [""]
    live = {key[0] for key in world.live.get(PROJECTS, {})}
    wanted = live | ({""} if resource.unscoped_too else set()) if need.scopes is None else need.scopes
    return sorted(scope for scope in wanted if scope in live or (scope == "" and resource.unscoped_too))


def _read_one(api: Api, world: World, resource: Resource, need: Need, scope: str) -> None:
    try:
        raws = _fetch(api, world, resource, need, scope)
    except ApiError as error:
        if error.status != 403 or not need.optional:
            raise
        if resource.search is None or need.keys is None:
            world.unreadable.add(resource.plural)
            return
        search = resource.search
        raws = [raw for raw in parallel(api.workers, lambda key: search(api, world, key), sorted(need.keys)) if raw]
    if resource.detail:
        detail, fields = resource.detail, frozenset(need.fields)
        parallel(api.workers, lambda raw: detail(api, world, raw, fields), [raw for raw in raws if _detailed(resource, world, need, raw)])
    for raw in raws:
        live = resource.decode(world, raw)
        world.live[resource.plural][live.key] = live


def _detailed(resource: Resource, world: World, need: Need, raw: Raw) -> bool:
    return need.detailed is None or resource.key_in(world, raw) in need.detailed


def _fetch(api: Api, world: World, resource: Resource, need: Need, scope: str) -> list[Raw]:
    look = resource.look
    if look and not resource.scoped and need.keys is not None and len(need.keys) <= FEW:
        found = parallel(api.workers, lambda key: look(api, world, key), sorted(need.keys))
        return [raw for raw in found if raw]
    raws = [{**raw, PROJECT: scope} if resource.scoped else raw for raw in resource.list(api, world, scope)]
    if look and not resource.scoped and need.keys is not None and not world.caller.admin:
        raws += _unlisted(api, world, resource, need.keys, raws)
    return raws


def _unlisted(api: Api, world: World, resource: Resource, keys: set[Key], raws: list[Raw]) -> list[Raw]:
    """Look for declared objects that the list did not show: a caller who is no administrator sees only a part."""
    listed = {resource.decode(world, raw).key for raw in raws}
    look = t.cast("t.Callable[[Api, World, Key], Raw | None]", resource.look)
    found = parallel(api.workers, lambda key: look(api, world, key), sorted(keys - listed))
    return [raw for raw in found if raw]


def needs_of(table: Sequence[Resource], world: World, options: Options) -> dict[str, Need]:
    """Derive what must be read from what is declared: the objects, what they refer to, and all of the pruned kinds."""
    needs: dict[str, Need] = {}
    for resource in table:
        declared = world.declared.get(resource.plural, {})
        if not declared and resource.plural not in options.prune:
            continue
        need = needs.setdefault(resource.plural, Need())
        need.optional = False
        for key, desired in declared.items():
            _add(need, {key}, {resource.project_of(key)}, set(desired.values))
            if need.detailed is not None:
                need.detailed.add(key)
            for other in resource.references(world, desired.values):
                _add(needs.setdefault(other.kind, Need()), {other.key}, set(), set())
        if resource.plural in options.prune:
            need.keys = None
            need.scopes = pruned_projects(resource, world)
            _add(needs.setdefault(PROJECTS, Need()), {(name,) for name in need.scopes if name}, set(), set())
    _complete(table, world, needs, options)
    return needs


def _add(need: Need, keys: set[Key], scopes: set[str], fields: set[str]) -> None:
    if need.keys is not None:
        need.keys |= keys
    if need.scopes is not None:
        need.scopes |= scopes
    need.fields |= fields


def _complete(table: Sequence[Resource], world: World, needs: dict[str, Need], options: Options) -> None:
    # Live objects may refer to others by id: their names are needed where the field is declared, or to see who would be orphaned.
    for resource in table:
        need = needs.get(resource.plural)
        for one in resource.fields:
            if one.refers_to and need and (one.name in need.fields or need.keys is None):
                needs.setdefault(one.refers_to, Need()).keys = None
            doomed = one.refers_to in options.prune or any(other.absent for other in world.declared.get(one.refers_to, {}).values())
            if one.refers_to and doomed:
                needs.setdefault(resource.plural, Need()).keys = None


def everything(table: Sequence[Resource], kinds: Iterable[str]) -> dict[str, Need]:
    """Return the needs of reading whole kinds with all their fields."""
    needs: dict[str, Need] = {}
    for resource in table:
        if resource.plural in kinds:
            need = Need(keys=None, scopes=None, detailed=None, optional=False, fields={one.name for one in resource.fields})
            needs[resource.plural] = need
            if resource.scoped:
                needs.setdefault(PROJECTS, Need(keys=None))
    for resource in table:
        for one in resource.fields:
            if one.refers_to and resource.plural in kinds:
                needs.setdefault(one.refers_to, Need(keys=None))
    return needs


def narrow(needs: dict[str, Need], resource: Resource, wanted: dict[str, str]) -> None:
    """Read only one project's objects, or one object, where the filters of an info module say so."""
    need = needs[resource.plural]
    if resource.scoped and wanted.get("project"):
        need.scopes = {wanted["project"]}
        needs[PROJECTS].keys = {(wanted["project"],)}
    elif not resource.scoped:
        need.keys = need.detailed = {resource.key(wanted)}


# -- plan


def prepare(api: Api, table: Sequence[Resource], declared: Declared, options: Options) -> tuple[World, Plan]:
    """Read what is needed and plan. The plan holds the problems of the input too."""
    problems = [*declared.problems, *_prune_problems(declared, options), *_protect_problems(table, options)]
    try:
        world = connect(api)
        world.declared, world.pruned, world.update_secret = declared.objects, options.prune, options.update_secret
        if foreign := list(rights.outside(table, world, options)):
            raise PlanError([*problems, *foreign])
        read(api, table, world, needs_of(table, world, options))
        _add_newborns(table, world)
        _before_plan(api, table, world, options)
    except PlanError:
        raise
    except Error as error:
        if problems:
            raise PlanError([*problems, str(error)]) from None
        raise
    result = plan(table, world, options)
    problems += [text for text in result.problems if text not in problems]
    problems += rights.denied(api, world, result.changes, parallel)
    blocked = [change for change in result.changes if not change.resource.read_only_safe]
    if world.read_only and blocked:
        problems.append(f"Harbor is in read-only mode, {len(blocked)} change(s) cannot be made")
    if problems:
        raise PlanError(problems)
    return world, result


def _prune_problems(declared: Declared, options: Options) -> list[str]:
    problems = [
        f"prune: {kind} is not declared; write '{kind}: []' to say that none shall remain"
        for kind in sorted(options.prune)
        if kind not in declared.objects
    ]
    if options.max_delete is not None and options.max_delete < 0:
        problems.append(f"max_delete: {options.max_delete} is not allowed; allowed: 0 or more")
    return problems


def _protect_problems(table: Sequence[Resource], options: Options) -> Iterator[str]:
    """Yield the patterns that can match nothing, such as one with a misspelt kind: what they mean to protect would be deleted."""
    kinds = [resource.plural for resource in table]
    for pattern in options.protect:
        kind, slash, name = pattern.partition("/")
        if pattern != "*" and not (slash and name and fnmatch.filter(kinds, kind)):
            yield f"protect: {pattern!r} is not allowed; allowed: kind and name, each with wildcards, such as projects/infra-*"
        elif any(f",{other}/" in pattern.replace(" ", "") for other in kinds):
            yield f"protect: {pattern!r} is one pattern; allowed: a list of several"


def _add_newborns(table: Sequence[Resource], world: World) -> None:
    """Add the objects that Harbor makes with each new project."""
    new = [key[0] for key, desired in world.declared.get(PROJECTS, {}).items() if not desired.absent and not world.find(PROJECTS, *key)]
    for resource in table:
        if resource.newborn is None or resource.plural not in world.declared:
            continue
        for project in new:
            for values in resource.newborn(world, project):
                key = resource.key(values)
                world.live.setdefault(resource.plural, {})[key] = Live(key=key, values=values, id=None)


def _before_plan(api: Api, table: Sequence[Resource], world: World, options: Options) -> None:
    probes: list[tuple[Resource, Key]] = []
    for resource in table:
        declared = world.declared.get(resource.plural)
        if declared and resource.before_plan:
            resource.before_plan(api, world)
        if resource.drifted and options.update_secret == "on_drift":
            probes += [
                (resource, key) for key, desired in (declared or {}).items() if desired.secrets and world.find(resource.plural, *key)
            ]

    def probe(item: tuple[Resource, Key]) -> None:
        resource, key = item
        live = world.find(resource.plural, *key)
        if resource.drifted and live and resource.drifted(api, world, world.declared[resource.plural][key], live):
            world.drifted.add((resource.plural, key))

    parallel(api.workers, probe, probes)


# -- apply


def apply(api: Api, world: World, planned: Plan) -> None:
    """Carry out a plan wave by wave. Raises ApplyError with all failures of the wave that failed; see done() for the rest."""
    done: list[Change] = []
    world.extra["done"] = done
    for wave in planned.waves():
        failures = _apply_wave(api, world, wave, done)
        if failures:
            left = len(planned.changes) - len(done) - len(failures)
            raise ApplyError(failures, done=len(done), left=left)


def _apply_wave(api: Api, world: World, wave: list[Change], done: list[Change]) -> list[str]:
    """Run one wave: objects of one project or lane one after the other (Harbor deadlocks or loses writes otherwise), else in parallel."""
    groups: dict[tuple[str, ...], list[Change]] = {}
    for change in wave:
        alone = ("lane", change.resource.lane) if change.resource.lane else (change.resource.plural, *change.key)
        group = ("project", change.project) if change.project else alone
        groups.setdefault(group, []).append(change)
    failures: list[tuple[Change, str]] = []
    stop = threading.Event()

    def run(changes: list[Change]) -> None:
        for change in changes:
            if stop.is_set():
                return
            try:
                _write(api, world, change)
            except TransportError as error:
                failures.append((change, str(error)))
                stop.set()  # Harbor is away: trying the rest would only add the same message
            except (Error, LookupError) as error:
                failures.append((change, str(error)))
            else:
                done.append(change)

    parallel(api.workers, run, groups.values())
    order = {(change.resource.plural, change.key): number for number, change in enumerate(wave)}
    failures.sort(key=lambda item: order[item[0].resource.plural, item[0].key])
    return [f"{change.action} {change.title}: {text}" for change, text in failures]


def _write(api: Api, world: World, change: Change) -> None:
    actions = {"create": change.resource.create, "update": change.resource.update, "delete": change.resource.delete}
    action = actions[change.action]
    if action is None:
        raise LookupError(f"{change.title} cannot be {change.action}d")  # the plan makes no such change
    action(api, world, change)


def done(world: World, planned: Plan) -> list[Change]:
    """Return the changes that were carried out, in the order of the plan."""
    made = {id(change) for change in world.extra.get("done", ())}
    return [change for change in planned.changes if id(change) in made]


# -- export


def export(table: Sequence[Resource], world: World, kinds: Iterable[str]) -> dict[str, t.Any]:
    """Return the live objects in the form of the user's input, so that planning it against the same Harbor changes nothing."""
    result: dict[str, t.Any] = {}
    for resource in table:
        if resource.plural in kinds:
            lives = (live for _key, live in sorted(world.live.get(resource.plural, {}).items()))
            objects = [exported(resource, live) for live in lives if not resource.unexported(world, live)]
            if not resource.singleton:
                result[resource.plural] = objects
            elif objects:
                result[resource.plural] = objects[0]
    return result


def exported(resource: Resource, live: Live) -> Values:
    """Return one object in the user's form, without what the input would refuse or Harbor ignores for it."""
    names = []
    for one in resource.fields:
        value = live.values.get(one.name)
        if one.secret or value is None or (one.applies and not one.applies(live.values)):
            continue
        if one.choices and value not in one.choices or ((one.on_create or one.create_only) and not value):
            continue
        names.append(one.name)
    return resource.show(live.values, names)
