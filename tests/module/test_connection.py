# Copyright: the dockmaster.harbor contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Who we are, where Harbor is, and what the user reads when that does not work."""

from __future__ import annotations

import dataclasses
import datetime
import ipaddress
import typing as t
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from standin.server import Server

from .conftest import Modules
from .samples import COMPANY

LABEL: dict[str, t.Any] = {"labels": [{"name": "approved"}]}
MANAGER = [
    {
        "kind": "system",
        "access": [
            "project:create",
            "project:list",
            "label:create",
            "label:delete",
            "label:update",
            "label:read",
            "robot:create",
            "robot:list",
            "quota:list",
        ],
    },
    {
        "namespace": "*",
        "access": ["project:read", "project:update", "repository:pull", "label:list", "label:create", "robot:create", "robot:list"],
    },
]


# -- credentials


def test_a_user_logs_in_once(run: Modules) -> None:
    """Two requests carry the password: the check and the login; all others the session."""
    run.state(COMPANY)
    assert run.harbor.log.count(("POST", "/c/login", 200)) == 1


def test_wrong_password_is_no_empty_harbor(run: Modules, no_pauses: list[float]) -> None:
    """An anonymous caller would see a public project and no labels: nothing may be planned from that."""
    run.state({"labels": [{"name": "approved"}]})
    run.harbor.log.clear()
    for desired in (LABEL, {"labels": []}):
        message = run.refused("state", desired=desired, prune=["labels"], harbor_password="Wrong12345")
        assert "harbor_username/harbor_password refused for 'admin'" in message and "1.5 seconds" in message
    assert {path for _method, path, _status in run.harbor.log} == {"/api/v2.0/users/current"}
    assert no_pauses == [pytest.approx(1.6)] * 2


@pytest.mark.parametrize("module", ["state", "export", "label_info", "label"])
def test_every_module_checks_credentials(run: Modules, module: str) -> None:
    params: dict[str, t.Any] = {
        "state": {"desired": LABEL},
        "export": {"path": str(run.directory / "harbor.yml")},
        "label_info": {},
        "label": {"name": "approved"},
    }[module]
    assert "refused for 'nobody'" in run.refused(module, harbor_username="nobody", **params)


def test_a_locked_name_is_tried_again(run: Modules, no_pauses: list[float], monkeypatch: pytest.MonkeyPatch) -> None:
    """Somebody else's failed login locks the name; the lock is over after 1.5 s."""
    from ansible_collections.dockmaster.harbor.plugins.module_utils import _http

    lockout = run.harbor.harbor.lockout
    lockout.add("admin")
    monkeypatch.setattr(_http, "_sleep", lambda seconds: (no_pauses.append(seconds), lockout.remove("admin")))
    assert run.state(LABEL)["changed"]
    assert no_pauses[0] == pytest.approx(1.6)


def test_an_expired_session_is_opened_again(run: Modules, monkeypatch: pytest.MonkeyPatch) -> None:
    """Harbor answers a lost session like an anonymous caller, lists with 200 included."""
    from ansible_collections.dockmaster.harbor.plugins.module_utils import _engine

    run.state({**LABEL, "projects": [{"name": "payments"}]})
    connect = _engine.connect

    def forgetful(api: t.Any) -> t.Any:
        world = connect(api)
        run.harbor.harbor.sessions.expire_all()
        return world

    monkeypatch.setattr(_engine, "connect", forgetful)
    run.harbor.log.clear()
    assert not run.state({"projects": [{"name": "payments"}, {"name": "library"}], "labels": [{"name": "approved"}]}, prune=["projects"])[
        "changed"
    ]
    assert run.harbor.log.count(("POST", "/c/login", 200)) == 2


def test_a_session_that_expires_between_writes(run: Modules, monkeypatch: pytest.MonkeyPatch) -> None:
    from ansible_collections.dockmaster.harbor.plugins.module_utils import _engine

    write, started = _engine._write, []

    def forgetful(*arguments: t.Any) -> None:
        started.append(arguments)
        if len(started) == 5:
            run.harbor.harbor.sessions.expire_all()
        write(*arguments)

    monkeypatch.setattr(_engine, "_write", forgetful)
    run.state({"labels": [{"name": f"label-{number}"} for number in range(20)]}, harbor_workers=3)
    assert len(run.ok("label_info")["labels"]) == 20


def test_a_robot_goes_as_itself(run: Modules) -> None:
    """Robots have no session; they create, read and change what their permissions allow."""
    run.ok("robot", name="manager", secret="Canary1Robot", permissions=MANAGER)
    run.harbor.log.clear()
    run.connection = {"harbor_username": "robot$manager", "harbor_password": "Canary1Robot"}
    desired = {
        "projects": [{"name": "payments", "public": True, "storage_limit": "2GiB"}],
        "labels": [{"name": "approved"}, {"name": "candidate", "project": "payments"}],
        "robots": [{"name": "ci", "project": "payments", "secret": "Canary4Other", "permissions": [{"access": ["repository:pull"]}]}],
    }
    message = run.refused("state", desired=desired)
    assert "robot payments/ci: secret: Harbor lets no robot account set secrets of robots" in message
    assert run.writes() == []
    del desired["robots"]
    run.state(desired)
    assert not run.state(desired)["changed"]
    assert ("POST", "/c/login", 200) not in run.harbor.log


def test_a_robot_never_prunes_itself(run: Modules) -> None:
    access = [{"kind": "system", "access": ["robot:list", "robot:delete", "robot:read"]}]
    run.ok("robot", name="keeper", secret="Canary1Robot", permissions=access)
    run.ok("robot", name="other", secret="Canary1Robot", permissions=access)
    run.connection = {"harbor_username": "robot$keeper", "harbor_password": "Canary1Robot"}
    result = run.state({"robots": []}, prune=["robots"])
    assert [change["name"] for change in result["changes"]] == ["other"]


def test_another_robot_prefix(run: Modules) -> None:
    with run.harbor.harbor.store.transaction(write=True) as tx:
        tx.update("config", 1, values={"robot_name_prefix": "bot_"})
    desired = {"robots": [{"name": "ci", "secret": "Canary1Robot", "permissions": [{"namespace": "*", "access": ["repository:pull"]}]}]}
    run.state(desired)
    assert not run.state(desired)["changed"]
    assert [robot["name"] for robot in run.ok("robot_info")["robots"]] == ["ci"]


def test_a_user_without_rights(run: Modules) -> None:
    """A refusal names the caller; a project that the caller may not see is not taken for missing."""
    run.state({"users": COMPANY["users"], "projects": [{"name": "payments"}]})
    run.connection = {"harbor_username": "alice", "harbor_password": COMPANY["users"][0]["password"]}
    assert "'alice' may not do this" in run.refused("user", username="bob", comment="x")
    assert "GET /api/v2.0/projects/payments answered 403" in run.refused("project", name="payments", auto_scan=True)
    assert run.ok("project", name="mine", auto_scan=True)["changed"]
    assert not run.ok("project", name="mine", auto_scan=True)["changed"]
    assert "storage_limit: only a system administrator sets it" in run.refused("project", name="mine2", storage_limit="2GiB")


def test_a_project_admin_adds_members(run: Modules) -> None:
    """Without the right to list users, names are searched."""
    bob = {"username": "bob", "email": "bob@example.com", "realname": "Bob", "password": "Canary4Other"}
    run.state({"users": [*COMPANY["users"], bob], "user_groups": COMPANY["user_groups"]})
    run.connection = {"harbor_username": "alice", "harbor_password": COMPANY["users"][0]["password"]}
    desired = {
        "projects": [{"name": "mine"}],
        "project_members": [
            {"project": "mine", "user": "bob", "role": "guest"},
            {"project": "mine", "group": "developers", "role": "guest"},
            {"project": "mine", "user": "alice", "role": "admin"},
        ],
    }
    assert run.state(desired)["summary"]["create"] == 3
    assert not run.state(desired)["changed"]
    assert "user: 'ghost' is neither in Harbor" in run.refused("project_member", project="mine", user="ghost", role="guest")


# -- version and mode


@pytest.mark.parametrize("version", ["v2.12.4", "v2.16.0", "v3.0.0"])
def test_version_out_of_range(run: Modules, version: str) -> None:
    run.harbor.harbor.settings.version = version
    try:
        assert f"Harbor is version {version}" in run.refused("state", desired=LABEL)
    finally:
        run.harbor.harbor.settings.version = "v2.15.2"
    assert run.writes() == []


def test_read_only_mode(run: Modules) -> None:
    """Refused when there is something to change, fine when there is not."""
    run.state(LABEL)
    with run.harbor.harbor.store.transaction(write=True) as tx:
        tx.update("config", 1, values={"read_only": True})
    run.harbor.log.clear()
    for check in (True, False):
        assert "Harbor is in read-only mode, 1 change(s) cannot be made" in run.refused(
            "state", desired={"labels": [{"name": "new"}]}, check=check
        )
    assert not run.state(LABEL)["changed"]
    assert run.writes() == []


# -- the way to Harbor


def test_unreachable(run: Modules) -> None:
    assert "http://127.0.0.1:9 cannot be reached: Connection refused" in run.refused(
        "state", desired=LABEL, harbor_url="http://127.0.0.1:9"
    )
    assert "cannot be reached" in run.refused("state", desired=LABEL, harbor_url="http://no-such-host.invalid")


@pytest.mark.parametrize(
    ("params", "words"),
    [
        ({"harbor_url": "registry.example.com"}, "harbor_url: 'registry.example.com' must start with https:// or http://"),
        ({"harbor_url": "https://registry.example.com/api/v2.0"}, "must be the address of Harbor without /api/v2.0"),
        ({"harbor_username": ""}, "harbor_username: must not be empty"),
        ({"harbor_workers": 0}, "harbor_workers: 0 must be 1 to 64"),
        ({"harbor_timeout": 0}, "harbor_timeout: 0.0 must be more than 0 seconds"),
    ],
)
def test_connection_options(run: Modules, params: dict[str, t.Any], words: str) -> None:
    assert words in run.refused("state", desired=LABEL, **params)


def test_environment(run: Modules, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HARBOR_URL", run.harbor.url)
    monkeypatch.setenv("HARBOR_USERNAME", "admin")
    monkeypatch.setenv("HARBOR_PASSWORD", run.harbor.password)
    monkeypatch.setenv("HARBOR_WORKERS", "2")
    run.connection = {"harbor_url": None, "harbor_username": None, "harbor_password": None}
    assert run.state(LABEL)["changed"]


def test_netrc_is_not_asked(run: Modules, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login somebody password Else12345\n")
    monkeypatch.setenv("NETRC", str(netrc))
    assert run.state(LABEL)["changed"]


def test_not_a_harbor(run: Modules) -> None:
    run.harbor.faults.add("504", path_prefix="/api/v2.0/users/current", times=9)
    assert "answered 504: harbor_url does not lead to a Harbor API" in run.refused("state", desired=LABEL)


# -- TLS


class Authority:
    """A CA for tests."""

    def __init__(self, directory: Path, name: str) -> None:
        self.directory = directory
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
        self.file = directory / f"{name}.crt"
        certificate = self._sign(self.name, self.key.public_key(), days=9, ca=True)
        self.file.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))

    def _sign(
        self, subject: x509.Name, key: ec.EllipticCurvePublicKey, *, days: int, ca: bool = False, address: str = "127.0.0.1"
    ) -> x509.Certificate:
        now = datetime.datetime.now(datetime.UTC)
        builder = (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(self.name)
            .public_key(key)
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - datetime.timedelta(days=10))
            .not_valid_after(now + datetime.timedelta(days=days))
            .add_extension(x509.BasicConstraints(ca=ca, path_length=None), critical=True)
            .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address(address))]), critical=False)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(key), critical=False)
            .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(self.key.public_key()), critical=False)
            .add_extension(x509.KeyUsage(True, False, False, False, False, ca, ca, False, False), critical=True)
        )
        return builder.sign(self.key, hashes.SHA256())

    def server(self, *, days: int = 9, address: str = "127.0.0.1") -> tuple[str, str]:
        """Make a certificate and its key; returns both file names."""
        key = ec.generate_private_key(ec.SECP256R1())
        subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "server")])
        certificate = self._sign(subject, key.public_key(), days=days, address=address)
        files = self.directory / f"{days}-{address}.crt", self.directory / f"{days}-{address}.key"
        files[0].write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
        secret = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
        files[1].write_bytes(secret)
        return str(files[0]), str(files[1])


@pytest.fixture(scope="module")
def authorities(tmp_path_factory: pytest.TempPathFactory) -> tuple[Authority, Authority]:
    directory = tmp_path_factory.mktemp("tls")
    return Authority(directory, "right"), Authority(directory, "other")


@pytest.fixture(autouse=True)
def no_foreign_trust(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "SSL_CERT_FILE"):
        monkeypatch.delenv(name, raising=False)


def test_tls_with_the_right_ca(run: Modules, authorities: tuple[Authority, Authority]) -> None:
    with Server(tls=authorities[0].server()) as harbor:
        run.connection = {"harbor_url": harbor.url, "harbor_ca_path": str(authorities[0].file)}
        assert run.state(COMPANY)["changed"]
        assert not run.state(COMPANY)["changed"]


@pytest.mark.parametrize(
    ("options", "ca", "words"),
    [
        ({"days": -1}, "right", "its certificate has expired"),
        ({"address": "127.0.0.2"}, "right", "made for another IP address"),
        ({}, "other", "signed by an unknown CA"),
        ({}, None, "signed by an unknown CA"),
    ],
)
def test_tls_refusals(
    run: Modules, authorities: tuple[Authority, Authority], options: dict[str, t.Any], ca: str | None, words: str
) -> None:
    files = {"right": str(authorities[0].file), "other": str(authorities[1].file), None: None}
    with Server(tls=authorities[0].server(**options)) as harbor:
        message = run.refused("state", desired=LABEL, harbor_url=harbor.url, harbor_ca_path=files[ca])
        assert words in message and "harbor_ca_path" in message
        run.ok("state", desired=LABEL, harbor_url=harbor.url, harbor_validate_certs=False)
        assert "harbor_validate_certs is false" in str(run.warnings)


def test_missing_ca_file(run: Modules) -> None:
    assert "harbor_ca_path" in run.refused("state", desired=LABEL, harbor_url="https://127.0.0.1:9", harbor_ca_path="/no/such/file")


def test_credentials_in_the_address(run: Modules) -> None:
    """They would be in every message and in the head of an export."""
    message = run.refused("state", desired=LABEL, harbor_url="http://admin:Canary7Url@127.0.0.1:9")
    assert "harbor_url: must not hold a user name or password" in message
    assert "Canary" not in "".join(run.outputs)


def test_a_host_name_that_cannot_be(run: Modules) -> None:
    assert "is not a valid address" in run.refused("state", desired=LABEL, harbor_url=f"http://{'a' * 70}.example.com")


def answered(monkeypatch: pytest.MonkeyPatch, path: str, **changes: t.Any) -> None:
    """Let every GET of a path come back with other content."""
    from ansible_collections.dockmaster.harbor.plugins.module_utils._transport import Transport

    exchange = Transport.exchange

    def changed(self: Transport, method: str, address: str, **rest: t.Any) -> t.Any:
        reply = exchange(self, method, address, **rest)
        return dataclasses.replace(reply, **changes) if (method, address) == ("GET", path) else reply

    monkeypatch.setattr(Transport, "exchange", changed)


def test_a_redirect_names_the_right_address(run: Modules, monkeypatch: pytest.MonkeyPatch) -> None:
    answered(
        monkeypatch, "/api/v2.0/users/current", status=308, headers={"location": "https://registry.example.com/api/v2.0/users/current"}
    )
    assert "a redirect to https://registry.example.com: set harbor_url" in run.refused("state", desired=LABEL)


@pytest.mark.parametrize(("text", "words"), [("<html>Maintenance</html>", "with no JSON"), ('{"a": 1}', "answered no list")])
def test_a_page_of_a_proxy_is_no_empty_list(run: Modules, monkeypatch: pytest.MonkeyPatch, text: str, words: str) -> None:
    run.state(LABEL)
    answered(monkeypatch, "/api/v2.0/labels", text=text)
    assert words in run.refused("state", desired=LABEL, check=True)
