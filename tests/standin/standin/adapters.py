# Copyright: the dockmaster.harbor contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The endpoints that Harbor suggests for the registry services that have fixed ones."""

from __future__ import annotations

from typing import Any

_ALI_REGIONS = (
    "cn-qingdao", "cn-beijing", "cn-zhangjiakou", "cn-huhehaote", "cn-wulanchabu", "cn-hangzhou", "cn-shanghai", "cn-shenzhen",
    "cn-heyuan", "cn-guangzhou", "cn-chengdu", "cn-hongkong", "ap-southeast-1", "ap-southeast-2", "ap-southeast-3", "ap-southeast-5",
    "ap-south-1", "ap-northeast-1", "us-west-1", "us-east-1", "eu-central-1", "eu-west-1", "me-east-1",
)  # fmt: skip
# Suffix of the key, host before the region, domain.
_ALI_KINDS = (
    ("", "registry", "aliyuncs.com"),
    ("-vpc", "registry-vpc", "aliyuncs.com"),
    ("-internal", "registry-internal", "aliyuncs.com"),
    ("-ee-vpc", "instanceName-registry-vpc", "cr.aliyuncs.com"),
    ("-ee", "instanceName-registry", "cr.aliyuncs.com"),
)
_AWS_REGIONS = (
    "us-east-2", "us-east-1", "us-west-1", "us-west-2", "af-south-1", "ap-east-1", "ap-south-1", "ap-northeast-3", "ap-northeast-2",
    "ap-southeast-1", "ap-southeast-2", "ap-northeast-1", "ca-central-1", "cn-north-1", "cn-northwest-1", "eu-central-1", "eu-west-1",
    "eu-west-2", "eu-south-1", "eu-west-3", "eu-north-1", "me-south-1", "sa-east-1",
)  # fmt: skip


def _pattern(kind: str, endpoints: list[tuple[str, str]]) -> dict[str, Any]:
    pairs = [{"key": key, "value": f"https://{host}"} for key, host in endpoints]
    return {"endpoint_pattern": {"endpoint_type": f"EndpointPatternType{kind}", "endpoints": pairs}}


_GOOGLE_HOSTS = [(host, host) for host in ("gcr.io", "us.gcr.io", "eu.gcr.io", "asia.gcr.io")]
_GOOGLE_CREDENTIAL = {
    "access_key_type": "AccessKeyTypeFix",
    "access_key_data": "_json_key",
    "access_secret_type": "AccessSecretTypeFile",
    "access_secret_data": "No Change",
}
ADAPTER_INFOS: dict[str, dict[str, Any]] = {
    "ali-acr": _pattern(
        "List", [(region + key, f"{host}.{region}.{domain}") for region in _ALI_REGIONS for key, host, domain in _ALI_KINDS]
    ),
    "aws-ecr": _pattern("List", [(region, f"api.ecr.{region}.amazonaws.com") for region in _AWS_REGIONS]),
    "docker-hub": _pattern("Fix", [("hub.docker.com", "hub.docker.com")]),
    "github-ghcr": _pattern("Fix", [("ghcr.io", "ghcr.io")]),
    "google-gcr": _pattern("List", _GOOGLE_HOSTS) | {"credential_pattern": _GOOGLE_CREDENTIAL},
    "tencent-tcr": {},
    "volcengine-cr": {},
}
