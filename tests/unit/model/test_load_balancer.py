"""What can't be right about a load balancer, what AWS's answers mean, and when it is ready."""

from __future__ import annotations

from dataclasses import replace

import pytest
from ansible_collections.ha_stack.aws.plugins.module_utils._model import load_balancer as model
from ansible_collections.ha_stack.aws.plugins.module_utils._model.errors import StackError
from ansible_collections.ha_stack.aws.plugins.module_utils._model.values import KNOWN_AFTER_APPLY, UNSET

GIVEN = {"name": "goals", "subnet_ids": ["subnet-1", "subnet-2"]}
BALANCER = {
    "LoadBalancerName": "goals",
    "LoadBalancerArn": "arn:lb",
    "DNSName": "goals-1.us-east-1.elb.amazonaws.com",
    "CanonicalHostedZoneId": "Z35SXDOTRQ7X7K",
    "Scheme": "internet-facing",
    "VpcId": "vpc-1",
    "State": {"Code": "active"},
    "AvailabilityZones": [
        {"ZoneName": "us-east-1b", "SubnetId": "subnet-2"},
        {"ZoneName": "us-east-1a", "SubnetId": "subnet-1"},
    ],
    "SecurityGroups": ["sg-2", "sg-1"],
    "IpAddressType": "ipv4",
}


def options(**given):
    everything = {option: spec.get("default") for option, spec in model.OPTIONS.items()}
    return {**everything, "state": "present", **GIVEN, **given}


@pytest.mark.parametrize(
    ("given", "faulty"),
    [
        pytest.param({}, [], id="nothing wrong"),
        pytest.param({"state": "absent", "subnet_ids": None}, [], id="absent needs a name alone"),
        pytest.param({"subnet_ids": None}, ["subnet_ids"], id="no subnets"),
        pytest.param({"subnet_ids": ["subnet-1"]}, ["subnet_ids"], id="one subnet"),
        pytest.param({"subnet_ids": ["subnet-1", "subnet-1"]}, ["subnet_ids"], id="a subnet twice"),
        pytest.param({"subnet_ids": [KNOWN_AFTER_APPLY, KNOWN_AFTER_APPLY]}, [], id="subnets to be made"),
        pytest.param({"name": "a" * 33}, ["name"], id="too long"),
        pytest.param({"name": "internal-goals"}, ["name"], id="ELB's own names"),
        pytest.param({"security_group_ids": []}, ["security_group_ids"], id="no security group"),
        pytest.param({"idle_timeout": 0, "client_keep_alive": 59}, ["idle_timeout", "client_keep_alive"], id="seconds"),
        pytest.param({"access_logs_prefix": "/goals"}, ["access_logs_prefix"], id="a slash before"),
        pytest.param({"connection_logs_prefix": "goals/"}, ["connection_logs_prefix"], id="a slash after"),
        pytest.param({"health_check_logs_prefix": "a/AWSLogs"}, ["health_check_logs_prefix"], id="what ELB appends"),
        pytest.param({"access_logs_prefix": "a/b", "connection_logs_prefix": ""}, [], id="prefixes"),
    ],
)
def test_faults(given, faulty):
    assert [fault.option for fault in model.faults(options(**given))] == faulty


def test_the_order_of_subnets_and_groups_is_no_difference():
    there = model.from_api(BALANCER, [], [], [])
    wish = model.from_params(options(subnet_ids=["subnet-2", "subnet-1"], security_group_ids=["sg-1", "sg-2"]))
    assert (wish.subnet_ids, wish.security_group_ids) == (there.subnet_ids, there.security_group_ids)
    assert there.availability_zones == ("us-east-1a", "us-east-1b")


def test_attributes_get_their_types():
    attributes = [
        {"Key": "idle_timeout.timeout_seconds", "Value": "60"},
        {"Key": "routing.http2.enabled", "Value": "true"},
        {"Key": "routing.http.desync_mitigation_mode", "Value": "defensive"},
        {"Key": "load_balancing.cross_zone.enabled", "Value": "true"},
    ]
    there = model.from_api(BALANCER, attributes, [], [])
    assert (there.idle_timeout, there.http2, there.desync_mitigation_mode) == (60, True, "defensive")
    assert there.waf_fail_open is None, "an attribute that AWS doesn't tell"


def test_what_is_not_given_is_unset():
    wish = model.from_params(options())
    assert wish.settings() == {"name": "goals", "subnet_ids": ["subnet-1", "subnet-2"]}
    assert wish.listeners is UNSET
    assert model.from_params(options(listeners=[])).listeners == ()


@pytest.mark.parametrize(
    ("state", "missing"),
    [("active", None), ("active_impaired", None), ("provisioning", "its state is provisioning")],
)
def test_pending(state, missing):
    assert model.pending(replace(model.from_api(BALANCER, [], [], []), state=state)) == missing


def test_a_failed_load_balancer_is_told_with_its_reason():
    failed = model.from_api({**BALANCER, "State": {"Code": "failed", "Reason": "no addresses left"}}, [], [], [])
    with pytest.raises(StackError, match="load balancer goals has failed: no addresses left"):
        model.pending(failed)


def test_remaining_tells_what_is_still_there():
    assert model.remaining(model.from_api(BALANCER, [], [], [])) == "load balancer goals is still active"
    assert "eni-1, eni-2" in model.remaining(model.leaving("goals", ["eni-2", "eni-1"]))
