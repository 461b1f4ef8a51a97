#!/usr/bin/env bash
# All static checks. Each one runs even when an earlier one failed; the exit code tells whether any did.
set -uo pipefail
cd "$(dirname "$0")/.." || exit 1
export PATH="$PWD/.venv/bin:$PATH" ANSIBLE_CONFIG="$PWD/ansible.cfg"

passed=0 failed=0
check() {
  local name=$1 started=$SECONDS
  shift
  if "$@"; then
    passed=$((passed + 1)); printf '[lint] %-14s ok (%ds)\n' "$name" $((SECONDS - started))
  else
    failed=$((failed + 1)); printf '[lint] %-14s FAILED (%ds)\n' "$name" $((SECONDS - started))
  fi
}

changelog() {
  # antsibull-changelog wants the collection at its place in a collection tree.
  (cd .build/src/ansible_collections/dockmaster/harbor && antsibull-changelog lint)
}

generated() { python tools/gen_docs.py --check; }

shell() {
  if ! command -v shellcheck >/dev/null; then
    if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
      apt-get update -qq && apt-get install -y -qq shellcheck >/dev/null
    else
      echo "shellcheck is missing: install it (as root: apt-get install shellcheck)" >&2
      return 1
    fi
  fi
  git ls-files -z '*.sh' .ci/run roles/load_balancer/files/save-state | xargs -0 shellcheck
}

check ruff ruff check .
check format ruff format --check .
check mypy mypy plugins/module_utils tests/standin/standin tools
check yamllint yamllint --strict .
check ansible-lint ansible-lint --offline
check generated generated
check changelog changelog
check shellcheck shell

echo "lint: $passed passed, $failed failed"
[ "$failed" = 0 ]
