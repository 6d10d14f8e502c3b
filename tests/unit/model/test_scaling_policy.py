"""Scaling policies: what options and AWS's answers mean, what is sent, and what can't be right."""

from __future__ import annotations

from datetime import UTC, datetime

import boto3
import pytest
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible_collections.ha_stack.aws.plugins.module_utils._model import scaling_policy
from ansible_collections.ha_stack.aws.plugins.module_utils._model.autoscaling_faults import faults
from ansible_collections.ha_stack.aws.plugins.module_utils._model.autoscaling_group import OPTIONS
from ansible_collections.ha_stack.aws.plugins.module_utils._model.autoscaling_part import Part
from ansible_collections.ha_stack.aws.plugins.module_utils._model.values import KNOWN_AFTER_APPLY
from botocore.validate import ParamValidator

NOW = datetime(2031, 5, 4, tzinfo=UTC)
LABEL = "app/goals/50dc6c495c0c9188/targetgroup/goals/73e2d6bc24d8a067"
TARGET, STEPS = "TargetTrackingConfiguration", "StepAdjustments"


def params(*policies):
    validated = ArgumentSpecValidator(OPTIONS).validate({"name": "goals", "scaling_policies": list(policies)})
    assert not validated.error_messages, validated.error_messages
    return validated.validated_parameters


def one(**policy):
    return scaling_policy.given(params({"name": "p", **policy})["scaling_policies"][0], NOW)


CPU = {"target_value": 50, "predefined_metric": {"type": "ASGAverageCPUUtilization"}}
CPU_API = {"TargetValue": 50.0, "PredefinedMetricSpecification": {"PredefinedMetricType": "ASGAverageCPUUtilization"}}
REQUESTS = {"target_value": 500, "predefined_metric": {"type": "ALBRequestCountPerTarget", "resource_label": LABEL}}
QUEUE = {
    "target_value": 10,
    "customized_metric": {
        "metrics": [
            {
                "id": "m1",
                "metric_stat": {
                    "metric": {
                        "namespace": "AWS/SQS",
                        "metric_name": "Visible",
                        "dimensions": [{"name": "b", "value": "2"}, {"name": "a", "value": "1"}],
                    },
                    "stat": "Sum",
                },
                "return_data": False,
            },
            {"id": "e1", "expression": "m1 / 2", "label": "per instance", "return_data": True, "period": 60},
        ]
    },
}
QUEUE_API = {
    "TargetValue": 10.0,
    "CustomizedMetricSpecification": {
        "Metrics": [
            {
                "Id": "m1",
                "MetricStat": {
                    "Metric": {
                        "Namespace": "AWS/SQS",
                        "MetricName": "Visible",
                        "Dimensions": [{"Name": "a", "Value": "1"}, {"Name": "b", "Value": "2"}],
                    },
                    "Stat": "Sum",
                },
                "ReturnData": False,
            },
            {"Id": "e1", "Expression": "m1 / 2", "Label": "per instance"},
        ]
    },
}
DEPTH = {
    "target_value": 1,
    "customized_metric": {"metric_name": "depth", "namespace": "goals", "statistic": "Average", "period": 60},
}
DEPTH_API = {
    "TargetValue": 1.0,
    "CustomizedMetricSpecification": {"MetricName": "depth", "Namespace": "goals", "Statistic": "Average"},
}
STEP = {
    "adjustment_type": "PercentChangeInCapacity",
    "min_adjustment_magnitude": 2,
    "estimated_instance_warmup": 60,
    "step_adjustments": [
        {"lower_bound": 10, "scaling_adjustment": 30},
        {"lower_bound": 0, "upper_bound": 10, "scaling_adjustment": 10},
    ],
}
STEP_API = {
    "AdjustmentType": "PercentChangeInCapacity",
    "MinAdjustmentMagnitude": 2,
    "EstimatedInstanceWarmup": 60,
    STEPS: [
        {"MetricIntervalLowerBound": 0.0, "MetricIntervalUpperBound": 10.0, "ScalingAdjustment": 10},
        {"MetricIntervalLowerBound": 10.0, "ScalingAdjustment": 30},
    ],
}
SIMPLE = {"adjustment_type": "ChangeInCapacity", "scaling_adjustment": -1, "cooldown": 120}
SIMPLE_API = {"AdjustmentType": "ChangeInCapacity", "ScalingAdjustment": -1, "Cooldown": 120}
PAIR = {"target_value": 40, "predefined_metric_pair": {"type": "ASGCPUUtilization"}}
FORECAST = {"metric_specifications": [PAIR], "mode": "ForecastAndScale", "scheduling_buffer_time": 300}
FORECAST_API = {
    "MetricSpecifications": [
        {"TargetValue": 40.0, "PredefinedMetricPairSpecification": {"PredefinedMetricType": "ASGCPUUtilization"}}
    ],
    "Mode": "ForecastAndScale",
}
CASES = [
    pytest.param({"target_tracking": CPU}, "TargetTrackingScaling", {TARGET: CPU_API}, id="a metric of AWS's"),
    pytest.param(
        {"target_tracking": {**CPU, "estimated_instance_warmup": 30}},
        "TargetTrackingScaling",
        {TARGET: CPU_API, "EstimatedInstanceWarmup": 30},
        id="with its own warm-up",
    ),
    pytest.param({"target_tracking": QUEUE}, "TargetTrackingScaling", {TARGET: QUEUE_API}, id="an expression"),
    pytest.param({"target_tracking": DEPTH}, "TargetTrackingScaling", {TARGET: DEPTH_API}, id="a customized metric"),
    pytest.param({"step": STEP}, "StepScaling", STEP_API, id="steps"),
    pytest.param({"simple": SIMPLE}, "SimpleScaling", SIMPLE_API, id="simple"),
    pytest.param(
        {"predictive": FORECAST}, "PredictiveScaling", {"PredictiveScalingConfiguration": FORECAST_API}, id="predictive"
    ),
]
# What AWS adds to its answers by itself.
ADDED = {
    TARGET: {"DisableScaleIn": False},
    "PredictiveScalingConfiguration": {"MaxCapacityBreachBehavior": "HonorMaxCapacity", "SchedulingBufferTime": 300},
}


@pytest.mark.parametrize(("options", "kind", "members"), CASES)
def test_options_and_answers_mean_the_same(options, kind, members):
    answer = {member: {**ADDED[member], **value} if member in ADDED else value for member, value in members.items()}
    average = {"MetricAggregationType": "Average"} if kind == "StepScaling" else {}
    alarms = [{"AlarmName": "low"}, {"AlarmName": "high"}]
    told = {"PolicyName": "p", "PolicyType": kind, "PolicyARN": "arn:p", "Enabled": True, "Alarms": alarms}
    (there,) = scaling_policy.told([{STEPS: [], **told, **answer, **average}])
    assert one(**options, enabled=True).settings() == there.settings()
    assert there.told == {"arn": "arn:p", "alarms": ["high", "low"]}


@pytest.mark.parametrize(("options", "kind", "members"), CASES)
def test_what_is_sent(options, kind, members):
    request = scaling_policy.to_api(one(**options).options)
    assert request == {"PolicyName": "p", "PolicyType": kind, **members}
    client = boto3.client("autoscaling", region_name="us-east-1", aws_access_key_id="x", aws_secret_access_key="x")
    shape = client.meta.service_model.operation_model("PutScalingPolicy").input_shape
    report = ParamValidator().validate({"AutoScalingGroupName": "goals", **request}, shape)
    assert not report.has_errors(), report.generate_report()


HAVE = Part("p", {"name": "p", "enabled": False, "step": {"adjustment_type": "ChangeInCapacity"}}, {"arn": "arn:p"})


@pytest.mark.parametrize(
    ("want", "after"),
    [
        pytest.param({"step": STEP}, {"enabled": False, "step": one(step=STEP).options["step"]}, id="another step"),
        pytest.param(
            {"simple": SIMPLE, "enabled": True}, {"enabled": True, "step": None, "simple": SIMPLE}, id="another way"
        ),
    ],
)
def test_a_policy_stays_disabled_and_has_one_way_to_scale(want, after):
    assert scaling_policy.whole(one(**want), HAVE).options == {"name": "p", **after}


def test_what_is_not_given_within_a_way_is_as_aws_has_it():
    have = scaling_policy.told(
        [{"PolicyName": "p", "PolicyType": "TargetTrackingScaling", TARGET: {**CPU_API, "DisableScaleIn": True}}]
    )[0]
    want = scaling_policy.whole(one(target_tracking=CPU), have)
    assert want.settings() != have.settings()
    assert "DisableScaleIn" not in scaling_policy.to_api(want.options)[TARGET]


def step(*ranges):
    steps = [
        {"lower_bound": low, "upper_bound": high, "scaling_adjustment": 1} for low, high in ranges
    ]  # fmt: skip
    return {"step": {"adjustment_type": "ChangeInCapacity", "step_adjustments": steps}}


def predictive(*specifications, **options):
    return {"predictive": {"metric_specifications": list(specifications), **options}}


def tracking(**metric):
    return {"target_tracking": {"target_value": 1, **metric}}


@pytest.mark.parametrize(
    ("policy", "told"),
    [
        pytest.param({}, "says in no way how to scale", id="no way"),
        pytest.param({"simple": SIMPLE, "step": STEP}, "scales in 2 ways", id="two ways"),
        pytest.param(tracking(), "has no metric", id="no metric"),
        pytest.param(tracking(**CPU | DEPTH | {"target_value": 1}), "has two metrics", id="two metrics"),
        pytest.param(
            tracking(predefined_metric={"type": "ALBRequestCountPerTarget"}),
            "resource_label: None is missing",
            id="no label",
        ),
        pytest.param(
            tracking(predefined_metric={**CPU["predefined_metric"], "resource_label": LABEL}),
            "has no meaning for ASGAverageCPUUtilization",
            id="a label of no meaning",
        ),
        pytest.param(
            tracking(predefined_metric={"type": "ALBRequestCountPerTarget", "resource_label": "goals"}),
            "is not a target group's label",
            id="no such label",
        ),
        pytest.param(tracking(customized_metric={"metric_name": "m"}), "are not a whole metric", id="half a metric"),
        pytest.param(
            tracking(customized_metric={"metric_name": "m", "metrics": [{"id": "m", "expression": "1"}]}),
            "beside metrics",
            id="a metric in two ways",
        ),
        pytest.param(
            tracking(customized_metric={"metrics": [{"id": "m"}]}), "neither an expression nor a metric", id="a query"
        ),
        pytest.param(step(), "step_adjustments: [] are missing", id="no steps"),
        pytest.param(step((0, 10), (20, None)), "leave a gap or overlap", id="a gap"),
        pytest.param(step((0, None), (10, None)), "leave a gap or overlap", id="an overlap"),
        pytest.param(step((None, None)), "is no range", id="a range without ends"),
        pytest.param(step((10, 0)), "is no range", id="a range that ends before it begins"),
        pytest.param(
            {"simple": {**SIMPLE, "min_adjustment_magnitude": 2}},
            "has no meaning with ChangeInCapacity",
            id="magnitude",
        ),
        pytest.param(predictive(PAIR, PAIR), "metric_specifications: 2 are not one", id="two specifications"),
        pytest.param(
            predictive(PAIR, max_capacity_breach_behavior="IncreaseMaxCapacity"),
            "and a buffer, or neither",
            id="buffer",
        ),
        pytest.param(predictive(PAIR, scheduling_buffer_time=3600), "0 to 3599 seconds", id="too far ahead"),
        pytest.param(
            predictive({"target_value": 1, "predefined_metric_pair": {"type": "ALBRequestCount"}}),
            "is missing for ALBRequestCount",
            id="a pair without a label",
        ),
    ],
)
def test_faults(policy, told):
    assert told in "\n".join(str(fault) for fault in faults(params({"name": "p", **policy})))


@pytest.mark.parametrize(
    "policy",
    [
        *(case.values[0] for case in CASES),
        {"target_tracking": REQUESTS},
        tracking(predefined_metric={"type": "ALBRequestCountPerTarget", "resource_label": KNOWN_AFTER_APPLY}),
        step((None, 0), (0, 10), (10, None)),
        predictive(PAIR, max_capacity_breach_behavior="IncreaseMaxCapacity", max_capacity_buffer=10),
    ],
)
def test_no_faults(policy):
    assert faults(params({"name": "p", **policy})) == ()
