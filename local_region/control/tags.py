"""DescribeTags: AWS's name of a NAT gateway's type, and no tags of what is gone."""

from __future__ import annotations

from typing import Any

from moto.ec2.models.tags import TagBackend
from moto.ec2.utils import EC2_PREFIX_TO_RESOURCE

from local_region.control.patching import around

EC2_PREFIX_TO_RESOURCE["nat"] = "natgateway"


@around(TagBackend, "describe_tags")
def forget_gone(original: Any, self: Any, filters: Any = None) -> Any:
    living = _living(self)
    return [
        tag for tag in original(self, filters) if living.get(_prefix(tag), {tag["resource_id"]}) & {tag["resource_id"]}
    ]


def _prefix(tag: dict[str, str]) -> str:
    return tag["resource_id"].partition("-")[0]


def _living(ec2: Any) -> dict[str, set[str]]:
    """Ids that exist, by prefix; other prefixes are not judged."""
    instances = (each for reservation in ec2.reservations.values() for each in reservation.instances)
    return {
        "vpc": set(ec2.vpcs),
        "subnet": {subnet for of_zone in ec2.subnets.values() for subnet in of_zone},
        "igw": set(ec2.internet_gateways),
        "nat": {key for key, gateway in ec2.nat_gateways.items() if gateway.state != "deleted"},
        "rtb": set(ec2.route_tables),
        "sg": {group for of_vpc in ec2.groups.values() for group in of_vpc},
        "eipalloc": {address.allocation_id for address in ec2.addresses},
        "eni": set(ec2.enis),
        "lt": set(ec2.launch_templates),
        "i": {instance.id for instance in instances if instance.state != "terminated"},
        "vol": set(ec2.volumes),
    }
