# Copyright: ha_stack.aws contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

"""One rule of a listener that others use too. ELB knows it by its ARN, people by its tag Name.

Source: https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_CreateRule.html
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

from ansible_collections.ha_stack.aws.plugins.module_utils._model import checks, listener, listener_faults, tags
from ansible_collections.ha_stack.aws.plugins.module_utils._model.errors import Fault
from ansible_collections.ha_stack.aws.plugins.module_utils._model.listener import RULE_OPTIONS, Rule
from ansible_collections.ha_stack.aws.plugins.module_utils._model.values import KNOWN_AFTER_APPLY, UNSET, identity

NAME = "Name"  # the tag

OPTIONS: dict[str, Any] = {
    "name": {"required": True},
    "load_balancer": {"required": True},
    "port": {"type": "int", "required": True},
    **{
        option: {key: value for key, value in spec.items() if key != "required"}
        for option, spec in RULE_OPTIONS.items()
    },
    **tags.TAG_OPTIONS,
}


@dataclass(frozen=True)
class ListenerRule(Rule):
    """``load_balancer`` and ``listener`` are what it is of, UNKNOWN before they were found. Tags are without Name."""

    priority: Any = UNSET
    name: str = identity()
    load_balancer: Any = identity()
    listener: Any = identity()


UNKNOWN: dict[str, Any] = {
    "load_balancer": dict.fromkeys(("arn", "dns_name", "canonical_hosted_zone_id"), KNOWN_AFTER_APPLY),
    "listener": dict.fromkeys(("arn", "port", "protocol", "default_action"), KNOWN_AFTER_APPLY),
}


def from_params(params: Mapping[str, Any]) -> ListenerRule:
    return ListenerRule(name=params["name"], **_own(listener.rule_from_params(params)), **UNKNOWN)


def from_api(rule: Mapping[str, Any], own_tags: list[Mapping[str, str]], place: Mapping[str, Any]) -> ListenerRule:
    """From a Rule of DescribeRules; ``place`` are its load balancer and its listener."""
    arn = rule["RuleArn"]
    told = listener.rule_from_api(rule, {arn: own_tags})
    return ListenerRule(name=told.tags.get(NAME, ""), **_own(told), **place)


def _own(rule: Rule) -> dict[str, Any]:
    own = {each.name: getattr(rule, each.name) for each in fields(Rule)}
    if rule.tags is not UNSET:
        own["tags"] = {key: value for key, value in rule.tags.items() if key != NAME}
    return own


def place(balancer: Mapping[str, Any], of: Mapping[str, Any]) -> dict[str, Any]:
    """What is told of a LoadBalancer of DescribeLoadBalancers and a Listener of DescribeListeners."""
    return {
        "load_balancer": {
            "arn": balancer["LoadBalancerArn"],
            "dns_name": balancer["DNSName"],
            "canonical_hosted_zone_id": balancer.get("CanonicalHostedZoneId"),
        },
        "listener": {
            "arn": of["ListenerArn"],
            "port": int(of["Port"]),
            "protocol": of["Protocol"],
            "default_action": of["DefaultActions"][-1]["Type"],
        },
    }


def faults(params: Mapping[str, Any]) -> checks.Faults:
    """A rule that is to go needs no more than its name and its listener."""
    where = (
        *checks.matches("name", params["name"], r"(?s).{1,256}", "is no tag's value", "Give 1 to 256 characters"),
        *checks.port("port", params["port"]),
    )
    if params["state"] == "absent":
        return where
    named = (params.get("tags") or {}).get(NAME, params["name"])
    other = (Fault(f"tags.{NAME}", named, "is not name, which it holds", "Leave it out"),)
    return (
        *where,
        *listener_faults.rule_faults(params),
        *checks.tags("tags", params.get("tags")),
        *(other if named != params["name"] else ()),
    )
