#!/usr/bin/env bash
# lab.sh up|down|restart|ssh|list INVENTORY [HOST [COMMAND...]]: the nodes that an inventory describes, as containers.
#   up       engine, images, network, nodes (safe to repeat)      down     remove them
#   restart  reboot one host and wait for it                      ssh      a shell (or a command) on one host
#   list     what runs
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

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

# fact HOST VARIABLE: a variable of the inventory, templated.
fact() {
  (cd "$ROOT" && ansible -i "$inventory" "$1" -m ansible.builtin.debug -a "msg='{{ $2 }}'" -o) |
    sed -n 's/.*"msg": "\(.*\)".*/\1/p' | head -n 1
}

case $action in
  up)
    "$LAB/engine.sh"
    "$LAB/images.sh" node
    playbook molecule/shared/create.yml
    ;;
  down) playbook molecule/shared/destroy.yml ;;
  list) docker ps -a --filter "label=dockmaster.lab=$(fact all lab_name)" ;;
  restart)
    [ $# -ge 1 ] || usage
    docker restart "$(fact "$1" lab_name)-$1" >/dev/null
    playbook molecule/shared/create.yml
    ;;
  ssh)
    [ $# -ge 1 ] || usage
    host=$1
    shift
    # shellcheck disable=SC2046  # the options are words on purpose
    exec ssh $(fact "$host" ansible_ssh_common_args) -i "$(fact "$host" ansible_ssh_private_key_file)" \
      "ansible@$(fact "$host" ansible_host)" "$@"
    ;;
  *) usage ;;
esac
