"""Alarms are watched, and one that goes off ends it."""

from __future__ import annotations

import pytest
from ansible_collections.ha_stack.aws.plugins.module_utils._aws.metric_alarm_watch import watched
from ansible_collections.ha_stack.aws.plugins.module_utils._aws.session import Session
from ansible_collections.ha_stack.aws.plugins.module_utils._model.errors import StackError


@pytest.fixture
def alarms(aws):
    cloudwatch, names = aws("cloudwatch"), ["errors", "latency"]
    for name in names:
        cloudwatch.put_metric_alarm(
            AlarmName=name,
            Namespace="goals",
            MetricName=name,
            Statistic="Sum",
            Period=60,
            EvaluationPeriods=1,
            Threshold=1,
            ComparisonOperator="GreaterThanThreshold",
        )
        cloudwatch.set_alarm_state(AlarmName=name, StateValue="OK", StateReason="quiet")
    yield names
    cloudwatch.delete_alarms(AlarmNames=names)


class Clock:
    """Time that passes while nobody waits. ``at`` says what happens when."""

    def __init__(self, at=None):
        self.now, self.at = 0.0, at or {}

    def __call__(self):
        return self.now

    def sleep(self, seconds):
        self.now += seconds
        self.at.pop(self.now, lambda: None)()


def test_quiet_alarms_are_watched_for_the_whole_time(aws, alarms):
    clock = Clock()
    aws.calls.clear()
    assert watched(Session(aws), alarms, 25, clock=clock, sleep=clock.sleep) == {"errors": "OK", "latency": "OK"}
    assert (clock.now, aws.calls) == (25, ["DescribeAlarms"] * 4)


def test_one_that_goes_off_ends_it_with_its_reason(aws, alarms):
    def go_off():
        aws("cloudwatch").set_alarm_state(AlarmName="latency", StateValue="ALARM", StateReason="too slow")

    clock = Clock({20: go_off})
    with pytest.raises(StackError, match=r"Gone off: latency \(too slow\)"):
        watched(Session(aws), alarms, 300, clock=clock, sleep=clock.sleep)
    assert clock.now == 20


def test_an_alarm_that_is_not_there_is_told_by_name(aws, alarms):
    with pytest.raises(StackError, match=r"names: there is no alarm throughput\. Make it first"):
        watched(Session(aws), [*alarms, "throughput"], 0)
    assert watched(Session(aws), [], 10) == {}
