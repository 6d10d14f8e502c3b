# Copyright: ha_stack.aws contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

"""A distribution of CloudFront, and the origin access control that lets it alone read a private bucket.

CloudFront gives a distribution an id and no name. Its name here is its comment, which the console shows as its
description and ListDistributions tells: a distribution has it from the call that makes it.

Sources: https://docs.aws.amazon.com/cloudfront/latest/APIReference/API_DistributionConfig.html
https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/private-content-restricting-access-to-s3.html
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from operator import itemgetter
from typing import Any

from ansible_collections.ha_stack.aws.plugins.module_utils._model import structure, tags
from ansible_collections.ha_stack.aws.plugins.module_utils._model.cloudfront_structures import (
    ACCESS_LOGS,
    BEHAVIOR,
    CUSTOM_ORIGIN,
    ERROR_RESPONSE,
    ORIGIN,
    PATH_BEHAVIOR,
    behavior_from_api,
    behavior_to_api,
    listed,
    named_policies,
    origin_from_api,
    origin_to_api,
    unlisted,
)
from ansible_collections.ha_stack.aws.plugins.module_utils._model.values import (
    UNSET,
    Model,
    children,
    given,
    hidden,
    identity,
)

DEPLOYED = "Deployed"
PROTOCOL = "TLSv1.2_2021"  # of a certificate of one's own, where nothing is said
OWN_PROTOCOL = "TLSv1"  # of CloudFront's own certificate, whatever is said
PROTOCOLS = (
    OWN_PROTOCOL,
    "TLSv1_2016",
    "TLSv1.1_2016",
    "TLSv1.2_2018",
    "TLSv1.2_2019",
    "TLSv1.2_2021",
    "TLSv1.2_2025",
    "TLSv1.3_2025",
)
OWN_CERTIFICATE = {"CloudFrontDefaultCertificate": True}
NO_LOGS = {"Enabled": False, "IncludeCookies": False, "Bucket": "", "Prefix": ""}
LOG_HOST = ".s3.amazonaws.com"  # what CloudFront wants a bucket for logs to be called with
# What the two old ways to name a certificate leave in an answer; ACMCertificateArn and IAMCertificateId say the same.
OLD_CERTIFICATE = ("Certificate", "CertificateSource")

_LIST: dict[str, Any] = {"type": "list", "elements": "dict"}
OPTIONS: dict[str, Any] = {
    "name": {"required": True},
    "enabled": {"type": "bool"},
    "aliases": {"type": "list", "elements": "str"},
    "certificate_arn": {},
    "minimum_protocol_version": {"choices": list(PROTOCOLS)},
    "default_root_object": {},
    "price_class": {"choices": ["PriceClass_100", "PriceClass_200", "PriceClass_All"]},
    "http_version": {"choices": ["http1.1", "http2", "http3", "http2and3"]},
    "ipv6": {"type": "bool"},
    "web_acl_arn": {},
    "access_logs": {"type": "dict", "options": structure.spec(ACCESS_LOGS)},
    "origins": {
        **_LIST,
        "options": {
            **structure.spec({**ORIGIN, **CUSTOM_ORIGIN}),
            "origin_access_control": {"type": "bool", "default": False},
        },
    },
    "default_behavior": {"type": "dict", "options": structure.spec(BEHAVIOR)},
    "behaviors": {**_LIST, "options": structure.spec(PATH_BEHAVIOR)},
    "error_responses": {**_LIST, "options": structure.spec(ERROR_RESPONSE)},
    **tags.TAG_OPTIONS,
}


@dataclass(frozen=True)
class AccessControl(Model):
    """Every request to the bucket is signed (Signature Version 4), whatever the viewer sent as Authorization."""

    name: str
    signing_behavior: str = "always"
    signing_protocol: str = "sigv4"
    origin_type: str = "s3"
    id: str = identity()


@dataclass(frozen=True)
class Distribution(Model):
    """``origins``, ``behaviors`` and ``error_responses`` are lists of options, as are the values in them.

    ``id`` is empty where there is no more than an origin access control of the name: a run was killed before it made
    the distribution, or after it deleted it. ``config`` is the whole configuration, which an update has to give back,
    and ``etag`` its version.
    """

    name: str
    enabled: Any = UNSET
    aliases: Any = UNSET
    certificate_arn: Any = UNSET
    minimum_protocol_version: Any = UNSET
    default_root_object: Any = UNSET
    price_class: Any = UNSET
    http_version: Any = UNSET
    ipv6: Any = UNSET
    web_acl_arn: Any = UNSET
    access_logs: Any = UNSET
    origins: Any = UNSET
    default_behavior: Any = UNSET
    behaviors: Any = UNSET
    error_responses: Any = UNSET
    tags: Any = UNSET
    id: str = identity()
    arn: str = identity()
    domain_name: str = identity()
    status: str = identity()
    origin_access_control: Any = children(None)
    config: Any = hidden(default=None)
    etag: str = hidden(default="")


def from_params(params: Mapping[str, Any]) -> Distribution:
    controlled = any(each["origin_access_control"] for each in params["origins"] or ())
    return Distribution(
        name=params["name"],
        enabled=given(params["enabled"]),
        aliases=_sorted(params["aliases"]),
        certificate_arn=given(params["certificate_arn"]),
        minimum_protocol_version=given(params["minimum_protocol_version"]),
        default_root_object=given(params["default_root_object"]),
        price_class=given(params["price_class"]),
        http_version=given(params["http_version"]),
        ipv6=given(params["ipv6"]),
        web_acl_arn=given(params["web_acl_arn"]),
        access_logs=_one(params["access_logs"], ACCESS_LOGS),
        origins=_each(params["origins"], _origin, "id"),
        default_behavior=_one(params["default_behavior"], BEHAVIOR),
        behaviors=_each(params["behaviors"], lambda each: named_policies(structure.given(PATH_BEHAVIOR, each))),
        error_responses=_each(
            params["error_responses"], lambda each: structure.given(ERROR_RESPONSE, each), "error_code"
        ),
        tags=given(tags.from_params(params["tags"])),
        origin_access_control=AccessControl(params["name"]) if controlled else None,
    )


def _sorted(values: Any) -> Any:
    return UNSET if values is None else sorted(set(values))


def _one(values: Any, of: structure.Structure) -> Any:
    return UNSET if values is None else named_policies(structure.given(of, values))


def _each(values: Any, read: Callable[[Any], Any], key: str = "") -> Any:
    """In their order, or in that of ``key`` where theirs means nothing."""
    if values is None:
        return UNSET
    told = [read(each) for each in values]
    return sorted(told, key=itemgetter(key)) if key else told


def _origin(origin: Mapping[str, Any]) -> dict[str, Any]:
    told = structure.given({**ORIGIN, **CUSTOM_ORIGIN}, origin)
    return {**told, "origin_access_control": origin["origin_access_control"]}


def control_from_api(summary: Mapping[str, Any]) -> AccessControl:
    """From an OriginAccessControlSummary of ListOriginAccessControls."""
    return AccessControl(
        name=summary["Name"],
        signing_behavior=summary["SigningBehavior"],
        signing_protocol=summary["SigningProtocol"],
        origin_type=summary["OriginAccessControlOriginType"],
        id=summary["Id"],
    )


def control_to_api(control: AccessControl) -> dict[str, Any]:
    return {
        "Name": control.name,
        "SigningBehavior": control.signing_behavior,
        "SigningProtocol": control.signing_protocol,
        "OriginAccessControlOriginType": control.origin_type,
    }


def from_api(
    distribution: Mapping[str, Any], etag: str, own_tags: Any, control: AccessControl | None, *, asked: bool
) -> Distribution:
    """From a Distribution of GetDistribution. ``asked`` is whether the origin access control was asked for."""
    config = distribution["DistributionConfig"]
    certificate, logs = config.get("ViewerCertificate", {}), config.get("Logging", NO_LOGS)
    control_id = (control.id if control else "") if asked else None
    return Distribution(
        name=config["Comment"],
        enabled=config["Enabled"],
        aliases=sorted(unlisted(config.get("Aliases"))),
        certificate_arn=certificate.get("ACMCertificateArn", ""),
        minimum_protocol_version=certificate.get("MinimumProtocolVersion", OWN_PROTOCOL),
        default_root_object=config.get("DefaultRootObject", ""),
        price_class=config.get("PriceClass", "PriceClass_All"),
        http_version=str(config.get("HttpVersion", "http2")).lower(),
        ipv6=config.get("IsIPV6Enabled", False),
        web_acl_arn=config.get("WebACLId", ""),
        access_logs=_logs(logs) if logs["Enabled"] else {},
        origins=_each(unlisted(config["Origins"]), lambda each: origin_from_api(each, control_id), "id"),
        default_behavior=behavior_from_api(config["DefaultCacheBehavior"], BEHAVIOR),
        behaviors=[behavior_from_api(each, PATH_BEHAVIOR) for each in unlisted(config.get("CacheBehaviors"))],
        error_responses=_each(unlisted(config.get("CustomErrorResponses")), _error_response, "error_code"),
        tags=own_tags,
        id=distribution["Id"],
        arn=distribution["ARN"],
        domain_name=distribution["DomainName"],
        status=distribution["Status"],
        origin_access_control=control,
        config=config,
        etag=etag,
    )


def _logs(answer: Mapping[str, Any]) -> dict[str, Any]:
    return structure.from_api(ACCESS_LOGS, {**answer, "Bucket": answer["Bucket"].removesuffix(LOG_HOST)})


def _error_response(answer: Mapping[str, Any]) -> dict[str, Any]:
    """CloudFront tells an empty code where no page is sent instead."""
    told = {name: value for name, value in answer.items() if value != ""}
    return structure.from_api(ERROR_RESPONSE, told)


# --- What an update gives back


def to_config(want: Distribution, changed: Mapping[str, Any], there: Mapping[str, Any], control: str) -> dict[str, Any]:
    """``there`` with those settings of ``want``, which is whole, that are ``changed``.

    ``control`` is the id of the distribution's origin access control.
    """
    config = {**there, "Comment": want.name}
    for option, member in PLAIN.items():
        if option in changed:
            config[member] = changed[option]
    for option, put in STRUCTURED.items():
        if option in changed:
            config.update(put(want, there, control))
    return config


def _put_aliases(want: Distribution, there: Mapping[str, Any], control: str) -> dict[str, Any]:
    return {"Aliases": listed(want.aliases)}


def _put_certificate(want: Distribution, there: Mapping[str, Any], control: str) -> dict[str, Any]:
    """The certificate that is there is kept where only its protocol is wanted."""
    kept = {key: value for key, value in there.get("ViewerCertificate", {}).items() if key not in OLD_CERTIFICATE}
    if want.certificate_arn:
        kept = {"ACMCertificateArn": want.certificate_arn, "SSLSupportMethod": "sni-only"}
    elif want.certificate_arn == "":
        return {"ViewerCertificate": OWN_CERTIFICATE}
    return {"ViewerCertificate": {**kept, "MinimumProtocolVersion": want.minimum_protocol_version}}


def _put_logs(want: Distribution, there: Mapping[str, Any], control: str) -> dict[str, Any]:
    if not want.access_logs:
        return {"Logging": NO_LOGS}
    logs = structure.to_api(ACCESS_LOGS, want.access_logs)
    return {"Logging": {**logs, "Bucket": logs["Bucket"] + LOG_HOST, "Enabled": True}}


def _put_origins(want: Distribution, there: Mapping[str, Any], control: str) -> dict[str, Any]:
    known = {each["Id"]: each for each in unlisted(there.get("Origins"))}
    return {"Origins": listed([origin_to_api(each, known.get(each["id"], {}), control) for each in want.origins])}


def _put_default_behavior(want: Distribution, there: Mapping[str, Any], control: str) -> dict[str, Any]:
    known = there.get("DefaultCacheBehavior", {})
    return {"DefaultCacheBehavior": behavior_to_api(want.default_behavior, known, BEHAVIOR)}


def _put_behaviors(want: Distribution, there: Mapping[str, Any], control: str) -> dict[str, Any]:
    known = {each["PathPattern"]: each for each in unlisted(there.get("CacheBehaviors"))}
    items = [behavior_to_api(each, known.get(each["path_pattern"], {}), PATH_BEHAVIOR) for each in want.behaviors]
    return {"CacheBehaviors": listed(items)}


def _put_error_responses(want: Distribution, there: Mapping[str, Any], control: str) -> dict[str, Any]:
    return {"CustomErrorResponses": listed([structure.to_api(ERROR_RESPONSE, each) for each in want.error_responses])}


# Option -> member of the configuration that it is.
PLAIN = {
    "enabled": "Enabled",
    "default_root_object": "DefaultRootObject",
    "price_class": "PriceClass",
    "http_version": "HttpVersion",
    "ipv6": "IsIPV6Enabled",
    "web_acl_arn": "WebACLId",
}
# Option -> the members of the configuration that say it.
STRUCTURED: dict[str, Callable[[Distribution, Mapping[str, Any], str], dict[str, Any]]] = {
    "aliases": _put_aliases,
    "certificate_arn": _put_certificate,
    "minimum_protocol_version": _put_certificate,
    "access_logs": _put_logs,
    "origins": _put_origins,
    "default_behavior": _put_default_behavior,
    "behaviors": _put_behaviors,
    "error_responses": _put_error_responses,
}


def pending(distribution: Distribution) -> str | None:
    """What is still to come, in words."""
    if not distribution.id:
        return "it can't be seen yet"
    if distribution.status == DEPLOYED:
        return None
    way = "its configuration is on its way to the edge locations"
    return f"distribution {distribution.id} is {distribution.status}: {way}"
