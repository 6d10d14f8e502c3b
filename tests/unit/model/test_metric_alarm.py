"""What can't be right about an alarm, and what CloudWatch's answers mean."""

from __future__ import annotations

import boto3
import pytest
from ansible_collections.ha_stack.aws.plugins.module_utils._model import metric_alarm as model


def options(**given):
    everything = {option: spec.get("default") for option, spec in model.OPTIONS.items()}
    return {**everything, "state": "present", "name": "goals", **given}


@pytest.mark.parametrize(
    ("given", "faulty"),
    [
        pytest.param({}, [], id="nothing wrong"),
        pytest.param({"name": ""}, ["name"], id="name"),
        pytest.param({"description": "x" * 1025}, ["description"], id="description"),
        pytest.param({"namespace": ":AWS"}, ["namespace"], id="namespace"),
        pytest.param({"statistic": "Sum", "extended_statistic": "p90"}, ["statistic"], id="two statistics"),
        pytest.param({"extended_statistic": "90"}, ["extended_statistic"], id="no extended statistic"),
        pytest.param({"extended_statistic": "p99.9"}, [], id="percentile"),
        pytest.param({"extended_statistic": "p100"}, [], id="the highest percentile"),
        pytest.param({"extended_statistic": "PR(0:500)"}, [], id="percentile rank"),
        pytest.param({"extended_statistic": "TM(10%:90%)"}, [], id="trimmed mean"),
        pytest.param(
            {"statistic": "Sum", "evaluate_low_sample_count_percentile": "ignore"},
            ["evaluate_low_sample_count_percentile"],
            id="no percentile",
        ),
        pytest.param({"period": 45}, ["period"], id="period"),
        pytest.param({"period": 0}, ["period"], id="no period"),
        pytest.param({"period": 10}, [], id="high resolution"),
        pytest.param({"evaluation_periods": 0}, ["evaluation_periods"], id="no periods"),
        pytest.param({"evaluation_periods": 0, "state": "absent"}, [], id="absent needs a name alone"),
        pytest.param({"period": 60, "evaluation_periods": 1441}, ["evaluation_periods"], id="more than a day"),
        pytest.param({"period": 3600, "evaluation_periods": 168}, [], id="a week"),
        pytest.param({"period": 3600, "evaluation_periods": 169}, ["evaluation_periods"], id="more than a week"),
        pytest.param({"datapoints_to_alarm": 0}, ["datapoints_to_alarm"], id="no datapoints"),
        pytest.param({"alarm_actions": ["a"] * 6}, ["alarm_actions"], id="actions"),
        pytest.param({"dimensions": {str(n): "x" for n in range(31)}}, ["dimensions"], id="dimensions"),
        pytest.param({"tags": {"aws:a": "1"}}, ["tags"], id="tags"),
    ],
)
def test_faults(given, faulty):
    assert [fault.option for fault in model.faults(options(**given))] == faulty


def test_the_units_are_cloudwatchs():
    client = boto3.client("cloudwatch", region_name="us-east-1", aws_access_key_id="x", aws_secret_access_key="x")
    shape = client.meta.service_model.operation_model("PutMetricAlarm").input_shape
    assert shape.members["Unit"].enum == model.UNITS
    assert set(model.OPTIONS["statistic"]["choices"]) == set(shape.members["Statistic"].enum)


THERE = {
    "AlarmName": "goals",
    "AlarmArn": "arn:alarm",
    "StateValue": "OK",
    "MetricName": "Errors",
    "EvaluationPeriods": 3,
    "Dimensions": [{"Name": "a", "Value": "1"}],
    "AlarmActions": ["arn:b", "arn:a"],
    "WarmUpConfiguration": {"WarmUpPeriodDurationInMinutes": 5},
}


def test_from_api_fills_in_what_cloudwatch_leaves_out():
    seen = model.from_api(THERE, [{"Key": "stack", "Value": "goals"}])
    assert (seen.description, seen.treat_missing_data, seen.actions_enabled) == ("", "missing", True)
    assert (seen.datapoints_to_alarm, seen.dimensions, seen.alarm_actions) == (3, {"a": "1"}, ("arn:a", "arn:b"))
    assert (seen.arn, seen.state_value, seen.tags) == ("arn:alarm", "OK", {"stack": "goals"})


def test_the_whole_alarm_is_sent_with_what_is_no_option():
    sent = model.to_api(model.from_api(THERE, []))
    assert sent == {
        "AlarmName": "goals",
        "AlarmDescription": "",
        "MetricName": "Errors",
        "EvaluationPeriods": 3,
        "DatapointsToAlarm": 3,
        "TreatMissingData": "missing",
        "ActionsEnabled": True,
        "AlarmActions": ["arn:a", "arn:b"],
        "OKActions": [],
        "InsufficientDataActions": [],
        "Dimensions": [{"Name": "a", "Value": "1"}],
        "WarmUpConfiguration": {"WarmUpPeriodDurationInMinutes": 5},
    }


def test_from_params_makes_dimensions_strings():
    alarm = model.from_params(options(dimensions={"port": 80}, ok_actions=["b", "a", "b"]))
    assert (alarm.dimensions, alarm.ok_actions) == ({"port": "80"}, ("a", "b"))
