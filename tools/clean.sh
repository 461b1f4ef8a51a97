#!/usr/bin/env bash
# Remove what was built in this checkout. Labs that still run keep their keys: take them down first.
set -euo pipefail
cd "$(dirname "$0")/.."
if command -v docker >/dev/null && docker info >/dev/null 2>&1 && [ -n "$(docker ps -aq --filter label=dockmaster.lab)" ]; then
  echo "[clean] labs still exist; take them down first:" >&2
  docker ps -a --filter label=dockmaster.lab --format '  {{.Names}} ({{.Status}})' >&2
  exit 1
fi
rm -rf .build .venv .mypy_cache .ruff_cache .pytest_cache .ansible tests/output
find . -name __pycache__ -type d -prune -exec rm -rf {} +
echo "[clean] done"
