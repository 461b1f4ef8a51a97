#!/usr/bin/python3
# Copyright: the dockmaster.harbor contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""redis_relay.py CONFIG: print the configuration that the registry shall serve.

That is CONFIG itself, unless it (or REGISTRY_REDIS_ENABLETLS) asks for TLS to Redis: then a relay is started and a copy that
names the relay instead of Redis is printed.
"""

from __future__ import annotations

import ipaddress
import os
import subprocess
import sys
import time
from pathlib import Path
from socket import create_connection
from typing import Any

import yaml

RELAY = ("127.0.0.1", 6399)
SETTINGS = """\
foreground = no
pid = /tmp/relay.pid
[redis]
client = yes
accept = {relay}
connect = {redis}
verifyChain = yes
CAfile = /etc/ssl/certs/ca-certificates.crt
{check} = {host}
sslVersionMin = TLSv1.2
"""


def wants_tls(redis: dict[str, Any]) -> bool:
    """Whether TLS is on: the key in lower case, as Harbor's registry reads it, or the environment."""
    override = os.environ.get("REGISTRY_REDIS_ENABLETLS")
    return bool(yaml.safe_load(override)) if override else bool(redis.get("enabletls", False))


def start_relay(address: str) -> None:
    """Relay loopback to `address` ("host:port"), verifying the certificate for that host."""
    host = address.rpartition(":")[0].strip("[]")
    try:
        ipaddress.ip_address(host)
        check = "checkIP"
    except ValueError:
        check = "checkHost"
    settings = Path("/tmp/relay.conf")
    settings.write_text(SETTINGS.format(relay="{}:{}".format(*RELAY), redis=address, check=check, host=host), encoding="utf-8")
    subprocess.run(["stunnel4", str(settings)], check=True, stdout=sys.stderr)
    for _ in range(50):
        try:
            create_connection(RELAY, timeout=1).close()
            return
        except OSError:
            time.sleep(0.1)
    sys.exit("the relay to Redis does not listen")


def main() -> None:
    """Print the path of the configuration to serve."""
    source = Path(sys.argv[1])
    config = yaml.safe_load(source.read_text(encoding="utf-8"))
    redis = config.get("redis", {})
    address = os.environ.get("REGISTRY_REDIS_ADDR") or redis.get("addr")
    if not address or not wants_tls(redis):
        print(source)
        return
    start_relay(str(address))
    redis["addr"] = "{}:{}".format(*RELAY)
    copy = Path("/tmp/config.yml")
    copy.touch(mode=0o600)
    copy.write_text(yaml.safe_dump(config), encoding="utf-8")
    print(copy)


if __name__ == "__main__":
    main()
