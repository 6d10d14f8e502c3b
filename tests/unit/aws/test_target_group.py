"""What is sent to Elastic Load Balancing for a target group, checked against the service's own model."""

from __future__ import annotations

import pytest
from ansible_collections.ha_stack.aws.plugins.module_utils._aws import target_group as api
from ansible_collections.ha_stack.aws.plugins.module_utils._model.target_group import TargetGroup
from ansible_collections.ha_stack.aws.plugins.module_utils._plan.target_group import plan
from botocore.exceptions import ClientError

from tests.support.stubbed import stubbed

ARN = "arn:aws:elasticloadbalancing:us-east-1:123456789012:targetgroup/goals/73e2d6bc24d8a067"
HAVE = TargetGroup(
    "goals",
    health_check_interval=30,
    health_check_timeout=5,
    tags={"a": "1", "b": "2"},
    arn=ARN,
    protocol_version="GRPC",
)


def change(want, have=HAVE):
    return plan(want, have, {"purge_tags": True})[0]


def test_create_puts_the_attributes_after_it():
    want = TargetGroup(
        "goals", vpc_id="vpc-1", protocol="HTTP", port=8000, success_codes="200", slow_start=30, tags={"stack": "goals"}
    )
    sent = {
        "Name": "goals",
        "VpcId": "vpc-1",
        "Protocol": "HTTP",
        "Port": 8000,
        "Matcher": {"HttpCode": "200"},
        "Tags": [{"Key": "stack", "Value": "goals"}],
    }
    attributes = [{"Key": "slow_start.duration_seconds", "Value": "30"}]
    with stubbed("elbv2") as (session, stub):
        stub.add_response("create_target_group", {"TargetGroups": [{"TargetGroupArn": ARN}]}, sent)
        stub.add_response("modify_target_group_attributes", {}, {"TargetGroupArn": ARN, "Attributes": attributes})
        api.create(session, change(want, None))


def test_update_sends_what_differs_and_no_more():
    want = TargetGroup("goals", health_check_interval=10, success_codes="0", stickiness_enabled=True, tags={"a": "3"})
    with stubbed("elbv2") as (session, stub):
        stub.add_response(
            "modify_target_group",
            {},
            {"TargetGroupArn": ARN, "HealthCheckIntervalSeconds": 10, "Matcher": {"GrpcCode": "0"}},
        )
        stub.add_response(
            "modify_target_group_attributes",
            {},
            {"TargetGroupArn": ARN, "Attributes": [{"Key": "stickiness.enabled", "Value": "true"}]},
        )
        stub.add_response("add_tags", {}, {"ResourceArns": [ARN], "Tags": [{"Key": "a", "Value": "3"}]})
        stub.add_response("remove_tags", {}, {"ResourceArns": [ARN], "TagKeys": ["b"]})
        api.update(session, change(want))


def test_the_name_of_the_cookie_goes_with_the_type_that_needs_it():
    have = TargetGroup("goals", arn=ARN, stickiness_type="lb_cookie", stickiness_app_cookie_name="goals")
    want = TargetGroup("goals", stickiness_type="app_cookie", stickiness_app_cookie_name="goals")
    sent = [
        {"Key": "stickiness.type", "Value": "app_cookie"},
        {"Key": "stickiness.app_cookie.cookie_name", "Value": "goals"},
    ]
    with stubbed("elbv2") as (session, stub):
        stub.add_response("modify_target_group_attributes", {}, {"TargetGroupArn": ARN, "Attributes": sent})
        [change] = plan(want, have, {"purge_tags": True})
        api.update(session, change)


def test_a_target_group_that_is_not_there_is_none():
    with stubbed("elbv2") as (session, stub):
        stub.add_client_error("describe_target_groups", "TargetGroupNotFound", expected_params={"Names": ["goals"]})
        assert api.read(session, TargetGroup("goals")) is None


def named_by(stub, *actions):
    """The load balancer that was seen to use it has one listener; ``actions`` are of its rules."""
    listener = {"ListenerArn": "arn:listener"}
    stub.add_response("describe_listeners", {"Listeners": [listener]}, {"LoadBalancerArn": "arn:lb"})
    rules = [{"Actions": [{"Type": "forward", "TargetGroupArn": arn}]} for arn in actions]
    stub.add_response("describe_rules", {"Rules": rules}, listener)


def test_deletion_waits_for_a_load_balancer_that_has_just_gone():
    used = TargetGroup("goals", arn=ARN, load_balancer_arns=("arn:lb",))
    with stubbed("elbv2", wait_timeout=60) as (session, stub):
        stub.add_client_error("delete_target_group", "ResourceInUse")
        stub.add_client_error("describe_listeners", "LoadBalancerNotFound")
        stub.add_response("delete_target_group", {}, {"TargetGroupArn": ARN})
        api.delete(session, change(None, used))


def test_deletion_waits_for_a_rule_that_has_just_gone():
    used = TargetGroup("goals", arn=ARN, load_balancer_arns=("arn:lb",))
    with stubbed("elbv2", wait_timeout=60) as (session, stub):
        stub.add_client_error("delete_target_group", "ResourceInUse")
        named_by(stub, "arn:another")
        stub.add_response("delete_target_group", {}, {"TargetGroupArn": ARN})
        api.delete(session, change(None, used))


def test_deletion_fails_at_once_while_a_rule_names_it():
    used = TargetGroup("goals", arn=ARN, load_balancer_arns=("arn:lb",))
    with stubbed("elbv2", wait_timeout=60) as (session, stub):
        stub.add_client_error("delete_target_group", "ResourceInUse")
        named_by(stub, "arn:another", ARN)
        with pytest.raises(ClientError, match="ResourceInUse"):
            api.delete(session, change(None, used))
