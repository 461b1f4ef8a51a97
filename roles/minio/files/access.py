# Copyright: the dockmaster.harbor contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Bring buckets, users and their policies to what is declared, by MinIO's client; print {"changes": [one line for each]} as JSON.

Standard input is JSON:
  check           bool, change nothing
  mc              program that is the client as administrator and knows the cluster as "cluster"
  client          the plain client
  configuration   directory of the client's configuration
  url             of a member
  buckets         [{name, versioning, noncurrent_days}]
  users           [{access_key, secret_key, bucket}]

Secrets reach the client by its standard input or environment, never by an argument. When a call fails: exit code 1, why on standard error.

Runs on the managed node with the standard library alone.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from typing import Any

# What a registry does with a bucket (distribution's S3 driver), and nothing else.
BUCKET_ACTIONS = ["s3:GetBucketLocation", "s3:ListBucket", "s3:ListBucketMultipartUploads"]
OBJECT_ACTIONS = ["s3:AbortMultipartUpload", "s3:DeleteObject", "s3:GetObject", "s3:ListMultipartUploadParts", "s3:PutObject"]
RULE = "dockmaster-noncurrent"


class Refused(Exception):
    """A call failed; the text is what the client said."""


def answer(command: list[str], stdin: str = "", environment: dict[str, str] | None = None) -> dict[str, Any]:
    """Run the client and return the first object that it prints; an error is an object too."""
    done = subprocess.run(command, input=stdin, env={**os.environ, **(environment or {})}, capture_output=True, text=True, check=False)
    lines = done.stdout.strip().splitlines()
    if not lines:
        return {"status": "success"} if done.returncode == 0 else {"status": "error", "error": {"message": done.stderr.strip()}}
    found: dict[str, Any] = json.loads(lines[0])
    return found


def code(found: dict[str, Any]) -> str:
    """S3's code of an error; "" for an answer that is none."""
    if found.get("status") != "error":
        return ""
    error = found.get("error", {}).get("cause", {}).get("error", {})
    # Of a bucket that is not there the client tells in a form of its own: nothing but the name.
    return "NoSuchBucket" if list(error) == ["Bucket"] else str(error.get("Code", "error"))


def ordered(policy: dict[str, Any]) -> list[str]:
    """A policy's statements in a form that compares: MinIO gives actions back in any order."""
    statements = [
        {**statement, "Action": sorted(statement["Action"]), "Resource": sorted(statement["Resource"])} for statement in policy["Statement"]
    ]
    return sorted(json.dumps(statement, sort_keys=True) for statement in statements)


class Access:
    """The administrator's view of one cluster. In check mode nothing is written; `changes` says what would be."""

    def __init__(self, wanted: dict[str, Any]) -> None:
        self.wanted = wanted
        self.changes: list[str] = []

    def ask(self, *words: str, absent: str = "") -> dict[str, Any] | None:
        """Answer of the client; None for the one error that means that the thing is not there. Raises Refused for any other."""
        found = answer([self.wanted["mc"], "--json", *words])
        if absent and code(found) == absent:
            return None
        if code(found):
            raise Refused(f"{' '.join(words[:3])}: {found['error'].get('message')} ({found['error'].get('cause', {}).get('message', '')})")
        return found

    def write(self, change: str, *words: str, stdin: str = "") -> None:
        """Note a change and, outside of check mode, make it."""
        self.changes.append(change)
        if self.wanted["check"]:
            return
        found = answer([self.wanted["mc"], "--json", *words], stdin)
        if code(found):
            raise Refused(f"{change}: {found['error'].get('message')} ({found['error'].get('cause', {}).get('message', '')})")

    def bucket(self, wanted: dict[str, Any]) -> None:
        """Make a bucket, and set its versioning and the rule that ends old versions."""
        name, target = wanted["name"], f"cluster/{wanted['name']}"
        missing = self.ask("stat", target, absent="NoSuchBucket") is None
        if missing:
            self.write(f"make bucket {name}", "mb", "--ignore-existing", target)
        # What check mode only pretends to have made cannot be asked.
        fresh = missing and self.wanted["check"]
        live = {} if fresh else (self.ask("version", "info", target) or {}).get("versioning", {})
        if wanted.get("versioning") and live.get("status") != "Enabled":
            self.write(f"keep versions in bucket {name}", "version", "enable", target)
        elif not wanted.get("versioning") and live.get("status") == "Enabled":
            self.write(f"keep no further versions in bucket {name}", "version", "suspend", target)
        self.rule(name, {} if fresh else self.rules(target), int(wanted.get("noncurrent_days") or 0))

    def rules(self, target: str) -> dict[str, Any]:
        """Lifecycle rules of a bucket by identity."""
        found = self.ask("ilm", "rule", "export", target, absent="NoSuchLifecycleConfiguration") or {}
        configuration = found.get("config") or found.get("target") or found
        return {rule["ID"]: rule for rule in configuration.get("Rules", [])}

    def rule(self, name: str, live: dict[str, Any], days: int) -> None:
        """Set or remove our own lifecycle rule; those of others stay."""
        ours = {"ID": RULE, "Status": "Enabled", "NoncurrentVersionExpiration": {"NoncurrentDays": days}}
        others = [rule for identity, rule in live.items() if identity != RULE]
        present = live.get(RULE, {}).get("NoncurrentVersionExpiration", {}).get("NoncurrentDays", 0)
        if days == present:
            return
        if not days and not others:
            self.write(f"end no old versions in bucket {name}", "ilm", "rule", "rm", "--id", RULE, f"cluster/{name}")
            return
        text = json.dumps({"Rules": others + ([ours] if days else [])})
        self.write(f"end old versions in bucket {name} after {days} days", "ilm", "rule", "import", f"cluster/{name}", stdin=text)

    def policy(self, bucket: str) -> str:
        """Make the policy of a bucket what a registry needs; return its name."""
        name = f"dockmaster-registry-{bucket}"
        wanted = {
            "Version": "2012-10-17",
            "Statement": [
                {"Effect": "Allow", "Action": BUCKET_ACTIONS, "Resource": [f"arn:aws:s3:::{bucket}"]},
                {"Effect": "Allow", "Action": OBJECT_ACTIONS, "Resource": [f"arn:aws:s3:::{bucket}/*"]},
            ],
        }
        found = self.ask("admin", "policy", "info", "cluster", name, absent="XMinioAdminNoSuchPolicy")
        if found is None or ordered(found["policyInfo"]["Policy"]) != ordered(wanted):
            with tempfile.NamedTemporaryFile("w", suffix=".json") as file:
                json.dump(wanted, file)
                file.flush()
                self.write(f"set policy {name}", "admin", "policy", "create", "cluster", name, file.name)
        return name

    def user(self, wanted: dict[str, Any]) -> None:
        """Make a user with this secret, enabled, and with the policy of its bucket alone."""
        key, policy = wanted["access_key"], self.policy(wanted["bucket"])
        live = self.ask("admin", "user", "info", "cluster", key, absent="XMinioAdminNoSuchUser")
        if live is None or live.get("userStatus") != "enabled" or not self.lets_in(wanted):
            # The client takes name and secret from two lines of its input.
            self.write(f"set user {key}", "admin", "user", "add", "cluster", stdin=f"{key}\n{wanted['secret_key']}\n")
        attached = {name for name in (live or {}).get("policyName", "").split(",") if name}
        if policy not in attached:
            self.write(f"attach policy {policy} to user {key}", "admin", "policy", "attach", "cluster", policy, "--user", key)
        for other in sorted(attached - {policy}):
            self.write(f"detach policy {other} from user {key}", "admin", "policy", "detach", "cluster", other, "--user", key)

    def lets_in(self, user: dict[str, Any]) -> bool:
        """Whether the declared secret is the one in force: any answer but a refused signature means so."""
        address = self.wanted["url"].removeprefix("https://")
        environment = {
            "MC_HOST_user": f"https://{user['access_key']}:{user['secret_key']}@{address}",
            "MC_CONFIG_DIR": self.wanted["configuration"],
        }
        return code(answer([self.wanted["client"], "--json", "ls", f"user/{user['bucket']}"], environment=environment)) in {
            "",
            "AccessDenied",
            "NoSuchBucket",
        }

    def apply(self) -> list[str]:
        """Buckets first, since users point at them."""
        for bucket in self.wanted["buckets"]:
            self.bucket(bucket)
        for user in self.wanted["users"]:
            self.user(user)
        return self.changes


if __name__ == "__main__":
    try:
        json.dump({"changes": Access(json.load(sys.stdin)).apply()}, sys.stdout)
    except Refused as refused:
        sys.exit(f"MinIO refused: {refused}")
