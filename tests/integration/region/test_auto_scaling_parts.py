"""Auto Scaling's policies, scheduled actions, notifications, warm pools and traffic sources, as AWS has them."""

from __future__ import annotations

import itertools
from datetime import UTC, datetime, timedelta

import pytest

from tests.integration.region.regions import Network, eventually, refused

NUMBERS = itertools.count()
TOPIC = "arn:aws:sns:us-east-1:123456789012:goals"


@pytest.fixture(scope="module")
def network(ec2):
    return Network(ec2)


@pytest.fixture
def make(ec2, autoscaling, network):
    """Groups without instances."""
    names = []
    template = ec2.create_launch_template(
        LaunchTemplateName=f"parts-{next(NUMBERS)}",
        LaunchTemplateData={"ImageId": "resolve:ssm:/local-region/ami/debian-12", "InstanceType": "t3.micro"},
    )["LaunchTemplate"]

    def one(**options):
        names.append(options.pop("AutoScalingGroupName", None) or f"parts-{next(NUMBERS)}")
        spec = {"LaunchTemplateId": template["LaunchTemplateId"], "Version": "1"}
        launched = {} if "MixedInstancesPolicy" in options else {"LaunchTemplate": spec}
        if "MixedInstancesPolicy" in options:
            options["MixedInstancesPolicy"]["LaunchTemplate"]["LaunchTemplateSpecification"] = spec
        autoscaling.create_auto_scaling_group(
            AutoScalingGroupName=names[-1],
            **{"MinSize": 0, "MaxSize": 2, "VPCZoneIdentifier": ",".join(network.subnets), **launched, **options},
        )
        return {"AutoScalingGroupName": names[-1]}

    yield one
    for name in names:
        if described(autoscaling, name):
            autoscaling.delete_auto_scaling_group(AutoScalingGroupName=name, ForceDelete=True)
        eventually(lambda name=name: described(autoscaling, name), lambda seen: seen is None)


def described(autoscaling, name):
    found = autoscaling.describe_auto_scaling_groups(AutoScalingGroupNames=[name])["AutoScalingGroups"]
    return found[0] if found else None


def simple(name="up", by=1, kind="ChangeInCapacity"):
    return {"PolicyName": name, "AdjustmentType": kind, "ScalingAdjustment": by}


CPU = {
    "PolicyType": "TargetTrackingScaling",
    "TargetTrackingConfiguration": {
        "TargetValue": 50.0,
        "PredefinedMetricSpecification": {"PredefinedMetricType": "ASGAverageCPUUtilization"},
    },
}


def policies(autoscaling, group):
    return {each["PolicyName"]: each for each in autoscaling.describe_policies(**group)["ScalingPolicies"]}


def test_policies_of_one_name_in_two_groups_are_two(make, autoscaling):
    one, other = make(), make()
    arns = {autoscaling.put_scaling_policy(**group, **simple())["PolicyARN"] for group in (one, other)}
    assert len(arns) == 2
    autoscaling.delete_policy(**one, PolicyName="up")
    assert (policies(autoscaling, one), list(policies(autoscaling, other))) == ({}, ["up"])
    refused(lambda: autoscaling.delete_policy(**one, PolicyName="up"), "ValidationError")


def test_a_policy_is_replaced_as_a_whole_and_told_with_defaults(make, autoscaling):
    group = make()
    made = autoscaling.put_scaling_policy(**group, PolicyName="cpu", **CPU, EstimatedInstanceWarmup=30, Enabled=False)
    told = policies(autoscaling, group)["cpu"]
    assert (told["Enabled"], told["EstimatedInstanceWarmup"]) == (False, 30)
    assert told["TargetTrackingConfiguration"]["DisableScaleIn"] is False
    assert [each["AlarmName"] for each in told["Alarms"]] == [each["AlarmName"] for each in made["Alarms"]]
    again = autoscaling.put_scaling_policy(**group, PolicyName="cpu", **CPU)
    told = policies(autoscaling, group)["cpu"]
    assert again == {**made, "ResponseMetadata": again["ResponseMetadata"]}
    assert (told["Enabled"], told.get("EstimatedInstanceWarmup")) == (True, None)


def test_policies_that_can_not_be_are_refused(make, autoscaling):
    group = make()
    put = autoscaling.put_scaling_policy
    label = "app/a/0123456789abcdef/targetgroup/b/0123456789abcdef"
    tracked = {"PredefinedMetricType": "ALBRequestCountPerTarget", "ResourceLabel": label}
    config = {"TargetValue": 1.0, "PredefinedMetricSpecification": tracked}
    assert "AdjustmentType" in refused(lambda: put(**group, PolicyName="up"), "ValidationError")
    assert "can not be specified" in refused(lambda: put(**group, **simple(), **CPU), "ValidationError")
    message = refused(
        lambda: put(**group, PolicyName="r", PolicyType="TargetTrackingScaling", TargetTrackingConfiguration=config),
        "ValidationError",
    )
    assert "is not attached" in message


@pytest.mark.parametrize(
    ("kind", "by", "wanted"), [("ChangeInCapacity", 9, 2), ("ExactCapacity", 1, 1), ("PercentChangeInCapacity", 50, 2)]
)
def test_a_simple_policy_that_is_executed_scales_within_the_sizes(make, autoscaling, kind, by, wanted):
    group = make(DesiredCapacity=1)
    arn = autoscaling.put_scaling_policy(**group, **simple(by=by, kind=kind))["PolicyARN"]
    autoscaling.execute_policy(PolicyName=arn)
    assert described(autoscaling, group["AutoScalingGroupName"])["DesiredCapacity"] == wanted


def actions(autoscaling, group):
    return autoscaling.describe_scheduled_actions(**group)["ScheduledUpdateGroupActions"]


def test_a_recurring_action_tells_its_next_turn_and_keeps_what_an_update_leaves_out(make, autoscaling):
    group = make()
    put = autoscaling.put_scheduled_update_group_action
    put(**group, ScheduledActionName="day", Recurrence="0 8 * * *", MinSize=1, TimeZone="Asia/Tokyo")
    (first,) = actions(autoscaling, group)
    assert (first["StartTime"].hour, first["StartTime"].minute) == (23, 0), "8 o'clock in Tokyo"
    assert first["StartTime"] > datetime.now(UTC)
    put(**group, ScheduledActionName="day", Recurrence="30 8 * * *")
    (second,) = actions(autoscaling, group)
    assert (second["MinSize"], second["StartTime"].minute) == (1, 30)


def test_actions_that_can_not_be_are_refused(make, autoscaling):
    group = make()
    put = autoscaling.put_scheduled_update_group_action
    past = datetime.now(UTC) - timedelta(minutes=1)
    for options, told in (
        ({"StartTime": past, "MinSize": 1}, "in the past"),
        ({"Recurrence": "daily", "MinSize": 1}, "Invalid recurrence"),
        ({"Recurrence": "0 8 * * *"}, "At least one of"),
        ({"MinSize": 1}, "Recurrence or StartTime"),
    ):
        message = refused(lambda given=options: put(**group, ScheduledActionName="a", **given), "ValidationError")
        assert told in message
    assert actions(autoscaling, group) == []


def test_an_action_that_has_run_is_told_no_more(make, autoscaling):
    group = make()
    soon = datetime.now(UTC) + timedelta(seconds=1)
    autoscaling.put_scheduled_update_group_action(**group, ScheduledActionName="a", StartTime=soon, MinSize=1)
    assert len(actions(autoscaling, group)) <= 1
    eventually(lambda: actions(autoscaling, group), lambda seen: seen == [])


def test_no_two_actions_start_at_one_time(make, autoscaling):
    group, put = make(), autoscaling.put_scheduled_update_group_action
    start = datetime(2099, 1, 1, tzinfo=UTC)
    put(**group, ScheduledActionName="a", StartTime=start, MinSize=1)
    put(**group, ScheduledActionName="a", StartTime=start, MinSize=2)
    refused(lambda: put(**group, ScheduledActionName="b", StartTime=start, MinSize=1), "AlreadyExists")
    put(**make(), ScheduledActionName="b", StartTime=start, MinSize=1)
    for name in "cd":  # "the execution order becomes arbitrary and undefined", says the User Guide
        put(**group, ScheduledActionName=name, Recurrence="0 6 * * *", MinSize=1)


def test_a_topic_is_told_of_what_was_put_last(make, autoscaling):
    group = make()
    for types in (
        ["autoscaling:EC2_INSTANCE_LAUNCH"],
        ["autoscaling:EC2_INSTANCE_TERMINATE", "autoscaling:TEST_NOTIFICATION"],
    ):
        autoscaling.put_notification_configuration(**group, TopicARN=TOPIC, NotificationTypes=types)
    names = {"AutoScalingGroupNames": [group["AutoScalingGroupName"]]}
    told = autoscaling.describe_notification_configurations(**names)["NotificationConfigurations"]
    assert [each["NotificationType"] for each in told] == types
    put = autoscaling.put_notification_configuration
    refused(lambda: put(**group, TopicARN=TOPIC, NotificationTypes=["any"]), "ValidationError")
    autoscaling.delete_notification_configuration(**group, TopicARN=TOPIC)
    assert autoscaling.describe_notification_configurations(**names)["NotificationConfigurations"] == []


def test_a_warm_pool_keeps_what_an_update_leaves_out(make, autoscaling):
    group = make()
    name = group["AutoScalingGroupName"]
    autoscaling.put_warm_pool(**group, MaxGroupPreparedCapacity=5, InstanceReusePolicy={"ReuseOnScaleIn": True})
    autoscaling.put_warm_pool(**group, MaxGroupPreparedCapacity=-1, PoolState="Running")
    there = described(autoscaling, name)
    assert there["WarmPoolConfiguration"] == {
        "MinSize": 0, "PoolState": "Running", "InstanceReusePolicy": {"ReuseOnScaleIn": True}
    }  # fmt: skip
    assert there["WarmPoolSize"] == 0
    autoscaling.delete_warm_pool(**group, ForceDelete=True)
    assert described(autoscaling, name)["WarmPoolConfiguration"]["Status"] == "PendingDelete"
    refused(lambda: autoscaling.put_warm_pool(**group), "ValidationError")
    refused(lambda: autoscaling.delete_warm_pool(**group), "ValidationError")
    eventually(lambda: described(autoscaling, name), lambda seen: "WarmPoolConfiguration" not in seen)
    refused(lambda: autoscaling.delete_warm_pool(**group), "ValidationError")
    autoscaling.put_warm_pool(**group)


def test_a_target_group_is_detached_by_the_like_of_what_attached_it(make, autoscaling, elbv2, network):
    group, lattice = make(), "arn:aws:vpc-lattice:us-east-1:123456789012:targetgroup/tg-1"
    arns = [
        elbv2.create_target_group(Name=f"parts-{next(NUMBERS)}", Protocol="HTTP", Port=80, VpcId=network.vpc)[
            "TargetGroups"
        ][0]["TargetGroupArn"]
        for _ in range(2)
    ]
    autoscaling.attach_load_balancer_target_groups(**group, TargetGroupARNs=arns[:1])
    sources = [{"Identifier": arns[1]}, {"Identifier": lattice}, {"Identifier": "classic", "Type": "elb"}]
    autoscaling.attach_traffic_sources(**group, TrafficSources=sources)

    def told():
        there = described(autoscaling, group["AutoScalingGroupName"])
        return there.get("TargetGroupARNs", []), [each["Identifier"] for each in there["TrafficSources"]]

    assert told() == (arns[:1], [*arns, lattice, "classic"])
    autoscaling.detach_load_balancer_target_groups(**group, TargetGroupARNs=arns)
    assert told() == ([], [arns[1], lattice, "classic"])
    autoscaling.detach_traffic_sources(**group, TrafficSources=sources[:2])
    assert told() == ([], ["classic"])
    missing = [{"Identifier": arns[0][:-3] + "999"}]
    refused(lambda: autoscaling.attach_traffic_sources(**group, TrafficSources=missing), "ValidationError")


@pytest.mark.parametrize(
    ("protection", "force", "allowed"),
    [
        ("prevent-all-deletion", False, False),
        ("prevent-force-deletion", True, False),
        ("prevent-force-deletion", False, True),
    ],
)
def test_a_protected_group_is_not_deleted(make, autoscaling, protection, force, allowed):
    group = make(DeletionProtection=protection)

    def delete():
        autoscaling.delete_auto_scaling_group(**group, ForceDelete=force)

    if allowed:
        delete()
        return
    refused(delete, "ResourceInUse")
    assert "Status" not in described(autoscaling, group["AutoScalingGroupName"])
    autoscaling.update_auto_scaling_group(**group, DeletionProtection="none")


def test_hooks_go_with_their_group(make, autoscaling):
    hook = {"LifecycleHookName": "drain", "LifecycleTransition": "autoscaling:EC2_INSTANCE_TERMINATING"}
    group = make(LifecycleHookSpecificationList=[hook])
    name = group["AutoScalingGroupName"]
    assert len(autoscaling.describe_lifecycle_hooks(**group)["LifecycleHooks"]) == 1
    autoscaling.delete_auto_scaling_group(**group)
    eventually(lambda: described(autoscaling, name), lambda seen: seen is None)
    assert make(AutoScalingGroupName=name) == group
    assert autoscaling.describe_lifecycle_hooks(**group)["LifecycleHooks"] == []


def test_a_mixed_policy_is_told_whole_and_an_update_leaves_the_rest(make, autoscaling):
    overrides = [{"InstanceType": "t3.small", "WeightedCapacity": "2"}]
    distribution = {"SpotAllocationStrategy": "capacity-optimized", "SpotMaxPrice": "0.05"}
    group = make(
        MixedInstancesPolicy={"LaunchTemplate": {"Overrides": overrides}, "InstancesDistribution": distribution}
    )
    there = described(autoscaling, group["AutoScalingGroupName"])
    assert "LaunchTemplate" not in there
    spec = there["MixedInstancesPolicy"]["LaunchTemplate"]["LaunchTemplateSpecification"]
    assert set(spec) == {"LaunchTemplateId", "LaunchTemplateName", "Version"}
    assert there["MixedInstancesPolicy"]["InstancesDistribution"] == {
        "OnDemandAllocationStrategy": "prioritized",
        "OnDemandBaseCapacity": 0,
        "OnDemandPercentageAboveBaseCapacity": 100,
        **distribution,
    }
    own = {"LaunchTemplateId": spec["LaunchTemplateId"], "Version": "1"}
    autoscaling.update_auto_scaling_group(
        **group,
        MixedInstancesPolicy={
            "LaunchTemplate": {"LaunchTemplateSpecification": own}, "InstancesDistribution": {"SpotMaxPrice": ""}
        },
    )  # fmt: skip
    policy = described(autoscaling, group["AutoScalingGroupName"])["MixedInstancesPolicy"]
    assert policy["LaunchTemplate"]["Overrides"] == overrides
    assert "SpotMaxPrice" not in policy["InstancesDistribution"]
    autoscaling.update_auto_scaling_group(**group, LaunchTemplate=own)
    there = described(autoscaling, group["AutoScalingGroupName"])
    assert "MixedInstancesPolicy" not in there
    assert there["LaunchTemplate"] == spec
