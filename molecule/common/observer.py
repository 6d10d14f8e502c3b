"""What the scenarios' checks see the region with: boto3, and the region's log of calls. No code of the collection."""

from __future__ import annotations

import json
import os
from functools import cache
from pathlib import Path
from typing import Any

import boto3

STATE = Path(os.environ["REGION_STATE"])
READS = ("Describe", "Get", "List", "Head")
NAME = "goals"


@cache
def client(service: str) -> Any:
    endpoint = json.loads((STATE / "region.json").read_text())["endpoint"]
    keys = {"aws_access_key_id": "local", "aws_secret_access_key": "local"}
    return boto3.client(service, region_name="us-east-1", endpoint_url=endpoint, **keys)


def calls() -> list[dict[str, Any]]:
    """Every call the region has had so far, this process's own too."""
    return [json.loads(line) for line in (STATE / "calls.jsonl").read_text().splitlines()]


def writes() -> list[str]:
    return [call["action"] for call in calls() if not call["action"].startswith(READS)]


def vpc() -> dict[str, Any]:
    (found,) = client("ec2").describe_vpcs(Filters=[{"Name": "tag:Name", "Values": [NAME]}])["Vpcs"]
    return dict(found)


def subnets(tier: str) -> list[dict[str, Any]]:
    """A tier's subnets, by zone."""
    filters = [{"Name": "tag:Name", "Values": [f"{NAME}-{tier}-*"]}]
    return sorted(client("ec2").describe_subnets(Filters=filters)["Subnets"], key=lambda s: s["AvailabilityZone"])


def group_id(name: str) -> str:
    filters = [{"Name": "group-name", "Values": [name]}]
    (found,) = client("ec2").describe_security_groups(Filters=filters)["SecurityGroups"]
    return str(found["GroupId"])


def zones(found: list[dict[str, Any]]) -> list[str]:
    return [subnet["AvailabilityZone"] for subnet in found]


def left() -> dict[str, list[Any]]:
    """All that is in the region and was not there when it was made, by kind."""
    ec2, elb, asg = client("ec2"), client("elbv2"), client("autoscaling")
    live = [{"Name": "instance-state-name", "Values": ["pending", "running", "stopping", "stopped"]}]
    nat = [{"Name": "state", "Values": ["pending", "available"]}]
    found = {
        "VPCs": [v["VpcId"] for v in ec2.describe_vpcs()["Vpcs"] if not v["IsDefault"]],
        "addresses": ec2.describe_addresses()["Addresses"],
        "NAT gateways": ec2.describe_nat_gateways(Filters=nat)["NatGateways"],
        "security groups": [g for g in ec2.describe_security_groups()["SecurityGroups"] if g["GroupName"] != "default"],
        "instances": [r["Instances"] for r in ec2.describe_instances(Filters=live)["Reservations"]],
        "launch templates": ec2.describe_launch_templates()["LaunchTemplates"],
        "load balancers": elb.describe_load_balancers()["LoadBalancers"],
        "target groups": elb.describe_target_groups()["TargetGroups"],
        "Auto Scaling Groups": asg.describe_auto_scaling_groups()["AutoScalingGroups"],
        "databases": client("rds").describe_db_instances()["DBInstances"],
        "DB subnet groups": client("rds").describe_db_subnet_groups()["DBSubnetGroups"],
        "roles": [r for r in client("iam").list_roles()["Roles"] if not r["Path"].startswith("/aws-service-role/")],
        "instance profiles": client("iam").list_instance_profiles()["InstanceProfiles"],
        "secrets": client("secretsmanager").list_secrets()["SecretList"],
        "buckets": client("s3").list_buckets()["Buckets"],
    }
    return {kind: things for kind, things in found.items() if things}
