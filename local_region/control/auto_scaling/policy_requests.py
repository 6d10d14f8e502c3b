"""Scaling policies: moto knows one of a name in all groups, drops some of their options, and tells no defaults.

No policy but one that is executed by a request scales a group here: this region's instances have no load.
"""

from __future__ import annotations

import math
import uuid
from typing import Any

from moto.autoscaling.exceptions import ValidationError
from moto.autoscaling.responses import AutoScalingResponse
from moto.core.responses import ActionResult, EmptyResult

from local_region.control.auto_scaling.groups import named
from local_region.control.patching import around

TYPES = ("SimpleScaling", "StepScaling", "TargetTrackingScaling", "PredictiveScaling")
# What a policy of the type has to say, and what AWS tells of one that doesn't say more.
NEEDED = {
    "SimpleScaling": ("AdjustmentType", "ScalingAdjustment"),
    "StepScaling": ("AdjustmentType", "StepAdjustments"),
    "TargetTrackingScaling": ("TargetTrackingConfiguration",),
    "PredictiveScaling": ("PredictiveScalingConfiguration",),
}
DEFAULTS: dict[str, dict[str, Any]] = {
    "SimpleScaling": {},
    "StepScaling": {"MetricAggregationType": "Average"},
    "TargetTrackingScaling": {"TargetTrackingConfiguration": {"DisableScaleIn": False}},
    "PredictiveScaling": {"PredictiveScalingConfiguration": {"Mode": "ForecastOnly", "SchedulingBufferTime": 300}},
}


@around(AutoScalingResponse, "put_scaling_policy")
def put(original: Any, self: Any) -> Any:
    """A policy is replaced as a whole, and keeps its ARN."""
    group = named(self.autoscaling_backend, self._get_param("AutoScalingGroupName"))
    wished = {member: value for member, value in self._get_params().items() if member not in ("Action", "Version")}
    kind = wished.setdefault("PolicyType", "SimpleScaling")
    _refuse(group, kind, wished)
    name = wished["PolicyName"]
    there = group.policies.get(name, {})
    arn = there.get("PolicyARN") or group.arn.replace("autoScalingGroup:", "scalingPolicy:") + f":policyName/{name}"
    told = {"Enabled": True, "StepAdjustments": [], **DEFAULTS[kind], **wished, "PolicyARN": arn}
    for config in ("TargetTrackingConfiguration", "PredictiveScalingConfiguration"):
        if config in wished:
            told[config] = {**DEFAULTS[kind].get(config, {}), **wished[config]}
    told["Alarms"] = there.get("Alarms") if there.get("PolicyType") == kind else None
    told["Alarms"] = told["Alarms"] or _alarms(group, kind)
    group.policies[name] = told
    return ActionResult({"PolicyARN": arn, "Alarms": told["Alarms"]})


def _refuse(group: Any, kind: str, wished: dict[str, Any]) -> None:
    if kind not in TYPES:
        raise ValidationError(f"Policy type {kind} is invalid.")
    if missing := [member for member in NEEDED[kind] if wished.get(member) in (None, [], {})]:
        raise ValidationError(f"{', '.join(missing)} must be specified for policy type {kind}.")
    foreign = [
        member for other in NEEDED for member in NEEDED[other] if member not in NEEDED[kind] and wished.get(member)
    ]
    if foreign:
        raise ValidationError(f"{', '.join(foreign)} can not be specified for policy type {kind}.")
    metric = wished.get("TargetTrackingConfiguration", {}).get("PredefinedMetricSpecification", {})
    label = metric.get("ResourceLabel")
    attached = [arn.rpartition(":")[2] for arn in group.target_group_arns]
    if label and not any(label.endswith(f"/{each}") for each in attached):
        raise ValidationError(f"The target group of the resource label {label} is not attached to the group.")


def _alarms(group: Any, kind: str) -> list[dict[str, str]]:
    """AWS makes two for a policy that tracks a target."""
    if kind != "TargetTrackingScaling":
        return []
    alarms = [f"TargetTracking-{group.name}-Alarm{which}-{uuid.uuid4()}" for which in ("High", "Low")]
    prefix = f"arn:aws:cloudwatch:{group.region}:{group.account_id}:alarm"
    return [{"AlarmName": alarm, "AlarmARN": f"{prefix}:{alarm}"} for alarm in alarms]


@around(AutoScalingResponse, "describe_policies")
def describe(original: Any, self: Any) -> Any:
    name, names = self._get_param("AutoScalingGroupName"), self._get_param("PolicyNames", [])
    kinds = self._get_param("PolicyTypes", [])
    groups = [named(self.autoscaling_backend, name)] if name else self.autoscaling_backend.autoscaling_groups.values()
    told = [
        policy
        for group in groups
        for policy in group.policies.values()
        if (not names or {policy["PolicyName"], policy["PolicyARN"]} & set(names))
        and (not kinds or policy["PolicyType"] in kinds)
    ]
    return ActionResult({"ScalingPolicies": told})


def _find(request: Any) -> tuple[Any, dict[str, Any]]:
    wanted, name = request._get_param("PolicyName"), request._get_param("AutoScalingGroupName")
    for group in request.autoscaling_backend.autoscaling_groups.values():
        for policy in group.policies.values():
            if wanted == policy["PolicyARN"] or (wanted == policy["PolicyName"] and group.name == name):
                return group, policy
    raise ValidationError(f"No scaling policy found with name {wanted}")


@around(AutoScalingResponse, "delete_policy")
def delete(original: Any, self: Any) -> Any:
    group, policy = _find(self)
    del group.policies[policy["PolicyName"]]
    return EmptyResult()


@around(AutoScalingResponse, "execute_policy")
def execute(original: Any, self: Any) -> Any:
    """A simple one, by its adjustment and within the group's sizes."""
    group, policy = _find(self)
    if policy["PolicyType"] != "SimpleScaling":
        raise ValidationError(f"Policy type {policy['PolicyType']} can't be executed in this region.")
    by, now = int(policy["ScalingAdjustment"]), group.desired_capacity
    percent = now * by / 100
    wanted = {
        "ExactCapacity": by,
        "ChangeInCapacity": now + by,
        "PercentChangeInCapacity": now + (math.ceil(percent) if 0 < percent < 1 else math.floor(percent)),
    }[policy["AdjustmentType"]]
    group.desired_capacity = max(group.min_size, min(group.max_size, wanted))
    return EmptyResult()
