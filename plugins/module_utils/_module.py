# Copyright: the dockmaster.harbor contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The glue: the only place that knows AnsibleModule. One function per kind of module.

Private to this collection.
"""

from __future__ import annotations

import os
import re
import stat
import tempfile
import traceback
import typing as t
from pathlib import Path

from ansible.module_utils.basic import AnsibleModule, missing_required_lib
from ansible_collections.dockmaster.harbor.plugins.module_utils import _arguments as arguments
from ansible_collections.dockmaster.harbor.plugins.module_utils import _engine as engine
from ansible_collections.dockmaster.harbor.plugins.module_utils._errors import ApplyError, Error, PlanError
from ansible_collections.dockmaster.harbor.plugins.module_utils._http import Api
from ansible_collections.dockmaster.harbor.plugins.module_utils._input import take
from ansible_collections.dockmaster.harbor.plugins.module_utils._plan import Options, Plan, changes_for_user, declare, diff
from ansible_collections.dockmaster.harbor.plugins.module_utils._resources import RESOURCES
from ansible_collections.dockmaster.harbor.plugins.module_utils._transport import (
    HAS_REQUESTS,
    REQUESTS_IMPORT_ERROR,
    Connection,
    require_url,
)

try:
    import yaml

    HAS_YAML = True
    YAML_IMPORT_ERROR: str | None = None
except ImportError:
    HAS_YAML = False
    YAML_IMPORT_ERROR = traceback.format_exc()

if t.TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from ansible_collections.dockmaster.harbor.plugins.module_utils._resource import Resource, Values, World

FILE_MODE = 0o600
LINE_ENDS = ("\r", "\x85", "\u2028", "\u2029")
PASSWORD_IN_ADDRESS = re.compile(r"://[^/@\s'\"]*?:([^/@\s'\"]+)@")


class HarborModule(AnsibleModule):
    """A module that repeats neither passwords in addresses nor refused options: a misspelt one may hold a secret."""

    accepted = False

    def __init__(self, **spec: t.Any) -> None:
        super().__init__(**spec)
        self.accepted = True
        self.no_log_values.update(PASSWORD_IN_ADDRESS.findall(str(self.params)))

    def fail_json(self, msg: str, **result: t.Any) -> t.NoReturn:
        """Fail, with the options only where they are known ones."""
        if not self.accepted:
            result["invocation"] = {}
        super().fail_json(msg, **result)
        raise AssertionError("unreachable")


# -- the kinds of modules


def run_resource(resource: Resource) -> None:
    """Be the module of one resource: one object, present or absent."""
    module = HarborModule(argument_spec=arguments.single(resource), supports_check_mode=True, **arguments.relations(resource))
    entry = {name: module.params[name] for name in arguments.fields(resource)}
    options = Options(max_delete=None, update_secret=module.params.get("update_secret") or "on_create")
    wanted = entry if resource.singleton else [entry]
    guarded(module, lambda api: _reconcile(module, api, {resource.plural: wanted}, options))


def run_state() -> None:
    """Be the module that reconciles many objects of many kinds."""
    module = HarborModule(argument_spec=arguments.state(RESOURCES), supports_check_mode=True, required_one_of=[["desired", "files"]])
    params = module.params
    if params["files"] or params["overlays"]:  # the action plugin replaces them by desired
        module.fail_json(msg="files and overlays are read on the controller: call the module as dockmaster.harbor.state")
    options = Options(
        prune=frozenset(params["prune"]),
        protect=tuple(params["protect"]),
        max_delete=params["max_delete"],
        update_secret=params["update_secret"],
    )
    guarded(module, lambda api: _reconcile(module, api, params["desired"], options))


def run_info(resource: Resource) -> None:
    """Be the info module of one resource."""
    module = HarborModule(argument_spec=arguments.info(resource), supports_check_mode=True)
    wanted = {one.name: module.params[one.name] for one in resource.fields if one.key and module.params[one.name]}

    def work(api: Api) -> Values:
        world = _read_all(api, (resource,), wanted)
        options = take(resource.info_options, module.params, world.version)
        return {"changed": False, resource.plural: _info(world, resource, wanted, options)}

    guarded(module, work)


def run_export() -> None:
    """Be the module that writes what is live into a file."""
    module = HarborModule(argument_spec=arguments.export(RESOURCES), supports_check_mode=True)
    guarded(module, lambda api: _export(module, api))


# -- the frame around all of them


def guarded(module: AnsibleModule, work: Callable[[Api], dict[str, t.Any]]) -> None:
    """Run work with an Api and turn its result, or what went wrong, into the module's."""
    if not HAS_REQUESTS:
        module.fail_json(msg=missing_required_lib("requests"), exception=REQUESTS_IMPORT_ERROR)
    if not HAS_YAML:
        module.fail_json(msg=missing_required_lib("PyYAML"), exception=YAML_IMPORT_ERROR)
    if not module.params["harbor_validate_certs"]:
        module.warn("harbor_validate_certs is false: anybody on the network path can read the credentials")
    try:
        api = _connect(module)
        result = work(api)
    except PlanError as error:
        module.fail_json(msg=str(error), problems=error.problems)
    except _Unfinished as error:
        module.fail_json(msg=str(error), errors=error.failures, **error.result)
    except Error as error:
        module.fail_json(msg=str(error))
    module.exit_json(**result)


def _connect(module: AnsibleModule) -> Api:
    params = module.params
    connection = Connection(
        url=require_url(params["harbor_url"]),
        username=params["harbor_username"],
        password=params["harbor_password"],
        ca_path=params["harbor_ca_path"],
        validate_certs=params["harbor_validate_certs"],
        timeout=params["harbor_timeout"],
        workers=params["harbor_workers"],
    )
    problems = list(connection.problems())
    if problems:
        raise PlanError(problems)
    return Api(connection, read_only=module.check_mode)


class _Unfinished(Error):
    """An apply that failed half-way: carries the result of what was done."""

    def __init__(self, error: ApplyError, result: dict[str, t.Any]) -> None:
        super().__init__(str(error))
        self.failures = error.failures
        self.result = result


# -- state


def _reconcile(module: AnsibleModule, api: Api, wanted: dict[str, t.Any], options: Options) -> dict[str, t.Any]:
    declared = declare(RESOURCES, wanted)
    world, planned = engine.prepare(api, RESOURCES, declared, options)
    for text in world.warnings:
        module.warn(text)
    if not module.check_mode:
        try:
            engine.apply(api, world, planned)
        except ApplyError as error:
            done = Plan(changes=tuple(engine.done(world, planned)), unchanged=planned.unchanged)
            raise _Unfinished(error, _result(module, world, done)) from None
    return _result(module, world, planned)


def _result(module: AnsibleModule, world: World, planned: Plan) -> dict[str, t.Any]:
    result: dict[str, t.Any] = {
        "changed": bool(planned.changes),
        "changes": changes_for_user(planned.changes),
        "summary": planned.summary(),
    }
    if world.reports:
        result["reports"] = world.reports
    if module._diff:
        result["diff"] = diff(planned.changes, dump)
    return result


# -- info


def _info(world: World, resource: Resource, wanted: dict[str, str], options: Values) -> list[Values] | Values:
    lives = (live for _key, live in sorted(world.live[resource.plural].items()))
    found = [
        {**resource.show(live.values), **resource.facts(world, live), **({} if live.id is None else {"id": live.id})}
        for live in lives
        if all(live.values.get(name) == value for name, value in wanted.items()) and resource.selected(world, live, options)
    ]
    return found[0] if resource.singleton else found


def _read_all(api: Api, resources: Iterable[Resource], wanted: dict[str, str] | None = None) -> World:
    kinds = [resource.plural for resource in resources]
    needs = engine.everything(RESOURCES, kinds)
    for resource in resources:
        if wanted:
            engine.narrow(needs, resource, wanted)
    world = engine.connect(api)
    engine.read(api, RESOURCES, world, needs)
    return world


# -- export


def _export(module: AnsibleModule, api: Api) -> dict[str, t.Any]:
    kinds = module.params["kinds"]
    world = _read_all(api, [resource for resource in RESOURCES if resource.plural in kinds])
    objects = engine.export(RESOURCES, world, kinds)
    text = _header(module.params["harbor_url"], world) + dump(objects, tag_templates=True)
    path = str(Path(module.params["path"]).absolute())  # atomic_move may fail on a relative one
    changed = _stale(path, text)
    if changed and not module.check_mode:
        _write(module, path, text)
    # A key named path or dest would make AnsibleModule add facts about the file.
    counts = {kind: len(found) if isinstance(found, list) else 1 for kind, found in objects.items()}
    return {"changed": changed, "file": module.params["path"], "counts": counts}


def _header(url: str, world: World) -> str:
    return (
        f"# Objects of {url.rstrip('/')}, Harbor {world.extra['version']}, written by dockmaster.harbor.export.\n"
        "# The desired option of dockmaster.harbor.state takes this as it is.\n"
        "# Secrets are not in here: Harbor does not give them away. Add password and secret to make users and robots anew.\n"
        "---\n"
    )


def _stale(path: str, text: str) -> bool:
    try:
        file = Path(path)
        return file.read_text(encoding="utf-8") != text or stat.S_IMODE(file.stat().st_mode) != FILE_MODE
    except FileNotFoundError:
        if not Path(path).absolute().parent.is_dir():
            raise Error(f"path: the directory of {path} does not exist") from None
        return True
    except (OSError, UnicodeDecodeError) as error:
        raise Error(f"path: {path} cannot be read: {error}") from None


def _write(module: AnsibleModule, path: str, text: str) -> None:
    """Replace the file in one step, never readable for others."""
    try:
        handle, temporary = tempfile.mkstemp(dir=module.tmpdir)  # mkstemp makes it 0600
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(text)
        module.atomic_move(temporary, path)
        Path(path).chmod(FILE_MODE)
    except OSError as error:
        raise Error(f"path: {path} cannot be written: {error}") from None


def dump(data: t.Any, *, tag_templates: bool = False) -> str:
    """Write YAML as a person would: in the order of the table, block style, no aliases.

    tag_templates marks texts that look like templates: whoever may write a description in Harbor would otherwise run
    code where Ansible reads the file as variables.
    """

    class Dumper(yaml.SafeDumper):
        def ignore_aliases(self, data: t.Any) -> bool:
            return True

        def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:
            super().increase_indent(flow, False)

    def represent(dumper: t.Any, value: str) -> t.Any:
        template = tag_templates and any(mark in value for mark in ("{{", "{%", "{#"))
        # Double quotes write these as \N and the like; between others a reader takes them for a plain end of the line.
        style = '"' if any(mark in value for mark in LINE_ENDS) else "'" if template else None
        return dumper.represent_scalar("!unsafe" if template else "tag:yaml.org,2002:str", value, style=style)

    Dumper.add_representer(str, represent)
    text: str = yaml.dump(data, Dumper=Dumper, sort_keys=False, default_flow_style=False, allow_unicode=True, width=1000)
    return text
