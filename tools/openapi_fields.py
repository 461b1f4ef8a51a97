#!/usr/bin/env python3
# Copyright: the dockmaster.harbor contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Extract the property names and paths that the table relies on from Harbor's OpenAPI files, for a test that always runs.

tools/openapi_fields.py DIRECTORY     DIRECTORY holds swagger-v<version>.yaml of each supported minor (Harbor's api/v2.0/swagger.yaml)
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

from ansible_collections.dockmaster.harbor.plugins.module_utils._actions import ACTIONS, OPERATIONS  # noqa: E402
from ansible_collections.dockmaster.harbor.plugins.module_utils._reports import REPORTS  # noqa: E402
from ansible_collections.dockmaster.harbor.plugins.module_utils._resource import Field  # noqa: E402
from ansible_collections.dockmaster.harbor.plugins.module_utils._resources import RESOURCES  # noqa: E402

TARGET = ROOT / "tests/unit/fixtures/openapi_fields.json"


def all_fields(fields: t.Iterable[Field]) -> t.Iterator[Field]:
    """Yield fields and their suboptions."""
    for field in fields:
        yield field
        yield from all_fields(field.options)


def definitions() -> list[str]:
    """Return the names of the OpenAPI definitions that the table names."""
    return sorted({field.schema.split(".")[0] for resource in RESOURCES for field in all_fields(resource.fields) if field.schema})


def paths() -> set[str]:
    """Return the paths that the table names."""
    return {path for row in (*RESOURCES, *ACTIONS, *OPERATIONS, *REPORTS) for path in row.paths}


def extract(path: Path) -> dict[str, list[str]]:
    """Return the property names of each definition in one OpenAPI file, and as "paths" those that the table names.

    A definition that is missing has no properties.
    """
    document = yaml.safe_load(path.read_text())
    found = {name: sorted(document["definitions"].get(name, {}).get("properties", {})) for name in definitions()}
    return {**found, "paths": sorted(paths() & set(document["paths"]))}


def main(directory: str) -> int:
    """Write the extract; exit 1 when there is nothing to read."""
    files = {
        match[1]: path for path in sorted(Path(directory).glob("swagger-v*.yaml")) if (match := re.search(r"v([\d.]+)\.yaml", path.name))
    }
    if not files:
        print(f"{directory} holds no swagger-v<version>.yaml", file=sys.stderr)
        return 1
    TARGET.parent.mkdir(parents=True, exist_ok=True)
    TARGET.write_text(json.dumps({version: extract(path) for version, path in files.items()}, indent=1) + "\n")
    print(f"wrote {TARGET.relative_to(ROOT)} from {', '.join(files)}")
    return 0


if __name__ == "__main__":
    if len(sys.argv) != 2:
        print(__doc__, file=sys.stderr)
        sys.exit(2)
    sys.exit(main(sys.argv[1]))
