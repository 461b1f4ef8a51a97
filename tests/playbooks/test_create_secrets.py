# Copyright: the dockmaster.harbor contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""`ansible-playbook dockmaster.harbor.create_secrets` from the installed tarball: once, encrypted, complete, and never again."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest
import yaml

from .conftest import COLLECTIONS, Ansible

INVENTORY = COLLECTIONS / "ansible_collections/dockmaster/harbor/inventories/single"


@pytest.fixture
def site(ansible: Ansible) -> Path:
    """A user's copy of the example inventory, with a vault password beside it."""
    subprocess.run(["cp", "-r", INVENTORY, ansible.home / "site"], check=True)
    (ansible.home / "password").write_text("canary-vault-password\n")
    return ansible.home / "site/group_vars/all/vault.yml"


def create(ansible: Ansible, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run the playbook as the README says."""
    password = str(ansible.home / "password")
    return ansible.playbook("-i", "site", "dockmaster.harbor.create_secrets", *arguments, ANSIBLE_VAULT_PASSWORD_FILE=password)


def view(ansible: Ansible, file: Path) -> dict[str, str]:
    """The secrets in the file."""
    text = subprocess.run(
        [ansible.programs / "ansible-vault", "view", file],
        env={**ansible.environment, "ANSIBLE_VAULT_PASSWORD_FILE": str(ansible.home / "password")},
        check=True,
        capture_output=True,
        text=True,
    ).stdout
    return yaml.safe_load(text)


def test_once_and_never_again(ansible: Ansible, site: Path) -> None:
    """Check mode writes nothing, the run writes an encrypted file, the second run leaves it alone; no secret is ever shown."""
    check = create(ansible, "--check", "--diff")
    assert check.returncode == 0 and not site.exists(), check.stdout
    first = create(ansible, "--diff", "-vvv")
    assert first.returncode == 0, first.stdout
    written = site.read_text()
    assert written.startswith("$ANSIBLE_VAULT;") and site.stat().st_mode & 0o077 == 0
    second = create(ansible)
    assert second.returncode == 0 and "changed=0" in second.stdout and site.read_text() == written, second.stdout
    secrets = view(ansible, site)
    public = {"vault_pki_ca_certificate"}
    for name, value in secrets.items():
        shown = str(value).strip().splitlines()[-2] if "\n" in str(value).strip() else str(value)
        assert name in public or shown not in first.stdout + second.stdout, name
    assert (site.parent / "ca.crt").read_text().strip() == secrets["vault_pki_ca_certificate"].strip()


def test_every_secret_of_the_example_inventory_is_made(ansible: Ansible, site: Path) -> None:
    """What the wiring refers to is what the playbook makes, and the secrets have the forms that Harbor demands."""
    assert create(ansible).returncode == 0
    secrets = view(ansible, site)
    wiring = "".join(file.read_text() for file in site.parent.glob("*.yml") if file.name != "vault.yml")
    every = "".join(file.read_text() for file in INVENTORY.parent.glob("*/group_vars/**/*.yml"))
    assert set(re.findall(r"\bvault_[a-z_]+", wiring)) <= set(secrets) == set(re.findall(r"\bvault_[a-z_]+", every))
    assert len(secrets["vault_harbor_secret_key"]) == 16 and len(secrets["vault_harbor_csrf_key"]) == 32
    assert secrets["vault_harbor_token_private_key"].startswith("-----BEGIN RSA PRIVATE KEY-----")
    assert secrets["vault_harbor_registry_password_hash"].startswith("$2")


def test_a_plain_file_is_refused(ansible: Ansible, site: Path) -> None:
    """A file of the user's is not replaced."""
    site.write_text("mine: 1\n")
    run = create(ansible)
    assert run.returncode == 2 and "is not encrypted" in run.stdout and site.read_text() == "mine: 1\n", run.stdout


def test_no_password_is_refused(ansible: Ansible, site: Path) -> None:
    """Nothing is written without the password of the vault."""
    run = ansible.playbook("-i", "site", "dockmaster.harbor.create_secrets")
    assert run.returncode == 2 and "ANSIBLE_VAULT_PASSWORD_FILE" in run.stdout and not site.exists(), run.stdout
