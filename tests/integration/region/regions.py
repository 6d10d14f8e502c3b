"""What the tests of a region share: starting one, clients of it, awaiting a state."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from tests.support.ports import free_port

ROOT = Path(__file__).resolve().parents[3]
REGION = "us-east-1"


def local_region(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "local_region", *arguments]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    return subprocess.run(command, capture_output=True, text=True, env=environment, timeout=60, check=False)


class Region:
    """A running region and clients of it."""

    def __init__(self, state_dir: Path) -> None:
        self.state_dir = state_dir
        self.port = free_port()
        self.endpoint = f"http://127.0.0.1:{self.port}"
        self._clients: dict[str, Any] = {}

    def client(self, service: str) -> Any:
        if service not in self._clients:
            self._clients[service] = boto3.client(
                service,
                endpoint_url=self.endpoint,
                region_name=REGION,
                aws_access_key_id="test",
                aws_secret_access_key="test",
                config=Config(retries={"max_attempts": 1}),
            )
        return self._clients[service]


def eventually(look: Callable[[], Any], wanted: Callable[[Any], bool], timeout: float = 10) -> Any:
    """The first thing seen that is wanted; fails with what was seen last."""
    deadline = time.monotonic() + timeout
    while not wanted(seen := look()):
        assert time.monotonic() < deadline, f"last seen: {seen}"
        time.sleep(0.02)
    return seen


class Network:
    """A VPC with an internet gateway and a subnet in each of two zones."""

    def __init__(self, ec2: Any) -> None:
        self.vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
        self.gateway = ec2.create_internet_gateway()["InternetGateway"]["InternetGatewayId"]
        ec2.attach_internet_gateway(InternetGatewayId=self.gateway, VpcId=self.vpc)
        self.subnets = [
            ec2.create_subnet(VpcId=self.vpc, CidrBlock=f"10.0.{number}.0/24", AvailabilityZone=f"{REGION}{zone}")[
                "Subnet"
            ]["SubnetId"]
            for number, zone in enumerate("ab")
        ]
        self.group = ec2.create_security_group(VpcId=self.vpc, GroupName="members", Description="members")["GroupId"]


def refused(call: Callable[[], Any], code: str) -> str:
    """The message with which the call is refused; it must be with ``code``."""
    with pytest.raises(ClientError) as error:
        call()
    assert error.value.response["Error"]["Code"] == code
    return str(error.value.response["Error"]["Message"])


def launch(region: Region, network: Network, **options: Any) -> dict[str, Any]:
    """A new instance in the first subnet, as RunInstances describes it."""
    image = region.client("ssm").get_parameter(Name="/local-region/ami/debian-12")["Parameter"]["Value"]
    wanted = {"ImageId": image, "InstanceType": "t3.micro", "MinCount": 1, "MaxCount": 1}
    where = {"SubnetId": network.subnets[0], "SecurityGroupIds": [network.group]}
    instances: list[dict[str, Any]] = region.client("ec2").run_instances(**{**wanted, **where, **options})["Instances"]
    return instances[0]


MANAGED_CORE = "arn:aws:iam::aws:policy/AmazonSSMManagedInstanceCore"
TRUSTS_EC2 = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"}],
}


def instance_profile(region: Region, name: str, *managed: str, **inline: str) -> str:
    """An instance profile whose role has these policies; its name."""
    iam = region.client("iam")
    iam.create_role(RoleName=name, AssumeRolePolicyDocument=json.dumps(TRUSTS_EC2))
    for arn in managed:
        iam.attach_role_policy(RoleName=name, PolicyArn=arn)
    for policy, document in inline.items():
        iam.put_role_policy(RoleName=name, PolicyName=policy, PolicyDocument=document)
    iam.create_instance_profile(InstanceProfileName=name)
    iam.add_role_to_instance_profile(InstanceProfileName=name, RoleName=name)
    return name


def state(ec2: Any, instance: str) -> str:
    """The instance's state."""
    return str(ec2.describe_instances(InstanceIds=[instance])["Reservations"][0]["Instances"][0]["State"]["Name"])


def scenarios_of(*programs: ModuleType) -> list[Any]:
    """(program, scenario) of every program like inside.py, as parameters of a test."""
    return [pytest.param(each, scenario, id=scenario) for each in programs for scenario in each.SCENARIOS]


@cache
def outcomes_of(program: ModuleType) -> dict[str, str]:
    """What the program prints, which is run once: a traceback a scenario, empty when its assertions held."""
    command = [sys.executable, "-m", program.__name__]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=600, check=False)
    assert done.returncode == 0, done.stderr
    outcomes: dict[str, str] = json.loads(done.stdout)
    return outcomes
