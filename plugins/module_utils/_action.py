# Copyright: the dockmaster.harbor contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What Harbor carries out beside the requests: an action starts an execution, and one loop waits for its end.

Private to this collection. Knows no particular action and no AnsibleModule; the rows are in _actions.
"""

from __future__ import annotations

import time
import typing as t
from dataclasses import dataclass, field, replace
from itertools import islice

from ansible_collections.dockmaster.harbor.plugins.module_utils._errors import ApiError, Error

if t.TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from ansible_collections.dockmaster.harbor.plugins.module_utils._http import Api
    from ansible_collections.dockmaster.harbor.plugins.module_utils._resource import Field, Values, World

RUNNING, SUCCESS, ERROR, STOPPED = "running", "success", "error", "stopped"
# What Harbor calls these, in its various APIs.
STATUSES = {
    "Pending": RUNNING,
    "Scheduled": RUNNING,
    "Running": RUNNING,
    "InProgress": RUNNING,
    "Success": SUCCESS,
    "Succeed": SUCCESS,
    "Error": ERROR,
    "Failed": ERROR,
    "Stopped": STOPPED,
}
# Pauses between two looks double from here up to the user's interval: short runs are not waited for longer than they take.
FIRST_PAUSE = 0.5
LOG_LINES = 50
# Logs of this many tasks are read.
LOGS = 5


def understand(status: str) -> str:
    """Return what one of Harbor's words for the state of an execution or a task means. Raises Error for one that is new."""
    if status not in STATUSES:
        raise Error(f"Harbor calls the state {status!r}; known: {', '.join(STATUSES)}")
    return STATUSES[status]


@dataclass(frozen=True, kw_only=True)
class Progress:
    """How far the tasks of an execution are."""

    total: int
    succeeded: int = 0
    failed: int = 0
    stopped: int = 0

    @classmethod
    def of(cls, statuses: Sequence[str]) -> Progress:
        """Count tasks by their states, in Harbor's words."""
        states = [understand(status) for status in statuses]
        return cls(total=len(states), succeeded=states.count(SUCCESS), failed=states.count(ERROR), stopped=states.count(STOPPED))

    @property
    def done(self) -> int:
        """Number of tasks that have ended."""
        return self.succeeded + self.failed + self.stopped

    @property
    def complete(self) -> bool:
        """Say whether there are tasks and all have ended."""
        return 0 < self.total <= self.done

    def show(self) -> Values:
        """Return the counts in the user's words."""
        percent = 100 * self.done // self.total if self.total else 0
        counts = {"total": self.total, "succeeded": self.succeeded, "failed": self.failed, "stopped": self.stopped}
        return {**counts, "running": self.total - self.done, "percent": percent}


@dataclass(frozen=True, kw_only=True)
class Target:
    """What an action is about: id of the policy, and its name in messages such as "policy mirror".

    obstacle says why nothing can be started; "" when it can.
    """

    id: int | str = 0
    label: str = ""
    obstacle: str = ""


@dataclass(frozen=True, kw_only=True)
class Execution:
    """One execution. id is None where Harbor gives none, progress where it does not tell.

    parameters are those in which a running execution must agree to be as good as a new one; facts is what its kind tells besides.
    """

    id: int | None
    status: str
    trigger: str = ""
    message: str = ""
    start_time: str = ""
    end_time: str = ""
    parameters: Values = field(default_factory=dict)
    progress: Progress | None = None
    facts: Values = field(default_factory=dict)

    @property
    def complete(self) -> bool:
        """Say whether all tasks have ended. Harbor's status of the execution follows up to half a minute later."""
        return self.progress is not None and self.progress.complete

    def concluded(self) -> Execution:
        """Return the execution with the end that its tasks came to: an error outweighs a stop, a stop a success."""
        progress = self.progress or Progress(total=0)
        return replace(self, status=ERROR if progress.failed else STOPPED if progress.stopped else SUCCESS)

    def show(self) -> Values:
        """Return the execution in the user's words."""
        times = {name: value for name in ("start_time", "end_time") if (value := getattr(self, name)) and not value.startswith("0001")}
        shown = {"id": self.id, "status": self.status, "trigger": self.trigger, "message": self.message}
        return {**shown, **times, **self.parameters, **self.facts}


@dataclass(frozen=True, kw_only=True)
class Details:
    """What is worth knowing of an execution that ended: its tasks in the user's words, and the end of the log."""

    tasks: list[Values] = field(default_factory=list)
    log: str = ""


@dataclass(frozen=True, kw_only=True)
class Action:
    """One kind of execution: a row of the table in _actions.

    title names it in messages. list yields the newest executions of a target, newest first. request says what to POST to start one,
    asked the parameters that the options stand for. identified is False where the answer to the POST names no execution.
    on_create marks the fields that are needed to start one. paths are those of Harbor's OpenAPI that the functions use.
    """

    name: str
    title: str
    fields: tuple[Field, ...]
    paths: tuple[str, ...]
    target: Callable[[Api, World, Values], Target]
    list: Callable[[Api, Target], Sequence[Execution]]
    read: Callable[[Api, Target, Execution], Execution]
    request: Callable[[Target, Values], tuple[str, Values]]
    stop: Callable[[Api, Target, Execution], None]
    details: Callable[[Api, Target, Execution], Details]
    asked: Callable[[Values], Values]
    check: Callable[[Api, Values], None] | None = None
    identified: bool = True

    def name_of(self, target: Target, execution: Execution) -> str:
        """Return the execution as messages name it."""
        number = "" if execution.id is None else f" {execution.id}"
        return f"{self.title}{number}" + (f" of {target.label}" if target.label else "")


@dataclass(frozen=True, kw_only=True)
class Watch:
    """Whether and how long to wait, in seconds."""

    wait: bool
    timeout: float
    interval: float


class ActionError(Error):
    """An action did not come to its end; result holds what is known of it."""

    def __init__(self, message: str, result: Values) -> None:
        super().__init__(message)
        self.result = result


def start(api: Api, world: World, action: Action, values: Values, watch: Watch) -> Values:
    """Start an execution, or join one that runs with the same parameters, and wait for its end.

    Returns the module's result. Raises ActionError when it failed, was stopped or still runs after the timeout, Error when it
    cannot be started. With a read-only Api nothing is started.
    """
    target = action.target(api, world, values)
    if action.check:
        action.check(api, values)
    known = action.list(api, target)
    wanted = action.asked(values)
    running = [one for one in known if is_running(one)]
    same = [one for one in running if one.parameters == wanted]
    if running and not same:
        raise Error(_other_one_runs(action, target, running[0], wanted))
    if target.obstacle and not same:
        raise Error(target.obstacle)
    result: Values = {"changed": not same and not wanted.get("dry_run", False), "joined": bool(same)}
    if api.read_only:
        return _result(result, same[0] if same else Execution(id=None, status="planned", parameters=wanted))
    execution = same[0] if same else _send(api, action, target, values, known)
    return _follow(api, action, target, execution, watch, result)


def stop(api: Api, world: World, action: Action, values: Values, watch: Watch) -> Values:
    """Stop what runs and wait until nothing does. Returns the module's result. Raises ActionError after the timeout."""
    target = action.target(api, world, values)
    running = [one for one in action.list(api, target) if is_running(one)]
    result: Values = {"changed": bool(running), "joined": False}
    current = running[0] if running else Execution(id=None, status="idle")
    if api.read_only:
        return _result(result, current)
    for one in running:
        action.stop(api, target, one)
    for one in reversed(running) if watch.wait else ():  # the newest last: its end is the result
        current = _await(api, action, target, one, watch, result)
    return _result(result, current)


def is_running(execution: Execution) -> bool:
    """Say whether an execution still has something to do, whatever Harbor's late status says."""
    return execution.status == RUNNING and not execution.complete


def _send(api: Api, action: Action, target: Target, values: Values, known: Sequence[Execution]) -> Execution:
    """POST once. Whether a POST without an answer took effect shows in the list."""
    path, body = action.request(target, values)
    wanted = action.asked(values)
    if not action.identified:
        api.act(path, body, lambda: any(one not in known for one in action.list(api, target)))
        return action.read(api, target, Execution(id=None, status=RUNNING))
    newest = max((one.id or 0 for one in known), default=0)

    def look() -> int | None:
        ours = (one for one in action.list(api, target) if one.trigger == "manual" and one.parameters == wanted)
        return next((one.id for one in ours if one.id and one.id > newest), None)

    number = int(api.create(path, body, look))
    return Execution(id=number, status=RUNNING, trigger="manual", parameters=wanted)


def _follow(api: Api, action: Action, target: Target, execution: Execution, watch: Watch, result: Values) -> Values:
    if not watch.wait:
        return _result(result, execution)
    ended = _await(api, action, target, execution, watch, result)
    full = _result(result, ended, action.details(api, target, ended))
    if ended.status == SUCCESS:
        return full
    raise ActionError(_bad_end(action, target, ended), full)


def _await(api: Api, action: Action, target: Target, execution: Execution, watch: Watch, result: Values) -> Execution:
    try:
        current = wait(api.pause, lambda: action.read(api, target, execution), watch)
    except Error as error:
        name = action.name_of(target, execution)
        text = f"{name} was started, but cannot be followed: {error}; it goes on in Harbor, run again to join it"
        raise ActionError(text, _result(result, execution)) from None
    if current.status == RUNNING:
        raise ActionError(_too_slow(action, target, current, watch), _result(result, current))
    return current


def wait(pause: Callable[[float], None], read: Callable[[], Execution], watch: Watch) -> Execution:
    """Look again and again until an execution has ended or the time is over; then it comes back as it is: running.

    It has ended as soon as two looks in a row find the same, all tasks ended. One is not enough: Harbor may still be adding tasks,
    and what a task found out may come after its end.
    """
    end = time.monotonic() + watch.timeout
    step = FIRST_PAUSE
    current = read()
    while current.status == RUNNING:
        left = end - time.monotonic()
        if left <= 0:
            return current
        pause(min(step, watch.interval, left))
        step *= 2
        before, current = current, read()
        if current.status == RUNNING and current.complete and current == before:
            return current.concluded()
    return current


def _result(result: Values, execution: Execution, details: Details | None = None) -> Values:
    shown: Values = {**result, "execution": execution.show()}
    if execution.progress:
        shown["progress"] = execution.progress.show()
    if details:
        shown |= {"tasks": details.tasks, "log": details.log}
    return shown


def _other_one_runs(action: Action, target: Target, running: Execution, wanted: Values) -> str:
    pairs = ((name, running.parameters.get(name), value) for name, value in wanted.items())
    differs = "; ".join(f"{name}={_show(theirs)}, not {_show(ours)}" for name, theirs, ours in pairs if theirs != ours)
    name = action.name_of(target, running)
    return f"{name} runs already, with {differs}: wait for its end or stop it with state=stopped (nothing was written)"


def _show(value: t.Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _bad_end(action: Action, target: Target, execution: Execution) -> str:
    end = "was stopped" if execution.status == STOPPED else "failed"
    text = f"{action.name_of(target, execution)} {end}"
    if execution.progress and execution.progress.total:
        bad = execution.progress.stopped if execution.status == STOPPED else execution.progress.failed
        text += f": {bad} of {execution.progress.total} tasks"
    return text + (f" ({execution.message})" if execution.message else "")


def _too_slow(action: Action, target: Target, execution: Execution, watch: Watch) -> str:
    far = f", {execution.progress.done} of {execution.progress.total} tasks done" if execution.progress else ""
    return (
        f"{action.name_of(target, execution)} still runs after timeout ({watch.timeout:g} s){far}. It goes on in Harbor: "
        "run again to join it, give it a longer timeout, or end it with state=stopped"
    )


def read_log(api: Api, path: str) -> str:
    """Return the end of a log. One that cannot be read must not hide why it is wanted."""
    try:
        text = api.text(path)
    except ApiError as error:
        return f"the log cannot be read: {error}"
    return "\n".join(text.rstrip().splitlines()[-LOG_LINES:])


def read_logs(api: Api, titles: Mapping[str, str]) -> str:
    """Return the ends of the first few of many logs, each below its title. titles maps paths to them."""
    logs = [f"{titles[path]}:\n{read_log(api, path)}" for path in islice(titles, LOGS)]
    left = len(titles) - len(logs)
    return "\n\n".join([*logs, *([f"and {left} more"] if left > 0 else [])])
