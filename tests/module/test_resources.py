# Copyright: the dockmaster.harbor contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Every resource module through its whole life, in check mode and for real."""

from __future__ import annotations

import pytest
from ansible_collections.dockmaster.harbor.plugins.module_utils._resources import RESOURCES

from .conftest import Modules, Result
from .samples import SAMPLES, Sample

resources = pytest.mark.parametrize("sample", SAMPLES, ids=lambda sample: sample.module)


def both(run: Modules, sample: Sample, /, **params: object) -> Result:
    """Run in check mode and for real: the same result, and check mode writes nothing."""
    before = len(run.writes())
    predicted = run.ok(sample.module, check=True, diff=True, **params)
    assert len(run.writes()) == before, "check mode wrote"
    done = run.ok(sample.module, diff=True, **params)
    assert predicted == done
    return done


def fields(sample: Sample) -> set[str]:
    """Return the options of a resource; what else an info module tells are facts."""
    return {one.name for resource in RESOURCES if resource.name == sample.module for one in resource.fields}


def instructions(sample: Sample) -> set[str]:
    """Return the fields that are no part of the object: they never count as changed."""
    return {one.name for resource in RESOURCES if resource.name == sample.module for one in resource.fields if one.local}


def test_every_resource_has_a_sample() -> None:
    """But for those that nobody makes: they have tests of their own."""
    assert {sample.module for sample in SAMPLES} == {resource.name for resource in RESOURCES if resource.create}


@resources
def test_life(run: Modules, sample: Sample) -> None:
    """Create, again, update, again, absent, again; each in check mode first, with the same prediction."""
    run.state(sample.before)
    created = both(run, sample, **sample.key, **sample.values)
    assert created["changes"] == [
        {
            "kind": sample.module,
            "name": sample.name,
            "action": "create",
            "fields": sorted({*sample.key, *sample.values} - instructions(sample)),
        }
    ]
    assert created["diff"][0]["before"] == "" and created["diff"][0]["after"]

    again = both(run, sample, **sample.key, **sample.values)
    assert not again["changed"] and again["changes"] == [] and again["diff"] == []
    assert again["summary"] == {"create": 0, "update": 0, "delete": 0, "unchanged": 1}

    if sample.change:
        updated = both(run, sample, **sample.key, **sample.change)
        assert updated["changes"][0]["action"] == "update" and updated["changes"][0]["fields"] == sorted(sample.change)
        assert not both(run, sample, **sample.key, **sample.change)["changed"]

    gone = both(run, sample, **sample.key, state="absent")
    assert gone["changes"] == [{"kind": sample.module, "name": sample.name, "action": "delete", "fields": []}]
    assert gone["diff"][0]["after"] == ""
    assert not both(run, sample, **sample.key, state="absent")["changed"]


@resources
def test_undeclared_fields_are_left_alone(run: Modules, sample: Sample) -> None:
    """An update of one field keeps all others, also where Harbor's PUT replaces everything."""
    run.state(sample.before)
    run.ok(sample.module, **sample.key, **sample.values)
    before = run.ok(f"{sample.module}_info", **sample.key)[sample.plural]
    for name, value in (sample.change or {}).items():
        run.ok(sample.module, **sample.key, **{name: value})
        after = run.ok(f"{sample.module}_info", **sample.key)[sample.plural]
        assert {key for key in fields(sample) & set(after[0]) if after[0][key] != before[0].get(key)} <= {name}
        before = after


@resources
def test_key_alone_changes_nothing(run: Modules, sample: Sample) -> None:
    run.state(sample.before)
    run.ok(sample.module, **sample.key, **sample.values)
    assert not run.ok(sample.module, **sample.key)["changed"]


@resources
def test_info(run: Modules, sample: Sample) -> None:
    """The info module returns what the resource module takes, with facts beside it, and nothing for what is not there."""
    run.state(sample.before)
    assert run.ok(f"{sample.module}_info", **sample.key)[sample.plural] == []
    run.ok(sample.module, **sample.key, **sample.values)
    [found] = run.ok(f"{sample.module}_info", **sample.key)[sample.plural]
    assert isinstance(found["id"], int | str)
    assert not run.ok(sample.module, **{name: value for name, value in found.items() if name in fields(sample)})["changed"]
    everything = run.ok(f"{sample.module}_info")
    assert not everything["changed"]
    assert found in everything[sample.plural]


@resources
def test_diff_only_when_asked(run: Modules, sample: Sample) -> None:
    run.state(sample.before)
    assert "diff" not in run.ok(sample.module, **sample.key, **sample.values)
