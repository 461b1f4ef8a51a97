# Copyright: the dockmaster.harbor contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""jobservice: runs no job here, but is as particular about its configuration, its Redis and its secrets as the real one."""

from __future__ import annotations

import os
import threading
import time
import uuid
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import httpx
import redis
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from .environment import START_TIMEOUT, Refused, connect_redis, need, read_yaml, serve, tls_files, wait_for

_HEARTBEAT = 5
_LOGGERS = ("STD_OUTPUT", "FILE", "DB")
_LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR", "FATAL")


def main(environment: Mapping[str, str]) -> None:
    """Check the configuration, fetch core's, serve the pool's state."""
    _, secret, core_url = need(environment, "CORE_SECRET", "JOBSERVICE_SECRET", "CORE_URL")
    config = check(read_yaml(Path("/etc/jobservice/config.yml")))
    pool = config["worker_pool"]["redis_pool"]
    client = connect_redis(environment.get("JOB_SERVICE_POOL_REDIS_URL") or pool["redis_url"], "worker_pool.redis_pool.redis_url")
    fetch_configuration(core_url, secret)
    workers = Pool(client, f"{{{pool['namespace']}}}", int(config["worker_pool"]["workers"]))
    workers.start()
    app = Starlette(routes=[Route("/api/v1/stats", workers.stats)])
    serve(app, int(config["port"]), _tls(config, environment))


def check(config: dict[str, Any]) -> dict[str, Any]:
    """The configuration, when jobservice would take it. Raises Refused."""
    try:
        problems = [
            (config["protocol"] not in ("http", "https"), "protocol must be http or https"),
            (not 0 < int(config["port"]) < 65536, "port must be a port"),
            (int(config["worker_pool"]["workers"]) < 1, "worker_pool.workers must be at least 1"),
            (config["worker_pool"]["backend"] != "redis", "worker_pool.backend must be redis"),
            (not config["worker_pool"]["redis_pool"]["namespace"], "worker_pool.redis_pool.namespace must not be empty"),
            *(_logger_problem(where, logger) for where in ("job_loggers", "loggers") for logger in config[where]),
            (not config["job_loggers"], "job_loggers must name a logger"),
        ]
    except (KeyError, TypeError, ValueError) as error:
        raise Refused(f"/etc/jobservice/config.yml: {type(error).__name__} {error}") from error
    for wrong, message in problems:
        if wrong:
            raise Refused(f"/etc/jobservice/config.yml: {message}")
    return config


def _logger_problem(where: str, logger: dict[str, Any]) -> tuple[bool, str]:
    if logger["name"] == "FILE":
        directory = logger["settings"]["base_dir"]
        if not os.access(directory, os.W_OK):
            return True, f"{where}: {directory} is not writable"
    wrong = logger["name"] not in _LOGGERS or logger["level"] not in _LEVELS
    return wrong, f"{where}: unknown logger or level {logger['name']} {logger['level']}"


def fetch_configuration(core_url: str, secret: str) -> None:
    """Get core's configuration with our secret, as soon as core answers. Raises Refused when it does not know the secret."""

    def attempt() -> None:
        answer = httpx.get(
            f"{core_url}/api/v2.0/internalconfig", headers={"Authorization": f"Harbor-Secret {secret}"}, timeout=10, trust_env=False
        )
        if answer.status_code == 401:
            raise Refused(f"core at {core_url} does not accept JOBSERVICE_SECRET")
        answer.raise_for_status()

    wait_for(f"core at {core_url}", attempt, httpx.HTTPError, START_TIMEOUT)


class Pool:
    """This process in the list of worker pools that all jobservices share in Redis."""

    def __init__(self, client: redis.Redis, namespace: str, workers: int) -> None:
        self._client: Any = client
        self._set = f"{namespace}:worker_pools"
        self._id = uuid.uuid4().hex[:24]
        self._state = {"worker_pool_id": self._id, "started_at": int(time.time()), "concurrency": workers, "status": "Healthy"}

    def start(self) -> None:
        threading.Thread(target=self._beat, daemon=True).start()

    def stats(self, request: Request) -> JSONResponse:
        """All pools that are alive; an error when Redis does not answer."""
        try:
            return JSONResponse({"worker_pools": self._pools()})
        except redis.RedisError as error:
            return JSONResponse({"code": 10011, "message": "get worker stats failed", "details": str(error)}, 500)

    def _pools(self) -> list[dict[str, Any]]:
        pools = []
        for member in sorted(self._client.smembers(self._set)):
            state = self._client.hgetall(f"{self._set}:{member.decode()}")
            if state:
                pools.append({key.decode(): _number(value.decode()) for key, value in state.items()})
        return pools

    def _beat(self) -> None:
        key = f"{self._set}:{self._id}"
        while True:
            try:
                self._client.sadd(self._set, self._id)
                self._client.hset(key, mapping={**self._state, "heartbeat_at": int(time.time())})
                self._client.expire(key, 3 * _HEARTBEAT)
            except redis.RedisError as error:
                print(f"heartbeat: {error}", flush=True)
            time.sleep(_HEARTBEAT)


def _number(text: str) -> int | str:
    return int(text) if text.isdigit() else text


def _tls(config: dict[str, Any], environment: Mapping[str, str]) -> Mapping[str, str]:
    if config["protocol"] == "http":
        return {}
    files = config.get("https_config") or {}
    return {"ssl_certfile": files.get("cert", ""), "ssl_keyfile": files.get("key", "")} if files else tls_files(environment)
