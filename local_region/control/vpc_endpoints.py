"""VPC endpoints: pending until they work, gone some time after they are deleted, routes and interfaces as AWS has them.

moto makes neither routes nor interfaces when an endpoint is modified, keeps what is deleted for ever, and lets anything
stand beside anything.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from moto.core.responses import ActionResult
from moto.ec2.exceptions import DependencyViolationError, EC2ClientError
from moto.ec2.models.route_tables import RouteBackend
from moto.ec2.models.vpcs import VPCBackend, VPCEndPoint
from moto.ec2.responses.vpcs import VPCs

from local_region.control.addresses import attach_managed_interface, release_interface
from local_region.control.moment import Moment
from local_region.control.patching import around

INTERFACE, GATEWAY = "Interface", "Gateway"
GATEWAYS = ("s3", "dynamodb", "s3express")
OWNER = "amazon-aws"

VPCEndPoint.vpc_endpoint_id = property(lambda endpoint: endpoint.id)  # a filter of DescribeVpcEndpoints


@around(VPCs, "create_vpc_endpoint")
def create(original: Any, self: Any) -> Any:
    """On the request: moto's backend knows no security group of an interface."""
    ec2, kind = self.ec2_backend, self._get_param("VpcEndpointType") or GATEWAY
    vpc_id, service = self._get_param("VpcId"), self._get_param("ServiceName") or ""
    ec2.get_vpc(vpc_id)
    _refuse_service(ec2, service, kind)
    tables, subnets = self._get_param("RouteTableIds", []), self._get_param("SubnetIds", [])
    groups = self._get_param("SecurityGroupIds", [])
    if kind == INTERFACE and not groups:
        groups = [ec2.get_default_security_group(vpc_id).id]
    private = kind == INTERFACE and self._get_bool_param("PrivateDnsEnabled", if_none=True)
    _refuse_unknown(ec2, tables, subnets, groups)
    _refuse_conflict(ec2, vpc_id, service, tables, private)
    specifications = self._get_param("TagSpecifications", [])
    endpoint = ec2.create_vpc_endpoint(
        vpc_id=vpc_id,
        service_name=service,
        endpoint_type=kind,
        policy_document=self._get_param("PolicyDocument"),
        route_table_ids=[],
        subnet_ids=[],
        security_group_ids=groups if kind == INTERFACE else [],
        tags={tag["Key"]: tag["Value"] for each in specifications for tag in each.get("Tags", [])},
        private_dns_enabled=private,
    )
    endpoint.ip_address_type = self._get_param("IpAddressType") or "ipv4"
    endpoint.dns_options = {"DnsRecordIpType": endpoint.ip_address_type, **(self._get_param("DnsOptions") or {})}
    endpoint.state = "pending" if kind == INTERFACE else "available"
    _join(ec2, endpoint, tables, subnets)
    return ActionResult({"VpcEndpoint": endpoint})


@around(VPCs, "modify_vpc_endpoint")
def modify(original: Any, self: Any) -> Any:
    ec2 = self.ec2_backend
    endpoint = ec2.describe_vpc_endpoints(vpc_end_point_ids=[self._get_param("VpcEndpointId")])[0]
    if endpoint.state != "available":
        raise EC2ClientError("IncorrectState", f"The endpoint {endpoint.id} is {endpoint.state}")

    def named(action: str, what: str) -> list[str]:
        return list(self._get_param(f"{action}{what}", []))

    tables, subnets, groups = (named("Add", each) for each in ("RouteTableIds", "SubnetIds", "SecurityGroupIds"))
    private = self._get_bool_param("PrivateDnsEnabled")
    _refuse_unknown(ec2, tables, subnets, groups)
    _refuse_conflict(ec2, endpoint.vpc_id, endpoint.service_name, tables, bool(private), endpoint)
    _leave(ec2, endpoint, named("Remove", "RouteTableIds"), named("Remove", "SubnetIds"))
    _join(ec2, endpoint, tables, subnets)
    left = [each for each in endpoint.security_group_ids if each not in named("Remove", "SecurityGroupIds")]
    endpoint.security_group_ids = [*left, *(each for each in groups if each not in left)]
    for interface in _interfaces(ec2, endpoint):
        interface._group_set = [ec2.get_security_group_from_id(each) for each in endpoint.security_group_ids]
    if private is not None:
        endpoint.private_dns_enabled = private
    endpoint.ip_address_type = self._get_param("IpAddressType") or endpoint.ip_address_type
    endpoint.dns_options = {**endpoint.dns_options, **(self._get_param("DnsOptions") or {})}
    if self._get_param("PolicyDocument"):
        endpoint.policy_document = self._get_param("PolicyDocument")
    if self._get_bool_param("ResetPolicy"):
        endpoint.policy_document = json.dumps(VPCEndPoint.DEFAULT_POLICY)
    return ActionResult({"Return": True})


@around(VPCs, "delete_vpc_endpoints")
def delete(original: Any, self: Any) -> Any:
    """What isn't there is told, and no error."""
    ec2, unsuccessful = self.ec2_backend, []
    for name in self._get_param("VpcEndpointIds", []):
        endpoint = ec2.vpc_end_points.get(name)
        if endpoint is None:
            message = f"The Vpc Endpoint Id '{name}' does not exist"
            error = {"Code": "InvalidVpcEndpoint.NotFound", "Message": message}
            unsuccessful.append({"ResourceId": name, "Error": error})
        elif endpoint.state != "deleting":
            endpoint.state = "deleting"
            _leave(ec2, endpoint, endpoint.route_table_ids, [])
    return ActionResult({"Unsuccessful": unsuccessful})


@around(VPCBackend, "delete_vpc")
def refuse_vpc_with_endpoints(original: Any, self: Any, vpc_id: str) -> Any:
    if any(endpoint.vpc_id == vpc_id for endpoint in self.vpc_end_points.values()):
        raise DependencyViolationError(f"The vpc '{vpc_id}' has dependencies and cannot be deleted.")
    return original(self, vpc_id)


@around(RouteBackend, "delete_route_table")
def forget_route_table(original: Any, self: Any, route_table_id: str) -> Any:
    deleted = original(self, route_table_id)
    for endpoint in self.vpc_end_points.values():
        endpoint.route_table_ids = [each for each in endpoint.route_table_ids if each != route_table_id]
    return deleted


def _refuse_service(ec2: Any, service: str, kind: str) -> None:
    own = f"com.amazonaws.{ec2.region_name}."
    short = service.removeprefix(own)
    if not service.startswith((own, "com.amazonaws.vpce.", "aws.")) or (kind == GATEWAY and short not in GATEWAYS):
        raise EC2ClientError("InvalidServiceName", f"The Vpc Endpoint Service '{service}' does not exist")


def _refuse_unknown(ec2: Any, tables: list[str], subnets: list[str], groups: list[str]) -> None:
    for table in tables:
        ec2.get_route_table(table)
    zones = [ec2.get_subnet(subnet).availability_zone for subnet in subnets]
    if len(set(zones)) < len(zones):
        message = f"Found another VPC endpoint subnet in the availability zone of {subnets[-1]}"
        raise EC2ClientError("DuplicateSubnetsInSameZone", message)
    for group in groups:
        if ec2.get_security_group_from_id(group) is None:
            raise EC2ClientError("InvalidSecurityGroupId.NotFound", f"The security group '{group}' does not exist")


def _refuse_conflict(
    ec2: Any, vpc_id: str, service: str, tables: list[str], private: bool, own: Any | None = None
) -> None:
    """A route table leads to one gateway of a service, and a VPC has one private name of it."""
    for other in ec2.vpc_end_points.values():
        if other is own or (other.vpc_id, other.service_name) != (vpc_id, service):
            continue
        if shared := set(tables) & set(other.route_table_ids):
            message = f"route table {shared.pop()} already has a route with destination-prefix-list-id of {service}"
            raise EC2ClientError("RouteAlreadyExists", message)
        if private and other.private_dns_enabled:
            message = "private-dns-enabled cannot be set because there is already a conflicting DNS domain"
            raise EC2ClientError("InvalidParameter", f"{message} for {service} in the VPC {vpc_id}")


def _join(ec2: Any, endpoint: Any, tables: list[str], subnets: list[str]) -> None:
    for table in tables:
        if endpoint.destination_prefix_list_id:
            prefix = {"destination_prefix_list_id": endpoint.destination_prefix_list_id}
            ec2.create_route(table, None, gateway_id=endpoint.id, **prefix)
    endpoint.route_table_ids = [*endpoint.route_table_ids, *tables]
    for subnet in subnets:
        description = f"VPC Endpoint Interface {endpoint.id}"
        interface = attach_managed_interface(ec2, subnet, endpoint.security_group_ids, description, OWNER)
        interface.interface_type = "vpc_endpoint"
        endpoint.network_interface_ids = [*endpoint.network_interface_ids, interface.id]
    endpoint.subnet_ids = [*endpoint.subnet_ids, *subnets]


def _leave(ec2: Any, endpoint: Any, tables: list[str], subnets: list[str]) -> None:
    for table in tables:
        if endpoint.destination_prefix_list_id:
            ec2.delete_route(table, None, destination_prefix_list_id=endpoint.destination_prefix_list_id)
    endpoint.route_table_ids = [each for each in endpoint.route_table_ids if each not in tables]
    for interface in [each for each in _interfaces(ec2, endpoint) if each.subnet.id in subnets]:
        _release(endpoint, interface)
    endpoint.subnet_ids = [each for each in endpoint.subnet_ids if each not in subnets]


def _interfaces(ec2: Any, endpoint: Any) -> Iterator[Any]:
    return (ec2.enis[each] for each in endpoint.network_interface_ids if each in ec2.enis)


def _release(endpoint: Any, interface: Any) -> None:
    endpoint.network_interface_ids = [each for each in endpoint.network_interface_ids if each != interface.id]
    release_interface(interface)


def step(moment: Moment) -> None:
    ec2 = moment.backends.ec2
    for endpoint in list(ec2.vpc_end_points.values()):
        if endpoint.state == "pending" and moment.clock.over("endpoint.pending", endpoint.id):
            endpoint.state = "available"
        elif endpoint.state == "deleting" and moment.clock.over("endpoint.deleting", endpoint.id):
            for interface in list(_interfaces(ec2, endpoint)):
                _release(endpoint, interface)
            del ec2.vpc_end_points[endpoint.id]
