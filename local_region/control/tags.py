"""DescribeTags: AWS's name of a NAT gateway's type, and no tags of what is gone."""

from __future__ import annotations

from typing import Any

from moto.ec2.responses.tags import TagResponse
from moto.ec2.utils import EC2_PREFIX_TO_RESOURCE

from local_region.control.patching import around

EC2_PREFIX_TO_RESOURCE["nat"] = "natgateway"


@around(TagResponse, "describe_tags")
def forget_gone(original: Any, self: Any) -> Any:
    """On the request: resources read their own tags through the backend, some before they are known there."""
    living, answer = _living(self.ec2_backend), original(self)
    answer.result["Tags"] = [tag for tag in answer.result["Tags"] if _lives(tag["resource_id"], living)]
    return answer


def _lives(resource: str, living: dict[str, set[str]]) -> bool:
    return resource in living.get(resource.partition("-")[0], {resource})


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
