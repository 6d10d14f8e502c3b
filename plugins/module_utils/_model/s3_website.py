# Copyright: ha_stack.aws contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

"""A bucket that S3 serves as a static website to everybody, or that CloudFront alone reads, and the files it holds.

Sources: https://docs.aws.amazon.com/AmazonS3/latest/userguide/WebsiteHosting.html
https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/private-content-restricting-access-to-s3.html
https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutBucketWebsite.html
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from ansible_collections.ha_stack.aws.plugins.module_utils._model import tags
from ansible_collections.ha_stack.aws.plugins.module_utils._model.s3_website_file import FILE_OPTIONS, WebsiteFile
from ansible_collections.ha_stack.aws.plugins.module_utils._model.s3_website_file import from_params as file
from ansible_collections.ha_stack.aws.plugins.module_utils._model.values import (
    UNSET,
    Model,
    children,
    given,
    hidden,
    identity,
)

OPTIONS: dict[str, Any] = {
    "name": {"required": True},
    "index_document": {"default": "index.html"},
    "error_document": {},
    "public_read": {"type": "bool"},
    "distribution_arn": {},
    "versioning": {"type": "bool"},
    "files": {"type": "list", "elements": "dict", **FILE_OPTIONS},
    "purge_files": {"type": "bool", "default": True},
    **tags.TAG_OPTIONS,
}

# Member of the API's PublicAccessBlockConfiguration -> whether it is on: a policy may open the bucket, an ACL may not.
OPEN_TO_POLICIES = {
    "BlockPublicAcls": True,
    "IgnorePublicAcls": True,
    "BlockPublicPolicy": False,
    "RestrictPublicBuckets": False,
}
CLOSED = dict.fromkeys(OPEN_TO_POLICIES, True)
# The website endpoint's readers have no credentials, and S3 decrypts with keys of KMS only for those who have:
# https://docs.aws.amazon.com/AmazonS3/latest/userguide/UsingKMSEncryption.html
ENCRYPTION = "AES256"
OWNERSHIP = "BucketOwnerEnforced"

# Regions whose website endpoints have a dash before the region; the others have a dot.
# https://docs.aws.amazon.com/general/latest/gr/s3.html#s3_website_region_endpoints
DASH_REGIONS = frozenset(
    {
        "us-east-1",
        "us-west-1",
        "us-west-2",
        "ap-southeast-1",
        "ap-southeast-2",
        "ap-northeast-1",
        "eu-west-1",
        "sa-east-1",
        "us-gov-west-1",
    }
)


@dataclass(frozen=True)
class Website(Model):
    """``policy`` and ``public_access_block`` are in the API's own words. ``files`` are WebsiteFile, by key.

    ``distribution`` is the ARN of the distribution of CloudFront that alone is to read it, and ``page`` what is
    uploaded last. ``configuration`` is what GetBucketWebsite told, and ``system_tags`` are those that AWS keeps to
    itself: both are written back, since S3 takes them as a whole.
    """

    name: str
    index_document: str = ""
    error_document: Any = UNSET
    public_access_block: Any = UNSET
    policy: Any = UNSET
    object_ownership: str = OWNERSHIP
    encryption: str = ENCRYPTION
    versioning: Any = UNSET
    tags: Any = UNSET
    files: Any = children(UNSET)
    arn: str = identity()
    endpoint: str = identity()
    url: str = identity()
    region: str = identity()
    domain_name: str = identity()
    purge_files: bool = hidden(default=True)
    distribution: str | None = hidden(default=None)
    page: str = hidden(default="index.html")
    configuration: Any = hidden(default=None)
    system_tags: Any = hidden(default=None)


def from_params(params: Mapping[str, Any]) -> Website:
    wanted = None if params["state"] == "absent" else params["files"]
    distribution, block = params["distribution_arn"], _public_access_block(params)
    return Website(
        name=params["name"],
        index_document="" if distribution else params["index_document"],
        error_document=given(params["error_document"]),
        public_access_block=block,
        policy=UNSET if block is UNSET else {},
        versioning=given(params["versioning"]),
        tags=given(tags.from_params(params["tags"])),
        files=UNSET if wanted is None else tuple(file(each) for each in wanted),
        purge_files=params["purge_files"],
        distribution=distribution or None,
        page=params["index_document"],
    )


def _public_access_block(params: Mapping[str, Any]) -> Any:
    """S3 is told to open the bucket only for readers that it is to serve itself."""
    if params["distribution_arn"]:
        return CLOSED
    return UNSET if params["public_read"] is False else OPEN_TO_POLICIES


def placed(website: Website, region: str, partition: str) -> Website:
    """``website`` with the addresses that follow from where it is. A bucket that is no website has none of its own."""
    host = website_host(website.name, region) if website.index_document else ""
    return replace(
        website,
        arn=f"arn:{partition}:s3:::{website.name}",
        endpoint=host,
        url=f"http://{host}" if host else "",
        region=region,
        domain_name=f"{website.name}.s3.{region}.{_suffix(region)}",
    )


def opened(website: Website) -> Website:
    """``website`` with the policy, which names it, where there is to be one."""
    if website.policy is UNSET:
        return website
    arn, reader = website.arn, website.distribution
    return replace(website, policy=distribution_reads(arn, reader) if reader else anyone_reads(arn))


def website_host(bucket: str, region: str) -> str:
    """The host under which S3 serves ``bucket`` as a website (HTTP only)."""
    separator = "-" if region in DASH_REGIONS else "."
    return f"{bucket}.s3-website{separator}{region}.{_suffix(region)}"


def _suffix(region: str) -> str:
    return "amazonaws.com.cn" if region.startswith("cn-") else "amazonaws.com"


def anyone_reads(arn: str) -> dict[str, Any]:
    statement = {
        "Sid": "AnyoneReads",
        "Effect": "Allow",
        "Principal": "*",
        "Action": "s3:GetObject",
        "Resource": f"{arn}/*",
    }
    return {"Version": "2012-10-17", "Statement": [statement]}


def distribution_reads(arn: str, distribution: str) -> dict[str, Any]:
    """CloudFront asks as a service, of whichever account: the condition names the one distribution."""
    statement = {
        "Sid": "DistributionReads",
        "Effect": "Allow",
        "Principal": {"Service": "cloudfront.amazonaws.com"},
        "Action": "s3:GetObject",
        "Resource": f"{arn}/*",
        "Condition": {"StringEquals": {"AWS:SourceArn": distribution}},
    }
    return {"Version": "2012-10-17", "Statement": [statement]}


def from_api(name: str, told: Mapping[str, Mapping[str, Any]], files: Iterable[WebsiteFile]) -> Website:
    """From the answers about a bucket, by the setting that each tells; empty where S3 says that there is none."""
    website, tag_set = told["website"], told["tags"].get("TagSet", [])
    return Website(
        name=name,
        index_document=website.get("IndexDocument", {}).get("Suffix", ""),
        error_document=website.get("ErrorDocument", {}).get("Key", ""),
        public_access_block=dict(told["public_access_block"].get("PublicAccessBlockConfiguration", {})),
        policy=json.loads(told["policy"].get("Policy", "{}")),
        object_ownership=_rule(told["object_ownership"], "OwnershipControls").get("ObjectOwnership", ""),
        encryption=_rule(told["encryption"], "ServerSideEncryptionConfiguration")
        .get("ApplyServerSideEncryptionByDefault", {})
        .get("SSEAlgorithm", ""),
        versioning=told["versioning"].get("Status") == "Enabled",
        tags=tags.from_api(tag_set),
        files=tuple(files),
        configuration=website,
        system_tags=[tag for tag in tag_set if tag["Key"].startswith("aws:")],
    )


def _rule(answer: Mapping[str, Any], configuration: str) -> Mapping[str, Any]:
    """The only rule of a configuration that has room for more."""
    rules = answer.get(configuration, {}).get("Rules", [])
    return rules[0] if rules else {}


def configuration(website: Website, before: Website | None) -> dict[str, Any]:
    """The WebsiteConfiguration that PutBucketWebsite is to be given: it takes the whole.

    Routing rules that are there stay. RedirectAllRequestsTo goes: S3 has it only instead of an index document.
    """
    kept = {"RoutingRules"} & (before.configuration or {}).keys() if before else set()
    error = website.error_document
    if error is UNSET:
        error = before.error_document if before else ""
    return {
        "IndexDocument": {"Suffix": website.index_document},
        **({"ErrorDocument": {"Key": error}} if error else {}),
        **{member: before.configuration[member] for member in kept if before},
    }
