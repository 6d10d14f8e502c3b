"""A group's hooks, notifications, policies, scheduled actions and warm pool, against the region."""

from __future__ import annotations

import pytest
from ansible_collections.ha_stack.aws.plugins.module_utils._aws.session import Session
from ansible_collections.ha_stack.aws.plugins.module_utils._model.autoscaling_parts import PARTS
from ansible_collections.ha_stack.aws.plugins.module_utils._model.errors import StackError
from ansible_collections.ha_stack.aws.plugins.module_utils._model.values import KNOWN_AFTER_APPLY
from ansible_collections.ha_stack.aws.plugins.modules.autoscaling_group_info import seen

TOPIC = "arn:aws:sns:us-east-1:123456789012:goals"
ROLE = "arn:aws:iam::123456789012:role/hooks"
LAUNCH, TERMINATE = "autoscaling:EC2_INSTANCE_LAUNCH", "autoscaling:EC2_INSTANCE_TERMINATE"
BOOT = {
    "name": "boot",
    "transition": "autoscaling:EC2_INSTANCE_LAUNCHING",
    "heartbeat_timeout": 30,
    "default_result": "CONTINUE",
}
DRAIN = {"name": "drain", "transition": "autoscaling:EC2_INSTANCE_TERMINATING", "heartbeat_timeout": 30}
CPU = {"target_value": 50, "predefined_metric": {"type": "ASGAverageCPUUtilization"}}
UP = {"adjustment_type": "ChangeInCapacity", "scaling_adjustment": 1}
DAY = {"name": "day", "min_size": 2, "recurrence": "0 8 * * MON-FRI", "time_zone": "Europe/Vienna"}
STEPS = {
    "adjustment_type": "PercentChangeInCapacity",
    "min_adjustment_magnitude": 1,
    "step_adjustments": [
        {"lower_bound": 0, "upper_bound": 20, "scaling_adjustment": 10},
        {"lower_bound": 20, "scaling_adjustment": 30},
    ],
}
FORECAST = {
    "metric_specifications": [{"target_value": 40, "predefined_metric_pair": {"type": "ASGCPUUtilization"}}],
    "mode": "ForecastOnly",
}


@pytest.fixture
def group(module):
    return module("autoscaling_group")


def label(ground):
    balancer = ground.balancer["LoadBalancerArn"].partition(":loadbalancer/")[2]
    return f"{balancer}/{ground.target_group.rpartition(':')[2]}"


def test_twelve_steps(twelve_steps, ground):
    requests = {"type": "ALBRequestCountPerTarget", "resource_label": label(ground)}
    given = ground.options(
        name="twelve-steps",
        target_group_arns=[ground.target_group],
        lifecycle_hooks=[DRAIN, {**BOOT, "notification_target_arn": TOPIC, "role_arn": ROLE}],
        notifications=[{"topic_arn": TOPIC, "types": [TERMINATE, LAUNCH]}],
        scaling_policies=[
            {"name": "cpu", "target_tracking": CPU},
            {"name": "requests", "target_tracking": {"target_value": 500, "predefined_metric": requests}},
            {"name": "steps", "step": STEPS},
            {"name": "ahead", "predictive": FORECAST, "enabled": False},
            {"name": "up", "simple": UP},
        ],
        scheduled_actions=[DAY, {"name": "fair", "max_size": 9, "start_time": "2099-12-24 18:00:00"}],
        warm_pool={"min_size": 1, "max_group_prepared_capacity": 4},
    )
    changed = {
        **given,
        "lifecycle_hooks": [{**BOOT, "notification_target_arn": "", "heartbeat_timeout": 60}],
        "notifications": [{"topic_arn": TOPIC, "types": [LAUNCH]}, {"topic_arn": f"{TOPIC}-2", "types": [TERMINATE]}],
        "scaling_policies": [
            {"name": "cpu", "target_tracking": {**CPU, "disable_scale_in": True}},
            {"name": "steps", "simple": UP, "enabled": False},
            {"name": "more", "step": STEPS},
        ],
        "scheduled_actions": [
            {**DAY, "recurrence": "30 7 * * *", "desired_capacity": 3},
            {"name": "fair", "max_size": 9, "start_time": "2099-12-25T18:00:00Z"},
        ],
        "warm_pool": {"max_group_prepared_capacity": -1, "pool_state": "Running"},
    }
    lifecycle = twelve_steps("autoscaling_group")
    created, updated = lifecycle.step(given), lifecycle.step(changed)
    assert created["plan"][0] == "create autoscaling group twelve-steps"
    assert len(created["plan"]) == 12
    facts = created["autoscaling_group"]
    assert [hook["name"] for hook in facts["lifecycle_hooks"]] == ["boot", "drain"]
    assert [policy["name"] for policy in facts["scaling_policies"]] == ["ahead", "cpu", "requests", "steps", "up"]
    assert len(facts["scaling_policies"][1]["alarms"]) == 2, "AWS made them"
    assert facts["scheduled_actions"][0]["start_time"], "its next turn, which AWS tells"
    assert facts["warm_pool"]["max_group_prepared_capacity"] == 4
    assert updated["plan"][-4:] == [
        "delete lifecycle hook drain of twelve-steps",
        "delete scaling policy ahead of twelve-steps",
        "delete scaling policy requests of twelve-steps",
        "delete scaling policy up of twelve-steps",
    ]
    facts = updated["autoscaling_group"]
    assert "notification_target_arn" not in facts["lifecycle_hooks"][0]
    assert facts["warm_pool"] == {
        "min_size": 1, "pool_state": "Running", "instance_reuse_policy": {"reuse_on_scale_in": False}, "size": 0
    }  # fmt: skip
    cleared = lifecycle.step({**changed, **{option: [] for option in PARTS}, "warm_pool": {}})
    assert [cleared["autoscaling_group"][option] for option in PARTS] == [[]] * 4
    assert cleared["autoscaling_group"]["warm_pool"] is None
    lifecycle.step({"name": "twelve-steps", "state": "absent"})


def test_first_instances_run_through_the_hooks(group, ground, aws):
    group(**ground.options(lifecycle_hooks=[BOOT]), wait=False)
    assert "PutLifecycleHook" not in aws.calls
    waits = {"Pending", "Pending:Wait"}
    there = aws("autoscaling").describe_auto_scaling_groups(AutoScalingGroupNames=["group"])["AutoScalingGroups"][0]
    assert {each["LifecycleState"] for each in there["Instances"]} <= waits
    done = group(**ground.options(lifecycle_hooks=[BOOT]))
    assert all(each["healthy"] for each in done["autoscaling_group"]["instances"])
    causes = aws("autoscaling").describe_scaling_activities(AutoScalingGroupName="group")["Activities"]
    assert len(causes) == 2


def test_parts_that_are_not_given_are_left_alone_and_not_read(group, ground, aws):
    group(**ground.options(scaling_policies=[{"name": "cpu", "target_tracking": CPU}], warm_pool={"min_size": 0}))
    aws.calls.clear()
    again = group(**ground.options())
    assert (again["changed"], aws.calls) == (False, ["DescribeAutoScalingGroups"])
    assert again["autoscaling_group"]["scaling_policies"] is None, "not read"
    assert again["autoscaling_group"]["warm_pool"]["min_size"] == 0, "told with the group"
    aws.calls.clear()
    group(**ground.options(scaling_policies=[{"name": "cpu", "target_tracking": CPU}], lifecycle_hooks=[]))
    assert sorted(aws.calls) == ["DescribeAutoScalingGroups", "DescribeLifecycleHooks", "DescribePolicies"]


def test_drift_of_parts_is_found_and_repaired(group, ground, aws):
    options = ground.options(
        lifecycle_hooks=[DRAIN],
        scaling_policies=[{"name": "up", "simple": UP}],
        scheduled_actions=[DAY],
        notifications=[],
    )
    group(**options)
    client, name = aws("autoscaling"), {"AutoScalingGroupName": "group"}
    client.put_lifecycle_hook(**name, LifecycleHookName="drain", HeartbeatTimeout=300)
    client.delete_policy(**name, PolicyName="up")
    client.put_notification_configuration(**name, TopicARN=TOPIC, NotificationTypes=[LAUNCH])
    client.put_scheduled_update_group_action(**name, ScheduledActionName="day", MinSize=1)
    planned, done = group(**options, check_mode=True), group(**options)
    assert planned["diff"] == done["diff"]
    assert done["plan"] == [
        "update lifecycle hook drain of group",
        "create scaling policy up of group",
        "update scheduled action day of group",
        f"delete notification {TOPIC} of group",
    ]
    assert not group(**options)["changed"]


def test_a_recurring_action_that_began_long_ago_is_no_change(group, ground):
    begun = ground.options(scheduled_actions=[{**DAY, "start_time": "2020-01-01T00:00:00Z"}])
    assert group(**begun)["changed"]
    assert not group(**begun)["changed"]
    over = {"name": "once", "min_size": 1, "start_time": "2020-01-01T00:00:00Z"}
    assert not group(**ground.options(scheduled_actions=[DAY, over]))["changed"], "its time is over"


def test_check_mode_plans_parts_of_a_group_that_is_still_to_be_made(group):
    options = {
        "name": "planned",
        "launch_template": {"id": KNOWN_AFTER_APPLY, "version": 1},
        "subnet_ids": [KNOWN_AFTER_APPLY],
        "min_size": 2,
        "max_size": 3,
        "notifications": [{"topic_arn": KNOWN_AFTER_APPLY, "types": [LAUNCH]}],
        "scaling_policies": [{"name": "cpu", "target_tracking": CPU}],
    }
    planned = group(**options, check_mode=True)
    assert planned["plan"][1:] == [
        f"create notification {KNOWN_AFTER_APPLY} of planned",
        "create scaling policy cpu of planned",
    ]
    assert planned["autoscaling_group"]["scaling_policies"][0]["arn"] == KNOWN_AFTER_APPLY


def test_all_parts_are_told_where_they_are_asked_for(group, ground, aws):
    made = group(**ground.options(lifecycle_hooks=[DRAIN], scheduled_actions=[DAY], notifications=[]))
    asked = {"names": ["group"], "activities": 0, "refreshes": 0}
    (told,) = seen(Session(aws, params={**asked, "parts": True}))
    facts = made["autoscaling_group"]
    assert [told[option] for option in ("lifecycle_hooks", "scheduled_actions", "notifications")] == [
        facts[option] for option in ("lifecycle_hooks", "scheduled_actions", "notifications")
    ]
    assert told["scaling_policies"] == []
    (told,) = seen(Session(aws, params={**asked, "parts": False}))
    assert told["lifecycle_hooks"] is None


def test_scheduled_actions_take_each_others_times_and_names(group, ground):
    def actions(**starts):
        return [
            {"name": name, "min_size": 1, "start_time": f"2099-01-01T{hour}:00:00Z"} for name, hour in starts.items()
        ]

    def done(**starts):
        options = ground.options(scheduled_actions=actions(**starts))
        planned, made = group(**options, check_mode=True), group(**options)
        assert planned["diff"] == made["diff"]
        assert group(**options)["changed"] is False
        told = made["autoscaling_group"]["scheduled_actions"]
        assert {each["name"]: each["start_time"][11:13] for each in told} == starts
        return made["plan"]

    done(early="06", late="08")
    assert len(done(early="08", late="06")) == 3, "one of them is deleted and made again"
    assert done(dawn="08", late="06") == [
        "delete scheduled action early of group",
        "create scheduled action dawn of group",
    ]
    with pytest.raises(StackError, match="two actions start"):
        done(dawn="08", late="08")


def test_a_warm_pool_follows_one_that_is_still_being_deleted(group, ground, aws):
    options = ground.options(warm_pool={"min_size": 0})
    group(**options)
    client, name = aws("autoscaling"), {"AutoScalingGroupName": "group"}
    client.delete_warm_pool(**name, ForceDelete=True)
    none = group(**ground.options(warm_pool={}))
    assert (none["plan"], none["autoscaling_group"]["warm_pool"]) == ([], None)
    told = client.describe_auto_scaling_groups(AutoScalingGroupNames=["group"])["AutoScalingGroups"][0]
    assert "WarmPoolConfiguration" not in told, "it was waited for"
    group(**options)
    client.delete_warm_pool(**name, ForceDelete=True)
    assert group(**ground.options())["pending"] is None, "no matter of this run"
    left = group(**options, wait=False)
    assert left["pending"] == "warm pool group: the one before it is being deleted"
    assert group(**options)["autoscaling_group"]["warm_pool"]["min_size"] == 0
    assert not group(**options)["changed"]


def test_what_a_run_resumes_goes_on_after_all_else_has_changed(group, ground, aws):
    group(**ground.options(suspended_processes=["ScheduledActions"], scheduled_actions=[DAY]))
    aws.calls.clear()
    group(**ground.options(suspended_processes=["AZRebalance"], scheduled_actions=[], notifications=[], max_size=4))
    assert aws.writes() == [
        "SuspendProcesses", "UpdateAutoScalingGroup", "DeleteScheduledAction", "ResumeProcesses"
    ]  # fmt: skip


def test_named_reservations_stay_where_a_task_gives_another_preference(group, ground):
    target = {"reservation_ids": ["cr-0123456789abcdef0"]}
    option = "capacity_reservation_specification"

    def specified(**given):
        options = ground.options(**{option: given})
        planned, done = group(**options, check_mode=True), group(**options)
        assert planned["diff"] == done["diff"]
        assert not group(**options)["changed"]
        return done["autoscaling_group"][option]

    first, only = "capacity-reservations-first", "capacity-reservations-only"
    specified(preference=first, target=target)
    assert specified(preference=only) == {"preference": only, "target": target}
    assert specified(target={"reservation_ids": []}) == {"preference": only}
    assert specified(target=target) == {"preference": only, "target": target}
    assert specified(preference="none") == {"preference": "none"}
    with pytest.raises(StackError, match="goes not with preference none"):
        specified(target=target)
