#!/usr/bin/env bash
# lab.sh up|down|restart|ssh|list INVENTORY [HOST [COMMAND...]]: the nodes that an inventory describes, as containers.
#   up       engine, images, network, nodes (safe to repeat)      down     remove them
#   restart  reboot one host and wait for it                      ssh      a shell (or a command) on one host
#   list     what runs
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# shellcheck disable=SC1091  # found at run time
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"

usage() { fail "usage: lab.sh up|down|restart|ssh|list INVENTORY [HOST [COMMAND...]]"; }

[ $# -ge 2 ] || usage
action=$1
inventory=$(realpath "$2")
shift 2

export PATH=$ROOT/.venv/bin:$PATH
export ANSIBLE_CONFIG=$ROOT/ansible.cfg
command -v ansible-playbook >/dev/null || fail "no ansible-playbook in .venv/bin: run 'make env' first"

playbook() { (cd "$ROOT" && ansible-playbook -i "$inventory" "$@"); }

# fact VARIABLE: what the inventory says about its lab; the same for all of its hosts.
fact() {
  ansible-inventory -i "$inventory" --list | python3 -c '
import json, sys

hosts = json.load(sys.stdin)["_meta"]["hostvars"].values()
print(next(iter(hosts)).get(sys.argv[1], ""))' "$1"
}

case $action in
  up)
    "$LAB/engine.sh"
    if [ -n "$(fact lab_registry_address)" ]; then
      "$LAB/images.sh" node published
    else
      "$LAB/images.sh" node
    fi
    build_servers "$inventory"
    playbook molecule/shared/create.yml
    ;;
  down) playbook molecule/shared/destroy.yml ;;
  list) docker ps -a --filter "label=dockmaster.lab=$(fact lab_name)" ;;
  restart)
    [ $# -eq 1 ] || usage
    docker restart "$(fact lab_name)-$1" >/dev/null
    playbook molecule/shared/create.yml
    ;;
  ssh)
    [ $# -ge 1 ] || usage
    exec ssh -F "$BUILD/lab/$(fact lab_name)/ssh_config" "$@"
    ;;
  *) usage ;;
esac
