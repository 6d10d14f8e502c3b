"""The alarm module, against the region."""

from __future__ import annotations

import pytest
from ansible_collections.ha_stack.aws.plugins.module_utils._model.errors import InvalidOptions
from ansible_collections.ha_stack.aws.plugins.module_utils._model.values import KNOWN_AFTER_APPLY

GIVEN = {
    "namespace": "goals",
    "metric_name": "Errors",
    "dimensions": {"instance": "a"},
    "statistic": "Maximum",
    "period": 60,
    "evaluation_periods": 3,
    "threshold": 1,
    "comparison_operator": "GreaterThanOrEqualToThreshold",
}
TOPIC = "arn:aws:sns:us-east-1:123456789012:people"


@pytest.fixture
def alarm(module):
    yield module("metric_alarm")
    for name in ("left-alone", "drifted", "told"):
        module("metric_alarm")(name=name, state="absent")


def test_twelve_steps(twelve_steps, aws):
    given = {
        "name": "twelve-steps",
        **GIVEN,
        "description": "some are",
        "treat_missing_data": "notBreaching",
        "alarm_actions": [TOPIC],
        "tags": {"stack": "goals", "owner": "web"},
    }
    changed = {
        **{option: value for option, value in given.items() if option != "statistic"},
        "extended_statistic": "p99",
        "evaluation_periods": 5,
        "datapoints_to_alarm": 3,
        "threshold": 0,
        "dimensions": {"instance": "b"},
        "description": "",
        "alarm_actions": [],
        "ok_actions": [TOPIC],
        "actions_enabled": False,
        "tags": {"stack": "goals", "tier": "app"},
    }
    created, updated, deleted = twelve_steps("metric_alarm")(given, changed, {"name": "twelve-steps"})
    assert created["plan"] == ["create alarm twelve-steps"]
    assert created["metric_alarm"]["datapoints_to_alarm"] == 3
    assert updated["diff"]["after"]["alarm twelve-steps"] == {
        "description": "",
        "dimensions": {"instance": "b"},
        "statistic": None,
        "extended_statistic": "p99",
        "evaluation_periods": 5,
        "threshold": 0.0,
        "actions_enabled": False,
        "alarm_actions": [],
        "ok_actions": [TOPIC],
        "tags": {"stack": "goals", "tier": "app"},
    }
    assert updated["metric_alarm"]["arn"] == created["metric_alarm"]["arn"]
    assert deleted["metric_alarm"] == {}
    assert aws("cloudwatch").describe_alarms(AlarmNames=["twelve-steps"])["MetricAlarms"] == []


def test_settings_not_given_are_left_alone(alarm):
    alarm(name="left-alone", **GIVEN, ok_actions=[TOPIC], tags={"stack": "goals"})
    assert not alarm(name="left-alone")["changed"]
    kept = alarm(name="left-alone", threshold=5, tags={"tier": "app"}, purge_tags=False)["metric_alarm"]
    assert (kept["threshold"], kept["dimensions"], kept["ok_actions"]) == (5.0, {"instance": "a"}, [TOPIC])
    assert kept["tags"] == {"stack": "goals", "tier": "app"}


def test_drift_is_planned_and_repaired(alarm, aws):
    before = alarm(name="drifted", **GIVEN)["metric_alarm"]
    aws("cloudwatch").put_metric_alarm(
        AlarmName="drifted",
        Namespace="goals",
        MetricName="Errors",
        Statistic="Minimum",
        Period=300,
        EvaluationPeriods=3,
        Threshold=100,
        ComparisonOperator="GreaterThanOrEqualToThreshold",
    )
    planned = alarm(name="drifted", **GIVEN, check_mode=True)
    assert planned["diff"]["before"]["alarm drifted"] == {
        "dimensions": {},
        "statistic": "Minimum",
        "period": 300,
        "threshold": 100.0,
    }
    done = alarm(name="drifted", **GIVEN)
    assert (done["plan"], done["diff"]) == (planned["plan"], planned["diff"])
    state = {"state_value", "state_reason"}
    assert {**done["metric_alarm"], **dict.fromkeys(state)} == {**before, **dict.fromkeys(state)}


def test_its_state_is_told(alarm, aws):
    planned = alarm(name="told", **GIVEN, check_mode=True)["metric_alarm"]
    assert (planned["arn"], planned["state_value"]) == (KNOWN_AFTER_APPLY, KNOWN_AFTER_APPLY)
    alarm(name="told", **GIVEN)
    aws("cloudwatch").set_alarm_state(AlarmName="told", StateValue="ALARM", StateReason="many errors")
    told = alarm(name="told", **GIVEN, check_mode=True)
    assert not told["changed"]
    assert (told["metric_alarm"]["state_value"], told["metric_alarm"]["state_reason"]) == ("ALARM", "many errors")


def test_a_new_one_is_refused_by_half(alarm, aws):
    with pytest.raises(InvalidOptions) as told:
        alarm(name="no-such", namespace="goals", statistic="Sum", period=60, evaluation_periods=1)
    assert [fault.option for fault in told.value.faults] == ["metric_name", "threshold", "comparison_operator"]
    assert aws.writes() == []
