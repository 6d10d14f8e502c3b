# Copyright: ha_stack.aws contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

"""A network: a VPC with the subnets of its tiers over several Availability Zones, and their ways out.

Source: https://docs.aws.amazon.com/AWSEC2/latest/APIReference/ (CreateVpc, CreateSubnet, CreateNatGateway, ...)
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from ipaddress import IPv4Network
from typing import Any

from ansible_collections.ha_stack.aws.plugins.module_utils._model import flow_log, tags
from ansible_collections.ha_stack.aws.plugins.module_utils._model.addressing import choices, place
from ansible_collections.ha_stack.aws.plugins.module_utils._model.errors import StackError
from ansible_collections.ha_stack.aws.plugins.module_utils._model.flow_log import FlowLog
from ansible_collections.ha_stack.aws.plugins.module_utils._model.values import (
    KNOWN_AFTER_APPLY,
    UNSET,
    Model,
    Unset,
    children,
    given,
    hidden,
    identity,
)

# The tags by which a network knows its own. EC2 lets no tag begin with aws:, any other prefix is free.
OWNER, TIER, ZONE = "ha_stack:network", "ha_stack:tier", "ha_stack:zone"
ANYWHERE = "0.0.0.0/0"
LIVE = ("pending", "available")  # a NAT gateway that works, or will

# What tiers is when it isn't given. Not in OPTIONS, since Ansible writes into a default that has options of its own.
TIERS: tuple[Mapping[str, Any], ...] = (
    {"name": "public", "route": "internet"},
    {"name": "app", "route": "nat"},
    {"name": "database", "route": "none"},
)

OPTIONS: dict[str, Any] = {
    "name": {"required": True},
    "cidr": {"default": "10.0.0.0/16"},
    "availability_zones": {"type": "list", "elements": "str"},
    "tiers": {
        "type": "list",
        "elements": "dict",
        "options": {
            "name": {"required": True},
            "route": {"required": True, "choices": ["internet", "nat", "none"]},
            "cidrs": {"type": "list", "elements": "str"},
            "tags": {"type": "dict"},
        },
    },
    "nat_gateways": {"choices": ["single", "per_az", "none"], "default": "single"},
    "enable_dns_support": {"type": "bool"},
    "enable_dns_hostnames": {"type": "bool", "default": True},
    "map_public_ip_on_launch": {"type": "bool", "default": False},
    "flow_log": {"type": "dict", "options": flow_log.OPTIONS},
    **tags.TAG_OPTIONS,
}


@dataclass(frozen=True)
class Vpc(Model):
    cidr: str
    enable_dns_support: bool | Unset
    enable_dns_hostnames: bool | Unset
    tags: Mapping[str, str]
    id: str = identity()
    state: str = identity(default="available")


@dataclass(frozen=True)
class InternetGateway(Model):
    attached: bool
    tags: Mapping[str, str]
    id: str = identity()
    own: bool = identity(default=True)


@dataclass(frozen=True)
class Subnet(Model):
    """A subnet of a tier in a zone; ``route_table_id`` is None where the VPC's main route table holds.

    Of a wanted one, ``choices`` are the CIDRs it may have, ``table`` the (tier, zone) of its route table, and ``route``
    where that leads. Of one that goes, ``staying`` are the ids of those that don't.
    """

    zone: str
    cidr: str
    map_public_ip_on_launch: bool
    route_table_id: str | None
    tags: Mapping[str, str]
    tier: str = identity(default="")
    id: str = identity()
    own: bool = identity(default=True)
    choices: tuple[str, ...] = hidden(default=())
    route: str = hidden(default="none")
    table: tuple[str, str | None] = hidden(default=("", None))
    association_id: str | None = hidden(default=None)
    staying: tuple[str, ...] = hidden(default=())

    @property
    def label(self) -> str:
        return f"{self.tier} {self.zone}".strip()


@dataclass(frozen=True)
class RouteTable(Model):
    """``route`` says in the tiers' words where 0.0.0.0/0 leads, ``target`` what leads there; None for nowhere.

    ``zone`` is None for a table of a whole tier, ``nat_subnet`` the CIDR where the wanted NAT gateway stands.
    """

    route: str
    target: str | None
    tags: Mapping[str, str]
    tier: str = identity(default="")
    zone: str | None = identity(default=None)
    id: str = identity()
    nat_subnet: str | None = hidden(default=None)

    @property
    def key(self) -> tuple[str, str | None]:
        return self.tier, self.zone

    @property
    def label(self) -> str:
        return table_label(self.key) or self.id


@dataclass(frozen=True)
class Address(Model):
    """An Elastic IP for the NAT gateway of ``zone``."""

    tags: Mapping[str, str]
    zone: str = identity(default="")
    id: str = identity()
    public_ip: str = identity()


@dataclass(frozen=True)
class NatGateway(Model):
    """``subnet`` is the CIDR of the subnet it stands in."""

    subnet: str
    tags: Mapping[str, str]
    zone: str = identity(default="")
    id: str = identity()
    subnet_id: str = identity()
    state: str = identity(default="pending")
    public_ip: str = identity()
    allocation_id: str = identity()
    failure: str = identity(default="")
    own: bool = identity(default=True)


@dataclass(frozen=True)
class Network(Model):
    """``zones`` and ``tiers`` are those that are wanted, in their order. Without ``vpc`` it is what is left of one.

    ``flow_logs`` are all that the VPC has, others' too; ``flow_log`` is the network's own, UNSET where it is let alone.
    """

    name: str
    vpc: Vpc | None = children(default=None)
    internet_gateway: InternetGateway | None = children(default=None)
    subnets: tuple[Subnet, ...] = children()
    route_tables: tuple[RouteTable, ...] = children()
    nat_gateways: tuple[NatGateway, ...] = children()
    addresses: tuple[Address, ...] = children()
    zones: tuple[str, ...] = hidden(default=())
    tiers: tuple[str, ...] = hidden(default=())
    single_nat: bool = hidden(default=False)
    flow_log: FlowLog | Unset | None = children(default=UNSET)
    flow_logs: tuple[FlowLog, ...] = hidden(default=())

    def own_subnets(self) -> list[Subnet]:
        return [subnet for subnet in self.subnets if subnet.own]

    def facts(self) -> dict[str, Any]:
        gateway = self.internet_gateway
        return {
            "name": self.name,
            "vpc_id": self.vpc.id if self.vpc else None,
            "cidr": self.vpc.cidr if self.vpc else None,
            "enable_dns_support": self._told("enable_dns_support"),
            "enable_dns_hostnames": self._told("enable_dns_hostnames"),
            "tags": dict(self.vpc.tags) if self.vpc else {},
            "internet_gateway_id": gateway.id if gateway and gateway.attached else None,
            "subnets": [_subnet_facts(subnet) for subnet in self.own_subnets()],
            "subnet_ids": self._by_tier(self.own_subnets()),
            "route_table_ids": self._by_tier(self.route_tables),
            "nat_gateways": [_nat_facts(nat) for nat in self.nat_gateways if nat.own and nat.state in LIVE],
            "route_tables": [
                {"id": table.id, "tier": table.tier, "zone": table.zone, "route": table.route, "target": table.target}
                for table in self.route_tables
            ],
            "flow_log": self.flow_log.facts() if isinstance(self.flow_log, FlowLog) else None,
        }

    def _told(self, attribute: str) -> bool | None:
        """Null where the VPC's attribute was not read."""
        value = getattr(self.vpc, attribute, UNSET)
        return None if value is UNSET else value

    def _by_tier(self, children: Iterable[Subnet | RouteTable]) -> dict[str, list[str]]:
        ids: dict[str, list[str]] = {}
        for child in children:
            ids.setdefault(child.tier, []).append(child.id)
        return ids


def _subnet_facts(subnet: Subnet) -> dict[str, Any]:
    return {
        "id": subnet.id,
        "name": subnet.tags.get("Name"),
        "tier": subnet.tier,
        "zone": subnet.zone,
        "cidr": subnet.cidr,
        "route_table_id": subnet.route_table_id,
    }


def _nat_facts(nat: NatGateway) -> dict[str, Any]:
    return {
        "id": nat.id,
        "zone": nat.zone,
        "subnet_id": nat.subnet_id,
        "public_ip": nat.public_ip,
        "allocation_id": nat.allocation_id,
    }


def table_label(key: tuple[str, str | None]) -> str:
    return " ".join(part for part in key if part)


def tiers_of(params: Mapping[str, Any]) -> Sequence[Mapping[str, Any]]:
    return TIERS if params["tiers"] is None else params["tiers"]


def from_params(params: Mapping[str, Any]) -> Network:
    """The network as it would be on empty ground; planning fits it to what is there."""
    name, zones = params["name"], tuple(params["availability_zones"] or ())
    if params["state"] == "absent":
        return Network(name=name)
    tiers = tiers_of(params)
    entry = next((tier["name"] for tier in tiers if tier["route"] == "internet"), None)
    per_zone = params["nat_gateways"] == "per_az"
    translated = any(tier["route"] == "nat" for tier in tiers)
    own_tags = tags.from_params(params["tags"]) or {}
    return Network(
        name=name,
        zones=zones,
        tiers=tuple(tier["name"] for tier in tiers),
        single_nat=params["nat_gateways"] == "single",
        vpc=Vpc(
            cidr=params["cidr"],
            enable_dns_support=given(params["enable_dns_support"]),
            enable_dns_hostnames=params["enable_dns_hostnames"],
            tags=marked(name, (), own_tags),
        ),
        internet_gateway=InternetGateway(attached=True, tags=marked(name, (), own_tags)) if entry else None,
        subnets=_wanted_subnets(params, own_tags, per_zone),
        route_tables=tuple(_wanted_tables(params, own_tags, per_zone)),
        nat_gateways=tuple(_wanted_nats(name, own_tags, zones)) if translated else (),
        addresses=tuple(_wanted_addresses(name, own_tags, zones)) if translated else (),
        flow_log=flow_log.from_params(params["flow_log"], marked(name, (), own_tags)),
    )


def marked(name: str, parts: Sequence[str], given: Mapping[str, str], **own: str | None) -> dict[str, str]:
    """A resource's tags: what was given, its Name, and what tells that it is of network ``name``."""
    known = {TIER: own.get("tier"), ZONE: own.get("zone")}
    return {
        **given,
        "Name": "-".join((name, *parts)),
        OWNER: name,
        **{key: value for key, value in known.items() if value},
    }


def ranges(params: Mapping[str, Any]) -> dict[tuple[str, str], tuple[str, ...]]:
    """The CIDRs that each subnet, by tier and zone, may have."""
    tiers, zones = tiers_of(params), params["availability_zones"]
    derived: Mapping[tuple[int, int], tuple[str, ...]] = {}
    if not all(tier.get("cidrs") for tier in tiers):
        derived = choices(IPv4Network(params["cidr"]), len(tiers), len(zones))
    return {
        (tier["name"], zone): (tier["cidrs"][j],) if tier.get("cidrs") else derived[i, j]
        for i, tier in enumerate(tiers)
        for j, zone in enumerate(zones)
    }


def _wanted_subnets(params: Mapping[str, Any], given: Mapping[str, str], per_zone: bool) -> tuple[Subnet, ...]:
    name, wants = params["name"], ranges(params)
    placed = place(wants, ())
    return tuple(
        Subnet(
            zone=zone,
            cidr=placed[tier["name"], zone],
            map_public_ip_on_launch=tier["route"] == "internet" and params["map_public_ip_on_launch"],
            route_table_id=KNOWN_AFTER_APPLY,
            tags=marked(name, (tier["name"], zone), _tier_tags(tier, given), tier=tier["name"]),
            tier=tier["name"],
            choices=wants[tier["name"], zone],
            route=tier["route"],
            table=(tier["name"], zone if per_zone and tier["route"] == "nat" else None),
        )
        for tier in tiers_of(params)
        for zone in params["availability_zones"]
    )


def _tier_tags(tier: Mapping[str, Any], given: Mapping[str, str]) -> dict[str, str]:
    return {**given, **(tags.from_params(tier.get("tags")) or {})}


def _wanted_tables(params: Mapping[str, Any], given: Mapping[str, str], per_zone: bool) -> Iterable[RouteTable]:
    name = params["name"]
    for tier in tiers_of(params):
        zones: Sequence[str | None] = params["availability_zones"] if per_zone and tier["route"] == "nat" else [None]
        for zone in zones:
            parts = [part for part in (tier["name"], zone) if part]
            yield RouteTable(
                route=tier["route"],
                target=None if tier["route"] == "none" else KNOWN_AFTER_APPLY,
                tags=marked(name, parts, _tier_tags(tier, given), tier=tier["name"], zone=zone),
                tier=tier["name"],
                zone=zone,
            )


def _wanted_nats(name: str, given: Mapping[str, str], zones: Sequence[str]) -> Iterable[NatGateway]:
    """One a zone; planning takes one of them where a single one is wanted, and gives each its subnet."""
    for zone in zones:
        yield NatGateway(subnet="", tags=marked(name, ("nat", zone), given, zone=zone), zone=zone)


def _wanted_addresses(name: str, given: Mapping[str, str], zones: Sequence[str]) -> Iterable[Address]:
    for zone in zones:
        yield Address(tags=marked(name, ("nat", zone), given, zone=zone), zone=zone)


@dataclass(frozen=True)
class Found:
    """What the describe calls returned, as they returned it."""

    vpc: Mapping[str, Any] | None = None
    attributes: Mapping[str, bool] | None = None
    subnets: Sequence[Mapping[str, Any]] = ()
    route_tables: Sequence[Mapping[str, Any]] = ()
    nat_gateways: Sequence[Mapping[str, Any]] = ()
    internet_gateways: Sequence[Mapping[str, Any]] = ()
    addresses: Sequence[Mapping[str, Any]] = ()
    flow_logs: Sequence[Mapping[str, Any]] = ()


def from_api(want: Network, found: Found) -> Network:
    """What is there, ordered as ``want`` orders its tiers and zones.

    Left out are route tables that are not its own, and private NAT gateways: these lead to other networks only.
    """
    name = want.name
    associations = _associations(found.route_tables)
    subnets = sorted((_subnet(name, each, associations) for each in found.subnets), key=lambda s: _order(want, s))
    by_id = {subnet.id: subnet for subnet in subnets}
    public = {each["AllocationId"]: each["PublicIp"] for each in found.addresses}
    leading_out = [each for each in found.nat_gateways if each.get("ConnectivityType") != "private"]
    nats = [_nat(name, each, by_id, public) for each in leading_out]
    tables = [_table(each) for each in found.route_tables if _owned(name, each)]
    flow_logs = tuple(flow_log.from_api(each, _owned(name, each)) for each in found.flow_logs)
    return replace(
        want,
        single_nat=False,
        vpc=_vpc(found.vpc, found.attributes or {}) if found.vpc else None,
        internet_gateway=_internet_gateway(name, found),
        subnets=tuple(subnets),
        route_tables=tuple(sorted(tables, key=lambda table: _order(want, table))),
        nat_gateways=tuple(sorted(nats, key=lambda nat: (_rank(nat.zone, want.zones), nat.id))),
        addresses=tuple(_address(each) for each in found.addresses if _at_hand(each, nats)),
        flow_log=_own_flow_log(want.flow_log, flow_logs),
        flow_logs=flow_logs,
    )


def _own_flow_log(want: FlowLog | Unset | None, found: Sequence[FlowLog]) -> FlowLog | Unset | None:
    """The one that is as wanted, where there are several."""
    own = [each for each in found if each.own]
    as_wanted = flow_log.matching(want, own) if isinstance(want, FlowLog) else None
    return as_wanted or next(iter(own), None)


def _at_hand(address: Mapping[str, Any], nats: Iterable[NatGateway]) -> bool:
    """An Elastic IP that something else than the network's NAT gateways has is no longer the network's."""
    return not address.get("AssociationId") or address["AllocationId"] in {nat.allocation_id for nat in nats}


def _owned(name: str, each: Mapping[str, Any]) -> bool:
    return tags.from_api(each.get("Tags")).get(OWNER) == name


def _rank(value: str | None, order: Sequence[str]) -> tuple[int, str]:
    return (order.index(value) if value in order else len(order), value or "")


def _order(want: Network, child: Subnet | RouteTable) -> Any:
    return _rank(child.tier, want.tiers), _rank(child.zone, want.zones), child.id


def _vpc(vpc: Mapping[str, Any], attributes: Mapping[str, bool]) -> Vpc:
    return Vpc(
        cidr=vpc["CidrBlock"],
        enable_dns_support=attributes.get("enable_dns_support", UNSET),
        enable_dns_hostnames=attributes.get("enable_dns_hostnames", UNSET),
        tags=tags.from_api(vpc.get("Tags")),
        id=vpc["VpcId"],
        state=vpc.get("State", "available"),
    )


def _internet_gateway(name: str, found: Found) -> InternetGateway | None:
    """The attached one; else one that was made for this network and not attached yet."""
    vpc_id = found.vpc["VpcId"] if found.vpc else None

    for gateway in found.internet_gateways:
        vpcs = [attachment["VpcId"] for attachment in gateway.get("Attachments", ())]
        if vpcs in ([], [vpc_id]):
            return InternetGateway(
                attached=bool(vpcs),
                tags=tags.from_api(gateway.get("Tags")),
                id=gateway["InternetGatewayId"],
                own=_owned(name, gateway),
            )
    return None


def _associations(tables: Iterable[Mapping[str, Any]]) -> dict[str, tuple[str, str]]:
    """Subnet -> (route table, association), for subnets with a route table of their own."""
    return {
        association["SubnetId"]: (table["RouteTableId"], association["RouteTableAssociationId"])
        for table in tables
        for association in table.get("Associations", ())
        if association.get("SubnetId")
    }


def _subnet(name: str, subnet: Mapping[str, Any], associations: Mapping[str, tuple[str, str]]) -> Subnet:
    subnet_tags = tags.from_api(subnet.get("Tags"))
    table_id, association_id = associations.get(subnet["SubnetId"], (None, None))
    own = _owned(name, subnet)
    return Subnet(
        zone=subnet["AvailabilityZone"],
        cidr=subnet["CidrBlock"],
        map_public_ip_on_launch=subnet["MapPublicIpOnLaunch"],
        route_table_id=table_id,
        tags=subnet_tags,
        tier=subnet_tags.get(TIER, "") if own else "",
        id=subnet["SubnetId"],
        own=own,
        association_id=association_id,
    )


# Members of a Route that may name its target. A route to an instance has both InstanceId and NetworkInterfaceId.
TARGETS = (
    "GatewayId",
    "NatGatewayId",
    "InstanceId",
    "NetworkInterfaceId",
    "TransitGatewayId",
    "VpcPeeringConnectionId",
    "LocalGatewayId",
    "CarrierGatewayId",
    "CoreNetworkArn",
)


def _table(table: Mapping[str, Any]) -> RouteTable:
    table_tags = tags.from_api(table.get("Tags"))
    routes = table.get("Routes", ())
    default: Mapping[str, Any] = next((r for r in routes if r.get("DestinationCidrBlock") == ANYWHERE), {})
    target = next((default[member] for member in TARGETS if default.get(member)), None)
    return RouteTable(
        route=_way(target),
        target=target,
        tags=table_tags,
        tier=table_tags.get(TIER, ""),
        zone=table_tags.get(ZONE),
        id=table["RouteTableId"],
    )


def _way(target: str | None) -> str:
    if target is None:
        return "none"
    return {"igw": "internet", "nat": "nat"}.get(target.partition("-")[0], "elsewhere")


def _nat(name: str, nat: Mapping[str, Any], subnets: Mapping[str, Subnet], public: Mapping[str, str]) -> NatGateway:
    """A NAT gateway that serves a whole region stands in no subnet.

    ``public`` has the Elastic IPs by allocation: a NAT gateway is told its own some moments after it is available.
    """
    addresses = nat.get("NatGatewayAddresses", ())
    address: Mapping[str, Any] = next((each for each in addresses if each.get("IsPrimary", True)), {})
    allocation_id = address.get("AllocationId", "")
    subnet = subnets.get(nat.get("SubnetId", ""))
    return NatGateway(
        subnet=subnet.cidr if subnet else "",
        tags=tags.from_api(nat.get("Tags")),
        zone=subnet.zone if subnet else "",
        id=nat["NatGatewayId"],
        subnet_id=nat.get("SubnetId", ""),
        state=nat["State"],
        public_ip=address.get("PublicIp") or public.get(allocation_id, ""),
        allocation_id=allocation_id,
        failure=": ".join(nat[member] for member in ("FailureCode", "FailureMessage") if nat.get(member)),
        own=_owned(name, nat),
    )


def _address(address: Mapping[str, Any]) -> Address:
    address_tags = tags.from_api(address.get("Tags"))
    return Address(
        tags=address_tags,
        zone=address_tags.get(ZONE, ""),
        id=address["AllocationId"],
        public_ip=address["PublicIp"],
    )


def pending(network: Network) -> str | None:
    """StackError for a NAT gateway that failed."""
    if network.vpc is None or network.vpc.state != "available":
        return "its VPC can't be seen yet" if network.vpc is None else f"its VPC is {network.vpc.state}"
    seen = {(subnet.tier, subnet.zone) for subnet in network.own_subnets()}
    unseen = [f"{tier} {zone}" for tier in network.tiers for zone in network.zones if (tier, zone) not in seen]
    if unseen:
        return f"subnet {unseen[0]} can't be seen yet"
    return _pending_nats([nat for nat in network.nat_gateways if nat.own])


def _pending_nats(nats: Sequence[NatGateway]) -> str | None:
    served = {nat.subnet for nat in nats if nat.state in LIVE}
    for nat in nats:
        if nat.state == "failed" and nat.subnet not in served:
            raise nat_failure(f"{nat.id} of {nat.zone}", nat.failure)
    waiting = [f"NAT gateway {nat.id} of {nat.zone} is {nat.state}" for nat in nats if nat.state == "pending"]
    return ", ".join(waiting) or None


def nat_failure(which: str, failure: str) -> StackError:
    """Codes: InsufficientFreeAddressesInSubnet, Gateway.NotAttached, Resource.AlreadyAssociated, InternalError, ..."""
    return StackError(
        f"NAT gateway {which}: it failed: {failure or 'AWS gives no reason'}. "
        "Mend the cause and run the same command again: it replaces the failed NAT gateway."
    )


def remaining(network: Network) -> str:
    """What is left of a network that is being deleted."""
    parts = [
        f"VPC {network.vpc.id}" if network.vpc else "",
        f"internet gateway {network.internet_gateway.id}" if network.internet_gateway else "",
        *(f"Elastic IP {address.public_ip}" for address in network.addresses),
    ]
    return ", ".join(part for part in parts if part) + " still there"
