"""What the tests of databases share."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
from ansible_collections.ha_stack.aws.plugins.module_utils._model.errors import StackError

from tests.integration.conftest import Aws

NEEDED = {"name": "goals", "instance_class": "db.t4g.micro", "allocated_storage": 20, "master_username": "goals"}


def place(endpoint, prefix):
    """Three subnets in three zones and two security groups, until the generator is closed."""
    ec2 = Aws(endpoint)("ec2")
    vpc_id = ec2.create_vpc(CidrBlock=f"{prefix}.0.0/16")["Vpc"]["VpcId"]
    subnets = [
        ec2.create_subnet(VpcId=vpc_id, CidrBlock=f"{prefix}.{n}.0/24", AvailabilityZone=f"us-east-1{zone}")["Subnet"][
            "SubnetId"
        ]
        for n, zone in enumerate("abc")
    ]
    groups = [
        ec2.create_security_group(VpcId=vpc_id, GroupName=name, Description=name)["GroupId"] for name in ("db", "more")
    ]
    yield SimpleNamespace(id=vpc_id, subnets=subnets, groups=groups)
    for group in groups:
        ec2.delete_security_group(GroupId=group)
    for subnet in subnets:
        ec2.delete_subnet(SubnetId=subnet)
    ec2.delete_vpc(VpcId=vpc_id)


def refused_before_any_write(aws, call, match):
    aws.calls.clear()
    with pytest.raises(StackError, match=match):
        call()
    assert aws.writes() == []
