"""The types of resources that actions here act on, and how each is found: by the service's own Describe call."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from local_region.control import zonal_shifts
from local_region.control.fault_injection.parameters import listed
from local_region.control.fault_injection.role import Role

Tags = Mapping[str, str]


@dataclass(frozen=True)
class Resource:
    """``description`` is what the service's Describe call tells of it."""

    arn: str
    tags: Tags
    description: Mapping[str, Any]


@dataclass(frozen=True)
class Selector:
    """A parameter of targets: ``selects`` says whether a resource has the given value."""

    description: str
    selects: Callable[[Role, Resource, str], bool]
    required: bool = False


@dataclass(frozen=True)
class ResourceType:
    description: str
    find: Callable[[Role], Sequence[Resource]]
    parameters: Mapping[str, Selector] = field(default_factory=dict)
    permission_for_tags: str = ""  # what FIS needs beside the Describe call where targets are found by tags


def _described(
    action: str, member: str, arn: Callable[[Role, Any], str], within: str = "", tags: str = "Tags"
) -> Callable[[Role], list[Resource]]:
    """Finds all that the call ``action`` tells: the list ``member`` of its answer, or of each element's ``within``."""

    def find(role: Role) -> list[Resource]:
        told = role.call(action)[member]
        found = [inner for outer in told for inner in outer[within]] if within else told
        return [Resource(arn(role, each), _tags(each.get(tags) or ()), each) for each in found]

    return find


def _tags(pairs: Sequence[Mapping[str, str]]) -> Tags:
    return {pair["Key"]: pair.get("Value", "") for pair in pairs}


def _of_ec2(kind: str, member: str) -> Callable[[Role, Any], str]:
    def arn(role: Role, described: Any) -> str:
        ec2 = role.backends.ec2
        return f"arn:aws:ec2:{ec2.region_name}:{ec2.account_id}:{kind}/{described[member]}"

    return arn


def _managed(role: Role) -> list[Resource]:
    """ListManagedResources of arc-zonal-shift."""
    role.require("arc-zonal-shift:ListManagedResources")
    found, tags = zonal_shifts.list_managed_resources(role.backends, {})["items"], role.backends.elbv2.tagging_service
    return [Resource(each["arn"], tags.get_tag_dict_for_resource(each["arn"]), each) for each in found]


def own(member: str) -> Callable[[Role, Any], str]:
    """The service tells the ARN itself."""
    return lambda _, described: str(described[member])


def zone_names(role: Role, identifiers: str) -> set[str]:
    """Names of the zones that a list of names and ids tells; "all" is every zone."""
    names = {zone.zone_id: zone.name for zone in role.backends.ec2.describe_availability_zones()}
    wanted = listed(identifiers)
    return set(names.values()) if wanted == ["all"] else {names.get(each, each) for each in wanted}


def _in_zone(role: Role, resource: Resource, identifiers: str) -> bool:
    return resource.description.get("AvailabilityZone") in zone_names(role, identifiers)


def _in_vpc(role: Role, resource: Resource, vpc: str) -> bool:
    return bool(resource.description["VpcId"] == vpc.rpartition("/")[2])


def ids(resources: Sequence[Resource], member: str) -> list[str]:
    return [resource.description[member] for resource in resources]


RESOURCE_TYPES: dict[str, ResourceType] = {
    "aws:arc:zonal-shift-managed-resource": ResourceType(
        "A resource that is managed by zonal shift", _managed, permission_for_tags="tag:GetResources"
    ),
    "aws:ec2:autoscaling-group": ResourceType(
        "An Amazon EC2 Auto Scaling group",
        _described("autoscaling:DescribeAutoScalingGroups", "AutoScalingGroups", own("AutoScalingGroupARN")),
    ),
    "aws:ec2:instance": ResourceType(
        "An Amazon EC2 instance",
        _described("ec2:DescribeInstances", "Reservations", _of_ec2("instance", "InstanceId"), "Instances"),
    ),
    "aws:ec2:subnet": ResourceType(
        "An Amazon VPC subnet",
        _described("ec2:DescribeSubnets", "Subnets", own("SubnetArn")),
        {
            "availabilityZoneIdentifier": Selector("The Availability Zone that contains the target subnets.", _in_zone),
            "vpc": Selector("The VPC that contains the target subnets.", _in_vpc),
        },
    ),
    "aws:rds:db": ResourceType(
        "An Amazon RDS DB instance",
        _described("rds:DescribeDBInstances", "DBInstances", own("DBInstanceArn"), tags="TagList"),
        {"availabilityZoneIdentifiers": Selector("The Availability Zones of the DB instance.", _in_zone)},
        permission_for_tags="tag:GetResources",
    ),
}
