# Copyright: ha_stack.aws contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

"""A load balancer's listeners and their rules.

Source: https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_Listener.html and API_Rule.html
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from ansible_collections.ha_stack.aws.plugins.module_utils._model import action, attributes, condition, structure, tags
from ansible_collections.ha_stack.aws.plugins.module_utils._model.action import ACTION_OPTIONS
from ansible_collections.ha_stack.aws.plugins.module_utils._model.condition import CONDITION_OPTIONS
from ansible_collections.ha_stack.aws.plugins.module_utils._model.structure import Structure, spec, switch, text
from ansible_collections.ha_stack.aws.plugins.module_utils._model.values import (
    UNSET,
    Model,
    children,
    given,
    hidden,
    identity,
)

REWRITE: Structure = {"regex": text("Regex", required=True), "replace": text("Replace", required=True)}
# Kind -> the API's type and the member that says more.
TRANSFORMS = {
    "host_header_rewrite": ("host-header-rewrite", "HostHeaderRewriteConfig"),
    "url_rewrite": ("url-rewrite", "UrlRewriteConfig"),
}
MUTUAL_AUTHENTICATION: Structure = {
    "mode": text("Mode", "off", "passthrough", "verify", required=True),
    "trust_store_arn": text("TrustStoreArn"),
    "ignore_client_certificate_expiry": switch("IgnoreClientCertificateExpiry"),
    "advertise_trust_store_ca_names": text("AdvertiseTrustStoreCaNames", "on", "off"),
}
VERIFY_DEFAULTS = {"ignore_client_certificate_expiry": False, "advertise_trust_store_ca_names": "off"}
# By the keys of DescribeListenerAttributes: the names of headers of requests, and the values of headers of responses.
ATTRIBUTES: Structure = {
    **{
        f"{header}_header": text(f"routing.http.request.x_amzn_{header}.header_name")
        for header in (
            "mtls_clientcert_serial_number",
            "mtls_clientcert_issuer",
            "mtls_clientcert_subject",
            "mtls_clientcert_validity",
            "mtls_clientcert_leaf",
            "mtls_clientcert",
            "tls_version",
            "tls_cipher_suite",
        )
    },
    **{
        header: text(f"routing.http.response.{header}.header_value")
        for header in (
            "strict_transport_security",
            "access_control_allow_origin",
            "access_control_allow_methods",
            "access_control_allow_headers",
            "access_control_allow_credentials",
            "access_control_expose_headers",
            "access_control_max_age",
            "content_security_policy",
            "x_content_type_options",
            "x_frame_options",
        )
    },
    "server": switch("routing.http.response.server.enabled"),
}

RULE_OPTIONS: dict[str, Any] = {
    "priority": {"type": "int", "required": True},
    "conditions": {"type": "list", "elements": "dict", "required": True, "options": CONDITION_OPTIONS},
    "actions": {"type": "list", "elements": "dict", "options": ACTION_OPTIONS},
    "target_group": {},
    "transforms": {
        "type": "dict",
        "options": {kind: {"type": "dict", "options": spec(REWRITE)} for kind in TRANSFORMS},
    },
    "tags": {"type": "dict"},
}
LISTENER_OPTIONS: dict[str, Any] = {
    "port": {"type": "int", "required": True},
    "protocol": {"choices": ["HTTP", "HTTPS"], "default": "HTTP"},
    "certificate_arn": {},
    "additional_certificate_arns": {"type": "list", "elements": "str"},
    "ssl_policy": {},
    "mutual_authentication": {"type": "dict", "options": spec(MUTUAL_AUTHENTICATION)},
    "attributes": {"type": "dict", "options": spec(ATTRIBUTES)},
    "default_actions": {"type": "list", "elements": "dict", "options": ACTION_OPTIONS},
    "target_group": {},
    "rules": {"type": "list", "elements": "dict", "options": RULE_OPTIONS},
    "purge_rules": {"type": "bool", "default": True},
    "tags": {"type": "dict"},
}


@dataclass(frozen=True)
class Rule(Model):
    """``client_secret`` is of its action authenticate_oidc, where it is given."""

    priority: int
    conditions: Any = UNSET
    actions: Any = UNSET
    transforms: Any = UNSET
    tags: Any = UNSET
    arn: str = identity()
    client_secret: str | None = hidden(default=None)

    def target_groups(self) -> set[str]:
        return action.target_groups(self.actions)


@dataclass(frozen=True)
class Listener(Model):
    """``purge_rules`` says of what is wanted that rules which are not listed go."""

    port: int
    protocol: Any = UNSET
    certificate_arn: Any = UNSET
    ssl_policy: Any = UNSET
    default_actions: Any = UNSET
    tags: Any = UNSET
    rules: Any = children(UNSET)
    additional_certificate_arns: Any = UNSET
    mutual_authentication: Any = UNSET
    attributes: Any = UNSET
    arn: str = identity()
    client_secret: str | None = hidden(default=None)
    purge_rules: bool = hidden(default=True)

    def target_groups(self) -> set[str]:
        return action.target_groups(self.default_actions)


@dataclass(frozen=True)
class Read:
    """What is read of a listener besides itself, as the API has it; None of what is not."""

    rules: Iterable[Mapping[str, Any]] | None = None
    tags: list[Mapping[str, str]] | None = None
    certificates: Iterable[Mapping[str, Any]] | None = None
    attributes: list[Mapping[str, str]] | None = None
    rule_tags: Mapping[str, list[Mapping[str, str]]] = field(default_factory=dict)


def listener_name(port: int, load_balancer: str) -> str:
    """What a listener is called in a plan, such as "80 of goals"."""
    return f"{port} of {load_balancer}"


def rule_name(priority: int, listener: str) -> str:
    """What a rule is called in a plan, such as "10 of listener 80 of goals"."""
    return f"{priority} of listener {listener}"


def listener_of(rule: str) -> str:
    """The name of the listener of the rule called ``rule``."""
    return rule.partition(" of listener ")[2]


def from_params(listener: Mapping[str, Any]) -> Listener:
    """From one of the module's listeners. Its rules are UNSET where they are not given."""
    rules, certificates = listener.get("rules"), listener.get("additional_certificate_arns")
    actions, more = listener.get("default_actions"), listener.get("attributes")
    mutual = listener.get("mutual_authentication")
    return Listener(
        port=listener["port"],
        protocol=listener["protocol"],
        certificate_arn=given(listener.get("certificate_arn")),
        additional_certificate_arns=UNSET if certificates is None else tuple(sorted(set(certificates))),
        ssl_policy=given(listener.get("ssl_policy")),
        mutual_authentication=UNSET if mutual is None else structure.given(MUTUAL_AUTHENTICATION, mutual),
        attributes=UNSET if more is None else structure.given(ATTRIBUTES, more),
        default_actions=action.from_params(actions, listener.get("target_group")),
        tags=given(tags.from_params(listener.get("tags"))),
        rules=UNSET if rules is None else _by_priority(rule_from_params(rule) for rule in rules),
        client_secret=action.client_secret(actions),
        purge_rules=listener.get("purge_rules", True),
    )


def from_api(listener: Mapping[str, Any], read: Read) -> Listener:
    """From a Listener of DescribeListeners and what was read besides."""
    secure = listener["Protocol"] == "HTTPS"
    certificates = listener.get("Certificates") or [{}]
    mutual = structure.from_api(MUTUAL_AUTHENTICATION, listener.get("MutualAuthentication") or {"Mode": "off"})
    rules = None if read.rules is None else [rule for rule in read.rules if not rule.get("IsDefault")]
    return Listener(
        port=int(listener["Port"]),
        protocol=listener["Protocol"],
        certificate_arn=certificates[0].get("CertificateArn") if secure else None,
        additional_certificate_arns=UNSET if read.certificates is None else _additional(read.certificates),
        ssl_policy=listener.get("SslPolicy") if secure else None,
        mutual_authentication=completed_mutual(mutual, {}) if secure else None,
        attributes=UNSET if read.attributes is None else attributes_from_api(read.attributes),
        default_actions=action.from_api(listener["DefaultActions"]),
        tags=UNSET if read.tags is None else tags.from_api(read.tags),
        rules=UNSET if rules is None else _by_priority(rule_from_api(rule, read.rule_tags) for rule in rules),
        arn=listener["ListenerArn"],
    )


def completed_mutual(options: Mapping[str, Any], there: Mapping[str, Any]) -> dict[str, Any]:
    """With what is ``there`` or else AWS's default, where certificates are verified; no more than another mode."""
    if options["mode"] != "verify":
        return {"mode": options["mode"]}
    return {**VERIFY_DEFAULTS, **there, **options}


def _additional(certificates: Iterable[Mapping[str, Any]]) -> tuple[str, ...]:
    """ELB tells the default certificate among the others, and once more if it was added to them."""
    return tuple(sorted({each["CertificateArn"] for each in certificates if not each.get("IsDefault")}))


def attributes_from_api(listed: Iterable[Mapping[str, str]]) -> dict[str, Any]:
    """A header that no value was ever given for has an empty one."""
    values = attributes.from_api(ATTRIBUTES, listed)
    return {option: "" if value is None and option != "server" else value for option, value in values.items()}


def rule_from_params(rule: Mapping[str, Any]) -> Rule:
    """From one of a listener's rules, or from the options of a rule of its own, of which some may not be given."""
    actions, target_group = rule.get("actions"), rule.get("target_group")
    conditions, transforms = rule.get("conditions"), rule.get("transforms")
    return Rule(
        priority=given(rule.get("priority")),
        conditions=UNSET if conditions is None else condition.from_params(conditions),
        actions=UNSET if actions is None and target_group is None else action.from_params(actions, target_group),
        transforms=UNSET if transforms is None else _transforms(transforms),
        tags=given(tags.from_params(rule.get("tags"))),
        client_secret=action.client_secret(actions),
    )


def _transforms(options: Mapping[str, Any]) -> dict[str, Any]:
    return {kind: structure.given(REWRITE, options[kind]) for kind in TRANSFORMS if options.get(kind) is not None}


def rule_from_api(rule: Mapping[str, Any], rule_tags: Mapping[str, list[Mapping[str, str]]]) -> Rule:
    arn = rule["RuleArn"]
    return Rule(
        priority=int(rule["Priority"]),
        conditions=condition.from_api(rule["Conditions"]),
        actions=action.from_api(rule["Actions"]),
        transforms=_transforms_from_api(rule.get("Transforms") or ()),
        tags=tags.from_api(rule_tags[arn]) if arn in rule_tags else UNSET,
        arn=arn,
    )


def _transforms_from_api(transforms: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """A rule has one transform of a kind, and that one rewrite."""
    told = {each["Type"]: each for each in transforms}
    return {
        kind: structure.from_api(REWRITE, told[api_type][config]["Rewrites"][0])
        for kind, (api_type, config) in TRANSFORMS.items()
        if api_type in told
    }


def transforms_to_api(transforms: Mapping[str, Any]) -> list[dict[str, Any]]:
    """For CreateRule and ModifyRule."""
    return [
        {"Type": api_type, config: {"Rewrites": [structure.to_api(REWRITE, transforms[kind])]}}
        for kind, (api_type, config) in TRANSFORMS.items()
        if kind in transforms
    ]


def _by_priority(rules: Iterable[Rule]) -> tuple[Rule, ...]:
    return tuple(sorted(rules, key=lambda rule: rule.priority))
