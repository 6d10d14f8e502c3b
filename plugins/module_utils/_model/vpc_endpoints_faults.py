# Copyright: ha_stack.aws contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

"""What can't be right about the options of VPC endpoints.

Source: https://docs.aws.amazon.com/vpc/latest/privatelink/ (gateway endpoints, interface endpoints)
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from ansible_collections.ha_stack.aws.plugins.module_utils._model import checks, policy
from ansible_collections.ha_stack.aws.plugins.module_utils._model.checks import Faults
from ansible_collections.ha_stack.aws.plugins.module_utils._model.errors import Fault
from ansible_collections.ha_stack.aws.plugins.module_utils._model.network_faults import network_name, own_tags
from ansible_collections.ha_stack.aws.plugins.module_utils._model.vpc_endpoints import (
    GATEWAY,
    GATEWAYS,
    INTERFACE,
    NAMES,
    WHOLE,
    cleared,
    type_of,
)

SERVICE = r"[a-z0-9][A-Za-z0-9._-]{0,127}"
# What the one type has, and the other not.
ONLY = {INTERFACE: ("subnet_ids", "security_groups", "private_dns", *NAMES), GATEWAY: ("route_table_ids",)}
PLACE = {INTERFACE: "subnet_ids", GATEWAY: "route_table_ids"}


def faults(params: Mapping[str, Any]) -> Faults:
    name = network_name(params["name"])
    vpc = checks.identifier("vpc_id", params["vpc_id"], "vpc", "VPC")
    if params["state"] == "absent":
        return (*name, *vpc)
    found = [*name, *vpc, *checks.required(params, "present", ("vpc_id", "endpoints"))]
    found += [*own_tags("tags", params["tags"]), *_groups("security_groups", params["security_groups"], params)]
    seen: list[tuple[str, str]] = []
    for i, endpoint in enumerate(params["endpoints"] or ()):
        found += _endpoint(f"endpoints[{i}]", endpoint, params, seen)
        seen.append((endpoint["service"], type_of(endpoint)))
    return tuple(found)


def _endpoint(
    option: str, endpoint: Mapping[str, Any], params: Mapping[str, Any], others: list[tuple[str, str]]
) -> Iterable[Fault]:
    service, kind = endpoint["service"], type_of(endpoint)
    remedy = "Write it like s3, ecr.api or com.amazonaws.us-east-1.ecr.api"
    yield from checks.matches(f"{option}.service", service, SERVICE, "is not the name of a service", remedy)
    if (service, kind) in others:
        yield Fault(f"{option}.service", service, f"has two {kind} endpoints", "List a service once of each type")
    if kind == GATEWAY and service not in GATEWAYS and not WHOLE.match(service):
        remedy = f"Leave type out; gateways lead to {', '.join(GATEWAYS)}"
        yield Fault(f"{option}.type", kind, f"is not what {service} has", remedy)
    for other, names in ONLY.items():
        for name in names if other != kind else ():
            if endpoint.get(name) is not None:
                yield Fault(
                    f"{option}.{name}", endpoint[name], f"is nothing that a {kind} endpoint has", "Leave it out"
                )
    yield from _place(option, endpoint, params, kind)
    yield from _groups(f"{option}.security_groups", endpoint.get("security_groups"), params)
    if not cleared(endpoint.get("policy")):
        yield from policy.faults(f"{option}.policy", endpoint.get("policy"))
    yield from own_tags(f"{option}.tags", endpoint.get("tags"))


def _place(option: str, endpoint: Mapping[str, Any], params: Mapping[str, Any], kind: str) -> Iterable[Fault]:
    """AWS has one subnet of an endpoint in a zone, and two tiers have each zone in common."""
    tiers, ids = endpoint.get("tiers"), endpoint.get(PLACE[kind])
    known = params[PLACE[kind]] or {}
    if not tiers and not ids:
        remedy = f"Give tiers or {PLACE[kind]}"
        yield Fault(f"{option}.{PLACE[kind]}", ids, "leaves the endpoint without anyone to serve", remedy)
    for tier in tiers or ():
        if tier not in known:
            cause = f"is not a tier that {PLACE[kind]} has"
            yield Fault(f"{option}.tiers", tier, cause, f"Give one of {', '.join(known)}" if known else "Give that too")
    if kind == INTERFACE and len(tiers or ()) > 1:
        yield Fault(f"{option}.tiers", tiers, "is more than one subnet a zone", "Give one: it serves all of the VPC")


def _groups(option: str, groups: list[str] | None, params: Mapping[str, Any]) -> Iterable[Fault]:
    """An id, or a name that has one."""
    known = params["security_group_ids"] or {}
    for group in groups or ():
        if group not in known:
            remedy = "Give an id such as sg-0123456789abcdef0, or a name that security_group_ids has"
            yield from checks.matches(option, group, r"sg-[0-9a-f]+", "is not a security group", remedy)
