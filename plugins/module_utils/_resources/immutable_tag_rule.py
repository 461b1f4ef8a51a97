# Copyright: the dockmaster.harbor contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Rules that forbid to overwrite or delete tags. Private to this collection."""

from __future__ import annotations

import typing as t

from ansible_collections.dockmaster.harbor.plugins.module_utils import _codec as codec
from ansible_collections.dockmaster.harbor.plugins.module_utils._http import segment
from ansible_collections.dockmaster.harbor.plugins.module_utils._resource import (
    PROJECT,
    Change,
    Field,
    Key,
    Live,
    Raw,
    Reference,
    Resource,
    Values,
    Wave,
    World,
)
from ansible_collections.dockmaster.harbor.plugins.module_utils._resources import _selectors as selectors

if t.TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from ansible_collections.dockmaster.harbor.plugins.module_utils._http import Api

# Further rules with the same selectors, which Harbor takes once one of them was updated: one object here.
TWINS = "_twins"


def path(project: str, rule: int | None = None) -> str:
    """Return the address of a project's rules, or of one."""
    base = f"/projects/{segment(project)}/immutabletagrules"
    return base if rule is None else f"{base}/{rule}"


def listing(api: Api, world: World, project: str) -> Iterator[Raw]:
    """Yield the rules of a project, each pair of selectors once."""
    found: dict[Key, Raw] = {}
    for raw in api.pages(path(project), sort="id"):
        rule = {**raw, PROJECT: project, TWINS: []}
        first = found.setdefault(IMMUTABLE_TAG_RULE.key_in(world, rule), rule)
        if first is not rule:
            first[TWINS].append(raw)
    yield from found.values()


def create(api: Api, world: World, change: Change) -> None:
    """Create. Harbor makes every rule an enabled one, whatever it is told."""
    repositories, tags = selectors.chosen(change.after, "repo"), selectors.chosen(change.after, "tag")
    body = {
        "action": "immutable",
        "template": "immutable_template",
        "scope_selectors": {"repository": [selectors.encode(repositories, selectors.REPOSITORIES)]},
        "tag_selectors": [selectors.encode(tags, selectors.TAGS)],
    }

    def find() -> int | None:
        raws = listing(api, world, change.project)
        return next((raw["id"] for raw in raws if IMMUTABLE_TAG_RULE.key_in(world, raw) == change.key), None)

    number = int(api.create(path(change.project), body, find))
    if change.after.get("disabled"):
        _switch(api, change.project, {**body, "id": number}, disabled=True)


def update(api: Api, world: World, change: Change) -> None:
    """Switch the rule and its twins: a rule is in force as long as one of them is."""
    for raw in _all(change):
        if bool(raw.get("disabled")) != change.after["disabled"]:
            _switch(api, change.project, raw, disabled=change.after["disabled"])


def _switch(api: Api, project: str, raw: Raw, *, disabled: bool) -> None:
    # A PUT that changes this changes nothing else; one that does not would make room for a twin.
    body = {name: value for name, value in raw.items() if not name.startswith("_")}
    api.put(path(project, raw["id"]), {**body, "disabled": disabled})


def delete(api: Api, world: World, change: Change) -> None:
    """Delete the rule and its twins."""
    for raw in _all(change):
        api.delete(path(change.project, raw["id"]))


def _all(change: Change) -> list[Raw]:
    return [change.live.raw, *change.live.raw[TWINS]] if change.live else []


def references(world: World, values: Values) -> Iterable[Reference]:
    """A rule needs its project."""
    yield Reference(field="project", kind="projects", key=(values["project"],))


def unexported(world: World, live: Live) -> bool:
    """Harbor takes rules with unknown selectors or without a pattern, which nobody can declare; they mostly protect nothing."""
    return " " in live.key[2]


def key_of(values: Values) -> Key:
    """Return (project, how and which repositories, how and which tags)."""
    repositories, tags = selectors.chosen(values, "repo"), selectors.chosen(values, "tag")
    return (str(values.get("project") or ""), *repositories, *tags)


def label_of(key: Key) -> str:
    """Return a name such as payments/**:v*; an exclamation mark stands before what is excluded."""
    project, *rest = key
    return f"{project}/{selectors.Selector(*rest[:2])}:{selectors.Selector(*rest[2:])}"


def _pattern(what: str, mode: str) -> t.Callable[[World, Raw], str]:
    def read(world: World, raw: Raw) -> str:
        repositories = selectors.decode((raw.get("scope_selectors") or {}).get("repository"), selectors.REPOSITORIES)
        tags = selectors.decode(raw.get("tag_selectors"), selectors.TAGS)
        if repositories is None or tags is None:  # told apart by the id; no pattern has a space
            return f"(rule {raw['id']})" if mode == "matching" else ""
        found = repositories if what == "repo" else tags
        return found.pattern if found.mode == mode else ""

    return read


def _disabled(world: World, raw: Raw) -> bool:
    return all(bool(one.get("disabled")) for one in (raw, *raw.get(TWINS, ())))


def _selector(name: str, doc: str | tuple[str, ...]) -> Field:
    what, _separator, mode = name.partition("_")
    place = "scope_selectors" if what == "repo" else "tag_selectors"
    return Field(
        name=name,
        doc=doc,
        key=True,
        schema=f"ImmutableRule.{place}",
        clean=codec.pattern,
        derive=_pattern(what, mode),
    )


IMMUTABLE_TAG_RULE = Resource(
    name="immutable_tag_rule",
    plural="immutable_tag_rules",
    title="Rules that make tags immutable",
    wave=Wave.CONTENTS,
    paths=("/projects/{project_name_or_id}/immutabletagrules", "/projects/{project_name_or_id}/immutabletagrules/{immutable_rule_id}"),
    permission="immutable-tag",
    scoped=True,
    list=listing,
    create=create,
    update=update,
    delete=delete,
    references=references,
    unexported=unexported,
    key_of=key_of,
    label_of=label_of,
    exclusive=(("repo_matching", "repo_excluding"), ("tag_matching", "tag_excluding")),
    one_of=(("tag_matching", "tag_excluding"),),
    fields=(
        Field(name="project", doc="Name of the project.", key=True, required=True, api=PROJECT),
        _selector(
            "repo_matching",
            (
                "Pattern of the repositories that the rule is about, without the name of the project: C(*) stands for any text"
                " without a slash, C(**) for any text, C(?) for one character, C({app,web}) for one of several.",
                "Without this and O(repo_excluding) the rule is about all repositories.",
            ),
        ),
        _selector("repo_excluding", "Pattern of the repositories that the rule is not about."),
        _selector(
            "tag_matching",
            "Pattern of the tags that cannot be overwritten or deleted. Exactly one of this and O(tag_excluding) must be given.",
        ),
        _selector("tag_excluding", "Pattern of the only tags that can still be overwritten and deleted."),
        Field(
            name="disabled",
            doc="Whether the rule is kept but not in force.",
            type="bool",
            schema="ImmutableRule.disabled",
            derive=_disabled,
        ),
    ),
)
