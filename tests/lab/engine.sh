#!/usr/bin/env bash
# Make sure that a Docker engine answers. Does nothing when one does already; as root on Debian installs and starts one.
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# shellcheck disable=SC1091  # found at run time
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"

answers() { docker info >/dev/null 2>&1; }

# Without an init system the engine is a detached process of its own: it outlives this script, as a service would.
start_by_hand() {
  local log=$BUILD/dockerd.log
  say "starting dockerd (log: $log)"
  setsid nohup dockerd >"$log" 2>&1 </dev/null &
  echo $! >"$BUILD/dockerd.pid"
}

# Not by /run/systemd/system, as sd_booted(3) does: whoever writes a drop-in there makes that directory.
systemd_runs() { [ "$(cat /proc/1/comm)" = systemd ]; }

start() {
  if systemd_runs; then
    say "starting docker.service"
    systemctl start docker.service
  elif ! pidof dockerd >/dev/null; then
    start_by_hand
  fi
}

wait_for_answer() {
  for _ in $(seq 60); do
    if answers; then
      say "the engine answers: $(docker info --format '{{.ServerVersion}}, {{.Driver}}, cgroup v{{.CgroupVersion}}')"
      return 0
    fi
    sleep 0.5
  done
  [ ! -r "$BUILD/dockerd.log" ] || tail -n 15 "$BUILD/dockerd.log" >&2
  fail "the Docker engine does not answer after 30 s"
}

if command -v docker >/dev/null && answers; then
  exit 0
fi
if [ "$(id -u)" -ne 0 ] || ! is_debian; then
  fail "no Docker engine answers to this user. Start one, or be a member of the group that may use it
       (as root: usermod -aG docker $(id -un), then log in again), or run this as root on Debian 12 or 13, where it installs one."
fi
need_packages docker.io iptables
# Debian 13 ships the client apart from the engine.
command -v docker >/dev/null || need_packages docker-cli
start
wait_for_answer
