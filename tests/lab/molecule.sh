#!/usr/bin/env bash
# molecule.sh SCENARIO [ACTION [OPTION...]]: run a scenario (default action: test) with everything it needs: engine, images, secrets.
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# shellcheck disable=SC1091  # found at run time
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"

[ $# -ge 1 ] || fail "usage: molecule.sh SCENARIO [ACTION [OPTION...]]"
scenario=$1
action=${2:-test}
shift $(($# > 1 ? 2 : 1))
[ -r "$ROOT/molecule/$scenario/molecule.yml" ] ||
  fail "no scenario '$scenario'; there are: $(cd "$ROOT/molecule" && printf '%s ' */molecule.yml | sed 's#/molecule.yml##g')"

export PATH=$ROOT/.venv/bin:$PATH
command -v molecule >/dev/null || fail "no molecule in .venv/bin: run 'make env' first"
"$LAB/engine.sh"
"$LAB/images.sh" all
build_servers "$ROOT/molecule/$scenario/inventory"

# Molecule writes an ansible.cfg of its own, so what ours says comes in by the environment.
unset ANSIBLE_CONFIG
ANSIBLE_COLLECTIONS_PATH=$BUILD/src:$(python -c 'import sysconfig; print(sysconfig.get_path("purelib"))')
export ANSIBLE_COLLECTIONS_PATH
export ANSIBLE_HOME=$BUILD/ansible
export DOCKMASTER_SECRETS=$BUILD/molecule/$scenario
export ANSIBLE_VAULT_PASSWORD_FILE=$DOCKMASTER_SECRETS/password

install -d -m 0700 "$DOCKMASTER_SECRETS"
if [ ! -s "$ANSIBLE_VAULT_PASSWORD_FILE" ]; then
  (umask 077 && python -c 'import secrets; print(secrets.token_urlsafe(32))' >"$ANSIBLE_VAULT_PASSWORD_FILE")
fi
say "secrets"
cd "$ROOT" || exit
ansible-playbook dockmaster.harbor.create_secrets -e "create_secrets_file=$DOCKMASTER_SECRETS/vault.yml" >"$BUILD/molecule/secrets.log" 2>&1 ||
  { tail -n 20 "$BUILD/molecule/secrets.log" >&2; fail "the secrets could not be made"; }

# totals: add up the rounds of tests that testinfra ran (passed, failed, errors, skipped; one line each).
totals() {
  awk -v name="$scenario" '{ passed += $1; failed += $2 + $3; skipped += $4 }
    END { printf "molecule %s: %d passed, %d failed, %d skipped\n", name, passed, failed, skipped }' "$DOCKMASTER_SECRETS/counts"
}

say "molecule $action -s $scenario"
: >"$DOCKMASTER_SECRETS/counts"
status=0
molecule "$action" -s "$scenario" "$@" || status=$?
say "molecule $action -s $scenario: exit code $status"
[ ! -s "$DOCKMASTER_SECRETS/counts" ] || totals
exit "$status"
