#!/usr/bin/env python3
# Copyright: the dockmaster.harbor contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Write what follows from the table of resources: options in the documentation, the action group, the schema of the state file.

tools/gen_docs.py           write the files
tools/gen_docs.py --check   exit 1 and name the files that are stale
"""

from __future__ import annotations

import json
import re
import sys
import typing as t
from pathlib import Path

import yaml

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / ".build/src"))

from ansible_collections.dockmaster.harbor.plugins.module_utils import _arguments as arguments  # noqa: E402
from ansible_collections.dockmaster.harbor.plugins.module_utils._action import Action  # noqa: E402
from ansible_collections.dockmaster.harbor.plugins.module_utils._actions import ACTIONS, OPERATIONS  # noqa: E402
from ansible_collections.dockmaster.harbor.plugins.module_utils._reports import REPORTS  # noqa: E402
from ansible_collections.dockmaster.harbor.plugins.module_utils._resource import Field, Resource  # noqa: E402
from ansible_collections.dockmaster.harbor.plugins.module_utils._resources import RESOURCES  # noqa: E402

GROUP = "dockmaster.harbor.harbor"
CONNECTION = "dockmaster.harbor._connection"
HEADER = '''# Copyright: the dockmaster.harbor contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Options of the resources. Written by tools/gen_docs.py from the table: do not edit."""

from __future__ import annotations


class ModuleDocFragment:
    """One attribute per module."""
'''
STATE_DOC = "Whether the object shall be there. With V(absent) only the options that identify it count."
UPDATE_SECRET_DOC = [
    "When a declared secret is sent to an object that exists. Harbor gives no secret back, so they cannot be compared.",
    "V(on_create) sends it only with a new value of the option that it belongs to, such as a user name.",
    "V(always) sends it at every run and reports a change.",
    "V(on_drift) logs in as the user or robot, or lets Harbor reach the registry, scanner or directory, and sends it when that fails.",
    "A failed login costs 1.5 seconds. A robot that is disabled or expired cannot log in, so its secret is left alone.",
]


FILES_DOC = [
    "YAML files, directories of them (with those below), or globs, on the controller; together they hold what O(desired) would.",
    "Relative paths start at the directory of the playbook. Files may be encrypted with Ansible Vault and may hold templates.",
    "Each object is declared in one file only. Under C(defaults) a file may say, by kind, what all objects get that say nothing.",
]
OVERLAYS_DOC = [
    "More of the same, such as the directory of an environment. Each entry is laid over those before it.",
    "For an object that is there already its fields replace those below, one by one; lists are replaced as a whole.",
]


ACTION_DOC = {
    "state": [
        "V(started) starts an execution. When one runs already with the same parameters it is joined instead, whoever started it; one "
        "that runs with other parameters is a reason to refuse.",
        "V(stopped) stops all that run. Nothing to stop is no error.",
    ],
    "wait": ["Whether to wait for the end. Otherwise the module returns as soon as Harbor has taken the order."],
    "timeout": [
        "Seconds to wait for the end. After that the module fails, and the execution goes on in Harbor: run the module again to join it.",
        "Not to be confused with O(harbor_timeout), which is for one answer.",
    ],
    "interval": ["Longest pause in seconds between two looks. The first ones follow each other more closely."],
}


def sentences(doc: str | tuple[str, ...]) -> list[str]:
    """Return a description as a list."""
    return [doc] if isinstance(doc, str) else list(doc)


def option(description: list[str], spec: arguments.Spec) -> dict[str, t.Any]:
    """Document one argument: everything but what is not for readers."""
    kept = ("type", "elements", "required", "choices", "default")
    shown: dict[str, t.Any] = {name: value for name, value in spec.items() if name in kept}
    return {"description": description, **shown}


def field_option(field: Field) -> dict[str, t.Any]:
    """Document one field, its suboptions and the version that it needs."""
    description = sentences(field.doc)
    if field.since:
        description.append(f"Needs Harbor {'.'.join(map(str, field.since))}.")
    if field.applies_to:
        description.append(f"Only for {field.applies_to}.")
    documented = option(description, arguments.argument(field))
    if field.options:
        documented["suboptions"] = {sub.name: field_option(sub) for sub in field.options}
    return documented


def object_options(resource: Resource) -> dict[str, t.Any]:
    """Document the options that describe one object."""
    state = {"state": option([STATE_DOC], arguments.STATE)} if resource.delete else {}
    return {**{field.name: field_option(field) for field in resource.fields}, **state}


def single_options(resource: Resource) -> dict[str, t.Any]:
    """Document the module of one resource."""
    options = object_options(resource)
    if "update_secret" in arguments.single(resource):
        options["update_secret"] = option(UPDATE_SECRET_DOC, arguments.UPDATE_SECRET)
    return options


def info_options(resource: Resource) -> dict[str, t.Any]:
    """Document the filters of an info module."""
    specs = arguments.info(resource)
    keys = {
        field.name: option([f"Return only objects with this {field.name}, compared exactly."], specs[field.name])
        for field in resource.fields
        if field.key
    }
    return {**keys, **{field.name: field_option(field) for field in resource.info_options}}


def nested(options: t.Any) -> t.Any:
    """Return documentation in which fields are named as code: O() resolves names of the top level only."""
    if isinstance(options, dict):
        return {name: nested(value) for name, value in options.items()}
    if isinstance(options, list):
        return [nested(value) for value in options]
    return re.sub(r"\bO\((?!update_secret)", "C(", options) if isinstance(options, str) else options


def state_options() -> dict[str, t.Any]:
    """Document the state module."""
    spec = arguments.state(RESOURCES)
    kinds = {}
    for resource in RESOURCES:
        title = f"{resource.title}. Left alone when not given"
        title += "." if resource.plural not in spec["prune"]["choices"] else "; an empty list matters only to O(prune)."
        kinds[resource.plural] = {
            **option([title], spec["desired"]["options"][resource.plural]),
            "suboptions": nested(object_options(resource)),
        }
    return {
        "desired": {
            **option(["The objects, by kind. Only what is declared is compared and changed. Either this or O(files)."], spec["desired"]),
            "suboptions": kinds,
        },
        "files": option(FILES_DOC, spec["files"]),
        "overlays": option(OVERLAYS_DOC, spec["overlays"]),
        "prune": option(
            [
                "Kinds of which everything that is not declared is deleted. Each must be declared, if only as an empty list.",
                "Members, robots and labels of projects are pruned only in projects that O(desired) names.",
                "The built-in administrator, the account in use, memberships of project owners and robots for scans always stay.",
            ],
            spec["prune"],
        ),
        "protect": option(
            [
                "Objects that O(prune) leaves alone, as patterns of kind and name such as V(projects/infra-*) or V(robots/*/ci).",
                "An object that is declared absent by its name is deleted all the same.",
            ],
            spec["protect"],
        ),
        "max_delete": option(["Refuse a plan that deletes more objects than this."], spec["max_delete"]),
        "update_secret": option(UPDATE_SECRET_DOC, arguments.UPDATE_SECRET),
    }


def export_options() -> dict[str, t.Any]:
    """Document the export module."""
    spec = arguments.export(RESOURCES)
    return {
        "path": option(["File to write, readable for its owner only. Replaced in one step."], spec["path"]),
        "kinds": option(["Kinds of objects to write."], spec["kinds"]),
    }


def action_options(action: Action) -> dict[str, t.Any]:
    """Document the module of one action."""
    spec = arguments.action(action)
    own = {field.name: field_option(field) for field in action.fields}
    return {**own, **{name: option(doc, spec[name]) for name, doc in ACTION_DOC.items()}}


def fragments() -> str:
    """Return the source of the generated doc fragments."""
    parts = {}
    for resource in RESOURCES:
        parts[resource.name] = single_options(resource)
        parts[f"{resource.name}_info"] = info_options(resource)
    for action in ACTIONS:
        parts[action.name] = action_options(action)
    for row in (*OPERATIONS, *REPORTS):
        parts[row.name] = {field.name: field_option(field) for field in row.fields}
    parts["state"] = state_options()
    parts["export"] = export_options()
    text = HEADER
    for name, options in parts.items():
        body = yaml.safe_dump({"options": options}, sort_keys=False, width=120, allow_unicode=True)
        text += f'\n    {name.upper()} = r"""\n{body}"""\n'
    return text


def modules() -> list[str]:
    """Return the names of the modules that talk to Harbor, and so take the options of a connection."""
    return sorted(path.stem for path in (ROOT / "plugins/modules").glob("*.py") if CONNECTION in path.read_text())


def runtime() -> str:
    """Return meta/runtime.yml with the action group of these modules."""
    path = ROOT / "meta/runtime.yml"
    content = yaml.safe_load(path.read_text()) if path.exists() else {"requires_ansible": ">=2.19.0"}
    content["action_groups"] = {GROUP.rsplit(".", 1)[1]: modules()}
    lines = yaml.dump(content, Dumper=IndentedDumper, sort_keys=False, default_flow_style=False)
    return f"---\n# action_groups is written by tools/gen_docs.py.\n{lines}".replace("'", '"')


class IndentedDumper(yaml.SafeDumper):
    """Indents lists, as yamllint wants them."""

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:
        """Never put a list at the level of its key."""
        super().increase_indent(flow, False)


def plain(text: str) -> str:
    """Return documentation without Ansible's marks, which editors do not know."""
    return re.sub(r"\b[CMOV]\(([^)]*)\)", r"\1", text)


def schema_of(field: Field) -> dict[str, t.Any]:
    """Return the JSON schema of one field."""
    kinds = {"str": "string", "bool": "boolean", "int": "integer", "list": "array", "dict": "object"}
    result: dict[str, t.Any] = {"type": kinds[field.type], "description": plain(" ".join(sentences(field.doc)))}
    if field.type == "str" and not field.choices:
        result["type"] = ["string", "integer"]  # YAML reads 5368709120 and 2027 as numbers
    if field.choices:
        result["enum"] = list(field.choices)
    if field.type == "dict" and field.options:
        result |= object_schema(field.options)
    if field.elements:
        result["items"] = object_schema(field.options) if field.options else {"type": "string"}
    return result


def object_schema(fields: t.Iterable[Field], extra: dict[str, t.Any] | None = None) -> dict[str, t.Any]:
    """Return the JSON schema of an object with these fields."""
    required = [field.name for field in fields if field.required]
    properties = {**{field.name: schema_of(field) for field in fields}, **(extra or {})}
    return {"type": "object", "additionalProperties": False, "required": required, "properties": properties}


def defaults_schema() -> dict[str, t.Any]:
    """Return the JSON schema of the defaults by kind."""
    kinds = {
        resource.plural: {**object_schema([field for field in resource.fields if not field.key]), "required": []}
        for resource in RESOURCES
        if not resource.singleton
    }
    title = "What objects of a kind get that say nothing themselves."
    return {"type": "object", "additionalProperties": False, "description": title, "properties": kinds}


def schema() -> str:
    """Return the JSON schema of the file that the state module's desired option takes."""
    state = {"state": {"type": "string", "enum": arguments.STATE["choices"]}}
    kinds = {}
    for resource in RESOURCES:
        items = object_schema(resource.fields, state if resource.delete else {})
        if resource.one_of:
            items["oneOf"] = [{"required": [name]} for name in resource.one_of[0]]
        title = f"{resource.title}."
        if resource.singleton:
            kinds[resource.plural] = {**items, "type": ["object", "null"], "description": title}
        else:
            kinds[resource.plural] = {"type": ["array", "null"], "description": title, "items": items}
    document = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Desired state of a Harbor",
        "type": "object",
        "additionalProperties": False,
        "properties": {**kinds, "defaults": defaults_schema()},
    }
    return json.dumps(document, indent=2) + "\n"


def outputs() -> dict[Path, str]:
    """Return the content of every generated file."""
    return {
        ROOT / "plugins/doc_fragments/_options.py": fragments(),
        ROOT / "meta/runtime.yml": runtime(),
        ROOT / "docs/state.schema.json": schema(),
    }


def main(check: bool) -> int:
    """Write the files, or say which are stale."""
    stale = [path for path, text in outputs().items() if not path.exists() or path.read_text() != text]
    for path in stale:
        name = path.relative_to(ROOT)
        if check:
            print(f"{name} is stale: run tools/gen_docs.py", file=sys.stderr)
        else:
            path.write_text(outputs()[path])
            print(f"wrote {name}")
    return int(check and bool(stale))


if __name__ == "__main__":
    sys.exit(main("--check" in sys.argv[1:]))
