# Copyright: ha_stack.aws contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

"""The EC2 calls behind a network."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from ansible_collections.ha_stack.aws.plugins.module_utils._aws import flow_log
from ansible_collections.ha_stack.aws.plugins.module_utils._aws.ec2 import (
    User,
    delete_unused,
    interfaces,
    named,
    once_seen,
    pages,
    put_tags,
    tagged,
    where,
)
from ansible_collections.ha_stack.aws.plugins.module_utils._aws.errors import code, ignoring
from ansible_collections.ha_stack.aws.plugins.module_utils._aws.session import Operation, Session
from ansible_collections.ha_stack.aws.plugins.module_utils._model import tags
from ansible_collections.ha_stack.aws.plugins.module_utils._model.change import Change
from ansible_collections.ha_stack.aws.plugins.module_utils._model.errors import StackError
from ansible_collections.ha_stack.aws.plugins.module_utils._model.flow_log import FlowLog
from ansible_collections.ha_stack.aws.plugins.module_utils._model.network import (
    ANYWHERE,
    OWNER,
    Found,
    NatGateway,
    Network,
    RouteTable,
    Subnet,
    from_api,
    nat_failure,
    table_label,
)
from ansible_collections.ha_stack.aws.plugins.module_utils._model.values import UNSET, known

try:
    from botocore.exceptions import ClientError
except ImportError:  # AnsibleAWSModule says what to install
    ClientError = Exception

ATTRIBUTES = {"enable_dns_support": "EnableDnsSupport", "enable_dns_hostnames": "EnableDnsHostnames"}  # as answered
NO_VPC, NO_SUBNET, NO_TABLE = "InvalidVpcID.NotFound", "InvalidSubnetID.NotFound", "InvalidRouteTableID.NotFound"


# Reading


def read(session: Session, want: Network) -> Network | None:
    """Seven calls in two rounds; two where there is no VPC, and three to have none.

    One more where enable_dns_support is given, where flow_log is, where no internet gateway is attached, and where a
    zone has no subnet yet. StackError for a zone that the account hasn't.
    """
    vpcs, addresses = session.together(
        lambda: pages(session, "describe_vpcs", "Vpcs", Filters=[named("tag:Name", want.name)]),
        lambda: session.client("ec2").describe_addresses(Filters=_own(want))["Addresses"],
    )
    if len(vpcs) > 1:
        ids = " and ".join(vpc["VpcId"] for vpc in vpcs)
        raise StackError(f"VPC {want.name}: {ids} both have this Name. Rename one, or give the network another name.")
    found: dict[str, Any] = {}
    if vpcs:
        with ignoring(NO_VPC):  # a VPC stays listed for a moment after it is deleted
            found = _of_vpc(session, want, vpcs[0])
    # Without its VPC there is none, unless someone else deleted the VPC.
    if not found.get("internet_gateways") and (vpcs or session.params.get("state") == "absent"):
        found["internet_gateways"] = _internet_gateways(session, _own(want))
    seen = from_api(want, Found(addresses=addresses, **found))
    _refuse_unknown_zones(session, set(want.zones) - {subnet.zone for subnet in seen.subnets})
    return seen if seen.vpc or seen.addresses or seen.internet_gateway else None


def _refuse_unknown_zones(session: Session, zones: set[str]) -> None:
    if not zones:
        return
    found = session.client("ec2").describe_availability_zones()["AvailabilityZones"]
    offered = sorted(zone["ZoneName"] for zone in found)
    unknown = sorted(zones.difference(offered))
    if unknown:
        raise StackError(
            f"availability_zones: {', '.join(unknown)} is not offered to this account. "
            f"Choose from {', '.join(offered)}."
        )


def _own(want: Network) -> list[dict[str, Any]]:
    return [named(f"tag:{OWNER}", want.name)]


def _of_vpc(session: Session, want: Network, vpc: dict[str, Any]) -> dict[str, Any]:
    vpc_id = vpc["VpcId"]
    states = named("state", ["pending", "available", "failed", "deleting"])  # deleted ones stay listed for an hour
    in_vpc = where(vpc_id=vpc_id)
    asked = [option for option in ATTRIBUTES if want.vpc and getattr(want.vpc, option) is not UNSET]
    logged = want.flow_log is not UNSET or session.params.get("state") == "absent"
    subnets, tables, nats, gateways, flow_logs, *values = session.together(
        lambda: pages(session, "describe_subnets", "Subnets", Filters=in_vpc),
        lambda: pages(session, "describe_route_tables", "RouteTables", Filters=in_vpc),
        lambda: pages(session, "describe_nat_gateways", "NatGateways", Filter=[*in_vpc, states]),
        lambda: _internet_gateways(session, [named("attachment.vpc-id", vpc_id)]),
        lambda: flow_log.of_vpc(session, vpc_id) if logged else [],
        *(lambda option=option: _attribute(session, vpc_id, ATTRIBUTES[option]) for option in asked),
    )
    return {
        "vpc": vpc,
        "attributes": dict(zip(asked, values, strict=True)),
        "subnets": subnets,
        "route_tables": tables,
        "nat_gateways": nats,
        "internet_gateways": gateways,
        "flow_logs": flow_logs,
    }


def _internet_gateways(session: Session, filters: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return pages(session, "describe_internet_gateways", "InternetGateways", Filters=filters)


def _attribute(session: Session, vpc_id: str, member: str) -> bool:
    """It is asked for with a small letter in front."""
    attribute = member[0].lower() + member[1:]
    return bool(session.client("ec2").describe_vpc_attribute(VpcId=vpc_id, Attribute=attribute)[member]["Value"])


def ids(have: Network) -> dict[tuple[str, str], str]:
    """Subnets and NAT gateways by CIDR."""
    gateway = have.internet_gateway
    return {
        **({("VPC", have.name): have.vpc.id} if have.vpc else {}),
        **({("internet gateway", have.name): gateway.id} if gateway else {}),
        **{("subnet", subnet.cidr): subnet.id for subnet in have.subnets},
    }


def made(session: Session, expected: Network) -> Network | None:
    """``expected`` with the ids that AWS gave."""
    if not expected.vpc:
        return None
    ids = session.ids
    gateway = expected.internet_gateway
    return replace(
        expected,
        vpc=replace(expected.vpc, id=ids["VPC", expected.name]),
        internet_gateway=replace(gateway, id=ids["internet gateway", expected.name]) if gateway else None,
        subnets=tuple(
            replace(each, id=ids["subnet", each.cidr], route_table_id=ids["route table", table_label(each.table)])
            for each in expected.subnets
        ),
        route_tables=tuple(
            replace(each, id=ids["route table", each.label], target=ids.get(("default route", each.label)))
            for each in expected.route_tables
        ),
        nat_gateways=tuple(_made_nat(session, each) for each in expected.nat_gateways),
        flow_log=_made_flow_log(session, expected),
    )


def _made_flow_log(session: Session, expected: Network) -> FlowLog | None:
    logged = expected.flow_log
    return replace(logged, id=session.ids["flow log", expected.name]) if isinstance(logged, FlowLog) else None


def _made_nat(session: Session, nat: NatGateway) -> NatGateway:
    """It works where its routes were waited for."""
    address = session.answers["Elastic IP", nat.zone]
    return replace(
        nat,
        id=session.ids["NAT gateway", nat.subnet],
        subnet_id=session.ids["subnet", nat.subnet],
        state="pending" if session.left else "available",
        allocation_id=address["AllocationId"],
        public_ip=address["PublicIp"],
    )


def _id(session: Session, value: Any, kind: str, name: str) -> str:
    """``value`` where it was known when the plan was made, else the id of what this run has made since."""
    return str(value) if known(value) else session.ids[kind, name]


def _vpc_id(session: Session) -> str:
    return session.ids["VPC", session.params["name"]]


# VPC and internet gateway


def create_vpc(session: Session, change: Change) -> None:
    request = tagged("vpc", change.after["tags"])
    vpc_id = session.client("ec2").create_vpc(CidrBlock=change.after["cidr"], **request)["Vpc"]["VpcId"]
    session.ids["VPC", change.name] = vpc_id
    session.answers["VPC", change.name] = vpc_id
    _put_attributes(session, vpc_id, change)


def update_vpc(session: Session, change: Change) -> None:
    _put_attributes(session, change.have.id, change)
    put_tags(session, change.have.id, change)


def _put_attributes(session: Session, vpc_id: str, change: Change) -> None:
    """ModifyVpcAttribute takes one attribute a call. Host names need DNS support: that is on before, off after."""
    values = {option: change.after[option] for option in ATTRIBUTES if option in change.after}
    for option, value in sorted(
        values.items(), key=lambda item: item[0], reverse=change.want.enable_dns_support is True
    ):
        once_seen(
            lambda option=option, value=value: session.client("ec2").modify_vpc_attribute(
                VpcId=vpc_id, **{ATTRIBUTES[option]: {"Value": value}}
            ),
            NO_VPC,
        )


def delete_vpc(session: Session, change: Change) -> None:
    vpc_id = change.have.id
    with ignoring(NO_VPC):
        delete_unused(
            session,
            f"VPC {change.name}",
            lambda: session.client("ec2").delete_vpc(VpcId=vpc_id),
            lambda: _vpc_users(session, vpc_id),
        )


def _vpc_users(session: Session, vpc_id: str) -> list[User]:
    """The default security group, the main route table and the default network ACL go with their VPC."""
    in_vpc = where(vpc_id=vpc_id)
    groups = pages(session, "describe_security_groups", "SecurityGroups", Filters=in_vpc)
    subnets = pages(session, "describe_subnets", "Subnets", Filters=in_vpc)
    gateways = _internet_gateways(session, [named("attachment.vpc-id", vpc_id)])
    tables = pages(session, "describe_route_tables", "RouteTables", Filters=in_vpc)
    endpoints = pages(session, "describe_vpc_endpoints", "VpcEndpoints", Filters=in_vpc)
    texts = [
        *(
            f"security group {each['GroupName']} ({each['GroupId']})"
            for each in groups
            if each["GroupName"] != "default"
        ),
        *(f"subnet {each['SubnetId']}" for each in subnets),
        *(f"internet gateway {each['InternetGatewayId']}" for each in gateways),
        *(f"route table {each['RouteTableId']}" for each in tables if not _main(each)),
    ]
    return [*(User(text) for text in texts), *map(_endpoint, endpoints), *interfaces(session, vpc_id=vpc_id)]


def _endpoint(each: dict[str, Any]) -> User:
    return User(f"VPC endpoint {each['VpcEndpointId']} of {each['ServiceName']}", each["State"].lower() == "deleting")


def _main(table: dict[str, Any]) -> bool:
    return any(association.get("Main") for association in table.get("Associations", ()))


def create_internet_gateway(session: Session, change: Change) -> None:
    request = tagged("internet-gateway", change.after["tags"])
    made = session.client("ec2").create_internet_gateway(**request)["InternetGateway"]["InternetGatewayId"]
    session.ids["internet gateway", change.name] = made
    _attach(session, made)


def update_internet_gateway(session: Session, change: Change) -> None:
    if "attached" in change.after:
        _attach(session, change.have.id)
    put_tags(session, change.have.id, change)


def _attach(session: Session, gateway_id: str) -> None:
    once_seen(
        lambda: session.client("ec2").attach_internet_gateway(InternetGatewayId=gateway_id, VpcId=_vpc_id(session)),
        NO_VPC,
        "InvalidInternetGatewayID.NotFound",
    )


def delete_internet_gateway(session: Session, change: Change) -> None:
    """AWS refuses to detach while an interface of the VPC has a public address."""
    ec2, gateway_id = session.client("ec2"), change.have.id
    if change.have.attached:
        vpc_id = _vpc_id(session)
        with ignoring("Gateway.NotAttached", "InvalidInternetGatewayID.NotFound"):
            delete_unused(
                session,
                f"internet gateway {change.name}",
                lambda: ec2.detach_internet_gateway(InternetGatewayId=gateway_id, VpcId=vpc_id),
                lambda: interfaces(session, public=True, vpc_id=vpc_id),
            )
    with ignoring("InvalidInternetGatewayID.NotFound"):
        ec2.delete_internet_gateway(InternetGatewayId=gateway_id)


# Subnets and route tables


def create_subnet(session: Session, change: Change) -> None:
    want = change.want
    request = {"VpcId": _vpc_id(session), "CidrBlock": want.cidr, "AvailabilityZone": want.zone}
    request |= tagged("subnet", change.after["tags"])
    made = once_seen(lambda: session.client("ec2").create_subnet(**request), NO_VPC)["Subnet"]["SubnetId"]
    session.ids["subnet", want.cidr] = made
    if want.map_public_ip_on_launch:
        _map_public_ip(session, made, True)
    _associate(session, made, change)


def update_subnet(session: Session, change: Change) -> None:
    if "map_public_ip_on_launch" in change.after:
        _map_public_ip(session, change.have.id, change.want.map_public_ip_on_launch)
    if "route_table_id" in change.after:
        _associate(session, change.have.id, change)
    put_tags(session, change.have.id, change)


def _map_public_ip(session: Session, subnet_id: str, value: bool) -> None:
    once_seen(
        lambda: session.client("ec2").modify_subnet_attribute(SubnetId=subnet_id, MapPublicIpOnLaunch={"Value": value}),
        NO_SUBNET,
    )


def _associate(session: Session, subnet_id: str, change: Change) -> None:
    """Replacing an association leaves the subnet no moment without the one or the other route table."""
    ec2 = session.client("ec2")
    table_id = _id(session, change.want.route_table_id, "route table", table_label(change.want.table))
    association_id = change.have.association_id if change.have else None
    once_seen(
        lambda: (
            ec2.replace_route_table_association(AssociationId=association_id, RouteTableId=table_id)
            if association_id
            else ec2.associate_route_table(SubnetId=subnet_id, RouteTableId=table_id)
        ),
        NO_SUBNET,
        NO_TABLE,
    )


def delete_subnet(session: Session, change: Change) -> None:
    """Its association with a route table goes with it."""
    subnet_id = change.have.id
    with ignoring(NO_SUBNET):
        delete_unused(
            session,
            f"subnet {change.name}",
            lambda: session.client("ec2").delete_subnet(SubnetId=subnet_id),
            lambda: interfaces(
                session, leaves=lambda endpoint: _leaves(session, endpoint, change.have), subnet_id=subnet_id
            ),
        )


def _leaves(session: Session, endpoint: Mapping[str, Any], subnet: Subnet) -> bool:
    """Whether an endpoint of the network's own has left the subnet, or does so now: one that is in one that stays."""
    subnets = set(endpoint.get("SubnetIds", ()))
    if tags.from_api(endpoint.get("Tags")).get(OWNER) != session.params["name"] or not subnets & set(subnet.staying):
        return False
    if subnet.id in subnets:
        # One that is changing already takes no change.
        once_seen(
            lambda: session.client("ec2").modify_vpc_endpoint(
                VpcEndpointId=endpoint["VpcEndpointId"], RemoveSubnetIds=[subnet.id]
            ),
            "IncorrectState",
        )
    return True


def create_route_table(session: Session, change: Change) -> None:
    request = {"VpcId": _vpc_id(session), **tagged("route-table", change.after["tags"])}
    made = once_seen(lambda: session.client("ec2").create_route_table(**request), NO_VPC)
    table_id = made["RouteTable"]["RouteTableId"]
    session.ids["route table", change.name] = table_id
    if change.want.target:
        _route(session, table_id, change.want, replace=False)


def update_route_table(session: Session, change: Change) -> None:
    table_id = change.have.id
    if "target" in change.after and change.want.target:
        _route(session, table_id, change.want, replace=change.have.target is not None)
    elif "target" in change.after:
        with ignoring("InvalidRoute.NotFound"):
            session.client("ec2").delete_route(RouteTableId=table_id, DestinationCidrBlock=ANYWHERE)
    put_tags(session, table_id, change)


def _route(session: Session, table_id: str, want: RouteTable, *, replace: bool) -> None:
    """Traffic is led to a NAT gateway once that works, not while it is pending.

    A run that doesn't wait leaves that, in a VPC that it has made itself. In another somebody may be at work: there the
    way out is made before the one that it follows is taken away.
    """
    ec2 = session.client("ec2")
    if want.route == "nat":
        nat_id = _id(session, want.target, "NAT gateway", want.nat_subnet or "")
        if not nat_works(session, nat_id):
            session.left.append(f"route table {want.label}: its NAT gateway {nat_id} is pending")
            return
        target = {"NatGatewayId": nat_id}
    else:
        target = {"GatewayId": _id(session, want.target, "internet gateway", session.params["name"])}
    lead = ec2.replace_route if replace else ec2.create_route
    session.ids["default route", want.label] = next(iter(target.values()))
    once_seen(
        lambda: lead(RouteTableId=table_id, DestinationCidrBlock=ANYWHERE, **target),
        NO_TABLE,
        "InvalidNatGatewayID.NotFound",
        "InvalidGatewayID.NotFound",
    )


def delete_route_table(session: Session, change: Change) -> None:
    table_id = change.have.id
    with ignoring(NO_TABLE):
        delete_unused(
            session,
            f"route table {change.name}",
            lambda: session.client("ec2").delete_route_table(RouteTableId=table_id),
            lambda: _table_users(session, table_id),
        )


def _table_users(session: Session, table_id: str) -> list[User]:
    found = pages(session, "describe_route_tables", "RouteTables", Filters=where(route_table_id=table_id))
    associations = [association for table in found for association in table.get("Associations", ())]
    return [User(f"subnet {each['SubnetId']}") for each in associations if each.get("SubnetId")]


# Elastic IPs and NAT gateways


def create_address(session: Session, change: Change) -> None:
    made = session.client("ec2").allocate_address(Domain="vpc", **tagged("elastic-ip", change.after["tags"]))
    session.ids["Elastic IP", change.name] = made["AllocationId"]
    session.answers["Elastic IP", change.name] = made


def update_address(session: Session, change: Change) -> None:
    put_tags(session, change.have.id, change)


def delete_address(session: Session, change: Change) -> None:
    """A NAT gateway holds its Elastic IP until it is gone, and some moments longer.

    AWS then answers InvalidIPAddress.InUse, or AuthFailure since the association is AWS's own.
    """
    address = change.have

    def release() -> str | None:
        try:
            session.client("ec2").release_address(AllocationId=address.id)
        except ClientError as error:
            if code(error) in ("InvalidIPAddress.InUse", "AuthFailure"):
                return _holder(session, address.id) or "it is still in use"
            if code(error) != "InvalidAllocationID.NotFound":
                raise
        return None

    session.until(f"release Elastic IP {change.name}", release, lambda held: held)


def _holder(session: Session, allocation_id: str) -> str | None:
    """What an Elastic IP is associated with. An instance keeps it until someone takes it away, so that is an error."""
    found = session.client("ec2").describe_addresses(AllocationIds=[allocation_id])["Addresses"]
    instance = next((each["InstanceId"] for each in found if each.get("InstanceId")), None)
    if instance:
        raise StackError(f"Elastic IP {found[0]['PublicIp']}: instance {instance} has it. Disassociate it first.")
    interface = next((each["NetworkInterfaceId"] for each in found if each.get("NetworkInterfaceId")), None)
    return f"network interface {interface} still has it" if interface else None


def create_nat_gateway(session: Session, change: Change) -> None:
    """One whose Elastic IP is still associated would fail minutes later: that of a failed one is free after a while."""
    want = change.want
    if known(want.allocation_id):
        session.until(
            f"Elastic IP {want.allocation_id}", lambda: _holder(session, want.allocation_id), lambda held: held
        )
    request = {
        "SubnetId": session.ids["subnet", want.subnet],
        "AllocationId": _id(session, want.allocation_id, "Elastic IP", want.zone),
        **tagged("natgateway", change.after["tags"]),
    }
    made = once_seen(
        lambda: session.client("ec2").create_nat_gateway(**request),
        NO_SUBNET,
        "InvalidAllocationID.NotFound",
        "InvalidElasticIpID.NotFound",
        "Resource.AlreadyAssociated",
    )
    session.ids["NAT gateway", want.subnet] = made["NatGateway"]["NatGatewayId"]


def update_nat_gateway(session: Session, change: Change) -> None:
    put_tags(session, change.have.id, change)


def delete_nat_gateway(session: Session, change: Change) -> None:
    """It takes about a minute to go; what needs that waits for it."""
    with ignoring("NatGatewayNotFound"):
        session.client("ec2").delete_nat_gateway(NatGatewayId=change.have.id)


def nat_works(session: Session, nat_id: str) -> bool:
    """Whether it does, once the run has waited for it if it may. StackError where it never will."""

    def look() -> dict[str, Any] | None:
        filters = where(nat_gateway_id=nat_id)
        return next(iter(pages(session, "describe_nat_gateways", "NatGateways", Filter=filters)), None)

    def pending(nat: dict[str, Any] | None) -> str | None:
        if nat is None:
            return "it can't be seen yet"
        if nat["State"] not in ("pending", "available"):
            reasons = [nat[member] for member in ("FailureCode", "FailureMessage") if nat.get(member)]
            raise nat_failure(nat_id, ": ".join(reasons) or f"it is {nat['State']}")
        return None if nat["State"] == "available" else "it is pending"

    if not session.wait and ("VPC", session.params["name"]) in session.answers:
        return pending(look()) is None
    session.until(f"NAT gateway {nat_id}", look, pending)
    return True


OPERATIONS: dict[tuple[str, str], Operation] = {
    **flow_log.OPERATIONS,
    ("VPC", "create"): create_vpc,
    ("VPC", "update"): update_vpc,
    ("VPC", "delete"): delete_vpc,
    ("internet gateway", "create"): create_internet_gateway,
    ("internet gateway", "update"): update_internet_gateway,
    ("internet gateway", "delete"): delete_internet_gateway,
    ("subnet", "create"): create_subnet,
    ("subnet", "update"): update_subnet,
    ("subnet", "delete"): delete_subnet,
    ("route table", "create"): create_route_table,
    ("route table", "update"): update_route_table,
    ("route table", "delete"): delete_route_table,
    ("Elastic IP", "create"): create_address,
    ("Elastic IP", "update"): update_address,
    ("Elastic IP", "delete"): delete_address,
    ("NAT gateway", "create"): create_nat_gateway,
    ("NAT gateway", "update"): update_nat_gateway,
    ("NAT gateway", "delete"): delete_nat_gateway,
}
