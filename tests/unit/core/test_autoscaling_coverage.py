"""Every member of Auto Scaling's requests has an option, or is left out for a reason."""

from __future__ import annotations

import boto3
import pytest
from ansible_collections.ha_stack.aws.plugins.module_utils._model import (
    autoscaling_notification,
    instance_refresh,
    lifecycle_hook,
    mixed_instances,
    scaling_policy,
    scheduled_action,
    structure,
    warm_pool,
)
from ansible_collections.ha_stack.aws.plugins.module_utils._model.autoscaling_settings import (
    MAINTENANCE,
    NESTED,
    PLAIN,
    SOURCE,
)

from tests.unit.core.left_out_autoscaling import LEFT_OUT

TEMPLATE = structure.members(mixed_instances.TEMPLATE)
POLICY = structure.members(mixed_instances.POLICY)
MIXED = {
    "LaunchTemplate": {"LaunchTemplateSpecification": TEMPLATE, "Overrides": POLICY["Overrides"]},
    "InstancesDistribution": POLICY["InstancesDistribution"],
}
LAUNCHED = {"LaunchTemplate": TEMPLATE, "MixedInstancesPolicy": MIXED}
NAME = {"AutoScalingGroupName": {}}
GROUP = {
    **NAME,
    **LAUNCHED,
    **structure.members(PLAIN),
    **structure.members(NESTED),
    "VPCZoneIdentifier": {},
    "HealthCheckType": {},
    "TerminationPolicies": {},
    "DefaultInstanceWarmup": {},
    "InstanceMaintenancePolicy": structure.members(MAINTENANCE),
    "AvailabilityZoneDistribution": {"CapacityDistributionStrategy": {}},
    "SkipZonalShiftValidation": {},
}
WAYS = {
    name: value
    for way in scaling_policy.WAYS.values()
    for name, value in {
        **structure.members(way.own), **({way.config: structure.members(way.within)} if way.config else {})
    }.items()
}  # fmt: skip
COVERED = {
    "CreateAutoScalingGroup": {
        **GROUP,
        "TargetGroupARNs": {},
        "TrafficSources": structure.members(SOURCE),
        "Tags": {"Key": {}, "Value": {}, "PropagateAtLaunch": {}},
        "LifecycleHookSpecificationList": structure.members(lifecycle_hook.HOOK),
    },
    "UpdateAutoScalingGroup": GROUP,
    "StartInstanceRefresh": {
        **NAME,
        "Strategy": {},
        "DesiredConfiguration": LAUNCHED,
        "Preferences": {
            **dict.fromkeys(instance_refresh.PREFERENCES.values(), {}),  # noqa: RUF024
            "AlarmSpecification": {"Alarms": {}},
        },
    },
    "PutScalingPolicy": {**NAME, "PolicyName": {}, "PolicyType": {}, "Enabled": {}, **WAYS},
    "PutLifecycleHook": {**NAME, **structure.members(lifecycle_hook.HOOK)},
    "PutScheduledUpdateGroupAction": {**NAME, **structure.members(scheduled_action.ACTION)},
    "PutNotificationConfiguration": {**NAME, **structure.members(autoscaling_notification.NOTIFICATION)},
    "PutWarmPool": {**NAME, **structure.members(warm_pool.POOL)},
}


def paths(shape, path=""):
    """Every member of a shape that has no members of its own."""
    if shape.type_name == "list":
        return paths(shape.member, path)
    if shape.type_name != "structure":
        return {path}
    below = f"{path}." if path else ""
    return {each for name, member in shape.members.items() for each in paths(member, f"{below}{name}")}


def covered(members, path=""):
    below = f"{path}." if path else ""
    return {
        each
        for name, within in members.items()
        for each in (covered(within, f"{below}{name}") if within else {f"{below}{name}"})
    }


@pytest.mark.parametrize("operation", LEFT_OUT)
def test_every_member_has_an_option_or_a_reason(operation):
    client = boto3.client("autoscaling", region_name="us-east-1", aws_access_key_id="x", aws_secret_access_key="x")
    every = paths(client.meta.service_model.operation_model(operation).input_shape)
    there, left_out = covered(COVERED[operation]), LEFT_OUT[operation]
    without = {each for each in every - there if not any(f"{each}.".startswith(f"{path}.") for path in left_out)}
    assert without == set(), "neither an option nor a reason"
    assert there - every == set(), "AWS has no such member"
    assert [path for path in left_out if not any(f"{each}.".startswith(f"{path}.") for each in every - there)] == []
    assert all(len(reason) > 10 for reason in left_out.values())
