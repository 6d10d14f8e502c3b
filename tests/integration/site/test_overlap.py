"""A fresh site waits for what takes minutes side by side, not one after the other."""

from __future__ import annotations

import pytest

from tests.integration.site.conftest import Region

# AWS's minutes in seconds: the database 14, load balancer 4, NAT gateways 2.
AWS_TIMES = ("--delays", "aws", "--time-scale", "0.02")


@pytest.fixture(scope="module")
def region(tmp_path_factory):
    region = Region(tmp_path_factory.mktemp("overlap"))
    region.up(*AWS_TIMES)
    yield region
    region.down()


def test_database_and_load_balancer_are_being_made_while_the_nat_gateways_are(region):
    run = region.site()
    assert run.returncode == 0, run.messages()
    called = [f"{call['service']}:{call['action']}" for call in region.calls.all() if call["status"] == 200]
    led_out = len(called) - 1 - called[::-1].index("ec2:CreateRoute")  # through the last of the NAT gateways
    assert called.index("rds:CreateDBInstance") < called.index("elasticloadbalancing:CreateLoadBalancer") < led_out
    assert led_out < called.index("ec2:CreateLaunchTemplate"), "instances start when there is a way out for them"


def test_the_next_run_has_nothing_to_wait_for(region):
    region.calls.mark()
    run = region.site()
    assert run.returncode == 0, run.messages()
    assert region.calls.writes() == []
    reads = region.calls.since()
    assert reads.count("elasticloadbalancing:DescribeLoadBalancers") == 1
    assert reads.count("rds:DescribeDBInstances") == 1
