# Copyright: the dockmaster.harbor contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Faults at every write of every kind of object: never a duplicate, never a lost error, and running again finishes the work."""

from __future__ import annotations

import random
import threading
import typing as t

import pytest
from ansible_collections.dockmaster.harbor.plugins.module_utils._errors import TransportError
from ansible_collections.dockmaster.harbor.plugins.module_utils._resources import RESOURCES
from ansible_collections.dockmaster.harbor.plugins.module_utils._transport import Transport
from standin.content import Manifest, record_manifest
from standin.faults import Fault

from . import test_singletons as singletons
from .conftest import HARMLESS, WRITES, Modules, Result
from .samples import COMPANY, PAYMENTS, SAMPLES

Options = dict[str, t.Any]
LABELS = "/api/v2.0/labels"
# What is no object that anybody declared.
PASSING = ("audit_log", "execution", "task", "trash", "event")


class Story(t.NamedTuple):
    """Runs of one module, each a step: the last one is disturbed. pushed is a repository that is there from the start."""

    module: str
    step: str
    before: Options
    runs: tuple[Options, ...]
    pushed: str = ""

    @property
    def prepared(self) -> tuple[Options, ...]:
        """The runs that come first."""
        return self.runs[:-1]

    @property
    def disturbed(self) -> Options:
        """The run that faults happen in."""
        return self.runs[-1]


def stories() -> t.Iterator[Story]:
    """Yield create, update and delete of every kind."""
    for sample in SAMPLES:
        create, delete = {**sample.key, **sample.values}, {**sample.key, "state": "absent"}
        yield Story(sample.module, "create", sample.before, (create,))
        if sample.change:
            yield Story(sample.module, "update", sample.before, (create, {**sample.key, **sample.change}))
        yield Story(sample.module, "delete", sample.before, (create, delete))
    for once in singletons.ONCES:
        yield Story(once.module, "first", {}, (once.values,))
        yield Story(once.module, "change", {}, (once.values, once.change))
    image = {"project": "payments", "name": "team/app"}
    yield Story("repository", "update", PAYMENTS, ({**image, "description": "<Ours>"},), "payments/team/app")
    yield Story("repository", "delete", PAYMENTS, ({**image, "state": "absent"},), "payments/team/app")
    yield Story("quota", "update", PAYMENTS, ({"project": "payments", "storage_limit": "5GiB"},))
    yield Story("quota", "default", {}, ({"storage_limit": "5GiB"},))


STORIES = tuple(stories())
every_story = pytest.mark.parametrize("story", STORIES, ids=lambda story: f"{story.module}-{story.step}")


world = singletons.world  # a directory and so on that Harbor reaches


class Disturbance:
    """Puts a fault on the writes from a certain one on, so many times. Logins are no writes, and no probes."""

    def __init__(self, kind: str, number: int, times: int = 1, *, after_write: bool = False) -> None:
        self.kind, self.first, self.last, self.after_write = kind, number, number + times, after_write
        self.seen = 0

    def take(self, method: str, path: str) -> Fault | None:
        if method not in WRITES or path in HARMLESS:
            return None
        number, self.seen = self.seen, self.seen + 1
        if self.first <= number < self.last:
            return Fault(self.kind, method, path, 1, 0.0, self.after_write)
        return None


class Script(t.NamedTuple):
    """What a story begins with, how many writes and POSTs its last run needs, and how many objects of each kind are there afterwards."""

    docs: dict[str, dict[int, Options]]
    ids: dict[str, int]
    writes: int
    posts: int
    expected: dict[str, int]


class Stage:
    """A Harbor that is ready for the run that is disturbed, again and again. Each story is prepared once for all tests."""

    scripts: t.ClassVar[dict[tuple[str, str], Script]] = {}

    def __init__(self, run: Modules, story: Story) -> None:
        self.run, self.story = run, story
        self.store = t.cast("t.Any", run.harbor.harbor.store)
        self.script = self.scripts.get((story.module, story.step)) or self._rehearse()
        self.scripts[story.module, story.step] = self.script
        assert self.script.writes, "nothing to disturb"

    def _rehearse(self) -> Script:
        self.run.state(self.story.before)
        if self.story.pushed:
            with self.store.transaction(write=True) as tx:
                [project] = tx.find("project", name="payments")
                record_manifest(tx, project, self.story.pushed, "v1", Manifest("sha256:one", "", "", "", "", {}, ()))
        for options in self.story.prepared:
            self.run.ok(self.story.module, **options)
        docs, ids = {kind: dict(docs) for kind, docs in self.store.docs.items()}, dict(self.store.ids)
        self.run.harbor.log.clear()
        self.run.ok(self.story.module, **self.story.disturbed)
        return Script(docs, ids, len(self.run.writes()), self.posts(), inventory(self.store))

    def again(self) -> None:
        """Put everything back to before the run that is disturbed."""
        self.store.docs.clear()
        self.store.docs.update({kind: dict(docs) for kind, docs in self.script.docs.items()})
        self.store.ids.clear()
        self.store.ids.update(self.script.ids)
        self.store.indexes.clear()
        self.run.harbor.harbor.refused_config = {}
        self.run.harbor.log.clear()

    def posts(self) -> int:
        """Count what makes an object when it is sent a second time."""
        return sum(method == "POST" for method, _path, _status in self.run.writes())

    def disturb(self) -> Result:
        """Run while something is wrong."""
        return self.run(self.story.module, **self.story.disturbed)

    def finish(self, result: Result) -> None:
        """Demand that an error was told where the work was not done, and that running again does it, once."""
        run, story = self.run, self.story
        probe = "on_drift" if has_secret(story) else None
        if result.get("failed"):
            assert "/api/v2.0/" in result["msg"] or "cannot be reached" in result["msg"], result["msg"]
            run.ok(story.module, **story.disturbed)
        settled = run.ok(story.module, **story.disturbed, update_secret=probe)
        assert not settled["changed"], f"it was told to be done, but is not: {settled['changes']}"
        assert inventory(self.store) == self.script.expected


def inventory(store: t.Any) -> dict[str, int]:
    """Count the objects in Harbor by kind."""
    return {kind: len(docs) for kind, docs in sorted(store.docs.items()) if docs and kind not in PASSING}


def has_secret(story: Story) -> bool:
    """Say whether a secret of this kind can be verified and is declared."""
    row = next(row for row in RESOURCES if row.name == story.module)
    declared = story.disturbed.get("state") != "absent" and any(one.secret and one.name in story.disturbed for one in row.fields)
    return bool(row.drifted) and declared


@pytest.fixture
def stage(run: Modules, story: Story) -> Stage:
    """The story of a test, ready to be disturbed."""
    return Stage(run, story)


def test_every_kind_has_its_stories() -> None:
    assert {story.module for story in STORIES} == {row.name for row in RESOURCES}


FAULTS = (
    ("reset_before", False),
    ("reset_after_write", False),
    ("502", False),
    ("504", True),
    ("401", False),
    ("409", False),
    ("500", False),
)


@every_story
@pytest.mark.parametrize(("kind", "after"), FAULTS, ids=str)
def test_one_fault(stage: Stage, monkeypatch: pytest.MonkeyPatch, kind: str, after: bool) -> None:
    """At each write in turn."""
    for number in range(stage.script.writes):
        stage.again()
        with monkeypatch.context() as patch:
            patch.setattr(stage.run.harbor.faults, "take", Disturbance(kind, number, after_write=after).take)
            result = stage.disturb()
        if after or kind == "reset_after_write":
            assert not result.get("failed"), f"it was done: {result['msg']}"
            assert stage.posts() == stage.script.posts, "something was sent twice"
        stage.finish(result)


@every_story
@pytest.mark.parametrize("kind", ["500", "503"])
def test_a_fault_that_stays(stage: Stage, monkeypatch: pytest.MonkeyPatch, kind: str) -> None:
    """From each write on nothing works any more: that is told, and done by the next run."""
    for number in range(stage.script.writes):
        stage.again()
        with monkeypatch.context() as patch:
            patch.setattr(stage.run.harbor.faults, "take", Disturbance(kind, number, times=1000).take)
            result = stage.disturb()
        assert result["failed"], result
        stage.finish(result)


@every_story
def test_a_session_that_ends_before_a_write(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is opened again, and the write is made once."""
    sessions = t.cast("t.Any", stage.run.harbor.harbor.sessions)
    for number in range(stage.script.writes):
        stage.again()
        disturbance = Disturbance("", number)

        def take(method: str, path: str, disturbance: Disturbance = disturbance) -> None:
            if disturbance.take(method, path):
                sessions.expire_all()

        with monkeypatch.context() as patch:
            patch.setattr(stage.run.harbor.faults, "take", take)
            result = stage.disturb()
        assert not result.get("failed"), result
        stage.finish(result)


@every_story
def test_every_other_read_is_refused(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    """As behind a load balancer of which one side has lost its sessions. Nothing that is there may be taken for missing."""
    stage.again()
    seen: list[str] = []

    def take(method: str, path: str) -> Fault | None:
        if method != "GET" or path.endswith(("/systeminfo", "/users/current")):
            return None
        seen.append(path)
        return Fault("401", method, path, 1, 0.0, False) if len(seen) % 2 else None

    with monkeypatch.context() as patch:
        patch.setattr(stage.run.harbor.faults, "take", take)
        result = stage.disturb()
    assert seen and not result.get("failed"), result
    stage.finish(result)


@every_story
def test_refused_connections(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    """Before each write nobody listens, three times in a row."""
    stage.again()
    exchange, refused = Transport.exchange, dict[str, int]()

    def away(self: Transport, method: str, path: str, **rest: t.Any) -> t.Any:
        if method in WRITES and path not in HARMLESS:
            refused[path] = refused.get(path, 0) + 1
            if refused[path] <= 3:
                raise TransportError(f"{self.url} cannot be reached: Connection refused", kind="unreachable", sent=False)
        return exchange(self, method, path, **rest)

    with monkeypatch.context() as patch:
        patch.setattr(Transport, "exchange", away)
        result = stage.disturb()
    assert refused and not result.get("failed"), result
    stage.finish(result)


@every_story
def test_an_answer_that_is_late(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each write is carried out, and nobody waits for the answer any more."""
    exchange = Transport.exchange
    for number in range(stage.script.writes):
        stage.again()
        disturbance = Disturbance("", number)

        def late(self: Transport, method: str, path: str, disturbance: Disturbance = disturbance, **rest: t.Any) -> t.Any:
            reply = exchange(self, method, path, **rest)
            if disturbance.take(method, path):
                raise TransportError(f"{method} {path}: no answer within harbor_timeout (0.3 s)", kind="timeout", sent=True)
            return reply

        with monkeypatch.context() as patch:
            patch.setattr(Transport, "exchange", late)
            result = stage.disturb()
        stage.finish(result)


def test_a_create_that_harbor_makes_after_it_was_given_up(run: Modules, monkeypatch: pytest.MonkeyPatch) -> None:
    """The look finds nothing, so an error is told; the object comes later, and the next run finds it."""
    exchange = Transport.exchange
    kept: list[tuple[Transport, Options]] = []

    def lost(self: Transport, method: str, path: str, **rest: t.Any) -> t.Any:
        if method == "POST" and path == LABELS:
            kept.append((self, rest))
            raise TransportError("no answer within harbor_timeout (0.3 s)", kind="timeout", sent=True)
        return exchange(self, method, path, **rest)

    with monkeypatch.context() as patch:
        patch.setattr(Transport, "exchange", lost)
        message = run.refused("label", name="approved")
    assert "no answer within harbor_timeout" in message and "the object is not there" in message
    [(transport, request)] = kept
    assert exchange(transport, "POST", LABELS, **request).status == 201
    assert not run.ok("label", name="approved")["changed"]
    assert len(run.ok("label_info")["labels"]) == 1


@pytest.mark.parametrize("seed", range(8))
def test_bad_weather(run: Modules, monkeypatch: pytest.MonkeyPatch, seed: int) -> None:
    """A bit of everything in one go, eight requests at a time, while every fourth of them meets some fault; then it clears up."""
    run.state(COMPANY)
    store = t.cast("t.Any", run.harbor.harbor.store)
    expected = inventory(store)
    run.harbor.reset()
    dice, lock = random.Random(seed), threading.Lock()

    def take(method: str, path: str) -> Fault | None:
        with lock:
            kind, after = dice.choice(FAULTS)
            if dice.random() > 0.25 or not path.startswith("/api/v2.0") or path in ("/api/v2.0/systeminfo", "/api/v2.0/users/current"):
                return None
            return Fault(kind, method, path, 1, 0.0, after)

    results = []
    with monkeypatch.context() as patch:
        patch.setattr(run.harbor.faults, "take", take)
        for _attempt in range(6):
            results.append(run("state", desired=COMPANY))
    assert any(result.get("failed") for result in results), "the weather was too good"
    assert all("/api/v2.0/" in result["msg"] for result in results if result.get("failed"))
    run.state(COMPANY, update_secret="on_drift")
    assert not run.state(COMPANY, update_secret="on_drift")["changed"]
    assert inventory(store) == expected
