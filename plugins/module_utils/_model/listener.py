# Copyright: ha_stack.aws contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

"""A load balancer's listeners, their rules, and the actions and conditions that both are made of.

An action is a mapping with one key, ``forward``, ``redirect`` or ``fixed_response``, as in the module's options. Target
groups stand in it by name: a name is unique in account and region, and the group behind it can't be replaced while a
listener uses it, so equal names are equal groups, and a plan can be made before a target group exists.

Source: https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_Listener.html and API_Rule.html
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from ansible_collections.ha_stack.aws.plugins.module_utils._model import tags
from ansible_collections.ha_stack.aws.plugins.module_utils._model.values import (
    UNSET,
    Model,
    children,
    given,
    identity,
)

Action = dict[str, Any]
Condition = dict[str, Any]

# What ELB fills in where a redirect doesn't say otherwise: the part of the request that was made.
REDIRECT_DEFAULTS = {
    "protocol": "#{protocol}",
    "host": "#{host}",
    "port": "#{port}",
    "path": "/#{path}",
    "query": "#{query}",
}
RESPONSE_DEFAULTS = {"content_type": "text/plain", "body": ""}
# A condition's field -> the member of RuleCondition that holds its values.
CONDITION_CONFIGS = {
    "host-header": "HostHeaderConfig",
    "path-pattern": "PathPatternConfig",
    "http-header": "HttpHeaderConfig",
    "http-request-method": "HttpRequestMethodConfig",
    "query-string": "QueryStringConfig",
    "source-ip": "SourceIpConfig",
}
CONTENT_TYPES = ["text/plain", "text/css", "text/html", "application/javascript", "application/json"]

ACTION_OPTIONS: dict[str, Any] = {
    "forward": {
        "type": "dict",
        "options": {
            "target_group": {},
            "target_groups": {
                "type": "list",
                "elements": "dict",
                "options": {"target_group": {"required": True}, "weight": {"type": "int", "default": 1}},
            },
            "stickiness_duration": {"type": "int"},
        },
    },
    "redirect": {
        "type": "dict",
        "options": {
            "protocol": {"choices": ["HTTP", "HTTPS"]},
            "host": {},
            "port": {},
            "path": {},
            "query": {},
            "status_code": {"type": "int", "choices": [301, 302], "default": 301},
        },
    },
    "fixed_response": {
        "type": "dict",
        "options": {
            "status_code": {"type": "int", "required": True},
            "content_type": {"choices": CONTENT_TYPES},
            "body": {},
        },
    },
}
CONDITION_OPTIONS: dict[str, Any] = {
    "field": {"required": True, "choices": list(CONDITION_CONFIGS)},
    "values": {"type": "list", "elements": "str"},
    "http_header_name": {},
    "query_strings": {
        "type": "list",
        "elements": "dict",
        "options": {"key": {"no_log": False}, "value": {"required": True}},
    },
}
RULE_OPTIONS: dict[str, Any] = {
    "priority": {"type": "int", "required": True},
    "conditions": {"type": "list", "elements": "dict", "required": True, "options": CONDITION_OPTIONS},
    "actions": {"type": "list", "elements": "dict", "options": ACTION_OPTIONS},
    "target_group": {},
}
LISTENER_OPTIONS: dict[str, Any] = {
    "port": {"type": "int", "required": True},
    "protocol": {"choices": ["HTTP", "HTTPS"], "default": "HTTP"},
    "certificate_arn": {},
    "ssl_policy": {},
    "default_actions": {"type": "list", "elements": "dict", "options": ACTION_OPTIONS},
    "target_group": {},
    "rules": {"type": "list", "elements": "dict", "options": RULE_OPTIONS},
    "tags": {"type": "dict"},
}


@dataclass(frozen=True)
class Rule(Model):
    priority: int
    conditions: Any = UNSET
    actions: Any = UNSET
    arn: str = identity()

    def target_groups(self) -> set[str]:
        return target_groups(self.actions)


@dataclass(frozen=True)
class Listener(Model):
    port: int
    protocol: Any = UNSET
    certificate_arn: Any = UNSET
    ssl_policy: Any = UNSET
    default_actions: Any = UNSET
    tags: Any = UNSET
    rules: Any = children(UNSET)
    arn: str = identity()

    def target_groups(self) -> set[str]:
        return target_groups(self.default_actions)


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
    rules = listener.get("rules")
    return Listener(
        port=listener["port"],
        protocol=listener["protocol"],
        certificate_arn=given(listener.get("certificate_arn")),
        ssl_policy=given(listener.get("ssl_policy")),
        default_actions=_actions(listener.get("default_actions"), listener.get("target_group")),
        tags=given(tags.from_params(listener.get("tags"))),
        rules=UNSET if rules is None else _by_priority(_rule(rule) for rule in rules),
    )


def from_api(
    listener: Mapping[str, Any],
    rules: Iterable[Mapping[str, Any]] | None,
    listener_tags: list[Mapping[str, str]] | None,
) -> Listener:
    """From a Listener of DescribeListeners, its rules of DescribeRules and its tags where they were read."""
    secure = listener["Protocol"] == "HTTPS"
    certificates = listener.get("Certificates") or [{}]
    return Listener(
        port=int(listener["Port"]),
        protocol=listener["Protocol"],
        certificate_arn=certificates[0].get("CertificateArn") if secure else None,
        ssl_policy=listener.get("SslPolicy") if secure else None,
        default_actions=_actions_from_api(listener["DefaultActions"]),
        tags=UNSET if listener_tags is None else tags.from_api(listener_tags),
        rules=UNSET
        if rules is None
        else _by_priority(_rule_from_api(rule) for rule in rules if not rule.get("IsDefault")),
        arn=listener["ListenerArn"],
    )


def _rule(rule: Mapping[str, Any]) -> Rule:
    return Rule(
        priority=rule["priority"],
        conditions=_sorted(_condition(condition) for condition in rule["conditions"]),
        actions=_actions(rule.get("actions"), rule.get("target_group")),
    )


def _rule_from_api(rule: Mapping[str, Any]) -> Rule:
    return Rule(
        priority=int(rule["Priority"]),
        conditions=_sorted(_condition_from_api(condition) for condition in rule["Conditions"]),
        actions=_actions_from_api(rule["Actions"]),
        arn=rule["RuleArn"],
    )


def _by_priority(rules: Iterable[Rule]) -> tuple[Rule, ...]:
    return tuple(sorted(rules, key=lambda rule: rule.priority))


# Actions


def target_group_name(name_or_arn: str) -> str:
    """arn:aws:elasticloadbalancing:REGION:ACCOUNT:targetgroup/NAME/ID -> NAME; a name stays as it is."""
    return name_or_arn.split("/")[1] if name_or_arn.startswith("arn:") else name_or_arn


def given_target_groups(options: Any) -> dict[str, str]:
    """The target groups that a module's listeners, however deep in them, name by ARN: name -> ARN."""
    if isinstance(options, str):
        return {target_group_name(options): options} if ":targetgroup/" in options else {}
    within = options.values() if isinstance(options, Mapping) else options if isinstance(options, list) else ()
    return {name: arn for each in within for name, arn in given_target_groups(each).items()}


def target_groups(actions: Iterable[Action]) -> set[str]:
    """The names of the target groups that ``actions`` forward to."""
    forwards = [action["forward"] for action in actions if "forward" in action]
    single = {forward["target_group"] for forward in forwards if "target_group" in forward}
    return single | {group["target_group"] for forward in forwards for group in forward.get("target_groups", ())}


def _actions(actions: list[Mapping[str, Any]] | None, target_group: str | None) -> tuple[Action, ...]:
    """The options default_actions or actions, or target_group in short for forwarding to one target group."""
    if target_group is not None:
        return (_forward({target_group_name(target_group): 1}, None),)
    return tuple(_action(action) for action in actions or ())


def _action(action: Mapping[str, Any]) -> Action:
    kind, options = next((kind, options) for kind, options in action.items() if options is not None)
    if kind == "redirect":
        return {kind: _without_defaults(options, REDIRECT_DEFAULTS)}
    if kind == "fixed_response":
        return {kind: _without_defaults(options, RESPONSE_DEFAULTS)}
    weights = {target_group_name(each["target_group"]): each["weight"] for each in options.get("target_groups") or ()}
    if options.get("target_group") is not None:
        weights = {target_group_name(options["target_group"]): 1}
    return _forward(weights, options.get("stickiness_duration"))


def _forward(weights: Mapping[str, int], stickiness: int | None) -> Action:
    """The weight of a single target group has no meaning."""
    if len(weights) == 1 and not stickiness:
        return {"forward": {"target_group": next(iter(weights))}}
    groups = [{"target_group": name, "weight": weight} for name, weight in sorted(weights.items())]
    return {"forward": {"target_groups": groups, **({"stickiness_duration": stickiness} if stickiness else {})}}


def _without_defaults(options: Mapping[str, Any], defaults: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in options.items() if value is not None and value != defaults.get(name)}


def _actions_from_api(actions: Iterable[Mapping[str, Any]]) -> tuple[Action, ...]:
    """In the order they are performed. ELB leaves Order out where there is one action."""
    return tuple(_action_from_api(action) for action in sorted(actions, key=lambda action: action.get("Order") or 0))


def _action_from_api(action: Mapping[str, Any]) -> Action:
    if action["Type"] == "redirect":
        config = action["RedirectConfig"]
        options = {name: config.get(name.capitalize()) for name in REDIRECT_DEFAULTS}
        status = int(config["StatusCode"].removeprefix("HTTP_"))
        return {"redirect": _without_defaults({**options, "status_code": status}, REDIRECT_DEFAULTS)}
    if action["Type"] == "fixed-response":
        config = action["FixedResponseConfig"]
        options = {"content_type": config.get("ContentType"), "body": config.get("MessageBody")}
        status = int(config["StatusCode"])
        return {"fixed_response": _without_defaults({**options, "status_code": status}, RESPONSE_DEFAULTS)}
    if action["Type"] != "forward":  # authentication, which this module doesn't manage: shown by its name alone
        return {action["Type"].replace("-", "_"): {}}
    return _forward_from_api(action)


def _forward_from_api(action: Mapping[str, Any]) -> Action:
    """ELB tells a single target group twice, as TargetGroupArn and in ForwardConfig."""
    config = action.get("ForwardConfig") or {}
    groups = config.get("TargetGroups") or [{"TargetGroupArn": action["TargetGroupArn"]}]
    stickiness = config.get("TargetGroupStickinessConfig") or {}
    weights = {target_group_name(group["TargetGroupArn"]): int(group.get("Weight", 1)) for group in groups}
    return _forward(weights, stickiness.get("DurationSeconds") if stickiness.get("Enabled") else None)


def actions_to_api(actions: Iterable[Action], arns: Mapping[str, str]) -> list[dict[str, Any]]:
    """For CreateListener and its like. ``arns`` are the target groups' by name."""
    return [_action_to_api(*next(iter(action.items())), arns) for action in actions]


def _action_to_api(kind: str, options: Mapping[str, Any], arns: Mapping[str, str]) -> dict[str, Any]:
    if kind == "redirect":
        config = {name.capitalize(): options[name] for name in REDIRECT_DEFAULTS if name in options}
        return {"Type": kind, "RedirectConfig": {**config, "StatusCode": f"HTTP_{options['status_code']}"}}
    if kind == "fixed_response":
        response = {**RESPONSE_DEFAULTS, **options}
        config = {"StatusCode": str(response["status_code"]), "ContentType": response["content_type"]}
        config |= {"MessageBody": response["body"]} if response["body"] else {}
        return {"Type": "fixed-response", "FixedResponseConfig": config}
    if "target_group" in options:
        return {"Type": kind, "TargetGroupArn": arns[options["target_group"]]}
    return {"Type": kind, "ForwardConfig": _forward_to_api(options, arns)}


def _forward_to_api(forward: Mapping[str, Any], arns: Mapping[str, str]) -> dict[str, Any]:
    groups = forward["target_groups"]
    stickiness: dict[str, Any] = {"Enabled": False}
    if forward.get("stickiness_duration"):
        stickiness = {"Enabled": True, "DurationSeconds": forward["stickiness_duration"]}
    return {
        "TargetGroups": [
            {"TargetGroupArn": arns[group["target_group"]], "Weight": group["weight"]} for group in groups
        ],
        "TargetGroupStickinessConfig": stickiness,
    }


# Conditions


def _sorted(conditions: Iterable[Condition]) -> tuple[Condition, ...]:
    """A rule's conditions must all be met, in no order; neither have a condition's values one."""
    return tuple(sorted(conditions, key=lambda condition: (condition["field"], str(condition))))


def _condition(condition: Mapping[str, Any]) -> Condition:
    return _normal(
        condition["field"],
        condition.get("values") or (),
        condition.get("http_header_name"),
        condition.get("query_strings") or (),
    )


def _condition_from_api(condition: Mapping[str, Any]) -> Condition:
    """ELB tells a single host or path twice, as Values and in the field's own member."""
    field = condition["Field"]
    config = condition.get(CONDITION_CONFIGS[field]) or {}
    values = config.get("Values") or condition.get("Values") or ()
    if field == "query-string":
        pairs = [{"key": pair.get("Key"), "value": pair["Value"]} for pair in values]
        return _normal(field, (), None, pairs)
    return _normal(field, values, config.get("HttpHeaderName"), ())


def _normal(
    field: str, values: Iterable[str], header: str | None, query_strings: Iterable[Mapping[str, Any]]
) -> Condition:
    """Hosts and header names are compared without regard to case."""
    if field == "query-string":
        pairs = [{key: value for key, value in pair.items() if value is not None} for pair in query_strings]
        return {"field": field, "query_strings": sorted(pairs, key=str)}
    normal = {"field": field, "values": sorted(value.lower() if field == "host-header" else value for value in values)}
    return {**normal, "http_header_name": header.lower()} if header else normal


def conditions_to_api(conditions: Iterable[Condition]) -> list[dict[str, Any]]:
    """For CreateRule and ModifyRule."""
    return [
        {"Field": condition["field"], CONDITION_CONFIGS[condition["field"]]: _config_to_api(condition)}
        for condition in conditions
    ]


def _config_to_api(condition: Condition) -> dict[str, Any]:
    if condition["field"] == "query-string":
        pairs = condition["query_strings"]
        return {"Values": [{key.capitalize(): value for key, value in pair.items()} for pair in pairs]}
    header = condition.get("http_header_name")
    return {**({"HttpHeaderName": header} if header else {}), "Values": condition["values"]}
