#!/bin/sh
# The distribution's registry on the rendered configuration. Debian's build cannot speak TLS to Redis, Harbor's can: where the
# configuration asks for it, a relay on loopback does that part and a private copy of the configuration points at it.
set -eu
install_cert.sh
config=$(/home/harbor/redis_relay.py /etc/registry/config.yml)
unset REGISTRY_REDIS_ADDR REGISTRY_REDIS_ENABLETLS
exec docker-registry serve "$config"
