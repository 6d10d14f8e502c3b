"""The zonal shift module, against the region."""

from __future__ import annotations

import pytest
from ansible_collections.ha_stack.aws.plugins.module_utils._model.errors import StackError


@pytest.fixture
def load_balancer(aws):
    """The ARN of a load balancer that may be shifted."""
    ec2, elbv2 = aws("ec2"), aws("elbv2")
    vpc = ec2.create_vpc(CidrBlock="10.91.0.0/16")["Vpc"]["VpcId"]
    subnets = [
        ec2.create_subnet(VpcId=vpc, CidrBlock=f"10.91.{number}.0/24", AvailabilityZone=f"us-east-1{zone}")["Subnet"]
        for number, zone in enumerate("ab")
    ]
    ids = [subnet["SubnetId"] for subnet in subnets]
    made = elbv2.create_load_balancer(Name="zonal-shift", Subnets=ids, Scheme="internal")["LoadBalancers"][0]
    arn = made["LoadBalancerArn"]
    enabled = [{"Key": "zonal_shift.config.enabled", "Value": "true"}]
    elbv2.modify_load_balancer_attributes(LoadBalancerArn=arn, Attributes=enabled)
    elbv2.get_waiter("load_balancer_available").wait(LoadBalancerArns=[arn], WaiterConfig={"Delay": 1})
    yield arn
    elbv2.delete_load_balancer(LoadBalancerArn=arn)


def test_twelve_steps(twelve_steps, aws, load_balancer):
    given = {"resource_arn": load_balancer, "away_from": "us-east-1a", "expires_in": "30m", "comment": "trouble"}
    created, updated, deleted = twelve_steps("zonal_shift")(
        given, {**given, "comment": "more trouble"}, {"resource_arn": load_balancer}
    )
    assert created["zonal_shift"]["away_from"] == "us-east-1a"
    assert created["zonal_shift"]["zone_id"] == "use1-az6"  # as moto maps the account's zones
    assert updated["diff"]["after"] == {
        f"zonal shift {load_balancer.rpartition('loadbalancer/')[2]}": {"comment": "more trouble"}
    }
    assert deleted["zonal_shift"] == {}


def test_an_unknown_zone_is_refused(module, load_balancer):
    with pytest.raises(StackError, match=r"away_from: 'us-east-1x' is no Availability Zone .* us-east-1a, us-east-1b"):
        module("zonal_shift")(resource_arn=load_balancer, away_from="us-east-1x")
