# Copyright: ha_stack.aws contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

"""The calls that tell how a stack does, and afterwards what happened to it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from ansible_collections.ha_stack.aws.plugins.module_utils._aws.autoscaling_read import describe, targets
from ansible_collections.ha_stack.aws.plugins.module_utils._aws.elbv2 import target_groups
from ansible_collections.ha_stack.aws.plugins.module_utils._aws.errors import ignoring
from ansible_collections.ha_stack.aws.plugins.module_utils._aws.session import Session
from ansible_collections.ha_stack.aws.plugins.module_utils._model.errors import StackError

Answer = dict[str, Any]


@dataclass(frozen=True)
class Stack:
    """What is watched: the group, and what it leads to."""

    group: str
    target_groups: tuple[str, ...]  # ARNs
    load_balancers: tuple[str, ...]  # ARNs
    database: str | None


def stack(session: Session, group: str, database: str | None) -> Stack:
    """StackError where the group is not there."""
    found = describe(session, group)
    if found is None:
        raise StackError(f"autoscaling_group: {group!r} is not there. Give the name of a group in this region.")
    arns = tuple(found.get("TargetGroupARNs", []))
    return Stack(group, arns, _load_balancers(session, arns), database)


def _load_balancers(session: Session, arns: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(sorted({arn for each in target_groups(session, arns) for arn in each["LoadBalancerArns"]}))


def load_balancers(session: Session, arns: Iterable[str]) -> list[Answer]:
    """Each with ``arn``, ``dns_name``, ``vpc_id`` and ``zones``."""
    wanted = list(arns)
    described = session.client("elbv2").describe_load_balancers(LoadBalancerArns=wanted) if wanted else {}
    return [
        {
            "arn": each["LoadBalancerArn"],
            "dns_name": each["DNSName"],
            "vpc_id": each["VpcId"],
            "zones": sorted(zone["ZoneName"] for zone in each["AvailabilityZones"]),
        }
        for each in described.get("LoadBalancers", [])
    ]


def sample(session: Session, watched: Stack) -> tuple[Answer | None, list[Answer], Answer | None]:
    """The group, its targets' health and the database, read side by side."""
    group, database, *health = session.together(
        lambda: describe(session, watched.group),
        lambda: _database(session, watched.database),
        *(lambda arn=arn: targets(session, arn) for arn in watched.target_groups),
    )
    return group, [each for answer in health for each in answer], database


def _database(session: Session, name: str | None) -> Answer | None:
    if name is None:
        return None
    with ignoring("DBInstanceNotFound"):
        found: Answer = session.client("rds").describe_db_instances(DBInstanceIdentifier=name)["DBInstances"][0]
        return found
    return None


def names(session: Session, instances: list[str]) -> list[Answer]:
    """What an instance may call itself: identifier, host names, private address."""
    pages = session.client("ec2").get_paginator("describe_instances")
    filters = [{"Name": "instance-id", "Values": instances}]
    return [
        {
            "id": each["InstanceId"],
            "zone": each["Placement"]["AvailabilityZone"],
            "private_ip": each.get("PrivateIpAddress", ""),
            "private_dns": each.get("PrivateDnsName", ""),
        }
        for page in pages.paginate(Filters=filters)
        for reservation in page["Reservations"]
        for each in reservation["Instances"]
    ]


def nodes(session: Session, load_balancers: Iterable[str]) -> list[Answer]:
    """The load balancers' public addresses with their zones, by the network interfaces that ELB holds for them.

    ELB describes an interface as "ELB app/NAME/ID"; that is how AWS says to find them:
    https://repost.aws/knowledge-center/elb-find-load-balancer-ip
    """
    described = [f"ELB {arn.partition('loadbalancer/')[2]}" for arn in load_balancers]
    if not described:
        return []
    pages = session.client("ec2").get_paginator("describe_network_interfaces")
    return [
        {"address": each["Association"]["PublicIp"], "zone": each["AvailabilityZone"]}
        for page in pages.paginate(Filters=[{"Name": "description", "Values": described}])
        for each in page["NetworkInterfaces"]
        if "PublicIp" in each.get("Association", {})
    ]


def zone_names(session: Session) -> dict[str, str]:
    """Zone id -> zone name."""
    zones = session.client("ec2").describe_availability_zones()["AvailabilityZones"]
    return {each["ZoneId"]: each["ZoneName"] for each in zones if "ZoneId" in each}


def refreshes(session: Session, group: str, since: datetime) -> list[Answer]:
    """The instance refreshes that began after ``since``; AWS gives the newest first."""
    answer = session.client("autoscaling").describe_instance_refreshes(AutoScalingGroupName=group)
    return [each for each in answer["InstanceRefreshes"] if each.get("StartTime") and each["StartTime"] >= since]


def database_events(session: Session, database: str, since: datetime) -> list[Answer]:
    pages = session.client("rds").get_paginator("describe_events")
    asked = pages.paginate(SourceIdentifier=database, SourceType="db-instance", StartTime=since)
    return [each for page in asked for each in page["Events"]]


def experiments(session: Session, since: datetime) -> list[Answer]:
    """Every FIS experiment of the account that was made after ``since``."""
    fis = session.client("fis")
    recent = [
        each["id"]
        for page in fis.get_paginator("list_experiments").paginate()
        for each in page["experiments"]
        if each["creationTime"] >= since
    ]
    return [fis.get_experiment(id=each)["experiment"] for each in recent]


def zonal_shifts(session: Session, load_balancers: Iterable[str], since: datetime) -> list[Answer]:
    """Shifts of these load balancers that began after ``since``, or were in force then and still are."""
    pages = session.client("arc-zonal-shift").get_paginator("list_zonal_shifts").paginate()
    return [
        each
        for page in pages
        for each in page["items"]
        if each["resourceIdentifier"] in load_balancers
        if each["startTime"] >= since or (each["status"] == "ACTIVE" and each["expiryTime"] >= since)
    ]
