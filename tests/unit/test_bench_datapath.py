# Copyright: the dockmaster.harbor contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The benchmark of the data path: what it makes of its measurements."""

from __future__ import annotations

import argparse

import pytest
import yaml
from standin.server import Server

from bench import datapath


def test_sizes() -> None:
    assert datapath.sizes("64K:40,16M:6") == [(65536, 40), (16777216, 6)]


def test_every_number_is_worked_on_once() -> None:
    done: list[int] = []
    times = datapath.measure(20, 3, lambda: done.append)
    assert sorted(done) == list(range(20))
    assert len(times) == 21


def test_an_error_ends_the_measurement() -> None:
    def fail(number: int) -> None:
        raise OSError(f"number {number}")

    with pytest.raises(OSError, match="number"):
        datapath.measure(5, 2, lambda: fail)


def test_figures() -> None:
    row = datapath.figures("S3", 1_000_000, "push", [0.1, 0.3, 0.2, 2.0])
    assert (row["images"], row["MB/s"], row["p50"]) == (3, 1.5, 200)
    assert 200 < row["p95"] <= 300


def test_prices_and_table() -> None:
    row = {"size": 1, "what": "push", "images": 3, "MB/s": 1.5, "p95": 9.0}
    rows = [{**row, "path": path, "p50": p50} for path, p50 in (("S3", 2.0), ("VIP", 8.0))]
    assert [row["times S3"] for row in datapath.priced(rows)] == [1.0, 4.0]
    assert "| VIP | 1 | push | 3 | 1.5 | 8.0 | 9.0 | 4.0 |" in datapath.table(datapath.priced(rows))


def test_images_are_measured_at_a_registry(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(datapath, "PROJECT", "library")
    with Server("Harbor12345") as server:
        rows = datapath.registry("VIP", server.url, 2048, 4, argparse.Namespace(clients=2), {"password": "Harbor12345", "ca": ""})
    assert [(row["what"], row["images"]) for row in rows] == [("push", 4), ("pull", 4)]


def test_a_registry_alone_keeps_the_storage() -> None:
    s3 = {"bucket": "registry", "regionendpoint": "https://lb:9000", "rootdirectory": "/"}
    storage = {"s3": s3, "redirect": {"disable": True}, "cache": {"layerinfo": "redis"}}
    node = {"auth": {"htpasswd": {}}, "redis": {"addr": "x"}, "storage": storage}
    config = yaml.safe_load(datapath.alone(node, False, "https://minio:9000"))
    assert config["storage"]["s3"] == {**s3, "rootdirectory": "/bench"}
    assert not {"auth", "redis"} & set(config)
    redirected = yaml.safe_load(datapath.alone(node, True, "https://minio:9000"))["storage"]
    assert (redirected["redirect"], redirected["s3"]["regionendpoint"]) == ({"disable": False}, "https://minio:9000")
