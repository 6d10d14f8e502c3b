"""What is sent to CloudWatch for an alarm, checked against the service's own model."""

from __future__ import annotations

from ansible_collections.ha_stack.aws.plugins.module_utils._aws import metric_alarm as api
from ansible_collections.ha_stack.aws.plugins.module_utils._model.metric_alarm import MetricAlarm, from_api
from ansible_collections.ha_stack.aws.plugins.module_utils._plan.metric_alarm import plan

from tests.support.stubbed import stubbed

ARN = "arn:aws:cloudwatch:us-east-1:123456789012:alarm:goals"
ALARM = {
    "AlarmName": "goals",
    "Namespace": "goals",
    "MetricName": "Errors",
    "Statistic": "Sum",
    "Period": 60,
    "EvaluationPeriods": 3,
    "Threshold": 0.0,
    "ComparisonOperator": "GreaterThanThreshold",
}
TOLD = {**ALARM, "AlarmArn": ARN, "StateValue": "OK", "AlarmDescription": "x"}
HAVE = from_api(TOLD, [{"Key": "a", "Value": "1"}, {"Key": "b", "Value": "2"}])
WHOLE = {
    **ALARM,
    "AlarmDescription": "x",
    "DatapointsToAlarm": 3,
    "TreatMissingData": "missing",
    "ActionsEnabled": True,
    "AlarmActions": [],
    "OKActions": [],
    "InsufficientDataActions": [],
    "Dimensions": [],
}


def change(want, have=HAVE):
    return plan(want, have, {"purge_tags": True})[0]


def test_create():
    given = {
        "namespace": "goals",
        "metric_name": "Errors",
        "statistic": "Sum",
        "period": 60,
        "evaluation_periods": 3,
        "threshold": 0.0,
        "comparison_operator": "GreaterThanThreshold",
        "dimensions": {"a": "1"},
        "ok_actions": ("arn:topic",),
        "tags": {"stack": "goals"},
    }
    sent = {
        **ALARM,
        "DatapointsToAlarm": 3,
        "Dimensions": [{"Name": "a", "Value": "1"}],
        "AlarmActions": [],
        "OKActions": ["arn:topic"],
        "InsufficientDataActions": [],
        "Tags": [{"Key": "stack", "Value": "goals"}],
    }
    with stubbed("cloudwatch") as (session, stub):
        stub.add_response("put_metric_alarm", {}, sent)
        api.create(session, change(MetricAlarm("goals", **given), None))


def test_update_sends_the_whole_alarm_and_the_tags_that_differ():
    want = MetricAlarm("goals", threshold=5.0, ok_actions=("arn:topic",), tags={"a": "3"})
    with stubbed("cloudwatch") as (session, stub):
        stub.add_response("put_metric_alarm", {}, {**WHOLE, "Threshold": 5.0, "OKActions": ["arn:topic"]})
        stub.add_response("tag_resource", {}, {"ResourceARN": ARN, "Tags": [{"Key": "a", "Value": "3"}]})
        stub.add_response("untag_resource", {}, {"ResourceARN": ARN, "TagKeys": ["b"]})
        api.update(session, change(want))


def test_tags_alone_leave_the_alarm_as_it_is():
    with stubbed("cloudwatch") as (session, stub):
        stub.add_response("untag_resource", {}, {"ResourceARN": ARN, "TagKeys": ["a", "b"]})
        api.update(session, change(MetricAlarm("goals", tags={})))


def test_delete():
    with stubbed("cloudwatch") as (session, stub):
        stub.add_client_error("delete_alarms", "ResourceNotFound", expected_params={"AlarmNames": ["goals"]})
        api.delete(session, change(None))


def test_read():
    asked = {"AlarmNames": ["goals"], "AlarmTypes": ["MetricAlarm"]}
    with stubbed("cloudwatch") as (session, stub):
        stub.add_response("describe_alarms", {"MetricAlarms": [TOLD]}, asked)
        stub.add_response("list_tags_for_resource", {"Tags": [{"Key": "a", "Value": "1"}]}, {"ResourceARN": ARN})
        assert api.read(session, MetricAlarm("goals")).tags == {"a": "1"}


def test_an_alarm_that_is_not_there_is_none():
    with stubbed("cloudwatch") as (session, stub):
        stub.add_response("describe_alarms", {"MetricAlarms": []})
        assert api.read(session, MetricAlarm("goals")) is None
        stub.add_response("describe_alarms", {"MetricAlarms": [TOLD]})
        stub.add_client_error("list_tags_for_resource", "ResourceNotFoundException")
        assert api.read(session, MetricAlarm("goals")) is None
