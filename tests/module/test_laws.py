# Copyright: the dockmaster.harbor contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Laws that hold for whatever somebody declares, over all kinds: generated configurations against the stand-in."""

from __future__ import annotations

import typing as t
from pathlib import Path

import yaml
from ansible_collections.dockmaster.harbor.plugins.module_utils._resources import RESOURCES
from hypothesis import given, settings
from hypothesis import strategies as st

from .conftest import Modules

Desired = dict[str, t.Any]

PRUNABLE = sorted(resource.plural for resource in RESOURCES if resource.delete and resource.prunable)
PROJECT_NAMES = ("payments", "2024", "a-b.c", "x")
USER_NAMES = ("alice", "Bob B", "böb", "007")
# Names as Harbor allows them where it checks nothing.
NAMES = ("plain", "a/b", "with space", "ünï", "007", "{{ x }}", "x,y", "#1", "a: b", "true", "50%", "a+b")
SECRET = "Canary1Robot"

TEXTS = st.text(st.characters(min_codepoint=32, max_codepoint=0x2FFF, exclude_categories=["Cs", "Cc"]), max_size=12)
LABEL_NAMES = st.one_of(st.sampled_from(NAMES), TEXTS.filter(str.strip))
FLAGS = ("public", "auto_scan", "prevent_vul", "auto_sbom_generation", "reuse_sys_cve_allowlist", "enable_content_trust_cosign")
CVES = st.lists(st.from_regex(r"CVE-20[0-9]{2}-[0-9]{4}", fullmatch=True), unique=True, max_size=3)
MOMENTS = st.one_of(st.just("never"), st.datetimes().filter(lambda d: 1971 < d.year < 2100).map(lambda d: d.isoformat()))
SCHEDULES = st.sampled_from(["none", "hourly", "daily", "weekly", "0 30 2 * * *", "0 0 4 * * 1-5"])
PATTERNS = st.sampled_from(["**", "v*", "{app,web}", "release-*", "team/**"])
ACCESS = st.lists(st.sampled_from(["repository:pull", "repository:push", "tag:list", "scan:read"]), min_size=1, unique=True)
LIMITS = st.one_of(st.just("unlimited"), st.integers(1, 2**50).map(str), st.integers(1, 1024).map(lambda n: f"{n}GiB"))


def some(**fields: st.SearchStrategy[t.Any]) -> st.SearchStrategy[dict[str, t.Any]]:
    """Some of these fields."""
    return st.fixed_dictionaries({}, optional=fields)


def named(
    names: tuple[str, ...], fields: st.SearchStrategy[dict[str, t.Any]], key: str = "name"
) -> st.SearchStrategy[list[dict[str, t.Any]]]:
    """Some objects, each with another name."""
    return st.dictionaries(st.sampled_from(names), fields, max_size=3).map(lambda d: [{key: name, **values} for name, values in d.items()])


PROJECTS = named(
    PROJECT_NAMES,
    some(
        **{name: st.booleans() for name in FLAGS},
        severity=st.sampled_from(["none", "low", "medium", "high", "critical"]),
        storage_limit=LIMITS,
        cve_allowlist=CVES,
        cve_allowlist_expires_at=MOMENTS,
    ),
)
RULES = st.one_of(
    st.fixed_dictionaries(
        {"retain": st.sampled_from(["most_recently_pushed", "most_recently_pulled"]), "count": st.integers(1, 50)},
        optional={"tag_matching": PATTERNS, "repo_excluding": PATTERNS, "untagged": st.booleans()},
    ),
    st.fixed_dictionaries(
        {"retain": st.sampled_from(["pushed_within_days", "pulled_within_days"]), "days": st.integers(1, 400)},
        optional={"tag_excluding": PATTERNS, "repo_matching": PATTERNS, "disabled": st.booleans()},
    ),
    st.fixed_dictionaries({"retain": st.just("everything"), "tag_matching": PATTERNS}),
)
FILTERS = st.lists(
    st.one_of(
        st.fixed_dictionaries({"type": st.just("name"), "value": PATTERNS}),
        st.fixed_dictionaries(
            {"type": st.just("tag"), "value": PATTERNS}, optional={"decoration": st.sampled_from(["matches", "excludes"])}
        ),
        st.fixed_dictionaries({"type": st.just("resource"), "value": st.sampled_from(["image", "artifact"])}),
        st.fixed_dictionaries({"type": st.just("label"), "labels": st.lists(st.sampled_from(NAMES), min_size=1, max_size=2, unique=True)}),
    ),
    max_size=3,
    unique_by=lambda one: one["type"],
)


@st.composite
def configurations(draw: t.Callable[..., t.Any]) -> Desired:
    """Objects of all kinds that fit together."""
    projects = draw(PROJECTS)
    places = [one["name"] for one in projects]
    users = draw(named(USER_NAMES, some(comment=TEXTS, sysadmin=st.booleans()), "username"))
    registries = draw(named(NAMES, some(description=TEXTS, insecure=st.booleans())))
    instances = draw(named(("dragonfly", "edge-1"), some(description=TEXTS, enabled=st.booleans(), insecure=st.booleans())))
    everywhere: Desired = {
        "projects": projects,
        "users": [
            {**one, "email": f"user{number}@example.com", "realname": "Somebody", "password": SECRET} for number, one in enumerate(users)
        ],
        "user_groups": draw(named(NAMES, st.just({"type": "oidc"}))),
        "registries": [
            {**one, "type": "docker-registry", "url": f"https://registry{number}.example.com"} for number, one in enumerate(registries)
        ],
        "scanners": [
            {**one, "url": f"https://scanner{number}.example.com"}
            for number, one in enumerate(draw(named(NAMES, some(description=TEXTS, disabled=st.booleans()))))
        ],
        "preheat_instances": [
            {**one, "vendor": "dragonfly", "endpoint": f"https://peer{number}.example.com"} for number, one in enumerate(instances)
        ],
        "labels": draw(
            st.dictionaries(LABEL_NAMES, some(description=TEXTS, color=st.sampled_from(["", "#00AA00", "yes", "1e3"])), max_size=3)
        ),
    }
    everywhere["labels"] = [{"name": name, **values} for name, values in everywhere["labels"].items()]
    everywhere |= draw(
        some(
            configuration=some(
                token_expiration=st.integers(1, 999), self_registration=st.booleans(), robot_token_duration=st.integers(1, 365)
            ),
            cve_allowlist=some(cves=CVES, expires_at=MOMENTS),
            garbage_collection=st.fixed_dictionaries(
                {"schedule": SCHEDULES.filter(lambda word: word != "none")}, optional={"delete_untagged": st.booleans()}
            ),
            scan_all=some(schedule=SCHEDULES),
        )
    )
    if registries:
        trigger = st.sampled_from([{"trigger": "manual"}, {"trigger": "scheduled", "cron": "0 0 3 * * *"}, {"trigger": "event_based"}])
        policies = draw(
            named(
                NAMES,
                st.tuples(trigger, some(filters=FILTERS, enabled=st.booleans(), deletion=st.booleans(), speed=st.integers(1, 999))).map(
                    lambda pair: {**pair[0], **pair[1]}
                ),
            )
        )
        everywhere["replication_policies"] = [{**one, "dest_registry": registries[0]["name"]} for one in policies]
    return everywhere | (draw(contents(places, users, instances)) if places else {})


@st.composite
def contents(draw: t.Callable[..., t.Any], places: list[str], users: list[Desired], instances: list[Desired]) -> Desired:
    """Objects inside of projects."""
    place = st.sampled_from(places)
    roles = st.sampled_from(["maintainer", "developer", "guest", "limited_guest"])
    found: Desired = {
        "project_members": [{"project": draw(place), "user": one["username"], "role": draw(roles)} for one in users],
        "robots": [
            {**one, "project": draw(place), "secret": SECRET, "permissions": [{"access": draw(ACCESS)}]}
            for one in draw(named(("ci", "deploy.1"), some(description=TEXTS, disable=st.booleans(), duration=st.integers(1, 900))))
        ],
        "immutable_tag_rules": [
            {"project": draw(place), **one}
            for one in draw(
                st.lists(
                    st.fixed_dictionaries({"tag_matching": PATTERNS}, optional={"repo_excluding": PATTERNS, "disabled": st.booleans()}),
                    max_size=2,
                    unique_by=lambda one: one["tag_matching"],
                )
            )
        ],
        "retention_policies": [
            {
                "project": name,
                "rules": draw(st.lists(RULES, min_size=1, max_size=3, unique_by=lambda rule: rule["retain"])),
                "schedule": draw(SCHEDULES),
            }
            for name in draw(st.sets(place, max_size=2).map(sorted))
        ],
        "webhook_policies": [
            {
                **one,
                "project": draw(place),
                "address": "https://ci.example.com",
                "event_types": draw(
                    st.sets(st.sampled_from(["PUSH_ARTIFACT", "PULL_ARTIFACT", "SCANNING_FAILED", "QUOTA_EXCEED"]), min_size=1).map(sorted)
                ),
            }
            for one in draw(named(NAMES, some(description=TEXTS, enabled=st.booleans(), skip_cert_verify=st.booleans())))
        ],
    }
    if instances:
        found["preheat_policies"] = [
            {
                **one,
                "project": draw(place),
                "provider": instances[0]["name"],
                "filters": [{"type": "repository", "value": "**"}, {"type": "tag", "value": draw(PATTERNS)}],
            }
            for one in draw(named(("releases", "nightly-1"), some(description=TEXTS, enabled=st.booleans())))
        ]
    return found


class Loader(yaml.SafeLoader):
    """Reads YAML as Ansible does."""


Loader.add_constructor("!unsafe", lambda loader, node: node.value)


def exported(run: Modules) -> Desired:
    path = Path(run.directory / "harbor.yml")
    run.ok("export", path=str(path))
    content: Desired = yaml.load(path.read_text(), Loader)
    return content


@settings(max_examples=25)
@given(desired=configurations())
def test_export_then_state_changes_nothing(run: Modules, desired: Desired) -> None:
    """What was made is as declared at once, and its export, planned against the same Harbor, changes nothing."""
    run.harbor.reset()
    run.state(desired)
    again = run.state(desired, diff=True)
    assert not again["changed"], again["diff"]
    content = exported(run)
    assert not run.state(content, check=True, prune=PRUNABLE)["changed"]
    writes = len(run.writes())
    after = run.state(content, diff=True)
    assert not after["changed"], after["diff"]
    assert len(run.writes()) == writes


@settings(max_examples=25)
@given(desired=configurations(), data=st.data())
def test_pruning_is_the_difference_of_sets(run: Modules, desired: Desired, data: st.DataObject) -> None:
    """Of what Harbor holds, exactly that goes which is not declared, in the kinds that are pruned."""
    run.harbor.reset()
    run.state(desired)
    everything = exported(run)
    kinds = data.draw(
        st.sets(
            st.sampled_from(["labels", "immutable_tag_rules", "webhook_policies", "preheat_policies", "replication_policies", "robots"])
        )
    )
    kept: Desired = {"projects": everything["projects"]}
    for kind in sorted(kinds):
        kept[kind] = [without_secrets(one) for one in everything[kind] if data.draw(st.booleans())]
    planned = run.state(kept, check=True, prune=sorted(kinds), max_delete=None)
    assert {change["action"] for change in planned["changes"]} <= {"delete"}
    assert planned["summary"]["delete"] == sum(len(everything[kind]) - len(kept[kind]) for kind in kinds)
    assert run.state(kept, prune=sorted(kinds), max_delete=1000)["changes"] == planned["changes"]
    left = exported(run)
    assert all(left[kind] == kept[kind] if kind in kinds else left[kind] == everything[kind] for kind in everything)


def without_secrets(one: Desired) -> Desired:
    return {name: value for name, value in one.items() if name not in ("secret", "password")}
