"""The target group module, against the region."""

from __future__ import annotations

import pytest
from ansible_collections.ha_stack.aws.plugins.module_utils._aws import traffic
from ansible_collections.ha_stack.aws.plugins.module_utils._model.errors import StackError
from ansible_collections.ha_stack.aws.plugins.module_utils._model.target_group import stand_in_name
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


def test_addresses_are_registered_and_taken_out(twelve_steps, vpc_id):
    given = {
        "name": "addresses",
        "vpc_id": vpc_id,
        "target_type": "ip",
        "port": 8000,
        "targets": [{"id": "10.90.0.11"}, {"id": "192.168.0.12", "port": 8001, "availability_zone": "all"}],
        "cross_zone": "true",
        "routing_minimum_healthy_count": "1",
        "dns_failover_minimum_healthy_percentage": "50",
    }
    changed = {**given, "targets": [{"id": "10.90.0.11"}, {"id": "10.90.0.13"}], "cross_zone": "false"}
    created, updated, _ = twelve_steps("target_group")(given, changed, {"name": "addresses"})
    assert [(each["id"], each["port"]) for each in created["target_group"]["targets"]] == [
        ("10.90.0.11", 8000),
        ("192.168.0.12", 8001),
    ]
    assert [each["id"] for each in updated["target_group"]["targets"]] == ["10.90.0.11", "10.90.0.13"]


def test_targets_that_are_not_listed_stay_where_they_are_not_purged(module, vpc_id):
    wish = {"name": "shared", "vpc_id": vpc_id, "target_type": "ip", "port": 8000}
    target_group = module("target_group")
    target_group(**wish, targets=[{"id": "10.90.0.11"}])
    both = target_group(**wish, targets=[{"id": "10.90.0.12"}], purge_targets=False)
    assert [each["id"] for each in both["target_group"]["targets"]] == ["10.90.0.11", "10.90.0.12"]
    assert not target_group(**wish, targets=[{"id": "10.90.0.12"}], purge_targets=False)["changed"]
    assert not target_group(**wish)["changed"], "left alone where none are given"
    target_group(name="shared", state="absent")


def test_a_function_has_neither_network_nor_port(twelve_steps):
    given = {
        "name": "function",
        "target_type": "lambda",
        "lambda_multi_value_headers": True,
        "health_check_enabled": True,
    }
    changed = {**given, "lambda_multi_value_headers": False, "health_check_enabled": False}
    created, _, _ = twelve_steps("target_group")(given, changed, {"name": "function"})
    assert created["target_group"]["target_type"] == "lambda"


def test_the_longest_delay_is_an_hour(module, vpc_id):
    wish = {
        "name": "patient",
        "vpc_id": vpc_id,
        "port": 8000,
        "deregistration_delay": 3600,
        "target_control_port": 3000,
    }
    assert module("target_group")(**wish)["target_group"]["deregistration_delay"] == 3600
    assert not module("target_group")(**wish)["changed"]
    module("target_group")(name="patient", state="absent")


def test_a_target_group_in_use_is_replaced_with_its_traffic(module, aws, ground):
    """ResourceInUse for who deletes it first; an error for who changes its port."""
    group = module("autoscaling_group")(**ground.options(target_group_arns=[ground.target_group], desired_capacity=2))
    elbv2, target_group = aws("elbv2"), module("target_group")
    target_group(name="ground", vpc_id=ground.vpc, port=8000, deregistration_delay=5)
    listener = elbv2.describe_listeners(LoadBalancerArn=ground.balancer["LoadBalancerArn"])["Listeners"][0]
    rule = elbv2.create_rule(
        ListenerArn=listener["ListenerArn"],
        Priority=1,
        Conditions=[{"Field": "path-pattern", "Values": ["/x"]}],
        Actions=[{"Type": "forward", "TargetGroupArn": ground.target_group}],
    )["Rules"][0]
    wish = {"name": "ground", "vpc_id": ground.vpc, "port": 9000, "replace": True}
    planned, done = target_group(**wish, check_mode=True), target_group(**wish)
    assert (planned["plan"], planned["diff"]) == (done["plan"], done["diff"])
    made = done["target_group"]["arn"]
    ground.target_groups = [made]
    assert made != ground.target_group
    assert not target_group(**wish)["changed"]
    assert done["target_group"]["load_balancer_arns"] == [ground.balancer["LoadBalancerArn"]]

    actions = elbv2.describe_listeners(ListenerArns=[listener["ListenerArn"]])["Listeners"][0]["DefaultActions"]
    rules = elbv2.describe_rules(RuleArns=[rule["RuleArn"]])["Rules"][0]["Actions"]
    assert [each[0]["TargetGroupArn"] for each in (actions, rules)] == [made, made]
    attached = module("autoscaling_group")(name="group")["autoscaling_group"]
    assert (attached["target_group_arns"], attached["suspended_processes"]) == ([made], [])
    assert {each["id"] for each in attached["instances"]} == {
        each["id"] for each in group["autoscaling_group"]["instances"]
    }, "no instance was replaced"
    health = elbv2.describe_target_health(TargetGroupArn=made)["TargetHealthDescriptions"]
    assert [(each["Target"]["Port"], each["TargetHealth"]["State"]) for each in health] == [(9000, "healthy")] * 2
    left = [each["TargetGroupName"] for each in elbv2.describe_target_groups()["TargetGroups"]]
    assert left == ["ground"]


def test_a_replacement_whose_targets_do_not_get_healthy_leaves_the_traffic_where_it_is(module, aws, ground):
    module("autoscaling_group")(**ground.options(target_group_arns=[ground.target_group], desired_capacity=2))
    autoscaling, elbv2, target_group = aws("autoscaling"), aws("elbv2"), module("target_group")
    # Nothing is added to a new target group: its targets can't get healthy.
    autoscaling.suspend_processes(AutoScalingGroupName="group", ScalingProcesses=["AddToLoadBalancer"])
    wish = {"name": "ground", "vpc_id": ground.vpc, "port": 9000, "replace": True}
    with pytest.raises(StackError, match=r"0 of 2 targets are healthy.*still go to target group ground"):
        target_group(**wish, wait_timeout=1)
    listener = elbv2.describe_listeners(LoadBalancerArn=ground.balancer["LoadBalancerArn"])["Listeners"][0]
    assert listener["DefaultActions"][0]["TargetGroupArn"] == ground.target_group
    assert module("autoscaling_group")(name="group")["autoscaling_group"]["target_group_arns"] == [ground.target_group]
    called_off = target_group(**{**wish, "port": 8000})
    assert called_off["plan"][-1].endswith("-stand-in")
    assert not target_group(**{**wish, "port": 8000})["changed"]


def test_a_replacement_that_is_ended_gives_the_traffic_back(module, aws, ground, monkeypatch):
    """Whoever ends it, and at the worst of times: both groups are named by the listener."""
    module("autoscaling_group")(**ground.options(target_group_arns=[ground.target_group], desired_capacity=2))
    elbv2, target_group = aws("elbv2"), module("target_group")
    target_group(name="ground", vpc_id=ground.vpc, port=8000, deregistration_delay=5)

    def ended(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(traffic, "_wait_for_health", ended)
    wish = {"name": "ground", "vpc_id": ground.vpc, "port": 9000, "replace": True}
    with pytest.raises(KeyboardInterrupt):
        target_group(**wish)
    monkeypatch.undo()
    listener = elbv2.describe_listeners(LoadBalancerArn=ground.balancer["LoadBalancerArn"])["Listeners"][0]
    assert listener["DefaultActions"] == [{"Type": "forward", "TargetGroupArn": ground.target_group}]
    group = module("autoscaling_group")(name="group")["autoscaling_group"]
    assert (group["target_group_arns"], group["suspended_processes"]) == ([ground.target_group], [])
    done = target_group(**wish)
    ground.target_groups = [done["target_group"]["arn"]]
    assert done["plan"][0].startswith("update traffic ground to"), "it goes on with the stand-in that is there"


@pytest.mark.parametrize("both", [True, False], ids=["beside the group", "alone"])
def test_what_an_interrupted_replacement_left_goes_with_its_group(module, aws, vpc, both):
    target_group, stand_in = module("target_group"), stand_in_name("left")
    for name in (stand_in, *(["left"] if both else [])):
        target_group(name=name, vpc_id=vpc.id, port=8000)
    planned = target_group(name="left", state="absent", check_mode=True)
    done = target_group(name="left", state="absent")
    assert (
        planned["plan"]
        == done["plan"]
        == [f"delete target group {name}" for name in ((["left"] if both else []) + [stand_in])]
    )
    assert not aws("elbv2").describe_target_groups()["TargetGroups"]
    aws.calls.clear()
    assert not target_group(name="left", state="absent")["changed"]
    assert aws.calls == ["DescribeTargetGroups"] * 2
