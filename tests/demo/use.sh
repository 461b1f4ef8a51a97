#!/usr/bin/env bash
# use.sh pull|push REPOSITORY: use a registry without pause until a line comes in on standard input, or its end. Runs on the client machine.
# A line per attempt: ok|failed, when it began and ended (seconds since 1970), and the digest or what the client said.
#   pull  REPOSITORY is an image; each time it is removed here and pulled again, with docker
#   push  random files, each a tag of its own, with oras
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

set -uo pipefail

pull() {
  docker rmi --force "$1" >/dev/null 2>&1
  timeout 30 docker pull "$1" 2>&1
}

push() {
  head -c 65536 /dev/urandom >load.bin
  timeout 30 oras push --registry-config "$DOCKER_CONFIG/config.json" --no-tty --artifact-type application/vnd.example.load \
    "$1:$(date +%s%N)" load.bin:application/octet-stream 2>&1
}

# `read` tells a pause that is over (above 128) from a line and from the end.
while read -r -t 0.5; [ $? -gt 128 ]; do
  began=$(date +%s.%N)
  if said=$("$1" "$2" </dev/null); then
    echo "ok $began $(date +%s.%N) $(grep -o 'sha256:[0-9a-f]\{64\}' <<<"$said" | tail -n 1)"
  else
    echo "failed $began $(date +%s.%N) $(tail -n 1 <<<"$said" | cut -c 1-200)"
  fi
done
