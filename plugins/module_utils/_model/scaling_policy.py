# Copyright: ha_stack.aws contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

"""A scaling policy: by which metric, or on whose alarm, an Auto Scaling Group grows and shrinks.

What a policy does is one option of four, and described there in full: what it leaves out is as AWS has it by default.

Source: https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_PutScalingPolicy.html
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from ansible_collections.ha_stack.aws.plugins.module_utils._model import structure
from ansible_collections.ha_stack.aws.plugins.module_utils._model.autoscaling_part import Part
from ansible_collections.ha_stack.aws.plugins.module_utils._model.structure import (
    Structure,
    fraction,
    many,
    number,
    one,
    switch,
    text,
)

ADJUSTMENTS = ("ChangeInCapacity", "ExactCapacity", "PercentChangeInCapacity")
WARMUP: Structure = {"estimated_instance_warmup": number("EstimatedInstanceWarmup")}
DIMENSIONS = many(
    "Dimensions", {"name": text("Name", required=True), "value": text("Value", required=True)}, ordered=False
)
METRIC: Structure = {
    "namespace": text("Namespace", required=True),
    "metric_name": text("MetricName", required=True),
    "dimensions": DIMENSIONS,
}
QUERY: Structure = {
    "id": text("Id", required=True),
    "expression": text("Expression"),
    "label": text("Label"),
    "return_data": switch("ReturnData"),
}
STAT: Structure = {
    "metric": one("Metric", METRIC, required=True),
    "stat": text("Stat", required=True),
    "unit": text("Unit"),
}
PERIOD: Structure = {"period": number("Period", choices=[10, 30, 60])}


def predefined(name: str, *types: str) -> structure.Member:
    label = text("ResourceLabel")
    return one(name, {"type": text("PredefinedMetricType", *types, required=True), "resource_label": label})


def customized(name: str) -> structure.Member:
    queries = many("MetricDataQueries", {**QUERY, "metric_stat": one("MetricStat", STAT)}, required=True)
    return one(name, {"metrics": queries})


TRACKED: Structure = {
    "metric_name": text("MetricName"),
    "namespace": text("Namespace"),
    "dimensions": DIMENSIONS,
    "statistic": text("Statistic", "Average", "Minimum", "Maximum", "SampleCount", "Sum"),
    "unit": text("Unit"),
    **PERIOD,
    "metrics": many("Metrics", {**QUERY, "metric_stat": one("MetricStat", {**STAT, **PERIOD}), **PERIOD}),
}
TARGET_TRACKING: Structure = {
    "target_value": fraction("TargetValue", required=True),
    "predefined_metric": predefined(
        "PredefinedMetricSpecification",
        "ASGAverageCPUUtilization",
        "ASGAverageCPUUtilizationHighResolution",
        "ASGAverageNetworkIn",
        "ASGAverageNetworkOut",
        "ALBRequestCountPerTarget",
    ),
    "customized_metric": one("CustomizedMetricSpecification", TRACKED),
    "disable_scale_in": switch("DisableScaleIn"),
}
SCALING = ("ASGAverageCPUUtilization", "ASGAverageNetworkIn", "ASGAverageNetworkOut", "ALBRequestCountPerTarget")
LOAD = ("ASGTotalCPUUtilization", "ASGTotalNetworkIn", "ASGTotalNetworkOut", "ALBTargetGroupRequestCount")
PAIRS = ("ASGCPUUtilization", "ASGNetworkIn", "ASGNetworkOut", "ALBRequestCount")
FORECAST: Structure = {
    "target_value": fraction("TargetValue", required=True),
    "predefined_metric_pair": predefined("PredefinedMetricPairSpecification", *PAIRS),
    "predefined_scaling_metric": predefined("PredefinedScalingMetricSpecification", *SCALING),
    "predefined_load_metric": predefined("PredefinedLoadMetricSpecification", *LOAD),
    "customized_scaling_metric": customized("CustomizedScalingMetricSpecification"),
    "customized_load_metric": customized("CustomizedLoadMetricSpecification"),
    "customized_capacity_metric": customized("CustomizedCapacityMetricSpecification"),
}
PREDICTIVE: Structure = {
    "metric_specifications": many("MetricSpecifications", FORECAST, required=True),
    "mode": text("Mode", "ForecastAndScale", "ForecastOnly"),
    "scheduling_buffer_time": number("SchedulingBufferTime"),
    "max_capacity_breach_behavior": text("MaxCapacityBreachBehavior", "HonorMaxCapacity", "IncreaseMaxCapacity"),
    "max_capacity_buffer": number("MaxCapacityBuffer"),
}
STEP: Structure = {
    "adjustment_type": text("AdjustmentType", *ADJUSTMENTS, required=True),
    "min_adjustment_magnitude": number("MinAdjustmentMagnitude"),
    "metric_aggregation_type": text("MetricAggregationType", "Minimum", "Maximum", "Average"),
    "step_adjustments": many(
        "StepAdjustments",
        {
            "lower_bound": fraction("MetricIntervalLowerBound"),
            "upper_bound": fraction("MetricIntervalUpperBound"),
            "scaling_adjustment": number("ScalingAdjustment", required=True),
        },
        ordered=False,
        required=True,
    ),
    **WARMUP,
}
SIMPLE: Structure = {
    "adjustment_type": text("AdjustmentType", *ADJUSTMENTS, required=True),
    "min_adjustment_magnitude": number("MinAdjustmentMagnitude"),
    "scaling_adjustment": number("ScalingAdjustment", required=True),
    "cooldown": number("Cooldown"),
}


@dataclass(frozen=True)
class Way:
    """A way to scale: AWS's PolicyType, the members it has of the policy itself, and those of ``config``, if any."""

    type: str
    own: Structure = field(default_factory=dict)
    config: str = ""
    within: Structure = field(default_factory=dict)

    @property
    def options(self) -> dict[str, Any]:
        return {"type": "dict", "options": structure.spec({**self.within, **self.own})}

    def from_api(self, policy: Mapping[str, Any]) -> dict[str, Any]:
        within = structure.from_api(self.within, policy.get(self.config) or {})
        return {**within, **structure.from_api(self.own, policy)}

    def to_api(self, values: Mapping[str, Any]) -> dict[str, Any]:
        within = {self.config: structure.to_api(self.within, values)} if self.config else {}
        return {"PolicyType": self.type, **structure.to_api(self.own, values), **within}


WAYS = {
    "target_tracking": Way("TargetTrackingScaling", WARMUP, "TargetTrackingConfiguration", TARGET_TRACKING),
    "step": Way("StepScaling", STEP),
    "simple": Way("SimpleScaling", SIMPLE),
    "predictive": Way("PredictiveScaling", {}, "PredictiveScalingConfiguration", PREDICTIVE),
}
OPTIONS: dict[str, Any] = {
    "name": {"required": True},
    "enabled": {"type": "bool"},
    **{option: way.options for option, way in WAYS.items()},
}
# What AWS takes where an option is left out, wherever in a policy it stands. It tells some of it, and some not.
DEFAULTS = {
    "disable_scale_in": False,
    "period": 60,
    "return_data": True,
    "metric_aggregation_type": "Average",
    "mode": "ForecastOnly",
    "scheduling_buffer_time": 300,
    "max_capacity_breach_behavior": "HonorMaxCapacity",
}


def _normal(value: Any) -> Any:
    """Without what says no more than AWS's defaults."""
    if isinstance(value, Mapping):
        return {
            option: _normal(each)
            for option, each in value.items()
            if each not in ([], {}) and not (option in DEFAULTS and each == DEFAULTS[option])
        }
    return [_normal(each) for each in value] if isinstance(value, list) else value


def given(policy: Mapping[str, Any], now: datetime) -> Part:
    ways = {
        option: _normal(structure.given({**way.within, **way.own}, policy[option]))
        for option, way in WAYS.items()
        if policy.get(option) is not None
    }
    enabled = {} if policy.get("enabled") is None else {"enabled": policy["enabled"]}
    return Part(policy["name"], {"name": policy["name"], **enabled, **ways})


def told(policies: Sequence[Mapping[str, Any]]) -> list[Part]:
    return [_one(policy) for policy in policies]


def _one(policy: Mapping[str, Any]) -> Part:
    option, way = next((option, way) for option, way in WAYS.items() if way.type == policy["PolicyType"])
    options = {
        "name": policy["PolicyName"],
        "enabled": policy.get("Enabled", True),
        option: _normal(way.from_api(policy)),
    }
    alarms = sorted(alarm["AlarmName"] for alarm in policy.get("Alarms", ()))
    return Part(policy["PolicyName"], options, {"arn": policy.get("PolicyARN"), "alarms": alarms})


def whole(want: Part, have: Part | None) -> Part:
    """A policy has one way to scale: another takes the place of the one that was there."""
    if have is None:
        return want
    kept = {"enabled": have.options["enabled"]}
    gone = {option: None for option in WAYS if option in have.options and option not in want.options}
    return Part(want.name, {**kept, **gone, **want.options}, have.told)


def to_api(settings: Mapping[str, Any]) -> dict[str, Any]:
    """PutScalingPolicy takes a policy as a whole."""
    option = next(option for option in WAYS if settings.get(option) is not None)
    enabled = {"Enabled": settings["enabled"]} if "enabled" in settings else {}
    return {"PolicyName": settings["name"], **WAYS[option].to_api(settings[option]), **enabled}
