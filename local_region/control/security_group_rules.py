"""Descriptions of security group rules: moto tells those of address ranges only, and never takes one away."""

from __future__ import annotations

from typing import Any

from moto.ec2.models.security_groups import SecurityGroupBackend, SecurityGroupRule

from local_region.control.patching import around


def _description(rule: Any) -> str | None:
    return rule.ip_range.get("Description") or rule.source_group.get("Description") or None


SecurityGroupRule.description = property(_description)


@around(SecurityGroupRule, "__eq__")
def same_whatever_its_description(original: Any, self: Any, other: Any) -> bool:
    return _identity(self) == _identity(other)


def _identity(rule: Any) -> tuple[Any, ...]:
    other_end = (rule.ip_range.get("CidrIp"), rule.ip_range.get("CidrIpv6"), rule.source_group.get("GroupId"))
    return (rule.ip_protocol, rule.from_port, rule.to_port, rule.prefix_list_id, *other_end)


@around(SecurityGroupBackend, "_sg_update_description")
def take_away_what_is_not_sent(original: Any, self: Any, security_rule: Any, rule: Any) -> None:
    for sent, kept in ((security_rule.ip_range, rule.ip_range), (security_rule.source_group, rule.source_group)):
        kept.pop("Description", None)
        if sent.get("Description"):
            kept["Description"] = sent["Description"]
