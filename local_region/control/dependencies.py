"""DependencyViolation: AWS does not delete what something else still uses, so the order of a teardown matters."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from moto.ec2.exceptions import DependencyViolationError, EC2ClientError
from moto.ec2.models.internet_gateways import InternetGatewayBackend
from moto.ec2.models.subnets import SubnetBackend
from moto.ec2.models.vpcs import VPCBackend
from moto.ec2.responses.security_groups import SecurityGroups

from local_region.control.patching import around


def _interfaces(ec2: Any, vpc_id: str) -> Iterator[Any]:
    return (interface for interface in ec2.enis.values() if interface.subnet.vpc_id == vpc_id)


@around(SubnetBackend, "delete_subnet")
def refuse_inhabited_subnet(original: Any, self: Any, subnet_id: str) -> Any:
    if any(interface.subnet.id == subnet_id for interface in self.enis.values()):
        raise DependencyViolationError(f"The subnet '{subnet_id}' has dependencies and cannot be deleted.")
    for table in self.route_tables.values():  # the association goes with the subnet
        for association in [key for key, target in table._associations.items() if target == subnet_id]:
            del table._associations[association]
    return original(self, subnet_id)


@around(VPCBackend, "delete_vpc")
def refuse_inhabited_vpc(original: Any, self: Any, vpc_id: str) -> Any:
    self.get_vpc(vpc_id)
    attached = any(gateway.vpc and gateway.vpc.id == vpc_id for gateway in self.internet_gateways.values())
    groups = any(group.name != "default" for group in self.groups.get(vpc_id, {}).values())
    acls = [acl for acl in self.network_acls.values() if acl.vpc_id == vpc_id]
    if attached or groups or any(not acl.default for acl in acls) or any(_interfaces(self, vpc_id)):
        raise DependencyViolationError(f"The vpc '{vpc_id}' has dependencies and cannot be deleted.")
    deleted = original(self, vpc_id)
    for acl in acls:
        del self.network_acls[acl.id]  # the default network ACL goes with its VPC
    return deleted


@around(InternetGatewayBackend, "detach_internet_gateway")
def refuse_mapped_addresses(original: Any, self: Any, internet_gateway_id: str, vpc_id: str) -> None:
    if any(interface.public_ip for interface in _interfaces(self, vpc_id)):
        message = f"Network {vpc_id} has some mapped public address(es). Please unmap those public address(es) before "
        raise DependencyViolationError(message + "detaching the gateway.")
    original(self, internet_gateway_id, vpc_id)


@around(SecurityGroups, "delete_security_group")
def refuse_used_group(original: Any, self: Any) -> Any:
    """On the request, since the backend deletes a VPC's default group through the same method."""
    ec2 = self.ec2_backend
    group = ec2.get_security_group_by_name_or_id(self._get_param("GroupId") or self._get_param("GroupName"))
    if group is not None and group.name == "default":
        message = f'the specified group: "{group.id}" name: "default" cannot be deleted by a user'
        raise EC2ClientError("CannotDelete", message)
    if group is not None and (_worn(ec2, group) or _named(ec2, group)):
        raise DependencyViolationError(f"resource {group.id} has a dependent object")
    return original(self)


def _worn(ec2: Any, group: Any) -> bool:
    return any(group.id in {each.id for each in interface.group_set} for interface in ec2.enis.values())


def _named(ec2: Any, group: Any) -> bool:
    """Whether another group's rule refers to it."""
    others = (each for of_vpc in ec2.groups.values() for each in of_vpc.values() if each.id != group.id)
    rules = (rule for other in others for rule in (*other.ingress_rules, *other.egress_rules))
    return any((rule.source_group or {}).get("GroupId") == group.id for rule in rules)
