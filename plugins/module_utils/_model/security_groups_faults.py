# Copyright: ha_stack.aws contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

"""What can't be right about a list of security groups.

Source: https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateSecurityGroup.html, API_IpPermission.html
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from ipaddress import IPv4Network, IPv6Network
from typing import Any

from ansible_collections.ha_stack.aws.plugins.module_utils._model import checks
from ansible_collections.ha_stack.aws.plugins.module_utils._model.checks import Faults
from ansible_collections.ha_stack.aws.plugins.module_utils._model.errors import Fault
from ansible_collections.ha_stack.aws.plugins.module_utils._model.security_groups import (
    DIRECTIONS,
    SOURCES,
    rule_from_params,
)
from ansible_collections.ha_stack.aws.plugins.module_utils._model.values import KNOWN_AFTER_APPLY

# What AWS allows in names and descriptions, of groups as of rules.
TEXT = r"[A-Za-z0-9 ._\-:/()#,@\[\]+=&;{}!$*]"
TEXT_REMEDY = "Use up to 255 letters, digits, spaces and ._-:/()#,@[]+=&;{}!$*"


def faults(params: Mapping[str, Any]) -> Faults:
    groups = params["groups"]
    names = [group["name"] for group in groups]
    found = [fault for i, name in enumerate(names) for fault in _name(f"groups[{i}].name", name, names[:i])]
    if params["state"] == "present":
        found += [*_vpc(params), *checks.tags("tags", params["tags"])]
        for i, group in enumerate(groups):
            found += _group(f"groups[{i}]", group, names)
    return tuple(found)


def _vpc(params: Mapping[str, Any]) -> Iterable[Fault]:
    yield from checks.required(params, "present", ("vpc_id",))
    yield from checks.identifier("vpc_id", params["vpc_id"], "vpc", "VPC")


def _name(option: str, name: str, others: Sequence[str]) -> Iterable[Fault]:
    if name.lower() in {other.lower() for other in others}:
        yield Fault(option, name, "is the name of two groups", "AWS takes no notice of case: give each its own")
    if name.lower() == "default":
        yield Fault(option, name, "is the group that AWS makes in every VPC", "Choose another name")
    if name.startswith("sg-"):
        yield Fault(option, name, "begins like an id", "Choose a name that doesn't begin with sg-")
    if name != name.strip():
        yield Fault(option, name, "begins or ends with a space, which AWS takes away", "Leave the space out")
    yield from checks.matches(option, name, TEXT + "{1,255}", "is not a name that AWS takes", TEXT_REMEDY)


def _group(option: str, group: Mapping[str, Any], names: Sequence[str]) -> Iterable[Fault]:
    description = group.get("description")
    cause = "is not a description that AWS takes"
    yield from checks.matches(f"{option}.description", description, TEXT + "{1,255}", cause, TEXT_REMEDY)
    yield from checks.tags(f"{option}.tags", group.get("tags"))
    for direction in DIRECTIONS:
        seen: dict[Any, str] = {}
        for i, rule in enumerate(group.get(direction) or ()):
            where = f"{option}.{direction}[{i}]"
            wrong = [*_source(where, rule, names), *_ports(where, rule), *_rule_description(where, rule)]
            yield from wrong
            if wrong:
                continue
            made = rule_from_params(rule, direction, group["name"])
            if made.key in seen and made.group != KNOWN_AFTER_APPLY:
                remedy = "Leave one out: AWS has a rule once"
                yield Fault(where, made.label, f"says what {seen[made.key]} says", remedy)
            seen[made.key] = where


def _source(option: str, rule: Mapping[str, Any], names: Sequence[str]) -> Iterable[Fault]:
    told = {source: rule[source] for source in SOURCES if rule[source] is not None}
    if len(told) != 1:
        cause = "names no source" if not told else "names more than one source"
        yield Fault(option, told, cause, f"Give exactly one of {', '.join(SOURCES)}")
    yield from _range(f"{option}.cidr", rule["cidr"], IPv4Network, "10.0.0.0/16")
    yield from _range(f"{option}.cidr_ipv6", rule["cidr_ipv6"], IPv6Network, "2001:db8::/32")
    group = rule["group"]
    if group not in (None, KNOWN_AFTER_APPLY, *names) and not group.startswith("sg-"):
        yield Fault(f"{option}.group", group, "is not in groups", "Name one of groups, or give an id (sg-...)")
    remedy = "Give an id such as pl-63a5400a"
    yield from checks.matches(
        f"{option}.prefix_list_id", rule["prefix_list_id"], r"pl-[0-9a-f]+", "is not a prefix list's id", remedy
    )


def _range(option: str, cidr: str | None, kind: type[IPv4Network | IPv6Network], example: str) -> Iterable[Fault]:
    if cidr is None:
        return
    try:
        network = kind(cidr, strict=False)
    except ValueError as error:
        yield Fault(option, cidr, f"is not a range of addresses ({error})", f"Write it like {example}")
        return
    if "/" not in cidr or int(network.network_address) != int(kind(cidr.partition("/")[0]).network_address):
        yield Fault(option, cidr, "has bits set outside its prefix, or no prefix", f"Write {network}")


def _ports(option: str, rule: Mapping[str, Any]) -> Iterable[Fault]:
    protocol, port, first, last = (rule[name] for name in ("protocol", "port", "from_port", "to_port"))
    if protocol == "all":
        told = [value for value in (port, first, last) if value is not None]
        if told:
            yield Fault(option, told[0], "is a port, and protocol is all", "Leave it out, or give a protocol")
        return
    if port is not None and (first, last) != (None, None):
        yield Fault(
            f"{option}.port", port, "is given besides from_port or to_port", "Give the one, or both of the others"
        )
    elif (first is None) != (last is None):
        yield Fault(option, rule, "has only one end of a range", "Give from_port and to_port, or port")
    elif protocol in ("tcp", "udp") and port is None and first is None:
        yield Fault(option, rule["protocol"], "needs a port", "Give port, or from_port and to_port")
    low, high = (-1, 255) if protocol == "icmp" else (0, 65535)
    for name, value in (("port", port), ("from_port", first), ("to_port", last)):
        yield from checks.between(f"{option}.{name}", value, low, high)
    if protocol != "icmp" and first is not None and last is not None and first > last:
        yield Fault(f"{option}.from_port", first, f"is larger than to_port ({last})", "Give the smaller one first")


def _rule_description(option: str, rule: Mapping[str, Any]) -> Iterable[Fault]:
    cause = "is not a description that AWS takes"
    yield from checks.matches(f"{option}.description", rule["description"], TEXT + "{0,255}", cause, TEXT_REMEDY)
