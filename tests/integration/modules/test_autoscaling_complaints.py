"""What users of other tools complain of about Auto Scaling, one test each."""

from __future__ import annotations

import pytest
from ansible_collections.ha_stack.aws.plugins.module_utils._model.errors import InvalidOptions, StackError

FAST = {"min_healthy_percentage": 100, "max_healthy_percentage": 200, "instance_warmup": 0}


@pytest.fixture
def group(module):
    return module("autoscaling_group")


@pytest.fixture
def refresh(module):
    return module("instance_refresh")


def told(aws):
    return aws("autoscaling").describe_auto_scaling_groups(AutoScalingGroupNames=["group"])["AutoScalingGroups"][0]


def to_version(ground, version, **more):
    return {"name": "group", "launch_template": {"id": ground.template, "version": version}, **FAST, **more}


def test_check_mode_compares_before_it_says_changed(group, ground, aws):
    group(**ground.options())
    aws.calls.clear()
    same, other = group(**ground.options(), check_mode=True), group(**ground.options(max_size=4), check_mode=True)
    assert (same["changed"], other["changed"]) == (False, True)
    assert other["diff"]["after"] == {"autoscaling group group": {"max_size": 4}}
    assert aws.writes() == []


def test_termination_policies_that_a_task_leaves_out_are_not_reset(group, ground, aws):
    group(**ground.options(termination_policies=["NewestInstance", "Default"]))
    changed = group(**ground.options(max_size=4))
    assert changed["diff"]["after"] == {"autoscaling group group": {"max_size": 4}}
    assert told(aws)["TerminationPolicies"] == ["NewestInstance", "Default"]


def test_a_refresh_does_not_alter_the_sizes(group, refresh, ground, aws):
    group(**ground.options(desired_capacity=2))
    sizes = ("MinSize", "DesiredCapacity", "MaxSize")
    before = [told(aws)[size] for size in sizes]
    aws.calls.clear()
    refresh(**to_version(ground, "2"))
    assert [told(aws)[size] for size in sizes] == before == [2, 2, 3]
    assert aws.writes() == ["StartInstanceRefresh"], "the group itself is not written"


def test_desired_capacity_is_left_to_a_scaling_policy(group, ground, aws):
    up = {"name": "up", "simple": {"adjustment_type": "ChangeInCapacity", "scaling_adjustment": 1}}
    options = ground.options(scaling_policies=[up])
    made = group(**options)
    (policy,) = made["autoscaling_group"]["scaling_policies"]
    aws("autoscaling").execute_policy(PolicyName=policy["arn"])
    grown = group(**options)
    assert (grown["changed"], grown["autoscaling_group"]["desired_capacity"]) == (False, 3)
    other = group(**ground.options(scaling_policies=[up], health_check_grace_period=30))
    assert other["diff"]["after"]["autoscaling group group"] == {"health_check_grace_period": 30}
    assert told(aws)["DesiredCapacity"] == 3


def test_more_than_twenty_target_groups_are_attached_and_stay(group, ground, aws):
    """AWS takes ten in a call that attaches them, and twenty in one that describes them."""
    many = [ground.make_target_group(f"many-{number}") for number in range(22)]
    group(**ground.options(target_group_arns=many[:11]))
    group(**ground.options(target_group_arns=many))
    assert sorted(told(aws)["TargetGroupARNs"]) == sorted(many)
    assert not group(**ground.options(target_group_arns=many))["changed"]


def test_more_than_twenty_target_groups_are_forwarded_to(module, ground):
    names = [f"many-{number}" for number in range(22)]
    for name in names:
        ground.make_target_group(name)
    rules = [
        {"priority": 1 + index, "conditions": [{"field": "path-pattern", "values": [f"/{name}"]}], "target_group": name}
        for index, name in enumerate(names)
    ]
    listeners = [{"port": 81, "target_group": "ground", "rules": [{**rule, "tags": {"a": "1"}} for rule in rules]}]
    options = {"name": "ground", "subnet_ids": ground.subnets, "listeners": listeners, "purge_listeners": False}
    assert len(module("load_balancer")(**options)["plan"]) == 23
    assert not module("load_balancer")(**options)["changed"]
    listeners[0]["rules"].append({**rules[0], "priority": 99, "target_group": "none"})
    with pytest.raises(StackError, match=r"target group none: there is no target group of that name"):
        module("load_balancer")(**options)


def test_target_groups_that_are_attached_elsewhere_stay_where_a_task_names_none(group, ground, aws):
    group(**ground.options())
    aws("autoscaling").attach_load_balancer_target_groups(
        AutoScalingGroupName="group", TargetGroupARNs=[ground.target_group]
    )
    for options in (ground.options(), ground.options(max_size=4), ground.options(max_size=4)):
        group(**options)
        assert told(aws)["TargetGroupARNs"] == [ground.target_group]


@pytest.mark.parametrize("version", ["$Latest", "$Default"])
def test_a_version_without_a_number_is_refused_since_no_refresh_would_see_it_change(
    group, refresh, ground, aws, version
):
    group(**ground.options())
    aws.calls.clear()
    for module in (group, refresh):
        with pytest.raises(InvalidOptions, match=r"can't roll back"):
            module(name="group", launch_template={"id": ground.template, "version": version})
    assert aws.calls == []


def test_a_refresh_to_the_latest_version_fires_for_each_new_version(group, refresh, ground, aws):
    group(**ground.options(launch_template={"id": ground.template, "version": 2}))
    latest = to_version(ground, "latest")
    assert not refresh(**latest)["changed"]
    data = aws("ec2").describe_launch_template_versions(LaunchTemplateId=ground.template, Versions=["2"])
    aws("ec2").create_launch_template_version(
        LaunchTemplateId=ground.template, LaunchTemplateData=data["LaunchTemplateVersions"][0]["LaunchTemplateData"]
    )
    done = refresh(**latest)
    assert (done["changed"], done["instance_refresh"]["launch_template"]["version"]) == (True, 3)


def test_a_refresh_can_be_rolled_back_as_the_group_was_not_updated_before_it(group, refresh, ground, aws):
    on_create = {"launch_template": {"id": ground.template, "version": 2}, "update_launch_template": "on_create"}
    group(**ground.options())
    assert not group(**ground.options(**on_create), wait=False)["changed"]
    refresh(**to_version(ground, "2"), wait=False)
    assert told(aws)["LaunchTemplate"]["Version"] == "1", "the good version, until all instances have the new one"
    refresh(name="group", state="rolled_back")
    assert {each["LaunchTemplate"]["Version"] for each in told(aws)["Instances"]} == {"1"}


def test_a_run_ends_when_the_refresh_has_ended(group, refresh, ground, aws):
    group(**ground.options())
    refresh(**to_version(ground, "2"))
    (newest,) = aws("autoscaling").describe_instance_refreshes(AutoScalingGroupName="group")["InstanceRefreshes"]
    assert (newest["Status"], newest["Preferences"]["AutoRollback"]) == ("Successful", True)
