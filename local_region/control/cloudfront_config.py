"""A distribution's configuration: what CloudFront fills in, and what it refuses.

Source: https://docs.aws.amazon.com/cloudfront/latest/APIReference/API_DistributionConfig.html
"""

from __future__ import annotations

from collections.abc import Container, Iterator, Mapping
from typing import Any

from local_region.control.services import Refusal

NONE = {"Quantity": 0}
SIGNERS = {"Enabled": False, "Quantity": 0}
# CloudFront answers methods in an order of its own.
METHODS = ("HEAD", "DELETE", "POST", "GET", "OPTIONS", "PUT", "PATCH")
DEFAULT_CERTIFICATE = {
    "CloudFrontDefaultCertificate": True,
    "SSLSupportMethod": "vip",
    "MinimumProtocolVersion": "TLSv1",
    "CertificateSource": "cloudfront",
}
DEFAULTS: Mapping[str, Any] = {
    "Aliases": NONE,
    "DefaultRootObject": "",
    "OriginGroups": NONE,
    "CacheBehaviors": NONE,
    "CustomErrorResponses": NONE,
    "Logging": {"Enabled": False, "IncludeCookies": False, "Bucket": "", "Prefix": ""},
    "PriceClass": "PriceClass_All",
    "ViewerCertificate": DEFAULT_CERTIFICATE,
    "Restrictions": {"GeoRestriction": {"RestrictionType": "none", "Quantity": 0}},
    "WebACLId": "",
    "HttpVersion": "http2",
    "IsIPV6Enabled": False,
    "ContinuousDeploymentPolicyId": "",
    "Staging": False,
}
ORIGIN: Mapping[str, Any] = {
    "OriginPath": "",
    "CustomHeaders": NONE,
    "ConnectionAttempts": 3,
    "ConnectionTimeout": 10,
    "OriginShield": {"Enabled": False},
    "OriginAccessControlId": "",
}
CUSTOM: Mapping[str, Any] = {
    "OriginSslProtocols": {"Quantity": 2, "Items": ["TLSv1", "SSLv3"]},
    "OriginReadTimeout": 30,
    "OriginKeepaliveTimeout": 5,
}
BEHAVIOR: Mapping[str, Any] = {
    "TrustedSigners": SIGNERS,
    "TrustedKeyGroups": SIGNERS,
    "AllowedMethods": {"Quantity": 2, "Items": ["GET", "HEAD"]},
    "SmoothStreaming": False,
    "Compress": False,
    "LambdaFunctionAssociations": NONE,
    "FunctionAssociations": NONE,
    "FieldLevelEncryptionId": "",
    "GrpcConfig": {"Enabled": False},
}
NEEDED = DEFAULTS.keys() - {"OriginGroups", "IsIPV6Enabled", "ContinuousDeploymentPolicyId", "Staging"}
NEEDED_OF_BEHAVIOR = frozenset(
    {"AllowedMethods", "SmoothStreaming", "Compress", "LambdaFunctionAssociations", "FieldLevelEncryptionId"}
)
ERROR_RESPONSE: Mapping[str, Any] = {"ResponsePagePath": "", "ResponseCode": "", "ErrorCachingMinTTL": 10}
# Kind of policy -> the managed ones' ids.
# https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/using-managed-cache-policies.html
POLICIES: Mapping[str, frozenset[str]] = {
    "CachePolicy": frozenset(
        {
            "658327ea-f89d-4fab-a63d-7e88639e58f6",
            "4135ea2d-6df8-44a3-9df3-4b5a84be39ad",
            "b2884449-e4de-46a7-ac36-70bc7f1ddd6d",
            "83da9c7e-98b4-4e11-a168-04f0df8e2c65",
            "4cc15a8a-d715-48a4-82b8-cc0b614638fe",
        }
    ),
    "OriginRequestPolicy": frozenset(
        {
            "216adef6-5c7f-47e4-b989-5492eafa07d3",
            "b689b0a8-53d0-40ab-baf2-68738e2966ac",
            "59781a5b-3903-41f3-afcb-af62929ccde1",
            "88a5eaf4-2fd4-4709-b370-b4c650ea3fcf",
            "acba4595-bd28-49b8-b9fe-13317c0390fa",
        }
    ),
    "ResponseHeadersPolicy": frozenset(
        {
            "67f7725c-6f97-4210-82d7-5512b31e9d03",
            "60669652-455b-4ae9-85a4-c4c02393f86c",
            "5cc3b908-e619-4b99-88e5-2cf7f45965bd",
            "e61eb60c-9c35-4d20-a928-2b84e02af89c",
            "eaab4381-ed33-4a86-88ca-d9558dc6cd63",
        }
    ),
}


def whole(config: dict[str, Any]) -> dict[str, Any]:
    """``config`` with what CloudFront fills in."""
    filled = {**DEFAULTS, **config}
    filled["Origins"] = _each(config["Origins"], _origin)
    filled["DefaultCacheBehavior"] = _behavior(config["DefaultCacheBehavior"])
    filled["CacheBehaviors"] = _each(filled["CacheBehaviors"], _behavior)
    filled["CustomErrorResponses"] = _each(filled["CustomErrorResponses"], lambda each: {**ERROR_RESPONSE, **each})
    filled["ViewerCertificate"] = _certificate(filled["ViewerCertificate"])
    return filled


def _each(listed: dict[str, Any], fill: Any) -> dict[str, Any]:
    return {**listed, **({"Items": [fill(each) for each in listed["Items"]]} if listed.get("Items") else {})}


def _origin(origin: dict[str, Any]) -> dict[str, Any]:
    filled = {**ORIGIN, **origin}
    if "CustomOriginConfig" in origin:
        filled["CustomOriginConfig"] = {**CUSTOM, **origin["CustomOriginConfig"]}
    return filled


def _behavior(behavior: dict[str, Any]) -> dict[str, Any]:
    filled = {**BEHAVIOR, **behavior}
    methods = filled["AllowedMethods"]
    cached = methods.get("CachedMethods", {"Quantity": 2, "Items": ["GET", "HEAD"]})
    filled["AllowedMethods"] = {**_shuffled(methods), "CachedMethods": _shuffled(cached)}
    return filled


def _shuffled(methods: dict[str, Any]) -> dict[str, Any]:
    return {"Quantity": methods["Quantity"], "Items": sorted(methods["Items"], key=METHODS.index)}


def _certificate(given: dict[str, Any]) -> dict[str, Any]:
    """The members Certificate and CertificateSource are old ways to say the same, and are still answered."""
    if given.get("CloudFrontDefaultCertificate"):
        return dict(DEFAULT_CERTIFICATE)
    arn = given.get("ACMCertificateArn")
    old = {"Certificate": arn, "CertificateSource": "acm"} if arn else {}
    return {"CloudFrontDefaultCertificate": False, "MinimumProtocolVersion": "TLSv1", **given, **old}


# --- What it refuses


def refuse_wrong(config: dict[str, Any], taken: Container[str], controls: Container[str]) -> None:
    """Raises ``Refusal`` as CreateDistribution and UpdateDistribution do. ``taken`` are names of other distributions,
    ``controls`` the ids of origin access controls."""
    _quantities(config)
    origins = config["Origins"]["Items"]
    for origin in origins:
        _refuse_origin(origin, controls)
    for behavior in _behaviors(config):
        _refuse_behavior(behavior, {origin["Id"] for origin in origins})
    _refuse_names(config, taken)
    if config.get("DefaultRootObject", "").startswith("/"):
        raise Refusal("InvalidDefaultRootObject", "The default root object file name is too big or contains a slash.")


def refuse_half(config: dict[str, Any]) -> None:
    """Raises ``Refusal`` where a member is missing that UpdateDistribution wants, and CreateDistribution doesn't.

    https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/distribution-overview-required-fields.html
    """
    missing = [*(NEEDED - config.keys())]
    missing += [name for behavior in _behaviors(config) for name in NEEDED_OF_BEHAVIOR - behavior.keys()]
    if missing:
        raise Refusal("InvalidArgument", f"The parameters {', '.join(sorted(missing))} are required.")


def _quantities(value: Any) -> None:
    if isinstance(value, dict):
        if "Quantity" in value and value["Quantity"] != len(value.get("Items", ())):
            raise Refusal("InconsistentQuantities", "The value of Quantity and the size of Items don't match.")
        for each in value.values():
            _quantities(each)
    elif isinstance(value, list):
        for each in value:
            _quantities(each)


def _refuse_origin(origin: dict[str, Any], controls: Container[str]) -> None:
    if ("S3OriginConfig" in origin) == ("CustomOriginConfig" in origin):
        message = "Exactly one of CustomOriginConfig, VpcOriginConfig and S3OriginConfig must be specified"
        raise Refusal("InvalidOrigin", message)
    if "S3OriginConfig" in origin and ".s3." not in origin["DomainName"]:
        message = "The parameter Origin DomainName does not refer to a valid S3 bucket."
        raise Refusal("InvalidArgument", message)
    control = origin.get("OriginAccessControlId", "")
    if control and control not in controls:
        raise Refusal("InvalidOriginAccessControl", "The origin access control is not valid.")
    if control and "CustomOriginConfig" in origin:
        message = "An origin cannot contain both an origin access control (OAC) and an origin that OAC doesn't sign."
        raise Refusal("IllegalOriginAccessConfiguration", message)


def _behaviors(config: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield config["DefaultCacheBehavior"]
    yield from config.get("CacheBehaviors", NONE).get("Items", ())


def _refuse_behavior(behavior: dict[str, Any], origins: Container[str]) -> None:
    if behavior["TargetOriginId"] not in origins:
        raise Refusal("NoSuchOrigin", "One or more of your origins or origin groups do not exist.")
    if ("CachePolicyId" in behavior) == ("ForwardedValues" in behavior):
        message = "The parameter ForwardedValues and the parameter CachePolicyId exclude each other, and one is needed"
        raise Refusal("InvalidArgument", message)
    for kind, known in POLICIES.items():
        if (policy := behavior.get(f"{kind}Id")) and policy not in known:
            raise Refusal(f"NoSuch{kind}", f"The specified {kind} does not exist.")


def _refuse_names(config: dict[str, Any], taken: Container[str]) -> None:
    names = config.get("Aliases", NONE).get("Items", ())
    given = config.get("ViewerCertificate", DEFAULT_CERTIFICATE)
    arn = given.get("ACMCertificateArn", "")
    if arn and arn.split(":")[3] != "us-east-1":
        message = "The specified SSL certificate doesn't exist, isn't in us-east-1 region, isn't valid, or doesn't "
        raise Refusal("InvalidViewerCertificate", f"{message}include a valid certificate chain.")
    if names and not (arn or given.get("IAMCertificateId")):
        message = "To add an alternate domain name (CNAME) to a CloudFront distribution, you must attach a trusted "
        raise Refusal("InvalidViewerCertificate", f"{message}certificate that validates your authorization to use it.")
    if any(name in taken for name in names):
        message = "One or more of the CNAMEs you provided are already associated with a different resource."
        raise Refusal("CNAMEAlreadyExists", message)
