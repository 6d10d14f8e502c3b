"""What is sent to Auto Scaling for a group's parts, checked against the service's own model."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from ansible_collections.ha_stack.aws.plugins.module_utils._aws import autoscaling_group as groups
from ansible_collections.ha_stack.aws.plugins.module_utils._aws import autoscaling_parts as api
from ansible_collections.ha_stack.aws.plugins.module_utils._aws import autoscaling_read
from ansible_collections.ha_stack.aws.plugins.module_utils._model.autoscaling_group import AutoScalingGroup
from ansible_collections.ha_stack.aws.plugins.module_utils._model.autoscaling_part import Part
from ansible_collections.ha_stack.aws.plugins.module_utils._model.autoscaling_parts import wanted
from ansible_collections.ha_stack.aws.plugins.module_utils._model.errors import StackError
from ansible_collections.ha_stack.aws.plugins.module_utils._plan.autoscaling_group import plan

from tests.support.stubbed import stubbed

GROUP = {"AutoScalingGroupName": "goals"}
TOPIC = "arn:aws:sns:us-east-1:123456789012:goals"
HOOK = Part(
    "boot",
    {
        "name": "boot",
        "transition": "autoscaling:EC2_INSTANCE_LAUNCHING",
        "heartbeat_timeout": 60,
        "notification_target_arn": None,
    },
)
TELLS = Part(TOPIC, {"topic_arn": TOPIC, "types": ["autoscaling:EC2_INSTANCE_LAUNCH"]})
SIMPLE = {"adjustment_type": "ChangeInCapacity", "scaling_adjustment": 1}
POLICY = Part("up", {"name": "up", "enabled": True, "simple": SIMPLE})
ACTION = Part("day", {"name": "day", "min_size": 4, "recurrence": "0 8 * * *"})
POOL = Part("goals", {"min_size": 1, "max_group_prepared_capacity": 6, "pool_state": "Stopped"})
NONE = {
    "lifecycle_hooks": (), "notifications": (), "scaling_policies": (), "scheduled_actions": (), "warm_pool": None
}  # fmt: skip
ALL = {
    "lifecycle_hooks": (HOOK,),
    "notifications": (TELLS,),
    "scaling_policies": (POLICY,),
    "scheduled_actions": (ACTION,),
    "warm_pool": POOL,
}
SIZES = {"min_size": 2, "max_size": 3, "desired_capacity": 2}


def carry_out(session, want, have):
    for change in plan(AutoScalingGroup("goals", **want), have, {"purge_tags": True}):
        {**groups.OPERATIONS, **api.OPERATIONS}[change.kind, change.action](session, change)


def test_each_part_is_put_with_its_own_call_and_the_pool_once_more_while_the_group_is_busy():
    with stubbed("autoscaling", wait_timeout=60) as (session, stub):
        hook = {"LifecycleHookName": "boot", "LifecycleTransition": "autoscaling:EC2_INSTANCE_LAUNCHING"}
        stub.add_response("put_lifecycle_hook", {}, {**GROUP, **hook, "HeartbeatTimeout": 60})
        types = ["autoscaling:EC2_INSTANCE_LAUNCH"]
        told = {**GROUP, "TopicARN": TOPIC, "NotificationTypes": types}
        stub.add_response("put_notification_configuration", {}, told)
        simple = {"AdjustmentType": "ChangeInCapacity", "ScalingAdjustment": 1, "Enabled": True}
        policy = {**GROUP, "PolicyName": "up", "PolicyType": "SimpleScaling", **simple}
        stub.add_response("put_scaling_policy", {}, policy)
        action = {**GROUP, "ScheduledActionName": "day", "MinSize": 4, "Recurrence": "0 8 * * *"}
        stub.add_response("put_scheduled_update_group_action", {}, action)
        pool = {"MinSize": 1, "MaxGroupPreparedCapacity": 6, "PoolState": "Stopped"}
        stub.add_client_error("put_warm_pool", "ResourceContention")
        stub.add_response("put_warm_pool", {}, {**GROUP, **pool, "InstanceReusePolicy": {"ReuseOnScaleIn": False}})
        carry_out(session, ALL, AutoScalingGroup("goals", **SIZES, **NONE))


def test_each_part_is_deleted_with_its_own_call():
    with stubbed("autoscaling") as (session, stub):
        stub.add_response("delete_scheduled_action", {}, {**GROUP, "ScheduledActionName": "day"})
        stub.add_response("delete_lifecycle_hook", {}, {**GROUP, "LifecycleHookName": "boot"})
        stub.add_response("delete_notification_configuration", {}, {**GROUP, "TopicARN": TOPIC})
        stub.add_response("delete_policy", {}, {**GROUP, "PolicyName": "up"})
        stub.add_response("delete_warm_pool", {}, {**GROUP, "ForceDelete": True})
        carry_out(session, NONE, AutoScalingGroup("goals", **SIZES, **ALL))


THERE = {
    **GROUP,
    "MinSize": 0,
    "MaxSize": 1,
    "DesiredCapacity": 0,
    "DefaultCooldown": 300,
    "AvailabilityZones": ["us-east-1a"],
    "HealthCheckType": "EC2",
    "CreatedTime": datetime(2031, 1, 1, tzinfo=UTC),
}
LEAVING = {**THERE, "WarmPoolConfiguration": {"Status": "PendingDelete"}}


def test_an_action_at_a_time_that_is_taken_says_what_to_do():
    late = Part("late", {"name": "late", "min_size": 1, "start_time": "2099-01-01T06:00:00Z"})
    with stubbed("autoscaling") as (session, stub):
        stub.add_client_error("put_scheduled_update_group_action", "AlreadyExists", "this start time already exists")
        with pytest.raises(
            StackError, match=r"create scheduled action late of goals: .* Give one of them another time"
        ):
            carry_out(session, {"scheduled_actions": (late,)}, AutoScalingGroup("goals", **SIZES, **NONE))


def test_a_new_pool_is_put_once_the_one_before_it_is_gone():
    have = AutoScalingGroup("goals", **SIZES, warm_pool=None, warm_pool_leaves=True)
    pool = {"MinSize": 1, "PoolState": "Stopped", "InstanceReusePolicy": {"ReuseOnScaleIn": False}}
    with stubbed("autoscaling", wait_timeout=60) as (session, stub):
        for seen in (LEAVING, THERE):
            stub.add_response("describe_auto_scaling_groups", {"AutoScalingGroups": [seen]})
        stub.add_response("put_warm_pool", {}, {**GROUP, **pool})
        carry_out(session, {"warm_pool": Part("goals", {"min_size": 1})}, have)
    with stubbed("autoscaling") as (session, stub):
        session.wait = False
        stub.add_response("describe_auto_scaling_groups", {"AutoScalingGroups": [LEAVING]})
        carry_out(session, {"warm_pool": Part("goals", {"min_size": 1})}, have)
        assert session.left == ["warm pool goals: the one before it is being deleted"]


def test_a_group_that_resumes_processes_does_so_last():
    have = AutoScalingGroup("goals", **SIZES, **ALL, suspended_processes=("Launch",))
    want = {"suspended_processes": ("Terminate",), "max_size": 4, "scaling_policies": ()}
    with stubbed("autoscaling") as (session, stub):
        stub.add_response("suspend_processes", {}, {**GROUP, "ScalingProcesses": ["Terminate"]})
        stub.add_response("update_auto_scaling_group", {}, {**GROUP, "MaxSize": 4})
        stub.add_response("delete_policy", {}, {**GROUP, "PolicyName": "up"})
        stub.add_response("resume_processes", {}, {**GROUP, "ScalingProcesses": ["Launch"]})
        carry_out(session, want, have)


def test_no_more_of_a_hook_is_sent_than_what_changes():
    later = Part("boot", {**HOOK.options, "heartbeat_timeout": 90})
    with stubbed("autoscaling") as (session, stub):
        stub.add_response("put_lifecycle_hook", {}, {**GROUP, "LifecycleHookName": "boot", "HeartbeatTimeout": 90})
        carry_out(session, {"lifecycle_hooks": (later,)}, AutoScalingGroup("goals", **SIZES, **ALL))


def test_a_new_group_is_made_with_its_hooks():
    new = {"launch_template": {"id": "lt-1", "version": 1}, "subnet_ids": ("subnet-a",), "min_size": 1, "max_size": 2}
    sent = {
        **GROUP,
        "MinSize": 1,
        "MaxSize": 2,
        "DesiredCapacity": 1,
        "LaunchTemplate": {"LaunchTemplateId": "lt-1", "Version": "1"},
        "VPCZoneIdentifier": "subnet-a",
        "LifecycleHookSpecificationList": [
            {
                "LifecycleHookName": "boot",
                "LifecycleTransition": "autoscaling:EC2_INSTANCE_LAUNCHING",
                "HeartbeatTimeout": 60,
            }
        ],
    }
    with stubbed("autoscaling") as (session, stub):
        stub.add_response("create_auto_scaling_group", {}, sent)
        carry_out(session, {**new, "lifecycle_hooks": (HOOK,)}, None)


READS = {
    "lifecycle_hooks": ("describe_lifecycle_hooks", {"LifecycleHooks": []}, GROUP),
    "notifications": (
        "describe_notification_configurations", {"NotificationConfigurations": []}, {"AutoScalingGroupNames": ["goals"]}
    ),
    "scaling_policies": ("describe_policies", {"ScalingPolicies": []}, GROUP),
    "scheduled_actions": ("describe_scheduled_actions", {"ScheduledUpdateGroupActions": []}, GROUP),
}  # fmt: skip


@pytest.mark.parametrize("option", READS)
def test_parts_are_read_where_they_are_wanted(option):
    options = wanted(AutoScalingGroup("goals", **{option: ()}))
    with stubbed("autoscaling") as (session, stub):
        call, answer, asked = READS[option]
        stub.add_response(call, answer, asked)
        (read,) = api.reads(session, "goals", options).values()
        assert read() == ()


def test_a_group_that_is_not_there_has_no_parts():
    with stubbed("autoscaling") as (session, stub):
        stub.add_client_error("describe_policies", "ValidationError", "Group goals not found")
        (read,) = api.reads(session, "goals", ["scaling_policies"]).values()
        assert read() == ()


def test_parts_are_not_read_again_while_a_group_is_waited_for():
    """Nor where the group is to go."""
    there = {**THERE, "AutoScalingGroupARN": "arn"}
    want = AutoScalingGroup("goals", scaling_policies=(POLICY,))
    with stubbed("autoscaling", state="present") as (session, stub):
        stub.add_response("describe_auto_scaling_groups", {"AutoScalingGroups": [there]})
        seen = AutoScalingGroup("goals", scaling_policies=(POLICY,))
        assert autoscaling_read.again(session, want, seen).scaling_policies == (POLICY,)
    with stubbed("autoscaling", state="absent") as (session, stub):
        stub.add_response("describe_auto_scaling_groups", {"AutoScalingGroups": [there]})
        assert autoscaling_read.read(session, want) is not None
