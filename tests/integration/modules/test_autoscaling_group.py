"""The Auto Scaling Group module, against the region."""

from __future__ import annotations

import re
import time

import pytest
from ansible_collections.ha_stack.aws.plugins.module_utils._model.errors import InvalidOptions, StackError
from ansible_collections.ha_stack.aws.plugins.module_utils._model.values import KNOWN_AFTER_APPLY

ROLE = "arn:aws:iam::123456789012:role/aws-service-role/autoscaling.amazonaws.com/AWSServiceRoleForAutoScaling"


@pytest.fixture
def group(module):
    return module("autoscaling_group")


def test_twelve_steps(twelve_steps, ground):
    given = ground.options(
        name="twelve-steps",
        desired_capacity=2,
        target_group_arns=[ground.target_group],
        health_check_type="ELB",
        health_check_grace_period=30,
        default_instance_warmup=20,
        default_cooldown=60,
        termination_policies=["OldestLaunchTemplate", "Default"],
        new_instances_protected_from_scale_in=False,
        max_instance_lifetime=86400,
        capacity_rebalance=False,
        availability_zone_distribution="balanced-only",
        instance_maintenance_policy={"min_healthy_percentage": 100, "max_healthy_percentage": 150},
        metrics_enabled=["GroupInServiceInstances", "GroupDesiredCapacity"],
        suspended_processes=["AZRebalance"],
        tags={"stack": "goals", "owner": "web"},
    )
    changed = {
        **given,
        "launch_template": {"id": ground.template, "version": 2},
        "subnet_ids": ground.subnets[::-1],
        "max_size": 4,
        "health_check_grace_period": 60,
        "default_instance_warmup": -1,
        "default_cooldown": 0,
        "termination_policies": [],
        "max_instance_lifetime": 0,
        "availability_zone_distribution": "balanced-best-effort",
        "instance_maintenance_policy": {},
        "metrics_enabled": ["GroupDesiredCapacity", "GroupTotalInstances"],
        "suspended_processes": [],
        "tags": {"stack": "goals", "tier": "app"},
        "propagate_tags": False,
    }
    created, updated, deleted = twelve_steps("autoscaling_group")(given, changed, {"name": "twelve-steps"})
    facts = created["autoscaling_group"]
    assert facts["zones"] == ["us-east-1a", "us-east-1b"]
    assert sorted(instance["zone"] for instance in facts["instances"]) == ["us-east-1a", "us-east-1b"]
    assert all(instance["healthy"] for instance in facts["instances"])
    assert all(each["target_health"][ground.target_group]["state"] == "healthy" for each in facts["instances"])
    before, after = updated["diff"]["before"], updated["diff"]["after"]
    assert before["autoscaling group twelve-steps"].keys() == after["autoscaling group twelve-steps"].keys()
    unchanged = {"subnet_ids", "name", "min_size", "desired_capacity", "target_group_arns", "health_check_type"}
    assert after["autoscaling group twelve-steps"].keys() & unchanged == set()
    facts = updated["autoscaling_group"]
    assert {instance["launch_template_version"] for instance in facts["instances"]} == {"1"}, "not replaced"
    assert facts["launch_template"]["version"] == 2
    assert facts["default_instance_warmup"] is facts["instance_maintenance_policy"] is None
    assert facts["metrics_enabled"] == ["GroupDesiredCapacity", "GroupTotalInstances"]
    assert (facts["tags"], facts["propagate_tags"]) == ({"stack": "goals", "tier": "app"}, False)
    assert deleted["autoscaling_group"] == {}
    assert ground.instances("twelve-steps") == [], "instances are gone when the module says so"


def test_twelve_steps_of_the_rarer_settings(twelve_steps, ground):
    lattice = "arn:aws:vpc-lattice:us-east-1:123456789012:targetgroup/tg-1234567890123456"
    given = ground.options(
        name="twelve-steps",
        health_check_type="EC2,ELB,EBS",
        traffic_sources=[{"identifier": lattice}, {"identifier": ground.target_group}],
        availability_zone_distribution="reservations-then-balanced",
        availability_zone_impairment_policy={
            "zonal_shift_enabled": True, "impaired_zone_health_check_behavior": "IgnoreUnhealthy"
        },
        skip_zonal_shift_validation=True,
        capacity_reservation_specification={
            "preference": "capacity-reservations-first", "target": {"reservation_ids": ["cr-0123456789abcdef0"]}
        },
        instance_lifecycle_policy={"retention_triggers": {"terminate_hook_abandon": "retain"}},
        placement_group="spread",
        service_linked_role_arn=f"{ROLE}_goals",
        deletion_protection="prevent-all-deletion",
    )  # fmt: skip
    changed = {
        **given,
        "health_check_type": "EC2",
        "traffic_sources": [{"identifier": "classic"}],
        "target_group_arns": [ground.target_group],
        "availability_zone_impairment_policy": {"zonal_shift_enabled": False},
        "capacity_reservation_specification": {},
        "instance_lifecycle_policy": {},
        "placement_group": "",
        "service_linked_role_arn": ROLE,
        "deletion_protection": "prevent-force-deletion",
    }
    lifecycle = twelve_steps("autoscaling_group")
    created, updated = lifecycle.step(given), lifecycle.step(changed)
    facts = created["autoscaling_group"]
    assert facts["health_check_type"] == "EBS,ELB"
    assert facts["target_group_arns"] == [ground.target_group], "a traffic source is a target group too"
    assert all(each["target_health"][ground.target_group]["state"] == "healthy" for each in facts["instances"])
    facts = updated["autoscaling_group"]
    assert [each["type"] for each in facts["traffic_sources"]] == ["elbv2", "elb"]
    assert facts["availability_zone_impairment_policy"] == {
        "zonal_shift_enabled": False, "impaired_zone_health_check_behavior": "IgnoreUnhealthy"
    }  # fmt: skip
    with pytest.raises(StackError, match=r"deletion_protection is prevent-force-deletion, so it can't be deleted"):
        lifecycle.module(name="twelve-steps", state="absent")
    lifecycle.step({"name": "twelve-steps", "state": "absent", "deletion_protection": "none"})


def test_settings_not_given_are_left_alone(group, ground, aws):
    group(**ground.options(termination_policies=["NewestInstance"], health_check_grace_period=30, tags={"a": "1"}))
    aws("autoscaling").set_desired_capacity(AutoScalingGroupName="group", DesiredCapacity=3)
    done = group(**ground.options())
    assert not done["changed"]
    assert done["autoscaling_group"]["desired_capacity"] == 3, "an autoscaler's decision stands"
    assert len(done["autoscaling_group"]["instances"]) == 3
    assert done["autoscaling_group"]["termination_policies"] == ["NewestInstance"]
    assert not group(name="group")["changed"], "the name is enough for a group that is there"


def test_desired_capacity_follows_new_bounds_and_the_plan_says_so(group, ground):
    group(**ground.options())
    grown = ground.options(min_size=3, max_size=4)
    planned = group(**grown, check_mode=True)
    done = group(**grown)
    assert planned["diff"] == done["diff"]
    assert done["diff"]["after"]["autoscaling group group"] == {"min_size": 3, "max_size": 4, "desired_capacity": 3}
    assert sum(instance["healthy"] for instance in done["autoscaling_group"]["instances"]) == 3
    shrunk = group(**ground.options(min_size=1, max_size=1))
    assert shrunk["autoscaling_group"]["desired_capacity"] == 1
    assert sum(instance["healthy"] for instance in shrunk["autoscaling_group"]["instances"]) == 1


def test_sizes_that_contradict_what_is_there_are_refused_before_anything_is_written(group, ground, aws):
    group(**ground.options())
    aws.calls.clear()
    with pytest.raises(InvalidOptions, match=r"min_size: 5 is above max_size \(3\)"):
        group(name="group", min_size=5)
    assert aws.writes() == []


def test_drift_is_found_and_repaired(group, ground, aws):
    options = ground.options(
        target_group_arns=[ground.target_group],
        health_check_type="ELB",
        suspended_processes=[],
        tags={"stack": "goals"},
    )
    group(**options)
    autoscaling, name = aws("autoscaling"), {"AutoScalingGroupName": "group"}
    autoscaling.detach_load_balancer_target_groups(**name, TargetGroupARNs=[ground.target_group])
    autoscaling.update_auto_scaling_group(**name, MaxSize=9, HealthCheckType="EC2", VPCZoneIdentifier=ground.subnets[0])
    autoscaling.suspend_processes(**name, ScalingProcesses=["ReplaceUnhealthy"])
    autoscaling.delete_tags(Tags=[{"ResourceId": "group", "ResourceType": "auto-scaling-group", "Key": "stack"}])
    planned = group(**options, check_mode=True)
    done = group(**options)
    assert planned["diff"] == done["diff"]
    after = done["diff"]["after"]["autoscaling group group"]
    assert after.keys() == {
        "target_group_arns", "max_size", "health_check_type", "subnet_ids", "suspended_processes", "tags"
    }  # fmt: skip
    assert not group(**options)["changed"]
    assert all(each["target_health"] for each in done["autoscaling_group"]["instances"])


def test_target_groups_are_attached_in_batches_and_others_detached(group, ground):
    many = [ground.make_target_group(f"many-{number}") for number in range(23)]
    made = group(**ground.options(target_group_arns=many))
    assert made["autoscaling_group"]["target_group_arns"] == sorted(many)
    assert all(instance["healthy"] for instance in made["autoscaling_group"]["instances"]), "no balancer, no check"
    left = group(**ground.options(target_group_arns=[ground.target_group]))
    assert left["autoscaling_group"]["target_group_arns"] == [ground.target_group]
    assert not group(**ground.options())["changed"], "not given is left alone"
    assert group(**ground.options(target_group_arns=[]))["autoscaling_group"]["target_group_arns"] == []


def test_target_groups_that_were_attached_as_traffic_sources_are_target_groups_too(group, ground, aws):
    first, second = ground.target_group, ground.make_target_group("second")
    group(**ground.options(traffic_sources=[{"identifier": first}]))
    assert not group(**ground.options(target_group_arns=[first]))["changed"]
    aws("autoscaling").attach_load_balancer_target_groups(AutoScalingGroupName="group", TargetGroupARNs=[second])
    both = [{"identifier": first}, {"identifier": second}]
    assert not group(**ground.options(traffic_sources=both))["changed"]
    none = group(**ground.options(target_group_arns=[]))
    assert none["autoscaling_group"]["traffic_sources"] == []
    assert not group(**ground.options(traffic_sources=[]))["changed"]


def test_tags_change_with_their_propagation(group, ground, aws):
    group(**ground.options(tags={"stack": "goals", "owner": "web"}))
    kept = group(**ground.options(tags={"stack": "site"}, purge_tags=False))
    assert kept["autoscaling_group"]["tags"] == {"stack": "site", "owner": "web"}
    flipped = group(**ground.options(tags={"stack": "site"}, propagate_tags=False))
    assert flipped["diff"]["after"]["autoscaling group group"] == {"tags": {"stack": "site"}, "propagate_tags": False}
    seen = aws("autoscaling").describe_auto_scaling_groups(AutoScalingGroupNames=["group"])["AutoScalingGroups"][0]
    assert [(tag["Key"], tag["PropagateAtLaunch"]) for tag in seen["Tags"]] == [("stack", False)]


def test_a_template_made_again_under_its_name_is_another_one(group, ground, aws):
    options = ground.options(launch_template={"name": "ground", "version": 1})
    made = group(**options)["autoscaling_group"]
    assert made["launch_template"] == {"id": ground.template, "name": "ground", "version": 1}
    assert not group(**options)["changed"]
    data = aws("ec2").describe_launch_template_versions(LaunchTemplateId=ground.template, Versions=["1"])
    aws("ec2").delete_launch_template(LaunchTemplateId=ground.template)
    planned = group(**options, check_mode=True)
    again = aws("ec2").create_launch_template(
        LaunchTemplateName="ground", LaunchTemplateData=data["LaunchTemplateVersions"][0]["LaunchTemplateData"]
    )
    done = group(**options)
    assert planned["diff"] == done["diff"]
    assert done["changed"]
    assert done["autoscaling_group"]["launch_template"]["id"] == again["LaunchTemplate"]["LaunchTemplateId"]


def test_check_mode_plans_with_what_is_still_to_be_made(group):
    options = {
        "name": "planned",
        "launch_template": {"id": KNOWN_AFTER_APPLY, "version": 1},
        "subnet_ids": [KNOWN_AFTER_APPLY, KNOWN_AFTER_APPLY],
        "target_group_arns": [KNOWN_AFTER_APPLY],
        "min_size": 2,
        "max_size": 3,
    }
    planned = group(**options, check_mode=True)
    assert planned["plan"] == ["create autoscaling group planned"]
    assert planned["autoscaling_group"]["arn"] == KNOWN_AFTER_APPLY
    assert planned["autoscaling_group"]["desired_capacity"] == 2
    by_name = {**options, "launch_template": {"name": "no-such", "version": 1}}
    assert group(**by_name, check_mode=True)["plan"] == planned["plan"]


def test_a_group_that_lacks_its_parts_is_completed(group, ground, aws):
    """As a run leaves it that was cut short after CreateAutoScalingGroup."""
    aws("autoscaling").create_auto_scaling_group(
        AutoScalingGroupName="group",
        MinSize=2,
        MaxSize=3,
        VPCZoneIdentifier=",".join(ground.subnets),
        LaunchTemplate={"LaunchTemplateId": ground.template, "Version": "1"},
    )
    options = ground.options(
        target_group_arns=[ground.target_group], metrics_enabled=["GroupMinSize"], tags={"stack": "goals"}
    )
    done = group(**options)
    assert done["diff"]["after"]["autoscaling group group"].keys() == {"target_group_arns", "metrics_enabled", "tags"}
    assert all(instance["healthy"] for instance in done["autoscaling_group"]["instances"])
    assert not group(**options)["changed"]


def test_an_unready_group_is_waited_for_though_nothing_changes(group, ground):
    group(**ground.options(target_group_arns=[ground.target_group]), wait=False)
    done = group(**ground.options(target_group_arns=[ground.target_group]))
    assert not done["changed"]
    assert [instance["healthy"] for instance in done["autoscaling_group"]["instances"]] == [True, True]


def test_a_wait_that_runs_out_tells_what_is_missing(group, ground):
    message = r"""autoscaling_group: not done after 0 s \(wait_timeout\): 0 of 2 instances are in service and healthy"""
    with pytest.raises(StackError, match=message):
        group(**ground.options(), wait_timeout=0)
    done = group(**ground.options(), wait_timeout=30)
    assert (done["changed"], len(done["autoscaling_group"]["instances"])) == (False, 2)


def test_an_unchanged_group_takes_one_call_and_one_a_target_group(group, ground, aws):
    options = ground.options(target_group_arns=[ground.target_group])
    group(**options)
    aws.calls.clear()
    group(**options)
    assert aws.calls == ["DescribeAutoScalingGroups", "DescribeTargetHealth"]


def test_a_group_can_be_made_again_while_the_one_before_goes(group, ground):
    first = group(**ground.options())["autoscaling_group"]
    gone = group(name="group", state="absent", wait=False)
    assert gone["changed"]
    options = ground.options()
    planned = group(**options, check_mode=True)
    assert planned["plan"] == ["create autoscaling group group"]
    second = group(**options)["autoscaling_group"]
    assert second["arn"] != first["arn"]
    assert {each["id"] for each in second["instances"]} & {each["id"] for each in first["instances"]} == set()


def test_deleting_goes_on_where_it_was_cut_short(group, ground):
    group(**ground.options())
    group(name="group", state="absent", wait=False)
    assert ground.instances("group")
    again = group(name="group", state="absent")
    assert (again["changed"], again["autoscaling_group"]) == (False, {})
    assert ground.instances("group") == []


def test_a_delete_that_lasts_tells_what_is_left(group, ground):
    group(**ground.options())
    with pytest.raises(StackError, match=r"not done after 0 s .*the group is being deleted; i-\w+ is \w+"):
        group(name="group", state="absent", wait_timeout=0)


def test_a_launch_that_can_never_succeed_fails_at_once(group, ground, aws):
    data = {"ImageId": "ami-0badbadbadbadbad0", "InstanceType": "t3.micro", "KeyName": "no-such-key"}
    bad = aws("ec2").create_launch_template(LaunchTemplateName="bad", LaunchTemplateData=data)["LaunchTemplate"]
    template = {"id": bad["LaunchTemplateId"], "version": 1}
    began = time.monotonic()
    with pytest.raises(StackError, match=r"Launching a new EC2 instance.*Failed.*It will fail each time"):
        group(**ground.options(launch_template=template), wait_timeout=120)
    assert time.monotonic() - began < 30
    mended = group(**ground.options())
    assert all(instance["healthy"] for instance in mended["autoscaling_group"]["instances"])


def test_a_suspended_launch_is_told_at_once(group, ground, aws):
    group(**ground.options())
    aws("autoscaling").suspend_processes(AutoScalingGroupName="group", ScalingProcesses=["Launch"])
    with pytest.raises(StackError, match=r"2 of 3 instances are in service.*process Launch is suspended"):
        group(**ground.options(desired_capacity=3))


def test_a_group_keeps_its_template_for_the_refresh_to_come(group, ground):
    made = group(**ground.options(update_launch_template="on_create"))["autoscaling_group"]
    assert made["launch_template"]["version"] == 1
    newer = ground.options(launch_template={"name": "ground", "version": 2}, update_launch_template="on_create")
    kept = group(**newer, wait_timeout=0)
    assert (kept["changed"], kept["autoscaling_group"]["launch_template"]["version"]) == (False, 1)
    moved = group(**{**newer, "update_launch_template": "always"})
    assert moved["autoscaling_group"]["launch_template"]["version"] == 2


def test_a_new_group_needs_what_aws_has_no_default_for(group, aws):
    aws.calls.clear()
    with pytest.raises(InvalidOptions) as told:
        group(name="no-such")
    assert [fault.option for fault in told.value.faults] == ["launch_template", "subnet_ids", "min_size", "max_size"]
    assert aws.writes() == []


def test_everything_wrong_is_told_before_anything_is_asked(group, aws):
    aws.calls.clear()
    with pytest.raises(InvalidOptions) as told:
        group(name="a:b", launch_template={"name": "goals", "version": "$Latest"}, min_size=3, max_size=2)
    assert len(told.value.faults) == 3
    assert re.search(r"launch_template.version: '\$Latest'.*can't roll back", str(told.value))
    assert aws.calls == []
