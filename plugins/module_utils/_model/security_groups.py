# Copyright: ha_stack.aws contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Security groups of a VPC: who may open a connection to whom.

Source: https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateSecurityGroup.html, API_IpPermission.html
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from ipaddress import ip_network
from typing import Any

from ansible_collections.ha_stack.aws.plugins.module_utils._model import tags
from ansible_collections.ha_stack.aws.plugins.module_utils._model.values import (
    UNSET,
    Model,
    children,
    given,
    hidden,
    identity,
)

DIRECTIONS = ("ingress", "egress")
ALL = "-1"  # AWS's name of all protocols
# Option -> where an IpPermission has such sources, and what one is called there.
SOURCES = {
    "cidr": ("IpRanges", "CidrIp"),
    "cidr_ipv6": ("Ipv6Ranges", "CidrIpv6"),
    "group": ("UserIdGroupPairs", "GroupId"),
    "prefix_list_id": ("PrefixListIds", "PrefixListId"),
}

RULE: dict[str, Any] = {
    "protocol": {"choices": ["tcp", "udp", "icmp", "all"], "default": "tcp"},
    "port": {"type": "int"},
    "from_port": {"type": "int"},
    "to_port": {"type": "int"},
    "cidr": {},
    "cidr_ipv6": {},
    "group": {},
    "prefix_list_id": {},
    "description": {},
}
OPTIONS: dict[str, Any] = {
    "vpc_id": {},
    "groups": {
        "type": "list",
        "elements": "dict",
        "required": True,
        "options": {
            "name": {"required": True},
            "description": {},
            "ingress": {"type": "list", "elements": "dict", "options": RULE},
            "egress": {"type": "list", "elements": "dict", "options": RULE},
            "tags": {"type": "dict"},
        },
    },
    "purge_rules": {"type": "bool", "default": True},
    **tags.TAG_OPTIONS,
}


@dataclass(frozen=True)
class Rule(Model):
    """Exactly one of SOURCES is set. ``group`` is a name where the group is one of those managed, else an id.

    ``owner`` is the name of the group that the rule is of; ``listed`` is False of one that is there, and not among the
    rules that are wanted of its direction. Ports are UNSET for all protocols; of icmp they are type
    and code, -1 for any. ``permission`` is the IpPermission that AWS tells of it, which takes the rule away as well.
    """

    direction: str
    protocol: str
    from_port: Any = UNSET
    to_port: Any = UNSET
    cidr: Any = UNSET
    cidr_ipv6: Any = UNSET
    group: Any = UNSET
    prefix_list_id: Any = UNSET
    description: Any = UNSET
    listed: bool = identity(default=True)
    owner: str = hidden(default="")
    permission: Any = hidden(default=None)

    @property
    def source(self) -> str:
        return str(next(value for name in SOURCES if (value := getattr(self, name)) is not UNSET))

    @property
    def key(self) -> tuple[Any, ...]:
        """What AWS knows a rule by: two that share it are one."""
        sources = tuple(getattr(self, name) for name in SOURCES)
        return self.direction, self.protocol, self.from_port, self.to_port, sources

    @property
    def label(self) -> str:
        towards = "from" if self.direction == "ingress" else "to"
        return f"{self.owner} {self.direction} {self.protocol}{self._ports()} {towards} {self.source}"

    def _ports(self) -> str:
        if self.from_port is UNSET or (self.protocol == "icmp" and self.from_port == -1):
            return ""
        if self.protocol == "icmp":
            return f" {self.from_port}/{self.to_port}"
        return f" {self.from_port}" if self.from_port == self.to_port else f" {self.from_port}-{self.to_port}"


@dataclass(frozen=True)
class SecurityGroup(Model):
    name: str
    description: Any = UNSET
    tags: Any = UNSET
    id: str = identity()
    ingress: Any = children(default=UNSET)
    egress: Any = children(default=UNSET)


@dataclass(frozen=True)
class SecurityGroups(Model):
    """``vpc_id`` is UNSET where groups are looked for in every VPC.

    ``wanted`` are the names that should be seen. ``purge_rules`` says of what is wanted that rules which are not listed
    go.
    """

    vpc_id: Any = UNSET
    groups: tuple[SecurityGroup, ...] = children()
    wanted: tuple[str, ...] = hidden(default=())
    purge_rules: bool = hidden(default=True)

    def facts(self) -> dict[str, Any]:
        return {group.name: group.facts() for group in self.groups}


def from_params(params: Mapping[str, Any]) -> SecurityGroups:
    return SecurityGroups(
        vpc_id=given(params["vpc_id"]),
        groups=tuple(_group(group, params["tags"]) for group in params["groups"]),
        wanted=tuple(group["name"] for group in params["groups"]),
        purge_rules=params["purge_rules"],
    )


def _group(group: Mapping[str, Any], shared: Mapping[str, Any] | None) -> SecurityGroup:
    own = tags.from_params(group.get("tags"))
    common = tags.from_params(shared)
    return SecurityGroup(
        name=group["name"],
        description=given(group.get("description")),
        tags=UNSET if own is None and common is None else {**(common or {}), **(own or {})},
        ingress=_rules(group, "ingress"),
        egress=_rules(group, "egress"),
    )


def _rules(group: Mapping[str, Any], direction: str) -> Any:
    rules = group.get(direction)
    if rules is None:
        return UNSET
    return tuple(rule_from_params(rule, direction, group["name"]) for rule in rules)


def rule_from_params(rule: Mapping[str, Any], direction: str, owner: str) -> Rule:
    first, last = _ports(rule)
    return Rule(
        direction=direction,
        protocol=rule["protocol"],
        from_port=first,
        to_port=last,
        cidr=_canonical(rule["cidr"]),
        cidr_ipv6=_canonical(rule["cidr_ipv6"]),
        group=given(rule["group"]),
        prefix_list_id=given(rule["prefix_list_id"]),
        description=given(rule["description"]),
        owner=owner,
    )


def _ports(rule: Mapping[str, Any]) -> tuple[Any, Any]:
    if rule["protocol"] == "all":
        return UNSET, UNSET
    either = -1 if rule["protocol"] == "icmp" else UNSET
    first = rule["from_port"] if rule["port"] is None else rule["port"]
    last = rule["to_port"] if rule["port"] is None else rule["port"]
    return either if first is None else first, either if last is None else last


def _canonical(cidr: str | None) -> Any:
    """As AWS writes it: an IPv6 range in lower case with its zeros left out. What can't be read, faults() tells of."""
    if cidr is None:
        return UNSET
    try:
        return str(ip_network(cidr, strict=False))
    except ValueError:
        return cidr


def from_api(want: SecurityGroups, groups: Sequence[Mapping[str, Any]]) -> SecurityGroups:
    """From the SecurityGroups of DescribeSecurityGroups."""
    names = {group["GroupId"]: group["GroupName"] for group in groups}
    found = {group["GroupName"]: _found_group(group, names) for group in groups}
    listed = {group.name: named(group, names) for group in want.groups}
    return SecurityGroups(
        vpc_id=want.vpc_id,
        wanted=want.wanted,
        groups=tuple(_marked(found[name], listed.get(name)) for name in want.wanted if name in found),
        purge_rules=want.purge_rules,
    )


def named(group: SecurityGroup, names: Mapping[str, str]) -> SecurityGroup:
    """``group`` with ``names`` for the ids, in its rules, of groups that are managed here."""

    def with_names(rules: Any) -> Any:
        return UNSET if rules is UNSET else tuple(replace(r, group=names.get(r.group, r.group)) for r in rules)

    return replace(group, ingress=with_names(group.ingress), egress=with_names(group.egress))


def _marked(group: SecurityGroup, want: SecurityGroup | None) -> SecurityGroup:
    """``group`` whose rules say whether they are listed."""
    marked = {each: _marked_rules(getattr(group, each), getattr(want, each, UNSET)) for each in DIRECTIONS}
    return replace(group, ingress=marked["ingress"], egress=marked["egress"])


def _marked_rules(rules: tuple[Rule, ...], wanted: Any) -> tuple[Rule, ...]:
    if wanted is UNSET:
        return rules
    keys = {rule.key for rule in wanted}
    return tuple(replace(rule, listed=rule.key in keys) for rule in rules)


def _found_group(group: Mapping[str, Any], names: Mapping[str, str]) -> SecurityGroup:
    return SecurityGroup(
        name=group["GroupName"],
        description=group["Description"],
        tags=tags.from_api(group.get("Tags")),
        id=group["GroupId"],
        ingress=_found_rules(group, "ingress", group.get("IpPermissions", ()), names),
        egress=_found_rules(group, "egress", group.get("IpPermissionsEgress", ()), names),
    )


def _found_rules(
    group: Mapping[str, Any], direction: str, permissions: Iterable[Mapping[str, Any]], names: Mapping[str, str]
) -> tuple[Rule, ...]:
    """``names`` maps the ids of the managed groups to their names. A permission holds the rules of the same ports."""
    found = [
        _found_rule(direction, permission, option, source, names, group["GroupName"])
        for permission in permissions
        for option, (member, _) in SOURCES.items()
        for source in permission.get(member, ())
    ]
    return tuple(sorted(found, key=lambda rule: rule.label))


def _found_rule(
    direction: str,
    permission: Mapping[str, Any],
    option: str,
    source: Mapping[str, Any],
    names: Mapping[str, str],
    owner: str,
) -> Rule:
    """The ports of all protocols, and of those that have none, are no matter."""
    protocol = "all" if permission["IpProtocol"] == ALL else permission["IpProtocol"]
    ported = protocol in ("tcp", "udp", "icmp")
    member, name = SOURCES[option]
    only = {key: permission[key] for key in ("IpProtocol", "FromPort", "ToPort") if key in permission}
    chosen: dict[str, Any] = {option: names.get(source[name], source[name])}
    return Rule(
        direction=direction,
        protocol=protocol,
        from_port=permission["FromPort"] if ported else UNSET,
        to_port=permission["ToPort"] if ported else UNSET,
        description=source.get("Description", ""),
        owner=owner,
        permission={**only, member: [dict(source)]},
        **chosen,
    )


def pending(seen: SecurityGroups) -> str | None:
    there = {group.name for group in seen.groups}
    unseen = [name for name in seen.wanted if name not in there]
    return f"security group {', '.join(unseen)} can't be seen yet" if unseen else None
