#!/usr/bin/env bash
# Make the locked development environment in .venv: safe to repeat, does nothing when it is up to date.
# Usage: tools/env.sh            (PYTHON=python3.13 tools/env.sh to choose the interpreter)
set -euo pipefail
cd "$(dirname "$0")/.."

PYTHON=${PYTHON:-python3}
LOCK=requirements/dev.txt
STAMP=.venv/.lock-sha256

say() { printf '[env] %s\n' "$*"; }
die() { printf '[env] error: %s\n' "$*" >&2; exit 1; }

command -v "$PYTHON" >/dev/null || die "no $PYTHON on PATH; install Python 3.11 or newer, or set PYTHON"
"$PYTHON" -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
  || die "$PYTHON is $("$PYTHON" -V 2>&1); Python 3.11 or newer is needed: set PYTHON to one"

want=$("$PYTHON" -c 'import sys, hashlib; print(hashlib.sha256(open(sys.argv[1], "rb").read() + sys.version.encode()).hexdigest())' "$LOCK")

# A checkout that is reached as ansible_collections/dockmaster/harbor, without copying it.
mkdir -p .build/src/ansible_collections/dockmaster
ln -sfn ../../../.. .build/src/ansible_collections/dockmaster/harbor

if [ -f "$STAMP" ] && [ "$(cat "$STAMP")" = "$want" ]; then
  exit 0
fi

# Debian splits ensurepip off into python3-venv.
if ! "$PYTHON" -c 'import ensurepip' 2>/dev/null; then
  if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
    say "installing python3-venv"
    apt-get update -qq && apt-get install -y -qq python3-venv >/dev/null
  else
    die "$PYTHON has no ensurepip: install the package python3-venv (as root: apt-get install python3-venv)"
  fi
fi

say "installing uv"
"$PYTHON" -m venv .build/uv
.build/uv/bin/pip install --quiet --disable-pip-version-check uv
say "installing $(grep -c == "$LOCK") locked packages into .venv ($("$PYTHON" -V))"
# --seed: ansible-test wants pip inside the environment.
.build/uv/bin/uv venv --quiet --clear --seed --python "$PYTHON" .venv
.build/uv/bin/uv pip install --quiet --python .venv/bin/python --require-hashes -r "$LOCK"
echo "$want" > "$STAMP"
say "ready: $(.venv/bin/ansible --version | head -1)"
