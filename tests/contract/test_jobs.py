# Copyright: the dockmaster.harbor contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What runs beside the requests: retention, replication, preheating, webhooks; and who may do what to them."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
import requests
from standin import content, events
from standin.server import Server
from standin.store import first
from standin.world import Endpoint, PretendWorld

ELSEWHERE = "http://registry.example.com"
EVERYTHING = [{"kind": "doublestar", "decoration": "repoMatches", "pattern": "**"}]
ALL_TAGS = {"kind": "doublestar", "decoration": "matches", "pattern": "**"}


def manifest(seed: str) -> bytes:
    config = {"mediaType": "application/vnd.oci.image.config.v1+json", "digest": f"sha256:{seed:0>64}", "size": 10}
    return json.dumps({"mediaType": "application/vnd.oci.image.manifest.v1+json", "config": config, "layers": []}).encode()


@pytest.fixture
def server() -> Iterator[Server]:
    world = PretendWorld(registries={ELSEWHERE: Endpoint(images={"team/base": {"v1": manifest("b")}})})
    with Server(world=world, job_seconds=0.02) as running:
        api(running, "POST", "/projects", json={"project_name": "alpha"})
        yield running


def api(server: Server, method: str, path: str, status: int | None = None, user: str = "admin", **options: Any) -> requests.Response:
    auth = (user, server.password if user == "admin" else "Passw0rd123")
    answer = requests.request(method, f"{server.url}/api/v2.0{path}", auth=auth, timeout=10, **options)
    assert status in (None, answer.status_code), answer.text
    return answer


def push(server: Server, name: str, *tags: str, seed: str = "a") -> None:
    """Note an image as a push does, from the oldest tag to the newest."""
    with server.harbor.store.transaction(write=True) as tx:
        project = first(tx, "project", name=name.partition("/")[0])
        assert project is not None
        for tag in tags:
            content.record_manifest(tx, project, name, tag, content.Manifest.parse(manifest(seed), ""))


def tags(server: Server, repository: str) -> list[str]:
    project, _, name = repository.partition("/")
    artifacts = api(server, "GET", f"/projects/{project}/repositories/{name}/artifacts").json()
    return sorted(tag["name"] for artifact in artifacts for tag in artifact["tags"] or [])


def finished(server: Server, path: str, statuses: tuple[str, ...] = ("Success", "Succeed")) -> list[dict[str, Any]]:
    """The tasks of an execution, once all have one of these states."""
    deadline = time.monotonic() + 15
    while time.monotonic() < deadline:
        tasks: list[dict[str, Any]] = api(server, "GET", f"{path}/tasks").json()
        if tasks and all(task["status"] in statuses for task in tasks):
            return tasks
        time.sleep(0.01)
    raise AssertionError(f"{path} did not end: {tasks}")


def create_retention(server: Server, project_id: int, **rule: Any) -> str:
    rule = {"action": "retain", "tag_selectors": [ALL_TAGS], "scope_selectors": {"repository": EVERYTHING}, **rule}
    scope, trigger = {"level": "project", "ref": project_id}, {"kind": "Schedule", "settings": {"cron": ""}}
    body = {"algorithm": "or", "scope": scope, "trigger": trigger, "rules": [rule]}
    return api(server, "POST", "/retentions", 201, json=body).headers["Location"].removeprefix("/api/v2.0")


def start(server: Server, path: str, body: dict[str, Any]) -> str:
    return api(server, "POST", path, 201, json=body).headers["Location"].removeprefix("/api/v2.0")


LATEST = {"template": "latestPushedK", "params": {"latestPushedK": 1}}


def test_a_dry_run_tells_and_deletes_nothing(server: Server) -> None:
    push(server, "alpha/app", "v1", seed="1")
    time.sleep(1.1)
    push(server, "alpha/app", "v2", seed="2")
    policy = create_retention(server, 2, **LATEST)
    (task,) = finished(server, start(server, f"{policy}/executions", {"dry_run": True}))
    assert (task["repository"], task["total"], task["retained"]) == ("app", 2, 1)
    assert tags(server, "alpha/app") == ["v1", "v2"]
    (run,) = api(server, "GET", f"{policy}/executions").json()
    log = api(server, "GET", f"{policy}/executions/{run['id']}/tasks/{task['id']}").text
    assert (run["status"], run["dry_run"]) == ("Success", True)
    assert log.count("| DEL") == log.count("| RETAIN") == 1


def test_a_run_deletes_what_no_rule_keeps_but_immutable_tags(server: Server) -> None:
    for number in ("1", "2", "3"):
        push(server, "alpha/app", f"v{number}", seed=number)
    push(server, "alpha/app", "release", seed="4")
    rule = {"tag_selectors": [{**ALL_TAGS, "pattern": "rel*"}], "scope_selectors": {"repository": EVERYTHING}}
    api(server, "POST", "/projects/alpha/immutabletagrules", 201, json=rule)
    selectors = [{**ALL_TAGS, "pattern": "v2"}]
    policy = create_retention(server, 2, template="always", params={}, tag_selectors=selectors)
    (task,) = finished(server, start(server, f"{policy}/executions", {"dry_run": False}))
    assert (task["total"], task["retained"]) == (4, 2)
    assert tags(server, "alpha/app") == ["release", "v2"]


def test_an_unknown_template_fails_when_it_runs(server: Server) -> None:
    push(server, "alpha/app", "v1")
    policy = create_retention(server, 2, template="mystery", params={})
    execution = start(server, f"{policy}/executions", {"dry_run": False})
    finished(server, execution, ("Error",))
    assert api(server, "GET", f"{policy}/executions").json()[0]["status"] == "Error"
    assert tags(server, "alpha/app") == ["v1"]


def test_a_stopped_run_does_nothing(server: Server) -> None:
    server.harbor.settings.job_seconds = 60
    push(server, "alpha/app", "v1")
    policy = create_retention(server, 2, template="latestPushedK", params={"latestPushedK": 0})
    execution = start(server, f"{policy}/executions", {"dry_run": False})
    assert api(server, "GET", f"{execution}/tasks").json()[0]["status"] == "Pending"
    api(server, "PATCH", execution, 200, json={"action": "stop"})
    assert api(server, "GET", f"{execution}/tasks").json()[0]["status"] == "Stopped"
    assert api(server, "GET", f"{policy}/executions").json()[0]["status"] == "Stopped"
    assert tags(server, "alpha/app") == ["v1"]


def test_an_execution_may_lag_behind_its_tasks(server: Server) -> None:
    server.harbor.settings.refresh_seconds = 60
    push(server, "alpha/app", "v1")
    policy = create_retention(server, 2, **LATEST)
    finished(server, start(server, f"{policy}/executions", {"dry_run": True}))
    assert api(server, "GET", f"{policy}/executions").json()[0]["status"] == "Running"


def create_replication(server: Server, url: str = ELSEWHERE, kind: str = "docker-registry", **policy: Any) -> int:
    registry = start(server, "/registries", {"name": "far", "type": kind, "url": url}).rpartition("/")[2]
    side = "src_registry" if policy.pop("pull", False) else "dest_registry"
    body = {"name": "copy", side: {"id": int(registry)}, "enabled": True, "override": True, **policy}
    return int(start(server, "/replication/policies", body).rpartition("/")[2])


def test_a_push_replication_copies_what_the_filters_leave(server: Server) -> None:
    # Long enough to be seen at work on a busy machine.
    server.harbor.settings.job_seconds = 3
    push(server, "alpha/app", "v1", "v2", "dev")
    push(server, "library/app", "v1")
    filters = [{"type": "name", "value": "alpha/**"}, {"type": "tag", "value": "dev", "decoration": "excludes"}]
    ident = create_replication(server, filters=filters, dest_namespace="mirror", dest_namespace_replace_count=1)
    execution = start(server, "/replication/executions", {"policy_id": ident})
    running = api(server, "GET", execution).json()
    assert (running["status"], running["total"], running["in_progress"]) == ("InProgress", 1, 1)
    (task,) = finished(server, execution)
    assert (task["src_resource"], task["dst_resource"]) == ("alpha/app [2 item(s) in total]", "mirror/app [2 item(s) in total]")
    assert sorted(server.world.registries[ELSEWHERE].pushed) == ["mirror/app:v1", "mirror/app:v2"]
    assert api(server, "GET", execution).json()["status"] == "Succeed"
    assert "copying alpha/app:[v2,v1](source registry)" in api(server, "GET", f"{execution}/tasks/{task['id']}/log").text


def test_a_replication_to_this_very_harbor_fills_another_project(server: Server) -> None:
    push(server, "alpha/app", "v1")
    ident = create_replication(server, url=server.url, kind="harbor", dest_namespace="beta")
    finished(server, start(server, "/replication/executions", {"policy_id": ident}))
    assert tags(server, "beta/app") == ["v1"]


def test_a_pull_replication_brings_images(server: Server) -> None:
    ident = create_replication(server, pull=True, dest_namespace="alpha", filters=[{"type": "name", "value": "team/**"}])
    finished(server, start(server, "/replication/executions", {"policy_id": ident}))
    assert tags(server, "alpha/base") == ["v1"]


def test_a_full_destination_fails_the_task(server: Server) -> None:
    quota = api(server, "GET", "/quotas?reference_id=2").json()[0]["id"]
    api(server, "PUT", f"/quotas/{quota}", 200, json={"hard": {"storage": 10}})
    ident = create_replication(server, pull=True, dest_namespace="alpha")
    execution = start(server, "/replication/executions", {"policy_id": ident})
    finished(server, execution, ("Failed",))
    assert api(server, "GET", execution).json()["failed"] == 1


def test_one_replication_at_a_time(server: Server) -> None:
    server.harbor.settings.job_seconds = 60
    push(server, "alpha/app", "v1")
    ident = create_replication(server, single_active_replication=True)
    first_run, second = (start(server, "/replication/executions", {"policy_id": ident}) for _ in range(2))
    assert api(server, "GET", second).json()["status"] == "Failed"
    api(server, "PUT", first_run, 200)
    assert api(server, "GET", first_run).json()["status"] == "Stopped"


def test_preheating_makes_a_task_for_each_tag(server: Server) -> None:
    push(server, "alpha/app", "v1", "v2", "dev")
    api(server, "POST", "/p2p/preheat/instances", 201, json={"name": "net", "vendor": "dragonfly", "endpoint": "http://p2p.example.com"})
    filters = json.dumps([{"type": "repository", "value": "**"}, {"type": "tag", "value": "v*"}])
    policy = {"name": "warm", "provider_id": 1, "enabled": True, "filters": filters, "trigger": '{"type":"manual"}'}
    api(server, "POST", "/projects/alpha/preheat/policies", 201, json=policy)
    execution = api(server, "POST", "/projects/alpha/preheat/policies/warm", 201, json=policy).headers["Location"]
    tasks = finished(server, execution)
    assert sorted(task["extra_attrs"]["artifact"] for task in tasks) == ["alpha/app:v1", "alpha/app:v2"]
    shown = api(server, "GET", execution).json()
    assert (shown["status"], shown["metrics"]) == ("Success", {"task_count": 2, "success_task_count": 2})


@contextmanager
def receiver(status: int = 200) -> Iterator[tuple[str, list[tuple[dict[str, str], Any]]]]:
    """An address on this machine that takes webhooks, and what came so far: headers and body."""
    came: list[tuple[dict[str, str], Any]] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            came.append((dict(self.headers), body))
            self.send_response(status)
            self.end_headers()

        def log_message(self, format: str, *args: Any) -> None:
            """Nothing on the terminal."""

    sink = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=sink.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{sink.server_port}/hook", came
    finally:
        sink.shutdown()
        sink.server_close()


def create_webhook(server: Server, address: str, *events: str, **target: Any) -> str:
    body = {"name": "hook", "enabled": True, "event_types": list(events), "targets": [{"type": "http", "address": address, **target}]}
    return start(server, "/projects/alpha/webhook/policies", body)


def test_a_receiver_on_this_machine_is_told(server: Server) -> None:
    push(server, "alpha/app", "v1")
    policy = create_retention(server, 2, template="latestPushedK", params={"latestPushedK": 0})
    with receiver() as (address, came):
        hook = create_webhook(server, address, "DELETE_ARTIFACT", "TAG_RETENTION", auth_header="Bearer token")
        finished(server, start(server, f"{policy}/executions", {"dry_run": False}))
        server.harbor.courier.wait()
    assert [body["type"] for _, body in came] == ["DELETE_ARTIFACT", "TAG_RETENTION"]
    headers, body = came[0]
    assert headers["Authorization"] == "Bearer token"
    assert body["operator"] == "harbor-jobservice"
    assert body["event_data"]["repository"]["repo_full_name"] == "alpha/app"
    executions = api(server, "GET", f"{hook}/executions").json()
    assert [row["status"] for row in executions] == ["Success", "Success"]
    job = api(server, "GET", "/projects/alpha/webhook/jobs?policy_id=1").json()[1]
    assert json.loads(job["job_detail"]) == body


def test_a_receiver_that_refuses_fails_the_job(server: Server) -> None:
    push(server, "alpha/app", "v1")
    policy = create_retention(server, 2, template="latestPushedK", params={"latestPushedK": 0})
    with receiver(503) as (address, came):
        hook = create_webhook(server, address, "TAG_RETENTION")
        finished(server, start(server, f"{policy}/executions", {"dry_run": False}))
        server.harbor.courier.wait()
    assert len(came) == 1
    (execution,) = api(server, "GET", f"{hook}/executions").json()
    (task,) = api(server, "GET", f"{hook}/executions/{execution['id']}/tasks").json()
    assert (execution["status"], task["status"]) == ("Error", "Error")
    assert "abnormal response code: 503" in api(server, "GET", f"{hook}/executions/{execution['id']}/tasks/{task['id']}/log").text


def test_nobody_is_told_while_notifications_are_off(server: Server) -> None:
    push(server, "alpha/app", "v1")
    api(server, "PUT", "/configurations", 200, json={"notification_enable": False})
    policy = create_retention(server, 2, template="latestPushedK", params={"latestPushedK": 0})
    with receiver() as (address, came):
        hook = create_webhook(server, address, "DELETE_ARTIFACT")
        finished(server, start(server, f"{policy}/executions", {"dry_run": False}))
        server.harbor.courier.wait()
    assert (came, api(server, "GET", f"{hook}/executions").json()) == ([], [])


def test_a_deleted_project_takes_its_policies_along(server: Server) -> None:
    retention = create_retention(server, 2, **LATEST)
    create_webhook(server, "http://receiver.example.com", "PUSH_ARTIFACT")
    rule = {"tag_selectors": [ALL_TAGS], "scope_selectors": {"repository": EVERYTHING}}
    api(server, "POST", "/projects/alpha/immutabletagrules", 201, json=rule)
    api(server, "DELETE", "/projects/alpha", 200)
    api(server, "GET", retention, 500)
    with server.harbor.store.transaction(write=False) as tx:
        assert [kind for kind in ("immutable_rule", "webhook_policy", "retention") if tx.find(kind)] == []


@pytest.mark.parametrize(
    ("role", "allowed"),
    [
        (1, {"immutable": 201, "retention": 201, "webhook": 201, "webhooks": 200, "preheat": 200}),
        (4, {"immutable": 201, "retention": 201, "webhook": 403, "webhooks": 200, "preheat": 403}),
        (2, {"immutable": 403, "retention": 201, "webhook": 403, "webhooks": 403, "preheat": 403}),
        (3, {"immutable": 403, "retention": 403, "webhook": 403, "webhooks": 403, "preheat": 403}),
    ],
)
def test_project_roles(server: Server, role: int, allowed: dict[str, int]) -> None:
    person = {"username": "member", "email": "member@example.com", "realname": "m", "password": "Passw0rd123"}
    api(server, "POST", "/users", 201, json=person)
    api(server, "POST", "/projects/alpha/members", 201, json={"role_id": role, "member_user": {"username": "member"}})
    rule = {"tag_selectors": [ALL_TAGS], "scope_selectors": {"repository": EVERYTHING}}
    policy = {"algorithm": "or", "scope": {"level": "project", "ref": 2}, "trigger": {"kind": "Schedule", "settings": {"cron": ""}}}
    hook = {"name": "h", "event_types": ["PUSH_ARTIFACT"], "targets": [{"type": "http", "address": "http://receiver.example.com"}]}
    answers = {
        "immutable": api(server, "POST", "/projects/alpha/immutabletagrules", user="member", json=rule),
        "retention": api(server, "POST", "/retentions", user="member", json={**policy, "rules": []}),
        "webhook": api(server, "POST", "/projects/alpha/webhook/policies", user="member", json=hook),
        "webhooks": api(server, "GET", "/projects/alpha/webhook/policies", user="member"),
        "preheat": api(server, "GET", "/projects/alpha/preheat/policies", user="member"),
    }
    assert {name: answer.status_code for name, answer in answers.items()} == allowed
    for path in ("/replication/policies", "/replication/executions", "/p2p/preheat/instances"):
        assert api(server, "GET", path, user="member").status_code == 403


def test_robots_do_what_they_were_given(server: Server) -> None:
    access = [{"resource": "replication-policy", "action": "list"}, {"resource": "preheat-instance", "action": "list"}]
    system = {"kind": "system", "namespace": "/", "access": access}
    project = {"kind": "project", "namespace": "alpha", "access": [{"resource": "immutable-tag", "action": "list"}]}
    body = {"name": "ci", "level": "system", "duration": 1, "permissions": [system, project]}
    robot = api(server, "POST", "/robots", 201, json=body).json()
    asked = {"/replication/policies": 200, "/p2p/preheat/instances": 200, "/projects/alpha/immutabletagrules": 200}
    asked |= {"/replication/executions": 403, "/projects/alpha/webhook/policies": 403}
    auth = (robot["name"], robot["secret"])
    got = {path: requests.get(f"{server.url}/api/v2.0{path}", auth=auth, timeout=10).status_code for path in asked}
    assert got == asked


def test_a_paused_queue_keeps_its_tasks_until_it_is_resumed(server: Server) -> None:
    push(server, "alpha/app", "v1")
    policy = create_retention(server, 2, **LATEST)
    api(server, "PUT", "/jobservice/queues/retention", 200, json={"action": "pause"})
    execution = start(server, f"{policy}/executions", {"dry_run": True})
    time.sleep(0.1)
    assert [task["status"] for task in api(server, "GET", f"{execution}/tasks").json()] == ["Pending"]
    waiting = next(queue for queue in api(server, "GET", "/jobservice/queues").json() if queue["job_type"] == "RETENTION")
    assert (waiting["paused"], waiting["count"]) == (True, 1)
    api(server, "PUT", "/jobservice/queues/RETENTION", 200, json={"action": "resume"})
    finished(server, execution)


def test_a_push_starts_what_replicates_on_events(server: Server) -> None:
    ident = create_replication(server, trigger={"type": "event_based"}, filters=[{"type": "tag", "value": "v*"}])
    with server.harbor.store.transaction(write=True) as tx:
        project = first(tx, "project", name="alpha")
        assert project is not None
        for tag in ("dev", "v1"):
            artifact = content.record_manifest(tx, project, f"alpha/{tag}", tag, content.Manifest.parse(manifest("1"), ""))
            events.artifact(server.harbor, tx, events.PUSH, "admin", artifact, tag)
    (execution,) = api(server, "GET", f"/replication/executions?policy_id={ident}&trigger=event_based").json()
    (task,) = finished(server, f"/replication/executions/{execution['id']}")
    assert task["src_resource"] == "alpha/v1 [1 item(s) in total]"


def test_the_audit_log_is_for_those_who_may_see_it(server: Server) -> None:
    person = {"username": "member", "email": "member@example.com", "realname": "m", "password": "Passw0rd123"}
    api(server, "POST", "/users", 201, json=person)
    api(server, "POST", "/projects/alpha/members", 201, json={"role_id": 1, "member_user": {"username": "member"}})
    seen = [(row["operation"], row["resource"]) for row in api(server, "GET", "/auditlog-exts").json()]
    assert seen == [("create", "member"), ("create", "alpha")]
    own = api(server, "GET", "/auditlog-exts", 200, user="member").json()
    assert [row["operation_description"] for row in own] == ["create project: alpha"]


def test_an_export_without_findings_has_no_file(server: Server) -> None:
    headers = {"X-Scan-Data-Type": "application/vnd.security.vulnerability.report; version=1.1"}
    ident = api(server, "POST", "/export/cve", 200, json={"projects": [2]}, headers=headers).json()["id"]
    time.sleep(0.1)
    shown = api(server, "GET", f"/export/cve/execution/{ident}").json()
    assert (shown["status"], shown["file_present"]) == ("Success", False)
    api(server, "GET", f"/export/cve/download/{ident}", 404)
