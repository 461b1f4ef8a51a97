# Copyright: the dockmaster.harbor contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which artifacts of a project are kept, and when the others are deleted. Private to this collection."""

from __future__ import annotations

import json
import typing as t

from ansible_collections.dockmaster.harbor.plugins.module_utils import _codec as codec
from ansible_collections.dockmaster.harbor.plugins.module_utils._errors import ApiError, Error
from ansible_collections.dockmaster.harbor.plugins.module_utils._http import segment
from ansible_collections.dockmaster.harbor.plugins.module_utils._resource import (
    PROJECT,
    Change,
    Desired,
    Field,
    Live,
    Raw,
    Reference,
    Resource,
    Values,
    Wave,
    World,
)
from ansible_collections.dockmaster.harbor.plugins.module_utils._resources import _schedules as schedules
from ansible_collections.dockmaster.harbor.plugins.module_utils._resources import _selectors as selectors
from ansible_collections.dockmaster.harbor.plugins.module_utils._resources._dry_run import dry_run

if t.TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from ansible_collections.dockmaster.harbor.plugins.module_utils._http import Api

# Harbor's template, and the option that holds its number.
TEMPLATES = {
    "most_recently_pushed": ("latestPushedK", "count"),
    "most_recently_pulled": ("latestPulledN", "count"),
    "pushed_within_days": ("nDaysSinceLastPush", "days"),
    "pulled_within_days": ("nDaysSinceLastPull", "days"),
    "everything": ("always", ""),
}
MOST_RULES = 15
LARGEST = 2**31 - 1
MAX_DELETED_PERCENT = 50
TIMEOUT = 600
METADATA = "retention_id"
GONE = "no such Retention policy"
# From then on Harbor takes the id of a deleted policy off the project.
FORGETS = (2, 14, 0)


class Rule(t.NamedTuple):
    """What one rule keeps. number is 0 where there is none to give."""

    retain: str
    number: int
    repositories: selectors.Selector
    tags: selectors.Selector
    untagged: bool
    disabled: bool

    def show(self) -> Values:
        """Return the options of the rule, without those that say what goes without saying."""
        option = TEMPLATES[self.retain][1]
        shown: Values = {"retain": self.retain, **({option: self.number} if option else {})}
        shown[f"repo_{self.repositories.mode}"] = self.repositories.pattern
        shown[f"tag_{self.tags.mode}"] = self.tags.pattern
        return {**shown, **({} if self.untagged else {"untagged": False}), **({"disabled": True} if self.disabled else {})}


# -- the user's rules


def _clean_rules(value: t.Any) -> frozenset[Rule]:
    rules = [_clean_rule(number, entry) for number, entry in enumerate(value, 1)]
    if len(rules) > MOST_RULES:
        raise ValueError(f"at most {MOST_RULES} rules, not {len(rules)}")
    if len(set(rules)) < len(rules):
        raise ValueError("each rule once; two of them are the same")
    return frozenset(rules)


def _clean_rule(number: int, entry: Values) -> Rule:
    given = {name: value for name, value in entry.items() if value is not None}
    try:
        _check_patterns(given)
        count = _clean_number(given)
    except ValueError as error:
        raise ValueError(f"in rule {number}, {error}") from None
    return Rule(
        retain=given["retain"],
        number=count,
        repositories=selectors.chosen(given, "repo"),
        tags=selectors.chosen(given, "tag"),
        untagged=given.get("untagged", True),
        disabled=given.get("disabled", False),
    )


def _check_patterns(given: Values) -> None:
    for what in ("repo", "tag"):
        names = [name for name in (f"{what}_matching", f"{what}_excluding") if name in given]
        if len(names) > 1:
            raise ValueError(f"one of {' and '.join(names)}, not both")
        for name in names:
            try:
                codec.pattern(given[name])
            except ValueError as error:
                raise ValueError(f"{name}: {error}") from None


def _clean_number(given: Values) -> int:
    wanted = TEMPLATES[given["retain"]][1]
    for name in {"count", "days"} & set(given):
        if name != wanted:
            raise ValueError(f"no {name} with retain: {given['retain']}" + (f", but {wanted}" if wanted else ""))
    if not wanted:
        return 0
    if wanted not in given:
        raise ValueError(f"{wanted}, which retain: {given['retain']} needs")
    try:
        return codec.number(1, LARGEST)(given[wanted])
    except ValueError as error:
        raise ValueError(f"{wanted}: {error}") from None


def _show_rules(rules: frozenset[Rule]) -> list[Values]:
    return [rule.show() for rule in sorted(rules)]


# -- Harbor's rules


def _rules(world: World, raw: Raw) -> frozenset[Rule] | None:
    """Read the rules; None where one of them says what the options here cannot."""
    rules = [_rule(rule) for rule in raw.get("rules") or ()]
    return None if None in rules else frozenset(rule for rule in rules if rule)


def _rule(raw: Raw) -> Rule | None:
    retain = next((name for name, (template, _option) in TEMPLATES.items() if template == raw.get("template")), "")
    scopes = (raw.get("scope_selectors") or {}).get("repository") or []
    repositories = selectors.decode(scopes, selectors.REPOSITORIES)
    tags = raw.get("tag_selectors") or []
    chosen = selectors.decode(tags, selectors.TAGS)
    number = (raw.get("params") or {}).get(raw.get("template"), 0)
    good = isinstance(number, int) and (number > 0) is (retain != "everything")  # Harbor stores any text and falls back on a number
    if not retain or not good or not repositories or not chosen or len(scopes) > 1 or len(tags) > 1:
        return None
    return Rule(retain, number, repositories, chosen, _untagged(tags[0]), bool(raw.get("disabled")))


def _untagged(selector: Raw) -> bool:
    """Say whether a rule keeps untagged artifacts. In Harbor the flag says whether they match, and excluding turns that round."""
    matching = selector.get("decoration") == selectors.TAGS["matching"]
    try:
        extras = json.loads(selector.get("extras") or "")
        flag = extras.get("untagged") or False
    except (ValueError, AttributeError):
        return True
    return flag is matching if isinstance(flag, bool) else True  # Harbor forgets what it cannot read


def _encode_rule(rule: Rule) -> Raw:
    template = TEMPLATES[rule.retain][0]
    flag = rule.untagged if rule.tags.mode == "matching" else not rule.untagged
    tags = {**selectors.encode(rule.tags, selectors.TAGS), "extras": json.dumps({"untagged": flag}, separators=(",", ":"))}
    return {
        "action": "retain",
        "disabled": rule.disabled,
        "template": template,
        "params": {template: rule.number} if rule.number else {},
        "tag_selectors": [tags],
        "scope_selectors": {"repository": [selectors.encode(rule.repositories, selectors.REPOSITORIES)]},
    }


def _schedule(world: World, raw: Raw) -> str:
    trigger = raw.get("trigger") or {}
    cron = (trigger.get("settings") or {}).get("cron") or "" if trigger.get("kind") == "Schedule" else ""
    return " ".join(str(cron).split())


# -- calls


def path(policy: int | str) -> str:
    """Return the address of a policy."""
    return f"/retentions/{segment(policy)}"


def listing(api: Api, world: World, project: str) -> Iterator[Raw]:
    """Yield the policy of a project, if it has one."""
    live = world.find("projects", project)
    raw = _read(api, live.raw if live else {})
    if raw:
        yield raw


def _read(api: Api, project: Raw) -> Raw | None:
    number = (project.get("metadata") or {}).get(METADATA)
    if not number:
        return None
    try:
        return t.cast("Raw | None", api.get(path(number)))
    except ApiError as error:
        if error.status != 500 or not _is_gone(api, number):
            raise
        return None


def _is_gone(api: Api, number: str) -> bool:
    """Say whether a policy is not there, which Harbor answers with 500: elsewhere it gives the reason."""
    try:
        api.get(f"{path(number)}/executions", page_size=1)
    except ApiError as error:
        return error.status == 400 and GONE in error.reason
    return False


def _find(api: Api, project: str) -> Raw | None:
    return _read(api, api.get(f"/projects/{segment(project)}") or {})


def create(api: Api, world: World, change: Change) -> None:
    """Create, with images in the project first without a schedule."""
    project = change.project
    live = world.find("projects", project)
    if live and (live.raw.get("metadata") or {}).get(METADATA):  # of a policy that is gone: Harbor would take it for a second one
        _forget(api, project)
    policy = _body(world, change, {"algorithm": "or"})
    guarded = _holds_images(world, project)

    def find() -> int | None:
        raw = _find(api, project)
        return raw["id"] if raw else None

    number = int(api.create("/retentions", _timed(policy, "" if guarded else change.after["schedule"]), find))
    if guarded:
        _enable(api, world, change, {**policy, "id": number}, lambda: _remove(api, world, project, number), "the new policy is gone again")


def update(api: Api, world: World, change: Change) -> None:
    """Replace the policy. What may delete more than before is saved without a schedule first."""
    raw = _live(api, change)
    policy = _body(world, change, raw)
    turned_on = bool(change.after["schedule"]) and not change.before["schedule"]
    if _holds_images(world, change.project) and ("rules" in change.fields or turned_on):
        api.put(path(raw["id"]), _timed(policy, ""))
        previous = _timed(raw, _schedule(world, raw))
        _enable(api, world, change, policy, lambda: api.put(path(raw["id"]), previous), "the previous policy is in force again")
    else:
        api.put(path(raw["id"]), _timed(policy, change.after["schedule"]))


def _live(api: Api, change: Change) -> Raw:
    """Return the policy as Harbor has it; the one that came with a new project has to be looked up."""
    raw = change.live.raw if change.live and change.live.id else _find(api, change.project)
    if raw is None:
        raise LookupError(f"project {change.project} has no retention policy")
    return {name: value for name, value in raw.items() if name != PROJECT}


def _body(world: World, change: Change, raw: Raw) -> Raw:
    """Return the whole policy but for its schedule. A rule that stays keeps what this collection does not know of it."""
    body = {**raw, "scope": {"level": "project", "ref": world.id_of("projects", change.project)}}
    if "rules" in change.declared and "rules" in change.fields:
        known = {_rule(rule): rule for rule in raw.get("rules") or ()}
        body["rules"] = [known.get(rule) or _encode_rule(rule) for rule in sorted(change.after["rules"])]
    return body


def _timed(policy: Raw, cron: str) -> Raw:
    return {**policy, "trigger": {"kind": "Schedule", "settings": {"cron": cron}, "references": {}}}


def _holds_images(world: World, project: str) -> bool:
    live = world.find("projects", project)
    return bool(live and live.raw.get("repo_count", 1))


def _enable(api: Api, world: World, change: Change, policy: Raw, undo: Callable[[], None], undone: str) -> None:
    """Let a dry run show what the saved policy would delete; set its schedule, or undo the change where that is too much."""
    try:
        _guard(api, world, change, policy["id"])
    except Error as error:
        try:
            undo()
        except Error as other:
            undone = f"undoing it failed too, so the new rules are saved, but without a schedule: {other}"
        raise Error(f"{error}; {undone}") from None
    if change.after["schedule"]:
        api.put(path(policy["id"]), _timed(policy, change.after["schedule"]))


def _guard(api: Api, world: World, change: Change, policy: int) -> None:
    limit = change.local.get("max_deleted_percent", MAX_DELETED_PERCENT)
    outcome = dry_run(api, policy, change.local.get("dry_run_timeout", TIMEOUT))
    world.reports.append({"kind": "retention_policy", "name": change.name, "dry_run": outcome.show()})
    if outcome.percent > limit:
        raise Error(
            f"project {change.project}: the rules would delete {outcome.deleted} of {outcome.total} artifacts ({outcome.percent:.1f} %),"
            f" allowed by max_deleted_percent: {limit} %"
        )


def delete(api: Api, world: World, change: Change) -> None:
    """Delete the policy, of a new project the one that came with it."""
    _remove(api, world, change.project, _live(api, change)["id"])


def _remove(api: Api, world: World, project: str, number: int) -> None:
    try:
        api.delete(path(number))
    except ApiError as error:
        if error.status != 400 or GONE not in error.reason:
            raise
    if world.version < FORGETS:
        _forget(api, project)


def _forget(api: Api, project: str) -> None:
    api.delete(f"/projects/{segment(project)}/metadatas/{METADATA}")


def references(world: World, values: Values) -> Iterable[Reference]:
    """A policy needs its project."""
    yield Reference(field="project", kind="projects", key=(values["project"],))


def check(world: World, desired: Desired, live: Live | None) -> Iterable[str]:
    """Yield that a new policy needs rules: none at all would be the same as no policy."""
    if live is None and not desired.absent and "rules" not in desired.values:
        yield "rules: must be given to create the retention policy; an empty list deletes nothing"


def facts(world: World, live: Live) -> Values:
    """Tell when a policy with a schedule runs next."""
    moment = ((live.raw.get("trigger") or {}).get("settings") or {}).get("next_scheduled_time")
    return {"next_run": moment} if moment else {}


def newborn(world: World, project: str) -> Iterable[Values]:
    """Yield the policy that Harbor gives to a new proxy cache: what was pulled within a week stays."""
    if world.declared["projects"][(project,)].values.get("registry"):
        everything = selectors.Selector("matching", selectors.EVERYTHING)
        rule = Rule("pulled_within_days", 7, everything, everything, untagged=True, disabled=False)
        yield {"project": project, "rules": frozenset({rule}), "schedule": schedules.WORDS["daily"]}


def _pattern(name: str, doc: str) -> Field:
    place = "scope_selectors" if name.startswith("repo") else "tag_selectors"
    return Field(name=name, doc=doc, schema=f"RetentionRule.{place}")


RULE_OPTIONS = (
    Field(
        name="retain",
        doc="What the rule keeps of the artifacts that it is about.",
        choices=tuple(TEMPLATES),
        required=True,
        schema="RetentionRule.template",
    ),
    Field(
        name="count",
        doc="How many artifacts of each repository are kept, with C(most_recently_pushed) and C(most_recently_pulled).",
        type="int",
        schema="RetentionRule.params",
    ),
    Field(
        name="days",
        doc="For how many days artifacts are kept, with C(pushed_within_days) and C(pulled_within_days).",
        type="int",
        schema="RetentionRule.params",
    ),
    _pattern(
        "repo_matching",
        "Pattern of the repositories that the rule is about, without the name of the project: C(*) stands for any text without a"
        " slash, C(**) for any text, C(?) for one character, C({app,web}) for one of several. All, where neither pattern is given.",
    ),
    _pattern("repo_excluding", "Pattern of the repositories that the rule is not about."),
    _pattern("tag_matching", "Pattern of the tags that the rule is about. All, where neither pattern is given."),
    _pattern("tag_excluding", "Pattern of the tags that the rule is not about."),
    Field(
        name="untagged",
        doc="Whether the rule is also about artifacts without a tag.",
        type="bool",
        default=True,
        schema="RetentionSelector.extras",
    ),
    Field(name="disabled", doc="Whether the rule is kept but not in force.", type="bool", default=False, schema="RetentionRule.disabled"),
)

RETENTION_POLICY = Resource(
    name="retention_policy",
    plural="retention_policies",
    title="Policies of projects that delete what no rule keeps",
    wave=Wave.SCHEDULES,
    paths=(
        "/projects/{project_name_or_id}",
        "/projects/{project_name_or_id}/metadatas/{meta_name}",
        "/retentions",
        "/retentions/{id}",
        "/retentions/{id}/executions",
        "/retentions/{id}/executions/{eid}/tasks",
    ),
    permission="tag-retention",
    scoped=True,
    prunable=False,
    list=listing,
    create=create,
    update=update,
    delete=delete,
    references=references,
    check=check,
    newborn=newborn,
    facts=facts,
    fields=(
        Field(name="project", doc="Name of the project. Each has one policy at most.", key=True, required=True, api=PROJECT),
        Field(
            name="rules",
            doc=(
                f"What is kept, in any order: an artifact stays when one rule keeps it. At most {MOST_RULES}. Needed to create.",
                "In a repository that a rule is about, everything goes that no rule keeps; other repositories are left alone.",
                "Replaces all rules; with an empty list nothing is deleted.",
            ),
            type="list",
            elements="dict",
            options=RULE_OPTIONS,
            schema="RetentionPolicy.rules",
            clean=_clean_rules,
            show=_show_rules,
            derive=_rules,
        ),
        Field(
            name="schedule",
            doc=(
                "When the policy runs: V(none), V(hourly), V(daily), V(weekly), or a cron string of six fields such as V(0 30 2 * * *),"
                " whose seconds are 0, in UTC. A new policy has none.",
            ),
            initial="",
            schema="RetentionPolicy.trigger",
            clean=schedules.clean,
            show=schedules.show,
            derive=_schedule,
        ),
        Field(
            name="max_deleted_percent",
            doc=(
                "Guard: the share of the project's artifacts that the policy may delete in its first run, 0 to 100.",
                "Rules that changed, and a schedule where there was none, are saved without a schedule; a dry run finds out what they would"
                " delete. Above this share the previous policy is put back and the task fails; otherwise the schedule is set.",
                "V(100) lets everything pass; the dry run is made and shown all the same. Projects without repositories need none.",
            ),
            type="int",
            default=MAX_DELETED_PERCENT,
            local=True,
            clean=codec.number(0, 100),
        ),
        Field(
            name="dry_run_timeout",
            doc="How many seconds the dry run may take. After that the previous policy is put back and the task fails.",
            type="int",
            default=TIMEOUT,
            local=True,
            clean=codec.number(1, 86400),
        ),
    ),
)
