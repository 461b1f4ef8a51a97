# Copyright: the dockmaster.harbor contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The table of resources is complete, consistent and true to Harbor's OpenAPI."""

from __future__ import annotations

import ast
import json
import os
import re
import subprocess
import sys
from pathlib import Path

import jsonschema
import pytest
import yaml
from ansible_collections.dockmaster.harbor.plugins.module_utils import _arguments as arguments
from ansible_collections.dockmaster.harbor.plugins.module_utils._action import Action
from ansible_collections.dockmaster.harbor.plugins.module_utils._actions import ACTIONS, OPERATIONS
from ansible_collections.dockmaster.harbor.plugins.module_utils._operation import Operation
from ansible_collections.dockmaster.harbor.plugins.module_utils._report import Report
from ansible_collections.dockmaster.harbor.plugins.module_utils._reports import REPORTS
from ansible_collections.dockmaster.harbor.plugins.module_utils._resource import Field, Resource
from ansible_collections.dockmaster.harbor.plugins.module_utils._resources import RESOURCES
from ansible_collections.dockmaster.harbor.plugins.module_utils._resources import _permissions as permissions

ROOT = Path(__file__).resolve().parents[2]
OPENAPI = json.loads((ROOT / "tests/unit/fixtures/openapi_fields.json").read_text())
UTILS = ROOT / "plugins/module_utils"
# Those that follow from no row of the table.
ROWS: tuple[Action | Operation | Report, ...] = (*ACTIONS, *OPERATIONS, *REPORTS)
OTHER_MODULES = ("state", "export", "robot_rotation", *(row.name for row in ROWS))

resources = pytest.mark.parametrize("resource", RESOURCES, ids=lambda resource: resource.name)
rows = pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)


def all_fields(resource: Resource) -> list[Field]:
    found = list(resource.fields)
    for one in found:  # grows while it is walked: options may have options
        found += one.options
    return found


@resources
def test_fields_are_documented(resource: Resource) -> None:
    for one in all_fields(resource):
        text = one.doc if isinstance(one.doc, str) else " ".join(one.doc)
        assert text.endswith("."), f"{resource.name}.{one.name}"


@resources
def test_names_and_places_are_unique(resource: Resource) -> None:
    names = [one.name for one in resource.fields]
    places = [one.api for one in resource.fields if one.api]
    assert len(names) == len(set(names)) and len(places) == len(set(places))
    assert not {"state", "update_secret"} & set(names) and not any(name.startswith("harbor_") for name in names)


@resources
def test_something_identifies_an_object(resource: Resource) -> None:
    keys = [one for one in resource.fields if one.key]
    only_project = [one.name for one in keys] == ["project"]  # where it may be missing, that stands for one object too
    assert any(one.required for one in keys) is not (resource.singleton or (resource.unscoped_too and only_project))
    assert not any(one.secret or one.create_only for one in keys)
    if resource.scoped:
        assert keys[0].name == "project"
    assert bool(resource.origin) is (resource.create is None and not resource.singleton)
    assert not (resource.singleton and (resource.create or resource.delete))


@resources
def test_secrets_are_hidden(resource: Resource) -> None:
    for one in resource.fields:
        spec = arguments.argument(one)
        assert spec.get("no_log", False) is one.secret
        if any(word in one.name for word in ("password", "secret")) and one.type == "str":
            assert one.secret


@resources
@pytest.mark.parametrize("version", sorted(OPENAPI))
def test_fields_exist_in_harbors_openapi(resource: Resource, version: str) -> None:
    """Also the other way round: a field that names the version that brought it is not in an older one."""
    numbers = tuple(map(int, version.split(".")))
    for one in all_fields(resource):
        if not one.schema:
            free = one.api.startswith("parameters.")  # Harbor's OpenAPI does not say what a job takes
            assert one.local or one.api == "_project" or free, f"{resource.name}.{one.name} names no OpenAPI property"
            continue
        definition, name = one.schema.split(".")
        assert (name in OPENAPI[version][definition]) is one.known_to(numbers), f"{one.schema} in {version}"


@resources
@pytest.mark.parametrize("version", sorted(OPENAPI))
def test_paths_exist_in_harbors_openapi(resource: Resource, version: str) -> None:
    assert resource.paths and set(resource.paths) <= set(OPENAPI[version]["paths"])


def test_openapi_extract_is_fresh(tmp_path: Path) -> None:
    """The committed extract equals one made from Harbor's own files, where these are at hand."""
    directory = os.environ.get("HARBOR_OPENAPI_DIR")
    assert {version.rsplit(".", 1)[0] for version in OPENAPI} == {"2.13", "2.14", "2.15"}
    if not directory:
        pytest.skip("HARBOR_OPENAPI_DIR names no directory with swagger-v<version>.yaml; the committed extract was tested")
    sys.path.insert(0, str(ROOT / "tools"))
    import openapi_fields

    for version, expected in OPENAPI.items():
        assert openapi_fields.extract(Path(directory) / f"swagger-v{version}.yaml") == expected


@resources
def test_every_resource_has_its_modules(resource: Resource) -> None:
    for name, call in ((resource.name, "run_resource"), (f"{resource.name}_info", "run_info")):
        text = (ROOT / f"plugins/modules/{name}.py").read_text()
        assert f"{call}({resource.name.upper()})" in text
        examples = yaml.safe_load(re.split(r'EXAMPLES = r"""', text)[1].split('"""')[0])
        assert len(examples) >= 3, f"{name} has {len(examples)} examples"


@rows
def test_options_of_actions_and_reports_are_documented(row: Action | Operation | Report) -> None:
    for one in row.fields:
        text = one.doc if isinstance(one.doc, str) else " ".join(one.doc)
        assert text.endswith("."), f"{row.name}.{one.name}"
        assert not one.secret and not one.name.startswith("harbor_")
    assert not {"state", "wait", "timeout", "interval"} & {one.name for one in row.fields} or row in OPERATIONS


@rows
@pytest.mark.parametrize("version", sorted(OPENAPI))
def test_paths_of_actions_and_reports_exist_in_harbors_openapi(row: Action | Operation | Report, version: str) -> None:
    assert row.paths and set(row.paths) <= set(OPENAPI[version]["paths"])


@rows
def test_every_action_and_report_has_its_module(row: Action | Operation | Report) -> None:
    call = {Action: "run_action", Operation: "run_operation", Report: "run_report"}[type(row)]
    text = (ROOT / f"plugins/modules/{row.name}.py").read_text()
    assert f"{call}({row.name.upper()})" in text
    examples = yaml.safe_load(re.split(r'EXAMPLES = r"""', text)[1].split('"""')[0])
    assert sum(f"dockmaster.harbor.{row.name}" in example for example in examples) >= (1 if isinstance(row, Report) else 3)
    assert len(examples) >= 3


def test_every_module_is_in_the_action_group_and_tested() -> None:
    """All but those that look at hosts, which have tests of their own."""
    modules = sorted(path.stem for path in (ROOT / "plugins/modules").glob("*.py") if path.stem not in ("__init__", "host_info"))
    group = yaml.safe_load((ROOT / "meta/runtime.yml").read_text())["action_groups"]["harbor"]
    assert modules == sorted(group)
    assert modules == sorted([*(name for one in RESOURCES for name in (one.name, f"{one.name}_info")), *OTHER_MODULES])
    tests = "".join(path.read_text() for path in (ROOT / "tests/module").glob("*.py"))
    for name in (*OTHER_MODULES, *(one.name for one in RESOURCES)):
        assert f'"{name}"' in tests, f"module {name} has no test"


def test_generated_files_are_fresh() -> None:
    result = subprocess.run([sys.executable, ROOT / "tools/gen_docs.py", "--check"], capture_output=True, text=True)
    assert result.returncode == 0, result.stderr


def test_schema_takes_what_the_modules_take() -> None:
    schema = json.loads((ROOT / "docs/state.schema.json").read_text())
    jsonschema.Draft202012Validator.check_schema(schema)
    good = {
        "projects": [{"name": "payments", "storage_limit": 5368709120, "cve_allowlist": []}],
        "project_members": [{"project": "payments", "group": "developers", "role": "guest"}],
        "robots": [{"name": "ci", "project": "payments", "permissions": [{"access": ["repository:pull"]}]}],
        "labels": None,
    }
    jsonschema.validate(good, schema)
    for bad in (
        {"project": []},
        {"projects": [{"nane": "payments"}]},
        {"project_members": [{"project": "payments", "user": "a", "group": "b", "role": "guest"}]},
        {"projects": [{"name": "payments", "severity": "High"}]},
    ):
        with pytest.raises(jsonschema.ValidationError):
            jsonschema.validate(bad, schema)


def test_built_in_permissions() -> None:
    """As many as GET /permissions of Harbor 2.15.2 lists."""
    known = permissions.catalogue(None)
    assert (len(known["system"]), len(known["project"])) == (70, 70)
    assert permissions.catalogue({"project": [{"resource": "new", "action": "one"}]}) == {"system": known["system"], "project": {"new:one"}}


# -- layers

LAYERS = (
    ("_errors", "_codec"),
    ("_transport",),
    ("_session",),
    ("_http",),
    ("_resource",),
    ("_action", "_input", "_report"),
    ("_resources", "_operation"),
    ("_actions", "_reports"),
    ("_plan", "_arguments"),
    ("_rights",),
    ("_engine", "_sources"),
    ("_rotation",),
    ("_module",),
    ("_module_actions",),
)
# The engine gets the table handed in; it knows only what a resource is.
NEVER = {"_engine": "_resources", "_plan": "_resources", "_http": "_resource", "_session": "_resource", "_transport": "_session"}


def imports(path: Path) -> set[str]:
    """Return the module_utils that a file imports when it runs; what only type checkers see does not count."""
    tree = ast.parse(path.read_text())
    typing_only = {
        node for test in ast.walk(tree) if isinstance(test, ast.If) and "TYPE_CHECKING" in ast.unparse(test.test) for node in ast.walk(test)
    }
    found = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node not in typing_only and node.module and "dockmaster.harbor" in node.module:
            tail = node.module.split(".module_utils")[1].strip(".")
            found |= {tail.split(".")[0]} if tail else {alias.name for alias in node.names}
    return found


def layer(name: str) -> int:
    return next(number for number, names in enumerate(LAYERS) if name in names)


@pytest.mark.parametrize("path", sorted(UTILS.rglob("*.py")), ids=lambda path: str(path.relative_to(UTILS)))
def test_imports_point_downwards(path: Path) -> None:
    name = path.relative_to(UTILS).parts[0].removesuffix(".py")
    for other in imports(path) - {name}:
        assert layer(other) < layer(name), f"{name} imports {other}"
        assert NEVER.get(name) != other, f"{name} must not know {other}"


@pytest.mark.parametrize("path", sorted(UTILS.rglob("*.py")), ids=lambda path: str(path.relative_to(UTILS)))
def test_only_the_glue_knows_ansible_and_nobody_waits_alone(path: Path) -> None:
    text = path.read_text()
    if path.stem not in ("_module", "_arguments", "_sources"):
        assert "from ansible.module_utils" not in text
    if path.stem not in ("_module", "_module_actions"):
        assert "fail_json" not in text and "exit_json" not in text
    assert "importlib" not in text, "AnsiballZ ships only what is imported statically"


def test_the_engine_names_no_resource() -> None:
    text = "".join((UTILS / f"{name}.py").read_text() for name in ("_engine", "_plan", "_arguments"))
    singulars = [one.name for one in RESOURCES if one.name not in ("project", "user", "label")]
    assert [name for name in singulars if name in text.replace("registry.example.com", "").replace("a registry", "")] == []
