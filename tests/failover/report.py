# Copyright: the dockmaster.harbor contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Show the results of the fault matrix: as text, and as the page docs/failover.md.

    python -m tests.failover.report [--write]

What was measured is kept in docs/failover.json: rows on compact, rows on ha, and what each hop costs. `--write` puts the rows that were
run in this checkout (.build/failover*) in the place of older ones, so that the page grows row by row.
"""

from __future__ import annotations

import argparse
import datetime
import json
import re
import statistics
from collections import defaultdict
from pathlib import Path
from typing import Any

from .faults import FAULTS, STANDSTILL, Fault
from .figures import WAKING
from .lab import ROOT
from .matrix import kept

BUILD = ROOT / ".build"
PAGE, MEASURED = ROOT / "docs/failover.md", ROOT / "docs/failover.json"
FIRST = ("fault", "push gap", "request gap", "pushes failing", "wanted", "pull gap", "slowest", "failed pushes")
Results = list[dict[str, Any]]
# What a result of a row that is run more than once has after its name.
RUN = ", run {}"
BY_NAME = {fault.name: fault for fault in FAULTS}
COLUMNS = (*FIRST, "failed pulls", "requests", "healed", "acknowledged", "site", "load", "measured")


def cells(result: dict[str, Any]) -> list[str]:
    """One row of the table."""
    push, pull = result["push"], result["pull"]
    lost = f", {len(result['lost'])} LOST" if result["lost"] else ""
    site = "" if result.get("site") is None else f"changed={result['site']}"
    return [
        result["name"] + (" (BROKEN)" if result["broken"] else ""),
        f"{push['gap']} s",
        f"{result['request_gap']} s" if "request_gap" in result else "",
        f"{push['failing']} s" if "failing" in push else "",
        verdict(result, BY_NAME[row_of(result)]),
        f"{pull['gap']} s",
        f"{max(push['slowest'], pull['slowest'])} s",
        failures(push),
        failures(pull),
        f"{result['requests_failed']} of {result['requests']} failed",
        f"{result['healed']} s",
        f"{result['acknowledged']}{lost}",
        site + (f" {len(result['second_leaders'])} SECOND LEADERS" if result["second_leaders"] else ""),
        str(result.get("load", "")),
        str(day_of(result)),
    ]


def verdict(result: dict[str, Any], fault: Fault) -> str:
    """What is wanted of a row today, whenever it was measured, and whether it was so."""
    push, pull, limit, judged = result["push"], result["pull"], fault.limit, fault.judged
    if judged == "patient":
        wanted = "patient: no pull, 0.1 % of pushes fail"
        good = pull["patient_failed"] == 0 and push["patient_failed"] * 1000 <= push["patient_done"]
    elif limit is None:
        return ""
    elif judged == "unfailing":
        wanted = f"none fails, slowest <= {limit:g} s"
        good = result["requests_failed"] == 0 and max(push["slowest"], pull["slowest"]) <= limit
    else:
        wanted, good = f"{judged} <= {limit:g} s", push[judged] <= limit
    return f"{wanted}: {'yes' if good else 'no'}"


def day_of(result: dict[str, Any]) -> datetime.date:
    """When a row was measured, in UTC."""
    return datetime.datetime.fromtimestamp(result["injected"], tz=datetime.UTC).date()


def failures(done: dict[str, Any]) -> str:
    """Failed of all, and failed of those by patient clients."""
    return "{} of {}, patient {} of {}".format(
        done["failed"], done["failed"] + done["done"], done["patient_failed"], done["patient_failed"] + done["patient_done"]
    )


def span(moments: list[dict[str, Any]]) -> float:
    """Seconds from the first to the last of some moments."""
    times = [moment["time"] for moment in moments]
    return round(max(times) - min(times), 1)


def row_of(result: dict[str, Any]) -> str:
    """The row that a result belongs to, whichever of its runs it is."""
    return re.sub(RUN.format("[0-9]+") + "$", "", str(result["name"]))


def ordered(results: Results) -> Results:
    """Results in the order of the table of faults, and of their runs."""
    places = {fault.name: place for place, fault in enumerate(FAULTS)}
    return sorted(results, key=lambda result: (places[row_of(result)], len(result["name"]), result["name"]))


def table(results: Results) -> str:
    """The results as a Markdown table."""
    rows = [list(COLUMNS), ["---"] * len(COLUMNS), *(cells(result) for result in ordered(results))]
    return "\n".join("| " + " | ".join(row) + " |" for row in rows)


def medians(results: Results) -> list[str]:
    """Two lines for each row that was run more than once: the gaps of pushes and of all requests, in the middle and at worst."""
    gaps: dict[str, list[float]] = defaultdict(list)
    for result in ordered(results):
        if row_of(result) != result["name"]:
            gaps[f"{row_of(result)}: push gap"].append(result["push"]["gap"])
            if "request_gap" in result:
                gaps[f"{row_of(result)}: request gap"].append(result["request_gap"])
    return [f"{name}: median {statistics.median(row):.1f} s, worst {max(row):.1f} s of {len(row)} runs." for name, row in gaps.items()]


def on_ha(results: Results) -> str:
    """The rows that were run on `inventories/ha`, when there are any."""
    return "\n\n".join((table(results), *medians(results))) if results else "Not measured here."


def page(measured: dict[str, Results]) -> str:
    """The page for people: what was measured (`compact`, `ha`, `datapath`), on what, and what was not run."""
    results = ordered(measured["compact"])
    ran = {result["name"] for result in results}
    missing = [fault.name for fault in FAULTS if fault.name not in ran]
    wrong = [f"{result['name']}: {result['broken']}" for result in results if result["broken"]]
    pushes = sum(result["acknowledged"] for result in results)
    lost = [text for result in results for text in result["lost"]]
    second = [f"{result['name']}: {len(result['second_leaders'])} moments" for result in results if result["second_leaders"]]
    cut_off = [f"{result['name']}: {span(result['cut_off_masters'])} s" for result in results if result.get("cut_off_masters")]
    woken = [f"{result['name']}: {len(result['woken_leaders'])}" for result in results if result.get("woken_leaders")]
    earlier = [result["earlier"] for result in results if result.get("earlier")]
    day = max(day_of(result) for result in results)
    return TEMPLATE.format(
        day=day,
        waking=WAKING,
        standstill=STANDSTILL,
        rows=len(results),
        all=len(FAULTS),
        table=table(results),
        pushes=pushes,
        lost=f"{len(lost)}: {'; '.join(lost)}" if lost else "none",
        second="; ".join(second) or "none",
        cut_off="; ".join(cut_off) or "none",
        woken="; ".join(woken) or "none",
        earlier=f" (in {len(earlier)} rows also in the {max(earlier):.0f} s before it)" if earlier else "",
        ha=on_ha(measured["ha"]),
        datapath=datapath(measured["datapath"]),
        wrong="".join(f"\n- {line}" for line in wrong) or " none.",
        missing="".join(f"\n- {name}" for name in missing) or " none.",
    )


def datapath(rows: Results) -> str:
    """What each hop costs."""
    columns = ("path", "size", "what", "images", "MB/s", "p50", "p95", "times S3")
    cells = [[f"{row[name]:.1f}" if isinstance(row[name], float) else str(row[name]) for name in columns] for row in rows]
    return "\n".join("| " + " | ".join(row) + " |" for row in [list(columns), ["---"] * len(columns), *cells])


def merged(measured: dict[str, Results], build: Path) -> dict[str, Results]:
    """What was kept, with the rows that were run here in the place of older ones."""
    paths = build / "failover/datapath.json"
    return {
        "compact": kept(measured["compact"], *results_in(build / "failover")),
        "ha": kept(measured["ha"], *results_in(build / "failover-ha")),
        "datapath": json.loads(paths.read_text(encoding="utf-8"))["rows"] if paths.exists() else measured["datapath"],
    }


def results_in(directory: Path) -> Results:
    """What a scenario left there; nothing when it was not run."""
    file = directory / "results.json"
    return list(json.loads(file.read_text(encoding="utf-8"))) if file.exists() else []


TEMPLATE = """# What a failure costs

Measured, not promised: faults are injected into a cluster like `inventories/compact` (three data nodes, two Harbor nodes) while
clients push and pull without pause. This page is written by the command that measures.

```
make molecule SCENARIO=failover                            # five rows
make molecule SCENARIO=failover FAULTS=all                 # all {all} rows
make molecule SCENARIO=failover FAULTS="VIP holder; disk"  # rows by parts of their names
.venv/bin/python -m tests.failover.report --write          # this page
```

The nodes are containers on one machine with 2 cores, which they share with the clients: a real site has shorter stalls and longer networks.
Harbor's own programs are the tests' stand-in; etcd, Patroni, PostgreSQL, Redis, Sentinel, MinIO, HAProxy, keepalived, the registry and
nginx are real.

- **push gap, pull gap**: the longest time in which no push (pull) of any client went well.
- **request gap**: the longest time in which no request of any client went well. A push is about ten of them, and on this machine takes as
  many seconds as the load lets it; so this says how long the service was away, and the push gap what is left of the push as well. Older
  rows have none.
- **kill**: of a node, a power cut: its cable goes first, so nobody is told that a connection has ended. Whoever waits for an answer then
  waits until it gives up (probes after 15 s, docker by Go's keepalive after as long).
- **pushes failing**: from the beginning of the first failed request of a pushing client to the end of the last one.
- **slowest**: the longest single push or pull that a client saw, failed or not.
- **failed pushes, failed pulls**: of all, and of those by *patient* clients alone, which attempt blobs five times as docker does
  (waiting 5, 10, 15, 20 s). The others are probes, which attempt once and give up after 15 s; where one waits, another
  client comes after 3 s (pulls: 2 s).
- **healed**: from the moment when power, cable or disk are back until every member of every tier is well and in its place, without a human.
- **acknowledged**: pushes that the registry acknowledged in the row{earlier}. Each was pulled afterwards, each digest compared.
- **site**: what a run of `site` had to change afterwards, after this row and all rows since the run before it; empty where it was not run.
- **pause, freeze**: a host (a program) that stands still is not gone: its kernel answers for it, and no connection breaks. MinIO gives
  such a member up by its own time limits; requests that need its drives wait as long ([role minio](../roles/minio/README.md)). It stands
  still for {standstill} s: a shorter gap is that of the others, which go on without it.
- **wanted**: of all but the leader of PostgreSQL the same for every way in which a thing breaks, also where it stands still and nobody can
  know whether it comes back.
- **disk full**: a full file system over the directory of the write-ahead log of PostgreSQL, not a full disk of the whole host.
- **clock**: Patroni, PostgreSQL, Redis and Sentinel of one node live 30 s ahead; programs in Go and Harbor's containers do not.
- **load**: load average of the machine with its 2 cores at the end of the row. Far above 2 the figures show the machine's own queue: read
  every row against `nothing at all`, in which nothing is broken.
- **measured**: the day. Roles and load balancers have changed since some of them.

Until {day}: {rows} of {all} rows, each as it was measured last.

{table}

Acknowledged pushes: {pushes}; lost: {lost}.

Proven moments with two leaders of one kind (every Patroni and every Redis was asked twice a second, also while cut off; a master of Redis
counts when it has a replica in step, for else it takes no writes; the two exceptions follow): {second}. Not asked were etcd, whose writes
need a majority, and who holds the virtual address: a holder that stood still or was cut off may have it for a second or two more when it
comes back.

Masters of Redis that were cut off from everybody, and for a while did not know that there was another one: {cut_off}. Nobody reaches such a
master; by `min-replicas-to-write` it takes no writes after 10 s.

Moments in which a leader of PostgreSQL that had stood still said on waking, for less than {waking:.0f} s, that it leads: {woken}.
An earlier run of `PostgreSQL leader: pause` had one, 0.6 s after the host went on: Patroni had the store's last answer still unread. What
such a leader commits waits for a replica, and they follow another one; since then the load balancers use a leader only after a second of
good answers.

A MinIO that was away says for a while of what was written without it that it is not there ([role minio](../roles/minio/README.md)): in
one run of `Redis master: kill` pushes failed for ten seconds when the host was back. Since 2026-11-30 the load balancers leave it alone for
31 s, which is part of `healed`. Since the same day connections that a lost host had made to MinIO end after 3 to 6 s. Before, a row with a
host that was cut off could stand still until the cable was back: older rows of that kind show it.

Rows of nodes that lost their power and have no request gap were measured when the machine was slow: with nothing broken the push gap was
6.3 s then. A push of some KB alone took 3 to 7 s, which is a part of each push gap. A data node here is a member of four tiers: in
`Redis master: kill` the request gap is that of Redis, and the uploads of blobs then waited for MinIO, which had lost the same host.
`core of an app node: kill` had more probes than the other rows: a push began every 1.5 s and a pull every second, more than the machine
could do.

One object may wait longer than all others: what was written through a MinIO host that was lost is locked until MinIO drops the lock, one to
two minutes later ([role minio](../roles/minio/README.md)). It is the slowest push of some rows, and the failed probe of others.

Rows in which something else went wrong:{wrong}

Once, pushes were lost: two that were acknowledged in the two seconds before a paused host went on. It had held the lead of PostgreSQL and
that of etcd; its etcd had the lease of the next leader revoked, and its Patroni took the key again. Since then etcd gives its lead away
where PostgreSQL leads ([role postgresql](../roles/postgresql/README.md)); the rows of both leaders that stand still are measured with that.

Rows not run here:{missing}

## On ha

The same clients on a cluster like `inventories/ha`, where every tier has machines of its own (here 17 containers on the same 2 cores).
Wanted when the PostgreSQL leader is killed: pushes wait for 25 s in the median and 30 s at worst. A push of some KB took 2 to 7 s where
17 nodes share 2 cores; the request gap is without it. Patroni's own part is up to 20 s: 10 to 20 s until the lease of the dead leader ends.

```
make molecule SCENARIO=ha                                  # the PostgreSQL leader killed five times, after the tests of the tiers
make molecule SCENARIO=ha FAULTS="VIP holder: kill" RUNS=3 # other rows, other numbers of runs
```

{ha}

## What each hop costs

Two clients, no fault; lab and machine are the same for all, so the ratios count, not the figures. `S3` is one MinIO node with nothing in
between, `registry` the registry program alone, which reaches S3 through the load balancer as in Harbor, `node` one Harbor node, `VIP`
all of Harbor through the load balancer. With redirect the client reads blobs from the MinIO node itself, and the registry reaches that
node too, not the load balancer: so rows with redirect save a hop to S3 as well. `registry` is asked by plain HTTP, `node` and `VIP` by TLS.
A few ten per cent are noise.
Sizes are bytes of a layer, p50 and p95 milliseconds per image (S3: per object). A push is two blobs and a manifest; the registry writes,
copies and removes each of them in S3.

```
tests/lab/molecule.sh failover converge                    # nodes that stay
.venv/bin/python -m bench.datapath --sizes 64K:20,8M:4 --harbor-redirect --json .build/failover/datapath.json
```

{datapath}
"""


def main() -> None:
    """Print the table, or keep the results and write the page."""
    parser = argparse.ArgumentParser(prog="report")
    parser.add_argument("--write", action="store_true")
    measured = merged(json.loads(MEASURED.read_text(encoding="utf-8")), BUILD)
    if parser.parse_args().write:
        MEASURED.write_text(json.dumps(measured, indent=1) + "\n", encoding="utf-8")
        PAGE.write_text(page(measured), encoding="utf-8")
    else:
        print(table(measured["compact"]))


if __name__ == "__main__":
    main()
