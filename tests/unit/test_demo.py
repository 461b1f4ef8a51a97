# Copyright: the dockmaster.harbor contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the demo reads out of what its clients and ansible-playbook print."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType, SimpleNamespace

import pytest

DEMO = Path(__file__).resolve().parent.parent / "demo"
OUTPUT = """\
PLAY [Run etcd] ****************************************************************

TASK [Gathering Facts] *********************************************************
ok: [data1]
ok: [data2]

RUNNING HANDLER [Reload systemd] ***********************************************
changed: [data1]

PLAY RECAP *********************************************************************
data1                      : ok=2    changed=1    unreachable=0    failed=0    skipped=3    rescued=0    ignored=0
data2                      : ok=1    changed=0    unreachable=0    failed=0    skipped=4    rescued=0    ignored=0
"""


@pytest.fixture
def demo(monkeypatch: pytest.MonkeyPatch) -> Iterator[SimpleNamespace]:
    """The demo's modules, which lie beside the script that is run, by their short names."""
    before = set(sys.modules)
    monkeypatch.syspath_prepend(DEMO)
    import play  # type: ignore[import-not-found]
    import survive  # type: ignore[import-not-found]

    yield SimpleNamespace(play=play, survive=survive)
    for name in set(sys.modules) - before:
        if isinstance(sys.modules[name], ModuleType) and str(DEMO) in str(getattr(sys.modules[name], "__file__", "")):
            del sys.modules[name]


def test_a_run_counts_tasks_that_ran_and_tasks_times_hosts(demo: SimpleNamespace, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(demo.play, "command", lambda *words, log, show: OUTPUT)
    played = demo.play.playbook("dockmaster.harbor.site")
    assert (played.tasks, played.host_tasks, played.changed) == (2, 3, 1)


def test_a_run_that_did_nothing_is_a_failure(demo: SimpleNamespace, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(demo.play, "command", lambda *words, log, show: "PLAY RECAP ***\n")
    with pytest.raises(demo.play.Failure, match="nothing at all"):
        demo.play.playbook("dockmaster.harbor.site")


def test_the_longest_time_without_a_success_has_the_failures_in_it(demo: SimpleNamespace) -> None:
    use = demo.survive.use_of("ok 1.0 2.0 sha256:a\nfailed 2.5 5.0 Error: connection refused\nok 5.5 9.5 sha256:b\nok 10.0 11.0 sha256:a\n")
    assert (use.attempts, use.failed, use.gap, use.error) == (4, 1, 7.5, "Error: connection refused")
    assert use.digests == ["sha256:a", "sha256:b", "sha256:a"]


def test_failures_at_the_end_count_too(demo: SimpleNamespace) -> None:
    assert demo.survive.use_of("ok 1.0 2.0 sha256:a\nfailed 2.5 20.0 gone\n").gap == 18.0


def test_a_client_that_never_succeeds_is_a_failure(demo: SimpleNamespace) -> None:
    with pytest.raises(demo.play.Failure, match="gone"):
        demo.survive.use_of("failed 2.5 20.0 gone\n")
