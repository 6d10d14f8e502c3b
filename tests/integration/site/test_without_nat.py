"""A stack of which nothing gets out: endpoints instead of NAT gateways, made with all the rest."""

from __future__ import annotations

import json
from collections import Counter

from tests.integration.site.conftest import NAME

SECLUDED = {
    "network_nat_gateways": "none",
    "network_tiers": [
        {"name": "public", "route": "internet"},
        {"name": "app", "route": "none"},
        {"name": "database", "route": "none"},
    ],
    "network_endpoints": [{"service": "s3", "tiers": ["app"]}, {"service": "secretsmanager", "tiers": ["app"]}],
    "network_flow_log_days": 7,
}


def test_a_fresh_stack_without_nat_gateways(region):
    wish = ("-e", json.dumps(SECLUDED))
    region.calls.mark()
    planned = region.site(*wish, check=True)
    assert planned.returncode == 0, planned.messages()
    assert region.calls.writes() == []
    done = region.site(*wish)
    assert done.returncode == 0, done.messages()
    assert Counter(done.plan()) == Counter(planned.plan())
    assert {f"create flow log {NAME}", "create VPC endpoint s3", "create VPC endpoint secretsmanager"} <= set(
        done.plan()
    )
    again = region.site(*wish)
    assert (again.returncode, again.stats["changed"], again.changed()) == (0, 0, {}), again.messages()

    ec2 = region.aws("ec2")
    assert ec2.describe_nat_gateways()["NatGateways"] == []
    states = {each["ServiceName"]: each["State"] for each in ec2.describe_vpc_endpoints()["VpcEndpoints"]}
    assert set(states.values()) == {"available"}, "the instances were waited for later"
