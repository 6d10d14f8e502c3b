# Copyright: ha_stack.aws contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

"""VPC endpoints: how subnets without a way out reach AWS's services.

Source: https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateVpcEndpoint.html
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from ansible_collections.ha_stack.aws.plugins.module_utils._model import policy, structure, tags
from ansible_collections.ha_stack.aws.plugins.module_utils._model.errors import StackError
from ansible_collections.ha_stack.aws.plugins.module_utils._model.network import OWNER, marked
from ansible_collections.ha_stack.aws.plugins.module_utils._model.structure import (
    Structure,
    spec,
    switch,
    text,
)
from ansible_collections.ha_stack.aws.plugins.module_utils._model.values import (
    KNOWN_AFTER_APPLY,
    UNSET,
    Model,
    children,
    given,
    hidden,
    identity,
)

GATEWAY, INTERFACE = "gateway", "interface"
GATEWAYS = ("s3", "dynamodb", "s3express")  # the services that have gateway endpoints
# As AWS names its own services, cn.com. in China; aws. begins some newer ones.
WHOLE = re.compile(r"(cn\.com|com|aws)\..+")
LIVE = ("pending", "available", "pendingacceptance", "partial")
LOST = ("failed", "rejected", "expired")
GOING = "deleting"
# What AWS attaches where no policy is given.
FULL_ACCESS: Mapping[str, Any] = {
    "Version": policy.OLDEST,
    "Statement": [{"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*"}],
}

# How addresses and names are of an endpoint, and of the names of an interface.
ADDRESSES: Structure = {"ip_address_type": text("IpAddressType", "ipv4", "dualstack", "ipv6")}
NAMES: Structure = {
    "dns_record_ip_type": text("DnsRecordIpType", "ipv4", "dualstack", "ipv6", "service-defined"),
    "private_dns_only_for_inbound_resolver": switch("PrivateDnsOnlyForInboundResolverEndpoint"),
}

LISTED = {"type": "list", "elements": "str"}
OPTIONS: dict[str, Any] = {
    "name": {"required": True},
    "vpc_id": {},
    "endpoints": {
        "type": "list",
        "elements": "dict",
        "options": {
            "service": {"required": True},
            "type": {"choices": [GATEWAY, INTERFACE]},
            "tiers": LISTED,
            "route_table_ids": LISTED,
            "subnet_ids": LISTED,
            "security_groups": LISTED,
            "private_dns": {"type": "bool"},
            **spec(NAMES),
            **spec(ADDRESSES),
            "policy": {"type": "json"},
            "tags": {"type": "dict"},
        },
    },
    "security_groups": LISTED,
    "route_table_ids": {"type": "dict"},
    "subnet_ids": {"type": "dict"},
    "security_group_ids": {"type": "dict"},
    **tags.TAG_OPTIONS,
}


@dataclass(frozen=True)
class VpcEndpoint(Model):
    """Of a gateway the route tables that lead to it are told, of an interface the subnets and groups it has.

    ``after`` are the ids of those that have to be gone before a wanted one can be made.
    """

    type: str
    route_table_ids: Any = UNSET
    subnet_ids: Any = UNSET
    security_group_ids: Any = UNSET
    private_dns: Any = UNSET
    dns_record_ip_type: Any = UNSET
    private_dns_only_for_inbound_resolver: Any = UNSET
    ip_address_type: Any = UNSET
    policy: Any = UNSET
    tags: Any = UNSET
    service: str = identity(default="")
    id: str = identity()
    state: str = identity(default="pending")
    dns_names: tuple[str, ...] = identity(default=())
    failure: str = hidden(default="")
    own: bool = hidden(default=True)
    after: tuple[str, ...] = hidden(default=())

    @property
    def key(self) -> tuple[str, str]:
        return self.service, self.type

    @property
    def label(self) -> str:
        """S3 may have both."""
        return self.service if self.type == default_type(self.service) else f"{self.service} {self.type}"


@dataclass(frozen=True)
class VpcEndpoints(Model):
    """``endpoints`` as found has those of others in the VPC too. ``wanted`` are the keys that should be seen."""

    name: str
    endpoints: tuple[VpcEndpoint, ...] = children()
    wanted: tuple[tuple[str, str], ...] = hidden(default=())

    def owned(self) -> list[VpcEndpoint]:
        return [each for each in self.endpoints if each.own]

    def facts(self) -> dict[str, Any]:
        return {each.label: each.facts() for each in self.owned() if each.state in LIVE}


def default_type(service: str) -> str:
    return GATEWAY if service in GATEWAYS else INTERFACE


def type_of(endpoint: Mapping[str, Any]) -> str:
    """As given, or the one that the service has; of a whole name its last part tells."""
    service = str(endpoint["service"])
    return str(endpoint.get("type") or default_type(service.rpartition(".")[2] if WHOLE.match(service) else service))


def from_params(params: Mapping[str, Any]) -> VpcEndpoints:
    endpoints = () if params["state"] == "absent" else tuple(_endpoint(each, params) for each in params["endpoints"])
    return VpcEndpoints(params["name"], endpoints, tuple(each.key for each in endpoints))


def _endpoint(each: Mapping[str, Any], params: Mapping[str, Any]) -> VpcEndpoint:
    kind = type_of(each)
    interface = kind == INTERFACE
    place: dict[str, Any] = {"subnet_ids" if interface else "route_table_ids": _place(each, params, interface)}
    groups = each.get("security_groups") or params["security_groups"] if interface else None
    return VpcEndpoint(
        service=each["service"],
        type=kind,
        **place,
        security_group_ids=UNSET if groups is None else _ids(_named(groups, params["security_group_ids"])),
        private_dns=given(each.get("private_dns")),
        **{option: given(each.get(option)) for option in (*NAMES, *ADDRESSES)},
        policy=_policy(each.get("policy")),
        tags=_tags(each, params),
    )


def _place(each: Mapping[str, Any], params: Mapping[str, Any], interface: bool) -> list[str]:
    """The subnets of an interface, the route tables of a gateway."""
    option = "subnet_ids" if interface else "route_table_ids"
    tiers = params[option] or {}
    return _ids([*(each.get(option) or ()), *(found for tier in each.get("tiers") or () for found in tiers[tier])])


def _named(groups: Iterable[str], ids: Mapping[str, str] | None) -> list[str]:
    return [(ids or {}).get(group, group) for group in groups]


def _ids(found: Iterable[str]) -> list[str]:
    """In AWS's place for a set. What is not known yet is as many as there are."""
    listed = list(found)
    return sorted(each for i, each in enumerate(listed) if each == KNOWN_AFTER_APPLY or each not in listed[:i])


def _policy(written: Any) -> Any:
    """An empty one stands for AWS's own."""
    if written is None:
        return UNSET
    return dict(FULL_ACCESS) if cleared(written) else policy.document(written)


def cleared(written: Any) -> bool:
    return isinstance(written, str) and written.strip() in ("", "{}")


def _tags(each: Mapping[str, Any], params: Mapping[str, Any]) -> dict[str, str]:
    chosen = {**(tags.from_params(params["tags"]) or {}), **(tags.from_params(each.get("tags")) or {})}
    return marked(params["name"], (each["service"],), chosen)


def short(service: str, region: str) -> str:
    """com.amazonaws.us-east-1.ecr.api is ecr.api in its own region."""
    return service.removeprefix(_prefix(region))


def whole(service: str, region: str) -> str:
    return service if WHOLE.match(service) else _prefix(region) + service


def _prefix(region: str) -> str:
    return f"com.amazonaws.{region}."


def resolved(want: VpcEndpoints, region: str) -> VpcEndpoints:
    """``want`` with services by their short names, which also name what is made for them."""
    endpoints = tuple(_shortened(each, want.name, region) for each in want.endpoints)
    return replace(want, endpoints=endpoints, wanted=tuple(each.key for each in endpoints))


def _shortened(endpoint: VpcEndpoint, name: str, region: str) -> VpcEndpoint:
    service = short(endpoint.service, region)
    return replace(endpoint, service=service, tags={**endpoint.tags, "Name": f"{name}-{service}"})


def from_api(want: VpcEndpoints, found: Sequence[Mapping[str, Any]], region: str) -> VpcEndpoints:
    """From the VpcEndpoints of DescribeVpcEndpoints. Those that are gone stay listed for a while."""
    endpoints = (_found(want.name, each, region) for each in found)
    seen = tuple(sorted((each for each in endpoints if each.state != "deleted"), key=lambda each: (each.key, each.id)))
    return replace(want, endpoints=seen)


def _found(name: str, each: Mapping[str, Any], region: str) -> VpcEndpoint:
    """The API's model writes states with a capital, its answers without."""
    kind, own_tags = str(each.get("VpcEndpointType", "Gateway")).lower(), tags.from_api(each.get("Tags"))
    interface = kind == INTERFACE
    error: Mapping[str, str] = each.get("LastError") or {}
    shown = {
        **structure.from_api(ADDRESSES, each),
        **(structure.from_api(NAMES, each.get("DnsOptions") or {}) if interface else {}),
    }
    return VpcEndpoint(
        type=kind,
        route_table_ids=UNSET if interface else sorted(each.get("RouteTableIds", ())),
        subnet_ids=sorted(each.get("SubnetIds", ())) if interface else UNSET,
        security_group_ids=sorted(group["GroupId"] for group in each.get("Groups", ())) if interface else UNSET,
        private_dns=bool(each.get("PrivateDnsEnabled")) if interface else UNSET,
        **shown,
        policy=json.loads(each["PolicyDocument"]) if each.get("PolicyDocument") else dict(FULL_ACCESS),
        tags=own_tags,
        service=short(each.get("ServiceName", ""), region),
        id=each["VpcEndpointId"],
        state=each["State"].lower(),
        dns_names=tuple(entry["DnsName"] for entry in each.get("DnsEntries", ()) if entry.get("DnsName")),
        failure=each.get("FailureReason") or ": ".join(error[key] for key in ("Code", "Message") if error.get(key)),
        own=own_tags.get(OWNER) == name,
    )


def pending(seen: VpcEndpoints) -> str | None:
    """StackError for an endpoint that will never work."""
    own = seen.owned()
    unseen = [service for service, kind in seen.wanted if (service, kind) not in {each.key for each in own}]
    if unseen:
        return f"VPC endpoint {', '.join(unseen)} can't be seen yet"
    for each in own:
        if each.state in LOST and not _served(each, own):
            raise StackError(
                f"VPC endpoint {each.label}: {each.id} is {each.state}: {each.failure or 'AWS gives no reason'}. "
                "Mend the cause and run the same command again: it replaces the endpoint."
            )
    return _told(each for each in own if each.state in ("pending", "pendingacceptance", GOING))


def _served(lost: VpcEndpoint, own: Iterable[VpcEndpoint]) -> bool:
    return any(each.key == lost.key and each.state in LIVE for each in own)


def remaining(seen: VpcEndpoints) -> str:
    return _told(seen.owned()) or "it is still there"


def _told(endpoints: Iterable[VpcEndpoint]) -> str | None:
    return ", ".join(f"VPC endpoint {each.label} ({each.id}) is {each.state}" for each in endpoints) or None
