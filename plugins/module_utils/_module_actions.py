# Copyright: the dockmaster.harbor contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The glue of actions, operations, reports and rotations. Private to this collection."""

from __future__ import annotations

import typing as t

from ansible_collections.dockmaster.harbor.plugins.module_utils import _action as actions
from ansible_collections.dockmaster.harbor.plugins.module_utils import _arguments as arguments
from ansible_collections.dockmaster.harbor.plugins.module_utils import _engine as engine
from ansible_collections.dockmaster.harbor.plugins.module_utils._action import ActionError, Watch
from ansible_collections.dockmaster.harbor.plugins.module_utils._errors import PlanError
from ansible_collections.dockmaster.harbor.plugins.module_utils._input import take
from ansible_collections.dockmaster.harbor.plugins.module_utils._module import HarborModule, dump, guarded
from ansible_collections.dockmaster.harbor.plugins.module_utils._operation import operate
from ansible_collections.dockmaster.harbor.plugins.module_utils._plan import changes_for_user, diff
from ansible_collections.dockmaster.harbor.plugins.module_utils._rotation import Outcome, Rotation, RotationError, rotate

if t.TYPE_CHECKING:
    from ansible_collections.dockmaster.harbor.plugins.module_utils._action import Action
    from ansible_collections.dockmaster.harbor.plugins.module_utils._http import Api
    from ansible_collections.dockmaster.harbor.plugins.module_utils._operation import Operation
    from ansible_collections.dockmaster.harbor.plugins.module_utils._report import Report
    from ansible_collections.dockmaster.harbor.plugins.module_utils._resource import Values


def run_action(action: Action) -> None:
    """Be the module of one action: start or stop an execution, and wait for its end."""
    module = HarborModule(argument_spec=arguments.action(action), supports_check_mode=True, **arguments.needed(action))
    guarded(module, lambda api: _act(module, api, action))


def run_operation(operation: Operation) -> None:
    """Be the module of one operation."""
    module = HarborModule(
        argument_spec=arguments.operation(operation),
        supports_check_mode=True,
        required_one_of=[list(group) for group in operation.one_of],
    )
    guarded(module, lambda api: _operate(module, api, operation))


def run_report(report: Report) -> None:
    """Be the module of one report."""
    module = HarborModule(argument_spec=arguments.report(report), supports_check_mode=True)

    def work(api: Api) -> Values:
        world = engine.connect(api)
        result = report.read(api, world, take(report.fields, module.params, world.version))
        api.confirm()
        return {"changed": False, **result}

    guarded(module, work)


def run_rotation() -> None:
    """Be the module that replaces a robot by another one."""
    module = HarborModule(argument_spec=arguments.rotation(), supports_check_mode=True)
    names = ("name", "successor", "secret", "duration", "description", "old")
    wanted = Rotation(project=module.params["project"] or "", **{name: module.params[name] for name in names})

    def work(api: Api) -> Values:
        try:
            return _rotated(module, rotate(api, wanted))
        except RotationError as error:
            module.fail_json(msg=str(error), **_rotated(module, error.outcome))

    guarded(module, work)


def _rotated(module: HarborModule, outcome: Outcome) -> Values:
    changes = outcome.plan.changes
    result = {"changed": bool(changes), "changes": changes_for_user(changes), "login": outcome.login, "verified": outcome.verified}
    return _shown(module, {**result, "diff": diff(changes, dump)})


def _act(module: HarborModule, api: Api, action: Action) -> Values:
    watch = _watch(module.params)
    world = engine.connect(api)
    values = take(action.fields, module.params, world.version)
    work = actions.start if module.params["state"] == "started" else actions.stop
    try:
        return work(api, world, action, values, watch)
    except ActionError as error:
        module.fail_json(msg=str(error), **error.result)


def _watch(params: Values) -> Watch:
    problems = []
    if params["timeout"] < 0:
        problems.append(f"timeout: {params['timeout']} is not allowed; allowed: 0 or more seconds")
    if params["interval"] <= 0:
        problems.append(f"interval: {params['interval']:g} is not allowed; allowed: more than 0 seconds")
    if problems:
        raise PlanError(problems)
    return Watch(wait=params["wait"], timeout=params["timeout"], interval=params["interval"])


def _operate(module: HarborModule, api: Api, operation: Operation) -> Values:
    world = engine.connect(api)
    values = take(operation.fields, module.params, world.version)
    try:
        result = operate(api, world, operation, values)
    except ActionError as error:
        module.fail_json(msg=str(error), **_shown(module, error.result))
    return _shown(module, result)


def _shown(module: HarborModule, result: Values) -> Values:
    """Leave the diff out unless it was asked for."""
    return {name: value for name, value in result.items() if name != "diff" or module._diff}
