"""Addresses that exist: public ones of the local "internet", private ones inside their subnet.

moto draws both at random, from anywhere. "The internet" of a local region is 198.18.0.0/24 (RFC 2544); below
``FIRST_PUBLIC`` stand the region's own hosts: gateway, registry, edge proxy.
"""

from __future__ import annotations

import ipaddress
from typing import Any

from moto.ec2.exceptions import EC2ClientError
from moto.ec2.models.elastic_ip_addresses import ElasticAddressBackend
from moto.ec2.models.elastic_network_interfaces import NetworkInterface, NetworkInterfaceBackend

from local_region.control.patching import around

FIRST_PUBLIC = ipaddress.IPv4Address("198.18.0.64")
LAST_PUBLIC = ipaddress.IPv4Address("198.18.0.250")


def free_public_address(ec2: Any) -> str:
    """The lowest public address that nothing has; AddressLimitExceeded when all are taken."""
    taken = {address.public_ip for address in ec2.addresses} | {each.public_ip for each in ec2.enis.values()}
    for number in range(int(FIRST_PUBLIC), int(LAST_PUBLIC) + 1):
        if (candidate := str(ipaddress.IPv4Address(number))) not in taken:
            return candidate
    raise EC2ClientError("AddressLimitExceeded", "The maximum number of addresses has been reached.")


@around(ElasticAddressBackend, "allocate_address")
def allocate_local_address(original: Any, self: Any, domain: str, address: str | None = None, tags: Any = None) -> Any:
    return original(self, domain, address or free_public_address(self), tags)


@around(ElasticAddressBackend, "release_address")
def refuse_release_in_use(
    original: Any, self: Any, address: str | None = None, allocation_id: str | None = None
) -> None:
    found = self.address_by_ip([address]) if address else self.address_by_allocation([allocation_id])
    if found[0].association_id:
        raise EC2ClientError("InvalidIPAddress.InUse", f"Address {found[0].public_ip} is in use.")
    original(self, address=address, allocation_id=allocation_id)


@around(NetworkInterface, "check_auto_public_ip")
def assign_local_address(original: Any, self: Any) -> None:
    if str(self.public_ip_auto_assign).lower() == "true":
        self.public_ip = free_public_address(self.ec2_backend)


@around(NetworkInterfaceBackend, "create_network_interface")
def take_address_of_subnet(
    original: Any, self: Any, subnet: Any, private_ip_address: Any = None, *args: Any, **kwargs: Any
) -> Any:
    subnet = self.get_subnet(subnet) if isinstance(subnet, str) else subnet
    several = args or kwargs.get("private_ip_addresses")
    single = private_ip_address if isinstance(private_ip_address, str) else None
    if not several and (not single or ipaddress.ip_address(single) not in subnet.cidr):
        private_ip_address = subnet.get_available_subnet_ip(self)
    return original(self, subnet, private_ip_address, *args, **kwargs)


def attach_managed_interface(ec2: Any, subnet: Any, groups: list[str], description: str, requester: str) -> Any:
    """A network interface that a service holds in ``subnet`` for itself: what it uses can't be deleted meanwhile."""
    interface = ec2.create_network_interface(subnet, None, group_ids=groups, description=description)
    interface.requester_managed = True
    interface.requester_id = requester
    interface.status = "in-use"
    return interface


def release_interface(interface: Any) -> None:
    """Remove a network interface and give its address back."""
    if interface.id in interface.ec2_backend.enis:
        interface.delete()
