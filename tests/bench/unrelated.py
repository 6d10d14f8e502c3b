"""What others have in the account: load balancers, Auto Scaling Groups and VPCs."""

from __future__ import annotations

from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any

import boto3


def make(endpoint: str, numbers: Iterable[int]) -> None:
    session = boto3.Session("bench", "not-a-secret", region_name="us-east-1")
    ec2, elbv2, scaling = (session.client(name, endpoint_url=endpoint) for name in ("ec2", "elbv2", "autoscaling"))
    template = {"ImageId": "ami-0deb1200000000001", "InstanceType": "t3.micro"}
    if not ec2.describe_launch_templates(Filters=[{"Name": "launch-template-name", "Values": ["other"]}])[
        "LaunchTemplates"
    ]:
        ec2.create_launch_template(LaunchTemplateName="other", LaunchTemplateData=template)
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(partial(_one, ec2, elbv2, scaling), numbers))


def _one(ec2: Any, elbv2: Any, scaling: Any, number: int) -> None:
    vpc = ec2.create_vpc(CidrBlock="10.9.0.0/16")["Vpc"]["VpcId"]
    subnets = [
        ec2.create_subnet(VpcId=vpc, CidrBlock=f"10.9.{n}.0/24", AvailabilityZone=f"us-east-1{zone}")["Subnet"][
            "SubnetId"
        ]
        for n, zone in enumerate("ab")
    ]
    elbv2.create_load_balancer(Name=f"other-{number}", Subnets=subnets, Scheme="internal")
    scaling.create_auto_scaling_group(
        AutoScalingGroupName=f"other-{number}",
        LaunchTemplate={"LaunchTemplateName": "other", "Version": "1"},
        MinSize=0,
        MaxSize=0,
        VPCZoneIdentifier=",".join(subnets),
    )
