"""The target group module, against the region."""

from __future__ import annotations

import pytest
from ansible_collections.ha_stack.aws.plugins.module_utils._model.errors import StackError
from ansible_collections.ha_stack.aws.plugins.module_utils._model.values import KNOWN_AFTER_APPLY


@pytest.fixture
def vpc_id(aws):
    vpc = aws("ec2").create_vpc(CidrBlock="10.90.0.0/16")["Vpc"]["VpcId"]
    yield vpc
    aws("ec2").delete_vpc(VpcId=vpc)


def test_twelve_steps(twelve_steps, aws, vpc_id):
    given = {
        "name": "twelve-steps",
        "vpc_id": vpc_id,
        "port": 8000,
        "health_check_interval": 5,
        "health_check_timeout": 2,
        "healthy_threshold": 2,
        "success_codes": "200",
        "deregistration_delay": 30,
        "stickiness_enabled": False,
        "tags": {"stack": "goals", "owner": "web"},
    }
    changed = {
        **given,
        "health_check_interval": 10,
        "deregistration_delay": 20,
        "tags": {"stack": "goals", "tier": "app"},
    }
    created, updated, deleted = twelve_steps("target_group")(given, changed, {"name": "twelve-steps"})
    assert created["plan"] == ["create target group twelve-steps"]
    assert updated["diff"]["before"]["target group twelve-steps"] == {
        "health_check_interval": 5,
        "deregistration_delay": 30,
        "tags": {"stack": "goals", "owner": "web"},
    }
    assert updated["target_group"]["health_check_timeout"] == 2, "a setting that was not changed stays"
    assert deleted["target_group"] == {}
    with pytest.raises(aws("elbv2").exceptions.TargetGroupNotFoundException):
        aws("elbv2").describe_target_groups(Names=["twelve-steps"])


def test_settings_not_given_are_left_alone(module, aws, vpc_id):
    target_group = module("target_group")
    made = target_group(name="left-alone", vpc_id=vpc_id, port=8000, deregistration_delay=30, tags={"stack": "goals"})
    arn = made["target_group"]["arn"]
    aws("elbv2").modify_target_group_attributes(
        TargetGroupArn=arn, Attributes=[{"Key": "slow_start.duration_seconds", "Value": "60"}]
    )
    assert not target_group(name="left-alone", vpc_id=vpc_id, port=8000)["changed"]
    kept = target_group(name="left-alone", vpc_id=vpc_id, port=8000, tags={"tier": "app"}, purge_tags=False)
    assert kept["target_group"]["tags"] == {"stack": "goals", "tier": "app"}
    assert kept["target_group"]["slow_start"] == 60
    target_group(name="left-alone", state="absent")


def test_an_immutable_setting_is_refused_before_anything_is_written(module, aws, vpc_id):
    target_group = module("target_group")
    target_group(name="fixed", vpc_id=vpc_id, port=8000)
    aws.calls.clear()
    with pytest.raises(StackError, match=r"target group fixed: port is 8000, wanted 9000.*another name"):
        target_group(name="fixed", vpc_id=vpc_id, port=9000, health_check_interval=10)
    assert aws.writes() == []
    target_group(name="fixed", state="absent")


def test_check_mode_plans_with_a_vpc_that_is_still_to_be_made(module):
    planned = module("target_group")(name="planned", vpc_id=KNOWN_AFTER_APPLY, port=8000, check_mode=True)
    assert planned["plan"] == ["create target group planned"]
    assert planned["target_group"]["arn"] == KNOWN_AFTER_APPLY
