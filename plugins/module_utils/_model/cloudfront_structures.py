# Copyright: ha_stack.aws contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

"""The structures of a distribution's configuration, and how CloudFront writes lists and policies.

Sources: https://docs.aws.amazon.com/cloudfront/latest/APIReference/API_DistributionConfig.html
https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/using-managed-cache-policies.html
https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/using-managed-origin-request-policies.html
https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/using-managed-response-headers-policies.html
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ansible_collections.ha_stack.aws.plugins.module_utils._model.structure import (
    Structure,
    from_api,
    number,
    switch,
    text,
    to_api,
    words,
)

READ_METHODS = ("GET", "HEAD")
ALL_METHODS = ("DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT")
# CloudFront takes one of these, and no other: https://docs.aws.amazon.com/cloudfront/latest/APIReference/API_AllowedMethods.html
METHOD_SETS = (READ_METHODS, ("GET", "HEAD", "OPTIONS"), ALL_METHODS)

ORIGIN: Structure = {
    "id": text("Id", required=True),
    "domain_name": text("DomainName", required=True),
    "path": text("OriginPath"),
    "connection_attempts": number("ConnectionAttempts"),
    "connection_timeout": number("ConnectionTimeout"),
}
CUSTOM_ORIGIN: Structure = {
    "protocol_policy": text("OriginProtocolPolicy", "http-only", "https-only", "match-viewer"),
    "http_port": number("HTTPPort"),
    "https_port": number("HTTPSPort"),
    "ssl_protocols": words("OriginSslProtocols", "SSLv3", "TLSv1", "TLSv1.1", "TLSv1.2"),
    "read_timeout": number("OriginReadTimeout"),
    "keepalive_timeout": number("OriginKeepaliveTimeout"),
}
BEHAVIOR: Structure = {
    "origin": text("TargetOriginId"),
    "viewer_protocol_policy": text("ViewerProtocolPolicy", "allow-all", "https-only", "redirect-to-https"),
    "allowed_methods": words("AllowedMethods", *ALL_METHODS),
    "cached_methods": words("CachedMethods", *METHOD_SETS[1]),
    "compress": switch("Compress"),
    "cache_policy": text("CachePolicyId"),
    "origin_request_policy": text("OriginRequestPolicyId"),
    "response_headers_policy": text("ResponseHeadersPolicyId"),
}
PATH_BEHAVIOR: Structure = {"path_pattern": text("PathPattern", required=True), **BEHAVIOR}
ERROR_RESPONSE: Structure = {
    "error_code": number("ErrorCode", required=True),
    "page": text("ResponsePagePath"),
    "response_code": number("ResponseCode", texts=True),
    "min_ttl": number("ErrorCachingMinTTL"),
}
ACCESS_LOGS: Structure = {
    "bucket": text("Bucket"),
    "prefix": text("Prefix"),
    "include_cookies": switch("IncludeCookies"),
}

# What a new origin, behavior and the rest get where the options don't say it.
NEW_ORIGIN: Mapping[str, Any] = {"path": "", "connection_attempts": 3, "connection_timeout": 10}
NEW_CUSTOM_ORIGIN: Mapping[str, Any] = {
    "protocol_policy": "https-only",
    "http_port": 80,
    "https_port": 443,
    "ssl_protocols": ["TLSv1.2"],
    "read_timeout": 30,
    "keepalive_timeout": 5,
}
NEW_BEHAVIOR: Mapping[str, Any] = {
    "viewer_protocol_policy": "redirect-to-https",
    "allowed_methods": list(READ_METHODS),
    "cached_methods": list(READ_METHODS),
    "compress": True,
    "cache_policy": "CachingOptimized",
    "origin_request_policy": "",
    "response_headers_policy": "",
}

# Managed policies, by what AWS calls them.
POLICIES: Mapping[str, Mapping[str, str]] = {
    "cache_policy": {
        "CachingDisabled": "4135ea2d-6df8-44a3-9df3-4b5a84be39ad",
        "CachingOptimized": "658327ea-f89d-4fab-a63d-7e88639e58f6",
        "CachingOptimizedForUncompressedObjects": "b2884449-e4de-46a7-ac36-70bc7f1ddd6d",
        "UseOriginCacheControlHeaders": "83da9c7e-98b4-4e11-a168-04f0df8e2c65",
        "UseOriginCacheControlHeaders-QueryStrings": "4cc15a8a-d715-48a4-82b8-cc0b614638fe",
    },
    "origin_request_policy": {
        "AllViewer": "216adef6-5c7f-47e4-b989-5492eafa07d3",
        "AllViewerExceptHostHeader": "b689b0a8-53d0-40ab-baf2-68738e2966ac",
        "CORS-CustomOrigin": "59781a5b-3903-41f3-afcb-af62929ccde1",
        "CORS-S3Origin": "88a5eaf4-2fd4-4709-b370-b4c650ea3fcf",
        "UserAgentRefererHeaders": "acba4595-bd28-49b8-b9fe-13317c0390fa",
    },
    "response_headers_policy": {
        "CORS-With-Preflight": "5cc3b908-e619-4b99-88e5-2cf7f45965bd",
        "CORS-and-SecurityHeadersPolicy": "e61eb60c-9c35-4d20-a928-2b84e02af89c",
        "CORS-with-preflight-and-SecurityHeadersPolicy": "eaab4381-ed33-4a86-88ca-d9558dc6cd63",
        "SecurityHeadersPolicy": "67f7725c-6f97-4210-82d7-5512b31e9d03",
        "SimpleCORS": "60669652-455b-4ae9-85a4-c4c02393f86c",
    },
}
# What UpdateDistribution wants of a behavior and an origin besides what options stand for; CreateDistribution does not.
# https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/distribution-overview-required-fields.html
NEEDED_OF_BEHAVIOR: Mapping[str, Any] = {
    "SmoothStreaming": False,
    "LambdaFunctionAssociations": {"Quantity": 0},
    "FieldLevelEncryptionId": "",
}
NEEDED_OF_ORIGIN: Mapping[str, Any] = {"CustomHeaders": {"Quantity": 0}}
# What a behavior has of the way of caching that policies replaced: it may have one of both only.
BEFORE_POLICIES = ("ForwardedValues", "MinTTL", "DefaultTTL", "MaxTTL")


def listed(items: Any) -> dict[str, Any]:
    """A list as CloudFront writes it. One that is empty has no Items."""
    return {"Quantity": len(items), **({"Items": list(items)} if items else {})}


def unlisted(answer: Any) -> list[Any]:
    return list((answer or {}).get("Items") or ())


def named_policies(behavior: Mapping[str, Any]) -> dict[str, Any]:
    """``behavior`` with the names of managed policies in place of their ids."""
    names = {kind: {id_: name for name, id_ in known.items()} for kind, known in POLICIES.items()}
    return {key: names[key].get(value, value) if key in names else value for key, value in behavior.items()}


# --- Behaviors


def behavior_from_api(answer: Mapping[str, Any], structure: Structure) -> dict[str, Any]:
    """Cached methods stand within the allowed ones, and a policy that there isn't is not told."""
    methods = answer.get("AllowedMethods", {})
    flat = {
        **answer,
        "AllowedMethods": unlisted(methods),
        "CachedMethods": unlisted(methods.get("CachedMethods")),
    }
    return named_policies({"origin_request_policy": "", "response_headers_policy": "", **from_api(structure, flat)})


def behavior_to_api(wanted: Mapping[str, Any], there: Mapping[str, Any], structure: Structure) -> dict[str, Any]:
    """``there`` with what is wanted; what no option stands for, such as functions, stays."""
    ids = {key: POLICIES[key].get(value, value) if key in POLICIES else value for key, value in wanted.items()}
    merged = {**NEEDED_OF_BEHAVIOR, **there, **to_api(structure, ids)}
    cached = listed(merged.pop("CachedMethods"))
    merged["AllowedMethods"] = {**listed(merged["AllowedMethods"]), "CachedMethods": cached}
    gone = [*(BEFORE_POLICIES if ids.get("cache_policy") else ())]
    gone += [structure[key].name for key in POLICIES if ids.get(key) == ""]
    return {name: value for name, value in merged.items() if name not in gone}


# --- Origins


def origin_from_api(answer: Mapping[str, Any], control_id: str | None) -> dict[str, Any]:
    """``control_id`` is that of the distribution's own origin access control, None where nobody asked for it.

    One of an origin that is no bucket is not told, since the option is a bucket's.
    """
    custom = dict(answer.get("CustomOriginConfig", {}))
    if custom:
        custom["OriginSslProtocols"] = unlisted(custom.get("OriginSslProtocols"))
    used = answer.get("OriginAccessControlId", "") if "S3OriginConfig" in answer else ""
    controlled = bool(used) if control_id is None else bool(used) and used == control_id
    return {
        **from_api(ORIGIN, answer),
        **from_api(CUSTOM_ORIGIN, custom),
        "origin_access_control": controlled,
    }


def origin_to_api(wanted: Mapping[str, Any], there: Mapping[str, Any], control_id: str) -> dict[str, Any]:
    """``there`` with what is wanted. An origin is a bucket or a custom one; what has access control is a bucket.

    A control that is not the distribution's own (``control_id``) stays: no option stands for it.
    """
    merged = {**NEEDED_OF_ORIGIN, **there, **to_api(ORIGIN, wanted)}
    custom = to_api(CUSTOM_ORIGIN, wanted)
    if wanted["origin_access_control"]:
        merged.pop("CustomOriginConfig", None)
        return {**merged, "S3OriginConfig": _without_identity(there), "OriginAccessControlId": control_id}
    if custom:
        merged.pop("S3OriginConfig", None)
        custom["OriginSslProtocols"] = listed(custom["OriginSslProtocols"])
        merged["CustomOriginConfig"] = {**there.get("CustomOriginConfig", {}), **custom}
    used = there.get("OriginAccessControlId", "")
    was_bucket = bool(custom) and "CustomOriginConfig" not in there
    return {**merged, "OriginAccessControlId": "" if used == control_id or was_bucket else used}


def _without_identity(there: Mapping[str, Any]) -> dict[str, Any]:
    """An origin access identity, the older way, excludes an origin access control."""
    return {**there.get("S3OriginConfig", {}), "OriginAccessIdentity": ""}
