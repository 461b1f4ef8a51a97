# Copyright: the dockmaster.harbor contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The main job as a user does it: secrets, site, configure, real clients, again without a change, and nodes that lose their power.

It works in .build/demo as a user works in a directory of their own: ansible.cfg, an inventory, the collection as installed from its
tarball. Needs what `make env build` made. Every step prints its name and seconds; the first that fails stops the run.
"""

from __future__ import annotations

import secrets
import shutil
import string
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import yaml
from client import Client, Refused
from node import Node, healthy
from play import BUILD, ENVIRONMENT, LOGS, ROOT, SITE, Failure, Played, command, page, playbook, whole
from survive import DRILLS, all_there, drill

LAB = BUILD / "lab/demo"
ADDRESS = "10.89.10.10"
UPSTREAM = "10.89.10.5:5000"
DATA_UNITS = ("etcd", "patroni", "redis-server", "redis-sentinel", "minio")
NODES = [Node(LAB, f"data{number}", *DATA_UNITS) for number in (1, 2, 3)]
NODES += [Node(LAB, f"app{number}", "haproxy", "keepalived", "docker") for number in (1, 2)]
USERS = ("platform-lead", "payments-lead", "payments-developer", "web-lead", "data-lead", "auditor", "visitor")
ROBOTS = ("ci", "runtime", "runtime-web")
CONFIGURATION = """\
# Written by `make demo`: how Ansible runs in this directory.
[defaults]
inventory = inventory
collections_path = collections:{libraries}
vault_password_file = vault_password
home = {site}/.ansible
inject_facts_as_vars = False
interpreter_python = auto_silent
forks = 10
callback_result_format = yaml
display_skipped_hosts = False

[ssh_connection]
pipelining = True
"""


class Run:
    """Steps and their times. Every step is a test: `passed` counts them."""

    def __init__(self) -> None:
        self.started = time.monotonic()
        self.passed = 0

    @contextmanager
    def step(self, name: str) -> Iterator[None]:
        """Print the name, do the work, print the seconds."""
        print(f"[{time.monotonic() - self.started:5.0f} s] {name}", flush=True)
        begun = time.monotonic()
        yield
        self.passed += 1
        print(f"          {name}: done in {time.monotonic() - begun:.1f} s", flush=True)


def password() -> str:
    """A random password by Harbor's rule: upper case, lower case and a digit."""
    return "Aa1" + "".join(secrets.choice(string.ascii_letters + string.digits) for _ in range(21))


def lay_out() -> None:
    """Make or refresh the user's directory; secrets that are there stay."""
    LOGS.mkdir(parents=True, exist_ok=True)
    SITE.chmod(0o700)
    libraries = next((ROOT / ".venv/lib").glob("python3*/site-packages"))
    text = CONFIGURATION.format(libraries=libraries, site=SITE)
    (SITE / "ansible.cfg").write_text(text, encoding="utf-8")
    vault_password = SITE / "vault_password"
    if not vault_password.exists():
        vault_password.touch(mode=0o600)
        vault_password.write_text(secrets.token_urlsafe(32) + "\n", encoding="utf-8")
    # Links become files: from here on the inventory is the user's own.
    shutil.copytree(ROOT / "inventories/lab", SITE / "inventory", dirs_exist_ok=True)
    (SITE / "inventory/group_vars/all/95-checkout.yml").write_text(f"---\nlab_root: {ROOT}\n", encoding="utf-8")
    shutil.copytree(ROOT / "tests/demo/config", SITE / "configuration", dirs_exist_ok=True)
    shutil.copy(ROOT / "tests/demo/clients.yml", SITE / "clients.yml")


def install_collection() -> None:
    """Install the newest tarball that was built, as a user does; what it depends on is there already."""
    tarball = max((BUILD / "dist").glob("*.tar.gz"), key=lambda file: file.stat().st_mtime)
    command("ansible-galaxy", "collection", "install", "--offline", "--force", "--collections-path", "collections", tarball, log="install")


def team_secrets() -> None:
    """Encrypt first passwords of people and robots into a vault file of their own, once."""
    target = SITE / "inventory/group_vars/all/vault_teams.yml"
    if target.exists():
        return
    content = {"vault_team_passwords": {user: password() for user in USERS}, "vault_robot_secrets": {robot: password() for robot in ROBOTS}}
    command("ansible-vault", "encrypt", "--output", target, log="vault-teams", stdin=yaml.safe_dump(content))


def vault() -> dict[str, object]:
    """Every secret of the site, decrypted in memory."""
    found: dict[str, object] = {}
    for file in sorted((SITE / "inventory/group_vars/all").glob("vault*.yml")):
        view = subprocess.run(["ansible-vault", "view", file], cwd=SITE, env=ENVIRONMENT, stdout=subprocess.PIPE, check=True, text=True)
        found |= yaml.safe_load(view.stdout)
    return found


def texts(value: object) -> Iterator[str]:
    """All texts in a secret, multi-line ones by line."""
    if isinstance(value, dict):
        for part in value.values():
            yield from texts(part)
    else:
        yield from (line for line in str(value).splitlines() if len(line) >= 8 and "-----" not in line)


def no_secret_in_logs(known: dict[str, object]) -> None:
    """Search every log of this run for every secret. The authority's certificate is no secret."""
    wanted = {text for name, value in known.items() if name != "vault_pki_ca_certificate" for text in texts(value)}
    for log in LOGS.glob("*.log"):
        content = log.read_text(encoding="utf-8")
        if any(text in content for text in wanted):
            raise Failure(f"{log} shows a secret")


def expect(truth: bool, message: str) -> None:
    """Fail with a message unless a statement holds."""
    if not truth:
        raise Failure(message)


def refused(action: Callable[[], object], what: str) -> None:
    """Expect that an action is refused for lack of permission, and not for another reason."""
    try:
        action()
    except Refused:
        return
    raise Failure(f"{what} was not refused")


def use_docker(run: Run, clients: dict[str, Client], image: str) -> str:
    """Build, push and pull with docker; return the digest."""
    ci, runtime = clients["ci"], clients["runtime"]
    with run.step("the CI robot builds and pushes an image with docker"):
        ci.build(image, f"{UPSTREAM}/library/busybox:stable", f"built at {time.time_ns()}")
        digest = ci.push(image)
    with run.step("the CI robot pulls it again"):
        ci.forget(image)
        expect(ci.pull(f"{image}@{digest}") == digest, "the pulled image has another digest")
    with run.step("the runtime robot pulls it and runs it"):
        runtime.forget(image)
        expect(runtime.pull(image) == digest, "the runtime robot got another image")
        expect("built at" in runtime.run(image), "the image does not hold what was built")
    with run.step("the runtime robot is refused a push"):
        refused(lambda: runtime.push(image), "a push by the runtime robot")
    for name in ("visitor", "anonymous"):
        with run.step(f"{name} is refused pull and push"):
            clients[name].forget(image)
            refused(lambda who=name: clients[who].pull(image), f"a pull by {name}")  # type: ignore[misc]
            clients[name].tag(f"{UPSTREAM}/library/busybox:stable", image)
            refused(lambda who=name: clients[who].push(image), f"a push by {name}")  # type: ignore[misc]
    with run.step("the refused pushes left no trace"):
        expect(ci.inspect(image) == digest, "the image was changed by a push that was refused")
    return digest


def use_other_tools(run: Run, clients: dict[str, Client]) -> None:
    """A file with oras, a copy and a look with skopeo."""
    ci = clients["ci"]
    with run.step("oras pushes a file and pulls it back"):
        expect(ci.oras_round_trip(f"{ADDRESS}/payments/settings:1"), "the file came back different")
    with run.step("skopeo copies an image from the upstream registry"):
        source = f"{UPSTREAM}/library/busybox:stable"
        ci.copy(source, f"{ADDRESS}/base-images/busybox:stable")
    with run.step("skopeo inspects the copy"):
        expect(ci.inspect(f"{ADDRESS}/base-images/busybox:stable") == ci.inspect(source, tls=False), "the copy has another digest")
    with run.step("anyone pulls from a public project"):
        clients["anonymous"].pull(f"{ADDRESS}/base-images/busybox:stable")


def install(run: Run) -> Played:
    """From nothing to a configured Harbor; return what `site` cost."""
    with run.step("Docker engine"):
        command(ROOT / "tests/lab/engine.sh", log="engine", show=whole)
    with run.step("images of the nodes and of the stand-in"):
        command(ROOT / "tests/lab/images.sh", log="images", show=whole)
    with run.step("MinIO's server program"):
        command(ROOT / "tests/lab/minio.sh", log="minio", show=whole)
    with run.step("a directory of the user's own, with the collection from its tarball"):
        lay_out()
        install_collection()
    with run.step("nodes"):
        playbook(str(ROOT / "molecule/shared/create.yml"), log="create")
    with run.step("create_secrets"):
        playbook("dockmaster.harbor.create_secrets")
        team_secrets()
        (LAB / "ca.crt").write_text(str(vault()["vault_pki_ca_certificate"]), encoding="utf-8")
    with run.step("site"):
        played = playbook("dockmaster.harbor.site")
    with run.step("configure"):
        playbook("dockmaster.harbor.configure")
    with run.step("client machine"):
        playbook("clients.yml")
    with run.step("Harbor is healthy"):
        healthy(LAB / "ca.crt", ADDRESS, 60)
    return played


def start_times() -> dict[str, str]:
    """When everything that must not restart started, on every node."""
    return {name: value for node in NODES for name, value in node.start_times().items()}


def again(run: Run) -> Played:
    """Nothing changes and nothing restarts when everything runs again; return what `site` cost."""
    before = start_times()
    costs = []
    for name in ("site", "configure"):
        with run.step(f"{name} again changes nothing"):
            played = playbook(f"dockmaster.harbor.{name}", log=f"{name}-again")
            expect(played.changed == 0, f"{name} changed {played.changed} things on its second run, see {LOGS}/{name}-again.log")
            costs.append(played)
    with run.step("no unit and no container was restarted on any node"):
        after = start_times()
        different = [name for name in before | after if before.get(name) != after.get(name)]
        expect(not different, f"restarted: {', '.join(different)}")
        print(f"          {len(after)} start times compared on {len(NODES)} nodes")
    return costs[0]


def survive(run: Run, clients: dict[str, Client], image: str, digest: str) -> None:
    """Nodes lose their power under load; nobody repairs anything, and no image is lost."""
    repository = f"{ADDRESS}/payments/load"
    with run.step("status"):
        playbook("dockmaster.harbor.status", "-e", "status_fail=true", show=page)
    for one in DRILLS:
        with run.step(f"failover_drill: {one.what} loses its power while robots pull and push"):
            pulled, pushed = drill(one, clients, image, repository)
        with run.step(f"the image is the same, and the {len(pushed.digests)} pushes that were acknowledged are there"):
            clients["runtime"].forget(image)
            expect({*pulled.digests, clients["runtime"].pull(image)} == {digest}, "the image has another digest")
            all_there(clients["ci"], repository, pushed.digests)
    with run.step("status: all is well"):
        playbook("dockmaster.harbor.status", "-e", "status_fail=true", log="status-again", show=page)


def farewell(run: Run, first: Played, second: Played) -> None:
    """What a visitor needs to know."""
    print(f"""
Harbor runs at https://{ADDRESS} (stand-in for Harbor's own containers, everything else is real).

  certificate    signed by {LAB.relative_to(ROOT)}/ca.crt
  users          admin, {", ".join(USERS)}
  robots         robot$ci, robot$payments+runtime, robot$web+runtime
  secrets        cd {SITE.relative_to(ROOT)}; ../../.venv/bin/ansible-vault view inventory/group_vars/all/vault.yml
                 (admin: vault_harbor_admin_password; the others: vault_teams.yml)

What to try next, in {SITE.relative_to(ROOT)} with ../../.venv/bin on PATH:

  $EDITOR configuration/20-projects.yml
  ansible-playbook dockmaster.harbor.configure --check --diff
  ansible-playbook dockmaster.harbor.site --check --diff
  ansible-playbook dockmaster.harbor.failover_drill -e failover_drill_target=redis_master
  ssh -F {LAB}/ssh_config data1     (or data2, data3, app1, app2; client: docker, oras and skopeo are there)

Remove it all: make demo-down
""")
    print(f"site: first {first}; second {second}, {second.seconds / first.seconds:.0%} of the first")
    print(f"demo: {run.passed} passed, 0 failed, {time.monotonic() - run.started:.0f} s")


def main() -> int:
    """Run it all; 1 when a step failed."""
    run = Run()
    LOGS.mkdir(parents=True, exist_ok=True)
    for log in LOGS.glob("*.log"):
        log.unlink()
    try:
        first = install(run)
        known = vault()
        logins = {
            "ci": ("robot$ci", known["vault_robot_secrets"]["ci"]),  # type: ignore[index]
            "runtime": ("robot$payments+runtime", known["vault_robot_secrets"]["runtime"]),  # type: ignore[index]
            "visitor": ("visitor", known["vault_team_passwords"]["visitor"]),  # type: ignore[index]
        }
        clients = {name: Client(Node(LAB, "client"), ADDRESS, name, LOGS) for name in (*logins, "anonymous")}
        for name, (username, secret) in logins.items():
            with run.step(f"docker login as {username}"):
                clients[name].login(username, secret)
        image = f"{ADDRESS}/payments/api:1.0"
        digest = use_docker(run, clients, image)
        use_other_tools(run, clients)
        second = again(run)
        survive(run, clients, image, digest)
        with run.step("no secret is in any output"):
            no_secret_in_logs(known)
    except (Failure, Refused, subprocess.SubprocessError) as error:
        print(f"\ndemo failed: {error}\nLogs: {LOGS}", file=sys.stderr)
        print(f"demo: {run.passed} passed, 1 failed")
        return 1
    farewell(run, first, second)
    return 0


if __name__ == "__main__":
    sys.exit(main())
