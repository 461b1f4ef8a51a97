# Copyright: the dockmaster.harbor contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The part of dockmaster.harbor.state that runs on the controller: files are read, decrypted, templated and merged here."""

from __future__ import annotations

import json
import re
import typing as t
from collections import Counter
from pathlib import Path

import yaml
from ansible.errors import AnsibleError
from ansible.plugins.action import ActionBase
from ansible_collections.dockmaster.harbor.plugins.module_utils._errors import PlanError
from ansible_collections.dockmaster.harbor.plugins.module_utils._resources import RESOURCES
from ansible_collections.dockmaster.harbor.plugins.module_utils._sources import Merged, Source, merge, placed

SUFFIXES = (".yml", ".yaml", ".json")
FAST = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class ActionModule(ActionBase):
    """Replaces files and overlays by desired; says in errors where the object is declared."""

    TRANSFERS_FILES = False
    _supports_check_mode = True
    _supports_diff = True

    def run(self, tmp: t.Any = None, task_vars: dict[str, t.Any] | None = None) -> dict[str, t.Any]:
        """Run the module with the merged content of the files."""
        result: dict[str, t.Any] = super().run(tmp, task_vars)
        arguments = dict(self._task.args)
        layers = [arguments.pop("files", None), arguments.pop("overlays", None)]
        if layers == [None, None]:
            return {**result, **self._module(arguments, task_vars)}
        if layers[0] is None or arguments.get("desired") is not None:
            return {**result, "failed": True, "msg": "give either desired or files; overlays needs files"}
        try:
            merged = merge(RESOURCES, self._layers(*layers))
        except AnsibleError as error:
            return {**result, "failed": True, "msg": str(error)}
        if merged.problems:
            return {**result, **_refused(merged.problems)}
        outcome = self._module({**arguments, "desired": merged.desired}, task_vars)
        return {**result, **_with_places(outcome, merged)}

    def _module(self, arguments: dict[str, t.Any], task_vars: dict[str, t.Any] | None) -> dict[str, t.Any]:
        outcome: dict[str, t.Any] = self._execute_module(
            module_name="dockmaster.harbor.state", module_args=arguments, task_vars=task_vars, wrap_async=self._task.async_val
        )
        return outcome

    def _layers(self, files: t.Any, overlays: t.Any) -> t.Iterator[list[Source]]:
        # All files of files are one layer, in which an object may be declared once. Each overlay is a layer of its own.
        yield [source for entry in _listed(files) for source in self._sources("files", entry)]
        for entry in _listed(overlays or []):
            yield self._sources("overlays", entry)

    def _sources(self, option: str, entry: str) -> list[Source]:
        paths = list(_paths(Path(self._loader.path_dwim(entry))))
        if not paths:
            raise AnsibleError(
                f"{option}: {entry} matches no file; allowed: a YAML file, a directory of them (*.yml, *.yaml, *.json), a glob"
            )
        return [Source(name=str(path), content=self._content(str(path))) for path in paths]

    def _content(self, path: str) -> t.Any:
        # The cause may quote the file, and with it a secret: it is not repeated.
        cannot = "cannot be read; allowed: YAML, encrypted ones with the vault password at hand"
        try:
            content = self._loader.load_from_file(path, cache="none", trusted_as_template=True)
            repeated = list(_repeated(self._loader.get_text_file_contents(path)))
        except AnsibleError:
            raise AnsibleError(f"{path}: {cannot}{self._place(path)}") from None
        if repeated:
            raise AnsibleError(f"{path}: {', '.join(repeated)}; allowed: each key once, for only the last one would count")
        try:
            # Plain data: each text of Ansible's own carries where it comes from, which makes thousands of objects five times as slow.
            return json.loads(json.dumps(self._templar.template(content), default=str))
        except AnsibleError as error:
            place = re.search(r"^Origin: .*?(:[0-9]+)(?::[0-9]+)?$", str(error), re.MULTILINE)
            line = place[1] if place else ""
            raise AnsibleError(f"{path}{line}: {getattr(error, 'message', '') or 'a template in it cannot be resolved'}") from None

    def _place(self, path: str) -> str:
        """Return where a file stops being YAML."""
        try:
            yaml.compose(self._loader.get_text_file_contents(path).encode(), Loader=FAST)
        except yaml.MarkedYAMLError as error:
            mark = error.problem_mark or error.context_mark
            return f" (line {mark.line + 1})" if mark else ""
        except AnsibleError:  # not even decrypted
            return ""
        return ""


def _listed(value: t.Any) -> list[str]:
    return [str(entry) for entry in ([value] if isinstance(value, str) else value)]


def _repeated(text: str) -> t.Iterator[str]:
    """Yield the keys that one mapping holds twice: of two lists of projects in a file the first would be lost, and pruned in Harbor."""
    found: list[str] = []

    def look(pairs: list[tuple[str, t.Any]]) -> None:
        found.extend(f"{name!r} is there {times} times" for name, times in Counter(name for name, _value in pairs).items() if times > 1)

    try:
        json.loads(text, object_pairs_hook=look)  # Ansible too tries this first: JSON may hold tabs
    except ValueError:
        yield from _repeated_in(yaml.compose(text.encode(), Loader=FAST))
    yield from found


def _repeated_in(root: yaml.Node | None) -> t.Iterator[str]:
    todo: list[t.Any] = [root]
    done: set[int] = set()  # an alias may lead back to where it stands
    while todo:
        node = todo.pop()
        if id(node) in done or not isinstance(node, yaml.CollectionNode):
            continue
        done.add(id(node))
        if isinstance(node, yaml.SequenceNode):
            todo += node.value
            continue
        names: set[str] = set()
        for key, value in node.value:
            name = str(key.value)
            if name in names and name != "<<":
                yield f"{name!r} in line {key.start_mark.line + 1} is there already"
            names.add(name)
            todo.append(value)


def _paths(path: Path) -> t.Iterator[Path]:
    """Yield the files that a path means, sorted; hidden ones and those of other kinds in a directory are left out."""
    if path.is_dir():
        inside = (file.relative_to(path) for file in sorted(path.rglob("*")) if file.is_file() and file.suffix in SUFFIXES)
        yield from (path / file for file in inside if not any(part.startswith(".") for part in file.parts))
    else:
        yield from sorted(file for file in Path(path.anchor).glob(str(path.relative_to(path.anchor))) if file.is_file())


def _refused(problems: list[str]) -> dict[str, t.Any]:
    return {"failed": True, "msg": str(PlanError(problems)), "problems": problems}


def _with_places(outcome: dict[str, t.Any], merged: Merged) -> dict[str, t.Any]:
    outcome.pop("invocation", None)  # thousands of objects that nobody typed into the task
    if outcome.get("problems"):
        return {**outcome, **_refused(list(placed(outcome["problems"], merged.places)))}
    return outcome
