"""NAT gateways take time to come and to go, and stay visible as "deleted" for a while."""

from __future__ import annotations

from typing import Any

from moto.core.utils import utcnow
from moto.ec2.exceptions import EC2ClientError, ResourceAlreadyAssociatedError
from moto.ec2.models.nat_gateways import NatGatewayBackend

from local_region.control.addresses import release_interface
from local_region.control.moment import Moment
from local_region.control.patching import around

UNATTACHED = "Gateway.NotAttached"


@around(NatGatewayBackend, "create_nat_gateway")
def begin_pending(original: Any, self: Any, subnet_id: str, allocation_id: str, *args: Any, **kwargs: Any) -> Any:
    self.get_subnet(subnet_id)
    if allocation_id and self.address_by_allocation([allocation_id])[0].association_id:
        raise ResourceAlreadyAssociatedError(allocation_id)
    gateway = original(self, subnet_id, allocation_id, *args, **kwargs)
    gateway.connectivity_type = gateway.connectivity_type or "public"
    gateway.state = "pending"
    gateway._eni.status = "in-use"
    gateway._eni.description = f"Interface for NAT Gateway {gateway.id}"
    return gateway


@around(NatGatewayBackend, "delete_nat_gateway")
def begin_deleting(original: Any, self: Any, nat_gateway_id: str) -> Any:
    gateway = self.nat_gateways.get(nat_gateway_id)
    if gateway is None:
        raise EC2ClientError("NatGatewayNotFound", f"The Nat Gateway {nat_gateway_id} was not found")
    if gateway.state != "deleted":
        gateway.state = "deleting"
    return gateway


@around(NatGatewayBackend, "describe_nat_gateways")
def refuse_unknown(original: Any, self: Any, filters: Any, nat_gateway_ids: list[str] | None) -> Any:
    for unknown in set(nat_gateway_ids or ()) - self.nat_gateways.keys():
        raise EC2ClientError("NatGatewayNotFound", f"The Nat Gateway {unknown} was not found")
    found = original(self, filters, nat_gateway_ids)
    for name, wanted in (filters or {}).items():
        if name.startswith("tag"):
            found = [gateway for gateway in found if _has_tag(gateway, name, wanted)]
    return found


def _has_tag(gateway: Any, name: str, wanted: list[str]) -> bool:
    value = gateway.get_filter_value(name)
    return bool(set(value) & set(wanted)) if isinstance(value, list) else value in wanted


def step(moment: Moment) -> None:
    """NAT gateways follow their bodies."""
    for gateway in moment.backends.ec2.nat_gateways.values():
        body = moment.observed.nat_gateways.get(gateway.id)
        if gateway.state == "pending" and not _internet_gateway(moment.backends.ec2, gateway):
            gateway.state, gateway.failure_code = "failed", UNATTACHED
            gateway.failure_message = f"Network {gateway.vpc_id} has no Internet gateway attached"
            _let_go(gateway)
        elif gateway.state == "pending" and body in {"available", "failed"}:
            gateway.state = body
        elif gateway.state == "deleting" and body is None and moment.clock.over("nat_gateway.deleting", gateway.id):
            gateway.state, gateway.delete_time = "deleted", utcnow()
            _let_go(gateway)


def _internet_gateway(ec2: Any, gateway: Any) -> bool:
    """A public NAT gateway needs one; a private one does not."""
    attached = any(each.vpc and each.vpc.id == gateway.vpc_id for each in ec2.internet_gateways.values())
    return attached or gateway.connectivity_type == "private"


def _let_go(gateway: Any) -> None:
    """Its Elastic IP is free again (it stays allocated), and so is its place in the subnet."""
    ec2 = gateway.ec2_backend
    for address in ec2.addresses:
        if address.eni is gateway._eni:
            ec2.disassociate_address(association_id=address.association_id)
    release_interface(gateway._eni)
